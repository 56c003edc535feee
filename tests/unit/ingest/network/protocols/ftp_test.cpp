#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"
#include "ingest/network/protocols/ftp_channel.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

// A control connection, its lines a millisecond apart.
struct Flow {
  FakeContext context{protocol("ftp")};
  std::unique_ptr<Analyzer> analyzer = protocol("ftp").make(Transport::tcp);
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
  std::string last(const std::string& field) { return context.get(context.events.size() - 1, field); }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << index << " " << want.field;
}

TEST(Ftp, CommandsWithDigits) {
  Flow flow;
  flow.client("xsha256 a.bin\r\nMD5 a.bin");
  flow.server("250 00ff\r\n251 0f");
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"command", "XSHA256"}, {"arg", "a.bin"}, {"reply_code", "250"}});
  expect(flow.context, 1, {{"command", "MD5"}, {"reply_code", "251"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Ftp, ASession) {
  Flow flow;
  flow.server("220-Welcome");
  flow.server("220 Example FTP server");
  flow.client("USER anna");
  flow.server("331 Password, please");
  flow.client("pass secret99");
  flow.server("230 Hello");
  flow.client("RETR a file.txt");
  flow.server("150 Here it comes");
  flow.server("226 Done");
  flow.client("QUIT");
  ASSERT_EQ(flow.context.events.size(), 4U);
  expect(flow.context, 0,
         {{"command", "<init>"}, {"reply_code", "220"}, {"reply_msg", "Example FTP server"}, {"user", "-"}});
  expect(flow.context, 1,
         {{"ts", "1700000000002000000"},
          {"command", "USER"},
          {"arg", "anna"},
          {"user", "anna"},
          {"password_seen", "false"},
          {"reply_code", "331"},
          {"data_channel.passive", "-"}});
  expect(flow.context, 2, {{"command", "PASS"}, {"arg", "<hidden>"}, {"user", "anna"}, {"password_seen", "true"}});
  expect(flow.context, 3,
         {{"command", "RETR"}, {"arg", "a file.txt"}, {"password_seen", "true"}, {"reply_code", "226"}});
  flow.analyzer->finish(flow.context);
  expect(flow.context, 4, {{"command", "QUIT"}, {"reply_code", "-"}, {"arg", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Ftp, SecretsStayHere) {
  static constexpr const char* kSecrets[] = {"PASS hunter2x",
                                             "acct hunter2x",
                                             "ADAT hunter2x",
                                             "SITE PSWD old hunter2x",
                                             "site chpwd hunter2x",
                                             "SITE GPASS hunter2x",
                                             "SITE ADDUSER anna hunter2x"};
  for (const char* line : kSecrets) {
    SCOPED_TRACE(line);
    Flow flow;
    flow.client(line);
    flow.server(std::string{"500 what is "} + (line + std::string_view{line}.find(' ') + 1) + "?");
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.json.find("hunter2x"), std::string::npos) << flow.context.json;
    EXPECT_EQ(flow.last("arg"), "<hidden>");
    EXPECT_EQ(flow.last("reply_msg"), "<hidden>");
  }
  Flow cut;
  cut.client("PASS " + std::string(5000, 'x'));
  cut.server("230 in");
  EXPECT_EQ(cut.last("arg"), "<hidden>");
  EXPECT_EQ(cut.context.refused_count(DecodeError::too_long), 1U);
}

TEST(Ftp, DataChannels) {
  static constexpr struct {
    const char *command, *reply, *passive, *from, *to, *port;
  } kCases[] = {
      {"PASV", "227 Entering Passive Mode (203,0,113,9,221,90).", "true", "192.0.2.1", "203.0.113.9", "56666"},
      {"PASV", "227 =203,0,113,9,0,21", "true", "192.0.2.1", "203.0.113.9", "21"},
      {"PASV", "425 no", "-", "-", "-", "-"},
      {"EPSV", "229 Extended (|||57086|)", "true", "192.0.2.1", "198.51.100.1", "57086"},
      {"PORT 192,0,2,9,1,0", "200 fine", "false", "198.51.100.1", "192.0.2.9", "256"},
      {"EPRT |2|2001:db8::1|49152|", "200 fine", "false", "198.51.100.1", "2001:db8::1", "49152"},
      {"STAT", "227 (203,0,113,9,221,90)", "-", "-", "-", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.reply);
    Flow flow;
    flow.client(c.command);
    flow.server(c.reply);
    expect(flow.context, 0,
           {{"data_channel.passive", c.passive},
            {"data_channel.orig_h", c.from},
            {"data_channel.resp_h", c.to},
            {"data_channel.resp_p", c.port}});
  }
}

TEST(Ftp, AnnouncesDataConnections) {
  static constexpr struct {
    const char *name, *lines;  // those that begin with a digit are the server's
    std::vector<std::string> (*want)();
  } kCases[] = {
      {"passive", "PASV\r\n227 Go (203,0,113,9,221,90).\r\nRETR a file.txt",
       [] {
         return std::vector<std::string>{"192.0.2.1 198.51.100.1 56666 ftp-data ",
                                         "192.0.2.1 198.51.100.1 56666 ftp-data a file.txt"};
       }},
      {"a refusal", "PASV\r\n425 no\r\nRETR a", [] { return std::vector<std::string>{}; }},
      {"active", "PORT 192,0,2,9,1,0\r\n200 fine\r\nstor \\b",
       [] {
         return std::vector<std::string>{"198.51.100.1 192.0.2.1 256 ftp-data ",
                                         "198.51.100.1 192.0.2.1 256 ftp-data \\b"};
       }},
      {"listing behind a file", "EPSV\r\n229 Go (|||5001|)\r\nAPPE c\r\n226 Done\r\nMLSD d",
       [] {
         return std::vector<std::string>{"192.0.2.1 198.51.100.1 5001 ftp-data ",
                                         "192.0.2.1 198.51.100.1 5001 ftp-data c",
                                         "192.0.2.1 198.51.100.1 5001 ftp-data "};
       }},
      {"no channel", "RETR a\r\n425 Use PORT or PASV first", [] { return std::vector<std::string>{}; }},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    std::string_view rest = c.lines;
    while (!rest.empty()) {
      const std::string line{rest.substr(0, rest.find("\r\n"))};
      rest.remove_prefix(std::min(rest.size(), line.size() + 2));
      flow.say(line, std::isdigit(static_cast<unsigned char>(line.front())) != 0 ? kBack : kOut);
    }
    EXPECT_EQ(flow.context.expected, c.want());
  }
}

TEST(FtpChannel, Refuses) {
  for (const char* text : {"", "nothing", "1,2,3,4,5", "256,2,3,4,5,6", "1,2,3,4,0,0", "1.2.3.4.5.6", "1,2,3,4,5,256",
                           "99999999999,2,3,4,5,6"})
    EXPECT_FALSE(read_ftp_port(text)) << text;
  for (const char* text : {"", "|", "|1|", "|1|192.0.2.1|", "|1|192.0.2.1|21", "|1|192.0.2.1|0|", "|1|192.0.2.1|65536|",
                           "|2|192.0.2.1|21|", "|1|2001:db8::1|21|", "|3|x|21|", "|1|x|21|", "|0|192.0.2.1|21|"})
    EXPECT_FALSE(read_ftp_eprt(text)) << text;
  EXPECT_TRUE(read_ftp_eprt("!1!192.0.2.1!21!"));
  for (const char* text : {"", "(", "(|||", "(|||)", "(||1|21|)", "(|||0|)", "(|||65536|)", "|||21|"})
    EXPECT_FALSE(read_ftp_epsv(text)) << text;
  EXPECT_TRUE(read_ftp_epsv("(!!!21!)"));
}

TEST(Ftp, AnotherProtocolBehindAuthTls) {
  Flow flow;
  flow.client("AUTH TLS");
  flow.server("234 Proceed");
  EXPECT_TRUE(flow.back.anew());
  expect(flow.context, 0, {{"command", "AUTH"}, {"arg", "TLS"}, {"reply_code", "234"}});
  Flow refused;
  refused.client("AUTH TLS");
  refused.server("530 no");
  EXPECT_FALSE(refused.back.anew());
}

TEST(Ftp, SizeOfAFile) {
  static constexpr struct {
    const char *command, *reply, *size;
  } kCases[] = {
      {"RETR a", "150 Opening a (1) (5000 bytes).\r\n226 Done", "5000"},
      {"RETR a", "150 Opening a\r\n226 Done (7 bytes)", "-"},
      {"RETR a", "150 Opening (x bytes)\r\n226 Done", "-"},
      {"STOR a", "150 Opening a (5000 bytes)\r\n226 Done", "-"},
      {"SIZE a", "213 6000", "6000"},
      {"SIZE a", "213 -6", "-"},
      {"SIZE a", "213 99999999999999999999", "-"},
      {"SIZE a", "550 no", "-"},
  };
  for (const auto& c : kCases) {
    Flow flow;
    flow.client(c.command);
    flow.server(c.reply);
    EXPECT_EQ(flow.last("file_size"), c.size) << c.reply;
  }
}

TEST(Ftp, Greetings) {
  Flow early;  // the client speaks first
  early.client("USER anna");
  early.server("220 ready");
  early.server("331 go on");
  expect(early.context, 0, {{"command", "<init>"}});
  expect(early.context, 1, {{"command", "USER"}, {"reply_code", "331"}});
  Flow again;
  again.client("REIN");
  again.server("220 ready");
  expect(again.context, 0, {{"command", "REIN"}, {"reply_code", "220"}});
  Flow alone;
  alone.server("421 busy");
  expect(alone.context, 0, {{"command", "-"}, {"reply_code", "421"}});
}

TEST(Ftp, PipelinedNamesKeepTheirPasswords) {
  Flow flow;
  for (const char* line : {"USER anna", "PASS x", "USER bob"}) flow.client(line);
  for (const char* line : {"331 go on", "530 no", "331 go on"}) flow.server(line);
  expect(flow.context, 1, {{"user", "anna"}, {"password_seen", "true"}, {"reply_code", "530"}});
  expect(flow.context, 2, {{"user", "bob"}, {"password_seen", "false"}});
}

TEST(Ftp, WaitingCommandsAreBounded) {
  Flow flow;
  for (unsigned i = 0; i < 32; ++i) flow.client("NOOP " + std::to_string(i));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  flow.client("NOOP 32");
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  expect(flow.context, 0, {{"arg", "0"}, {"reply_code", "-"}});  // the oldest, told unanswered
  flow.server("200 one");
  expect(flow.context, 1, {{"arg", "1"}, {"reply_code", "200"}});
}

TEST(Ftp, BadLinesEndTheAnalysis) {
  for (const char* bad : {"", "12 ab", "ABCDEFGHIJKLMNOPQ", "a1"}) {
    Flow flow;
    flow.client("NOOP");
    for (int i = 0; i < 15; ++i) EXPECT_TRUE(flow.client(bad));
    EXPECT_FALSE(flow.client(bad));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 16U) << bad;
    EXPECT_EQ(flow.context.events.size(), 1U);  // what waited is told
  }
  Flow server;
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(server.server("hello"));
  EXPECT_FALSE(server.server("hello"));
}

TEST(Ftp, LongLinesAreCut) {
  Flow flow;
  flow.client("RETR " + std::string(2041, 'x'));  // with its end 2048
  EXPECT_EQ(flow.context.refused_total(), 0U);
  flow.client("RETR " + std::string(2044, 'x'));
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
  flow.client("QUIT");
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.get(0, "arg").size(), 2041U);
  EXPECT_EQ(flow.context.get(1, "arg").size(), 2043U);
  EXPECT_EQ(flow.context.get(2, "command"), "QUIT");
}

TEST(Ftp, AGapTellsWhatWaits) {
  Flow flow;
  flow.client("RETR a");
  flow.analyzer->gap(10, kBack, flow.context);
  expect(flow.context, 0, {{"command", "RETR"}, {"reply_code", "-"}});
  FakeStream later{*flow.analyzer, kBack, flow.context};
  EXPECT_TRUE(later.feed(from_hex("'lf of a line\r\n226 done\r\n'")));
  expect(flow.context, 1, {{"command", "-"}, {"reply_code", "226"}});
  flow.client("STOR b");
  EXPECT_TRUE(later.feed(from_hex("'226 stored\r\n'")));
  expect(flow.context, 2, {{"command", "STOR"}, {"reply_code", "226"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(FtpProbe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Direction direction;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"greeting", "'220 ProFTPD ready\r\n'", kBack, Verdict::yes, Verdict::unsure},
      {"greeting without the word", "'220 ready\r\n'", kBack, Verdict::no, Verdict::unsure},
      {"half a greeting", "'22'", kBack, Verdict::unsure, Verdict::unsure},
      {"a mail server", "'220 mail ESMTP\r\n'", kBack, Verdict::no, Verdict::unsure},
      {"a command", "'USER anna\r\n'", kOut, Verdict::no, Verdict::unsure},
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
    EXPECT_EQ(protocol("ftp").probe(bytes, c.direction, Transport::tcp, false), c.anywhere);
    EXPECT_EQ(protocol("ftp").probe(bytes, c.direction, Transport::tcp, true), c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
