// What is safe, what is kept of it, and what comes again after a kill.
#include <csignal>
#include <random>
#include <sys/wait.h>
#include <unordered_map>

#include "unit/ingest/logs/transports/file_tail_test_support.h"

namespace nw::logs {
namespace {

std::uint64_t kept_offset(const TailBench& bench) {
  const auto state = load_tail_state(bench.options.state_path, bench.log);
  return state && *state && !(*state)->files.empty() ? (*state)->files.back().offset : 0;
}

TEST(FileTailDurable, OnlyWhatIsSafe) {
  TailBench bench;
  bench.lines.safe_lines = 0;
  append(bench.log, "one\ntwo\n");
  bench.open();
  ASSERT_TRUE(bench.wait(2));
  append(bench.log, "three\n");
  ASSERT_TRUE(bench.wait(3));
  run_for(bench.io, std::chrono::milliseconds{1200});
  EXPECT_EQ(kept_offset(bench), 0U);
  bench.lines.safe_lines = 2;
  ASSERT_TRUE(run_until(bench.io, [&] { return kept_offset(bench) == 8; }));
  bench.close();
  EXPECT_EQ(kept_offset(bench), 8U);
  bench.open();
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "three", "three"}));
  EXPECT_EQ(bench.lines.places[2], bench.lines.places[3]);
  EXPECT_EQ(bench.different_places(), 3U);
  bench.lines.safe_lines = SIZE_MAX;
  bench.close();  // looks once more
  EXPECT_EQ(kept_offset(bench), 14U);
}

// It was empty when all was saved last: what it begins with is on disk before its first line goes on, or a kill right
// then would give its lines other places.
TEST(FileTailDurable, KnownBeforeItsFirstLineGoesOn) {
  TailBench bench;
  bench.lines.safe_lines = 0;
  append(bench.log, "");
  bench.open();
  run_for(bench.io, std::chrono::milliseconds{500});
  append(bench.log, "one\n");
  ASSERT_TRUE(bench.wait(1));
  const auto state = load_tail_state(bench.options.state_path, bench.log);
  ASSERT_TRUE(state && *state && (*state)->files.size() == 1);
  EXPECT_EQ((*state)->files.front().head, print_of("one\n"));
  EXPECT_EQ((*state)->files.front().offset, 0U);
}

// Thousands of turns before anything is safe: what is remembered is bounded, and the last of it counts.
TEST(FileTailDurable, ManyTurnsBeforeAnythingIsSafe) {
  TailBench bench;
  bench.lines.safe_lines = 0;
  append(bench.log, "0\n");
  bench.open();
  for (std::size_t i = 1; i <= 300; ++i) {
    ASSERT_TRUE(bench.wait(i));
    append(bench.log, "line\n");
  }
  ASSERT_TRUE(bench.wait(301));
  bench.lines.safe_lines = 20;
  ASSERT_TRUE(run_until(bench.io, [&] { return kept_offset(bench) != 0; }));
  EXPECT_LE(kept_offset(bench), 2U + 19 * 5);
  bench.lines.safe_lines = SIZE_MAX;
  bench.close();
  EXPECT_EQ(kept_offset(bench), 2U + 300 * 5);
}

// A file is done with only when its last line is safe, whatever came behind it.
TEST(FileTailDurable, RotatedBeforeItWasSafe) {
  for (const bool compressed : {false, true}) {
    TailBench bench;
    bench.lines.safe_lines = 1;
    append(bench.log, "one, of some length\ntwo\n");
    bench.open();
    ASSERT_TRUE(bench.wait(2));
    fs::rename(bench.log, bench.log + ".1");
    append(bench.log, "three\n");
    ASSERT_TRUE(bench.wait(3));
    run_for(bench.io, std::chrono::milliseconds{1100});
    bench.close();
    if (compressed) compress(bench.log + ".1");
    bench.lines.safe_lines = SIZE_MAX;
    bench.open();
    ASSERT_TRUE(run_until(bench.io, [&] { return std::ranges::count(bench.lines.all, "three") == 2; }));
    EXPECT_EQ(bench.different_places(), 3U);
    bench.close();
    const auto before = bench.lines.all.size();
    bench.open();
    run_for(bench.io, std::chrono::milliseconds{1100});
    EXPECT_EQ(bench.lines.all.size(), before);
  }
}

TEST(FileTailDurable, PlacesDiffer) {
  TailBench bench;
  bench.options.address = bench.dir.file("*.log");
  for (const char* name : {"a.log", "b.log", "c.log"}) append(bench.dir.file(name), "same\nsame\n");
  bench.open();
  ASSERT_TRUE(bench.wait(6));
  fs::resize_file(bench.dir.file("a.log"), 0);
  run_for(bench.io, std::chrono::milliseconds{250});
  append(bench.dir.file("a.log"), "same\n");
  ASSERT_TRUE(bench.wait(7));
  EXPECT_EQ(bench.different_places(), 7U);
  EXPECT_EQ(std::ranges::count(bench.lines.places, 0U), 0);
}

TEST(FileTailDurable, WaitsForRoom) {
  TailBench bench;
  bench.lines.room = false;
  bench.lines.safe_lines = SIZE_MAX;
  append(bench.log, "one\n");
  bench.open();
  std::size_t handlers = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{1300};
  while (std::chrono::steady_clock::now() < end) {
    bench.io.restart();
    handlers += bench.io.run_for(std::chrono::milliseconds{100});
  }
  EXPECT_TRUE(bench.lines.all.empty());
  EXPECT_LT(handlers, 400U);  // each 10 ms, and the tick
  EXPECT_TRUE(fs::exists(bench.options.state_path));
  bench.lines.room = true;
  ASSERT_TRUE(bench.wait(1));
  bench.lines.room = false;
  append(bench.log, "two\n");
  run_for(bench.io, std::chrono::milliseconds{50});
  bench.close();
  EXPECT_EQ(bench.lines.all, (Got{"one"}));
}

TEST(FileTailDurable, ReadsTheStateOfBefore) {
  TailBench bench;
  append(bench.log, "one\ntwo\nthree\n");
  struct stat info {};
  ASSERT_EQ(::stat(bench.log.c_str(), &info), 0);
  const Print head = print_of("one\ntwo\n");
  append(bench.options.state_path,
         "normwatch-tail-1 " + std::to_string(info.st_ino) + " 8 8 " + std::to_string(head.hash) + " 0\n");
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  append(bench.log, "four\n");
  ASSERT_TRUE(bench.wait(2));
  bench.close();
  fs::rename(bench.log, bench.log + ".1");
  append(bench.log + ".1", "five\n");
  append(bench.log, "six\n");
  bench.open();
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{"three", "four", "five", "six"}));
}

// The inode of a file that was compressed is given to the next one, which begins with the same line.
TEST(FileTailDurable, InodeUsedAgain) {
  TailBench bench;
  const std::string header = "#Fields: a b c d e f g h\n";
  append(bench.log, header);
  bench.open();
  ASSERT_TRUE(bench.wait(1));
  bench.close();
  append(bench.log, "one\n");
  struct stat before {
  }, after{};
  ASSERT_EQ(::stat(bench.log.c_str(), &before), 0);
  next_file_time();
  fs::rename(bench.log, bench.log + ".1");
  compress(bench.log + ".1");
  append(bench.log, header + "two\n");
  ASSERT_EQ(::stat(bench.log.c_str(), &after), 0);
  bench.open();
  ASSERT_TRUE(bench.wait(4)) << (before.st_ino == after.st_ino ? "same inode" : "another");
  EXPECT_EQ(bench.lines.all,
            (Got{header.substr(0, header.size() - 1), "one", header.substr(0, header.size() - 1), "two"}));
  EXPECT_EQ(bench.different_places(), 4U);
}

// ---- kill -9, again and again, while a writer writes and rotates ----

constexpr int kLines = 12'000, kLinesPerFile = 500;

std::string line_of(int number) { return "line " + std::to_string(number) + " of the writer, which says nothing else"; }

enum class Rotation { rename, copy_truncate };

void rotate(const std::string& log, int count, Rotation how) {
  // Shifts all names by one, compresses what was rotated before (delaycompress), some of it with zstd.
  for (int i = count; i >= 1; --i)
    for (const std::string ending : {"", ".gz", ".zst"}) {
      const std::string from = log + "." + std::to_string(i) + ending;
      if (::access(from.c_str(), F_OK) == 0) fs::rename(from, log + "." + std::to_string(i + 1) + ending);
    }
  if (how == Rotation::rename) {
    fs::rename(log, log + ".1");
  } else {
    fs::copy_file(log, log + ".1");
    fs::resize_file(log, 0);
  }
  if (count >= 1) compress(log + ".2", count % 3 == 0 ? ".zst" : ".gz");
}

void write_lines(const std::string& log, Rotation how) {
  int rotations = 0;
  for (int i = 0; i < kLines; ++i) {
    append(log, line_of(i) + "\n");
    if (i % 10 == 0) ::usleep(3000);
    if (i % kLinesPerFile == kLinesPerFile - 1) rotate(log, rotations++, how);
  }
}

// Lines go to a file of their own as they come; they become safe late.
class Arrivals final : public LineSink {
 public:
  explicit Arrivals(const std::string& path)
      : file_{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)} {}
  void line(const ArrivedLine& line) override {
    const std::string text = std::to_string(line.place) + ' ' + std::string{line.text} + '\n';
    if (::write(file_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
    ++count_;
  }
  SinkMark mark() override { return {count_}; }
  bool safe(const SinkMark& mark) override { return mark.lines + 150 <= count_; }

 private:
  FileHandle file_;
  std::uint64_t count_ = 0;
};

std::unordered_map<std::string, std::set<std::uint64_t>> read_arrivals(const std::string& path) {
  std::unordered_map<std::string, std::set<std::uint64_t>> places;  // of each text
  std::ifstream in{path};
  std::uint64_t place = 0;
  for (std::string text; in >> place && in.ignore(1) && std::getline(in, text);) places[text].insert(place);
  return places;
}

void kill_again_and_again(Rotation how) {
  TailBench bench;
  const std::string arrivals = bench.kept.file("arrivals");
  const pid_t writer = ::fork();
  ASSERT_GE(writer, 0);
  if (writer == 0) {
    write_lines(bench.log, how);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  int status = 0, lives = 0;
  bool written = false;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{180};
  std::size_t arrived = 0;
  while (arrived < kLines && std::chrono::steady_clock::now() < end) {
    const pid_t tail = ::fork();
    ASSERT_GE(tail, 0);
    if (tail == 0) {
      Arrivals sink{arrivals};
      boost::asio::io_context io{1};
      const auto transport = find_transport("file")->open(io, bench.options, sink);
      if (!transport) ::_exit(3);
      io.run();
      ::_exit(4);
    }
    ++lives;
    // Once all is written, long lives: an old file is quiet for a while before it is left.
    ::usleep(written ? 8'000'000 : std::uniform_int_distribution<unsigned>{1'000, 700'000}(random));
    ASSERT_EQ(::kill(tail, SIGKILL), 0);
    ASSERT_EQ(::waitpid(tail, &status, 0), tail);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    if (!written) written = ::waitpid(writer, &status, WNOHANG) == writer;
    arrived = read_arrivals(arrivals).size();
  }
  if (!written) {
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
  }
  ASSERT_TRUE(WIFEXITED(status) || written);
  const auto places = read_arrivals(arrivals);
  std::set<std::uint64_t> all;
  int missing = 0, several = 0;
  for (int i = 0; i < kLines; ++i) {
    const auto found = places.find(line_of(i));
    if (found == places.end()) {
      if (missing++ < 5) ADD_FAILURE() << "missing: " << line_of(i);
      continue;
    }
    if (found->second.size() != 1 && several++ < 5) ADD_FAILURE() << "several places: " << line_of(i);
    all.insert(found->second.begin(), found->second.end());
  }
  EXPECT_EQ(places.size(), static_cast<std::size_t>(kLines)) << "other lines than were written";
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kLines))
      << missing << " missing, " << several << " with several places";
  EXPECT_FALSE(all.contains(0));
  ::testing::Test::RecordProperty("lives", lives);
}

TEST(FileTailDurable, KilledWhileRenamed) { kill_again_and_again(Rotation::rename); }
TEST(FileTailDurable, KilledWhileCopiedAndTruncated) { kill_again_and_again(Rotation::copy_truncate); }

}  // namespace
}  // namespace nw::logs
