// A Sigma rule as written: the result of reading, before anything is compiled. Each part keeps its place in the file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/diagnostics.h"

namespace nw::sigma {

enum class Level : std::uint8_t { informational, low, medium, high, critical };
std::string_view to_string(Level level);
std::optional<Level> parse_level(std::string_view text);

struct LogSource {
  std::string product, service, category;       // lower case; empty: any
  [[nodiscard]] std::string to_string() const;  // "product=normwatch service=modbus"
};

// A value of the rule that a site may set (variables.h).
struct Variable {
  std::string name, help;
  std::vector<std::string> at;  // where in the document it stands
  std::string usual, value;     // as the rule has it, and in force
  bool set = false;             // by the site
};

// What people and outputs need to know of a rule.
struct RuleInfo {
  std::string id, name, title, status, description, author, date;
  std::vector<std::string> references, falsepositives, tags;
  Level level = Level::medium;
  LogSource log_source;
  // normwatch.downgrade_when: the level of an event that it describes; empty: every event has the rule's.
  std::optional<Level> lowered;
  std::string norm;  // "13f", from normwatch.norm or the tag norm.13f; empty for third-party rules
  // As normwatch.* has them; carried, not evaluated by the engine.
  std::string role, regime, ihl, evidence;
  std::string detection_id;  // normwatch.detection_id: "NW-F-05", of the rule pack; "none": beyond it
  std::vector<Variable> variables;
  std::vector<std::string> filters;  // titles of the filters that were joined to it
  // `status: shadow`, or a pack of shadow rules: evaluated and counted, never notified.
  bool shadow = false;
  std::string file;
  Mark mark;
  [[nodiscard]] std::vector<std::string> attack() const;  // the attack.* tags, without the prefix
};

struct Rule;  // the detection's tree: see read.h

}  // namespace nw::sigma
