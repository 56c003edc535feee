// Syslog over UDP (RFC 5426): a datagram is a line. What it shares with the other datagrams is in datagrams.h.
#include <algorithm>
#include <boost/asio/ip/udp.hpp>

#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/datagrams.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/table.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using asio::ip::udp;

constexpr std::size_t kDatagramMax = 65535;  // UDP's length field

class UdpTransport final : public DatagramTransport {
 public:
  UdpTransport(asio::io_context& io, udp::socket socket, const TransportOptions& options, LineSink& sink)
      : DatagramTransport{io, sink, std::min(options.line_bytes_max, kDatagramMax), options.whole} {
    ask_for_buffer(socket.native_handle(), options);
    boost::system::error_code ignored;
    port_ = socket.local_endpoint(ignored).port();
    start(std::move(socket));
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  static void ask_for_buffer(int handle, const TransportOptions& options) {
    const int asked = static_cast<int>(std::min<std::size_t>(options.receive_buffer_bytes, 1U << 30));
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

  std::uint16_t port_ = 0;
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
