#include "detect/baseline/watch.h"

#include <array>
#include <gtest/gtest.h>

namespace nw::baseline {
namespace {

using event::Common;
using event::Value;

constexpr std::string_view kRegister = R"(version: 1
assets:
  - asset: plant
    sector: water.supply
    class: {a: C1, i: C1, c: C3}
    hosts: [{addr: 10.0.0.11, roles: [plc]}, {addr: 10.0.0.20, roles: [hmi]}]
)";

class WatchTest : public testing::Test {
 protected:
  WatchTest() {
    Diagnostics diagnostics;
    registry_ = context::Registry::load(kRegister, "r.yaml", diagnostics);
    EXPECT_TRUE(registry_) << diagnostics.to_string();
    event::TypeSpec spec;
    spec.product = "normwatch";
    spec.path = "modbus";
    modbus_ = schema_.add_type(spec);
    spec.path = "dns";
    dns_ = schema_.add_type(spec);
    function_ = schema_.add_field("func");
    watch_.emplace(schema_);
    field_ = *schema_.find_field("nw.baseline");
    const Conversation known{{address("10.0.0.20"), address("10.0.0.11"), "modbus", "READ_COILS"}};
    baseline_ = Baseline::empty()->with({&known, 1}, {"A", "r", {}});
  }
  static IpAddress address(std::string_view text) { return *IpAddress::parse(text); }

  std::string judge(event::TypeId type, std::string_view from, std::string_view to, Value function, bool learn) {
    event_.begin(type, {}, {}, {}, event::TimeQuality::capture);
    event_.set(event::common(Common::orig_h), Value::address(address(from)));
    event_.set(event::common(Common::resp_h), Value::text(to));  // as a log carries it
    event_.set(function_, function);
    watch_->see(event_, *baseline_, *registry_, interest_, learn ? &learner_ : nullptr, deviations_);
    const Value* value = event_.get(field_);
    return value == nullptr ? "" : value->to_text();
  }

  event::Schema schema_;
  event::TypeId modbus_{}, dns_{};
  event::FieldId function_{}, field_{};
  std::optional<Watch> watch_;
  std::shared_ptr<const context::Registry> registry_;
  std::shared_ptr<const Baseline> baseline_;
  event::Interest interest_;
  Learner learner_{8};
  Deviations deviations_{};
  event::Event event_;
};

TEST_F(WatchTest, PutsTheFieldOnWhatDeviates) {
  interest_.want(modbus_, field_);
  watch_->subscribe(interest_, false);
  EXPECT_TRUE(interest_.wants(modbus_, function_));
  EXPECT_FALSE(interest_.wants(dns_));
  const auto text = [](std::string_view t) { return Value::text(t); };
  EXPECT_EQ(judge(modbus_, "10.0.0.20", "10.0.0.11", text("READ_COILS"), false), "");
  EXPECT_EQ(judge(modbus_, "10.0.0.20", "10.0.0.11", text("READ_COILS_EXCEPTION"), false), "");
  EXPECT_EQ(judge(modbus_, "10.0.0.20", "10.0.0.11", text("WRITE_SINGLE_COIL"), false), "new_function");
  EXPECT_EQ(judge(modbus_, "10.0.0.11", "10.0.0.20", text("READ_COILS"), false), "new_direction");
  EXPECT_EQ(judge(modbus_, "10.0.0.99", "10.0.0.11", text("READ_COILS"), false), "new_pair");
  EXPECT_EQ(judge(dns_, "10.0.0.99", "10.0.0.11", text("READ_COILS"), false), "");
  EXPECT_EQ(judge(modbus_, "10.0.0.99", "not an address", text("READ_COILS"), false), "");
  EXPECT_EQ(judge(modbus_, "10.0.0.99", "10.0.0.11", Value::integer(5), false), "");
  EXPECT_EQ(deviations_, (Deviations{0, 1, 1, 1}));
  EXPECT_EQ(learner_.size(), 0U);
}

TEST_F(WatchTest, LearnsWithoutARule) {
  watch_->subscribe(interest_, true);
  EXPECT_TRUE(interest_.wants(modbus_));
  EXPECT_TRUE(interest_.wants(modbus_, function_));
  const std::string longest(2 * kFunctionBytesMax, 'f');
  EXPECT_EQ(judge(modbus_, "10.0.0.20", "10.0.0.11", Value::text("READ_COILS"), true), "");
  EXPECT_EQ(judge(modbus_, "10.0.0.20", "10.0.0.11", Value::text(longest), true), "");  // nobody asks for the field
  const auto found = learner_.candidates();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].conversation.function.size(), kFunctionBytesMax);
}

TEST_F(WatchTest, KnowsWhichEndsAreListed) {
  watch_->subscribe(interest_, true);
  const auto text = Value::text("WRITE_SINGLE_COIL");
  for (unsigned i = 1; i <= 9; ++i) judge(modbus_, "192.0.2." + std::to_string(i), "192.0.2.99", text, true);
  EXPECT_EQ(learner_.size(), 4U);
  for (unsigned i = 1; i <= 9; ++i) judge(modbus_, "192.0.2." + std::to_string(i), "10.0.0.11", text, true);
  EXPECT_EQ(learner_.size(), 6U);
  judge(modbus_, "10.0.0.20", "10.0.0.11", text, true);
  EXPECT_EQ(learner_.size(), 7U);
}

}  // namespace
}  // namespace nw::baseline
