// The daemon's one HTTP server (Boost.Beast): /metrics, health, control. Listens on TCP and on a Unix socket alike.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nw::console {

struct HttpRequest {
  std::string method, path, query, body;
  std::int64_t peer_uid = -1;  // of the user at a Unix socket; -1: not known, or another kind of socket
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Which paths a route is for: its own, or all that begin with it ("/tile/" has "/tile/0/000"; the path ends in a
// slash).
enum class PathKind : unsigned char { exact, below };

struct Route {
  std::string method, path;
  // On the server's executor; must not block for long. `done` may be called later, once, from the same executor.
  std::function<void(const HttpRequest&, std::function<void(HttpResponse)> done)> handle;
  PathKind kind =
      PathKind::exact;  // an exact route goes before those that it lies below, a longer path before a shorter
};

struct HttpOptions {
  std::string listen;  // "127.0.0.1:9810", "[::1]:9810" or "unix:/run/normwatch/control.sock"
  std::size_t connections_max = 64;
  std::size_t body_bytes_max = 64 * 1024;
  // For a whole request to arrive, for each pause between requests, and for an answer to be taken.
  std::chrono::seconds idle{30};
  std::chrono::seconds answer_most{300};  // for a route to call `done`; then 503
  unsigned unix_mode = 0600;              // of the socket file
};

// Read by the metrics from any thread.
struct HttpCounters {
  std::atomic<std::uint64_t> requests{0};      // answered, whatever the status
  std::atomic<std::uint64_t> bad_requests{0};  // malformed, too large, too slow
  std::atomic<std::uint64_t> refused{0};       // connections turned away at connections_max
  std::atomic<std::uint64_t> connections{0};   // open now
};

class HttpServer {
 public:
  // Errors: in_use (names the address and how to find who holds it), no_permission, invalid_argument.
  static Result<std::unique_ptr<HttpServer>> open(boost::asio::any_io_executor executor, const HttpOptions& options,
                                                  std::vector<Route> routes);
  virtual ~HttpServer() = default;
  // Closes listener and connections; keep the executor running until finished().
  virtual void stop() = 0;
  [[nodiscard]] virtual bool finished() const noexcept = 0;
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;  // the port in fact bound; 0 for a Unix socket
  [[nodiscard]] virtual const HttpCounters& counters() const noexcept = 0;
};

// One request to a server on a Unix socket or TCP, blocking, for the command line. Errors: unavailable (nobody
// listens), no_permission, timed_out (`patience` is for the whole exchange), malformed (the answer is no HTTP or over
// 16 MiB).
Result<HttpResponse> http_request(const std::string& listen, const HttpRequest& request, std::chrono::seconds patience);

}  // namespace nw::console
