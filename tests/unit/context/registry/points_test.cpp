#include <gtest/gtest.h>

#include "context/registry/registry.h"

namespace nw::context {
namespace {

using event::Common;
using event::Value;

PointList list() {
  PointList points;
  for (const char* address : {"1/holding_register/4", "1/holding_register/5", "1/holding_register/7", "ns=2;s=Pump-1-3",
                              "DB10.DBW2", "10/4294967295", "10/4294967296", "Main.Speed[2]"})
    EXPECT_TRUE(points.add(address, {address, "", 1, {}, {}}));
  EXPECT_FALSE(points.add("DB10.DBW2", {}));
  return points;
}

TEST(Points, EachWithItsValue) {
  static constexpr struct {
    const char *name, *target, *value, *want;
  } kCases[] = {
      {"one", "1/holding_register/4", "9", "1/holding_register/4=9 "},
      {"no value", "1/holding_register/4", "", "1/holding_register/4= "},
      {"nobody's", "1/holding_register/6", "9", ""},
      {"a range", "1/holding_register/3-5", "7,8,9", "1/holding_register/4=8 1/holding_register/5=9 "},
      {"a range with too few values", "1/holding_register/4-7", "8",
       "1/holding_register/4=8 1/holding_register/5= "
       "1/holding_register/7= "},
      {"several", "DB10.DBW0,DB10.DBW2,1/holding_register/7", "1,2,3", "DB10.DBW2=2 1/holding_register/7=3 "},
      {"what looks like a range", "ns=2;s=Pump-1-3,DB10.DBW2", "1,2", "ns=2;s=Pump-1-3=1 DB10.DBW2=2 "},
      {"backwards", "1/holding_register/5-4,DB10.DBW2", "1,2", "DB10.DBW2=2 "},
      {"no first", "1/holding_register/-5,DB10.DBW2", "1,2", "DB10.DBW2=2 "},
      {"an end beyond every number", "1/holding_register/4-99999999999999999999", "1", ""},
      {"up to the last number", "10/18446744073709551615-18446744073709551615,DB10.DBW2", "1,2", "DB10.DBW2=2 "},
      {"elements of an array", "Main.Speed[0-2],DB10.DBW2", "1,2,3,4", "Main.Speed[2]=3 DB10.DBW2=4 "},
      {"one element", "Main.Speed[2]", "1", "Main.Speed[2]=1 "},
      {"of two dimensions", "Main.Speed[1,2]", "1", ""},
      {"cut off", "1/holding_register/4,1/holding...", "1,2", "1/holding_register/4=1 "},
      {"empty parts", ",,DB10.DBW2", ",,2", "DB10.DBW2=2 "},
      {"nothing", "", "1", ""},
  };
  const PointList points = list();
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string seen;
    points.each(c.target, c.value, [&](const Point& point, std::string_view value) {
      seen.append(point.tag).append("=").append(value).append(" ");
    });
    EXPECT_EQ(seen, c.want);
  }
}

TEST(Points, ARangeIsLookedUpToItsBoundOnly) {
  PointList points;
  points.add("4095", {"last", "", 1, {}, {}});
  points.add("4096", {"beyond", "", 1, {}, {}});
  std::string seen;
  const auto see = [&](const Point& point, std::string_view) { seen += point.tag; };
  points.each("0-18446744073709551615", "", see);
  EXPECT_EQ(seen, "last");
}

TEST(Points, Outside) {
  const Point point{"SP", "bar", 0.1, 1.0, 6.5};
  static constexpr struct {
    const char* value;
    std::optional<Outside> want;
  } kCases[] = {
      {"10", std::nullopt},    {"65", std::nullopt},    {"9.9", Outside::below}, {"66", Outside::above},
      {"-1", Outside::below},  {"", std::nullopt},      {"ON", std::nullopt},    {"12 bar", std::nullopt},
      {"inf", Outside::above}, {"nan", Outside::below},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.value);
    EXPECT_EQ(outside(point, c.value), c.want);
  }
  EXPECT_FALSE(outside({"SP", "", 1, {}, {}}, "1e300"));
}

constexpr std::string_view kRegister = R"(version: 1
assets:
  - asset: plant
    sector: water.supply
    class: {a: C1, i: C2, c: C3}
    networks: [192.0.2.0/25]
    hosts:
      - addr: 192.0.2.10
        points:
          - {point: 1/holding_register/4, tag: CL2.SP, unit: mg/l, scale: 0.01, min: 0.1, max: 2}
          - {point: 1/holding_register/5, tag: LEVEL, min: -3}
          - {point: 1/coil/1, tag: PUMP}
      - addr: 192.0.2.11
)";

class PointEventsTest : public testing::Test {
 protected:
  PointEventsTest() {
    Diagnostics diagnostics;
    registry_ = Registry::load(kRegister, "r.yaml", diagnostics);
    EXPECT_TRUE(registry_) << diagnostics.to_string();
    static constexpr auto kFields = std::to_array<event::FieldSpec>({{"ics.operation", "text", ""},
                                                                     {"ics.target", "text", ""},
                                                                     {"ics.value", "text", ""},
                                                                     {"ics.all_targets", "text", ""},
                                                                     {"ics.all_values", "text", ""}});
    event::TypeSpec spec;
    spec.path = "x";
    spec.product = "normwatch";
    spec.fields = kFields;
    type_ = schema_.add_type(spec);
    spec.path = "y";
    spec.fields = {};
    other_ = schema_.add_type(spec);
    all_.want_all(type_);
  }

  [[nodiscard]] event::FieldId id(std::string_view field) const { return *schema_.find_field(field); }
  void message(std::string_view to, std::string_view operation, std::string_view target, std::string_view value) {
    event_.begin(type_, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::capture);
    IpAddress address;
    ASSERT_TRUE(IpAddress::parse_into(to, address));
    event_.set(common(Common::resp_h), Value::address(address));
    for (const auto& [name, text] :
         {std::pair{"ics.operation", operation}, {"ics.target", target}, {"ics.value", value}})
      if (!text.empty()) event_.set(id(name), Value::text(text));
  }
  std::string enriched(std::string_view field, const event::Interest& interest) {
    Enrichment{enricher_, *registry_, interest}.enrich(event_);
    const Value* value = event_.get(id(field));
    return value == nullptr ? "-" : value->to_text();
  }

  event::Schema schema_;
  Enricher enricher_{schema_};
  event::TypeId type_{}, other_{};
  event::Interest all_;
  std::shared_ptr<const Registry> registry_;
  event::Event event_;
};

TEST_F(PointEventsTest, TagsAndLimits) {
  static constexpr struct {
    const char *name, *to, *operation, *target, *value, *tags, *outside;
  } kCases[] = {
      {"within", "192.0.2.10", "write", "1/holding_register/4", "150", "CL2.SP", "-"},
      {"above", "192.0.2.10", "write", "1/holding_register/4", "900", "CL2.SP", "CL2.SP 9 mg/l, above 2"},
      {"a command below", "192.0.2.10", "control", "1/holding_register/4", "5", "CL2.SP",
       "CL2.SP 0.05 mg/l, below 0.1"},
      {"the first of two", "192.0.2.10", "write", "1/holding_register/4-5", "900,-4", "CL2.SP,LEVEL",
       "CL2.SP 9 mg/l, above 2"},
      {"the second of two", "192.0.2.10", "write", "1/holding_register/4-5", "150,-4", "CL2.SP,LEVEL",
       "LEVEL -4, below -3"},
      {"read", "192.0.2.10", "read", "1/holding_register/4", "900", "CL2.SP", "-"},
      {"no limits", "192.0.2.10", "write", "1/coil/1", "7", "PUMP", "-"},
      {"no number", "192.0.2.10", "write", "1/holding_register/4", "0x", "CL2.SP", "-"},
      {"no value", "192.0.2.10", "write", "1/holding_register/4", "", "CL2.SP", "-"},
      {"not listed", "192.0.2.10", "write", "1/holding_register/9", "900", "-", "-"},
      {"a device without a list", "192.0.2.11", "write", "1/holding_register/4", "900", "-", "-"},
      {"an address that is no host", "192.0.2.12", "write", "1/holding_register/4", "900", "-", "-"},
      {"no target", "192.0.2.10", "write", "", "900", "-", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    message(c.to, c.operation, c.target, c.value);
    EXPECT_EQ(enriched("nw.point.tag", all_), c.tags);
    EXPECT_EQ(enriched("nw.point.outside", all_), c.outside);
  }
}

// A write of more than the texts hold: function 16 with 123 registers, the point of the limits being the last of them.
TEST_F(PointEventsTest, AllThatIsWrittenIsCompared) {
  std::vector<std::string> values(123, "150");
  const auto written = [&](std::string_view operation, std::string_view target) {
    message("192.0.2.10", operation, target, "150,150,150...");
    std::string all;
    for (const std::string& value : values) all.append(all.empty() ? "" : ",").append(value);
    event_.set(id("ics.all_values"), Value::text(event_.keep(all)));
  };
  written("write", "1/holding_register/4-126");
  EXPECT_EQ(enriched("nw.point.tag", all_), "CL2.SP,LEVEL");
  EXPECT_EQ(enriched("nw.point.outside", all_), "-");
  values[0] = "900";
  written("write", "1/holding_register/4-126");
  EXPECT_EQ(enriched("nw.point.outside", all_), "CL2.SP 9 mg/l, above 2");
  std::swap(values[0], values[122]);
  written("write", "1/holding_register/65418-4");  // no range
  EXPECT_EQ(enriched("nw.point.outside", all_), "-");
  written("write", "1/holding_register/0-122");
  EXPECT_EQ(enriched("nw.point.outside", all_), "-");
  values[4] = "-900";
  written("write", "1/holding_register/0-122");
  EXPECT_EQ(enriched("nw.point.outside", all_), "CL2.SP -9 mg/l, below 0.1");
  written("read", "1/holding_register/0-122");
  EXPECT_EQ(enriched("nw.point.outside", all_), "-");
}

TEST_F(PointEventsTest, SoAreTargetsThatAreCut) {
  std::string targets, values;
  for (int i = 0; i < 199; ++i) targets += "1/holding_register/9,", values += "7,";
  const auto written = [&](const std::string& last) {
    message("192.0.2.10", "control", "1/holding_register/9,1/hol...", "7,7");
    event_.set(id("ics.all_targets"), Value::text(event_.keep(targets + "1/holding_register/4-5")));
    event_.set(id("ics.all_values"), Value::text(event_.keep(values + "150," + last)));
  };
  written("-4");
  EXPECT_EQ(enriched("nw.point.tag", all_), "CL2.SP,LEVEL");
  EXPECT_EQ(enriched("nw.point.outside", all_), "LEVEL -4, below -3");
  written("true");  // what is no number says nothing
  EXPECT_EQ(enriched("nw.point.outside", all_), "-");
}

TEST_F(PointEventsTest, OnlyWhatIsWanted) {
  event::Interest interest;
  interest.want(type_, id("nw.point.outside"));
  message("192.0.2.10", "write", "1/holding_register/4", "900");
  EXPECT_EQ(enriched("nw.point.outside", interest), "CL2.SP 9 mg/l, above 2");
  EXPECT_EQ(event_.get(id("nw.point.tag")), nullptr);
  EXPECT_EQ(event_.get(id("nw.dst.asset")), nullptr);
}

// A rule that asks for the limit needs what the decoder tells.
TEST_F(PointEventsTest, Subscribes) {
  event::Interest interest;
  interest.want(type_, id("nw.point.outside"));
  interest.want(other_, id("nw.point.outside"));
  enricher_.subscribe(interest, schema_, *Registry::empty());
  EXPECT_FALSE(interest.wants(type_, id("ics.target")));
  enricher_.subscribe(interest, schema_, *registry_);
  for (const char* field : {"ics.operation", "ics.target", "ics.value", "ics.all_targets", "ics.all_values"}) {
    SCOPED_TRACE(field);
    EXPECT_TRUE(interest.wants(type_, id(field)));
    EXPECT_FALSE(interest.wants(other_, id(field)));
  }
  event::Interest none;
  none.want(type_, id("ics.value"));
  enricher_.subscribe(none, schema_, *registry_);
  EXPECT_FALSE(none.wants(type_, id("ics.target")));
}

}  // namespace
}  // namespace nw::context
