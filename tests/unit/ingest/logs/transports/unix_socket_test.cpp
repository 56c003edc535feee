#include <boost/asio/local/datagram_protocol.hpp>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "base/yaml.h"
#include "ingest/logs/transports/table.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Local = asio::local::datagram_protocol;
using Got = std::vector<std::string>;

struct UnixBench {
  void open() {
    options.address = path;
    auto opened = find_transport("unix")->open(io, options, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
  }
  // Waits while the queue is full, as syslog(3) does.
  void send(const std::string& text) {
    Local::socket sender{io, Local{}};
    sender.connect(Local::endpoint{path});
    sender.send(asio::buffer(text));
  }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }

  TempDir dir;
  std::string path = dir.file("log");
  TransportOptions options;
  asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
};

unsigned mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
}

TEST(UnixSocket, EachDatagramIsALine) {
  UnixBench bench;
  bench.open();
  bench.send("<13>Jan  5 08:00:00 su: one");
  bench.send("two\r\n");
  bench.send("two\nlines");
  bench.send("");
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{"<13>Jan  5 08:00:00 su: one", "two", "two\nlines", ""}));
  EXPECT_FALSE(bench.lines.peer);
  EXPECT_EQ(bench.lines.places[0], 0U);
  EXPECT_EQ(bench.transport->port(), 0);
  EXPECT_EQ(bench.transport->counters().lines, 4U);
  EXPECT_EQ(bench.transport->counters().bytes, 27U + 5U + 9U);
  EXPECT_EQ(bench.transport->counters().kernel_dropped, 0U);
}

TEST(UnixSocket, LoggerOfBsdutils) {
  UnixBench bench;
  bench.open();
  const std::string command = "logger --socket '" + bench.path + "' --tag nwtest --priority auth.warning 'hello there'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  ASSERT_TRUE(bench.wait(1));
  EXPECT_TRUE(bench.lines.all[0].starts_with("<36>")) << bench.lines.all[0];
  EXPECT_TRUE(bench.lines.all[0].ends_with("nwtest: hello there")) << bench.lines.all[0];
}

TEST(UnixSocket, TooLong) {
  UnixBench bench;
  bench.options.line_bytes_max = 100;
  bench.open();
  bench.send(std::string(100, 'a'));
  bench.send(std::string(101, 'b'));
  bench.send(std::string(100'000, 'c'));
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{std::string(100, 'a'), std::string(100, 'b'), std::string(100, 'c')}));
  EXPECT_EQ(bench.lines.too_long, 2U);
  EXPECT_EQ(bench.transport->counters().too_long, 2U);
}

// Nothing is dropped: the kernel lets senders wait at net.unix.max_dgram_qlen.
TEST(UnixSocket, SendersWaitForRoom) {
  UnixBench bench;
  bench.lines.room = false;
  bench.open();
  Local::socket sender{bench.io, Local{}};
  sender.connect(Local::endpoint{bench.path});
  sender.non_blocking(true);
  std::size_t sent = 0;
  boost::system::error_code error;
  // The reading side runs as well, and must leave what is there.
  while (sent < 100'000 && !error) {
    sender.send(asio::buffer("x", 1), 0, error);
    if (!error) ++sent;
    if (sent % 8 == 0) run_for(bench.io, std::chrono::milliseconds{1});
  }
  EXPECT_EQ(error, asio::error::would_block);
  EXPECT_TRUE(bench.lines.all.empty());
  constexpr std::size_t kMore = 500;
  std::thread patient{[&] {
    for (std::size_t i = 0; i < kMore; ++i) bench.send("y");
  }};
  bench.lines.room = true;
  EXPECT_TRUE(bench.wait(sent + kMore));
  patient.join();
  EXPECT_EQ(bench.lines.all.size(), sent + kMore);
  EXPECT_EQ(bench.transport->counters().kernel_dropped, 0U);
}

TEST(UnixSocket, TheFilesMode) {
  const mode_t before = ::umask(0077);  // as the unit has it
  UnixBench bench;
  bench.open();
  EXPECT_EQ(mode_of(bench.path), 0666U);
  bench.transport->stop();
  EXPECT_FALSE(fs::exists(bench.path));
  bench.options.socket_mode = 0620;
  bench.open();
  EXPECT_EQ(mode_of(bench.path), 0620U);
  ::umask(before);
}

TEST(UnixSocket, NothingAfterStop) {
  UnixBench bench;
  bench.open();
  bench.send("early");
  bench.transport->stop();
  EXPECT_FALSE(fs::exists(bench.path));
  run_for(bench.io, std::chrono::milliseconds{50});
  EXPECT_TRUE(bench.lines.all.empty());
  bench.transport->stop();  // twice does no harm
  bench.transport.reset();
  run_for(bench.io, std::chrono::milliseconds{20});
}

TEST(UnixSocket, StopLeavesWhatIsNotItsOwn) {
  UnixBench bench;
  bench.open();
  fs::remove(bench.path);
  append(bench.path, "somebody else's");
  bench.transport->stop();
  EXPECT_TRUE(fs::exists(bench.path));
}

TEST(UnixSocket, AStaleSocketIsReplaced) {
  UnixBench bench;
  {
    Local::socket dead{bench.io, Local{}};
    dead.bind(Local::endpoint{bench.path});
  }
  ASSERT_TRUE(fs::is_socket(bench.path));
  bench.open();
  bench.send("alive");
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.all, (Got{"alive"}));
}

TEST(UnixSocket, Refuses) {
  UnixBench bench;
  const auto refused = [&](const std::string& path) {
    const auto opened = find_transport("unix")->open(bench.io, at(path), bench.lines);
    if (opened) return Error{Errc::io, "it was opened"};
    EXPECT_NE(opened.error().what.find(path), std::string::npos) << opened.error().what;
    return opened.error();
  };
  bench.open();
  EXPECT_EQ(refused(bench.path).code, Errc::in_use);
  bench.send("still there");
  ASSERT_TRUE(bench.wait(1));

  // A stream socket that is listened on is somebody's, too.
  const std::string stream = bench.dir.file("stream");
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  stream.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  EXPECT_EQ(refused(stream).code, Errc::in_use);
  ::close(listener);

  const std::string file = bench.dir.file("file");
  append(file, "text");
  EXPECT_EQ(refused(file).code, Errc::invalid_argument);
  EXPECT_TRUE(fs::exists(file));
  fs::create_symlink(bench.path, bench.dir.file("link"));
  EXPECT_EQ(refused(bench.dir.file("link")).code, Errc::invalid_argument);
  EXPECT_EQ(refused(bench.dir.file("no/log")).code, Errc::not_found);
  EXPECT_EQ(refused(file + "/log").code, Errc::not_found);
  EXPECT_EQ(refused("/tmp/" + std::string(120, 'p')).code, Errc::invalid_argument);
  EXPECT_EQ(refused("").code, Errc::invalid_argument);
}

TEST(UnixSocket, ReadsItsKeys) {
  static constexpr struct {
    const char* name;
    const char* yaml;
    std::uint32_t mode;
    std::size_t errors;
  } kCases[] = {
      {"default", "path: /run/log", 0666, 0},
      {"text", "{path: /run/log, mode: '0660'}", 0660, 0},
      {"plain", "{path: /run/log, mode: 0660}", 0660, 0},
      {"short", "{path: /run/log, mode: '600'}", 0600, 0},
      {"no path", "mode: '0660'", 0660, 1},
      {"no octal", "{path: /run/log, mode: '0668'}", 0, 1},
      {"too many bits", "{path: /run/log, mode: '4666'}", 0, 1},
      {"words", "{path: /run/log, mode: rw}", 0, 1},
      {"negative", "{path: /run/log, mode: '-1'}", 0, 1},
      {"a key of others", "{path: /run/log, listen: a}", 0666, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    const auto nodes = parse_yaml(c.yaml, "test.yaml", diagnostics);
    ASSERT_EQ(nodes.size(), 1U);
    TransportOptions options;
    YamlMap map{nodes[0], "a source", "test.yaml", diagnostics};
    read_unix(map, options);
    map.finish();
    EXPECT_EQ(diagnostics.errors(), c.errors);
    if (c.errors == 0) {
      EXPECT_EQ(options.address, "/run/log");
      EXPECT_EQ(options.socket_mode, c.mode);
    }
  }
}

}  // namespace
}  // namespace nw::logs
