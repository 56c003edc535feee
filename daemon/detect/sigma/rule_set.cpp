#include "detect/sigma/rule_set.h"

#include "detect/sigma/check.h"
#include "detect/sigma/compile.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/read.h"

namespace nw::sigma {

RuleSet::RuleSet() = default;
RuleSet::~RuleSet() = default;

std::shared_ptr<const RuleSet> RuleSet::compile(std::span<const RuleText> texts, event::Schema& schema,
                                                const CompileOptions& options, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.errors();
  std::vector<Rule> rules;
  std::vector<Filter> filters;
  std::size_t refused = 0, refused_filters = 0;
  for (const RuleText& text : texts) {
    ReadResult read = read_rules(text, options, diagnostics);
    refused += read.refused;
    refused_filters += read.refused_filters;
    for (Rule& rule : read.rules) rules.push_back(std::move(rule));
    for (Filter& filter : read.filters) filters.push_back(std::move(filter));
  }
  refused += check_rules(rules, diagnostics);
  FilterSummary summary = apply_filters(std::move(filters), rules, options, refused, diagnostics);
  summary.refused += refused_filters;
  // A strict set with errors must leave the schema as it was.
  if (!options.permissive && diagnostics.errors() != errors) return nullptr;
  std::unique_ptr<Data> data = compile_rules(std::move(rules), schema, options, diagnostics);
  if (!options.permissive && diagnostics.errors() != errors) return nullptr;
  data->refused += refused;
  data->filters = summary;
  std::shared_ptr<RuleSet> set{new RuleSet};
  set->data_ = std::move(data);
  return set;
}

std::size_t RuleSet::size() const noexcept { return data_->rules.size(); }
const RuleInfo& RuleSet::info(std::size_t rule) const noexcept { return data_->rules[rule].info; }
RuleState RuleSet::state(std::size_t rule) const noexcept { return data_->rules[rule].state; }
std::vector<std::string> RuleSet::missing_fields(std::size_t rule) const { return data_->rules[rule].missing; }
std::size_t RuleSet::refused() const noexcept { return data_->refused; }
const FilterSummary& RuleSet::filters() const noexcept { return data_->filters; }
const event::Interest& RuleSet::interest() const noexcept { return data_->interest; }

}  // namespace nw::sigma
