// NW-B-01: holds an outgoing text that speaks of authorship, guilt, sponsorship, countries, peoples or named groups, in
// any of the six languages. The words are data (rules/norms/wording.yaml). A text is held, never changed: people
// decide.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace nw::context {

enum class WordingReason : unsigned char { authorship, guilt, sponsorship, country, people, actor };
inline constexpr std::array<std::string_view, 6> kWordingReasons{"authorship", "guilt",  "sponsorship",
                                                                 "country",    "people", "actor"};
constexpr std::string_view to_string(WordingReason reason) noexcept {
  return kWordingReasons[static_cast<std::size_t>(reason)];
}

struct WordingFinding {
  std::string word;           // as it stands in the text
  std::string_view language;  // en, fr, es, ru, zh, ar, any; the first that has the word
  WordingReason reason = WordingReason::authorship;
  std::size_t offset = 0;  // of its first byte
};

// Somebody answers for a word: it quotes where a victim is. Only countries and peoples can be quoted; what else is held
// needs an assessment. To be logged by whoever lets the text out.
struct WordingOverride {
  std::string word, by, why;
};

class WordingGate {
 public:
  // One YAML file; strict. Null when there was an error. Codes: those of base/yaml.h and bad-document, bad-version,
  // bad-word, duplicate-word, unknown-word.
  static std::shared_ptr<const WordingGate> load(std::string_view text, std::string_view file,
                                                 Diagnostics& diagnostics);
  ~WordingGate();

  // In the order of the text; empty: it may go. Time grows with the text's length.
  [[nodiscard]] std::vector<WordingFinding> check(std::string_view text) const;

  struct Passed {
    WordingFinding finding;
    WordingOverride by;
  };
  struct Verdict {
    std::vector<WordingFinding> held;
    std::vector<Passed> passed;  // to be logged
  };
  // An override without a name or a reason, or of a word that cannot be quoted, lets nothing pass.
  [[nodiscard]] Verdict judge(std::string_view text, std::span<const WordingOverride> overrides) const;

  [[nodiscard]] std::size_t size() const noexcept;  // words and phrases

 private:
  WordingGate();
  struct Lexicon;
  std::unique_ptr<Lexicon> lexicon_;
};

}  // namespace nw::context
