#include "ingest/logs/transports/journal_entry.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace nw::logs {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kTime = 1'768'464'000'123'456;  // 2026-01-15T08:00:00.123456Z

JournalEntry entry(std::vector<JournalField> fields) {
  JournalEntry out;
  out.cursor = "s=1;i=2";
  out.boot_id = "0123456789abcdef0123456789abcdef";
  out.realtime_us = kTime;
  out.monotonic_us = 77;
  out.fields = std::move(fields);
  return out;
}

struct Written {
  std::string text;
  bool cut;
};
Written as_json(const JournalEntry& from, std::size_t most = 65536) {
  Written out;
  out.cut = append_journal_json(from, most, out.text);
  return out;
}
Written as_syslog(const JournalEntry& from, std::size_t most = 65536) {
  Written out;
  out.cut = append_journal_syslog(from, most, out.text);
  return out;
}

TEST(JournalJson, Whole) {
  const Written got = as_json(entry({{"PRIORITY", "6"}, {"_PID", "42"}, {"MESSAGE", "hello \"you\"\n\x1b[1m"}}));
  EXPECT_EQ(got.text,
            R"({"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1768464000123456","__MONOTONIC_TIMESTAMP":"77",)"
            R"("_BOOT_ID":"0123456789abcdef0123456789abcdef","MESSAGE":"hello \"you\"\n\u001b[1m","_PID":"42",)"
            R"("PRIORITY":"6"})");
  EXPECT_FALSE(got.cut);
}

TEST(JournalJson, Values) {
  using namespace std::string_view_literals;
  static const struct {
    const char* name;
    std::vector<JournalField> fields;
    const char* want;  // behind _BOOT_ID
  } kCases[] = {
      {"repeats", {{"A", "1"}, {"B", "x"}, {"A", "2"}, {"A", ""}}, R"("A":["1","2",""],"B":"x")"},
      {"bytes", {{"A", "a\xff"sv}}, R"("A":[97,255])"},
      {"NUL", {{"A", "\0\x09z"sv}}, R"("A":[0,9,122])"},
      {"repeats of both kinds", {{"A", "\xff"}, {"A", "t"}}, R"("A":[[255],"t"])"},
      // A byte must not hide what rules read.
      {"message",
       {{"MESSAGE",
         "a\xff"
         "b\0c"sv}},
       "\"MESSAGE\":\"a\xef\xbf\xbd"
       "b\\u0000c\""},
      {"trusted", {{"_COMM", "\xfe"}}, "\"_COMM\":\"\xef\xbf\xbd\""},
      {"identifier", {{"SYSLOG_IDENTIFIER", "\xfe"}}, "\"SYSLOG_IDENTIFIER\":\"\xef\xbf\xbd\""},
      {"UTF-8", {{"A", "\xc3\xbc\xe2\x82\xac"}}, "\"A\":\"\xc3\xbc\xe2\x82\xac\""},
      {"what is ours", {{"__CURSOR", "x"}, {"_BOOT_ID", "y"}, {"", "z"}, {"A", "1"}}, R"("A":"1")"},
      {"a name in need", {{"A\"", "1"}}, R"("A\"":"1")"},
      {"order", {{"Z", "1"}, {"_Z", "2"}, {"MESSAGE", "3"}, {"_A", "4"}}, R"("MESSAGE":"3","_A":"4","_Z":"2","Z":"1")"},
  };
  const std::string head = as_json(entry({})).text;
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Written got = as_json(entry(c.fields));
    EXPECT_EQ(got.text, head.substr(0, head.size() - 1) + ',' + c.want + '}');
    EXPECT_FALSE(got.cut);
    EXPECT_NO_THROW((void)json::parse(got.text));
  }
}

TEST(JournalJson, TheLongestAreCutToOneLength) {
  const std::string long_one(5000, 'a'), longer(2'000'000, 'b');
  const Written got =
      as_json(entry({{"SHORT", "stays"}, {"MESSAGE", longer}, {"LONG", long_one}, {"_EXE", "/usr/bin/x"}}), 2000);
  EXPECT_TRUE(got.cut);
  EXPECT_LE(got.text.size(), 2000U);
  EXPECT_GT(got.text.size(), 1980U);  // what room there is, is used
  const json::object read = json::parse(got.text).as_object();
  EXPECT_EQ(read.at("SHORT").as_string(), "stays");
  EXPECT_EQ(read.at("_EXE").as_string(), "/usr/bin/x");
  EXPECT_EQ(read.at("MESSAGE").as_string().size(), read.at("LONG").as_string().size());
}

// Every length that a cut may fall at, over everything that is written longer than it is.
TEST(JournalJson, ValidAtEveryBound) {
  const std::string mixed = "q\"\\\n\x01\xff\xc3\xbc\xe2\x82\xac\xf0\x9f\x9a\x80\xe2\x82 end";
  const JournalEntry from =
      entry({{"MESSAGE", mixed}, {"BYTES", mixed}, {"_A", mixed}, {"_A", "second"}, {"_A", mixed}, {"B", ""}});
  const std::size_t whole = as_json(from).text.size();
  for (std::size_t most = 2; most <= whole + 20; ++most) {
    const Written got = as_json(from, most);
    ASSERT_LE(got.text.size(), most);
    boost::system::error_code error;
    (void)json::parse(got.text, error);
    ASSERT_FALSE(error) << most << ": " << got.text;
    // The room is reckoned with a comma for each field, so it may be cut a little early.
    if (most < whole) {
      ASSERT_TRUE(got.cut) << most;
    }
  }
  EXPECT_FALSE(as_json(from, whole + 20).cut);
}

TEST(JournalJson, MoreFieldsThanRoom) {
  std::vector<std::string> names;
  for (int i = 0; i < 1024; ++i) names.push_back("FIELD_OF_A_HOSTILE_CLIENT_WITH_A_LONG_NAME_" + std::to_string(i));
  JournalEntry from = entry({});
  for (const std::string& name : names) from.fields.push_back({name, "value"});
  from.fields.push_back({"_UID", "0"});
  from.fields.push_back({"MESSAGE", "what counts"});
  const Written got = as_json(from, 4096);
  EXPECT_TRUE(got.cut);
  EXPECT_LE(got.text.size(), 4096U);
  const json::object read = json::parse(got.text).as_object();
  // Names that are there take the room of no more than an empty value; the trusted ones are there.
  EXPECT_TRUE(read.contains("MESSAGE"));
  EXPECT_TRUE(read.contains("_UID"));
  EXPECT_TRUE(read.contains("__CURSOR"));
}

TEST(JournalJson, ValuesThatWereCutBefore) {
  JournalEntry from = entry({{"MESSAGE", "x"}});
  from.cut = true;
  EXPECT_TRUE(as_json(from).cut);
  EXPECT_TRUE(as_syslog(from).cut);
}

TEST(JournalSyslog, Lines) {
  using namespace std::string_view_literals;
  static const struct {
    const char* name;
    std::vector<JournalField> fields;
    std::string_view want;
  } kCases[] = {
      {"sshd",
       {{"PRIORITY", "6"},
        {"SYSLOG_FACILITY", "10"},
        {"SYSLOG_IDENTIFIER", "sshd"},
        {"SYSLOG_PID", "1"},
        {"_PID", "42"},
        {"_COMM", "sshd-session"},
        {"_HOSTNAME", "gw1"},
        {"MESSAGE", "Accepted password for root"}},
       "<86>1 2026-01-15T08:00:00.123456Z gw1 sshd 42 - - Accepted password for root"},
      {"nothing but a message", {{"MESSAGE", "m"}}, "<14>1 2026-01-15T08:00:00.123456Z - - - - - m"},
      {"nothing at all", {}, "<14>1 2026-01-15T08:00:00.123456Z - - - - -"},
      {"its own time",
       {{"_SOURCE_REALTIME_TIMESTAMP", "1768464000000001"}, {"MESSAGE", "m"}},
       "<14>1 2026-01-15T08:00:00.000001Z - - - - - m"},
      {"a time that is none",
       {{"_SOURCE_REALTIME_TIMESTAMP", "9300000000000000000"}, {"MESSAGE", "m"}},
       "<14>1 2026-01-15T08:00:00.123456Z - - - - - m"},
      {"the kernel",
       {{"_TRANSPORT", "kernel"}, {"PRIORITY", "4"}, {"SYSLOG_IDENTIFIER", "kernel"}, {"MESSAGE", "IN=eth0"}},
       "<4>1 2026-01-15T08:00:00.123456Z - kernel - - - IN=eth0"},
      {"numbers that are none",
       {{"PRIORITY", "9"}, {"SYSLOG_FACILITY", "-1"}, {"MESSAGE", "m"}},
       "<14>1 2026-01-15T08:00:00.123456Z - - - - - m"},
      {"a facility beyond",
       {{"SYSLOG_FACILITY", "24"}, {"MESSAGE", "m"}},
       "<14>1 2026-01-15T08:00:00.123456Z - - - - - m"},
      {"its program's name", {{"_COMM", "tool"}, {"MESSAGE", "m"}}, "<14>1 2026-01-15T08:00:00.123456Z - tool - - - m"},
      {"a pid that was said", {{"SYSLOG_PID", "7"}, {"MESSAGE", "m"}}, "<14>1 2026-01-15T08:00:00.123456Z - - 7 - - m"},
      {"a message's id",
       {{"MESSAGE_ID", "8d45620c1a4348dbb17410da57c60c66"}, {"MESSAGE", "m"}},
       "<14>1 2026-01-15T08:00:00.123456Z - - - 8d45620c1a4348dbb17410da57c60c66 - m"},
      {"a header that would break",
       {{"SYSLOG_IDENTIFIER", "My App\n<0>\xc3\xbc"}, {"_HOSTNAME", "a\tb"}, {"MESSAGE", "m"}},
       "<14>1 2026-01-15T08:00:00.123456Z a_b My_App_<0>\xc3\xbc - - - m"},
      {"lines, bytes", {{"MESSAGE", "a\nb\xff\0c"sv}}, "<14>1 2026-01-15T08:00:00.123456Z - - - - - a\nb\xff\0c"sv},
      {"several messages",
       {{"MESSAGE", "harmless"}, {"MESSAGE", "harmful"}},
       "<14>1 2026-01-15T08:00:00.123456Z - - - - - harmless\nharmful"},
      {"audit",
       {{"_TRANSPORT", "audit"},
        {"SYSLOG_IDENTIFIER", "audit"},
        {"_AUDIT_TYPE", "1300"},
        {"_AUDIT_TYPE_NAME", "SYSCALL"},
        {"_AUDIT_ID", "4711"},
        {"_SOURCE_REALTIME_TIMESTAMP", "1768464000007000"},
        {"MESSAGE", "SYSCALL arch=c000003e syscall=59"}},
       "<14>1 2026-01-15T08:00:00.007000Z - audit - - - type=SYSCALL msg=audit(1768464000.007:4711): arch=c000003e "
       "syscall=59"},
      {"audit, a type that is new",
       {{"_TRANSPORT", "audit"},
        {"_AUDIT_TYPE", "1350"},
        {"_AUDIT_TYPE_NAME", "AUDIT1350"},
        {"_AUDIT_ID", "5"},
        {"MESSAGE", "AUDIT1350 a=1"}},
       "<14>1 2026-01-15T08:00:00.123456Z - - - - - type=UNKNOWN[1350] msg=audit(1768464000.123:5): a=1"},
      {"who says that it is audit",
       {{"_TRANSPORT", "syslog"}, {"_AUDIT_TYPE_NAME", "SYSCALL"}, {"_AUDIT_ID", "5"}, {"MESSAGE", "SYSCALL a=1"}},
       "<14>1 2026-01-15T08:00:00.123456Z - - - - - SYSCALL a=1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Written got = as_syslog(entry(c.fields));
    EXPECT_EQ(got.text, c.want);
    EXPECT_FALSE(got.cut);
    for (const JournalField& field : c.fields) {
      EXPECT_TRUE(journal_syslog_reads(field.name));
    }
  }
  EXPECT_FALSE(journal_syslog_reads("_EXE"));
}

TEST(JournalSyslog, Cut) {
  const std::string message(2'000'000, 'm');
  const JournalEntry from = entry({{"MESSAGE", message}, {"MESSAGE", "more"}});
  const std::size_t head = as_syslog(entry({{"MESSAGE", "m"}})).text.size() - 1;
  for (const std::size_t most : {std::size_t{0}, std::size_t{10}, head, head + 1, std::size_t{65536}}) {
    const Written got = as_syslog(from, most);
    EXPECT_EQ(got.text.size(), most);
    EXPECT_TRUE(got.cut);
  }
  EXPECT_FALSE(as_syslog(entry({{"MESSAGE", "m"}}), head + 1).cut);
}

}  // namespace
}  // namespace nw::logs
