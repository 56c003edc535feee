// A small HTTP/1.1 client: one request, one connection, a deadline, a bounded answer. Over TLS for those who ask for
// it: witnesses and time stamps do, outputs speak plain http.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace boost::asio::ssl {
class context;
}

namespace nw::exporter {

struct HttpUrl {
  std::string host;    // name or address, an IPv6 address without brackets
  std::string port;    // decimal
  std::string prefix;  // path without a slash at its end; may be empty
  bool tls = false;    // https

  // "host:port" as a Host header wants it (RFC 9110 section 7.2).
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] std::string to_string() const;
};

enum class HttpSchemes : unsigned char { http, http_and_https };
// "http://host[:port][/prefix]". invalid_argument: https where it is not among `schemes`, user information, a query or
// a fragment.
Result<HttpUrl> parse_http_url(std::string_view text, HttpSchemes schemes = HttpSchemes::http);

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string content_type;
};

struct HttpCall {
  std::string method = "POST";  // or GET, without a body
  std::string path;             // behind the URL's prefix; may be empty
  std::string content_type, accept;
  std::string body;
};

// Whom to trust over TLS 1.2 and 1.3: the certificates of a PEM file, or without one the system's. The server's name is
// checked, too. Errors: not_found, no_permission, malformed; each names the file.
using TlsTrust = std::shared_ptr<boost::asio::ssl::context>;
Result<TlsTrust> open_tls_trust(const std::string& ca_file);

constexpr std::size_t kAnswerBytesMax = 64 * 1024;

// Every status is an answer; errors are about the connection: unavailable (TLS that does not come about, too),
// timed_out
// (`limit` is for the whole exchange), malformed (no HTTP, or an answer over kAnswerBytesMax). `trust` is for https.
boost::asio::awaitable<Result<HttpAnswer>> http_call(HttpUrl url, HttpCall call, TlsTrust trust, Nanoseconds limit);

// Posts JSON to `url`'s prefix + `path`, by plain http.
boost::asio::awaitable<Result<HttpAnswer>> http_post(HttpUrl url, std::string path, std::string json,
                                                     Nanoseconds limit);

}  // namespace nw::exporter
