#include "detect/sigma/rule_set.h"

#include <optional>
#include <utility>

#include "detect/sigma/cache.h"
#include "detect/sigma/check.h"
#include "detect/sigma/compile.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/lint.h"
#include "detect/sigma/read.h"
#include "detect/sigma/satisfiable.h"

namespace nw::sigma {

RuleSet::RuleSet() = default;
RuleSet::~RuleSet() = default;

namespace {

// All texts, one after the other, and what is wrong with the rules in them.
Reading read_all(std::span<const RuleText> texts, const CompileOptions& options) {
  Reading all;
  Diagnostics diagnostics;
  std::vector<VariableTarget> targets;
  for (const RuleText& text : texts) {
    ReadResult read = read_rules(text, options, diagnostics);
    all.result.refused += read.refused;
    all.result.refused_filters += read.refused_filters;
    for (Rule& rule : read.rules) all.result.rules.push_back(std::move(rule));
    for (VariableTarget& target : read.targets) targets.push_back(std::move(target));
    for (Filter& filter : read.filters) all.result.filters.push_back(std::move(filter));
  }
  check_variable_settings(options.variables, targets, diagnostics);
  all.result.refused += check_rules(all.result.rules, diagnostics);
  for (Rule& rule : all.result.rules) rule.satisfiable = rule.identifiers.empty() || satisfiable(rule);
  all.diagnostics = diagnostics.all();
  return all;
}

}  // namespace

std::shared_ptr<const RuleSet> RuleSet::compile(std::span<const RuleText> texts, event::Schema& schema,
                                                const CompileOptions& options, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.errors();
  CompileCache* const cache = options.cache;
  std::optional<CacheContent> stored;
  if (cache != nullptr) stored = open_cache(cache->bytes, cache->key);
  std::optional<Reading> reading;
  if (stored) reading = to_reading(stored->reading);
  const bool known = reading.has_value();
  if (!known) reading = read_all(texts, options);
  std::string read_bytes;
  if (cache != nullptr && !known) read_bytes = to_bytes(*reading);
  for (Diagnostic& d : reading->diagnostics) diagnostics.add(std::move(d));
  ReadResult& read = reading->result;
  std::size_t refused = read.refused;
  FilterSummary filters = apply_filters(std::move(read.filters), read.rules, options, refused, diagnostics);
  filters.refused += read.refused_filters;
  if (options.lint != nullptr) lint_rules(texts, read.rules, *options.lint, diagnostics);
  // A strict set with errors must leave the schema as it was.
  if (!options.permissive && diagnostics.errors() != errors) return nullptr;
  // The pool borrows what was stored.
  if (!stored) stored.emplace();
  ScannerPool pool{stored->databases};
  std::unique_ptr<Data> data = compile_rules(std::move(read.rules), schema, options, pool, diagnostics);
  if (!options.permissive && diagnostics.errors() != errors) return nullptr;
  if (cache != nullptr && (!known || pool.compiled())) {
    cache->bytes = make_cache(cache->key, {known ? stored->reading : read_bytes, pool.serialise()});
    cache->changed = true;
  }
  data->refused += refused;
  data->filters = filters;
  std::shared_ptr<RuleSet> set{new RuleSet};
  set->data_ = std::move(data);
  return set;
}

std::size_t RuleSet::size() const noexcept { return data_->rules.size(); }
const RuleInfo& RuleSet::info(std::size_t rule) const noexcept { return data_->rules[rule].info; }
RuleState RuleSet::state(std::size_t rule) const noexcept { return data_->rules[rule].state; }
const Correlation* RuleSet::correlation(std::size_t rule) const noexcept {
  const auto& correlation = data_->rules[rule].correlation;
  return correlation ? &*correlation : nullptr;
}
bool RuleSet::silent(std::size_t rule) const noexcept { return data_->rules[rule].silent; }
bool RuleSet::feeds(std::size_t rule) const noexcept { return data_->rules[rule].feeds; }
std::span<const std::string> RuleSet::read_fields(std::size_t rule) const noexcept { return data_->rules[rule].reads; }
std::span<const event::FieldId> RuleSet::read_ids(std::size_t rule, event::TypeId type) const noexcept {
  const auto& by_type = data_->rules[rule].read_ids;
  return index(type) < by_type.size() ? std::span<const event::FieldId>{by_type[index(type)]}
                                      : std::span<const event::FieldId>{};
}
std::vector<std::string> RuleSet::missing_fields(std::size_t rule) const { return data_->rules[rule].missing; }
std::size_t RuleSet::refused() const noexcept { return data_->refused; }
const FilterSummary& RuleSet::filters() const noexcept { return data_->filters; }
std::vector<std::uint32_t> RuleSet::rules_on(event::TypeId type) const {
  std::vector<std::uint32_t> out;
  if (index(type) < data_->types.size())
    for (const Instance& instance : data_->types[index(type)].rules) out.push_back(instance.rule);
  return out;
}
const event::Interest& RuleSet::interest() const noexcept { return data_->interest; }

}  // namespace nw::sigma
