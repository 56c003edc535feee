#include "app/clock_skew.h"

#include <gtest/gtest.h>

namespace nw::app {
namespace {

using std::chrono::seconds;

const Timestamp kStart = from_unix_nanoseconds(1'768'464'000'000'000'000);

TEST(ClockSkew, NoneBeforeTheFirst) { EXPECT_EQ(ClockSkew{}.median(), std::nullopt); }

TEST(ClockSkew, MedianOfWhatIsSpaced) {
  ClockSkew skew;
  skew.add(kStart - seconds{3}, kStart);
  EXPECT_EQ(skew.median(), seconds{3});
  // A burst counts once, however wrong it is.
  for (int i = 0; i < 1000; ++i) skew.add(kStart - seconds{90}, kStart + Nanoseconds{i});
  EXPECT_EQ(skew.median(), seconds{3});
  skew.add(kStart + seconds{500}, kStart + seconds{1});
  skew.add(kStart + seconds{2}, kStart + seconds{5});
  skew.add(kStart, kStart + seconds{6});
  EXPECT_EQ(skew.median(), seconds{3});  // of -499, 3, 3, 6
}

TEST(ClockSkew, AheadIsNegative) {
  ClockSkew skew;
  skew.add(kStart + seconds{7}, kStart);
  EXPECT_EQ(skew.median(), seconds{-7});
}

TEST(ClockSkew, CenturiesDoNotOverflow) {
  ClockSkew skew;
  skew.add(*parse_rfc3339("1678-01-01T00:00:00Z"), kStart);
  EXPECT_EQ(skew.median(), Nanoseconds::max());
  skew.add(kStart, *parse_rfc3339("2261-12-31T00:00:00Z"));
  skew.add(kStart, *parse_rfc3339("1678-01-01T00:00:00Z"));
  EXPECT_TRUE(skew.median());
}

TEST(ClockSkew, ForgetsTheOldest) {
  ClockSkew skew;
  Timestamp now = kStart;
  for (std::size_t i = 0; i < ClockSkew::kSamples; ++i, now += seconds{1}) skew.add(now - seconds{9}, now);
  EXPECT_EQ(skew.median(), seconds{9});
  for (std::size_t i = 0; i <= ClockSkew::kSamples / 2; ++i, now += seconds{1}) skew.add(now, now);
  EXPECT_EQ(skew.median(), seconds{0});
  now += std::chrono::hours{2};
  skew.add(now - seconds{4}, now);
  EXPECT_EQ(skew.median(), seconds{4});  // the others are of another day
}

TEST(ClockSkew, OurClockMayBeSetBack) {
  ClockSkew skew;
  skew.add(kStart, kStart + seconds{10});
  skew.add(kStart - seconds{100}, kStart - seconds{99});
  skew.add(kStart - seconds{50}, kStart - seconds{49});
  EXPECT_EQ(skew.median(), seconds{1});
}

}  // namespace
}  // namespace nw::app
