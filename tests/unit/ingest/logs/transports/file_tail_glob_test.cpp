// Patterns: many files, which come, go, change their names and come again.
#include "unit/ingest/logs/transports/file_tail_test_support.h"

namespace nw::logs {
namespace {

struct GlobBench : TailBench {
  explicit GlobBench(const std::string& pattern) { options.address = dir.file(pattern); }
  [[nodiscard]] std::string at(const std::string& name) const { return dir.file(name); }
};

TEST(FileTailGlob, FindsWhatIsThereAndWhatComes) {
  GlobBench bench{"*/access*.log"};
  fs::create_directory(bench.at("a"));
  append(bench.at("a/access.log"), "one\n");
  append(bench.at("a/error.log"), "no\n");
  append(bench.at("access.log"), "no\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  append(bench.at("a/access-2.log"), "two\n");
  ASSERT_TRUE(bench.wait(2));
  fs::create_directory(bench.at("b"));
  append(bench.at("b/access.log"), "three\n");
  ASSERT_TRUE(bench.wait(3));
  append(bench.at("a/access.log"), "four\n");
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "three", "four"}));
}

TEST(FileTailGlob, WaitsForAMatch) {
  GlobBench bench{"none/yet/*.log"};
  bench.open();
  run_for(bench.io, std::chrono::milliseconds{30});
  fs::create_directories(bench.at("none/yet"));
  append(bench.at("none/yet/a.log"), "one\n");
  ASSERT_TRUE(bench.wait(1));
}

TEST(FileTailGlob, AnyDepth) {
  GlobBench bench{"**/*.log"};
  fs::create_directories(bench.at("a/b/c"));
  append(bench.at("x.log"), "1\n");
  append(bench.at("a/b/c/y.log"), "2\n");
  fs::create_directory_symlink(bench.at("a"), bench.at("a/b/loop"));
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  run_for(bench.io, std::chrono::milliseconds{50});
  EXPECT_EQ(bench.sorted(), (Got{"1", "2"}));
}

TEST(FileTailGlob, Exclude) {
  GlobBench bench{"**/*"};
  bench.options.exclude = {"*.debug", "old/*"};
  fs::create_directories(bench.at("old/deep"));
  append(bench.at("a"), "1\n");
  append(bench.at("a.debug"), "no\n");
  append(bench.at("old/deep/b"), "no\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  run_for(bench.io, std::chrono::milliseconds{50});
  EXPECT_EQ(bench.lines.all, (Got{"1"}));
}

// Rotated names match too: a renamed file goes on where it was, and a compressed one is not read as text.
TEST(FileTailGlob, RotatedNamesMatchToo) {
  GlobBench bench{"access.log*"};
  const std::string log = bench.at("access.log");
  append(log, "1\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  for (int i = 1; i <= 3; ++i) {
    if (i > 2) fs::rename(log + ".2.gz", log + ".3.gz");
    if (i > 1) {
      fs::rename(log + ".1", log + ".2");
      compress(log + ".2");
    }
    append(log, std::to_string(i) + " late\n");
    fs::rename(log, log + ".1");
    append(log + ".1", std::to_string(i) + " later\n");
    append(log, std::to_string(i + 1) + "\n");
    ASSERT_TRUE(bench.wait(static_cast<std::size_t>(i) * 3 + 1));
    if (i == 2) {
      bench.close();
      bench.open();
    }
    run_for(bench.io, std::chrono::milliseconds{1200});
  }
  append(log + ".1", "3 latest\n");  // its writer keeps it open
  ASSERT_TRUE(bench.wait(11));
  run_for(bench.io, std::chrono::milliseconds{100});
  EXPECT_EQ(bench.lines.all,
            (Got{"1", "1 late", "1 later", "2", "2 late", "2 later", "3", "3 late", "3 later", "4", "3 latest"}));
  EXPECT_EQ(bench.different_places(), 11U);
}

TEST(FileTailGlob, NotTwiceByLinks) {
  GlobBench bench{"*.log"};
  append(bench.at("a.log"), "1\n");
  append(bench.at("elsewhere"), "2\n");
  fs::create_symlink(bench.at("a.log"), bench.at("b.log"));
  fs::create_hard_link(bench.at("a.log"), bench.at("c.log"));
  fs::create_symlink(bench.at("elsewhere"), bench.at("d.log"));
  fs::create_symlink(bench.at("nothing"), bench.at("e.log"));
  fs::create_directory(bench.at("f.log"));
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  run_for(bench.io, std::chrono::milliseconds{1100});
  append(bench.at("elsewhere"), "3\n");
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.sorted(), (Got{"1", "2", "3"}));
}

TEST(FileTailGlob, PlainPathFollowsALink) {
  TailBench bench;
  append(bench.dir.file("first"), "1\n");
  fs::create_symlink(bench.dir.file("first"), bench.log);
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  append(bench.dir.file("first"), "2\n");
  ASSERT_TRUE(bench.wait(2));
  append(bench.dir.file("second"), "3\n");
  fs::remove(bench.log);
  fs::create_symlink(bench.dir.file("second"), bench.log);
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{"1", "2", "3"}));
}

TEST(FileTailGlob, FilesMax) {
  LoggedCodes logged;
  GlobBench bench{"*.log"};
  bench.options.files_max = 3;
  for (int i = 0; i < 5; ++i) {
    append(bench.at(std::to_string(i) + ".log"), std::to_string(i) + "\n");
    next_file_time();
  }
  bench.open();
  ASSERT_TRUE(bench.wait(3));
  run_for(bench.io, std::chrono::milliseconds{1200});
  EXPECT_EQ(bench.sorted(), (Got{"2", "3", "4"}));  // the newest
  EXPECT_EQ(bench.transport->counters().refused, 2U);
  EXPECT_EQ(logged.count("file_not_followed"), 2);
}

// More than are held open at a time.
TEST(FileTailGlob, ManyFiles) {
  GlobBench bench{"*.log"};
  constexpr std::size_t kFiles = 600;
  for (std::size_t i = 0; i < kFiles; ++i) append(bench.at(std::to_string(i) + ".log"), std::to_string(i) + "\n");
  bench.open();
  ASSERT_TRUE(bench.wait(kFiles));
  std::size_t open = 0;
  for (const auto& entry : fs::directory_iterator{"/proc/self/fd"}) {
    std::error_code ignored;
    open += fs::read_symlink(entry.path(), ignored).string().starts_with(bench.dir.path.string()) ? 1U : 0U;
  }
  EXPECT_LE(open, 256U);
  for (std::size_t i = 0; i < kFiles; ++i) append(bench.at(std::to_string(i) + ".log"), "more\n");
  ASSERT_TRUE(bench.wait(2 * kFiles));
  bench.close();
  bench.open();
  append(bench.at("5.log"), "last\n");
  ASSERT_TRUE(bench.wait(2 * kFiles + 1));
  run_for(bench.io, std::chrono::milliseconds{50});
  EXPECT_EQ(bench.lines.all.size(), 2 * kFiles + 1);
  EXPECT_EQ(bench.different_places(), 2 * kFiles + 1);
}

TEST(FileTailGlob, FolderGoesAndComesAgain) {
  for (const bool plain : {false, true}) {
    SCOPED_TRACE(plain);
    GlobBench bench{plain ? "d/a.log" : "d/*.log"};
    fs::create_directory(bench.at("d"));
    append(bench.at("d/a.log"), "1\n");
    bench.open();
    ASSERT_TRUE(bench.wait(1));
    fs::rename(bench.at("d"), bench.at("away"));
    run_for(bench.io, std::chrono::milliseconds{1100});
    append(bench.at("away/a.log"), "2\n");
    fs::rename(bench.at("away"), bench.at("d"));
    ASSERT_TRUE(bench.wait(2));
    append(bench.at("d/a.log"), "3\n");
    ASSERT_TRUE(bench.wait(3));
    bench.close();
    // Not there when we begin, as a disk that is mounted late.
    fs::rename(bench.at("d"), bench.at("away"));
    if (plain) fs::create_directory(bench.at("d"));
    bench.open();
    run_for(bench.io, std::chrono::milliseconds{1100});
    if (plain) fs::remove(bench.at("d"));
    append(bench.at("away/a.log"), "4\n");
    fs::rename(bench.at("away"), bench.at("d"));
    ASSERT_TRUE(bench.wait(4));
    run_for(bench.io, std::chrono::milliseconds{50});
    EXPECT_EQ(bench.lines.all, (Got{"1", "2", "3", "4"}));
    EXPECT_EQ(bench.different_places(), 4U);
  }
}

// What the pattern no longer names is not read on, and not forgotten either.
TEST(FileTailGlob, PatternChanges) {
  GlobBench bench{"*.log"};
  append(bench.at("a.log"), "1\n");
  append(bench.at("b.log"), "2\n");
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  bench.close();
  append(bench.at("a.log"), "3\n");
  append(bench.at("b.log"), "4\n");
  bench.options.address = bench.at("b*.log");
  bench.open();
  ASSERT_TRUE(bench.wait(3));
  run_for(bench.io, std::chrono::milliseconds{50});
  EXPECT_EQ(bench.lines.all.back(), "4");
  bench.close();
  bench.options.address = bench.at("*.log");
  bench.open();
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all.back(), "3");
}

TEST(FileTailGlob, FromTheEnd) {
  GlobBench bench{"*.log"};
  bench.options.from_start = false;
  append(bench.at("a.log"), "old\n");
  bench.open();
  run_for(bench.io, std::chrono::milliseconds{30});
  append(bench.at("a.log"), "new\n");
  ASSERT_TRUE(bench.wait(1));
  append(bench.at("b.log"), "all\n");  // came later: from its start
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"new", "all"}));
}

}  // namespace
}  // namespace nw::logs
