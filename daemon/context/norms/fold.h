// Text made comparable, letter by letter: case, accents, vowel signs, width and invisible characters do not count.
// Covers what the six languages need (Latin, Cyrillic, Arabic; Chinese characters stay as they are); it is no Unicode
// library. Each letter keeps its place in the original text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nw::context {

struct Folded {
  char32_t code = 0;        // U' ': no letter or digit, or a gap
  std::uint32_t at = 0;     // its first byte in the text
  std::uint32_t bytes = 0;  // there
  bool capital = false;     // it was written as a capital
  char32_t mark = 0;        // of a gap: the character that stood there
};

// At most one item per character; invisible characters and combining marks give none. Bytes that are no UTF-8 are gaps.
std::vector<Folded> fold_text(std::string_view text);

enum class Script : unsigned char { none, latin, cyrillic, arabic, han, digit, other };
Script script_of(char32_t folded) noexcept;

void append_utf8(char32_t code, std::string& out);

}  // namespace nw::context
