#include <boost/asio/post.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/ingest/logs/transports/file_tail_test_support.h"

namespace nw::logs {
namespace {

namespace asio = boost::asio;

TEST(FileTail, ReadsWhatIsThereAndWhatComes) {
  TailBench bench;
  append(bench.log, "one\ntwo\nthr");
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  run_for(bench.io, std::chrono::milliseconds{50});
  EXPECT_EQ(bench.lines.all, (Got{"one", "two"}));
  append(bench.log, "ee\n\nfour\r\n");
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "three", "four"}));
  EXPECT_FALSE(bench.lines.peer);
  EXPECT_EQ(bench.transport->counters().lines, 4U);
  EXPECT_EQ(bench.transport->counters().bytes, 21U);
  EXPECT_EQ(bench.transport->counters().rotated, 0U);
}

TEST(FileTail, ReactsFasterThanItPolls) {
  TailBench bench;
  append(bench.log, "one\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  const auto before = std::chrono::steady_clock::now();
  int quick = 0;
  for (std::size_t i = 2; i <= 11; ++i) {  // ten in a row cannot all be the poll's luck
    append(bench.log, "more\n");
    const auto wrote = std::chrono::steady_clock::now();
    ASSERT_TRUE(bench.wait(i));
    quick += std::chrono::steady_clock::now() - wrote < std::chrono::milliseconds{500} ? 1 : 0;
  }
  EXPECT_GE(quick, 8) << "in " << (std::chrono::steady_clock::now() - before).count();
}

TEST(FileTail, WaitsForAFileThatIsNotThereYet) {
  TailBench bench;
  bench.open();
  run_for(bench.io, std::chrono::milliseconds{30});
  append(bench.log, "one\n");
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.all, (Got{"one"}));
}

TEST(FileTail, FromTheEnd) {
  TailBench bench{false};
  bench.options.from_start = false;
  append(bench.log, "old\n");
  bench.open();
  run_for(bench.io, std::chrono::milliseconds{30});
  append(bench.log, "new\n");
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.all, (Got{"new"}));
}

TEST(FileTail, FollowsARename) {
  TailBench bench;
  append(bench.log, "one\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  fs::rename(bench.log, bench.log + ".1");
  append(bench.log + ".1", "two\nlast words");  // its writer has not noticed yet
  append(bench.log, "three\n");
  append(bench.log + ".1", ", really\n");
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "last words, really", "three"}));
  EXPECT_EQ(bench.transport->counters().rotated, 1U);
}

TEST(FileTail, HalfALineOfARotatedFileIsALine) {
  TailBench bench;
  append(bench.log, "one\nhalf");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  fs::rename(bench.log, bench.log + ".1");
  append(bench.log, "two\n");
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{"one", "half", "two"}));
}

TEST(FileTail, FollowsATruncation) {
  TailBench bench;
  append(bench.log, "one one one\ntwo\n");
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  fs::copy_file(bench.log, bench.log + ".1");
  fs::resize_file(bench.log, 0);
  run_for(bench.io, std::chrono::milliseconds{30});
  append(bench.log, "three\n");
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{"one one one", "two", "three"}));
  EXPECT_EQ(bench.transport->counters().rotated, 1U);
}

TEST(FileTail, SeesATruncationThatGrewPastItsPlace) {
  TailBench bench;
  append(bench.log, "one\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  // No turn in between: only the first bytes tell.
  fs::resize_file(bench.log, 0);
  append(bench.log, "two, longer than before\nthree\n");
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two, longer than before", "three"}));
}

TEST(FileTail, RestartGoesOnExactly) {
  TailBench bench;
  append(bench.log, "one\ntwo\nha");
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  bench.close();
  append(bench.log, "lf\nthree\n");
  bench.options.from_start = false;  // a kept offset goes before it
  bench.open();
  ASSERT_TRUE(bench.wait(4));
  run_for(bench.io, std::chrono::milliseconds{30});
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "half", "three"}));
  EXPECT_EQ(bench.transport->counters().rotated, 0U);
}

// Whatever the line at which it stops, no line is lost and none comes twice.
TEST(FileTail, ManyRestarts) {
  TailBench bench;
  Got want;
  for (int i = 0; i < 20; ++i) {
    want.push_back("line " + std::to_string(i));
    append(bench.log, (i % 3 == 0 ? "line " : want.back() + "\n"));
    bench.open();
    run_for(bench.io, std::chrono::milliseconds{10});
    bench.close();
    if (i % 3 == 0) append(bench.log, std::to_string(i) + "\n");
  }
  bench.open();
  ASSERT_TRUE(bench.wait(want.size()));
  EXPECT_EQ(bench.lines.all, want);
}

TEST(FileTail, RestartAfterARotationFinishesTheOldFile) {
  TailBench bench;
  append(bench.log, "one\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  bench.close();
  append(bench.log, "two\n");
  fs::rename(bench.log, bench.log + ".1");
  append(bench.log, "three\n");
  bench.open();
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "three"}));
}

TEST(FileTail, RestartWithAnotherFileOfTheName) {
  TailBench bench;
  append(bench.log, "one one one\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  bench.close();
  fs::resize_file(bench.log, 0);  // same inode, as a reused one would be
  append(bench.log, "another, and longer\n");
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"one one one", "another, and longer"}));
  EXPECT_EQ(bench.transport->counters().rotated, 1U);
}

TEST(FileTail, RestartWithinALineThatWasTooLong) {
  TailBench bench;
  bench.options.line_bytes_max = 10;
  append(bench.log, "0123456789abcdef");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  bench.close();
  append(bench.log, "ghi\nnext\n");
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"0123456789", "next"}));
  EXPECT_EQ(bench.lines.too_long, 1U);
}

TEST(FileTail, StateIsWrittenWhileRunning) {
  TailBench bench;
  append(bench.log, "one\ntwo\n");
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  ASSERT_TRUE(run_until(bench.io, [&] { return fs::exists(bench.options.state_path); }));
  ASSERT_TRUE(run_until(bench.io, [&] {
    const auto state = load_tail_state(bench.options.state_path, bench.log);
    return state && *state && (*state)->files.size() == 1 && (*state)->files[0].offset == 8;
  }));
}

// A long file is read in chunks, and other work on the io_context gets its turn between them.
TEST(FileTail, LeavesRoomForOthers) {
  TailBench bench;
  const std::string line(999, 'x');
  std::string all;
  for (int i = 0; i < 2000; ++i) all += line + "\n";
  append(bench.log, all);
  bench.open();
  std::size_t turns = 0, seen_midway = 0;
  std::function<void()> other = [&] {
    ++turns;
    if (!bench.lines.all.empty() && bench.lines.all.size() < 2000) ++seen_midway;
    if (bench.lines.all.size() < 2000) asio::post(bench.io, other);
  };
  asio::post(bench.io, other);
  ASSERT_TRUE(bench.wait(2000));
  EXPECT_GE(seen_midway, 10U);
  for (const std::string& got : bench.lines.all) {
    ASSERT_EQ(got, line);
  }
}

TEST(FileTail, NothingAfterStop) {
  TailBench bench;
  append(bench.log, "one\n");
  bench.open();
  bench.transport->stop();
  run_for(bench.io, std::chrono::milliseconds{30});
  EXPECT_TRUE(bench.lines.all.empty());
  bench.transport->stop();
  bench.transport.reset();
  run_for(bench.io, std::chrono::milliseconds{10});
}

TEST(FileTail, Refuses) {
  TempDir dir;
  asio::io_context io{1};
  Lines lines;
  append(dir.file("bad-state"), "normwatch-tail-1 1 2 3\n");
  append(dir.file("log"), "x\n");
  struct Case {
    const char* name;
    std::string path, state;
    Errc want;
  };
  const Case cases[] = {
      {"no path", "", "", Errc::invalid_argument},
      {"no directory", dir.file("none/log"), "", Errc::not_found},
      {"a directory", dir.path.string(), "", Errc::invalid_argument},
      {"a device", "/dev/null", "", Errc::invalid_argument},
      {"no directory for the state", dir.file("log"), dir.file("none/state"), Errc::not_found},
      {"a state that is none", dir.file("log"), dir.file("bad-state"), Errc::malformed},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    TransportOptions options = at(c.path);
    options.state_path = c.state;
    const auto opened = find_transport("file")->open(io, options, lines);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, c.want) << opened.error().what;
    EXPECT_NE(opened.error().what.find(c.state.empty() ? c.path : c.state), std::string::npos);
  }
}

}  // namespace
}  // namespace nw::logs
