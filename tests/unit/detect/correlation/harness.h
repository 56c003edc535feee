// What the tests of detect/correlation share: an engine over rules from snippets, events from a line of fields.
#pragma once

#include <array>
#include <gtest/gtest.h>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detect/correlation/engine.h"

namespace nw::correlation {

constexpr std::int64_t kSecond = 1'000'000'000;
inline Timestamp at(std::int64_t seconds) { return from_unix_nanoseconds((1'700'000'000 + seconds) * kSecond); }

// A rule of all events of `product: test`; `more` is indented by nothing.
inline std::string seen_rule(std::string_view more, std::string_view id = "11111111-2222-4333-8444-555555555555") {
  return "title: A rule\nid: " + std::string{id} +
         "\nname: seen\nlogsource: {product: test}\ndetection:\n  sel: {kind: x}\n  condition: sel\n" +
         std::string{more};
}

// Rules of that kind by the names that correlations give them.
inline std::string seen_rules(std::initializer_list<std::string_view> names) {
  std::string out;
  int number = 0;
  for (const std::string_view name : names) {
    std::string rule = seen_rule("", "11111111-2222-4333-8444-00000000000" + std::to_string(number++));
    rule.replace(rule.find("name: seen"), 10, "name: " + std::string{name});
    out += (out.empty() ? "" : "---\n") + rule;
  }
  return out;
}

inline std::string over_rule(std::string_view correlation, std::string_view id, std::string_view name = "over") {
  return "---\ntitle: Over\nid: " + std::string{id} + "\nname: " + std::string{name} +
         "\ncorrelation: " + std::string{correlation} + "\n";
}

inline std::shared_ptr<const sigma::RuleSet> compile(const std::string& yaml) {
  event::Schema schema;
  schema.add_type({"test", "test", {}, {}, {}, true});
  Diagnostics found;
  const std::array<sigma::RuleText, 1> texts{sigma::RuleText{"rules.yml", yaml}};
  auto rules = sigma::RuleSet::compile(texts, schema, {}, found);
  EXPECT_NE(rules, nullptr) << found.to_string() << yaml;
  return rules;
}

class Bench : public FiringSink {
 public:
  explicit Bench(const std::string& yaml, const EngineOptions& options = {})
      : rules{compile(yaml)}, engine{rules, options} {}

  using Fields = std::map<std::string, std::string>;

  // Of the first rule.
  bool event(std::int64_t seconds, const Fields& fields, bool registered = false) {
    return add(0, at(seconds), fields, registered);
  }
  bool event_of(std::string_view rule, std::int64_t seconds, const Fields& fields = {}) {
    return add(number(rule), at(seconds), fields, false);
  }
  bool event_from(std::uint16_t source, std::int64_t seconds, const Fields& fields) {
    return add(0, at(seconds), fields, false, source);
  }
  bool add(std::size_t rule, Timestamp time, const Fields& fields, bool registered, std::uint16_t source = 0) {
    Contribution event{time, static_cast<std::uint32_t>(rule), {source, 0, ++ordinal_}, {}, {}};
    for (const std::string& name : rules->read_fields(rule)) {
      const auto field = fields.find(name);
      event.fields.push_back(field == fields.end() ? Field{} : Field{true, registered, field->second});
    }
    return engine.add(std::move(event));
  }
  [[nodiscard]] std::size_t number(std::string_view name) const {
    for (std::size_t i = 0; i < rules->size(); ++i)
      if (rules->info(i).name == name) return i;
    ADD_FAILURE() << "no rule " << name;
    return 0;
  }
  // When it fired, in seconds and without what is less.
  [[nodiscard]] std::vector<std::int64_t> times() const {
    std::vector<std::int64_t> out;
    for (const Firing& firing : firings) out.push_back((firing.time - at(0)) / std::chrono::seconds{1});
    return out;
  }
  void clock(std::int64_t seconds) { engine.advance(at(seconds), *this); }
  void fired(const Firing& firing) override { firings.push_back(firing); }

  std::shared_ptr<const sigma::RuleSet> rules;
  Engine engine;
  std::vector<Firing> firings;

 private:
  std::uint64_t ordinal_ = 0;
};

}  // namespace nw::correlation
