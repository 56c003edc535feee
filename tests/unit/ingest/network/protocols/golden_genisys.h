// GENISYS messages written by hand: rows of golden_frames.cpp, which takes them in. The station is 5.

{"genisys", "poll", Transport::tcp, Direction::to_responder, "fb 05 82 83 f6"},
{"genisys", "poll_bare", Transport::tcp, Direction::to_responder, "fb 05 f6"},
{"genisys", "acknowledge", Transport::tcp, Direction::to_originator, "f1 05 f6"},
{"genisys", "acknowledge_and_poll", Transport::tcp, Direction::to_responder, "fa 05 83 13 f6"},
{"genisys", "indication", Transport::tcp, Direction::to_originator, "f2 05 00 05 01 f002 f001 03 f002 08 f6"},
{"genisys", "escape_at_the_end", Transport::tcp, Direction::to_originator, "f2 01 08 06 0a 04 0c 04 0f 04 09 f0 f6"},
{"genisys", "recall", Transport::tcp, Direction::to_responder, "fd 05 81 23 f6"},
{"genisys", "control", Transport::tcp, Direction::to_responder, "fc 05 00 01 07 80 8a 77 f6"},
{"genisys", "checkback", Transport::tcp, Direction::to_originator, "f3 05 00 01 07 80 8a 88 f6"},
{"genisys", "execute", Transport::tcp, Direction::to_responder, "fe 05 81 d3 f6"},
{"genisys", "common_control", Transport::tcp, Direction::to_responder, "f9 05 e0 02 e8 b8 f6"},
