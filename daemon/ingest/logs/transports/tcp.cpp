// Lines over plain TCP: the bytes are the connection's (line_listener.h).
#include <cerrno>
#include <sys/socket.h>

#include "base/yaml.h"
#include "ingest/logs/transports/line_listener.h"
#include "ingest/logs/transports/table.h"

namespace nw::logs {

namespace {

class PlainChannel final : public LineChannel {
 public:
  explicit PlainChannel(int socket) : socket_{socket} {}

  // A plain connection is ready as it is: nothing can fail before its first byte.
  Read read(std::span<char> into) override {
    const ssize_t got = ::recv(socket_, into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) return {static_cast<std::size_t>(got), Next::readable};
    return {0, got < 0 && (errno == EAGAIN || errno == EINTR) ? Next::readable : Next::end};
  }

 private:
  int socket_;
};

class PlainCarrier final : public Carrier {
 public:
  std::unique_ptr<LineChannel> open(int socket) override { return std::make_unique<PlainChannel>(socket); }
};

}  // namespace

void read_tcp(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("listen");
  options.connections_max = static_cast<std::size_t>(map.integer("connections_max", 256, 1, 100'000));
  options.idle = map.duration("idle", std::chrono::minutes{10});
}

Result<std::unique_ptr<Transport>> open_tcp(boost::asio::io_context& io, const TransportOptions& options,
                                            LineSink& sink) {
  return open_line_listener(io, "tcp", options, sink, std::make_unique<PlainCarrier>());
}

}  // namespace nw::logs
