// One exchange of HTTP, whatever its version: the fields of `http` events, as in Zeek's http.log, and what waits.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ingest/network/protocols/file_reader.h"
#include "ingest/network/protocols/http_body.h"
#include "ingest/network/protocols/http_head.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum HttpField : std::size_t {
  kHttpTransDepth,
  kHttpMethod,
  kHttpHost,
  kHttpUri,
  kHttpUriRaw,
  kHttpReferrer,
  kHttpVersion,
  kHttpUserAgent,
  kHttpOrigin,
  kHttpRequestBodyLen,
  kHttpResponseBodyLen,
  kHttpStatusCode,
  kHttpStatusMsg,
  kHttpInfoCode,
  kHttpInfoMsg,
  kHttpUsername,
  kHttpPassword,
  kHttpProxied,
  kHttpOrigFuids,
  kHttpOrigMimeTypes,
  kHttpRespFuids,
  kHttpRespMimeTypes,
  kHttpStreamId,
};

inline constexpr auto kHttpFields = std::to_array<event::FieldSpec>({
    {"trans_depth", "integer", "which exchange of the connection it is, from 1"},
    {"method", "text", "GET, POST, ..."},
    {"host", "text", "the Host header; without one, the host of an absolute URI"},
    {"uri", "text", "what is asked for, with %XX decoded once; a password in it is left out"},
    {"uri_raw", "text", "the same as on the wire (ours)"},
    {"referrer", "text", "the Referer header"},
    {"version", "text",
     "of the response, 1.1, 1.0 or 2; of the request when no response was seen; 0.9 when it has none"},
    {"user_agent", "text", "the User-Agent header"},
    {"origin", "text", "the Origin header"},
    {"request_body_len", "integer", "octets of the request's body as sent, without chunk sizes"},
    {"response_body_len", "integer", "octets of the response's body as sent, without chunk sizes; compressed if it is"},
    {"status_code", "integer", "the response's code; absent when none was seen, and in HTTP/0.9"},
    {"status_msg", "text", "the response's reason"},
    {"info_code", "integer", "the last interim response's code: 1xx"},
    {"info_msg", "text", "its reason"},
    {"username", "text", "of Basic authentication"},
    {"password", "boolean", "a password was sent with it; the password itself is never told (ours)"},
    {"proxied", "list of text", "headers that proxies add: VIA -> value, ..."},
    {"orig_fuids", "list of text", "`fuid` of the request's body among `files`, or of each field of a form"},
    {"orig_mime_types", "list of text",
     "what the request's body, or each field of a form, is by its first bytes; absent when unknown"},
    {"resp_fuids", "list of text", "`fuid` of the response's body among `files`"},
    {"resp_mime_types", "list of text", "what the response's body is by its first bytes; absent when unknown"},
    {"stream_id", "integer", "the exchange's number in HTTP/2 (ours)"},
});

// The protocol's types, in their order.
enum HttpType : std::size_t { kHttp, kHttpFiles, kHttpNtlm };

// One side of an exchange.
struct HttpMessage {
  HttpHead head;
  std::uint64_t body_bytes = 0;  // seen, or known to be lost
  HttpBody body;
  bool headed = false, ended = false;
};

// A request and what answers it, either of which may be missing.
struct HttpExchange {
  Timestamp time;
  std::uint64_t depth = 0;
  std::uint32_t stream = 0;  // in HTTP/2
  HttpMessage request, response;
  bool answering = false;  // a response began
  std::optional<unsigned> info_code;
  std::string info_reason;

  void clear();                                      // the texts keep their memory
  [[nodiscard]] std::size_t bytes() const noexcept;  // of text that is kept
};

// The exchanges of one connection, in order.
class HttpExchanges {
 public:
  static constexpr std::size_t kOpenMax = 64;              // per flow; browsers pipeline 8, and open 100 in HTTP/2
  static constexpr std::size_t kOpenBytesMax = 64 * 1024;  // octets of text that all of them keep

  static constexpr std::size_t kSpareMax = 4;  // whose memory is kept for the next

  // A new one; the oldest are told early when there are too many.
  HttpExchange& open(Context& context);
  // `grown` got a head: others, the oldest first, are told early when together they keep too much.
  void make_room(const HttpExchange& grown, Context& context);
  // Null when it was told already.
  HttpExchange* find(std::uint64_t depth);
  HttpExchange* find_stream(std::uint32_t stream);
  // The oldest that waits for its response.
  HttpExchange* waiting();
  // Whether the next response answers one that was told early.
  bool take_forgotten() noexcept { return forgotten_ != 0 && forgotten_-- != 0; }

  // The body of one's side, as it comes: what is missing counts too.
  void body(HttpMessage& message, Direction direction, Bytes bytes, Context& context);
  void body_lost(HttpMessage& message, Direction direction, std::uint64_t bytes, Context& context);
  // It is whole, or nothing more comes.
  void body_ended(HttpMessage& message, Context& context) { message.body.end(bodies_, context); }

  // Those at the front that are complete.
  void tell_complete(Context& context);
  void tell(const HttpExchange& exchange, Context& context);
  void tell_all(Context& context);

 private:
  void begin_file(HttpMessage& message, Direction direction, Context& context);
  [[nodiscard]] std::size_t held() const noexcept;
  void tell_at(std::size_t index, Context& context);

  std::vector<std::unique_ptr<HttpExchange>> open_;   // oldest first
  std::vector<std::unique_ptr<HttpExchange>> spare_;  // used before, for the next
  std::uint64_t depth_ = 0, forgotten_ = 0;
  HttpBodies bodies_;
};

}  // namespace nw::network
