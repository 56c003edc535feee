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

}  // namespace
}  // namespace nw::logs
