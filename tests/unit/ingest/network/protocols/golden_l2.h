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
