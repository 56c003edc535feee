#include "context/registry/heard_hosts.h"

#include <gtest/gtest.h>

#include "event/schema.h"

namespace nw::context {
namespace {

constexpr std::string_view kRegister = R"(version: 1
assets:
  - asset: a1
    sector: water.supply
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.0/24]
    hosts:
      - {addr: 192.0.2.1, name: pump1, logs: {silent_after: 30m}}
      - {addr: 192.0.2.2, name: pump2}
      - {addr: 192.0.2.3, logs: learn}
)";

std::shared_ptr<const Registry> read(std::string_view text, Diagnostics& found) {
  return Registry::load(text, "registry.yaml", found);
}

TEST(HeardHosts, ByNameByAddressAndBySender) {
  Diagnostics found;
  const auto registry = read(kRegister, found);
  ASSERT_TRUE(registry) << found.to_string();
  ASSERT_EQ(registry->hosts_with_logs().size(), 2U);
  EXPECT_EQ(*registry->hosts_with_logs()[0]->logs->silent_after, std::chrono::minutes{30});
  EXPECT_FALSE(registry->hosts_with_logs()[1]->logs->silent_after);
  HeardHosts heard;
  heard.begin(*registry);
  event::Event event;
  const auto line = [&](const event::Value& host) {
    event.begin(event::TypeId{}, event::SourceId{}, {}, {}, event::TimeQuality::received);
    event.set(event::common(event::Common::host), host);
    heard.note(event);
  };
  line(event::Value::text("PUMP1"));
  line(event::Value::text("PUMP1"));
  line(event::Value::text("pump2"));
  line(event::Value::text("192.0.2.3"));
  line(event::Value::address(*IpAddress::parse("192.0.2.3")));
  line(event::Value::text("somebody"));
  line(event::Value::integer(1));
  EXPECT_EQ(heard.counts(), (std::vector<std::uint64_t>{2, 2}));
  heard.note(*IpAddress::parse("192.0.2.1"));
  heard.note(*IpAddress::parse("192.0.2.2"));
  heard.note(*IpAddress::parse("198.51.100.1"));
  EXPECT_EQ(heard.counts(), (std::vector<std::uint64_t>{3, 2}));
  heard.begin(*Registry::empty());
  heard.note(*IpAddress::parse("192.0.2.1"));
  EXPECT_TRUE(heard.counts().empty());
}

TEST(HeardHosts, WhatIsExpectedIsReadStrictly) {
  const struct {
    std::string_view logs;
    std::string_view want;
  } cases[] = {
      {"yes", "'logs' is learn, or a map"},
      {"{silent_after: 0s}", "'silent_after' must be from 1s to 366d"},
      {"{silent: 1h}", "silent_after"},
      {"{}", "silent_after"},
  };
  for (const auto& c : cases) {
    std::string text{kRegister};
    text.replace(text.find("learn"), 5, c.logs);
    Diagnostics found;
    EXPECT_FALSE(read(text, found)) << c.logs;
    EXPECT_NE(found.to_string().find(c.want), std::string::npos) << found.to_string();
  }
}

// Whoever waits for a host has to see each of its lines: rules may ask for none of them.
TEST(HeardHosts, EveryLineBecomesAnEvent) {
  event::Schema schema;
  const auto syslog = schema.add_type({"syslog", "linux", {}, {}, {}, false});
  const auto wire = schema.add_type({"conn", "normwatch", {}, {}, {}, false});
  const Enricher enricher{schema};
  Diagnostics found;
  event::Interest interest;
  enricher.subscribe(interest, schema, *Registry::empty());
  EXPECT_FALSE(interest.wants(syslog));
  enricher.subscribe(interest, schema, *read(kRegister, found));
  EXPECT_TRUE(interest.wants(syslog));
  EXPECT_FALSE(interest.wants(wire));
}

}  // namespace
}  // namespace nw::context
