#include "detect/sigma/program.h"

#include <algorithm>

#include "base/text.h"
#include "detect/sigma/check.h"
#include "detect/sigma/fold.h"
#include "event/value.h"

namespace nw::sigma {

namespace {

using Kind = Pattern::Kind;

void set_text(const Pattern& pattern, bool cased, Atom& out) {
  Pattern wanted = pattern;
  if (!cased) wanted.fold();
  const auto& parts = wanted.parts();
  const auto is = [&](std::size_t i, Kind kind) { return i < parts.size() && parts[i].kind == kind; };
  const auto take = [&](Atom::Shape shape, std::size_t literal) {
    out.shape = shape;
    out.literal = parts[literal].text;
  };
  if (wanted.plain()) {
    out.shape = Atom::Shape::exact;
    out.literal = std::string{wanted.plain_text()};
  } else if (parts.size() == 1 && is(0, Kind::many)) {
    out.shape = Atom::Shape::any;
  } else if (parts.size() == 2 && is(0, Kind::literal) && is(1, Kind::many)) {
    take(Atom::Shape::starts, 0);
  } else if (parts.size() == 2 && is(0, Kind::many) && is(1, Kind::literal)) {
    take(Atom::Shape::ends, 1);
  } else if (parts.size() == 3 && is(0, Kind::many) && is(1, Kind::literal) && is(2, Kind::many)) {
    take(Atom::Shape::contains, 1);
  } else {
    out.shape = Atom::Shape::glob;
    out.pattern = std::move(wanted);
  }
  out.has_address = out.shape == Atom::Shape::exact && IpAddress::parse_into(out.literal, out.address);
}

void set_equals(const RuleValue& value, Atom& out) {
  switch (value.kind) {
    case RuleValue::Kind::null: out.test = Atom::Test::absent; return;
    case RuleValue::Kind::boolean:
      out.test = Atom::Test::boolean;
      out.truth = value.truth;
      out.literal = value.truth ? "true" : "false";
      return;
    case RuleValue::Kind::integer:
      out.test = Atom::Test::integer;
      out.literal = std::to_string(value.integer);
      return;
    case RuleValue::Kind::real:
      out.test = Atom::Test::real;
      out.literal = event::Value::real(value.real).to_text();
      return;
    case RuleValue::Kind::text: out.test = Atom::Test::text; return;
  }
}

Atom::Shape reference_shape(Op op) {
  switch (op) {
    case Op::contains: return Atom::Shape::contains;
    case Op::startswith: return Atom::Shape::starts;
    case Op::endswith: return Atom::Shape::ends;
    default: return Atom::Shape::exact;
  }
}

void set_test(const Item& item, const RuleValue& value, Atom& out) {
  switch (item.op) {
    case Op::equals: set_equals(value, out); return;
    case Op::contains:
    case Op::startswith:
    case Op::endswith: out.test = Atom::Test::text; return;
    case Op::re: {
      RegexFault fault;
      out.test = Atom::Test::regex;
      out.regex = Regex::compile(value.written, item.regex, fault);
      return;
    }
    case Op::cidr:
      out.test = Atom::Test::network;
      if (const auto prefix = IpPrefix::parse(value.written)) out.network = *prefix;
      return;
    case Op::gt: out.test = Atom::Test::greater; return;
    case Op::gte: out.test = Atom::Test::greater_equal; return;
    case Op::lt: out.test = Atom::Test::less; return;
    case Op::lte: out.test = Atom::Test::less_equal; return;
    case Op::exists:
      out.test = Atom::Test::exists;
      out.truth = value.truth;
      return;
  }
}

std::string_view shown_op(const Item& item, const RuleValue& value) {
  if (item.negated) return "neq";
  if (item.field_reference) return "fieldref";
  if (item.part != TimePart::none && item.op == Op::equals) return to_string(item.part);
  if (item.op == Op::equals && value.kind == RuleValue::Kind::null) return "null";
  return to_string(item.op);
}

// Two atoms with the same spelling ask the same and are shown the same. `fields` are those that they ask.
std::string spell(std::string fields, const Item& item, const RuleValue& value, const Pattern* pattern) {
  std::string out = std::move(fields);
  out.reserve(out.size() + 2 * value.written.size() + 64);
  const auto add = [&](std::string_view part) {
    out += '\x1f';
    out += part;
  };
  const auto flag = [&](bool on) { out += on ? '1' : '0'; };
  add(item.field);
  add(to_string(item.op));
  add(std::to_string(static_cast<unsigned>(value.kind)));
  for (const bool on : {item.cased, item.negated, item.field_reference, item.regex.ignore_case, item.regex.multiline,
                        item.regex.dotall})
    flag(on);
  add(to_string(item.part));
  add(std::to_string(value.written.size()));
  add(value.written);
  if (pattern == nullptr) return out;
  for (const Pattern::Part& part : pattern->parts()) {
    add(std::to_string(static_cast<unsigned>(part.kind)) + ':' + std::to_string(part.text.size()));
    add(part.text);
  }
  return out;
}

}  // namespace

std::size_t ProgramBuilder::open(Node::Kind kind, std::size_t operand) {
  data_.nodes.push_back({kind, static_cast<std::uint32_t>(operand), 0});
  return data_.nodes.size() - 1;
}

void ProgramBuilder::close(std::size_t node) { data_.nodes[node].end = static_cast<std::uint32_t>(data_.nodes.size()); }

event::FieldId ProgramBuilder::field(std::string_view name) {
  if (name.empty()) return event::kNoField;
  const event::FieldId named = schema_.add_field(name);
  const auto alias = std::ranges::lower_bound(aliases_, named, {}, &event::FieldAlias::named);
  return alias != aliases_.end() && alias->named == named ? alias->carried : named;
}

void ProgramBuilder::build(const Rule& rule, std::span<const event::FieldAlias> aliases, Instance& out) {
  aliases_ = aliases;
  out.first = static_cast<std::uint32_t>(data_.nodes.size());
  if (rule.filters.empty()) {
    condition(rule, rule.condition);
  } else {
    const std::size_t node = open(Node::Kind::conjunction);
    condition(rule, rule.condition);
    for (const auto& filter : rule.filters) condition(*filter, filter->condition);
    close(node);
  }
  if (rule.lowered_when) {
    out.lowers = static_cast<std::uint32_t>(data_.nodes.size());
    identifier(*rule.lowered_when);
  }
  out.end = static_cast<std::uint32_t>(data_.nodes.size());
}

void ProgramBuilder::condition(const Rule& rule, const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::identifier:
      identifier(*std::ranges::find(rule.identifiers, condition.name, &Identifier::name));
      return;
    case Condition::Kind::selector: selector(rule, condition); return;
    default: break;
  }
  std::vector<const Condition*> kept;
  for (const Condition& child : condition.children)
    if (!vanishes(rule, child)) kept.push_back(&child);
  if (condition.kind != Condition::Kind::negation && kept.size() == 1) {
    this->condition(rule, *kept.front());
    return;
  }
  const std::size_t node = open(condition.kind == Condition::Kind::negation      ? Node::Kind::negation
                                : condition.kind == Condition::Kind::conjunction ? Node::Kind::conjunction
                                                                                 : Node::Kind::disjunction);
  for (const Condition* child : kept) this->condition(rule, *child);
  close(node);
}

void ProgramBuilder::selector(const Rule& rule, const Condition& condition) {
  const std::vector<std::size_t> chosen = select(rule, condition);
  if (chosen.size() == 1 && (condition.all || condition.count == 1)) {
    identifier(rule.identifiers[chosen.front()]);
    return;
  }
  const std::size_t node = condition.all          ? open(Node::Kind::conjunction)
                           : condition.count == 1 ? open(Node::Kind::disjunction)
                                                  : open(Node::Kind::at_least, condition.count);
  for (const std::size_t each : chosen) identifier(rule.identifiers[each]);
  close(node);
}

void ProgramBuilder::identifier(const Identifier& identifier) {
  data_.labels.emplace(static_cast<std::uint32_t>(data_.nodes.size()), identifier.name);
  detection(identifier.detection);
}

void ProgramBuilder::detection(const Detection& detection) {
  if (detection.kind == Detection::Kind::item) {
    item(detection.item);
    return;
  }
  if (detection.children.size() == 1) {
    this->detection(detection.children.front());
    return;
  }
  const bool all = detection.kind == Detection::Kind::all;
  const std::size_t node = open(all ? Node::Kind::conjunction : Node::Kind::disjunction);
  for (const Detection& child : detection.children) this->detection(child);
  close(node);
}

void ProgramBuilder::item(const Item& item) {
  if (item.values.size() == 1) {
    value(item, item.values.front());
    return;
  }
  // `neq` turns the whole item round, so each of its parts: none of the values, where it was any of them.
  const std::size_t node = open(item.all != item.negated ? Node::Kind::conjunction : Node::Kind::disjunction);
  for (const RuleValue& each : item.values) value(item, each);
  close(node);
}

// The forms that one value stands for stay alternatives, under `all` too.
void ProgramBuilder::value(const Item& item, const RuleValue& value) {
  const bool text = item.op != Op::re && !item.field_reference;
  if (!text || value.patterns.size() < 2) {
    atom(item, value, text && !value.patterns.empty() ? &value.patterns.front() : nullptr);
    return;
  }
  const std::size_t node = open(item.negated ? Node::Kind::conjunction : Node::Kind::disjunction);
  for (const Pattern& pattern : value.patterns) atom(item, value, &pattern);
  close(node);
}

void ProgramBuilder::atom(const Item& item, const RuleValue& value, const Pattern* pattern) {
  const event::FieldId field = this->field(item.field);
  const event::FieldId other = item.field_reference ? this->field(value.written) : event::kNoField;
  const std::string fields = std::to_string(index(field)) + ' ' + std::to_string(index(other));
  const auto [found, fresh] =
      known_.try_emplace(spell(fields, item, value, pattern), static_cast<std::uint32_t>(data_.atoms.size()));
  if (fresh) {
    Atom& atom = data_.atoms.emplace_back();
    atom.field = field;
    atom.cased = item.cased;
    atom.negated = item.negated;
    atom.whole = value.kind == RuleValue::Kind::integer;
    atom.integer = value.integer;
    atom.number = value.kind == RuleValue::Kind::real ? value.real : static_cast<double>(value.integer);
    atom.flags = item.regex;
    atom.op = shown_op(item, value);
    atom.field_name = item.field;
    atom.written = value.written;
    set_test(item, value, atom);
    if (item.part != TimePart::none) {
      atom.part = item.part;
      atom.order = atom.test;
      atom.test = Atom::Test::part;
    } else if (item.field_reference) {
      atom.test = Atom::Test::reference;
      atom.other = other;
      atom.shape = reference_shape(item.op);
    } else if (atom.test == Atom::Test::text && pattern != nullptr) {
      set_text(*pattern, item.cased, atom);
    }
  }
  close(open(Node::Kind::atom, found->second));
}

}  // namespace nw::sigma
