// Small text helpers that more than one folder needs. ASCII only where a name says so.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nw {

constexpr char ascii_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool ascii_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool ascii_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

inline std::string to_ascii_lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), ascii_lower);
  return out;
}
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

// The candidate with the fewest edits from `word` (Levenshtein with transpositions), when it is near enough to be
// what was meant: at most a third of the longer word. For "did you mean".
std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates);
// " (did you mean 'x'?)" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

// Bytes of the valid UTF-8 sequence at the front of `text`, which is not empty (RFC 3629); 0: there is none.
std::size_t utf8_length(std::string_view text);

// `text` as a JSON string with its quotes, RFC 8259 section 7. Invalid UTF-8 bytes come out as U+FFFD.
void append_json_string(std::string_view text, std::string& out);

// `text` made safe for a terminal or a one-line log: control characters and invalid UTF-8 as \xNN.
std::string printable(std::string_view text, std::size_t bytes_max = 256);

}  // namespace nw
