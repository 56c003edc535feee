// Filter documents: conditions that are joined to those of other rules, `(rule) and (filter)`. Sigma filters
// specification 2.1, as pySigma reads it. Our own extension `normwatch: {owner, ticket, expires}` says who answers for
// a filter and when it ends.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/time.h"
#include "base/yaml.h"
#include "detect/sigma/document.h"
#include "detect/sigma/read.h"
#include "detect/sigma/rule_set.h"

namespace nw::sigma {

struct Filter {
  struct Target {
    std::string name;  // an id in small letters, or a name
    Mark mark;
  };
  Rule search;         // what it says of itself, and what it searches for
  bool every = false;  // `rules: any`: all rules of its log source
  std::vector<Target> targets;
  std::string owner, ticket, expires_written;
  std::optional<Timestamp> expires;
  Mark expires_mark;
};

bool is_filter(const YamlNode& document);
// Meaningful when the context's diagnostics have no error afterwards.
Filter read_filter(const YamlNode& document, const DocumentContext& context);

// Says that a filter with errors is left out, in a set that goes on without it.
void tell_refused(const RuleInfo& filter, const CompileOptions& options, Diagnostics& diagnostics);

// Checks the filters and joins those in force to the rules of the set that they name and whose log source has all that
// theirs asks for. Rules have passed check_rules(); one that its filters make too large is taken out and counted in
// `refused`.
FilterSummary apply_filters(std::vector<Filter> filters, std::vector<Rule>& rules, const CompileOptions& options,
                            std::size_t& refused, Diagnostics& diagnostics);

}  // namespace nw::sigma
