// Connections that carry lines, over whatever carries their bytes: tcp.cpp, tls.cpp. All share one read buffer: Asio
// waits, we read when there is something, and hold per connection only the line whose end has not come. A slow sink
// slows the reading, and TCP the senders.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ingest/logs/transports/transport.h"

namespace nw::logs {

// The bytes of one connection. Nothing here waits.
class LineChannel {
 public:
  // What to wait for before it is asked again. `again`: for nothing.
  enum class Next : std::uint8_t { again, readable, writable, end };
  struct Read {
    std::size_t bytes;  // also before an end
    Next next;
  };

  virtual ~LineChannel() = default;
  // What comes before the bytes; `again`: it is done. Asked first when something is there to be read.
  virtual Next handshake() { return Next::again; }
  virtual Read read(std::span<char> into) = 0;
  // Why it has ended, when that was not the peer's plain wish.
  [[nodiscard]] virtual std::string fault() const { return {}; }
};

// Makes a listener's channels. Of the io_context's thread.
class Carrier {
 public:
  virtual ~Carrier() = default;
  // `socket` is non-blocking, and outlives the channel.
  virtual std::unique_ptr<LineChannel> open(int socket) = 0;
  // Now and then, also when nobody connects.
  virtual void look() {}
  // When what it shows to the clients ends, in Unix seconds; 0: never.
  [[nodiscard]] virtual std::int64_t expires() const { return 0; }
};

// Listens on options.address. `transport` names it in messages.
Result<std::unique_ptr<Transport>> open_line_listener(boost::asio::io_context& io, std::string_view transport,
                                                      const TransportOptions& options, LineSink& sink,
                                                      std::unique_ptr<Carrier> carrier);

}  // namespace nw::logs
