// Case as Sigma compares it: simple Unicode case folding (The Unicode Standard 5.18; one code point to one). Bytes that
// are no UTF-8 stay as they are, so any bytes may come in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nw::sigma {

struct CodePoint {
  char32_t value;
  std::size_t length;  // bytes; 1 for a byte that starts no valid sequence
  bool valid;
};
// The code point at the front of `text`, which is not empty. RFC 3629: no overlong forms, no surrogates.
CodePoint decode(std::string_view text) noexcept;
// Writes UTF-8, at most four bytes; gives how many.
std::size_t encode(char32_t c, char* out) noexcept;

char32_t fold(char32_t c) noexcept;
// Folding lengthens a text by half at most: U+023A and U+023E go from two bytes to three.
constexpr std::size_t folded_bytes_max(std::size_t bytes) noexcept { return bytes + bytes / 2 + 1; }
// `out` has room for folded_bytes_max(text.size()). Gives the bytes written.
std::size_t fold_into(std::string_view text, char* out) noexcept;
std::string folded(std::string_view text);

}  // namespace nw::sigma
