// Good DTLS datagrams, written by hand from RFC 6347 and RFC 9147: rows of golden_frames.cpp, which takes them in, behind
// golden_tls.h.

{"ssl", "dtls_client_hello", Transport::udp, Direction::to_responder,
 "16 fefd 0000 000000000001 0061  01 000055 0001 000000 000055  fefd" NW_TLS_RANDOM
 "00 04 c0c1c2c3 0004 c02b c02f 01 00  0023"
 " 0000 0010 000e 00 000b 'plc.example' 000a 0004 0002 001d  002b 0003 02 fefd"},
{"ssl", "dtls_verify_request", Transport::udp, Direction::to_originator,
 "16 feff 0000 000000000000 0013  03 000007 0000 000000 000007  feff 04 c0c1c2c3"},
{"ssl", "dtls_server_hello", Transport::udp, Direction::to_originator,
 "16 fefd 0000 000000000001 0032  02 000026 0001 000000 000026  fefd" NW_TLS_RANDOM "00 c02b 00"},
{"ssl", "dtls13_server_hello", Transport::udp, Direction::to_originator,
 "16 fefd 0000 000000000001 003a  02 00002e 0001 000000 00002e  fefd" NW_TLS_RANDOM "00 1301 00 0006 002b 0002 fefc"},
