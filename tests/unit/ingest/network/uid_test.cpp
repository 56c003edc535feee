#include "ingest/network/uid.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "unit/ingest/network/frames.h"

namespace nw::network {
namespace {

FlowKey key(std::uint16_t port) {
  return make_key(frames::v4(1, 0).address, port, frames::v4(2, 0).address, 502, 6, false).key;
}

TEST(Uid, HasZeeksForm) {
  const Uid uid = make_uid(key(1), from_unix_nanoseconds(1'700'000'000'000'000'000), 0);
  EXPECT_EQ(uid[0], 'C');
  EXPECT_TRUE(std::all_of(uid.begin(), uid.end(), [](unsigned char c) { return std::isalnum(c) != 0; }));
}

// Stored alerts name flows by it: it must never change.
TEST(Uid, IsTheSameInEveryRun) {
  EXPECT_EQ(text(make_uid(key(40000), from_unix_nanoseconds(1'700'000'000'000'000'000), 0)), "Cu1BNewl1lUVgMTAIk");
}

TEST(Uid, TellsFlowsApart) {
  std::set<std::string> seen;
  for (std::uint16_t port = 1; port <= 200; ++port) {
    for (int time = 0; time < 20; ++time) {
      for (std::uint32_t again = 0; again < 3; ++again) {
        seen.emplace(text(make_uid(key(port), from_unix_nanoseconds(time), again)));
      }
    }
  }
  EXPECT_EQ(seen.size(), 200U * 20U * 3U);
}

}  // namespace
}  // namespace nw::network
