#include "context/indicators/value.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "context/indicators/url.h"

namespace nw::context {

namespace {

constexpr unsigned kV4BitsMin = 96 + 8, kV6BitsMin = 16;

int hex_value(char c) noexcept {
  if (ascii_digit(c)) return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool name_character(char c) noexcept {
  return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '_';
}

std::string_view bytes_of(const std::array<std::uint8_t, 16>& bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Refusal network_key(IndicatorKind& kind, const IpPrefix& prefix, IndicatorKey& out) {
  kind = prefix.bits() == 128 ? IndicatorKind::address : IndicatorKind::prefix;
  if (kind == IndicatorKind::address) {
    address_key(prefix.address(), out);
    return Refusal::none;
  }
  prefix_key(prefix, out);
  const bool v4 = prefix.address().is_v4() && prefix.bits() >= 96;
  return prefix.bits() < (v4 ? kV4BitsMin : kV6BitsMin) ? Refusal::too_wide : Refusal::none;
}

Refusal domain_key(IndicatorKind& kind, std::string_view text, IndicatorKey& out) {
  IpAddress address;
  if (IpAddress::parse_into(text, address)) return network_key(kind, IpPrefix{address, 128}, out);
  if (text.starts_with("*.")) text.remove_prefix(2);
  if (!name_key(text, out)) return Refusal::bad_value;
  const std::string_view name = out.view();
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return Refusal::too_wide;
  // No top-level name is a number: 1.2.3.400 is a slip, not a name.
  const std::string_view top = name.substr(dot + 1);
  return std::all_of(top.begin(), top.end(), ascii_digit) ? Refusal::bad_value : Refusal::none;
}

Refusal web_key(IndicatorKind& kind, std::string_view text, IndicatorKey& out) {
  if (text.ends_with('*')) {
    text.remove_suffix(1);
    kind = IndicatorKind::url_prefix;
  }
  if (!url_key(text, out)) return Refusal::bad_value;
  if (host_of_url(out.view()).find_first_of(".:") == std::string_view::npos) return Refusal::bad_value;
  if (kind == IndicatorKind::url) return Refusal::none;
  // A prefix ends where a part of the path does: /a* would fit /about.
  if (out.view().find('?') != std::string_view::npos || !out.view().ends_with('/')) return Refusal::bad_value;
  return Refusal::none;
}

bool digits_only(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return hex_value(c) >= 0; });
}

}  // namespace

bool IndicatorKey::add(std::string_view text) noexcept {
  if (text.size() > bytes_.size() - size_) return false;
  if (!text.empty()) std::memcpy(bytes_.data() + size_, text.data(), text.size());
  size_ += text.size();
  return true;
}

bool name_key(std::string_view text, IndicatorKey& out) noexcept {
  out.clear();
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kDomainBytesMax) return false;
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!name_character(c) || ++label > 63) {
      return false;
    }
    out.add(ascii_lower(c));
  }
  return label != 0;
}

void address_key(const IpAddress& address, IndicatorKey& out) noexcept {
  out.clear();
  out.add(bytes_of(address.bytes()).substr(address.is_v4() ? 12 : 0));
}

void prefix_key(const IpPrefix& prefix, IndicatorKey& out) noexcept {
  out.clear();
  out.add(static_cast<char>(prefix.bits()));
  out.add(bytes_of(prefix.address().bytes()));
}

IpPrefix prefix_of(std::string_view key) noexcept {
  if (key.size() != 17) return {};
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), key.data() + 1, bytes.size());
  return {IpAddress::from_bytes(bytes), static_cast<unsigned char>(key[0])};
}

bool digest_key(std::string_view text, std::size_t octets, IndicatorKey& out) noexcept {
  out.clear();
  const bool colons = text.size() == octets * 3 - 1;
  if (!colons && text.size() != octets * 2) return false;
  for (std::size_t i = 0; i < octets; ++i) {
    const std::size_t at = i * (colons ? 3 : 2);
    if (colons && i != 0 && text[at - 1] != ':') return false;
    const int high = hex_value(text[at]), low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return false;
    out.add(static_cast<char>(high * 16 + low));
  }
  return true;
}

bool ja4_key(std::string_view text, IndicatorKey& out) noexcept {
  out.clear();
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool bar = i == 10 || i == 23;
    const char c = ascii_lower(text[i]);
    if (bar ? c != '_' : !(ascii_digit(c) || (c >= 'a' && c <= 'z'))) return false;
    out.add(c);
  }
  return true;
}

Refusal indicator_key(IndicatorKind& kind, std::string_view text, IndicatorKey& out) {
  switch (kind) {
    case IndicatorKind::domain:
    case IndicatorKind::hostname: return domain_key(kind, text, out);
    case IndicatorKind::address:
    case IndicatorKind::prefix: {
      const auto prefix = IpPrefix::parse(text);
      return prefix ? network_key(kind, *prefix, out) : Refusal::bad_value;
    }
    case IndicatorKind::url:
    case IndicatorKind::url_prefix: return web_key(kind, text, out);
    case IndicatorKind::ja4: return ja4_key(text, out) ? Refusal::none : Refusal::bad_value;
    default: return digest_key(text, fixed_size(kind), out) ? Refusal::none : Refusal::bad_value;
  }
}

std::optional<IndicatorKind> guess_kind(std::string_view text) {
  if (IpPrefix::parse(text)) return IndicatorKind::address;
  if (text.find('/') != std::string_view::npos) return IndicatorKind::url;
  if (digits_only(text)) {
    if (text.size() == 32) return IndicatorKind::md5;
    if (text.size() == 40) return IndicatorKind::sha1;
    if (text.size() == 64) return IndicatorKind::sha256;
  }
  IndicatorKey key;
  if (ja4_key(text, key)) return IndicatorKind::ja4;
  const std::string_view name = text.starts_with("*.") ? text.substr(2) : text;
  if (name_key(name, key)) return IndicatorKind::domain;
  return std::nullopt;
}

std::string indicator_text(IndicatorKind kind, std::string_view key) {
  if (kind == IndicatorKind::prefix) return prefix_of(key).to_string();
  if (kind == IndicatorKind::address)
    return IpAddress::from_bytes({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()}).to_string();
  if (kind == IndicatorKind::url_prefix) return std::string{key} + '*';
  if (fixed_size(kind) == 0) return std::string{key};
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : key) {
    out += kHex[static_cast<unsigned char>(c) >> 4U];
    out += kHex[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string refang(std::string_view text) {
  struct Form {
    std::string_view written, meant;
  };
  static constexpr auto kForms = std::to_array<Form>({{"[://]", "://"},
                                                      {"[.]", "."},
                                                      {"(.)", "."},
                                                      {"{.}", "."},
                                                      {"[dot]", "."},
                                                      {"(dot)", "."},
                                                      {"[:]", ":"},
                                                      {"[/]", "/"},
                                                      {"[@]", "@"},
                                                      {"\\.", "."}});
  std::string out;
  out.reserve(text.size());
  const auto begins = [&text](std::size_t at, std::string_view lower) {
    return text.size() - at >= lower.size() &&
           std::ranges::equal(text.substr(at, lower.size()), lower, {}, ascii_lower);
  };
  std::size_t at = 0;
  for (const std::string_view scheme : {std::string_view{"hxxp"}, std::string_view{"h**p"}})
    if (begins(0, scheme)) {
      out = "http";
      at = scheme.size();
      break;
    }
  while (at < text.size()) {
    const auto form = std::ranges::find_if(kForms, [&](const Form& f) { return begins(at, f.written); });
    if (form == kForms.end()) {
      out += text[at++];
    } else {
      out += form->meant;
      at += form->written.size();
    }
  }
  return out;
}

}  // namespace nw::context
