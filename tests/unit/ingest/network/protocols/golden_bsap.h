// BSAP messages written by hand: rows of golden_frames.cpp, which takes them in.

{"bsap", "read_by_name", Transport::udp, Direction::to_responder,
 "0e00 0100 0600 834b0000 744b0000  21000000 0c 834b0000 a0 00 04 03d001 0f 02 '@GV.DS1' 00 '@GV.AS4' "
 "00"},
{"bsap", "read_response", Transport::udp, Direction::to_originator,
 "0e00 0100 0500 834b0000 744b0000  1a000000 0c 834b0000 00 02 00 01 0400 2477 02 0000c03f 0600 2477"},
{"bsap", "read_by_address", Transport::udp, Direction::to_responder,
 "0e00 0100 0600 834b0000 744b0000  17000000 0c 844b0000 a0 00 00 03d001 2477 0f 02 0400 0600"},
{"bsap", "two_responses", Transport::udp, Direction::to_originator,
 "0e00 0200 0100 834b0000 744b0000  11000000 0c 834b0000 00 01 00 00 0400 2477  14000000 0c 844b0000 "
 "00 01 02 000020c1 0600 2477"},
{"bsap", "write_by_address", Transport::udp, Direction::to_responder,
 "0e00 0100 0600 834b0000 744b0000  1d000000 0c 854b0000 a0 00 80 2477 0f 03 1100 0a 1200 09 0600 0b "
 "00002041"},
{"bsap", "write_response", Transport::udp, Direction::to_originator,
 "0e00 0100 0500 834b0000 744b0000  0b000000 0c 854b0000 00 00"},
{"bsap", "write_by_name", Transport::udp, Direction::to_responder,
 "0e00 0100 0600 834b0000 744b0000  17000000 0c 864b0000 a0 00 84 0f 01 '@GV.DS1' 00 09"},
{"bsap", "refused", Transport::udp, Direction::to_originator,
 "0e00 0100 0500 834b0000 744b0000  0b000000 0c 864b0000 48 00"},
{"bsap", "read_list", Transport::udp, Direction::to_responder,
 "0e00 0100 0600 834b0000 744b0000  11000000 0c 874b0000 a0 00 0c 03d001 0f 01"},
{"bsap", "reset", Transport::udp, Direction::to_responder,
 "0e00 0100 0600 834b0000 744b0000  0d000000 0c 884b0000 a1 00 0101"},
{"bsap", "write_clock", Transport::udp, Direction::to_responder,
 "0e00 0100 0600 834b0000 744b0000  15000000 0c 894b0000 a1 00 8102 0102030405060708"},
{"bsap", "acknowledge", Transport::udp, Direction::to_responder,
 "0e00 0000 0000 00000000 744b0000"},
