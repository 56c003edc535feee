// The condition language: Sigma specification 2.1, "Condition". Precedence, from loose to tight: or, and, not, N of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/function_ref.h"

namespace nw::sigma {

struct Condition {
  enum class Kind : std::uint8_t { identifier, selector, negation, conjunction, disjunction };
  Kind kind = Kind::disjunction;
  Mark mark;
  std::string name;         // identifier, or the selector's pattern; "them" is held as such
  bool all = false;         // selector: `all of`
  bool them = false;        // selector: every identifier that does not begin with `_`
  std::uint32_t count = 1;  // selector: at least this many
  std::vector<Condition> children;
};

// Where byte `offset` of the condition's text stands in its file.
using Locate = FunctionRef<Mark(std::size_t offset)>;

// Reads one condition into `out`. False when it has errors (codes condition-*); upper-case operators are a warning.
bool parse_condition(std::string_view text, std::string_view file, Locate locate, Condition& out,
                     Diagnostics& diagnostics);

// Whether a selector's pattern names `identifier`: `*` stands for any characters; names that begin with `_` are only
// meant by patterns that do so too (pySigma).
bool selects(const Condition& selector, std::string_view identifier);

}  // namespace nw::sigma
