#include "event/later_types.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace nw::event {
namespace {

const Type& type_of(const Schema& schema, std::string_view path) {
  std::size_t at = 0;
  while (schema.type(static_cast<TypeId>(at)).path != path) ++at;
  return schema.type(static_cast<TypeId>(at));
}

TEST(LaterTypes, AreOfOnePartAndOneKind) {
  std::set<std::string> paths;
  for (const TypeSpec& type : later_types()) {
    SCOPED_TRACE(type.path);
    EXPECT_TRUE(paths.emplace(type.path).second);
    EXPECT_EQ(type.product, "normwatch");
    ASSERT_EQ(type.services.size(), 1U);
    ASSERT_EQ(type.categories.size(), 1U);
    EXPECT_EQ(type.path, std::string{type.services[0]} + '.' + std::string{type.categories[0]});
    EXPECT_FALSE(type.open) << "or rules that misspell a field would not be found out";
    std::set<std::string_view> names;
    for (const FieldSpec& field : type.fields) {
      EXPECT_TRUE(names.insert(field.name).second) << field.name;
      EXPECT_FALSE(field.help.empty()) << field.name;
    }
  }
}

TEST(LaterTypes, AreFedOnceSomebodyAddsThem) {
  const TypeSpec& reveal = later_types().front();
  for (const bool before : {false, true}) {
    Schema schema;
    if (before) schema.add_type(reveal);
    declare_later(schema);
    EXPECT_EQ(schema.type_count(), later_types().size());
    EXPECT_EQ(type_of(schema, reveal.path).later, !before);
    EXPECT_TRUE(type_of(schema, "case.incident").later);
    EXPECT_EQ(type_of(schema, reveal.path).fields.size(), reveal.fields.size());
    schema.add_type(reveal);
    EXPECT_FALSE(type_of(schema, reveal.path).later);
    declare_later(schema);
    EXPECT_FALSE(type_of(schema, reveal.path).later) << "a reload does not take it away";
    EXPECT_FALSE(type_of(Schema{schema}, reveal.path).later);
  }
}

}  // namespace
}  // namespace nw::event
