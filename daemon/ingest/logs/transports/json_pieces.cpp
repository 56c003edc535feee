#include "ingest/logs/transports/json_pieces.h"

#include <array>
#include <cstdint>

namespace nw::logs {

namespace {

constexpr bool space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The open brackets, a bit for each: 1 is a brace.
class Open {
 public:
  [[nodiscard]] bool push(bool brace) noexcept {
    if (depth_ == kJsonDepthMax) return false;
    const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
    std::uint64_t& word = bits_[depth_ / 64];
    word = brace ? word | bit : word & ~bit;
    ++depth_;
    return true;
  }
  [[nodiscard]] bool pop(bool brace) noexcept {
    if (depth_ == 0) return false;
    --depth_;
    return ((bits_[depth_ / 64] >> (depth_ % 64) & 1U) != 0) == brace;
  }
  [[nodiscard]] bool empty() const noexcept { return depth_ == 0; }

 private:
  std::array<std::uint64_t, kJsonDepthMax / 64> bits_;  // only what lies below depth_ is read
  std::size_t depth_ = 0;
};

// Behind the string whose opening quote is at `at`; npos when it does not end.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

std::size_t container_end(std::string_view text) {
  Open open;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      if (at == std::string_view::npos) return at;
      continue;
    }
    ++at;
    if ((c == '{' || c == '[') && !open.push(c == '{')) break;
    if (c != '}' && c != ']') continue;
    if (!open.pop(c == '}')) break;
    if (open.empty()) return at;
  }
  return std::string_view::npos;
}

// A number or a word.
std::size_t scalar_end(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    const bool part =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
    if (!part) break;
    ++at;
  }
  return at == 0 ? std::string_view::npos : at;
}

}  // namespace

void skip_json_space(std::string_view& text) {
  std::size_t at = 0;
  while (at < text.size() && space(text[at])) ++at;
  text.remove_prefix(at);
}

std::optional<std::string_view> take_json_value(std::string_view& text) {
  skip_json_space(text);
  if (text.empty()) return std::nullopt;
  const char c = text.front();
  const std::size_t end = c == '"'               ? string_end(text, 0)
                          : c == '{' || c == '[' ? container_end(text)
                                                 : scalar_end(text);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view value = text.substr(0, end);
  text.remove_prefix(end);
  return value;
}

JsonPieces::JsonPieces(std::string_view text) : rest_{text} {
  skip_json_space(rest_);
  if (rest_.starts_with('[')) kind_ = Kind::array;
  if (rest_.starts_with('{')) kind_ = Kind::object;
  if (kind_ == Kind::none)
    done_ = true;
  else
    rest_.remove_prefix(1);
}

bool JsonPieces::next() {
  if (done_) return false;
  skip_json_space(rest_);
  if (rest_.starts_with(kind_ == Kind::array ? ']' : '}')) return end();
  if (!first_) {
    if (!rest_.starts_with(',')) return fail();
    rest_.remove_prefix(1);
  }
  first_ = false;
  if (kind_ == Kind::object) {
    skip_json_space(rest_);
    if (!rest_.starts_with('"')) return fail();
    const auto key = take_json_value(rest_);
    if (!key) return fail();
    key_ = key->substr(1, key->size() - 2);
    skip_json_space(rest_);
    if (!rest_.starts_with(':')) return fail();
    rest_.remove_prefix(1);
  }
  const auto value = take_json_value(rest_);
  if (!value) return fail();
  value_ = *value;
  return true;
}

bool JsonPieces::end() {
  rest_.remove_prefix(1);
  skip_json_space(rest_);
  done_ = true;
  good_ = rest_.empty();
  return false;
}

bool JsonPieces::fail() {
  done_ = true;
  return false;
}

std::string_view json_member(std::string_view text, std::string_view key, bool& good) {
  JsonPieces members{text};
  std::string_view found;
  while (members.next())
    if (members.key() == key) found = members.value();
  if (members.kind() != JsonPieces::Kind::object || !members.good()) good = false;
  return found == "null" ? std::string_view{} : found;
}

}  // namespace nw::logs
