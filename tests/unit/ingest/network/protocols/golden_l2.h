// Frames of protocols right over Ethernet, written by hand from IEC 61850-8-1 and 61850-9-2, IEC 61158-6-10 (PROFINET),
// ETG.1000 (EtherCAT) and EPSG DS 301 (Ethernet POWERLINK): rows of golden_frames.h, which takes them in.

{"goose", "state", Transport::udp, Direction::to_responder,
 "010ccd010001 00a0f4082f77 88b8  0001 0066 0000 0000  61 5c 80 11 'IED1/LLN0$GO$gcb1' 81 02 07d0 82 0e "
 "'IED1/LLN0$trip' 83 04 'trip' 84 08 655f1a8080000018 85 01 05 86 01 00 87 01 00 88 01 01 89 01 00 8a 01 "
 "04 ab 11 8301 01 8402 0640 8501 fe 8705 083fc00000"},
{"goose", "state_again", Transport::udp, Direction::to_responder,
 "010ccd010001 00a0f4082f77 88b8  0001 0066 0000 0000  61 5c 80 11 'IED1/LLN0$GO$gcb1' 81 02 07d0 82 0e "
 "'IED1/LLN0$trip' 83 04 'trip' 84 08 655f1a8080000018 85 01 05 86 01 01 87 01 00 88 01 01 89 01 00 8a 01 "
 "04 ab 11 8301 01 8402 0640 8501 fe 8705 083fc00000"},
{"goose", "state_simulated", Transport::udp, Direction::to_responder,
 "010ccd010001 00a0f4082f77 8100 8005 88b8  0001 007f 8000 0000  61 75 80 11 'IED1/LLN0$GO$gcb1' 81 02 "
 "07d0 82 0e 'IED1/LLN0$trip' 83 04 'trip' 84 08 655f1a8080000018 85 01 06 86 01 00 87 01 01 88 01 01 89 "
 "01 00 8a 01 06 ab 2a 8602 01f4 8902 dead 8a02 'OK' 9108 655f1a80c000000a a20c 8301 00 a103 8501 07 9002 "
 "'ok' 8c04 00000001 000000"},
{"sv", "sample", Transport::udp, Direction::to_responder,
 "010ccd040001 00a0f4082f77 8100 8000 88ba  4000 0036 0000 0000  60 2c 80 01 01 a2 27 30 25 80 04 'MU01' "
 "82 02 0007 83 04 00000001 85 01 01 87 10 0000001100000000 fffffff000002000 0000"},
{"sv", "two_samples", Transport::udp, Direction::to_responder,
 "010ccd040001 00a0f4082f77 88ba  4001 006f 0000 0000  60 65 80 01 02 a2 60 30 2e 80 04 'MU02' 81 0b "
 "'MU/LLN0$phs' 82 02 0f9f 83 04 00000001 85 01 02 86 02 0fa0 87 04 00000011 88 02 0001 30 2e 80 04 'MU02' "
 "81 0b 'MU/LLN0$phs' 82 02 0000 83 04 00000001 85 01 02 86 02 0fa0 87 04 00000012 88 02 0001"},
{"profinet", "identify_all", Transport::udp, Direction::to_responder,
 "010ecf000000 020000000001 8892  fefe 05 00 01000001 0001 0004 ffff 0000 0000000000000000"},
{"profinet", "identify_name", Transport::udp, Direction::to_responder,
 "010ecf000000 020000000001 8892  fefe 05 00 01000002 0001 0008 0202 0004 'plc1'"},
{"profinet", "identify_response", Transport::udp, Direction::to_responder,
 "020000000001 020000000002 8892  feff 05 01 01000001 0000 003a 0201 0007 0000 'S7-13' 00 0202 0006 0000 "
 "'plc1' 0203 0006 0000 002a 010d 0204 0004 0000 0200 0102 000e 0001 c000020a ffffff00 c0000201"},
{"profinet", "set_ip", Transport::udp, Direction::to_responder,
 "020000000002 020000000001 8892  fefd 04 00 01000003 0000 0012 0102 000e 0001 c000020b ffffff00 c0000201 "
 "0000"},
{"profinet", "set_ip_response", Transport::udp, Direction::to_responder,
 "020000000001 020000000002 8892  fefd 04 01 01000003 0000 0008 0504 0003 0102 00 00 0000"},
{"profinet", "set_ip_refused", Transport::udp, Direction::to_responder,
 "020000000001 020000000002 8892  fefd 04 01 01000003 0000 0008 0504 0003 0102 06 00"},
{"profinet", "set_name", Transport::udp, Direction::to_responder,
 "020000000002 020000000001 8892  fefd 04 00 01000004 0000 0010 0202 0006 0000 'plc2' 0502 0002 0000"},
{"profinet", "reset_to_factory", Transport::udp, Direction::to_responder,
 "020000000002 020000000001 8892  fefd 04 00 01000005 0000 0006 0506 0002 0004"},
{"profinet", "signal", Transport::udp, Direction::to_responder,
 "020000000002 020000000001 8892  fefd 04 00 01000006 0000 0008 0503 0004 0000 0100"},
{"profinet", "get", Transport::udp, Direction::to_responder,
 "020000000002 020000000001 8892  fefd 03 00 01000007 0000 0004 0202 0102"},
{"profinet", "get_response", Transport::udp, Direction::to_responder,
 "020000000001 020000000002 8892  fefd 03 01 01000007 0000 001c 0202 0006 0000 'plc1' 0102 000e 0001 "
 "c000020a ffffff00 c0000201"},
{"profinet", "hello", Transport::udp, Direction::to_responder,
 "010ecf000001 020000000002 8892  fefc 06 00 01000008 0000 0012 0202 0006 0000 'plc1' 0601 0004 0000 0001"},
{"profinet", "cyclic", Transport::udp, Direction::to_responder,
 "020000000001 020000000002 8892  8002 "
 "00000000000000000000000000000000000000000000000000000000000000000000000000000000 0040 35 00"},
{"profinet", "alarm", Transport::udp, Direction::to_responder,
 "020000000001 020000000002 8892  fc01 0001 0002 11 11 fffe ffff 001a 0001 0016 0100 0001 00000000 0002 "
 "0001 00000010 00000011 a801"},
{"profinet", "alarm_acknowledged", Transport::udp, Direction::to_responder,
 "020000000002 020000000001 8892  fc01 0002 0001 11 11 ffff fffe 0016 8001 0012 0100 0001 00000000 0002 "
 "0001 a801 00000000"},
{"profinet", "alarm_transport_ack", Transport::udp, Direction::to_responder,
 "020000000002 020000000001 8892  fe01 0002 0001 13 01 fffe fffe 0000"},
{"profinet", "alarm_error", Transport::udp, Direction::to_responder,
 "020000000002 020000000001 8892  fe01 0002 0001 14 01 fffe fffe 0004 cf81fd05"},
