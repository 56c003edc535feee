#include "detect/sigma/correlation.h"

#include <algorithm>
#include <array>

namespace nw::sigma {

std::string_view to_string(CorrelationType type) {
  constexpr std::array<std::string_view, 12> kNames{
      "event_count",      "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg",
      "value_percentile", "absence",     "newvalue", "beacon",           "ratio",     "rate"};
  return kNames[static_cast<std::size_t>(type)];
}

bool holds(const std::vector<Bound>& bounds, double value) noexcept {
  return std::ranges::all_of(bounds, [value](const Bound& bound) {
    switch (bound.op) {
      case Bound::Op::gt: return value > bound.value;
      case Bound::Op::gte: return value >= bound.value;
      case Bound::Op::lt: return value < bound.value;
      case Bound::Op::lte: return value <= bound.value;
      case Bound::Op::eq: return value == bound.value;
      case Bound::Op::neq: return value != bound.value;
    }
    return false;
  });
}

const std::string& group_field(const Correlation& correlation, std::size_t reference, const std::string& name) {
  if (reference >= correlation.references.size()) return name;
  for (const GroupAlias& alias : correlation.aliases) {
    if (alias.name != name) continue;
    for (const auto& [rule, field] : alias.fields)
      if (rule.name == correlation.references[reference].name) return field;
  }
  return name;
}

namespace {

void print(const Condition& condition, std::string& out) {
  out += std::to_string(static_cast<int>(condition.kind)) + condition.name + '(';
  for (const Condition& child : condition.children) print(child, out);
  out += ')';
}

}  // namespace

std::string fingerprint(const Correlation& correlation) {
  std::string out;
  const auto add = [&out](const auto&... parts) {
    const auto one = [&out](const auto& part) {
      if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(part)>>)
        out += std::to_string(part);
      else
        out += part;
      out += '\n';
    };
    (one(parts), ...);
  };
  add(to_string(correlation.type), correlation.timespan.count(), correlation.percentile, correlation.only_registered,
      correlation.unless_blind, correlation.unless_segment, correlation.median_gap, correlation.least.count(),
      correlation.learn.count(), correlation.variation, correlation.spread, correlation.count, correlation.at_least,
      correlation.times);
  for (const Correlation::Part* part : {&correlation.over, &correlation.under})
    add(part->field, part->value, part->counted);
  for (const RuleReference& reference : correlation.references) add(reference.name);
  for (const std::string& name : correlation.group_by) add("by", name);
  for (const std::string& name : correlation.segment) add("segment", name);
  for (const std::string& name : correlation.fields) add("of", name);
  for (const Bound& bound : correlation.bounds) add(static_cast<int>(bound.op), bound.value);
  for (const GroupAlias& alias : correlation.aliases)
    for (const auto& [rule, field] : alias.fields) add(alias.name, rule.name, field);
  if (correlation.extended) print(*correlation.extended, out);
  return out;
}

}  // namespace nw::sigma
