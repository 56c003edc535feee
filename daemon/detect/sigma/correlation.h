// Rules over time: what several events say together. A correlation document of Sigma, or the state that a rule carries
// under `normwatch:`. This is the rule as written and resolved; detect/correlation evaluates it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "base/time.h"
#include "detect/sigma/condition.h"

namespace nw::sigma {

enum class CorrelationType : std::uint8_t {
  event_count,
  value_count,
  temporal,
  temporal_ordered,
  value_sum,
  value_avg,
  value_percentile,
  // Our own, under `normwatch:`.
  absence,
  newvalue,
  beacon,
  ratio,
  rate,
};
std::string_view to_string(CorrelationType type);

struct Bound {
  enum class Op : std::uint8_t { gt, gte, lt, lte, eq, neq };
  Op op = Op::gte;
  double value = 0;
  friend bool operator==(const Bound&, const Bound&) = default;
};
// All of them.
bool holds(const std::vector<Bound>& bounds, double value) noexcept;

// What a document refers to, by id (in small letters) or by name.
struct RuleReference {
  std::string name;
  Mark mark;
};

// `alias: {rule: field}`: under this name the events of each rule give another field.
struct GroupAlias {
  std::string name;
  std::vector<std::pair<RuleReference, std::string>> fields;
};

struct Correlation {
  CorrelationType type = CorrelationType::event_count;
  std::vector<RuleReference> references;  // empty: the rule's own detection
  std::vector<std::string> group_by;      // empty: one group
  std::vector<GroupAlias> aliases;
  Nanoseconds timespan{};  // a window holds what is at most this old
  std::vector<Bound> bounds;
  std::vector<std::string> fields;    // whose values count; rate: that are added up, none: events
  double percentile = 50;             // value_percentile, rate
  std::optional<Condition> extended;  // temporal: over the references' names, instead of bounds
  bool generate = false;              // the rules that it refers to alert by themselves, too

  // absence
  bool only_registered = false;  // keys that the register knows
  bool unless_blind = false, unless_segment = false;
  std::vector<std::string> segment;  // the fields of `group_by`, from its first on, that one segment has in common
  double median_gap = 0;             // silence, in medians of the key's own gaps; 0: `timespan`
  Nanoseconds least{};               // and never less than this; beacon: for how long it has to be steady;
                                     // rate: how far back its past goes
  Nanoseconds learn{};               // newvalue, rate: nothing is new before the key is so old
  // beacon
  double variation = 0;     // of its gaps, at most
  double spread = 0;        // of `fields`' values about their mean, at most; 0: any
  std::uint32_t count = 0;  // events, at least
  // ratio: what is above and below the line: the sum of a field, or how often it has a value
  struct Part {
    std::string field, value;
    bool counted = false;  // every event counts one; with `value`: every event whose field is that
  };
  Part over, under;
  double at_least = 0;  // ratio: of what is above the line; rate: of a slice
  double times = 0;     // rate: of the percentile

  // Filled when the set is put together: the numbers of the rules that count, and which reference each stands for.
  struct Input {
    std::uint32_t rule = 0, reference = 0;
  };
  std::vector<Input> inputs;
};

// The field that a group-by name means on events of the rule that `reference` names.
const std::string& group_field(const Correlation& correlation, std::size_t reference, const std::string& name);

// All that decides what it finds, as text: what state of it means.
std::string fingerprint(const Correlation& correlation);

}  // namespace nw::sigma
