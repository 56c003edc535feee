// A small HTTP/1.1 client for outputs: one POST, one connection, a deadline, a bounded answer. Plain http only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace nw::exporter {

struct HttpUrl {
  std::string host;    // name or address, an IPv6 address without brackets
  std::string port;    // decimal
  std::string prefix;  // path without a slash at its end; may be empty

  // "host:port" as a Host header wants it (RFC 9110 section 7.2).
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] std::string to_string() const;
};

// "http://host[:port][/prefix]". invalid_argument: https, user information, a query or a fragment.
Result<HttpUrl> parse_http_url(std::string_view text);

struct HttpAnswer {
  int status = 0;
  std::string body;
};

constexpr std::size_t kAnswerBytesMax = 64 * 1024;

// Posts JSON to `url`'s prefix + `path`. Every status is an answer; errors are about the connection: unavailable,
// timed_out (`limit` is for the whole exchange), malformed (no HTTP, or an answer over kAnswerBytesMax).
boost::asio::awaitable<Result<HttpAnswer>> http_post(HttpUrl url, std::string path, std::string json,
                                                     Nanoseconds limit);

}  // namespace nw::exporter
