#include "golden_frames.h"

#include <array>

namespace nw::network {

namespace {

constexpr auto kFrames = std::to_array<GoldenFrame>({
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
#include "golden_bacnet.h"
#include "golden_bsap.h"
#include "golden_c1222.h"
#include "golden_codesys.h"
#include "golden_databases.h"
#include "golden_dce_rpc.h"
#include "golden_dnp3.h"
#include "golden_enip.h"
#include "golden_fox.h"
#include "golden_frames_bgp.h"
#include "golden_frames_netbios.h"
#include "golden_frames_sip.h"
#include "golden_frames_udp.h"
#include "golden_ge_srtp.h"
#include "golden_genisys.h"
#include "golden_hart_ip.h"
#include "golden_iec104.h"
#include "golden_kerberos.h"
#include "golden_knx.h"
#include "golden_l2.h"
#include "golden_ldap.h"
#include "golden_melsec.h"
#include "golden_mms.h"
#include "golden_netbios_dgm.h"
#include "golden_omron_fins.h"
#include "golden_opcua.h"
#include "golden_profinet_io_cm.h"
#include "golden_quic.h"
#include "golden_r_goose.h"
#include "golden_rdp.h"
#include "golden_rfb.h"
#include "golden_roc_plus.h"
#include "golden_s7comm.h"
#include "golden_smb.h"
#include "golden_synchrophasor.h"
#include "golden_text.h"
#include "golden_tls.h"
#include "golden_tristation.h"
#include "golden_vpn.h"
// Behind golden_tls.h, whose random numbers it uses.
#include "golden_dtls.h"
});

}  // namespace

constinit const std::span<const GoldenFrame> kGoldenFrames{kFrames};

}  // namespace nw::network
