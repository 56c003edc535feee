#include "context/vulnerabilities/names.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw::vulnerabilities {

namespace {

constexpr std::size_t kNameBytesMax = 512, kWordsMax = 48;

// Legal forms.
constexpr auto kForms = std::to_array<std::string_view>(
    {"ab",           "ag", "as",   "bv",      "co",  "company", "corp", "corporation", "gmbh", "inc",
     "incorporated", "kg", "kgaa", "limited", "llc", "ltd",     "nv",   "oy",          "plc",  "pte",
     "pty",          "sa", "sarl", "sas",     "se",  "spa",     "srl",  "the"});
// They tell no product from another.
constexpr auto kFillers = std::to_array<std::string_view>(
    {"all", "and", "device", "devices", "families", "family", "for", "incl", "including", "models", "multiple", "of",
     "or", "product", "products", "series", "software", "the", "variants"});

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

bool word_byte(char c) noexcept {
  return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// Words in lower case. A point inside is left out ("S.A.", "Node.js"), but one between digits tells parts apart.
template <class Each>
void each_word(std::string_view text, Each each) {
  text = text.substr(0, kNameBytesMax);
  std::string word;
  const auto end = [&] {
    if (!word.empty()) each(word);
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (word_byte(c)) {
      word += ascii_lower(c);
    } else if (c == '\\' || c == '\'') {
      continue;  // CPE's escapes; "Moxa's"
    } else if (c != '.' || word.empty() ||
               (ascii_digit(word.back()) && i + 1 < text.size() && ascii_digit(text[i + 1]))) {
      end();
    }
  }
  end();
}

// Rules of Suricata write CVE_2021_44228 in their metadata.
constexpr bool dash(char c) noexcept { return c == '-' || c == '_'; }

}  // namespace

ProductName::ProductName(std::string_view text) { add(text); }

void ProductName::add(std::string_view text) {
  each_word(text, [this](const std::string& word) {
    several_ = several_ || word == "multiple";
    if (!one_of(word, kFillers) && words_.size() < kWordsMax) words_.push_back(word);
  });
  std::ranges::sort(words_);
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
}

bool ProductName::contains(const ProductName& other) const { return std::ranges::includes(words_, other.words_); }

Likeness ProductName::compare(const ProductName& other) const {
  if (empty() || other.empty()) return Likeness::none;
  if (words_ == other.words_) return Likeness::same;
  return contains(other) || other.contains(*this) ? Likeness::contained : Likeness::none;
}

std::string vendor_key(std::string_view vendor) {
  std::string key, whole;
  each_word(vendor, [&](const std::string& word) {
    whole += word;
    if (!one_of(word, kForms)) key += word;
  });
  return key.empty() ? whole : key;
}

ProductName vendor_words(std::string_view vendor) {
  ProductName out;
  each_word(vendor, [&out](const std::string& word) {
    if (!one_of(word, kForms) && out.words_.size() < kWordsMax) out.words_.push_back(word);
  });
  std::ranges::sort(out.words_);
  return out;
}

std::optional<CpeName> parse_cpe(std::string_view text) {
  std::size_t skip = 0;  // the part: a, o or h
  if (text.starts_with("cpe:2.3:"))
    text.remove_prefix(8);
  else if (text.starts_with("cpe:/"))
    text.remove_prefix(5);
  else
    return std::nullopt;
  std::array<std::string, 4> parts;
  for (std::size_t i = 0; i < text.size() && skip < parts.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      parts[skip] += text[++i];
    else if (text[i] == ':')
      ++skip;
    else
      parts[skip] += text[i] == '_' ? ' ' : text[i];
  }
  CpeName out{parts[1], parts[2], parts[3]};
  if (out.version == "*" || out.version == "-") out.version.clear();
  for (const std::string* part : {&out.vendor, &out.product})
    if (part->empty() || *part == "*" || *part == "-") return std::nullopt;
  return out;
}

std::size_t cve_length(std::string_view text) noexcept {
  if (text.size() < 13 || ascii_lower(text[0]) != 'c' || ascii_lower(text[1]) != 'v' || ascii_lower(text[2]) != 'e' ||
      !dash(text[3]) || !dash(text[8]))
    return 0;
  for (std::size_t i = 4; i < 8; ++i)
    if (!ascii_digit(text[i])) return 0;
  std::size_t end = 9;
  while (end < text.size() && ascii_digit(text[end])) ++end;
  return end - 9 >= 4 && end - 9 <= 19 ? end : 0;
}

std::string cve_id(std::string_view text) {
  if (text.empty() || cve_length(text) != text.size()) return {};
  std::string out{text};
  for (std::size_t i = 0; i < 4; ++i) out[i] = "CVE-"[i];
  out[8] = '-';
  return out;
}

}  // namespace nw::vulnerabilities
