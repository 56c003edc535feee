#include "event/event.h"

#include <gtest/gtest.h>

namespace nw::event {
namespace {

constexpr Timestamp kTime = from_unix_nanoseconds(1'768'464'000'500'000'000);

TEST(Schema, GrowsAndNeverRenumbers) {
  Schema schema;
  const FieldId query = schema.add_field("query");
  EXPECT_EQ(schema.add_field("query"), query);
  EXPECT_EQ(schema.find_field("id.orig_h"), common(Common::orig_h));
  static constexpr FieldSpec kFields[] = {{"query", "text", "q"}, {"rcode", "integer", "r"}};
  static constexpr std::string_view kServices[] = {"dns"};
  TypeSpec spec{"dns", "normwatch", kServices, {}, kFields, false};
  const TypeId dns = schema.add_type(spec);
  EXPECT_EQ(schema.add_type(spec), dns);
  Schema copy{schema};
  const FieldId fresh = copy.add_field("new");
  EXPECT_EQ(copy.find_field("query"), query);
  EXPECT_EQ(copy.field_name(fresh), "new");
  EXPECT_EQ(schema.find_field("new"), std::nullopt);
  ASSERT_EQ(copy.type(dns).fields.size(), 2U);
  EXPECT_EQ(copy.type(dns).services, std::vector<std::string>{"dns"});
}

TEST(Interest, WantsWhatItWasTold) {
  Interest interest;
  const TypeId a{0}, b{1}, c{2};
  interest.want(b, FieldId{20});
  interest.want_all(c);
  EXPECT_FALSE(interest.wants(a));
  EXPECT_TRUE(interest.wants(b));
  EXPECT_TRUE(interest.wants(b, FieldId{20}));
  EXPECT_FALSE(interest.wants(b, FieldId{19}));
  EXPECT_FALSE(interest.wants(b, FieldId{500}));
  EXPECT_TRUE(interest.wants(c, FieldId{500}));
  EXPECT_FALSE(interest.wants(TypeId{9}, FieldId{1}));
  Interest other;
  other.want(a, FieldId{3});
  other.merge(interest);
  EXPECT_TRUE(other.wants(a, FieldId{3}));
  EXPECT_TRUE(other.wants(b, FieldId{20}));
  EXPECT_TRUE(other.wants_all(c));
}

class NoLine final : public LineFilter {
 public:
  [[nodiscard]] std::unique_ptr<Memory> make_memory() const override { return std::make_unique<Memory>(); }
  [[nodiscard]] bool wants_all(std::string_view /*line*/, Memory& /*memory*/) const override { return false; }
};

TEST(Interest, AFilterStandsUntilAllIsWanted) {
  const auto one = std::make_shared<NoLine>(), two = std::make_shared<NoLine>();
  const TypeId type{1};
  Interest interest;
  EXPECT_EQ(interest.line_filter(type), nullptr);
  interest.want_all_of(type, one);
  interest.want(type, FieldId{3});
  EXPECT_TRUE(interest.wants(type));
  EXPECT_FALSE(interest.wants_all(type));
  EXPECT_TRUE(interest.wants(type, FieldId{3}));
  EXPECT_FALSE(interest.wants(type, FieldId{4}));
  EXPECT_EQ(interest.line_filter(type), one.get());
  EXPECT_EQ(interest.line_filter(TypeId{0}), nullptr);
  interest.want_all_of(type, one);
  EXPECT_EQ(interest.line_filter(type), one.get());
  interest.want_all(type);
  EXPECT_EQ(interest.line_filter(type), nullptr);

  static const struct {
    const char* name;
    std::shared_ptr<NoLine> mine, theirs;
    bool whole, all;  // theirs wants all; the two together
  } kCases[] = {
      {"theirs alone", nullptr, one, false, false}, {"mine alone", one, nullptr, false, false},
      {"the same", one, one, false, false},         {"two make all", one, two, false, true},
      {"all beats mine", one, nullptr, true, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Interest mine, theirs;
    if (c.mine) mine.want_all_of(type, c.mine);
    theirs.want(type, FieldId{7});
    if (c.theirs) theirs.want_all_of(type, c.theirs);
    if (c.whole) theirs.want_all(type);
    mine.merge(theirs);
    EXPECT_EQ(mine.wants_all(type), c.all);
    EXPECT_EQ(mine.line_filter(type), c.all ? nullptr : one.get());
    EXPECT_TRUE(mine.wants(type, FieldId{7}));
    EXPECT_EQ(mine.wants(type, FieldId{8}), c.all);
  }
}

TEST(Event, LastValueWinsAndBeginForgets) {
  Schema schema;
  const FieldId field = schema.add_field("f");
  Event event;
  event.begin(TypeId{0}, SourceId{1}, kTime, kTime, TimeQuality::stated);
  EXPECT_EQ(event.get(field), nullptr);
  event.set(field, Value::integer(1));
  event.set(field, Value::integer(2));
  ASSERT_NE(event.get(field), nullptr);
  EXPECT_EQ(event.get(field)->as_integer(), 2);
  EXPECT_EQ(event.entries().size(), 1U);
  event.begin(TypeId{0}, SourceId{1}, kTime, kTime, TimeQuality::stated);
  EXPECT_EQ(event.get(field), nullptr);
  EXPECT_TRUE(event.entries().empty());
}

TEST(Event, ForgetsWhatWasSetAnyNumberOfEventsAgo) {
  const FieldId field{30};
  Event event;
  event.begin(TypeId{1}, SourceId{0}, kTime, kTime, TimeQuality::capture);
  event.set(field, Value::integer(7));
  for (int i = 0; i < 200'000; ++i) {
    event.begin(TypeId{1}, SourceId{0}, kTime, kTime, TimeQuality::capture);
    ASSERT_EQ(event.get(field), nullptr) << i;
  }
}

TEST(Event, TakesTheFirstCommonFieldsAtOnce) {
  Event event;
  event.begin(TypeId{1}, SourceId{0}, kTime, kTime, TimeQuality::capture);
  const std::span<Event::Entry> first = event.set_first(2);
  first[0].value = Value::time(kTime);
  first[1].value = Value::text("C1");
  event.set(FieldId{4000}, Value::integer(1));
  event.set(common(Common::uid), Value::text("C2"));
  ASSERT_NE(event.get(Common::uid), nullptr);
  EXPECT_EQ(event.get(Common::uid)->as_text(), "C2");
  EXPECT_EQ(event.get(Common::orig_h), nullptr);
  ASSERT_EQ(event.entries().size(), 3U);
  EXPECT_EQ(event.entries()[0].field, common(Common::ts));
  EXPECT_EQ(event.entries()[2].value.as_integer(), 1);
}

TEST(Value, TextAndJson) {
  const Value list_items[] = {Value::text("a\"b"), Value::integer(7)};
  const struct {
    Value value;
    const char* text;
    const char* json;
  } cases[] = {
      {Value{}, "", "null"},
      {Value::boolean(true), "true", "true"},
      {Value::integer(-5), "-5", "-5"},
      {Value::real(2.5), "2.5", "2.5"},
      {Value::real(1e300 * 1e300), "inf", "null"},
      {Value::text("a\nb"), "a\nb", "\"a\\nb\""},
      {Value::address(IpAddress::v4(0xc0000201)), "192.0.2.1", "\"192.0.2.1\""},
      {Value::time(kTime), "1768464000.500000", "1768464000.500000"},
      {Value::interval(std::chrono::milliseconds{1500}), "1.500000", "1.500000"},
      {Value::list(list_items), "a\"b,7", "[\"a\\\"b\",7]"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.value.to_text(), c.text);
    std::string json;
    c.value.append_json(json);
    EXPECT_EQ(json, c.json);
  }
}

TEST(Ndjson, IsOneObjectWithZeeksNames) {
  Schema schema;
  const TypeId type = schema.add_type({"dns", "normwatch", {}, {}, {}, false});
  Event event;
  event.begin(type, SourceId{}, kTime, kTime, TimeQuality::capture);
  event.set(common(Common::uid), Value::text("C1"));
  event.set(common(Common::orig_h), Value::address(IpAddress::v4(0xc0000201)));
  event.set_extra("odd.name", Value::integer(1));
  std::string out;
  append_ndjson(event, schema, out);
  EXPECT_EQ(out, R"({"_path":"dns","ts":1768464000.500000,"uid":"C1","id.orig_h":"192.0.2.1","odd.name":1})");
}

}  // namespace
}  // namespace nw::event
