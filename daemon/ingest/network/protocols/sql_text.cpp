#include "ingest/network/protocols/sql_text.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

constexpr auto kSecretParts = std::to_array<std::string_view>({"password", "passwd", "pwd", "identified"});
// Behind these, another thing is spoken of.
constexpr auto kEnds = std::to_array<std::string_view>({"and", "or", "where", "from", "union", "select"});

constexpr bool is_word(std::uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

constexpr std::uint8_t lower(std::uint8_t c) { return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c | 0x20U) : c; }

bool same(std::uint8_t a, char b) { return lower(a) == static_cast<std::uint8_t>(b); }

bool is_secret(Bytes word) {
  return std::ranges::any_of(kSecretParts, [&](std::string_view part) {
    return std::search(word.begin(), word.end(), part.begin(), part.end(), same) != word.end();
  });
}

bool is_end(Bytes word) {
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return std::ranges::equal(word, end, same); });
}

std::size_t word_size(Bytes text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_word) - text.begin());
}

// With both quotes; all that is left when the second is not there.
std::size_t string_size(Bytes text, bool backslash) {
  const std::uint8_t quote = text.front();
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (backslash && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (at + 1 == text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return text.size();
}

// PostgreSQL's $$...$$ and $tag$...$tag$; $1 is a parameter.
bool opens_dollar_string(Bytes text) {
  return text.size() > 1 && (text[1] == '$' || (is_word(text[1]) && (text[1] < '0' || text[1] > '9')));
}

}  // namespace

void append_sql(TextBuffer& out, Bytes statement, SqlDialect dialect) {
  bool secret = false, escapes = dialect == SqlDialect::mysql;
  while (!statement.empty() && !out.cut()) {
    const std::uint8_t c = statement.front();
    std::size_t size = 1;
    bool hidden = false;
    if (is_word(c)) {
      size = word_size(statement);
      const Bytes word = statement.first(size);
      secret = is_secret(word) || (secret && !is_end(word));
      // PostgreSQL's E'...'.
      escapes = dialect == SqlDialect::mysql || (size == 1 && lower(c) == 'e');
    } else if (c == '\'' || c == '"') {
      size = string_size(statement, escapes);
      hidden = secret;
      // A column's name may stand in quotes.
      secret = secret || (c == '"' && is_secret(statement.first(size)));
    } else if (secret && c == '$' && opens_dollar_string(statement)) {
      size = statement.size();  // where it ends is not looked for
      hidden = true;
    } else if (c == ';') {
      secret = false;
    }
    if (hidden) {
      out.append("'<secret>'");
    } else {
      out.append_escaped(statement.first(size));
    }
    statement = statement.subspan(size);
  }
}

}  // namespace nw::network
