// The micro-suite (tests/conformance/sigma/): every settled point of Sigma's semantics as a named case, asked of the
// matcher and of the reference interpreter alike.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <sstream>

#include "detect/sigma/check.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/read.h"
#include "harness.h"
#include "reference/sigma.h"
#include "source_directory.h"

namespace nw::sigma {
namespace {

// What documents may ask for in `needs`, and whether it is there. One that needs what is not is skipped, and said to
// be.
constexpr auto kHave = std::to_array<std::pair<std::string_view, bool>>({
    {"", true},
    {"aliases", kMatcherReadsAliases},
    {"fieldref-values", kMatcherComparesFieldsAsValues},
    {"expand", true},
    {"time", true},
    {"filter", true},
});

constexpr std::string_view kFilterId = "11111111-2222-4333-8444-555555555556";

std::string indented(std::string_view text, std::size_t by) {
  std::string out;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) out += std::string(by, ' ') + line + '\n';
  return out;
}

std::string text_of(const YamlNode* node) { return node == nullptr ? std::string{} : node->scalar; }

// {a: b} or nothing, as YAML again; the values are plain words.
std::string flow_map(const YamlNode* node, std::string_view otherwise) {
  if (node == nullptr) return std::string{otherwise};
  std::string out;
  for (const auto& [key, value] : node->members) out += (out.empty() ? "{" : ", ") + key.scalar + ": " + value.scalar;
  return out + "}";
}

std::string conditions(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) return node.scalar;
  std::string out;
  for (const YamlNode& item : node.items) out += (out.empty() ? "[" : ", ") + item.scalar;
  return out + "]";
}

class MicroCase {
 public:
  MicroCase(const YamlNode& document, const YamlNode& node) : document_{document}, node_{node} { add_type(); }

  // Gives how many checks it made.
  std::size_t run() {
    CompileOptions options;
    if (const YamlNode* all = document_.find("placeholders"))
      for (const auto& [name, values] : all->members)
        for (const YamlNode& value : values.items) options.placeholders[name.scalar].push_back(value.scalar);
    const std::array<RuleText, 1> texts{RuleText{"rule.yml", rule_text()}};
    const auto set = RuleSet::compile(texts, schema_, options, diagnostics_);
    std::size_t checks = 0;
    for (const auto& [key, severity] : {std::pair{"refused", Severity::error}, std::pair{"warned", Severity::warning}})
      if (const YamlNode* code = node_.find(key)) {
        ++checks;
        EXPECT_TRUE(told(code->scalar, severity)) << texts[0].text << diagnostics_.to_string();
      }
    if (node_.find("refused") != nullptr) {
      EXPECT_EQ(set, nullptr);
      return checks;
    }
    EXPECT_NE(set, nullptr) << texts[0].text << diagnostics_.to_string();
    if (set == nullptr) return checks;
    Diagnostics ignored;
    ReadResult read = read_rules(texts[0], options, ignored);
    std::vector<Rule>& rules = read.rules;
    std::size_t refused = check_rules(rules, ignored);
    apply_filters(std::move(read.filters), rules, options, refused, ignored);
    const Reference reference{rules.front(), options};
    Matcher matcher{set};
    return checks + ask(matcher, reference, "fires", true) + ask(matcher, reference, "silent", false);
  }

 private:
  std::string rule_text() const {
    std::string detection = indented(text_of(document_.find("identifiers")), 2) + "  condition: ";
    if (const YamlNode* condition = node_.find("condition"))
      detection += conditions(*condition) + '\n';
    else if (const std::string rule = text_of(node_.find("rule")); rule.find("condition:") != std::string::npos)
      detection = indented(rule, 2);
    else
      detection = "  sel:\n" + indented(rule, 4) + "  condition: sel\n";
    const std::string source = flow_map(node_.find("log_source"), "{product: test}");
    const auto document = [&](std::string_view id, std::string_view body) {
      return "title: A rule\nid: " + std::string{id} + "\nlogsource: " + source + '\n' + std::string{body};
    };
    std::string out = document(kId, "detection:\n" + detection);
    if (const YamlNode* filter = node_.find("filter"))
      out += "---\n" + document(kFilterId, "filter:\n  rules: any\n" + indented(filter->scalar, 2));
    return out;
  }

  void add_type() {
    const YamlNode* type = node_.find("type");
    const auto words = [&](std::string_view key) {
      std::vector<std::string_view> out;
      if (const YamlNode* list = type == nullptr ? nullptr : type->find(key))
        for (const YamlNode& item : list->items) out.emplace_back(item.scalar);
      return out;
    };
    const YamlNode* product = type == nullptr ? nullptr : type->find("product");
    const auto services = words("services"), categories = words("categories");
    const bool structured = type != nullptr && type->find("structured") != nullptr;
    type_ = schema_.add_type({"test",
                              product == nullptr ? "test" : std::string_view{product->scalar},
                              services,
                              categories,
                              {},
                              true,
                              structured});
    if (type == nullptr) return;
    if (const YamlNode* answers = type->find("answers"))
      for (const YamlNode& each : answers->items)
        schema_.add_answer(
            type_, {text_of(each.find("product")), text_of(each.find("service")), text_of(each.find("category"))});
    if (const YamlNode* aliases = type->find("aliases"))
      for (const auto& [named, carried] : aliases->members)
        schema_.add_alias(type_, {schema_.add_field(named.scalar), schema_.add_field(carried.scalar)});
  }

  bool told(std::string_view code, Severity severity) const {
    return std::ranges::any_of(diagnostics_.all(), [&](const Diagnostic& diagnostic) {
      return diagnostic.code == code && diagnostic.severity == severity;
    });
  }

  std::size_t ask(Matcher& matcher, const Reference& reference, std::string_view key, bool want) {
    const YamlNode* events = node_.find(key);
    if (events == nullptr) return 0;
    event::Event event;
    for (const YamlNode& map : events->items) {
      event.begin(type_, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
      for (const auto& [name, value] : map.members)
        if (name.scalar == "(line)")
          event.raw = value.scalar;
        else
          event.set(schema_.add_field(name.scalar), Bench::to_value(value, event));
      std::string shown;
      append_ndjson(event, schema_, shown);
      EXPECT_EQ(!matcher.match(event).empty(), want) << "the matcher on " << shown << "\n" << rule_text();
      EXPECT_EQ(reference.fires(event, schema_), want) << "the reference on " << shown << "\n" << rule_text();
    }
    return events->items.size();
  }

  const YamlNode& document_;
  const YamlNode& node_;
  event::Schema schema_;
  event::TypeId type_{};
  Diagnostics diagnostics_;
};

// Every key is known, so that no check is lost to a slip of the pen.
void expect_known(const YamlNode& map, std::span<const std::string_view> keys) {
  for (const auto& [key, value] : map.members)
    EXPECT_NE(std::ranges::find(keys, key.scalar), keys.end()) << key.mark.line << ": unknown key " << key.scalar;
}

std::size_t run_file(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kDocument{"section", "title",       "needs",
                                                             "cases",   "identifiers", "placeholders"};
  static constexpr std::array<std::string_view, 10> kCase{"name",  "rule",   "condition",  "filter", "refused",
                                                          "fires", "silent", "log_source", "type",   "warned"};
  const std::filesystem::path path = std::filesystem::path{source_directory()} / "tests/conformance/sigma" / name;
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  Diagnostics diagnostics;
  const std::vector<YamlNode> documents = parse_yaml(text.str(), path.string(), diagnostics);
  EXPECT_TRUE(diagnostics.ok()) << diagnostics.to_string();
  std::size_t checks = 0;
  for (const YamlNode& document : documents) {
    expect_known(document, kDocument);
    const std::string needs = text_of(document.find("needs"));
    const auto have = std::ranges::find(kHave, needs, &std::pair<std::string_view, bool>::first);
    EXPECT_NE(have, kHave.end()) << needs;
    if (have == kHave.end() || !have->second) {
      std::cout << "skipped: " << text_of(document.find("section")) << ", it needs " << needs << '\n';
      continue;
    }
    for (const YamlNode& each : document.find("cases")->items) {
      SCOPED_TRACE(text_of(document.find("section")) + ": " + text_of(each.find("name")));
      expect_known(each, kCase);
      const std::size_t made = MicroCase{document, each}.run();
      EXPECT_GT(made, 0U) << "a case that checks nothing";
      checks += made;
    }
  }
  std::cout << checks << " checks\n";
  return checks;
}

TEST(SigmaMicro, SettledPoints) { EXPECT_GE(run_file("micro.yaml"), 600U); }
TEST(SigmaMicro, Language) { EXPECT_GE(run_file("micro_language.yaml"), 60U); }

}  // namespace
}  // namespace nw::sigma
