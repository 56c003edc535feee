#include "play.h"

namespace nw::network {
namespace {

// A connection, line by line.
struct Flow : Play {
  Flow() : Play{"imap", Transport::tcp} {}

  bool say(std::string line, Direction direction) {
    line += "\r\n";
    return (direction == kOut ? out : back).feed(octets(line));
  }
  bool client(const std::string& line) { return say(line, kOut); }
  bool server(const std::string& line) { return say(line, kBack); }
  // A line and its answer.
  void ask(const std::string& line, const std::string& answer) {
    client(line);
    server(answer);
  }
};

TEST(Imap, ASession) {
  Flow flow;
  flow.server("* OK IMAP4rev1 ready");
  flow.ask("a1 login anna secret99", "* CAPABILITY IMAP4rev1\r\na1 NO wrong");
  flow.ask("a2 LOGIN \"anna b\" \"secret99\"", "a2 OK in");
  flow.ask("a3 uid fetch 1:* (BODY[])", "* 1 FETCH (BODY[] {10}\r\na3 OK no\r\n)\r\na3 OK [X] done");
  flow.client("a4 SELECT INBOX");
  flow.client("a5 NOOP");
  flow.server("a5 OK fine");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 6U);
  expect(flow.context, 0, {{"command", "<init>"}, {"reply", "OK"}, {"reply_msg", "IMAP4rev1 ready"}, {"user", "-"}});
  expect(flow.context, 1,
         {{"command", "LOGIN"},
          {"arg", "anna"},
          {"user", "anna"},
          {"password_seen", "true"},
          {"reply", "NO"},
          {"reply_msg", "wrong"}});
  expect(flow.context, 2, {{"arg", "anna b"}, {"user", "anna b"}, {"reply", "OK"}});
  expect(flow.context, 3, {{"command", "UID FETCH"}, {"arg", "1:* (BODY[])"}, {"reply_msg", "[X] done"}});
  expect(flow.context, 4, {{"command", "NOOP"}, {"reply", "OK"}});
  expect(flow.context, 5, {{"command", "SELECT"}, {"arg", "INBOX"}, {"reply", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Imap, SecretsStayHere) {
  Flow flow;
  flow.ask("a1 AUTHENTICATE PLAIN c4c9334b", "a1 NO no");
  flow.ask("a2 AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6");
  flow.ask("c4c9334b", "+ UGFzc3dvcmQ6");
  flow.ask("c4c9334b==", "a2 OK in");
  flow.client("a3 LOGIN {4}");
  flow.server("+ go on");
  flow.client("anna {8}");
  flow.ask("c4c9334b", "a3 OK in");
  flow.ask("a4 LOGIN anna {8+}\r\nc4c9334b", "a4 OK in");
  flow.ask("a5 LOGIN \"anna c4c9334b", "a5 BAD");  // where the name ends, nobody knows
  ASSERT_EQ(flow.context.events.size(), 5U);
  expect(flow.context, 4, {{"command", "LOGIN"}, {"arg", "-"}, {"user", "-"}, {"password_seen", "true"}});
  expect(flow.context, 0, {{"command", "AUTHENTICATE"}, {"arg", "PLAIN"}, {"reply", "NO"}, {"password_seen", "true"}});
  expect(flow.context, 1, {{"arg", "LOGIN"}, {"reply", "OK"}});
  expect(flow.context, 2, {{"command", "LOGIN"}, {"arg", "-"}, {"user", "-"}, {"password_seen", "true"}});
  expect(flow.context, 3, {{"command", "LOGIN"}, {"arg", "anna"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// `\0anna\0secret99` in Base64, and what is none.
TEST(Imap, TheNameInPlain) {
  constexpr const char* kPlain = "AGFubmEAc2VjcmV0OTk=";
  Flow flow;
  flow.ask(std::string{"a1 AUTHENTICATE plain "} + kPlain, "a1 NO no");
  flow.ask("a2 NOOP", "a2 OK");
  expect(flow.context, 0, {{"user", "anna"}, {"arg", "plain"}, {"password_seen", "true"}});
  expect(flow.context, 1, {{"user", "anna"}});
  Flow asked;
  asked.ask("a1 AUTHENTICATE PLAIN", "+");
  asked.ask(kPlain, std::string{"a1 NO what is "} + kPlain);
  expect(asked.context, 0, {{"user", "anna"}, {"reply_msg", "<hidden>"}});
  // Another mechanism; a second answer; half of it, behind a gap.
  Flow others;
  others.ask("a1 AUTHENTICATE LOGIN", "+");
  others.ask(kPlain, "a1 NO");
  others.ask("a2 AUTHENTICATE PLAIN", "+");
  others.ask("YWJjZA==", "+");
  others.ask(kPlain, "a2 NO");
  others.ask("a3 AUTHENTICATE PLAIN", "+");
  others.analyzer->gap(8, kOut, others.context);
  others.ask("AGFubmEAc2VjcmV0OTk=", "a3 NO");
  ASSERT_EQ(others.context.events.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) expect(others.context, i, {{"user", "-"}});
}

TEST(Imap, AServerThatRepeatsWhatItDoesNotKnow) {
  for (const char* line : {"LOGIN anna hunter2x", "LOGIN \"anna\" \"hunter2x\"", "AUTHENTICATE PLAIN hunter2x"}) {
    SCOPED_TRACE(line);
    Flow flow;
    flow.ask(std::string{"a1 "} + line, std::string{"a1 BAD what is "} + line + "?");
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.json.find("hunter2x"), std::string::npos) << flow.context.json;
    expect(flow.context, 0, {{"reply", "BAD"}, {"reply_msg", "<hidden>"}});
  }
}

TEST(Imap, Idle) {
  Flow flow;
  flow.ask("a1 IDLE", "+ idling\r\n* 4 EXISTS");
  flow.ask("DONE", "a1 OK over");
  flow.ask("a2 NOOP", "a2 OK");
  EXPECT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Imap, ALiteralThatIsRefusedDoesNotCome) {
  Flow flow;
  flow.ask("a1 APPEND Sent {1000}", "a1 NO too much");
  flow.ask("a2 NOOP", "a2 OK");
  EXPECT_EQ(flow.context.events.size(), 2U);
}

TEST(Imap, AnotherProtocolBehindStartTls) {
  Flow flow;
  flow.ask("a1 STARTTLS", "a1 OK go on");
  EXPECT_TRUE(flow.back.anew());
  expect(flow.context, 0, {{"command", "STARTTLS"}, {"reply", "OK"}});
}

TEST(Imap, NothingIsReadableBehindCompress) {
  Flow flow;
  flow.client("a1 NOOP");
  flow.ask("a2 COMPRESS DEFLATE", "a2 NO");
  EXPECT_FALSE(flow.back.done());
  flow.ask("a3 COMPRESS DEFLATE", "a3 OK go on");
  EXPECT_TRUE(flow.back.done());
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 1, {{"command", "COMPRESS"}, {"arg", "DEFLATE"}, {"reply", "OK"}});
  expect(flow.context, 2, {{"command", "NOOP"}, {"reply", "-"}});
}

TEST(Imap, AGap) {
  Flow literal;
  literal.client("a1 FETCH 1 BODY[]");
  literal.back.feed(from_hex("'* 1 FETCH (BODY[] {100}\r\n1234567890'"));
  literal.analyzer->gap(88, kBack, literal.context);
  literal.server("12)\r\na1 OK done");
  expect(literal.context, 0, {{"reply_msg", "done"}});
  Flow line;
  line.client("a1 NOOP");
  line.analyzer->gap(10, kBack, line.context);
  line.server("half\r\na1 OK done");
  expect(line.context, 0, {{"reply_msg", "done"}});
}

// With the line that says how long it is a literal's end is lost, too; the answer to the command tells.
TEST(Imap, AGapThatHidesALiteralsLength) {
  Flow flow;
  flow.server("* OK ready");
  flow.client("a1 FETCH 1 BODY[]");
  flow.analyzer->gap(100, kBack, flow.context);
  flow.server("half a line");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(flow.server("Dear Bob please pay\r\n* 1 FETCH {4000000000}\r\nx {900}"));
  flow.server(")\r\na1 OK done");
  flow.ask("a2 FETCH 2 BODY[]", "* 2 FETCH (BODY[] {10}\r\na2 OK no\r\n)\r\na2 OK fetched");
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 1, {{"command", "FETCH"}, {"reply", "OK"}, {"reply_msg", "done"}});
  expect(flow.context, 2, {{"command", "FETCH"}, {"reply", "OK"}, {"reply_msg", "fetched"}});
  EXPECT_EQ(flow.context.refused_total(), 1U);
  // Where nothing was lost, so many lines are no IMAP.
  for (int i = 0; i < 20; ++i) flow.server("Dear Bob please pay");
  EXPECT_FALSE(flow.server("Dear Bob please pay"));
}

// The rest of a mail that is appended is no command, whatever it looks like.
TEST(Imap, AGapThatHidesALiteral) {
  Flow flow;
  flow.server("* OK ready");
  flow.client("a1 NOOP");
  flow.analyzer->gap(100, kOut, flow.context);
  flow.client("half a line\r\nDear Bob please pay");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(flow.client("12, 13."));
  flow.server("a1 OK\r\na2 OK appended");
  flow.ask("a3 SELECT INBOX", "a3 OK in");
  flow.client("a4 CLOSE");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 4U);
  expect(flow.context, 1, {{"command", "NOOP"}, {"reply", "OK"}});
  expect(flow.context, 2, {{"command", "SELECT"}, {"arg", "INBOX"}});
  expect(flow.context, 3, {{"command", "CLOSE"}, {"reply", "-"}});
}

TEST(Imap, ALiteralBehindALongLine) {
  for (const std::size_t length : {8180U, 8190U, 9000U, 20000U}) {
    for (const std::size_t step : {7U, 100000U}) {
      SCOPED_TRACE(length);
      Flow flow;
      const auto give = [&](const std::string& text, FakeStream& stream) {
        const auto bytes = octets(text);
        for (std::size_t at = 0; at < bytes.size(); at += step)
          EXPECT_TRUE(stream.feed(Bytes{bytes}.subspan(at, std::min(step, bytes.size() - at))));
      };
      give("a1 LOGIN " + std::string(length, 'x') + " {12+}\r\nmy hunter2 x\r\n", flow.out);
      flow.server("a1 NO");
      flow.client("a2 FETCH 1 ALL");
      give("* 1 FETCH (" + std::string(length, 'x') + " BODY[] {10}\r\na2 NO no\r\n)\r\na2 OK done\r\n", flow.back);
      ASSERT_EQ(flow.context.events.size(), 2U);
      expect(flow.context, 0, {{"command", "LOGIN"}, {"reply", "NO"}});
      expect(flow.context, 1, {{"command", "FETCH"}, {"reply", "OK"}});
      EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 0U);
    }
  }
}

TEST(Imap, Bounds) {
  Flow waiting;
  for (unsigned i = 0; i < 64; ++i) waiting.client("a" + std::to_string(i) + " NOOP");
  EXPECT_EQ(waiting.context.refused_total(), 0U);
  waiting.client("a64 NOOP");
  EXPECT_EQ(waiting.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(waiting.context.events.size(), 1U);

  Flow bad;
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(bad.client("a1 12"));
  EXPECT_FALSE(bad.client(std::string(33, 'a') + " NOOP"));
  Flow bad_server;
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(bad_server.server("hello there"));
  EXPECT_FALSE(bad_server.server("hello there"));

  Flow line;
  line.client("a1 SELECT " + std::string(8180, 'x'));
  EXPECT_EQ(line.context.refused_total(), 0U);
  line.client("a1 SELECT " + std::string(8183, 'x'));
  EXPECT_EQ(line.context.refused_count(DecodeError::too_long), 1U);

  Flow literal;  // more than a number holds: no literal
  literal.ask("a1 SELECT {18446744073709551616}", "a1 NO");
  literal.ask("a2 NOOP", "a2 OK");
  EXPECT_EQ(literal.context.events.size(), 2U);
}

TEST(ImapProbe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Direction direction;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"greeting", "'* OK Dovecot IMAP ready\r\n'", kBack, Verdict::yes, Verdict::unsure},
      {"greeting without the word", "'* OK ready\r\n'", kBack, Verdict::no, Verdict::unsure},
      {"half a greeting", "'* OK'", kBack, Verdict::unsure, Verdict::unsure},
      {"a command", "'a1 LOGIN a b\r\n'", kOut, Verdict::no, Verdict::unsure},
      {"half a command", "'a1'", kOut, Verdict::no, Verdict::unsure},
      {"HTTP", "'GET / HTTP/1.1\r\n'", kOut, Verdict::no, Verdict::no},
      {"TLS", "16030100a5010000a10303", kOut, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    expect_verdicts("imap", bytes, c.direction, Transport::tcp, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
