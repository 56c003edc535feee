// How log bytes arrive. I/O folder. A transport is one file beside this one and one row in table.cpp.
// Each runs on its worker's io_context and hands whole lines to the sink there; none but `nats` starts a thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"

namespace nw {
class YamlMap;
}

namespace nw::logs {

// One line as it arrived; borrowed for the call.
struct ArrivedLine {
  std::string_view text;  // without its line end
  Timestamp receive_time;
  std::optional<IpAddress> peer = {};  // who sent it, where a network brought it
  bool too_long = false;               // it was cut at the limit, the rest was skipped
  // Names the line in a source that can be read again: the same number for the same line, in whatever run of the
  // daemon. 0: it cannot. What is read twice after a crash is then one alert.
  std::uint64_t place = 0;
};

// How many lines a sink had taken when it was asked.
struct SinkMark {
  std::uint64_t lines = 0;
  friend bool operator==(const SinkMark&, const SinkMark&) = default;
};

class LineSink {
 public:
  virtual ~LineSink() = default;
  virtual void line(const ArrivedLine& line) = 0;
  // False: what follows is full, and the source's policy is to wait. Who can let the sender wait asks before it reads
  // on (room.h). A line that is given nevertheless is taken; the worker stands still for it.
  [[nodiscard]] virtual bool ready() { return true; }
  // Behind the last line that was given.
  [[nodiscard]] virtual SinkMark mark() { return {}; }
  // Whatever the lines before `mark` led to is on disk: only now may their sender, or an offset, forget them. Marks
  // become safe in their order. Asked a few times a second; no wake-up comes.
  [[nodiscard]] virtual bool safe(const SinkMark& /*mark*/) { return true; }
};

// Files in PEM. They are read again when they change (tls_context.h).
struct TlsOptions {
  std::string certificate = {};  // with its chain
  std::string key = {};
  std::string client_ca = {};  // whose certificates clients must show; empty: they need none
  std::string server_ca = {};  // nats: whose certificates servers must show; empty: one that the machine trusts
};

// What a source's configuration says of its transport. Each transport reads its own keys, and names those in its file.
struct TransportOptions {
  std::string address;     // listeners: "127.0.0.1:5514", "[::1]:5514"; file, unix: a path (file: or a pattern)
  std::string state_path;  // where the place that was reached is kept across restarts; empty: it is not kept
  std::size_t line_bytes_max = 64 * 1024;
  std::size_t connections_max = 256;
  std::size_t receive_buffer_bytes = 8U << 20;  // datagrams: SO_RCVBUF
  bool whole = false;                           // datagrams: they are no text, nothing is taken off their ends
  Nanoseconds idle = std::chrono::minutes{10};  // a silent connection is closed
  bool from_start = true;                       // file, journald: read what is already there when no place is kept
  std::uint32_t socket_mode = 0666;             // unix: of the socket's file, so who may send
  std::vector<std::string> exclude;             // file: patterns of what is not read though `path` matches it
  std::size_t files_max = 1024;                 // file: followed at the same time
  TlsOptions tls;
  // tls: whose handshake takes longer is turned away.
  Nanoseconds handshake = std::chrono::seconds{10};
  std::string token_file;                     // http: one bearer token a line; nats: the token
  std::size_t body_bytes_max = 16U << 20;     // http: of a request, as it is sent
  std::string directory;                      // journald: another machine's journal
  std::vector<std::string> matches;           // journald: "_SYSTEMD_UNIT=ssh.service"; "+": or
  bool as_json = false;                       // journald: entries as JSON, not as syslog lines
  std::vector<std::string> servers;           // nats: "nats://host:4222", "tls://host:4222"
  std::string subject;                        // nats
  std::string queue;                          // nats: plain subjects: the group that shares the messages
  std::string stream, durable;                // nats: JetStream; empty: plain subjects
  std::string credentials_file;               // nats
  std::size_t pending_bytes_max = 64U << 20;  // nats: messages that wait to be read, or to be safe
};

struct TransportCounters {
  std::uint64_t bytes = 0, lines = 0, too_long = 0;
  std::uint64_t kernel_dropped = 0;  // datagrams that found the socket's buffer full (SO_RXQ_OVFL)
  std::uint64_t dropped_full = 0;    // nats: messages that found our own queue full, or still in it at the end
  std::uint64_t connections = 0, refused = 0;  // accepted; turned away: connections_max, files_max
  std::uint64_t handshakes_failed = 0;         // TLS
  std::uint64_t rejected = 0;      // requests and messages that were no good, or whose sender may not send: see the log
  std::uint64_t put_off = 0;       // requests that shall be sent again, since their lines could not be taken in time
  std::uint64_t acknowledged = 0;  // lines of which the sender was told that they are safe
  std::uint64_t rotated = 0;       // file: went on in a new file, or from the start of a truncated one
  std::int64_t certificate_expires = 0;  // Unix seconds; 0: none

  void add(const TransportCounters& other);
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Stops listening and reading; nothing is handed over after it returns. On the io_context's thread, or when it is not
  // running.
  virtual void stop() = 0;
  [[nodiscard]] virtual TransportCounters counters() const = 0;
  // The port in fact bound (port 0 asks for any); 0 where there are none.
  [[nodiscard]] virtual std::uint16_t port() const { return 0; }
};

struct TransportKind {
  std::string_view name;  // "udp", "tcp", "file"
  std::string_view help;
  std::string_view state;  // what the file at `state_path` holds, and ends in: "offset", "cursor"; empty: there is none
  // Reads the transport's own keys (the reader has taken what all sources have, and calls finish()); faults go to the
  // map's diagnostics.
  void (*read)(YamlMap&, TransportOptions&);
  // Errors: in_use, no_permission, not_found, invalid_argument; each with the address or path and the fix.
  Result<std::unique_ptr<Transport>> (*open)(boost::asio::io_context&, const TransportOptions&, LineSink&);
  bool listens = false;    // TransportOptions::address is one of ours, or a socket of systemd
  bool datagrams = false;  // keeps together what was sent together, whatever octets are in it
};

// Sorted by name (transports/table.cpp).
std::span<const TransportKind> transports();
const TransportKind* find_transport(std::string_view name);

// The paths in `options`, which the configuration's folder is put before: those that are relative.
std::vector<std::string*> paths_in(std::string_view transport, TransportOptions& options);

}  // namespace nw::logs
