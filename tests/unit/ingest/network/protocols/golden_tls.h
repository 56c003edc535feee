// Good TLS records: rows of golden_frames.cpp, which takes them in. The hellos are written by hand from RFC 8446, RFC 5246
// and RFC 6101; the certificate was made with OpenSSL for this test, its key was thrown away.

// A random, and the one that says "HelloRetryRequest".
#define NW_TLS_RANDOM " 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
#define NW_TLS_RETRY \
  " cf21ad74e59a6111be1d8c021e65b891 " \
  "c2a211167abb8c5e079e09e2c8a8339c "
// A session id with its length.
#define NW_TLS_SESSION " 20 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
// P-256, C=CH, O=Example, Ltd, CN=plc.example, signed by itself; version 3 with names, valid for a year from 2026-11-28.
#define NW_CERTIFICATE_HEAD \
  "308201fd308201a3a00302010202020a1b300a06082a8648ce3d040302303a310b3009060355040613024348311530130603" \
  "55040a0c0c4578616d706c652c204c74643114301206035504030c0b706c632e6578616d706c6530"
#define NW_CERTIFICATE_TAIL \
  "1e170d3236313132383131323032375a170d3237313132383131323032375a303a310b300906035504061302434831153013" \
  "060355040a0c0c4578616d706c652c204c74643114301206035504030c0b706c632e6578616d706c653059301306072a8648" \
  "ce3d020106082a8648ce3d03010703420004fd78984a493146c19f2ae1476a39343aa8366dac07b0a66751525e6dcb474f02" \
  "e7fed4d0be2405f2c9a5a5142c370bf7893d2c3dbe04fdfc90e309aab5e796c9a38198308195301d0603551d0e04160414ff" \
  "b3e2e0172a28d8f9136b3cf3dc8c0413367d84301f0603551d23041830168014ffb3e2e0172a28d8f9136b3cf3dc8c041336" \
  "7d84303f0603551d1104383036820b706c632e6578616d706c65820d2a2e706c632e6578616d706c658704c0000207810961" \
  "406578616d706c65860775726e3a706c6330120603551d130101ff040830060101ff020100300a06082a8648ce3d04030203" \
  "48003045022100e13d186fe771e4460a2181317420a6ebac39bbadfe26a30a2ae75c2bf4032d56022077b8b3606e7eb798f3" \
  "22310c8fd184eb7bfe3ec004621421f2fe5b1f381c759b"

// GREASE, TLS 1.3 AES-128 and -256, ECDHE-ECDSA; server_name, groups, point formats, signatures, ALPN, versions, key share,
// encrypted hello.
{"ssl", "client_hello_tls13", Transport::tcp, Direction::to_responder,
 "16 0301 00bd  01 0000b9 0303" NW_TLS_RANDOM NW_TLS_SESSION "0008 0a0a 1301 1302 c02b  01 00  0068 1a1a 0000"
 " 0000 0010 000e 00 000b 706c632e6578616d706c65  000a 0008 0006 2a2a 001d 0017  000b 0002 01 00"
 " 000d 0006 0004 0403 0804  0010 000e 000c 02 6832 08 687474702f312e31  002b 0007 06 3a3a 0304 0303"
 " 0033 000a 0008 001d 0004 01020304  fe0d 0005 0000010001"},
{"ssl", "client_hello_ssl3", Transport::tcp, Direction::to_responder,
 "16 0300 002f  01 00002b 0300" NW_TLS_RANDOM "00  0004 0005 000a  01 00"},
{"ssl", "client_hello_ssl2", Transport::tcp, Direction::to_responder,
 "801f 01 0301 0006 0000 0010  00002f 00000a  000102030405060708090a0b0c0d0e0f"},
// Hello, certificate (over two records), key exchange, done.
{"ssl", "server_hello_tls12", Transport::tcp, Direction::to_originator,
 "16 0303 00be  02 000056 0303" NW_TLS_RANDOM NW_TLS_SESSION "c02b 00  000e ff01 0001 00  0010 0005 0003 02 6832"
 " 0b 000207 000204 000201" NW_CERTIFICATE_HEAD "16 0303 01bc" NW_CERTIFICATE_TAIL
 " 0c 00000d 03 0017 03 040506 0403 0002 0708  0e 000000"},
// Hello, a ChangeCipherSpec that means nothing, ciphertext.
{"ssl", "server_hello_tls13", Transport::tcp, Direction::to_originator,
 "16 0303 005e  02 00005a 0303" NW_TLS_RANDOM NW_TLS_SESSION "1301 00  0012 002b 0002 0304  0033 0008 001d 0004 01020304"
 " 14 0303 0001 01  17 0303 0011 0000000000000000000000000000000000"},
{"ssl", "hello_retry", Transport::tcp, Direction::to_originator,
 "16 0303 0058  02 000054 0303" NW_TLS_RETRY NW_TLS_SESSION "1301 00  000c 002b 0002 0304  0033 0002 0017"},
{"ssl", "server_hello_resumed", Transport::tcp, Direction::to_originator,
 "16 0303 004a  02 000046 0303" NW_TLS_RANDOM NW_TLS_SESSION "c02f 00  14 0303 0001 01  16 0303 0008 0000000000000000"},
{"ssl", "server_hello_alert", Transport::tcp, Direction::to_originator,
 "16 0301 002a  02 000026 0301" NW_TLS_RANDOM "00  002f 00  15 0301 0002 02 28"},
