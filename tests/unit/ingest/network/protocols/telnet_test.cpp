#include "ingest/network/protocols/telnet_options.h"
#include "play.h"

namespace nw::network {
namespace {

struct Flow : Play {
  Flow() : Play{"telnet", Transport::tcp} {}

  void type(std::string_view text) { out.feed(octets(text)); }
  void show(std::string_view text) { back.feed(octets(text)); }
  // A login up to where the server answers.
  void log_in(std::string_view user, std::string_view password) {
    show("login: ");
    type(user);
    type("\r\n");
    show("\r\nPassword: ");
    type(password);
    type("\r\n");
    show("\r\n");
  }
};

TEST(Telnet, ALogin) {
  Flow flow;
  flow.out.feed(from_hex("fffd03 fffb18 fffa 18 00 'XTERM' fff0"));
  flow.back.feed(from_hex("fffd18 fffd20"));
  flow.log_in("anna", "secret99");
  EXPECT_TRUE(flow.context.events.empty());
  flow.show("Last login: Mon Mar  2 from 192.0.2.1\r\n");
  EXPECT_TRUE(flow.back.done());
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"user", "anna"},
          {"password_seen", "true"},
          {"auth_attempts", "1"},
          {"auth_success", "true"},
          {"terminal", "XTERM"}});
  EXPECT_EQ(flow.context.json.find("secret99"), std::string::npos);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Telnet, FailuresAndThenNothing) {
  Flow flow;
  flow.log_in("anna", "wrong");
  flow.show("Login incorrect\r\n");
  flow.log_in("bob", "wrong");  // its prompt tells that anna's second word was none
  flow.show("login: ");
  flow.type("carol\r\n");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 0, {{"user", "anna"}, {"auth_success", "false"}, {"auth_attempts", "1"}, {"terminal", "-"}});
  expect(flow.context, 1, {{"user", "bob"}, {"auth_success", "false"}, {"password_seen", "true"}});
  expect(flow.context, 2,
         {{"user", "carol"}, {"auth_success", "-"}, {"password_seen", "false"}, {"auth_attempts", "3"}});
}

TEST(Telnet, APasswordAlone) {
  Flow flow;
  flow.show("User Access Verification\r\n\r\nPassword: ");
  flow.type("one\r\n");
  flow.show("\r\nPassword: ");
  flow.type("two\r\n");
  flow.show("\r\nswitch>");
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"user", "-"}, {"password_seen", "true"}, {"auth_success", "false"}});
  expect(flow.context, 1, {{"user", "-"}, {"password_seen", "true"}, {"auth_success", "true"}});
}

TEST(Telnet, WhatTheServerSays) {
  static constexpr struct {
    const char *text, *success;
  } kCases[] = {
      {"$ ", "true"},
      {"\x1b[1m\x1b]root@plc:~#\x1b[0m ", "true"},
      {"C:\\Users\\anna>", "true"},
      {"There were 2 failed login attempts since the last successful login.\r\n", "true"},
      {"Login failed.\r\n", "false"},
      {"Error: Authentication fail\r\n", "false"},
      {"% Authentication failed\r\n", "false"},
      {"Permission denied, please try again.\r\n", "false"},
      {"user name:", "false"},
      {"Just a moment...\r\n", "-"},
      {"", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Flow flow;
    flow.log_in("anna", "x");
    flow.show(c.text);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.get(0, "auth_success"), c.success);
  }
}

TEST(Telnet, WhatIsTyped) {
  static constexpr struct {
    const char *typed, *user;
  } kCases[] = {
      {"anna\r", "anna"},
      {"anna\n", "anna"},
      {"anmb\b\x7fna\r\n", "anna"},
      {"x\x15"
       "anna\r\n",
       "anna"},
      {"\r\n\r\nanna\r", "anna"},
      {"\b\banna\r", "anna"},
      {"an\x01na\xff\xff\r", "anna\\xff"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.user);
    Flow flow;
    flow.show("login:");
    for (const char key : std::string_view{c.typed}) flow.type({&key, 1});
    flow.show("\r\nlogin: ");
    EXPECT_EQ(flow.context.get(0, "user"), c.user);
  }
  // Typed ahead: at no prompt of ours, so nobody knows what it is.
  Flow ahead;
  ahead.type("anna\r\nsecret99\r\n");
  ahead.show("login: ");
  ahead.analyzer->finish(ahead.context);
  expect(ahead.context, 0, {{"user", "-"}, {"auth_attempts", "0"}});
}

TEST(Telnet, PromptsForPasswordsOfManyNames) {
  static constexpr struct {
    const char *prompt, *user;
  } kCases[] = {
      {"Login passwd:", "-"},
      {"User PIN : ", "-"},
      {"Account code:", "-"},
      {"Enter login pass:", "-"},
      {"User secret:", "-"},
      {"Kennwort fuer den Account anna:", "-"},
      {"Username password:", "-"},
      {"compass login:", "x1"},
      {"pin7 username: ", "x1"},
      {"Login: ", "x1"},
      // What they name last is whose it is.
      {"Enter passwd for user root:", "-"},
      {"Passwort fuer Benutzer anna: ", "-"},
      {"PIN for account 7:", "-"},
      {"Mot de passe (login anna) :", "-"},
      {"[token] user anna:", "-"},
      {"compass user id:", "x1"},
      {"PIN for user:", "-"},
      {"Enter passwd of this account:", "-"},
      {"pin7 user name:", "x1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.prompt);
    Flow flow;
    flow.show(c.prompt);
    flow.type("x1\r\n");
    flow.analyzer->finish(flow.context);
    expect(flow.context, 0, {{"user", c.user}, {"password_seen", *c.user == '-' ? "true" : "false"}});
    EXPECT_EQ(flow.context.json.find("x1") == std::string::npos, *c.user == '-');
  }
}

TEST(Telnet, NotEveryNameIsAUsers) {
  for (const char* prompt : {"name:", "User name: ", "Benutzername:", "Patient name:", "Router name: "}) {
    SCOPED_TRACE(prompt);
    Flow flow;
    flow.show(prompt);
    flow.type("doe\r\n");
    flow.analyzer->finish(flow.context);
    const bool others = *prompt == 'P' || *prompt == 'R';
    expect(flow.context, 0, {{"user", others ? "-" : "doe"}, {"auth_attempts", others ? "0" : "1"}});
  }
}

TEST(Telnet, ASessionWithoutALogin) {
  Flow flow;
  flow.out.feed(from_hex("fffb27 fffa 27 00 00 'USER' 01 'anna' 00 'X' 01 'y' fff0"));
  flow.show("Welcome\r\n");
  flow.type("secret99\r\n");
  flow.show("ls\r\n$ ");
  flow.context.time += std::chrono::seconds{5};
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"user", "anna"}, {"auth_attempts", "0"}, {"auth_success", "-"}, {"ts", "1700000000000000000"}});
}

TEST(Telnet, AGap) {
  Flow flow;
  flow.show("login: ");
  flow.type("an");
  flow.analyzer->gap(2, kOut, flow.context);
  FakeStream later{*flow.analyzer, kOut, flow.context};
  later.feed(from_hex("'na' 0d0a"));
  flow.show("Password: ");
  later.feed(from_hex("'secret' 0d0a"));
  flow.analyzer->finish(flow.context);
  expect(flow.context, 0, {{"user", "-"}, {"password_seen", "true"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Telnet, Bounds) {
  for (const std::size_t size : {256U, 257U}) {
    Flow flow;
    flow.show("login: ");
    flow.type(std::string(size, 'a') + "\r\n");
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.get(0, "user"), std::string(256, 'a'));
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), size == 257 ? 1U : 0U);
  }
  // A prompt is found behind a line of any length.
  Flow line;
  line.show(std::string(5000, '-') + " login: ");
  line.type("anna\r\n");
  line.analyzer->finish(line.context);
  EXPECT_EQ(line.context.get(0, "user"), "anna");
  // A server that shows no prompt is not listened to for ever.
  Flow silent;
  silent.show(std::string(65'535, '-'));
  EXPECT_FALSE(silent.back.done());
  silent.show("-");
  EXPECT_TRUE(silent.back.done());
  EXPECT_EQ(silent.context.events.size(), 1U);
  Flow odd;
  odd.log_in("anna", "x");
  odd.show(std::string(65'536, '-'));
  EXPECT_TRUE(odd.back.done());
  ASSERT_EQ(odd.context.events.size(), 1U);
  expect(odd.context, 0, {{"user", "anna"}, {"auth_success", "-"}});
}

TEST(TelnetText, Commands) {
  static constexpr struct {
    const char *name, *hex, *text, *terminal, *user;
  } kCases[] = {
      {"plain", "'abc'", "abc", "", ""},
      {"commands", "'a' fff1 'b' fffb01 'c' fffe18 'd'", "abcd", "", ""},
      {"255 itself", "'a' ffff 'b'",
       "a\xff"
       "b",
       "", ""},
      {"terminal", "fffa 18 00 'VT100' fff0 'x'", "x", "VT100", ""},
      {"asks for the terminal", "fffa 18 01 fff0 'x'", "x", "", ""},
      {"255 in a terminal", "fffa 18 00 'a' ffff 'b' fff0", "",
       "a\xff"
       "b",
       ""},
      {"user", "fffa 27 00 00 'USER' 01 'anna' 00 'JOB' 01 'x' fff0", "", "", "anna"},
      {"user with an escape", "fffa 27 02 00 'USER' 01 'a' 02 01 'b' 03 'X' 01 fff0", "", "", "a\1b"},
      {"no user", "fffa 27 00 00 'JOB' 01 'USER' fff0", "", "", ""},
      {"nothing inside", "fffa fff0 'x'", "x", "", ""},
      {"another end", "fffa 18 00 'VT' fff1 'x'", "x", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    TelnetText side;
    std::string text;
    for (const std::uint8_t byte : from_hex(c.hex)) {
      std::uint8_t plain = 0;
      if (side.text(byte, plain)) text.push_back(static_cast<char>(plain));
    }
    EXPECT_EQ(text, c.text);
    EXPECT_EQ(side.terminal(), c.terminal);
    EXPECT_EQ(side.user(), c.user);
  }
}

TEST(TelnetText, AnOptionIsBounded) {
  for (const std::size_t size : {TelnetText::kOptionBytesMax, TelnetText::kOptionBytesMax + 1}) {
    TelnetText side;
    std::uint8_t plain = 0;
    for (const std::uint8_t byte : from_hex("fffa 18 00")) side.text(byte, plain);
    for (std::size_t i = 2; i < size; ++i) side.text('x', plain);
    for (const std::uint8_t byte : from_hex("fff0")) side.text(byte, plain);
    EXPECT_EQ(side.terminal().size(), TelnetText::kOptionBytesMax - 2);
    EXPECT_EQ(side.cut(), size > TelnetText::kOptionBytesMax);
  }
}

TEST(TelnetProbe, Verdicts) {
  static constexpr struct {
    const char* hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"fffd18 fffd20 'login'", Verdict::yes, Verdict::yes},
      {"fffd18", Verdict::unsure, Verdict::unsure},
      {"fffd", Verdict::unsure, Verdict::unsure},
      {"fffd18 'x'", Verdict::no, Verdict::unsure},
      {"fffd18 fffd32", Verdict::no, Verdict::unsure},
      {"fff118", Verdict::no, Verdict::unsure},
      {"'login: '", Verdict::no, Verdict::unsure},
      {"'SSH-2.0-x' 0d0a", Verdict::no, Verdict::no},
      {"'HTTP/1.1 200 OK' 0d0a", Verdict::no, Verdict::no},
      {"'GET / HTTP/1.1' 0d0a", Verdict::no, Verdict::no},
      {"16030100a5010000a10303", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    const auto bytes = from_hex(c.hex);
    expect_verdicts("telnet", bytes, kBack, Transport::tcp, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
