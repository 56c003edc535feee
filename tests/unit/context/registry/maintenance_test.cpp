#include "context/registry/maintenance.h"

#include <gtest/gtest.h>
#include <string>

#include "context/registry/read.h"
#include "context/registry/registry.h"

namespace nw::context {
namespace {

Timestamp at(std::string_view text) { return *parse_rfc3339(text); }

TEST(MaintenanceWindow, KeepsLocalTimeOverDaylightSaving) {
  const auto window = MaintenanceWindow::make({"2026-03-22T01:00:00", "Europe/Vienna", "FREQ=WEEKLY;COUNT=2", 120});
  ASSERT_TRUE(window);
  ASSERT_EQ(window->occurrences().size(), 2U);
  EXPECT_EQ(window->open(at("2026-03-21T23:59:59Z")), nullptr);
  EXPECT_NE(window->open(at("2026-03-22T00:00:00Z")), nullptr);
  EXPECT_EQ(window->open(at("2026-03-22T02:00:00Z")), nullptr);  // the end is outside
  // 01:00 on the day of the change is still winter time; the window lasts its minutes, whatever the clocks show.
  EXPECT_EQ(window->occurrences()[1].end, at("2026-03-29T02:00:00Z"));
  const auto summer = MaintenanceWindow::make({"2026-03-22T22:00:00", "Europe/Vienna", "FREQ=WEEKLY;COUNT=2", 60});
  ASSERT_TRUE(summer);
  EXPECT_EQ(summer->occurrences()[0].start, at("2026-03-22T21:00:00Z"));
  EXPECT_EQ(summer->occurrences()[1].start, at("2026-03-29T20:00:00Z"));
}

TEST(MaintenanceWindow, FarTimes) {
  const auto window = MaintenanceWindow::make({"2026-12-01T22:00:00", "", "FREQ=DAILY", 1});
  ASSERT_TRUE(window);
  EXPECT_EQ(window->occurrences().size(), kOccurrencesMax);
  EXPECT_EQ(window->open(Timestamp::min()), nullptr);
  EXPECT_EQ(window->open(Timestamp::max()), nullptr);
}

TEST(MaintenanceWindow, Refuses) {
  const std::string long_rule = "FREQ=DAILY;BYDAY=" + std::string(kRecurrenceBytesMax, 'M');
  const struct {
    const char* name;
    MaintenanceText text;
    const char* part;
  } cases[] = {
      {"no minutes", {"2026-12-01T22:00:00", "", "", 0}, "minutes"},
      {"too many minutes", {"2026-12-01T22:00:00", "", "", kWindowMinutesMax + 1}, "minutes"},
      {"no time", {"tomorrow", "", "", 1}, "start"},
      {"no such day", {"2026-02-30T22:00:00", "", "", 1}, "start"},
      {"a zone outside its directory", {"2026-12-01T22:00:00", "../../etc/passwd", "", 1}, "timezone"},
      {"no such zone", {"2026-12-01T22:00:00", "Europe/Nowhere", "", 1}, "timezone"},
      {"every second", {"2026-12-01T22:00:00", "", "FREQ=SECONDLY", 1}, "rrule"},
      {"no rule", {"2026-12-01T22:00:00", "", "weekly", 1}, "rrule"},
      {"rule too long", {"2026-12-01T22:00:00", "", long_rule, 1}, "rrule"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = MaintenanceWindow::make(c.text);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().what.substr(0, std::string_view{c.part}.size()), c.part);
  }
}

TEST(MaintenanceWindow, SaysWhereItStopsFollowing) {
  EXPECT_TRUE(MaintenanceWindow::make({"2026-12-01T22:00:00", "", "FREQ=DAILY", 1})->goes_on());
  const std::string whole = "FREQ=DAILY;COUNT=" + std::to_string(kOccurrencesMax);
  EXPECT_FALSE(MaintenanceWindow::make({"2026-12-01T22:00:00", "", whole, 1})->goes_on());
}

TEST(MaintenanceWindow, EndsWithItsRule) {
  // UNTIL is a time of UTC, whatever the zone of the start (RFC 5545 section 3.3.10).
  const auto window =
      MaintenanceWindow::make({"2026-12-01T22:00:00", "Europe/Vienna", "FREQ=DAILY;UNTIL=20261203T210000Z", 60});
  ASSERT_TRUE(window);
  ASSERT_EQ(window->occurrences().size(), 3U);
  EXPECT_EQ(window->occurrences().back().start, at("2026-12-03T21:00:00Z"));
}

constexpr std::string_view kRegister = R"(version: 1
assets:
  - asset: plant
    sector: water.supply
    class: {a: C1, i: C2, c: C3}
    networks: [192.0.2.0/25]
    hosts:
      - {addr: 192.0.2.10, roles: [plc], writers: [192.0.2.20]}
      - {addr: 192.0.2.11, roles: [plc]}
    maintenance:
      - {ticket: CHG-1, start: "2026-12-01T22:00:00", minutes: 60, rrule: FREQ=WEEKLY;COUNT=2}
      - ticket: CHG-2
        start: 2026-12-01T22:30:00
        timezone: UTC
        minutes: 60
        stations: [198.51.100.7, 2001:db8::/64]
  - asset: other
    sector: water.supply
    class: {a: C1, i: C2, c: C3}
    networks: [198.51.100.0/24]
)";

std::shared_ptr<const Registry> load(const std::string& text, Diagnostics& diagnostics) {
  return Registry::load(text, "r.yaml", diagnostics);
}

class UnderMaintenanceTest : public testing::Test {
 protected:
  UnderMaintenanceTest() {
    Diagnostics diagnostics;
    registry_ = load(std::string{kRegister}, diagnostics);
    EXPECT_TRUE(registry_) << diagnostics.to_string();
    event::TypeSpec spec;
    spec.path = "modbus";
    static constexpr event::FieldSpec kFields[] = {{"ics.operation", "text", "what it does"}};
    spec.fields = kFields;
    type_ = schema_.add_type(spec);
    spec.path = "conn";
    spec.fields = {};
    plain_ = schema_.add_type(spec);
  }
  void begin(std::string_view time, const char* from, const char* to, const char* access) {
    event_.begin(type_, event::SourceId{0}, at(time), at(time), event::TimeQuality::capture);
    IpAddress address;
    if (IpAddress::parse_into(from, address)) event_.set(common(event::Common::orig_h), event::Value::address(address));
    if (IpAddress::parse_into(to, address)) event_.set(common(event::Common::resp_h), event::Value::address(address));
    if (*access != '\0') event_.set(*schema_.find_field("ics.operation"), event::Value::text(access));
  }

  event::Schema schema_;
  Enricher enricher_{schema_};
  event::TypeId type_{}, plain_{};
  std::shared_ptr<const Registry> registry_;
  event::Event event_;
};

TEST_F(UnderMaintenanceTest, WhatIsPlannedAndWhatIsNot) {
  static constexpr struct {
    const char *name, *time, *from, *to, *access, *ticket;
    bool planned;
  } kCases[] = {
      {"before", "2026-12-01T21:59:59Z", "203.0.113.5", "192.0.2.10", "read", "", false},
      {"a read by anybody", "2026-12-01T22:00:00Z", "203.0.113.5", "192.0.2.10", "read", "CHG-1", true},
      {"no command at all", "2026-12-01T22:00:00Z", "203.0.113.5", "192.0.2.10", "", "CHG-1", true},
      {"a write by an allowed writer", "2026-12-01T22:00:00Z", "192.0.2.20", "192.0.2.10", "write", "CHG-1", true},
      {"a write by another", "2026-12-01T22:00:00Z", "192.0.2.21", "192.0.2.10", "write", "CHG-1", false},
      {"a write where nobody says who may", "2026-12-01T22:00:00Z", "192.0.2.20", "192.0.2.11", "write", "CHG-1",
       false},
      {"a station before its ticket's time", "2026-12-01T22:00:00Z", "198.51.100.7", "192.0.2.11", "write", "CHG-1",
       false},
      {"a station", "2026-12-01T22:30:00Z", "198.51.100.7", "192.0.2.11", "write", "CHG-2", true},
      {"a writer when another ticket has stations", "2026-12-01T22:30:00Z", "192.0.2.20", "192.0.2.10", "write",
       "CHG-1", true},
      {"a writer, only the ticket with stations is open", "2026-12-01T23:00:00Z", "192.0.2.20", "192.0.2.10", "write",
       "CHG-2", false},
      {"the end is outside", "2026-12-01T23:30:00Z", "198.51.100.7", "192.0.2.10", "write", "", false},
      {"a week later", "2026-12-08T22:59:59Z", "203.0.113.5", "192.0.2.10", "read", "CHG-1", true},
      {"two weeks later", "2026-12-15T22:30:00Z", "203.0.113.5", "192.0.2.10", "read", "", false},
      {"from the asset to another that is not under work", "2026-12-01T22:00:00Z", "192.0.2.10", "198.51.100.7", "", "",
       false},
      {"from the asset to nobody", "2026-12-01T22:00:00Z", "192.0.2.10", "203.0.113.5", "", "CHG-1", true},
      {"nobody's", "2026-12-01T22:00:00Z", "203.0.113.5", "203.0.113.6", "write", "", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    begin(c.time, c.from, c.to, c.access);
    const Asset* asset = Enricher::asset_of(event_, *registry_);
    const UnderMaintenance under =
        asset == nullptr ? UnderMaintenance{} : enricher_.maintenance_of(event_, *asset, *registry_);
    EXPECT_EQ(under ? under.work->ticket : "", c.ticket);
    EXPECT_EQ(under.planned, c.planned);
  }
}

TEST_F(UnderMaintenanceTest, IsAFieldOfEvents) {
  event::Interest interest;
  const event::FieldId maint = *schema_.find_field("nw.maint");
  interest.want(type_, maint);
  begin("2026-12-01T22:00:00Z", "203.0.113.5", "192.0.2.10", "");
  Enrichment{enricher_, *registry_, interest}.enrich(event_);
  ASSERT_NE(event_.get(maint), nullptr);
  EXPECT_TRUE(event_.get(maint)->as_boolean());
  begin("2026-12-01T22:00:00Z", "203.0.113.5", "198.51.100.7", "");
  Enrichment{enricher_, *registry_, interest}.enrich(event_);
  ASSERT_NE(event_.get(maint), nullptr);
  EXPECT_FALSE(event_.get(maint)->as_boolean());
  begin("2026-12-01T22:00:00Z", "203.0.113.5", "203.0.113.6", "");
  Enrichment{enricher_, *registry_, interest}.enrich(event_);
  EXPECT_EQ(event_.get(maint), nullptr);
}

TEST_F(UnderMaintenanceTest, AsksForTheOperationWhereItExists) {
  const event::FieldId operation = *schema_.find_field("ics.operation");
  event::Interest interest;
  enricher_.subscribe(interest, schema_, *registry_);
  EXPECT_FALSE(interest.wants(type_, operation));  // nothing else is wanted of the type
  interest.want(type_);
  interest.want(plain_);
  enricher_.subscribe(interest, schema_, *Registry::empty());
  EXPECT_FALSE(interest.wants(type_, operation));
  enricher_.subscribe(interest, schema_, *registry_);
  EXPECT_TRUE(interest.wants(type_, operation));
  EXPECT_FALSE(interest.wants(plain_, operation));
}

TEST(Maintenance, RefusesAndWarns) {
  const auto with = [](const std::string& windows) {
    return "version: 1\nassets:\n  - asset: a\n    sector: water.supply\n    class: {a: C1, i: C2, c: C3}\n"
           "    networks: [192.0.2.0/25]\n    maintenance:\n" +
           windows;
  };
  const std::string daily = "      - {ticket: T, start: 2026-12-01T22:00:00, minutes: 5, rrule: FREQ=DAILY}\n";
  std::string many, stations;
  for (std::size_t i = 0; i <= kMaintenanceMax; ++i)
    many += "      - {ticket: T, start: 2026-12-01T22:00:00, minutes: 5}\n";
  for (std::size_t i = 0; i <= kWritersMax; ++i) stations += (i == 0 ? "10.0.0." : ", 10.0.0.") + std::to_string(i);
  const struct {
    const char* name;
    std::string windows;
    const char* code;
    bool warning = false;
  } kCases[] = {
      {"no ticket", "      - {start: 2026-12-01T22:00:00, minutes: 5}\n", "missing-key"},
      {"an empty ticket", "      - {ticket: '', start: 2026-12-01T22:00:00, minutes: 5}\n", "bad-name"},
      {"no start", "      - {ticket: T, minutes: 5}\n", "missing-key"},
      {"no minutes", "      - {ticket: T, start: 2026-12-01T22:00:00}\n", "missing-key"},
      {"minutes of a month and more", "      - {ticket: T, start: 2026-12-01T22:00:00, minutes: 44641}\n",
       "wrong-type"},
      {"an unknown key", "      - {ticket: T, start: 2026-12-01T22:00:00, minutes: 5, rule: x}\n", "unknown-key"},
      {"a time with an offset", "      - {ticket: T, start: 2026-12-01T22:00:00Z, minutes: 5}\n", "bad-window"},
      {"the time of day in the rule",
       "      - {ticket: T, start: 2026-12-01T22:00:00, minutes: 5, rrule: FREQ=DAILY;BYHOUR=2}\n", "bad-window"},
      {"too many windows", many, "too-many"},
      {"too many stations",
       "      - {ticket: T, start: 2026-12-01T22:00:00, minutes: 5, stations: [" + stations + "]}\n", "too-many"},
      {"one that is followed so far only", daily, "window-horizon", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_EQ(load(with(c.windows), diagnostics) != nullptr, c.warning) << diagnostics.to_string();
    EXPECT_NE(diagnostics.to_string().find(c.code), std::string::npos) << diagnostics.to_string();
  }
  // 16 assets with 64 windows each of 4096 days are more than a register holds.
  std::string text = "version: 1\nassets:\n";
  for (int i = 0; i < 16; ++i) {
    const std::string n = std::to_string(i);
    text += "  - asset: a" + n + "\n    sector: water.supply\n    class: {a: C1, i: C2, c: C3}\n    networks: [10." +
            n + ".0.0/16]\n    maintenance:\n";
    for (std::size_t w = 0; w < kMaintenanceMax; ++w) text += daily;
  }
  Diagnostics diagnostics;
  EXPECT_FALSE(load(text, diagnostics));
  EXPECT_NE(diagnostics.to_string().find("happen more than 4000000 times"), std::string::npos);
}

}  // namespace
}  // namespace nw::context
