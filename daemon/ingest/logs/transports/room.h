// Waiting for room behind the sink, for transports that can let their senders wait.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "ingest/logs/transports/transport.h"

namespace nw::logs {

//   if (!room_.ready()) return room_.wait([this] { read(); });
class Room {
 public:
  static constexpr std::chrono::milliseconds kLook{10};

  Room(boost::asio::io_context& io, LineSink& sink) : timer_{io}, sink_{sink} {}

  // Who waits already goes first, so that nobody is kept out for ever.
  [[nodiscard]] bool ready() { return waiting_.empty() && sink_.ready(); }
  // `go_on` is called once there is room, from the io_context; never after stop().
  void wait(std::function<void()> go_on) {
    waiting_.push_back(std::move(go_on));
    if (waiting_.size() == 1) look();
  }
  void stop() {
    waiting_.clear();
    timer_.cancel();
  }

 private:
  void look() {
    timer_.expires_after(kLook);
    timer_.async_wait([this, alive = std::weak_ptr<const char>{alive_}](const boost::system::error_code& error) {
      if (alive.expired() || error) return;
      if (!sink_.ready()) return look();
      for (auto& go_on : std::exchange(waiting_, {})) go_on();
    });
  }

  boost::asio::steady_timer timer_;
  LineSink& sink_;
  std::vector<std::function<void()>> waiting_;
  // Handlers that Asio still holds see that we are gone.
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace nw::logs
