#include "ingest/network/protocols/http2.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "ingest/network/protocols/base64.h"

namespace nw::network {

namespace {

constexpr std::string_view kVersion = "2";

std::optional<unsigned> read_status(std::string_view text) {
  if (text.size() != 3 || !std::ranges::all_of(text, ascii_digit)) return {};
  unsigned code = 0;
  for (const char digit : text) code = code * 10 + static_cast<unsigned>(digit - '0');
  return code;
}

}  // namespace

// Puts one direction's frames into exchanges.
class Http2Session::Taker final : public Http2Taker {
 public:
  Taker(Http2Session& session, Direction direction, Context& context) noexcept
      : session_{session}, direction_{direction}, context_{context} {}

  void begin_block(std::uint32_t stream, std::uint32_t promised) override {
    stream_ = promised != 0 ? promised : stream;
    session_.head_.clear();
    session_.head_.version = kVersion;
    headers_.begin(session_.head_);
  }

  void header(std::string_view name, std::string_view value) override {
    HttpHead& head = session_.head_;
    if (name == ":method") return refuse(headers_.set(head.method, value));
    if (name == ":path") return refuse(headers_.set(head.uri, value));
    if (name == ":authority") return refuse(headers_.set(head.host, value));
    if (name == ":status") head.code = read_status(value);
    // An authority goes before a Host header (RFC 9113 section 8.3.1).
    const bool told = name.starts_with(':') || (name == "host" && !head.host.empty());
    if (!told) refuse(headers_.add(name, value));
  }

  void end_block() override {
    HttpHead& head = session_.head_;
    headers_.end();
    wipe(head.token);  // HTTP/2 has no NTLM, which authenticates a connection
    hide_password(head.uri, head);
    head.request = !head.method.empty();
    if (!head.length.empty()) head.body_bytes = read_content_length(head.length);
    if (head.request)
      request();
    else if (head.code)
      response();
    // Else these are trailers, of which no event shows anything.
  }

  void body(std::uint32_t stream, Bytes bytes) override {
    if (HttpMessage* message = open_message(stream)) session_.exchanges_.body(*message, direction_, bytes, context_);
  }
  void body_lost(std::uint32_t stream, std::uint64_t bytes) override {
    if (HttpMessage* message = open_message(stream))
      session_.exchanges_.body_lost(*message, direction_, bytes, context_);
  }

  void end_stream(std::uint32_t stream) override {
    HttpMessage* message = open_message(stream);
    if (message == nullptr) return;
    session_.exchanges_.body_ended(*message, context_);
    message->ended = true;
    const HttpExchange& exchange = *session_.exchanges_.find_stream(stream);
    if (exchange.request.ended && exchange.response.ended) session_.exchanges_.tell(exchange, context_);
  }

  void reset(std::uint32_t stream) override {
    const HttpExchange* exchange = stream == 0 ? nullptr : session_.exchanges_.find_stream(stream);
    if (exchange == nullptr) return;
    session_.exchanges_.tell(*exchange, context_);
    session_.reset_[session_.resets_++ % kResetMax] = stream;
  }

  void refused(DecodeError error) override { context_.refused(error); }

 private:
  void refuse(std::optional<DecodeError> error) {
    if (error) refused(*error);
  }

  void request() {
    HttpExchange* known = session_.exchanges_.find_stream(stream_);
    if (known != nullptr && known->request.headed) return refused(DecodeError::bad_value);
    HttpExchange& exchange = known != nullptr ? *known : opened(stream_);
    exchange.request.headed = true;
    // A server that promises a response says the request itself.
    exchange.request.ended = direction_ == Direction::to_originator;
    std::swap(exchange.request.head, session_.head_);
    session_.exchanges_.make_room(exchange, context_);
  }

  void response() {
    HttpExchange* known = session_.exchanges_.find_stream(stream_);
    if (known != nullptr && known->response.headed) return refused(DecodeError::bad_value);
    // A reset, at which the exchange was told, may cross its response.
    if (known == nullptr && std::ranges::find(session_.reset_, stream_) != session_.reset_.end()) return;
    HttpExchange& exchange = known != nullptr ? *known : opened(stream_);
    if (known == nullptr) exchange.request.ended = true;  // it was never seen
    exchange.answering = true;
    if (*session_.head_.code / 100 == 1) {
      exchange.info_code = session_.head_.code;
      return;
    }
    exchange.response.headed = true;
    std::swap(exchange.response.head, session_.head_);
    session_.exchanges_.make_room(exchange, context_);
  }

  HttpExchange& opened(std::uint32_t stream) {
    HttpExchange& exchange = session_.exchanges_.open(context_);
    exchange.stream = stream;
    return exchange;
  }

  // This side's message of the stream; null when it was told already, or never began.
  HttpMessage* open_message(std::uint32_t stream) {
    HttpExchange* exchange = session_.exchanges_.find_stream(stream);
    if (exchange == nullptr) return nullptr;
    return direction_ == Direction::to_responder ? &exchange->request : &exchange->response;
  }

  Http2Session& session_;
  Direction direction_;
  Context& context_;
  HttpHeaders headers_;
  std::uint32_t stream_ = 0;
};

void Http2Session::adopt(const HttpHead& request, Context& context) {
  HttpExchange& exchange = exchanges_.open(context);
  exchange.stream = 1;
  exchange.request.head = request;
  exchange.request.head.version = kVersion;
  exchange.request.headed = exchange.request.ended = true;
}

std::size_t Http2Session::stream(Bytes bytes, Direction direction, Context& context) {
  Taker taker{*this, direction, context};
  const std::size_t done = readers_[static_cast<std::size_t>(direction)].read(bytes, taker);
  if (!readers_[0].broken() || !readers_[1].broken()) return done;
  exchanges_.tell_all(context);
  return Analyzer::kGiveUp;
}

void Http2Session::gap(std::uint64_t bytes, Direction direction, Context& context) {
  Taker taker{*this, direction, context};
  readers_[static_cast<std::size_t>(direction)].gap(bytes, taker);
}

}  // namespace nw::network
