#include "detect/sigma/compile.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/program.h"

namespace nw::sigma {

namespace {

// What a condition can come to when some fields are never there. Atoms count as independent of each other.
struct Possible {
  bool yes = true, no = true;
};

// Which fields the events of one type can have.
class Fields {
 public:
  Fields(const event::Schema& schema, const event::Type& type, const CompileOptions& options)
      : has_(schema.field_count(), type.open) {
    for (std::size_t i = 0; i < event::common_fields().size(); ++i) has_[i] = true;
    for (const std::string_view name : options.produced_fields)
      if (const auto id = schema.find_field(name)) has_[index(*id)] = true;
    for (const event::FieldId id : type.fields) has_[index(id)] = true;
  }
  [[nodiscard]] bool has(event::FieldId id) const { return id == event::kNoField || has_[index(id)]; }

 private:
  std::vector<bool> has_;
};

Possible of_atom(const Atom& atom, const Fields& fields) {
  if (fields.has(atom.field) && fields.has(atom.other)) return {};
  const bool holds =
      !atom.negated && (atom.test == Atom::Test::absent || (atom.test == Atom::Test::exists && !atom.truth));
  return {holds, !holds};
}

Possible possible(const RuleSet::Data& data, std::uint32_t at, const Fields& fields) {
  const Node& node = data.nodes[at];
  if (node.kind == Node::Kind::atom) return of_atom(data.atoms[node.operand], fields);
  std::size_t operands = 0, can = 0, must = 0;
  for (std::uint32_t i = at + 1; i < node.end; i = data.nodes[i].end) {
    const Possible each = possible(data, i, fields);
    ++operands;
    if (each.yes) ++can;
    if (!each.no) ++must;
  }
  if (node.kind == Node::Kind::negation) return {must == 0, can != 0};
  const std::size_t needed = node.kind == Node::Kind::conjunction   ? operands
                             : node.kind == Node::Kind::disjunction ? 1
                                                                    : node.operand;
  return {can >= needed, must < needed};
}

void subscribe(const RuleSet::Data& data, const CompiledRule& rule, event::TypeId type, event::Interest& interest) {
  interest.want(type);
  for (std::uint32_t i = rule.first; i < rule.end; ++i) {
    if (data.nodes[i].kind != Node::Kind::atom) continue;
    const Atom& atom = data.atoms[data.nodes[i].operand];
    if (atom.field == event::kNoField)
      interest.want_all(type);
    else
      interest.want(type, atom.field);
    if (atom.other != event::kNoField) interest.want(type, atom.other);
  }
}

std::vector<std::string> missing(const RuleSet::Data& data, const CompiledRule& rule, const event::Schema& schema,
                                 const std::vector<const Fields*>& types) {
  std::set<std::string> out;
  const auto look = [&](event::FieldId id) {
    if (std::ranges::none_of(types, [&](const Fields* fields) { return fields->has(id); }))
      out.emplace(schema.field_name(id));
  };
  for (std::uint32_t i = rule.first; i < rule.end; ++i) {
    if (data.nodes[i].kind != Node::Kind::atom) continue;
    look(data.atoms[data.nodes[i].operand].field);
    look(data.atoms[data.nodes[i].operand].other);
  }
  return {out.begin(), out.end()};
}

// Puts the rule where it can fire, and says so when that is nowhere.
void place(RuleSet::Data& data, std::uint32_t number, const event::Schema& schema, const std::vector<Fields>& fields) {
  CompiledRule& rule = data.rules[number];
  std::vector<const Fields*> candidates;
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (!fits(rule.info.log_source, schema.type(id))) continue;
    candidates.push_back(&fields[i]);
    if (!possible(data, rule.first, fields[i]).yes) continue;
    rule.state = RuleState::live;
    data.by_type[i].push_back(number);
    subscribe(data, rule, id, data.interest);
  }
  if (rule.state == RuleState::live || candidates.empty()) return;
  rule.state = RuleState::dormant_no_field;
  rule.missing = missing(data, rule, schema, candidates);
}

std::size_t fields_named(const Detection& detection) {
  std::size_t total = detection.kind != Detection::Kind::item ? 0
                      : detection.item.field_reference        ? 1 + detection.item.values.size()
                                                              : 1;
  for (const Detection& child : detection.children) total += fields_named(child);
  return total;
}

}  // namespace

bool fits(const LogSource& wanted, const event::Type& type) {
  const auto is = [](const std::string& lower, std::string_view name) {
    return lower.empty() || to_ascii_lower(name) == lower;
  };
  const auto among = [&](const std::string& lower, const std::vector<std::string>& names) {
    return lower.empty() || std::ranges::any_of(names, [&](const std::string& name) { return is(lower, name); });
  };
  if (is(wanted.product, type.product) && among(wanted.service, type.services) &&
      among(wanted.category, type.categories))
    return true;
  return std::ranges::any_of(type.answers, [&](const event::LogSourceName& name) {
    return is(wanted.product, name.product) && is(wanted.service, name.service) && is(wanted.category, name.category);
  });
}

std::unique_ptr<RuleSet::Data> compile_rules(std::vector<Rule> rules, event::Schema& schema,
                                             const CompileOptions& options, Diagnostics& diagnostics) {
  auto data = std::make_unique<RuleSet::Data>();
  ProgramBuilder builder{*data, schema};
  for (Rule& rule : rules) {
    // Counted before the names are known to be new: a little early, never late.
    std::size_t named = 0;
    for (const Identifier& identifier : rule.identifiers) named += fields_named(identifier.detection);
    for (const auto& filter : rule.filters)
      for (const Identifier& identifier : filter->identifiers) named += fields_named(identifier.detection);
    if (schema.field_count() + named > kFieldsMax || data->nodes.size() > kSetNodesMax) {
      diagnostics.error(rule.info.file, rule.info.mark, "limit",
                        "the rules name more than " + std::to_string(kFieldsMax) + " fields, or compare more than " +
                            std::to_string(kSetNodesMax) + " times",
                        "load fewer");
      ++data->refused;
      continue;
    }
    CompiledRule compiled;
    builder.build(rule, compiled);
    compiled.info = std::move(rule.info);
    data->rules.push_back(std::move(compiled));
  }
  data->by_type.resize(schema.type_count());
  data->produced_fields.assign(options.produced_fields.begin(), options.produced_fields.end());
  data->fields = schema.field_count();
  std::vector<Fields> fields;
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const event::Type& type = schema.type(static_cast<event::TypeId>(i));
    data->structured.push_back(type.structured);
    fields.emplace_back(schema, type, options);
  }
  for (std::uint32_t i = 0; i < data->rules.size(); ++i) place(*data, i, schema, fields);
  return data;
}

}  // namespace nw::sigma
