#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <set>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/ingest/capture/capture_test_support.h"

namespace nw::capture {
namespace {

using namespace std::chrono_literals;

LiveOptions on_loopback(const std::string& filter) {
  LiveOptions options;
  options.interface = "lo";
  options.filter = filter;
  options.buffer_bytes = 4U << 20;
  return options;
}

// Skips the test only where the privilege is what is missing.
#define NW_OPEN_OR_SKIP(name, options)                                     \
  auto name##_opened = open_live(options);                                 \
  if (!name##_opened && name##_opened.error().code == Errc::no_permission) \
    GTEST_SKIP() << "needs CAP_NET_RAW: " << name##_opened.error().what;   \
  ASSERT_TRUE(name##_opened) << name##_opened.error().what;                \
  PacketSource& name = **name##_opened

struct Sender {
  // From 127.0.0.`from` and a port of the kernel's choice.
  void send(std::uint16_t port, const std::string& text, std::uint32_t from = 1) {
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffU) | from);
    sockaddr bound{};
    std::memcpy(&bound, &at, sizeof at);
    EXPECT_EQ(::bind(socket, &bound, sizeof at), 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr any{};
    std::memcpy(&any, &to, sizeof to);
    EXPECT_EQ(::sendto(socket, text.data(), text.size(), 0, &any, sizeof to), static_cast<ssize_t>(text.size()));
    ::close(socket);
  }
};

// Reads until `enough` or the time is up.
template <class Enough>
void pump(std::initializer_list<PacketSource*> sources, FunctionRef<void(const Packet&)> take, Enough enough) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!enough() && std::chrono::steady_clock::now() < end) {
    for (PacketSource* source : sources) {
      pollfd wait{source->descriptor(), POLLIN, 0};
      (void)::poll(&wait, 1, 20);
      const auto got = source->read(64, take);
      ASSERT_TRUE(got) << got.error().what;
    }
  }
}

// The text behind Ethernet, IPv4 and UDP headers.
std::string payload(const Packet& packet) {
  constexpr std::size_t kHeaders = 14 + 20 + 8;
  if (packet.data.size() < kHeaders) return {};
  const Bytes rest = packet.data.subspan(kHeaders);
  return {reinterpret_cast<const char*>(rest.data()), rest.size()};
}

TEST(LiveSource, SeesLoopbackTraffic) {
  NW_OPEN_OR_SKIP(source, on_loopback("udp dst port 39871"));
  EXPECT_FALSE(source.at_end());
  EXPECT_GE(source.descriptor(), 0);
  const auto before = std::chrono::system_clock::now();
  Sender{}.send(39871, "hello capture");
  Sender{}.send(39872, "not for the filter");
  std::vector<std::string> seen;
  Timestamp time{};
  std::uint32_t wire = 0;
  const auto end = std::chrono::steady_clock::now() + 500ms;
  pump(
      {&source},
      [&](const Packet& packet) {
        seen.push_back(payload(packet));
        time = packet.time;
        wire = packet.wire_bytes;
        EXPECT_EQ(packet.link_type, 1);
      },
      [&] { return !seen.empty() && std::chrono::steady_clock::now() > end; });
  // Loopback shows a packet as it leaves and as it arrives; libpcap leaves one of the two out.
  EXPECT_EQ(seen, std::vector<std::string>{"hello capture"});
  EXPECT_EQ(wire, 14U + 20U + 8U + 13U);
  EXPECT_GE(time, before - 1s);
  EXPECT_LE(time, std::chrono::system_clock::now() + 1s);
  EXPECT_EQ(source.counters().packets, seen.size());
  EXPECT_EQ(source.counters().kernel_dropped, 0U);
}

TEST(LiveSource, ReadsNothingWhenNothingIsThere) {
  NW_OPEN_OR_SKIP(source, on_loopback("udp dst port 39879"));
  const auto got = source.read(10, [](const Packet&) { FAIL(); });
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, 0U);
}

TEST(LiveSource, SnaplenCutsAndCounts) {
  LiveOptions options = on_loopback("udp dst port 39873");
  options.snaplen_bytes = 64;
  NW_OPEN_OR_SKIP(source, options);
  Sender{}.send(39873, std::string(500, 'x'));
  std::size_t seen = 0;
  pump(
      {&source},
      [&](const Packet& packet) {
        ++seen;
        EXPECT_EQ(packet.data.size(), 64U);
        EXPECT_EQ(packet.wire_bytes, 542U);
      },
      [&] { return seen >= 1; });
  EXPECT_GE(seen, 1U);
  EXPECT_EQ(source.counters().cut, seen);
}

// Two handles in one group: each packet reaches exactly one of them, and both get some. The same addresses always go to
// the same one, whatever the ports.
TEST(LiveSource, FanOutSharesEveryPacketOnce) {
  LiveOptions options = on_loopback("udp dst port 39874");
  options.fanout_group = static_cast<std::uint16_t>(::getpid() % 65'000 + 1);
  NW_OPEN_OR_SKIP(a, options);
  NW_OPEN_OR_SKIP(b, options);
  constexpr std::size_t kSent = 200;
  constexpr std::uint32_t kHosts = 20;
  for (std::size_t i = 0; i < kSent; ++i) {
    Sender{}.send(39874, "number " + std::to_string(i), static_cast<std::uint32_t>(1 + i % kHosts));
  }
  std::multiset<std::string> seen;
  std::multiset<std::string> of_a;
  const auto take = [&](const Packet& packet) { seen.insert(payload(packet)); };
  const auto take_a = [&](const Packet& packet) { of_a.insert(payload(packet)); };
  pump({&b}, take, [&] { return b.counters().packets > 0 && seen.size() >= b.counters().packets; });
  pump({&a}, take_a, [&] { return seen.size() + of_a.size() >= kSent; });
  seen.insert(of_a.begin(), of_a.end());
  // A packet that came twice would come late: give it the time of two ring blocks.
  const auto end = std::chrono::steady_clock::now() + 300ms;
  pump({&a, &b}, take, [&] { return std::chrono::steady_clock::now() > end; });
  EXPECT_EQ(seen.size(), kSent);
  for (std::size_t i = 0; i < kSent; ++i) EXPECT_EQ(seen.count("number " + std::to_string(i)), 1U) << i;
  EXPECT_GT(a.counters().packets, 0U);
  EXPECT_GT(b.counters().packets, 0U);
  for (std::size_t i = 0; i < kSent; ++i) {
    const auto here = of_a.count("number " + std::to_string(i));
    EXPECT_EQ(here, of_a.count("number " + std::to_string(i % kHosts))) << i;
  }
}

TEST(LiveSource, DropsAreCounted) {
  LiveOptions options = on_loopback("udp dst port 39875");
  options.buffer_bytes = 256 * 1024;
  NW_OPEN_OR_SKIP(source, options);
  constexpr std::size_t kSent = 3000;
  for (std::size_t i = 0; i < kSent; ++i) Sender{}.send(39875, std::string(1000, 'x'));
  std::size_t seen = 0;
  const auto end = std::chrono::steady_clock::now() + 500ms;
  pump(
      {&source}, [&](const Packet&) { ++seen; }, [&] { return std::chrono::steady_clock::now() > end; });
  const CaptureCounters counters = source.counters();
  EXPECT_GT(counters.kernel_dropped, 0U);
  EXPECT_EQ(counters.packets, seen);
  EXPECT_GE(counters.packets + counters.kernel_dropped, kSent);
}

TEST(LiveSource, RefusesABadFilter) {
  const auto source = open_live(on_loopback("port eighty and"));
  ASSERT_FALSE(source);
  if (source.error().code == Errc::no_permission) GTEST_SKIP() << "needs CAP_NET_RAW: " << source.error().what;
  EXPECT_EQ(source.error().code, Errc::invalid_argument);
  EXPECT_NE(source.error().what.find("port eighty and"), std::string::npos);
}

TEST(LiveSource, NamesTheInterfacesThatAreThere) {
  LiveOptions options;
  options.interface = "nosuch0";
  const auto source = open_live(options);
  ASSERT_FALSE(source);
  if (source.error().code == Errc::no_permission) GTEST_SKIP() << "needs CAP_NET_RAW: " << source.error().what;
  EXPECT_EQ(source.error().code, Errc::not_found);
  EXPECT_NE(source.error().what.find("'nosuch0'"), std::string::npos);
  EXPECT_NE(source.error().what.find(" lo"), std::string::npos);
}

// An interface that goes away while it is captured is an error, not silence. In a network namespace of its own, so that
// the machine's network is left alone.
constexpr int kNoPrivilege = 77;

[[noreturn]] void watch_an_interface_go() {
  if (::unshare(CLONE_NEWNET) != 0) std::_Exit(kNoPrivilege);
  if (std::system("ip link add nwtest0 type veth peer name nwtest1 && ip link set nwtest0 up") != 0)
    std::_Exit(kNoPrivilege);
  LiveOptions options;
  options.interface = "nwtest0";
  options.buffer_bytes = 1U << 20;
  auto opened = open_live(options);
  if (!opened) std::_Exit(1);
  if (std::system("ip link del nwtest0") != 0) std::_Exit(2);
  const auto end = std::chrono::steady_clock::now() + 5s;
  while (std::chrono::steady_clock::now() < end) {
    const auto got = (*opened)->read(10, [](const Packet&) {});
    if (!got)
      std::_Exit(got.error().code == Errc::io && got.error().what.find("'nwtest0'") != std::string::npos ? 0 : 3);
    ::usleep(10'000);
  }
  std::_Exit(4);
}

TEST(LiveSource, TheInterfaceGoesAway) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) watch_an_interface_go();
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNoPrivilege) GTEST_SKIP() << "needs CAP_SYS_ADMIN for a network namespace";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace nw::capture
