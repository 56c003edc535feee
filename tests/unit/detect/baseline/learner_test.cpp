#include "detect/baseline/learner.h"

#include <gtest/gtest.h>

namespace nw::baseline {
namespace {

Timestamp at(int second) { return from_unix_nanoseconds(std::int64_t{second} * 1'000'000'000); }

ConversationView talk(unsigned from, std::string_view function = "READ_COILS") {
  return {IpAddress::v4(from), IpAddress::v4(0x0a000001), "modbus", function};
}

void see(Learner& learner, const ConversationView& conversation, int second, Listed listed) {
  learner.see(conversation, 1, at(second), at(second), [listed] { return listed; });
}

TEST(Learner, CountsWithFirstAndLast) {
  Learner learner{10};
  see(learner, talk(1), 5, Listed::none);
  see(learner, talk(1), 9, Listed::none);
  see(learner, talk(1), 3, Listed::none);  // late
  see(learner, talk(1, "WRITE_SINGLE_COIL"), 7, Listed::none);
  const auto found = learner.candidates();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].conversation.view(), talk(1));
  EXPECT_EQ(found[0].count, 3U);
  EXPECT_EQ(found[0].first, at(3));
  EXPECT_EQ(found[0].last, at(9));
}

TEST(Learner, HandsOverWhatIsNew) {
  Learner learner{10};
  see(learner, talk(1), 5, Listed::none);
  EXPECT_EQ(learner.take().size(), 1U);
  EXPECT_TRUE(learner.take().empty());
  see(learner, talk(1), 8, Listed::none);
  const auto again = learner.take();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].count, 1U);
  EXPECT_EQ(again[0].first, at(8));
  learner.forget([](const ConversationView& c) { return c == talk(1); });
  EXPECT_EQ(learner.size(), 0U);
}

// A flood of invented addresses, alone or towards a listed host, leaves room for what listed hosts say to each other.
TEST(Learner, InventedAddressesDoNotKeepOutListedHosts) {
  Learner learner{100};
  for (unsigned i = 0; i < 1000; ++i) see(learner, talk(i), 1, Listed::none);
  EXPECT_EQ(learner.size(), 50U);
  EXPECT_EQ(learner.left_out(), 950U);
  for (unsigned i = 1000; i < 2000; ++i) see(learner, talk(i), 1, Listed::one);
  EXPECT_EQ(learner.size(), 75U);
  for (unsigned i = 2000; i < 3000; ++i) see(learner, talk(i), 1, Listed::both);
  EXPECT_EQ(learner.size(), 100U);
  EXPECT_EQ(learner.left_out(), 950U + 975U + 975U);
  see(learner, talk(3), 2, Listed::none);  // one that is there is counted, however full it is
  EXPECT_EQ(learner.left_out(), 950U + 975U + 975U);
}

TEST(Candidates, AreReadAsWritten) {
  const std::vector<Candidate> candidates{{Conversation{talk(1)}, 7, at(1), at(2)},
                                          {Conversation{talk(2, "odd \"\n")}, 1, at(3), at(3)}};
  Diagnostics diagnostics;
  const auto again = read_candidates(to_yaml(candidates), "c.yaml", diagnostics);
  EXPECT_TRUE(diagnostics.ok()) << diagnostics.to_string();
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[1].conversation, candidates[1].conversation);
  EXPECT_EQ(again[0].count, 7U);
  EXPECT_EQ(again[0].last, at(2));
  EXPECT_TRUE(read_candidates(to_yaml({}), "c.yaml", diagnostics).empty());
  EXPECT_TRUE(diagnostics.ok()) << diagnostics.to_string();
  EXPECT_TRUE(read_candidates("version: 1\ncandidates: [{from: x}]", "c.yaml", diagnostics).empty());
  EXPECT_NE(diagnostics.to_string().find("c.yaml:2:21: bad-address"), std::string::npos) << diagnostics.to_string();
}

}  // namespace
}  // namespace nw::baseline
