// RELP: syslog over TCP or TLS whose sender is told when a message is safe, and sends again what was not answered.
// Connections share one read buffer. Per connection are held: the frame whose end has not come, what of a turn was not
// taken because too much was unanswered, and the numbers of the unanswered transactions.
#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/accepting.h"
#include "ingest/logs/transports/channel.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/relp_frame.h"
#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/table.h"
#include "ingest/logs/transports/tls_context.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Want = Channel::Want;

constexpr std::size_t kReadBytes = 64 * 1024;  // per turn of one connection
constexpr std::size_t kUnansweredMax = 1024;   // per connection; librelp's window is 128
constexpr auto kLook = std::chrono::milliseconds{20};
constexpr auto kOpening = std::chrono::seconds{10};  // for the handshake and the `open`

enum class Answer : std::uint8_t { open, line, blank, close };

struct Unanswered {
  std::uint32_t txnr = 0;
  Answer answer = Answer::line;
};

// The transactions of one read, which become safe together.
struct Turn {
  std::size_t count = 0;
  SinkMark mark;
};

// `closing`: nothing is read any more; what is unanswered is answered, then the end is said.
enum class Phase : std::uint8_t { handshake, greeting, open, closing, closed };

struct Connection {
  Connection(tcp::socket socket, std::shared_ptr<asio::ssl::context> tls, std::size_t line_bytes_max,
             const IpAddress& peer_in)
      : channel{std::move(socket), std::move(tls)}, framer{line_bytes_max}, peer{peer_in} {}
  Channel channel;
  RelpFramer framer;
  IpAddress peer;
  Phase phase = Phase::handshake;
  std::deque<Unanswered> unanswered;
  std::size_t safe = 0;    // of the unanswered, from the front: may be answered
  std::deque<Turn> turns;  // the unanswered behind those
  std::string rest, out;   // read but not taken; not written yet
  int version = 0;
  bool full = false;     // is not read on: too much is unanswered
  bool held_up = false;  // is not read on: there is no room
  bool writing = false;  // waits until it can be written to
  Clock::time_point heard = Clock::now();
};

class RelpTransport final : public Transport {
 public:
  RelpTransport(asio::io_context& io, const TransportOptions& options, LineSink& sink, tcp::acceptor acceptor,
                std::unique_ptr<TlsContext> tls)
      : io_{io},
        sweeper_{io},
        look_{io},
        sink_{sink},
        room_{io, sink},
        options_{options},
        tls_{std::move(tls)},
        buffer_(kReadBytes),
        accepting_{std::move(acceptor),
                   "relp",
                   options_,
                   counters_,
                   [this] { return connections_.size(); },
                   [this](tcp::socket socket, const IpAddress& peer) { take_in(std::move(socket), peer); }} {
    wait_sweep();
  }
  ~RelpTransport() override { stop(); }

  void stop() override {
    if (!accepting_.stop()) return;
    alive_.reset();
    sweeper_.cancel();
    look_.cancel();
    room_.stop();
    for (auto& [id, connection] : connections_) {
      if (connection->phase == Phase::handshake) continue;
      give_up(*connection);
      (void)write_out(*connection);
    }
    connections_.clear();
  }

  [[nodiscard]] TransportCounters counters() const override {
    TransportCounters counters = counters_;
    if (tls_) counters.certificate_expires = tls_->expires();
    return counters;
  }
  [[nodiscard]] std::uint16_t port() const override { return accepting_.port(); }

 private:
  // Handlers that Asio still holds after stop() see that we are gone.
  std::weak_ptr<const char> alive() const { return alive_; }

  Connection* find(std::uint64_t id) {
    const auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second.get();
  }

  void take_in(tcp::socket socket, const IpAddress& peer) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);  // answers are small, and waited for
    const std::uint64_t id = next_id_++;
    connections_.emplace(id, std::make_unique<Connection>(std::move(socket), tls_ ? tls_->current() : nullptr,
                                                          options_.line_bytes_max, peer));
    shake_hands(id);
  }

  void wait(std::uint64_t id, Connection& connection, Want want, void (RelpTransport::*then)(std::uint64_t)) {
    const auto kind = want == Want::write ? tcp::socket::wait_write : tcp::socket::wait_read;
    connection.channel.socket().async_wait(kind, [this, id, then, alive = alive()](const error_code& error) {
      if (alive.expired() || error == asio::error::operation_aborted) return;
      (this->*then)(id);
    });
  }

  void shake_hands(std::uint64_t id) {
    Connection* connection = find(id);
    if (connection == nullptr) return;
    const Want want = connection->channel.handshake();
    if (want == Want::end) return handshake_failed(id, *connection, connection->channel.fault());
    if (want != Want::nothing) return wait(id, *connection, want, &RelpTransport::shake_hands);
    connection->phase = Phase::greeting;
    wait(id, *connection, Want::read, &RelpTransport::read_on);
  }

  void handshake_failed(std::uint64_t id, const Connection& connection, const std::string& why) {
    ++counters_.handshakes_failed;
    log_warning("relp_handshake_failed", "a connection was closed: no TLS session came about",
                {{"address", options_.address},
                 {"peer", connection.peer.to_string()},
                 {"reason", why.empty() ? "the peer closed" : why}});
    connections_.erase(id);
  }

  void read_on(std::uint64_t id) {
    Connection* connection = find(id);
    if (connection == nullptr || connection->phase >= Phase::closing) return;
    connection->held_up = !room_.ready();
    if (connection->held_up) return room_.wait([this, id] { go_on(id); });
    read(id, *connection);
  }

  // Room asks the sink itself before it calls.
  void go_on(std::uint64_t id) {
    Connection* connection = find(id);
    if (connection == nullptr || connection->phase >= Phase::closing) return;
    connection->held_up = false;
    read(id, *connection);
  }

  void read(std::uint64_t id, Connection& connection) {
    connection.heard = Clock::now();
    if (!connection.rest.empty()) {
      const std::string rest = std::exchange(connection.rest, {});
      return take(id, connection, rest);
    }
    const Channel::Moved got = connection.channel.read(buffer_);
    if (got.bytes == 0 && got.want == Want::end) {
      // What it was not told comes again.
      connections_.erase(id);
    } else if (got.bytes == 0) {
      wait(id, connection, got.want, &RelpTransport::read_on);
    } else {
      counters_.bytes += got.bytes;
      take(id, connection, {buffer_.data(), got.bytes});
    }
  }

  void take(std::uint64_t id, Connection& connection, std::string_view bytes) {
    const Timestamp now = wall_now();
    std::size_t count = 0;
    std::string fault;
    while (fault.empty() && connection.phase < Phase::closing && connection.unanswered.size() < kUnansweredMax) {
      const RelpFramer::Step step = connection.framer.next(bytes);
      if (step == RelpFramer::Step::more) break;
      fault = step == RelpFramer::Step::bad ? std::string{connection.framer.fault()}
                                            : obey(connection, connection.framer.frame(), now, count);
    }
    connection.rest = bytes;
    if (count > 0) connection.turns.push_back({count, sink_.mark()});
    if (!fault.empty()) reject(connection, fault);
    if (!answer(id, connection) || connection.phase >= Phase::closing) return;
    connection.full = connection.unanswered.size() >= kUnansweredMax;
    if (connection.full) return;
    if (connection.rest.empty()) return wait(id, connection, Want::read, &RelpTransport::read_on);
    asio::post(io_, [this, id, alive = alive()] {
      if (!alive.expired()) read_on(id);
    });
  }

  // What is wrong with the frame; empty: nothing.
  std::string obey(Connection& connection, const RelpFrame& frame, Timestamp now, std::size_t& count) {
    if (frame.command == "open") {
      const int version = frame.cut ? -1 : relp_version(frame.data);
      if (version < 0) return "its offers are too long, or name no version";
      connection.version = version;
      connection.phase = Phase::open;
      remember(connection, {frame.txnr, Answer::open}, count);
    } else if (connection.phase == Phase::greeting) {
      return "'" + std::string{frame.command} + "' before 'open'";
    } else if (frame.command == "syslog") {
      const bool line = give(connection, frame, now);
      remember(connection, {frame.txnr, line ? Answer::line : Answer::blank}, count);
    } else if (frame.command == "close") {
      connection.phase = Phase::closing;
      remember(connection, {frame.txnr, Answer::close}, count);
    } else {
      return "'" + std::string{frame.command} + "' is no command that was offered";
    }
    return {};
  }

  // Answers go out in order; only lines, and what is behind them, have to wait for the mark.
  static void remember(Connection& connection, Unanswered transaction, std::size_t& count) {
    if (transaction.answer != Answer::line && connection.safe == connection.unanswered.size()) {
      ++connection.safe;
    } else {
      ++count;
    }
    connection.unanswered.push_back(transaction);
  }

  bool give(const Connection& connection, const RelpFrame& frame, Timestamp now) {
    std::string_view line = frame.data;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.empty()) return false;
    const bool too_long = frame.cut || line.size() > options_.line_bytes_max;
    line = line.substr(0, options_.line_bytes_max);
    ++counters_.lines;
    counters_.too_long += too_long ? 1U : 0U;
    sink_.line({line, now, connection.peer, too_long, relp_place(line, connection.peer, now)});
    return true;
  }

  void reject(Connection& connection, const std::string& fault) {
    ++counters_.rejected;
    log_warning("relp_rejected", "a connection was closed: its sender does not keep to the protocol",
                {{"address", options_.address}, {"peer", connection.peer.to_string()}, {"reason", fault}});
    give_up(connection);
  }

  // It is still told what is safe by now.
  void give_up(Connection& connection) {
    find_safe(connection);
    connection.turns.clear();
    connection.unanswered.resize(connection.safe);
    if (connection.phase < Phase::closing) connection.phase = Phase::closing;
  }

  void find_safe(Connection& connection) {
    while (!connection.turns.empty() && sink_.safe(connection.turns.front().mark)) {
      connection.safe += connection.turns.front().count;
      connection.turns.pop_front();
    }
  }

  // Says what is safe. False: the connection is gone.
  bool answer(std::uint64_t id, Connection& connection) {
    find_safe(connection);
    if (!connection.turns.empty()) wait_look();
    if (connection.writing) return true;
    const Want want = write_out(connection);
    if (want == Want::end || (want == Want::nothing && connection.phase == Phase::closed)) {
      connections_.erase(id);
      return false;
    }
    connection.writing = want != Want::nothing;
    if (connection.writing) wait(id, connection, want, &RelpTransport::written);
    return true;
  }

  // `nothing`: all is written.
  Want write_out(Connection& connection) {
    for (;;) {
      // No more is put there before this is gone, so that a peer that does not read costs no memory.
      if (connection.out.empty()) put_answers(connection);
      if (connection.out.empty()) return Want::nothing;
      const Channel::Moved put = connection.channel.write(connection.out);
      if (put.bytes == 0) return put.want;
      connection.out.erase(0, put.bytes);
    }
  }

  void put_answers(Connection& connection) {
    for (; connection.safe > 0; --connection.safe) {
      const auto [txnr, answer] = connection.unanswered.front();
      connection.unanswered.pop_front();
      counters_.acknowledged += answer == Answer::line ? 1U : 0U;
      append_relp_answer(connection.out, txnr, answer == Answer::open ? offers(connection) : "200 OK");
    }
    if (connection.phase == Phase::closing && connection.unanswered.empty()) {
      connection.out += kRelpServerClose;
      connection.phase = Phase::closed;
    }
  }

  static std::string offers(const Connection& connection) {
    return "200 OK\nrelp_version=" + std::to_string(connection.version) + "\nrelp_software=normwatch\ncommands=syslog";
  }

  void written(std::uint64_t id) {
    Connection* connection = find(id);
    if (connection == nullptr) return;
    connection->writing = false;
    look_at(id, *connection);
  }

  void look_at(std::uint64_t id, Connection& connection) {
    if (!answer(id, connection) || !connection.full || connection.unanswered.size() >= kUnansweredMax) return;
    connection.full = false;
    read_on(id);
  }

  // One timer for all, while anybody waits for what is not safe yet.
  void wait_look() {
    if (std::exchange(looking_, true)) return;
    look_.expires_after(kLook);
    look_.async_wait([this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      looking_ = false;
      std::vector<std::uint64_t> waiting;
      for (const auto& [id, connection] : connections_)
        if (!connection->turns.empty()) waiting.push_back(id);
      for (const std::uint64_t id : waiting)
        if (Connection* connection = find(id)) look_at(id, *connection);
    });
  }

  // One timer for all: a connection is closed at most a quarter of its idle time late.
  void wait_sweep() {
    const auto period =
        std::clamp<Nanoseconds>(options_.idle / 4, std::chrono::milliseconds{10}, std::chrono::seconds{2});
    sweeper_.expires_after(std::chrono::duration_cast<Clock::duration>(period));
    sweeper_.async_wait([this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      sweep();
      wait_sweep();
    });
  }

  void sweep() {
    const auto now = Clock::now();
    const auto idle = std::chrono::duration_cast<Clock::duration>(options_.idle);
    std::vector<std::uint64_t> silent;
    for (const auto& [id, connection] : connections_) {
      // It is we who let it wait.
      if (connection->held_up || (!connection->turns.empty() && !connection->writing)) continue;
      const auto limit = connection->phase < Phase::open ? std::min<Clock::duration>(idle, kOpening) : idle;
      if (now - connection->heard > limit) silent.push_back(id);
    }
    for (const std::uint64_t id : silent) {
      Connection& connection = *find(id);
      if (connection.phase == Phase::handshake) {
        handshake_failed(id, connection, "it took too long");
        continue;
      }
      if (connection.phase == Phase::greeting) {
        reject(connection, "no 'open' within " + format_duration(std::min<Nanoseconds>(options_.idle, kOpening)));
      } else {
        give_up(connection);
      }
      // A peer that does not even read is not waited for.
      if (connection.writing || (answer(id, connection) && connection.writing)) connections_.erase(id);
    }
  }

  asio::io_context& io_;
  asio::steady_timer sweeper_, look_;
  LineSink& sink_;
  Room room_;
  TransportOptions options_;
  std::unique_ptr<TlsContext> tls_;
  std::vector<char> buffer_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t next_id_ = 0;
  bool looking_ = false;
  TransportCounters counters_;
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
  Accepting accepting_;  // last: what it calls is there
};

}  // namespace

void read_relp(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("listen");
  options.connections_max = static_cast<std::size_t>(map.integer("connections_max", 256, 1, 100'000));
  options.idle = map.duration("idle", std::chrono::minutes{10});
  read_tls(map, options.tls, false);
}

Result<std::unique_ptr<Transport>> open_relp(asio::io_context& io, const TransportOptions& options, LineSink& sink) {
  std::unique_ptr<TlsContext> tls;
  if (!options.tls.certificate.empty()) {
    auto opened = TlsContext::open(options.tls);
    if (!opened) return opened.error();
    tls = std::move(*opened);
  }
  auto acceptor = listen_tcp(io, "relp", options.address);
  if (!acceptor) return acceptor.error();
  return std::unique_ptr<Transport>{
      std::make_unique<RelpTransport>(io, options, sink, std::move(*acceptor), std::move(tls))};
}

}  // namespace nw::logs
