#include "context/look_alikes/skeleton.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "context/norms/fold.h"

namespace nw::context {

namespace {

constexpr char kStrange = '?';
constexpr std::size_t kLabelBytesMax = 63;

// What fold_text() leaves: letters that look like a Latin one, whatever they sound like. From Unicode's confusables
// those that a registry lets into a name and a font draws alike; sorted.
struct Alike {
  char32_t from;
  char to;
};
constexpr auto kAlike = std::to_array<Alike>({
    {0x185, 'b'},  {0x199, 'k'},  {0x1a1, 'o'},  {0x1b0, 'u'},  {0x1ce, 'a'},  {0x1d0, 'i'},  {0x1d2, 'o'},
    {0x1d4, 'u'},  {0x1d6, 'u'},  {0x1d8, 'u'},  {0x1da, 'u'},  {0x1dc, 'u'},  {0x1e7, 'g'},  {0x1f5, 'g'},
    {0x201, 'a'},  {0x203, 'a'},  {0x219, 's'},  {0x21b, 't'},  {0x227, 'a'},  {0x229, 'e'},  {0x22f, 'o'},
    {0x251, 'a'},  {0x253, 'b'},  {0x256, 'd'},  {0x257, 'd'},  {0x261, 'g'},  {0x268, 'i'},  {0x269, 'i'},
    {0x26a, 'i'},  {0x26b, 'l'},  {0x26d, 'l'},  {0x271, 'm'},  {0x272, 'n'},  {0x273, 'n'},  {0x274, 'n'},
    {0x275, 'o'},  {0x280, 'r'},  {0x282, 's'},  {0x288, 't'},  {0x28b, 'u'},  {0x28f, 'y'},  {0x29f, 'l'},
    {0x390, 'i'},  {0x3ac, 'a'},  {0x3ad, 'e'},  {0x3ae, 'n'},  {0x3af, 'i'},  {0x3b0, 'u'},  {0x3b1, 'a'},
    {0x3b2, 'b'},  {0x3b3, 'y'},  {0x3b5, 'e'},  {0x3b7, 'n'},  {0x3b9, 'i'},  {0x3ba, 'k'},  {0x3bc, 'u'},
    {0x3bd, 'v'},  {0x3bf, 'o'},  {0x3c0, 'n'},  {0x3c1, 'p'},  {0x3c2, 'c'},  {0x3c3, 'o'},  {0x3c4, 't'},
    {0x3c5, 'u'},  {0x3c7, 'x'},  {0x3c9, 'w'},  {0x3ca, 'i'},  {0x3cb, 'u'},  {0x3cc, 'o'},  {0x3cd, 'u'},
    {0x3ce, 'w'},  {0x3f2, 'c'},  {0x3f3, 'j'},  {0x430, 'a'},  {0x432, 'b'},  {0x433, 'r'},  {0x435, 'e'},
    {0x437, 'e'},  {0x438, 'u'},  {0x43a, 'k'},  {0x43c, 'm'},  {0x43d, 'h'},  {0x43e, 'o'},  {0x43f, 'n'},
    {0x440, 'p'},  {0x441, 'c'},  {0x442, 't'},  {0x443, 'y'},  {0x445, 'x'},  {0x44c, 'b'},  {0x455, 's'},
    {0x456, 'i'},  {0x457, 'i'},  {0x458, 'j'},  {0x475, 'v'},  {0x491, 'r'},  {0x49b, 'k'},  {0x4af, 'y'},
    {0x4bb, 'h'},  {0x4cf, 'l'},  {0x4d1, 'a'},  {0x4d7, 'e'},  {0x4e9, 'o'},  {0x501, 'd'},  {0x51b, 'q'},
    {0x51d, 'w'},  {0x566, 'q'},  {0x570, 'h'},  {0x575, 'j'},  {0x578, 'n'},  {0x57d, 'u'},  {0x581, 'g'},
    {0x585, 'o'},  {0x1d00, 'a'}, {0x1d04, 'c'}, {0x1d05, 'd'}, {0x1d07, 'e'}, {0x1d0a, 'j'}, {0x1d0b, 'k'},
    {0x1d0d, 'm'}, {0x1d0f, 'o'}, {0x1d18, 'p'}, {0x1d1b, 't'}, {0x1d1c, 'u'}, {0x1d20, 'v'}, {0x1d21, 'w'},
    {0x1d22, 'z'},
});
static_assert(std::ranges::is_sorted(kAlike, {}, &Alike::from));

// U+1E00 to U+1EFF, Latin letters with marks: the last of each run, and its letter.
constexpr auto kMarked = std::to_array<Alike>({
    {0x1e01, 'a'}, {0x1e07, 'b'}, {0x1e09, 'c'}, {0x1e13, 'd'}, {0x1e1d, 'e'}, {0x1e1f, 'f'}, {0x1e21, 'g'},
    {0x1e2b, 'h'}, {0x1e2f, 'i'}, {0x1e35, 'k'}, {0x1e3d, 'l'}, {0x1e43, 'm'}, {0x1e4b, 'n'}, {0x1e53, 'o'},
    {0x1e57, 'p'}, {0x1e5f, 'r'}, {0x1e69, 's'}, {0x1e71, 't'}, {0x1e7b, 'u'}, {0x1e7f, 'v'}, {0x1e89, 'w'},
    {0x1e8d, 'x'}, {0x1e8f, 'y'}, {0x1e95, 'z'}, {0x1e96, 'h'}, {0x1e97, 't'}, {0x1e98, 'w'}, {0x1e99, 'y'},
    {0x1e9f, '?'}, {0x1eb7, 'a'}, {0x1ec7, 'e'}, {0x1ecb, 'i'}, {0x1ee3, 'o'}, {0x1ef1, 'u'}, {0x1ef9, 'y'},
});
static_assert(std::ranges::is_sorted(kMarked, {}, &Alike::from));

char latin_of(char32_t c) {
  if (c >= 0x1e00 && c <= kMarked.back().from) return std::ranges::lower_bound(kMarked, c, {}, &Alike::from)->to;
  const auto found = std::ranges::lower_bound(kAlike, c, {}, &Alike::from);
  return found != kAlike.end() && found->from == c ? found->to : kStrange;
}

// Digits as the letters that they replace; i and l are one.
constexpr std::string_view kDigits = "olzeasgtbg";
char plain(char c) {
  if (c >= '0' && c <= '9') return kDigits[static_cast<std::size_t>(c - '0')];
  if (c == 'i') return 'l';
  return (c >= 'a' && c <= 'z') || c == '-' || c == '_' ? c : kStrange;
}

// `begin`: of the label in `out`. Two letters that run into one another are the one that they look like.
void put(char c, std::size_t begin, std::string& out) {
  c = plain(c);
  char* const last = out.size() > begin ? &out.back() : nullptr;
  if (last != nullptr && *last == 'r' && c == 'n')
    *last = 'm';
  else if (last != nullptr && *last == 'v' && c == 'v')
    *last = 'w';
  else if (last != nullptr && *last == 'c' && c == 'l')
    *last = 'd';
  else
    out += c;
}

void put_label(std::string_view label, std::string& out) {
  const std::size_t begin = out.size();
  const bool ascii = std::ranges::all_of(label, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::string decoded;
  if (ascii && (!label.starts_with("xn--") || !decode_punycode(label.substr(4), decoded))) {
    for (const char c : label) put(c, begin, out);
    return;
  }
  for (const Folded& letter : fold_text(ascii ? std::string_view{decoded} : label)) {
    const char32_t code = letter.code == U' ' ? letter.mark : letter.code;
    put(code < 0x80 ? static_cast<char>(code) : latin_of(code), begin, out);
  }
}

}  // namespace

bool decode_punycode(std::string_view label, std::string& out) {
  constexpr std::uint32_t kBase = 36, kLeast = 1, kMost = 26, kSkew = 38, kDamp = 700, kCodeMax = 0x10ffff;
  if (label.size() > kLabelBytesMax) return false;
  std::u32string letters;
  const std::size_t dash = label.rfind('-');
  const std::size_t basic = dash == std::string_view::npos ? 0 : dash;
  for (const char c : label.substr(0, basic)) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
    letters += static_cast<char32_t>(static_cast<unsigned char>(c));
  }
  std::uint32_t code = 0x80, at = 0, bias = 72;
  for (std::size_t in = basic == 0 ? (dash == 0 ? 1 : 0) : basic + 1; in < label.size();) {
    // A label has 63 bytes, so 64 bits hold every step until the check.
    std::uint64_t moved = at, weight = 1;
    for (std::uint32_t k = kBase;; k += kBase) {
      if (in == label.size()) return false;
      const char c = ascii_lower(label[in++]);
      std::uint32_t digit = 0;
      if (c >= 'a' && c <= 'z')
        digit = static_cast<std::uint32_t>(c - 'a');
      else if (c >= '0' && c <= '9')
        digit = static_cast<std::uint32_t>(c - '0') + 26;
      else
        return false;
      moved += digit * weight;
      if (moved > UINT32_MAX) return false;
      const std::uint32_t least = k <= bias ? kLeast : std::min(k - bias, kMost);
      if (digit < least) break;
      weight *= kBase - least;
      if (weight > UINT32_MAX) return false;
    }
    const auto count = static_cast<std::uint32_t>(letters.size() + 1);
    std::uint64_t delta = moved - at;
    delta = at == 0 ? delta / kDamp : delta / 2;
    delta += delta / count;
    std::uint32_t k = 0;
    for (; delta > (kBase - kLeast) * kMost / 2; k += kBase) delta /= kBase - kLeast;
    bias = k + static_cast<std::uint32_t>((kBase - kLeast + 1) * delta / (delta + kSkew));
    const std::uint64_t next = code + moved / count;
    if (next > kCodeMax || (next >= 0xd800 && next <= 0xdfff)) return false;
    code = static_cast<std::uint32_t>(next);
    at = static_cast<std::uint32_t>(moved % count);
    letters.insert(at, 1, static_cast<char32_t>(code));
    ++at;
  }
  for (const char32_t letter : letters) append_utf8(letter, out);
  return true;
}

void skeleton_of(std::string_view name, std::string& out) {
  out.clear();
  while (true) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    put_label(name.substr(0, dot), out);
    if (dot == name.size()) return;
    out += '.';
    name.remove_prefix(dot + 1);
  }
}

}  // namespace nw::context
