#include "ingest/logs/formats/json_text.h"

#include <cstdint>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the valid sequence at the front, or 0.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;
  if (lead == 0xed && byte(1) > 0x9f) return 0;
  if (lead == 0xf0 && byte(1) < 0x90) return 0;
  if (lead == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// "\uXXXX" at the front: its code unit, or -1.
std::int32_t code_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  std::int32_t value = 0;
  for (const char c : text.substr(2, 4)) {
    const char lower = ascii_lower(c);
    if (ascii_digit(c)) {
      value = value * 16 + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + (lower - 'a') + 10;
    } else {
      return -1;
    }
  }
  return value;
}

// One "\u" escape, with its partner where it has one. 0: malformed; else the bytes it takes.
std::size_t append_unicode(std::string_view text, std::string& out) {
  const std::int32_t first = code_unit(text);
  if (first < 0) return 0;
  if (first < 0xd800 || first > 0xdfff) {
    append_utf8(static_cast<std::uint32_t>(first), out);
    return 6;
  }
  const std::int32_t second = first < 0xdc00 ? code_unit(text.substr(6)) : -1;
  if (second < 0xdc00 || second > 0xdfff) {
    out += kReplacement;
    return 6;
  }
  append_utf8(
      0x10000U + (static_cast<std::uint32_t>(first - 0xd800) << 10) + static_cast<std::uint32_t>(second - 0xdc00), out);
  return 12;
}

}  // namespace

void append_mended_utf8(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t length = sequence(text);
    out += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

bool append_unescaped(std::string_view body, std::string& out) {
  static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
  while (!body.empty()) {
    const std::size_t plain = body.find('\\');
    out += body.substr(0, plain);
    if (plain == std::string_view::npos) return true;
    body.remove_prefix(plain);
    if (body.size() < 2) return false;
    if (body[1] == 'u') {
      const std::size_t taken = append_unicode(body, out);
      if (taken == 0) return false;
      body.remove_prefix(taken);
      continue;
    }
    const std::size_t which = kFrom.find(body[1]);
    if (which == std::string_view::npos) return false;
    out += kTo[which];
    body.remove_prefix(2);
  }
  return true;
}

bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && ascii_digit(text[at])) ++at;
    return at > from;
  };
  if (text.starts_with('-')) ++at;
  const bool zero = at < text.size() && text[at] == '0';
  const std::size_t whole = at;
  if (!digits() || (zero && at > whole + 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

}  // namespace nw::logs
