// SigmaHQ's regression cases: folders regression_data/<path of the rule>/ with an info.yml that states how many events
// a rule matches, and the events themselves as `evtx_dump -o json` writes them (the .evtx beside it is not read).
//
//   id, description, date, author; rule_metadata: [{id, title}]
//   regression_tests_info: [{name, type: evtx, provider, match_count, path: regression_data/.../<id>.evtx}]
//
// As in SigmaHQ's own runner, fewer matches than stated fail a case and more do not; nothing stated means at least one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "detect/sigma/rule_set.h"
#include "event/schema.h"

namespace nw::app {

struct RegressionCase {
  std::string file;        // info.yml
  std::string name, rule;  // rule: its id
  std::string events;      // the .json
  std::optional<std::uint64_t> stated;
};

enum class Verdict : std::uint8_t { passed, failed, not_run };
std::string_view to_string(Verdict verdict);

struct RegressionResult {
  RegressionCase test;
  Verdict verdict = Verdict::not_run;
  std::uint64_t events = 0, found = 0;
  std::string reason;  // not_run: why; failed: what besides the counts is known
};

constexpr std::size_t kCaseFilesMax = 100'000;
constexpr std::size_t kCaseEventsMax = 10'000;                // of one file
constexpr std::size_t kCaseBytesMax = std::size_t{64} << 20;  // of one file

// Every info.yml below `folder`, in the order of their names.
std::vector<std::string> list_cases(const std::string& folder, Diagnostics& diagnostics);

// The cases of one info.yml, whose paths are meant from the folder that holds regression_data. One without tests gives
// none.
std::vector<RegressionCase> read_cases(const std::string& file, Diagnostics& diagnostics);

// Takes the next JSON object from the front of `text` and returns it without the white space between its tokens; empty
// when nothing is left. `malformed`: what is there is no whole object. Only brackets and strings are looked at, the
// rest is the parser's to judge.
Result<std::string> next_object(std::string_view& text);

// Runs every case whose rule is in the set; the others are not run. The schema has Windows events (rules_load.h).
std::vector<RegressionResult> run_cases(std::vector<RegressionCase> cases,
                                        const std::shared_ptr<const sigma::RuleSet>& rules,
                                        const std::shared_ptr<const event::Schema>& schema);

}  // namespace nw::app
