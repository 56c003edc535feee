// Field mappings and rules together: a rule in Sigma's words fires on what the sources really write.
#include "ingest/logs/formats/mapping.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "detect/sigma/rule_set.h"
#include "ingest/logs/formats/format.h"
#include "ingest/network/decoder.h"
#include "source_directory.h"

namespace nw {
namespace {

std::shared_ptr<const logs::Mapping> shipped(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/config/mappings/" + name + ".yaml"}.rdbuf();
  Diagnostics diagnostics;
  return logs::read_mapping(text.str(), name, diagnostics);
}

std::string rule(const std::string& logsource, const std::string& selection) {
  return "title: t\nid: 5b0f0d1e-6a6c-4d0a-9b0e-1f00000000aa\nlogsource: " + logsource +
         "\ndetection:\n  selection: " + selection + "\n  condition: selection\nlevel: low\n";
}

struct Matched final : event::EventSink {
  explicit Matched(std::shared_ptr<const sigma::RuleSet> rules) : matcher{std::move(rules)} {}
  void accept(event::Event& event) override { hits += matcher.match(event).size(); }
  sigma::Matcher matcher;
  std::size_t hits = 0;
};

std::size_t hits(const logs::FormatOptions& options, const std::string& text, std::string_view line) {
  auto schema = std::make_shared<event::Schema>();
  const logs::Format& json = *logs::find_format("json");
  json.declare(*schema, options);
  Diagnostics diagnostics;
  const std::vector<sigma::RuleText> texts{{"r.yml", text}};
  const auto rules = sigma::RuleSet::compile(texts, *schema, {}, diagnostics);
  EXPECT_TRUE(rules) << diagnostics.to_string();
  if (!rules) return 0;
  Matched matched{rules};
  const auto parser = json.make(schema, std::make_shared<event::Interest>(rules->interest()), options);
  EXPECT_EQ(parser->line(line, {}, matched), logs::LineFault::none);
  return matched.hits;
}

TEST(MappedRules, FireOnEveryShape) {
  logs::FormatOptions options;
  options.product = "windows";
  options.mapping = shipped("windows");
  ASSERT_TRUE(options.mapping);
  const std::string text = rule("{product: windows, category: process_creation}",
                                "{Image|endswith: '\\x.exe', User: 'LAB\\eva', EventID: 1}");
  static constexpr const char* kLines[] = {
      R"({"Event":{"System":{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational"},)"
      R"("EventData":{"Image":"C:\\x.exe","User":"LAB\\eva"}}})",
      R"({"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":1,)"
      R"("event_data":{"Image":"C:\\x.exe","User":"LAB\\eva"}},"user":{"name":"eva"}})",
      R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":"1","Image":"C:\\X.EXE","User":"LAB\\eva"})",
  };
  for (const char* line : kLines) EXPECT_EQ(hits(options, text, line), 1U) << line;
  // Another channel, a number without a category, a channel that nobody knows: not this log source.
  for (const char* channel : {"Security", "Microsoft-Windows-PowerShell/Operational", "X"})
    EXPECT_EQ(hits(options, text,
                   R"({"EventID":1,"Image":"C:\\x.exe","User":"LAB\\eva","Channel":")" + std::string{channel} + "\"}"),
              0U);
  EXPECT_EQ(hits(options, rule("{product: windows}", "[eva]"), R"({"Channel":"X","n":{"User":"LAB\\eva"}})"), 1U);
}

TEST(MappedRules, RulesForZeekRunOnOurOwnEvents) {
  event::Schema schema;
  network::NetworkDecoder::declare(schema);
  const auto state = [&](const std::string& logsource, const std::string& selection) {
    Diagnostics diagnostics;
    const std::vector<sigma::RuleText> texts{{"r.yml", rule(logsource, selection)}};
    const auto rules = sigma::RuleSet::compile(texts, schema, {}, diagnostics);
    return rules ? std::string{sigma::to_string(rules->state(0))} : diagnostics.to_string();
  };
  EXPECT_EQ(state("{product: zeek, service: dns}", "{query: x}"), "dormant_no_source");
  const auto zeek = shipped("zeek");
  ASSERT_TRUE(zeek);
  logs::claim_foreign(schema, *zeek);
  EXPECT_EQ(state("{product: zeek, service: dns}", "{query|endswith: .example, qtype_name: TXT}"), "live");
  EXPECT_EQ(state("{product: zeek, service: conn}", "{id.resp_p: 22}"), "live");
  EXPECT_EQ(state("{category: dns}", "{query: x}"), "live");
  // A connection says nothing of the process behind it.
  EXPECT_NE(state("{product: windows, category: network_connection}", "{DestinationPort: 22}"), "live");
}

}  // namespace
}  // namespace nw
