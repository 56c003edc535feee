// Rows of kGoldenFrames: the services of every network that speak UDP. Included by golden_frames.h inside its list.
// clang-format off: it does not know that it is inside a list

// 2023-11-14 22:13:20 UTC, and half a second later.
#define NW_NTP_TIME "e8fe6f80 00000000"
#define NW_NTP_LATER "e8fe6f80 80000000"

{"ntp", "client", Transport::udp, Direction::to_responder,
 "23 00 06 ec 00010000 00018000 00000000 "
 "00000000 00000000 00000000 00000000 00000000 00000000 " NW_NTP_TIME},
    {"ntp", "server_gps", Transport::udp, Direction::to_originator,
     "24 01 0a e9 00000000 00000010 47505300 " NW_NTP_TIME NW_NTP_TIME NW_NTP_LATER NW_NTP_LATER},
    {"ntp", "kiss_of_death", Transport::udp, Direction::to_originator,
     "e4 00 03 fa 00000000 00000000 52415445 " NW_NTP_TIME NW_NTP_TIME NW_NTP_TIME NW_NTP_TIME},
    {"ntp", "server_signed", Transport::udp, Direction::to_originator,
     "24 02 06 e8 00000290 00000a3d c0000201 " NW_NTP_TIME NW_NTP_TIME NW_NTP_LATER NW_NTP_LATER
     " 0104 0010 000102030405060708090a0b 0204 001c 000102030405060708090a0b0c0d0e0f1011121314151617"
     " 00000007 000102030405060708090a0b0c0d0e0f"},
    {"ntp", "version_3_symmetric", Transport::udp, Direction::to_responder,
     "19 03 06 fa 00000290 00000a3d c0000201 " NW_NTP_TIME NW_NTP_TIME NW_NTP_TIME NW_NTP_LATER
     " 0000000a 0011223344556677"},
    {"ntp", "read_variables", Transport::udp, Direction::to_responder, "16 02 0001 0000 0000 0000 0000"},
    {"ntp", "variables", Transport::udp, Direction::to_originator, "16 a2 0001 0615 1234 0000 0005 6c6561703d 000000"},
    {"ntp", "configure", Transport::udp, Direction::to_responder, "26 08 0003 0000 0000 0000 0004 61626364"},
    {"ntp", "monlist", Transport::udp, Direction::to_responder, "17 00 03 2a 0000 0000"},
    {"ntp", "monlist_response", Transport::udp, Direction::to_originator, "d7 81 03 2a 0002 0004 0102030405060708"},
    {"ntp", "private_error", Transport::udp, Direction::to_originator, "97 00 03 0a 7000 0000"},

#undef NW_NTP_TIME
#undef NW_NTP_LATER
