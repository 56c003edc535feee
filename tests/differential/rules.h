// The half of the generator that writes rules.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "differential/dice.h"
#include "differential/generate.h"
#include "reference/sigma.h"

namespace nw::differential {

inline constexpr std::array<std::string_view, 7> kFields{"f0", "f1", "f2", "f3", "Field-Four", "id.orig_h", "message"};

// What texts are made of: pieces that meet each other's edges.
inline constexpr auto kWords = std::to_array<std::string_view>({
    "cmd.exe",  "CMD",      "powershell", " -enc ",      " /c ",     " \u2013a -b", "C:\\Windows\\",
    "System32", "\\Temp\\", "a",          "b",           "ab",       "aab",         "*",
    "?",        "\\",       "\\*",        "-",           "--x",      "/y",          "\u2014z",
    "x-y",      "a/b",      "kelvin",     "\u212aelvin", "ΟΔΟΣ",     "οδος",        "ς",
    "\u023a",   "\u2c65",   "ß",          "ẞ",           "é",        "É",           "\U0001F600",
    "\r\n",     "\n",       "%x%",        "'",           "\"",       "1",           "42",
    "4625",     "10.0.0.1", "true",       "null",        " ",        "\t",          "İ",
    "ı",        "_",        "{",          "$",           "evil",     "EVIL",        "foobar",
    ".",        "[",        "(",          "\xff",        "\xe2\x82", "\xc0\x80",    "\xed\xa0\x80",
});

// One rule cut from `target`, or out of the air when it is null. `others` lends it what does not fit.
class RuleWriter {
 public:
  RuleWriter(Dice dice, const EventData* target, const EventData& other, const event::Schema& schema)
      : dice_{dice}, target_{target}, other_{&other}, schema_{&schema} {}

  std::string write(std::size_t number);

 private:
  std::string log_source();
  std::string condition();
  std::string expression(std::size_t depth);
  // Lines under an identifier.
  std::string identifier(const EventData* from);
  std::string map(const EventData* from, std::string_view indent);
  std::string keywords(const EventData* from, std::string_view indent);
  std::string item(const EventData* from);
  std::string of_nothing(std::string_view field);
  std::string of_number(std::string_view field, const Datum& value);
  std::string of_address(std::string_view field, const Datum& value);
  std::string of_text(std::string_view field, const Datum& value);
  std::string of_time(std::string_view field);
  std::string of_placeholder(std::string_view field, std::string_view text);
  std::string of_inner(std::string_view field, const Datum& value);
  std::string reference(std::string_view field, const EventData* from);

  const Datum* look(const EventData* from, std::string_view field) const;
  Datum decoy();
  std::string text_of(const Datum& value);

  Dice dice_;
  const EventData* target_;
  const EventData* other_;
  const event::Schema* schema_;
};

// A text of the words above.
std::string random_text(Dice& dice, std::size_t words_max);
// A part of `text` between code points.
std::string cut(Dice& dice, std::string_view text, bool front, bool back);
// As a Sigma value: escaped, with wildcards here and there, its case changed unless `cased`.
std::string sigma_value(Dice& dice, std::string_view text, bool cased);
// As a regular expression that finds it, more or less.
std::string expression_for(Dice& dice, std::string_view text);
// In double quotes.
std::string quoted(std::string_view text);

}  // namespace nw::differential
