#include "detect/correlation/past.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

#include "detect/sigma/archive.h"

namespace nw::correlation {
namespace {

// By nearest rank, of all that is left.
double exact(std::vector<double> amounts, double percent) {
  std::ranges::sort(amounts);
  const auto rank = static_cast<std::size_t>(std::ceil(percent * static_cast<double>(amounts.size()) / 100));
  return amounts[std::max<std::size_t>(rank, 1) - 1];
}

std::vector<double> slices(std::size_t count, double mean, double spread, std::mt19937_64& random) {
  std::lognormal_distribution<double> sizes{mean, spread};
  std::vector<double> out(count);
  for (double& size : out) size = std::floor(sizes(random));
  return out;
}

TEST(Past, IsWithinOneInAHundred) {
  std::mt19937_64 random{30};
  for (const auto& [mean, spread] : {std::pair{0.5, 1.0}, {5.0, 0.1}, {7.0, 2.0}, {30.0, 4.0}}) {
    Past past;
    const std::vector<double> all = slices(700, mean, spread, random);
    for (std::size_t i = 0; i < all.size(); ++i)
      past.close(static_cast<std::int64_t>(i), all[i], static_cast<std::int64_t>(i) + 1, 1'000'000);
    EXPECT_EQ(past.slices(), all.size());
    for (const double percent : {1.0, 25.0, 50.0, 90.0, 99.0, 100.0}) {
      const double want = exact(all, percent);
      EXPECT_NEAR(past.percentile(percent), want, want * 0.01 + 1e-9) << mean << ' ' << percent;
    }
  }
}

TEST(Past, KeepsItsEnds) {
  Past past;
  EXPECT_EQ(past.percentile(99), 0);
  past.close(0, 0.9, 1, 10);
  EXPECT_EQ(past.percentile(100), 0) << "less than one is nothing";
  past.close(1, 1e300, 2, 10);
  EXPECT_NEAR(past.percentile(100), Past::kMost, Past::kMost * 0.01) << "no more than the most";
  past.close(2, std::nan(""), 3, 10);
  EXPECT_EQ(past.percentile(50), 0);
  EXPECT_TRUE(past.fits(10));
}

// Whatever gaps there are: every slice of this half and of the one before counts once, and no other.
TEST(Past, CountsEachSliceOnce) {
  std::mt19937_64 random{7};
  constexpr std::int64_t kHalf = 12;
  for (int round = 0; round < 300; ++round) {
    Past past;
    const auto begin = static_cast<std::int64_t>(random() % 100);
    std::int64_t at = begin;
    std::vector<std::pair<std::int64_t, double>> closed;
    for (int i = 0; i < 40; ++i) {
      const auto gap = static_cast<std::int64_t>(random() % 8 == 0 ? random() % 60 : random() % 3);
      closed.emplace_back(at, 10 + static_cast<double>(random() % 1000));
      const std::int64_t next = at + 1 + gap;
      past.close(at, closed.back().second, next, kHalf);
      at = next;
      const std::int64_t oldest = std::max((at / kHalf - 1) * kHalf, begin);
      ASSERT_EQ(past.slices(), static_cast<std::uint64_t>(at - oldest)) << round << ' ' << i;
      std::vector<double> left(static_cast<std::size_t>(at - oldest), 0.0);
      for (const auto& [slice, amount] : closed)
        if (slice >= oldest) left[static_cast<std::size_t>(slice - oldest)] = amount;
      const double want = exact(left, 90);
      ASSERT_NEAR(past.percentile(90), want, want * 0.01) << round << ' ' << i;
    }
    EXPECT_TRUE(past.fits(kHalf));
  }
}

TEST(Past, IsBounded) {
  std::mt19937_64 random{9};
  Past past;
  constexpr std::int64_t kHalf = 5'000'000;
  for (std::int64_t i = 0; i < 200'000; ++i)
    past.close(i, std::exp2(static_cast<double>(random() % 1'000'000) / 15'600), i + 1, kHalf);
  EXPECT_LE(past.bytes(), 2 * 2 * Past::kSteps * 8) << "however many slices: a place for each size, twice";
  EXPECT_TRUE(past.fits(kHalf));
  EXPECT_FALSE(past.fits(100'000));
  past.close(200'000, 1, 4'000'000'000'000'000, Past::kSlicesMost);
  EXPECT_LE(past.slices(), 2U * Past::kSlicesMost) << "a gap of years";
  EXPECT_TRUE(past.fits(Past::kSlicesMost));
}

// Bytes that were not saved by it.
TEST(Past, KnowsWhatItCannotBe) {
  using Sizes = std::vector<std::pair<std::uint16_t, std::uint32_t>>;
  const auto fits = [](const Sizes& before, const Sizes& now) {
    sigma::ArchiveWriter out;
    out(before, now);
    const std::string bytes = out.take();
    sigma::ArchiveReader in{bytes};
    Past past;
    in(past);
    return in.ok() && past.fits(10);
  };
  EXPECT_TRUE(fits({}, {}));
  EXPECT_TRUE(fits({{0, 4}, {7, 6}}, {{Past::kSteps - 1, 10}}));
  EXPECT_FALSE(fits({{Past::kSteps, 1}}, {})) << "a size that there is not";
  EXPECT_FALSE(fits({}, {{7, 0}})) << "a size of no slice";
  EXPECT_FALSE(fits({{7, 1}, {3, 1}}, {})) << "out of order";
  EXPECT_FALSE(fits({}, {{7, 1}, {7, 1}})) << "twice";
  EXPECT_FALSE(fits({{7, 11}}, {})) << "more slices than there were";
  EXPECT_FALSE(fits({{7, UINT32_MAX}, {8, UINT32_MAX}}, {}));
}

}  // namespace
}  // namespace nw::correlation
