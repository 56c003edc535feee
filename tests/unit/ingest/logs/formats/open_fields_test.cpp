#include <gtest/gtest.h>

#include "ingest/logs/formats/message.h"

namespace nw::logs {
namespace {

struct World {
  World() : type{schema.add_type({"t", "test", {}, {}, {}, true})}, other{schema.add_type({"o", "test", {}, {}, {}})} {}

  event::Schema schema;
  event::TypeId type, other;
  event::Interest interest;
};

class Has final : public event::LineFilter {
 public:
  [[nodiscard]] std::unique_ptr<Memory> make_memory() const override { return std::make_unique<Memory>(); }
  [[nodiscard]] bool wants_all(std::string_view line, Memory& /*memory*/) const override {
    return line.find("pump") != std::string_view::npos;
  }
};

TEST(OpenFields, FindsWhatSomebodyNamed) {
  World world;
  std::vector<event::FieldId> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(world.schema.add_field("f" + std::to_string(i)));
  world.interest.want(world.other, ids[1]);
  OpenFields open;
  open.build(world.schema, world.interest, world.type);
  EXPECT_TRUE(open.none());
  EXPECT_EQ(open.find("f1"), event::kNoField);

  for (int i = 0; i < 40; i += 2) world.interest.want(world.type, ids[static_cast<std::size_t>(i)]);
  open.build(world.schema, world.interest, world.type);
  EXPECT_FALSE(open.none());
  EXPECT_FALSE(open.all());
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(open.find("f" + std::to_string(i)), i % 2 == 0 ? ids[i] : event::kNoField) << i;
  EXPECT_EQ(open.find(OpenName{"f2"}), ids[2]);
  EXPECT_EQ(open.find(""), event::kNoField);
  EXPECT_EQ(open.find("f400"), event::kNoField);
}

TEST(OpenFields, AllIsEveryNameOfTheSchemaAndMore) {
  World world;
  const event::FieldId field = world.schema.add_field("a");
  world.interest.want_all(world.type);
  OpenFields open;
  open.build(world.schema, world.interest, world.type);
  EXPECT_TRUE(open.all());
  EXPECT_FALSE(open.none());
  EXPECT_EQ(open.find("a"), field);
  EXPECT_EQ(open.find("b"), event::kNoField);
}

TEST(OpenFields, BelowAPrefix) {
  World world;
  const event::FieldId in = world.schema.add_field("sd.a.b"), out = world.schema.add_field("sdx");
  OpenFields open;
  open.build_below("sd.", world.schema, world.interest, world.type);
  EXPECT_TRUE(open.none());
  world.interest.want(world.type, in);
  world.interest.want(world.type, out);
  open.build_below("sd.", world.schema, world.interest, world.type);
  EXPECT_EQ(open.find("sd.a.b"), in);
  EXPECT_EQ(open.find("sdx"), event::kNoField);
  world.interest.want_all(world.type);
  open.build_below("sd.", world.schema, world.interest, world.type);
  EXPECT_FALSE(open.all());
  EXPECT_EQ(open.find("sd.a.b"), in);
}

// A keyword rule wants every field of the lines that its filter lets through, and of those that may hide a letter.
TEST(OpenFields, AFilterLetsSomeLinesThrough) {
  event::Schema schema;
  const auto type = schema.add_type({"pumps", "site", {}, {}, {}, true, true});
  const auto known = schema.add_field("speed");
  event::Interest interest;
  interest.want_all_of(type, std::make_shared<Has>());
  OpenFields open;
  open.build(schema, interest, type);
  static const struct {
    const char* line;
    bool all;
  } kCases[] = {{"a pump", true}, {"a valve", false}, {"a &#112;ump", true}, {"a \\x70ump", true}, {"", false}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.line);
    event::Event event;
    event.begin(type, {}, {}, {}, event::TimeQuality::received);
    event.raw = c.line;
    MessageWriter writer{event, {}, &open};
    EXPECT_EQ(writer.closed(), !c.all);
    EXPECT_EQ(writer.wants_named("state"), c.all);
    writer.set("state", event::Value::text("on"));
    EXPECT_EQ(event.extras().size(), c.all ? 1U : 0U);
    writer.set("speed", event::Value::integer(3));
    EXPECT_EQ(event.get(known) != nullptr, c.all);
  }
}

}  // namespace
}  // namespace nw::logs
