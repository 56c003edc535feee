#include "reference/text.h"

#include <charconv>
#include <cmath>

#include "detect/sigma/fold.h"

namespace nw::sigma::reference {

Text units(std::string_view bytes) {
  Text out;
  while (!bytes.empty()) {
    const CodePoint point = decode(bytes);
    out += point.valid ? point.value : kByte + static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(point.length);
  }
  return out;
}

std::string bytes_of(const Text& text) {
  std::string out;
  for (const char32_t unit : text) {
    char buffer[4];
    if (unit >= kByte)
      out += static_cast<char>(unit - kByte);
    else
      out.append(buffer, encode(unit, buffer));
  }
  return out;
}

Text without_case(Text text) {
  for (char32_t& unit : text)
    if (unit < kMany) unit = fold(unit);
  return text;
}

// `\` makes the next `*`, `?` or `\` an ordinary character, and is one itself before anything else.
Text read_wildcards(std::string_view written) {
  const Text text = units(written);
  Text out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escapes =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '*' || text[i + 1] == '?' || text[i + 1] == '\\');
    if (escapes)
      out += text[++i];
    else
      out += text[i] == '*' ? kMany : text[i] == '?' ? kOne : text[i];
  }
  return out;
}

Texts read_placeholders(std::string_view written, const Placeholders& values) {
  static constexpr std::string_view kName = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
  std::string before;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\' && i + 1 < written.size()) {
      if (written[i + 1] != '%') before += '\\';
      before += written[++i];
      continue;
    }
    const std::size_t end = written[i] == '%' ? written.find_first_not_of(kName, i + 1) : std::string_view::npos;
    if (end == std::string_view::npos || end == i + 1 || written[end] != '%') {
      before += written[i];
      continue;
    }
    Texts out;
    for (const std::string& value : values.find(written.substr(i + 1, end - i - 1))->second)
      for (const Text& rest : read_placeholders(written.substr(end + 1), values))
        out.push_back(read_wildcards(before) + read_wildcards(value) + rest);
    return out;
  }
  return {read_wildcards(before)};
}

void open(Text& text, bool front, bool back) {
  if (front && (text.empty() || text.front() != kMany)) text.insert(text.begin(), kMany);
  if (back && (text.empty() || text.back() != kMany)) text += kMany;
}

// The whole subject: `*` is any number of any characters, `?` exactly one.
bool read_number(std::string_view text, double& out) {
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  return wrong == std::errc{} && end == text.data() + text.size() && std::isfinite(out);
}

bool glob(TextView pattern, TextView subject) {
  while (!pattern.empty() && pattern.front() != kMany) {
    if (subject.empty() || (pattern.front() != kOne && pattern.front() != subject.front())) return false;
    pattern.remove_prefix(1);
    subject.remove_prefix(1);
  }
  if (pattern.empty()) return subject.empty();
  for (std::size_t skipped = 0; skipped <= subject.size(); ++skipped)
    if (glob(pattern.substr(1), subject.substr(skipped))) return true;
  return false;
}

namespace {

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return c >= 0xc0 && c < kMany && c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c <= 0x206f);
}

// `-` and `/` before a word and not after one: each may be any of five, independently of the others.
Texts windash(const Text& text, std::size_t from = 0) {
  for (std::size_t i = from; i < text.size(); ++i) {
    const bool place = (text[i] == '-' || text[i] == '/') && (i == 0 || !is_word(text[i - 1])) && i + 1 < text.size() &&
                       is_word(text[i + 1]);
    if (!place) continue;
    Texts out;
    for (const char32_t dash : {U'-', U'/', U'\u2013', U'\u2014', U'\u2015'}) {
      Text variant = text;
      variant[i] = dash;
      for (Text& each : windash(variant, i + 1)) out.push_back(std::move(each));
    }
    return out;
  }
  return {text};
}

// Encodings work on bytes; those of a text that is not encoded yet are its UTF-8.
Text from_bytes(std::string_view bytes) {
  Text out;
  for (const char c : bytes) out += kByte + static_cast<unsigned char>(c);
  return out;
}

Text utf16(const Text& text, bool big_endian, bool mark) {
  std::string out = mark ? "\xff\xfe" : "";
  const auto put = [&](char32_t unit) {
    const char high = static_cast<char>(unit >> 8U), low = static_cast<char>(unit & 0xffU);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  for (const char32_t c : text) {
    if (c >= 0x10000) put(0xd800 + ((c - 0x10000) >> 10U));
    put(c < 0x10000 ? c : 0xdc00 + ((c - 0x10000) & 0x3ffU));
  }
  return from_bytes(out);
}

std::string base64(const std::string& bytes) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bits, out;
  for (const char c : bytes)
    for (int bit = 7; bit >= 0; --bit) bits += (static_cast<unsigned char>(c) >> bit & 1) != 0 ? '1' : '0';
  while (bits.size() % 6 != 0) bits += '0';
  for (std::size_t i = 0; i < bits.size(); i += 6) out += kLetters[std::stoul(bits.substr(i, 6), nullptr, 2)];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

// What stays the same of the encoded text when it begins after 0, 1 or 2 other bytes (mod 3) and something follows.
Texts base64_offsets(const std::string& bytes) {
  Texts out;
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string text = base64(std::string(before, ' ') + bytes);
    const std::size_t first = (before * 8 + 5) / 6;           // letters that hold bits of what is before
    const std::size_t end = (before + bytes.size()) * 8 / 6;  // letters that hold bits of these bytes alone
    out.push_back(units(text.substr(first, end - first)));
  }
  return out;
}

}  // namespace

Texts rewritten(const Text& text, std::string_view name) {
  if (name == "windash") return windash(text);
  if (name == "base64") return {units(base64(bytes_of(text)))};
  if (name == "base64offset") return base64_offsets(bytes_of(text));
  if (name == "wide" || name == "utf16le") return {utf16(text, false, false)};
  if (name == "utf16be") return {utf16(text, true, false)};
  if (name == "utf16") return {utf16(text, false, true)};
  return {text};
}

}  // namespace nw::sigma::reference
