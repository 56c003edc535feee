// Pieces of text, and what Sigma makes of them.
#include "detect/sigma/fold.h"
#include "differential/rules.h"

namespace nw::differential {

namespace {

std::vector<std::string_view> code_points(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t length = sigma::decode(text).length;
    out.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

bool valid(std::string_view point) { return sigma::decode(point).valid; }

// Another letter that folds to the same.
std::string other_case(std::string_view point) {
  static constexpr std::array<std::array<std::string_view, 2>, 8> kPairs{{
      {"k", "\u212a"},
      {"K", "\u212a"},
      {"σ", "ς"},
      {"Σ", "ς"},
      {"ß", "ẞ"},
      {"é", "É"},
      {"\u023a", "\u2c65"},
      {"ο", "Ο"},
  }};
  for (const auto& pair : kPairs)
    for (std::size_t i = 0; i < 2; ++i)
      if (pair[i] == point) return std::string{pair[1 - i]};
  const char c = point.front();
  if (c >= 'a' && c <= 'z') return {static_cast<char>(c - 32)};
  if (c >= 'A' && c <= 'Z') return {static_cast<char>(c + 32)};
  return std::string{point};
}

}  // namespace

std::string random_text(Dice& dice, std::size_t words_max) {
  std::string out;
  for (std::size_t words = dice.below(words_max + 1); words > 0; --words) out += dice.of(kWords);
  return out;
}

std::string cut(Dice& dice, std::string_view text, bool front, bool back) {
  const auto points = code_points(text);
  const std::size_t first = front ? dice.below(points.size() + 1) : 0;
  const std::size_t length = back ? dice.below(points.size() - first + 1) : points.size() - first;
  std::string out;
  for (std::size_t i = first; i < first + length; ++i) out += points[i];
  return out;
}

std::string sigma_value(Dice& dice, std::string_view text, bool cased) {
  const bool wild = dice.percent(30), turned = !cased || dice.percent(20);
  const auto points = code_points(text);
  std::string out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string_view point = points[i];
    if (!valid(point)) {
      out += '?';  // a rule is UTF-8; the event need not be
    } else if (wild && dice.percent(12)) {
      out += '?';
    } else if (wild && dice.percent(8)) {
      out += '*';
      i += dice.below(3);
    } else if (point == "*" || point == "?") {
      out += dice.percent(90) ? "\\" + std::string{point} : std::string{point};
    } else if (point == "\\") {
      out += dice.percent(60) ? "\\\\" : "\\";
    } else {
      out += turned && dice.percent(30) ? other_case(point) : std::string{point};
    }
  }
  if (wild && dice.percent(10)) out.insert(0, "*");
  if (wild && dice.percent(10)) out += '*';
  return out;
}

std::string expression_for(Dice& dice, std::string_view text) {
  static constexpr std::string_view kSpecial = "\\^$.|?*+()[]{}/-";
  static constexpr auto kExtra = std::to_array<std::string_view>({
      "\\b",
      "(?:zz|)",
      "(?:zz)?",
      "\\s*",
      "[^q]*",
      "(?=.)",
      "(?!q)",
      "x{0,2}",
      "\\B",
      "(?:)",
      ".*?",
  });
  static constexpr auto kInstead = std::to_array<std::string_view>({
      ".",
      "\\w",
      "[^z]",
      "[a-z]",
      ".+",
      ".*",
      "\\S",
      "\\d",
      "(?:a|b|\\\\)",
      "\\D{1,3}",
      "[\\x00-\\x7f]",
      "(.)",
  });
  std::string out = dice.percent(10) ? "(?i)" : "";
  if (dice.percent(15)) out += '^';
  for (const std::string_view point : code_points(text)) {
    if (!valid(point) || dice.percent(10))
      out += dice.of(kInstead);
    else if (kSpecial.find(point) != std::string_view::npos)
      out += "\\" + std::string{point};
    else
      out += point;
    if (dice.percent(5)) out += dice.of(kExtra);
  }
  if (dice.percent(10)) return "(?:" + out + "|zz+)";
  if (dice.percent(15)) out += '$';
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else
      out += c;
  }
  return out + '"';
}

}  // namespace nw::differential
