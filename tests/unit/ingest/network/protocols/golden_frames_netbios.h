// Rows of kGoldenFrames: NetBIOS' names. Included by golden_frames.cpp inside its list.
// clang-format off: it does not know that it is inside a list

#define NW_PLC7 "20 'FAEMEDDHCACACACACACACACACACACACA' 00 "
#define NW_WPAD "20 'FHFAEBEECACACACACACACACACACACAAA' 00 "
#define NW_ANY "20 'CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' 00 "
{"netbios", "query", Transport::udp, Direction::to_responder, "1234 0110 0001 0000 0000 0000 " NW_WPAD "0020 0001"},
    {"netbios", "answer", Transport::udp, Direction::to_originator,
     "1234 8500 0000 0001 0000 0000 " NW_WPAD "0020 0001 00000e10 000c 0000 c0000207 0000 c0000208"},
    {"netbios", "no_such_name", Transport::udp, Direction::to_originator,
     "1234 8583 0000 0001 0000 0000 " NW_WPAD "0020 0001 00000000 0000"},
    {"netbios", "denied", Transport::udp, Direction::to_originator,
     "1234 8583 0000 0000 0000 0000 " NW_WPAD "000a 0001 00000000 0000"},
    {"netbios", "registration", Transport::udp, Direction::to_responder,
     "0007 2910 0001 0000 0000 0001 " NW_PLC7 "0020 0001 c00c 0020 0001 000493e0 0006 8000 c0000207"},
    {"netbios", "wait", Transport::udp, Direction::to_originator,
     "0007 bc00 0000 0001 0000 0000 " NW_PLC7 "0020 0001 0000000a 0002 2910"},
    {"netbios", "status_request", Transport::udp, Direction::to_responder,
     "0001 0000 0001 0000 0000 0000 " NW_ANY "0021 0001"},
    {"netbios", "status", Transport::udp, Direction::to_originator,
     "0001 8400 0000 0001 0000 0000 " NW_ANY "0021 0001 00000000 0031"
     " 02 'PLC7           ' 20 0400 'PLANT          ' 00 8400 00053c048d59 000000000000"},
    {"netbios", "scoped", Transport::udp, Direction::to_responder,
     "0002 0000 0001 0000 0000 0000 20 'FAEMEDDHCACACACACACACACACACACACA' 05 'plant' 03 'lan' 00 0020 0001"},
#undef NW_PLC7
#undef NW_WPAD
#undef NW_ANY
