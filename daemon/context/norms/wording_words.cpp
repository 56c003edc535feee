#include "context/norms/wording_words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nw::context {

namespace {

bool in_word(Script script) noexcept { return script != Script::none && script != Script::han; }

// Cyrillic letters (folded) that look like Latin ones.
constexpr std::array<std::pair<char32_t, char32_t>, 16> kLookAlike{{{U'\u0430', U'a'},
                                                                    {U'\u0432', U'b'},
                                                                    {U'\u0435', U'e'},
                                                                    {U'\u043a', U'k'},
                                                                    {U'\u043c', U'm'},
                                                                    {U'\u043d', U'h'},
                                                                    {U'\u043e', U'o'},
                                                                    {U'\u0440', U'p'},
                                                                    {U'\u0441', U'c'},
                                                                    {U'\u0442', U't'},
                                                                    {U'\u0443', U'y'},
                                                                    {U'\u0445', U'x'},
                                                                    {U'\u0455', U's'},
                                                                    {U'\u0456', U'i'},
                                                                    {U'\u0458', U'j'},
                                                                    {U'\u04bb', U'h'}}};

void unmask(std::u32string& letters) {
  const auto of = [](Script script) { return [script](char32_t c) { return script_of(c) == script; }; };
  if (std::none_of(letters.begin(), letters.end(), of(Script::latin)) ||
      std::none_of(letters.begin(), letters.end(), of(Script::cyrillic)))
    return;
  for (char32_t& c : letters)
    for (const auto& [cyrillic, latin] : kLookAlike)
      if (c == cyrillic) c = latin;
}

bool is_blank(char32_t mark) noexcept {
  return mark == U' ' || (mark >= U'\t' && mark <= U'\r') || mark == 0xa0 || mark == 0x202f || mark == 0x3000 ||
         (mark >= 0x2000 && mark <= 0x200a);
}

}  // namespace

std::vector<TextWord> words_of(const std::vector<Folded>& text) {
  std::vector<TextWord> out;
  bool joined = false, hyphen = true;  // what was seen since the last word
  std::size_t gap = 0;
  bool stop = false;
  for (std::size_t i = 0; i < text.size();) {
    if (!in_word(script_of(text[i].code))) {
      const char32_t mark = text[i].mark;
      ++gap;
      stop = stop || mark == U'.';
      joined = joined && (is_blank(mark) || mark == U'-' || mark == U'\'' || mark == U'_' || mark == U'.');
      hyphen = hyphen && mark == U'-';
      ++i;
      continue;
    }
    TextWord word;
    word.joined = joined && (!stop || gap == 1);
    word.hyphen = hyphen;
    word.at = text[i].at;
    word.capital = text[i].capital;
    word.capitals = true;
    for (; i < text.size() && in_word(script_of(text[i].code)); ++i) {
      word.letters += text[i].code;
      word.capitals = word.capitals && (text[i].capital || script_of(text[i].code) == Script::digit);
      word.end = text[i].at + text[i].bytes;
    }
    unmask(word.letters);
    out.push_back(std::move(word));
    joined = hyphen = true;
    gap = 0;
    stop = false;
  }
  return out;
}

std::vector<WordPattern> parse_phrase(std::string_view text) {
  std::vector<WordPattern> out;
  const std::vector<Folded> folded = fold_text(text);
  bool in = false;
  for (const Folded& letter : folded) {
    const bool is_letter = in_word(script_of(letter.code)) || script_of(letter.code) == Script::han;
    if (letter.mark == U'*') {
      if (!in) return {};
      out.back().stem = true;
      in = false;
      continue;
    }
    if (!is_letter) {
      in = false;
      continue;
    }
    if (!in) out.emplace_back();
    in = true;
    out.back().letters += letter.code;
  }
  // A star in the middle would have begun a new word right behind it.
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    if (text[i] == '*' && text[i + 1] != ' ') return {};
  return out;
}

std::vector<std::u32string_view> arabic_forms(std::u32string_view word) {
  // and, so, with, like, for; then the article, which the last of them swallows.
  static constexpr std::array<std::u32string_view, 5> kLetters{U"\u0648", U"\u0641", U"\u0628", U"\u0643", U"\u0644"};
  constexpr std::u32string_view kArticle = U"\u0627\u0644", kForThe = U"\u0644\u0644";
  constexpr std::size_t kLeast = 3;  // letters of what is left
  std::vector<std::u32string_view> out{word};
  const auto strip = [&out](std::u32string_view from, std::u32string_view prefix) {
    if (from.starts_with(prefix) && from.size() >= prefix.size() + kLeast) out.push_back(from.substr(prefix.size()));
  };
  if (word.empty() || script_of(word.front()) != Script::arabic) return out;
  for (const std::u32string_view letter : kLetters) strip(word, letter);
  if (out.size() > 1) {  // two of them: "and with"
    const std::u32string_view once = out[1];
    for (const std::u32string_view letter : kLetters) strip(once, letter);
  }
  const std::size_t before = out.size();
  for (std::size_t i = 0; i < before; ++i) {
    strip(out[i], kArticle);
    strip(out[i], kForThe);
  }
  return out;
}

}  // namespace nw::context
