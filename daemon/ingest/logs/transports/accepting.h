// Taking in connections, for every transport that listens: many a turn, and a pause when the process has no descriptor
// left. Those past `connections_max` are closed, counted and told.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "ingest/logs/transports/transport.h"

namespace nw::logs {

class Accepting {
 public:
  using Take = std::function<void(boost::asio::ip::tcp::socket socket, const IpAddress& peer)>;

  // `open` says how many connections there are. It begins at once; what is referred to must outlive stop().
  Accepting(boost::asio::ip::tcp::acceptor acceptor, std::string_view transport, const TransportOptions& options,
            TransportCounters& counters, std::function<std::size_t()> open, Take take);

  // Nothing is taken in after it returns. False: it had stopped already.
  bool stop();
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  void wait();
  void accept();
  void pause(const boost::system::error_code& why);
  void take_in(boost::asio::ip::tcp::socket socket, const IpAddress& peer);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::string transport_, address_;
  std::size_t connections_max_;
  TransportCounters& counters_;
  std::function<std::size_t()> open_;
  Take take_;
  std::uint16_t port_ = 0;
  // Handlers that Asio still holds after stop() see that we are gone.
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace nw::logs
