// Half of the third stage: one rule's tree to nodes and shared atoms.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "detect/sigma/compile.h"

namespace nw::sigma {

class ProgramBuilder {
 public:
  ProgramBuilder(RuleSet::Data& data, event::Schema& schema) : data_{data}, schema_{schema} {}

  // Appends the rule's nodes, and the atoms that no rule before it had, as they are for events that carry some fields
  // under other names. The rule has passed check_rules(). Fills what `out` says of nodes.
  void build(const Rule& rule, std::span<const event::FieldAlias> aliases, Instance& out);

 private:
  std::size_t open(Node::Kind kind, std::size_t operand = 0);
  void close(std::size_t node);
  void condition(const Rule& rule, const Condition& condition);
  void selector(const Rule& rule, const Condition& condition);
  void identifier(const Identifier& identifier);
  void detection(const Detection& detection);
  void item(const Item& item);
  void value(const Item& item, const RuleValue& value);
  void atom(const Item& item, const RuleValue& value, const Pattern* pattern);
  event::FieldId field(std::string_view name);

  RuleSet::Data& data_;
  event::Schema& schema_;
  std::span<const event::FieldAlias> aliases_;
  std::unordered_map<std::string, std::uint32_t> known_;  // an atom's meaning, spelt out: its number
};

}  // namespace nw::sigma
