// Rows of kGoldenFrames: BGP. Included by golden_frames.cpp inside its list.
// clang-format off: it does not know that it is inside a list

#define NW_BGP "ffffffffffffffffffffffffffffffff "
{"bgp", "open", Transport::tcp, Direction::to_responder,
 NW_BGP "0039 01 04 5ba0 00b4 c0000201 1c 02 1a 01 04 00010001 02 00 06 00 41 04 00010f2c 45 08 00010103 " "00020102"},
    {"bgp", "open_old", Transport::tcp, Direction::to_originator,
     NW_BGP "001d 01 04 fbf4 005a c6336401 00"},
    {"bgp", "update", Transport::tcp, Direction::to_responder,
     NW_BGP "0051 02 0002 08 0a 0030 40 01 01 00 40 02 14 02 02 0000fbf4 0000fbf5 01 02 0000fbf6 0000fbf7 40 03 "
     "04 c0000202 80 04 04 0000000a 40 05 04 00000064 18 c00002 13 c6337f" NW_BGP "0013 04"},
    {"bgp", "update_ipv6", Transport::tcp, Direction::to_originator,
     NW_BGP "004f 02 0000 0038 40 01 01 02 40 02 04 02 01 fbf4 90 0e 001c 0002 01 10 "
     "20010db8000000000000000000000001 00 30 20010db80001 80 0f 0a 0002 01 30 20010db80002"},
    {"bgp", "end_of_rib", Transport::tcp, Direction::to_responder,
     NW_BGP "0017 02 0000 0000"},
    {"bgp", "shutdown", Transport::tcp, Direction::to_responder,
     NW_BGP "0021 03 06 02 0b 6d61696e74656e616e6365"},
    {"bgp", "hold_timer", Transport::tcp, Direction::to_originator,
     NW_BGP "0013 04" NW_BGP "0013 04" NW_BGP "0015 03 04 00"},
    {"bgp", "refresh", Transport::tcp, Direction::to_responder,
     NW_BGP "0017 05 0001 00 01"},
#undef NW_BGP
