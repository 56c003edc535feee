// The texts inside HTTP/1.x heads: start lines, lengths, credentials, URIs. RFC 9112, RFC 7617.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "ingest/network/protocols/base64.h"
#include "ingest/network/protocols/http_head.h"

namespace nw::network {

namespace {

// Registered methods (RFC 9110, WebDAV, UPnP, QUERY) and those that scanners and Windows services use.
constexpr auto kMethods = std::to_array<std::string_view>({
    "ACL",
    "BCOPY",
    "BDELETE",
    "BMOVE",
    "BPROPFIND",
    "BPROPPATCH",
    "CCM_POST",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DEBUG",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MOVE",
    "NOTIFY",
    "OPTIONS",
    "PATCH",
    "POLL",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "QUERY",
    "REPORT",
    "RPC_IN_DATA",
    "RPC_OUT_DATA",
    "SEARCH",
    "SUBSCRIBE",
    "TRACE",
    "TRACK",
    "UNLOCK",
    "UNSUBSCRIBE",
    "VERSION-CONTROL",
    "X-MS-ENUMATTS",
});
constexpr std::size_t kMethodMax = 32;
constexpr std::size_t kLineEnough = 1024;  // octets of an unfinished request line that convince off the port

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
bool is_alpha(char c) noexcept { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

bool is_method(std::string_view token) { return std::ranges::find(kMethods, token) != kMethods.end(); }
bool begins_method(std::string_view token) {
  return std::ranges::any_of(kMethods, [&](std::string_view method) { return method.starts_with(token); });
}

std::string_view method_token(std::string_view line) {
  std::size_t size = 0;
  while (size < line.size() && size <= kMethodMax && (is_alpha(line[size]) || line[size] == '-' || line[size] == '_'))
    ++size;
  return line.substr(0, size);
}

// "HTTP/1.1" at the front: its number, else nothing. HTTP/2 has no lines.
std::string_view version_at(std::string_view text) {
  constexpr std::string_view kName = "HTTP/";
  const bool fits = text.starts_with(kName) && text.size() >= 8 && (text[5] == '1' || text[5] == '0') &&
                    text[6] == '.' && ascii_digit(text[7]);
  return fits ? text.substr(kName.size(), 3) : std::string_view{};
}

// The last word of a request line when it is a version, with the name and what may hang on it: "HTTP/1.1",
// "HTTP/1.0.8".
std::string_view last_version(std::string_view line) {
  line = trim(line);
  const std::size_t blank = line.find_last_of(" \t");
  if (blank == std::string_view::npos) return {};
  const std::string_view word = line.substr(blank + 1);
  return version_at(word).empty() ? std::string_view{} : word;
}

// Whether the line ends in another protocol's version: "SIP/2.0", "RTSP/1.0", "HTTP/2.0".
bool other_version(std::string_view line) {
  line = trim(line);
  const std::size_t size = line.size();
  if (size < 5 || !ascii_digit(line[size - 1]) || line[size - 2] != '.' || !ascii_digit(line[size - 3]) ||
      line[size - 4] != '/')
    return false;
  const std::size_t blank = line.find_last_of(" \t");
  return blank != std::string_view::npos && is_alpha(line[blank + 1]) && last_version(line).empty();
}

HttpStart response_start(std::string_view line, bool whole, bool strict) {
  constexpr std::string_view kShape = "HTTP/1.1 200";
  if (version_at(line).empty()) {
    const bool may_come = !whole && line.size() < 8 &&
                          version_at(std::string{line} + std::string{kShape.substr(line.size())}).size() == 3;
    return may_come ? HttpStart::unsure : HttpStart::no;
  }
  std::string_view rest = line.substr(8);
  if (rest.empty()) return whole ? HttpStart::no : HttpStart::unsure;
  if (strict && !is_blank(rest.front())) return HttpStart::no;
  rest = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (digits == 3) return HttpStart::response;
  return digits < 3 && digits == rest.size() && !whole ? HttpStart::unsure : HttpStart::no;
}

HttpStart request_start(std::string_view line, bool whole, bool strict) {
  const std::string_view method = method_token(line);
  if (method.empty() || method.size() > kMethodMax) return HttpStart::no;
  const bool known = is_method(method);
  if (method.size() == line.size()) {
    return !whole && (strict ? begins_method(method) : true) ? HttpStart::unsure : HttpStart::no;
  }
  const bool parted = is_blank(line[method.size()]) || (!strict && known && line[method.size()] == '/');
  if (!parted) return HttpStart::no;
  if (whole) {
    if (!last_version(line).empty()) return HttpStart::request;
    return !strict && known && !other_version(line) ? HttpStart::request : HttpStart::no;
  }
  if (!known) return strict ? HttpStart::no : HttpStart::unsure;
  if (!strict) return HttpStart::unsure;
  const bool printable = std::ranges::all_of(
      line, [](char c) { return static_cast<unsigned char>(c) >= 0x20 || is_blank(c) || c == '\r'; });
  if (!printable) return HttpStart::no;
  return line.size() >= kLineEnough ? HttpStart::request : HttpStart::unsure;
}

std::optional<std::uint64_t> read_number(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  // Above 2^63 it is no length but an attempt.
  if (error != std::errc{} || end != text.data() + text.size() || number > INT64_MAX) return {};
  return number;
}

int hex_digit(char c) noexcept {
  if (ascii_digit(c)) return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Two hex digits at the front, or -1.
int hex_octet(std::string_view text) noexcept {
  if (text.size() < 2 || hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0) return -1;
  return hex_digit(text[0]) * 16 + hex_digit(text[1]);
}

}  // namespace

HttpStart http_start(Bytes bytes, bool strict) {
  std::string_view line = as_text(bytes.first(std::min(bytes.size(), kHttpLineMax)));
  if (line.empty()) return HttpStart::unsure;
  const std::size_t end = line.find('\n');
  const bool whole = end != std::string_view::npos;
  if (whole) line = line.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const HttpStart response = response_start(line, whole, strict);
  return response == HttpStart::no ? request_start(line, whole, strict) : response;
}

void read_start_line(std::string_view line, HttpHead& out) {
  line = trim(line);
  if (const std::string_view version = version_at(line); !version.empty()) {
    out.version = version;
    const std::string_view rest = trim(line.substr(8));
    unsigned code = 0;
    for (const char c : rest.substr(0, 3))
      if (ascii_digit(c)) code = code * 10 + static_cast<unsigned>(c - '0');
    out.code = code;
    out.reason = trim(rest.substr(std::min<std::size_t>(3, rest.size())));
    return;
  }
  out.request = true;
  out.method = method_token(line);
  line.remove_prefix(out.method.size());
  const std::string_view word = last_version(line);
  out.version = word.empty() ? "0.9" : version_at(word);
  out.uri = trim(line.substr(0, line.size() - word.size()));
  if (out.method == "CONNECT")
    hide_in_authority(out.uri, 0, out);
  else
    hide_password(out.uri, out);
}

void hide_password(std::string& uri, HttpHead& head) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string::npos || scheme > 8) return;
  hide_in_authority(uri, scheme + 3, head);
}

void hide_in_authority(std::string& text, std::size_t begin, HttpHead& head) {
  const std::size_t end = std::min(text.find_first_of("/?#", begin), text.size());
  const std::size_t at = text.rfind('@', end);
  const std::size_t colon = text.find(':', begin);
  if (at == std::string::npos || at < begin || at >= end || colon > at) return;
  if (head.username.empty()) head.username = text.substr(begin, colon - begin);
  head.password = true;
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(colon), text.begin() + static_cast<std::ptrdiff_t>(at), '\0');
  text.erase(colon, at - colon);
}

bool has_scheme(std::string_view text, std::string_view scheme) {
  return text.size() > scheme.size() && is_blank(text[scheme.size()]) &&
         std::ranges::equal(text.substr(0, scheme.size()), scheme, {}, ascii_lower);
}

bool has_token(std::string_view credentials) {
  return has_scheme(credentials, "ntlm") || has_scheme(credentials, "negotiate");
}

std::string take_token(HttpHead& head) {
  const std::string_view text = trim(head.token);
  const std::size_t blank = text.find_first_of(" \t");
  std::string token = blank == std::string_view::npos ? std::string{} : from_base64(trim(text.substr(blank)));
  wipe(head.token);
  return token;
}

void read_authorization(HttpHead& head) {
  constexpr std::string_view kScheme = "basic";
  const std::string_view text = trim(head.authorization);
  if (head.token.empty() && has_token(text)) head.token = text;
  if (has_scheme(text, kScheme)) {
    std::string pair = from_base64(trim(text.substr(kScheme.size())));
    const std::size_t colon = pair.find(':');
    head.username = pair.substr(0, colon);
    head.password = colon != std::string::npos && colon + 1 < pair.size();
    wipe(pair);
  }
  wipe(head.authorization);
}

std::optional<std::uint64_t> read_content_length(std::string_view text) {
  std::optional<std::uint64_t> length;
  for (const std::string_view part : split(text, ',')) {
    const auto number = read_number(trim(part), 10);
    if (!number || (length && *length != *number)) return {};
    length = number;
  }
  return length;
}

std::optional<std::uint64_t> read_chunk_size(std::string_view line) {
  return read_number(trim(line.substr(0, line.find(';'))), 16);
}

bool is_coded(std::string_view codings) {
  constexpr std::string_view kIdentity = "identity";  // of RFC 2616: none
  return !codings.empty() && !std::ranges::equal(codings, kIdentity, {}, ascii_lower);
}

bool is_chunked(std::string_view codings) {
  constexpr std::string_view kChunked = "chunked";
  const std::size_t comma = codings.rfind(',');
  return std::ranges::equal(trim(comma == std::string_view::npos ? codings : codings.substr(comma + 1)), kChunked, {},
                            ascii_lower);
}

std::string_view disposition_name(std::string_view disposition) {
  constexpr std::string_view kName = "filename=", kCoded = "filename*=";
  for (std::size_t at = disposition.find(';'); at != std::string_view::npos; at = disposition.find(';', at + 1)) {
    const std::string_view parameter = trim(disposition.substr(at + 1));
    const auto begins = [&](std::string_view name) {
      return parameter.size() >= name.size() &&
             std::ranges::equal(parameter.substr(0, name.size()), name, {}, ascii_lower);
    };
    if (begins(kCoded)) {  // charset'language'name (RFC 8187)
      const std::string_view text = parameter.substr(kCoded.size());
      const std::size_t quote = text.find('\'', text.find('\'') + 1);
      if (quote != std::string_view::npos) return trim(text.substr(quote + 1, text.find(';') - quote - 1));
    }
    if (!begins(kName)) continue;
    const std::string_view text = trim(parameter.substr(kName.size()));
    if (!text.starts_with('"')) return trim(text.substr(0, text.find(';')));
    return text.substr(1, text.find('"', 1) - 1);
  }
  return {};
}

std::string http_unescaped(std::string_view uri) {
  std::string out;
  out.reserve(uri.size());
  while (!uri.empty()) {
    std::size_t used = 1;
    int octet = -1;
    if (uri.front() == '%') {
      const bool wide = uri.size() >= 6 && ascii_lower(uri[1]) == 'u' && hex_octet(uri.substr(2)) == 0;
      octet = hex_octet(uri.substr(wide ? 4 : 1));
      if (octet >= 0) used = wide ? 6 : 3;
    }
    out += octet < 0 ? uri.front() : static_cast<char>(octet);
    uri.remove_prefix(used);
  }
  return out;
}

}  // namespace nw::network
