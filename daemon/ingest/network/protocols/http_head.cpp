#include "ingest/network/protocols/http_head.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/network/protocols/base64.h"

namespace nw::network {

namespace {

struct KeptHeader {
  std::string_view name;  // lower case
  std::string HttpHead::*to;
  bool joined;  // several lines are one list; else the last line counts, as in Zeek
};
constexpr auto kHeaders = std::to_array<KeptHeader>({
    {"host", &HttpHead::host, false},
    {"referer", &HttpHead::referrer, false},
    {"user-agent", &HttpHead::user_agent, false},
    {"origin", &HttpHead::origin, false},
    {"content-length", &HttpHead::length, true},
    {"content-encoding", &HttpHead::encoding, true},
    {"content-type", &HttpHead::content_type, false},
    {"content-disposition", &HttpHead::disposition, false},
    {"transfer-encoding", &HttpHead::coding, true},
    {"upgrade", &HttpHead::upgrade, true},
    {"authorization", &HttpHead::authorization, false},
    {"proxy-authorization", &HttpHead::authorization, false},
    {"www-authenticate", &HttpHead::authorization, false},
    {"proxy-authenticate", &HttpHead::authorization, false},
});
// By which proxies show themselves: Zeek's list. As `proxied` writes them.
constexpr auto kProxied = std::to_array<std::string_view>({
    "FORWARDED",
    "X-FORWARDED-FOR",
    "X-FORWARDED-FROM",
    "CLIENT-IP",
    "VIA",
    "XROXY-CONNECTION",
    "PROXY-CONNECTION",
});

constexpr auto kTexts = std::to_array<std::string HttpHead::*>({
    &HttpHead::method,
    &HttpHead::uri,
    &HttpHead::reason,
    &HttpHead::version,
    &HttpHead::host,
    &HttpHead::referrer,
    &HttpHead::user_agent,
    &HttpHead::origin,
    &HttpHead::length,
    &HttpHead::coding,
    &HttpHead::encoding,
    &HttpHead::content_type,
    &HttpHead::disposition,
    &HttpHead::upgrade,
    &HttpHead::authorization,
    &HttpHead::username,
    &HttpHead::token,
});

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, ascii_lower, ascii_lower);
}

}  // namespace

void HttpHead::clear() {
  for (std::string HttpHead::*const text : kTexts) (this->*text).clear();
  proxied.clear();
  code.reset();
  body_bytes.reset();
  request = password = proxy = false;
}

std::size_t HttpHead::bytes() const noexcept {
  std::size_t sum = 0;
  for (std::string HttpHead::*const text : kTexts) sum += (this->*text).size();
  for (const std::string& text : proxied) sum += text.size();
  return sum;
}

void HttpHeaders::begin(HttpHead& head) noexcept {
  head_ = &head;
  kept_ = head.bytes();
  last_ = nullptr;
}

std::optional<DecodeError> HttpHeaders::add(std::string_view name, std::string_view value) {
  last_ = nullptr;
  for (const KeptHeader& kept : kHeaders) {
    if (!same_name(name, kept.name)) continue;
    if (kept.to == &HttpHead::authorization) {
      // What a server offers says something only when it has a token; a request must not hide its credentials by it.
      const bool offer = kept.name.ends_with("authenticate");
      const bool token = has_token(trim(value));
      if (offer && (!head_->method.empty() || !token)) return {};
      if (token) {
        // Beside it the other header may have a name and a password.
        head_->proxy = kept.name.starts_with("proxy");
        kept_ -= std::min(kept_, head_->token.size() + (head_->token.empty() ? 0U : 1U));
        wipe(head_->token);
        last_ = &head_->token;
        return keep(*last_, ' ', value);
      }
    }
    last_ = &(head_->*kept.to);
    if (!kept.joined) {
      if (last_ != &head_->content_type) kept_ -= std::min(kept_, last_->size() + (last_->empty() ? 0U : 1U));
      last_->clear();
    }
    return keep(*last_, ',', value);
  }
  const auto proxy = std::ranges::find_if(kProxied, [&](std::string_view known) { return same_name(name, known); });
  if (proxy == kProxied.end()) return {};
  if (head_->proxied.size() == kHttpProxiedMax) return DecodeError::limit;
  last_ = &head_->proxied.emplace_back(std::string{*proxy} + " ->");
  return keep(*last_, ' ', value);
}

std::optional<DecodeError> HttpHeaders::set(std::string& text, std::string_view value) {
  return text.empty() ? keep(text, ' ', value) : DecodeError::bad_value;
}

std::optional<DecodeError> HttpHeaders::fold(std::string_view text) {
  return last_ == nullptr ? std::nullopt : keep(*last_, ' ', text);
}

// Adds a value, a further one, or a folded line's part of one.
std::optional<DecodeError> HttpHeaders::keep(std::string& to, char separator, std::string_view text) {
  text = trim(text);
  if (text.empty()) return {};
  // What frames the message has room of its own: nobody may push it out, for half a number is another number. So has
  // what tells how to read its body.
  const bool frames = &to == &head_->length || &to == &head_->coding;
  const bool apart = frames || &to == &head_->encoding || &to == &head_->content_type;
  const std::size_t most = apart ? kFramingMax : kHttpTextMax, used = apart ? to.size() : kept_;
  const std::size_t left = most - std::min(used, most);
  const bool cut = text.size() > left;
  text = text.substr(0, left);
  if (!text.empty()) {
    if (!to.empty()) to += separator;
    to += text;
    if (!apart) kept_ += text.size() + 1;
  }
  if (frames && cut) {
    head_->coding.clear();
    head_->length.assign(1, '?');  // refused by whoever reads it
  }
  return cut ? std::optional{DecodeError::limit} : std::nullopt;
}

void HttpHeaders::end() {
  last_ = nullptr;
  read_authorization(*head_);
  hide_password(head_->referrer, *head_);
  hide_password(head_->origin, *head_);
  hide_in_authority(head_->host, 0, *head_);
}

}  // namespace nw::network
