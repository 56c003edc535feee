// What rotation does to a file, while we look and while we do not.
#include <sys/wait.h>

#include "unit/ingest/logs/transports/file_tail_test_support.h"

namespace nw::logs {
namespace {

// Long enough for the fingerprints to tell files apart.
std::string numbered(int from, int to, const std::string& what = "line") {
  std::string out;
  for (int i = from; i < to; ++i) out += what + " " + std::to_string(i) + " of a log that says something\n";
  return out;
}
Got split_lines(const std::string& text) {
  Got out;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    out.push_back(text.substr(at, end - at));
  return out;
}

// Reads some, stops; the rest comes and rotation happens while we are off; then reads on.
struct WhileOff {
  const char* name;
  void (*rotate)(const std::string& log);
};

const WhileOff kWhileOff[] = {
    {"renamed", [](const std::string& log) { fs::rename(log, log + ".1"); }},
    {"renamed, dated", [](const std::string& log) { fs::rename(log, log + "-20240131"); }},
    {"gzip",
     [](const std::string& log) {
       fs::rename(log, log + ".1");
       compress(log + ".1");
     }},
    {"gzip, shifted",
     [](const std::string& log) {
       fs::rename(log, log + ".1");
       compress(log + ".1");
       fs::rename(log + ".1.gz", log + ".7.gz");
     }},
    {"gzip, dated",
     [](const std::string& log) {
       fs::rename(log, log + "-2024013112");
       compress(log + "-2024013112");
     }},
    {"zstd",
     [](const std::string& log) {
       fs::rename(log, log + ".1");
       compress(log + ".1", ".zst");
     }},
    {"xz",
     [](const std::string& log) {
       fs::rename(log, log + ".1");
       compress(log + ".1", ".xz");
     }},
    {"bzip2, dated",
     [](const std::string& log) {
       fs::rename(log, log + "-20240131");
       compress(log + "-20240131", ".bz2");
     }},
    {"copied and truncated",
     [](const std::string& log) {
       fs::copy_file(log, log + ".1");
       fs::resize_file(log, 0);
     }},
    {"copied, truncated, gzip",
     [](const std::string& log) {
       fs::copy_file(log, log + ".1");
       fs::resize_file(log, 0);
       compress(log + ".1");
     }},
};

TEST(FileTailRotation, WhileOff) {
  for (const WhileOff& c : kWhileOff) {
    for (const int read_before : {2, 200}) {
      SCOPED_TRACE(c.name + (" " + std::to_string(read_before)));
      TailBench bench;
      append(bench.log, numbered(0, read_before));
      bench.open();
      ASSERT_TRUE(bench.wait(static_cast<std::size_t>(read_before)));
      bench.close();
      append(bench.log, numbered(read_before, 300));
      next_file_time();
      c.rotate(bench.log);
      append(bench.log, numbered(300, 320));
      bench.open();
      ASSERT_TRUE(bench.wait(320));
      run_for(bench.io, std::chrono::milliseconds{20});
      EXPECT_EQ(bench.lines.all, split_lines(numbered(0, 320)));
      EXPECT_EQ(bench.different_places(), 320U);
      EXPECT_EQ(bench.transport->counters().rotated, 1U);
    }
  }
}

// Three rotations while we were off: each is read, in order, whatever it was compressed with.
TEST(FileTailRotation, ChainWhileOff) {
  for (const bool dated : {false, true}) {
    SCOPED_TRACE(dated);
    TailBench bench;
    append(bench.log, numbered(0, 50, "old"));  // rotated before we came: not ours to read
    next_file_time();
    fs::rename(bench.log, bench.log + (dated ? "-20240101" : ".4"));
    next_file_time();
    append(bench.log, numbered(0, 50));
    bench.open();
    ASSERT_TRUE(bench.wait(50));
    bench.close();
    const auto name = [&](int i) {
      return bench.log + (dated ? "-2024010" + std::to_string(i + 1) : "." + std::to_string(4 - i));
    };
    for (int i = 1; i <= 3; ++i) {
      append(bench.log, numbered(i * 100 - 50, i * 100 + 50));
      next_file_time();
      fs::rename(bench.log, name(i));
      next_file_time();
    }
    compress(name(0), ".gz");
    compress(name(1), ".gz");
    compress(name(2), ".zst");
    append(bench.log, numbered(350, 360));
    if (!dated) fs::rename(bench.log + ".4.gz", bench.log + ".5.gz");
    if (!dated) fs::rename(bench.log + ".3.gz", bench.log + ".4.gz");
    bench.open();
    ASSERT_TRUE(bench.wait(360));
    run_for(bench.io, std::chrono::milliseconds{250});
    EXPECT_EQ(bench.lines.all, split_lines(numbered(0, 360)));
    EXPECT_EQ(bench.different_places(), 360U);
    EXPECT_EQ(bench.transport->counters().rotated, 3U);
  }
}

TEST(FileTailRotation, SeveralBetweenTwoLooks) {
  TailBench bench;
  append(bench.log, numbered(0, 10));
  bench.open();
  ASSERT_TRUE(bench.wait(10));
  // No turn in between.
  append(bench.log, numbered(10, 20));
  next_file_time();
  fs::rename(bench.log, bench.log + ".2");
  append(bench.log, numbered(20, 30));
  next_file_time();
  fs::rename(bench.log, bench.log + ".1");
  compress(bench.log + ".2");
  compress(bench.log + ".1");
  append(bench.log, numbered(30, 40));
  ASSERT_TRUE(bench.wait(40));
  EXPECT_EQ(bench.lines.all, split_lines(numbered(0, 40)));
}

TEST(FileTailRotation, CopyTruncateWhileBehind) {
  TailBench bench;
  append(bench.log, numbered(0, 10));
  bench.open();
  ASSERT_TRUE(bench.wait(10));
  append(bench.log, numbered(10, 20));
  fs::copy_file(bench.log, bench.log + ".1");
  fs::resize_file(bench.log, 0);
  append(bench.log, numbered(20, 50));  // longer than before
  ASSERT_TRUE(bench.wait(50));
  EXPECT_EQ(bench.lines.all, split_lines(numbered(0, 50)));
  EXPECT_EQ(bench.different_places(), 50U);
}

// A rotated file of which nothing goes on is said to be lost, also when only what looks like its packing is there.
TEST(FileTailRotation, SaysWhatItDidNotFind) {
  for (const std::string ending : {"", ".gz", ".xz", ".bz2"}) {
    SCOPED_TRACE(ending);
    LoggedCodes logged;
    TailBench bench;
    append(bench.log, numbered(0, 50));
    bench.open();
    ASSERT_TRUE(bench.wait(50));
    bench.close();
    next_file_time();
    fs::remove(bench.log);
    if (ending == ".gz") append(bench.log + ".1.gz", std::string{"\x1f\x8b\x08"} + std::string(100, '\xff'));
    if (ending == ".xz") append(bench.log + ".1.xz", std::string{"\xfd\x37zXZ\0", 6} + std::string(100, 'x'));
    if (ending == ".bz2") append(bench.log + ".1.bz2", "BZh91AY&SY" + std::string(100, 'x'));
    append(bench.log, numbered(50, 60));
    bench.open();
    ASSERT_TRUE(bench.wait(60));
    EXPECT_EQ(bench.lines.all, split_lines(numbered(0, 60)));
    EXPECT_EQ(logged.count("file_rotated_away"), 1);
    EXPECT_TRUE(logged.names(std::to_string(numbered(0, 50).size())));  // the offset
    EXPECT_EQ(logged.count("file_compressed_damaged"), ending.empty() ? 0 : 1);
  }
}

// Such as W3C, CSV and Zeek files: the first lines are the same in all, and say nothing of which it is.
TEST(FileTailRotation, SameHeaderIsNotTheSameFile) {
  const std::string header = "#Software: X\n" + std::string(1100, '#') + "\n#Fields: a b c\n";
  for (const bool compressed : {false, true}) {
    SCOPED_TRACE(compressed);
    TailBench bench;
    append(bench.log + ".2", header + numbered(0, 40, "older"));
    if (compressed) compress(bench.log + ".2");
    next_file_time();
    append(bench.log, header + numbered(0, 30));
    bench.open();
    ASSERT_TRUE(bench.wait(33));
    bench.close();
    append(bench.log, numbered(30, 40));
    next_file_time();
    fs::rename(bench.log, bench.log + ".1");
    if (compressed) compress(bench.log + ".1");
    append(bench.log, header + numbered(0, 50, "newer"));
    bench.open();
    ASSERT_TRUE(bench.wait(96));
    run_for(bench.io, std::chrono::milliseconds{250});
    EXPECT_EQ(bench.lines.all, split_lines(header + numbered(0, 40) + header + numbered(0, 50, "newer")));
    EXPECT_EQ(bench.different_places(), 96U);
  }
}

// Only the header was read; then lines came and all was rotated, and nothing but times tells which file it was.
TEST(FileTailRotation, OnlyTheHeaderWasRead) {
  const std::string header = "#Fields: date time c-ip cs-method\n";
  TailBench bench;
  append(bench.log + ".1", header + numbered(0, 40, "older"));
  next_file_time();
  append(bench.log, header);
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  bench.close();
  append(bench.log, numbered(0, 10));
  next_file_time();
  fs::rename(bench.log + ".1", bench.log + ".2");
  fs::rename(bench.log, bench.log + ".1");
  compress(bench.log + ".1");
  compress(bench.log + ".2");
  append(bench.log, header + numbered(0, 5, "newer"));
  bench.open();
  ASSERT_TRUE(bench.wait(17));
  run_for(bench.io, std::chrono::milliseconds{250});
  EXPECT_EQ(bench.lines.all, split_lines(header + numbered(0, 10) + header + numbered(0, 5, "newer")));
}

TEST(FileTailRotation, ShortFingerprintGrows) {
  TailBench bench;
  append(bench.log, "a\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  std::string all = "a\n";
  for (int i = 0; i < 40; ++i) {
    const std::string line = "line " + std::to_string(i) + std::string(60, 'x') + "\n";
    append(bench.log, line);
    all += line;
    if (i % 7 == 0) {
      bench.close();
      bench.open();
    }
    ASSERT_TRUE(bench.wait(static_cast<std::size_t>(i) + 2));
  }
  EXPECT_EQ(bench.lines.all, split_lines(all));
  EXPECT_EQ(bench.transport->counters().rotated, 0U);
}

// rsync makes a new file each time, of the same bytes and more.
TEST(FileTailRotation, ReplacedByACopyOfItself) {
  TailBench bench;
  append(bench.log, numbered(0, 100));
  bench.open();
  ASSERT_TRUE(bench.wait(100));
  for (int i = 1; i <= 2; ++i) {
    append(bench.log + "~", numbered(0, 100 + i * 10));
    fs::rename(bench.log + "~", bench.log);
    ASSERT_TRUE(bench.wait(static_cast<std::size_t>(100 + i * 10)));
    run_for(bench.io, std::chrono::milliseconds{1100});
  }
  EXPECT_EQ(bench.lines.all, split_lines(numbered(0, 120)));
}

TEST(FileTailRotation, HalfALineGoesOnInTheCompressedFile) {
  TailBench bench;
  append(bench.log, numbered(0, 30) + "half");
  bench.open();
  ASSERT_TRUE(bench.wait(30));
  bench.close();
  append(bench.log, " a line\n");
  fs::rename(bench.log, bench.log + ".1");
  compress(bench.log + ".1");
  append(bench.log, "next\n");
  bench.open();
  ASSERT_TRUE(bench.wait(32));
  EXPECT_EQ(bench.lines.all, split_lines(numbered(0, 30) + "half a line\nnext\n"));
}

// Large: passed over, and read, in turns.
TEST(FileTailRotation, LargeCompressedFile) {
  TailBench bench;
  const std::string first = numbered(0, 20'000), rest = numbered(20'000, 60'000);
  append(bench.log, first);
  bench.open();
  ASSERT_TRUE(bench.wait(20'000));
  bench.close();
  append(bench.log, rest);
  fs::rename(bench.log, bench.log + ".1");
  compress(bench.log + ".1");
  append(bench.log, "next\n");
  bench.open();
  ASSERT_TRUE(bench.wait(60'001));
  EXPECT_EQ(bench.lines.all, split_lines(first + rest + "next\n"));
  EXPECT_EQ(bench.different_places(), 60'001U);
}

TEST(FileTailRotation, DamagedCompressedFile) {
  LoggedCodes logged;
  TailBench bench;
  append(bench.log, numbered(0, 30));
  bench.open();
  ASSERT_TRUE(bench.wait(30));
  bench.close();
  append(bench.log, numbered(30, 3000));
  fs::rename(bench.log, bench.log + ".1");
  compress(bench.log + ".1");
  std::string packed = contents(bench.log + ".1.gz");
  packed[packed.size() - 5] = static_cast<char>(~packed[packed.size() - 5]);  // the checksum, RFC 1952 2.3.1
  std::ofstream{bench.log + ".1.gz", std::ios::trunc | std::ios::binary} << packed;
  append(bench.log, "next\n");
  bench.open();
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.lines.all.back() == "next"; }));
  EXPECT_EQ(logged.count("file_compressed_damaged"), 1);
}

TEST(FileTailRotation, Logrotate) {
  if (::access("/usr/sbin/logrotate", X_OK) != 0) GTEST_SKIP() << "logrotate is not installed (Debian: logrotate)";
  for (const std::string how :
       {"compress", "copytruncate\n compress\n delaycompress", "compress\n dateext\n dateformat -%Y%m%d-%s"}) {
    for (const bool running : {true, false}) {
      SCOPED_TRACE(how + (running ? " running" : " off"));
      TailBench bench;
      bench.log = bench.options.address = bench.dir.file("app.log");
      append(bench.kept.file("conf"),
             bench.log + " {\n rotate 20\n missingok\n nocreate\n su root root\n " + how + "\n}\n");
      fs::permissions(bench.kept.file("conf"), fs::perms::owner_read | fs::perms::owner_write);
      const std::string command =
          "/usr/sbin/logrotate -f -s " + bench.kept.file("rotate-state") + " " + bench.kept.file("conf");
      if (running) bench.open();
      for (int i = 0; i < 2; ++i) {
        append(bench.log, numbered(i * 100, i * 100 + 50));
        if (!running) bench.open();
        ASSERT_TRUE(bench.wait(static_cast<std::size_t>(i) * 100 + 50));
        if (!running) bench.close();
        append(bench.log, numbered(i * 100 + 50, i * 100 + 100));
        if (how.find("dateext") != std::string::npos) ::usleep(1'100'000);  // its names go by the second
        next_file_time();
        const int status = std::system(command.c_str());
        ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << how;
      }
      append(bench.log, numbered(200, 210));
      if (!running) bench.open();
      ASSERT_TRUE(bench.wait(210));
      run_for(bench.io, std::chrono::milliseconds{250});
      EXPECT_EQ(bench.lines.all, split_lines(numbered(0, 210)));
      EXPECT_EQ(bench.different_places(), 210U);
    }
  }
}

}  // namespace
}  // namespace nw::logs
