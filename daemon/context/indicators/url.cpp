#include "context/indicators/url.h"

#include <algorithm>

#include "base/text.h"

namespace nw::context {

namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

int hex_digit(char c) noexcept {
  if (ascii_digit(c)) return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool unreserved(char c) noexcept {
  return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

bool add_escaped(char c, IndicatorKey& out) noexcept {
  const auto octet = static_cast<unsigned char>(c);
  return out.add('%') && out.add(kUpperHex[octet >> 4U]) && out.add(kUpperHex[octet & 15U]);
}

// %XX in capitals, or as the character where that needs none; what must not stand in a URL as %XX.
bool add_normal(std::string_view text, IndicatorKey& out) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    bool added = false;
    if (c == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      const char octet = static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      added = unreserved(octet) ? out.add(octet) : add_escaped(octet, out);
      i += 2;
    } else if (c <= ' ' || c == '\x7f' || c == '"' || c == '<' || c == '>' || static_cast<unsigned char>(c) >= 0x80) {
      added = add_escaped(c, out);
    } else {
      added = out.add(c);
    }
    if (!added) return false;
  }
  return true;
}

// RFC 3986 section 5.2.4, while the path is written: each segment when it has ended.
bool add_path(std::string_view path, IndicatorKey& out) noexcept {
  const std::size_t begin = out.view().size();
  if (path.empty() || path.front() != '/') {
    if (!out.add('/')) return false;
  } else {
    path.remove_prefix(1);
    if (!out.add('/')) return false;
  }
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::size_t segment = out.view().size();  // where it begins; a '/' stands before it
    if (!add_normal(path.substr(0, slash), out)) return false;
    const std::string_view written = out.view().substr(segment);
    const bool up = written == "..", dot = up || written == ".";
    if (dot) out.cut(segment);
    if (up && segment > begin + 1) {
      const std::size_t parent = out.view().substr(0, segment - 1).rfind('/');
      out.cut(std::max(parent, begin) + 1);
    }
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
    if (!dot && !out.add('/')) return false;
  }
}

bool add_authority(std::string_view authority, bool web, IndicatorKey& out) noexcept {
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  std::string_view host = authority, port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    host = authority.substr(0, end + 1);
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') return false;
    if (!port.empty()) port.remove_prefix(1);
    IpAddress address;
    if (!IpAddress::parse_into(host.substr(1, host.size() - 2), address)) return false;
    for (const char c : host)
      if (!out.add(ascii_lower(c))) return false;
  } else {
    const std::size_t colon = authority.find(':');
    host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon + 1);
    IndicatorKey name;
    if (!name_key(host, name) || !out.add(name.view())) return false;
  }
  if (port.size() > 5 || !std::all_of(port.begin(), port.end(), ascii_digit)) return false;
  if (port.empty() || (web && (port == "80" || port == "443"))) return true;
  return out.add(':') && out.add(port);
}

// `rest` begins behind the authority.
bool add_rest(std::string_view rest, IndicatorKey& out) noexcept {
  rest = rest.substr(0, rest.find('#'));
  const std::size_t query = rest.find('?');
  if (!add_path(rest.substr(0, query), out)) return false;
  return query == std::string_view::npos || add_normal(rest.substr(query), out);
}

}  // namespace

bool url_key(std::string_view url, IndicatorKey& out) noexcept {
  out.clear();
  const std::size_t scheme = url.find("://");
  bool web = true;
  if (scheme != std::string_view::npos && scheme < url.find_first_of("/?#")) {
    const std::string_view name = url.substr(0, scheme);
    IndicatorKey lower;
    for (const char c : name)
      if (!unreserved(c) && c != '+') return false;
    for (const char c : name)
      if (!lower.add(ascii_lower(c))) return false;
    web = lower.view() == "http" || lower.view() == "https";
    if (!web && (!out.add(lower.view()) || !out.add("://"))) return false;
    url.remove_prefix(scheme + 3);
  }
  const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
  return add_authority(url.substr(0, end), web, out) && add_rest(url.substr(end), out);
}

bool url_key(std::string_view authority, std::string_view path, IndicatorKey& out) noexcept {
  // As a proxy is asked.
  if (const std::size_t scheme = path.find("://");
      scheme != std::string_view::npos && scheme < path.find_first_of("/?#"))
    return url_key(path, out);
  out.clear();
  if (authority.find_first_of("/?#") != std::string_view::npos) return false;
  return add_authority(authority, true, out) && add_rest(path, out);
}

std::string_view host_of_url(std::string_view key) noexcept {
  if (const std::size_t scheme = key.find("://"); scheme != std::string_view::npos && scheme < key.find('/'))
    key.remove_prefix(scheme + 3);
  key = key.substr(0, key.find('/'));
  if (key.starts_with('[')) return key.substr(1, key.find(']') - 1);
  return key.substr(0, key.find(':'));
}

}  // namespace nw::context
