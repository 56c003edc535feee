// A text as words, and the patterns that are looked for among them: what wording_gate.cpp is made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context/norms/fold.h"

namespace nw::context {

// Letters and digits that stand together, folded. Of a word in which Cyrillic letters stand among Latin ones, those
// that look alike are taken for Latin. Chinese characters are no part of words.
struct TextWord {
  std::u32string letters;
  std::size_t at = 0, end = 0;  // bytes in the text
  bool capital = false;         // its first letter
  bool capitals = false;        // all of them
  // What stands between it and the word before: nothing but blanks (or a line's end), hyphens, apostrophes and
  // underscores, or one full stop without a blank: the two may be one phrase. `hyphen`: a hyphen, or nothing.
  bool joined = false, hyphen = false;
};
std::vector<TextWord> words_of(const std::vector<Folded>& text);

// One word of a phrase; `stem`: whatever follows.
struct WordPattern {
  std::u32string letters;
  bool stem = false;
  [[nodiscard]] bool matches(std::u32string_view word) const noexcept {
    return stem ? word.starts_with(letters) : word == letters;
  }
};
// "military intelligence", "perpetrat*". Empty: it has no word, or a `*` elsewhere than at a word's end.
std::vector<WordPattern> parse_phrase(std::string_view text);

// A word without the article and the prefixes that Arabic writes together with it: itself, then what may be left.
std::vector<std::u32string_view> arabic_forms(std::u32string_view word);

}  // namespace nw::context
