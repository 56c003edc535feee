#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

using Got = std::vector<std::string>;

// Puts a descriptor in the place of standard input for its own life.
class AsStdin {
 public:
  explicit AsStdin(int descriptor) : before_{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)} {
    if (::dup2(descriptor, STDIN_FILENO) < 0) std::abort();
    ::close(descriptor);
  }
  ~AsStdin() {
    if (before_ < 0)
      ::close(STDIN_FILENO);
    else
      ::dup2(before_, STDIN_FILENO);
    if (before_ >= 0) ::close(before_);
  }
  AsStdin(const AsStdin&) = delete;
  AsStdin& operator=(const AsStdin&) = delete;

 private:
  int before_;
};

struct StdinBench {
  void open() {
    auto opened = find_transport("stdin")->open(io, options, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
  }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }

  TransportOptions options;
  boost::asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
};

// What is said in the log, by its code.
class Heard {
 public:
  Heard() {
    set_log_sink([this](const LogLine& line) { codes.emplace_back(line.code); });
  }
  ~Heard() { set_log_sink({}); }
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  Got codes;
};

struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  }
  ~Pipe() { close(); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void write(const std::string& text) const {
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  int ends[2] = {-1, -1};
};

TEST(Stdin, LinesFromAPipeAndItsEnd) {
  Pipe pipe;
  const AsStdin as{pipe.ends[0]};
  Heard heard;
  StdinBench bench;
  bench.open();
  pipe.write("one\ntwo\r\n\nthr");
  ASSERT_TRUE(bench.wait(2));
  run_for(bench.io, std::chrono::milliseconds{30});
  EXPECT_EQ(bench.lines.all, (Got{"one", "two"}));
  pipe.write("ee\nlast words");
  ASSERT_TRUE(bench.wait(3));
  pipe.close();
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "three", "last words"}));
  EXPECT_FALSE(bench.lines.peer);
  EXPECT_EQ(bench.lines.places[0], 0U);
  EXPECT_EQ(bench.transport->counters().lines, 4U);
  EXPECT_EQ(bench.transport->counters().bytes, 26U);
  // It stays as it is, without a handler that turns round and round.
  bench.io.restart();
  EXPECT_EQ(bench.io.run(), 0U);
  EXPECT_EQ(heard.codes, (Got{"stdin_ended"}));
  bench.transport->stop();
  EXPECT_EQ(bench.lines.all.size(), 4U);
}

TEST(Stdin, TheSharedDescriptionStaysAsItIs) {
  Pipe pipe;
  const AsStdin as{pipe.ends[0]};
  StdinBench bench;
  bench.open();
  pipe.write("one\n");
  ASSERT_TRUE(bench.wait(1));
  run_for(bench.io, std::chrono::milliseconds{20});
  EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
  bench.transport->stop();
  EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
}

TEST(Stdin, AFileInBoundedTurns) {
  TempDir dir;
  const std::string path = dir.file("in");
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "line " + std::to_string(i) + '\n';
  append(path, text + "no end");
  const AsStdin as{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  StdinBench bench;
  bench.open();
  EXPECT_TRUE(bench.lines.all.empty());  // not before the io_context runs
  std::size_t others = 0, most = 0, before = 0;
  const std::function<void()> other = [&] {
    ++others;
    most = std::max(most, bench.lines.all.size() - before);
    before = bench.lines.all.size();
    if (before < 40'001) boost::asio::post(bench.io, other);
  };
  boost::asio::post(bench.io, other);
  ASSERT_TRUE(bench.wait(40'001));
  EXPECT_EQ(bench.lines.all[39'999], "line 39999");
  EXPECT_EQ(bench.lines.all[40'000], "no end");
  EXPECT_GT(others, text.size() / (64 * 1024) - 1);
  EXPECT_LE(most, 64U * 1024 / 7);  // a turn's bytes, in the shortest of the lines
  EXPECT_EQ(bench.transport->counters().bytes, text.size() + 6);
}

TEST(Stdin, WhatNeverWaits) {
  const AsStdin as{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  Heard heard;
  StdinBench bench;
  bench.open();
  ASSERT_TRUE(run_until(bench.io, [&] { return !heard.codes.empty(); }));
  EXPECT_EQ(heard.codes, (Got{"stdin_ended"}));
  EXPECT_TRUE(bench.lines.all.empty());
}

TEST(Stdin, ASocket) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const AsStdin as{ends[0]};
  StdinBench bench;
  bench.open();
  ASSERT_EQ(::send(ends[1], "one\ntwo\n", 8, 0), 8);
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two"}));
  EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
  ::close(ends[1]);
}

// Two who share it: what one of them takes does not make the other stand still.
TEST(Stdin, SomebodyElseMayBeQuicker) {
  Pipe pipe;
  const AsStdin as{pipe.ends[0]};
  StdinBench bench;
  bench.open();
  bench.lines.room = false;
  pipe.write("stolen\n");
  run_for(bench.io, std::chrono::milliseconds{20});  // it has seen that there is something, and waits for room
  char taken[16];
  ASSERT_EQ(::read(STDIN_FILENO, taken, sizeof taken), 7);
  bench.lines.room = true;
  run_for(bench.io, std::chrono::milliseconds{50});  // would hang here
  EXPECT_TRUE(bench.lines.all.empty());
  pipe.write("mine\n");
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.all, (Got{"mine"}));
}

TEST(Stdin, WaitsForRoom) {
  Pipe pipe;
  const AsStdin as{pipe.ends[0]};
  StdinBench bench;
  bench.lines.room = false;
  bench.open();
  pipe.write("one\n");
  run_for(bench.io, std::chrono::milliseconds{40});
  EXPECT_TRUE(bench.lines.all.empty());
  bench.lines.room = true;
  ASSERT_TRUE(bench.wait(1));
}

TEST(Stdin, TooLong) {
  Pipe pipe;
  const AsStdin as{pipe.ends[0]};
  StdinBench bench;
  bench.options.line_bytes_max = 10;
  bench.open();
  pipe.write(std::string(50, 'a') + "\nshort\n");
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{std::string(10, 'a'), "short"}));
  EXPECT_EQ(bench.transport->counters().too_long, 1U);
}

TEST(Stdin, StopHandsOverWhatIsHeldAndNothingLater) {
  Pipe pipe;
  const AsStdin as{pipe.ends[0]};
  StdinBench bench;
  bench.open();
  pipe.write("one\nhalf");
  ASSERT_TRUE(bench.wait(1));
  run_for(bench.io, std::chrono::milliseconds{20});
  bench.transport->stop();
  EXPECT_EQ(bench.lines.all, (Got{"one", "half"}));
  pipe.write("late\n");
  run_for(bench.io, std::chrono::milliseconds{30});
  bench.transport->stop();
  bench.transport.reset();
  run_for(bench.io, std::chrono::milliseconds{20});
  EXPECT_EQ(bench.lines.all.size(), 2U);
}

TEST(Stdin, OnlyOnce) {
  Pipe pipe;
  const AsStdin as{pipe.ends[0]};
  StdinBench bench;
  bench.open();
  const auto second = find_transport("stdin")->open(bench.io, {}, bench.lines);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::in_use);
  bench.transport.reset();
  bench.open();  // the place is free again
  pipe.write("one\n");
  ASSERT_TRUE(bench.wait(1));
}

TEST(Stdin, Refuses) {
  StdinBench bench;
  const auto path = find_transport("stdin")->open(bench.io, at("/var/log/syslog"), bench.lines);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, Errc::invalid_argument);
  boost::asio::steady_timer timer{bench.io};  // or Asio's own descriptors would come to stand there
  const int before = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  ::close(STDIN_FILENO);
  const auto closed = find_transport("stdin")->open(bench.io, {}, bench.lines);
  if (before >= 0) {
    ::dup2(before, STDIN_FILENO);
    ::close(before);
  }
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, Errc::not_found);
}

}  // namespace
}  // namespace nw::logs
