#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Got = std::vector<std::string>;

struct TcpBench {
  explicit TcpBench(TransportOptions options) {
    auto opened = find_transport("tcp")->open(io, options, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
    to = {asio::ip::make_address(options.address.starts_with('[') ? "::1" : "127.0.0.1"), transport->port()};
  }
  tcp::socket connect() {
    tcp::socket socket{io};
    socket.connect(to);
    return socket;
  }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }

  asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
  tcp::endpoint to;
};

TEST(Tcp, BothFramings) {
  TcpBench bench{at("127.0.0.1:0")};
  auto client = bench.connect();
  asio::write(client, asio::buffer(std::string{"<1>one\n6 <1>two{\"a\":1}\r\n"}));
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{"<1>one", "<1>two", "{\"a\":1}"}));
  EXPECT_EQ(bench.lines.peer->to_string(), "127.0.0.1");
  EXPECT_EQ(bench.transport->counters().connections, 1U);
  EXPECT_EQ(bench.transport->counters().lines, 3U);
  EXPECT_EQ(bench.transport->counters().bytes, 24U);
}

TEST(Tcp, OverIpv6) {
  TcpBench bench{at("[::]:0")};
  auto client = bench.connect();
  asio::write(client, asio::buffer(std::string{"six\n"}));
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.peer->to_string(), "::1");
  tcp::socket four{bench.io};
  four.connect({asio::ip::make_address("127.0.0.1"), bench.transport->port()});
  asio::write(four, asio::buffer(std::string{"four\n"}));
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.peer->to_string(), "127.0.0.1");
}

TEST(Tcp, HalfALineAtTheClose) {
  TcpBench bench{at("127.0.0.1:0")};
  {
    auto client = bench.connect();
    asio::write(client, asio::buffer(std::string{"whole\nhal"}));
    ASSERT_TRUE(bench.wait(1));
    run_for(bench.io, std::chrono::milliseconds{20});
    EXPECT_EQ(bench.lines.all.size(), 1U);
  }
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"whole", "hal"}));
}

TEST(Tcp, HalfALineAtStop) {
  TcpBench bench{at("127.0.0.1:0")};
  auto client = bench.connect();
  asio::write(client, asio::buffer(std::string{"whole\nhal"}));
  ASSERT_TRUE(bench.wait(1));
  bench.transport->stop();
  EXPECT_EQ(bench.lines.all, (Got{"whole", "hal"}));
  boost::system::error_code ignored;
  client.write_some(asio::buffer(std::string{"late\n"}), ignored);
  run_for(bench.io, std::chrono::milliseconds{20});
  EXPECT_EQ(bench.lines.all.size(), 2U);
}

TEST(Tcp, TooLongLinesAreCutAndTheRestSkipped) {
  TransportOptions options = at("127.0.0.1:0");
  options.line_bytes_max = 1000;
  TcpBench bench{options};
  auto client = bench.connect();
  const std::string huge(300'000, 'x');
  std::size_t sent = 0;
  const std::string stream = huge + "\nnext\n300001 <" + huge + "last\n";
  while (sent < stream.size()) {
    boost::system::error_code error;
    client.non_blocking(true);
    sent += client.write_some(asio::buffer(stream.data() + sent, stream.size() - sent), error);
    run_for(bench.io, std::chrono::milliseconds{1});
  }
  ASSERT_TRUE(bench.wait(4));
  ASSERT_EQ(bench.lines.all.size(), 4U);
  EXPECT_EQ(bench.lines.all[0].size(), 1000U);
  EXPECT_EQ(bench.lines.all[1], "next");
  EXPECT_EQ(bench.lines.all[2].size(), 1000U);
  EXPECT_EQ(bench.lines.all[3], "last");
  EXPECT_EQ(bench.transport->counters().too_long, 2U);
  EXPECT_EQ(bench.lines.too_long, 2U);
}

TEST(Tcp, ManyConnectionsKeepTheirLinesApart) {
  TcpBench bench{at("127.0.0.1:0")};
  std::vector<tcp::socket> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(bench.connect());
  for (int half = 0; half < 2; ++half)
    for (std::size_t i = 0; i < clients.size(); ++i) {
      asio::write(clients[i], asio::buffer(half == 0 ? "<1>line-" : std::to_string(i) + "\n"));
      run_for(bench.io, std::chrono::milliseconds{1});
    }
  ASSERT_TRUE(bench.wait(100));
  std::sort(bench.lines.all.begin(), bench.lines.all.end());
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_TRUE(std::binary_search(bench.lines.all.begin(), bench.lines.all.end(), "<1>line-" + std::to_string(i)));
  }
  EXPECT_EQ(bench.transport->counters().connections, 100U);
}

TEST(Tcp, ConnectionsPastTheLimitAreTurnedAway) {
  TransportOptions options = at("127.0.0.1:0");
  options.connections_max = 2;
  TcpBench bench{options};
  auto a = bench.connect();
  auto b = std::make_unique<tcp::socket>(bench.connect());
  auto c = bench.connect();
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.transport->counters().refused == 1; }));
  EXPECT_EQ(bench.transport->counters().connections, 2U);
  char byte = 0;
  boost::system::error_code error;
  c.read_some(asio::buffer(&byte, 1), error);
  EXPECT_TRUE(error);
  // A place that is given up is free again.
  b.reset();
  run_for(bench.io, std::chrono::milliseconds{20});
  auto d = bench.connect();
  asio::write(d, asio::buffer(std::string{"in\n"}));
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.transport->counters().connections, 3U);
}

TEST(Tcp, SilentConnectionsAreClosed) {
  TransportOptions options = at("127.0.0.1:0");
  options.idle = std::chrono::milliseconds{200};
  TcpBench bench{options};
  auto client = bench.connect();
  asio::write(client, asio::buffer(std::string{"hal"}));
  client.non_blocking(true);
  char byte = 0;
  boost::system::error_code error;
  EXPECT_TRUE(run_until(bench.io, [&] {
    client.read_some(asio::buffer(&byte, 1), error);
    return error == asio::error::eof;
  }));
  EXPECT_EQ(bench.lines.all, (Got{"hal"}));
}

// The sender's silence is ours while there is no room: it is not taken for idle, and what it had sent is read.
TEST(Tcp, WithoutRoomNobodyIsIdle) {
  TransportOptions options = at("127.0.0.1:0");
  options.idle = std::chrono::milliseconds{100};
  TcpBench bench{options};
  auto client = bench.connect();
  bench.lines.room = false;
  asio::write(client, asio::buffer(std::string{"one\n"}));
  run_for(bench.io, std::chrono::milliseconds{300});
  EXPECT_TRUE(bench.lines.all.empty());
  bench.lines.room = true;
  ASSERT_TRUE(bench.wait(1));
  asio::write(client, asio::buffer(std::string{"two\n"}));
  ASSERT_TRUE(bench.wait(2));
}

TEST(Tcp, Refuses) {
  asio::io_context io{1};
  Lines lines;
  auto first = find_transport("tcp")->open(io, at("127.0.0.1:0"), lines);
  ASSERT_TRUE(first);
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->port());
  const auto second = find_transport("tcp")->open(io, at(taken), lines);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::in_use);
  EXPECT_NE(second.error().what.find(taken), std::string::npos);
  // After stop() the address is free, though a connection was open.
  boost::system::error_code error;
  tcp::socket client{io};
  client.connect({asio::ip::make_address("127.0.0.1"), (*first)->port()}, error);
  run_for(io, std::chrono::milliseconds{20});
  (*first)->stop();
  EXPECT_TRUE(find_transport("tcp")->open(io, at(taken), lines));
}

}  // namespace
}  // namespace nw::logs
