// A line of text under construction, in place and bounded: what protocols render values into before the event keeps it.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

// How many bytes at the front are printable ASCII that needs no escape.
std::size_t plain_ascii(Bytes in) noexcept;
// The same escapes, behind `out`: for texts that are bounded elsewhere.
void append_escaped(Bytes bytes, std::string& out);
// `digits` at least, in lower case; at the end of `room`.
inline constexpr std::size_t kHexDigitsMax = 16;
std::string_view hex_digits(std::uint64_t number, std::size_t digits, std::span<char, kHexDigitsMax> room) noexcept;

// Text beyond the bound is dropped, and cut() says so.
class TextBuffer {
 public:
  static constexpr std::size_t kBytesMax = 4096;

  void append(std::string_view text) {
    const std::size_t left = kBytesMax - size_;
    if (text.size() > left) {
      text = text.substr(0, left);
      cut_ = true;
    }
    text.copy(text_.data() + size_, text.size());
    size_ += text.size();
  }
  void append(char c) {
    if (size_ == kBytesMax)
      cut_ = true;
    else
      text_[size_++] = c;
  }
  void append_number(std::integral auto number) {
    std::array<char, 24> digits;
    append({digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr});
  }
  void append_hex(Bytes bytes);
  // Printable ASCII and well-formed UTF-8 as they are; any other byte, and the backslash, as \xNN (as Zeek's logs do).
  void append_escaped(Bytes bytes);
  // The same with ASCII letters in lower case.
  void append_lower(Bytes bytes);

  void clear() noexcept {
    size_ = 0;
    cut_ = false;
  }
  // Valid until the next call that changes the text.
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }
  [[nodiscard]] bool cut() const noexcept { return cut_; }

 private:
  void append_escaped(Bytes bytes, bool lower);

  std::array<char, kBytesMax> text_;  // set up to size_
  std::size_t size_ = 0;
  bool cut_ = false;
};

}  // namespace nw::network
