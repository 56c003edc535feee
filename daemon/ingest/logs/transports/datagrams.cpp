#include "ingest/logs/transports/datagrams.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include "base/clock.h"

namespace nw::logs {

namespace {

std::optional<IpAddress> peer_of(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
  }
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    return IpAddress::from_bytes(v6.sin6_addr.s6_addr);
  }
  return std::nullopt;
}

}  // namespace

DatagramTransport::DatagramTransport(boost::asio::io_context& io, LineSink& sink, std::size_t datagram_bytes_max,
                                     bool whole)
    : socket_{io},
      sink_{sink},
      room_{io, sink},
      datagram_bytes_max_{datagram_bytes_max},
      whole_{whole},
      memory_(kBatch * (datagram_bytes_max + 1)) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts_[i] = {memory_.data() + i * (datagram_bytes_max_ + 1), datagram_bytes_max_ + 1};
    messages_[i].msg_hdr.msg_iov = &parts_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_name = &peers_[i];
  }
}

void DatagramTransport::start(Socket socket) {
  socket_ = std::move(socket);
  wait();
}

void DatagramTransport::stop() {
  if (!socket_.is_open()) return;
  note_drops();
  alive_.reset();
  room_.stop();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

TransportCounters DatagramTransport::counters() const {
  note_drops();
  return counters_;
}

void DatagramTransport::wait() {
  socket_.async_wait(Socket::wait_read,
                     [this, alive = std::weak_ptr<const char>{alive_}](const boost::system::error_code& error) {
                       if (alive.expired() || error == boost::asio::error::operation_aborted) return;
                       receive();
                     });
}

// While there is no room the kernel's buffer fills; what it does with the newest then is the socket's kind's affair.
void DatagramTransport::receive() {
  if (!room_.ready()) return room_.wait([this] { receive(); });
  receive_batches();
  wait();
}

void DatagramTransport::receive_batches() {
  for (int turn = 0; turn < kBatchesPerTurn; ++turn) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      peers_[i].ss_family = AF_UNSPEC;  // a Unix socket without a name leaves it as it is
      messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
      messages_[i].msg_hdr.msg_flags = 0;
    }
    const int got = ::recvmmsg(socket_.native_handle(), messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (got <= 0) return;  // nothing there; or an ICMP error of somebody's, which concerns no datagram of ours
    const Timestamp now = wall_now();
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) give(i, now);
    if (static_cast<std::size_t>(got) < kBatch) return;
  }
}

void DatagramTransport::give(std::size_t i, Timestamp now) {
  const std::size_t size = std::min<std::size_t>(messages_[i].msg_len, datagram_bytes_max_);
  const bool too_long = (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0 || messages_[i].msg_len > datagram_bytes_max_;
  std::string_view line{static_cast<const char*>(parts_[i].iov_base), size};
  if (!too_long && !whole_)
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  counters_.bytes += messages_[i].msg_len;
  ++counters_.lines;
  counters_.too_long += too_long ? 1U : 0U;
  sink_.line({line, now, peer_of(peers_[i]), too_long});
}

// The socket's own drop counter: the number that SO_RXQ_OVFL attaches to datagrams, but up to date also when none
// follows the loss. 32 bits wide, hence the difference.
void DatagramTransport::note_drops() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  if (!socket_.is_open() ||
      ::getsockopt(const_cast<Socket&>(socket_).native_handle(), SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0)
    return;
  counters_.kernel_dropped += static_cast<std::uint32_t>(info[SK_MEMINFO_DROPS] - drops_seen_);
  drops_seen_ = info[SK_MEMINFO_DROPS];
}

}  // namespace nw::logs
