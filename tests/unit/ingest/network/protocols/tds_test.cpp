#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

std::string golden(std::string_view name) { return std::string{Golden{"tds"}(name).hex}; }

struct Flow {
  FakeContext context{protocol("tds")};
  std::unique_ptr<Analyzer> analyzer = protocol("tds").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool ask(std::string_view hex) { return out.feed(from_hex(hex)); }
  bool answer(std::string_view hex) { return back.feed(from_hex(hex)); }
  [[nodiscard]] std::string get(std::size_t index, const char* field) const { return context.get(index, field); }
};

struct Want {
  const char *field, *value;
};

TEST(Tds, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    std::size_t index;
    std::vector<Want> want;
  } kCases[] = {
      {"prelogin", kOut, 0, {{"cmd", "prelogin"}, {"success", "-"}, {"encrypted", "-"}}},
      {"prelogin_then_tls", kOut, 0, {{"cmd", "prelogin"}, {"encrypted", "true"}}},
      {"login",
       kOut,
       0,
       {{"cmd", "login"},
        {"user", "alice"},
        {"database", "shop"},
        {"client_host", "ws7"},
        {"application", "psql"},
        {"server", "db1"},
        {"integrated", "false"}}},
      {"login_50", kOut, 0, {{"cmd", "login"}, {"user", "sa"}, {"client_host", "ws7"}, {"database", "-"}}},
      {"batch", kOut, 0, {{"cmd", "batch"}, {"statement", "select 1"}, {"user", "-"}, {"success", "-"}}},
      {"batch_in_two", kOut, 0, {{"cmd", "batch"}, {"statement", "alter login sa with password = '<secret>'"}}},
      {"batch_before_7", kOut, 0, {{"cmd", "batch"}, {"statement", "select 1"}}},
      {"rpc", kOut, 0, {{"cmd", "rpc"}, {"procedure", "sp_executesql"}, {"statement", "select @a"}}},
      {"rpc_by_name", kOut, 0, {{"cmd", "rpc"}, {"procedure", "sp_who"}, {"statement", "-"}}},
      {"others", kOut, 0, {{"cmd", "attention"}}},
      {"others", kOut, 1, {{"cmd", "bulk_load"}}},
      {"others", kOut, 2, {{"cmd", "transaction"}}},
      {"answer_refused",
       kBack,
       0,
       {{"cmd", "-"}, {"success", "false"}, {"error_number", "18456"}, {"error_message", "no"}}},
      {"answer_login", kBack, 0, {{"success", "true"}, {"server_version", "16.0.4003"}}},
      {"answer_rows", kBack, 0, {{"success", "true"}, {"rows", "1"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE((c.direction == kOut ? flow.out : flow.back).feed(from_hex(golden(c.name))));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    for (const Want& want : c.want) EXPECT_EQ(flow.get(c.index, want.field), want.value) << want.field;
    EXPECT_EQ(flow.context.json.find("hunter2"), std::string::npos);
  }
}

TEST(Tds, ASessionInTheClear) {
  Flow flow;
  flow.ask(golden("prelogin"));
  flow.answer("04 01 001a 0000 01 00  00 000b 0006  01 0011 0001  ff 10000fa3 0000 02");
  flow.ask(golden("login"));
  flow.answer("04 01 000c 0000 01 00 ed 0100 00");  // the proof goes on
  flow.ask("11 01 000c 0000 01 00 'ntlm'");
  flow.answer(golden("answer_login"));
  flow.ask(golden("batch"));
  flow.answer(golden("answer_rows"));
  flow.ask(golden("rpc"));
  flow.answer(golden("answer_refused"));
  const std::vector<std::vector<Want>> kWant = {
      {{"cmd", "prelogin"}, {"encrypted", "false"}, {"server_version", "16.0.4003"}, {"success", "true"}},
      {{"cmd", "login"}, {"success", "true"}, {"rows", "-"}},
      {{"cmd", "batch"}, {"user", "alice"}, {"database", "shop"}, {"success", "true"}, {"rows", "1"}},
      {{"cmd", "rpc"}, {"success", "false"}, {"error_number", "18456"}},
  };
  ASSERT_EQ(flow.context.events.size(), kWant.size());
  for (std::size_t i = 0; i < kWant.size(); ++i)
    for (const Want& want : kWant[i]) EXPECT_EQ(flow.get(i, want.field), want.value) << i << " " << want.field;
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// "near 'hunter2'"
constexpr const char* kNearError =
    "04 01 0042 0000 01 00 aa 2a00 66000000 01 0f 0e00"
    " 6e0065006100720020002700680075006e007400650072003200270000 00 01000000 fd 0200 c100 0000000000000000";

TEST(Tds, ErrorsRepeatNoPassword) {
  const struct {
    const char *name, *request, *want;
  } kCases[] = {
      {"a statement", "01 01 0024 0000 01 00 6100 2000 7000 6100 7300 7300 7700 6f00 7200 6400 2000 6800 7500 6e00",
       "near <secret>"},
      {"another statement", "01 01 0018 0000 01 00 7300 6500 6c00 6500 6300 7400 2000 3100", "near 'hunter2'"},
      {"a call", "03 01 0018 0000 01 00 0600 730070005f00770068006f00 0000", "near <secret>"},
      {"only an error", "", "near <secret>"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask(c.request);
    flow.answer(kNearError);
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get(0, "error_message"), c.want);
  }
  Flow flow;
  flow.ask(golden("login"));
  flow.answer(kNearError);
  EXPECT_EQ(flow.get(0, "error_message"), "near 'hunter2'");
}

// A text of a login before version 7: in 30 bytes, with its length.
std::string in_thirty(const std::string& text) {
  constexpr std::size_t kBytes = 30;
  return "'" + text + "'" + std::string(2 * (kBytes - text.size()), '0') + "0" + std::to_string(text.size());
}

TEST(Tds, ALoginOfSybase) {
  const std::string error = "e5 2500 a20f0000 01 0e 05 'ZZZZZ' 00 0000 0d00 'Login failed.' 03 'ASE' 00 0000";
  const std::string notice = "e5 2500 a20f0000 01 0a 05 'ZZZZZ' 00 0000 0d00 'Login failed.' 03 'ASE' 00 0000";
  const std::string done = "fd 0000 0000 00000000";
  const auto went = [](const char* status) { return "ad 0d00 " + std::string{status} + " 05000000 03 'ASE' 10000fa3"; };
  const struct {
    const char* name;
    std::string answer;
    const char *success, *number, *message;
  } kCases[] = {
      {"refused", "04 01 0049 0000 01 00" + error + went("06") + done, "false", "4002", "Login failed."},
      {"refused without a word", "04 01 0021 0000 01 00" + went("06") + done, "false", "-", "-"},
      {"granted", "04 01 0049 0000 01 00" + notice + went("05") + done, "true", "-", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask("02 01 00d2 0000 01 00" + in_thirty("ws7") + in_thirty("sa") + in_thirty("hunter2") + in_thirty("77") +
             std::string(32, '0') + in_thirty("isql") + in_thirty("PLANT"));
    flow.answer(c.answer);
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get(0, "user"), "sa");
    EXPECT_EQ(flow.get(0, "application"), "isql");
    EXPECT_EQ(flow.get(0, "server"), "PLANT");
    EXPECT_EQ(flow.get(0, "success"), c.success);
    EXPECT_EQ(flow.get(0, "error_number"), c.number);
    EXPECT_EQ(flow.get(0, "error_message"), c.message);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    EXPECT_EQ(flow.context.json.find("hunter2"), std::string::npos);
  }
  // The password comes encrypted, with a message of its own.
  Flow flow;
  flow.ask(golden("login_50"));
  flow.answer("04 01 0021 0000 01 00" + went("07") + done);
  flow.ask("0f 01 0009 0000 01 00 65");
  EXPECT_TRUE(flow.context.events.empty());
  flow.answer("04 01 0021 0000 01 00" + went("05") + done);
  flow.ask("0f 01 0009 0000 01 00 21");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(0, "cmd"), "login");
  EXPECT_EQ(flow.get(0, "success"), "true");
  EXPECT_EQ(flow.get(1, "cmd"), "batch");
}

TEST(Tds, IsBounded) {
  Flow flow;
  // Ten packets of 60'000 bytes are one statement.
  for (unsigned i = 0; i < 10; ++i) {
    std::vector<std::uint8_t> packet = from_hex(i == 9 ? "01 01 ea68 0000 01 00" : "01 00 ea68 0000 01 00");
    for (unsigned k = 0; k < 30'000; ++k) packet.insert(packet.end(), {'x', 0});
    flow.out.feed(packet);
  }
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.get(0, "statement"), std::string(4093, 'x'));
  // A response whose last token is in two packets.
  flow.ask(golden("batch"));
  flow.answer("04 00 000d 0000 01 00 fd 1000 c100");
  flow.answer("04 01 0010 0000 02 00 05000000 00000000");
  EXPECT_EQ(flow.get(1, "rows"), "5");
  // More options than a prelogin may have.
  std::string many = "12 01 005e 0000 01 00 ";
  for (unsigned i = 0; i < 17; ++i) many += "00 0000 0004 ";
  flow.ask(many + "ff");
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Tds, TextsAreUtf16) {
  Flow flow;
  flow.ask("01 01 0016 0000 01 00 e900 3dd800de ac20 00dc 3dd8 4100");
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.get(0, "statement"),
            "\xc3\xa9\xf0\x9f\x98\x80\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd"
            "A");
}

TEST(Tds, RefusesWhatCannotBe) {
  const struct {
    const char *name, *hex;
    Direction direction;
    DecodeError want;
    bool ends;
  } kCases[] = {
      {"no such type", "05", kOut, DecodeError::bad_value, true},
      {"a length under the header's", "01 01 0007 0000 01 00", kOut, DecodeError::bad_value, true},
      {"a cut login", "10 01 0010 0000 01 00 64000000 04000074", kOut, DecodeError::bad_value, false},
      {"a prelogin without end", "12 01 000d 0000 01 00 00 0000 0004", kOut, DecodeError::bad_value, false},
      {"a prelogin that points beyond itself", "12 01 000e 0000 01 00 00 0006 0006 ff", kOut, DecodeError::bad_value,
       false},
      {"a call without a number", "03 01 000a 0000 01 00 ffff", kOut, DecodeError::bad_value, false},
      {"a call of no such number", "03 01 000e 0000 01 00 ffff 1000 0000", kOut, DecodeError::bad_value, false},
      {"a cut token", "04 01 000d 0000 01 00 aa 0900 1111", kBack, DecodeError::truncated, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask(golden("batch"));
    EXPECT_EQ((c.direction == kOut ? flow.out : flow.back).feed(from_hex(c.hex)), !c.ends);
    EXPECT_EQ(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    EXPECT_EQ(flow.context.events.size(), 1U);  // what waited is told
  }
}

// Servers read past them; whoever does not is passed by.
TEST(Tds, WhatServersDoNotMind) {
  Flow flow;
  flow.ask("01 e1 0018 0000 01 01 7300 6500 6c00 6500 6300 7400 2000 3100");
  flow.answer(golden("answer_rows"));
  flow.ask("12 01 000d 0000 01 00 16 0301 0005");  // behind a request this is no TLS
  flow.ask(
      "03 01 0044 0000 01 00 1100 7300 7900 7300 2e00 5300 5000 5f00 6500 7800 6500 6300 7500 7400 6500 7300 7100"
      " 6c00 0000 00 00 e7 401f 0904d00034 0a00 6100 6200 6300 6400 6500");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.get(0, "statement"), "select 1");
  EXPECT_EQ(flow.get(1, "cmd"), "prelogin");
  EXPECT_EQ(flow.get(2, "procedure"), "sys.SP_executesql");
  EXPECT_EQ(flow.get(2, "statement"), "abcde");
}

// A response that comes late is taken for the next request's.
TEST(Tds, LateErrorsRepeatNoPassword) {
  Flow flow;
  flow.ask("01 01 0018 0000 01 00 7000 6100 7300 7300 7700 6f00 7200 6400");
  flow.ask(golden("batch"));
  flow.answer(kNearError);
  EXPECT_EQ(flow.get(1, "statement"), "select 1");
  EXPECT_EQ(flow.get(1, "error_message"), "near <secret>");
}

TEST(Tds, GapsAreSurvived) {
  Flow flow;
  flow.ask("01 00 000c 0000 01 00 4100 4200");
  flow.analyzer->gap(10, kOut, flow.context);
  flow.ask("'the rest of something'");
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.ask(golden("batch"));
  flow.answer(golden("answer_rows"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get(0, "statement"), "select 1");
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Tds, Probe) {
  const Protocol& p = protocol("tds");
  const struct {
    const char* name;
    std::string hex;
    bool on_port;
    Verdict want;
  } kCases[] = {
      {"a prelogin, anywhere", golden("prelogin"), false, Verdict::yes},
      {"a login, anywhere", golden("login"), false, Verdict::yes},
      {"its beginning", "10 01 00b4", false, Verdict::unsure},
      {"a prelogin of another form", "12 01 0010 0000 01 00 01 0000 0001 ffffff", false, Verdict::no},
      {"a login of another version", "10 01 0010 0000 01 00 08000000 00000080", false, Verdict::no},
      {"a batch on the port", golden("batch"), true, Verdict::yes},
      {"a batch elsewhere", golden("batch"), false, Verdict::no},
      {"no such status", "01 20", true, Verdict::no},
      {"a window", "01 01 0008 0000 01 01", true, Verdict::no},
      {"TLS", "16 0301 0100 01 0000fc 0303", true, Verdict::no},
      {"HTTP", "'GET / HTTP/1.1'", true, Verdict::no},
      {"nothing", "", false, Verdict::unsure},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(p.probe(from_hex(c.hex), kOut, Transport::tcp, c.on_port), c.want);
  }
}

}  // namespace
}  // namespace nw::network
