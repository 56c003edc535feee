#include "app/over_time_text.h"

#include <array>
#include <charconv>

#include "base/text.h"
#include "base/time.h"

namespace nw::app {

namespace {

using sigma::Bound;
using sigma::Condition;
using sigma::Correlation;
using sigma::CorrelationType;

std::string number(double value) {
  std::array<char, 32> text{};
  const auto [end, wrong] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), wrong == std::errc{} ? end : text.data()};
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string bounds_text(const std::vector<Bound>& bounds) {
  constexpr std::array<std::string_view, 6> kSigns{">", ">=", "<", "<=", "=", "!="};
  std::string out;
  for (const Bound& bound : bounds)
    out += (out.empty() ? "" : " and ") + std::string{kSigns[static_cast<std::size_t>(bound.op)]} + ' ' +
           number(bound.value);
  return out;
}

std::string condition_text(const Condition& condition) {
  if (condition.kind == Condition::Kind::identifier) return condition.name;
  if (condition.kind == Condition::Kind::negation)
    return condition.children.empty() ? "" : "not " + condition_text(condition.children[0]);
  std::string out;
  for (const Condition& child : condition.children)
    out += (out.empty()                                      ? ""
            : condition.kind == Condition::Kind::conjunction ? " and "
                                                             : " or ") +
           condition_text(child);
  return condition.children.size() > 1 ? '(' + out + ')' : out;
}

std::string part_text(const Correlation::Part& part) {
  if (part.field.empty()) return "events";
  return part.counted ? "events with " + part.field + " = " + part.value : "the sum of " + part.field;
}

std::string silence_text(const Correlation& c) {
  std::string out = "no event for ";
  if (c.median_gap > 0)
    out += number(c.median_gap) + " medians of the group's own gaps, at least " + format_duration(c.least);
  else
    out += format_duration(c.timespan);
  if (c.only_registered) out += "; of groups that the register knows";
  if (c.unless_blind) out += "; not while the sensor is blind";
  if (c.unless_segment && c.segment.empty()) out += "; not while the segment is down";
  if (!c.segment.empty()) out += "; only while another one of the same " + join(c.segment) + " is heard";
  return out;
}

// When a group fires.
std::string when_text(const Correlation& c) {
  const std::string within = " in " + format_duration(c.timespan);
  switch (c.type) {
    case CorrelationType::event_count: return "events " + bounds_text(c.bounds) + within;
    case CorrelationType::value_count: return "different " + join(c.fields) + ' ' + bounds_text(c.bounds) + within;
    case CorrelationType::value_sum: return "the sum of " + join(c.fields) + ' ' + bounds_text(c.bounds) + within;
    case CorrelationType::value_avg: return "the mean of " + join(c.fields) + ' ' + bounds_text(c.bounds) + within;
    case CorrelationType::value_percentile:
      return "percentile " + number(c.percentile) + " of " + join(c.fields) + ' ' + bounds_text(c.bounds) + within;
    case CorrelationType::temporal:
      return c.extended ? condition_text(*c.extended) + within : "different rules " + bounds_text(c.bounds) + within;
    case CorrelationType::temporal_ordered: return "different rules, in their order, " + bounds_text(c.bounds) + within;
    case CorrelationType::absence: return silence_text(c);
    case CorrelationType::newvalue:
      return "a value of " + join(c.fields) + " that the group has not had; it learns for " + format_duration(c.learn);
    case CorrelationType::beacon:
      return std::to_string(c.count) + " events whose gaps vary by at most " + number(c.variation) + ", over " +
             format_duration(c.least) +
             (c.fields.empty() ? "" : "; " + join(c.fields) + " varies by at most " + number(c.spread));
    case CorrelationType::ratio:
      return part_text(c.over) + " per " + part_text(c.under) + ' ' + bounds_text(c.bounds) + within + "; at least " +
             number(c.at_least) + " above the line";
    case CorrelationType::rate:
      return (c.fields.empty() ? "events" : "the sum of " + join(c.fields)) + within +
             (c.fields.empty() ? " are " : " is ") + number(c.times) + " times the group's own percentile " +
             number(c.percentile) + " of up to " + format_duration(c.least) + ", at least " + number(c.at_least) +
             "; it learns for " + format_duration(c.learn);
  }
  return {};
}

void line(std::string_view key, std::string_view value, std::string& out) {
  out += key;
  out.append(13 - key.size(), ' ');
  out += printable(value, 4096) + '\n';
}

std::string called(const sigma::RuleInfo& info) { return info.title + " (" + info.id + ')'; }

}  // namespace

bool is_document(const sigma::RuleSet& rules, std::size_t rule) {
  const Correlation* correlation = rules.correlation(rule);
  return correlation != nullptr && !correlation->references.empty();
}

std::string over_time_text(const sigma::RuleSet& rules, std::size_t rule, const Correlation& correlation) {
  std::string out;
  line("over time:", sigma::to_string(correlation.type), out);
  for (const Correlation::Input& input : correlation.inputs)
    if (input.rule != rule) line("of:", called(rules.info(input.rule)), out);
  if (!is_document(rules, rule)) line("of:", "its own detection", out);
  line("by:", correlation.group_by.empty() ? "all together" : join(correlation.group_by), out);
  for (const sigma::GroupAlias& alias : correlation.aliases)
    for (const auto& [reference, field] : alias.fields)
      line("", alias.name + " is " + field + " of " + reference.name, out);
  line("fires on:", when_text(correlation), out);
  return out;
}

}  // namespace nw::app
