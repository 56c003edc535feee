#include <array>
#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/w3c_layout.h"
#include "unit/ingest/logs/formats/message_brief.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

// The second names of fields.
constexpr auto kSkip = std::to_array<std::string_view>({"ts", "c-uri", "cs-referrer", "c-useragent"});

// Heads and lines in turn; what the last one told.
std::string told(MessagePlay& play, std::initializer_list<std::string_view> lines) {
  std::string out;
  for (const std::string_view line : lines) out = brief(play.play(line), kSkip);
  return out;
}

TEST(W3c, TellsIis) {
  MessagePlay play{w3c_format()};
  EXPECT_EQ(told(play, {"#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0",
                        "#Date: 2026-01-15 07:59:58",
                        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
                        "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"}),
            "");
  EXPECT_EQ(told(play, {"2026-01-15 07:59:58 192.0.2.80 GET /ecp/a.aspx x=1&y 443 - 198.51.100.9 Agent/1.0+(x;+y) "
                        "https://www.example.com/ 404 0 2 15"}),
            R"(w3c|s-ip=192.0.2.80|id.resp_h=192.0.2.80|cs-method=GET|s-port=443|id.resp_p=443|c-ip=198.51.100.9)"
            R"x(|id.orig_h=198.51.100.9|cs-user-agent=["Agent/1.0+(x;+y)","Agent/1.0 (x; y)"])x"
            R"(|cs-referer=https://www.example.com/|sc-status=404)"
            R"(|cs-uri-stem=/ecp/a.aspx|c-uri-extension=aspx|cs-uri=/ecp/a.aspx?x=1&y|c-uri-query=x=1&y)"
            R"(|cs-uri-query=["x=1&y","/ecp/a.aspx?x=1&y"]|sc-substatus=0|sc-win32-status=2|time-taken=15)");
  EXPECT_EQ(told(play, {"2026-01-15 07:59:58 192.0.2.80 GET / - 80 - 198.51.100.9 - - 200 0 0 -"}),
            "w3c|s-ip=192.0.2.80|id.resp_h=192.0.2.80|cs-method=GET|s-port=80|id.resp_p=80|c-ip=198.51.100.9"
            "|id.orig_h=198.51.100.9|sc-status=200|cs-uri-stem=/|cs-uri=/|cs-uri-query=/"
            "|sc-substatus=0|sc-win32-status=0");
}

TEST(W3c, ReadsItsTimes) {
  static constexpr struct {
    const char *name, *head, *line, *want;
  } kCases[] = {
      {"date and time", "#Fields: date time x", "2026-01-15 07:59:58 a", "1768463998.000000"},
      {"decimals", "#Fields: date time x", "2026-01-15 07:59:58.250 a", "1768463998.250000"},
      {"epoch", "#Fields: timestamp x", "1768463998.5 a", "1768463998.500000"},
      {"one column", "#Fields: date-time,x", "2026-01-15T07:59:58.125Z,a", "1768463998.125000"},
      {"none", "#Fields: x y", "a b", "1768464000.000000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessagePlay play{w3c_format()};
    EXPECT_EQ(play.play(c.head), "");
    EXPECT_NE(play.play(c.line).find(std::string{R"("ts":)"} + c.want + ','), std::string::npos);
  }
  MessagePlay play{w3c_format()};
  (void)play.play("#Date: 2026-01-14 00:00:00");
  (void)play.play("#Fields: time x");
  EXPECT_NE(play.play("07:59:58 a").find(R"("ts":1768377598.000000)"), std::string::npos);
  (void)play.play("#Fields: date time x");
  EXPECT_EQ(play.play("2026-02-31 07:59:58 a"), "fault: bad_time\n");
}

// Windows' firewall says that its times are local; all others are UTC.
TEST(W3c, KnowsLocalTime) {
  MessagePlay play{w3c_format()};
  Message line = MessagePlay::message("2026-01-15 08:59:58 a");
  line.zone = std::chrono::minutes{60};
  (void)play.play("#Fields: date time x");
  EXPECT_NE(play.play(line).find(R"("ts":1768467598.000000)"), std::string::npos);
  (void)play.play("#Time Format: Local");
  EXPECT_NE(play.play(line).find(R"("ts":1768463998.000000)"), std::string::npos);
}

TEST(W3c, TellsOthers) {
  static constexpr struct {
    const char *name, *head, *line, *want;
  } kCases[] = {
      {"HTTP.sys",
       "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason "
       "s-queuename",
       "2026-01-15 07:59:58 198.51.100.9 4000 192.0.2.80 443 HTTP/1.1 GET /a?b 400 - Hostname -",
       R"(w3c|c-ip=198.51.100.9|id.orig_h=198.51.100.9|c-port=4000|id.orig_p=4000|s-ip=192.0.2.80)"
       R"(|id.resp_h=192.0.2.80|s-port=443|id.resp_p=443|cs-version=HTTP/1.1|cs-method=GET|cs-uri=/a?b|cs-uri-stem=/a)"
       R"(|c-uri-query=b|cs-uri-query=["b","/a?b"]|sc-status=400|s-reason=Hostname)"},
      {"a proxy",
       "#Fields: date time c-ip cs-method cs-uri-scheme cs-host cs-uri-path cs-uri-query cs(User-Agent) r-ip "
       "r-port s-ip sc-filter-result sc-status",
       "2026-01-15 07:59:58 192.0.2.10 GET http www.example.org /a.exe ?b=1 \"Agent \"\"x\"\" 1\" 198.51.100.80 80 "
       "192.0.2.3 OBSERVED 200",
       R"(w3c.proxy|c-ip=192.0.2.10|id.orig_h=192.0.2.10|cs-method=GET|cs-host=www.example.org)"
       R"(|cs-user-agent=Agent \"x\" 1|dst_ip=198.51.100.80|id.resp_h=198.51.100.80|dst_port=80|id.resp_p=80)"
       R"(|s-ip=192.0.2.3|sc-status=200|cs-uri-stem=/a.exe|c-uri-extension=exe)"
       R"(|cs-uri=http://www.example.org/a.exe?b=1|c-uri-query=b=1|cs-uri-query=["b=1","/a.exe?b=1"]|sc-filter-result=OBSERVED)"},
      {"Windows' firewall", "#Fields: date time action protocol src-ip dst-ip src-port dst-port size path",
       "2026-01-15 07:59:58 DROP UDP 198.51.100.9 192.0.2.7 4000 161 78 RECEIVE",
       "w3c.firewall|action=DROP|blocked=true|protocol=UDP|proto=udp|src_ip=198.51.100.9|id.orig_h=198.51.100.9"
       "|dst_ip=192.0.2.7|id.resp_h=192.0.2.7|src_port=4000|id.orig_p=4000|dst_port=161|id.resp_p=161|size=78"
       "|path=RECEIVE"},
      {"tabs", "#Fields: date time c-ip cs-method cs(Host) cs-uri-stem sc-status x-edge-result-type",
       "2026-01-15\t07:59:58\t198.51.100.9\tGET\tcdn.example\t/a b\t200\tHit",
       "w3c|c-ip=198.51.100.9|id.orig_h=198.51.100.9|cs-method=GET|cs-host=cdn.example|sc-status=200"
       "|cs-uri-stem=/a b|cs-uri=/a b|cs-uri-query=/a b|x-edge-result-type=Hit"},
      {"commas", "#Fields: date-time,client-ip,event-id,subject",
       "2026-01-15T07:59:58.125Z,192.0.2.10,SEND,\"a, \"\"b\"\"\"",
       R"(w3c.other|client-ip=192.0.2.10|event-id=SEND|subject=a, \"b\")"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessagePlay play{w3c_format()};
    EXPECT_EQ(told(play, {c.head, c.line}), c.want);
  }
}

TEST(W3c, RefusesWhatDoesNotFit) {
  MessagePlay play{w3c_format()};
  EXPECT_EQ(play.play(""), "fault: empty\n");
  EXPECT_EQ(play.play("a b c"), "fault: bad_header\n");
  EXPECT_EQ(play.play("#Colour: red"), "fault: bad_header\n");
  EXPECT_EQ(play.play("#"), "fault: bad_header\n");
  (void)play.play("#Fields: date time x");
  EXPECT_EQ(play.play("2026-01-15 07:59:58"), "fault: bad_header\n");
  EXPECT_EQ(play.play("2026-01-15 07:59:58 a b"), "fault: bad_header\n");
  EXPECT_NE(play.play("2026-01-15 07:59:58 a").find(R"("x":"a")"), std::string::npos);
}

// Files that are followed together have heads of their own.
TEST(W3c, RemembersLayouts) {
  MessagePlay play{w3c_format()};
  (void)play.play("#Fields: date time c-ip sc-status");
  (void)play.play("#Fields: date time c-ip sc-status cs-method");
  EXPECT_EQ(told(play, {"2026-01-15 07:59:58 192.0.2.10 200"}),
            "w3c.other|c-ip=192.0.2.10|id.orig_h=192.0.2.10|sc-status=200");
  EXPECT_EQ(told(play, {"2026-01-15 07:59:58 192.0.2.10 200 GET"}),
            "w3c|c-ip=192.0.2.10|id.orig_h=192.0.2.10|sc-status=200|cs-method=GET");
  // One that does not fit is not taken, though its columns are as many.
  EXPECT_EQ(told(play, {"2026-01-15 07:59:58 192.0.2.10 ok"}), "fault: bad_header");
  // The ninth makes the first forgotten.
  std::string head = "#Fields: a";
  for (int i = 0; i < 7; ++i) {
    head += " b" + std::to_string(i) + " c" + std::to_string(i) + " d e f";
    (void)play.play(head);
  }
  EXPECT_EQ(told(play, {"2026-01-15 07:59:58 192.0.2.10 200"}), "fault: bad_header");
  EXPECT_EQ(told(play, {"2026-01-15 07:59:58 192.0.2.10 200 GET"}),
            "w3c|c-ip=192.0.2.10|id.orig_h=192.0.2.10|sc-status=200|cs-method=GET");
}

// A reading that begins in the middle of a file of IIS as it is installed.
TEST(W3c, KnowsWhatIisWrites) {
  for (const std::string_view layout : known_w3c_layouts()) {
    SCOPED_TRACE(layout);
    MessagePlay play{w3c_format()};
    std::string line;
    for (std::string_view rest = layout; !rest.empty();) {
      const std::string_view name = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(name.size() + 1, rest.size()));
      if (!line.empty()) line += ' ';
      line += name == "date" ? "2026-01-15" : name == "time" ? "07:59:58" : name.ends_with("-ip") ? "192.0.2.1" : "7";
    }
    EXPECT_TRUE(play.play(line).starts_with(R"({"_path":"w3c)"));
    EXPECT_EQ(play.play(line + " 8 9 10"), "fault: bad_header\n");
  }
}

TEST(W3c, BoundsTheColumns) {
  MessagePlay play{w3c_format()};
  std::string head = "#Fields:", line;
  for (std::size_t i = 0; i < W3cLayout::kColumnsMax; ++i) {
    head += " x" + std::to_string(i);
    line += (i == 0 ? "" : " ") + std::to_string(i);
  }
  EXPECT_EQ(play.play(head), "");
  EXPECT_NE(play.play(line).find(R"("x127":127)"), std::string::npos);
  EXPECT_EQ(play.play(line + " 128"), "fault: bad_header\n");
  EXPECT_EQ(play.play(head + " x128"), "fault: too_deep\n");
  EXPECT_EQ(play.play("#Fields: " + std::string(W3cLayout::kBytesMax + 1, 'x')), "fault: too_deep\n");
  EXPECT_EQ(play.play("#Fields: "), "fault: too_deep\n");
}

TEST(W3c, Recognises) {
  const auto is = [](const char* text) { return w3c_format().recognise(MessagePlay::message(text)); };
  EXPECT_TRUE(is("#Software: Microsoft Internet Information Services 10.0"));
  EXPECT_TRUE(is("#Fields: date time"));
  EXPECT_TRUE(is("#Version: 1.0"));
  EXPECT_FALSE(is("# a comment"));
  EXPECT_FALSE(is("2026-01-15 07:59:58 a"));
}

TEST(W3c, TypesCarryTheLogSources) {
  const auto& types = w3c_format().types;
  ASSERT_EQ(types.size(), 4U);
  EXPECT_EQ(types[0].categories[0], "webserver");
  EXPECT_EQ(types[1].categories[0], "proxy");
  EXPECT_EQ(types[2].categories[0], "firewall");
  EXPECT_TRUE(types[3].categories.empty());
}

TEST(W3c, SplitsValues) {
  static constexpr struct {
    const char* line;
    char separator;
    std::size_t count;
    const char *first, *last;
  } kCases[] = {
      {"a b", ' ', 2, "a", "b"},
      {"a  b ", ' ', 2, "a", "b"},
      {"\"a b\" c", ' ', 2, "a b", "c"},
      {"\"a b", ' ', 2, "\"a", "b"},
      {"\"a\"x b", ' ', 2, "\"a\"x", "b"},
      {"\"\" b", ' ', 2, "", "b"},
      {"a,,b", ',', 3, "a", "b"},
      {"a,b,", ',', 3, "a", ""},
      {"\"a,\"\"b\"", ',', 1, "a,\"\"b", "a,\"\"b"},
      {"a\tb c", ' ', 2, "a", "b c"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.line);
    std::array<std::string_view, 4> values{};
    ASSERT_EQ(split_w3c(c.line, c.separator, values), c.count);
    EXPECT_EQ(values[0], c.first);
    EXPECT_EQ(values[c.count - 1], c.last);
  }
  std::array<std::string_view, 2> few{};
  EXPECT_EQ(split_w3c("a b c", ' ', few), 3U);
  EXPECT_EQ(split_w3c("a,b,", ',', few), 3U);
}

}  // namespace
}  // namespace nw::logs
