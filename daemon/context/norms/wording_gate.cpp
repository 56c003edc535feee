#include "context/norms/wording_gate.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "context/norms/data_file.h"
#include "context/norms/norms.h"
#include "context/norms/wording_words.h"

namespace nw::context {

namespace {

// Languages of kLanguages, and words that are the same in all.
constexpr std::array<std::string_view, 7> kWordingLanguages{"en", "fr", "es", "ru", "zh", "ar", "any"};
constexpr std::size_t kWordBytesMax = 200, kWordsMax = 100'000;
constexpr std::size_t kDigitsMax = 5;  // of a number after a group's prefix

enum class Letters : unsigned char { any_case, capital, exact };
// The keys of a group, in the order of Letters; then what has a form of its own.
constexpr std::array<std::string_view, 3> kLetterKeys{"any_case", "capital", "exact"};

struct Pattern {
  std::vector<WordPattern> words;
  Letters letters = Letters::any_case;
  std::string written;  // of an exact one
  std::string_view language;
  WordingReason reason = WordingReason::authorship;
  bool allowed = false;
};

struct Numbered {
  std::u32string prefix;
  std::size_t digits = 0;  // exactly so many; 0: up to kDigitsMax, the first no zero
  std::string_view language;
  WordingReason reason = WordingReason::actor;
};

struct Family {
  std::u32string name;
  std::string_view language;
  WordingReason reason = WordingReason::actor;
};

bool all_han(const std::vector<WordPattern>& words) {
  return words.size() == 1 && !words[0].stem &&
         std::all_of(words[0].letters.begin(), words[0].letters.end(),
                     [](char32_t c) { return script_of(c) == Script::han; });
}

// What a place in the text comes to: how many words or characters, and which pattern. No pattern: nothing.
struct Hit {
  std::size_t length = 0;
  const Pattern* pattern = nullptr;
};

// What is allowed goes first; else the longest.
void prefer(Hit& best, std::size_t length, const Pattern& pattern) {
  const bool better =
      best.pattern == nullptr || (pattern.allowed != best.pattern->allowed ? pattern.allowed : length > best.length);
  if (better) best = {length, &pattern};
}

}  // namespace

struct WordingGate::Lexicon {
  std::vector<Pattern> patterns;
  std::unordered_map<char32_t, std::vector<std::uint32_t>> by_letter;  // the first letter of the first word
  std::unordered_map<char32_t, std::vector<std::uint32_t>> by_han;     // the first character
  std::vector<Numbered> numbered;
  std::vector<Family> families;

  void add(Pattern pattern) {
    auto& index = script_of(pattern.words[0].letters[0]) == Script::han ? by_han : by_letter;
    index[pattern.words[0].letters[0]].push_back(static_cast<std::uint32_t>(patterns.size()));
    patterns.push_back(std::move(pattern));
  }

  [[nodiscard]] Hit words_at(std::string_view text, std::span<const TextWord> words) const;
  [[nodiscard]] std::optional<WordingFinding> actor_at(std::string_view text, std::span<const TextWord> words,
                                                       std::size_t& length) const;
  [[nodiscard]] Hit han_at(const std::vector<Folded>& text, std::size_t at) const;
  void check_words(std::string_view text, const std::vector<Folded>& folded, std::vector<WordingFinding>& out) const;
  void check_han(std::string_view text, const std::vector<Folded>& folded, std::vector<WordingFinding>& out) const;
};

namespace {

bool written_right(const Pattern& pattern, std::string_view text, std::span<const TextWord> words) {
  if (pattern.letters == Letters::any_case) return true;
  if (pattern.letters == Letters::exact)
    return text.substr(words.front().at, words.back().end - words.front().at) == pattern.written;
  return words.front().capital;
}

bool phrase_at(const std::vector<WordPattern>& phrase, std::span<const TextWord> words) {
  if (words.size() < phrase.size()) return false;
  for (std::size_t i = 0; i < phrase.size(); ++i) {
    if (i > 0 && !words[i].joined) return false;
    const std::u32string& word = words[i].letters;
    if (phrase[i].matches(word)) continue;
    if (script_of(word.front()) != Script::arabic) return false;
    const std::vector<std::u32string_view> forms = arabic_forms(word);
    const auto matches = [&](std::u32string_view form) { return phrase[i].matches(form); };
    if (std::none_of(forms.begin(), forms.end(), matches)) return false;
  }
  return true;
}

bool digits(std::u32string_view text, std::size_t exactly) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char32_t c) { return script_of(c) == Script::digit; }))
    return false;
  return exactly != 0 ? text.size() == exactly : text.size() <= kDigitsMax && text[0] != U'0';
}

}  // namespace

Hit WordingGate::Lexicon::words_at(std::string_view text, std::span<const TextWord> words) const {
  Hit best;
  std::set<char32_t> seen;
  for (const std::u32string_view form : arabic_forms(words.front().letters)) {
    if (!seen.insert(form.front()).second) continue;
    const auto found = by_letter.find(form.front());
    if (found == by_letter.end()) continue;
    for (const std::uint32_t i : found->second) {
      const Pattern& pattern = patterns[i];
      if (phrase_at(pattern.words, words) && written_right(pattern, text, words.first(pattern.words.size())))
        prefer(best, pattern.words.size(), pattern);
    }
  }
  return best;
}

// "APT28", "APT-28", "APT 28" (the letters all capitals then); "Fancy Bear".
std::optional<WordingFinding> WordingGate::Lexicon::actor_at(std::string_view text, std::span<const TextWord> words,
                                                             std::size_t& length) const {
  const auto finding = [&](std::size_t count, std::string_view language, WordingReason reason) {
    length = count;
    const TextWord &first = words[0], &last = words[count - 1];
    return WordingFinding{std::string{text.substr(first.at, last.end - first.at)}, language, reason, first.at};
  };
  const std::u32string_view word = words[0].letters;
  const bool second = words.size() > 1 && words[1].joined;
  for (const Numbered& one : numbered) {
    if (!word.starts_with(one.prefix)) continue;
    if (digits(word.substr(one.prefix.size()), one.digits)) return finding(1, one.language, one.reason);
    if (word.size() == one.prefix.size() && second && (words[1].hyphen || words[0].capitals) &&
        digits(words[1].letters, one.digits))
      return finding(2, one.language, one.reason);
  }
  if (!second || !words[0].capital || !words[1].capital) return std::nullopt;
  for (const Family& family : families)
    if (words[1].letters == family.name) return finding(2, family.language, family.reason);
  return std::nullopt;
}

void WordingGate::Lexicon::check_words(std::string_view text, const std::vector<Folded>& folded,
                                       std::vector<WordingFinding>& out) const {
  const std::vector<TextWord> words = words_of(folded);
  const std::span<const TextWord> all{words};
  for (std::size_t i = 0; i < words.size();) {
    if (text.substr(words[i].at).starts_with(kNotAttribution)) {
      const std::size_t end = words[i].at + kNotAttribution.size();
      while (i < words.size() && words[i].at < end) ++i;
      continue;
    }
    const Hit hit = words_at(text, all.subspan(i));
    std::size_t length = 0;
    std::optional<WordingFinding> actor;
    if (hit.pattern == nullptr) actor = actor_at(text, all.subspan(i), length);
    if (actor) {
      out.push_back(std::move(*actor));
    } else if (hit.pattern != nullptr) {
      length = hit.length;
      if (!hit.pattern->allowed)
        out.push_back({std::string{text.substr(words[i].at, words[i + length - 1].end - words[i].at)},
                       hit.pattern->language, hit.pattern->reason, words[i].at});
    }
    i += std::max<std::size_t>(length, 1);
  }
}

// Blanks and line ends between characters do not part them.
Hit WordingGate::Lexicon::han_at(const std::vector<Folded>& text, std::size_t at) const {
  Hit best;
  const auto found = by_han.find(text[at].code);
  if (found == by_han.end()) return best;
  for (const std::uint32_t i : found->second) {
    const std::u32string& wanted = patterns[i].words[0].letters;
    std::size_t here = at, matched = 0;
    while (here < text.size() && matched < wanted.size()) {
      const bool blank = text[here].code == U' ' && (text[here].mark <= U' ' || text[here].mark == 0x3000);
      if (!blank && text[here].code != wanted[matched]) break;
      if (!blank) ++matched;
      ++here;
    }
    if (matched == wanted.size()) prefer(best, here - at, patterns[i]);
  }
  return best;
}

void WordingGate::Lexicon::check_han(std::string_view text, const std::vector<Folded>& folded,
                                     std::vector<WordingFinding>& out) const {
  for (std::size_t i = 0; i < folded.size();) {
    if (script_of(folded[i].code) != Script::han) {
      ++i;
      continue;
    }
    const Hit hit = han_at(folded, i);
    if (hit.pattern != nullptr && !hit.pattern->allowed) {
      const Folded &first = folded[i], &last = folded[i + hit.length - 1];
      out.push_back({std::string{text.substr(first.at, last.at + last.bytes - first.at)}, hit.pattern->language,
                     hit.pattern->reason, first.at});
    }
    i += std::max<std::size_t>(hit.length, 1);
  }
}

namespace {

class GateReader {
 public:
  GateReader(std::string_view file, Diagnostics& diagnostics) : file_{file}, diagnostics_{diagnostics} {}

  template <class Lexicon>
  void read(const YamlNode& root, Lexicon& lexicon) {
    YamlMap map{root, "the words", file_, diagnostics_};
    if (!map.ok()) return;
    check_version(map, 1);
    if (const YamlNode* groups = list_of(map, "groups"); groups != nullptr)
      for (const YamlNode& item : groups->items) read_group(item, lexicon);
    if (const YamlNode* allowed = list_of(map, "allowed"); allowed != nullptr)
      for (const YamlNode& item : allowed->items) read_allowed(item, lexicon);
    map.finish();
  }

 private:
  const YamlNode* list_of(YamlMap& map, std::string_view key) {
    const YamlNode* node = map.require(key);
    if (node == nullptr || node->kind == YamlNode::Kind::sequence) return node;
    map.error(node->mark, "wrong-type", '\'' + std::string{key} + "' must be a list of groups");
    return nullptr;
  }

  // The scalars of a list, each once in its group.
  std::vector<const YamlNode*> entries(YamlMap& map, std::string_view key) {
    std::vector<const YamlNode*> out;
    const YamlNode* node = map.take(key);
    if (node == nullptr) return out;
    if (node->kind != YamlNode::Kind::sequence) {
      map.error(node->mark, "wrong-type", '\'' + std::string{key} + "' must be a list of words");
      return out;
    }
    for (const YamlNode& item : node->items) {
      if (item.kind != YamlNode::Kind::scalar || item.scalar.empty() || item.scalar.size() > kWordBytesMax)
        bad(item, "must have 1 to 200 bytes");
      else if (++words_ > kWordsMax)
        bad(item, "is one too many: at most 100000 words");
      else if (!seen_.insert(std::string{key} + ' ' + item.scalar).second)
        diagnostics_.error(file_, item.mark, "duplicate-word",
                           '\'' + printable(item.scalar, 64) + "' stands twice in its group");
      else
        out.push_back(&item);
    }
    return out;
  }

  void bad(const YamlNode& node, std::string why) {
    diagnostics_.error(file_, node.mark, "bad-word", '\'' + printable(node.scalar, 64) + "' " + std::move(why));
  }

  void add_phrase(const YamlNode& node, Pattern pattern, auto& lexicon) {
    pattern.words = parse_phrase(node.scalar);
    if (pattern.words.empty()) return bad(node, "is no word: letters, and '*' only at a word's end");
    const bool han = script_of(pattern.words[0].letters[0]) == Script::han;
    if (han && !all_han(pattern.words)) return bad(node, "mixes Han characters with others");
    if (!han && pattern.words[0].letters.size() < 2 && pattern.words.size() == 1)
      return bad(node, "is too short: it would be found everywhere");
    if (pattern.letters == Letters::exact) pattern.written = node.scalar;
    lexicon.add(std::move(pattern));
  }

  void read_group(const YamlNode& node, auto& lexicon) {
    YamlMap map{node, "a group of words", file_, diagnostics_};
    if (!map.ok()) return;
    seen_.clear();
    Pattern pattern;
    pattern.language = language(map);
    if (map.require("reason") != nullptr)
      pattern.reason = static_cast<WordingReason>(map.choice("reason", 0, kWordingReasons));
    for (std::size_t i = 0; i < kLetterKeys.size(); ++i) {
      pattern.letters = static_cast<Letters>(i);
      for (const YamlNode* item : entries(map, kLetterKeys[i])) add_phrase(*item, pattern, lexicon);
    }
    for (const YamlNode* item : entries(map, "numbered")) add_numbered(*item, pattern, lexicon);
    for (const YamlNode* item : entries(map, "families")) {
      const auto words = parse_phrase(item->scalar);
      if (words.size() == 1 && !words[0].stem)
        lexicon.families.push_back({words[0].letters, pattern.language, pattern.reason});
      else
        bad(*item, "must be one whole word");
    }
    map.finish();
  }

  void add_numbered(const YamlNode& node, const Pattern& pattern, auto& lexicon) {
    const std::string_view text = node.scalar;
    const std::size_t at = text.find('#');
    const auto words = parse_phrase(text.substr(0, at));
    if (at == std::string_view::npos || text.find_first_not_of('#', at) != std::string_view::npos ||
        words.size() != 1 || words[0].stem)
      return bad(node, "must be letters and then '#', one for any number: apt#");
    const std::size_t count = text.size() - at;
    lexicon.numbered.push_back({words[0].letters, count == 1 ? 0 : count, pattern.language, pattern.reason});
  }

  void read_allowed(const YamlNode& node, auto& lexicon) {
    YamlMap map{node, "allowed phrases", file_, diagnostics_};
    if (!map.ok()) return;
    seen_.clear();
    Pattern pattern;
    pattern.language = language(map);
    pattern.allowed = true;
    static_cast<void>(map.require("phrases"));
    for (const YamlNode* item : entries(map, "phrases")) add_phrase(*item, pattern, lexicon);
    map.finish();
  }

  std::string_view language(YamlMap& map) {
    if (map.require("language") == nullptr) return kWordingLanguages.back();
    return kWordingLanguages[map.choice("language", kWordingLanguages.size() - 1, kWordingLanguages)];
  }

  std::string_view file_;
  Diagnostics& diagnostics_;
  std::set<std::string> seen_;  // of the group that is read
  std::size_t words_ = 0;
};

bool same_word(std::string_view a, std::string_view b) {
  const auto letters = [](std::string_view text) {
    std::u32string out;
    for (const Folded& letter : fold_text(text))
      if (letter.code != U' ') out += letter.code;
    return out;
  };
  return letters(a) == letters(b);
}

}  // namespace

WordingGate::WordingGate() : lexicon_{std::make_unique<Lexicon>()} {}
WordingGate::~WordingGate() = default;

std::shared_ptr<const WordingGate> WordingGate::load(std::string_view text, std::string_view file,
                                                     Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  std::shared_ptr<WordingGate> gate{new WordingGate};
  if (const auto root = one_document(text, file, "the words that are held", diagnostics))
    GateReader{file, diagnostics}.read(*root, *gate->lexicon_);
  return diagnostics.errors() == before ? gate : nullptr;
}

std::size_t WordingGate::size() const noexcept {
  return lexicon_->patterns.size() + lexicon_->numbered.size() + lexicon_->families.size();
}

std::vector<WordingFinding> WordingGate::check(std::string_view text) const {
  std::vector<WordingFinding> out;
  const std::vector<Folded> folded = fold_text(text);
  lexicon_->check_words(text, folded, out);
  lexicon_->check_han(text, folded, out);
  std::stable_sort(out.begin(), out.end(),
                   [](const WordingFinding& a, const WordingFinding& b) { return a.offset < b.offset; });
  return out;
}

WordingGate::Verdict WordingGate::judge(std::string_view text, std::span<const WordingOverride> overrides) const {
  Verdict out;
  for (WordingFinding& finding : check(text)) {
    const bool quotable = finding.reason == WordingReason::country || finding.reason == WordingReason::people;
    const auto answers = [&finding](const WordingOverride& one) {
      return !trim(one.by).empty() && !trim(one.why).empty() && same_word(one.word, finding.word);
    };
    const auto by = std::find_if(overrides.begin(), overrides.end(), answers);
    if (quotable && by != overrides.end())
      out.passed.push_back({std::move(finding), *by});
    else
      out.held.push_back(std::move(finding));
  }
  return out;
}

}  // namespace nw::context
