// What the tests of detect/sigma share: rules from snippets, events from YAML maps.
#pragma once

#include <array>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"
#include "detect/sigma/rule_set.h"

namespace nw::sigma {

constexpr std::string_view kId = "11111111-2222-4333-8444-555555555555";

// A rule of log source `product: test` whose detection is `detection`: lines, indented by two.
inline std::string rule_text(std::string_view detection, std::string_view id = kId) {
  return "title: A rule\nid: " + std::string{id} + "\nlogsource:\n  product: test\ndetection:\n" +
         std::string{detection} + "\n";
}

// One identifier with one line.
inline std::string item_text(std::string_view item) {
  return rule_text("  sel:\n    " + std::string{item} + "\n  condition: sel");
}

class Bench {
 public:
  Bench() { type_ = schema.add_type({"test", "test", {}, {}, {}, true}); }

  // Null when the rules have errors.
  std::shared_ptr<const RuleSet> compile(const std::string& text, CompileOptions options = {}) {
    const std::array<RuleText, 1> texts{RuleText{"rule.yml", text}};
    return RuleSet::compile(texts, schema, options, diagnostics);
  }

  // `map` is a YAML map of fields; it and what it names live as long as the bench.
  void fill(event::Event& event, std::string_view map) {
    Diagnostics found;
    documents_.push_back(parse_yaml(map, "event", found));
    ASSERT_TRUE(found.ok()) << found.to_string();
    event.begin(type_, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
    if (documents_.back().empty()) return;
    for (const auto& [key, value] : documents_.back().front().members)
      event.set(schema.add_field(key.scalar), to_value(value, event));
  }

  static event::Value to_value(const YamlNode& node, event::Event& event) {
    if (node.kind == YamlNode::Kind::sequence) {
      const auto items = event.arena().make<event::Value>(node.items.size());
      for (std::size_t i = 0; i < items.size(); ++i) items[i] = to_value(node.items[i], event);
      return event::Value::list(items);
    }
    if (node.kind != YamlNode::Kind::scalar) return {};
    if (const auto truth = node.as_bool()) return event::Value::boolean(*truth);
    if (const auto whole = node.as_int()) return event::Value::integer(*whole);
    if (const auto real = node.as_real()) return event::Value::real(*real);
    // "ip 10.0.0.1" is an address value.
    IpAddress address;
    if (node.scalar.starts_with("ip ") && IpAddress::parse_into(std::string_view{node.scalar}.substr(3), address))
      return event::Value::address(address);
    return event::Value::text(node.scalar);
  }

  event::Schema schema;
  Diagnostics diagnostics;
  [[nodiscard]] event::TypeId type() const { return type_; }

 private:
  event::TypeId type_;
  std::deque<std::vector<YamlNode>> documents_;
};

// Whether the one rule in `text` fires on the event; a rule that does not compile fails the test.
inline bool fires(const std::string& text, std::string_view map, std::string_view raw = {}) {
  Bench bench;
  const auto rules = bench.compile(text);
  EXPECT_NE(rules, nullptr) << bench.diagnostics.to_string();
  if (rules == nullptr) return false;
  Matcher matcher{rules};
  event::Event event;
  bench.fill(event, map);
  event.raw = raw;
  return !matcher.match(event).empty();
}

}  // namespace nw::sigma
