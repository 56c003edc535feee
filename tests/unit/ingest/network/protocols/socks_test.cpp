#include "play.h"
#include "unit/ingest/network/harness.h"

namespace nw::network {
namespace {

struct Flow : Play {
  Flow() : Play{"socks", Transport::tcp} {}

  void expect(const std::vector<Want>& wants) const {
    ASSERT_EQ(context.events.size(), 1U);
    network::expect(context, 0, wants);
  }
};

TEST(Socks, Version5) {
  Flow flow;
  flow.out.feed(from_hex("05 02 00 02"));
  flow.back.feed(from_hex("05 00"));
  flow.out.feed(from_hex("05 01 00 03 0b 'example.com' 01bb"));
  EXPECT_TRUE(flow.back.feed(from_hex("05 00 00 01 c0000209 1234")));
  EXPECT_TRUE(flow.back.anew());
  flow.expect({{"version", "5"},
               {"user", "-"},
               {"password_seen", "false"},
               {"status", "succeeded"},
               {"command", "CONNECT"},
               {"request.host", "-"},
               {"request.name", "example.com"},
               {"request_p", "443"},
               {"bound.host", "192.0.2.9"},
               {"bound.name", "-"},
               {"bound_p", "4660"},
               {"reversed", "false"}});
}

// A back-connect proxy: who was called asks.
TEST(Socks, TheClientMayBeWhoWasCalled) {
  Flow flow;
  flow.back.feed(from_hex("05 01 00"));
  flow.back.feed(from_hex("05 01 00 01 c0000202 0050  'GET'"));
  flow.out.feed(from_hex("05 00"));
  EXPECT_FALSE(flow.out.anew());
  flow.out.feed(from_hex("05 00 00 01 c0000202 0050"));
  EXPECT_TRUE(flow.out.anew());
  EXPECT_EQ(flow.back.waiting(), 3U);
  flow.expect({{"reversed", "true"}, {"status", "succeeded"}, {"command", "CONNECT"}, {"request.host", "192.0.2.2"}});
  Flow fourth;
  fourth.back.feed(from_hex("04 01 0050 c6336402 00"));
  fourth.out.feed(from_hex("00 5a 0000 00000000"));
  EXPECT_TRUE(fourth.out.anew());
  fourth.expect({{"reversed", "true"}, {"request_p", "80"}});
}

TEST(Socks, APasswordStaysHere) {
  Flow flow;
  // All at once, and TLS behind it, which waits.
  flow.out.feed(
      from_hex("05 01 02  01 04 'anna' 06 'secret'  05 01 00 04 20010db8000000000000000000000001 0050  1603"));
  EXPECT_EQ(flow.out.waiting(), 2U);
  flow.back.feed(from_hex("05 02  01 00"));
  EXPECT_FALSE(flow.back.anew());
  flow.back.feed(from_hex("05 00 00 03 01 'p' 0000  99"));
  EXPECT_TRUE(flow.back.anew());
  EXPECT_EQ(flow.back.waiting(), 1U);
  flow.expect({{"user", "anna"},
               {"password_seen", "true"},
               {"request.host", "2001:db8::1"},
               {"request_p", "80"},
               {"bound.name", "p"},
               {"bound_p", "0"}});
  EXPECT_EQ(flow.context.json.find("secret"), std::string::npos);
}

TEST(Socks, Version4) {
  Flow flow;
  flow.out.feed(from_hex("04 01 0050 c6336402 'anna' 00"));
  flow.back.feed(from_hex("00 5a 0000 00000000"));
  EXPECT_TRUE(flow.back.anew());
  flow.expect({{"version", "4"},
               {"user", "anna"},
               {"status", "succeeded"},
               {"request.host", "198.51.100.2"},
               {"request_p", "80"},
               {"bound.host", "0.0.0.0"}});
  Flow named;
  named.out.feed(from_hex("04 01 0050 00000001 00 'example.com' 00"));
  named.back.feed(from_hex("00 5b 0000 00000000"));
  EXPECT_TRUE(named.back.done());
  EXPECT_FALSE(named.back.anew());
  named.expect({{"status", "general SOCKS server failure"},
                {"request.name", "example.com"},
                {"request.host", "-"},
                {"user", "-"}});
}

TEST(Socks, HowItEnds) {
  static constexpr struct {
    const char *name, *client, *proxy, *status;
    bool done, anew;
  } kCases[] = {
      {"refused", "050100 050100 01 c0000202 0050", "0500 050500 01 00000000 0000", "Connection refused", true, false},
      {"unknown status", "050100 050100 01 c0000202 0050", "0500 05ff00 01 00000000 0000", "unknown", true, false},
      {"no method", "050100", "05ff", "-", true, false},
      {"a method that encrypts", "050101", "0501", "-", true, false},
      {"a wrong password", "050102 01 01 61 01 62", "0502 0101", "-", true, false},
      {"BIND waits for a second answer", "050100 050200 01 c0000202 0050", "0500 050000 01 c0000209 1234", "-", false,
       false},
      {"BIND", "050100 050200 01 c0000202 0050", "0500 050000 01 c0000209 1234 050000 01 c0000202 0050", "succeeded",
       true, true},
      {"UDP", "050100 050300 01 00000000 0000", "0500 050000 01 c0000209 1234", "succeeded", true, false},
      {"a request that was not seen", "050100", "0500 050000 01 c0000209 1234", "succeeded", true, true},
      {"no client at all", "", "0500 050000 01 c0000209 1234", "succeeded", true, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    if (*c.client != 0) flow.out.feed(from_hex(c.client));
    EXPECT_TRUE(flow.back.feed(from_hex(c.proxy)));
    EXPECT_EQ(flow.back.done(), c.done);
    EXPECT_EQ(flow.back.anew(), c.anew);
    EXPECT_EQ(flow.context.get(0, "status"), c.status);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Socks, Refuses) {
  static constexpr struct {
    const char* name;
    Direction direction;
    const char *first, *then;
  } kCases[] = {
      {"another message behind the hello", kOut, "050100", "02"},
      {"another kind of address", kOut, "050100", "050100 02"},
      {"a user without an end", kOut, "04 01 0050 c6336402", "longer than 255"},
      {"a proxy of another version", kBack, "06", ""},
      {"an answer with another kind of address", kBack, "0500", "050000 02"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    FakeStream& stream = c.direction == kOut ? flow.out : flow.back;
    auto bytes = from_hex(c.then);
    if (std::string_view{c.then}.starts_with("longer")) bytes.assign(255, 'x');
    const auto first = from_hex(c.first);
    EXPECT_EQ(stream.feed(first), bytes.size() != 0);
    if (bytes.size() == 255) {
      EXPECT_TRUE(stream.feed(bytes));
      bytes.assign(1, 'x');
    }
    if (!bytes.empty()) {
      EXPECT_FALSE(stream.feed(bytes));
    }
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  }
}

// What a proxy that calls home says first is nobody's, until the other end shows that it is no such proxy.
TEST(Socks, WhatComesBeforeSocksWaits) {
  Flow flow;
  EXPECT_TRUE(flow.out.feed(from_hex("06 07")));
  EXPECT_TRUE(flow.back.feed(from_hex("05 01 00 05 01 00 01 c0000202 0050")));
  EXPECT_TRUE(flow.out.feed(from_hex("05 00 05 05 00 01 00000000 0000")));
  EXPECT_TRUE(flow.out.done());
  flow.expect({{"reversed", "true"}, {"status", "Connection refused"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
  Flow other;
  EXPECT_TRUE(other.out.feed(from_hex("06 07")));
  EXPECT_TRUE(other.back.feed(from_hex("05 02 01 00")));  // a choice and a login
  EXPECT_FALSE(other.out.feed(from_hex("08")));
  EXPECT_EQ(other.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Socks, AGapEndsIt) {
  Flow flow;
  flow.out.feed(from_hex("050100"));
  flow.analyzer->gap(2, kBack, flow.context);
  EXPECT_TRUE(flow.out.feed(from_hex("99")));
  EXPECT_TRUE(flow.out.done());
  flow.expect({{"version", "5"}, {"status", "-"}, {"command", "-"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Socks, AnUnknownCommand) {
  Flow flow;
  flow.out.feed(from_hex("050100 05f000 01 c0000202 0050"));
  flow.analyzer->finish(flow.context);
  flow.expect({{"command", "240"}, {"request.host", "192.0.2.2"}});
}

TEST(Socks, WhatIsBehindTheProxyIsDecoded) {
  Harness h{{}, protocols()};
  Connection connection{frames::v4(1, 40000), frames::v4(2, 1081)};
  for (const auto& frame : connection.handshake()) h.send(frame);
  h.send(connection.say(0, std::string_view{"\x05\x01\0", 3}));
  h.send(connection.say(1, std::string_view{"\x05\0", 2}));
  h.send(connection.say(0, std::string_view{"\x05\x01\0\x01\x0a\0\0\x03\0\x19", 10}));
  h.send(connection.say(1, std::string_view{"\x05\0\0\x01\0\0\0\0\0\0", 10}));
  h.send(connection.say(1, "220 mail ESMTP\r\n"));
  h.send(connection.say(0, "EHLO a\r\n"));
  h.send(connection.say(0, "MAIL FROM:<a@example.com>\r\n"));
  h.finish();
  EXPECT_EQ(h.all("conn", "service"), "socks,smtp");
  EXPECT_EQ(h.all("socks", "request.host"), "10.0.0.3");
  EXPECT_EQ(h.all("smtp", "mailfrom"), "a@example.com");
}

// The proxy says who it is first, as some do; then HTTP comes the other way round.
TEST(Socks, WhatIsBehindABackConnectProxyIsDecoded) {
  Harness h{{}, protocols()};
  Connection connection{frames::v4(1, 40000), frames::v4(2, 8855)};
  for (const auto& frame : connection.handshake()) h.send(frame);
  h.send(connection.say(0, "NZ\x8d\x08\x87N"));
  h.send(connection.say(1, std::string_view{"\x05\x01\0", 3}));
  h.send(connection.say(1, std::string_view{"\x05\x01\0\x01\x0a\0\0\x03\0\x50", 10}));
  h.send(connection.say(0, std::string_view{"\x05\0", 2}));
  h.send(connection.say(0, std::string_view{"\x05\0\0\x01\x0a\0\0\x03\0\x50", 10}));
  h.send(connection.say(1, "GET /a HTTP/1.1\r\nHost: b\r\n\r\n"));
  h.send(connection.say(0, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  h.finish();
  EXPECT_EQ(h.all("conn", "service"), "socks,http");
  EXPECT_EQ(h.all("socks", "reversed"), "true");
  EXPECT_EQ(h.all("http", "uri"), "/a");
  EXPECT_EQ(h.all("http", "status_code"), "200");
}

// A UDP association: a client says where each of its datagrams is to go, and learns where each comes from.
TEST(Socks, WhatDatagramsCarryIsDecoded) {
  const std::string request{"\0\0\0\x01\x0a\0\0\x03\0\x35", 10}, named{"\0\0\0\x03\x01x\0\x35", 8};
  const std::string fragment{"\0\0\x01\x01\x0a\0\0\x03\0\x35", 10};
  const std::string query{"\x12\x34\1\0\0\1\0\0\0\0\0\0\4test\0\0\1\0\1", 22};
  const std::string answer{"\x12\x34\x81\x83\0\1\0\0\0\0\0\0\4test\0\0\1\0\1", 22};
  // To another port and to SOCKS' own.
  for (const auto& [granted, port] : {std::pair{true, 9000}, std::pair{true, 1080}, std::pair{false, 9000}}) {
    SCOPED_TRACE(port);
    SCOPED_TRACE(granted);
    Harness h{{}, protocols()};
    Connection connection{frames::v4(1, 40000), frames::v4(2, 1081)};
    for (const auto& frame : connection.handshake()) h.send(frame);
    h.send(connection.say(0, std::string_view{"\x05\x01\0", 3}));
    h.send(connection.say(1, std::string_view{"\x05\0", 2}));
    h.send(connection.say(0, std::string_view{"\x05\x03\0\x01\0\0\0\0\0\0", 10}));
    std::string said{"\x05\0\0\x01\0\0\0\0", 8};
    said += {static_cast<char>(port >> 8), static_cast<char>(port)};
    if (!granted) said[1] = 1;
    h.send(connection.say(1, said));
    const frames::Endpoint client = frames::v4(1, 40001), proxy = frames::v4(2, static_cast<std::uint16_t>(port));
    h.send(frames::udp_frame(client, proxy, fragment + "x"));
    h.send(frames::udp_frame(client, proxy, request.substr(0, 9)));
    h.send(frames::udp_frame(client, proxy, request + query));
    h.send(frames::udp_frame(proxy, client, named + answer));
    h.finish();
    EXPECT_EQ(h.all("dns", "query"), granted ? "test" : "");
    EXPECT_EQ(h.all("dns", "rcode_name"), granted ? "NXDOMAIN" : "");
    EXPECT_EQ(h.all("conn", "service"), granted ? "socks,socks,dns" : "socks,-");
  }
}

TEST(SocksProbe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Direction direction;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"hello", "05 01 00", kOut, Verdict::yes, Verdict::unsure},
      {"half a hello", "05 02 00", kOut, Verdict::unsure, Verdict::unsure},
      {"one byte", "05", kOut, Verdict::unsure, Verdict::unsure},
      {"more behind it", "05 01 00 05", kOut, Verdict::no, Verdict::unsure},
      {"no methods (DCE/RPC)", "05 00 0b 03", kOut, Verdict::no, Verdict::unsure},
      {"unknown method", "05 01 0a", kOut, Verdict::no, Verdict::unsure},
      {"version 4", "04 01 0050 c6336402 'anna' 00", kOut, Verdict::yes, Verdict::unsure},
      {"half of version 4", "04 01 0050 c6336402 'an'", kOut, Verdict::unsure, Verdict::unsure},
      {"version 4a", "04 01 0050 00000001 00 'example.com' 00", kOut, Verdict::yes, Verdict::unsure},
      {"no port", "04 01 0000 c6336402 'anna' 00", kOut, Verdict::no, Verdict::unsure},
      {"a user that is no text", "04 01 0050 c6336402 80 00", kOut, Verdict::no, Verdict::unsure},
      {"another command", "04 03 0050 c6336402 00", kOut, Verdict::no, Verdict::unsure},
      {"text", "'GET / HTTP/1.1'", kOut, Verdict::no, Verdict::no},
      {"hello of who was called", "05 01 00", kBack, Verdict::yes, Verdict::unsure},
      {"a proxy's choice and its word on a login", "05 02 01 00", kBack, Verdict::no, Verdict::unsure},
      {"who was called, in version 4", "04 01 0050 c6336402 00", kBack, Verdict::yes, Verdict::yes},
      {"answer", "05 00", kBack, Verdict::no, Verdict::unsure},
      {"other answer", "'HTTP/1.1'", kBack, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    expect_verdicts("socks", bytes, c.direction, Transport::tcp, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
