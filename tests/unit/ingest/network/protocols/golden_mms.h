// MMS and what stands below it (ISO 8327, 8823, 8650, 9506), written from the specifications, their lengths computed;
// the association's contexts and services as real devices have them. Rows of golden_frames.cpp, which takes them in.
// Each is one TPDU of ISO transport.

{"mms", "associate", Transport::tcp, Direction::to_responder,
 "0300 00cd 02 f0 80 0d c4 05 06 13 01 00 16 01 02 14 02 0002 33 02 0001 34 02 0001 c1 ae 31 81 ab a0 03 80 01 "
 "01 a2 81 a3 81 04 00000001 82 04 00000001 a4 23 30 0f 02 01 01 06 04 52010001 30 04 06 02 5101 30 10 02 01 "
 "03 06 05 28ca220201 30 04 06 02 5101 61 70 30 6e 02 01 01 a0 69 60 67 a1 07 06 05 28ca220203 a2 07 06 05 "
 "2901876701 a3 03 02 01 0c a6 06 06 04 29018767 a7 03 02 01 0d 8a 02 0780 8b 03 52 03 01 ac 08 80 06 'secret' "
 "be 2e 28 2c 02 01 03 a0 27 a8 25 80 02 7d00 81 01 05 82 01 04 83 01 0a a4 16 80 01 01 81 03 05 f1 00 82 0c "
 "03 ee 1c 00 00 04 08 00 00 79 ef 18"},
{"mms", "associated", Transport::tcp, Direction::to_originator,
 "0300 0097 02 f0 80 0e 8e 05 06 13 01 00 16 01 02 14 02 0002 34 02 0001 c1 7c 31 7a a0 03 80 01 01 a2 73 83 "
 "04 00000001 a5 12 30 07 80 01 00 81 02 5101 30 07 80 01 00 81 02 5101 61 57 30 55 02 01 01 a0 50 61 4e a1 07 "
 "06 05 28ca220203 a2 03 02 01 00 a3 05 a1 03 02 01 00 a4 07 06 05 2901876701 be 2e 28 2c 02 01 03 a0 27 a9 25 "
 "80 02 7d00 81 01 05 82 01 04 83 01 0a a4 16 80 01 01 81 03 05 f1 00 82 0c 03 ee 1c 00 00 00 02 00 00 40 ed "
 "18"},
{"mms", "not_associated", Transport::tcp, Direction::to_originator,
 "0300 0042 02 f0 80 0c 39 32 37 02 30 34 a5 12 30 07 80 01 00 81 02 5101 30 07 80 01 00 81 02 5101 61 1e 30 "
 "1c 02 01 01 a0 17 61 15 a1 07 06 05 28ca220203 a2 03 02 01 01 a3 05 a1 03 02 01 0d"},
{"mms", "refused_by_session", Transport::tcp, Direction::to_originator,
 "0300 000c 02 f0 80 0c 03 32 01 81"},
{"mms", "aborted", Transport::tcp, Direction::to_originator,
 "0300 0021 02 f0 80 19 18 11 01 03 c1 13 a0 11 61 0f 30 0d 02 01 01 a0 08 64 06 80 01 01 81 01 05"},
{"mms", "aborted_by_session", Transport::tcp, Direction::to_responder,
 "0300 000c 02 f0 80 19 03 11 01 03"},
{"mms", "release", Transport::tcp, Direction::to_responder,
 "0300 0019 02 f0 80 09 10 c1 0e 61 0c 30 0a 02 01 01 a0 05 62 03 80 01 00"},
{"mms", "released", Transport::tcp, Direction::to_originator,
 "0300 0019 02 f0 80 0a 10 c1 0e 61 0c 30 0a 02 01 01 a0 05 63 03 80 01 00"},
{"mms", "identify", Transport::tcp, Direction::to_responder,
 "0300 001b 02 f0 80 0100 0100 61 0e 30 0c 02 01 03 a0 07 a0 05 02 01 01 82 00"},
{"mms", "identify_response", Transport::tcp, Direction::to_originator,
 "0300 0030 02 f0 80 0100 0100 61 23 30 21 02 01 03 a0 1c a1 1a 02 01 01 a2 15 80 05 'Maker' 81 07 'Relay 7' "
 "82 03 '1.5'"},
{"mms", "status", Transport::tcp, Direction::to_responder,
 "0300 001c 02 f0 80 0100 0100 61 0f 30 0d 02 01 03 a0 08 a0 06 02 01 02 80 01 00"},
{"mms", "status_response", Transport::tcp, Direction::to_originator,
 "0300 0021 02 f0 80 0100 0100 61 14 30 12 02 01 03 a0 0d a1 0b 02 01 02 a0 06 80 01 00 81 01 01"},
{"mms", "names", Transport::tcp, Direction::to_responder,
 "0300 0027 02 f0 80 0100 0100 61 1a 30 18 02 01 03 a0 13 a0 11 02 01 03 a1 0c a0 03 80 01 00 a1 05 81 03 "
 "'LD0'"},
{"mms", "names_response", Transport::tcp, Direction::to_originator,
 "0300 0033 02 f0 80 0100 0100 61 26 30 24 02 01 03 a0 1f a1 1d 02 01 03 a1 18 a0 13 1a 04 'LLN0' 1a 0b "
 "'LLN0$ST$Mod' 81 01 ff"},
{"mms", "read", Transport::tcp, Direction::to_responder,
 "0300 006f 02 f0 80 0100 0100 61 62 30 60 02 01 03 a0 5b a0 59 02 01 04 a4 54 a1 52 a0 50 30 1e a0 1c a1 1a "
 "1a 03 'LD0' 1a 13 'MMXU1$MX$TotW$mag$f' 30 18 a0 16 a1 14 1a 03 'LD0' 1a 0d 'LLN0$ST$Mod$t' 30 14 a0 0d a1 "
 "0b 1a 03 'LD0' 1a 04 'Gone' a5 03 81 01 00"},
{"mms", "read_response", Transport::tcp, Direction::to_originator,
 "0300 0031 02 f0 80 0100 0100 61 24 30 22 02 01 03 a0 1d a1 1b 02 01 04 a4 16 a1 14 87 05 08 3fc00000 91 08 "
 "00000001 800000 0a 80 01 0a"},
{"mms", "read_list", Transport::tcp, Direction::to_responder,
 "0300 0034 02 f0 80 0100 0100 61 27 30 25 02 01 03 a0 20 a0 1e 02 01 05 a4 19 80 01 ff a1 14 a1 12 a1 10 1a "
 "03 'LD0' 1a 09 'LLN0$Set1'"},
{"mms", "read_list_response", Transport::tcp, Direction::to_originator,
 "0300 0037 02 f0 80 0100 0100 61 2a 30 28 02 01 03 a0 23 a1 21 02 01 05 a4 1c a1 1a a2 14 83 01 01 84 02 06 "
 "40 85 01 fe 86 02 00ff a1 04 8a 02 'on' 89 02 beef"},
{"mms", "write", Transport::tcp, Direction::to_responder,
 "0300 0047 02 f0 80 0100 0100 61 3a 30 38 02 01 03 a0 33 a0 31 02 01 06 a5 2c a0 21 30 1f a0 1d a1 1b 1a 03 "
 "'LD0' 1a 14 'LLN0$SP$Lim$setMag$f' a0 07 87 05 08 40200000"},
{"mms", "write_response", Transport::tcp, Direction::to_originator,
 "0300 001d 02 f0 80 0100 0100 61 10 30 0e 02 01 03 a0 09 a1 07 02 01 06 a5 02 81 00"},
{"mms", "operate", Transport::tcp, Direction::to_responder,
 "0300 0060 02 f0 80 0100 0100 61 53 30 51 02 01 03 a0 4c a0 4a 02 01 07 a5 45 a0 1e 30 1c a0 1a a1 18 1a 03 "
 "'LD0' 1a 11 'CSWI1$CO$Pos$Oper' a0 23 a2 21 83 01 ff a2 08 85 01 03 89 03 'hmi' 86 01 01 91 08 00000000 "
 "000000 00 83 01 00 84 02 06 00"},
{"mms", "operate_refused", Transport::tcp, Direction::to_originator,
 "0300 001e 02 f0 80 0100 0100 61 11 30 0f 02 01 03 a0 0a a1 08 02 01 07 a5 03 80 01 03"},
{"mms", "select", Transport::tcp, Direction::to_responder,
 "0300 003c 02 f0 80 0100 0100 61 2f 30 2d 02 01 03 a0 28 a0 26 02 01 08 a4 21 a1 1f a0 1d 30 1b a0 19 a1 17 "
 "1a 03 'LD0' 1a 10 'CSWI1$CO$Pos$SBO'"},
{"mms", "enable_report", Transport::tcp, Direction::to_responder,
 "0300 0044 02 f0 80 0100 0100 61 37 30 35 02 01 03 a0 30 a0 2e 02 01 09 a5 29 a0 22 30 20 a0 1e a1 1c 1a 03 "
 "'LD0' 1a 15 'LLN0$RP$urcb01$RptEna' a0 03 83 01 01"},
{"mms", "report", Transport::tcp, Direction::to_originator,
 "0300 003d 02 f0 80 0100 0100 61 30 30 2e 02 01 03 a0 29 a3 27 a0 25 a1 05 80 03 'RPT' a0 1c 8a 12 "
 "'LD0/LLN0$RP$urcb01' 84 03 06 0000 86 01 07"},
{"mms", "last_error", Transport::tcp, Direction::to_originator,
 "0300 004b 02 f0 80 0100 0100 61 3e 30 3c 02 01 03 a0 37 a3 35 a0 33 a0 13 30 11 a0 0f 80 0d 'LastApplError' "
 "a0 1c a2 1a 8a 15 'LD0/CSWI1$CO$Pos$Oper' 85 01 01"},
{"mms", "error", Transport::tcp, Direction::to_originator,
 "0300 0020 02 f0 80 0100 0100 61 13 30 11 02 01 03 a0 0c a2 0a 80 01 04 a2 05 a0 03 87 01 02"},
{"mms", "reject", Transport::tcp, Direction::to_originator,
 "0300 001c 02 f0 80 0100 0100 61 0f 30 0d 02 01 03 a0 08 a4 06 80 01 04 81 01 01"},
{"mms", "cancel", Transport::tcp, Direction::to_responder,
 "0300 0017 02 f0 80 0100 0100 61 0a 30 08 02 01 03 a0 03 85 01 04"},
{"mms", "cancel_response", Transport::tcp, Direction::to_originator,
 "0300 0017 02 f0 80 0100 0100 61 0a 30 08 02 01 03 a0 03 86 01 04"},
{"mms", "cancel_error", Transport::tcp, Direction::to_originator,
 "0300 0020 02 f0 80 0100 0100 61 13 30 11 02 01 03 a0 0c a7 0a 80 01 04 a1 05 a0 03 8a 01 01"},
{"mms", "conclude", Transport::tcp, Direction::to_responder,
 "0300 0016 02 f0 80 0100 0100 61 09 30 07 02 01 03 a0 02 8b 00"},
{"mms", "concluded", Transport::tcp, Direction::to_originator,
 "0300 0016 02 f0 80 0100 0100 61 09 30 07 02 01 03 a0 02 8c 00"},
{"mms", "conclude_error", Transport::tcp, Direction::to_originator,
 "0300 001b 02 f0 80 0100 0100 61 0e 30 0c 02 01 03 a0 07 ad 05 a0 03 89 01 01"},
{"mms", "initiate_error", Transport::tcp, Direction::to_originator,
 "0300 000e 02 f0 80 aa 05 a0 03 88 01 01"},
{"mms", "delete_domain", Transport::tcp, Direction::to_responder,
 "0300 0021 02 f0 80 0100 0100 61 14 30 12 02 01 03 a0 0d a0 0b 02 01 0a 9f24 05 'Logic'"},
{"mms", "start", Transport::tcp, Direction::to_responder,
 "0300 0022 02 f0 80 0100 0100 61 15 30 13 02 01 03 a0 0e a0 0c 02 01 0b bf28 06 80 04 'Main'"},
{"mms", "stop", Transport::tcp, Direction::to_responder,
 "0300 0022 02 f0 80 0100 0100 61 15 30 13 02 01 03 a0 0e a0 0c 02 01 0c bf29 06 80 04 'Main'"},
{"mms", "reset", Transport::tcp, Direction::to_responder,
 "0300 0022 02 f0 80 0100 0100 61 15 30 13 02 01 03 a0 0e a0 0c 02 01 0d bf2b 06 80 04 'Main'"},
{"mms", "download", Transport::tcp, Direction::to_responder,
 "0300 002d 02 f0 80 0100 0100 61 20 30 1e 02 01 03 a0 19 a0 17 02 01 0e ba 12 80 05 'Logic' a1 06 1a 04 "
 "'part' 82 01 00"},
{"mms", "open_file", Transport::tcp, Direction::to_responder,
 "0300 0032 02 f0 80 0100 0100 61 25 30 23 02 01 03 a0 1e a0 1c 02 01 0f bf48 16 a0 11 19 0f '/COMTRADE/1.cfg' "
 "81 01 00"},
{"mms", "read_file", Transport::tcp, Direction::to_responder,
 "0300 001d 02 f0 80 0100 0100 61 10 30 0e 02 01 03 a0 09 a0 07 02 01 10 9f49 01 05"},
{"mms", "files_response", Transport::tcp, Direction::to_originator,
 "0300 0044 02 f0 80 0100 0100 61 37 30 35 02 01 03 a0 30 a1 2e 02 01 11 bf4d 28 a0 23 30 21 30 1f a0 07 19 05 "
 "'1.cfg' a1 14 80 01 64 81 0f '20240101000000Z' 81 01 00"},
{"mms", "rename", Transport::tcp, Direction::to_responder,
 "0300 002e 02 f0 80 0100 0100 61 21 30 1f 02 01 03 a0 1a a0 18 02 01 12 bf4b 12 a0 07 19 05 'a.cfg' a1 07 19 "
 "05 'b.cfg'"},
{"mms", "tase2", Transport::tcp, Direction::to_responder,
 "0300 0052 02 f0 80 0100 0100 61 45 30 43 02 01 03 a0 3e a0 3c 02 01 13 a4 37 a1 35 a0 33 30 11 a0 0f 80 0d "
 "'TASE2_Version' 30 1e a0 1c a1 1a 1a 04 'ICC1' 1a 12 'Bilateral_Table_ID'"},
{"mms", "list_attributes", Transport::tcp, Direction::to_originator,
 "0300 003a 02 f0 80 0100 0100 61 2d 30 2b 02 01 03 a0 26 a1 24 02 01 14 ac 1f 80 01 00 a1 1a 30 18 a0 16 a1 "
 "14 1a 03 'LD0' 1a 0d 'GGIO1$ST$Ind1'"},
{"mms", "define_list", Transport::tcp, Direction::to_responder,
 "0300 0049 02 f0 80 0100 0100 61 3c 30 3a 02 01 03 a0 35 a0 33 02 01 15 ab 2e a1 10 1a 03 'LD0' 1a 09 "
 "'LLN0$Set2' a0 1a 30 18 a0 16 a1 14 1a 03 'LD0' 1a 0d 'GGIO1$ST$Ind1'"},
{"mms", "bare", Transport::tcp, Direction::to_responder,
 "0300 002e 02 f0 80 a8 25 80 02 7d00 81 01 05 82 01 04 83 01 0a a4 16 80 01 01 81 03 05 f1 00 82 0c 03 ee 1c "
 "00 00 04 08 00 00 79 ef 18"},
