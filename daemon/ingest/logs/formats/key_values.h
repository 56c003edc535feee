// key=value text as appliances write it, in three ways. One bounded scanner for all the formats that are made of pairs.
// Pure; the pairs view the text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "ingest/logs/formats/format.h"

namespace nw::logs {

struct KeyValue {
  std::string_view key;
  std::string_view value;  // without its quotes, its escapes as they came
  bool quoted = false;     // it stood in double quotes
  bool bare = false;       // a word without '=': a key, no value
};

// How a value in double quotes ends.
enum class QuoteEnd : std::uint8_t {
  first,   // at the first quote without a backslash before it: logfmt
  at_key,  // only where another pair or the end follows: writers that forget to escape, but write no bare words
};

// The pairs of one line at a time. Each scan empties it first and returns `too_deep` when there are more than
// kPairsMax; what does not belong to a pair is passed over.
class KeyValues {
 public:
  static constexpr std::size_t kPairsMax = 1024, kKeyBytesMax = 128;

  // "src=192.0.2.1 msg=a value with spaces dst=...": a value ends where the next key begins. A '=' with a backslash
  // before it, or without a key before it, is part of the value.
  LineFault scan_spaced(std::string_view text);
  // "src=192.0.2.1^usrName=a b^...". A part without '=' continues the value before it.
  LineFault scan_delimited(std::string_view text, char delimiter);
  // "level=info msg=\"a \\\"b\\\"\" cached": words and quoted strings; with `first`, also 'single quotes' around a
  // value, and a ',' or ';' behind it.
  LineFault scan_words(std::string_view text, QuoteEnd end);

  [[nodiscard]] std::span<const KeyValue> pairs() const noexcept { return std::span{pairs_}.first(count_); }
  // The last pair of that key; null when there is none. For the few keys that a reader must see before it begins.
  [[nodiscard]] const KeyValue* find(std::string_view key) const noexcept;

 private:
  bool add(const KeyValue& pair) noexcept {
    if (count_ == kPairsMax) return false;
    pairs_[count_++] = pair;
    return true;
  }

  std::array<KeyValue, kPairsMax> pairs_;
  std::size_t count_ = 0;
};

// `text` with each escape replaced, in `arena`; `text` itself when it has none, or when the arena is spent. `from`
// holds the characters that may stand behind a backslash, `to` what they mean; any other pair stays as it is.
std::string_view unescape(Arena& arena, std::string_view text, std::string_view from, std::string_view to);

}  // namespace nw::logs
