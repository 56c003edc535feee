// ATT&CK as rules cite it in their tags: which tactics there are, and what has become of techniques that are gone.
// Data: config/taxonomy/attack.yaml.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace nw::sigma {

// Names and numbers in small letters, without the prefix "attack.".
struct Attack {
  std::string version;  // "19"
  std::vector<std::string> tactics;
  std::map<std::string, std::vector<std::string>, std::less<>> renamed_tactics;  // to what
  std::map<std::string, std::string, std::less<>> revoked;                       // to which technique
  std::set<std::string, std::less<>> deprecated;                                 // techniques without a successor
  std::map<std::string, std::string, std::less<>> names{};                       // of some techniques

  // The tag by which MISP knows a technique, revoked ones by their successor: misp-galaxy:mitre-attack-pattern="Command
  // Message - T1692.001". Empty when its name is not known.
  [[nodiscard]] std::string misp_tag(std::string_view technique) const;

  // Null after an error.
  static std::optional<Attack> load(std::string_view text, std::string_view file, Diagnostics& diagnostics);
};

// "t1059", "t1059.001": whether it has the shape of a technique's number.
bool is_technique(std::string_view name);
// Also groups, software, campaigns, tactics and data sources by number: g0016, s0002, c0001, ta0006, ds0009.
bool is_attack_number(std::string_view name);

}  // namespace nw::sigma
