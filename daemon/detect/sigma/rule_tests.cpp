// Runs the tests that lie beside rules. The format is described in the README.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/yaml.h"
#include "detect/sigma/compile.h"
#include "detect/sigma/rule_set.h"

namespace nw::sigma {

namespace {

using event::Value;
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
constexpr std::size_t kCasesMax = 100'000;          // of one run
constexpr std::int64_t kStreamEventsMax = 100'000;  // of one case
constexpr Timestamp kStreamStart{std::chrono::hours{24 * 365 * 50}};

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

class Runner {
 public:
  Runner(const RuleSet& rules, const event::Schema& schema, Diagnostics& diagnostics, RuleTestReport& report,
         StreamCounter* streams)
      : rules_{rules},
        streams_{streams},
        schema_{schema},
        diagnostics_{diagnostics},
        report_{report},
        // The set outlives the run; the matcher only wants a shared handle.
        matcher_{std::shared_ptr<const RuleSet>{std::shared_ptr<const RuleSet>{}, &rules}},
        positive_(rules.size(), false),
        negative_(rules.size(), false) {}

  void run(const RuleText& text) {
    file_ = text.file;
    const std::size_t before = diagnostics_.errors();
    const auto documents = parse_yaml(text.text, text.file, diagnostics_);
    if (diagnostics_.errors() != before) return;
    for (const YamlNode& document : documents) {
      YamlMap map{document, "a rule's tests", file_, diagnostics_};
      const YamlNode* rule = map.require("rule");
      const YamlNode* tests = map.require("tests");
      map.finish();
      if (rule == nullptr || tests == nullptr) continue;
      const std::size_t number = find_rule(*rule);
      if (number == kNobody) continue;
      if (tests->kind != YamlNode::Kind::sequence) {
        diagnostics_.error(file_, tests->mark, "wrong-type", "'tests' must be a list of cases");
        continue;
      }
      for (const YamlNode& test : tests->items) run_case(number, test);
    }
  }

  void finish() {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (positive_[i] || negative_[i]) ++report_.rules_tested;
      if (!positive_[i] || !negative_[i]) report_.untested.push_back(rules_.info(i).id);
    }
  }

 private:
  struct Case {
    std::string name;
    LogSource log_source;
    const YamlNode* event = nullptr;
    std::string raw;
    bool match = false;
    std::vector<std::string> atoms;
    bool has_atoms = false;
    std::optional<Level> level;
  };

  // By id, or by the name of a file that holds one rule.
  std::size_t find_rule(const YamlNode& node) {
    const std::string id = to_ascii_lower(node.scalar);
    std::size_t found = kNobody, in_file = 0;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (rules_.info(i).id == id) return i;
      if (base_name(rules_.info(i).file) != base_name(node.scalar)) continue;
      found = i;
      ++in_file;
    }
    if (in_file == 1) return found;
    diagnostics_.error(file_, node.mark, "test-unknown-rule",
                       in_file == 0
                           ? "no rule '" + printable(node.scalar, 64) + "' is loaded"
                           : "'" + printable(node.scalar, 64) + "' holds " + std::to_string(in_file) + " rules",
                       "give the rule's id");
    return kNobody;
  }

  void run_case(std::size_t rule, const YamlNode& node) {
    if (report_.cases == kCasesMax) {
      diagnostics_.error(file_, node.mark, "limit", "more than " + std::to_string(kCasesMax) + " cases in one run");
      return;
    }
    const std::size_t before = diagnostics_.errors();
    if (rules_.correlation(rule) != nullptr) return run_stream(rule, node);
    const Case test = read_case(rule, node);
    if (diagnostics_.errors() != before) return;
    const auto type = find_type(test);
    if (!type) {
      diagnostics_.error(file_, node.mark, "test-no-source",
                         "no kind of event is of the log source " + test.log_source.to_string(),
                         "name another 'log_source', or enable what produces it");
      return;
    }
    event_.begin(*type, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
    event_.raw = test.raw;
    if (test.event != nullptr) set_fields({}, *test.event);
    if (diagnostics_.errors() != before) return;
    ++report_.cases;
    (test.match ? positive_ : negative_)[rule] = true;
    judge(rule, test, node.mark);
  }

  Case read_case(std::size_t rule, const YamlNode& node) {
    Case test;
    test.log_source = rules_.info(rule).log_source;
    YamlMap map{node, "a test", file_, diagnostics_};
    test.name = map.require_text("name");
    if (const YamlNode* source = map.take("log_source")) {
      YamlMap given{*source, "log_source", file_, diagnostics_};
      test.log_source.product = to_ascii_lower(given.text("product"));
      test.log_source.service = to_ascii_lower(given.text("service"));
      test.log_source.category = to_ascii_lower(given.text("category"));
      given.finish();
    }
    test.event = map.take("event");
    test.raw = map.text("raw");
    if (map.ok() && test.event == nullptr && test.raw.empty())
      diagnostics_.error(file_, node.mark, "missing-key", "a test needs the key 'event', or 'raw'");
    if (test.event != nullptr && test.event->kind != YamlNode::Kind::map)
      diagnostics_.error(file_, test.event->mark, "wrong-type", "'event' must be a map of fields and values");
    if (map.require("match") != nullptr) test.match = map.boolean("match", false);
    test.has_atoms = node.find("atoms") != nullptr;
    test.atoms = map.texts("atoms");
    if (const YamlNode* level = map.take("level")) {
      test.level = parse_level(level->scalar);
      if (!test.level)
        diagnostics_.error(file_, level->mark, "wrong-type", "'" + printable(level->scalar, 64) + "' is no level",
                           "write informational, low, medium, high or critical");
    }
    map.finish();
    return test;
  }

  // Of a rule over time: events after each other, and how often it fires.
  void run_stream(std::size_t rule, const YamlNode& node) {
    if (streams_ == nullptr) return;
    const std::size_t before = diagnostics_.errors();
    YamlMap map{node, "a test of a rule over time", file_, diagnostics_};
    const std::string name = map.require_text("name");
    const YamlNode* events = map.require("events");
    map.require("alerts");
    const auto alerts = static_cast<std::size_t>(map.integer("alerts", 0, 0, 1'000'000));
    const Nanoseconds wait = map.duration("wait", Nanoseconds{0});
    map.finish();
    if (events != nullptr && events->kind != YamlNode::Kind::sequence)
      diagnostics_.error(file_, events->mark, "wrong-type", "'events' must be a list of events");
    if (diagnostics_.errors() != before) return;
    streams_->begin();
    stream_time_ = kStreamStart;
    stream_events_ = 0;
    for (const YamlNode& event : events->items) add_events(rule, event);
    if (diagnostics_.errors() != before) return;
    ++report_.cases;
    (alerts != 0 ? positive_ : negative_)[rule] = true;
    const std::size_t fired = streams_->end(wait, rule);
    if (fired == alerts) return;
    std::string text = rules_.info(rule).title + ": '" + name + "': must alert " + std::to_string(alerts) +
                       " times, but does so " + std::to_string(fired) + " times";
    if (rules_.state(rule) != RuleState::live) text += ": the rule is " + std::string{to_string(rules_.state(rule))};
    report_.failures.push_back({file_, node.mark, std::move(text)});
  }

  // `{after: 10s, repeat: 30, every: 2s, event: {...}}`: `{n}` in a value is the number of the repetition, from 0.
  void add_events(std::size_t rule, const YamlNode& node) {
    Case test;
    test.log_source = rules_.info(base_of(rule)).log_source;
    YamlMap map{node, "events of a test", file_, diagnostics_};
    const Nanoseconds after = map.duration("after", Nanoseconds{0});
    const Nanoseconds every = map.duration("every", Nanoseconds{0});
    const std::int64_t repeat = map.integer("repeat", 1, 1, kStreamEventsMax);
    if (const YamlNode* source = map.take("log_source")) {
      YamlMap given{*source, "log_source", file_, diagnostics_};
      test.log_source = {to_ascii_lower(given.text("product")), to_ascii_lower(given.text("service")),
                         to_ascii_lower(given.text("category"))};
      given.finish();
    }
    test.event = map.require("event");
    map.finish();
    if (test.event == nullptr || (stream_events_ += repeat) > kStreamEventsMax) {
      diagnostics_.error(file_, node.mark, "limit",
                         "more than " + std::to_string(kStreamEventsMax) + " events in a test");
      return;
    }
    const auto type = find_type(test);
    if (!type) {
      diagnostics_.error(file_, node.mark, "test-no-source",
                         "no kind of event is of the log source " + test.log_source.to_string(),
                         "name another 'log_source', or enable what produces it");
      return;
    }
    stream_time_ += after;
    const std::size_t before = diagnostics_.errors();
    for (std::int64_t i = 0; i < repeat && diagnostics_.errors() == before; ++i) {
      if (i != 0) stream_time_ += every;
      const YamlNode numbered = with_number(*test.event, std::to_string(i));
      event_.begin(*type, event::SourceId{0}, stream_time_, stream_time_, event::TimeQuality::stated);
      event_.ordinal = stream_ordinal_++;
      set_fields({}, numbered);
      streams_->take(event_, matcher_.match(event_));
    }
  }

  // The rule whose events a rule over time counts in the end.
  [[nodiscard]] std::size_t base_of(std::size_t rule) const {
    const Correlation* correlation = rules_.correlation(rule);
    while (correlation != nullptr && !correlation->inputs.empty() && correlation->inputs[0].rule != rule) {
      rule = correlation->inputs[0].rule;
      correlation = rules_.correlation(rule);
    }
    return rule;
  }

  static YamlNode with_number(YamlNode node, const std::string& number) {
    constexpr std::string_view kMark = "{n}";
    if (const std::size_t at = node.scalar.find(kMark); at != std::string::npos) node.scalar.replace(at, 3, number);
    for (YamlNode& item : node.items) item = with_number(std::move(item), number);
    for (auto& [key, value] : node.members) value = with_number(std::move(value), number);
    return node;
  }

  // The first kind of event that fits the log source and has all the fields; else the first that fits.
  std::optional<event::TypeId> find_type(const Case& test) {
    std::optional<event::TypeId> first;
    for (std::size_t i = 0; i < schema_.type_count(); ++i) {
      const auto id = static_cast<event::TypeId>(i);
      if (!fits(test.log_source, schema_.type(id))) continue;
      type_ = &schema_.type(id);
      if (test.event == nullptr || has_fields({}, *test.event)) return id;
      if (!first) first = id;
    }
    if (first) type_ = &schema_.type(*first);
    return first;
  }

  [[nodiscard]] bool known(std::string_view name) const {
    const auto id = schema_.find_field(name);
    if (type_->open || (id && index(*id) < event::common_fields().size())) return true;
    const auto& produced = rules_.data().produced_fields;
    return std::ranges::find(produced, name) != produced.end() ||
           (id && std::ranges::find(type_->fields, *id) != type_->fields.end());
  }

  static std::string joined(const std::string& prefix, const std::string& key) {
    return prefix.empty() ? key : prefix + '.' + key;
  }

  [[nodiscard]] bool has_fields(const std::string& prefix, const YamlNode& map) const {
    return std::ranges::all_of(map.members, [&](const auto& member) {
      const std::string name = joined(prefix, member.first.scalar);
      return member.second.kind == YamlNode::Kind::map ? has_fields(name, member.second) : known(name);
    });
  }

  void set_fields(const std::string& prefix, const YamlNode& map) {
    for (const auto& [key, node] : map.members) {
      const std::string name = joined(prefix, key.scalar);
      if (node.kind == YamlNode::Kind::map) {
        set_fields(name, node);
      } else if (!known(name)) {
        const std::vector<std::string> names = field_names();
        const std::vector<std::string_view> views{names.begin(), names.end()};
        diagnostics_.error(
            file_, key.mark, "test-unknown-field",
            "events of '" + type_->path + "' have no field '" + printable(name, 64) + "'" + did_you_mean(name, views),
            "use a field that the log source produces");
      } else if (const auto id = schema_.find_field(name)) {
        event_.set(*id, value(node, is_address(*id)));
      } else {
        event_.set_extra(event_.keep(name), value(node, false));
      }
    }
  }

  [[nodiscard]] std::vector<std::string> field_names() const {
    std::vector<std::string> out = rules_.data().produced_fields;
    for (const event::FieldSpec& field : event::common_fields()) out.emplace_back(field.name);
    for (const event::FieldId id : type_->fields) out.emplace_back(schema_.field_name(id));
    return out;
  }

  static bool is_address(event::FieldId id) {
    return index(id) < event::common_fields().size() && event::common_fields()[index(id)].type == "address";
  }

  // Text is borrowed from the YAML tree, which outlives the event.
  Value value(const YamlNode& node, bool address) {
    if (node.kind == YamlNode::Kind::sequence) {
      const auto items = event_.arena().make<Value>(node.items.size());
      for (std::size_t i = 0; i < items.size(); ++i) items[i] = value(node.items[i], address);
      return Value::list(items);
    }
    if (node.kind != YamlNode::Kind::scalar) return {};
    if (const auto truth = node.as_bool()) return Value::boolean(*truth);
    if (const auto whole = node.as_int()) return Value::integer(*whole);
    if (const auto real = node.as_real()) return Value::real(*real);
    IpAddress parsed;
    if (address && IpAddress::parse_into(node.scalar, parsed)) return Value::address(parsed);
    return Value::text(node.scalar);
  }

  void judge(std::size_t rule, const Case& test, Mark mark) {
    const auto hits = matcher_.match(event_);
    const auto hit = std::ranges::find(hits, rule, &Hit::rule);
    const bool fired = hit != hits.end();
    const std::string head = rules_.info(rule).title + ": '" + test.name + "': ";
    if (fired != test.match) {
      std::string text = head + (fired ? "must not fire, but does" : "must fire, but does not");
      for (std::size_t i = 0; fired && i < hit->atoms.size(); ++i)
        text += (i == 0 ? ": " : ", ") + hit->atoms[i].field + ' ' + hit->atoms[i].op + " '" +
                printable(hit->atoms[i].pattern, 64) + "'";
      if (!fired && rules_.state(rule) != RuleState::live)
        text += ": the rule is " + std::string{to_string(rules_.state(rule))};
      report_.failures.push_back({file_, mark, std::move(text)});
      return;
    }
    if (fired && test.level && hit->level != *test.level)
      report_.failures.push_back({file_, mark,
                                  head + "must fire at the level " + std::string{to_string(*test.level)} +
                                      ", but does at " + std::string{to_string(hit->level)}});
    if (!fired || !test.has_atoms) return;
    for (const std::string& field : test.atoms)
      if (std::ranges::find(hit->atoms, field, &MatchedAtom::field) == hit->atoms.end())
        report_.failures.push_back({file_, mark, head + "fires, but not because of '" + field + "'"});
    for (const MatchedAtom& atom : hit->atoms)
      if (std::ranges::find(test.atoms, atom.field) == test.atoms.end())
        report_.failures.push_back({file_, mark, head + "fires because of '" + atom.field + "' too"});
  }

  const RuleSet& rules_;
  StreamCounter* streams_;
  Timestamp stream_time_{};
  std::int64_t stream_events_ = 0;
  std::uint64_t stream_ordinal_ = 0;
  const event::Schema& schema_;
  Diagnostics& diagnostics_;
  RuleTestReport& report_;
  Matcher matcher_;
  event::Event event_;
  const event::Type* type_ = nullptr;
  std::string file_;
  std::vector<bool> positive_, negative_;
};

}  // namespace

RuleTestReport run_rule_tests(const RuleSet& rules, const event::Schema& schema, std::span<const RuleText> tests,
                              Diagnostics& diagnostics, StreamCounter* streams) {
  RuleTestReport report;
  Runner runner{rules, schema, diagnostics, report, streams};
  for (const RuleText& text : tests) runner.run(text);
  runner.finish();
  return report;
}

}  // namespace nw::sigma
