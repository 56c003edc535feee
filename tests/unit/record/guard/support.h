// A guard over a small register and one feed, with a key that is the same in every run.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "context/indicators/value.h"
#include "record/guard/door.h"
#include "unit/record/privacy/support.h"
#include "unit/record/support.h"

namespace nw::record::test {

constexpr std::string_view kRegister = R"(version: 1
assets:
  - asset: w1
    name: Water works
    sector: water.supply
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.0/25]
    hosts:
      - {addr: 192.0.2.10, name: plc-1.waterworks.example}
      - {addr: 192.0.2.11}
  - asset: s1
    sector: gov.admin
    class: {a: C1, i: C1, c: C1}
    disclosure: secret
    networks: [198.51.100.0/24]
    hosts: [{addr: 198.51.100.7, name: deep1}]
)";

class Dice {
 public:
  void operator()(std::span<std::uint8_t> out) const { privacy::Dice{7}(out); }
};
inline constexpr Dice kDice;

// Any month, one of two operators' keys.
inline std::shared_ptr<const MonthKeys> month_keys(privacy::Epoch epoch, std::uint8_t first = 0) {
  EpochSecrets secrets{epoch, privacy::counted<32>(first), {}};
  auto keys = MonthKeys::derive(secrets, "demo");
  EXPECT_TRUE(keys);
  return *keys;
}

inline std::shared_ptr<const context::IndicatorSet> one_feed() {
  context::IndicatorBuilder builder{1U << 20, 1};
  context::IndicatorRecord record;
  record.source = "feed";
  const auto number = builder.record(record);
  EXPECT_TRUE(number);
  EXPECT_TRUE(builder.add(context::IndicatorKind::domain, "evil.example", *number));
  std::uint64_t left_out = 0;
  return builder.finish(left_out);
}

inline GuardRules guard_rules(const privacy::Policy& policy = {}) {
  Diagnostics diagnostics;
  const auto registry = context::Registry::load(kRegister, "r.yaml", diagnostics);
  EXPECT_TRUE(registry) << diagnostics.to_string();
  GuardRules out;
  out.policy = std::make_shared<const privacy::Policy>(policy);
  out.designated = std::make_shared<const DesignatedNames>(registry, policy);
  out.indicators = one_feed();
  out.ids = std::make_shared<const AlertIds>(privacy::counted<32>(99));
  out.months = {month_keys({2026, 1})};
  return out;
}

inline std::shared_ptr<const GuardRules> shared(GuardRules rules) {
  return std::make_shared<const GuardRules>(std::move(rules));
}

}  // namespace nw::record::test
