#include "base/yaml_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw {

namespace {

// What YAML 1.1 or 1.2 read as something else than text, in small letters.
constexpr auto kWords = std::to_array<std::string_view>({"false", "n", "no", "null", "off", "on", "true", "y", "yes"});

// Letters first and then letters, digits and '_', '-', '.', '/' in between: no number, no mark, no key.
bool is_plain(std::string_view text) {
  const auto letter = [](char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; };
  const auto inside = [letter](char c) {
    return letter(c) || ascii_digit(c) || c == '_' || c == '-' || c == '.' || c == '/';
  };
  if (text.empty() || text.size() > 64 || !letter(text.front()) || !std::ranges::all_of(text, inside)) return false;
  return !std::ranges::binary_search(kWords, std::string_view{to_ascii_lower(text)});
}

// An IPv4 address or network: three dots make it no number.
bool is_plain_address(std::string_view text) {
  return !text.empty() && ascii_digit(text.front()) && std::ranges::count(text, '.') == 3 &&
         text.find_first_not_of("0123456789./") == std::string_view::npos;
}

}  // namespace

void append_yaml_text(std::string_view text, std::string& out) {
  if (!is_plain(text) && !is_plain_address(text)) return append_json_string(text, out);  // which is YAML too
  out += text;
}

std::string yaml_text(std::string_view text) {
  std::string out;
  append_yaml_text(text, out);
  return out;
}

std::string yaml_comment(std::string_view text) { return printable(text, 512); }

}  // namespace nw
