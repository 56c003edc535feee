// Variables: which literal values of a rule a site may set. The rule documents them and keeps its literals, so that it
// stays plain Sigma for others; the site's values are put into the YAML tree before it is read, so everything after
// (checks, hashes, cache) sees them.
//
//   normwatch:                                       # in the rule
//     variables:
//       hosts: {at: correlation.condition.gte, help: hosts that one address asks within the timespan}
//   {scan_of_designated_hosts: {hosts: 50}}          # the site's: a rule's name, id, or file name without its ending
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/yaml.h"
#include "detect/sigma/rule.h"

namespace nw::sigma {

struct DocumentContext;  // document.h

// One value that a site sets.
struct VariableSetting {
  std::string rule, name;  // as written
  YamlNode value;
  std::string file;
  Mark rule_mark, mark;
};
using VariableSettings = std::vector<VariableSetting>;

// Reads a map of rules to maps of variables into `out`, which may hold some already. Codes: wrong-type, duplicate-name,
// limit.
void read_variable_settings(const YamlNode& node, std::string_view file, VariableSettings& out,
                            Diagnostics& diagnostics);
// The same of a file's text. Codes: yaml-* too.
void parse_variable_settings(std::string_view text, std::string_view file, VariableSettings& out,
                             Diagnostics& diagnostics);

// What settings can mean: a document, by what it is called, and what may be set in it.
struct VariableTarget {
  std::string name, id, stem;
  std::vector<std::string> variables;
  [[nodiscard]] bool called(std::string_view rule) const;
};

struct DocumentVariables {
  std::vector<Variable> variables;
  std::optional<YamlNode> document;  // with the site's values in it; nothing: as it was
  VariableTarget target;
  std::vector<const VariableSetting*> used;
};

// A rule's document: what it says of its variables, and the values of `context.options.variables` for them. Codes:
// variable-at, variable-value, wrong-type, missing-key, unknown-key, limit.
DocumentVariables read_variables(const YamlNode& document, const DocumentContext& context);

// Every setting must mean one variable of one document, and no two the same. Codes: variable-unknown, variable-value.
void check_variable_settings(const VariableSettings& settings, const std::vector<VariableTarget>& targets,
                             Diagnostics& diagnostics);

// As the configuration writes it: "30", "5m", "[102, 502]".
std::string variable_text(const YamlNode& value);

}  // namespace nw::sigma
