#include "detect/sigma/compile.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "detect/sigma/join.h"
#include "detect/sigma/keyword_filter.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/program.h"
#include "detect/sigma/trigger.h"

namespace nw::sigma {

namespace {

// What a condition can come to when some fields are never there. Atoms count as independent of each other.
struct Possible {
  bool yes = true, no = true;
};

// Which fields the events of one type can have.
class Fields {
 public:
  // Fields that join the schema later are those that only rules name.
  Fields(const event::Schema& schema, const event::Type& type, const CompileOptions& options)
      : schema_{&schema}, type_{&type}, has_(schema.field_count(), type.open) {
    for (std::size_t i = 0; i < event::common_fields().size(); ++i) has_[i] = true;
    if (!type.open_below.empty())
      for (std::size_t i = 0; i < has_.size(); ++i)
        if (type.open_to(schema.field_name(static_cast<event::FieldId>(i)))) has_[i] = true;
    for (const std::string_view name : options.produced_fields)
      if (const auto id = schema.find_field(name)) has_[index(*id)] = true;
    for (const event::FieldId id : type.fields) has_[index(id)] = true;
  }
  [[nodiscard]] bool has(event::FieldId id) const {
    if (id == event::kNoField) return true;
    return index(id) < has_.size() ? has_[index(id)] : type_->open_to(schema_->field_name(id));
  }

 private:
  const event::Schema* schema_;
  const event::Type* type_;  // types are not added while rules are compiled
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

void subscribe(const RuleSet::Data& data, const Instance& rule, event::TypeId type, event::Interest& interest) {
  interest.want(type);
  for (std::uint32_t i = rule.first; i < rule.end; ++i) {
    if (data.nodes[i].kind != Node::Kind::atom) continue;
    const Atom& atom = data.atoms[data.nodes[i].operand];
    // Keywords want more: see want_for_keywords().
    if (atom.field != event::kNoField) interest.want(type, atom.field);
    if (atom.other != event::kNoField) interest.want(type, atom.other);
  }
}

// Keywords search every field: of all lines, or of those that hold a piece of one.
void want_for_keywords(RuleSet::Data& data, event::TypeId type, ScannerPool& pool) {
  const TypePlan& plan = data.types[index(type)];
  std::set<std::uint32_t> numbers;
  for (const Instance& instance : plan.rules)
    for (std::uint32_t i = instance.first; i < instance.end; ++i)
      if (data.nodes[i].kind == Node::Kind::atom && data.atoms[data.nodes[i].operand].field == event::kNoField)
        numbers.insert(data.nodes[i].operand);
  if (numbers.empty()) return;
  std::vector<const Atom*> keywords;
  for (const std::uint32_t number : numbers) keywords.push_back(&data.atoms[number]);
  auto pieces = plan.structured ? keyword_pieces(keywords) : std::nullopt;
  if (pieces)
    data.interest.want_all_of(type, make_keyword_filter(std::move(*pieces), pool));
  else
    data.interest.want_all(type);
}

// The fields that none of the types has, of the program that begins at `first`.
void add_missing(const RuleSet::Data& data, std::uint32_t first, const event::Schema& schema,
                 const std::vector<const Fields*>& types, std::set<std::string>& out) {
  const auto look = [&](event::FieldId id) {
    if (std::ranges::none_of(types, [&](const Fields* fields) { return fields->has(id); }))
      out.emplace(schema.field_name(id));
  };
  for (std::uint32_t i = first; i < data.nodes[first].end; ++i) {
    if (data.nodes[i].kind != Node::Kind::atom) continue;
    look(data.atoms[data.nodes[i].operand].field);
    look(data.atoms[data.nodes[i].operand].other);
  }
}

void add_names(const Detection& detection, std::set<std::string_view>& out) {
  if (detection.kind == Detection::Kind::item) {
    out.insert(detection.item.field);
    if (detection.item.field_reference)
      for (const RuleValue& value : detection.item.values) out.insert(value.written);
  }
  for (const Detection& child : detection.children) add_names(child, out);
}

// Puts rules where they can fire.
class Placer {
 public:
  Placer(RuleSet::Data& data, event::Schema& schema, const CompileOptions& options, Diagnostics& diagnostics)
      : data_{data}, schema_{schema}, diagnostics_{diagnostics}, builder_{data, schema} {
    for (std::size_t i = 0; i < schema.type_count(); ++i)
      fields_.emplace_back(schema, schema.type(static_cast<event::TypeId>(i)), options);
  }

  void place(const Rule& rule, std::uint32_t number) {
    CompiledRule& compiled = data_.rules[number];
    std::vector<const Fields*> candidates;
    variants_.clear();
    names_.clear();
    for (const Identifier& identifier : rule.identifiers) add_names(identifier.detection, names_);
    for (const auto& filter : rule.filters)
      for (const Identifier& identifier : filter->identifiers) add_names(identifier.detection, names_);
    if (rule.lowered_when) add_names(rule.lowered_when->detection, names_);
    bool lowers = false, possible_somewhere = false;
    for (std::size_t i = 0; i < data_.types.size(); ++i) {
      const auto id = static_cast<event::TypeId>(i);
      if (!fits(rule.info.log_source, schema_.type(id))) continue;
      candidates.push_back(&fields_[i]);
      const Instance instance = variant(rule, number, schema_.type(id));
      if (!possible(data_, instance.first, fields_[i]).yes) continue;
      possible_somewhere = true;
      if (!schema_.type(id).later) compiled.state = RuleState::live;
      lowers |= instance.lowers != Instance::kNever && possible(data_, instance.lowers, fields_[i]).yes;
      data_.types[i].rules.push_back(instance);
      subscribe(data_, instance, id, data_.interest);
    }
    if (possible_somewhere && rule.lowered_when && !lowers) warn_never_lowered(rule, candidates);
    if (compiled.state == RuleState::live || candidates.empty()) return;
    if (possible_somewhere) {
      compiled.state = RuleState::dormant_not_fed;
      return;
    }
    compiled.state = RuleState::dormant_no_field;
    std::set<std::string> missing;
    for (const Variant& each : variants_) add_missing(data_, each.instance.first, schema_, candidates, missing);
    compiled.missing.assign(missing.begin(), missing.end());
  }

 private:
  struct Variant {
    std::vector<event::FieldAlias> aliases;
    Instance instance;
  };

  void warn_never_lowered(const Rule& rule, const std::vector<const Fields*>& candidates) {
    std::set<std::string> missing;
    for (const Variant& each : variants_) add_missing(data_, each.instance.lowers, schema_, candidates, missing);
    std::string names;
    for (const std::string& name : missing) names += (names.empty() ? "" : ", ") + printable(name, 64);
    diagnostics_.warning(rule.info.file, rule.lowered_when->mark, "downgrade-never",
                         "no event of the rule's log source has what 'downgrade_when' asks for: " + names,
                         "check the names; until then the rule keeps its level");
  }

  // The rule's program for events of the type; types that alias none of its fields share one.
  Instance variant(const Rule& rule, std::uint32_t number, const event::Type& type) {
    std::vector<event::FieldAlias> aliases;
    for (const event::FieldAlias& alias : type.aliases)
      if (names_.contains(schema_.field_name(alias.named))) aliases.push_back(alias);
    const auto known = std::ranges::find(variants_, aliases, &Variant::aliases);
    if (known != variants_.end()) return known->instance;
    Instance made{number, 0, 0};
    builder_.build(rule, aliases, made);
    variants_.push_back({std::move(aliases), made});
    return made;
  }

  RuleSet::Data& data_;
  event::Schema& schema_;
  Diagnostics& diagnostics_;
  ProgramBuilder builder_;
  std::vector<Fields> fields_;
  std::vector<Variant> variants_;     // of the rule at hand
  std::set<std::string_view> names_;  // likewise: the fields that it names
};

// Decides what sets the rules of one type off, and builds the indexes.
class Planner {
 public:
  Planner(RuleSet::Data& data, ScannerPool& pool) : data_{data}, pool_{pool} {}

  void plan(TypePlan& plan) {
    // Twice: the second time it is known which fields are looked up anyway.
    std::vector<std::uint32_t> use(data_.fields, 0);
    for (const Instance& instance : plan.rules)
      if (const auto trigger = choose_trigger(data_.nodes, data_.atoms, instance.first, {})) count(*trigger, use);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> met;  // atom, position of a rule that it sets off
    for (std::uint32_t i = 0; i < plan.rules.size(); ++i) {
      const auto trigger = choose_trigger(data_.nodes, data_.atoms, plan.rules[i].first, use);
      if (!trigger) plan.always.push_back(i);
      if (!trigger) continue;
      for (const std::uint32_t atom : trigger->atoms) met.emplace_back(atom, i);
    }
    std::ranges::sort(met);
    plan.indexed.assign(data_.atoms.size(), false);
    std::map<event::FieldId, std::vector<FieldIndex::Target>> by_field;
    for (const auto& [number, position] : met) {
      const Atom& atom = data_.atoms[number];
      auto& targets = by_field[atom.field];
      if (targets.empty() || targets.back().atom != number) {
        const auto first = static_cast<std::uint32_t>(plan.triggers.size());
        const bool exact = atom.test == Atom::Test::text && !atom.cased && atom.shape != Atom::Shape::glob;
        targets.push_back({number, first, first, exact});
        plan.indexed[number] = true;
      }
      plan.triggers.push_back(position);
      ++targets.back().end;
    }
    plan.fields.reserve(by_field.size());
    for (const auto& [field, targets] : by_field) {
      if (field == event::kNoField)
        plan.keywords = std::make_unique<FieldIndex>(field, targets, data_.atoms, pool_);
      else
        plan.fields.emplace_back(field, targets, data_.atoms, pool_);
    }
  }

 private:
  void count(const Trigger& trigger, std::vector<std::uint32_t>& use) const {
    std::set<event::FieldId> fields;
    for (const std::uint32_t atom : trigger.atoms) fields.insert(data_.atoms[atom].field);
    for (const event::FieldId field : fields)
      if (field != event::kNoField) ++use[index(field)];
  }

  RuleSet::Data& data_;
  ScannerPool& pool_;
};

std::size_t values_of(const Detection& detection) {
  std::size_t total = detection.kind == Detection::Kind::item ? detection.item.values.size() : 0;
  for (const Detection& child : detection.children) total += values_of(child);
  return total;
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
                                             const CompileOptions& options, ScannerPool& pool,
                                             Diagnostics& diagnostics) {
  auto data = std::make_unique<RuleSet::Data>();
  data->types.resize(schema.type_count());
  for (std::size_t i = 0; i < data->types.size(); ++i)
    data->types[i].structured = schema.type(static_cast<event::TypeId>(i)).structured;
  data->produced_fields.assign(options.produced_fields.begin(), options.produced_fields.end());
  for (const std::string_view name : options.produced_fields) schema.add_field(name);
  // About as many atoms and nodes as the rules have values: growing by doubling would copy them all again and again.
  std::size_t values = 0;
  for (const Rule& rule : rules)
    for (const Identifier& identifier : rule.identifiers) values += values_of(identifier.detection);
  data->atoms.reserve(values);
  data->nodes.reserve(values + values / 2);
  Placer placer{*data, schema, options, diagnostics};
  // Correlations come behind what they refer to.
  const auto correlations =
      std::stable_partition(rules.begin(), rules.end(), [](const Rule& rule) { return !rule.identifiers.empty(); });
  for (Rule& rule : std::span{rules.begin(), correlations}) {
    // Counted before the names are known to be new: a little early, never late.
    std::size_t named = 0;
    for (const Identifier& identifier : rule.identifiers) named += fields_named(identifier.detection);
    for (const auto& filter : rule.filters)
      for (const Identifier& identifier : filter->identifiers) named += fields_named(identifier.detection);
    if (rule.lowered_when) named += fields_named(rule.lowered_when->detection);
    if (rule.correlation) named += fields_named(*rule.correlation);
    if (schema.field_count() + named > kFieldsMax || data->nodes.size() > kSetNodesMax) {
      diagnostics.error(rule.info.file, rule.info.mark, "limit",
                        "the rules name more than " + std::to_string(kFieldsMax) + " fields, or compare more than " +
                            std::to_string(kSetNodesMax) + " times",
                        "load fewer");
      ++data->refused;
      continue;
    }
    if (rule.correlation) name_fields(*rule.correlation, schema);
    data->rules.emplace_back();
    if (rule.satisfiable)
      placer.place(rule, static_cast<std::uint32_t>(data->rules.size() - 1));
    else
      data->rules.back().state = RuleState::unsatisfiable;
    data->rules.back().info = std::move(rule.info);
    data->rules.back().correlation = std::move(rule.correlation);
  }
  join_correlations(std::span{correlations, rules.end()}, *data, schema, diagnostics);
  data->fields = schema.field_count();
  Planner planner{*data, pool};
  for (std::size_t i = 0; i < data->types.size(); ++i) {
    planner.plan(data->types[i]);
    want_for_keywords(*data, static_cast<event::TypeId>(i), pool);
  }
  data->scanners = pool.all();
  return data;
}

}  // namespace nw::sigma
