// Where the tokens of one JSON text begin, found by simdjson's first stage, which also checks the encoding. The rest of
// the reading is ours, so that a name is looked up where it stands and a value that nobody wants is never touched.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace nw::logs {

class JsonIndex {
 public:
  enum class Fault : std::uint8_t { none, encoding, shape };

  explicit JsonIndex(std::size_t bytes_expected);  // a longer text allocates, once
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  // Finds the tokens of `text` (borrowed until the next call). Strings are closed, hold no bare
  // control character and are UTF-8 when it returns `none`; whether the tokens make sense is for the reader to see.
  Fault build(std::string_view text);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // The first byte of token `i`: one of { } [ ] : , or of a string or another scalar. NUL past the end.
  [[nodiscard]] char kind(std::size_t i) const noexcept { return i < size_ ? text_[starts_[i]] : '\0'; }
  // Token `i` without the space behind it: a string with its quotes, a number, a word.
  [[nodiscard]] std::string_view token(std::size_t i) const noexcept {
    const std::size_t from = starts_[i];
    std::size_t to = i + 1 < size_ ? starts_[i + 1] : text_.size();
    while (to > from + 1 && space(text_[to - 1])) --to;
    return {text_.data() + from, to - from};
  }
  // Between the quotes of the string token `i`; false when it is no string.
  [[nodiscard]] bool body(std::size_t i, std::string_view& out) const noexcept {
    const std::string_view whole = token(i);
    if (whole.size() < 2 || whole.front() != '"' || whole.back() != '"') return false;
    out = whole.substr(1, whole.size() - 2);
    return true;
  }
  // Unescapes a body of this text into `out`, which has room for it and 64 bytes more: its length, or npos where
  // simdjson will not (an escape that is none, a surrogate alone, the last bytes of the text).
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::size_t unescape(std::string_view body, char* out) const noexcept;

 private:
  static bool space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  struct Stage;
  std::unique_ptr<Stage> stage_;
  std::string_view text_;
  const std::uint32_t* starts_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace nw::logs
