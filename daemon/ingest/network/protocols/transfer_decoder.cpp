#include "ingest/network/protocols/transfer_decoder.h"

#include <algorithm>

#include "ingest/network/protocols/words.h"

namespace nw::network {
namespace {

constexpr std::uint8_t kNone = 0xff;

// RFC 2045 table 1.
constexpr auto kBase64 = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNone);
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kLetters.size(); ++i)
    table[static_cast<std::uint8_t>(kLetters[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

// Lower case is not allowed, and is in use.
std::uint8_t hex_value(std::uint8_t digit) noexcept {
  if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
  const auto low = static_cast<std::uint8_t>(digit | 0x20U);
  return low >= 'a' && low <= 'f' ? static_cast<std::uint8_t>(low - 'a' + 10) : kNone;
}

bool is_blank(std::uint8_t byte) noexcept { return byte == ' ' || byte == '\t'; }

}  // namespace

TransferEncoding transfer_encoding(std::string_view value) {
  const std::string_view word = take_word(value);
  if (same_word(word, "base64")) return TransferEncoding::base64;
  return same_word(word, "quoted-printable") ? TransferEncoding::quoted_printable : TransferEncoding::none;
}

void TransferDecoder::begin(TransferEncoding encoding) noexcept {
  encoding_ = encoding;
  bits_ = 0;
  held_size_ = 0;
  over_ = false;
}

Bytes TransferDecoder::decode(Bytes& in) {
  if (encoding_ == TransferEncoding::none) {
    const Bytes all = in;
    in = {};
    return all;
  }
  size_ = 0;
  if (encoding_ == TransferEncoding::base64)
    base64(in);
  else
    quoted(in);
  return Bytes{out_}.first(size_);
}

void TransferDecoder::base64(Bytes& in) noexcept {
  std::uint32_t group = group_;
  unsigned bits = bits_;
  std::size_t used = 0, size = 0;
  while (used < in.size() && size < kOutMax && !over_) {
    const std::uint8_t byte = in[used++];
    const std::uint8_t six = kBase64[byte];
    if (six == kNone) {
      over_ = byte == '=';
      continue;
    }
    group = group << 6U | six;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out_[size++] = static_cast<std::uint8_t>(group >> bits);
  }
  group_ = group;
  bits_ = bits;
  size_ = size;
  // What follows the padding is another one's, by mistake.
  in = over_ ? Bytes{} : in.subspan(used);
}

void TransferDecoder::quoted(Bytes& in) noexcept {
  std::size_t used = 0;
  while (used < in.size() && size_ < kOutMax) quoted(in[used++]);
  in = in.subspan(used);
}

void TransferDecoder::quoted(std::uint8_t byte) noexcept {
  if (held_size_ != 0 && held_[0] == '=') return behind_equals(byte);
  if (byte == '=' || (is_blank(byte) && held_size_ < kHeldMax)) {
    if (byte == '=') put_held();
    held_[held_size_++] = byte;
    return;
  }
  if (byte == '\r' && held_size_ != 0 && held_size_ < kHeldMax) {
    held_[held_size_++] = byte;
    return;
  }
  // Blanks at the end of a line are the transport's.
  if (byte == '\n' && held_size_ != 0) {
    if (held_[held_size_ - 1] == '\r') put('\r');
    held_size_ = 0;
  }
  put_held();
  put(byte);
}

void TransferDecoder::put_held() noexcept {
  for (std::size_t i = 0; i < held_size_; ++i) put(held_[i]);
  held_size_ = 0;
}

// =3D, or = at the end of a line, blanks between. Anything else stays as it is.
void TransferDecoder::behind_equals(std::uint8_t byte) noexcept {
  if (byte == '\n') {
    held_size_ = 0;
    return;
  }
  const std::uint8_t high = held_size_ == 2 ? hex_value(held_[1]) : kNone;
  if (high != kNone) {
    const std::uint8_t low = hex_value(byte);
    if (low == kNone) {
      put_held();
      return quoted(byte);
    }
    held_size_ = 0;
    return put(static_cast<std::uint8_t>(high << 4U | low));
  }
  const bool goes_on = is_blank(byte) || byte == '\r' || (held_size_ == 1 && hex_value(byte) != kNone);
  if (goes_on && held_size_ < kHeldMax) {
    held_[held_size_++] = byte;
    return;
  }
  put_held();
  quoted(byte);
}

Bytes TransferDecoder::end() {
  size_ = 0;
  // A part's last line has no end of its own: its blanks are the transport's, and an `=` joins it to nothing.
  const bool kept = held_size_ > 1 && held_[0] == '=' && hex_value(held_[1]) != kNone;
  if (kept) put_held();
  begin(encoding_);
  return Bytes{out_}.first(size_);
}

std::uint64_t TransferDecoder::gap(std::uint64_t bytes) noexcept {
  begin(encoding_);
  return encoding_ == TransferEncoding::base64 ? bytes - bytes / 4 : bytes;
}

}  // namespace nw::network
