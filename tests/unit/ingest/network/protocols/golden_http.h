// HTTP's rows of kGoldenFrames, which includes this inside its braces.

{"http", "get", Transport::tcp, Direction::to_responder,
 "'GET /a%20b?c=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: probe/1.0\r\nReferer: http://example.com/\r\n"
 "Origin: http://example.com\r\n\r\n'"},
{"http", "post", Transport::tcp, Direction::to_responder,
 "'POST /form HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 11\r\n\r\n{\"a\": true}'"},
{"http", "pipelined", Transport::tcp, Direction::to_responder,
 "'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.0\r\n\r\n'"},
{"http", "proxy", Transport::tcp, Direction::to_responder,
 "'GET http://user:secret@www.example.com:8080/x HTTP/1.1\r\nVia: 1.1 one\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n'"},
{"http", "basic", Transport::tcp, Direction::to_responder,
 "'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n'"},
{"http", "connect", Transport::tcp, Direction::to_responder, "'CONNECT mail.example.com:25 HTTP/1.0\r\n\r\n'"},
{"http", "folded", Transport::tcp, Direction::to_responder,
 "'GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: one\r\n two\r\n\tthree\r\n\r\n'"},
{"http", "bare_lf", Transport::tcp, Direction::to_responder, "'GET / HTTP/1.1\nHost: a\n\n'"},
{"http", "http_0_9", Transport::tcp, Direction::to_responder, "'GET /old\r\n'"},
{"http", "chunked_request", Transport::tcp, Direction::to_responder,
 "'PUT /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
 "3;name=value\r\n' 1f8b08 '\r\n2\r\nab\r\n0\r\nTrailer: x\r\n\r\n'"},
{"http", "response", Transport::tcp, Direction::to_originator,
 "'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<!DOCTYPE html>'"},
{"http", "response_chunked", Transport::tcp, Direction::to_originator,
 "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n%PDF\r\nA\r\n-1.4\r\nabcd\r\n0\r\n\r\n'"},
{"http", "response_to_end", Transport::tcp, Direction::to_originator,
 "'HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello, world\n'"},
{"http", "response_not_modified", Transport::tcp, Direction::to_originator,
 "'HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n'"},
{"http", "continue_then_created", Transport::tcp, Direction::to_originator,
 "'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n'"},
{"http", "switching", Transport::tcp, Direction::to_originator,
 "'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'"},
{"http", "compressed", Transport::tcp, Direction::to_originator,
 "'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 35\r\n\r\n'"
 " 1f8b08000000000002ff 530d7071d335d43351c848cdc9c9472601 c9e0093e1a000000"},
{"http", "compressed_bare", Transport::tcp, Direction::to_originator,
 "'HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 17\r\n\r\n'"
 " 530d7071d335d43351c848cdc9c9472601"},
{"http", "fields", Transport::tcp, Direction::to_responder,
 "'POST /up HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: 135\r\n\r\n"
 "--X\r\nContent-Disposition: form-data; name=a\r\n\r\nsecret\r\n"
 "--X\r\nContent-Disposition: form-data; name=f; filename=a.pdf\r\n\r\n%PDF-1.4\r\n--X--\r\n'"},
// Preface, settings, and the request of RFC 7541 appendix C.4.1.
{"http", "second_request", Transport::tcp, Direction::to_responder,
 "'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' 000000 04 00 00000000"
 " 000011 01 05 00000001 828684418cf1e3c2e5f23a6ba0ab90f4ff"},
// Settings, a head with padding and priority, a body with padding.
{"http", "second_response", Transport::tcp, Direction::to_originator,
 "000006 04 00 00000000 0003 00000064  000009 01 2c 00000001 02 0000000010 88 0000"
 " 000009 00 09 00000001 03 'hello' 000000"},
