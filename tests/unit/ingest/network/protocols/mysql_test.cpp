#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

std::string golden(std::string_view name) { return std::string{Golden{"mysql"}(name).hex}; }

// A packet's hex from its body's.
std::string packet(unsigned sequence, const std::string& body, std::size_t length = 0) {
  if (length == 0) length = from_hex(body).size();
  std::string head;
  for (const std::size_t byte : {length & 0xff, length >> 8 & 0xff, length >> 16, std::size_t{sequence}})
    for (const unsigned shift : {4U, 0U}) head += "0123456789abcdef"[byte >> shift & 15];
  return head + " " + body;
}

constexpr const char* kGreeting =
    "0a '8.0.36' 00 0b000000 0102030405060708 00 ffff ff 0200 ffdf 15 00000000 000000000000 090a0b0c0d0e0f10111213 00";
constexpr const char* kZeros = " 00000000 00000000 00000000 00000000 000000 ";

struct Flow {
  FakeContext context{protocol("mysql")};
  std::unique_ptr<Analyzer> analyzer = protocol("mysql").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  void ask(const std::string& body, unsigned sequence = 0) { out.feed(from_hex(packet(sequence, body))); }
  void answer(const std::string& body, unsigned sequence = 1) { back.feed(from_hex(packet(sequence, body))); }
  void log_in(const std::string& capabilities = "0da2 0b00") {
    answer(kGreeting, 0);
    ask(capabilities + " 00000001 21" + kZeros + "00000000 'alice' 00 02 aabb 'shop' 00", 1);
  }
  [[nodiscard]] std::string get(std::size_t index, const char* field) const { return context.get(index, field); }
};

struct Want {
  const char *field, *value;
};

TEST(Mysql, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    std::size_t index;
    std::vector<Want> want;
  } kCases[] = {
      {"greeting_refused",
       kBack,
       0,
       {{"cmd", "login"}, {"success", "false"}, {"error_code", "1129"}, {"response", "Host is blocked"}}},
      {"greeting_then_denied",
       kBack,
       0,
       {{"cmd", "login"},
        {"arg", ""},
        {"success", "false"},
        {"error_code", "1045"},
        {"response", "Access denied"},
        {"server_version", "8.0.36"},
        {"rows", "-"}}},
      {"login", kOut, 0, {{"cmd", "login"}, {"arg", "alice"}, {"database", "shop"}, {"success", "-"}}},
      {"login_before_41", kOut, 0, {{"cmd", "login"}, {"arg", "bob"}, {"database", "-"}}},
      {"query", kOut, 0, {{"cmd", "query"}, {"arg", "select 1"}, {"success", "-"}, {"rows", "-"}}},
      {"query_sets_password", kOut, 0, {{"arg", "create user bob identified by '<secret>'"}}},
      {"commands", kOut, 2, {{"cmd", "init_db"}, {"arg", "shop"}}},
      {"commands", kOut, 3, {{"cmd", "field_list"}, {"arg", "items"}}},
      {"commands", kOut, 4, {{"cmd", "change_user"}, {"arg", "root"}}},
      {"commands", kOut, 5, {{"cmd", "ping"}, {"arg", ""}}},
      {"commands", kOut, 6, {{"cmd", "stmt_prepare"}, {"arg", "select ?"}}},
      {"commands", kOut, 7, {{"cmd", "stmt_execute"}, {"arg", "7"}}},
      {"commands", kOut, 0, {{"cmd", "stmt_close"}, {"arg", "7"}}},
      {"commands", kOut, 8, {{"cmd", "unknown-42"}, {"arg", ""}}},
      {"commands", kOut, 1, {{"cmd", "quit"}, {"success", "-"}}},
      {"answer_ok", kBack, 0, {{"cmd", "-"}, {"arg", "-"}, {"success", "true"}, {"rows", "3"}}},
      {"answer_error", kBack, 0, {{"cmd", "-"}, {"success", "false"}, {"response", "You have an error"}}},
      {"answer_rows", kBack, 0, {{"success", "true"}, {"rows", "0"}, {"result_rows", "2"}}},
      {"answer_rows_without_marks", kBack, 0, {{"success", "true"}, {"result_rows", "1"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE((c.direction == kOut ? flow.out : flow.back).feed(from_hex(golden(c.name))));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    for (const Want& want : c.want) EXPECT_EQ(flow.get(c.index, want.field), want.value) << want.field;
  }
}

TEST(Mysql, ALoginWaitsForItsVerdict) {
  Flow flow;
  flow.log_in();
  flow.answer("fe 'caching_sha2_password' 00 0102", 2);
  flow.ask("'secret-proof'", 3);
  flow.answer("01 04", 4);
  flow.ask("'in-the-clear' 00", 5);
  EXPECT_TRUE(flow.context.events.empty());
  flow.answer("00 00 00 0200 0000", 6);
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get(0, "arg"), "alice");
  EXPECT_EQ(flow.get(0, "success"), "true");
  EXPECT_EQ(flow.get(0, "server_version"), "8.0.36");
  flow.ask("11 'root' 00 02 aabb 00");
  flow.answer("fe 'caching_sha2_password' 00 0102", 1);
  flow.answer("ff 1504 '#28000' 'Access denied'", 3);
  EXPECT_EQ(flow.get(1, "cmd"), "change_user");
  EXPECT_EQ(flow.get(1, "success"), "false");
}

TEST(Mysql, CommandsHaveTheirResponses) {
  Flow flow;
  flow.ask("16 'select ?'");
  flow.answer("00 07000000 0100 0100 00 0000");
  flow.answer("'a definition that belongs to it'", 2);
  flow.ask("09");
  flow.answer("'Uptime: 1'");
  flow.ask("04 'items' 00");
  flow.answer("03 'def'");
  flow.answer("fe 0000 0200", 2);
  flow.ask("03 'load data local infile ...'");
  flow.answer("fb '/etc/passwd'");
  flow.ask("'root:x:0'", 2);
  flow.ask("", 3);
  flow.answer("00 01 00 0200 0000", 4);
  flow.ask("03 'select a'");
  flow.answer("01");
  flow.answer("03 'def'", 2);
  flow.answer("fe 0000 0200", 3);
  flow.answer("01 '1'", 4);
  flow.answer("ff 2505 'killed'", 5);
  flow.ask("03 'select b'");
  flow.answer("fe 0000 0200");
  const struct {
    const char *cmd, *success, *rows, *result_rows, *file;
  } kWant[] = {
      {"stmt_prepare", "true", "0", "-", "-"}, {"statistics", "true", "0", "-", "-"},
      {"field_list", "true", "0", "-", "-"},   {"query", "true", "1", "-", "/etc/passwd"},
      {"query", "false", "-", "1", "-"},       {"query", "true", "0", "-", "-"},
  };
  ASSERT_EQ(flow.context.events.size(), std::size(kWant));
  for (std::size_t i = 0; i < std::size(kWant); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(flow.get(i, "cmd"), kWant[i].cmd);
    EXPECT_EQ(flow.get(i, "success"), kWant[i].success);
    EXPECT_EQ(flow.get(i, "rows"), kWant[i].rows);
    EXPECT_EQ(flow.get(i, "result_rows"), kWant[i].result_rows);
    EXPECT_EQ(flow.get(i, "local_file"), kWant[i].file);
  }
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// What of an answer looks like another one.
TEST(Mysql, AnswersOfOtherForms) {
  const struct {
    const char* name;
    std::string ask;
    std::vector<std::string> answers;
    const char *cmd, *rows, *result_rows;
  } kCases[] = {
      {"rows alone", "1c 01000000 05000000", {"00 00 2a", "00 00 2b", "fe 0000 0200"}, "stmt_fetch", "0", "2"},
      {"no rows", "1c 01000000 05000000", {"fe 0000 4000"}, "stmt_fetch", "0", "0"},
      {"a binlog", "12 04000000 0000 01000000 'bin.1'", {"00 2a000000 04"}, "binlog_dump", "0", "-"},
      {"how far it is",
       "03 'alter table a'",
       {"ff ffff 01 02 e80300 04 'copy'", "00 03 00 0200 0000"},
       "query",
       "3",
       "-"},
      {"definitions that are known",
       "17 01000000 00 01000000",
       {"02 00", "fe 0000 0200", "00 00 2a", "fe 0000 0200"},
       "stmt_execute",
       "0",
       "1"},
      {"the same, without a mark behind them",
       "17 01000000 00 01000000",
       {"02 00", "00 00 2a", "fe 00 00 0200 0000"},
       "stmt_execute",
       "0",
       "1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask(c.ask);
    for (unsigned i = 0; i < c.answers.size(); ++i) flow.answer(c.answers[i], i + 1);
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get(0, "cmd"), c.cmd);
    EXPECT_EQ(flow.get(0, "success"), "true");
    EXPECT_EQ(flow.get(0, "rows"), c.rows);
    EXPECT_EQ(flow.get(0, "result_rows"), c.result_rows);
    EXPECT_EQ(flow.get(0, "error_code"), "-");
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Mysql, InMidStreamNoAttributesAreKnown) {
  Flow flow;
  flow.ask("03 00 01 'select 1'");
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.get(0, "arg"), "select 1");
}

// The numbers of a file's packets come round to 0, which is a command's.
TEST(Mysql, AFileHoldsNoCommands) {
  Flow flow;
  flow.ask("03 'load data local infile ...'");
  flow.answer("fb '/etc/passwd'");
  for (unsigned sequence = 2; sequence < 600; ++sequence) flow.ask("03 'a line of it'", sequence & 0xff);
  EXPECT_TRUE(flow.context.events.empty());
  flow.analyzer->gap(100, kOut, flow.context);
  flow.ask("03 'another line'");
  flow.answer("00 01 00 0200 0000", 0x59);
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get(0, "success"), "true");
  flow.ask("0e");
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.get(1, "cmd"), "ping");
  // Its end is an empty packet, behind which a client need not wait.
  Flow early;
  early.ask("03 'load data local infile ...'");
  early.answer("fb '/etc/passwd'");
  early.ask("03 'a line of it'", 2);
  early.ask("", 3);
  early.ask("0e");
  early.answer("00 01 00 0200 0000", 4);
  early.answer("00 00 00 0200 0000");
  EXPECT_EQ(early.get(0, "rows"), "1");
  EXPECT_EQ(early.get(1, "cmd"), "ping");
  Flow cut;
  cut.ask("03 'load data local infile ...'");
  cut.answer("fb '/etc/passwd'");
  cut.analyzer->gap(100, kOut, cut.context);
  cut.ask("03 'a line of it'");
  cut.ask("", 3);
  cut.ask("03 'another'");
  EXPECT_TRUE(cut.context.events.empty());
  // A capture that begins there, with a packet of a login's number.
  Flow later;
  later.ask("'a line of a file that is much longer than a login begins;hunter2' 00", 1);
  later.analyzer->finish(later.context);
  EXPECT_TRUE(later.context.events.empty());
}

TEST(Mysql, ErrorsRepeatNoPassword) {
  const struct {
    const char *name, *command, *error, *want;
  } kCases[] = {
      {"a statement", "03 'create usr b identified by \"hunter2\"'", "'near ' 27 'hunter2' 27", "near <secret>"},
      {"another statement", "03 'select a'", "'Unknown column ' 27 'a' 27", "Unknown column 'a'"},
      {"its end was not seen", "", "'at ' 27 'hunter2' 27", "at <secret>"},
      {"a prepared one", "17 07000000 00 01000000", "'Duplicate entry ' 27 'hunter2' 27", "Duplicate entry <secret>"},
      {"a value", "03 'call a'", "'entry ' 27 'hunter2' 27 ' for key ' 27 'password' 27", "entry <secret>"},
      {"a database", "02 'shop'", "'Unknown database ' 27 'shop' 27", "Unknown database 'shop'"},
      {"a login", "11 'bob' 00 00", "'Access denied for ' 27 'bob' 27 ' (using password: YES)'",
       "Access denied for 'bob' (using password: YES)"},
      {"only an error", nullptr, "'near ' 27 'hunter2' 27", "near <secret>"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    const std::string long_one = "03 '" + std::string(9000, 'x') + "'";
    if (c.command != nullptr) flow.ask(*c.command == 0 ? long_one : c.command);
    flow.answer(std::string{"ff 2804 '#42000' "} + c.error);
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get(0, "response"), c.want);
  }
}

TEST(Mysql, TlsBeginsBehindItsRequest) {
  Flow flow;
  flow.answer(kGreeting, 0);
  flow.out.feed(from_hex(packet(1, "0dae 0b00 00000001 21" + std::string{kZeros} + "00000000") + "16 0301"));
  EXPECT_TRUE(flow.out.anew());
  EXPECT_EQ(flow.out.waiting(), 3U);
  flow.analyzer->finish(flow.context);
  EXPECT_TRUE(flow.context.events.empty());
}

TEST(Mysql, ACompressedConnectionEndsWithItsLogin) {
  Flow flow;
  flow.log_in("2da2 0b00");
  flow.answer("00 00 00 0200 0000", 2);
  EXPECT_TRUE(flow.back.done());
  EXPECT_EQ(flow.get(0, "success"), "true");
}

TEST(Mysql, AttributesOfAQueryArePassedOver) {
  const struct {
    const char *name, *body, *arg;
  } kCases[] = {
      {"none", "03 00 01 'select 1'", "select 1"},
      {"a text", "03 01 01 00 01 fe00 01 'k' 02 'vv' 'select 1'", "select 1"},
      {"every width",
       "03 09 01 4000 01 0100 00 0200 00 0300 00 0500 00 0c00 00 0800 00 0600 00 0d00 00 fe00 00"
       " 11 2222 33333333 5555555555555555 04 aabbccdd 8888888888888888 0000 fc 0200 'ab' 'select 1'",
       "select 1"},
      {"cut", "03 01 01 00 01 fe00 01 'k' 09 'vv'", ""},
      {"more than are looked at", "03 fc 0104 01 00", ""},
      {"unbound", "03 01 01 00 00 'select 1'", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.log_in("0da2 0b08");
    flow.answer("00 00 00 0200 0000", 2);
    flow.ask(c.body);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.get(1, "arg"), c.arg);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), *c.arg == 0 ? 1U : 0U);
  }
}

TEST(Mysql, LongPacketsPassBy) {
  Flow flow;
  const std::string text(20'000, 'x');
  flow.ask("03 '" + text + "'");
  EXPECT_EQ(flow.out.waiting(), 0U);
  // A full packet goes on in the next, which is no command.
  auto head = from_hex(packet(0, "03", 0xff'ffff));
  head.resize(4 + 0xff'ffff, 'y');
  flow.out.feed(head);
  flow.ask("01", 0);
  flow.ask("0e");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.get(0, "arg"), text.substr(0, TextBuffer::kBytesMax));
  EXPECT_EQ(flow.get(1, "arg"), std::string(TextBuffer::kBytesMax, 'y'));
  EXPECT_EQ(flow.get(2, "cmd"), "ping");
}

TEST(Mysql, RefusesWhatCannotBe) {
  const struct {
    const char* name;
    std::string hex;
    Direction direction;
    DecodeError want;
  } kCases[] = {
      {"a login too short", packet(1, "0da2 0b00"), kOut, DecodeError::bad_value},
      {"a login cut behind the user",
       packet(1, "0da2 0b00 00000001 21" + std::string{kZeros} + "00000000 'a' 00 09 aa"), kOut,
       DecodeError::truncated},
      {"a greeting of another version", packet(0, "0b 'x' 00"), kBack, DecodeError::bad_value},
      {"more columns than MySQL has", packet(1, "fc 0110"), kBack, DecodeError::bad_value},
      {"an error without its number", packet(1, "ff 01"), kBack, DecodeError::truncated},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    if (c.direction == kOut) flow.answer(kGreeting, 0);
    (c.direction == kOut ? flow.out : flow.back).feed(from_hex(c.hex));
    EXPECT_EQ(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
  }
}

TEST(Mysql, GapsAreSurvived) {
  Flow flow;
  flow.ask("03 'select 1'");
  flow.analyzer->gap(100, kOut, flow.context);
  flow.analyzer->gap(100, kBack, flow.context);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 2U);
  flow.out.feed(from_hex("'the rest of something'"));
  flow.back.feed(from_hex("'the rest of something'"));
  EXPECT_EQ(flow.out.waiting(), 0U);
  EXPECT_EQ(flow.back.waiting(), 0U);
  flow.ask("0e");
  flow.answer("00 00 00 0200 0000");
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(0, "success"), "-");
  EXPECT_EQ(flow.get(1, "cmd"), "ping");
  EXPECT_EQ(flow.get(1, "success"), "true");
  // One within what passes by costs nothing.
  auto head = from_hex(packet(0, "03", 20'000));
  head.resize(4 + 10'000, 'y');
  flow.out.feed(head);
  flow.analyzer->gap(10'000, kOut, flow.context);
  flow.ask("0e");
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 2U);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.get(2, "cmd"), "query");
}

TEST(Mysql, Probe) {
  const Protocol& p = protocol("mysql");
  const struct {
    const char* name;
    std::string hex;
    Direction direction;
    bool on_port;
    Verdict want;
  } kCases[] = {
      {"a greeting, anywhere", packet(0, kGreeting), kBack, false, Verdict::yes},
      {"from whom is taken for the client", packet(0, kGreeting), kOut, false, Verdict::yes},
      {"its beginning", "4a0000 00 0a '8.'", kBack, false, Verdict::unsure},
      {"a login, anywhere", golden("login"), kOut, false, Verdict::yes},
      {"a command on the port", golden("query"), kOut, true, Verdict::yes},
      {"a command elsewhere", golden("query"), kOut, false, Verdict::no},
      {"an answer on the port", golden("answer_ok"), kBack, true, Verdict::yes},
      {"an answer elsewhere", golden("answer_ok"), kBack, false, Verdict::no},
      {"TLS", "16 0301 0100 01 0000fc 0303", kOut, true, Verdict::no},
      {"TLS from the server", "16 0303 0041 02 00003d 0303", kBack, true, Verdict::no},
      {"HTTP", "'GET / HTTP/1.1'", kOut, true, Verdict::no},
      {"a letter short", "0100", kOut, false, Verdict::unsure},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(p.probe(from_hex(c.hex), c.direction, Transport::tcp, c.on_port), c.want);
  }
}

}  // namespace
}  // namespace nw::network
