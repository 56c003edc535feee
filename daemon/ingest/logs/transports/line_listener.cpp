#include "ingest/logs/transports/line_listener.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "ingest/logs/transports/accepting.h"
#include "ingest/logs/transports/channel.h"
#include "ingest/logs/transports/line_framer.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/room.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Want = Channel::Want;

constexpr std::size_t kReadBytes = 64 * 1024;  // per turn of one connection

struct Connection {
  Connection(tcp::socket socket, std::shared_ptr<asio::ssl::context> tls, std::size_t line_bytes_max, IpAddress peer_in)
      : channel{std::move(socket), std::move(tls)}, framer{LineFramer::Mode::syslog, line_bytes_max}, peer{peer_in} {}
  Channel channel;
  LineFramer framer;
  std::optional<IpAddress> peer;
  Clock::time_point heard = Clock::now();  // before the handshake: accepted
  bool established = false;
  bool paused = false;  // it waits for room behind the sink: its silence is ours
};

class LineListener final : public Transport {
 public:
  LineListener(asio::io_context& io, std::string_view transport, tcp::acceptor acceptor,
               const TransportOptions& options, LineSink& sink, std::unique_ptr<TlsContext> tls)
      : io_{io},
        sweeper_{io},
        sink_{sink},
        room_{io, sink},
        options_{options},
        tls_{std::move(tls)},
        buffer_(kReadBytes),
        accepting_{std::move(acceptor),
                   transport,
                   options_,
                   counters_,
                   [this] { return connections_.size(); },
                   [this](tcp::socket socket, const IpAddress& peer) { take_in(std::move(socket), peer); }} {
    wait_sweep();
  }
  ~LineListener() override { stop(); }

  void stop() override {
    if (!accepting_.stop()) return;
    alive_.reset();
    sweeper_.cancel();
    room_.stop();
    for (auto& [id, connection] : connections_) finish(*connection);
    connections_.clear();
  }

  [[nodiscard]] TransportCounters counters() const override {
    TransportCounters out = counters_;
    if (tls_) out.certificate_expires = tls_->expires();
    return out;
  }
  [[nodiscard]] std::uint16_t port() const override { return accepting_.port(); }

 private:
  // Handlers that Asio still holds after stop() see that we are gone.
  std::weak_ptr<const char> alive() const { return alive_; }

  void take_in(tcp::socket socket, const IpAddress& peer) {
    const std::uint64_t id = next_id_++;
    auto connection = std::make_unique<Connection>(std::move(socket), tls_ ? tls_->current() : nullptr,
                                                   options_.line_bytes_max, peer);
    wait(id, *connections_.emplace(id, std::move(connection)).first->second, Want::read);
  }

  // One wait a connection at a time.
  void wait(std::uint64_t id, Connection& connection, Want want) {
    // Others have their turn first.
    if (want == Want::nothing)
      return asio::post(io_, [this, id, alive = alive()] {
        if (!alive.expired()) go_on(id);
      });
    connection.channel.socket().async_wait(want == Want::write ? tcp::socket::wait_write : tcp::socket::wait_read,
                                           [this, id, alive = alive()](const error_code& error) {
                                             if (alive.expired() || error == asio::error::operation_aborted) return;
                                             go_on(id);
                                           });
  }

  void go_on(std::uint64_t id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    Connection& connection = *found->second;
    if (!connection.established) {
      const Want want = connection.channel.handshake();
      if (want == Want::end) return fail_handshake(id, connection, connection.channel.fault());
      if (want != Want::nothing) return wait(id, connection, want);
      connection.established = true;
      connection.heard = Clock::now();
    }
    connection.paused = !room_.ready();
    if (connection.paused) return room_.wait([this, id] { resume(id); });
    read(id, connection);
  }

  void resume(std::uint64_t id) {
    if (const auto found = connections_.find(id); found != connections_.end()) found->second->heard = Clock::now();
    go_on(id);
  }

  void read(std::uint64_t id, Connection& connection) {
    const auto [size, want] = connection.channel.read(buffer_);
    if (size != 0) {
      connection.heard = Clock::now();
      counters_.bytes += size;
      const Timestamp now = wall_now();
      connection.framer.feed({buffer_.data(), size},
                             [&](std::string_view line, bool too_long) { give(connection, line, now, too_long); });
    }
    if (want != Want::end) return wait(id, connection, want);
    if (const std::string& fault = connection.channel.fault(); !fault.empty())
      log_warning("tls_connection_broken", "a connection broke; what it had sent of a line is taken as one",
                  {{"address", options_.address}, {"peer", connection.peer->to_string()}, {"reason", fault}});
    finish(connection);
    connections_.erase(id);
  }

  void fail_handshake(std::uint64_t id, const Connection& connection, const std::string& reason) {
    ++counters_.handshakes_failed;
    log_warning("tls_handshake_failed", "a sender could not connect",
                {{"address", options_.address}, {"peer", connection.peer->to_string()}, {"reason", reason}});
    connections_.erase(id);
  }

  void give(const Connection& connection, std::string_view line, Timestamp now, bool too_long) {
    ++counters_.lines;
    counters_.too_long += too_long ? 1U : 0U;
    sink_.line({line, now, connection.peer, too_long});
  }

  // What came of a line whose end will not come.
  void finish(Connection& connection) {
    const Timestamp now = wall_now();
    connection.framer.finish([&](std::string_view line, bool too_long) { give(connection, line, now, too_long); });
  }

  // One timer for all: a connection is closed at most a quarter of its time late.
  void wait_sweep() {
    const auto period = std::clamp<Nanoseconds>(std::min(options_.idle, options_.handshake) / 4,
                                                std::chrono::milliseconds{10}, std::chrono::seconds{30});
    sweeper_.expires_after(std::chrono::duration_cast<Clock::duration>(period));
    sweeper_.async_wait([this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      if (tls_) (void)tls_->current();  // renewed files are taken up though nobody connects
      sweep();
      wait_sweep();
    });
  }

  void sweep() {
    const auto now = Clock::now();
    std::vector<std::uint64_t> late;
    for (const auto& [id, connection] : connections_) {
      const Nanoseconds most = connection->established ? options_.idle : options_.handshake;
      if (!connection->paused && now - connection->heard >= most) late.push_back(id);
    }
    for (const std::uint64_t id : late) {
      Connection& connection = *connections_.find(id)->second;
      if (!connection.established) {
        fail_handshake(id, connection, "it was not done in time");
        continue;
      }
      finish(connection);
      connections_.erase(id);
    }
  }

  asio::io_context& io_;
  asio::steady_timer sweeper_;
  LineSink& sink_;
  Room room_;
  TransportOptions options_;
  std::unique_ptr<TlsContext> tls_;  // null: plain
  std::vector<char> buffer_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t next_id_ = 0;
  TransportCounters counters_;
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
  Accepting accepting_;  // last: what it calls is there
};

}  // namespace

Result<std::unique_ptr<Transport>> open_line_listener(asio::io_context& io, std::string_view transport,
                                                      const TransportOptions& options, LineSink& sink,
                                                      std::unique_ptr<TlsContext> tls) {
  auto acceptor = listen_tcp(io, transport, options.address);
  if (!acceptor) return acceptor.error();
  return std::unique_ptr<Transport>{
      std::make_unique<LineListener>(io, transport, std::move(*acceptor), options, sink, std::move(tls))};
}

}  // namespace nw::logs
