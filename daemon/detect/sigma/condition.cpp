#include "detect/sigma/condition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/pattern.h"

namespace nw::sigma {

namespace {

constexpr std::array<std::string_view, 7> kWords{"all", "and", "any", "not", "of", "or", "them"};
static_assert(std::ranges::is_sorted(kWords));

struct Token {
  enum class Kind : std::uint8_t { end, word, open, close };
  Kind kind = Kind::end;
  std::string_view text;
  std::size_t offset = 0;
  std::string_view operation;  // one of kWords, whatever its case; empty for other words
};

bool word_byte(char c) {
  const char lower = ascii_lower(c);
  return ascii_digit(c) || (lower >= 'a' && lower <= 'z') || c == '_' || c == '-' || c == '*';
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file, Locate locate, Diagnostics& diagnostics)
      : text_{text}, file_{file}, locate_{locate}, diagnostics_{diagnostics} {}

  bool parse(Condition& out) {
    if (!tokenize() || !disjunction(out)) return false;
    if (peek().kind == Token::Kind::end) return true;
    return fail(peek(), "unexpected '" + shown(peek()) + "'", "join the parts with 'and' or 'or'");
  }

 private:
  bool fail(std::size_t offset, std::string_view code, std::string text, std::string hint) {
    diagnostics_.error(file_, locate_(offset), code, std::move(text), std::move(hint));
    return false;
  }
  bool fail(const Token& token, std::string text, std::string hint) {
    return fail(token.offset, "condition-syntax", std::move(text), std::move(hint));
  }
  static std::string shown(const Token& token) {
    return token.kind == Token::Kind::end ? "the end of the condition" : printable(token.text, 64);
  }

  bool tokenize() {
    for (std::size_t i = 0; i < text_.size();) {
      const char c = text_[i];
      if (ascii_space(c)) {
        ++i;
      } else if (c == '(' || c == ')') {
        tokens_.push_back({c == '(' ? Token::Kind::open : Token::Kind::close, text_.substr(i, 1), i, {}});
        ++i;
      } else if (word_byte(c)) {
        std::size_t end = i;
        while (end < text_.size() && word_byte(text_[end])) ++end;
        add_word(text_.substr(i, end - i), i);
        i = end;
      } else if (c == '|') {
        return fail(i, "condition-aggregation", "aggregations after '|' are no longer part of Sigma",
                    "write a correlation document instead");
      } else {
        return fail(i, "condition-syntax", "'" + printable(text_.substr(i, 1)) + "' means nothing in a condition",
                    "use identifiers, and, or, not, 1 of, all of, them and parentheses");
      }
    }
    tokens_.push_back({Token::Kind::end, {}, text_.size(), {}});
    return true;
  }
  void add_word(std::string_view word, std::size_t offset) {
    const std::string lower = to_ascii_lower(word);
    const auto known = std::ranges::lower_bound(kWords, std::string_view{lower});
    const bool operation = known != kWords.end() && *known == lower;
    if (operation && lower != word)
      diagnostics_.warning(file_, locate_(offset), "operator-case", "operator '" + std::string{word} + "'",
                           "Sigma writes '" + lower + "'");
    tokens_.push_back({Token::Kind::word, word, offset, operation ? *known : std::string_view{}});
  }

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool accept(std::string_view operation) {
    if (peek().operation != operation) return false;
    ++at_;
    return true;
  }

  using Level = bool (Parser::*)(Condition&);
  bool joined(Condition& out, Condition::Kind kind, std::string_view operation, Level tighter) {
    Condition first;
    if (!(this->*tighter)(first)) return false;
    if (peek().operation != operation) {
      out = std::move(first);
      return true;
    }
    out.kind = kind;
    out.mark = first.mark;
    out.children.push_back(std::move(first));
    while (accept(operation)) {
      Condition next;
      if (!(this->*tighter)(next)) return false;
      out.children.push_back(std::move(next));
    }
    return true;
  }
  bool disjunction(Condition& out) { return joined(out, Condition::Kind::disjunction, "or", &Parser::conjunction); }
  bool conjunction(Condition& out) { return joined(out, Condition::Kind::conjunction, "and", &Parser::negation); }
  bool negation(Condition& out) {
    if (peek().operation != "not") return primary(out);
    if (++depth_ > kConditionDepthMax) return too_deep();
    out.kind = Condition::Kind::negation;
    out.mark = locate_(peek().offset);
    ++at_;
    if (!negation(out.children.emplace_back())) return false;
    --depth_;
    return true;
  }
  bool too_deep() {
    return fail(peek().offset, "condition-depth",
                "nested deeper than " + std::to_string(kConditionDepthMax) + " parentheses and 'not'",
                "name the inner parts as identifiers of their own");
  }
  bool primary(Condition& out) {
    const Token token = peek();
    if (token.kind == Token::Kind::open) {
      if (++depth_ > kConditionDepthMax) return too_deep();
      ++at_;
      if (!disjunction(out)) return false;
      if (peek().kind != Token::Kind::close)
        return fail(peek(), "expected ')' before " + shown(peek()), "close the parenthesis");
      ++at_;
      --depth_;
      return true;
    }
    if (token.kind != Token::Kind::word || token.operation == "and" || token.operation == "or")
      return fail(token, "expected an identifier, found " + shown(token), "each operator needs both its sides");
    if (peek(1).operation == "of") return selector(out);
    if (token.text.find('*') != std::string_view::npos)
      return fail(token, "the pattern '" + shown(token) + "' needs a quantifier", "write '1 of' or 'all of' before it");
    out.kind = Condition::Kind::identifier;
    out.mark = locate_(token.offset);
    out.name = std::string{token.text};
    ++at_;
    return true;
  }
  bool selector(Condition& out) {
    const Token quantity = peek();
    out.kind = Condition::Kind::selector;
    out.mark = locate_(quantity.offset);
    out.all = quantity.operation == "all";
    if (!out.all && quantity.operation != "any") {
      const std::string_view digits = quantity.text;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.count);
      if (error != std::errc{} || end != digits.data() + digits.size() || out.count == 0)
        return fail(quantity, "'" + shown(quantity) + " of' counts nothing",
                    "write '1 of', '2 of', 'any of' or 'all of'");
    }
    at_ += 2;
    const Token what = peek();
    if (what.kind != Token::Kind::word || (!what.operation.empty() && what.operation != "them"))
      return fail(what, "expected 'them' or a pattern after 'of', found " + shown(what),
                  "write for example '1 of selection_*'");
    out.them = what.operation == "them";
    out.name = out.them ? "them" : std::string{what.text};
    ++at_;
    return true;
  }

  std::string_view text_, file_;
  Locate locate_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0, depth_ = 0;
};

}  // namespace

bool parse_condition(std::string_view text, std::string_view file, Locate locate, Condition& out,
                     Diagnostics& diagnostics) {
  if (text.size() > kConditionBytesMax) {
    diagnostics.error(
        file, locate(0), "condition-depth",
        "a condition of " + std::to_string(text.size()) + " bytes, at most " + std::to_string(kConditionBytesMax),
        "use '1 of' and 'all of' with patterns");
    return false;
  }
  return Parser{text, file, locate, diagnostics}.parse(out);
}

bool selects(const Condition& selector, std::string_view identifier) {
  const bool hidden = identifier.starts_with('_');
  if (selector.them) return !hidden;
  if (hidden && !selector.name.starts_with('_')) return false;
  return Pattern::parse(selector.name).match(identifier);
}

}  // namespace nw::sigma
