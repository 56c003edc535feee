// A Sigma string: literal pieces and wildcards. Specification 2.1, "Wildcard usage" and "Escaping"; the exact escape
// algorithm is pySigma's (`\` escapes `*`, `?` and `\`; before anything else it is itself).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nw::sigma {

class Pattern {
 public:
  enum class Kind : std::uint8_t {
    literal,
    many,  // `*`: any number of any characters, line ends too
    one,   // `?`: one code point
    dash,  // from `windash`: one of - / U+2013 U+2014 U+2015
  };
  struct Part {
    Kind kind;
    std::string text;  // literal only; never empty
    friend bool operator==(const Part&, const Part&) = default;
  };

  // Escapes and wildcards are read.
  static Pattern parse(std::string_view written);
  // Every character stands for itself.
  static Pattern literal(std::string_view text);

  // Of parts that another pattern had.
  static Pattern of(std::vector<Part> parts);

  [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }
  // No wildcard and no dash class.
  [[nodiscard]] bool plain() const noexcept;
  [[nodiscard]] std::string_view plain_text() const noexcept;  // of a plain pattern
  [[nodiscard]] std::size_t wildcards() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept;  // of its literals

  // Puts `tail` behind; what stood for itself goes on doing so.
  void append(const Pattern& tail);
  // Adds `*` on a side, unless one is there.
  void open_front();
  void open_back();
  // Each `-` or `/` before a word character and not after one becomes the dash class (pySigma's `\B[-/]\b`).
  void widen_dashes();
  // Folds the literals: the form that match() takes for a folded subject.
  void fold();

  // Whether the whole subject fits. Linear in the subject for each piece between two `*`.
  [[nodiscard]] bool match(std::string_view subject) const noexcept;

  friend bool operator==(const Pattern&, const Pattern&) = default;

 private:
  void add(Kind kind) { parts_.push_back({kind, {}}); }
  void add_literal(std::string_view text);
  std::vector<Part> parts_;
};

}  // namespace nw::sigma
