// Rows of kGoldenFrames: BGP, and BMP which carries it. Included by golden_frames.cpp inside its list.
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
{"bmp", "router_introduces_itself", Transport::tcp, Direction::to_responder,
 "03 00000016 04 0001 0004 52747220 0002 0004 72747231 03 0000007e 03 00 00 0000000000000000 "
 "000000000000000000000000c6336407 0000fbf4 c6336407 65000000 00000000 "
 "000000000000000000000000c0000201 00b3 c350 "
 NW_BGP "001d 01 04 fbf0 00b4 c0000201 00 "
 NW_BGP "001d 01 04 fbf4 005a c6336407 00"},
{"bmp", "monitoring", Transport::tcp, Direction::to_responder,
 "03 0000005f 00 00 00 0000000000000000 000000000000000000000000c6336407 0000fbf4 c6336407 "
 "65000000 00000000 "
 NW_BGP "002f 02 0000 0014 40 01 01 00 40 02 06 02 01 0000fbf4 40 03 04 c6336407 18 c00002"},
{"bmp", "monitoring_ipv6", Transport::tcp, Direction::to_responder,
 "03 00000071 00 00 c0 0000000000000000 20010db8000000000000000000000007 0000fbf4 c6336407 "
 "65000000 00000000 "
 NW_BGP "0041 02 0000 002a 40 01 01 00 40 02 06 02 01 0000fbf4 80 0e 1a 0002 01 10 "
 "20010db8000000000000000000000007 00 20 20010db8"},
{"bmp", "peer_down", Transport::tcp, Direction::to_responder,
 "03 00000046 02 00 00 0000000000000000 000000000000000000000000c6336407 0000fbf4 c6336407 "
 "65000000 00000000 03 "
 NW_BGP "0015 03 06 04"},
{"bmp", "peer_down_silent", Transport::tcp, Direction::to_responder,
 "03 00000031 02 00 00 0000000000000000 000000000000000000000000c6336407 0000fbf4 c6336407 "
 "65000000 00000000 04"},
{"bmp", "mirroring", Transport::tcp, Direction::to_responder,
 "03 00000069 06 00 00 0000000000000000 000000000000000000000000c6336407 0000fbf4 c6336407 "
 "65000000 00000000 0001 0002 0001 0000 002f "
 NW_BGP "002f 02 0000 0014 40 01 01 00 40 02 06 02 01 0000fbf4 40 03 04 c6336407 18 c00002"},
{"bmp", "statistics_and_update", Transport::tcp, Direction::to_responder,
 "03 00000040 01 00 00 0000000000000000 000000000000000000000000c6336407 0000fbf4 c6336407 "
 "65000000 00000000 00000001 0007 0008 0000000000000005 03 0000005f 00 00 00 0000000000000000 "
 "000000000000000000000000c6336407 0000fbf4 c6336407 65000000 00000000 "
 NW_BGP "002f 02 0000 0014 40 01 01 00 40 02 06 02 01 0000fbf4 40 03 04 c6336407 18 c00002 03 0000000c "
 "05 0001 0002 0000"},
#undef NW_BGP
