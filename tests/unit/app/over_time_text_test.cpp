#include "app/over_time_text.h"

#include <array>
#include <gtest/gtest.h>

namespace nw::app {
namespace {

std::string rule(std::string_view name, std::string_view number, std::string_view more) {
  return "---\ntitle: Rule " + std::string{name} + "\nid: 0f0f0f0f-0000-4000-8000-00000000000" + std::string{number} +
         "\nname: " + std::string{name} + '\n' + std::string{more} + '\n';
}

constexpr std::string_view kSeen = "logsource: {product: test}\ndetection: {sel: {f: x}, condition: sel}\n";

// Of the last rule of the set.
std::string text_of(const std::string& yaml) {
  event::Schema schema;
  schema.add_type({"test", "test", {}, {}, {}, true});
  Diagnostics found;
  const std::array<sigma::RuleText, 1> texts{sigma::RuleText{"rules.yml", yaml}};
  const auto rules = sigma::RuleSet::compile(texts, schema, {}, found);
  EXPECT_NE(rules, nullptr) << found.to_string();
  if (rules == nullptr) return {};
  const std::size_t last = rules->size() - 1;
  return over_time_text(*rules, last, *rules->correlation(last));
}

std::string over(std::string_view keys, std::string_view more = {}) {
  return text_of(
      rule("a", "1", kSeen) + rule("b", "2", kSeen) +
      rule("c", "3", "correlation: {rules: [a, b], timespan: 5m, " + std::string{keys} + "}\n" + std::string{more}));
}

std::string with(std::string_view state) {
  return text_of(rule("a", "1", std::string{kSeen} + "normwatch: {" + std::string{state} + '}'));
}

void expect_line(const std::string& text, std::string_view line) {
  EXPECT_NE(("\n" + text).find("\n" + std::string{line} + '\n'), std::string::npos) << text << "lacks " << line;
}

TEST(OverTimeText, Documents) {
  EXPECT_EQ(over("type: value_count, group-by: [who, host], aliases: {who: {a: user}}, "
                 "condition: {field: [p, q], gte: 3, lt: 9}"),
            "over time:   value_count\n"
            "of:          Rule a (0f0f0f0f-0000-4000-8000-000000000001)\n"
            "of:          Rule b (0f0f0f0f-0000-4000-8000-000000000002)\n"
            "by:          who, host\n"
            "             who is user of a\n"
            "fires on:    different p, q >= 3 and < 9 in 5m\n");
  const std::string count = over("type: event_count, condition: {eq: 3}");
  expect_line(count, "by:          all together");
  expect_line(count, "fires on:    events = 3 in 5m");
  expect_line(over("type: value_sum, condition: {field: n, gt: 1.5}"), "fires on:    the sum of n > 1.5 in 5m");
  expect_line(over("type: value_avg, condition: {field: n, lte: 2}"), "fires on:    the mean of n <= 2 in 5m");
  expect_line(over("type: value_percentile, condition: {field: n, neq: 2, percentile: 95}"),
              "fires on:    percentile 95 of n != 2 in 5m");
  expect_line(over("type: temporal"), "fires on:    different rules >= 2 in 5m");
  expect_line(over("type: temporal_ordered"), "fires on:    different rules, in their order, >= 2 in 5m");
  expect_line(over("type: temporal, condition: a and not (b or a)", "normwatch: {sigma: 2.2}"),
              "fires on:    (a and not (b or a)) in 5m");
}

TEST(OverTimeText, States) {
  const std::string silent = with("absence: {key: host, for: 10m}");
  expect_line(silent, "of:          its own detection");
  expect_line(silent, "by:          host");
  expect_line(silent, "fires on:    no event for 10m; not while the sensor is blind");
  expect_line(with("absence: {for: {median_gap: 5, min: 60s}, expect: register, unless: segment_down}"),
              "fires on:    no event for 5 medians of the group's own gaps, at least 1m; of groups that the register "
              "knows; not while the segment is down");
  expect_line(with("absence: {key: [host, unit], segment: host, for: 10m, unless: segment_down}"),
              "fires on:    no event for 10m; only while another one of the same host is heard");
  expect_line(with("newvalue: {field: [p, q], learn: 2d}"),
              "fires on:    a value of p, q that the group has not had; it learns for 2d");
  expect_line(with("beacon: {steady: n}"),
              "fires on:    12 events whose gaps vary by at most 0.15, over 1h; n varies by at most 0.1");
  expect_line(with("ratio: {over: {r: FAIL}, under: count, timespan: 1h, at_least: 5, gte: 0.5}"),
              "fires on:    events with r = FAIL per events >= 0.5 in 1h; at least 5 above the line");
  expect_line(with("ratio: {over: up, under: down, timespan: 1h, gte: 9}"),
              "fires on:    the sum of up per the sum of down >= 9 in 1h; at least 0 above the line");
  expect_line(with("rate: {timespan: 5m}"),
              "fires on:    events in 5m are 10 times the group's own percentile 99 of up to 30d, at least 10; it "
              "learns for 1d");
  expect_line(
      with("rate: {timespan: 1h, of: [rows, bytes], past: 7d}"),
      "fires on:    the sum of rows, bytes in 1h is 10 times the group's own percentile 99 of up to 7d, at least 10; "
      "it learns for 1d");
}

}  // namespace
}  // namespace nw::app
