// Good messages of tunnels and what opens the way for them: rows of golden_frames.cpp, which takes them in. Written by hand
// from RFC 7296 and 2408 (IKE), RFC 8489 (STUN), WireGuard's paper and OpenVPN's protocol description.
#define NW_ZEROS_16 " 00000000 00000000 00000000 00000000 "
#define NW_ZEROS_64 NW_ZEROS_16 NW_ZEROS_16 NW_ZEROS_16 NW_ZEROS_16

// Two proposals: AES-CBC 256, SHA-256, HMAC-SHA-256, group 14; and 3DES with group 2. Key exchange, nonce, notifications,
// vendors.
{"ipsec", "ike2_init", Transport::udp, Direction::to_responder,
 "0102030405060708 0000000000000000 21 20 22 08 00000000 000000c8"
 "22 00 0054"
 " 02 00 002c 01 01 00 04  03 00 000c 01 00 000c 800e 0100  03 00 0008 02 00 0005  03 00 0008 03 00 000c  00 00 0008 04 00 000e"
 " 00 00 0024 02 01 00 03  03 00 0008 01 00 0003  03 00 0008 02 00 0005  00 00 000c 04 00 0002 800e 0080"
 "28 00 0010 000e 0000 aabbccddeeff0011"
 "29 00 0014 000102030405060708090a0b0c0d0e0f"
 "29 00 0008 00 00 4004"
 "2b 00 0008 00 00 ffff"
 "2b 00 0014 4a131c81070358455c5728f20e95452f"
 "00 00 0010 'what is this'"},
// Encrypted, behind NAT.
{"ipsec", "ike2_auth", Transport::udp, Direction::to_responder,
 "00000000 0102030405060708 1112131415161718 2e 20 23 08 00000001 00000024 23 00 0008 deadbeef"},
// Main mode: 3DES, MD5, pre-shared key, group 2, a day; dead peer detection.
{"ipsec", "ike1_main", Transport::udp, Direction::to_responder,
 "0102030405060708 0000000000000000 01 10 02 00 00000000 00000068"
 "0d 00 0038 00000001 00000001"
 " 00 00 002c 01 01 00 01  00 00 0024 01 01 0000 8001 0005 8002 0001 8003 0001 8004 0002 800b 0001 000c 0004 00015180 "
 "00 00 0014 afcad71368a1f1c96b8696fc77570100"},
{"ipsec", "ike1_notify", Transport::udp, Direction::to_originator,
 "0102030405060708 1112131415161718 0b 10 05 00 00000007 00000028 00 00 000c 00000001 01 00 000e"},
// Aggressive mode's answer: its certificate, and a request for one of any authority.
{"ipsec", "ike1_aggressive", Transport::udp, Direction::to_originator,
 "0102030405060708 1112131415161718 06 10 04 00 00000000 00000227 07 00 0206 04" NW_CERTIFICATE_HEAD NW_CERTIFICATE_TAIL
 "00 00 0005 04"},

{"stun", "binding_request", Transport::udp, Direction::to_responder,
 "0001 001c 2112a442 0102030405060708090a0b0c  0006 0009 'evtj:h6vY' 000000  8022 0008 'software'"},
// 192.0.2.1:32853, in the clear as 10.0.0.1.
{"stun", "binding_response", Transport::udp, Direction::to_originator,
 "0101 0018 2112a442 0102030405060708090a0b0c  0020 0008 00 01 a147 e112a643  0001 0008 00 01 8055 0a000001"},
{"stun", "allocate_error", Transport::udp, Direction::to_originator,
 "0113 0024 2112a442 0102030405060708090a0b0c  0009 0010 0000 04 01 'Unauthorized'  0014 000b 'example.org' 00"},
{"stun", "classic_binding", Transport::udp, Direction::to_responder,
 "0001 0000 000102030405060708090a0b0c0d0e0f"},
{"stun", "over_tcp", Transport::tcp, Direction::to_responder,
 "0003 0000 2112a442 0102030405060708090a0b0c 4001 0003 61626300 0016 0000 2112a442 0102030405060708090a0b0d"},

{"stun", "framed", Transport::tcp, Direction::to_responder,
 "0020 0001 000c 2112a442 0102030405060708090a0b0c 0006 0005 'a:bcd' 000000 0004 80600001"
 "0014 0101 0000 2112a442 0102030405060708090a0b0d"},

{"wireguard", "initiation", Transport::udp, Direction::to_responder,
 "01000000 0a000000" NW_ZEROS_64 NW_ZEROS_64 "000000000000000000000000"},
{"wireguard", "response", Transport::udp, Direction::to_originator,
 "02000000 0b000000 0a000000" NW_ZEROS_64 NW_ZEROS_16},
{"wireguard", "cookie", Transport::udp, Direction::to_originator,
 "03000000 0a000000" NW_ZEROS_16 NW_ZEROS_16 NW_ZEROS_16 "0000000000000000"},
{"wireguard", "data", Transport::udp, Direction::to_responder,
 "04000000 0b000000 0100000000000000" NW_ZEROS_16},

{"openvpn", "client_reset", Transport::udp, Direction::to_responder, "38 0102030405060708 00 00000000"},
{"openvpn", "server_reset", Transport::udp, Direction::to_originator,
 "40 1112131415161718 01 00000000 0102030405060708 00000000"},
{"openvpn", "client_reset_hmac", Transport::udp, Direction::to_responder,
 "38 0102030405060708 a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3 00000001 5f000000 00 00000000"},
{"openvpn", "client_reset_crypt", Transport::udp, Direction::to_responder,
 "38 0102030405060708 00000001 5f000000" NW_ZEROS_16 NW_ZEROS_16 "a1a2a3a4a5"},
{"openvpn", "client_reset_tcp", Transport::tcp, Direction::to_responder, "000e 38 0102030405060708 00 00000000"},
