#include "detect/liveness/health.h"

#include <gtest/gtest.h>

namespace nw::liveness {
namespace {

using namespace std::chrono_literals;

const event::Value* field(const event::Event& event, const event::Schema& schema, std::string_view name) {
  const auto id = schema.find_field(name);
  return id ? event.get(*id) : nullptr;
}

TEST(Health, IsAnEventWithItsFigures) {
  event::Schema schema;
  declare(schema);
  Health health{"source",   "syslog", "silent", true, Timestamp{100s}, Timestamp{40s}, 30, 60, "seconds of silence",
                {"A", "B"}, 2};
  event::Event event;
  fill(health, schema, event::SourceId{7}, event);
  EXPECT_EQ(schema.type(event.type()).path, "source_health");
  EXPECT_EQ(schema.type(event.type()).product, "normwatch");
  EXPECT_EQ(event.source(), event::SourceId{7});
  EXPECT_EQ(event.event_time(), Timestamp{100s});
  const struct {
    const char *name, *text;
  } wanted[] = {{"kind", "source"}, {"source_name", "syslog"},      {"state", "silent"},
                {"phase", "begin"}, {"unit", "seconds of silence"}, {"blind_rule_count", "2"},
                {"host", "syslog"}};
  for (const auto& [name, text] : wanted) {
    const event::Value* value = field(event, schema, name);
    ASSERT_NE(value, nullptr) << name;
    EXPECT_EQ(value->to_text(), text) << name;
  }
  EXPECT_EQ(field(event, schema, "expected")->as_real(), 30);
  EXPECT_EQ(field(event, schema, "seen")->as_real(), 60);
  EXPECT_EQ(field(event, schema, "since")->as_time(), Timestamp{40s});
  const auto blind = field(event, schema, "blind_rules")->as_list();
  ASSERT_EQ(blind.size(), 2U);
  EXPECT_EQ(blind[1].as_text(), "B");

  health.begins = false;
  health.blind_rules.clear();
  fill(health, schema, event::SourceId{7}, event);
  EXPECT_EQ(field(event, schema, "phase")->as_text(), "end");
  EXPECT_EQ(field(event, schema, "blind_rules"), nullptr);
}

TEST(Health, NamesAreBounded) {
  event::Schema schema;
  declare(schema);
  Health health;
  health.blind_rules.assign(1000, "a rule");
  health.blind_rule_count = 1000;
  event::Event event;
  fill(health, schema, event::SourceId{0}, event);
  EXPECT_EQ(field(event, schema, "blind_rules")->as_list().size(), kBlindNamesMax);
  EXPECT_EQ(field(event, schema, "blind_rule_count")->as_integer(), 1000);
}

}  // namespace
}  // namespace nw::liveness
