// A rule's program for people: how it is run, and why it did or did not fire on an event. Slow and complete: every part
// is judged, nothing is looked up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "detect/sigma/rule_set.h"

namespace nw::sigma {

struct ProgramLine {
  std::size_t depth = 0;
  std::string label;  // the identifier that begins here: "selection"; empty: none
  std::string text;   // "all of", "any of", "not", "at least 2 of", or "CommandLine contains ' -enc '"
  bool atom = false;
  // explain(): whether it holds, and what the event has there ("absent" and "null" in words).
  bool holds = false;
  std::string value;
  // plans(): whether it can set the rule off, and how it is found.
  bool trigger = false;
  std::string_view way;
};

struct Explanation {
  bool of_log_source = false;  // otherwise the rule never sees such an event, and there are no lines
  bool can_fire = true;        // false: the rule needs a field that such events never have
  bool fires = false;
  Level level = Level::medium;             // of the alert, when it fires
  std::vector<ProgramLine> lines, lowers;  // `lowers`: of its `downgrade_when`, if it has one
};
Explanation explain(const RuleSet& rules, std::size_t rule, const event::Event& event, const event::Schema& schema);

// What judging one event costs at the most.
enum class CostClass : std::uint8_t {
  hashed,     // set off by tables alone
  scanned,    // a piece of text must be searched for
  confirmed,  // what the scan meets must be confirmed, by PCRE2 or against a pattern
  always,     // nothing sets it off: evaluated on every event of its log source
};
std::string_view to_string(CostClass cost);

struct RulePlan {
  std::string type;  // the kind of event: "windows.sysmon.1"
  CostClass cost = CostClass::hashed;
  std::vector<ProgramLine> lines, lowers;  // as above
};
// One for each kind of event on which the rule can fire.
std::vector<RulePlan> plans(const RuleSet& rules, std::size_t rule, const event::Schema& schema);

}  // namespace nw::sigma
