#include "ingest/logs/formats/syslog_line.h"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

#include "source_directory.h"

namespace nw::logs {
namespace {

using namespace std::string_view_literals;
using event::TimeQuality;

constexpr const char* kReceived = "2026-03-01T12:00:00Z";

struct Good {
  const char* name;
  std::string_view line;
  int priority;
  const char* time;
  TimeQuality quality;
  const char *host, *program, *pid, *msgid, *structured_data;
  std::string_view message;
};

constexpr auto kStated = TimeQuality::stated;
constexpr auto kGuessed = TimeQuality::guessed;
constexpr auto kNone = TimeQuality::received;
constexpr const char* kNow = "2026-03-01T12:00:00.000Z";

void check(const Good& c) {
  SCOPED_TRACE(c.name);
  SyslogLine got;
  ASSERT_EQ(parse_syslog(c.line, *parse_rfc3339(kReceived), std::chrono::minutes{0}, got), LineFault::none);
  EXPECT_EQ(got.priority, c.priority);
  EXPECT_EQ(to_rfc3339(got.time.time), c.time);
  EXPECT_EQ(got.time.quality, c.quality);
  EXPECT_EQ(got.host, c.host);
  EXPECT_EQ(got.program, c.program);
  EXPECT_EQ(got.pid, c.pid);
  EXPECT_EQ(got.msgid, c.msgid);
  EXPECT_EQ(got.structured_data, c.structured_data);
  EXPECT_EQ(got.message, c.message);
}

TEST(ParseSyslog, Rfc5424) {
  static constexpr Good kCases[] = {
      {"all fields", "<165>1 2026-02-11T22:14:15.003Z pump7.example plc 8710 ALM47 [io@32473 ch=\"3\"][x] level high",
       165, "2026-02-11T22:14:15.003Z", kStated, "pump7.example", "plc", "8710", "ALM47", "[io@32473 ch=\"3\"][x]",
       "level high"},
      {"all nil", "<14>1 - - - - - -", 14, kNow, kNone, "", "", "", "", "", ""},
      {"nil, with message", "<14>1 - - - - - - hello", 14, kNow, kNone, "", "", "", "", "", "hello"},
      {"byte order mark", "<34>1 2026-02-11T22:14:15Z h su - - - \xEF\xBB\xBFna\xC3\xAFve", 34,
       "2026-02-11T22:14:15.000Z", kStated, "h", "su", "", "", "", "na\xC3\xAFve"},
      {"offset", "<34>1 2026-02-11T22:14:15.000003-07:00 192.0.2.1 p 1 - - %% it", 34, "2026-02-12T05:14:15.000Z",
       kStated, "192.0.2.1", "p", "1", "", "", "%% it"},
      {"escapes in a value", R"(<34>1 - h a - - [e v="a\"b\\c\]d" w=""] m)", 34, kNow, kNone, "h", "a", "", "",
       R"([e v="a\"b\\c\]d" w=""])", "m"},
      {"data without message", "<34>1 - h a - - [e]", 34, kNow, kNone, "h", "a", "", "", "[e]", ""},
      {"data field left out", "<34>1 - h a 7 id text of it", 34, kNow, kNone, "h", "a", "7", "id", "", "text of it"},
      {"empty message", "<34>1 - h a - - - ", 34, kNow, kNone, "h", "a", "", "", "", ""},
      {"message with leading space", "<34>1 - h a - - -  two", 34, kNow, kNone, "h", "a", "", "", "", " two"},
      {"zone left out", "<34>1 2026-02-11T22:14:15 h a - - - m", 34, "2026-02-11T22:14:15.000Z", kGuessed, "h", "a", "",
       "", "", "m"},
      {"trailing NUL and line end", "<34>1 - h a - - - m\r\n\0"sv, 34, kNow, kNone, "h", "a", "", "", "", "m"},
      {"broken UTF-8 and NUL inside", "<34>1 - h a - - - \xff\0x"sv, 34, kNow, kNone, "h", "a", "", "", "",
       "\xff\0x"sv},
  };
  for (const Good& c : kCases) check(c);
}

TEST(ParseSyslog, Rfc3164) {
  static constexpr Good kCases[] = {
      {"priority, time, host, tag", "<38>Feb 28 22:14:15 gw sshd[4242]: Failed password for root from 198.51.100.7", 38,
       "2026-02-28T22:14:15.000Z", kGuessed, "gw", "sshd", "4242", "", "",
       "Failed password for root from 198.51.100.7"},
      {"no priority", "Feb  8 22:14:15 gw su: no", -1, "2026-02-08T22:14:15.000Z", kGuessed, "gw", "su", "", "", "",
       "no"},
      {"no host", "<38>Feb 28 22:14:15 sshd[1]: x", 38, "2026-02-28T22:14:15.000Z", kGuessed, "", "sshd", "1", "", "",
       "x"},
      {"no host, a colon in its place", "<166>Feb 28 22:14:15 : %ASA-6-302013: Built", 166, "2026-02-28T22:14:15.000Z",
       kGuessed, "", "%ASA-6-302013", "", "", "", "Built"},
      {"the year in front", "<189>2026 Feb 28 22:14:15.123 nx1 %ETHPORT-5-IF_UP: up", 189, "2026-02-28T22:14:15.123Z",
       kGuessed, "nx1", "%ETHPORT-5-IF_UP", "", "", "", "up"},
      {"the year in front, no host", "<189>: 2026 Feb 28 22:14:15 UTC: %ETHPORT-5-IF_UP: up", 189,
       "2026-02-28T22:14:15.000Z", kStated, "", "%ETHPORT-5-IF_UP", "", "", "", "up"},
      {"a blank behind the priority", "<111> Feb 28 22:14:15 gw su: x", 111, "2026-02-28T22:14:15.000Z", kGuessed, "gw",
       "su", "", "", "", "x"},
      {"no host, no pid", "<38>Feb 28 22:14:15 su: x", 38, "2026-02-28T22:14:15.000Z", kGuessed, "", "su", "", "", "",
       "x"},
      {"no tag", "<13>Feb 28 22:14:15 gw just some words", 13, "2026-02-28T22:14:15.000Z", kGuessed, "gw", "", "", "",
       "", "just some words"},
      {"tag with module", "Feb 28 22:14:15 gw sshd(pam_unix)[7]: check pass", -1, "2026-02-28T22:14:15.000Z", kGuessed,
       "gw", "sshd(pam_unix)", "7", "", "", "check pass"},
      {"tag with path", "Feb 28 22:14:15 gw /usr/sbin/cron[7]: (root) CMD (x)", -1, "2026-02-28T22:14:15.000Z",
       kGuessed, "gw", "/usr/sbin/cron", "7", "", "", "(root) CMD (x)"},
      {"kernel", "Feb 28 22:14:15 gw kernel: [ 12.5] eth0: link up", -1, "2026-02-28T22:14:15.000Z", kGuessed, "gw",
       "kernel", "", "", "", "[ 12.5] eth0: link up"},
      {"pid without colon", "Feb 28 22:14:15 gw app[9] words", -1, "2026-02-28T22:14:15.000Z", kGuessed, "gw", "app",
       "9", "", "", "words"},
      {"message is an IPv6 address", "<13>Feb 28 22:14:15 gw fe80::1 is down", 13, "2026-02-28T22:14:15.000Z", kGuessed,
       "gw", "", "", "", "", "fe80::1 is down"},
      {"IPv6 host", "<13>Feb 28 22:14:15 2001:db8::7 app: m", 13, "2026-02-28T22:14:15.000Z", kGuessed, "2001:db8::7",
       "app", "", "", "", "m"},
      {"repetition", "Feb 28 22:14:15 last message repeated 4 times", -1, "2026-02-28T22:14:15.000Z", kGuessed, "", "",
       "", "", "", "last message repeated 4 times"},
      {"repetition with host", "Feb 28 22:14:15 gw last message repeated 4 times", -1, "2026-02-28T22:14:15.000Z",
       kGuessed, "gw", "", "", "", "", "last message repeated 4 times"},
      {"ISO time of rsyslog's files", "2026-02-28T23:14:15.123456+01:00 gw sudo:  op : TTY=pts/0", -1,
       "2026-02-28T22:14:15.123Z", kStated, "gw", "sudo", "", "", "", " op : TTY=pts/0"},
      {"ISO time with priority, no version", "<38>2026-02-28T22:14:15Z gw sshd[1]: x", 38, "2026-02-28T22:14:15.000Z",
       kStated, "gw", "sshd", "1", "", "", "x"},
      {"content only", "<13>hello there", 13, kNow, kNone, "", "", "", "", "", "hello there"},
      {"content with tag", "<13>su: hello", 13, kNow, kNone, "", "su", "", "", "", "hello"},
      {"priority only", "<13>", 13, kNow, kNone, "", "", "", "", "", ""},
      {"tag and pid only", "sshd[73]: error", -1, kNow, kNone, "", "sshd", "73", "", "", "error"},
      {"content begins like a version", "<13>1 apple", 13, kNow, kNone, "", "", "", "", "", "1 apple"},
      {"nothing behind the host", "<13>Feb 28 22:14:15 gw", 13, "2026-02-28T22:14:15.000Z", kGuessed, "", "", "", "",
       "", "gw"},
      {"year before the clock", "<13>Jul 19 2021 15:01:23 gw app: m", 13, "2021-07-19T15:01:23.000Z", kGuessed, "gw",
       "app", "", "", "", "m"},
      {"tab behind the tag", "Feb 28 22:14:15 gw app:\tm", -1, "2026-02-28T22:14:15.000Z", kGuessed, "gw", "app", "",
       "", "", "\tm"},
      {"no host, pairs", "<13>Feb 28 22:14:15 date=2026-02-28 time=22:14:15 devname=fw", 13, "2026-02-28T22:14:15.000Z",
       kGuessed, "", "", "", "", "", "date=2026-02-28 time=22:14:15 devname=fw"},
      {"no host, a word in capitals", "<13>Feb 28 22:14:15 DENY: IN=eth0", 13, "2026-02-28T22:14:15.000Z", kGuessed, "",
       "DENY", "", "", "", "IN=eth0"},
      {"no host, CEF", "<13>Feb 28 22:14:15 CEF:0|Acme Inc|Guard|1|7|x|3|", 13, "2026-02-28T22:14:15.000Z", kGuessed,
       "", "", "", "", "", "CEF:0|Acme Inc|Guard|1|7|x|3|"},
      {"no host, CEF with a space", "<13>Feb 28 22:14:15 CEF: 0|Acme|Guard|1|7|x|3|", 13, "2026-02-28T22:14:15.000Z",
       kGuessed, "", "CEF", "", "", "", "0|Acme|Guard|1|7|x|3|"},
      {"no host, columns", "<13>Feb 28 22:14:15 1,2026/02/28 22:14:15,0042,SYSTEM,x", 13, "2026-02-28T22:14:15.000Z",
       kGuessed, "", "", "", "", "", "1,2026/02/28 22:14:15,0042,SYSTEM,x"},
      {"no host, JSON", "<13>Feb 28 22:14:15 {\"a\": 1}", 13, "2026-02-28T22:14:15.000Z", kGuessed, "", "", "", "", "",
       "{\"a\": 1}"},
      {"a space behind the priority", "<13> Feb 28 22:14:15 gw su: no", 13, "2026-02-28T22:14:15.000Z", kGuessed, "gw",
       "su", "", "", "", "no"},
  };
  for (const Good& c : kCases) check(c);
}

TEST(ParseSyslog, Cisco) {
  static constexpr Good kCases[] = {
      {"sequence, unsynchronised clock", "<189>29: *Feb 28 18:48:50.483 UTC: %SYS-5-CONFIG_I: Configured by op", 189,
       "2026-02-28T18:48:50.483Z", kGuessed, "", "%SYS-5-CONFIG_I", "", "", "", "Configured by op"},
      {"origin id", "<187>412: core1: .Feb 28 18:48:50: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down", 187,
       "2026-02-28T18:48:50.000Z", kGuessed, "core1", "%LINK-3-UPDOWN", "", "", "",
       "Interface Gi0/1, changed state to down"},
      {"year and zone", "<187>Jul 19 2021 15:01:23.123 UTC: %A-3-B: c", 187, "2021-07-19T15:01:23.123Z", kStated, "",
       "%A-3-B", "", "", "", "c"},
      {"firewall", "<166>Jul 19 2021 15:01:23: %ASA-6-302013: Built inbound", 166, "2021-07-19T15:01:23.000Z", kGuessed,
       "", "%ASA-6-302013", "", "", "", "Built inbound"},
      {"firewall with device id", "<166>Jul 19 2021 15:01:23 fw1 : %ASA-6-302013: Built", 166,
       "2021-07-19T15:01:23.000Z", kGuessed, "fw1", "%ASA-6-302013", "", "", "", "Built"},
      {"sequence without time", "<189>29: %SYS-5-X: y", 189, kNow, kNone, "", "29", "", "", "", "%SYS-5-X: y"},
  };
  for (const Good& c : kCases) check(c);
}

TEST(ParseSyslog, Refuses) {
  static const struct {
    const char* name;
    std::string line;
    LineFault want;
  } kCases[] = {
      {"empty", "", LineFault::empty},
      {"only a line end", "\r\n", LineFault::empty},
      {"no syslog", "GET / HTTP/1.1", LineFault::bad_header},
      {"a word with a colon", "error: nothing here", LineFault::bad_header},
      {"priority 192", "<192>Feb 28 22:14:15 gw a: b", LineFault::bad_header},
      {"priority of four digits", "<0013>x", LineFault::bad_header},
      {"no digits", "<>x", LineFault::bad_header},
      {"open bracket only", "<", LineFault::bad_header},
      {"5424 ends after the time", "<34>1 - ", LineFault::bad_header},
      {"5424 ends after the host", "<34>1 - host", LineFault::bad_header},
      {"5424 without data and message", "<34>1 - host app pid msgid", LineFault::bad_header},
      {"5424 double space", "<34>1 -  host app pid msgid -", LineFault::bad_header},
      {"5424 line feed in the host", "<34>1 - ho\nst app pid msgid -", LineFault::bad_header},
      {"5424 data open", "<34>1 - h a - - [e v=\"1\"", LineFault::bad_header},
      {"5424 value open", "<34>1 - h a - - [e v=\"1\\\"]", LineFault::bad_header},
      {"5424 value bare", "<34>1 - h a - - [e v=1] m", LineFault::bad_header},
      {"5424 data without id", "<34>1 - h a - - [] m", LineFault::bad_header},
      {"5424 data runs into text", "<34>1 - h a - - [e]m", LineFault::bad_header},
      {"5424 time of no day", "<34>1 2026-02-30T00:00:00Z h a - - - m", LineFault::bad_time},
      {"5424 time runs on", "<34>1 2026-02-20T00:00:00Zx h a - - - m", LineFault::bad_time},
      {"5424 half a time", "<34>1 2026-02 h a - - - m", LineFault::bad_time},
      {"3164 time of no day", "<34>Feb 30 22:14:15 gw a: b", LineFault::bad_time},
      {"3164 hour 25", "Feb 28 25:14:15 gw a: b", LineFault::bad_time},
      {"too long", "<13>" + std::string(kLineBytesMax, 'x'), LineFault::too_long},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    SyslogLine got;
    EXPECT_EQ(to_string(parse_syslog(c.line, *parse_rfc3339(kReceived), std::chrono::minutes{0}, got)),
              to_string(c.want));
  }
}

TEST(ParseSyslog, TheLongestLineIsRead) {
  SyslogLine got;
  const std::string line = "<13>" + std::string(kLineBytesMax - 4, 'x');
  ASSERT_EQ(parse_syslog(line, *parse_rfc3339(kReceived), std::chrono::minutes{0}, got), LineFault::none);
  EXPECT_EQ(got.message.size(), kLineBytesMax - 4);
}

// Whatever is cut off: nothing breaks, and every view stays inside the line.
TEST(ParseSyslog, EveryPrefix) {
  static constexpr std::string_view kLines[] = {
      "<165>1 2026-02-11T22:14:15.003+01:00 pump7 plc 8710 ALM47 [io@32473 ch=\"3\\\"\"][x] level high",
      "<38>Feb 28 22:14:15 gw sshd[4242]: Failed password for root from 198.51.100.7",
      "<187>412: core1: .Feb 28 2021 18:48:50.123 UTC: %LINK-3-UPDOWN: Interface Gi0/1",
  };
  for (const std::string_view line : kLines) {
    for (std::size_t size = 0; size <= line.size(); ++size) {
      SCOPED_TRACE(size);
      const std::string cut{line.substr(0, size)};  // its own memory, so that ASan sees a read past it
      SyslogLine got;
      const LineFault fault = parse_syslog(cut, *parse_rfc3339(kReceived), std::chrono::minutes{0}, got);
      if (size == 0) {
        EXPECT_EQ(fault, LineFault::empty);
      } else if (size < 4) {
        EXPECT_EQ(fault, LineFault::bad_header);
      }
      for (const std::string_view part :
           {got.host, got.program, got.pid, got.msgid, got.structured_data, got.message}) {
        if (part.empty()) continue;
        EXPECT_GE(part.data(), cut.data());
        EXPECT_LE(part.data() + part.size(), cut.data() + cut.size());
      }
    }
  }
}

TEST(StructuredData, OneParameterAfterTheOther) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"", ""},
      {"[x]", ""},
      {"[a b=\"1\"]", "a.b=1;"},
      {"[a b=\"1\" c=\"\"][d@9 b=\"2\"]", "a.b=1;a.c=;d@9.b=2;"},
      {"[x][a b=\"1\"]", "a.b=1;"},
      {"[a b=\"] c=\\\"1\\\"\"]", "a.b=] c=\"1\";"},
      {"[a b=\"\\\\ \\] \\n \\\"\"]", "a.b=\\ ] \\n \";"},
      // What parse_syslog() would not have taken ends it.
      {"[a b=\"1\" c=\"2", "a.b=1;"},
      {"[a b=1]", ""},
      {"[", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Arena arena;
    std::string got;
    for (StructuredData parameters{c.text}; parameters.next();)
      got.append(parameters.id()).append(".").append(parameters.name()).append("=").append(parameters.value(arena)) +=
          ';';
    EXPECT_EQ(got, c.want);
  }
}

TEST(StructuredData, ValuesWithoutAnEscapeAreNotCopied) {
  Arena arena;
  StructuredData parameters{"[a b=\"1\" c=\"\\]\"]"};
  ASSERT_TRUE(parameters.next());
  EXPECT_EQ(parameters.value(arena), "1");
  EXPECT_EQ(arena.used(), 0U);
  ASSERT_TRUE(parameters.next());
  EXPECT_EQ(parameters.value(arena), "]");
  EXPECT_GT(arena.used(), 0U);
  Arena none{0};
  EXPECT_EQ(parameters.value(none), "\\]");
}

TEST(WithoutEnd, TakesLineEndsAndNul) {
  EXPECT_EQ(without_end(std::string_view{"a\r\n\0", 4}), "a");
  EXPECT_EQ(without_end("\n"), "");
  EXPECT_EQ(without_end("a\nb"), "a\nb");
}

// Real logs, where they lie beside the source tree.
TEST(ParseSyslog, Corpus) {
  static constexpr const char* kFiles[] = {"loghub/Linux_2k.log", "loghub/Mac_2k.log",
                                           "beats/system-auth-secure-rhel7.log",
                                           "beats/system-auth-auth-ubuntu1204.log", "crowdsec/syslog-logs.log"};
  const std::string root = std::string{source_directory()} + "/../shared/corpora/logs/syslog/";
  for (const char* file : kFiles) {
    std::ifstream in{root + file};
    if (!in) continue;  // a clone has none
    SCOPED_TRACE(file);
    std::size_t lines = 0, with_host = 0, with_program = 0;
    for (std::string line; std::getline(in, line);) {
      if (line.empty()) continue;
      SyslogLine got;
      ++lines;
      if (parse_syslog(line, *parse_rfc3339(kReceived), std::chrono::minutes{0}, got) != LineFault::none) continue;
      with_host += got.host.empty() ? 0U : 1U;
      with_program += got.program.empty() ? 0U : 1U;
    }
    EXPECT_GE(with_host * 100, lines * 99);
    EXPECT_GE(with_program * 100, lines * 95);
  }
}

}  // namespace
}  // namespace nw::logs
