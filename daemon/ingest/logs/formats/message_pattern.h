// Sentences that devices write for people, cut by patterns: "Deny {protocol:w} src {src:e} dst {dst:e} by ...".
//
//   {name}     the shortest text up to what the pattern goes on with, or to the end
//   {name:l}   the longest such text: for values that may hold the quote behind them
//   {name:w}   a word: up to a space, ',', ';' or '"'
//   {name:e}   an endpoint of Cisco's: "outside:192.0.2.1/443 (192.0.2.1/443)(user)"
//   {_}, {_:w} as these, thrown away
//   {? ... ?}  may be there or not; not nested. Not tried where the text goes on as the pattern does behind it
//   a space    one or more spaces
//
// No backtracking: a match takes time linear in text and pattern. What follows a match's end is not looked at. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "event/schema.h"

namespace nw::logs {

struct PatternRow {
  std::string_view keys;  // one or more, with spaces between: the messages that may look so
  std::string_view pattern;
  std::string_view action = {};  // what the message says was done, where no capture says it
  std::uint8_t kind = 0;         // for the format's own use
};

struct Capture {
  std::uint8_t name;  // position in the table's fields, or, behind them, in its specials
  std::string_view text;
};

class Captures {
 public:
  static constexpr std::size_t kMax = 24;
  void clear() noexcept { size_ = 0; }
  void cut(std::size_t size) noexcept { size_ = size; }
  // A pattern has at most kMax: the table checks it.
  void add(std::uint8_t name, std::string_view text) noexcept {
    if (size_ < kMax) entries_[size_++] = {name, text};
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const Capture> all() const noexcept { return {entries_.data(), size_}; }

 private:
  std::array<Capture, kMax> entries_{};
  std::size_t size_ = 0;
};

class PatternTable {
 public:
  // Names in the patterns are those of `fields`, or of `specials`, whose numbers begin behind the fields. A pattern
  // that is not well formed is a bug of ours, and aborts. The rows are borrowed.
  PatternTable(std::span<const PatternRow> rows, std::span<const event::FieldSpec> fields,
               std::span<const std::string_view> specials = {});

  // The first row for `key` that fits `text`; null, and no captures, when none does.
  const PatternRow* match(std::string_view key, std::string_view text, Captures& out) const noexcept;
  // The first row for `key`, whatever the text.
  [[nodiscard]] const PatternRow* first(std::string_view key) const noexcept;

 private:
  enum class Step : std::uint8_t { literal, lazy, longest, word, endpoint, option, option_end };
  struct Op {
    Step step;
    std::uint8_t name;         // kNothing: thrown away
    std::uint16_t jump;        // option: behind its end
    std::string_view literal;  // of the step `literal`
  };
  struct Program {
    std::uint32_t begin, end;  // in ops_
    std::uint16_t row;
  };
  struct Cell {
    std::string_view key;
    std::uint32_t begin = 0, end = 0;  // in order_
  };
  static constexpr std::uint8_t kNothing = 0xff;

  void compile(std::size_t row, std::span<const event::FieldSpec> fields, std::span<const std::string_view> specials);
  bool take(std::size_t op, std::size_t end, std::string_view text, std::size_t& at,
            std::string_view& caught) const noexcept;
  bool run(const Program& program, std::string_view text, Captures& out) const noexcept;
  [[nodiscard]] std::size_t stop(std::size_t op, std::size_t end, std::string_view text, std::size_t at,
                                 bool longest) const noexcept;
  [[nodiscard]] const Cell* find(std::string_view key) const noexcept;

  std::span<const PatternRow> rows_;
  std::vector<Op> ops_;
  std::vector<Program> programs_;     // by row
  std::vector<std::uint16_t> order_;  // rows, by key
  std::vector<Cell> cells_;           // open addressing; a power of two
};

// The end of the endpoint that begins at `at`; `at` when there is none.
std::size_t endpoint_end(std::string_view text, std::size_t at) noexcept;

}  // namespace nw::logs
