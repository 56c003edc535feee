#include "ingest/network/protocols/text_buffer.h"

#include <algorithm>

#include "base/text.h"

namespace nw::network {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// How many bytes the well-formed UTF-8 sequence at the front has (RFC 3629 section 4), or 0 when there is none.
std::size_t utf8_length(Bytes in) {
  const std::uint8_t lead = in[0];
  const std::size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || length > in.size()) return 0;
  for (const std::uint8_t byte : in.subspan(1, length - 1))
    if ((byte & 0xc0U) != 0x80) return 0;
  const std::uint8_t second = in[1];
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool beyond = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
  return overlong || beyond ? 0 : length;
}

// How many bytes at the front are one character that needs no escape; 0: the first byte does.
std::size_t plain_length(Bytes in) {
  const std::uint8_t byte = in.front();
  if (byte >= 0x80) return utf8_length(in);
  return byte >= 0x20 && byte < 0x7f && byte != '\\' ? 1 : 0;
}

// How many bytes at the front are printable ASCII that needs no escape.
std::size_t plain_ascii(Bytes in) {
  const auto plain = [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7f && byte != '\\'; };
  return static_cast<std::size_t>(std::ranges::find_if_not(in, plain) - in.begin());
}

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

void TextBuffer::append_hex(Bytes bytes) {
  for (const std::uint8_t byte : bytes) {
    append(kHex[byte >> 4U]);
    append(kHex[byte & 15U]);
  }
}

void TextBuffer::append_escaped(Bytes bytes) { append_escaped(bytes, false); }
void TextBuffer::append_lower(Bytes bytes) { append_escaped(bytes, true); }

// Half a character is none, so it goes to the bound in whole ones.
void TextBuffer::append_escaped(Bytes bytes, bool lower) {
  constexpr std::size_t kEscape = 4;  // \xNN
  while (!bytes.empty() && !cut_) {
    if (const std::size_t run = lower ? 0 : plain_ascii(bytes); run != 0) {
      append(as_text(bytes.first(run)));
      bytes = bytes.subspan(run);
      continue;
    }
    const std::size_t used = plain_length(bytes);
    if ((used == 0 ? kEscape : used) > kBytesMax - size_) {
      cut_ = true;
      return;
    }
    if (used == 0) {
      append("\\x");
      append_hex(bytes.first(1));
    }
    for (const std::uint8_t byte : bytes.first(used))
      append(lower ? ascii_lower(static_cast<char>(byte)) : static_cast<char>(byte));
    bytes = bytes.subspan(std::max<std::size_t>(used, 1));
  }
}

void append_escaped(Bytes bytes, std::string& out) {
  while (!bytes.empty()) {
    const std::size_t run = plain_ascii(bytes);
    out += as_text(bytes.first(run));
    bytes = bytes.subspan(run);
    if (bytes.empty()) return;
    const std::size_t used = plain_length(bytes);
    out += as_text(bytes.first(used));
    if (used == 0) out.append({'\\', 'x', kHex[bytes.front() >> 4U], kHex[bytes.front() & 15U]});
    bytes = bytes.subspan(std::max<std::size_t>(used, 1));
  }
}

}  // namespace nw::network
