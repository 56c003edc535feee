#include "record/needed_evidence.h"

#include <gtest/gtest.h>

namespace nw::record {
namespace {

Alert wanting(const std::string& id, std::vector<std::string> evidence) {
  Alert out;
  out.id = id;
  out.missing_evidence = std::move(evidence);
  return out;
}

TEST(NeededEvidence, CountsWhatWasKeptSince) {
  NeededEvidence needed;
  needed.add(wanting("one", {"packets", "witness"}));
  needed.add(wanting("two", {"packets", "clock", "clock"}));
  needed.add(wanting("two", {"another"}));  // the same alert again
  needed.add("one", {"packets", "what nobody wants"});
  needed.add("one", {"packets"});
  needed.add("two", {"clock"});
  needed.add("three", {"packets"});  // not of this incident
  ASSERT_EQ(needed.items().size(), 3U);
  const char* const want[] = {"packets: kept for 1 of 2 alerts", "witness: missing", "clock: kept"};
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(needed.items()[i].text + ": " + NeededEvidence::state(needed.items()[i]), want[i]);
  needed.add("two", {"packets"});
  EXPECT_EQ(NeededEvidence::state(needed.items()[0]), "kept for all 2 alerts");
}

TEST(KeptEvidence, IsReadFromAnEntry) {
  const auto got = KeptEvidence::from_json(R"({"alert":"a1","bytes":7,"kind":"packets","supplies":["x","y"]})");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->alert, "a1");
  EXPECT_EQ(got->kind, "packets");
  EXPECT_EQ(got->supplies, (std::vector<std::string>{"x", "y"}));
  const auto older = KeptEvidence::from_json(R"({"alert":"a1","kind":"line"})");
  ASSERT_TRUE(older) << "entries from before it was said";
  EXPECT_TRUE(older->supplies.empty());
}

TEST(KeptEvidence, Refuses) {
  std::string many = R"({"alert":"a","kind":"line","supplies":[)";
  for (std::size_t i = 0; i <= kSuppliesMax; ++i) many += i == 0 ? "\"x\"" : ",\"x\"";
  const struct {
    const char* name;
    std::string text;
  } kCases[] = {
      {"nothing", ""},
      {"a list", "[]"},
      {"no alert", R"({"kind":"line"})"},
      {"alert empty", R"({"alert":"","kind":"line"})"},
      {"alert too long", R"({"kind":"line","alert":")" + std::string(65, 'a') + "\"}"},
      {"kind of another type", R"({"alert":"a","kind":7})"},
      {"supplies no list", R"({"alert":"a","kind":"line","supplies":"x"})"},
      {"supplies of another type", R"({"alert":"a","kind":"line","supplies":[7]})"},
      {"supplies too many", many + "]}"},
      {"supplies too long", R"({"alert":"a","kind":"line","supplies":[")" + std::string(1025, 'x') + "\"]}"},
      {"too deep", R"({"alert":"a","kind":"line","supplies":[[[[[[[[[["x"]]]]]]]]]]})"},
      {"longer than an entry", std::string(65536, ' ')},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(KeptEvidence::from_json(c.text));
  }
}

}  // namespace
}  // namespace nw::record
