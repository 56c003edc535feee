#include "ingest/logs/transports/tail_state.h"

#include "base/hash.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

namespace fs = std::filesystem;

TailState example() {
  TailState state;
  state.sequence = 7;
  state.files.push_back({"/var/log/a",
                         "/var/log/a",
                         UINT64_MAX,
                         UINT64_MAX - 1,
                         123456789012345,
                         {1024, 0xdeadbeefcafef00d},
                         {256, 12},
                         1'700'000'000'123'456'789,
                         -5,
                         true,
                         0});
  state.files.push_back({"/tmp/with space %\n\xff", "/tmp/real", 3, 4, 0, {0, 0}, {0, 0}, 0, 0, false, 1'700'000'000});
  return state;
}

std::string written(const TailState& state) {
  TempDir dir;
  const std::string path = dir.file("state");
  EXPECT_TRUE(save_tail_state(path, state));
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

Result<std::optional<TailState>> read(const std::string& text) {
  TempDir dir;
  std::ofstream{dir.file("state"), std::ios::binary} << text;
  return load_tail_state(dir.file("state"), "/the/log");
}

TEST(TailState, RoundTrip) {
  TempDir dir;
  const std::string path = dir.file("state");
  const auto absent = load_tail_state(path, "");
  ASSERT_TRUE(absent);
  EXPECT_FALSE(*absent);
  ASSERT_TRUE(save_tail_state(path, {}));
  ASSERT_TRUE(save_tail_state(path, example()));  // replaces
  const auto loaded = load_tail_state(path, "");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded, example());
  EXPECT_FALSE(fs::exists(path + ".new"));
}

TEST(TailState, ReadsTheFormatBefore) {
  const auto loaded = read("normwatch-tail-1 11 22 33 44 1\n");
  ASSERT_TRUE(loaded);
  ASSERT_TRUE(*loaded);
  ASSERT_EQ((*loaded)->files.size(), 1U);
  const TailRecord& record = (*loaded)->files[0];
  EXPECT_EQ(record.path, "/the/log");
  EXPECT_EQ(record.inode, 11U);
  EXPECT_EQ(record.offset, 22U);
  EXPECT_EQ(record.head, (Print{33, 44}));
  EXPECT_EQ(record.tail, (Print{}));
  EXPECT_TRUE(record.skipping);
  EXPECT_NE(record.identity, 0U);
}

TEST(TailState, RefusesEveryCut) {
  const std::string before = "normwatch-tail-1 11 22 33 44 1", now = written(example());
  for (const std::string& whole : {before, now}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      SCOPED_TRACE(whole.substr(0, size));
      const auto loaded = read(whole.substr(0, size));
      ASSERT_FALSE(loaded);
      EXPECT_EQ(loaded.error().code, Errc::malformed);
      EXPECT_NE(loaded.error().what.find("/state"), std::string::npos);
    }
    EXPECT_TRUE(read(whole));
  }
}

TEST(TailState, RefusesWhatCannotBe) {
  const std::string good = "file 1 2 30 4 5 6 7 8 9 1 0 /a /b\n", head = "normwatch-tail-2 9\n";
  ASSERT_TRUE(read(head + good + "end 1\n"));
  for (const std::string& text :
       {std::string{"normwatch-tail-1 11 22 33 44 2"}, std::string{"normwatch-tail-1 11 22 257 44 1"},
        std::string{"normwatch-tail-3 11 22 33 44 1"}, std::string{"normwatch-tail-1 -1 22 33 44 1"},
        std::string{"normwatch-tail-1 11 22 33 44 1 5"}, head + good + "end 2\n", head + good + good + "end 1\n",
        head + good + "end 1\nmore\n", std::string{"normwatch-tail-2 x\nend 0\n"},
        head + "file 1 2 30 1025 5 6 7 8 9 1 0 /a /b\nend 1\n", head + "file 1 2 30 4 5 257 7 8 9 1 0 /a /b\nend 1\n",
        head + "file 1 2 3 4 5 6 7 8 9 1 0 /a /b\nend 1\n", head + "file 1 2 30 4 5 6 7 8 9 2 0 /a /b\nend 1\n",
        head + "file 1 2 30 4 5 6 7 8 9 1 0 /a%4 /b\nend 1\n", head + "file 1 2 30 4 5 6 7 8 9 1 0 /a%zz /b\nend 1\n",
        head + "file 1 2 30 4 5 6 7 8 9 1 0 /a\nend 1\n"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(read(text));
  }
}

TEST(TailState, SaysWhereItCouldNotWrite) {
  TempDir dir;
  const auto saved = save_tail_state(dir.file("none/state"), {});
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().what.find("none/state"), std::string::npos);
}

}  // namespace
}  // namespace nw::logs
