// What makes a replay's output the same for any number of lanes, and the reader of log files.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <unistd.h>

#include "app/line_file.h"
#include "app/replay_clock.h"
#include "app/replay_dealer.h"
#include "app/replay_lane.h"

namespace nw::app {
namespace {

Timestamp at(int seconds) { return Timestamp{std::chrono::seconds{seconds}}; }

TEST(PutInOrder, DoesNotDependOnTheDealing) {
  const std::vector<Made> want = {{1, 0, "r1"}, {1, 0, "r1, second rule"}, {1, 1, "r1, second event"},
                                  {2, 0, "r2"}, {7, 3, "a flow's end"},    {9, 0, "r9"}};
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    // Deal whole records to three lanes, then join the lanes in any order.
    std::vector<std::vector<Made>> lanes(3);
    const auto salt = random();
    for (const Made& m : want) lanes[(m.ordinal * 31 + salt) % 3].push_back(m);
    std::shuffle(lanes.begin(), lanes.end(), random);
    std::vector<Made> made;
    for (const auto& lane : lanes) made.insert(made.end(), lane.begin(), lane.end());
    put_in_order(made);
    for (std::size_t i = 0; i < want.size(); ++i) ASSERT_EQ(made[i].text, want[i].text) << "round " << round;
  }
}

TEST(Dealer, KeepsAPairWhereItIs) {
  Dealer dealer{4};
  std::mt19937_64 random{3};
  std::map<std::uint64_t, std::size_t> lanes;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t hash = (random() % 500) << 50U;
    const std::size_t lane = dealer.lane(hash, random() % 1'500);
    ASSERT_LT(lane, 4U);
    ASSERT_EQ(lanes.emplace(hash, lane).first->second, lane);
    if (i % 4'096 == 0) dealer.forget();
  }
}

// Two heavy pairs never share a lane while another has nothing to do.
TEST(Dealer, GoesByWhatLanesHaveToDo) {
  for (std::uint64_t first = 0; first < 64; ++first) {
    Dealer dealer{2};
    const std::uint64_t heavy = first << 50U, other = (first + 64) << 50U;
    const std::size_t lane = dealer.lane(heavy, 1'400);
    for (int i = 0; i < 1'000; ++i) EXPECT_EQ(dealer.lane(heavy, 1'400), lane);
    for (std::uint64_t light = 200; light < 210; ++light) EXPECT_EQ(dealer.lane(light << 50U, 60), 1 - lane);
    EXPECT_EQ(dealer.lane(other, 1'400), 1 - lane);
    // Long ago is forgotten.
    for (int i = 0; i < 64; ++i) dealer.forget();
    EXPECT_EQ(dealer.lane(heavy, 60), lane);
    EXPECT_EQ(dealer.lane(std::uint64_t{300} << 50U, 60), 1 - lane);
  }
}

class LineFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() / ("nw_lines_" + std::to_string(::getpid()))).string();
  }
  void TearDown() override { std::filesystem::remove(path_); }
  std::vector<std::pair<std::string, bool>> read(std::string_view content, std::size_t most,
                                                 std::size_t line_bytes_max) {
    std::FILE* file = std::fopen(path_.c_str(), "w");
    std::fwrite(content.data(), 1, content.size(), file);
    std::fclose(file);
    auto lines = LineFile::open(path_, line_bytes_max);
    EXPECT_TRUE(lines);
    std::vector<std::pair<std::string, bool>> out;
    for (;;) {
      const auto got =
          lines->read(most, [&](std::string_view line, bool too_long) { out.emplace_back(line, too_long); });
      EXPECT_TRUE(got);
      if (*got == 0) return out;
      EXPECT_LE(*got, most);
    }
  }
  std::string path_;
};

TEST_F(LineFileTest, SplitsCutsAndSkips) {
  using Lines = std::vector<std::pair<std::string, bool>>;
  EXPECT_EQ(read("a\nb\r\n\nc", 1, 10), (Lines{{"a", false}, {"b", false}, {"", false}, {"c", false}}));
  EXPECT_EQ(read("", 5, 10), Lines{});
  EXPECT_EQ(read("0123456789\nx\n", 5, 10), (Lines{{"0123456789", false}, {"x", false}}));
  // One over the limit is cut, and the rest of that line is no line of its own.
  EXPECT_EQ(read("0123456789A\nx\n", 5, 10), (Lines{{"0123456789", true}, {"x", false}}));
  const std::string giant(1'000'000, 'g');
  EXPECT_EQ(read(giant + "\nx\n", 5, 10), (Lines{{"gggggggggg", true}, {"x", false}}));
  EXPECT_EQ(read("x\n" + giant, 5, 10), (Lines{{"x", false}, {"gggggggggg", true}}));
}

TEST_F(LineFileTest, SaysWhyItCannotOpen) {
  EXPECT_EQ(LineFile::open("/nowhere/x.log", 100).error().code, Errc::not_found);
  EXPECT_EQ(LineFile::open("/tmp", 100).error().code, Errc::invalid_argument);
}

TEST(StatedTime, NeedsAYearAndAZone) {
  EXPECT_EQ(stated_time("<34>1 2026-01-15T08:00:00Z host app - - - x"), at(1'768'464'000));
  EXPECT_EQ(stated_time("2026-01-15T09:00:00+01:00 host x"), at(1'768'464'000));
  for (const char* line : {"<34>Jan 15 08:00:00 host x", "", "<", "<34>", "<34>1 - host", "no time at all",
                           "<999999>1 2026-01-15T08:00:00Z"})
    EXPECT_FALSE(stated_time(line)) << line;
}

TEST(ReplayClock, KeepsFilesInStep) {
  ReplayClock clock;
  clock.propose(at(100));
  clock.propose(at(50));
  clock.start();
  EXPECT_LE(clock.wait_for(at(50), 1).count(), 0);
  EXPECT_GT(clock.wait_for(at(60), 1), std::chrono::seconds{9});
  EXPECT_LE(clock.wait_for(at(60), 1), std::chrono::seconds{10});
  EXPECT_LE(clock.wait_for(at(60), 100), std::chrono::milliseconds{100});
  EXPECT_EQ(clock.wait_for(at(1'000'000), 0).count(), 0);
}

}  // namespace
}  // namespace nw::app
