#include "detect/sigma/encodings.h"

#include <cstdint>

#include "detect/sigma/fold.h"

namespace nw::sigma {

std::string to_base64(std::string_view bytes) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = (group << 8U) | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= left ? kAlphabet[(group >> (18 - 6 * k)) & 63U] : '=';
  }
  return out;
}

std::array<std::string, 3> to_base64_offsets(std::string_view bytes) {
  static constexpr std::array<std::size_t, 3> kStart{0, 2, 3};  // characters that the bytes before reach into
  static constexpr std::array<std::size_t, 3> kCut{0, 3, 2};    // padding, and the character shared with what follows
  std::array<std::string, 3> out;
  for (std::size_t offset = 0; offset < 3; ++offset) {
    const std::string text = to_base64(std::string(offset, ' ') + std::string{bytes});
    const std::size_t end = text.size() - kCut[(bytes.size() + offset) % 3];
    if (end > kStart[offset]) out[offset] = text.substr(kStart[offset], end - kStart[offset]);
  }
  return out;
}

Result<std::string> to_utf16(std::string_view text, Utf16 form) {
  std::string out = form == Utf16::with_mark ? "\xff\xfe" : "";
  const auto put = [&](std::uint32_t unit) {
    const char low = static_cast<char>(unit & 0xffU), high = static_cast<char>(unit >> 8U);
    out += form == Utf16::big ? high : low;
    out += form == Utf16::big ? low : high;
  };
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (!point.valid) return Error{Errc::malformed, "the value is no UTF-8 text"};
    const auto c = static_cast<std::uint32_t>(point.value);
    if (c < 0x10000) {
      put(c);
    } else {
      put(0xd800U + ((c - 0x10000U) >> 10U));
      put(0xdc00U + ((c - 0x10000U) & 0x3ffU));
    }
    text.remove_prefix(point.length);
  }
  return out;
}

}  // namespace nw::sigma
