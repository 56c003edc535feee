#include "record/reveals/deletions.h"

#include <gtest/gtest.h>

#include "record/entry.h"

namespace nw::reveals {

namespace {

Erasure erasure() {
  Erasure out;
  out.id = "ER-20260115-1a2b3c4d";
  out.alerts = {std::string(32, 'a')};
  out.commitments = {std::string(64, '0')};
  out.values_only = true;
  out.value = "tok:e2026-01:user:x";
  out.objects = 3;
  out.held = 2;
  out.why = "they asked for it";
  out.by = {"R. Haddad", 1000, "desk"};
  return out;
}

}  // namespace

TEST(DeletionsBook, AnErasureIsUnfinishedUntilItsSecondEntry) {
  Deletions all;
  const Erasure said = erasure();
  ASSERT_TRUE(all.apply(record::kEntryErase, erase_body(said)));
  ASSERT_EQ(all.erasures().size(), 1U);
  const Erasure& read = all.erasures().at(said.id);
  EXPECT_EQ(read.alerts, said.alerts);
  EXPECT_TRUE(read.values_only);
  EXPECT_EQ(read.value, said.value);
  EXPECT_EQ(read.objects, 3U);
  EXPECT_EQ(read.held, 2U);
  EXPECT_EQ(read.why, said.why);
  EXPECT_EQ(read.by.by, "R. Haddad");
  EXPECT_EQ(read.by.uid, 1000);
  ASSERT_TRUE(all.apply(record::kEntryErase, erased_body(read, {said.alerts, 3, 0})));
  EXPECT_TRUE(all.erasures().empty());
}

TEST(DeletionsBook, EntriesFromBeforeThereWereTwo) {
  Deletions all;
  EXPECT_TRUE(all.apply(record::kEntryErase, R"({"objects":1,"alerts":["x"],"why":"y"})"));
  EXPECT_TRUE(all.erasures().empty());
  EXPECT_TRUE(all.apply(record::kEntryPurge, R"({"outcome":"done","part":1})"));
  EXPECT_FALSE(all.purge_unfinished());
}

TEST(DeletionsBook, Malformed) {
  Deletions all;
  for (const char* body : {"", "[]", "{\"what\":\"begun\"}", R"({"what":"perhaps","id":"ER-1"})", R"({"what":7})",
                           R"({"alerts":["a"],"by":"x","id":"ER-1","kind":"some","uid":1,"what":"begun","why":"y"})",
                           R"({"alerts":[1],"by":"x","id":"ER-1","kind":"all","uid":1,"what":"begun","why":"y"})"})
    EXPECT_FALSE(all.apply(record::kEntryErase, body)) << body;
  EXPECT_FALSE(all.apply(record::kEntryPurge, R"({"what":7})"));
  EXPECT_TRUE(all.erasures().empty());
  EXPECT_TRUE(all.apply("other", "no JSON"));
}

TEST(DeletionsBook, APurge) {
  Deletions all;
  ASSERT_TRUE(all.apply(record::kEntryPurge, R"({"what":"begun","part":1})"));
  EXPECT_TRUE(all.purge_unfinished());
  ASSERT_TRUE(all.apply(record::kEntryPurge, R"({"what":"done"})"));
  EXPECT_FALSE(all.purge_unfinished());
}

}  // namespace nw::reveals
