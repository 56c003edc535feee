#include "ingest/network/protocols/text_buffer.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace nw::network {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
using HexPair = std::array<char, 2>;
constexpr auto kHexPairs = [] {
  std::array<HexPair, 256> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kHex[i >> 4U], kHex[i & 15U]};
  return pairs;
}();

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

// Whether the eight bytes at the front are such, all at once: a byte's top bit says what is odd with it. Carries go
// only from bytes that have it.
bool eight_plain(Bytes in) {
  constexpr std::uint64_t kEach = 0x0101'0101'0101'0101, kTop = kEach * 0x80;
  const std::uint64_t eight = ByteReader{in}.u64be(), other = eight ^ kEach * '\\';
  const std::uint64_t too_high = eight | (eight + kEach);  // 0x7f and above
  const std::uint64_t high_enough = eight + kEach * (0x80 - 0x20), no_backslash = other + kEach * 0x7f;
  return (too_high & kTop) == 0 && (high_enough & no_backslash & kTop) == kTop;
}

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

std::size_t plain_ascii(Bytes in) noexcept {
  std::size_t size = 0;
  while (in.size() - size >= 8 && eight_plain(in.subspan(size))) size += 8;
  const Bytes rest = in.subspan(size);
  const auto plain = [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7f && byte != '\\'; };
  return size + static_cast<std::size_t>(std::ranges::find_if_not(rest, plain) - rest.begin());
}

std::string_view hex_digits(std::uint64_t number, std::size_t digits, std::span<char, kHexDigitsMax> room) noexcept {
  std::size_t at = room.size();
  do {
    room[--at] = kHex[number & 15U];
    number >>= 4U;
  } while (at > 0 && (number != 0 || room.size() - at < digits));
  return {room.data() + at, room.size() - at};
}

void TextBuffer::append_hex(Bytes bytes) {
  const std::size_t whole = std::min(bytes.size(), (kBytesMax - size_) / 2);
  char* at = text_.data() + size_;
  for (const std::uint8_t byte : bytes.first(whole)) {
    std::memcpy(at, kHexPairs[byte].data(), sizeof(HexPair));
    at += sizeof(HexPair);
  }
  size_ += whole * sizeof(HexPair);
  if (whole == bytes.size()) return;
  append(kHexPairs[bytes[whole]].front());
  cut_ = true;
}

void TextBuffer::append_escaped(Bytes bytes) { append_escaped(bytes, false); }
void TextBuffer::append_lower(Bytes bytes) { append_escaped(bytes, true); }

// Half a character is none, so it goes to the bound in whole ones.
void TextBuffer::append_escaped(Bytes bytes, bool lower) {
  constexpr std::size_t kEscape = 4;  // \xNN
  while (!bytes.empty() && !cut_) {
    if (const std::size_t run = plain_ascii(bytes); run != 0) {
      const std::size_t begin = size_;
      append(as_text(bytes.first(run)));
      for (std::size_t at = begin; lower && at < size_; ++at) text_[at] = ascii_lower(text_[at]);
      bytes = bytes.subspan(run);
      continue;
    }
    const std::size_t used = plain_length(bytes);
    if ((used == 0 ? kEscape : used) > kBytesMax - size_) {
      cut_ = true;
      return;
    }
    if (used == 0) {
      const HexPair digits = kHexPairs[bytes.front()];
      const std::array<char, kEscape> escape{'\\', 'x', digits[0], digits[1]};
      std::memcpy(text_.data() + size_, escape.data(), kEscape);
      size_ += kEscape;
      bytes = bytes.subspan(1);
      continue;
    }
    append(as_text(bytes.first(used)));
    bytes = bytes.subspan(used);
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
    if (used == 0) out.append({'\\', 'x', kHexPairs[bytes.front()][0], kHexPairs[bytes.front()][1]});
    bytes = bytes.subspan(std::max<std::size_t>(used, 1));
  }
}

}  // namespace nw::network
