// How log bytes arrive. I/O folder. A transport is one file beside this one and one row in table.cpp.
// Each runs on its worker's io_context and hands whole lines to the sink there; it starts no thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"

namespace nw::logs {

class LineSink {
 public:
  virtual ~LineSink() = default;
  // One line without its line end; borrowed for the call. `too_long`: it was cut at the limit, the rest was skipped.
  virtual void line(std::string_view line, Timestamp receive_time, const std::optional<IpAddress>& peer,
                    bool too_long) = 0;
};

struct TransportOptions {
  std::string address;     // udp, tcp: "127.0.0.1:5514", "[::1]:5514"; file: a path
  std::string state_path;  // file: where its offset is kept across restarts; empty: it is not kept
  std::size_t line_bytes_max = 64 * 1024;
  std::size_t connections_max = 256;            // tcp
  std::size_t receive_buffer_bytes = 8U << 20;  // udp: SO_RCVBUF
  Nanoseconds idle = std::chrono::minutes{10};  // tcp: a silent connection is closed
  bool from_start = true;                       // file: read what is already there when no offset is kept
};

struct TransportCounters {
  std::uint64_t bytes = 0, lines = 0, too_long = 0;
  std::uint64_t kernel_dropped = 0;            // udp: datagrams that found the socket's buffer full (SO_RXQ_OVFL)
  std::uint64_t connections = 0, refused = 0;  // tcp: accepted; turned away because connections_max was reached
  std::uint64_t rotated = 0;                   // file: went on in a new file, or from the start of a truncated one
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Stops listening and reading; nothing is handed over after it returns. On the io_context's thread, or when it is not
  // running.
  virtual void stop() = 0;
  [[nodiscard]] virtual TransportCounters counters() const = 0;
  // The port in fact bound (port 0 asks for any); 0 for files.
  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

struct TransportKind {
  std::string_view name;  // "udp", "tcp", "file"
  std::string_view help;
  // Errors: in_use, no_permission, not_found, invalid_argument; each with the address or path and the fix.
  Result<std::unique_ptr<Transport>> (*open)(boost::asio::io_context&, const TransportOptions&, LineSink&);
};

// Sorted by name (transports/table.cpp).
std::span<const TransportKind> transports();
const TransportKind* find_transport(std::string_view name);

}  // namespace nw::logs
