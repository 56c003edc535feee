// Connections that carry lines. All share one read buffer: Asio waits, we read when there is something, and hold per
// connection only the line whose end has not come. A slow sink slows the reading, and TCP the senders.
#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/line_framer.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/table.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 64 * 1024;  // per turn of one connection
constexpr int kAcceptsPerTurn = 64;
constexpr auto kAcceptPause = std::chrono::seconds{1};  // when the process has no descriptor left

struct Connection {
  Connection(tcp::socket socket_in, std::size_t line_bytes_max, IpAddress peer_in)
      : socket{std::move(socket_in)}, framer{LineFramer::Mode::syslog, line_bytes_max}, peer{peer_in} {}
  tcp::socket socket;
  LineFramer framer;
  std::optional<IpAddress> peer;
  Clock::time_point heard = Clock::now();
};

class TcpTransport final : public Transport {
 public:
  TcpTransport(asio::io_context& io, const TransportOptions& options, LineSink& sink)
      : acceptor_{io}, sweeper_{io}, pause_{io}, sink_{sink}, room_{io, sink}, options_{options}, buffer_(kReadBytes) {}
  ~TcpTransport() override { stop(); }

  error_code listen(const ListenAddress& at) {
    error_code error;
    const tcp::endpoint endpoint{at.address, at.port};
    acceptor_.open(endpoint.protocol(), error);
    // Lets a restart bind while old connections linger; on Linux it does not allow a second listener.
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && at.address.is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (error) return error;
    port_ = acceptor_.local_endpoint(error).port();
    wait_accept();
    wait_sweep();
    return error;
  }

  void stop() override {
    if (!acceptor_.is_open()) return;
    alive_.reset();
    error_code ignored;
    acceptor_.close(ignored);
    sweeper_.cancel();
    pause_.cancel();
    room_.stop();
    for (auto& [id, connection] : connections_) finish(*connection);
    connections_.clear();
  }

  [[nodiscard]] TransportCounters counters() const override { return counters_; }
  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  // Handlers that Asio still holds after stop() see that we are gone.
  std::weak_ptr<const char> alive() const { return alive_; }

  void wait_accept() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this, alive = alive()](const error_code& error) {
      if (alive.expired() || error == asio::error::operation_aborted) return;
      accept();
    });
  }

  void accept() {
    for (int turn = 0; turn < kAcceptsPerTurn; ++turn) {
      error_code error;
      tcp::endpoint peer;
      tcp::socket socket{acceptor_.get_executor()};
      acceptor_.accept(socket, peer, error);
      if (error == asio::error::would_block || error == asio::error::try_again) break;
      if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
          error == boost::system::errc::too_many_files_open_in_system)
        return pause_accept(error);
      if (error) continue;  // the peer has gone already
      take_in(std::move(socket), to_ip(peer.address()));
    }
    wait_accept();
  }

  // The queue stays readable, so waiting for it again at once would only spin.
  void pause_accept(const error_code& why) {
    log_warning("tcp_accept_paused", "cannot take a connection now; trying again in a second",
                {{"address", options_.address}, {"reason", why.message()}});
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this, alive = alive()](const error_code& error) {
      if (!alive.expired() && !error) wait_accept();
    });
  }

  void take_in(tcp::socket socket, const IpAddress& peer) {
    if (connections_.size() >= options_.connections_max) {
      ++counters_.refused;
      log_warning("tcp_connection_refused", "a connection was turned away: connections_max is reached",
                  {{"address", options_.address}, {"connections_max", std::to_string(options_.connections_max)}});
      return;
    }
    ++counters_.connections;
    error_code ignored;
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const std::uint64_t id = next_id_++;
    auto connection = std::make_unique<Connection>(std::move(socket), options_.line_bytes_max, peer);
    Connection& kept = *connections_.emplace(id, std::move(connection)).first->second;
    wait_read(id, kept);
  }

  void wait_read(std::uint64_t id, Connection& connection) {
    connection.socket.async_wait(tcp::socket::wait_read, [this, id, alive = alive()](const error_code& error) {
      if (alive.expired() || error == asio::error::operation_aborted) return;
      read_on(id);
    });
  }

  void read_on(std::uint64_t id) {
    if (!room_.ready()) return room_.wait([this, id] { read_on(id); });
    if (const auto found = connections_.find(id); found != connections_.end()) read(id, *found->second);
  }

  void read(std::uint64_t id, Connection& connection) {
    const ssize_t got = ::recv(connection.socket.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return wait_read(id, connection);
    if (got <= 0) {
      finish(connection);
      connections_.erase(id);
      return;
    }
    connection.heard = Clock::now();
    const auto size = static_cast<std::size_t>(got);
    counters_.bytes += size;
    const Timestamp now = wall_now();
    connection.framer.feed({buffer_.data(), size},
                           [&](std::string_view line, bool too_long) { give(connection, line, now, too_long); });
    wait_read(id, connection);
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

  // One timer for all: a connection is closed at most a quarter of its idle time late.
  void wait_sweep() {
    const auto period =
        std::clamp<Nanoseconds>(options_.idle / 4, std::chrono::milliseconds{10}, std::chrono::seconds{30});
    sweeper_.expires_after(std::chrono::duration_cast<Clock::duration>(period));
    sweeper_.async_wait([this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      const auto limit = Clock::now() - std::chrono::duration_cast<Clock::duration>(options_.idle);
      std::erase_if(connections_, [&](auto& entry) {
        if (entry.second->heard > limit) return false;
        finish(*entry.second);
        return true;
      });
      wait_sweep();
    });
  }

  tcp::acceptor acceptor_;
  asio::steady_timer sweeper_, pause_;
  LineSink& sink_;
  Room room_;
  TransportOptions options_;
  std::vector<char> buffer_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t next_id_ = 0;
  std::uint16_t port_ = 0;
  TransportCounters counters_;
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace

void read_tcp(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("listen");
  options.connections_max = static_cast<std::size_t>(map.integer("connections_max", 256, 1, 100'000));
  options.idle = map.duration("idle", std::chrono::minutes{10});
}

Result<std::unique_ptr<Transport>> open_tcp(asio::io_context& io, const TransportOptions& options, LineSink& sink) {
  const auto at = parse_listen_address(options.address);
  if (!at) return at.error();
  auto transport = std::make_unique<TcpTransport>(io, options, sink);
  if (const auto error = transport->listen(*at)) return listen_error("tcp", options.address, error);
  return std::unique_ptr<Transport>{std::move(transport)};
}

}  // namespace nw::logs
