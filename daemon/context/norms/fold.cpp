#include "context/norms/fold.h"

#include <algorithm>

#include "base/text.h"

namespace nw::context {

namespace {

// Latin letters of U+00C0 to U+00FF and U+0100 to U+017F without their marks; '@': no letter. Of what is written with
// two (ae, ss, oe) the first is enough to compare.
constexpr std::u32string_view kLatin1 = U"aaaaaaaceeeeiiiidnooooo@ouuuuytsaaaaaaaceeeeiiiidnooooo@ouuuuyty";
constexpr std::u32string_view kLatinA =
    U"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllll"
    U"nnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatin1.size() == 64 && kLatinA.size() == 128);

char32_t decode(std::string_view bytes) {
  const auto byte = [&bytes](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(bytes[i])); };
  switch (bytes.size()) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1fU) << 6U | (byte(1) & 0x3fU);
    case 3: return (byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU);
    default: return (byte(0) & 0x07U) << 18U | (byte(1) & 0x3fU) << 12U | (byte(2) & 0x3fU) << 6U | (byte(3) & 0x3fU);
  }
}

// Written, but not seen, or only as a mark on the letter before: soft hyphen, zero width, direction, combining marks,
// Arabic vowel signs and tatweel, variation selectors.
bool is_invisible(char32_t c) noexcept {
  return c == 0xad || (c >= 0x300 && c <= 0x36f) || (c >= 0x610 && c <= 0x61a) || c == 0x61c || c == 0x640 ||
         (c >= 0x64b && c <= 0x65f) || c == 0x670 || (c >= 0x6d6 && c <= 0x6ed) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

char32_t fold_cyrillic(char32_t c) noexcept {
  if (c >= 0x410 && c <= 0x42f) c += 0x20;
  if (c >= 0x400 && c <= 0x40f) c += 0x50;
  if (c == 0x451) return 0x435;  // yo as ye
  if (c == 0x439) return 0x438;  // short i as i: the two forms of Unicode differ in nothing else
  return c;
}

char32_t fold_arabic(char32_t c) noexcept {
  switch (c) {
    case 0x622:
    case 0x623:
    case 0x625:
    case 0x671: return 0x627;  // forms of alef
    case 0x649: return 0x64a;  // alef maqsura as ya
    case 0x629: return 0x647;  // ta marbuta as ha
    case 0x624: return 0x648;  // hamza on waw
    case 0x626: return 0x64a;  // hamza on ya
    default: return c;
  }
}

struct Letter {
  char32_t code;
  bool capital;
};

Letter fold_letter(char32_t c) noexcept {
  if (c >= 0xff01 && c <= 0xff5e) c -= 0xfee0;  // full width
  if (c >= U'A' && c <= U'Z') return {c + 32, true};
  if (c < 0x80) return {c, false};
  if (c == 0x2019 || c == 0x2018 || c == 0x2bc) return {U'\'', false};
  if (c >= 0x2010 && c <= 0x2015) return {U'-', false};
  if (c >= 0xc0 && c <= 0xff) return {kLatin1[c - 0xc0] == U'@' ? U' ' : kLatin1[c - 0xc0], c < 0xdf};
  if (c >= 0x100 && c <= 0x17f)
    return {kLatinA[c - 0x100], (c & 1U) == 0};  // about right, and enough for a first letter
  if (c >= 0x400 && c <= 0x45f) return {fold_cyrillic(c), c < 0x430};
  if (c >= 0x600 && c <= 0x6ff) return {fold_arabic(c), false};
  return {c, false};
}

}  // namespace

Script script_of(char32_t c) noexcept {
  if (c >= U'0' && c <= U'9') return Script::digit;
  if ((c >= U'a' && c <= U'z') || (c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7)) return Script::latin;
  if (c >= 0x400 && c <= 0x52f) return Script::cyrillic;
  if ((c >= 0x620 && c <= 0x64a) || (c >= 0x66e && c <= 0x6d3) || (c >= 0x6fa && c <= 0x6fc)) return Script::arabic;
  if ((c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff))
    return Script::han;
  if (c >= 0x370 && c < 0x2000 && (c < 0x600 || c > 0x6ff)) return Script::other;
  return Script::none;
}

std::vector<Folded> fold_text(std::string_view text) {
  std::vector<Folded> out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    const char32_t written = length == 0 ? 0xfffd : decode(text.substr(at, length));
    const auto place = static_cast<std::uint32_t>(at),
               bytes = static_cast<std::uint32_t>(std::max<std::size_t>(length, 1));
    at += bytes;
    if (is_invisible(written)) continue;
    const Letter letter = fold_letter(written);
    if (script_of(letter.code) == Script::none)
      out.push_back({U' ', place, bytes, false, letter.code});
    else
      out.push_back({letter.code, place, bytes, letter.capital, 0});
  }
  return out;
}

void append_utf8(char32_t c, std::string& out) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0U | c >> 6U);
  } else {
    if (c < 0x10000) {
      put(0xe0U | c >> 12U);
    } else {
      put(0xf0U | c >> 18U);
      put(0x80U | (c >> 12U & 0x3fU));
    }
    put(0x80U | (c >> 6U & 0x3fU));
  }
  put(0x80U | (c & 0x3fU));
}

}  // namespace nw::context
