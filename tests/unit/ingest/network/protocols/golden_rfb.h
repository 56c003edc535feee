// Good openings of Remote Framebuffer, written by hand from RFC 6143: rows of golden_frames.cpp, which takes them in. What
// follows depends on both sides, see rfb_test.cpp.

{"rfb", "server_version", Transport::tcp, Direction::to_originator,
 "'RFB 003.008' 0a"},
{"rfb", "client_version", Transport::tcp, Direction::to_responder,
 "'RFB 003.003' 0a"},
