#include "ingest/network/protocols/http_event.h"

#include <algorithm>

#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::Value;

Value number(std::uint64_t count) { return Value::integer(static_cast<std::int64_t>(count)); }

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// A text as Zeek escapes it; `text` itself when that is the same.
Value escaped(EventWriter& out, std::string_view text) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '\\'; };
  if (std::ranges::all_of(text, plain)) return Value::text(text);
  std::string written;
  append_escaped(as_bytes(text), written);
  return Value::text(out.event().keep(written));
}

void set_text(EventWriter& out, HttpField field, std::string_view text) {
  if (!text.empty() && out.wants(field)) out.set(field, escaped(out, text));
}

void set_code(EventWriter& out, HttpField field, std::optional<unsigned> code) {
  if (code) out.set(field, Value::integer(*code));
}

void set_proxied(EventWriter& out, const std::vector<std::string>& headers) {
  if (headers.empty() || !out.wants(kHttpProxied)) return;
  const std::span<Value> list = out.event().arena().make<Value>(headers.size());
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = escaped(out, headers[i]);
  if (!list.empty()) out.set(kHttpProxied, Value::list(list));
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
  set_text(out, kHttpMethod, head.method);
  set_text(out, kHttpHost, head.host.empty() ? authority(head.uri) : head.host);
  if (out.wants(kHttpUri) && !head.uri.empty()) {
    const bool encoded = head.uri.find('%') != std::string::npos;
    set_text(out, kHttpUri, encoded ? out.event().keep(http_unescaped(head.uri)) : std::string_view{head.uri});
  }
  set_text(out, kHttpUriRaw, head.uri);
  set_text(out, kHttpReferrer, head.referrer);
  set_text(out, kHttpUserAgent, head.user_agent);
  set_text(out, kHttpOrigin, head.origin);
  set_text(out, kHttpUsername, head.username);
  if (head.password) out.set(kHttpPassword, Value::boolean(true));
  set_proxied(out, head.proxied);
}

void write(EventWriter& out, const HttpExchange& exchange) {
  const HttpHead &request = exchange.request.head, &response = exchange.response.head;
  out.set(kHttpTransDepth, number(exchange.depth));
  write_request(out, request);
  set_text(out, kHttpVersion, response.version.empty() ? request.version : response.version);
  out.set(kHttpRequestBodyLen, number(exchange.request.body_bytes));
  out.set(kHttpResponseBodyLen, number(exchange.response.body_bytes));
  set_code(out, kHttpStatusCode, response.code);
  set_text(out, kHttpStatusMsg, response.reason);
  set_code(out, kHttpInfoCode, exchange.info_code);
  set_text(out, kHttpInfoMsg, exchange.info_reason);
  if (request.proxied.empty()) set_proxied(out, response.proxied);
  set_file_uids(out, kHttpOrigFuids, exchange.request.body.ended());
  set_file_mimes(out, kHttpOrigMimeTypes, exchange.request.body.ended());
  set_file_uids(out, kHttpRespFuids, exchange.response.body.ended());
  set_file_mimes(out, kHttpRespMimeTypes, exchange.response.body.ended());
  if (exchange.stream != 0) out.set(kHttpStreamId, number(exchange.stream));
}

void clear(HttpMessage& message) {
  message.head.clear();
  message.body_bytes = 0;
  message.body.clear();
  message.headed = message.ended = false;
}

}  // namespace

void HttpExchange::clear() {
  network::clear(request);
  network::clear(response);
  answering = false;
  stream = 0;
  info_code.reset();
  info_reason.clear();
}

std::size_t HttpExchange::bytes() const noexcept {
  return request.head.bytes() + response.head.bytes() + info_reason.size();
}

std::size_t HttpExchanges::held() const noexcept {
  std::size_t sum = 0;
  for (const auto& exchange : open_) sum += exchange->bytes();
  return sum;
}

void HttpExchanges::make_room(const HttpExchange& grown, Context& context) {
  while (open_.size() > 1 && held() > kOpenBytesMax) {
    context.refused(DecodeError::limit);
    tell_at(open_.front().get() == &grown ? 1 : 0, context);
  }
}

HttpExchange& HttpExchanges::open(Context& context) {
  while (open_.size() >= kOpenMax || held() > kOpenBytesMax) {
    context.refused(DecodeError::limit);
    if (!open_.front()->answering) ++forgotten_;
    tell_at(0, context);
  }
  if (spare_.empty()) spare_.push_back(std::make_unique<HttpExchange>());
  open_.push_back(std::move(spare_.back()));
  spare_.pop_back();
  HttpExchange& made = *open_.back();
  made.clear();
  made.time = context.now();
  made.depth = ++depth_;
  return made;
}

HttpExchange* HttpExchanges::find(std::uint64_t depth) {
  const auto found = std::ranges::find_if(open_, [&](const auto& exchange) { return exchange->depth == depth; });
  return found == open_.end() ? nullptr : found->get();
}

HttpExchange* HttpExchanges::find_stream(std::uint32_t stream) {
  const auto found = std::ranges::find_if(open_, [&](const auto& exchange) { return exchange->stream == stream; });
  return found == open_.end() ? nullptr : found->get();
}

HttpExchange* HttpExchanges::waiting() {
  const auto found = std::ranges::find_if(open_, [](const auto& exchange) { return !exchange->response.ended; });
  return found == open_.end() ? nullptr : found->get();
}

void HttpExchanges::body(HttpMessage& message, Direction direction, Bytes bytes, Context& context) {
  if (bytes.empty()) return;
  begin_file(message, direction, context);
  message.body.data(bytes, context);
  message.body_bytes += bytes.size();
}

void HttpExchanges::body_lost(HttpMessage& message, Direction direction, std::uint64_t bytes, Context& context) {
  if (bytes == 0) return;
  begin_file(message, direction, context);
  message.body.gap(bytes, context);
  message.body_bytes += bytes;
}

// A body is a file from its first byte on.
void HttpExchanges::begin_file(HttpMessage& message, Direction direction, Context& context) {
  if (message.body.is_open()) return;
  const HttpField kind = direction == Direction::to_responder ? kHttpOrigMimeTypes : kHttpRespMimeTypes;
  message.body.begin(message.head, {kHttpFiles, kHttp, kind, direction}, bodies_, context);
}

void HttpExchanges::tell_complete(Context& context) {
  while (!open_.empty() && open_.front()->request.ended && open_.front()->response.ended) tell_at(0, context);
}

void HttpExchanges::tell(const HttpExchange& exchange, Context& context) {
  const auto found = std::ranges::find_if(open_, [&](const auto& held) { return held.get() == &exchange; });
  if (found != open_.end()) tell_at(static_cast<std::size_t>(found - open_.begin()), context);
}

void HttpExchanges::tell_all(Context& context) {
  while (!open_.empty()) tell_at(0, context);
  forgotten_ = 0;
}

void HttpExchanges::tell_at(std::size_t index, Context& context) {
  HttpExchange& told = *open_[index];
  for (HttpMessage* message : {&told.request, &told.response}) body_ended(*message, context);
  if (context.wants(kHttp)) {
    EventWriter out = context.begin(kHttp, told.time);
    write(out, told);
    context.emit();
  }
  if (spare_.size() < kSpareMax) spare_.push_back(std::move(open_[index]));
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace nw::network
