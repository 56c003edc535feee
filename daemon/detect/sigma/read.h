// First stage: YAML documents to rules as trees. What is wrong in one document stands in the diagnostics with its
// place; what needs more than one line of the rule to judge is left to check.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/regex.h"
#include "detect/sigma/condition.h"
#include "detect/sigma/correlation.h"
#include "detect/sigma/pattern.h"
#include "detect/sigma/rule.h"
#include "detect/sigma/rule_set.h"
#include "detect/sigma/time_part.h"

namespace nw::sigma {

// How an item compares. `equals` is also what `contains`, `startswith` and `endswith` are once their `*` stand in the
// pattern; they stay apart so that a match can say what the rule wrote.
enum class Op : std::uint8_t { equals, contains, startswith, endswith, re, cidr, gt, gte, lt, lte, exists };
std::string_view to_string(Op op);

// One value under a field, typed as YAML typed it.
struct RuleValue {
  enum class Kind : std::uint8_t { null, boolean, integer, real, text };
  Kind kind = Kind::null;
  bool truth = false;
  bool encoded = false;  // by wide or base64: no longer text that people wrote
  std::int64_t integer = 0;
  double real = 0;
  std::string written;            // as the file has it
  std::vector<Pattern> patterns;  // text (and numbers, as their text): any of these; one, but for base64offset, expand
  Mark mark;
};

// One line of a detection: a field with its modifiers and values. Without a field: keywords.
struct Item {
  std::string field;
  std::vector<std::string> modifiers;
  std::vector<RuleValue> values;
  Op op = Op::equals;
  bool all = false, cased = false, negated = false, field_reference = false;
  TimePart part = TimePart::none;  // of the field's time, which is compared instead of the field
  RegexFlags regex;
  Mark mark;
};

struct Detection {
  enum class Kind : std::uint8_t { all, any, item };
  Kind kind = Kind::all;
  Mark mark;
  std::vector<Detection> children;
  Item item;
};

struct Identifier {
  std::string name;
  Mark mark;
  Detection detection;
};

struct Rule {
  RuleInfo info;
  std::vector<Identifier> identifiers;
  Condition condition;
  // What an event must have, besides, to be of the level `info.lowered`.
  std::optional<Identifier> lowered_when;
  // What it says of several events: with identifiers, of those that its own detection finds; without, of other rules'.
  std::optional<Correlation> correlation;
  // Joined by `and`. Each is a rule of its own: its condition means its own identifiers, whatever their names.
  std::vector<std::shared_ptr<const Rule>> filters;
  bool satisfiable = true;  // satisfiable.h, without its filters; set when it is checked
  std::size_t nodes = 0;    // that it compiles to, at most, without its filters; set when it is checked
};

struct Filter;  // see filter.h

struct ReadResult {
  ReadResult();
  ~ReadResult();
  ReadResult(ReadResult&&) noexcept;
  ReadResult& operator=(ReadResult&&) noexcept;

  std::vector<Rule> rules;
  std::vector<Filter> filters;
  std::size_t refused = 0;          // documents with an error; a file that is no YAML counts once
  std::size_t refused_filters = 0;  // of these
  // What the site's variables can mean; only when there are any, and not kept in a cache.
  std::vector<VariableTarget> targets;
};

// The file's good documents, in order. Nothing in the result refers to `text`.
ReadResult read_rules(const RuleText& text, const CompileOptions& options, Diagnostics& diagnostics);

}  // namespace nw::sigma
