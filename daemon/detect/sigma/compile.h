// Third stage: checked rules to what the matcher runs. Atoms are shared by all rules that ask the same; a condition is
// a flat program over them; each kind of event has a plan: its rules, what sets them off, and an index for each field
// that can.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/ip.h"
#include "base/regex.h"
#include "detect/sigma/index.h"
#include "detect/sigma/pattern.h"
#include "detect/sigma/read.h"
#include "detect/sigma/rule_set.h"
#include "event/schema.h"

namespace nw::sigma {

// One question about one field: evaluated at most once per event, whatever the number of rules that ask it.
struct Atom {
  enum class Test : std::uint8_t {
    absent,  // no such field, or null
    exists,  // `truth` says which
    text,    // `shape`
    regex,
    network,
    boolean,
    integer,
    real,
    greater,  // these four compare with `number`
    greater_equal,
    less,
    less_equal,
    reference,  // with the field `other`, by `shape`
    part,       // `part` of a time with `integer`, by `order`
  };
  // What a text pattern comes down to. The first five compare with `literal`.
  enum class Shape : std::uint8_t { exact, contains, starts, ends, any, glob };

  event::FieldId field = event::kNoField;  // kNoField: keyword, asked of the whole event
  event::FieldId other = event::kNoField;
  Test test = Test::text;
  Shape shape = Shape::exact;
  Test order = Test::integer;  // part: greater, ..., less_equal, or integer for the same number
  TimePart part = TimePart::none;
  bool cased = false;
  bool negated = false;  // `neq`: the field is there, is not null, and the test fails on each of its values
  bool truth = false;
  bool whole = false;  // `number` is `integer`, exactly
  bool has_address = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string literal;  // folded unless `cased`
  Pattern pattern;      // glob; folded unless `cased`
  IpAddress address;    // the literal, when it is one: an address value is compared as such
  IpPrefix network;
  std::unique_ptr<const Regex> regex;
  RegexFlags flags;
  std::string_view op;     // static
  std::string field_name;  // as the rule wrote it, and
  std::string written;
};

// Prefix order: a node's operands follow it, up to `end`.
struct Node {
  enum class Kind : std::uint8_t { atom, conjunction, disjunction, negation, at_least };
  Kind kind;
  std::uint32_t operand;  // atom: its number; at_least: how many
  std::uint32_t end;      // the node after the last operand
};

struct CompiledRule {
  RuleInfo info;
  RuleState state = RuleState::dormant_no_source;
  std::vector<std::string> missing;
  std::optional<Correlation> correlation;
  bool silent = false, feeds = false;
  std::vector<std::string> reads;                     // RuleSet::read_fields()
  std::vector<std::vector<event::FieldId>> read_ids;  // by event type
};

// A rule as it is for one kind of event. Kinds whose events carry its fields under the same names share the nodes.
struct Instance {
  static constexpr std::uint32_t kNever = static_cast<std::uint32_t>(-1);
  std::uint32_t rule, first, end;  // its number, its nodes
  std::uint32_t lowers = kNever;   // of these, where those begin that lower its level
};

// Everything that is done with the events of one kind.
struct TypePlan {
  bool structured = false;              // event::Type::structured
  std::vector<Instance> rules;          // those that could fire, in the order of the set
  std::vector<std::uint32_t> always;    // positions in `rules`: those without a trigger
  std::vector<std::uint32_t> triggers;  // positions in `rules`; FieldIndex::Target::first and end lie in it
  std::vector<FieldIndex> fields;
  std::unique_ptr<FieldIndex> keywords;
  std::vector<bool> indexed;  // by atom: where its index does not find it, it does not hold
};

struct RuleSet::Data {
  std::vector<CompiledRule> rules;
  std::vector<Atom> atoms;
  std::vector<Node> nodes;
  std::map<std::uint32_t, std::string> labels;  // by node: the identifier that begins there, for people
  std::vector<TypePlan> types;                  // by event type
  std::vector<std::shared_ptr<const Scanner>> scanners;
  event::Interest interest;
  std::size_t refused = 0;
  FilterSummary filters;
  std::vector<std::string> produced_fields;
  std::size_t fields = 0;  // one more than the highest field that an atom asks
};

// Whether the type's events are of the rule's log source: each dimension that the rule gives is the type's.
bool fits(const LogSource& wanted, const event::Type& type);

// Adds the rules' fields to `schema`. A rule that would not fit into the schema is reported, counted and left out.
// The scanners come from `pool`.
std::unique_ptr<RuleSet::Data> compile_rules(std::vector<Rule> rules, event::Schema& schema,
                                             const CompileOptions& options, ScannerPool& pool,
                                             Diagnostics& diagnostics);

}  // namespace nw::sigma
