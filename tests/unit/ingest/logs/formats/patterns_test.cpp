#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/yaml.h"
#include "ingest/logs/formats/message_parser.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pattern_set.h"
#include "source_directory.h"
#include "unit/ingest/logs/formats/log_test_support.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

const std::string kPumps = R"(
name: pumps
product: acme
patterns:
  - name: trip
    service: pumpd
    category: process
    literal: TRIP pump
    regex: '^(?<when>\S+ \S+) TRIP pump (?<pump>\d+)(?: by (?<src>\S+))?(?: at (?<speed>[\d.]+) Hz)?$'
    time: {group: when, format: '%d.%m.%Y %H:%M:%S'}
    fields:
      src: id.orig_h
      speed: {name: speed_hz, type: real}
      pump: {type: integer}
    tests:
      - line: 15.01.2026 08:00:01 TRIP pump 3 by 192.0.2.7 at 47.5 Hz
        time: 2026-01-15T08:00:01Z
        fields: {pump: 3, id.orig_h: 192.0.2.7, speed_hz: 47.5}
      - {line: 15.01.2026 08:00:01 TRIP pump 3, fields: {pump: 3}}
      - {line: TRIP pump three, matches: false}
  - name: level
    programs: [tankd, leveld]
    literal: 'level='
    regex: 'level=(?<level>-?\d+)'
    tests:
      - {line: tank 1 level=77 ok, fields: {level: 77}}
      - {line: tank 1 level=77 ok, program: other, matches: false}
)";

std::shared_ptr<const PatternSet> read(const std::string& text, Diagnostics& diagnostics) {
  const std::array<PatternSet::File, 1> files{{{"p.yaml", text}}};
  return PatternSet::read(files, diagnostics);
}

FormatOptions with(const std::string& text) {
  Diagnostics diagnostics;
  FormatOptions options;
  options.patterns = read(text, diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return options;
}

TEST(Patterns, ReadLines) {
  MessagePlay to{patterns_format(), with(kPumps)};
  EXPECT_EQ(to.play("15.01.2026 08:00:01 TRIP pump 3 by 192.0.2.7 at 47.5 Hz"),
            R"({"_path":"pumps.trip","ts":1768464001.000000,"pump":3,"id.orig_h":"192.0.2.7","speed_hz":47.5})"
            "\n");
  // What took no part is not there; what is no such value is text; a time that is none is the message's.
  EXPECT_EQ(to.play("99.01.2026 08:00:01 TRIP pump 3 by gate at 4.7.5 Hz"),
            R"({"_path":"pumps.trip","ts":1768464000.000000,"pump":3,"id.orig_h":"gate","speed_hz":"4.7.5"})"
            "\n");
  EXPECT_EQ(to.play("tank 1 level=-7", "/usr/sbin/LevelD"),
            "{\"_path\":\"pumps.level\",\"ts\":1768464000.000000,\"level\":\"-7\"}\n");
  EXPECT_EQ(to.play("tank 1 level=-7", "other"), "fault: bad_header\n");
  EXPECT_EQ(to.play("15.01.2026 08:00:01 trip pump 3"), "fault: bad_header\n");
  EXPECT_EQ(to.play("15.01.2026 08:00:01 TRIP pump x"), "fault: bad_header\n");
  EXPECT_EQ(to.play(""), "fault: empty\n");
  EXPECT_EQ(to.play(std::string(kLineBytesMax + 1, 'x')), "fault: too_long\n");
  EXPECT_EQ(MessagePlay{patterns_format()}.play("level=1"), "fault: bad_header\n");
}

TEST(Patterns, AreOfTheirLogSources) {
  const FormatOptions options = with(kPumps);
  const auto types = patterns_format().bind(options);
  ASSERT_EQ(types->types().size(), 2U);
  const event::TypeSpec& trip = types->types()[0];
  EXPECT_EQ(trip.product, "acme");
  ASSERT_EQ(trip.services.size(), 1U);
  EXPECT_EQ(trip.services[0], "pumpd");
  ASSERT_EQ(trip.categories.size(), 1U);
  EXPECT_EQ(trip.categories[0], "process");
  EXPECT_TRUE(types->types()[1].services.empty());
}

TEST(Patterns, TheirTestsHold) {
  Diagnostics diagnostics;
  with(kPumps).patterns->test(diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
}

TEST(Patterns, TheSampleIsGood) {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/config/patterns/example.yaml"}.rdbuf();
  Diagnostics diagnostics;
  const auto sample = read(text.str(), diagnostics);
  ASSERT_NE(sample, nullptr) << diagnostics.to_string();
  sample->test(diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  EXPECT_EQ(sample->patterns().size(), 2U);
}

// The keys of the schema are those that the reader takes.
TEST(Patterns, TheSchemaNamesTheKeys) {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/config/patterns.schema.json"}.rdbuf();
  Diagnostics diagnostics;
  const auto documents = parse_yaml(text.str(), "schema", diagnostics);  // JSON is YAML
  ASSERT_EQ(documents.size(), 1U) << diagnostics.to_string();
  const YamlNode* const defs = documents[0].find("$defs");
  const auto keys = [](const YamlNode& of) {
    std::string out;
    for (const auto& [key, value] : of.find("properties")->members) out += key.scalar + ' ';
    return out;
  };
  EXPECT_EQ(keys(documents[0]), "name product patterns ");
  EXPECT_EQ(keys(*defs->find("pattern")), "name product service category programs literal regex fields time tests ");
  EXPECT_EQ(keys(*defs->find("test")), "line program matches time fields ");
}

TEST(Patterns, TheirTestsFail) {
  static const struct {
    const char *tests, *want;
  } kCases[] = {
      {"[{line: a=1 b=2, fields: {a: 1}}]",
       "p.yaml:7:11: test-failed: pattern 'x': there is a field that the test does not name: 'b' is '2'\n"},
      {"[{line: a=1 b=2, fields: {a: 2, b: 2, c: 3}}]",
       "p.yaml:7:11: test-failed: pattern 'x': 'a' is '1', not '2'\n"
       "p.yaml:7:11: test-failed: pattern 'x': there is no field 'c'\n"},
      {"[{line: a=1 b=2, fields: {a: 1, b: 2}}, {line: a=3 b=4, matches: false}]",
       "p.yaml:7:50: test-failed: pattern 'x': it takes the line, and should not\n"},
      {"[{line: b=2 a=1}]",
       "p.yaml:7:11: test-failed: pattern 'x': it does not take the line: the line does not hold "
       "the literal ' b='\n"},
      {"[{line: a b=2}]", "p.yaml:7:11: test-failed: pattern 'x': it does not take the line\n"},
      {"[{line: a=1 b=2, fields: {a: 1, b: 2}, time: 2026-01-15T08:00:00Z}]",
       "p.yaml:7:11: test-failed: pattern 'x': the time cannot be read\n"},
      {"[{line: early a=1 b=2}]",
       "p.yaml:7:11: test-failed: pattern 'x': 'w' takes the line first: put the narrower pattern before\n"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.tests);
    Diagnostics diagnostics;
    const auto set = read(
        std::string{"name: p\n"
                    "patterns:\n"
                    "- {name: w, literal: early, regex: '(?<w>early)', tests: [{line: early, fields: {w: early}}]}\n"
                    "- name: x\n"
                    "  literal: ' b='\n"
                    "  regex: 'a=(?<a>\\d) b=(?<b>\\d)'\n"
                    "  tests: "} +
            c.tests + "\n",
        diagnostics);
    ASSERT_NE(set, nullptr) << diagnostics.to_string();
    set->test(diagnostics);
    EXPECT_EQ(diagnostics.to_string(), c.want);
  }
}

TEST(Patterns, Refuse) {
  const std::string ok_tests = "tests: [{line: abc, fields: {a: abc}}]";
  const struct {
    const char* name;
    std::string pattern, want;  // the first diagnostic, without the file
  } kCases[] = {
      {"an unknown key", "name: x, literal: abc, regex: '(?<a>abc)', regx: y, " + ok_tests, "unknown-key"},
      {"no literal", "name: x, regex: '(?<a>abc)', " + ok_tests, "missing-key"},
      {"no regex", "name: x, literal: abc, " + ok_tests, "missing-key"},
      {"no name", "literal: abc, regex: '(?<a>abc)', " + ok_tests, "missing-key"},
      {"a bad name", "name: X Y, literal: abc, regex: '(?<a>abc)', " + ok_tests, "bad-name"},
      {"a short literal", "name: x, literal: ab, regex: '(?<a>abc)', " + ok_tests, "bad-literal"},
      {"a long literal", "name: x, literal: " + std::string(257, 'x') + ", regex: '(?<a>abc)', " + ok_tests,
       "bad-literal"},
      {"no such regex", "name: x, literal: abc, regex: '(?<a>abc', " + ok_tests, "bad-regex"},
      {"a long regex", "name: x, literal: abc, regex: '(?<a>" + std::string(4096, 'x') + ")', " + ok_tests,
       "bad-regex"},
      {"no group", "name: x, literal: abc, regex: 'abc', " + ok_tests, "bad-regex"},
      {"too many groups",
       "name: x, literal: abc, regex: '" + std::string(64, '(') + std::string(64, ')') + "(?<a>abc)', " + ok_tests,
       "limit"},
      {"no such group", "name: x, literal: abc, regex: '(?<a>abc)', fields: {b: c}, " + ok_tests, "unknown-group"},
      {"no such group of the time",
       "name: x, literal: abc, regex: '(?<a>abc)', time: {group: b, format: iso}, " + ok_tests, "unknown-group"},
      {"a bad format", "name: x, literal: abc, regex: '(?<a>abc)', time: {group: a, format: '%Q'}, " + ok_tests,
       "bad-time-format"},
      {"a bad type", "name: x, literal: abc, regex: '(?<a>abc)', fields: {a: {type: colour}}, " + ok_tests,
       "wrong-type"},
      {"one field of two groups", "name: x, literal: abc, regex: '(?<a>a)(?<b>bc)', fields: {a: b}, " + ok_tests,
       "duplicate-name"},
      {"no test", "name: x, literal: abc, regex: '(?<a>abc)'", "no-test"},
      {"only a test that it fails", "name: x, literal: abc, regex: '(?<a>abc)', tests: [{line: b, matches: false}]",
       "no-test"},
      {"a time that is none", "name: x, literal: abc, regex: '(?<a>abc)', tests: [{line: abc, time: noon}]",
       "wrong-type"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_EQ(read("name: p\npatterns:\n- {" + c.pattern + "}\n", diagnostics), nullptr);
    ASSERT_FALSE(diagnostics.all().empty());
    EXPECT_EQ(diagnostics.all()[0].code, c.want);
    EXPECT_EQ(diagnostics.all()[0].file, "p.yaml");
    EXPECT_EQ(diagnostics.all()[0].mark.line, 3U);
  }
  Diagnostics diagnostics;
  EXPECT_EQ(read("name: p\npatterns: {}\n", diagnostics), nullptr);
  EXPECT_EQ(read("patterns: []\n", diagnostics), nullptr);
  EXPECT_EQ(read("", diagnostics), nullptr);
}

TEST(Patterns, Bounds) {
  const auto of = [](std::size_t count, const std::string& tests) {
    std::string text = "name: p\npatterns:\n";
    for (std::size_t i = 0; i < count; ++i)
      text += "- {name: n" + std::to_string(i) + ", literal: abc, regex: '(?<a>abc)', tests: [" + tests + "]}\n";
    return text;
  };
  const std::string one = "{line: abc, fields: {a: abc}}";
  Diagnostics diagnostics;
  EXPECT_NE(read(of(1000, one), diagnostics), nullptr) << diagnostics.to_string();
  EXPECT_EQ(read(of(1001, one), diagnostics), nullptr);
  EXPECT_EQ(diagnostics.all().back().code, "limit");
  std::string many = one;
  for (int i = 1; i < 1000; ++i) many += ", " + one;
  Diagnostics again;
  EXPECT_NE(read(of(1, many), again), nullptr) << again.to_string();
  EXPECT_EQ(read(of(1, many + ", " + one), again), nullptr);
  EXPECT_EQ(again.all().back().code, "limit");
  // An expression that would never end.
  MessagePlay to{patterns_format(), with("name: p\npatterns:\n- {name: x, literal: aaa, regex: '(?<a>(a+)+(a+)+$)', "
                                         "tests: [{line: aaa, fields: {a: aaa}}]}\n")};
  EXPECT_EQ(to.play(std::string(200, 'a') + "b"), "fault: too_deep\n");
}

// They are asked before the formats that know their own, with a header and without.
TEST(Patterns, ComeFirst) {
  static const std::array<MessageFormat, 2> kFormats{patterns_format(), zeek_tsv_format()};
  const MessageIndex index{kFormats};
  const FormatOptions options = with(kPumps);
  const Reading reading{&index, Reach::any};
  auto schema = std::make_shared<event::Schema>();
  declare_messages(*schema, options, reading);
  auto interest = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < schema->type_count(); ++i) interest->want_all(static_cast<event::TypeId>(i));
  const auto parser = make_message_parser(schema, interest, options, reading);
  Collector sink{*schema};
  const auto path = [&](std::string_view line) {
    LineOrigin origin;
    origin.receive_time = MessagePlay::received();
    (void)parser->line(line, origin, sink);
    return sink.seen.empty() ? "" : sink.seen.back().path;
  };
  EXPECT_EQ(path("15.01.2026 08:00:01 TRIP pump 3"), "pumps.trip");
  EXPECT_EQ(path("<13>1 2026-01-15T08:00:00Z gw tankd - - - level=5"), "pumps.level");
  EXPECT_NE(sink.seen.back().json.find("\"host\":\"gw\""), std::string::npos);
  EXPECT_EQ(path("<13>1 2026-01-15T08:00:00Z gw otherd - - - level=5"), "syslog");
  EXPECT_EQ(path("nothing of the kind"), "unparsed");
}

}  // namespace
}  // namespace nw::logs
