#include "ingest/network/protocols/sip_message.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"sip"};

// A message with line ends for each `|`.
std::string lines(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string{"\r\n"} : std::string{c};
  return out;
}

struct Flow : Play {
  Flow() : Play{"sip", Transport::udp} {}
};
struct Connection : Play {
  Connection() : Play{"sip", Transport::tcp} {}
};

TEST(Sip, ARequestWithItsResponse) {
  Flow flow;
  flow.give(golden("register"));
  EXPECT_TRUE(flow.context.events.empty());
  flow.give(golden("registered"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"trans_depth", "0"},
          {"method", "REGISTER"},
          {"uri", "sip:example.com"},
          {"request_from", "<sip:plc7@example.com>"},
          {"request_to", "<sip:plc7@example.com>"},
          {"response_from", "<sip:plc7@example.com>"},
          {"response_to", "<sip:plc7@example.com>"},
          {"call_id", "a84b4c76e66710"},
          {"seq", "2 REGISTER"},
          {"request_path", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7"},
          {"response_path", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7"},
          {"user_agent", "phone/1.0"},
          {"server", "proxy/2.0"},
          {"status_code", "200"},
          {"status_msg", "OK"},
          {"request_body_len", "0"},
          {"response_body_len", "0"},
          {"auth_user", "plc7"},
          {"provisional", "0"},
          {"duration", "0.001000"},
          {"subject", "-"},
          {"content_type", "-"}});
  EXPECT_EQ(flow.context.json.find("00ff"), std::string::npos);
}

TEST(Sip, ACall) {
  Flow flow;
  flow.give(golden("invite_brief")).give(golden("invite_brief")).give(golden("ringing"));
  EXPECT_TRUE(flow.context.events.empty());
  flow.say(lines("SIP/2.0 200 OK|i: b1|v: c;received=192.0.2.1|CSeq: 1 INVITE|User-Agent: other|c: text/plain|l: 1||a"),
           kBack);
  flow.say(lines("SIP/2.0 200 OK|i: b1|CSeq: 1 INVITE||"), kBack);  // again: its acknowledgement was lost
  flow.give(golden("acknowledged")).end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0,
         {{"method", "INVITE"},
          {"uri", "tel:122"},
          {"subject", "pump"},
          {"request_path", "SIP/2.0/UDP 192.0.2.9,SIP/2.0/UDP 192.0.2.1"},
          {"content_type", "application/sdp"},
          {"request_body_len", "5"},
          {"response_body_len", "1"},
          {"provisional", "1"},
          {"server", "other"},
          {"duration", "0.003000"}});
  expect(flow.context, 1, {{"method", "ACK"}, {"trans_depth", "1"}, {"status_code", "-"}, {"duration", "-"}});
}

// Who guesses passwords may leave everything but the branch as it was.
TEST(Sip, BranchesTellTransactionsApart) {
  Flow flow;
  for (const char* branch : {"1", "2", "1"}) {
    const std::string rest = std::string{"|Via: SIP/2.0/UDP a;Branch="} + branch + ";rport=5|CSeq: 2 REGISTER||";
    flow.say(lines("REGISTER sip:a SIP/2.0" + rest)).say(lines("SIP/2.0 401 No" + rest), kBack);
  }
  EXPECT_EQ(flow.context.events.size(), 2U);
}

TEST(Sip, OneSideAlone) {
  Flow flow;
  flow.give(golden("registered"));
  expect(flow.context, 0, {{"method", "-"}, {"status_code", "200"}, {"request_body_len", "-"}, {"duration", "-"}});
  Flow other;
  other.give(golden("invite_brief")).give(golden("ringing")).end();
  expect(other.context, 0,
         {{"method", "INVITE"}, {"status_code", "180"}, {"status_msg", "Ringing"}, {"duration", "-"}});
}

TEST(Sip, Streams) {
  Connection c;
  EXPECT_TRUE(c.out.feed(from_hex(golden("stream_two_requests").hex)));
  EXPECT_TRUE(c.back.feed(from_hex(golden("stream_refused").hex)));
  ASSERT_EQ(c.context.events.size(), 1U);
  expect(c.context, 0, {{"method", "OPTIONS"}, {"subject", "two\\x0d\\x0a  lines"}, {"status_code", "404"}});
  c.analyzer->finish(c.context);
  expect(c.context, 1, {{"method", "MESSAGE"}, {"request_body_len", "4"}, {"status_code", "-"}});
  EXPECT_EQ(c.context.refused_total(), 0U);
}

// RFC 3261 section 7.1: extensions may bring their own.
TEST(Sip, UnknownMethodsAreRequestsToo) {
  Connection c;
  EXPECT_TRUE(
      c.out.feed(octets(lines("BENOTIFY sip:a SIP/2.0|CSeq: 1 BENOTIFY|Content-Length: 3||abc"
                              "x-my.own!%*_+`'~9 pump+x.1-y:b SIP/2.0|CSeq: 2 x||OPTIONS c SIP/2.0|CSeq: 3 O||"))));
  c.analyzer->finish(c.context);
  EXPECT_EQ(c.context.refused_total(), 0U);
  ASSERT_EQ(c.context.events.size(), 3U);
  expect(c.context, 0, {{"method", "BENOTIFY"}, {"uri", "sip:a"}, {"request_body_len", "3"}});
  expect(c.context, 1, {{"method", "x-my.own!%*_+`'~9"}, {"uri", "pump+x.1-y:b"}});
  expect(c.context, 2, {{"method", "OPTIONS"}});
}

TEST(Sip, StreamsGoOnAfterAGap) {
  Connection c;
  EXPECT_TRUE(c.out.feed(octets(lines("MESSAGE a SIP/2.0|CSeq: 1 MESSAGE|Content-Length: 10||abc"))));
  c.analyzer->gap(5, kOut, c.context);  // inside the body
  EXPECT_TRUE(c.out.feed(octets(lines("jkOPTIONS b SIP/2.0|CSeq: 2 OPTIONS||"))));
  EXPECT_EQ(c.context.refused_total(), 0U);
  c.analyzer->gap(5, kOut, c.context);
  EXPECT_EQ(c.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_TRUE(c.out.feed(octets(lines("Max-Forwards: 7||INVITE c SIP/2.0|CSeq: 3 INVITE||"))));
  c.analyzer->finish(c.context);
  ASSERT_EQ(c.context.events.size(), 3U);
  EXPECT_EQ(c.context.get(1, "uri"), "b");
  EXPECT_EQ(c.context.get(2, "uri"), "c");
}

TEST(Sip, Refuses) {
  const struct {
    const char *name, *text;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"no start line", "Via: SIP/2.0||", DecodeError::bad_value, 0},
      {"an unknown method", "GET / SIP/2.0||", DecodeError::bad_value, 0},
      {"a method that is no token", "ME(THOD sip:a SIP/2.0||", DecodeError::bad_value, 0},
      {"no method", " sip:a SIP/2.0||", DecodeError::bad_value, 0},
      {"an unknown method's address without scheme", "BENOTIFY 1sip:a SIP/2.0||", DecodeError::bad_value, 0},
      {"nothing behind its scheme", "BENOTIFY sip: SIP/2.0||", DecodeError::bad_value, 0},
      {"another protocol", "OPTIONS / HTTP/1.1||", DecodeError::bad_value, 0},
      {"no address", "OPTIONS  SIP/2.0||", DecodeError::bad_value, 0},
      {"a status of two digits", "SIP/2.0 20 OK||", DecodeError::bad_value, 0},
      {"a status too low", "SIP/2.0 099 OK||", DecodeError::bad_value, 0},
      {"a status too high", "SIP/2.0 700 OK||", DecodeError::bad_value, 0},
      {"another version", "SIP/3.0 200 OK||", DecodeError::bad_value, 0},
      {"no end of the head", "OPTIONS a SIP/2.0|Via: b|", DecodeError::truncated, 1},
      {"a header without name", "OPTIONS a SIP/2.0|nothing||", DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.say(lines(c.text)).end();
    expect_refused(flow.context, c.error, c.events);
  }
  Connection c;
  EXPECT_FALSE(c.out.feed(octets(lines("GET / HTTP/1.1||"))));
  EXPECT_EQ(c.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Sip, WhatKeepsAWayOpenIsNothing) {
  Flow flow;
  flow.say("\r\n\r\n").say(std::string(4, '\0')).say("hello").say("12345678").end();
  EXPECT_TRUE(flow.context.events.empty());
  EXPECT_EQ(flow.context.refused_total(), 0U);
  flow.say("123456789").say("\x01");
  EXPECT_EQ(flow.context.refused_total(), 2U);
}

TEST(Sip, HeadsAreBounded) {
  const std::string start = "OPTIONS a SIP/2.0\r\nCSeq: 1 OPTIONS\r\nSubject: ";
  const std::size_t fill = 16'384 - start.size() - 4;
  for (const std::size_t more : {0U, 1U}) {
    SCOPED_TRACE(more);
    Connection c;
    EXPECT_EQ(c.out.feed(octets(start + std::string(fill + more, 's') + "\r\n\r\n")), more == 0);
    EXPECT_EQ(c.context.refused_count(DecodeError::too_long), more);
    c.analyzer->finish(c.context);
    if (more == 0) {
      EXPECT_EQ(c.context.get(0, "subject").size(), 256U);
    }
    Connection open;  // without an end
    EXPECT_EQ(open.out.feed(octets(start + std::string(fill + 4 + more, 's'))), more == 0);
  }
}

TEST(Sip, HeadersAreBounded) {
  for (const unsigned count : {128U, 129U}) {
    SCOPED_TRACE(count);
    std::string text = "OPTIONS a SIP/2.0\r\n";
    for (unsigned i = 0; i < count; ++i) text += "Via: " + std::to_string(10 + i % 10) + "\r\n";
    Flow flow;
    flow.say(text + "\r\n").end();
    EXPECT_EQ(flow.context.get(0, "request_path"), "10,11,12,13,14,15,16,17");
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count == 128 ? 0U : 1U);
  }
}

// Else it would be read as the next message.
TEST(Sip, BadAndManyHeadersDoNotHideABody) {
  std::string many;
  for (unsigned i = 0; i < 128; ++i) many += "X: 1|";
  for (const std::string& headers : {many, std::string{"nothing|"}}) {
    SCOPED_TRACE(headers);
    Connection c;
    const std::string body = lines("OPTIONS hidden SIP/2.0|CSeq: 9 OPTIONS||");
    const std::string head = lines("MESSAGE a SIP/2.0|CSeq: 1 MESSAGE|" + headers) +
                             "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    EXPECT_TRUE(c.out.feed(octets(head + body + lines("OPTIONS b SIP/2.0|CSeq: 2 OPTIONS||"))));
    c.analyzer->finish(c.context);
    ASSERT_EQ(c.context.events.size(), 2U);
    EXPECT_EQ(c.context.get(0, "request_body_len"), std::to_string(body.size()));
    EXPECT_EQ(c.context.get(1, "uri"), "b");
    EXPECT_EQ(c.context.refused_total(), 1U);
  }
}

TEST(Sip, PasswordsInAddressesStayHere) {
  const std::string heads = lines(
      "|From: \"A\" <sip:alice:secret@a.com>;tag=1|To: SIPS:alice:secret:@a.com:5061|CSeq: 1 REGISTER"
      "|Reply-To: <sip:alice:secret,secret@a.com>||");
  Flow flow;
  flow.say("REGISTER sip:alice:secret@a.com;transport=tcp SIP/2.0" + heads).say("SIP/2.0 200 OK" + heads, kBack);
  expect(flow.context, 0,
         {{"uri", "sip:alice@a.com;transport=tcp"},
          {"request_from", "\"A\" <sip:alice@a.com>"},
          {"request_to", "SIPS:alice@a.com:5061"},
          {"response_from", "\"A\" <sip:alice@a.com>"},
          {"response_to", "SIPS:alice@a.com:5061"},
          {"reply_to", "<sip:alice@a.com>"}});
  EXPECT_EQ(flow.context.json.find("secret"), std::string::npos);
  // What is cut off tells what it is, too; and there are ports.
  const struct {
    std::string uri, told;
  } kCases[] = {
      {"sip:" + std::string(250, 'a') + ":secret@b", "sip:" + std::string(250, 'a') + "@b"},
      {"sip:a:secret" + std::string(300, 's') + "@b", "sip:a@b"},
      {"sip:a.com:5060;x=y:z", "sip:a.com:5060;x=y:z"},
      {"sip:@b", "sip:@b"},
      {"sips:a:secret@b;c=sip:d", "sips:a@b;c=sip:d"},
      {"tel:1:2@3", "tel:1:2@3"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.uri);
    const std::vector<std::uint8_t> told = sip_without_passwords(octets(c.uri));
    EXPECT_EQ(std::string(told.begin(), told.end()), c.told);
  }
}

TEST(Sip, OpenTransactionsAreBounded) {
  Flow flow;
  for (unsigned i = 0; i < 65; ++i) {
    EXPECT_EQ(flow.context.events.size(), 0U);
    flow.say(lines("OPTIONS a SIP/2.0|CSeq: " + std::to_string(i) + " OPTIONS||"));
  }
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  // What was told makes room first.
  Flow acknowledged;
  for (unsigned i = 0; i < 200; ++i) acknowledged.say(lines("ACK a SIP/2.0|CSeq: " + std::to_string(i) + " ACK||"));
  EXPECT_EQ(acknowledged.context.events.size(), 200U);
  EXPECT_EQ(acknowledged.context.refused_total(), 0U);
}

TEST(Sip, TransactionsWait) {
  const struct {
    bool ringing;
    int seconds;
    std::size_t events;
  } kCases[] = {{false, 31, 0}, {false, 33, 1}, {true, 179, 0}, {true, 181, 1}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.seconds);
    Flow flow;
    flow.give(golden("invite_brief"));
    if (c.ringing) flow.give(golden("ringing"));
    flow.context.time += std::chrono::seconds{c.seconds};
    flow.say(lines("OPTIONS a SIP/2.0|CSeq: 9 OPTIONS||"));
    EXPECT_EQ(flow.context.events.size(), c.events);
  }
}

TEST(Sip, UsersOfCredentials) {
  const struct {
    const char *header, *user;
  } kCases[] = {
      {"Digest realm=\"a\", Username=\"b\", response=\"c\"", "b"},
      {"Digest username=\"b, nonce=1, response=6629fae4", ""},
      {"Digest username=bare", ""},
      {"Digest username=\"\"", ""},
      {"", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.header);
    const auto bytes = octets(c.header);
    const Bytes user = sip_user(bytes);
    EXPECT_EQ(std::string(user.begin(), user.end()), c.user);
  }
}

TEST(Sip, Probe) {
  const struct {
    const char *name, *text;
    Transport transport;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"a request", "OPTIONS sip:a SIP/2.0|", Transport::udp, Verdict::yes, Verdict::yes},
      {"a response", "SIP/2.0 404 No|", Transport::udp, Verdict::yes, Verdict::yes},
      {"an unknown method", "BENOTIFY sip:a SIP/2.0|", Transport::tcp, Verdict::yes, Verdict::yes},
      {"half a line of an unknown method", "BENOTIFY sip:a SI", Transport::tcp, Verdict::no, Verdict::no},
      {"half a line", "OPTIONS sip:a SI", Transport::udp, Verdict::no, Verdict::no},
      {"half a line over TCP", "OPTIONS sip:a SI", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"half a word over TCP", "SIP", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"HTTP", "OPTIONS / HTTP/1.1|", Transport::tcp, Verdict::no, Verdict::no},
      {"a longer word", "OPTIONSX", Transport::tcp, Verdict::no, Verdict::no},
      {"binary", "INVITE \x01", Transport::tcp, Verdict::no, Verdict::no},
      {"a line end", "|", Transport::udp, Verdict::no, Verdict::yes},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = octets(lines(c.text));
    expect_verdicts("sip", bytes, kOut, c.transport, c.anywhere, c.on_port);
  }
  const auto longer = octets("OPTIONS " + std::string(2040, 'a'));
  EXPECT_EQ(protocol("sip").probe(longer, kOut, Transport::tcp, false), Verdict::no);
}

}  // namespace
}  // namespace nw::network
