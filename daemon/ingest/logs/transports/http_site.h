// What the connections of one HTTP listener share: limits, the sink, and the waiting for room and for safety.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string_view>

#include "ingest/logs/transports/byte_budget.h"
#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/token_file.h"
#include "ingest/logs/transports/transport.h"

namespace nw::logs {

class HttpSession;

struct HttpLimits {
  std::uint32_t header_bytes_max = 16 * 1024;
  std::size_t bodies_bytes_max = 64U << 20;    // of all connections, as received and unpacked
  std::size_t unpacked_bytes_max = 64U << 20;  // of one body
  std::size_t unpacked_factor_max = 8;         // times body_bytes_max, where that is less
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds request{60'000};  // from its first byte to its last line
  std::chrono::milliseconds room{5'000};      // then 429
  std::chrono::milliseconds safe{30'000};     // then 503
  std::chrono::milliseconds write{60'000};
  std::chrono::milliseconds look{20};  // this often the sink is asked what is safe
};

class HttpSite : public std::enable_shared_from_this<HttpSite> {
 public:
  using Clock = std::chrono::steady_clock;

  HttpSite(boost::asio::io_context& io_in, const TransportOptions& options_in, const HttpLimits& limits_in,
           LineSink& sink_in)
      : io{io_in},
        options{options_in},
        limits{limits_in},
        sink{sink_in},
        budget{limits_in.bodies_bytes_max},
        room_{io_in, sink_in},
        look_{io_in},
        sweep_{io_in} {}

  boost::asio::io_context& io;
  const TransportOptions options;
  const HttpLimits limits;
  LineSink& sink;  // not after stop()
  ByteBudget budget;
  std::unique_ptr<TokenFile> tokens;  // null: everybody may send
  TransportCounters counters;

  void start();
  void stop();
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  void add(std::shared_ptr<HttpSession> session);
  void remove(std::uint64_t number);
  [[nodiscard]] std::size_t connections() const noexcept { return sessions_.size(); }

  [[nodiscard]] bool ready() { return room_.ready(); }
  // Calls room_came() of the session when there is room and those before it had theirs.
  void wait_for_room(const std::shared_ptr<HttpSession>& session);
  void wait_no_more(const HttpSession& session);
  // Calls safe_came() of the session when its mark is safe.
  void wait_until_safe(const std::shared_ptr<HttpSession>& session);

  // A request that was no good, or whose sender may not send.
  void rejected(const IpAddress& peer, unsigned status, std::string_view reason);
  // One that shall come again.
  void put_off(const IpAddress& peer, unsigned status, std::string_view reason);

 private:
  void ask_for_room();
  void look();
  void sweep();

  Room room_;
  boost::asio::steady_timer look_, sweep_;
  std::map<std::uint64_t, std::shared_ptr<HttpSession>> sessions_;
  std::deque<std::shared_ptr<HttpSession>> for_room_, for_safety_;  // at most one entry for each session
  std::uint64_t next_number_ = 0;
  bool asked_ = false, looking_ = false, stopped_ = false;
};

}  // namespace nw::logs
