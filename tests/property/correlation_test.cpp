// The engine of rules over time against the reference model over generated rules and streams (README.md of tests/).
//   NW_SEED            the first rule set's seed; the following count up from it
//   NW_PROPERTY_CASES  streams
#include "reference/correlation.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <random>
#include <tuple>

#include "detect/correlation/engine.h"
#include "detect/sigma/fold.h"
#include "differential/dice.h"

namespace nw::correlation {
namespace {

using differential::Dice;
using sigma::RuleSet;
using Rules = std::shared_ptr<const RuleSet>;

constexpr std::size_t kStreamsPerSet = 25, kDifferencesMax = 3;
constexpr std::int64_t kSecond = 1'000'000'000, kStart = 1'700'000'000 * kSecond, kLateness = 5 * kSecond;
constexpr std::array<std::string_view, 3> kBase{"rule_a", "rule_b", "rule_c"};

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// An event that comes, or the clock that moves on.
struct Step {
  bool advance = false;
  std::int64_t time = 0;
  std::size_t rule = 0;  // of kBase
  std::uint64_t ordinal = 0;
  Texts fields;
};
using Stream = std::vector<Step>;

std::string shown(const Stream& stream) {
  std::string out;
  for (const Step& step : stream) {
    out += (step.advance ? "  clock " : "  event ") + std::to_string(step.time - kStart) + " ns";
    if (!step.advance) out += " #" + std::to_string(step.ordinal) + " " + std::string{kBase[step.rule]};
    for (const auto& [name, text] : step.fields) out += " " + name + "='" + text.value_or("(absent)") + "'";
    out += '\n';
  }
  return out;
}

std::string shown(const std::vector<Expected>& firings) {
  std::string out;
  for (const Expected& firing : firings) {
    out += "  " + std::to_string(firing.time - kStart) + " ns rule " + std::to_string(firing.rule) + " value " +
           std::to_string(firing.value);
    for (const auto& [name, text] : firing.key) out += " " + name + "='" + text.value_or("(absent)") + "'";
    out += '\n';
  }
  return out;
}

bool same(const std::vector<Expected>& a, const std::vector<Expected>& b) {
  return std::ranges::equal(a, b, [](const Expected& x, const Expected& y) {
    return x.time == y.time && x.rule == y.rule && x.key == y.key && std::abs(x.value - y.value) < 1e-9;
  });
}

class Writer {
 public:
  explicit Writer(std::uint64_t seed) : random_{seed} {}

  std::string rules() {
    std::string out;
    for (std::size_t i = 0; i < kBase.size(); ++i)
      out += document(kBase[i], i) + "logsource: {product: test}\ndetection:\n  sel: {kind: '" + std::to_string(i) +
             "'}\n  condition: sel\n" + memory() + "---\n";
    const std::size_t count = 1 + dice_.below(3);
    for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : "---\n") + correlation(i);
    return out;
  }

  // Times in half seconds, now and then a nanosecond aside: whole timespans apart, just within and just beyond.
  Stream stream() {
    std::vector<std::pair<std::int64_t, Step>> arrivals;
    std::int64_t time = kStart;
    const std::size_t events = 5 + dice_.below(36), keys = 1 + dice_.below(4);
    const bool equal = dice_.percent(25);  // times
    for (std::size_t i = 0; i < events; ++i) {
      time += static_cast<std::int64_t>((equal ? 0 : 1) + dice_.below(dice_.percent(10) ? 20 : 3)) * kSecond / 2;
      if (dice_.percent(8)) time += dice_.percent(50) ? 1 : -1;
      Step step{false, time, dice_.below(kBase.size()), i, fields(keys)};
      arrivals.emplace_back(time + delay(), step);
      if (dice_.percent(8)) arrivals.emplace_back(time + delay(), step);
    }
    std::ranges::stable_sort(arrivals, {}, [](const auto& arrival) { return arrival.first; });
    Stream out;
    for (const auto& [at, step] : arrivals) {
      if (dice_.percent(40)) out.push_back({true, at, 0, 0, {}});
      out.push_back(step);
    }
    return out;
  }

  Dice& dice() { return dice_; }

 private:
  static std::string document(std::string_view name, std::size_t number) {
    return "title: A rule\nid: 00000000-0000-4000-8000-00000000000" + std::to_string(number) +
           "\nname: " + std::string{name} + "\n";
  }

  // What some of the rules remember; those that correlations count then fire by themselves.
  std::string memory() {
    constexpr std::array<std::string_view, 5> kMemories{
        "absence: {key: [host], for: 2s, unless: []}", "absence: {key: [user, host], for: 3s, unless: []}",
        "newvalue: {key: [user], field: value, learn: 2s}", "newvalue: {key: [host], field: [value, user], learn: 1s}",
        "ratio: {key: [user], over: value, under: count, timespan: 3s, gte: 1, at_least: 2}"};
    return dice_.percent(30) ? "normwatch:\n  " + std::string{dice_.of(kMemories)} + "\n" : "";
  }

  std::int64_t delay() {
    if (dice_.percent(50)) return 0;
    return static_cast<std::int64_t>(dice_.below(dice_.percent(10) ? 24 : 11)) * kSecond / 2;
  }

  std::string correlation(std::size_t number) {
    constexpr std::array<std::string_view, 7> kTypes{
        "event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile"};
    const std::string_view type = dice_.of(kTypes);
    const bool temporal = type.starts_with("temporal"), valued = type.starts_with("value");
    std::vector<std::string> names{kBase.begin(), kBase.end()};
    for (std::size_t i = 0; i < number; ++i) names.push_back("over_" + std::to_string(i));
    std::shuffle(names.begin(), names.end(), random_);
    names.resize(std::min(names.size(), (temporal ? 2 : 1) + dice_.below(3)));
    std::string out = document("over_" + std::to_string(number), kBase.size() + number) +
                      "correlation:\n  type: " + std::string{type} + "\n  rules: [";
    for (const std::string& name : names) out += (name == names[0] ? "" : ", ") + name;
    constexpr std::array<std::string_view, 4> kGroups{"", "  group-by: [user]\n", "  group-by: [host, user]\n",
                                                      "  group-by: [host]\n"};
    out += "]\n" + std::string{dice_.of(kGroups)} + "  timespan: " + std::to_string(1 + dice_.below(6)) + "s\n";
    if (type == "temporal" && dice_.percent(30)) return out + "  condition: " + over_rules(names);
    if (temporal && dice_.percent(50)) return out;
    return out + "  condition: {" + bounds(temporal, valued) +
           (valued ? (type == "value_count" && dice_.percent(40) ? ", field: [value, host]" : ", field: value") : "") +
           (type == "value_percentile" ? ", percentile: " + std::to_string(dice_.below(5) * 25) : "") + "}\n";
  }

  std::string over_rules(const std::vector<std::string>& names) {
    constexpr std::string_view kEnd = "\nnormwatch: {sigma: 2.2}\n";
    const std::string &a = names[0], &b = names[1];
    const std::array<std::string, 4> forms{a + " and not " + b, "not " + a, a + " or " + b, a + " and " + b};
    return forms[dice_.below(forms.size())] + std::string{kEnd};
  }

  std::string bounds(bool temporal, bool valued) {
    constexpr std::array<std::string_view, 6> kBounds{"gt", "gte", "lt", "lte", "eq", "neq"};
    if (temporal) return "gte: " + std::to_string(1 + dice_.below(3));
    const std::string limit = std::to_string(dice_.below(valued ? 6 : 5));
    if (dice_.percent(15)) return "gte: " + limit + ", lte: " + std::to_string(3 + dice_.below(4));
    return std::string{dice_.of(kBounds)} + ": " + limit;
  }

  Texts fields(std::size_t keys) {
    constexpr std::array<std::string_view, 8> kUsers{"ann", "Bob", "cy", "Dora", "ANN", "bOB", "CY", "dora"};
    constexpr std::array<std::string_view, 8> kValues{"0", "1", "2", "3", "-1.5", "2.5", "many", ""};
    Texts out;
    if (dice_.percent(85)) out["user"] = kUsers[dice_.below(keys) + 4 * dice_.below(2)];
    if (dice_.percent(80)) out["host"] = dice_.percent(50) ? "h1" : "H1";
    if (dice_.percent(85)) out["value"] = dice_.of(kValues);
    return out;
  }

  std::mt19937_64 random_;
  Dice dice_{random_};
};

Rules compile(const std::string& yaml) {
  event::Schema schema;
  schema.add_type({"test", "test", {}, {}, {}, true});
  Diagnostics found;
  const std::array<sigma::RuleText, 1> texts{sigma::RuleText{"rules.yml", yaml}};
  Rules rules = RuleSet::compile(texts, schema, {}, found);
  EXPECT_NE(rules, nullptr) << found.to_string() << yaml;
  return rules;
}

std::array<std::size_t, 3> base_rules(const RuleSet& rules) {
  std::array<std::size_t, 3> out{};
  for (std::size_t rule = 0; rule < rules.size(); ++rule)
    if (const auto at = std::ranges::find(kBase, rules.info(rule).name); at != kBase.end())
      out[static_cast<std::size_t>(at - kBase.begin())] = rule;
  return out;
}

class Collected : public FiringSink {
 public:
  explicit Collected(const RuleSet& rules) : rules_{rules} {}
  void fired(const Firing& firing) override {
    Expected& out = firings.emplace_back(Expected{to_unix_nanoseconds(firing.time), firing.rule, {}, firing.value});
    for (const std::string& name : rules_.correlation(firing.rule)->group_by) out.key[name];
    for (const auto& [name, text] : firing.key) out.key[name] = sigma::folded(text);
  }
  std::vector<Expected> firings;

 private:
  const RuleSet& rules_;
};

enum class Break { none, restored, swapped };

// What the engine finds, and what it would not take.
struct Outcome {
  std::vector<Expected> firings;
  std::vector<std::size_t> late;  // steps
};

Outcome run(const Rules& rules, const Stream& stream, Break broken = Break::none, std::size_t break_at = 0) {
  const EngineOptions options{Nanoseconds{kLateness}};
  const auto base = base_rules(*rules);
  Engine engine{rules, options};
  Collected sink{*rules};
  Outcome out;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    const Step& step = stream[i];
    if (i == break_at && broken == Break::swapped) static_cast<void>(engine.swap(rules));
    if (i == break_at && broken == Break::restored) {
      const std::string bytes = engine.save();
      engine = Engine{rules, options};
      EXPECT_TRUE(engine.restore(bytes));
      EXPECT_EQ(engine.save(), bytes);
    }
    if (step.advance) {
      engine.advance(from_unix_nanoseconds(step.time), sink);
      continue;
    }
    Contribution event{
        from_unix_nanoseconds(step.time), static_cast<std::uint32_t>(base[step.rule]), {0, 0, step.ordinal}, {}, {}};
    if (!rules->feeds(event.rule)) continue;
    for (const std::string& name : rules->read_fields(event.rule)) {
      const auto field = step.fields.find(name);
      event.fields.push_back(field == step.fields.end() ? Field{} : Field{true, false, *field->second});
    }
    if (!engine.add(std::move(event))) out.late.push_back(i);
  }
  engine.finish(sink);
  out.firings = std::move(sink.firings);
  return out;
}

// What the text asks for: late is what the clock has left behind by more than the lateness; the rest counts once.
Outcome expected(const Rules& rules, const Stream& stream) {
  const auto base = base_rules(*rules);
  std::int64_t clock = 0, last = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, Found> found;  // in the order in which they are asked about
  Outcome out;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    const Step& step = stream[i];
    if (step.advance) last = std::max(last, clock = std::max(clock, step.time));
    if (step.advance || !rules->feeds(base[step.rule])) continue;
    if (step.time + kLateness < clock) {
      out.late.push_back(i);
      continue;
    }
    last = std::max(last, step.time);
    Found event{step.time, base[step.rule], {}};
    for (const auto& [name, text] : step.fields) event.fields[name] = sigma::folded(*text);
    found.emplace(std::pair{step.time, step.ordinal}, std::move(event));
  }
  std::vector<Found> events;
  for (auto& [order, event] : found) events.push_back(std::move(event));
  out.firings = expected_firings(*rules, events, last);
  return out;
}

void order(std::vector<Expected>& firings) {
  std::ranges::sort(firings, {}, [](const Expected& f) { return std::tuple{f.time, f.rule, f.key, f.value}; });
}

bool agrees(const Rules& rules, const Stream& stream) {
  Outcome engine = run(rules, stream), model = expected(rules, stream);
  order(engine.firings);
  order(model.firings);
  return engine.late == model.late && same(engine.firings, model.firings);
}

void tell(std::uint64_t seed, const std::string& yaml, const Rules& rules, Stream stream) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t i = stream.size(); i-- > 0;) {
      Stream less = stream;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
      if (agrees(rules, less)) continue;
      stream = less;
      smaller = true;
    }
  }
  const Outcome engine = run(rules, stream), model = expected(rules, stream);
  ADD_FAILURE() << "NW_SEED=" << seed << '\n'
                << yaml << shown(stream) << "the engine (" << engine.late.size() << " late):\n"
                << shown(engine.firings) << "the model (" << model.late.size() << " late):\n"
                << shown(model.firings);
}

// The same events, none late, in whatever order they come: the same firings in the same order.
void any_order(const Rules& rules, Stream stream, Dice& dice) {
  std::erase_if(stream, [](const Step& step) { return step.advance; });
  const Outcome whole = run(rules, stream);
  for (std::size_t i = stream.size(); i > 1; --i) std::swap(stream[i - 1], stream[dice.below(i)]);
  const Outcome shuffled = run(rules, stream);
  EXPECT_TRUE(same(whole.firings, shuffled.firings)) << shown(stream);
}

TEST(CorrelationProperty, EngineIsTheModel) {
  const std::uint64_t seed = setting("NW_SEED", std::random_device{}());
  const std::uint64_t cases = setting("NW_PROPERTY_CASES", 100'000);
  std::cout << "NW_SEED=" << seed << " NW_PROPERTY_CASES=" << cases << std::endl;
  std::size_t fired = 0, silent = 0, late = 0, differences = 0;
  for (std::uint64_t set = 0; set * kStreamsPerSet < cases; ++set) {
    Writer writer{seed + set};
    const std::string yaml = writer.rules();
    const Rules rules = compile(yaml);
    ASSERT_NE(rules, nullptr);
    for (std::size_t i = 0; i < kStreamsPerSet; ++i) {
      const Stream stream = writer.stream();
      const Outcome whole = run(rules, stream);
      fired += whole.firings.size();
      silent += whole.firings.empty() ? 1U : 0U;
      late += whole.late.size();
      if (!agrees(rules, stream)) {
        tell(seed + set, yaml, rules, stream);
        if (++differences == kDifferencesMax) return;
        break;
      }
      const std::size_t at = writer.dice().below(stream.size());
      for (const Break broken : {Break::restored, Break::swapped}) {
        const Outcome again = run(rules, stream, broken, at);
        ASSERT_TRUE(same(again.firings, whole.firings) && again.late == whole.late)
            << "NW_SEED=" << seed + set << (broken == Break::swapped ? ", swapped" : ", restored") << " before step "
            << at << '\n'
            << yaml << shown(stream);
      }
      any_order(rules, stream, writer.dice());
      if (HasFailure()) return;
    }
  }
  std::cout << fired << " firings, " << late << " late events, " << silent << " streams without a firing\n";
  // The generator keeps its aim, or the test would prove little.
  if (cases < 1000) return;
  EXPECT_GT(fired, cases / 2);
  EXPECT_GT(late * 20, cases);
}

}  // namespace
}  // namespace nw::correlation
