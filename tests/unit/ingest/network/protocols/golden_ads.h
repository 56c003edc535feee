// ADS packets written by hand from Beckhoff's specification: rows of golden_frames.cpp, which takes them in. The program
// is 5.1.2.3.1.1:801, the system service has port 10000 there, the client is 192.0.2.10.1.1:32900.
#define NW_ADS_PLC "050102030101 2103 "
#define NW_ADS_SYSTEM "050102030101 1027 "
#define NW_ADS_CLIENT "c000020a0101 8480 "

{"ads", "device_info", Transport::tcp, Direction::to_responder,
 "0000 20000000 " NW_ADS_PLC NW_ADS_CLIENT "0100 0400 00000000 00000000 01000000"},
{"ads", "device_info_response", Transport::tcp, Direction::to_originator,
 "0000 38000000 " NW_ADS_CLIENT NW_ADS_PLC
 "0100 0500 18000000 00000000 01000000 00000000 02 0b b408 'PLC Server' 000000000000"},
{"ads", "read", Transport::tcp, Direction::to_responder,
 "0000 2c000000 " NW_ADS_PLC NW_ADS_CLIENT "0200 0400 0c000000 00000000 02000000 40400000 10000000 04000000"},
{"ads", "read_response", Transport::tcp, Direction::to_originator,
 "0000 2c000000 " NW_ADS_CLIENT NW_ADS_PLC "0200 0500 0c000000 00000000 02000000 00000000 04000000 2a000000"},
{"ads", "write", Transport::tcp, Direction::to_responder,
 "0000 2e000000 " NW_ADS_PLC NW_ADS_CLIENT "0300 0400 0e000000 00000000 03000000 20400000 64000000 02000000 0100"},
{"ads", "write_response", Transport::tcp, Direction::to_originator,
 "0000 24000000 " NW_ADS_CLIENT NW_ADS_PLC "0300 0500 04000000 00000000 03000000 00000000"},
{"ads", "read_state", Transport::tcp, Direction::to_responder,
 "0000 20000000 " NW_ADS_SYSTEM NW_ADS_CLIENT "0400 0400 00000000 00000000 04000000"},
{"ads", "state", Transport::tcp, Direction::to_originator,
 "0000 28000000 " NW_ADS_CLIENT NW_ADS_SYSTEM "0400 0500 08000000 00000000 04000000 00000000 0500 0200"},
{"ads", "stop", Transport::tcp, Direction::to_responder,
 "0000 28000000 " NW_ADS_PLC NW_ADS_CLIENT "0500 0400 08000000 00000000 05000000 0600 0000 00000000"},
{"ads", "restart", Transport::tcp, Direction::to_responder,
 "0000 29000000 " NW_ADS_SYSTEM NW_ADS_CLIENT "0500 0400 09000000 00000000 06000000 0200 0100 01000000 ff"},
{"ads", "control_response", Transport::tcp, Direction::to_originator,
 "0000 24000000 " NW_ADS_CLIENT NW_ADS_PLC "0500 0500 04000000 00000000 05000000 12070000"},
{"ads", "subscribe", Transport::tcp, Direction::to_responder,
 "0000 48000000 " NW_ADS_PLC NW_ADS_CLIENT
 "0600 0400 28000000 00000000 07000000 20400000 00000000 02000000 04000000 00000000 e8030000 "
 "00000000000000000000000000000000"},
{"ads", "subscribe_response", Transport::tcp, Direction::to_originator,
 "0000 28000000 " NW_ADS_CLIENT NW_ADS_PLC "0600 0500 08000000 00000000 07000000 00000000 09000000"},
{"ads", "notification", Transport::tcp, Direction::to_originator,
 "0000 4a000000 " NW_ADS_CLIENT NW_ADS_PLC
 "0800 0400 2a000000 00000000 00000000 26000000 01000000 00b0d8de7b14d901 02000000 09000000 04000000 2a000000 "
 "0a000000 02000000 0100"},
{"ads", "unsubscribe", Transport::tcp, Direction::to_responder,
 "0000 24000000 " NW_ADS_PLC NW_ADS_CLIENT "0700 0400 04000000 00000000 08000000 09000000"},
{"ads", "unsubscribe_response", Transport::tcp, Direction::to_originator,
 "0000 24000000 " NW_ADS_CLIENT NW_ADS_PLC "0700 0500 04000000 00000000 08000000 00000000"},
{"ads", "handle_by_name", Transport::tcp, Direction::to_responder,
 "0000 38000000 " NW_ADS_PLC NW_ADS_CLIENT
 "0900 0400 18000000 00000000 09000000 03f00000 00000000 04000000 08000000 'MAIN.a1' 00"},
{"ads", "handle", Transport::tcp, Direction::to_originator,
 "0000 2c000000 " NW_ADS_CLIENT NW_ADS_PLC "0900 0500 0c000000 00000000 09000000 00000000 04000000 34120000"},
{"ads", "write_by_handle", Transport::tcp, Direction::to_responder,
 "0000 2e000000 " NW_ADS_PLC NW_ADS_CLIENT "0300 0400 0e000000 00000000 0a000000 05f00000 34120000 02000000 0700"},
{"ads", "sum_write", Transport::tcp, Direction::to_responder,
 "0000 4b000000 " NW_ADS_PLC NW_ADS_CLIENT
 "0900 0400 2b000000 00000000 0c000000 81f00000 02000000 08000000 1b000000 20400000 64000000 02000000 "
 "05f00000 34120000 01000000 0100 07"},
{"ads", "no_symbol", Transport::tcp, Direction::to_originator,
 "0000 28000000 " NW_ADS_CLIENT NW_ADS_PLC "0900 0500 08000000 00000000 09000000 10070000 00000000"},
{"ads", "no_port", Transport::tcp, Direction::to_originator,
 "0000 20000000 " NW_ADS_CLIENT NW_ADS_PLC "0100 0500 00000000 06000000 01000000"},
{"ads", "target", Transport::tcp, Direction::to_responder,
 "0000 2c000000 " NW_ADS_SYSTEM NW_ADS_CLIENT "0200 0400 0c000000 00000000 0b000000 bc020000 01000000 00040000"},
{"ads", "target_response", Transport::tcp, Direction::to_originator,
 "0000 58000000 " NW_ADS_CLIENT NW_ADS_SYSTEM
 "0200 0500 38000000 00000000 0b000000 00000000 30000000 '<D><TargetType>CX1020-CE</TargetType></D>' "
 "00000000000000"},
{"ads", "port_connect", Transport::tcp, Direction::to_responder, "0010 02000000 0000"},
{"ads", "discover", Transport::udp, Direction::to_responder, "03661471 00000000 01000000 " NW_ADS_CLIENT "00000000"},
{"ads", "discover_response", Transport::udp, Direction::to_originator,
 "03661471 00000000 01000080 " NW_ADS_SYSTEM
 "03000000 0500 0a00 'CX_0D7560' 00 0400 1400 14010000 06000000 00000000 00000000 03000000 0300 0400 02 0b b408"},
{"ads", "add_route", Transport::udp, Direction::to_responder,
 "03661471 00000000 06000000 " NW_ADS_CLIENT
 "05000000 0c00 0500 'SPY1' 00 0700 0600 c000020a0101 0d00 0e00 'Administrator' 00 0200 0200 '1' 00 0500 0b00 "
 "'192.0.2.10' 00"},
{"ads", "add_route_response", Transport::udp, Direction::to_originator,
 "03661471 00000000 06000080 " NW_ADS_SYSTEM "01000000 0100 0400 00000000"},
#undef NW_ADS_PLC
#undef NW_ADS_SYSTEM
#undef NW_ADS_CLIENT
