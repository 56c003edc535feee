#include <gtest/gtest.h>

#include "fake_context.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

// A connection, its lines a millisecond apart.
struct Flow {
  FakeContext context{protocol("pop3")};
  std::unique_ptr<Analyzer> analyzer = protocol("pop3").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool say(std::string line, Direction direction) {
    line += "\r\n";
    const std::vector<std::uint8_t> bytes{line.begin(), line.end()};
    const bool alive = (direction == kOut ? out : back).feed(bytes);
    context.time += std::chrono::milliseconds{1};
    return alive;
  }
  bool client(const std::string& line) { return say(line, kOut); }
  bool server(const std::string& line) { return say(line, kBack); }
  // A line and its answer.
  void ask(const std::string& line, const std::string& answer) {
    client(line);
    server(answer);
  }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << index << " " << want.field;
}

TEST(Pop3, ASession) {
  Flow flow;
  flow.server("+OK POP3 ready");
  flow.ask("user anna", "+OK");
  flow.ask("PASS secret99", "-ERR wrong");
  flow.ask("LIST", "+OK 1 messages\r\n1 120\r\nx\r\n.");
  flow.ask("LIST 1", "+OK 1 120");
  flow.ask("RETR 1", "+OK follows\r\n+OK not an answer\r\n..\r\n.");
  flow.client("QUIT");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 7U);
  expect(flow.context, 0, {{"command", "<init>"}, {"reply", "OK"}, {"reply_msg", "POP3 ready"}, {"user", "-"}});
  expect(flow.context, 1, {{"command", "USER"}, {"arg", "anna"}, {"user", "anna"}, {"password_seen", "false"}});
  expect(flow.context, 2,
         {{"command", "PASS"},
          {"arg", "<hidden>"},
          {"user", "anna"},
          {"password_seen", "true"},
          {"reply", "ERR"},
          {"reply_msg", "wrong"}});
  expect(flow.context, 3, {{"command", "LIST"}, {"arg", "-"}, {"reply_msg", "1 messages"}});
  expect(flow.context, 4, {{"command", "LIST"}, {"arg", "1"}, {"reply_msg", "1 120"}});
  expect(flow.context, 5, {{"command", "RETR"}, {"reply_msg", "follows"}});
  expect(flow.context, 6, {{"command", "QUIT"}, {"reply", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Pop3, SecretsStayHere) {
  Flow flow;
  flow.ask("APOP anna c4c9334bac560ecc979e58001b3e22fb", "+OK");
  flow.ask("AUTH PLAIN c4c9334b", "-ERR");
  flow.ask("AUTH LOGIN", "+ VXNlcm5hbWU6");
  flow.ask("c4c9334b", "+ UGFzc3dvcmQ6");
  flow.ask("QUIT", "+OK in");  // looks like a command, is none
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 0, {{"command", "APOP"}, {"arg", "anna"}, {"user", "anna"}, {"password_seen", "true"}});
  expect(flow.context, 1, {{"command", "AUTH"}, {"arg", "PLAIN"}, {"reply", "ERR"}});
  expect(flow.context, 2, {{"command", "AUTH"}, {"arg", "LOGIN"}, {"reply", "OK"}, {"reply_msg", "in"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// `\0anna\0secret99` in Base64, and what is none.
TEST(Pop3, TheNameInPlain) {
  constexpr const char* kPlain = "AGFubmEAc2VjcmV0OTk=";
  Flow flow;
  flow.server("+OK ready");
  flow.ask(std::string{"AUTH PLAIN "} + kPlain, "-ERR no");
  flow.ask("STAT", "+OK");
  expect(flow.context, 1, {{"command", "AUTH"}, {"arg", "PLAIN"}, {"user", "anna"}});
  expect(flow.context, 2, {{"user", "anna"}});
  Flow asked;
  asked.server("+OK ready");
  asked.ask("AUTH PLAIN", "+");
  asked.ask(kPlain, std::string{"-ERR what is "} + kPlain);
  expect(asked.context, 1, {{"user", "anna"}, {"reply_msg", "<hidden>"}});
  Flow others;
  others.server("+OK ready");
  others.ask("AUTH LOGIN", "+");
  others.ask(kPlain, "-ERR");
  others.client("AUTH PLAIN");
  others.analyzer->gap(8, kOut, others.context);
  others.ask(std::string{"x\r\n"} + kPlain, "-ERR");
  for (std::size_t i = 0; i < others.context.events.size(); ++i) expect(others.context, i, {{"user", "-"}});
}

TEST(Pop3, AServerThatRepeatsWhatItDoesNotKnow) {
  for (const char* line : {"PASS hunter2x", "APOP anna hunter2x", "AUTH PLAIN hunter2x"}) {
    SCOPED_TRACE(line);
    Flow flow;
    flow.ask(line, std::string{"-ERR what is "} + line + "?");
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.json.find("hunter2x"), std::string::npos) << flow.context.json;
    expect(flow.context, 0, {{"reply", "ERR"}, {"reply_msg", "<hidden>"}});
  }
}

TEST(Pop3, AnotherProtocolBehindStls) {
  Flow flow;
  flow.ask("STLS", "+OK go on");
  EXPECT_TRUE(flow.back.anew());
  expect(flow.context, 0, {{"command", "STLS"}, {"reply", "OK"}});
}

TEST(Pop3, AGapInALogin) {
  Flow flow;
  flow.client("AUTH LOGIN");
  flow.analyzer->gap(20, kBack, flow.context);
  flow.client("abcdefgh");  // an answer
  flow.server("half\r\n+OK in");
  flow.client("STAT");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 0, {{"command", "AUTH"}});
  expect(flow.context, 1, {{"command", "-"}, {"reply_msg", "in"}});
  expect(flow.context, 2, {{"command", "STAT"}});
}

// A password in Base64 may have letters only.
TEST(Pop3, AnswersInAnAuthThatWasNotSeen) {
  Flow middle;
  middle.client("ZWxpemFiZXRo");
  middle.ask("ZWxpemFiZXRo", "+OK in");
  middle.ask("XYZZ", "-ERR what");
  ASSERT_EQ(middle.context.events.size(), 2U);
  expect(middle.context, 1, {{"command", "XYZZ"}, {"reply", "ERR"}});
  Flow gap;
  gap.server("+OK ready");
  gap.client("DELE 1");
  gap.client("AUTH LOGIN");
  gap.analyzer->gap(20, kBack, gap.context);
  gap.server("half\r\n+OK gone");  // which answers DELE
  gap.client("ZWxpemFiZXRo");
  gap.client("STAT");
  gap.analyzer->finish(gap.context);
  ASSERT_EQ(gap.context.events.size(), 5U);
  expect(gap.context, 3, {{"command", "-"}, {"reply_msg", "gone"}});
  expect(gap.context, 4, {{"command", "STAT"}});
}

TEST(Pop3, AListWithoutItsDot) {
  Flow flow;
  flow.ask("LIST", "+OK 1 message\r\n1 120");
  flow.ask("RETR 1", "+OK follows\r\n-ERR in a mail\r\n.");
  flow.ask("QUIT", "+OK bye");
  expect(flow.context, 1, {{"command", "RETR"}, {"reply_msg", "follows"}});
  expect(flow.context, 2, {{"command", "QUIT"}, {"reply_msg", "bye"}});
  EXPECT_EQ(flow.context.events.size(), 3U);
}

TEST(Pop3, AGapInAMail) {
  Flow flow;
  flow.ask("RETR 1", "+OK follows\r\nline");
  flow.analyzer->gap(50, kBack, flow.context);
  FakeStream later{*flow.analyzer, kBack, flow.context};
  EXPECT_TRUE(later.feed(from_hex("'half\r\nline\r\n'")));
  flow.client("DELE 1");
  EXPECT_TRUE(later.feed(from_hex("'+OK gone\r\n'")));  // the dot was in the gap
  expect(flow.context, 1, {{"command", "DELE"}, {"reply_msg", "gone"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 0U);
}

TEST(Pop3, AGapThatHidesAMailsFirstLine) {
  Flow flow;
  flow.client("RETR 1");
  flow.analyzer->gap(50, kBack, flow.context);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(flow.server("line"));
  flow.server(".");
  flow.ask("DELE 1", "+OK gone");
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1, {{"command", "DELE"}, {"reply_msg", "gone"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 0U);
}

// RFC 6856.
TEST(Pop3, Languages) {
  Flow flow;
  flow.server("+OK ready");
  flow.ask("UTF8", "+OK fine");
  flow.ask("LANG", "+OK follows\r\nen English\r\n.");
  flow.ask("LANG en", "+OK English");
  flow.ask("STAT", "+OK 0 0");
  ASSERT_EQ(flow.context.events.size(), 5U);
  expect(flow.context, 1, {{"command", "UTF8"}, {"reply_msg", "fine"}});
  expect(flow.context, 2, {{"command", "LANG"}, {"arg", "-"}});
  expect(flow.context, 4, {{"command", "STAT"}, {"reply_msg", "0 0"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Pop3, Bounds) {
  Flow waiting;
  for (unsigned i = 0; i < 64; ++i) waiting.client("DELE " + std::to_string(i));
  EXPECT_EQ(waiting.context.refused_total(), 0U);
  waiting.client("DELE 64");
  EXPECT_EQ(waiting.context.refused_count(DecodeError::limit), 1U);
  expect(waiting.context, 0, {{"arg", "0"}, {"reply", "-"}});

  Flow bad;
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(bad.client("12 ab"));
  EXPECT_FALSE(bad.client("ABCDEFGHIJKLMNOPQ"));
  Flow bad_server;
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(bad_server.server("hello"));
  EXPECT_FALSE(bad_server.server("hello"));

  Flow line;
  line.client("USER " + std::string(1017, 'x'));
  EXPECT_EQ(line.context.refused_total(), 0U);
  line.client("USER " + std::string(1020, 'x'));
  EXPECT_EQ(line.context.refused_count(DecodeError::too_long), 1U);
}

TEST(Pop3Probe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Direction direction;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"greeting", "'+OK Dovecot POP ready\r\n'", kBack, Verdict::yes, Verdict::unsure},
      {"greeting without the word", "'+OK\r\n'", kBack, Verdict::no, Verdict::unsure},
      {"half a greeting", "'+O'", kBack, Verdict::unsure, Verdict::unsure},
      {"an error", "'-ERR busy\r\n'", kBack, Verdict::no, Verdict::unsure},
      {"Redis", "'+PONG\r\n'", kBack, Verdict::no, Verdict::no},
      {"a command", "'USER anna\r\n'", kOut, Verdict::no, Verdict::unsure},
      {"HTTP", "'GET / HTTP/1.1\r\n'", kOut, Verdict::no, Verdict::no},
      {"SSH", "'SSH-2.0-x\r\n'", kOut, Verdict::no, Verdict::no},
      {"TLS", "16030100a5010000a10303", kOut, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    EXPECT_EQ(protocol("pop3").probe(bytes, c.direction, Transport::tcp, false), c.anywhere);
    EXPECT_EQ(protocol("pop3").probe(bytes, c.direction, Transport::tcp, true), c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
