#include "ingest/network/protocols/sql_text.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace nw::network {

namespace {

// Behind these, another thing is spoken of.
constexpr auto kEnds =
    std::to_array<std::string_view>({"and", "or", "where", "from", "union", "bulk", "exec", "execute"});
constexpr std::string_view kHidden = "<secret>";
constexpr unsigned kDepthMax = 4;  // of PostgreSQL's strings that have statements in them

constexpr bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
constexpr bool is_word(std::uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c >= 0x80;
}
constexpr bool is_blank(std::uint8_t c) { return c <= ' '; }

constexpr std::uint8_t lower(std::uint8_t c) { return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c | 0x20U) : c; }

constexpr auto kSameLetter = [](std::uint8_t a, char b) { return lower(a) == static_cast<std::uint8_t>(b); };

// Words in lower case that are looked for all at once, wherever they stand. Most octets begin none.
template <std::size_t kCount>
class Parts {
 public:
  constexpr explicit Parts(const std::array<std::string_view, kCount>& words) : words_{words} {
    for (const std::string_view word : words)
      for (std::size_t c = 0; c < begins_.size(); ++c)
        begins_[c] = begins_[c] || lower(static_cast<std::uint8_t>(c)) == static_cast<std::uint8_t>(word.front());
  }
  [[nodiscard]] bool in(Bytes text) const {
    for (; !text.empty(); text = text.subspan(1))
      if (begins_[text.front()] && std::ranges::any_of(words_, [&](std::string_view word) {
            return text.size() >= word.size() && std::ranges::equal(text.first(word.size()), word, kSameLetter);
          }))
        return true;
    return false;
  }

 private:
  std::array<std::string_view, kCount> words_;
  std::array<bool, 256> begins_{};
};
constexpr Parts kSecretParts{
    std::to_array<std::string_view>({"password", "passwd", "passphrase", "pwd", "secret", "identified"})};
constexpr Parts kIdentified{std::to_array<std::string_view>({"identified"})};
// Transact-SQL's procedures and functions that take a password without saying so.
constexpr Parts kProcedures{std::to_array<std::string_view>(
    {"addlogin", "srvlogin", "approle", "users_login", "sp_password", "openrowset", "opendatasource"})};

// A word of its own, or the last of a name: user_pass, but neither bypass nor passenger.
bool has_pass(Bytes text) {
  constexpr std::string_view kPass = "pass";
  for (auto at = text.begin();; ++at) {
    at = std::search(at, text.end(), kPass.begin(), kPass.end(), kSameLetter);
    if (at == text.end()) return false;
    const auto behind = at + static_cast<std::ptrdiff_t>(kPass.size());
    const bool begins = at == text.begin() || *(at - 1) == '_' || !is_word(*(at - 1));
    if (begins && (behind == text.end() || !is_word(*behind))) return true;
  }
}

bool is_secret(Bytes text) { return kSecretParts.in(text) || has_pass(text); }

bool is_end(Bytes word) {
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return std::ranges::equal(word, end, kSameLetter); });
}

std::size_t find(Bytes text, std::uint8_t c, std::size_t from) {
  return static_cast<std::size_t>(std::find(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), c) -
                                  text.begin());
}

// A dollar may be in a name, not in a number.
std::size_t word_size(Bytes text) {
  const bool number = is_digit(text.front());
  const auto goes_on = [&](std::uint8_t c) { return is_word(c) || (c == '$' && !number); };
  return static_cast<std::size_t>(std::ranges::find_if_not(text, goes_on) - text.begin());
}

// With both quotes; all that is left when the second is not there. A quote that is said twice is one of the text's.
std::size_t string_size(Bytes text, std::uint8_t close, bool backslash) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (backslash && text[at] == '\\') {
      ++at;
    } else if (text[at] == close) {
      if (at + 1 == text.size() || text[at + 1] != close) return at + 1;
      ++at;
    }
  }
  return text.size();
}

// scheme://user:password@host
bool has_credentials(Bytes text) {
  constexpr std::string_view kMark = "://";
  const auto mark = std::search(text.begin(), text.end(), kMark.begin(), kMark.end(), kSameLetter);
  const auto ends = [](std::uint8_t c) { return is_blank(c) || c == '/' || c == '?'; };
  const auto begin = text.end() - mark > 3 ? mark + 3 : text.end(), end = std::find_if(begin, text.end(), ends);
  return std::find(std::find(begin, end, ':'), end, '@') != end;
}

// A text that names a secret and says more. A single word may be a column's name, and is what it looks like.
bool tells_secret(Bytes inside) {
  return has_credentials(inside) || (is_secret(inside) && !std::ranges::all_of(inside, is_word));
}

// | opening | inside | closing |
struct Comment {
  std::size_t opening = 0, size = 0, closing = 0;
};

std::size_t block_size(Bytes text, bool nests) {
  std::size_t depth = 1;
  for (std::size_t at = 2; at + 1 < text.size(); ++at) {
    if (text[at] == '*' && text[at + 1] == '/') {
      if (--depth == 0) return at + 2;
      ++at;
    } else if (nests && text[at] == '/' && text[at + 1] == '*') {
      ++depth;
      ++at;
    }
  }
  return 0;
}

Comment line_comment(Bytes text, std::size_t opening, SqlDialect dialect) {
  const std::size_t feed = find(text, '\n', opening);
  return {opening, dialect == SqlDialect::postgresql ? std::min(feed, find(text, '\r', opening)) : feed, 0};
}

// The comment that `text` begins with; its size is 0 when it does not. What MySQL reads of /*! is no comment: only its
// opening is passed over.
Comment comment_at(Bytes text, SqlDialect dialect) {
  const bool mysql = dialect == SqlDialect::mysql;
  const std::uint8_t first = text.front(), second = text.size() > 1 ? text[1] : 0,
                     third = text.size() > 2 ? text[2] : 0;
  if (mysql && first == '#') return line_comment(text, 1, dialect);
  if (first == '-' && second == '-' && (!mysql || is_blank(third))) return line_comment(text, 2, dialect);
  if (first != '/' || second != '*') return {};
  if (mysql && third == '!') return {3, 3, 0};
  if (mysql && third == 'M' && text.size() > 3 && text[3] == '!') return {4, 4, 0};
  const std::size_t size = block_size(text, !mysql);
  return size == 0 ? Comment{2, text.size(), 0} : Comment{2, size, 2};
}

// With both dollars; 0 when none begins here. $1 is a parameter.
std::size_t tag_size(Bytes text) {
  if (text.size() < 2 || is_digit(text[1])) return 0;
  const auto end = std::find_if_not(text.begin() + 1, text.end(), is_word);
  return end != text.end() && *end == '$' ? static_cast<std::size_t>(end - text.begin()) + 1 : 0;
}

class SqlWriter {
 public:
  SqlWriter(TextBuffer& out, SqlDialect dialect, unsigned depth) : out_{out}, dialect_{dialect}, depth_{depth} {}

  void write(Bytes statement) {
    while (!statement.empty() && !out_.cut()) statement = statement.subspan(take(statement));
  }

 private:
  // `condition`: until the condition ends or the statement does.
  enum class Secret : std::uint8_t { no, condition, statement };

  // Writes what `rest` begins with, and returns its size.
  std::size_t take(Bytes rest) {
    const std::uint8_t c = rest.front();
    const bool behind_hidden = hidden_, awaited = awaited_;
    if (const Comment comment = comment_at(rest, dialect_); comment.size != 0) return write_comment(rest, comment);
    if (is_blank(c)) {
      hidden_ = false;
      return show(rest, 1);
    }
    hidden_ = awaited_ = false;
    if (is_word(c)) return word(rest, behind_hidden, awaited);
    // Where this follows a string, the server does not read the quotes as we do: this is inside one.
    if (behind_hidden && c == '\\') return hide(find_quote(rest));
    const bool mysql = dialect_ == SqlDialect::mysql, transact = dialect_ == SqlDialect::transact;
    if (c == '\'' || c == '"' || (mysql && c == '`') || (transact && c == '[')) return string(rest);
    escapes_ = false;
    if (c == '$') return dollar(rest);
    if (c == ';' && !separates(rest)) end_secret();
    awaited_ = arguments_ && (c == ',' || c == '=');
    return show(rest, 1);
  }

  std::size_t show(Bytes rest, std::size_t size) {
    out_.append_escaped(rest.first(size));
    return size;
  }
  std::size_t hide(std::size_t size) {
    out_.append('\'');
    out_.append(kHidden);
    out_.append('\'');
    return size;
  }

  void end_secret() {
    secret_ = Secret::no;
    arguments_ = false;
  }
  void begin_secret() { secret_ = std::max(secret_, Secret::condition); }

  // Where the string is that we take for code.
  static std::size_t find_quote(Bytes rest) { return std::min(find(rest, '\'', 1), find(rest, '"', 1)); }

  // OPENROWSET('provider', 'server';'user';'password', ...); no statement begins with a string.
  [[nodiscard]] bool separates(Bytes rest) const {
    const auto next = std::find_if_not(rest.begin() + 1, rest.end(), is_blank);
    return dialect_ == SqlDialect::transact && next != rest.end() && (*next == '\'' || *next == '"');
  }

  std::size_t write_comment(Bytes rest, const Comment& comment) {
    hidden_ = false;
    const Bytes inside = rest.subspan(comment.opening, comment.size - comment.opening - comment.closing);
    if (!inside.empty() && (secret_ != Secret::no || tells_secret(inside))) {
      out_.append_escaped(rest.first(comment.opening));
      out_.append(kHidden);
      out_.append_escaped(rest.subspan(comment.size - comment.closing, comment.closing));
      return comment.size;
    }
    return show(rest, comment.size);
  }

  std::size_t word(Bytes rest, bool behind_hidden, bool awaited) {
    const std::size_t size = word_size(rest);
    const Bytes word = rest.first(size);
    // As above.
    if (behind_hidden && !is_end(word)) return hide(find_quote(rest));
    if (is_end(word)) {
      if (secret_ == Secret::condition) end_secret();
    } else if ((awaited && !opens_string(rest, size)) || (secret_ != Secret::no && is_digit(rest.front()))) {
      return hide(size);
    }
    names(word);
    // 'a' 'b' is one string, E'a' and, in the next line, 'b' too.
    escapes_ = dialect_ == SqlDialect::postgresql && lower(word[0]) == 'e' && opens_string(rest, size);
    return show(rest, size);
  }

  // E'...', N'...'
  static bool opens_string(Bytes rest, std::size_t word) { return word == 1 && rest.size() > 1 && rest[1] == '\''; }

  // A word, or a name in quotes, that says that a secret follows.
  void names(Bytes word) {
    if (is_secret(word)) begin_secret();
    // Behind it stand several, with OR or AND between.
    if (dialect_ == SqlDialect::mysql && kIdentified.in(word)) secret_ = Secret::statement;
    if (dialect_ != SqlDialect::transact || !kProcedures.in(word)) return;
    begin_secret();
    // Transact-SQL takes a word for a string there.
    arguments_ = awaited_ = true;
  }

  std::size_t string(Bytes rest) {
    const std::uint8_t quote = rest.front(), close = quote == '[' ? ']' : quote;
    const bool name = quote == '`' || quote == '[';
    const bool backslash =
        quote == '\'' ? dialect_ == SqlDialect::mysql || escapes_ : quote == '"' && dialect_ == SqlDialect::mysql;
    const std::size_t size = string_size(rest, close, backslash);
    const bool closed = size > 1 && rest[size - 1] == close;
    const Bytes inside = rest.subspan(1, size - (closed ? 2 : 1));
    hidden_ = tells_secret(inside) || (secret_ != Secret::no && (!name || arguments_ || !closed));
    names(inside);
    if (quote != '\'') escapes_ = false;
    return hidden_ ? hide(size) : show(rest, size);
  }

  // PostgreSQL's $$...$$ and $tag$...$tag$. What it holds is often a statement, with strings of its own.
  std::size_t dollar(Bytes rest) {
    const std::size_t tag = tag_size(rest);
    if (tag == 0) {
      const auto end = std::find_if_not(rest.begin() + 1, rest.end(), is_digit);
      return show(rest, static_cast<std::size_t>(end - rest.begin()));
    }
    if (secret_ == Secret::no && dialect_ != SqlDialect::postgresql) return show(rest, 1);
    const Bytes open = rest.first(tag), behind = rest.subspan(tag);
    const auto end = std::search(behind.begin(), behind.end(), open.begin(), open.end());
    const Bytes inside{behind.begin(), end};
    const Bytes close = behind.subspan(inside.size(), end == behind.end() ? 0 : tag);
    const std::size_t size = tag + inside.size() + close.size();
    if (secret_ != Secret::no || has_credentials(inside) || (depth_ == kDepthMax && is_secret(inside)))
      return hide(size);
    if (depth_ == kDepthMax) return show(rest, size);
    show(open, open.size());
    SqlWriter within{out_, dialect_, depth_ + 1};
    within.write(inside);
    secret_ = within.secret_;
    return tag + inside.size() + show(close, close.size());
  }

  TextBuffer& out_;
  SqlDialect dialect_;
  unsigned depth_;
  Secret secret_ = Secret::no;
  bool escapes_ = false;    // PostgreSQL's E: in the string that follows backslashes escape
  bool hidden_ = false;     // the last was a string, and hidden
  bool arguments_ = false;  // of one of kProcedures
  bool awaited_ = false;    // an argument comes
};

}  // namespace

void append_sql(TextBuffer& out, Bytes statement, SqlDialect dialect) { SqlWriter{out, dialect, 0}.write(statement); }

bool has_sql_secret(Bytes statement) {
  return is_secret(statement) || kProcedures.in(statement) || has_credentials(statement);
}

}  // namespace nw::network
