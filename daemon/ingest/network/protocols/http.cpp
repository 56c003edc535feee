// HTTP/1.x over TCP: RFC 9112, RFC 9110; RFC 1945 for HTTP/0.9.
//
//   request:   method SP uri SP HTTP/1.1 CRLF          response:  HTTP/1.1 SP code SP reason CRLF
//              *(name: value CRLF) CRLF [body]                    *(name: value CRLF) CRLF [body]
//
// One `http` event per request with its response, or for either alone, as in Zeek's http.log. Responses answer requests
// in their order. An interim response (1xx) is part of its exchange. Behind CONNECT and Upgrade begins another
// protocol, which is recognised anew.
#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "ingest/network/protocols/http_message.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kTransDepth,
  kMethod,
  kHost,
  kUri,
  kUriRaw,
  kReferrer,
  kVersion,
  kUserAgent,
  kOrigin,
  kRequestBodyLen,
  kResponseBodyLen,
  kStatusCode,
  kStatusMsg,
  kInfoCode,
  kInfoMsg,
  kUsername,
  kPassword,
  kProxied,
  kOrigMimeTypes,
  kRespMimeTypes,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"trans_depth", "integer", "which exchange of the connection it is, from 1"},
    {"method", "text", "GET, POST, ..."},
    {"host", "text", "the Host header; without one, the host of an absolute URI"},
    {"uri", "text", "what is asked for, with %XX decoded once; a password in it is left out"},
    {"uri_raw", "text", "the same as on the wire (ours)"},
    {"referrer", "text", "the Referer header"},
    {"version", "text", "of the response, 1.1 or 1.0; of the request when no response was seen; 0.9 when it has none"},
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
    {"orig_mime_types", "list of text", "what the request's body is by its first bytes; absent when unknown"},
    {"resp_mime_types", "list of text", "what the response's body is by its first bytes; absent when unknown"},
});
constexpr std::array<std::string_view, 1> kService{"http"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"http", "normwatch", kService, kService, kFields, false}}};
constexpr auto kPorts = std::to_array<std::uint16_t>({80, 81, 631, 1080, 3128, 5985, 8000, 8008, 8080, 8888});

constexpr std::size_t kOpenMax = 64;              // exchanges per flow; browsers pipeline up to 8
constexpr std::size_t kOpenBytesMax = 64 * 1024;  // octets of text that all of them keep

constexpr unsigned kSwitching = 101;  // Switching Protocols: the last response in HTTP, though a 1xx

// A request and what answers it, either of which may be missing.
struct Exchange {
  Timestamp time;
  std::uint64_t depth = 0;
  bool asked = false, answered = false;  // that side is complete
  bool answering = false;                // a response began
  HttpHead request, response;
  HttpBody request_body, response_body;
  std::optional<unsigned> info_code;
  std::string info_reason;

  [[nodiscard]] std::size_t bytes() const noexcept { return request.bytes() + response.bytes() + info_reason.size(); }
};

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// A text as Zeek escapes it; `text` itself when that is the same.
Value escaped(EventWriter& out, std::string_view text) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '\\'; };
  if (std::ranges::all_of(text, plain)) return Value::text(text);
  std::string written;
  append_escaped(as_bytes(text), written);
  return Value::text(out.event().keep(written));
}

void set_text(EventWriter& out, Field field, std::string_view text) {
  if (!text.empty() && out.wants(field)) out.set(field, escaped(out, text));
}

void set_code(EventWriter& out, Field field, std::optional<unsigned> code) {
  if (code) out.set(field, Value::integer(*code));
}

void set_mime(EventWriter& out, Field field, std::string_view mime) {
  if (mime.empty() || !out.wants(field)) return;
  const std::span<Value> list = out.event().arena().make<Value>(1);
  if (list.empty()) return;  // the event's budget is spent
  list.front() = Value::text(mime);
  out.set(field, Value::list(list));
}

void set_proxied(EventWriter& out, const std::vector<std::string>& headers) {
  if (headers.empty() || !out.wants(kProxied)) return;
  const std::span<Value> list = out.event().arena().make<Value>(headers.size());
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = escaped(out, headers[i]);
  if (!list.empty()) out.set(kProxied, Value::list(list));
}

// "host:port" of "http://user@host:port/path".
std::string_view authority(std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos || scheme > 8) return {};
  uri.remove_prefix(scheme + 3);
  uri = uri.substr(0, uri.find_first_of("/?#"));
  const std::size_t at = uri.rfind('@');
  return at == std::string_view::npos ? uri : uri.substr(at + 1);
}

void write_request(EventWriter& out, const HttpHead& head) {
  set_text(out, kMethod, head.method);
  set_text(out, kHost, head.host.empty() ? authority(head.uri) : head.host);
  if (out.wants(kUri) && !head.uri.empty()) {
    const bool encoded = head.uri.find('%') != std::string::npos;
    set_text(out, kUri, encoded ? out.event().keep(http_unescaped(head.uri)) : std::string_view{head.uri});
  }
  set_text(out, kUriRaw, head.uri);
  set_text(out, kReferrer, head.referrer);
  set_text(out, kUserAgent, head.user_agent);
  set_text(out, kOrigin, head.origin);
  set_text(out, kUsername, head.username);
  if (head.password) out.set(kPassword, Value::boolean(true));
  set_proxied(out, head.proxied);
}

void write(EventWriter& out, const Exchange& exchange) {
  const HttpHead &request = exchange.request, &response = exchange.response;
  out.set(kTransDepth, Value::integer(static_cast<std::int64_t>(exchange.depth)));
  write_request(out, request);
  set_text(out, kVersion, response.version.empty() ? request.version : response.version);
  out.set(kRequestBodyLen, Value::integer(static_cast<std::int64_t>(exchange.request_body.bytes)));
  out.set(kResponseBodyLen, Value::integer(static_cast<std::int64_t>(exchange.response_body.bytes)));
  set_code(out, kStatusCode, response.code);
  set_text(out, kStatusMsg, response.reason);
  set_code(out, kInfoCode, exchange.info_code);
  set_text(out, kInfoMsg, exchange.info_reason);
  if (request.proxied.empty()) set_proxied(out, response.proxied);
  set_mime(out, kOrigMimeTypes, exchange.request_body.mime);
  set_mime(out, kRespMimeTypes, exchange.response_body.mime);
}

// The exchanges of one connection, in order.
class Exchanges {
 public:
  // A new one; the oldest are told early when there are too many.
  Exchange& open(Context& context) {
    while (open_.size() >= kOpenMax || held() > kOpenBytesMax) {
      context.refused(DecodeError::limit);
      if (!open_.front().answering) ++forgotten_;
      tell_oldest(context);
    }
    Exchange& made = open_.emplace_back();
    made.time = context.now();
    made.depth = ++depth_;
    return made;
  }
  // Null when it was told already.
  Exchange* find(std::uint64_t depth) {
    const auto found = std::ranges::find(open_, depth, &Exchange::depth);
    return found == open_.end() ? nullptr : &*found;
  }
  // The oldest that waits for its response.
  Exchange* waiting() {
    const auto found = std::ranges::find(open_, false, &Exchange::answered);
    return found == open_.end() ? nullptr : &*found;
  }
  // Whether the next response answers one that was told early.
  bool take_forgotten() noexcept { return forgotten_ != 0 && forgotten_-- != 0; }

  void tell_complete(Context& context) {
    while (!open_.empty() && open_.front().asked && open_.front().answered) tell_oldest(context);
  }
  void tell_all(Context& context) {
    while (!open_.empty()) tell_oldest(context);
    forgotten_ = 0;
  }

 private:
  [[nodiscard]] std::size_t held() const noexcept {
    std::size_t sum = 0;
    for (const Exchange& exchange : open_) sum += exchange.bytes();
    return sum;
  }

  void tell_oldest(Context& context) {
    const Exchange& oldest = open_.front();
    if (context.wants(0)) {
      EventWriter out = context.begin(0, oldest.time);
      write(out, oldest);
      context.emit();
    }
    open_.pop_front();
  }

  std::deque<Exchange> open_;  // oldest first
  std::uint64_t depth_ = 0, forgotten_ = 0;
};

class HttpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    HttpReader& reader = readers_[static_cast<std::size_t>(direction)];
    Taker taker{*this, direction, context};
    const std::size_t done = reader.read(bytes, taker);
    if (!reader.tunnelled() && !reader.hopeless()) return done;
    finish(context);
    return reader.hopeless() ? kGiveUp : anew_behind(done);
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    Taker taker{*this, direction, context};
    readers_[static_cast<std::size_t>(direction)].gap(bytes, taker);
  }

  void finish(Context& context) override {
    for (const Direction direction : {Direction::to_responder, Direction::to_originator}) {
      Taker taker{*this, direction, context};
      readers_[static_cast<std::size_t>(direction)].finish(taker);
    }
    exchanges_.tell_all(context);
  }

 private:
  class Taker final : public HttpTaker {
   public:
    Taker(HttpAnalyzer& analyzer, Direction direction, Context& context) noexcept
        : analyzer_{analyzer}, direction_{direction}, context_{context} {}

    void started(const HttpHead& head) override {
      analyzer_.asks_[static_cast<std::size_t>(direction_)] = head.request;
      if (head.request)
        analyzer_.request_started(direction_, context_);
      else
        analyzer_.response_started(context_);
    }
    Expect headed(HttpHead& head) override {
      return head.request ? analyzer_.request_headed(head) : analyzer_.response_headed(head);
    }
    void ended(const HttpBody& body) override { analyzer_.ended(direction_, body, context_); }
    Unknown unknown() override { return analyzer_.unknown(direction_); }
    void refused(DecodeError error) override { context_.refused(error); }

   private:
    HttpAnalyzer& analyzer_;
    Direction direction_;
    Context& context_;
  };

  void request_started(Direction direction, Context& context) {
    // Clients wait for an answer before they ask again, but for the few that pipeline: responses that the capture lost
    // were for what was asked before, and must not be taken from what is asked now.
    if (readers_[static_cast<std::size_t>(opposite(direction))].lost()) exchanges_.tell_all(context);
    asking_ = exchanges_.open(context).depth;
  }

  void response_started(Context& context) {
    answering_ = 0;
    interim_ = false;
    if (exchanges_.take_forgotten()) return;
    Exchange* exchange = exchanges_.waiting();
    if (exchange == nullptr) {
      exchange = &exchanges_.open(context);
      exchange->asked = true;  // its request was never seen
    }
    exchange->answering = true;
    answering_ = exchange->depth;
  }

  HttpTaker::Expect request_headed(HttpHead& head) {
    if (Exchange* exchange = exchanges_.find(asking_)) exchange->request = std::move(head);
    return HttpTaker::Expect::any;
  }

  HttpTaker::Expect response_headed(HttpHead& head) {
    const unsigned code = head.code.value_or(0);
    interim_ = code / 100 == 1 && code != kSwitching;
    Exchange* exchange = exchanges_.find(answering_);
    if (exchange == nullptr) return HttpTaker::Expect::any;
    const std::string& method = exchange->request.method;
    const bool tunnel = code == kSwitching || (method == "CONNECT" && code / 100 == 2);
    const bool no_body = method == "HEAD";
    if (code / 100 == 1) {
      exchange->info_code = code;
      exchange->info_reason = head.reason;
    }
    if (!interim_) exchange->response = std::move(head);
    return tunnel ? HttpTaker::Expect::tunnel : no_body ? HttpTaker::Expect::no_body : HttpTaker::Expect::any;
  }

  void ended(Direction direction, const HttpBody& body, Context& context) {
    const bool request = asks_[static_cast<std::size_t>(direction)];
    Exchange* exchange = exchanges_.find(request ? asking_ : answering_);
    if (exchange != nullptr && request) {
      exchange->request_body = body;
      exchange->asked = true;
    } else if (exchange != nullptr) {
      exchange->answering = !interim_;
      exchange->answered = !interim_;
      exchange->response_body = body;
    }
    exchanges_.tell_complete(context);
  }

  HttpTaker::Unknown unknown(Direction direction) {
    if (asks_[static_cast<std::size_t>(direction)]) {
      // A client speaks on through a proxy whose consent the capture lost.
      const Exchange* asked = exchanges_.find(asking_);
      const bool connects = asked != nullptr && asked->request.method == "CONNECT";
      return connects ? HttpTaker::Unknown::tunnel : HttpTaker::Unknown::broken;
    }
    const Exchange* exchange = exchanges_.waiting();
    const bool old = exchange != nullptr && exchange->request.version == "0.9";
    return old ? HttpTaker::Unknown::bare : HttpTaker::Unknown::broken;
  }

  std::array<HttpReader, 2> readers_;  // by direction
  Exchanges exchanges_;
  std::array<bool, 2> asks_{};                // by direction: its last message is a request
  std::uint64_t asking_ = 0, answering_ = 0;  // depths
  bool interim_ = false;                      // the response being read is 1xx
};

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  const HttpStart strict = http_start(first, true);
  if (strict == HttpStart::unsure) return Verdict::unsure;
  if (strict != HttpStart::no) return Verdict::yes;
  // On the port a whole line may be HTTP/0.9's, or broken; half a line must begin as we know it.
  const HttpStart loose = on_port ? http_start(first, false) : HttpStart::no;
  return loose == HttpStart::request || loose == HttpStart::response ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<HttpAnalyzer>(); }

}  // namespace

Protocol http_protocol() {
  Protocol p;
  p.name = "http";
  p.help = "HTTP/1.x: requests and responses, without their bodies";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.stream_bytes_max = 2 * kHttpLineMax;
  return p;
}

}  // namespace nw::network
