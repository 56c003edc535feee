#include "ingest/network/protocols/tls_fingerprint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "ingest/network/protocols/digest.h"

namespace nw::network {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string hex(Bytes bytes) {
  std::string out(2 * bytes.size(), '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kHexDigits[bytes[i] >> 4U];
    out[2 * i + 1] = kHexDigits[bytes[i] & 15U];
  }
  return out;
}

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// The numbers of a list of u16 without the reserved ones.
std::vector<std::uint16_t> numbers(Bytes list) {
  std::vector<std::uint16_t> out;
  out.reserve(list.size() / 2);
  for (ByteReader reader{list}; reader.rest().size() >= 2;)
    if (const std::uint16_t number = reader.u16be(); !is_grease(number)) out.push_back(number);
  return out;
}

std::vector<std::uint16_t> extension_types(Bytes extensions) {
  std::vector<std::uint16_t> out;
  for (ByteReader reader{extensions}; !reader.empty();) {
    const std::uint16_t type = reader.u16be();
    reader.bytes(reader.u16be());
    if (reader.ok() && !is_grease(type)) out.push_back(type);
  }
  return out;
}

void append_decimal(std::string& out, const auto& numbers) {
  std::array<char, 8> text{'-'};
  std::size_t begin = 1;
  for (const auto number : numbers) {
    char* const end = std::to_chars(text.data() + 1, text.data() + text.size(), number).ptr;
    out.append(text.data() + begin, end);
    begin = 0;
  }
}

std::string hex_list(const std::vector<std::uint16_t>& numbers) {
  std::string out;
  out.reserve(5 * numbers.size());
  std::size_t begin = 1;
  for (const std::uint16_t number : numbers) {
    const std::array text{',', kHexDigits[number >> 12U], kHexDigits[number >> 8U & 15U],
                          kHexDigits[number >> 4U & 15U], kHexDigits[number & 15U]};
    out.append(text.data() + begin, text.size() - begin);
    begin = 0;
  }
  return out;
}

// JA4's second and third part: twelve digits of a SHA-256, zeros when there was nothing to digest.
std::string short_digest(std::string_view text) {
  if (text.empty()) return "000000000000";
  return sha256_hex(bytes_of(text)).substr(0, 12);
}

std::string_view version_mark(const ClientHello& hello, bool dtls) {
  std::uint16_t version = hello.version;
  // Whoever sends the list speaks by it alone.
  if (const auto body = find_extension(hello.extensions, tls_extension::kVersions)) {
    const auto offered = numbers(extension_list(body, 1));
    // DTLS counts downwards.
    const auto [lowest, highest] = std::ranges::minmax_element(offered);
    if (!offered.empty()) version = dtls ? *lowest : *highest;
  }
  switch (version) {
    case 0x0304: return "13";
    case 0x0303: return "12";
    case 0x0302: return "11";
    case 0x0301: return "10";
    case 0x0300: return "s3";
    case 0x0002: return "s2";
    case 0xfeff: return "d1";
    case 0xfefd: return "d2";
    case 0xfefc: return "d3";
    default: return "00";
  }
}

// Two decimal digits, 99 for more.
std::string two_digits(std::size_t count) {
  count = std::min<std::size_t>(count, 99);
  return {static_cast<char>('0' + count / 10), static_cast<char>('0' + count % 10)};
}

constexpr bool is_alphanumeric(std::uint8_t c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// First and last character of the first protocol offered; of its hexadecimal form when one is neither letter nor digit.
std::string protocol_mark(const ClientHello& hello) {
  ByteReader names{extension_list(find_extension(hello.extensions, tls_extension::kAlpn), 2)};
  const Bytes name = names.bytes(names.u8());
  if (name.empty()) return "00";
  const std::uint8_t first = name.front(), last = name.back();
  if (is_alphanumeric(first) && is_alphanumeric(last)) return {static_cast<char>(first), static_cast<char>(last)};
  return {kHexDigits[first >> 4U], kHexDigits[last & 15U]};
}

}  // namespace

std::string md5_hex(Bytes bytes) { return hex(Digest{DigestKind::md5, bytes}.bytes()); }
std::string sha256_hex(Bytes bytes) { return hex(Digest{DigestKind::sha256, bytes}.bytes()); }

std::string ja3(const ClientHello& hello) {
  std::string text = std::to_string(hello.version) + ',';
  append_decimal(text, numbers(hello.ciphers));
  text += ',';
  append_decimal(text, extension_types(hello.extensions));
  text += ',';
  append_decimal(text, numbers(extension_list(find_extension(hello.extensions, tls_extension::kGroups), 2)));
  text += ',';
  append_decimal(text, extension_list(find_extension(hello.extensions, tls_extension::kPointFormats), 1));
  return md5_hex(bytes_of(text));
}

std::string ja3s(const ServerHello& hello) {
  std::string text = std::to_string(hello.version) + ',' + std::to_string(hello.cipher) + ',';
  append_decimal(text, extension_types(hello.extensions));
  return md5_hex(bytes_of(text));
}

std::string ja4(const ClientHello& hello, char transport) {
  auto ciphers = numbers(hello.ciphers);
  auto extensions = extension_types(hello.extensions);
  const bool named = std::ranges::find(extensions, tls_extension::kServerName) != extensions.end();
  std::string out{transport};
  out += version_mark(hello, transport == 'd');
  out += named ? 'd' : 'i';
  out += two_digits(ciphers.size());
  out += two_digits(extensions.size());
  out += protocol_mark(hello);

  std::ranges::sort(ciphers);
  out += '_' + short_digest(hex_list(ciphers));
  // The two that differ from one connection of a client to the next.
  std::erase_if(extensions,
                [](std::uint16_t t) { return t == tls_extension::kServerName || t == tls_extension::kAlpn; });
  std::ranges::sort(extensions);
  std::string text = hex_list(extensions);
  const auto signatures = find_extension(hello.extensions, tls_extension::kSignatures);
  if (const std::string list = hex_list(numbers(extension_list(signatures, 2))); !list.empty()) text += '_' + list;
  return out + '_' + short_digest(text);
}

}  // namespace nw::network
