#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

std::string_view golden(std::string_view name) { return Golden{"smtp"}(name).hex; }

// A connection, its lines a millisecond apart. The mails' parts are not wanted unless a test says so.
struct Flow {
  Flow() { context.unwanted = "files"; }

  FakeContext context{protocol("smtp")};
  std::unique_ptr<Analyzer> analyzer = protocol("smtp").make(Transport::tcp);
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
  void greet() {
    server("220 mail.example ESMTP");
    ask("EHLO client.example", "250-mail.example\r\n250 SIZE");
  }
  void envelope() {
    ask("MAIL FROM:<a@example.com>", "250 fine");
    ask("RCPT TO:<b@example.org>", "250 fine");
  }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << index << " " << want.field;
}

TEST(Smtp, FieldsOfTheGoldenMail) {
  Flow flow;
  flow.out.feed(from_hex(golden("mail")));
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"trans_depth", "1"},
          {"helo", "client.example"},
          {"mailfrom", "anna@example.com"},
          {"rcptto", "bob@example.org,carol@example.org"},
          {"date", "Mon, 2 Mar 2020 09:59:00 +0100"},
          {"from", "Anna <anna@example.com>"},
          {"to", "\"Doe, Bob\" <bob@example.org>,carol@example.org"},
          {"cc", "dan@example.net"},
          {"reply_to", "list@example.com"},
          {"msg_id", "<1@example.com>"},
          {"in_reply_to", "<0@example.org>"},
          {"subject", "one two"},
          {"x_originating_ip", "203.0.113.5"},
          {"first_received", "from a.example ([IPv6:2001:db8::7]) by b.example"},
          {"second_received", "from b.example (b.example [198.51.100.7]) by c.example; Mon, 2 Mar 2020 10:00:00 +0100"},
          {"path", "198.51.100.1,192.0.2.1,198.51.100.7,2001:db8::7"},
          {"user_agent", "Example 1.0"},
          {"tls", "false"},
          {"last_reply", "-"},
          {"auth_mechanism", "-"}});
}

TEST(Smtp, AMailIsToldWhenItsEndIsAnswered) {
  Flow flow;
  flow.greet();
  flow.envelope();
  flow.ask("DATA", "354 go on");
  for (const char* line : {"Subject: one", "", "body", "."}) flow.client(line);
  EXPECT_EQ(flow.context.events.size(), 0U);
  flow.server("250 queued");
  EXPECT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"last_reply", "250 queued"}, {"subject", "one"}, {"ts", "1700000000001000000"}});
  flow.envelope();
  flow.ask("BDAT 14 LAST\r\nSubject: two", "250 queued too");
  expect(flow.context, 1, {{"trans_depth", "2"}, {"subject", "two"}, {"helo", "client.example"}});
  flow.ask("QUIT", "221 bye");
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smtp, WhatHasNoEndIsToldToo) {
  Flow flow;
  flow.greet();
  flow.ask("MAIL FROM:<a@example.com>", "250 fine");
  flow.ask("RCPT TO:<nobody@example.org>", "550 who?");
  flow.ask("MAIL FROM: b@example.com SIZE=1", "250 fine");
  flow.analyzer->finish(flow.context);
  expect(flow.context, 0,
         {{"mailfrom", "a@example.com"}, {"rcptto", "nobody@example.org"}, {"last_reply", "550 who?"}});
  expect(flow.context, 1, {{"mailfrom", "b@example.com"}, {"trans_depth", "1"}});
  Flow idle;
  idle.greet();
  idle.ask("QUIT", "221 bye");
  idle.analyzer->finish(idle.context);
  EXPECT_TRUE(idle.context.events.empty());
}

TEST(Smtp, DataRefused) {
  Flow flow;
  flow.greet();
  flow.envelope();
  flow.ask("DATA", "554 no");
  flow.ask("MAIL FROM:<c@example.com>", "250 fine");  // a command again, not a mail's first line
  expect(flow.context, 0, {{"mailfrom", "a@example.com"}, {"last_reply", "554 no"}});
}

TEST(Smtp, Pipelined) {
  Flow flow;
  flow.greet();
  flow.client("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n\r\n.");
  flow.server("250 fine\r\n250 fine\r\n354 go on\r\n250 queued");
  expect(flow.context, 0, {{"last_reply", "250 queued"}, {"subject", "x"}});
}

TEST(Smtp, SecretsStayHere) {
  Flow flow;
  flow.greet();
  flow.ask("AUTH LOGIN aHVudGVyMg", "334 UGFzc3dvcmQ6");
  flow.ask("aHVudGVyMg", "535 no");
  flow.ask("AUTH PLAIN", "334 ");
  flow.ask("DATA", "235 in");  // looks like a command, is none
  flow.envelope();
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(
      flow.context, 0,
      {{"auth_mechanism", "PLAIN"}, {"auth_attempts", "2"}, {"auth_success", "true"}, {"mailfrom", "a@example.com"}});
  EXPECT_EQ(flow.context.json.find("aHVudGVyMg"), std::string::npos);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smtp, AServerThatRepeatsWhatItDoesNotKnow) {
  Flow whole;
  whole.greet();
  whole.ask("AUTH PLAIN aHVudGVyMg", "500 5.5.1 Command unrecognized: \"AUTH PLAIN aHVudGVyMg\"");
  whole.analyzer->finish(whole.context);
  ASSERT_EQ(whole.context.events.size(), 1U);
  expect(whole.context, 0, {{"last_reply", "500"}, {"auth_attempts", "1"}});
  Flow answers;
  answers.greet();
  answers.client("AUTH LOGIN\r\naHVudGVyMg");
  answers.server("500 unknown: \"AUTH LOGIN\"\r\n500 unknown: \"aHVudGVyMg\"");
  answers.analyzer->finish(answers.context);
  expect(answers.context, 0, {{"last_reply", "500"}});
  Flow refused;  // which says why
  refused.greet();
  refused.ask("AUTH PLAIN aHVudGVyMg", "535 5.7.8 no");
  refused.analyzer->finish(refused.context);
  expect(refused.context, 0, {{"last_reply", "535 5.7.8 no"}});
}

// RFC 2920: the next envelope does not wait for the reply to the mail before.
TEST(Smtp, TheNextMailInOneGoWithTheEnd) {
  Flow flow;
  flow.greet();
  flow.envelope();
  flow.ask("DATA", "354 go on");
  flow.client("Subject: one\r\n\r\n.\r\nMAIL FROM:<c@example.com>\r\nRCPT TO:<d@example.org>\r\nDATA");
  flow.server("250 first queued\r\n250 fine\r\n250 fine\r\n354 go on");
  flow.client("Subject: two\r\n\r\n.");
  flow.server("250 second queued");
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"mailfrom", "a@example.com"}, {"subject", "one"}, {"last_reply", "-"}});
  expect(flow.context, 1,
         {{"mailfrom", "c@example.com"},
          {"rcptto", "d@example.org"},
          {"subject", "two"},
          {"trans_depth", "2"},
          {"last_reply", "250 second queued"}});
}

TEST(Smtp, AnotherProtocolBehindStartTls) {
  Flow flow;
  flow.greet();
  flow.ask("STARTTLS", "220 go on");
  EXPECT_TRUE(flow.back.anew());
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"tls", "true"}, {"helo", "client.example"}, {"last_reply", "220 go on"}});
  Flow refused;
  refused.greet();
  refused.ask("STARTTLS", "502 no");
  EXPECT_FALSE(refused.back.anew());
}

TEST(SmtpChunks, AHeaderOverSeveral) {
  Flow flow;
  flow.greet();
  flow.envelope();
  flow.ask("BDAT 16\r\nSubject: a\r\nFr", "250 fine");  // 14 bytes and the line end of the test
  flow.ask("BDAT 11 LAST\r\nTo: b@c\r\n", "250 queued");
  expect(flow.context, 0, {{"subject", "a"}, {"to", "b@c"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(SmtpParts, OfAMail) {
  static constexpr const char* kMail =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n..two dots\r\n.\tone\r\n--b\r\n"
      "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n"
      "JVBERi0xLjQK\r\n--b--";
  // In pieces of any size, also where a dot begins a line.
  for (const std::size_t step : {1U, 3U, 1000U}) {
    SCOPED_TRACE(step);
    Flow flow;
    flow.context.unwanted = {};
    flow.greet();
    flow.envelope();
    flow.ask("DATA", "354 go on");
    const std::string mail = std::string{kMail} + "\r\n.\r\nNOOP\r\n";
    const std::vector<std::uint8_t> bytes{mail.begin(), mail.end()};
    for (std::size_t at = 0; at < bytes.size(); at += step)
      flow.out.feed(Bytes{bytes}.subspan(at, std::min(step, bytes.size() - at)));
    flow.server("250 queued");
    ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"files", "files", "smtp"}));
    expect(flow.context, 0, {{"carrier", "SMTP"}, {"seen_bytes", "15"}, {"is_orig", "true"}, {"filename", "-"}});
    expect(flow.context, 1, {{"seen_bytes", "9"}, {"mime_type", "application/pdf"}, {"filename", "a.pdf"}});
    expect(flow.context, 2, {{"mailfrom", "a@example.com"}, {"last_reply", "250 queued"}});
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

// Only a dot that begins a line is taken off, and only one.
TEST(SmtpParts, DotsInAMail) {
  constexpr std::string_view kSent = "\r\n..\r\na.b.\r\n...c\r\n. .\r\n\n..\n.\rd.\r\n";
  for (const std::size_t step : {1U, 2U, 3U, 1000U}) {
    SCOPED_TRACE(step);
    Flow flow;
    flow.context.unwanted = {};
    flow.envelope();
    flow.ask("DATA", "354 go on");
    const std::string mail = std::string{kSent} + ".\r\n";
    const std::vector<std::uint8_t> bytes{mail.begin(), mail.end()};
    for (std::size_t at = 0; at < bytes.size(); at += step)
      flow.out.feed(Bytes{bytes}.subspan(at, std::min(step, bytes.size() - at)));
    flow.server("250 queued");
    ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"files", "smtp"}));
    // Of ".\r\na.b.\r\n..c\r\n .\r\n\n.\n\rd.\r\n".
    expect(flow.context, 0,
           {{"seen_bytes", "26"}, {"sha256", "c6bce104702ed08ec7dd352e301f7ad74495243086d753228ccbc60e0440be82"}});
  }
}

TEST(SmtpParts, AreNamedByTheirMail) {
  Flow flow;
  flow.context.unwanted = {};
  flow.greet();
  for (const char* part : {"one", "two"}) {
    flow.envelope();
    flow.ask("DATA", "354 go on");
    flow.client(std::string{"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"} + part +
                "\r\n--b\r\n\r\nmore\r\n--b--\r\n.");
    flow.server("250 queued");
  }
  ASSERT_EQ(flow.context.events.size(), 6U);
  for (const std::size_t mail : {2U, 5U})
    EXPECT_EQ(flow.context.get(mail, "fuids"),
              flow.context.get(mail - 2, "fuid") + "," + flow.context.get(mail - 1, "fuid"));
  EXPECT_NE(flow.context.get(2, "fuids"), flow.context.get(5, "fuids"));
}

// `\0anna\0secret99` in Base64, and what is none.
TEST(Smtp, TheNameInPlain) {
  constexpr const char* kPlain = "AGFubmEAc2VjcmV0OTk=";
  Flow flow;
  flow.greet();
  flow.ask(std::string{"AUTH plain "} + kPlain, "535 no");
  flow.analyzer->finish(flow.context);
  expect(flow.context, 0, {{"auth_mechanism", "plain"}, {"auth_user", "anna"}, {"auth_attempts", "1"}});
  EXPECT_EQ(flow.context.json.find("secret"), std::string::npos);
  Flow asked;
  asked.greet();
  asked.ask("AUTH PLAIN", "334 ");
  asked.ask(kPlain, "235 in");
  asked.analyzer->finish(asked.context);
  expect(asked.context, 0, {{"auth_user", "anna"}, {"auth_success", "true"}});
  for (const char* mechanism : {"LOGIN", "CRAM-MD5"}) {
    Flow other;
    other.greet();
    other.ask(std::string{"AUTH "} + mechanism, "334 ");
    other.ask(kPlain, "235 in");
    other.analyzer->finish(other.context);
    expect(other.context, 0, {{"auth_user", "-"}});
  }
  Flow twice;  // of two answers only the first is PLAIN's
  twice.greet();
  twice.ask("AUTH PLAIN", "334 ");
  twice.ask("YWJjZA==", "334 ");
  twice.ask(kPlain, "535 no");
  twice.analyzer->finish(twice.context);
  expect(twice.context, 0, {{"auth_user", "-"}});
}

TEST(Smtp, WhoIsInStaysWho) {
  Flow flow;
  flow.greet();
  flow.ask("AUTH PLAIN AGFubmEAc2VjcmV0OTk=", "235 in");
  flow.ask("AUTH PLAIN AGJvYgBzZWNyZXQ5OQ==", "503 already");
  flow.ask("AUTH X", "504 unknown");
  flow.analyzer->finish(flow.context);
  expect(flow.context, 0, {{"auth_mechanism", "PLAIN"}, {"auth_user", "anna"}, {"auth_attempts", "3"}});
}

TEST(SmtpParts, OfChunks) {
  Flow flow;
  flow.context.unwanted = {};
  flow.greet();
  flow.envelope();
  flow.ask("BDAT 4\r\n\r\n", "250 fine");  // with the line end of the test
  flow.ask("BDAT 7\r\n.\r\nab", "250 fine");
  flow.ask("BDAT 0 LAST", "250 queued");
  ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"files", "smtp"}));
  expect(flow.context, 0, {{"seen_bytes", "9"}, {"missing_bytes", "0"}});
}

TEST(SmtpParts, WhatIsNotWholeHasNoDigest) {
  static constexpr struct {
    const char *name, *lines;
    std::uint64_t lost;
    const char* missing;
  } kCases[] = {{"no end", "DATA\r\n\r\none", 0, "0"},
                {"no end of a chunk", "BDAT 100 LAST\r\n\r\none", 0, "0"},
                {"a hole", "DATA\r\n\r\none", 20, "20"},
                {"a hole in a chunk", "BDAT 100 LAST\r\n\r\none", 200, "93"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.context.unwanted = {};
    flow.client(c.lines);
    if (c.lost != 0) flow.analyzer->gap(c.lost, kOut, flow.context);
    flow.analyzer->finish(flow.context);
    expect(flow.context, 0, {{"carrier", "SMTP"}, {"missing_bytes", c.missing}, {"sha256", "-"}});
  }
}

TEST(SmtpChunks, Sizes) {
  static constexpr struct {
    const char* size;
    unsigned bad;
  } kCases[] = {{"0 LAST", 0}, {"", 1}, {"-1", 1}, {"12x", 1}, {"5 X", 1}, {"18446744073709551616", 1}};
  for (const auto& c : kCases) {
    Flow flow;
    flow.greet();
    flow.envelope();
    flow.client(std::string{"BDAT "} + c.size);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), c.bad) << c.size;
    flow.ask("NOOP", "250 fine");
    EXPECT_EQ(flow.context.refused_total(), c.bad);
  }
}

TEST(SmtpChunks, AGapWithinOne) {
  Flow flow;
  flow.greet();
  flow.envelope();
  flow.client("BDAT 100 LAST\r\n\r\n12345678901234");  // 18 bytes of it
  flow.analyzer->gap(82, kOut, flow.context);
  FakeStream later{*flow.analyzer, kOut, flow.context};
  EXPECT_TRUE(later.feed(from_hex("'MAIL FROM:<next@example.com>\r\n'")));
  flow.analyzer->finish(flow.context);
  expect(flow.context, 0, {{"mailfrom", "a@example.com"}});
  expect(flow.context, 1, {{"mailfrom", "next@example.com"}});
}

TEST(Smtp, AGapThatHidesTheDot) {
  Flow flow;
  flow.greet();
  flow.envelope();
  flow.ask("DATA", "354 go on");
  flow.client("Subject: x");
  flow.analyzer->gap(50, kOut, flow.context);
  flow.server("250 queued");
  expect(flow.context, 0, {{"subject", "x"}, {"last_reply", "250 queued"}});
}

TEST(Smtp, AGapInAHeaderEndsIt) {
  Flow flow;
  flow.greet();
  flow.envelope();
  flow.ask("DATA", "354 go on");
  flow.client("Subject: x");
  flow.analyzer->gap(50, kOut, flow.context);
  flow.client("half a line\r\nSubject: a body's\r\n.");
  flow.server("250 queued");
  expect(flow.context, 0, {{"subject", "x"}, {"last_reply", "250 queued"}});
}

TEST(Smtp, Bounds) {
  Flow recipients;
  for (unsigned i = 0; i < 128; ++i) recipients.ask("RCPT TO:<" + std::to_string(i) + "@b>", "250 fine");
  EXPECT_EQ(recipients.context.refused_total(), 0U);
  recipients.ask("RCPT TO:<x@b>", "250 fine");
  EXPECT_EQ(recipients.context.refused_count(DecodeError::limit), 1U);

  Flow waiting;
  for (unsigned i = 0; i < 128; ++i) waiting.client("NOOP");
  EXPECT_EQ(waiting.context.refused_total(), 0U);
  waiting.client("NOOP");
  EXPECT_EQ(waiting.context.refused_count(DecodeError::limit), 1U);

  Flow bad;
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(bad.client("12 ab"));
  EXPECT_FALSE(bad.client("ABCDEFGHIJKLMNOPQ"));
  Flow bad_server;
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(bad_server.server("hello"));
  EXPECT_FALSE(bad_server.server("hello"));

  Flow line;
  line.client("EHLO " + std::string(2041, 'x'));
  EXPECT_EQ(line.context.refused_total(), 0U);
  line.client("EHLO " + std::string(2044, 'x'));
  EXPECT_EQ(line.context.refused_count(DecodeError::too_long), 1U);

  Flow header;
  header.client("DATA\r\nSubject: " + std::string(2000, 'x') + "\r\n " + std::string(2000, 'x') + "\r\n " +
                std::string(2000, 'x') + "\r\n\r\n.");
  header.analyzer->finish(header.context);
  EXPECT_EQ(header.context.refused_count(DecodeError::limit), 1U);
}

TEST(SmtpProbe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Direction direction;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"greeting", "'220 mail ESMTP Postfix\r\n'", kBack, Verdict::yes, Verdict::unsure},
      {"greeting without the word", "'220 ready\r\n'", kBack, Verdict::no, Verdict::unsure},
      {"half a greeting", "'22'", kBack, Verdict::unsure, Verdict::unsure},
      {"hello", "'ehlo a\r\n'", kOut, Verdict::yes, Verdict::yes},
      {"half a hello", "'EH'", kOut, Verdict::unsure, Verdict::unsure},
      {"another command", "'MAIL FROM:<a>\r\n'", kOut, Verdict::no, Verdict::unsure},
      {"a reply of another kind", "'451-busy\r\n'", kBack, Verdict::no, Verdict::unsure},
      {"a number and more", "'2200 ready\r\n'", kBack, Verdict::no, Verdict::no},
      {"SSH", "'SSH-2.0-x\r\n'", kBack, Verdict::no, Verdict::no},
      {"HTTP", "'HTTP/1.1 200 OK\r\n'", kBack, Verdict::no, Verdict::no},
      {"SSH from the client", "'SSH-2.0-x\r\n'", kOut, Verdict::no, Verdict::no},
      {"HTTP from the client", "'GET / HTTP/1.1\r\n'", kOut, Verdict::no, Verdict::no},
      {"its beginning", "'GET /long'", kOut, Verdict::no, Verdict::no},
      {"TLS from the client", "16030100a5010000a10303", kOut, Verdict::no, Verdict::no},
      {"TLS from the server", "16030100a5010000a10303", kBack, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    EXPECT_EQ(protocol("smtp").probe(bytes, c.direction, Transport::tcp, false), c.anywhere);
    EXPECT_EQ(protocol("smtp").probe(bytes, c.direction, Transport::tcp, true), c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
