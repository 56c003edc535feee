#include "detect/sigma/satisfiable.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "detect/sigma/check.h"

namespace nw::sigma {

namespace {

enum class Answer : std::uint8_t { no, yes, open };

Answer opposite(Answer answer) {
  return answer == Answer::open ? answer : answer == Answer::yes ? Answer::no : Answer::yes;
}

// At least `needed` of the children hold; a leaf is a variable; either may be turned round.
struct Expression {
  std::size_t variable = 0;
  bool leaf = false, negated = false;
  std::size_t needed = 0;
  std::vector<Expression> children;
};

// One comparison, or, without an item, that a field is there.
struct Variable {
  const Item* item = nullptr;
  const RuleValue* value = nullptr;
  const Pattern* pattern = nullptr;  // null: no comparison of text
  std::string field;
  bool positive = false, negative = false;  // where it occurs
};

// Writes the condition out. Too large a rule gives nothing.
class Writer {
 public:
  explicit Writer(const Rule& rule) : rule_{rule} {}

  std::optional<Expression> write() {
    Expression out = condition(rule_.condition, true);
    if (nodes_ > kProofNodesMax || variables_.size() > kProofAtomsMax) return std::nullopt;
    return out;
  }
  [[nodiscard]] const std::vector<Variable>& variables() const { return variables_; }

 private:
  // Beyond the bound the result is thrown away, so it need not be right.
  bool full() { return ++nodes_ > kProofNodesMax || variables_.size() > kProofAtomsMax; }

  Expression condition(const Condition& from, bool positive) {
    Expression out;
    if (full()) return out;
    if (from.kind == Condition::Kind::identifier) {
      const auto found = std::ranges::find(rule_.identifiers, from.name, &Identifier::name);
      return detection(found->detection, positive);
    }
    if (from.kind == Condition::Kind::selector) {
      for (const std::size_t chosen : select(rule_, from))
        out.children.push_back(detection(rule_.identifiers[chosen].detection, positive));
      out.needed = from.all ? out.children.size() : from.count;
      return out;
    }
    out.negated = from.kind == Condition::Kind::negation;
    for (const Condition& child : from.children)
      if (!vanishes(rule_, child)) out.children.push_back(condition(child, positive != out.negated));
    out.needed = from.kind == Condition::Kind::conjunction ? out.children.size() : 1;
    return out;
  }

  Expression detection(const Detection& from, bool positive) {
    Expression out;
    if (full()) return out;
    if (from.kind == Detection::Kind::item) return item(from.item, positive);
    for (const Detection& child : from.children) out.children.push_back(detection(child, positive));
    out.needed = from.kind == Detection::Kind::all ? out.children.size() : 1;
    return out;
  }

  // `neq` of several values: of none of them, where it was any.
  Expression item(const Item& from, bool positive) {
    Expression out;
    for (const RuleValue& value : from.values) {
      if (full()) return out;
      out.children.push_back(this->value(from, value, positive));
    }
    out.needed = from.all != from.negated ? out.children.size() : 1;
    return out;
  }

  Expression value(const Item& item, const RuleValue& value, bool positive) {
    Expression out;
    if (item.op == Op::exists) {
      out = leaf({nullptr, nullptr, nullptr, item.field}, positive == value.truth);
      out.negated = !value.truth;
      return out;
    }
    const bool text = value.kind == RuleValue::Kind::text && item.op != Op::re && !item.field_reference;
    if (!text || value.patterns.empty()) return leaf({&item, &value, nullptr, item.field}, positive);
    for (const Pattern& pattern : value.patterns)
      out.children.push_back(leaf({&item, &value, &pattern, item.field}, positive));
    out.needed = item.negated ? out.children.size() : 1;
    return out;
  }

  // Equal comparisons are one variable.
  Expression leaf(Variable variable, bool positive) {
    Expression out;
    out.leaf = true;
    const auto [found, fresh] = known_.try_emplace(spell(variable), variables_.size());
    if (fresh) variables_.push_back(std::move(variable));
    out.variable = found->second;
    (positive ? variables_[out.variable].positive : variables_[out.variable].negative) = true;
    return out;
  }

  static std::string spell(const Variable& variable) {
    std::string out = variable.field + '\0';
    if (variable.item == nullptr) return out;
    const Item& item = *variable.item;
    for (const bool flag : {item.cased, item.negated, item.field_reference, item.regex.ignore_case,
                            item.regex.multiline, item.regex.dotall})
      out += flag ? '1' : '0';
    // The four ways to compare text differ in their patterns alone.
    const bool by_pattern = variable.pattern != nullptr;
    out += std::to_string(static_cast<int>(item.part)) + ':' +
           std::to_string(by_pattern ? 0 : static_cast<int>(item.op)) + ':' +
           std::to_string(static_cast<int>(variable.value->kind)) + ':';
    if (!by_pattern) return out + variable.value->written;
    for (const Pattern::Part& part : variable.pattern->parts())
      out += std::to_string(static_cast<int>(part.kind)) + ':' + std::to_string(part.text.size()) + ':' + part.text;
    return out;
  }

  const Rule& rule_;
  std::vector<Variable> variables_;
  std::map<std::string, std::size_t> known_;
  std::size_t nodes_ = 0;
};

// Whether every text that fits `narrow` fits `wide`. The wildcards of `narrow` become a byte that no text of a rule
// holds, so that only a `*` of `wide` can cover it; `?` could too, and would be wrong to.
bool within(const Variable& narrow, const Variable& wide) {
  if (narrow.pattern == nullptr || wide.pattern == nullptr || narrow.item->negated || wide.item->negated) return false;
  if (narrow.item->part != wide.item->part) return false;
  if (wide.item->cased && !narrow.item->cased) return false;
  for (const Pattern::Part& part : wide.pattern->parts())
    if (part.kind == Pattern::Kind::one || part.kind == Pattern::Kind::dash) return false;
  // An address is compared as such, whatever its spelling.
  IpAddress address;
  if (narrow.pattern->plain() && IpAddress::parse_into(narrow.pattern->plain_text(), address)) return false;
  Pattern from = *narrow.pattern, to = *wide.pattern;
  if (!wide.item->cased) {
    from.fold();
    to.fold();
  }
  std::string text;
  for (const Pattern::Part& part : from.parts()) text += part.kind == Pattern::Kind::literal ? part.text : "\xff";
  return to.match(text);
}

class Search {
 public:
  Search(const Expression& root, const std::vector<Variable>& variables)
      : root_{root}, answers_(variables.size(), Answer::open), follows_(2 * variables.size()) {
    for (std::size_t i = 0; i < variables.size(); ++i)
      for (std::size_t j = 0; j < variables.size(); ++j)
        if (i != j && variables[i].field == variables[j].field) relate(i, variables[i], j, variables[j]);
  }

  bool run() { return try_all(); }

 private:
  // A literal: variable * 2, and 1 more for "it holds".
  static std::size_t holds(std::size_t variable) { return 2 * variable + 1; }
  static std::size_t fails(std::size_t variable) { return 2 * variable; }

  void implies(std::size_t literal, std::size_t other) {
    follows_[literal].push_back(other);
    follows_[other ^ 1U].push_back(literal ^ 1U);
  }

  void relate(std::size_t i, const Variable& a, std::size_t j, const Variable& b) {
    const auto is_null = [](const Variable& v) { return v.item != nullptr && v.value->kind == RuleValue::Kind::null; };
    if (b.item == nullptr) {  // `b`: the field is there
      if (a.item == nullptr || a.field.empty()) return;
      if (!is_null(a) || a.item->negated)
        implies(holds(i), holds(j));
      else
        implies(fails(j), holds(i));
      return;
    }
    if (a.item == nullptr) return;
    if (a.item->negated && !b.item->negated && same_but_negation(a, b)) implies(holds(i), fails(j));
    // Elsewhere nothing would be learned: what occurs on one side only can have the answer that suits it.
    if (a.positive && b.negative && within(a, b)) implies(holds(i), holds(j));
  }

  static bool same_but_negation(const Variable& a, const Variable& b) {
    if ((a.pattern == nullptr) != (b.pattern == nullptr) || a.item->cased != b.item->cased) return false;
    if (a.item->part != b.item->part) return false;
    if (a.pattern != nullptr) return *a.pattern == *b.pattern;
    return a.item->op == b.item->op && a.value->kind == b.value->kind && a.value->written == b.value->written &&
           a.item->field_reference == b.item->field_reference && a.item->regex == b.item->regex;
  }

  // False: a contradiction. What was answered stands in `trail_`.
  bool answer(std::size_t literal) {
    std::vector<std::size_t> next{literal};
    while (!next.empty()) {
      const std::size_t each = next.back();
      next.pop_back();
      Answer& mine = answers_[each / 2];
      const Answer wanted = (each & 1U) != 0 ? Answer::yes : Answer::no;
      if (mine == wanted) continue;
      if (mine != Answer::open) return false;
      mine = wanted;
      trail_.push_back(each / 2);
      next.insert(next.end(), follows_[each].begin(), follows_[each].end());
    }
    return true;
  }

  void undo(std::size_t mark) {
    for (; trail_.size() > mark; trail_.pop_back()) answers_[trail_.back()] = Answer::open;
  }

  [[nodiscard]] Answer judge(const Expression& at) const {
    Answer out = Answer::open;
    if (at.leaf) {
      out = answers_[at.variable];
    } else {
      std::size_t yes = 0, possible = 0;
      for (const Expression& child : at.children) {
        const Answer each = judge(child);
        if (each == Answer::yes) ++yes;
        if (each != Answer::no) ++possible;
      }
      if (yes >= at.needed) out = Answer::yes;
      if (possible < at.needed) out = Answer::no;
    }
    return at.negated ? opposite(out) : out;
  }

  // The first open variable below an open expression, with the answer that works towards `wanted`.
  [[nodiscard]] std::size_t pick(const Expression& at, bool wanted) const {
    wanted = wanted != at.negated;
    if (at.leaf) return wanted ? holds(at.variable) : fails(at.variable);
    const auto child = std::ranges::find_if(at.children, [&](const Expression& c) { return judge(c) == Answer::open; });
    return pick(*child, wanted);
  }

  // Depth: one level for each variable at most.
  bool try_all() {
    const Answer now = judge(root_);
    if (now != Answer::open) return now == Answer::yes;
    if (++steps_ > kProofStepsMax) return true;
    const std::size_t literal = pick(root_, true), mark = trail_.size();
    for (const std::size_t each : {literal, literal ^ 1U}) {
      if (answer(each) && try_all()) return true;
      undo(mark);
    }
    return false;
  }

  const Expression& root_;
  std::vector<Answer> answers_;
  std::vector<std::vector<std::size_t>> follows_;
  std::vector<std::size_t> trail_;
  std::size_t steps_ = 0;
};

}  // namespace

bool satisfiable(const Rule& rule) {
  Writer writer{rule};
  const auto expression = writer.write();
  return !expression || Search{*expression, writer.variables()}.run();
}

}  // namespace nw::sigma
