// The daemon's one HTTP server (Boost.Beast): /metrics, health, control. Listens on TCP and on a Unix socket alike.
#pragma once

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
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

struct Route {
  std::string method, path;  // exact path
  // On the server's executor; must not block for long. `done` may be called later, once, from the same executor.
  std::function<void(const HttpRequest&, std::function<void(HttpResponse)> done)> handle;
};

struct HttpOptions {
  std::string listen;  // "127.0.0.1:9810", "[::1]:9810" or "unix:/run/normwatch/control.sock"
  std::size_t connections_max = 64;
  std::size_t body_bytes_max = 64 * 1024;
  std::chrono::seconds idle{30};  // per read or write
  unsigned unix_mode = 0600;      // of the socket file
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
};

// One request to a server on a Unix socket or TCP, blocking, for the command line. `unavailable` when nobody listens.
Result<HttpResponse> http_request(const std::string& listen, const HttpRequest& request, std::chrono::seconds patience);

}  // namespace nw::console
