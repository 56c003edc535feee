// Datagrams, each a line. recvmmsg takes many with one system call, which Asio cannot; Asio only waits.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <boost/asio/ip/udp.hpp>
#include <cstring>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/table.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using asio::ip::udp;

constexpr std::size_t kBatch = 16;           // datagrams per system call
constexpr int kBatchesPerTurn = 8;           // then the io_context's other work gets its turn
constexpr std::size_t kDatagramMax = 65535;  // UDP's length field

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

class UdpTransport final : public Transport {
 public:
  UdpTransport(asio::io_context& io, udp::socket socket, const TransportOptions& options, LineSink& sink)
      : socket_{std::move(socket)},
        sink_{sink},
        room_{io, sink},
        line_bytes_max_{std::min(options.line_bytes_max, kDatagramMax)},
        whole_{options.whole},
        memory_(kBatch * (line_bytes_max_ + 1)) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {memory_.data() + i * (line_bytes_max_ + 1), line_bytes_max_ + 1};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
      messages_[i].msg_hdr.msg_name = &peers_[i];
    }
    ask_for_buffer(options);
    boost::system::error_code ignored;
    port_ = socket_.local_endpoint(ignored).port();
    wait();
  }
  ~UdpTransport() override { stop(); }

  void stop() override {
    if (!socket_.is_open()) return;
    note_drops();
    alive_.reset();
    room_.stop();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  [[nodiscard]] TransportCounters counters() const override {
    note_drops();
    return counters_;
  }
  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  void ask_for_buffer(const TransportOptions& options) {
    const int asked = static_cast<int>(std::min<std::size_t>(options.receive_buffer_bytes, 1U << 30));
    const int handle = socket_.native_handle();
    // FORCE passes the sysctl's limit where CAP_NET_ADMIN is there. Without it systemd's socket stays as it is: the
    // limit might make it smaller than its unit says.
    const bool handed = !handed_name(options.address).empty();
    if (::setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &asked, sizeof asked) != 0 && !handed)
      (void)::setsockopt(handle, SOL_SOCKET, SO_RCVBUF, &asked, sizeof asked);
    int got = 0;
    socklen_t size = sizeof got;
    // The kernel reports double, its bookkeeping included.
    if (::getsockopt(handle, SOL_SOCKET, SO_RCVBUF, &got, &size) != 0 || got / 2 >= asked) return;
    log_warning(
        "udp_receive_buffer_small",
        handed ? "the socket's receive buffer is smaller than asked for, so bursts are lost sooner; set "
                 "ReceiveBuffer= in its socket unit"
               : "the kernel gave a smaller receive buffer than asked for, so bursts are lost sooner; raise "
                 "net.core.rmem_max with sysctl",
        {{"address", options.address}, {"asked_bytes", std::to_string(asked)}, {"got_bytes", std::to_string(got / 2)}});
  }

  void wait() {
    socket_.async_wait(udp::socket::wait_read,
                       [this, alive = std::weak_ptr<const char>{alive_}](const boost::system::error_code& error) {
                         if (alive.expired() || error == asio::error::operation_aborted) return;
                         receive();
                       });
  }

  // While there is no room the kernel's buffer fills, and drops what is newest.
  void receive() {
    if (!room_.ready()) return room_.wait([this] { receive(); });
    receive_batches();
    wait();
  }

  void receive_batches() {
    for (int turn = 0; turn < kBatchesPerTurn; ++turn) {
      for (std::size_t i = 0; i < kBatch; ++i) {
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

  void give(std::size_t i, Timestamp now) {
    const std::size_t size = std::min<std::size_t>(messages_[i].msg_len, line_bytes_max_);
    const bool too_long = (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0 || messages_[i].msg_len > line_bytes_max_;
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
  void note_drops() const {
    std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
    socklen_t size = sizeof info;
    if (!socket_.is_open() || ::getsockopt(const_cast<udp::socket&>(socket_).native_handle(), SOL_SOCKET, SO_MEMINFO,
                                           info.data(), &size) != 0)
      return;
    counters_.kernel_dropped += static_cast<std::uint32_t>(info[SK_MEMINFO_DROPS] - drops_seen_);
    drops_seen_ = info[SK_MEMINFO_DROPS];
  }

  udp::socket socket_;
  LineSink& sink_;
  Room room_;
  std::size_t line_bytes_max_;
  bool whole_;
  std::vector<char> memory_;
  std::array<iovec, kBatch> parts_{};
  std::array<sockaddr_storage, kBatch> peers_{};
  std::array<mmsghdr, kBatch> messages_{};
  std::uint16_t port_ = 0;
  mutable TransportCounters counters_;
  mutable std::uint32_t drops_seen_ = 0;
  // Handlers that Asio still holds after stop() see that we are gone.
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace

void read_udp(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("listen");
  options.receive_buffer_bytes = map.bytes("receive_buffer", 8U << 20, 4096, 1U << 30);
}

Result<std::unique_ptr<Transport>> open_udp(asio::io_context& io, const TransportOptions& options, LineSink& sink) {
  auto socket = listen_udp(io, "udp", options.address);
  if (!socket) return socket.error();
  return std::unique_ptr<Transport>{std::make_unique<UdpTransport>(io, std::move(*socket), options, sink)};
}

}  // namespace nw::logs
