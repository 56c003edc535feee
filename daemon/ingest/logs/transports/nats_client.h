// One connection to NATS and the thread that speaks on it, with libnats. The library's calls block (connecting,
// fetching from a stream), so they are kept off the worker: its io_context only takes finished batches from here.
//
//   server → libnats: the subscription's own queue → this thread → at most two batches → the io_context
//
// No callback of the library ever reaches us: subscriptions are synchronous, states are asked for. So nothing can call
// into what is gone.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nats/nats.h>
#include <thread>
#include <vector>

#include "ingest/logs/transports/nats_library.h"
#include "ingest/logs/transports/transport.h"

namespace nw::logs {

using NatsMessage = NatsPointer<natsMsg, natsMsg_Destroy>;

// What is handed over at once: at most 256 messages, and 1 MiB unless one message alone is larger.
struct NatsBatch {
  struct Item {
    NatsMessage message;
    std::uint64_t place = 0;  // of the message in its stream; 0: plain subjects
  };
  std::vector<Item> items;
  std::size_t bytes = 0;
  std::uint64_t lines = 0;  // of the io_context's thread: what came of it

  // Of NatsClient.
  bool safe = false;
  std::chrono::steady_clock::time_point told;  // when the server last heard that it is in good hands
};

class NatsClient {
 public:
  static constexpr std::size_t kBatchMessages = 256, kBatchBytes = 1U << 20;
  static constexpr std::size_t kArrivedMax = 2;       // batches that wait for the io_context
  static constexpr std::size_t kUnackedMax = 4096;    // messages of a stream that are fetched and not acknowledged
  static constexpr std::chrono::seconds kStopMax{2};  // that stop() takes

  // Connects, and again for ever; the options have been checked. `wake` is called on the client's thread when a batch
  // waits; never after stop().
  NatsClient(const TransportOptions& options, std::function<void()> wake);
  ~NatsClient() { stop(); }
  NatsClient(const NatsClient&) = delete;
  NatsClient& operator=(const NatsClient&) = delete;

  // The next batch, or none. After stop() too, when some were left.
  std::shared_ptr<NatsBatch> take();
  // JetStream: all that came of it is on disk. Its messages are not touched by the caller any more.
  void acknowledge(const std::shared_ptr<NatsBatch>& batch);
  // Acknowledges what is safe, gives the rest of a stream's messages back, and ends the thread. A thread that hangs in
  // a connection attempt for longer than kStopMax is left to end by itself; it touches nothing of ours then.
  void stop();

  struct Counts {
    std::uint64_t dropped = 0, acknowledged = 0;
  };
  [[nodiscard]] Counts counts() const;

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace nw::logs
