// Lines from a NATS subject: each message is a line, or several when it is NDJSON. Two ways:
//
//   plain subjects   what comes while nobody listens is gone; what comes faster than it is read fills a queue of
//                    pending_bytes_max, and what finds that full is dropped and counted
//   a stream         (JetStream) a durable consumer that fetches when there is room, and acknowledges a message only
//                    when what came of its lines is on disk; until then the server gives it again
//
// The network is NatsClient's (nats_client.h), which has a thread; here its batches become lines, 64 KiB a turn.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/nats_client.h"
#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/table.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;

constexpr std::size_t kTurnBytes = 64 * 1024;
constexpr std::chrono::milliseconds kLookSafe{20};
constexpr std::size_t kPendingMax = 1U << 30;  // the library counts in an int

class NatsTransport final : public Transport {
 public:
  NatsTransport(asio::io_context& io, const TransportOptions& options, LineSink& sink)
      : io_{io}, safe_timer_{io}, sink_{sink}, room_{io, sink}, options_{options} {
    client_ = std::make_unique<NatsClient>(options_, [this, alive = alive()] {
      // On the client's thread: `this` is only carried to the other one.
      asio::post(io_, [this, alive] {
        if (!alive.expired() && !busy_) turn();
      });
    });
  }
  ~NatsTransport() override { stop(); }

  void stop() override {
    if (alive_ == nullptr) return;
    alive_.reset();
    room_.stop();
    safe_timer_.cancel();
    acknowledge_safe();
    client_->stop();
    // A stream gives again what is left; a plain subject does not.
    if (options_.stream.empty()) {
      while (current_ != nullptr || (current_ = client_->take()) != nullptr) give_some();
    }
    current_.reset();
    given_.clear();
  }

  [[nodiscard]] TransportCounters counters() const override {
    TransportCounters out = counters_;
    const NatsClient::Counts counts = client_->counts();
    out.dropped_full = counts.dropped;
    out.acknowledged = counts.acknowledged;
    return out;
  }

 private:
  // Handlers that Asio still holds after stop() see that we are gone.
  [[nodiscard]] std::weak_ptr<const char> alive() const { return alive_; }

  // Posts itself again until nothing is left.
  void turn() {
    busy_ = true;
    if (current_ == nullptr) current_ = client_->take();
    if (current_ == nullptr) {
      busy_ = false;
      return;
    }
    if (!room_.ready()) return room_.wait([this] { turn(); });
    give_some();
    asio::post(io_, [this, alive = alive()] {
      if (!alive.expired()) turn();
    });
  }

  // At most kTurnBytes of the current batch, and one message or line more.
  void give_some() {
    const Timestamp now = wall_now();
    std::size_t given = 0;
    while (item_ < current_->items.size() && given < kTurnBytes) given += give_from(current_->items[item_], now);
    if (item_ < current_->items.size()) return;
    if (!options_.stream.empty()) {
      given_.push_back({std::move(current_), sink_.mark()});
      if (given_.size() == 1) look_safe();
    }
    current_.reset();
    item_ = 0;
  }

  // The next line of a message; the bytes that it took.
  std::size_t give_from(const NatsBatch::Item& item, Timestamp now) {
    const std::string_view payload{natsMsg_GetData(item.message.get()),
                                   static_cast<std::size_t>(natsMsg_GetDataLength(item.message.get()))};
    std::string_view line = payload.substr(offset_);
    if (payload.starts_with('{')) line = line.substr(0, line.find('\n'));
    const std::size_t taken = std::min(line.size() + 1, payload.size() - offset_);
    offset_ += taken;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (!line.empty()) give(line, item.place, now);
    if (offset_ < payload.size()) return taken;
    if (lines_of_message_ == 0) reject();
    counters_.bytes += payload.size();
    offset_ = lines_of_message_ = 0;
    ++item_;
    return taken;
  }

  void give(std::string_view line, std::uint64_t place, Timestamp now) {
    const bool too_long = line.size() > options_.line_bytes_max;
    counters_.too_long += too_long ? 1U : 0U;
    ++counters_.lines;
    ++current_->lines;
    if (place != 0 && lines_of_message_ > 0) place = std::max<std::uint64_t>(mix64(place + lines_of_message_), 1);
    ++lines_of_message_;
    sink_.line({line.substr(0, options_.line_bytes_max), now, std::nullopt, too_long, place});
  }

  void reject() {
    ++counters_.rejected;
    log_warning("nats_message_empty", "a message without a line was left out", {{"subject", options_.subject}});
  }

  void look_safe() {
    safe_timer_.expires_after(kLookSafe);
    safe_timer_.async_wait([this, alive = alive()](const boost::system::error_code& error) {
      if (alive.expired() || error) return;
      acknowledge_safe();
      if (!given_.empty()) look_safe();
    });
  }

  void acknowledge_safe() {
    while (!given_.empty() && sink_.safe(given_.front().mark)) {
      client_->acknowledge(given_.front().batch);
      given_.pop_front();
    }
  }

  struct Given {
    std::shared_ptr<NatsBatch> batch;
    SinkMark mark;
  };

  asio::io_context& io_;
  asio::steady_timer safe_timer_;
  LineSink& sink_;
  Room room_;
  TransportOptions options_;
  std::unique_ptr<NatsClient> client_;
  std::shared_ptr<NatsBatch> current_;
  std::size_t item_ = 0, offset_ = 0;  // in the current batch: the message, and where its next line begins
  std::uint64_t lines_of_message_ = 0;
  bool busy_ = false;        // a turn is posted, or waits for room
  std::deque<Given> given_;  // JetStream: waits to be safe
  TransportCounters counters_;
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace

void read_nats(YamlMap& map, TransportOptions& options) {
  options.servers = map.texts("servers");
  options.subject = map.require_text("subject");
  options.queue = map.text("queue");
  options.stream = map.text("stream");
  options.durable = map.text("durable", "normwatch");
  options.credentials_file = map.text("credentials_file");
  options.token_file = map.text("token_file");
  options.tls.server_ca = map.text("server_ca");
  options.tls.certificate = map.text("certificate");
  options.tls.key = map.text("key");
  options.pending_bytes_max = map.bytes("pending_bytes_max", 64U << 20, NatsClient::kBatchBytes, kPendingMax);
}

Result<std::unique_ptr<Transport>> open_nats(asio::io_context& io, const TransportOptions& options, LineSink& sink) {
  TransportOptions checked = options;
  if (checked.servers.empty() && !checked.address.empty()) checked.servers = {checked.address};
  if (checked.durable.empty()) checked.durable = "normwatch";
  if (auto good = check_nats_options(checked); !good) return good.error();
  return std::unique_ptr<Transport>{std::make_unique<NatsTransport>(io, checked, sink)};
}

}  // namespace nw::logs
