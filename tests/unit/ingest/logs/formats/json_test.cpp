#include <fstream>
#include <gtest/gtest.h>

#include "ingest/logs/formats/mapping.h"
#include "source_directory.h"
#include "unit/ingest/logs/formats/log_test_support.h"

namespace nw::logs {
namespace {

using event::TimeQuality;

TEST(Json, ReadsValues) {
  static const struct {
    const char* name;
    std::string line, want;
  } kCases[] = {
      {"empty object", "{}", "{}"},
      {"space around", "  {\"a\":1}\t", R"({"a":1})"},
      {"byte order mark", "\xEF\xBB\xBF{\"a\":1}", R"({"a":1})"},
      {"integers", R"({"a":0,"b":-0,"c":9223372036854775807,"d":-9223372036854775808})",
       R"({"a":0,"b":0,"c":9223372036854775807,"d":-9223372036854775808})"},
      {"past 64 bits it is text", R"({"a":9223372036854775808,"b":123456789012345678901234567890})",
       R"({"a":"9223372036854775808","b":"123456789012345678901234567890"})"},
      {"reals", R"({"a":1.5,"b":-2.5e3,"c":1E2})", R"({"a":1.5,"b":-2500,"c":100})"},
      {"a real past all bounds is text", R"({"a":1e999})", R"({"a":"1e999"})"},
      {"booleans and null", R"({"a":true,"b":false,"c":null})", R"({"a":true,"b":false,"c":null})"},
      {"escapes", R"({"a":"q\" b\\ s\/ n\n t\t u\u00e9 p\ud83d\ude00"})",
       "{\"a\":\"q\\\" b\\\\ s/ n\\n t\\t u\xC3\xA9 p\xF0\x9F\x98\x80\"}"},
      {"NUL by escape", R"({"a":"x\u0000y"})", R"({"a":"x\u0000y"})"},
      {"lone surrogate", R"({"a":"x\ud800y","b":"\udc00","c":"\ud800\u0041"})",
       "{\"a\":\"x\xEF\xBF\xBDy\",\"b\":\"\xEF\xBF\xBD\",\"c\":\"\xEF\xBF\xBD\x41\"}"},
      {"broken UTF-8 is mended", "{\"a\":\"x\xff\xc3y\",\"b\":1}", "{\"a\":\"x\xEF\xBF\xBD\xEF\xBF\xBDy\",\"b\":1}"},
      {"nested", R"({"a":{"b":{"c":1},"d":2}})", R"({"a.b.c":1,"a.d":2})"},
      {"empty nested", R"({"a":{},"b":1})", R"({"b":1})"},
      {"dot in a name", R"({"id.orig_h":"192.0.2.1","id":{"resp_h":"192.0.2.2"}})",
       R"({"id.orig_h":"192.0.2.1","id.resp_h":"192.0.2.2"})"},
      {"list", R"({"a":[1,"x",null,true]})", R"({"a":[1,"x",null,true]})"},
      {"empty list", R"({"a":[]})", R"({"a":[]})"},
      {"list in a list", R"({"a":[[1,2],[],[3]]})", R"({"a":[1,2,3]})"},
      {"list of objects", R"({"a":[{"n":"x","v":1},{"n":"y"},{"n":["z","w"]}]})",
       R"({"a.n":["x","y","z","w"],"a.v":[1]})"},
      {"objects and scalars in a list", R"({"a":[1,{"b":2},3]})", R"({"a":[1,3],"a.b":[2]})"},
      {"last repeat wins", R"({"a":1,"b":2,"a":3})", R"({"b":2,"a":3})"},
      {"last repeat wins, nested or dotted", R"({"a":{"b":1},"a.b":2})", R"({"a.b":2})"},
      {"last repeat wins, lists", R"({"a":[1],"a":[2,3]})", R"({"a":[2,3]})"},
      {"escaped name", R"({"\u0061\"b":1})", R"({"a\"b":1})"},
      {"empty name", R"({"":1})", R"({"":1})"},
      {"our own _path is not repeated", R"({"_path":"dns","a":1})", R"({"a":1})"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench{"json", {}, Wants::all};
    ASSERT_EQ(to_string(bench.line(c.line)), "none");
    EXPECT_EQ(bench.fields(), c.want);
    EXPECT_EQ(bench.last().path, "json");
    EXPECT_EQ(bench.last().raw, c.line);
  }
}

TEST(Json, DeclaredFieldsReadTheSame) {
  Bench bench{"json", {}, Wants::nothing, {"a.b", "list", "list.n", "real", "n"}};
  ASSERT_EQ(
      bench.line(R"({"a":{"b":"x\ty","c":1},"list":[{"n":1},2,{"n":3}],"real":1.5,"n":null,"other":7,"a.b":"z"})"),
      LineFault::none);
  EXPECT_EQ(bench.fields(), R"({"a.b":"z","list":[2],"list.n":[1,3],"real":1.5,"n":null})");
}

TEST(Json, Refuses) {
  static const struct {
    const char* name;
    std::string line;
    LineFault want;
  } kCases[] = {
      {"empty", "", LineFault::empty},
      {"blank", " \t ", LineFault::empty},
      {"text", "hello", LineFault::not_json},
      {"array", "[1]", LineFault::not_json},
      {"scalar", "7", LineFault::not_json},
      {"open", R"({"a":1)", LineFault::not_json},
      {"closed by a bracket", R"({"a":1])", LineFault::not_json},
      {"open string", R"({"a":"x})", LineFault::not_json},
      {"two objects", R"({"a":1}{"b":2})", LineFault::not_json},
      {"text behind", R"({"a":1} x)", LineFault::not_json},
      {"text behind, then a brace", R"({"a":1} x})", LineFault::not_json},
      {"no colon", R"({"a" 1})", LineFault::not_json},
      {"no comma", R"({"a":1 "b":2})", LineFault::not_json},
      {"comma at the end", R"({"a":1,})", LineFault::not_json},
      {"bare name", R"({a:1})", LineFault::not_json},
      {"leading zero", R"({"a":01})", LineFault::not_json},
      {"plus", R"({"a":+1})", LineFault::not_json},
      {"half a number", R"({"a":1.})", LineFault::not_json},
      {"NaN", R"({"a":NaN})", LineFault::not_json},
      {"cut word", R"({"a":tru})", LineFault::not_json},
      {"long word", R"({"a":nullx})", LineFault::not_json},
      {"bad escape", R"({"a":"\x"})", LineFault::not_json},
      {"short unicode escape", R"({"a":"\u00e"})", LineFault::not_json},
      {"line feed in a string", "{\"a\":\"x\ny\"}", LineFault::not_json},
      {"NUL between", std::string{"{\"a\":1,\0\"b\":2}", 14}, LineFault::not_json},
      {"single quotes", "{'a':1}", LineFault::not_json},
      {"too long", "{\"a\":\"" + std::string(kLineBytesMax, 'x') + "\"}", LineFault::too_long},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench{"json", {}, Wants::all};
    EXPECT_EQ(to_string(bench.line(c.line)), to_string(c.want));
    ASSERT_EQ(bench.sink->seen.size(), 1U);
    EXPECT_EQ(bench.last().path, "unparsed");
    EXPECT_NE(bench.last().json.find("\"reason\":\"" + std::string{to_string(c.want)} + "\""), std::string::npos);
  }
}

// The parser still works after each refused line: nothing is left over.
TEST(Json, EveryPrefix) {
  const std::string line =
      R"({"ts":1768464000.5,"id":{"orig_h":"192.0.2.1"},"l":[1,{"x":"\u00e9\n"},[true,null]],"s":"\ud83d\ude00","e":-1.5e3})";
  for (const Wants wants : {Wants::all, Wants::types, Wants::nothing}) {
    Bench bench{"json", {}, wants};
    for (std::size_t size = 0; size < line.size(); ++size) {
      SCOPED_TRACE(size);
      const std::string cut = line.substr(0, size);
      EXPECT_NE(bench.line(cut), LineFault::none);
      ASSERT_EQ(bench.line(line), LineFault::none);
      if (wants == Wants::all) {
        EXPECT_EQ(bench.fields(),
                  "{\"id.orig_h\":\"192.0.2.1\",\"l\":[1,true,null],"
                  "\"l.x\":[\"\xC3\xA9\\n\"],\"s\":\"\xF0\x9F\x98\x80\",\"e\":-1500}");
      }
    }
  }
}

TEST(Json, Bounds) {
  const auto nested = [](std::size_t depth) {
    std::string line;
    for (std::size_t i = 0; i < depth; ++i) line += "{\"a\":";
    line += "1";
    return line + std::string(depth, '}');
  };
  const auto list = [](std::size_t values) {
    std::string line = "{\"a\":[1";
    for (std::size_t i = 1; i < values; ++i) line += ",1";
    return line + "]}";
  };
  Bench bench{"json", {}, Wants::all};
  EXPECT_EQ(bench.line(nested(32)), LineFault::none);
  EXPECT_EQ(bench.line(nested(33)), LineFault::too_deep);
  EXPECT_EQ(bench.line("{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}"), LineFault::none);
  EXPECT_EQ(bench.line("{\"a\":" + std::string(32, '[') + std::string(32, ']') + "}"), LineFault::too_deep);
  EXPECT_EQ(bench.line(list(8192)), LineFault::none);
  EXPECT_EQ(bench.line(list(8193)), LineFault::too_deep);
  // Long names joined again and again.
  std::string names = "{\"" + std::string(2000, 'n') + "\":{\"k0\":1";
  for (int i = 1; i < 200; ++i) names += ",\"k" + std::to_string(i) + "\":1";
  EXPECT_EQ(bench.line(names + "}}"), LineFault::too_deep);
  EXPECT_EQ(bench.line("{\"a\":\"" + std::string(kLineBytesMax - 8, 'x') + "\"}"), LineFault::none);
  // What nobody asked for is stepped over at any depth.
  Bench narrow{"json", {}, Wants::types};
  EXPECT_EQ(narrow.line(R"({"message":"m","x":)" + nested(2000) + "}"), LineFault::none);
  EXPECT_EQ(narrow.fields(), R"({"message":"m"})");
}

TEST(Json, EveryStringOfTheLongestLineIsKept) {
  // Escapes in every string, so that each takes scratch memory; the last must still be whole.
  std::string line = "{\"a\":[\"\\ud800\"", want = "{\"a\":[\"\xEF\xBF\xBD\"";
  for (int i = 0; i < 8000; ++i) {
    line += i % 2 == 0 ? ",\"\\n\"" : ",\"\\t\"";
    want += i % 2 == 0 ? ",\"\\n\"" : ",\"\\t\"";
  }
  Bench bench{"json", {}, Wants::all};
  ASSERT_EQ(bench.line(line + "]}"), LineFault::none);
  EXPECT_EQ(bench.fields(), want + "]}");
}

TEST(Json, InterestLimitsWhatIsRead) {
  // A fault inside a value that nobody wants goes unseen: proof that it was not read.
  const char* const line = R"({"message":"m","x":{"broken":tru}})";
  Bench narrow{"json", {}, Wants::types};
  EXPECT_EQ(narrow.line(line), LineFault::none);
  EXPECT_EQ(narrow.fields(), R"({"message":"m"})");
  Bench named{"json", {}, Wants::nothing, {"x.other"}};
  EXPECT_EQ(named.line(line), LineFault::none);
  Bench wide{"json", {}, Wants::nothing, {"x.broken"}};
  EXPECT_EQ(wide.line(line), LineFault::not_json);
  Bench all{"json", {}, Wants::all};
  EXPECT_EQ(all.line(line), LineFault::not_json);
  Bench nothing{"json", {}, Wants::nothing};
  EXPECT_EQ(nothing.line(R"({"a":1})"), LineFault::none);
  EXPECT_EQ(nothing.line(R"({"a":1)"), LineFault::not_json);
  EXPECT_TRUE(nothing.sink->seen.empty());
}

// Kinds that want everything and kinds that want little stand side by side in one file.
TEST(Json, TheLineBeforeChangesNothing) {
  Diagnostics diagnostics;
  FormatOptions options;
  options.product = "p";
  options.mapping =
      read_mapping("name: m\nfor: {product: p}\nby: [kind]\nclasses:\n  whole: w\n  narrow: n\n", "m", diagnostics);
  ASSERT_TRUE(options.mapping) << diagnostics.to_string();
  Bench bench{"json", options, Wants::types};
  event::Interest interest;
  for (std::size_t i = 0; i < bench.schema->type_count(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    if (bench.schema->type(type).path == "m.whole") interest.want_all(type);
    if (bench.schema->type(type).path == "m.narrow") interest.want(type);
  }
  bench.parser->subscribe(bench.schema, std::make_shared<event::Interest>(interest));
  std::string many = R"({"kind":"n","message":"m","a":[1)";
  for (int i = 0; i < 9000; ++i) many += ",1";
  const std::string broken = R"({"kind":"n","message":"m","a":tru})";
  const std::string whole = R"({"kind":"w","a":1})";
  for (const std::string& line : {many + "]}", broken}) {
    EXPECT_EQ(bench.line(line), LineFault::none);
    ASSERT_EQ(bench.line(whole), LineFault::none);
    EXPECT_EQ(bench.fields(), R"({"kind":"w","a":1})");
    EXPECT_EQ(bench.line(line), LineFault::none);
    EXPECT_EQ(bench.fields(), R"({"message":"m"})");
    EXPECT_EQ(bench.line(R"({"kind":"w","a":tru})"), LineFault::not_json);
    EXPECT_EQ(bench.line(line), LineFault::none);
    EXPECT_EQ(bench.line(whole), LineFault::none);
  }
}

TEST(Json, Time) {
  static constexpr struct {
    const char *name, *line, *want;
    TimeQuality quality;
  } kCases[] = {
      {"seconds", R"({"ts":1768464000.25})", "2026-01-15T08:00:00.250Z", TimeQuality::stated},
      {"milliseconds", R"({"time":1768464000250})", "2026-01-15T08:00:00.250Z", TimeQuality::stated},
      {"seconds as text", R"({"ts":"1768464000.25"})", "2026-01-15T08:00:00.250Z", TimeQuality::stated},
      {"RFC 3339", R"({"timestamp":"2026-01-15T09:00:00.250+01:00"})", "2026-01-15T08:00:00.250Z", TimeQuality::stated},
      {"Suricata", R"({"timestamp":"2026-01-15T09:00:00.250000+0100"})", "2026-01-15T08:00:00.250Z",
       TimeQuality::stated},
      {"no zone", R"({"@timestamp":"2026-01-15 09:00:00.250"})", "2026-01-15T08:00:00.250Z", TimeQuality::guessed},
      {"ts before time, whatever the order", R"({"time":1,"@timestamp":2,"ts":1768464000,"timestamp":3})",
       "2026-01-15T08:00:00.000Z", TimeQuality::stated},
      {"an unreadable first choice gives way", R"({"ts":"soon","time":1768464000})", "2026-01-15T08:00:00.000Z",
       TimeQuality::stated},
      {"none", R"({"a":1})", "2026-03-01T12:00:00.000Z", TimeQuality::received},
      {"nested is another name", R"({"x":{"ts":1768464000}})", "2026-03-01T12:00:00.000Z", TimeQuality::received},
      {"unreadable", R"({"ts":"yesterday"})", "2026-03-01T12:00:00.000Z", TimeQuality::received},
      {"behind the text", R"({"ts":"2026-01-15T09:00:00Z or so"})", "2026-03-01T12:00:00.000Z", TimeQuality::received},
      {"in a list", R"({"ts":[1768464000]})", "2026-03-01T12:00:00.000Z", TimeQuality::received},
  };
  for (const Wants wants : {Wants::types, Wants::all}) {
    for (const auto& c : kCases) {
      SCOPED_TRACE(c.name);
      FormatOptions options;
      options.zone = std::chrono::minutes{60};
      Bench bench{"json", options, wants};
      ASSERT_EQ(bench.line(c.line), LineFault::none);
      EXPECT_EQ(to_rfc3339(bench.last().event_time), c.want);
      EXPECT_EQ(bench.last().quality, c.quality);
    }
  }
}

TEST(Json, TimeFieldIsTheOnlyOne) {
  FormatOptions options;
  options.time_field = "event.created";
  Bench bench{"json", options, Wants::types};
  (void)bench.line(R"({"ts":1,"event":{"created":"2026-01-15T08:00:00Z"}})");
  EXPECT_EQ(to_rfc3339(bench.last().event_time), "2026-01-15T08:00:00.000Z");
  (void)bench.line(R"({"ts":1})");
  EXPECT_EQ(bench.last().quality, TimeQuality::received);
}

TEST(Json, AddressesAreAddresses) {
  class Kinds final : public event::EventSink {
   public:
    explicit Kinds(const event::Schema& schema) : schema_{schema} {}
    void accept(event::Event& event) override {
      for (const auto& entry : event.entries())
        text += std::string{schema_.field_name(entry.field)} +
                (entry.value.kind() == event::Value::Kind::address ? "=address " : "=other ");
    }
    std::string text;

   private:
    const event::Schema& schema_;
  };
  Bench bench{"json", {}, Wants::nothing, {"src_ip", "dest_ip", "note"}};
  Kinds kinds{*bench.schema};
  LineOrigin origin;
  (void)bench.parser->line(
      R"({"id.orig_h":"10.0.0.1","id.resp_h":"2001:db8::1","src_ip":"10.0.0.9","dest_ip":"none","note":"10.0.0.1"})",
      origin, kinds);
  EXPECT_EQ(kinds.text, "id.orig_h=address id.resp_h=address src_ip=address dest_ip=other note=other ");
}

TEST(Json, OptionsNameTheType) {
  event::Schema schema;
  const Format* const json = find_format("json");
  FormatOptions options;
  options.product = "windows";
  options.service = "sysmon";
  options.category = "process_creation";
  json->declare(schema, options);
  options.path = "named";
  json->declare(schema, options);
  const event::Type& by_rule = schema.type(event::TypeId{0});
  EXPECT_EQ(by_rule.path, "json:sysmon:process_creation");
  EXPECT_EQ(by_rule.product, "windows");
  EXPECT_EQ(by_rule.services, std::vector<std::string>{"sysmon"});
  EXPECT_EQ(by_rule.categories, std::vector<std::string>{"process_creation"});
  EXPECT_TRUE(by_rule.open);
  EXPECT_EQ(schema.type(event::TypeId{2}).path, "named");
}

// An event that the daemon wrote comes back the same.
TEST(Json, ReadsItsOwnOutput) {
  FormatOptions options;
  options.path = "conn";
  Bench bench{"json", options, Wants::all};
  const std::string line =
      R"({"_path":"conn","ts":1768464000.250000,"uid":"Cx1","id.orig_h":"192.0.2.1","id.orig_p":502,)"
      R"("id.resp_h":"2001:db8::1","services":["modbus","dns"],"duration":0.5,"open":false,"note":null})";
  ASSERT_EQ(bench.line(line), LineFault::none);
  EXPECT_EQ(bench.last().json.substr(0, 30), line.substr(0, 30));
  const std::string again = bench.last().json;
  ASSERT_EQ(bench.line(again), LineFault::none);
  EXPECT_EQ(bench.last().json, again);
  for (const char* part : {"\"uid\":\"Cx1\"", "\"id.orig_p\":502", "\"id.resp_h\":\"2001:db8::1\"",
                           "\"services\":[\"modbus\",\"dns\"]", "\"duration\":0.5", "\"open\":false", "\"note\":null"})
    EXPECT_NE(again.find(part), std::string::npos) << part;
}

TEST(Json, Corpus) {
  static constexpr const char* kFiles[] = {"vector/journalctl_entries.jsonl", "zed-sample-data/ntp.json",
                                           "zed-sample-data/notice.json", "slips/test9-mixed-zeek-dir__conn.log",
                                           "otrf-apt29/day1_NASHUA_dns.log"};
  for (const char* file : kFiles) {
    std::ifstream in{std::string{source_directory()} + "/../shared/corpora/logs/json/" + file};
    if (!in) continue;  // a clone has none
    SCOPED_TRACE(file);
    Bench bench{"json", {}, Wants::all};
    std::size_t lines = 0, good = 0;
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line.size() > kLineBytesMax) continue;
      ++lines;
      good += bench.line(line) == LineFault::none ? 1U : 0U;
    }
    EXPECT_GT(lines, 0U);
    EXPECT_EQ(good, lines);
  }
}

// What stands behind a syslog header may be an object: its fields, with the header's host, and its time where the
// object has none.
TEST(Json, BehindASyslogHeader) {
  const struct {
    const char* line;
    const char* path;
    const char* host;
    const char* time;
  } cases[] = {
      {"<134>1 2026-03-01T11:00:00Z gw1 app - - - {\"user\":\"ann\"}", "json", "gw1", "2026-03-01T11:00:00Z"},
      {"<134>Mar  1 11:00:01 gw2 app[3]: @cee: {\"user\":\"ann\"}", "json", "gw2", "2026-03-01T11:00:01Z"},
      {"<134>1 2026-03-01T11:00:00Z gw1 app - - - "
       "{\"user\":\"ann\",\"host\":\"inner\",\"timestamp\":\"2026-03-01T10:00:00Z\"}",
       "json", "inner", "2026-03-01T10:00:00Z"},
      {"<134>1 2026-03-01T11:00:00Z gw1 app - - - {\"user\":\"ann\"", "syslog", "gw1", "2026-03-01T11:00:00Z"},
  };
  for (const auto& c : cases) {
    Bench bench{"auto", {}, Wants::all, {"user"}};
    EXPECT_EQ(bench.line(c.line), LineFault::none) << c.line;
    ASSERT_EQ(bench.sink->seen.size(), 1U) << c.line;
    const Seen& seen = bench.last();
    EXPECT_EQ(seen.path, c.path) << c.line;
    EXPECT_NE(seen.json.find(std::string{"\"host\":\""} + c.host + '"'), std::string::npos) << seen.json;
    EXPECT_EQ(seen.path != "json" || seen.json.find("\"user\":\"ann\"") != std::string::npos, true) << seen.json;
    EXPECT_EQ(seen.event_time, *parse_rfc3339(c.time)) << c.line;
    EXPECT_EQ(seen.raw, c.line);
  }
}

}  // namespace
}  // namespace nw::logs
