#include <boost/asio/ip/udp.hpp>
#include <unistd.h>

#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

struct UdpBench {
  explicit UdpBench(TransportOptions options) : sender{io} {
    auto opened = find_transport("udp")->open(io, options, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
    const bool v6 = options.address.starts_with('[');
    to = {v6 ? asio::ip::make_address("::1") : asio::ip::make_address("127.0.0.1"), transport->port()};
    sender.open(to.protocol());
  }
  void send(const std::string& text) { sender.send_to(asio::buffer(text), to); }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }

  asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
  udp::socket sender;
  udp::endpoint to;
};

using Got = std::vector<std::string>;

TEST(Udp, EachDatagramIsALine) {
  UdpBench bench{at("127.0.0.1:0")};
  EXPECT_NE(bench.transport->port(), 0);
  bench.send("<1>one");
  bench.send("<1>two\r\n");
  bench.send("<1>two\nlines");
  bench.send("");
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{"<1>one", "<1>two", "<1>two\nlines", ""}));
  ASSERT_TRUE(bench.lines.peer);
  EXPECT_EQ(bench.lines.peer->to_string(), "127.0.0.1");
  EXPECT_GT(to_unix_nanoseconds(bench.lines.times[0]), 1'700'000'000'000'000'000);
  const TransportCounters counters = bench.transport->counters();
  EXPECT_EQ(counters.lines, 4U);
  EXPECT_EQ(counters.bytes, 6U + 8U + 12U);
  EXPECT_EQ(counters.kernel_dropped, 0U);
}

// Their octets are no text: the last may be a line's end by chance.
TEST(Udp, WholeDatagramsKeepTheirEnds) {
  TransportOptions options = at("127.0.0.1:0");
  options.whole = true;
  UdpBench bench{options};
  bench.send("two\r\n");
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.all, (Got{"two\r\n"}));
}

TEST(Udp, PeersOverIpv6) {
  UdpBench bench{at("[::]:0")};
  bench.send("six");
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.peer->to_string(), "::1");
  // A dual socket sees IPv4 as mapped; it comes out as IPv4.
  udp::socket sender{bench.io, udp::v4()};
  sender.send_to(asio::buffer("four", 4), {asio::ip::make_address("127.0.0.1"), bench.transport->port()});
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.peer->to_string(), "127.0.0.1");
}

TEST(Udp, TooLong) {
  TransportOptions options = at("127.0.0.1:0");
  options.line_bytes_max = 100;
  UdpBench bench{options};
  bench.send(std::string(100, 'a'));
  bench.send(std::string(101, 'b'));
  bench.send(std::string(5000, 'c'));
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{std::string(100, 'a'), std::string(100, 'b'), std::string(100, 'c')}));
  EXPECT_EQ(bench.lines.too_long, 2U);
  EXPECT_EQ(bench.transport->counters().too_long, 2U);
}

TEST(Udp, TheLargestDatagram) {
  UdpBench bench{at("127.0.0.1:0")};
  bench.send(std::string(65507, 'a'));
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.all[0].size(), 65507U);
  EXPECT_EQ(bench.lines.too_long, 0U);
}

// Conservation: what was sent was handed over or is counted as dropped.
TEST(Udp, KernelDropsAreCounted) {
  TransportOptions options = at("127.0.0.1:0");
  options.receive_buffer_bytes = 4096;
  UdpBench bench{options};
  constexpr std::size_t kSent = 2000;
  for (std::size_t i = 0; i < kSent; ++i) bench.send(std::string(200, 'x'));
  ASSERT_TRUE(run_until(bench.io, [&] {
    const TransportCounters now = bench.transport->counters();
    return now.lines + now.kernel_dropped == kSent;
  }));
  EXPECT_GT(bench.transport->counters().kernel_dropped, 0U);
  EXPECT_GT(bench.transport->counters().lines, 0U);
  bench.transport->stop();
  EXPECT_EQ(bench.transport->counters().lines + bench.transport->counters().kernel_dropped, kSent);
}

TEST(Udp, NothingAfterStop) {
  UdpBench bench{at("127.0.0.1:0")};
  bench.send("early");
  bench.transport->stop();
  run_for(bench.io, std::chrono::milliseconds{50});
  EXPECT_TRUE(bench.lines.all.empty());
  bench.transport->stop();  // twice does no harm
  bench.transport.reset();
  run_for(bench.io, std::chrono::milliseconds{20});
}

TEST(Udp, Refuses) {
  asio::io_context io{1};
  Lines lines;
  auto first = find_transport("udp")->open(io, at("127.0.0.1:0"), lines);
  ASSERT_TRUE(first);
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->port());
  const auto second = find_transport("udp")->open(io, at(taken), lines);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::in_use);
  EXPECT_NE(second.error().what.find(taken), std::string::npos);
  const auto foreign = find_transport("udp")->open(io, at("192.0.2.77:5514"), lines);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, Errc::not_found);
  const auto garbage = find_transport("udp")->open(io, at("here"), lines);
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code, Errc::invalid_argument);
}

TEST(Transports, TableIsComplete) {
  ASSERT_FALSE(transports().empty());
  EXPECT_EQ(find_transport("pigeon"), nullptr);
  for (const TransportKind& kind : transports()) {
    SCOPED_TRACE(kind.name);
    EXPECT_EQ(find_transport(kind.name), &kind);
    EXPECT_FALSE(kind.help.empty());
    // Each says at once, and with the name, that it cannot have what is not there.
    asio::io_context io{1};
    Lines lines;
    const auto opened = kind.open(io, at("/nowhere/at/all"), lines);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().what.find("/nowhere/at/all"), std::string::npos);
  }
}

}  // namespace
}  // namespace nw::logs
