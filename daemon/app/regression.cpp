#include "app/regression.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "app/config.h"
#include "base/text.h"
#include "base/yaml.h"
#include "ingest/logs/formats/format.h"

namespace nw::app {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kVerdicts{"passed", "failed", "not_run"};

// Counts the events that fire one rule.
class Counter final : public event::EventSink {
 public:
  explicit Counter(std::shared_ptr<const sigma::RuleSet> rules) : matcher_{std::move(rules)} {}
  void begin(std::size_t rule) {
    rule_ = rule;
    found_ = 0;
  }
  void accept(event::Event& event) override {
    for (const sigma::Hit& hit : matcher_.match(event)) found_ += hit.rule == rule_ ? 1U : 0U;
  }
  [[nodiscard]] std::uint64_t found() const noexcept { return found_; }

 private:
  sigma::Matcher matcher_;
  std::size_t rule_ = 0;
  std::uint64_t found_ = 0;
};

class Runner {
 public:
  Runner(const std::shared_ptr<const sigma::RuleSet>& rules, const std::shared_ptr<const event::Schema>& schema)
      : rules_{rules}, counter_{rules} {
    logs::FormatOptions options;
    options.product = "windows";
    // The set outlives the parser.
    const std::shared_ptr<const event::Interest> interest{rules, &rules->interest()};
    parser_ = logs::find_format("json")->make(schema, interest, options);
    for (std::size_t i = 0; i < rules->size(); ++i) by_id_.emplace(rules->info(i).id, i);
  }

  RegressionResult run(RegressionCase test) {
    RegressionResult result;
    result.test = std::move(test);
    const auto rule = by_id_.find(result.test.rule);
    if (rule == by_id_.end()) {
      result.reason = "no rule with this id is loaded";
      return result;
    }
    if (!fs::exists(result.test.events)) {
      result.reason = "there is no " + result.test.events + " (EVTX itself is not read)";
      return result;
    }
    const auto text = read_text_file(result.test.events, kCaseBytesMax);
    if (!text) {
      result.reason = text.error().what;
      return result;
    }
    counter_.begin(rule->second);
    feed(*text, result);
    result.found = counter_.found();
    if (!result.reason.empty()) return result;
    const bool enough = result.found >= result.test.stated.value_or(1);
    result.verdict = enough ? Verdict::passed : Verdict::failed;
    if (const auto state = rules_->state(rule->second); !enough && state != sigma::RuleState::live)
      result.reason = "the rule is " + std::string{sigma::to_string(state)};
    return result;
  }

 private:
  // A reason in `result` means that the events could not all be read.
  void feed(std::string_view text, RegressionResult& result) {
    for (;;) {
      const auto line = next_object(text);
      if (!line) {
        result.reason = result.test.events + ": " + line.error().what;
        return;
      }
      if (line->empty()) break;
      if (++result.events > kCaseEventsMax) {
        result.reason = result.test.events + ": more than " + std::to_string(kCaseEventsMax) + " events";
        return;
      }
      logs::LineOrigin origin;
      origin.ordinal = result.events - 1;
      const logs::LineFault fault =
          line->size() > logs::kLineBytesMax ? logs::LineFault::too_long : parser_->line(*line, origin, counter_);
      if (fault == logs::LineFault::none) continue;
      result.reason = result.test.events + ": event " + std::to_string(result.events) +
                      " cannot be read: " + std::string{logs::to_string(fault)};
      return;
    }
    if (result.events == 0) result.reason = result.test.events + " holds no event";
  }

  std::shared_ptr<const sigma::RuleSet> rules_;
  Counter counter_;
  std::unique_ptr<logs::LineParser> parser_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
};

// The stated path is meant from the folder that holds regression_data; a file of that name beside info.yml will do too.
std::string events_of(const std::string& info, const std::string& stated) {
  const fs::path beside = fs::path{info}.parent_path() / fs::path{stated}.filename().replace_extension(".json");
  for (fs::path folder = fs::path{info}.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    if (folder.filename() != "regression_data") continue;
    const fs::path meant = (folder.parent_path() / stated).replace_extension(".json");
    return fs::exists(meant) ? meant.string() : beside.string();
  }
  return beside.string();
}

std::string text_of(const YamlNode& map, std::string_view key) {
  const YamlNode* node = map.find(key);
  return node == nullptr ? std::string{} : node->scalar;
}

}  // namespace

std::string_view to_string(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

std::vector<std::string> list_cases(const std::string& folder, Diagnostics& diagnostics) {
  std::error_code error;
  std::vector<std::string> files;
  fs::recursive_directory_iterator at{folder, fs::directory_options::skip_permission_denied, error}, end;
  for (; !error && at != end && files.size() <= kCaseFilesMax; at.increment(error))
    if (at->path().filename() == "info.yml") files.push_back(at->path().string());
  if (error) diagnostics.error(folder, {}, "unreadable", "cannot list the folder: " + error.message());
  if (files.size() > kCaseFilesMax)
    diagnostics.error(folder, {}, "too-many-files", "more than " + std::to_string(kCaseFilesMax) + " cases",
                      "point at a folder below it");
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<RegressionCase> read_cases(const std::string& file, Diagnostics& diagnostics) {
  std::vector<RegressionCase> cases;
  const auto text = read_text_file(file);
  if (!text) {
    diagnostics.error(file, {}, "unreadable", text.error().what);
    return cases;
  }
  const std::size_t before = diagnostics.errors();
  const auto documents = parse_yaml(*text, file, diagnostics);
  if (diagnostics.errors() != before || documents.empty()) return cases;
  // Read leniently: the layout is others', and grows keys that are of no concern here.
  const YamlNode* tests = documents[0].find("regression_tests_info");
  if (tests == nullptr) return cases;
  const YamlNode* rule = documents[0].find("rule_metadata");
  const std::string id = rule == nullptr || rule->items.empty() ? "" : to_ascii_lower(text_of(rule->items[0], "id"));
  if (id.empty())
    diagnostics.error(file, documents[0].mark, "missing-key", "a regression case needs 'rule_metadata' with an 'id'");
  for (const YamlNode& test : tests->items) {
    RegressionCase& made = cases.emplace_back(RegressionCase{file, text_of(test, "name"), id, {}, {}});
    made.events = events_of(file, text_of(test, "path"));
    const YamlNode* count = test.find("match_count");
    if (count == nullptr) continue;
    if (const auto number = count->as_int(); number && *number >= 0)
      made.stated = static_cast<std::uint64_t>(*number);
    else
      diagnostics.error(file, count->mark, "wrong-type", "'match_count' must be a number of events");
  }
  if (diagnostics.errors() != before) cases.clear();
  return cases;
}

Result<std::string> next_object(std::string_view& text) {
  while (!text.empty() && ascii_space(text.front())) text.remove_prefix(1);
  std::string out;
  if (text.empty()) return out;
  if (text.front() != '{') return Error{Errc::malformed, "an event must be a JSON object"};
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!quoted && ascii_space(c)) continue;
    out += c;
    if (quoted && c == '\\' && i + 1 < text.size()) out += text[++i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) {
      text.remove_prefix(i + 1);
      return out;
    }
  }
  return Error{Errc::malformed, "the last event is cut off"};
}

std::vector<RegressionResult> run_cases(std::vector<RegressionCase> cases,
                                        const std::shared_ptr<const sigma::RuleSet>& rules,
                                        const std::shared_ptr<const event::Schema>& schema) {
  Runner runner{rules, schema};
  std::vector<RegressionResult> results;
  for (RegressionCase& test : cases) results.push_back(runner.run(std::move(test)));
  return results;
}

}  // namespace nw::app
