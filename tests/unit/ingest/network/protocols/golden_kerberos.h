// Good Kerberos messages, written by hand from RFC 4120 and MS-SFU: rows of golden_frames.cpp, which takes them in.

{"kerberos", "as_request", Transport::udp, Direction::to_responder,
 "6a 81 91 30 81 8e a1 03 02 01 05 a2 03 02 01 0a a4 81 81 30 7f a0 07 03 05 00 40800010 a1 12 30 10 a0 03 02 01"
 " 01 a1 09 30 07 1b 05 'alice' a2 09 1b 07 'EXAMPLE' a3 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07"
 " 'EXAMPLE' a4 11 18 0f '20261128150000Z' a5 11 18 0f '20370913024805Z' a7 03 02 01 09 a8 0c 30 0a 02 01 12 02 01"
 " 17 02 02 ff7b"},
{"kerberos", "as_request_with_proof", Transport::tcp, Direction::to_responder,
 "000000b1 6a 81 ae 30 81 ab a1 03 02 01 05 a2 03 02 01 0a a3 36 30 34 30 11 a1 04 02 02 0080 a2 09 04 07 30 05 a0"
 " 03 01 01 ff 30 1f a1 03 02 01 02 a2 18 04 16 30 14 a0 03 02 01 12 a1 03 02 01 02 a2 08 04 06 'secret' a4 67 30"
 " 65 a0 07 03 05 00 40010010 a1 12 30 10 a0 03 02 01 01 a1 09 30 07 1b 05 'alice' a2 09 1b 07 'EXAMPLE' a3 1c 30"
 " 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE' a5 11 18 0f '20370913024805Z' a7 03 02 01 09 a8 05"
 " 30 03 02 01 12"},
{"kerberos", "preauthentication_required", Transport::udp, Direction::to_originator,
 "7e 52 30 50 a0 03 02 01 05 a1 03 02 01 1e a4 11 18 0f '20261128150000Z' a5 03 02 01 07 a6 03 02 01 19 a9 09 1b"
 " 07 'EXAMPLE' aa 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE'"},
{"kerberos", "error_with_text", Transport::tcp, Direction::to_originator,
 "00000091 7e 81 8e 30 81 8b a0 03 02 01 05 a1 03 02 01 1e a4 11 18 0f '20261128150000Z' a5 03 02 01 07 a6 03 02"
 " 01 3c a7 09 1b 07 'EXAMPLE' a8 21 30 1f a0 03 02 01 01 a1 18 30 16 1b 09 'WELLKNOWN' 1b 09 'ANONYMOUS' a9 09 1b"
 " 07 'EXAMPLE' aa 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE' ab 0b 1b 09 'try again'"},
{"kerberos", "as_reply", Transport::udp, Direction::to_originator,
 "6b 81 90 30 81 8d a0 03 02 01 05 a1 03 02 01 0b a3 09 1b 07 'EXAMPLE' a4 12 30 10 a0 03 02 01 01 a1 09 30 07 1b"
 " 05 'alice' a5 4a 61 48 30 46 a0 03 02 01 05 a1 09 1b 07 'EXAMPLE' a2 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06"
 " 'krbtgt' 1b 07 'EXAMPLE' a3 16 30 14 a0 03 02 01 12 a1 03 02 01 02 a2 08 04 06 'secret' a6 16 30 14 a0 03 02 01"
 " 12 a1 03 02 01 02 a2 08 04 06 'secret'"},
{"kerberos", "tgs_request", Transport::tcp, Direction::to_responder,
 "000000f6 6c 81 f3 30 81 f0 a1 03 02 01 05 a2 03 02 01 0c a3 81 8a 30 81 87 30 81 84 a1 03 02 01 01 a2 7d 04 7b"
 " 6e 79 30 77 a0 03 02 01 05 a1 03 02 01 0e a2 07 03 05 00 00000000 a3 4a 61 48 30 46 a0 03 02 01 05 a1 09 1b 07"
 " 'EXAMPLE' a2 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE' a3 16 30 14 a0 03 02 01 12 a1"
 " 03 02 01 02 a2 08 04 06 'secret' a4 16 30 14 a0 03 02 01 12 a1 03 02 01 02 a2 08 04 06 'secret' a4 57 30 55 a0"
 " 07 03 05 00 40010000 a2 09 1b 07 'EXAMPLE' a3 20 30 1e a0 03 02 01 02 a1 17 30 15 1b 04 'cifs' 1b 0d"
 " 'files.example' a5 11 18 0f '20370913024805Z' a7 03 02 01 09 a8 05 30 03 02 01 17"},
{"kerberos", "tgs_on_behalf", Transport::udp, Direction::to_responder,
 "6c 82 012a 30 82 0126 a1 03 02 01 05 a2 03 02 01 0c a3 81 cf 30 81 cc 30 81 84 a1 03 02 01 01 a2 7d 04 7b 6e 79"
 " 30 77 a0 03 02 01 05 a1 03 02 01 0e a2 07 03 05 00 00000000 a3 4a 61 48 30 46 a0 03 02 01 05 a1 09 1b 07"
 " 'EXAMPLE' a2 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE' a3 16 30 14 a0 03 02 01 12 a1"
 " 03 02 01 02 a2 08 04 06 'secret' a4 16 30 14 a0 03 02 01 12 a1 03 02 01 02 a2 08 04 06 'secret' 30 43 a1 04 02"
 " 02 0081 a2 3b 04 39 30 37 a0 10 30 0e a0 03 02 01 0a a1 07 30 05 1b 03 'bob' a1 09 1b 07 'EXAMPLE' a2 0c 30 0a"
 " a0 03 02 01 12 a1 03 04 01 00 a3 0a 1b 08 'Kerberos' a4 48 30 46 a0 07 03 05 00 40810000 a2 09 1b 07 'EXAMPLE'"
 " a3 11 30 0f a0 03 02 01 02 a1 08 30 06 1b 04 'web$' a5 11 18 0f '20370913024805Z' a7 03 02 01 09 a8 05 30 03 02"
 " 01 12"},
{"kerberos", "tgs_delegation", Transport::udp, Direction::to_responder,
 "6c 81 f3 30 81 f0 a1 03 02 01 05 a2 03 02 01 0c a3 81 8a 30 81 87 30 81 84 a1 03 02 01 01 a2 7d 04 7b 6e 79 30"
 " 77 a0 03 02 01 05 a1 03 02 01 0e a2 07 03 05 00 00000000 a3 4a 61 48 30 46 a0 03 02 01 05 a1 09 1b 07 'EXAMPLE'"
 " a2 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE' a3 16 30 14 a0 03 02 01 12 a1 03 02 01 02"
 " a2 08 04 06 'secret' a4 16 30 14 a0 03 02 01 12 a1 03 02 01 02 a2 08 04 06 'secret' a4 57 30 55 a0 07 03 05 00"
 " 40030000 a2 09 1b 07 'EXAMPLE' a3 20 30 1e a0 03 02 01 02 a1 17 30 15 1b 04 'cifs' 1b 0d 'files.example' a5 11"
 " 18 0f '20370913024805Z' a7 03 02 01 09 a8 05 30 03 02 01 12"},
{"kerberos", "tgs_reply_rc4", Transport::tcp, Direction::to_originator,
 "00000097 6d 81 94 30 81 91 a0 03 02 01 05 a1 03 02 01 0d a3 09 1b 07 'EXAMPLE' a4 12 30 10 a0 03 02 01 01 a1 09"
 " 30 07 1b 05 'alice' a5 4e 61 4c 30 4a a0 03 02 01 05 a1 09 1b 07 'EXAMPLE' a2 20 30 1e a0 03 02 01 02 a1 17 30"
 " 15 1b 04 'cifs' 1b 0d 'files.example' a3 16 30 14 a0 03 02 01 17 a1 03 02 01 02 a2 08 04 06 'secret' a6 16 30"
 " 14 a0 03 02 01 12 a1 03 02 01 02 a2 08 04 06 'secret'"},
{"kerberos", "ap_request", Transport::tcp, Direction::to_responder,
 "0000007b 6e 79 30 77 a0 03 02 01 05 a1 03 02 01 0e a2 07 03 05 00 00000000 a3 4a 61 48 30 46 a0 03 02 01 05 a1"
 " 09 1b 07 'EXAMPLE' a2 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE' a3 16 30 14 a0 03 02"
 " 01 12 a1 03 02 01 02 a2 08 04 06 'secret' a4 16 30 14 a0 03 02 01 12 a1 03 02 01 02 a2 08 04 06 'secret'"},
{"kerberos", "password_change", Transport::udp, Direction::to_responder,
 "00a2 0001 007b 6e 79 30 77 a0 03 02 01 05 a1 03 02 01 0e a2 07 03 05 00 00000000 a3 4a 61 48 30 46 a0 03 02 01 05 a1"
 " 09 1b 07 'EXAMPLE' a2 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE' a3 16 30 14 a0 03 02"
 " 01 12 a1 03 02 01 02 a2 08 04 06 'secret' a4 16 30 14 a0 03 02 01 12 a1 03 02 01 02 a2 08 04 06 'secret'"
 " 75 1f 30 1d a0 03 02 01 05 a1 03 02 01 15 a3 11 30 0f a0 03 02 01 12 a2 08 04 06 'secret'"},
{"kerberos", "password_refused", Transport::udp, Direction::to_originator,
 "005a 0001 0000 7e 52 30 50 a0 03 02 01 05 a1 03 02 01 1e a4 11 18 0f '20261128150000Z' a5 03 02 01 07 a6 03 02 01"
 " 25 a9 09 1b 07 'EXAMPLE' aa 1c 30 1a a0 03 02 01 02 a1 13 30 11 1b 06 'krbtgt' 1b 07 'EXAMPLE'"},
