#include "ingest/network/protocols/words.h"

#include <algorithm>
#include <array>

namespace nw::network {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
  return word;
}

bool same_word(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

bool starts_with_word(std::string_view text, std::string_view begin) {
  return same_word(text.substr(0, begin.size()), begin);
}

bool contains_word(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool begins_http_or_ssh(std::string_view line) {
  // A path may be so long that what stands behind it has not come.
  constexpr auto kBegins = std::to_array<std::string_view>(
      {"SSH-", "HTTP/1.", "GET /", "POST /", "HEAD /", "PUT /", "DELETE /", "OPTIONS /", "PATCH /", "TRACE /"});
  return line.find(" HTTP/") != std::string_view::npos ||
         std::ranges::any_of(kBegins, [&](std::string_view begin) { return line.starts_with(begin); });
}

bool is_command(std::string_view word) {
  return !word.empty() && word.size() <= kCommandMax &&
         std::ranges::all_of(word, [](char c) { return upper(c) >= 'A' && upper(c) <= 'Z'; });
}

std::string capitals(std::string_view command) {
  std::string out{command};
  std::ranges::transform(out, out.begin(), upper);
  return out;
}

}  // namespace nw::network
