#include "detect/sigma/explain.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "detect/sigma/ask.h"
#include "detect/sigma/compile.h"

namespace nw::sigma {

namespace {

constexpr std::array<std::string_view, 4> kCosts{"hashed", "scanned", "confirmed", "always evaluated"};
constexpr std::size_t kPatternShownBytes = 200;

// "CommandLine contains ' -enc '"; the field under which the event carries it, where that is another.
std::string text_of(const Atom& atom, const event::Schema& schema) {
  std::string out = atom.field_name.empty() ? "keyword" : printable(atom.field_name, kPatternShownBytes);
  const auto carried = [&](std::string_view written, event::FieldId field) {
    if (field != event::kNoField && schema.field_name(field) != written)
      out += " (here " + std::string{schema.field_name(field)} + ')';
  };
  carried(atom.field_name, atom.field);
  if (atom.negated) out += " is not:";
  out += ' ' + std::string{atom.op};
  if (atom.test != Atom::Test::absent) out += " '" + printable(atom.written, kPatternShownBytes) + '\'';
  if (atom.test == Atom::Test::reference) carried(atom.written, atom.other);
  if (atom.cased) out += " (case matters)";
  return out;
}

std::string text_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::conjunction: return "all of";
    case Node::Kind::disjunction: return "any of";
    case Node::Kind::negation: return "not";
    default: return "at least " + std::to_string(node.operand) + " of";
  }
}

// Walks a program and lays it out in lines.
class Walker {
 public:
  Walker(const RuleSet::Data& data, const event::Schema& schema) : data_{data}, schema_{schema} {}
  virtual ~Walker() = default;

  // Whether the node holds, as far as atom() knows.
  bool walk(std::uint32_t at, std::size_t depth) {
    const Node& node = data_.nodes[at];
    const std::size_t line = lines_.size();
    lines_.emplace_back().depth = depth;
    if (const auto label = data_.labels.find(at); label != data_.labels.end()) lines_[line].label = label->second;
    if (node.kind == Node::Kind::atom) {
      lines_[line].atom = true;
      lines_[line].text = text_of(data_.atoms[node.operand], schema_);
      return lines_[line].holds = atom(node.operand, lines_[line]);
    }
    lines_[line].text = text_of(node);
    std::size_t operands = 0, held = 0;
    for (std::uint32_t i = at + 1; i < node.end; i = data_.nodes[i].end, ++operands)
      if (walk(i, depth + 1)) ++held;
    const bool holds = node.kind == Node::Kind::negation      ? held == 0
                       : node.kind == Node::Kind::conjunction ? held == operands
                       : node.kind == Node::Kind::disjunction ? held > 0
                                                              : held >= node.operand;
    return lines_[line].holds = holds;
  }
  std::vector<ProgramLine> take() { return std::exchange(lines_, {}); }

 protected:
  virtual bool atom(std::uint32_t number, ProgramLine& line) = 0;
  const RuleSet::Data& data_;
  const event::Schema& schema_;

 private:
  std::vector<ProgramLine> lines_;
};

class Judge final : public Walker {
 public:
  Judge(const RuleSet::Data& data, const event::Schema& schema, const event::Event& event)
      : Walker{data, schema},
        structured_{data.types[index(event.type())].structured},
        subject_{data.fields, counters_} {
    subject_.begin(event);
  }

 private:
  bool atom(std::uint32_t number, ProgramLine& line) override {
    const Atom& atom = data_.atoms[number];
    std::uint32_t through = Asker::kNobody;
    const bool holds = asker_.holds(atom, structured_, through);
    line.value = value(atom, through);
    return holds;
  }
  std::string value(const Atom& atom, std::uint32_t through) {
    if (through == Asker::kNobody && atom.field != event::kNoField) {
      const event::Value* value = subject_.event().get(atom.field);
      if (value == nullptr) return "absent";
      if (value->kind() == event::Value::Kind::null) return "null";
    }
    const std::string text = asker_.value_of(atom, through);
    return atom.field == event::kNoField && text.empty() ? text : '\'' + printable(text, kValueShownBytes) + '\'';
  }

  bool structured_;
  MatchCounters counters_;
  Subject subject_;
  Asker asker_{subject_, counters_};
};

class Describer final : public Walker {
 public:
  Describer(const RuleSet::Data& data, const event::Schema& schema, std::set<std::uint32_t> triggers)
      : Walker{data, schema}, triggers_{std::move(triggers)} {}

 private:
  bool atom(std::uint32_t number, ProgramLine& line) override {
    line.trigger = triggers_.contains(number);
    line.way = line.trigger ? FieldIndex::way_of(data_.atoms[number]) : "asked when needed";
    return false;
  }
  std::set<std::uint32_t> triggers_;
};

CostClass cost_of(const Atom& atom) {
  const std::string_view way = FieldIndex::way_of(atom);
  if (way.find("confirmed") != std::string_view::npos) return CostClass::confirmed;
  return way == "scan" ? CostClass::scanned : CostClass::hashed;
}

// The atoms that set off the rule at `position`.
std::set<std::uint32_t> triggers_of(const TypePlan& plan, std::uint32_t position) {
  std::set<std::uint32_t> out;
  const auto look = [&](const FieldIndex& index) {
    for (const FieldIndex::Target& target : index.targets())
      for (std::uint32_t i = target.first; i < target.end; ++i)
        if (plan.triggers[i] == position) out.insert(target.atom);
  };
  for (const FieldIndex& index : plan.fields) look(index);
  if (plan.keywords) look(*plan.keywords);
  return out;
}

}  // namespace

std::string_view to_string(CostClass cost) { return kCosts[static_cast<std::size_t>(cost)]; }

Explanation explain(const RuleSet& rules, std::size_t rule, const event::Event& event, const event::Schema& schema) {
  const RuleSet::Data& data = rules.data();
  Explanation out;
  out.of_log_source =
      index(event.type()) < data.types.size() && fits(rules.info(rule).log_source, schema.type(event.type()));
  if (!out.of_log_source) return out;
  const TypePlan& plan = data.types[index(event.type())];
  const auto instance = std::ranges::find(plan.rules, static_cast<std::uint32_t>(rule), &Instance::rule);
  out.can_fire = instance != plan.rules.end();
  if (!out.can_fire) return out;
  Judge judge{data, schema, event};
  out.fires = judge.walk(instance->first, 0);
  out.lines = judge.take();
  const RuleInfo& info = rules.info(rule);
  out.level = info.level;
  if (instance->lowers == Instance::kNever) return out;
  if (judge.walk(instance->lowers, 0)) out.level = *info.lowered;
  out.lowers = judge.take();
  return out;
}

std::vector<RulePlan> plans(const RuleSet& rules, std::size_t rule, const event::Schema& schema) {
  const RuleSet::Data& data = rules.data();
  std::vector<RulePlan> out;
  for (std::size_t type = 0; type < data.types.size(); ++type) {
    const TypePlan& plan = data.types[type];
    const auto instance = std::ranges::find(plan.rules, static_cast<std::uint32_t>(rule), &Instance::rule);
    if (instance == plan.rules.end()) continue;
    const auto position = static_cast<std::uint32_t>(instance - plan.rules.begin());
    RulePlan& described = out.emplace_back();
    described.type = schema.type(static_cast<event::TypeId>(type)).path;
    const std::set<std::uint32_t> triggers = triggers_of(plan, position);
    for (const std::uint32_t atom : triggers) described.cost = std::max(described.cost, cost_of(data.atoms[atom]));
    if (std::ranges::find(plan.always, position) != plan.always.end()) described.cost = CostClass::always;
    Describer describer{data, schema, triggers};
    describer.walk(instance->first, 0);
    described.lines = describer.take();
    if (instance->lowers == Instance::kNever) continue;
    describer.walk(instance->lowers, 0);
    described.lowers = describer.take();
  }
  return out;
}

}  // namespace nw::sigma
