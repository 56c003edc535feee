// Good LDAP messages, written by hand from RFC 4511: rows of golden_frames.cpp, which takes them in.

{"ldap", "bind_simple", Transport::tcp, Direction::to_responder,
 "30 26 02 01 01 60 21 02 01 03 04 13 'cn=admin,dc=example' 80 07 'hunter2'"},
{"ldap", "bind_anonymous", Transport::tcp, Direction::to_responder,
 "30 0c 02 01 01 60 07 02 01 03 04 00 80 00"},
{"ldap", "bind_sasl", Transport::tcp, Direction::to_responder,
 "30 20 02 01 02 60 1b 02 01 03 04 00 a3 14 04 0a 'GSS-SPNEGO' 04 06 'secret'"},
{"ldap", "bind_sicily", Transport::tcp, Direction::to_responder,
 "30 16 02 01 02 60 11 02 01 03 04 04 'NTLM' 8a 06 'secret'"},
{"ldap", "bind_refused", Transport::tcp, Direction::to_originator,
 "30 14 02 01 01 61 0f 0a 01 31 04 00 04 08 'data 52e'"},
{"ldap", "search", Transport::tcp, Direction::to_responder,
 "30 81 d9 02 01 03 63 81 d3 04 0a 'dc=example' 0a 01 02 0a 01 03 02 01 00 02 01 00 01 01 00 a0 81 a7 a3 13 04 0b"
 " 'objectClass' 04 04 'user' a1 3b a4 0f 04 02 'cn' 30 09 80 01 'a' 81 01 'b' 82 01 'c' a4 09 04 02 'sn' 30 03 81"
 " 01 'x' a5 08 04 03 'uid' 04 01 '5' a6 08 04 03 'uid' 04 01 '9' a8 09 04 02 'cn' 04 03 'bob' a2 06 87 04 'mail'"
 " a9 27 81 16 '1.2.840.113556.1.4.803' 82 05 'flags' 83 03 '512' 84 01 ff a3 17 04 0c 'userPassword' 04 07"
 " 'hunter2' a3 09 04 01 'o' 04 04 '(*' 5c ff 30 0c 04 02 'cn' 04 06 'member'"},
{"ldap", "search_results", Transport::tcp, Direction::to_originator,
 "30 23 02 01 03 64 1e 04 0f 'cn=a,dc=example' 30 0b 30 09 04 02 'cn' 31 03 04 01 'a'  30 18 02 01 03 64 13 04 0f"
 " 'cn=b,dc=example' 30 00  30 17 02 01 03 73 12 04 10 'ldap://b.example'  30 0c 02 01 03 65 07 0a 01 00 04 00 04"
 " 00"},
{"ldap", "modify", Transport::tcp, Direction::to_responder,
 "30 50 02 01 04 66 4b 04 0f 'cn=a,dc=example' 30 38 30 25 0a 01 02 30 20 04 14 'servicePrincipalName' 31 08 04 06"
 " 'http/a' 30 0f 0a 01 00 30 0a 04 06 'member' 31 00"},
{"ldap", "add", Transport::tcp, Direction::to_responder,
 "30 4a 02 01 05 68 45 04 0f 'cn=b,dc=example' 30 32 30 17 04 0b 'objectClass' 31 08 04 06 'device' 30 17 04 0a"
 " 'unicodePwd' 31 09 04 07 'hunter2'"},
{"ldap", "delete", Transport::tcp, Direction::to_responder,
 "30 14 02 01 06 4a 0f 'cn=b,dc=example'"},
{"ldap", "rename", Transport::tcp, Direction::to_responder,
 "30 1f 02 01 07 6c 1a 04 0f 'cn=b,dc=example' 04 04 'cn=c' 01 01 ff"},
{"ldap", "compare", Transport::tcp, Direction::to_responder,
 "30 2f 02 01 08 6e 2a 04 0f 'cn=b,dc=example' 30 17 04 0c 'userPassword' 04 07 'hunter2'"},
{"ldap", "abandon_unbind", Transport::tcp, Direction::to_responder,
 "30 06 02 01 09 50 01 05  30 05 02 01 0a 42 00"},
{"ldap", "start_tls", Transport::tcp, Direction::to_responder,
 "30 1d 02 01 0b 77 18 80 16 '1.3.6.1.4.1.1466.20037'"},
{"ldap", "whoami_with_control", Transport::tcp, Direction::to_responder,
 "30 3b 02 01 0c 77 19 80 17 '1.3.6.1.4.1.4203.1.11.3' a0 1b 30 19 04 17 '2.16.840.1.113730.3.4.2'"},
{"ldap", "disconnection", Transport::tcp, Direction::to_originator,
 "30 27 02 01 00 78 22 0a 01 34 04 00 04 03 'bye' 8a 16 '1.3.6.1.4.1.1466.20036'"},
{"ldap", "microsoft_lengths", Transport::tcp, Direction::to_responder,
 "30 84 0000002d 02 01 0d 63 84 00000024 04 00 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 87 0b 'objectClass' 30"
 " 84 00000000"},
{"ldap", "cldap_ping", Transport::udp, Direction::to_responder,
 "30 49 02 01 01 63 44 04 00 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 a0 25 a3 14 04 09 'DnsDomain' 04 07"
 " 'example' a3 0d 04 05 'NtVer' 04 04 06000000 30 0a 04 08 'Netlogon'"},
{"ldap", "cldap_pong", Transport::udp, Direction::to_originator,
 "30 1b 02 01 01 64 16 04 00 30 12 30 10 04 08 'Netlogon' 31 04 04 02 1700  30 0c 02 01 01 65 07 0a 01 00 04 00 04"
 " 00"},
