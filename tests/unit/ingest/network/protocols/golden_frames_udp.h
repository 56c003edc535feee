// Rows of kGoldenFrames: the services of every network that speak UDP. Included by golden_frames.cpp inside its list.
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

    // The fixed part and the cookie: operation, then the client's, your and the relay's address.
#define NW_ZERO16 "00000000000000000000000000000000"
#define NW_ZERO64 NW_ZERO16 NW_ZERO16 NW_ZERO16 NW_ZERO16
#define NW_DHCP(operation, client, your, relay)                                                       \
  operation " 01 06 00 3903f326 0000 0000 " client your "00000000" relay "00053c048d59 00000000000000000000" \
  NW_ZERO64 NW_ZERO64 NW_ZERO64 "63825363"
    {"dhcp", "discover", Transport::udp, Direction::to_responder,
     NW_DHCP("01", "00000000", "00000000", "00000000")
     " 35 01 01  0c 05 706c63372d  32 04 c0a80064  37 04 01 03 06 79  3c 08 4d53465420352e30  ff 00 00"},
    {"dhcp", "offer", Transport::udp, Direction::to_originator,
     NW_DHCP("02", "00000000", "c0a80064", "c0a80001")
     " 35 01 02  36 04 c0a80002  33 04 00000e10  03 04 c0a80001  06 08 c0a80003 c0a80004  0f 05 6c6f63616c"
     " 79 0b 08 0a c0a80001 00 c0a80005  ff"},
    {"dhcp", "request", Transport::udp, Direction::to_responder,
     NW_DHCP("01", "00000000", "00000000", "00000000")
     " 35 01 03  36 04 c0a80002  32 04 c0a80064  51 0d 05 00 00 04 706c6337 03 6c616e 00  ff"},
    {"dhcp", "ack", Transport::udp, Direction::to_originator,
     NW_DHCP("02", "00000000", "c0a80064", "00000000")
     " 35 01 05  36 04 c0a80002  33 04 00000e10  42 04 74667470  43 06 782e65666900  fc 08 687474703a2f2f78  ff"},
    {"dhcp", "nak", Transport::udp, Direction::to_originator,
     NW_DHCP("02", "00000000", "00000000", "00000000") " 35 01 06  36 04 c0a80002  38 05 77726f6e67  ff"},
    {"dhcp", "decline", Transport::udp, Direction::to_responder,
     NW_DHCP("01", "00000000", "00000000", "00000000") " 35 01 04  32 04 c0a80064  38 05 696e757365  ff"},
    {"dhcp", "inform", Transport::udp, Direction::to_responder,
     NW_DHCP("01", "c0a80064", "00000000", "00000000") " 35 01 08  51 08 00 00 00 706c632e61  ff"},
    {"dhcp", "overloaded", Transport::udp, Direction::to_originator,
     "02 01 06 00 3903f326 0000 0000 00000000 c0a80064 00000000 00000000 00053c048d59 00000000000000000000"
     " 0c 04 73697465 ff 00" NW_ZERO16 NW_ZERO16 NW_ZERO16 "00000000 00000000"
     " 0f 04 66696c65 ff 00" NW_ZERO64 NW_ZERO16 NW_ZERO16 NW_ZERO16 "00000000 00000000"
     " 63825363  34 01 03  35 01 05  ff"},
    {"dhcp", "bootp_request", Transport::udp, Direction::to_responder,
     NW_DHCP("01", "00000000", "00000000", "00000000") " ff"},

    // Identifiers: of the client by hardware address, of the server by hardware address and time.
#define NW_CLIENT_ID "0001 000a 0003 0001 00053c048d59"
#define NW_SERVER_ID "0002 000e 0001 0001 183f2550 001122334455"
    {"dhcpv6", "solicit", Transport::udp, Direction::to_responder,
     "01 d81eb8 " NW_CLIENT_ID " 0006 0004 0017 0018  0008 0002 0000  0003 000c 00000001 00000e10 00001518"
     " 0027 0006 00 04 706c6337  0010 000a 00000009 0004 61636d65"},
    {"dhcpv6", "advertise", Transport::udp, Direction::to_originator,
     "02 d81eb8 " NW_CLIENT_ID NW_SERVER_ID
     " 0003 0028 00000001 00000708 00000b40  0005 0018 20010db8000000000000000000000007 00000e10 00001c20"
     " 0019 0029 00000002 00000708 00000b40  001a 0019 00000e10 00001c20 38 20010db8000100000000000000000000"
     " 0017 0010 20010db8000000000000000000000053  0018 000e 05 6c6f63616c 00 05 706c616e74 00"
     " 003b 0008 746674703a2f2f78"},
    {"dhcpv6", "reply_refused", Transport::udp, Direction::to_originator,
     "07 1e291d " NW_CLIENT_ID NW_SERVER_ID
     " 0003 0018 00000001 00000000 00000000  000d 0008 0002 6e6f206d6f72"},
    {"dhcpv6", "relayed_request", Transport::udp, Direction::to_responder,
     "0c 00 20010db8000200000000000000000001 fe80000000000000020500fffe048d59"
     " 0009 0048 03 1e291d " NW_CLIENT_ID NW_SERVER_ID
     " 0004 0020 00000001 0005 0018 20010db8000000000000000000000007"
     " 00000000 00000000"},
    {"dhcpv6", "information_request", Transport::udp, Direction::to_responder, "0b 000001 0006 0002 0017"},

    {"snmp", "get_description", Transport::udp, Direction::to_responder,
     "302602010004067075626c6963a019020101020100020100300e300c06082b060102010101000500"},
    {"snmp", "description", Transport::udp, Direction::to_originator,
     "303a02010004067075626c6963a22d0201010201000201003022301006082b060102010101000404504c430a300e06082b060102"
     "0101030043022710"},
    {"snmp", "get_next", Transport::udp, Direction::to_responder,
     "30310201010403783721a127020101020100020100301c300c06082b060102010105000500300c06082b060102010101000500"},
    {"snmp", "no_such_name", Transport::udp, Direction::to_originator,
     "302602010004067075626c6963a219020101020102020101300e300c06082b060102010105000500"},
    {"snmp", "set_name", Transport::udp, Direction::to_responder,
     "302b020101040750524956415445a31d0201010201000201003012301006082b0601020101050004046d696e65"},
    {"snmp", "get_bulk", Transport::udp, Direction::to_responder,
     "302302010104067075626c6963a51602010102010002010a300b300906052b060102010500"},
    {"snmp", "trap_v1", Transport::udp, Direction::to_responder,
     "303402010004067075626c6963a42706062b06010401094004c0000201020106020101430101300e300c06072b060104018f6502"
     "0101"},
    {"snmp", "trap_v2", Transport::udp, Direction::to_responder,
     "304002010104067075626c6963a7330201010201000201003028300d06082b060102010103004301013017060a2b060106030101"
     "04010006092b0601060301010501"},
    {"snmp", "inform", Transport::udp, Direction::to_responder,
     "302702010104067075626c6963a61a020101020100020100300f300d06082b06010201010300430101"},
    {"snmp", "v3_discovery", Transport::udp, Direction::to_responder,
     "303d020103300e020107020300ffff04010402010304153013040580001f8801020101020102040004000400301104000400a00b"
     "0201010201000201003000"},
    {"snmp", "v3_report", Transport::udp, Direction::to_originator,
     "304e020103300e020107020300ffff04010002010304153013040580001f8801020101020102040004000400302204000400a81c"
     "0201010201000201003011300f060a2b060106030f01010400410101"},
    {"snmp", "v3_get", Transport::udp, Direction::to_responder,
     "3055020103300e020107020300ffff040105020103041d301b040580001f880102010102010204086f70657261746f7204000400"
     "3021040280010400a019020101020100020100300e300c06082b060102010101000500"},
    {"snmp", "v3_encrypted", Transport::udp, Direction::to_responder,
     "3044020103300e020107020300ffff040107020103041d301b040580001f880102010102010204086f70657261746f7204000400"
     "0410000102030405060708090a0b0c0d0e0f"},

    {"radius", "access_request", Transport::udp, Direction::to_responder,
     "0107005b000102030405060708090a0b0c0d0e0f010a6f70657261746f720212101112131415161718191a1b1c1d1e1f0406c000"
     "020a0606000000061f1330302d30352d33432d30342d38442d35391e07706c616e742005737731"},
    {"radius", "access_accept", Transport::udp, Direction::to_originator,
     "02070025000102030405060708090a0b0c0d0e0f0806c000024d120b48656c6c6f2c202575"},
    {"radius", "access_reject", Transport::udp, Direction::to_originator,
     "03070018000102030405060708090a0b0c0d0e0f12046e6f"},
    {"radius", "eap_request", Transport::udp, Direction::to_responder,
     "01080054000102030405060708090a0b0c0d0e0f010a6f70657261746f720406c000020a4f060201000450120001020304050607"
     "08090a0b0c0d0e0f4d093130304d627073420f013139382e35312e3130302e31"},
    {"radius", "access_challenge", Transport::udp, Direction::to_originator,
     "0b08001e000102030405060708090a0b0c0d0e0f4f060102000418040102"},
    {"radius", "accounting_start", Transport::udp, Direction::to_responder,
     "04090030000102030405060708090a0b0c0d0e0f010a6f70657261746f720406c000020a2806000000012c0630303031"},
    {"radius", "accounting_response", Transport::udp, Direction::to_originator,
     "05090014000102030405060708090a0b0c0d0e0f"},
    {"radius", "disconnect_request", Transport::udp, Direction::to_responder,
     "280a001e000102030405060708090a0b0c0d0e0f010a6f70657261746f72"},

    {"syslog", "device", Transport::udp, Direction::to_responder,
     "3c3133343e4f63742031312032323a31343a313520706c6337206c6f6769633a2070726f6772616d2073746f707065640a"},
    {"syslog", "without_priority", Transport::udp, Direction::to_responder,
     "'plain words without end'"},
    {"syslog", "lines", Transport::tcp, Direction::to_responder,
     "3c31333e6f6e65206c696e65206f6620746578740d0a3c303e616e6f74686572206c696e650a"},
    {"syslog", "counted", Transport::tcp, Direction::to_responder,
     "3130203c3139313e68656c6c6f3136203c33343e31202d202d202d202d202d2d0a"},
    {"tftp", "read_request", Transport::udp, Direction::to_responder,
     "00016669726d776172652e62696e006f6374657400626c6b73697a650031343238007473697a65003000"},
    {"tftp", "write_request", Transport::udp, Direction::to_responder,
     "0002636f6e666967004e6574415343494900"},
    {"tftp", "last_block", Transport::udp, Direction::to_originator,
     "000300016162"},
    {"tftp", "error", Transport::udp, Direction::to_originator,
     "000500026e6f00"},

#undef NW_CLIENT_ID
#undef NW_SERVER_ID
#undef NW_ZERO16
#undef NW_ZERO64
#undef NW_DHCP
#undef NW_NTP_TIME
#undef NW_NTP_LATER
