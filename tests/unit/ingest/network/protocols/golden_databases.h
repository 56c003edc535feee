// Good messages of databases and their neighbours, by hand from the specifications: rows of golden_frames.cpp, which
// takes them in.

// Lengths are three bytes, little-endian; then the sequence number.
{"mysql", "greeting_refused", Transport::tcp, Direction::to_originator,
 "120000 00 ff 6904 'Host is blocked'"},
{"mysql", "greeting_then_denied", Transport::tcp, Direction::to_originator,
 "4a0000 00 0a '8.0.36' 00 0b000000 0102030405060708 00 ffff ff 0200 ffdf 15 00000000 000000000000"
 " 090a0b0c0d0e0f1011121314 00 'caching_sha2_password' 00"
 " 160000 02 ff 1504 '#28000' 'Access denied'"},
{"mysql", "login", Transport::tcp, Direction::to_responder,
 "440000 01 0da2 0b00 00000001 21 00000000 00000000 00000000 00000000 000000 00000000 'alice' 00 02 aabb"
 " 'shop' 00 'mysql_native_password' 00"},
{"mysql", "login_before_41", Transport::tcp, Direction::to_responder,
 "120000 01 0524 000001 'bob' 00 6161616161616161 00"},
{"mysql", "query", Transport::tcp, Direction::to_responder,
 "090000 00 03 'select 1'"},
{"mysql", "query_sets_password", Transport::tcp, Direction::to_responder,
 "280000 00 03 'create user bob identified by ' 27 'hunter2' 27"},
{"mysql", "commands", Transport::tcp, Direction::to_responder,
 "050000 00 02 'shop'"
 " 070000 00 04 'items' 00"
 " 0a0000 00 11 'root' 00 02 aabb 00"
 " 010000 00 0e"
 " 090000 00 16 'select ?'"
 " 0a0000 00 17 07000000 00 01000000"
 " 050000 00 19 07000000"
 " 010000 00 2a"
 " 010000 00 01"},
{"mysql", "answer_ok", Transport::tcp, Direction::to_originator,
 "070000 01 00 03 00 0200 0000"},
{"mysql", "answer_error", Transport::tcp, Direction::to_originator,
 "1a0000 01 ff 2804 '#42000' 'You have an error'"},
{"mysql", "answer_rows", Transport::tcp, Direction::to_originator,
 "010000 01 01"
 " 170000 02 03 'def' 00 00 00 01 '1' 00 0c 3f00 01000000 08 8100 00 0000"
 " 050000 03 fe 0000 0200"
 " 020000 04 01 '1'"
 " 020000 05 01 '2'"
 " 050000 06 fe 0000 0200"},
{"mysql", "answer_rows_without_marks", Transport::tcp, Direction::to_originator,
 "010000 01 01"
 " 170000 02 03 'def' 00 00 00 01 '1' 00 0c 3f00 01000000 08 8100 00 0000"
 " 020000 03 01 '1'"
 " 070000 04 fe 00 00 0200 0000"},

// Lines and lengths are text.
{"redis", "ping", Transport::tcp, Direction::to_responder,
 "'*1' 0d0a '$4' 0d0a 'PING' 0d0a"},
{"redis", "set", Transport::tcp, Direction::to_responder,
 "'*3' 0d0a '$3' 0d0a 'SET' 0d0a '$4' 0d0a 'lamp' 0d0a '$2' 0d0a 'on' 0d0a"},
{"redis", "pipeline", Transport::tcp, Direction::to_responder,
 "'*2' 0d0a '$3' 0d0a 'GET' 0d0a '$4' 0d0a 'lamp' 0d0a"
 " '*4' 0d0a '$6' 0d0a 'CONFIG' 0d0a '$3' 0d0a 'SET' 0d0a '$11' 0d0a 'requirepass' 0d0a '$7' 0d0a 'hunter2' 0d0a"
 " 'PING' 0d0a"},
{"redis", "auth", Transport::tcp, Direction::to_responder,
 "'*3' 0d0a '$4' 0d0a 'AUTH' 0d0a '$5' 0d0a 'alice' 0d0a '$7' 0d0a 'hunter2' 0d0a"},
{"redis", "hello", Transport::tcp, Direction::to_responder,
 "'*5' 0d0a '$5' 0d0a 'HELLO' 0d0a '$1' 0d0a '3' 0d0a '$4' 0d0a 'AUTH' 0d0a '$5' 0d0a 'alice' 0d0a '$7' 0d0a"
 " 'hunter2' 0d0a"},
{"redis", "reply_text", Transport::tcp, Direction::to_originator,
 "'+OK' 0d0a"},
{"redis", "reply_error", Transport::tcp, Direction::to_originator,
 "'-ERR no such key' 0d0a"},
{"redis", "reply_bulk", Transport::tcp, Direction::to_originator,
 "'$5' 0d0a 'hello' 0d0a"},
{"redis", "reply_null", Transport::tcp, Direction::to_originator,
 "'$-1' 0d0a"},
{"redis", "reply_nested", Transport::tcp, Direction::to_originator,
 "'*3' 0d0a ':1' 0d0a '*2' 0d0a '+a' 0d0a '*0' 0d0a '$1' 0d0a 'b' 0d0a"},
{"redis", "reply_resp3", Transport::tcp, Direction::to_originator,
 "'%1' 0d0a '+k' 0d0a '#t' 0d0a  '~1' 0d0a ',1.5' 0d0a  '_' 0d0a '(123' 0d0a  '=5' 0d0a 'txt:a' 0d0a"},
{"redis", "reply_attribute", Transport::tcp, Direction::to_originator,
 "'|1' 0d0a '+ttl' 0d0a ':60' 0d0a '*2' 0d0a ':1' 0d0a '|1' 0d0a '+a' 0d0a '+b' 0d0a ':2' 0d0a"},

// The length, then texts with lengths of their own.
{"mqtt", "connect_31", Transport::tcp, Direction::to_responder,
 "10 14 0006 'MQIsdp' 03 02 003c 0006 'sensor'"},
{"mqtt", "connect_311", Transport::tcp, Direction::to_responder,
 "10 34 0004 'MQTT' 04 ee 003c 0006 'sensor' 000a 'last/words' 0004 'gone' 0005 'alice' 0007 'hunter2'"},
{"mqtt", "connect_5", Transport::tcp, Direction::to_responder,
 "10 3d 0004 'MQTT' 05 c6 003c 05 11 0000000a 0006 'sensor' 02 01 01 000a 'last/words' 0004 'gone' 0005 'alice'"
 " 0007 'hunter2'"},
{"mqtt", "connack", Transport::tcp, Direction::to_originator,
 "20 02 00 05"},
{"mqtt", "connack_5", Transport::tcp, Direction::to_originator,
 "20 03 00 87 00"},
{"mqtt", "publish", Transport::tcp, Direction::to_responder,
 "31 11 000b 'plant/valve' 'open'"},
{"mqtt", "publish_qos1", Transport::tcp, Direction::to_responder,
 "32 13 000b 'plant/valve' 0007 'shut'"},
{"mqtt", "publish_qos2", Transport::tcp, Direction::to_originator,
 "34 13 000b 'plant/valve' 0008 'shut'"},
{"mqtt", "subscribe", Transport::tcp, Direction::to_responder,
 "82 16 0001 0007 'plant/#' 01 0007 '+/valve' 00"},
{"mqtt", "unsubscribe", Transport::tcp, Direction::to_responder,
 "a2 0b 0002 0007 'plant/#'"},
{"mqtt", "several", Transport::tcp, Direction::to_responder,
 "30 04 0001 'a' '1'"
 " c0 00 "
 " 30 03 0001 'b'"
 " e0 00 "},

// The length counts itself.
{"postgresql", "ssl_request", Transport::tcp, Direction::to_responder,
 "00000008 04d2162f"},
{"postgresql", "gssenc_request", Transport::tcp, Direction::to_responder,
 "00000008 04d21630"},
{"postgresql", "cancel_request", Transport::tcp, Direction::to_responder,
 "00000010 04d2162e 00000007 deadbeef"},
{"postgresql", "startup", Transport::tcp, Direction::to_responder,
 "00000038 00030000 'user' 00 'alice' 00 'database' 00 'shop' 00 'application_name' 00 'psql' 00 00"
 " 'p' 0000000c 'hunter2' 00"},
{"postgresql", "query", Transport::tcp, Direction::to_responder,
 "'Q' 0000000d 'select 1' 00"},
{"postgresql", "query_sets_password", Transport::tcp, Direction::to_responder,
 "'Q' 00000026 'alter role bob password ' 27 'hunter2' 27 00"},
{"postgresql", "extended", Transport::tcp, Direction::to_responder,
 "'P' 00000013 's1' 00 'select $1' 00 0000"
 " 'B' 0000000e 00 's1' 00 0000 0000 0000"
 " 'D' 00000006 'P' 00"
 " 'E' 00000009 00 00000000"
 " 'S' 00000004"
 " 'B' 0000000e 00 's1' 00 0000 0000 0000"
 " 'F' 0000000e 00000001 0000 0000 0000"
 " 'X' 00000004"},
{"postgresql", "auth_failed", Transport::tcp, Direction::to_originator,
 "'R' 0000000c 00000005 01020304"
 " 'E' 0000001e 'SFATAL' 00 'VFATAL' 00 'C28P01' 00 'Mno' 00 00"},
{"postgresql", "auth_good", Transport::tcp, Direction::to_originator,
 "'R' 00000017 0000000a 'SCRAM-SHA-256' 00 00"
 " 'R' 0000000b 0000000b 'r=1'"
 " 'R' 00000008 00000000"
 " 'S' 00000011 'TimeZone' 00 'UTC' 00"
 " 'Z' 00000005 'I'"},
{"postgresql", "answer_rows", Transport::tcp, Direction::to_originator,
 "'T' 0000001a 0001 'a' 00 00000000 0000 00000017 0004 ffffffff 0000"
 " 'D' 0000000b 0001 00000001 '1'"
 " 'D' 0000000b 0001 00000001 '2'"
 " 'N' 00000014 'SNOTICE' 00 'Mhello' 00 00"
 " 'C' 0000000d 'SELECT 2' 00"
 " 'Z' 00000005 'T'"},

// The packets' lengths count their headers.
{"tds", "prelogin", Transport::tcp, Direction::to_responder,
 "12 01 0020 0000 01 00 00 0010 0006  01 0016 0001  02 0017 0001  ff 0b000000 0000 00  00"},
{"tds", "prelogin_then_tls", Transport::tcp, Direction::to_responder,
 "12 01 0020 0000 01 00 00 0010 0006  01 0016 0001  02 0017 0001  ff 0b000000 0000 01  00"
 " 12 01 003c 0000 01 00 16 0300 002f  01 00002b 0300"
 " 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00  0004 0005 000a  01 00"},
{"tds", "login", Transport::tcp, Direction::to_responder,
 "10 01 009a 0000 01 00 92000000 04000074 00100000 00000007 e8030000 00000000 e0 03 00 00 00000000 09040000"
 " 5e000300 64000500 6e000700 7c000400 84000300 8a000000 8a000000 8a000000 8a000400 020000000001 92000000 92000000"
 " 92000000 00000000 770073003700 61006c00690063006500 680075006e007400650072003200 7000730071006c00 640062003100"
 " 730068006f007000"},
{"tds", "login_50", Transport::tcp, Direction::to_responder,
 "02 01 0065 0000 01 00 'ws7' 000000000000000000000000000000000000000000000000000000 03 'sa'"
 " 00000000000000000000000000000000000000000000000000000000 02 'hunter2'"
 " 0000000000000000000000000000000000000000000000 07"},
{"tds", "batch", Transport::tcp, Direction::to_responder,
 "01 01 002e 0000 01 00 16000000 12000000 0200 0000000000000000 01000000 730065006c0065006300740020003100"},
{"tds", "batch_in_two", Transport::tcp, Direction::to_responder,
 "01 00 003c 0000 01 00 16000000 12000000 0200 0000000000000000 01000000"
 " 61006c0074006500720020006c006f00670069006e002000730061002000"
 " 01 01 003a 0000 01 00"
 " 77006900740068002000700061007300730077006f007200640020003d0020002700680075006e0074006500720032002700"},
{"tds", "batch_before_7", Transport::tcp, Direction::to_responder,
 "01 01 0010 0000 01 00 'select 1'"},
{"tds", "rpc", Transport::tcp, Direction::to_responder,
 "03 01 0042 0000 01 00 16000000 12000000 0200 0000000000000000 01000000 ffff 0a00 0000 00 00 e7 401f 0904d00034"
 " 1200 730065006c00650063007400200040006100"},
{"tds", "rpc_by_name", Transport::tcp, Direction::to_responder,
 "03 01 002e 0000 01 00 16000000 12000000 0200 0000000000000000 01000000 0600 730070005f00770068006f00 0000"},
{"tds", "others", Transport::tcp, Direction::to_responder,
 "06 01 0008 0000 01 00 "
 " 07 01 0009 0000 01 00 81"
 " 0e 01 0022 0000 01 00 16000000 12000000 0200 0000000000000000 01000000 0500 0000"},
{"tds", "answer_refused", Transport::tcp, Direction::to_originator,
 "04 01 0030 0000 01 00 aa 1800 18480000 01 0e 0200 6e006f00 03 640062003100 00 01000000 fd 0200 c100"
 " 0000000000000000"},
{"tds", "answer_login", Transport::tcp, Direction::to_originator,
 "04 01 0036 0000 01 00 e3 0b00 01 04 730068006f007000 00 ad 1000 01 74000004 03 530051004c00 10 00 0fa3 fd 0000"
 " c100 0000000000000000"},
{"tds", "answer_rows", Transport::tcp, Direction::to_originator,
 "04 01 0027 0000 01 00 81 0100 00000000 0000 38 01 6100 d1 01000000 fd 1000 c100 0100000000000000"},

// The patient is made up, and must not be seen again.
{"hl7", "admission", Transport::tcp, Direction::to_responder,
 "0b 'MSH|^~\\&|ADT1|WARD|LAB|CENTRAL|20261128||ADT^A01^ADT_A01|42|P|2.5.1' 0d 'PID|1||4711||Doe^Jane' 0d 1c 0d"},
{"hl7", "acknowledgement", Transport::tcp, Direction::to_originator,
 "0b 'MSH|^~\\&|LAB|CENTRAL|ADT1|WARD|20261128||ACK|43|P^T|2.3^x' 0d 'SFT|v' 0d 'MSA|AE|42|no such bed' 0d 1c 0d"},
{"hl7", "other_separators", Transport::tcp, Direction::to_responder,
 "0b 'MSH#*~\\&#A#B#C#D###ORU*R01#7#T#2.4' 0d 'OBX#1' 0d 1c 0d"},
{"hl7", "two", Transport::tcp, Direction::to_responder,
 "0b 'MSH|^~\\&|A||||||ORM^O01|1|D|2.2' 0d 1c 0d 0a 0b 'MSH|^~\\&|A' 0d 1c 0d"},
{"hl7", "batch", Transport::tcp, Direction::to_responder,
 "0b 'FHS|^~\\&|LAB|CENTRAL|ADT1|WARD|2026||Doe|Doe|F1' 0d 'BHS|^~\\&|LAB||ADT1||2026||Doe|Doe|B1|B0' 0d"
 " 'MSH|^~\\&|LAB|CENTRAL|ADT1|WARD|2026||ORU^R01|1|P|2.3' 0d 0a 'PID|1||4711||Doe^Jane' 0d 'OBX|MSH|^~' 0d"
 " 'MSH|^~\\&|LAB|CENTRAL|ADT1|WARD|2026||ACK|2|P|2.3' 0d 'MSA|AA|42|Doe' 0d 'BTS|2|Doe' 0d 'FTS|1' 0d 1c 0d"},

// Titles have sixteen letters. The patient and the user are made up, and must not be seen again.
{"dicom", "request", Transport::tcp, Direction::to_responder,
 "01 00 000000e4 0001 0000 'STORE           ' 'CT7             '"
 " 0000000000000000000000000000000000000000000000000000000000000000 10 00 0015 '1.2.840.10008.3.1.1.1' 20 00 002e"
 " 01 00 00 00 30 00 0011 '1.2.840.10008.1.1' 40 00 0011 '1.2.840.10008.1.2' 20 00 0022 03 00 00 00 30 00 0005"
 " '1.2.3' 40 00 0011 '1.2.840.10008.1.2' 50 00 002b 51 00 0004 00004000 58 00 0012 01 00 0005 'alice' 0007"
 " 'hunter2' 55 00 0009 'SCANNER_1'"},
{"dicom", "accept", Transport::tcp, Direction::to_originator,
 "02 00 00000092 0001 0000 'STORE           ' 'CT7             '"
 " 0000000000000000000000000000000000000000000000000000000000000000 10 00 0015 '1.2.840.10008.3.1.1.1' 21 00 0019"
 " 01 00 00 00 40 00 0011 '1.2.840.10008.1.2' 21 00 0008 03 00 03 00 40 00 0000  50 00 0008 51 00 0004 00004000"},
{"dicom", "reject", Transport::tcp, Direction::to_originator,
 "03 00 00000004 00 01 01 07"},
{"dicom", "data_and_release", Transport::tcp, Direction::to_responder,
 "04 00 0000000e 0000000a 01 03 'Doe^Jane'"
 " 05 00 00000004 00000000"},
{"dicom", "released", Transport::tcp, Direction::to_originator,
 "06 00 00000004 00000000"},
{"dicom", "abort", Transport::tcp, Direction::to_responder,
 "07 00 00000004 00 00 02 01"},
