// Good messages of every protocol, written by hand from the specifications. The table test, each protocol's own tests
// and the fuzzers' seeds (tests/fuzz/seeds, written and checked by table_test.cpp) share them.
#pragma once

#include <array>
#include <string_view>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct GoldenFrame {
  std::string_view protocol, name;
  Transport transport;
  Direction direction;
  std::string_view hex;
};

// "www.example.com", for reading the hex below.
#define NW_WWW "03 777777 07 6578616d706c65 03 636f6d 00"

inline constexpr auto kGoldenFrames = std::to_array<GoldenFrame>({
    {"dns", "query_a", Transport::udp, Direction::to_responder, "1234 0100 0001 0000 0000 0000 " NW_WWW " 0001 0001"},
    {"dns", "query_a_edns", Transport::udp, Direction::to_responder,
     "1234 0120 0001 0000 0000 0001 " NW_WWW " 0001 0001  00 0029 1000 00000000 0000"},
    {"dns", "response_cname_a", Transport::udp, Direction::to_originator,
     "1234 8180 0001 0002 0000 0000 " NW_WWW " 0001 0001"
     " c00c 0005 0001 0000003c 0006 03 637377 c010"
     " c02d 0001 0001 0000012c 0004 c0000207"},
    {"dns", "response_nxdomain_soa", Transport::udp, Direction::to_originator,
     "1234 8183 0001 0000 0001 0000 " NW_WWW " 0001 0001"
     " c010 0006 0001 00000384 001a 02 6e73 c010 05 61646d696e c010 00000001 00000002 00000003"},
    {"dns", "response_refused", Transport::udp, Direction::to_originator,
     "1234 8105 0001 0000 0000 0000 " NW_WWW " 0001 0001"},
    {"dns", "response_txt", Transport::udp, Direction::to_originator,
     "0007 8400 0001 0001 0000 0000 " NW_WWW " 0010 0001 c00c 0010 0001 00000000 000a 05 68656c6c6f 03 61ff62"},
    {"dns", "response_many_types", Transport::udp, Direction::to_originator,
     "0008 8400 0001 000c 0000 0000 " NW_WWW " 00ff 0001"
     " c00c 001c 0001 00000001 0010 20010db8000000000000000000000001"
     " c00c 000f 0001 00000002 0009 000a 04 6d61696c c010"
     " c00c 0021 0001 00000003 000c 0001 0002 01bb 03 737276 c010"
     " c00c 0101 0001 00000004 000c 00 05 6973737565 63612e78 79"
     " c00c 000d 0001 00000005 0008 03 783836 03 424d43"
     " c00c 002b 0001 00000006 0008 1234 0d 02 aabbccdd"
     " c00c 0030 0001 00000007 0006 0101 03 0d aabb"
     " c00c 002e 0001 00000008 0014 0001 0d 02 00000e10 00000002 00000001 1234 c010"
     " c00c 0041 0001 00000009 0003 0001 00"
     " c00c 0023 0001 0000000a 0011 0001 0002 01 55 03 534950 00 03 737276 c010"
     " c00c 0034 0001 0000000b 0003 030101"
     " c00c 002c 0001 0000000c 0006 04 02 deadbeef"},
    {"dns", "mdns_response", Transport::udp, Direction::to_responder,
     "0000 8400 0000 0001 0000 0000 04 68c3b673 05 6c6f63616c 00 0001 8001 00000078 0004 c0a80002"},
    {"dns", "mdns_two_questions", Transport::udp, Direction::to_responder,
     "0000 0000 0002 0000 0000 0000 04 5f697070 04 5f746370 05 6c6f63616c 00 000c 8001"
     " 05 5f69707073 c011 000c 0001"},
    {"dns", "tcp_two_queries", Transport::tcp, Direction::to_responder,
     "0021 0001 0100 0001 0000 0000 0000 " NW_WWW " 00fc 0001"
     "0021 0002 0100 0001 0000 0000 0000 " NW_WWW " 0001 0001"},
    {"dns", "tcp_response", Transport::tcp, Direction::to_originator,
     "0031 0002 8180 0001 0001 0000 0000 " NW_WWW " 0001 0001 c00c 0001 0001 0000012c 0004 c0000207"},

#include "golden_http.h"

    {"modbus", "read_coils_request", Transport::tcp, Direction::to_responder, "0001 0000 0006 04 01 0001 000a"},
    {"modbus", "read_coils_response", Transport::tcp, Direction::to_originator, "0001 0000 0005 04 01 02 8d 02"},
    {"modbus", "read_registers_request", Transport::tcp, Direction::to_responder, "0002 0000 0006 04 03 006b 0003"},
    {"modbus", "read_registers_response", Transport::tcp, Direction::to_originator,
     "0002 0000 0009 04 03 06 022b 0000 0064"},
    {"modbus", "write_coil", Transport::tcp, Direction::to_responder, "0003 0000 0006 04 05 00ac ff00"},
    {"modbus", "write_register", Transport::tcp, Direction::to_responder, "0004 0000 0006 04 06 0001 abcd"},
    {"modbus", "diagnostics_listen_only", Transport::tcp, Direction::to_responder, "0005 0000 0006 04 08 0004 0000"},
    {"modbus", "write_coils", Transport::tcp, Direction::to_responder, "0006 0000 0009 04 0f 0013 000a 02 cd01"},
    {"modbus", "write_registers", Transport::tcp, Direction::to_responder,
     "0007 0000 000b 04 10 0001 0002 04 000a 0102"},
    {"modbus", "write_registers_response", Transport::tcp, Direction::to_originator, "0007 0000 0006 04 10 0001 0002"},
    {"modbus", "read_file_request", Transport::tcp, Direction::to_responder,
     "0008 0000 0011 04 14 0e 06 0004 0001 0002 06 0003 0009 0002"},
    {"modbus", "read_file_response", Transport::tcp, Direction::to_originator,
     "0008 0000 000f 04 14 0c 05 06 0dfe 0020 05 06 33cd 0040"},
    {"modbus", "write_file", Transport::tcp, Direction::to_responder,
     "0009 0000 0010 04 15 0d 06 0004 0007 0003 06af 04be 100d"},
    {"modbus", "mask_write", Transport::tcp, Direction::to_responder, "000a 0000 0008 04 16 0004 00f2 0025"},
    {"modbus", "read_write_request", Transport::tcp, Direction::to_responder,
     "000b 0000 000f 04 17 0003 0002 000e 0002 04 00ff 00fe"},
    {"modbus", "read_write_response", Transport::tcp, Direction::to_originator, "000b 0000 0007 04 17 04 0001 0002"},
    {"modbus", "read_fifo_response", Transport::tcp, Direction::to_originator,
     "000c 0000 000a 04 18 0006 0002 01b8 1284"},
    {"modbus", "device_id_request", Transport::tcp, Direction::to_responder, "000d 0000 0005 04 2b 0e 01 00"},
    {"modbus", "device_id_response", Transport::tcp, Direction::to_originator,
     "000d 0000 0012 04 2b 0e 01 01 00 00 02 00 03 41434d 01 03 504c43"},
    {"modbus", "event_counter_response", Transport::tcp, Direction::to_originator, "000e 0000 0006 04 0b ffff 0108"},
    {"modbus", "event_log_response", Transport::tcp, Direction::to_originator,
     "000f 0000 000b 04 0c 08 0000 0108 0121 2000"},
    {"modbus", "exception_status_response", Transport::tcp, Direction::to_originator, "0010 0000 0003 04 07 6d"},
    {"modbus", "server_id_response", Transport::tcp, Direction::to_originator, "0011 0000 0006 04 11 03 0a ff 00"},
    {"modbus", "exception", Transport::tcp, Direction::to_originator, "0012 0000 0003 04 83 02"},
    {"modbus", "umas_stop", Transport::tcp, Direction::to_responder, "0013 0000 0006 00 5a 01 41 ff 00"},
    {"modbus", "firmware", Transport::tcp, Direction::to_responder, "0014 0000 0004 00 7d 00 01"},
    {"modbus", "two_in_one", Transport::tcp, Direction::to_responder,
     "0015 0000 0006 01 03 0000 0001 0016 0000 0006 01 04 0000 0001"},

#include "golden_ads.h"
#include "golden_bsap.h"
#include "golden_databases.h"
#include "golden_dce_rpc.h"
#include "golden_dnp3.h"
#include "golden_frames_bgp.h"
#include "golden_frames_netbios.h"
#include "golden_frames_sip.h"
#include "golden_frames_udp.h"
#include "golden_fox.h"
#include "golden_genisys.h"
#include "golden_iec104.h"
#include "golden_kerberos.h"
#include "golden_ldap.h"
#include "golden_netbios_dgm.h"
#include "golden_quic.h"
#include "golden_rdp.h"
#include "golden_rfb.h"
#include "golden_roc_plus.h"
#include "golden_smb.h"
#include "golden_text.h"
#include "golden_tls.h"
#include "golden_vpn.h"
// Behind golden_tls.h, whose random numbers it uses.
#include "golden_dtls.h"
    // ISO transport, and what it carries.
    {"cotp", "connect_pg", Transport::tcp, Direction::to_responder,
     "0300 0016 11 e0 0000 0001 00 c0 01 0a c1 02 0100 c2 02 0102"},
    {"cotp", "connect_hmi", Transport::tcp, Direction::to_responder,
     "0300 0023 1e e0 0000 0002 00 c0 01 0a c1 02 0600 c2 0f 'SIMATIC-ROOT-ES'"},
    {"cotp", "confirm", Transport::tcp, Direction::to_originator,
     "0300 0016 11 d0 0001 4431 00 c0 01 0a c1 02 0100 c2 02 0102"},
    {"cotp", "refused", Transport::tcp, Direction::to_originator, "0300 000b 06 80 0001 0000 03"},
    {"cotp", "disconnect", Transport::tcp, Direction::to_responder, "0300 000b 06 80 4431 0001 80"},
    {"cotp", "disconnect_confirm", Transport::tcp, Direction::to_originator, "0300 000a 05 c0 0001 4431"},
    {"cotp", "error", Transport::tcp, Direction::to_originator, "0300 0009 04 70 0001 02"},
    {"s7comm", "setup", Transport::tcp, Direction::to_responder,
     "0300 0019 02 f0 80  32 01 0000 0000 0008 0000  f0 00 0001 0001 01e0"},
    {"s7comm", "setup_ack", Transport::tcp, Direction::to_originator,
     "0300 001b 02 f0 80  32 03 0000 0000 0008 0000 0000  f0 00 0001 0001 00f0"},
    {"s7comm", "read", Transport::tcp, Direction::to_responder,
     "0300 005b 02 f0 80  32 01 0000 0500 004a 0000  04 06 12 0a 10 01 0001 000a 84 000000 12 0a 10 02 0004 000a "
     "84 000020 12 0a 10 04 0001 0000 83 000050 12 0a 10 01 0001 0000 81 000009 12 0a 10 08 0001 0001 84 000040 "
     "12 0a 10 1d 0001 0000 1d 000005"},
    {"s7comm", "read_ack", Transport::tcp, Direction::to_originator,
     "0300 003b 02 f0 80  32 03 0000 0500 0002 0026 0000  04 06  ff 03 0001 01 00 ff 04 0020 01020304 ff 04 0010 "
     "0102 ff 03 0001 00 00 ff 07 0004 3fc00000 0a 00 0000"},
    {"s7comm", "write", Transport::tcp, Direction::to_responder,
     "0300 0037 02 f0 80  32 01 0000 0600 001a 000c  05 02 12 0a 10 01 0001 0000 82 000020 12 0a 10 05 0001 000a "
     "84 000010  00 03 0001 01 00 00 05 0010 fffe"},
    {"s7comm", "write_ack", Transport::tcp, Direction::to_originator,
     "0300 0017 02 f0 80  32 03 0000 0600 0002 0002 0000  05 02  ff 05"},
    {"s7comm", "read_symbol", Transport::tcp, Direction::to_responder,
     "0300 0023 02 f0 80  32 01 0000 0700 0012 0000  04 01 12 0e b2 ff 8a0e 0001 12345678 20000009"},
    {"s7comm", "read_nck", Transport::tcp, Direction::to_responder,
     "0300 001d 02 f0 80  32 01 0000 0800 000c 0000  04 01 12 08 82 41 0002 0001 7f 01"},
    {"s7comm", "read_db", Transport::tcp, Direction::to_responder,
     "0300 001c 02 f0 80  32 01 0000 0900 000b 0000  04 01 12 07 b0 01 04 0002 0008"},
    {"s7comm", "read_refused", Transport::tcp, Direction::to_originator,
     "0300 0013 02 f0 80  32 03 0000 0900 0000 0000 8104"},
    {"s7comm", "download", Transport::tcp, Direction::to_responder,
     "0300 0031 02 f0 80  32 01 0000 0a00 0020 0000  1a 00 0100 00000000 09 '_0A00001P' 0d '1000500000400'"},
    {"s7comm", "download_ack", Transport::tcp, Direction::to_originator,
     "0300 0014 02 f0 80  32 03 0000 0a00 0001 0000 0000  1a"},
    {"s7comm", "download_block", Transport::tcp, Direction::to_originator,
     "0300 0023 02 f0 80  32 01 0000 0100 0012 0000  1b 00 0000 00000000 09 '_0A00001P'"},
    {"s7comm", "download_block_ack", Transport::tcp, Direction::to_responder,
     "0300 001d 02 f0 80  32 03 0000 0100 0002 0008 0000  1b 01  0004 00fb 70700101"},
    {"s7comm", "download_ended", Transport::tcp, Direction::to_originator,
     "0300 0023 02 f0 80  32 01 0000 0200 0012 0000  1c 00 0000 00000000 09 '_0A00001P'"},
    {"s7comm", "download_ended_ack", Transport::tcp, Direction::to_responder,
     "0300 0014 02 f0 80  32 03 0000 0200 0001 0000 0000  1c"},
    {"s7comm", "start_upload", Transport::tcp, Direction::to_responder,
     "0300 0023 02 f0 80  32 01 0000 0b00 0012 0000  1d 00 0000 00000000 09 '_0800001A'"},
    {"s7comm", "start_upload_ack", Transport::tcp, Direction::to_originator,
     "0300 0023 02 f0 80  32 03 0000 0b00 0010 0000 0000  1d 00 0100 00000007 07 '0000216'"},
    {"s7comm", "upload", Transport::tcp, Direction::to_responder,
     "0300 0019 02 f0 80  32 01 0000 0c00 0008 0000  1e 00 0000 00000007"},
    {"s7comm", "upload_ack", Transport::tcp, Direction::to_originator,
     "0300 001d 02 f0 80  32 03 0000 0c00 0002 0008 0000  1e 00  0004 00fb 70700302"},
    {"s7comm", "end_upload", Transport::tcp, Direction::to_responder,
     "0300 0019 02 f0 80  32 01 0000 0d00 0008 0000  1f 00 0000 00000007"},
    {"s7comm", "end_upload_ack", Transport::tcp, Direction::to_originator,
     "0300 0014 02 f0 80  32 03 0000 0d00 0001 0000 0000  1f"},
    {"s7comm", "insert", Transport::tcp, Direction::to_responder,
     "0300 002b 02 f0 80  32 01 0000 0e00 001a 0000  28 000000000000fd 000a 01 00 '0A00001P' 05 '_INSE'"},
    {"s7comm", "start", Transport::tcp, Direction::to_responder,
     "0300 0025 02 f0 80  32 01 0000 0f00 0014 0000  28 000000000000fd 0000 09 'P_PROGRAM'"},
    {"s7comm", "cold_restart", Transport::tcp, Direction::to_responder,
     "0300 0027 02 f0 80  32 01 0000 1000 0016 0000  28 000000000000fd 0002 'C ' 09 'P_PROGRAM'"},
    {"s7comm", "stop", Transport::tcp, Direction::to_responder,
     "0300 0021 02 f0 80  32 01 0000 1100 0010 0000  29 0000000000 09 'P_PROGRAM'"},
    {"s7comm", "stop_ack", Transport::tcp, Direction::to_originator,
     "0300 0014 02 f0 80  32 03 0000 1100 0001 0000 0000  29"},
    {"s7comm", "refused", Transport::tcp, Direction::to_originator,
     "0300 0013 02 f0 80  32 02 0000 0b00 0000 0000 d241"},
    {"s7comm", "szl_request", Transport::tcp, Direction::to_responder,
     "0300 0021 02 f0 80  32 07 0000 0100 0008 0008  000112 04 11 44 01 00  ff 09 0004 0011 0000"},
    {"s7comm", "szl_response", Transport::tcp, Direction::to_originator,
     "0300 007d 02 f0 80  32 07 0000 0100 000c 0060  000112 08 12 84 01 01 00 00 0000  ff 09 005c 0011 0000 001c "
     "0003 0001 '6ES7 315-2EH14-0AB0 ' 00c0 0004 0001 0006 '6ES7 315-2EH14-0AB0 ' 00c0 0004 0001 0007 "
     "'                    ' 00c0 5603 0206"},
    {"s7comm", "szl_component", Transport::tcp, Direction::to_originator,
     "0300 00b1 02 f0 80  32 07 0000 0200 000c 0094  000112 08 12 84 01 02 00 00 0000  ff 09 0090 001c 0000 0022 "
     "0004 0001 'PUMP-1' 0000000000000000000000000000000000000000000000000000 0003 'Waterworks' "
     "00000000000000000000000000000000000000000000 0005 'S C-C2UR28922012' 00000000000000000000000000000000 0007 "
     "'CPU 315-2 PN/DP' 0000000000000000000000000000000000"},
    {"s7comm", "szl_refused", Transport::tcp, Direction::to_originator,
     "0300 0021 02 f0 80  32 07 0000 0300 000c 0004  000112 08 12 84 01 03 00 00 d401  0a 00 0000"},
    {"s7comm", "szl_more", Transport::tcp, Direction::to_responder,
     "0300 0021 02 f0 80  32 07 0000 0400 000c 0004  000112 08 12 44 01 02 00 00 0000  0a 00 0000"},
    {"s7comm", "mode_stop", Transport::tcp, Direction::to_originator,
     "0300 0019 02 f0 80  32 07 0000 0000 0008 0000  000110 10 00 00 00 00"},
    {"s7comm", "watch", Transport::tcp, Direction::to_responder,
     "0300 0047 02 f0 80  32 07 0000 0500 000c 002a  000112 08 12 41 02 00 00 00 0000  ff 09 0026 0014 000e "
     "0000000100000012 000100010001000100010200 0002 01 06 0000 0000 72 01 0005 0008"},
    {"s7comm", "force", Transport::tcp, Direction::to_responder,
     "0300 002f 02 f0 80  32 07 0000 0600 000c 0012  000112 08 12 41 09 00 00 00 0000  ff 09 000e 0002 0008 0000 "
     "0001 22 01 0000 0004"},
    {"s7comm", "cyclic", Transport::tcp, Direction::to_responder,
     "0300 002d 02 f0 80  32 07 0000 0700 0008 0014  000112 04 11 42 01 00  ff 09 0010 0001 01 01 12 0a 10 04 "
     "0001 012c 84 000020"},
    {"s7comm", "list_blocks", Transport::tcp, Direction::to_responder,
     "0300 001d 02 f0 80  32 07 0000 0800 0008 0004  000112 04 11 43 01 00  0a 00 0000"},
    {"s7comm", "list_blocks_of_type", Transport::tcp, Direction::to_responder,
     "0300 001f 02 f0 80  32 07 0000 0900 0008 0006  000112 04 11 43 02 00  ff 09 0002 '0A'"},
    {"s7comm", "block_info", Transport::tcp, Direction::to_responder,
     "0300 0025 02 f0 80  32 07 0000 0a00 0008 000c  000112 04 11 43 03 00  ff 09 0008 '0A00001B'"},
    {"s7comm", "block_info_refused", Transport::tcp, Direction::to_originator,
     "0300 0021 02 f0 80  32 07 0000 0a00 000c 0004  000112 08 12 83 03 00 00 00 d209  0a 00 0000"},
    {"s7comm", "password", Transport::tcp, Direction::to_responder,
     "0300 0025 02 f0 80  32 07 0000 0b00 0008 000c  000112 04 11 45 01 00  ff 09 0008 6476464677667766"},
    {"s7comm", "read_clock_response", Transport::tcp, Direction::to_originator,
     "0300 002b 02 f0 80  32 07 0000 0c00 000c 000e  000112 08 12 87 01 01 00 00 0000  ff 09 000a 00 19 14 08 20 "
     "12 05 36 1124"},
    {"s7comm", "set_clock", Transport::tcp, Direction::to_responder,
     "0300 0027 02 f0 80  32 07 0000 0d00 0008 000e  000112 04 11 47 02 00  ff 09 000a 00 19 14 08 20 11 59 33 "
     "0400"},
    {"s7comm", "plus_create", Transport::tcp, Direction::to_responder,
     "0300 0036 02 f0 80  72 01 0027 31 0000 04ca 0000 0001 00000120 36  0000011d 00 04 00000000 00 a1 000000d3 "
     "821f 00 00 a2 00000000  72 01 0000"},
    {"s7comm", "plus_create_response", Transport::tcp, Direction::to_originator,
     "0300 0050 02 f0 80  72 01 0041 32 0000 04ca 0000 0001 36  00 02 8728 8728 a1 00000120 821f 00 00 a3 823f 00 "
     "15 1b '1;6ES7 214-1AG40-0XB0 ;V4.2' 82 40 a2 00000000  72 01 0000"},
    {"s7comm", "plus_stop", Transport::tcp, Direction::to_responder,
     "0300 002f 02 f0 80  72 02 0020 31 0000 04f2 0000 0002 000003b5 34  00000034 01 9077 00 08 01 00000004 "
     "00000000  72 02 0000"},
    {"s7comm", "plus_set_many", Transport::tcp, Direction::to_responder,
     "0300 0039 02 f0 80  72 02 002a 31 0000 0542 0000 0003 000003b5 34  00000000 01 05 8acdf1cd66 88d0b88001 02 "
     "9376 0a 01 00 02 2a 00000000  72 02 0000"},
    {"s7comm", "plus_set_many_refused", Transport::tcp, Direction::to_originator,
     "0300 0021 02 f0 80  72 02 0012 32 0000 0542 0000 0003 34  83ff71 01 00000000  72 02 0000"},
    {"s7comm", "plus_notification", Transport::tcp, Direction::to_originator,
     "0300 0021 02 f0 80  72 02 0012 33 70000c81 0400 0000 0001 0192 ffffffff 00  72 02 0000"},
    {"s7comm", "plus_digest", Transport::tcp, Direction::to_responder,
     "0300 0049 02 f0 80  72 03 003a 20 5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a 31 0000 "
     "04bb 0000 0004 000003b5 34  00000003 00 01 00 00000000  72 03 0000"},
    {"s7comm", "plus_keep_alive", Transport::tcp, Direction::to_originator,
     "0300 0015 02 f0 80  72 fe 000a 0000 00000000 00000000"},
});

}  // namespace nw::network
