// Rows of kGoldenFrames: SIP. Included by golden_frames.cpp inside its list.
// clang-format off: it does not know that it is inside a list

#define NW_SIP_WAY "'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7' 0d0a 'From: <sip:plc7@example.com>;tag=1c2' 0d0a "
{"sip", "register", Transport::udp, Direction::to_responder,
 "'REGISTER sip:example.com SIP/2.0' 0d0a " NW_SIP_WAY
 "'To: <sip:plc7@example.com>' 0d0a 'Call-ID: a84b4c76e66710' 0d0a 'CSeq: 2 REGISTER' 0d0a 'Max-Forwards: 70' 0d0a"
 "'User-Agent: phone/1.0' 0d0a 'Authorization: Digest username=\"plc7\", realm=\"example.com\", response=\"00ff\"' 0d0a"
 "'Content-Length: 0' 0d0a 0d0a"},
    {"sip", "registered", Transport::udp, Direction::to_originator,
     "'SIP/2.0 200 OK' 0d0a " NW_SIP_WAY
     "'To: <sip:plc7@example.com>;tag=9f' 0d0a 'Call-ID: a84b4c76e66710' 0d0a 'CSeq: 2 REGISTER' 0d0a"
     "'Server: proxy/2.0' 0d0a 'Content-Length: 0' 0d0a 0d0a"},
    {"sip", "invite_brief", Transport::udp, Direction::to_responder,
     "'INVITE tel:122 SIP/2.0' 0d0a 'v: SIP/2.0/UDP 192.0.2.9' 0d0a 'V: SIP/2.0/UDP 192.0.2.1' 0d0a"
     "'f: <sip:plc7@example.com>;tag=1c2' 0d0a 't: <tel:122>' 0d0a 'i: b1' 0d0a 'CSeq: 1 INVITE' 0d0a 's: pump' 0d0a"
     "'c: application/sdp' 0d0a 'l: 5' 0d0a 0d0a 'v=0' 0d0a"},
    {"sip", "ringing", Transport::udp, Direction::to_originator,
     "'SIP/2.0 180 Ringing' 0d0a 'i: b1' 0d0a 'CSeq: 1 INVITE' 0d0a 0d0a"},
    {"sip", "acknowledged", Transport::udp, Direction::to_responder,
     "'ACK tel:122 SIP/2.0' 0d0a 'i: b1' 0d0a 'CSeq: 1 ACK' 0d0a 0d0a"},
    {"sip", "stream_two_requests", Transport::tcp, Direction::to_responder,
     "'MESSAGE sip:a@b SIP/2.0' 0d0a 'Call-ID: c1' 0d0a 'CSeq: 1 MESSAGE' 0d0a 'Content-Length: 4' 0d0a 0d0a 'text' 0d0a 0d0a"
     "'OPTIONS sip:a@b SIP/2.0' 0d0a 'Call-ID: c2' 0d0a 'CSeq: 7 OPTIONS' 0d0a 'Subject: two' 0d0a '  lines' 0d0a 0d0a"},
    {"sip", "stream_refused", Transport::tcp, Direction::to_originator,
     "'SIP/2.0 404 Not Found' 0d0a 'Call-ID: c2' 0d0a 'CSeq: 7 OPTIONS' 0d0a 'Warning: 399 b \"nobody\"' 0d0a"
     "'Content-Length: 0' 0d0a 0d0a"},
#undef NW_SIP_WAY
