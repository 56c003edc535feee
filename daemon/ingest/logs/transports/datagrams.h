// Datagrams, each a line. recvmmsg takes many with one system call, which Asio cannot; Asio only waits.
#pragma once

#include <array>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <sys/socket.h>
#include <vector>

#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/transport.h"

namespace nw::logs {

// What the datagram transports share: each makes its socket, this reads it.
class DatagramTransport : public Transport {
 public:
  ~DatagramTransport() override { DatagramTransport::stop(); }
  void stop() override;
  [[nodiscard]] TransportCounters counters() const override;

 protected:
  using Socket = boost::asio::generic::datagram_protocol::socket;

  // Longer datagrams are cut at `datagram_bytes_max`. `whole`: they are no text, nothing is taken off their ends.
  DatagramTransport(boost::asio::io_context& io, LineSink& sink, std::size_t datagram_bytes_max, bool whole);
  // `socket` is bound, and non-blocking.
  void start(Socket socket);

 private:
  static constexpr std::size_t kBatch = 16;  // datagrams per system call
  static constexpr int kBatchesPerTurn = 8;  // then the io_context's other work gets its turn

  void wait();
  void receive();
  void receive_batches();
  void give(std::size_t i, Timestamp now);
  void note_drops() const;

  Socket socket_;
  LineSink& sink_;
  Room room_;
  std::size_t datagram_bytes_max_;
  bool whole_;
  std::vector<char> memory_;
  std::array<iovec, kBatch> parts_{};
  std::array<sockaddr_storage, kBatch> peers_{};
  std::array<mmsghdr, kBatch> messages_{};
  mutable TransportCounters counters_;
  mutable std::uint32_t drops_seen_ = 0;
  // Handlers that Asio still holds after stop() see that we are gone.
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace nw::logs
