#include "ingest/network/protocols/sip_message.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace nw::network {

namespace {

constexpr std::string_view kVersion = "SIP/2.0";
constexpr std::size_t kStartLineMax = 2048;  // octets that are looked at; what is longer is none

// RFC 3261, 3262, 3265, 3311, 3428, 3515, 3903, 6086.
constexpr auto kMethods =
    std::to_array<std::string_view>({"ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK",
                                     "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE"});

// Names in lower case, and their short forms: RFC 3261 section 7.3.3.
constexpr struct {
  std::string_view name;
  char brief;  // 0: none
  SipHeader header;
} kHeaders[] = {
    {"from", 'f', SipHeader::from},
    {"to", 't', SipHeader::to},
    {"call-id", 'i', SipHeader::call_id},
    {"cseq", 0, SipHeader::sequence},
    {"date", 0, SipHeader::date},
    {"reply-to", 0, SipHeader::reply_to},
    {"subject", 's', SipHeader::subject},
    {"user-agent", 0, SipHeader::user_agent},
    {"server", 0, SipHeader::server},
    {"warning", 0, SipHeader::warning},
    {"content-type", 'c', SipHeader::content_type},
    {"content-length", 'l', SipHeader::content_length},
    {"authorization", 0, SipHeader::authorization},
    {"proxy-authorization", 0, SipHeader::proxy_authorization},
};

constexpr bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
constexpr bool is_blank(std::uint8_t c) { return c == ' ' || c == '\t'; }
constexpr bool is_space(std::uint8_t c) { return is_blank(c) || c == '\r' || c == '\n'; }

bool same(Bytes bytes, std::string_view text) {
  return std::ranges::equal(bytes, text, [](std::uint8_t a, char b) { return static_cast<char>(a) == b; });
}

// Without regard to case; `text` is in lower case.
bool same_word(Bytes bytes, std::string_view text) {
  return std::ranges::equal(bytes, text, [](std::uint8_t a, char b) { return ascii_lower(static_cast<char>(a)) == b; });
}

Bytes trimmed(Bytes bytes) {
  while (!bytes.empty() && is_space(bytes.front())) bytes = bytes.subspan(1);
  while (!bytes.empty() && is_space(bytes.back())) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// What stands before `end`, or everything; `rest` becomes what stands behind it.
Bytes cut_at(Bytes& rest, char end) {
  const std::size_t size = std::min(as_text(rest).find(end), rest.size());
  const Bytes before = rest.first(size);
  rest = rest.subspan(std::min(size + 1, rest.size()));
  return before;
}

// A line with those that go on with it: they begin with a blank.
Bytes take_line(Bytes& rest) {
  const Bytes from = rest;
  std::size_t size = cut_at(rest, '\n').size();
  while (!rest.empty() && is_blank(rest.front())) {
    const std::size_t before = from.size() - rest.size();
    size = before + cut_at(rest, '\n').size();
  }
  return trimmed(from.first(size));
}

// "SIP/2.0 401 Unauthorized".
bool read_status(Bytes line, SipMessage& out) {
  if (!same(cut_at(line, ' '), kVersion)) return false;
  const Bytes digits = cut_at(line, ' ');
  if (digits.size() != 3 || !std::ranges::all_of(digits, is_digit) || digits[0] == '0' || digits[0] > '6') return false;
  out.status = (digits[0] - 48U) * 100 + (digits[1] - 48U) * 10 + (digits[2] - 48U);
  out.reason = line;
  return true;
}

constexpr bool is_letter_or_digit(std::uint8_t c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Extensions may bring methods of any name (RFC 3261 sections 7.1 and 25.1: token).
bool is_token(Bytes word) {
  constexpr std::string_view kMarks = "-.!%*_+`'~";
  return !word.empty() && std::ranges::all_of(word, [&](std::uint8_t c) {
    return is_letter_or_digit(c) || kMarks.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// "sip:..." and whatever else has a scheme (RFC 3986 section 3.1).
bool has_scheme(Bytes uri) {
  const Bytes scheme = cut_at(uri, ':');
  return !uri.empty() && !scheme.empty() && !is_digit(scheme.front()) &&
         std::ranges::all_of(scheme,
                             [](std::uint8_t c) { return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.'; });
}

// "INVITE sip:plc7@example.com SIP/2.0".
bool read_request(Bytes line, SipMessage& out) {
  const Bytes method = cut_at(line, ' ');
  const Bytes uri = cut_at(line, ' ');
  if (uri.empty() || !same(line, kVersion)) return false;
  const bool known = std::ranges::any_of(kMethods, [&](std::string_view name) { return same(method, name); });
  if (!known && !(is_token(method) && has_scheme(uri))) return false;
  out.method = method;
  out.uri = uri;
  return true;
}

bool read_start_line(Bytes line, SipMessage& out) { return read_status(line, out) || read_request(line, out); }

bool may_begin(Bytes in, std::string_view word) {
  const std::size_t size = std::min(in.size(), word.size());
  return same(in.first(size), word.substr(0, size)) && (in.size() <= word.size() || in[word.size()] == ' ');
}

// What stands behind the first `name`, without regard to case; empty when it is not there.
Bytes behind(Bytes bytes, std::string_view name) {
  for (std::size_t at = 0; at + name.size() <= bytes.size(); ++at)
    if (same_word(bytes.subspan(at, name.size()), name)) return bytes.subspan(at + name.size());
  return {};
}

struct Part {
  std::ptrdiff_t at = 0, size = 0;
};

// Where the password of a URI is, with the ':' before it (RFC 3261 section 19.1.1).
Part password_in(Bytes uri) {
  const Bytes plain = behind(uri, "sip:"), secured = behind(uri, "sips:");
  const Bytes user = plain.size() > secured.size() ? plain : secured;  // what comes first
  const auto end = std::ranges::find(user.rbegin(), user.rend(), std::uint8_t{'@'}).base();
  if (end == user.begin()) return {};
  const auto colon = std::find(user.begin(), end - 1, std::uint8_t{':'});
  return {static_cast<std::ptrdiff_t>(uri.size() - user.size()) + (colon - user.begin()), end - 1 - colon};
}

// `all`, or the body's length only.
void read_header(Bytes line, bool all, SipMessage& out) {
  Bytes value = line;
  const Bytes name = trimmed(cut_at(value, ':'));
  value = trimmed(value);
  if (all && (same_word(name, "via") || same_word(name, "v"))) {
    if (out.via_count < SipMessage::kViasMax) out.vias[out.via_count++] = value;
    return;
  }
  for (const auto& known : kHeaders) {
    if (!all && known.header != SipHeader::content_length) continue;
    const bool brief = known.brief != 0 && name.size() == 1 && ascii_lower(static_cast<char>(name[0])) == known.brief;
    if (!brief && !same_word(name, known.name)) continue;
    Bytes& place = out.headers[static_cast<std::size_t>(known.header)];
    if (place.empty()) place = value;
    return;
  }
}

}  // namespace

std::optional<std::size_t> SipMessage::body_bytes() const noexcept {
  constexpr std::size_t kDigitsMax = 9;
  const Bytes digits = header(SipHeader::content_length);
  if (digits.empty() || digits.size() > kDigitsMax || !std::ranges::all_of(digits, is_digit)) return {};
  std::size_t number = 0;
  for (const std::uint8_t digit : digits) number = number * 10 + (digit - 48U);
  return number;
}

std::optional<std::size_t> sip_head_bytes(Bytes in) {
  const std::string_view text = as_text(in);
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    std::size_t next = at + 1;
    if (next < in.size() && in[next] == '\r') ++next;
    if (next < in.size() && in[next] == '\n') return next + 1;
  }
  return {};
}

Verdict sip_start_line(Bytes in) {
  const Bytes seen = in.first(std::min(in.size(), kStartLineMax));
  const auto end = std::ranges::find(seen, std::uint8_t{'\n'});
  if (end != seen.end()) {
    SipMessage message;
    return read_start_line(trimmed(seen.first(static_cast<std::size_t>(end - seen.begin()))), message) ? Verdict::yes
                                                                                                       : Verdict::no;
  }
  const bool begins = may_begin(seen, kVersion) ||
                      std::ranges::any_of(kMethods, [&](std::string_view known) { return may_begin(seen, known); });
  if (!begins || seen.size() == kStartLineMax) return Verdict::no;
  const bool text = std::ranges::all_of(seen, [](std::uint8_t c) { return (c >= 0x20 && c != 0x7f) || c == '\r'; });
  return text ? Verdict::unsure : Verdict::no;
}

std::optional<DecodeError> read_sip(Bytes head, SipMessage& out) {
  if (head.empty()) return DecodeError::truncated;
  if (!read_start_line(trimmed(cut_at(head, '\n')), out)) return DecodeError::bad_value;
  std::optional<DecodeError> fault;
  for (std::size_t read = 0; !head.empty(); ++read) {
    const Bytes line = take_line(head);
    if (line.empty()) break;
    const bool readable = std::ranges::find(line, std::uint8_t{':'}) != line.end();
    const bool all = read < SipMessage::kHeadersMax;
    if (!fault && !(readable && all)) fault = readable ? DecodeError::limit : DecodeError::bad_value;
    // Neither bad nor many lines can hide where the body ends, and the next message begins.
    if (readable) read_header(line, all, out);
  }
  return fault;
}

Bytes sip_branch(Bytes via) {
  Bytes rest = behind(via, "branch=");
  rest = cut_at(rest, ';');
  return trimmed(cut_at(rest, ','));
}

Bytes sip_user(Bytes authorization) {
  const Bytes rest = behind(authorization, "username=\"");
  const auto end = std::ranges::find(rest, std::uint8_t{'"'});
  if (end == rest.end()) return {};  // the proof may stand in what follows
  return {rest.begin(), end};
}

std::vector<std::uint8_t> sip_without_passwords(Bytes value) {
  constexpr std::string_view kAround = "<>\" \t\r\n";  // a URI; none is in it
  std::vector<std::uint8_t> out;
  while (!value.empty()) {
    const auto end = std::ranges::find_if(
        value, [&](std::uint8_t c) { return kAround.find(static_cast<char>(c)) != std::string_view::npos; });
    const Bytes word{value.begin(), end};
    const auto [secret, size] = password_in(word);
    out.insert(out.end(), word.begin(), word.begin() + secret);
    out.insert(out.end(), word.begin() + secret + size, end == value.end() ? end : end + 1);
    value = {end == value.end() ? end : end + 1, value.end()};
  }
  return out;
}

}  // namespace nw::network
