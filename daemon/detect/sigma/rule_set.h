// read -> check -> compile -> match, as four stages that hand values on. This header is what the rest of the daemon
// sees.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/time.h"
#include "detect/sigma/correlation.h"
#include "detect/sigma/rule.h"
#include "detect/sigma/variables.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::sigma {

struct RuleText {
  std::string file, text;
  bool shadow = false;  // every rule in it is a shadow rule
};

struct LintOptions;  // lint.h

// What a compilation leaves for the next one of the same rules.
struct CompileCache {
  std::string key;       // stands for the texts and options: their hash, and the program's version
  std::string bytes;     // as the last compilation left them; anything else costs time, not correctness
  bool changed = false;  // they are new: keep them
};

struct CompileOptions {
  bool permissive = false;  // rules with errors are left out (and counted) instead of failing the set
  // Fields that something produces besides those of the types themselves (enrichment). A rule whose log source exists
  // but that needs a field nobody produces is dormant.
  std::vector<std::string_view> produced_fields;
  bool norm_required = false;  // our own pack: each rule names the norm that it engages
  // The values of `%name%` for the modifier `expand`. A rule that needs a name without values is an error.
  std::map<std::string, std::vector<std::string>, std::less<>> placeholders;
  VariableSettings variables;         // what the site sets in rules that let it
  const LintOptions* lint = nullptr;  // not null: adds the warnings of lint.h
  CompileCache* cache = nullptr;      // borrowed; null: none
  // Filters that expired before it are left out, with a warning. The epoch: none has expired.
  Timestamp now;
};

// Why a rule will or will not fire (DESIGN promise 6).
// `dormant_not_fed`: sound, and written for events that a later part of the program will make (event::Type::later).
enum class RuleState : std::uint8_t { live, dormant_no_source, dormant_no_field, dormant_not_fed, unsatisfiable };
constexpr std::size_t kRuleStates = static_cast<std::size_t>(RuleState::unsatisfiable) + 1;
std::string_view to_string(RuleState state);

// The filter documents of a set.
struct FilterSummary {
  std::size_t active = 0, expired = 0, refused = 0;
  // When the next of them ends. The set does not change by itself: compile it anew then.
  std::optional<Timestamp> next_expiry;
};

// Immutable; shared by all workers. Holds no reference to the texts.
class RuleSet {
 public:
  // Reads, checks and compiles every document. Errors (and warnings) of all files go to `diagnostics`; null when a
  // strict set has any error. Adds the fields that rules name to `schema`. Event types must be in the schema already.
  static std::shared_ptr<const RuleSet> compile(std::span<const RuleText> texts, event::Schema& schema,
                                                const CompileOptions& options, Diagnostics& diagnostics);

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const RuleInfo& info(std::size_t rule) const noexcept;
  [[nodiscard]] RuleState state(std::size_t rule) const noexcept;
  // The names of the fields that nobody produces, for a dormant rule.
  [[nodiscard]] std::vector<std::string> missing_fields(std::size_t rule) const;
  [[nodiscard]] std::size_t refused() const noexcept;  // documents left out (permissive)
  [[nodiscard]] const FilterSummary& filters() const noexcept;
  // What the rule says of several events; null: it is about one. What the detection of such a rule finds is counted,
  // and alerts nobody by itself.
  [[nodiscard]] const Correlation* correlation(std::size_t rule) const noexcept;
  // A correlation uses what the rule says, and none of those that do lets it alert by itself (`generate`).
  [[nodiscard]] bool silent(std::size_t rule) const noexcept;
  // The fields of an event that the rule found which correlations want to know; where events of a type carry them
  // (kNoField: nowhere), one for each name. Empty names: it counts without any, if it `feeds`.
  [[nodiscard]] bool feeds(std::size_t rule) const noexcept;
  [[nodiscard]] std::span<const std::string> read_fields(std::size_t rule) const noexcept;
  [[nodiscard]] std::span<const event::FieldId> read_ids(std::size_t rule, event::TypeId type) const noexcept;
  // The rules that look at events of a type and could fire on them. Correlations do not: see Correlation::inputs.
  [[nodiscard]] std::vector<std::uint32_t> rules_on(event::TypeId type) const;
  // What the rules read: for ingest.
  [[nodiscard]] const event::Interest& interest() const noexcept;

  ~RuleSet();
  struct Data;
  [[nodiscard]] const Data& data() const noexcept { return *data_; }

 private:
  RuleSet();
  std::unique_ptr<Data> data_;
};

// One atom that held: why a rule fired.
struct MatchedAtom {
  std::string field;    // empty: keyword
  std::string op;       // "equals", "contains", "re", "cidr", "gte", ...
  std::string pattern;  // as the rule wrote it
  std::string value;    // as the event carried it; cut at 256 bytes
};

struct Hit {
  std::size_t rule;
  std::vector<MatchedAtom> atoms;
  Level level = Level::medium;  // the rule's, or the one that its `downgrade_when` gives such an event
};

// What matching gave up on, counted since the matcher was made.
struct MatchCounters {
  std::uint64_t regex_limits = 0;  // searches that reached their step or memory limit: no match
  std::uint64_t regex_cuts = 0;    // subjects longer than a regex looks at: the rest was not seen
  std::uint64_t text_cuts = 0;     // values beyond what one event may cost in text or list elements
  // Of one event in kCostSample: how many, and what looking up their fields took, for all rules together.
  std::uint64_t sampled_events = 0, look_up_ticks = 0;
};

// What a rule has cost since the matcher was made. Every evaluation is counted; one event in kCostSample is timed.
struct RuleCost {
  std::uint64_t evaluations = 0, sampled = 0, ticks = 0;
};
constexpr std::uint64_t kCostSample = 1024;
// Reads a clock that only runs forward; the unit is the caller's.
using Ticks = std::uint64_t (*)();

// One worker's scratch. Not shared.
class Matcher {
 public:
  // Without `ticks` nothing is timed.
  explicit Matcher(std::shared_ptr<const RuleSet> rules, Ticks ticks = nullptr);
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

  // The rules that fire on `event`, in the order of the set; valid until the next call. Does not allocate when nothing
  // fires.
  std::span<const Hit> match(const event::Event& event);
  [[nodiscard]] const RuleSet& rules() const noexcept { return *rules_; }
  [[nodiscard]] const MatchCounters& counters() const noexcept;
  [[nodiscard]] std::span<const RuleCost> costs() const noexcept;  // by rule

 private:
  struct Scratch;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Scratch> scratch_;
};

// The tests that lie beside a rule (`x.yml` -> `x.test.yml`): events that must and must not fire it.
struct RuleTestFailure {
  std::string file;
  Mark mark;
  std::string text;
};
struct RuleTestReport {
  std::size_t cases = 0, rules_tested = 0;
  std::vector<RuleTestFailure> failures;
  std::vector<std::string> untested;  // rule ids without a positive or without a negative case
};
// Counts how often rules over time fire in a stream of events: detect/correlation knows how, this folder does not.
class StreamCounter {
 public:
  virtual ~StreamCounter() = default;
  virtual void begin() = 0;  // a stream
  // In the order of time; `event` is borrowed.
  virtual void take(const event::Event& event, std::span<const Hit> hits) = 0;
  // The stream is over, and `wait` has gone by. How often `rule` fired.
  virtual std::size_t end(Nanoseconds wait, std::size_t rule) = 0;
};
// `tests` are the texts of the *.test.yml files. Faults in them go to `diagnostics`. Without a counter, rules over time
// are not tested.
RuleTestReport run_rule_tests(const RuleSet& rules, const event::Schema& schema, std::span<const RuleText> tests,
                              Diagnostics& diagnostics, StreamCounter* streams = nullptr);

}  // namespace nw::sigma
