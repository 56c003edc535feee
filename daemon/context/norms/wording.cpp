#include "context/norms/wording.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "context/norms/norms.h"

namespace nw::context {

namespace {

using namespace std::string_view_literals;

// Beginnings of words, lower case.
constexpr auto kStems = std::to_array({
    "attribut"sv,
    "culprit"sv,
    "guilt"sv,
    "perpetrat"sv,
    "state-backed"sv,
    "state-sponsored"sv,
    "violat"sv,
});

// Whole words, as they are written. A plural 's' may follow.
constexpr auto kNationalities = std::to_array({
    "Afghan"sv,     "Albanian"sv,  "Algerian"sv,    "American"sv,   "Angolan"sv,     "Argentine"sv,   "Armenian"sv,
    "Australian"sv, "Austrian"sv,  "Azerbaijani"sv, "Bahraini"sv,   "Bangladeshi"sv, "Belarusian"sv,  "Belgian"sv,
    "Bolivian"sv,   "Bosnian"sv,   "Brazilian"sv,   "British"sv,    "Bulgarian"sv,   "Cambodian"sv,   "Cameroonian"sv,
    "Canadian"sv,   "Chilean"sv,   "Chinese"sv,     "Colombian"sv,  "Congolese"sv,   "Croatian"sv,    "Cuban"sv,
    "Cypriot"sv,    "Czech"sv,     "Danish"sv,      "Dutch"sv,      "Ecuadorian"sv,  "Egyptian"sv,    "Emirati"sv,
    "English"sv,    "Estonian"sv,  "Ethiopian"sv,   "Finnish"sv,    "French"sv,      "Georgian"sv,    "German"sv,
    "Ghanaian"sv,   "Greek"sv,     "Hungarian"sv,   "Icelandic"sv,  "Indian"sv,      "Indonesian"sv,  "Iranian"sv,
    "Iraqi"sv,      "Irish"sv,     "Israeli"sv,     "Italian"sv,    "Jamaican"sv,    "Japanese"sv,    "Jordanian"sv,
    "Kazakh"sv,     "Kenyan"sv,    "Korean"sv,      "Kuwaiti"sv,    "Kyrgyz"sv,      "Laotian"sv,     "Latvian"sv,
    "Lebanese"sv,   "Libyan"sv,    "Lithuanian"sv,  "Macedonian"sv, "Malaysian"sv,   "Maltese"sv,     "Mexican"sv,
    "Moldovan"sv,   "Mongolian"sv, "Montenegrin"sv, "Moroccan"sv,   "Mozambican"sv,  "Namibian"sv,    "Nepali"sv,
    "Nicaraguan"sv, "Nigerian"sv,  "Norwegian"sv,   "Omani"sv,      "Pakistani"sv,   "Palestinian"sv, "Panamanian"sv,
    "Paraguayan"sv, "Peruvian"sv,  "Philippine"sv,  "Polish"sv,     "Portuguese"sv,  "Qatari"sv,      "Romanian"sv,
    "Russian"sv,    "Rwandan"sv,   "Salvadoran"sv,  "Saudi"sv,      "Senegalese"sv,  "Serbian"sv,     "Singaporean"sv,
    "Slovak"sv,     "Slovenian"sv, "Somali"sv,      "Spanish"sv,    "Sudanese"sv,    "Swedish"sv,     "Swiss"sv,
    "Syrian"sv,     "Taiwanese"sv, "Tajik"sv,       "Tanzanian"sv,  "Thai"sv,        "Tunisian"sv,    "Turkish"sv,
    "Turkmen"sv,    "Ugandan"sv,   "Ukrainian"sv,   "Uruguayan"sv,  "Uzbek"sv,       "Venezuelan"sv,  "Vietnamese"sv,
    "Yemeni"sv,     "Zambian"sv,   "Zimbabwean"sv,
});
static_assert(std::ranges::is_sorted(kStems));
static_assert(std::ranges::is_sorted(kNationalities));

bool is_letter(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || c == '-';
}

bool is_forbidden(std::string_view word) {
  const std::string lower = to_ascii_lower(word);
  const auto begins = [&lower](std::string_view stem) { return lower.starts_with(stem); };
  if (std::any_of(kStems.begin(), kStems.end(), begins)) return true;
  const std::string_view head = word.substr(0, word.find('-'));
  if (std::ranges::binary_search(kNationalities, head)) return true;
  return head.ends_with('s') && std::ranges::binary_search(kNationalities, head.substr(0, head.size() - 1));
}

}  // namespace

std::vector<std::string> forbidden_words(std::string_view text) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.substr(at).starts_with(kNotAttribution)) {
      at += kNotAttribution.size();
      continue;
    }
    if (!is_letter(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (is_forbidden(word)) found.emplace_back(word);
    at = end;
  }
  return found;
}

}  // namespace nw::context
