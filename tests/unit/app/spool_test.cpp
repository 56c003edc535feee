#include "app/spool.h"

#include <fstream>
#include <gtest/gtest.h>

#include "base/hash.h"

namespace nw::app {
namespace {

namespace fs = std::filesystem;

class SpoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "nw-spool-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root = name;
    options.directory = root / "spool";
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(root, ignored);
  }
  Spool open() {
    auto spool = Spool::open(options);
    if (!spool) throw std::runtime_error{spool.error().what};
    return std::move(*spool);
  }
  static WaitingLine line(std::string text, std::uint64_t place = 0) {
    return {std::move(text), from_unix_nanoseconds(5), IpAddress::v4(0x0a000001), false, place};
  }
  static std::string taken(Spool& spool) {
    auto got = spool.take();
    if (!got) return "error: " + got.error().what;
    return *got ? (*got)->text : "nothing";
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{options.directory}, fs::directory_iterator{}));
  }

  fs::path root;
  Spool::Options options;
};

TEST_F(SpoolTest, GivesBackWhatWasPushedInItsOrder) {
  Spool spool = open();
  EXPECT_EQ(taken(spool), "nothing");
  ASSERT_TRUE(spool.push({"one", from_unix_nanoseconds(7), IpAddress::v4(0x7f000001), true, 42}));
  ASSERT_TRUE(spool.push({std::string("t\0wo\n", 5), from_unix_nanoseconds(-1)}));
  EXPECT_EQ(spool.lines(), 2U);
  auto one = spool.take();
  ASSERT_TRUE(one && *one);
  EXPECT_EQ((*one)->text, "one");
  EXPECT_EQ(to_unix_nanoseconds((*one)->receive_time), 7);
  EXPECT_EQ((*one)->peer->to_string(), "127.0.0.1");
  EXPECT_TRUE((*one)->too_long);
  EXPECT_EQ((*one)->place, 42U);
  ASSERT_TRUE(spool.push(line("three")));  // while it is read
  auto two = spool.take();
  ASSERT_TRUE(two && *two);
  EXPECT_EQ((*two)->text, std::string("t\0wo\n", 5));
  EXPECT_FALSE((*two)->peer);
  EXPECT_NE((*two)->place, 0U);
  EXPECT_EQ(taken(spool), "three");
  EXPECT_EQ(taken(spool), "nothing");
  EXPECT_EQ(spool.lines(), 0U);
}

TEST_F(SpoolTest, NotForgottenComesAgainAtTheSamePlace) {
  options.segment_bytes = 200;  // a few lines each
  std::vector<std::uint64_t> places;
  Spool::Position position;
  {
    Spool spool = open();
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(spool.push(line("line " + std::to_string(i))));
    }
    for (int i = 0; i < 30; ++i) {
      if (i == 20) position = spool.position();
      auto got = spool.take();
      ASSERT_TRUE(got && *got);
      places.push_back((*got)->place);
    }
    ASSERT_TRUE(spool.forget(position));
  }
  Spool spool = open();
  EXPECT_EQ(spool.lines(), 30U);
  for (std::size_t i = 20; i < 30; ++i) {
    auto got = spool.take();
    ASSERT_TRUE(got && *got);
    EXPECT_EQ((*got)->text, "line " + std::to_string(i));
    EXPECT_EQ((*got)->place, places[i]);
  }
  for (int i = 30; i < 50; ++i) {
    EXPECT_EQ(taken(spool), "line " + std::to_string(i));
  }
  ASSERT_TRUE(spool.forget(spool.position()));
  EXPECT_EQ(spool.bytes(), 0U);
  EXPECT_EQ(files(), 1U);  // the position
}

TEST_F(SpoolTest, ForgottenNumbersAreNeverUsedAgain) {
  std::uint64_t first = 0;
  {
    Spool spool = open();
    ASSERT_TRUE(spool.push(line("a")));
    first = (*spool.take())->place;
    ASSERT_TRUE(spool.forget(spool.position()));
  }
  Spool spool = open();
  ASSERT_TRUE(spool.push(line("a")));
  EXPECT_NE((*spool.take())->place, first);
}

TEST_F(SpoolTest, ForgettingAnOldPositionKeepsWhatWasTakenSince) {
  {
    Spool spool = open();
    for (const char* text : {"a", "b", "c"}) {
      ASSERT_TRUE(spool.push(line(text)));
    }
    EXPECT_EQ(taken(spool), "a");
    const Spool::Position position = spool.position();
    EXPECT_EQ(taken(spool), "b");
    EXPECT_EQ(taken(spool), "c");
    ASSERT_TRUE(spool.forget(position));
  }
  Spool spool = open();
  EXPECT_EQ(taken(spool), "b");
  EXPECT_EQ(taken(spool), "c");
}

TEST_F(SpoolTest, FullSaysSoAndTakesNothing) {
  options.bytes_max = 300;
  Spool spool = open();
  int pushed = 0;
  while (pushed < 100 && spool.push(line("0123456789"))) ++pushed;
  EXPECT_GT(pushed, 1);
  EXPECT_LT(pushed, 20);
  EXPECT_EQ(spool.push(line("x")).error().code, Errc::full);
  EXPECT_EQ(spool.lines(), static_cast<std::uint64_t>(pushed));
  for (int i = 0; i < pushed; ++i) {
    EXPECT_EQ(taken(spool), "0123456789");
  }
  ASSERT_TRUE(spool.forget(spool.position()));
  EXPECT_TRUE(spool.push(line("x")));
}

TEST_F(SpoolTest, CutAtEveryByteGivesTheWholeLines) {
  {
    Spool spool = open();
    ASSERT_TRUE(spool.push(line("first")));
    ASSERT_TRUE(spool.push(line("second")));
  }
  const fs::path file = options.directory / "1.lines";
  const auto size = fs::file_size(file);
  for (std::uintmax_t cut = size; cut-- > 0;) {
    fs::resize_file(file, cut);
    Spool spool = open();
    EXPECT_EQ(spool.lines(), cut >= size / 2 && cut < size ? 1U : 0U) << cut;
    if (spool.lines() == 1) {
      EXPECT_EQ(taken(spool), "first");
    }
    EXPECT_EQ(taken(spool), "nothing");
    if (!fs::exists(file)) break;  // nothing whole was left
  }
}

TEST_F(SpoolTest, DamageCostsTheRestOfItsFileAndNoMore) {
  options.segment_bytes = 150;
  Spool spool = open();
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(spool.push(line("line " + std::to_string(i))));
  }
  {
    std::fstream out{options.directory / "1.lines", std::ios::in | std::ios::out | std::ios::binary};
    out.seekp(20);
    out << "XXXX";
  }
  const std::uint64_t before = spool.lines();
  const auto got = spool.take();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::malformed);
  const std::uint64_t lost = before - spool.lines();
  EXPECT_GE(lost, 1U);
  for (std::uint64_t i = lost; i < 6; ++i) {
    EXPECT_EQ(taken(spool), "line " + std::to_string(i));
  }
  ASSERT_TRUE(spool.push(line("later")));
  EXPECT_EQ(taken(spool), "later");
}

// A disk that has no room takes nothing, and goes on where it was once there is room.
class FullDisk final : public record::FileOps {
 public:
  ssize_t pwrite(int fd, const void* from, std::size_t size, off_t offset) override {
    if (!full) return FileOps::pwrite(fd, from, size, offset);
    errno = ENOSPC;
    return -1;
  }
  bool full = false;
};

TEST_F(SpoolTest, AFullDiskLosesNothing) {
  FullDisk disk;
  auto opened = Spool::open(options, disk);
  ASSERT_TRUE(opened);
  Spool spool = std::move(*opened);
  ASSERT_TRUE(spool.push(line("a")));
  disk.full = true;
  EXPECT_EQ(spool.push(line("b")).error().code, Errc::full);
  EXPECT_EQ(spool.lines(), 1U);
  disk.full = false;
  ASSERT_TRUE(spool.push(line("c")));
  EXPECT_EQ(taken(spool), "a");
  EXPECT_EQ(taken(spool), "c");
}

}  // namespace
}  // namespace nw::app
