// A RELP sender that does what it is told, and the transport it talks to.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <csignal>

#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {

inline std::string relp(std::uint64_t txnr, const std::string& command, const std::string& data = {}) {
  return std::to_string(txnr) + ' ' + command + ' ' + std::to_string(data.size()) + (data.empty() ? "" : ' ' + data) +
         '\n';
}
inline std::string relp_open(std::uint64_t txnr = 1) {
  return relp(txnr, "open", "relp_version=1\nrelp_software=test,1\ncommands=syslog");
}
inline std::string relp_ok(std::uint64_t txnr) { return std::to_string(txnr) + " rsp 6 200 OK\n"; }
inline std::string relp_opened(std::uint64_t txnr = 1, int version = 1) {
  const std::string offers =
      "200 OK\nrelp_version=" + std::to_string(version) + "\nrelp_software=normwatch\ncommands=syslog";
  return std::to_string(txnr) + " rsp " + std::to_string(offers.size()) + ' ' + offers + '\n';
}
constexpr const char* kBye = "0 serverclose 0\n";

struct RelpBench {
  explicit RelpBench(const TransportOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    auto opened = find_transport("relp")->open(io, options, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
    to = {boost::asio::ip::make_address(options.address.starts_with('[') ? "::1" : "127.0.0.1"), transport->port()};
  }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }

  boost::asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
  boost::asio::ip::tcp::endpoint to;
};

class RelpClient {
 public:
  explicit RelpClient(RelpBench& bench) : bench_{bench}, socket_{bench.io} {
    socket_.connect(bench.to);
    socket_.non_blocking(true);
  }
  // Until all is with the kernel, or the connection is gone.
  void send(std::string_view text) {
    (void)run_until(bench_.io, [&] {
      receive();
      boost::system::error_code error;
      text.remove_prefix(socket_.write_some(boost::asio::buffer(text), error));
      return text.empty() || (error && error != boost::asio::error::would_block);
    });
  }
  // What has come so far.
  const std::string& receive() {
    for (boost::system::error_code error; !error;) {
      char bytes[4096];
      got.append(bytes, socket_.read_some(boost::asio::buffer(bytes), error));
      closed = closed || (error && error != boost::asio::error::would_block);
    }
    return got;
  }
  bool wait(std::string_view text) {
    return run_until(
        bench_.io, [&] { return receive() == text; }, std::chrono::seconds{5});
  }
  bool wait_closed() {
    return run_until(
        bench_.io,
        [&] {
          receive();
          return closed;
        },
        std::chrono::seconds{5});
  }
  void close() { socket_.close(); }

  std::string got;
  bool closed = false;

 private:
  RelpBench& bench_;
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace nw::logs
