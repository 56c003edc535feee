#include "ingest/logs/transports/nats_client.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace nw::logs {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// What both threads see. The client's thread keeps it alive.
struct NatsClient::Shared {
  mutable std::mutex mutex;
  std::condition_variable changed;  // for the client's thread: room, something safe, or the end
  std::condition_variable ended;
  bool stopping = false, finished = false;
  std::deque<std::shared_ptr<NatsBatch>> arrived;
  std::function<void()> wake;  // called with the mutex held, so that it cannot outlive stop()
  Counts counts;

  bool is_stopping() const {
    const std::lock_guard lock{mutex};
    return stopping;
  }
};

namespace {

constexpr milliseconds kWait{250};         // one call of the library blocks no longer: stop() waits for it
constexpr milliseconds kWaitUnacked{25};   // while acknowledgements may become due
constexpr milliseconds kAnswer{1000};      // for an answer of the JetStream API
constexpr std::chrono::seconds kRetry{5};  // what failed on a live connection
constexpr std::chrono::seconds kRetryConnect{1};
constexpr std::chrono::seconds kLookConsumer{5};      // a stream that gives nothing: is our consumer still there?
constexpr std::chrono::seconds kAnew{60};             // so long without the server: connect anew, with the files of now
constexpr std::size_t kBytesPerPendingMessage = 128;  // the library also counts messages: what one costs at least

// The acknowledgements of JetStream are messages to the reply subject. They are sent by hand and not by natsMsg_Ack(),
// because that needs the subscription by which the message came, which may be gone.
constexpr const char* kAck = "+ACK";
constexpr const char* kInProgress = "+WPI";
constexpr const char* kGiveBack = "-NAK";

jsOptions short_wait() {
  jsOptions out;
  jsOptions_Init(&out);
  out.Wait = kAnswer.count();
  return out;
}

// Everything below runs on the client's thread.
class Session {
 public:
  Session(const TransportOptions& options, NatsClient::Shared& shared)
      : options_{options}, shared_{shared}, jetstream_{!options.stream.empty()} {
    for (const std::string& server : options_.servers)
      servers_ += (servers_.empty() ? "" : ", ") + shown_server(server);
  }

  void run() {
    while (!shared_.is_stopping()) {
      if (connect()) serve();
      end_connection();
      pause(kRetryConnect);
    }
    unacked_.clear();
    nats_ReleaseThreadMemory();
  }

 private:
  // Logs each trouble once, until lines are taken again or its reason is another.
  void trouble(std::string_view code, std::string_view text, std::string reason) {
    std::string& told = told_[code];
    if (reason == told || shared_.is_stopping()) return;
    told = reason;
    log_warning(code, text, {{"servers", servers_}, {"subject", options_.subject}, {"reason", std::move(reason)}});
  }

  void pause(Clock::duration time) {
    std::unique_lock lock{shared_.mutex};
    shared_.changed.wait_for(lock, time, [this] { return shared_.stopping; });
  }

  // The files are read here, so a renewed certificate or token is used from the next connection on.
  bool connect() {
    std::string reason;
    natsConnection* made = nullptr;
    if (const auto options = make_nats_options(options_); !options) {
      reason = options.error().what;
    } else if (const natsStatus status = natsConnection_Connect(&made, options->get()); status != NATS_OK) {
      reason = nats_error(status);
    }
    if (!reason.empty()) {
      trouble("nats_not_connected", "no connection to NATS; trying again each second", std::move(reason));
      return false;
    }
    connection_.reset(made);
    up_ = true;
    reconnects_ = taken_ = dropped_here_ = 0;
    return true;
  }

  void serve() {
    while (!shared_.is_stopping()) {
      if (!watch()) return;
      tell_server();
      if (subscription_ == nullptr) {
        if (!up_ || !subscribe()) pause(up_ ? Clock::duration{kRetry} : Clock::duration{kWait});
      } else if (!wait_for_room()) {
        continue;
      } else if (!jetstream_) {
        pull_plain();
      } else if (up_) {
        pull_stream();
      } else {
        pause(kWait);  // requests would pile up in the library, and all be served at once later
      }
    }
  }

  struct Numbers {
    std::uint64_t came = 0, reconnects = 0;
  };
  // Of this connection, since it was made.
  Numbers numbers() {
    Numbers out;
    natsStatistics* made = nullptr;
    (void)natsStatistics_Create(&made);
    const NatsPointer<natsStatistics, natsStatistics_Destroy> statistics{made};
    if (natsConnection_GetStats(connection_.get(), made) == NATS_OK)
      (void)natsStatistics_GetCounts(made, &out.came, nullptr, nullptr, nullptr, &out.reconnects);
    return out;
  }

  // Notices what the connection did; false: it is of no use any more.
  bool watch() {
    const natsConnStatus status = natsConnection_Status(connection_.get());
    const std::uint64_t reconnects = numbers().reconnects;
    const bool up = status == NATS_CONN_STATUS_CONNECTED;
    if (!up && up_) {
      down_since_ = Clock::now();
      log_warning("nats_disconnected", "the connection to NATS ended; the library tries to get it back",
                  {{"servers", servers_}, {"reason", nats_error(*connection_)}});
    }
    if (up && (!up_ || reconnects != reconnects_)) {
      log_info("nats_reconnected", "the connection to NATS is there again", {{"servers", servers_}});
      reconnects_ = reconnects;
    }
    up_ = up;
    if (status == NATS_CONN_STATUS_CLOSED) {
      trouble("nats_not_connected", "NATS refused to take the connection again; trying anew", nats_error(*connection_));
      return false;
    }
    if (up) {
      const char* text = nullptr;
      if (natsConnection_GetLastError(connection_.get(), &text) == NATS_NOT_PERMITTED)
        trouble("nats_not_permitted", "NATS forbids what the source needs; give its user the permission",
                nats_error(*connection_));
    }
    return up || Clock::now() - down_since_ < kAnew || pending() > 0;
  }

  // Messages in the library's queue.
  int pending() {
    int messages = 0;
    if (subscription_ != nullptr) (void)natsSubscription_GetPending(subscription_.get(), &messages, nullptr);
    return messages;
  }

  bool subscribe() {
    const bool done = jetstream_ ? subscribe_stream() : subscribe_plain();
    if (!done) return false;
    told_.clear();
    log_info("nats_subscribed", "lines from NATS are taken",
             {{"servers", servers_}, {"subject", options_.subject}, {"stream", options_.stream}});
    return true;
  }

  bool subscribe_plain() {
    natsSubscription* made = nullptr;
    natsStatus status = options_.queue.empty()
                            ? natsConnection_SubscribeSync(&made, connection_.get(), options_.subject.c_str())
                            : natsConnection_QueueSubscribeSync(&made, connection_.get(), options_.subject.c_str(),
                                                                options_.queue.c_str());
    subscription_.reset(made);
    const std::size_t bytes = options_.pending_bytes_max;
    if (status == NATS_OK)
      status = natsSubscription_SetPendingLimits(made, static_cast<int>(bytes / kBytesPerPendingMessage),
                                                 static_cast<int>(bytes));
    if (status == NATS_OK) status = natsConnection_FlushTimeout(connection_.get(), kAnswer.count());
    if (status == NATS_OK) return true;
    subscription_.reset();
    trouble("nats_not_subscribed", "cannot subscribe; trying again every five seconds", nats_error(status));
    return false;
  }

  // Our own durable consumer, made if it is not there. The library would make one too, but would delete that again.
  bool subscribe_stream() {
    jsOptions api = short_wait();
    natsStatus status = NATS_OK;
    if (jetstream_context_ == nullptr) {
      jsCtx* made = nullptr;
      status = natsConnection_JetStream(&made, connection_.get(), &api);
      jetstream_context_.reset(made);
    }
    jsCtx* const context = jetstream_context_.get();
    jsErrCode code{};
    jsConsumerInfo* found = nullptr;
    const char* const stream = options_.stream.c_str();
    const char* const durable = options_.durable.c_str();
    if (status == NATS_OK) status = js_GetConsumerInfo(&found, context, stream, durable, &api, &code);
    if (status == NATS_NOT_FOUND && code == JSConsumerNotFoundErr) {
      jsConsumerConfig config;
      jsConsumerConfig_Init(&config);
      config.Durable = durable;
      config.AckPolicy = js_AckExplicit;
      config.DeliverPolicy = js_DeliverAll;
      config.FilterSubject = options_.subject.c_str();
      config.MaxAckPending = static_cast<std::int64_t>(NatsClient::kUnackedMax);
      status = js_AddConsumer(&found, context, stream, &config, &api, &code);
    }
    const NatsPointer<jsConsumerInfo, jsConsumerInfo_Destroy> info{found};
    if (status != NATS_OK) return no_stream(status, code);
    if (found->Config->AckPolicy != js_AckExplicit) {
      trouble("nats_not_subscribed", "the consumer is not one of explicit acknowledgement; trying again",
              "consumer '" + options_.durable +
                  "' loses what a crash interrupts; choose another 'durable', or delete "
                  "it: nats consumer rm " +
                  options_.stream + " " + options_.durable);
      return false;
    }
    const auto nanoseconds = std::chrono::nanoseconds{found->Config->AckWait};
    ack_wait_ = nanoseconds.count() > 0 ? nanoseconds : std::chrono::seconds{30};
    unacked_max_ = NatsClient::kUnackedMax;
    batch_max_ = NatsClient::kBatchMessages;
    if (found->Config->MaxAckPending > 0)
      unacked_max_ = std::min(unacked_max_, static_cast<std::size_t>(found->Config->MaxAckPending));
    if (found->Config->MaxRequestBatch > 0)
      batch_max_ = std::min(batch_max_, static_cast<std::size_t>(found->Config->MaxRequestBatch));
    jsSubOptions bind;
    jsSubOptions_Init(&bind);
    bind.Stream = stream;
    bind.Consumer = durable;
    natsSubscription* made = nullptr;
    status = js_PullSubscribe(&made, context, options_.subject.c_str(), nullptr, &api, &bind, &code);
    if (status != NATS_OK) return no_stream(status, code);
    subscription_.reset(made);
    heard_ = Clock::now();
    return true;
  }

  bool no_stream(natsStatus status, jsErrCode code) {
    std::string reason = nats_error(status);
    if (code == JSStreamNotFoundErr)
      reason = "there is no stream '" + options_.stream + "'; make it: nats stream add " + options_.stream +
               " --subjects '" + options_.subject + "'";
    else if (code == JSNotEnabledErr || code == JSNotEnabledForAccountErr || status == NATS_NO_RESPONDERS)
      reason = "JetStream is not enabled there; set `jetstream` in the server's configuration, or leave out 'stream'";
    trouble("nats_not_subscribed", "cannot read the stream; trying again every five seconds", std::move(reason));
    return false;
  }

  // False when there was none in time.
  bool wait_for_room() {
    std::unique_lock lock{shared_.mutex};
    const auto room = [this] {
      return shared_.arrived.size() < NatsClient::kArrivedMax && unacked_messages_ < unacked_max_ &&
             (!jetstream_ || unacked_bytes_ < options_.pending_bytes_max);
    };
    if (!room()) shared_.changed.wait_for(lock, kWaitUnacked);
    return room() && !shared_.stopping;
  }

  void pull_plain() {
    auto batch = std::make_shared<NatsBatch>();
    while (batch->items.size() < NatsClient::kBatchMessages && batch->bytes < NatsClient::kBatchBytes) {
      natsMsg* message = nullptr;
      const std::int64_t wait = batch->items.empty() ? kWait.count() : 0;
      const natsStatus status = natsSubscription_NextMsg(&message, subscription_.get(), wait);
      if (status == NATS_SLOW_CONSUMER) continue;  // told once for each time that the queue ran over; counted below
      if (status != NATS_OK) break;
      ++taken_;
      add(*batch, NatsMessage{message}, 0);
    }
    count_dropped();
    hand_over(std::move(batch));
  }

  // First one message, however large, and waiting for it; then what more is there, up to a limit in bytes. A request
  // with a limit in bytes alone would never get past a message that is larger.
  void pull_stream() {
    auto batch = std::make_shared<NatsBatch>();
    const milliseconds wait = unacked_.empty() ? kWait : kWaitUnacked;
    natsStatus status = fetch(*batch, 1, 0, wait, false);
    const std::size_t room = std::min(batch_max_, unacked_max_ - unacked_messages_);
    if (status == NATS_OK && room > batch->items.size() && batch->bytes < NatsClient::kBatchBytes)
      (void)fetch(*batch, room - batch->items.size(), NatsClient::kBatchBytes - batch->bytes, kWait, true);
    hand_over(std::move(batch));
    if (status == NATS_OK) heard_ = Clock::now();
    if (status == NATS_TIMEOUT) status = look_for_consumer();
    if (status == NATS_OK) return;
    if (natsConnection_Status(connection_.get()) != NATS_CONN_STATUS_CONNECTED) return;
    trouble("nats_fetch_failed", "the stream gives nothing; looking for it again", nats_error(status));
    subscription_.reset();
    pause(kRetryConnect);
  }

  // The server says nothing to a request for a consumer that is gone.
  natsStatus look_for_consumer() {
    if (Clock::now() - heard_ < kLookConsumer) return NATS_OK;
    heard_ = Clock::now();
    jsOptions api = short_wait();
    jsConsumerInfo* found = nullptr;
    const natsStatus status = natsSubscription_GetConsumerInfo(&found, subscription_.get(), &api, nullptr);
    jsConsumerInfo_Destroy(found);
    return status == NATS_TIMEOUT ? NATS_OK : status;  // slow is not gone
  }

  natsStatus fetch(NatsBatch& batch, std::size_t messages, std::size_t bytes, milliseconds wait, bool no_wait) {
    jsFetchRequest request;
    jsFetchRequest_Init(&request);
    request.Batch = static_cast<int>(messages);
    request.MaxBytes = static_cast<std::int64_t>(bytes);
    request.Expires = std::chrono::nanoseconds{wait}.count();
    request.NoWait = no_wait;
    natsMsgList list{};
    const natsStatus status = natsSubscription_FetchRequest(&list, subscription_.get(), &request);
    if (status != NATS_OK) return status;
    for (int i = 0; i < list.Count; ++i) {
      NatsMessage message{std::exchange(list.Msgs[i], nullptr)};
      const std::uint64_t place = nats_place(*message);
      add(batch, std::move(message), place);
    }
    natsMsgList_Destroy(&list);
    return status;
  }

  static void add(NatsBatch& batch, NatsMessage message, std::uint64_t place) {
    batch.bytes += static_cast<std::size_t>(natsMsg_GetDataLength(message.get()));
    batch.items.push_back({std::move(message), place});
  }

  void hand_over(std::shared_ptr<NatsBatch> batch) {
    if (batch->items.empty()) return;
    batch->told = Clock::now();
    if (jetstream_) {
      unacked_bytes_ += batch->bytes;
      unacked_messages_ += batch->items.size();
      unacked_.push_back(batch);
    }
    const std::lock_guard lock{shared_.mutex};
    if (shared_.stopping && jetstream_) return;  // it goes back to the stream
    shared_.arrived.push_back(std::move(batch));
    if (!shared_.stopping) shared_.wake();
  }

  // What the library dropped because its queue was full.
  void count_dropped() {
    std::int64_t dropped = 0;
    if (natsSubscription_GetDropped(subscription_.get(), &dropped) != NATS_OK) return;
    const auto now = static_cast<std::uint64_t>(dropped);
    const bool more = now != dropped_here_;
    if (more && !dropping_)
      log_warning("nats_slow_consumer", "messages come faster than they are read, and are dropped; use a stream",
                  {{"subject", options_.subject}, {"pending_bytes_max", std::to_string(options_.pending_bytes_max)}});
    dropping_ = more;
    add_dropped(now);
  }
  void add_dropped(std::uint64_t now) {
    const std::lock_guard lock{shared_.mutex};
    shared_.counts.dropped += now - dropped_here_;
    dropped_here_ = now;
  }

  // Acknowledges what is safe, and asks for more time for what is not.
  void tell_server() {
    if (!up_ || unacked_.empty()) return;
    const auto now = Clock::now();
    for (auto& batch : unacked_) {
      bool safe = false;
      {
        const std::lock_guard lock{shared_.mutex};
        safe = batch->safe;
      }
      if (!safe && now - batch->told < ack_wait_ / 2) continue;
      batch->told = now;
      if (!tell(*batch, safe ? kAck : kInProgress) || !safe) continue;
      unacked_bytes_ -= batch->bytes;
      unacked_messages_ -= batch->items.size();
      const std::lock_guard lock{shared_.mutex};
      shared_.counts.acknowledged += batch->lines;
      batch.reset();
    }
    std::erase(unacked_, nullptr);
  }

  bool tell(const NatsBatch& batch, const char* what) {
    for (const NatsBatch::Item& item : batch.items) {
      const char* const reply = natsMsg_GetReply(item.message.get());
      if (reply == nullptr || *reply == '\0') continue;
      if (natsConnection_PublishString(connection_.get(), reply, what) != NATS_OK) return false;
    }
    return true;
  }

  void end_connection() {
    if (connection_ == nullptr) return;
    if (shared_.is_stopping() && up_) {
      tell_server();
      for (const auto& batch : unacked_) (void)tell(*batch, kGiveBack);
      (void)natsConnection_FlushTimeout(connection_.get(), kAnswer.count() / 2);
    }
    subscription_.reset();
    // Messages still in the library's queue ended with the subscription.
    if (const std::uint64_t came = numbers().came; !jetstream_ && came > taken_)
      add_dropped(std::max(came - taken_, dropped_here_));
    jetstream_context_.reset();
    connection_.reset();
    up_ = false;
  }

  TransportOptions options_;
  NatsClient::Shared& shared_;
  const bool jetstream_;
  std::string servers_;  // for the log
  // Destroyed from below.
  NatsPointer<natsConnection, natsConnection_Destroy> connection_;
  NatsPointer<jsCtx, jsCtx_Destroy> jetstream_context_;
  NatsPointer<natsSubscription, natsSubscription_Destroy> subscription_;
  bool up_ = false, dropping_ = false;
  Clock::time_point down_since_;
  std::uint64_t reconnects_ = 0;
  std::uint64_t taken_ = 0, dropped_here_ = 0;    // of this connection
  std::map<std::string_view, std::string> told_;  // by code
  // JetStream: handed over, and not acknowledged.
  std::deque<std::shared_ptr<NatsBatch>> unacked_;
  std::size_t unacked_bytes_ = 0, unacked_messages_ = 0, unacked_max_ = NatsClient::kUnackedMax;
  Clock::time_point heard_;  // from the stream
  std::size_t batch_max_ = NatsClient::kBatchMessages;
  Clock::duration ack_wait_ = std::chrono::seconds{30};
};

}  // namespace

NatsClient::NatsClient(const TransportOptions& options, std::function<void()> wake)
    : shared_{std::make_shared<Shared>()} {
  shared_->wake = std::move(wake);
  thread_ = std::thread{[shared = shared_, options] {
    Session{options, *shared}.run();
    const std::lock_guard lock{shared->mutex};
    shared->finished = true;
    shared->ended.notify_all();
  }};
}

std::shared_ptr<NatsBatch> NatsClient::take() {
  const std::lock_guard lock{shared_->mutex};
  if (shared_->arrived.empty()) return nullptr;
  auto batch = std::move(shared_->arrived.front());
  shared_->arrived.pop_front();
  shared_->changed.notify_all();
  return batch;
}

void NatsClient::acknowledge(const std::shared_ptr<NatsBatch>& batch) {
  const std::lock_guard lock{shared_->mutex};
  batch->safe = true;
  shared_->changed.notify_all();
}

void NatsClient::stop() {
  if (!thread_.joinable()) return;
  bool finished = false;
  {
    std::unique_lock lock{shared_->mutex};
    shared_->stopping = true;
    shared_->changed.notify_all();
    finished = shared_->ended.wait_for(lock, kStopMax, [this] { return shared_->finished; });
  }
  if (finished) return thread_.join();
  log_warning("nats_stop_slow", "the connection to NATS does not answer; its thread is left to end by itself");
  thread_.detach();
}

NatsClient::Counts NatsClient::counts() const {
  const std::lock_guard lock{shared_->mutex};
  return shared_->counts;
}

}  // namespace nw::logs
