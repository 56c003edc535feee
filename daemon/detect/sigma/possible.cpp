#include "detect/sigma/possible.h"

#include <algorithm>

#include "detect/sigma/ask.h"
#include "detect/sigma/compile.h"

namespace nw::sigma {

namespace {

struct Answer {
  bool possible = true, certain = false;
};

class Asked {
 public:
  Asked(const RuleSet::Data& data, const event::Event& event, std::span<const event::FieldId> known)
      : data_{data}, known_{known}, subject_{data.fields, counters_} {
    subject_.begin(event);
  }

  Answer node(std::uint32_t at) {
    const Node& node = data_.nodes[at];
    if (node.kind == Node::Kind::atom) return atom(data_.atoms[node.operand]);
    std::size_t operands = 0, possible = 0, certain = 0;
    for (std::uint32_t i = at + 1; i < node.end; i = data_.nodes[i].end, ++operands) {
      const Answer answer = this->node(i);
      possible += answer.possible ? 1U : 0U;
      certain += answer.certain ? 1U : 0U;
    }
    switch (node.kind) {
      case Node::Kind::negation: return {certain == 0, possible == 0};
      case Node::Kind::conjunction: return {possible == operands, certain == operands};
      case Node::Kind::disjunction: return {possible > 0, certain > 0};
      default: return {possible >= node.operand, certain >= node.operand};
    }
  }

 private:
  [[nodiscard]] bool knows(event::FieldId field) const { return std::ranges::find(known_, field) != known_.end(); }

  Answer atom(const Atom& atom) {
    if (!knows(atom.field) || (atom.test == Atom::Test::reference && !knows(atom.other))) return {};
    std::uint32_t through = Asker::kNobody;
    const bool holds = asker_.holds(atom, false, through);
    return {holds, holds};
  }

  const RuleSet::Data& data_;
  std::span<const event::FieldId> known_;
  MatchCounters counters_;
  Subject subject_;
  Asker asker_{subject_, counters_};
};

}  // namespace

bool may_fire(const RuleSet& rules, std::size_t rule, const event::Event& event,
              std::span<const event::FieldId> known) {
  const RuleSet::Data& data = rules.data();
  if (index(event.type()) >= data.types.size()) return false;
  const auto& able = data.types[index(event.type())].rules;
  const auto instance = std::ranges::find(able, static_cast<std::uint32_t>(rule), &Instance::rule);
  return instance != able.end() && Asked{data, event, known}.node(instance->first).possible;
}

}  // namespace nw::sigma
