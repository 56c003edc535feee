#include "detect/sigma/read.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/hash.h"
#include "base/text.h"
#include "base/yaml.h"
#include "detect/sigma/collection.h"
#include "detect/sigma/document.h"
#include "detect/sigma/filter.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/pack.h"
#include "detect/sigma/read_correlation.h"
#include "detect/sigma/read_detection.h"
#include "detect/sigma/variables.h"

namespace nw::sigma {

namespace {

constexpr std::array<std::string_view, 5> kLevels{"informational", "low", "medium", "high", "critical"};
// The last is our own: evaluated and counted, never notified.
constexpr std::array<std::string_view, 6> kStatus{"stable",     "test",        "experimental",
                                                  "deprecated", "unsupported", "shadow"};

// ^[a-z0-9_-]+\.[a-z0-9._-]+$
bool is_tag(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto good = [](char c) { return ascii_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.'; };
  return dot != std::string_view::npos && dot != 0 && dot + 1 < text.size() && std::ranges::all_of(text, good);
}

bool is_norm(std::string_view text) {
  return text.size() == 3 && text.starts_with("13") && text[2] >= 'a' && text[2] <= 'k';
}

class DocumentReader {
 public:
  DocumentReader(const YamlNode& document, const DocumentContext& context)
      : document_{document}, context_{context}, file_{context.text.file}, diagnostics_{context.diagnostics} {}

  // Meaningful when `diagnostics` has no error afterwards.
  Rule read() {
    Rule rule;
    YamlMap map{document_, "a rule", file_, diagnostics_};
    if (!map.ok()) return rule;
    rule.info.file = file_;
    rule.info.mark = document_.mark;
    read_head(map, rule.info);
    read_metadata(map, rule.info);
    if (const YamlNode* node = map.take("normwatch")) read_normwatch(*node, rule);
    check_norm(rule.info);
    if (document_.find("correlation") != nullptr)
      read_correlating(map, rule);
    else
      read_searching(map, rule);
    if (document_.find("id") == nullptr && !context_.options.norm_required) rule.info.id = made_id(rule.info);
    if (rule.info.status == "unsupported" && !rule.correlation)
      error(document_.find("status")->mark, "status-unsupported", "the rule itself says that it cannot be used",
            "mend the rule and change its status, or leave it out");
    // Sigma lets rules carry keys of their authors; those of our own pack stay strict.
    map.finish(context_.options.norm_required ? Severity::error : Severity::warning);
    return rule;
  }

 private:
  void error(Mark mark, std::string_view code, std::string text, std::string hint) {
    diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
  }

  void read_searching(YamlMap& map, Rule& rule) {
    if (const YamlNode* node = map.require("logsource")) rule.info.log_source = read_log_source(*node, context_);
    if (const YamlNode* node = map.require("detection")) read_detections(*node, rule);
  }

  void read_correlating(YamlMap& map, Rule& rule) {
    for (const std::string_view key : {"logsource", "detection"})
      if (const YamlNode* node = map.take(key))
        error(node->mark, "correlation-document", "a correlation has no '" + std::string{key} + "' of its own",
              "put it into a rule that the correlation refers to");
    if (rule.correlation)
      error(document_.mark, "correlation-document",
            "'normwatch." + std::string{to_string(rule.correlation->type)} + "' belongs to a rule with a detection",
            "put it into a rule that the correlation refers to");
    if (const YamlNode* node = map.take("correlation")) rule.correlation = read_correlation(*node, extended_, context_);
  }

  // Sigma wants no id. Alerts, tests and state are kept by it, so a rule without one gets one that lasts as long as its
  // title and log source.
  std::string made_id(const RuleInfo& info) {
    context_.warning(document_.mark, "missing-id", "the rule has no id, so one is made of its title and log source",
                     "give it one of its own with uuidgen: a new title would make a new rule of it");
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::string text = info.title + '\n' + info.log_source.to_string();
    const std::array<std::uint64_t, 2> halves{hash64(text, 1), hash64(text, 2)};
    std::string out;
    for (std::size_t i = 0; i < 32; ++i) {
      if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
      std::uint64_t digit = halves[i / 16] >> (60 - i % 16 * 4) & 15U;
      if (i == 12) digit = 8;  // RFC 9562: version 8, of our own making
      if (i == 16) digit = 8U | (digit & 3U);
      out += kDigits[digit];
    }
    return out;
  }

  void read_head(YamlMap& map, RuleInfo& info) {
    info.title = map.require_text("title");
    if (const YamlNode* id = context_.options.norm_required ? map.require("id") : map.take("id"))
      info.id = read_id(*id, context_);
    info.level = static_cast<Level>(map.choice("level", static_cast<std::size_t>(Level::medium), kLevels));
    info.status = std::string{kStatus[map.choice("status", 2, kStatus)]};
    info.shadow = context_.text.shadow || info.status == "shadow";
    info.tags = map.texts("tags");
    for (std::size_t i = 0; i < info.tags.size(); ++i)
      if (!is_tag(info.tags[i]))
        error(tag_mark(i), "bad-tag", "'" + printable(info.tags[i], 64) + "' is no tag",
              "write namespace.name in small letters, as attack.t0858");
  }

  void read_metadata(YamlMap& map, RuleInfo& info) {
    info.name = map.text("name");
    info.description = map.text("description");
    info.author = map.text("author");
    info.date = map.text("date");
    info.references = map.texts("references");
    info.falsepositives = map.texts("falsepositives");
    const YamlNode* taxonomy = map.take("taxonomy");
    if (taxonomy != nullptr && taxonomy->scalar != "sigma")
      context_.warning(taxonomy->mark, "not-evaluated",
                       "the rule is written in the taxonomy '" + printable(taxonomy->scalar, 64) + "'",
                       "its log source and fields are taken as they are written");
    for (const std::string_view key : {"modified", "license", "regression_tests_path"})
      static_cast<void>(map.text(key));
    for (const std::string_view key : {"fields", "scope"}) static_cast<void>(map.texts(key));
    for (const std::string_view key : {"related", "simulation"}) {
      const YamlNode* list = map.take(key);
      if (list != nullptr && list->kind != YamlNode::Kind::sequence)
        error(list->mark, "wrong-type", "'" + std::string{key} + "' must be a list", "start each entry with '-'");
    }
  }

  void read_normwatch(const YamlNode& node, Rule& rule) {
    RuleInfo& info = rule.info;
    YamlMap map{node, "normwatch", file_, diagnostics_};
    if (const YamlNode* norm = map.take("norm")) {
      info.norm = norm->scalar;
      if (!is_norm(info.norm))
        error(norm->mark, "bad-norm", "'" + printable(info.norm, 64) + "' is no norm", "write 13a to 13k");
    }
    info.role = map.text("role");
    info.regime = map.text("regime");
    info.ihl = map.text("ihl");
    info.evidence = map.text("evidence");
    if (const YamlNode* id = map.take("detection_id")) {
      info.detection_id = id->scalar;
      if (id->scalar != "none" && !is_detection_id(id->scalar))
        error(id->mark, "bad-detection-id", "'" + printable(id->scalar, 64) + "' is no detection of the rule pack",
              "write for example NW-F-05, or none");
    }
    static_cast<void>(map.take("variables"));  // variables.h reads them
    const YamlNode* downgrade = map.take("downgrade_when");
    if (const YamlNode* version = map.take("sigma")) {
      extended_ = version->scalar == "2.2";
      if (!extended_ && version->scalar != "2.1")
        error(version->mark, "wrong-type", "'sigma' is the version whose meaning the document wants",
              "write 2.1 or 2.2");
    }
    for (const std::string_view key : kStateKeys) {
      const YamlNode* state = map.take(key);
      if (state == nullptr) continue;
      if (rule.correlation) error(state->mark, "correlation-document", "a rule has one state", "make two rules of it");
      rule.correlation = read_state(key, *state, context_);
    }
    if (downgrade != nullptr) read_downgrade(*downgrade, rule);
    map.finish();
  }

  // `{nw.maint: true, to: medium}`: a detection's map, and the level of events that it finds. Or a list of those, of
  // which one has to find the event.
  void read_downgrade(const YamlNode& node, Rule& rule) {
    if (rule.correlation || document_.find("correlation") != nullptr) {
      error(node.mark, "correlation-document", "'downgrade_when' is about one event, and this rule about several",
            "put it into a rule with a detection and no state");
      return;
    }
    YamlNode fields = node;
    std::span<YamlNode> maps{&fields, 1};
    if (node.kind == YamlNode::Kind::sequence && !node.items.empty()) maps = fields.items;
    for (YamlNode& map : maps)
      if (!read_level(map, rule.info)) return;
    DetectionBudget budget;
    rule.lowered_when = Identifier{"downgrade_when", node.mark, read_detection(fields, context_, budget)};
  }

  // Takes `to` out of the map.
  bool read_level(YamlNode& node, RuleInfo& info) {
    YamlMap map{node, "downgrade_when", file_, diagnostics_};
    const YamlNode* named = map.ok() ? map.require("to") : nullptr;
    if (named == nullptr) return false;
    const auto to = static_cast<Level>(map.choice("to", static_cast<std::size_t>(Level::informational), kLevels));
    if (to >= info.level)
      error(
          named->mark, "downgrade-level",
          "the level " + std::string{to_string(to)} + " is not below the rule's, " + std::string{to_string(info.level)},
          "lower it further, or leave 'downgrade_when' out");
    else if (info.lowered && *info.lowered != to)
      error(named->mark, "downgrade-level",
            "the level " + std::string{to_string(to)} + " is not that of the maps before, " +
                std::string{to_string(*info.lowered)},
            "give all of them one level, or make two rules");
    info.lowered = to;
    std::erase_if(node.members, [](const auto& member) { return member.first.scalar == "to"; });
    return true;
  }

  // Of a document that has tags.
  [[nodiscard]] Mark tag_mark(std::size_t i) const {
    const YamlNode& tags = *document_.find("tags");
    return i < tags.items.size() ? tags.items[i].mark : tags.mark;
  }

  void check_norm(RuleInfo& info) {
    const bool stated = !info.norm.empty();
    for (std::size_t i = 0; i < info.tags.size(); ++i) {
      const std::string& tag = info.tags[i];
      if (!tag.starts_with("norm.")) continue;
      const std::string norm = tag.substr(5);
      if (!is_norm(norm))
        error(tag_mark(i), "bad-norm", "the tag '" + printable(tag, 64) + "' names no norm",
              "write norm.13a to norm.13k");
      else if (info.norm.empty())
        info.norm = norm;
      else if (info.norm != norm && stated)
        error(tag_mark(i), "norm-mismatch", "normwatch.norm is " + printable(info.norm, 64) + ", the tag says " + norm,
              "make them agree");
    }
    if (context_.options.norm_required && info.norm.empty())
      error(document_.mark, "missing-norm", "a rule of this pack names the norm that it engages",
            "add normwatch: {norm: 13f}, or the tag norm.13f");
  }

  void read_detections(const YamlNode& node, Rule& rule) {
    if (const YamlNode* timeframe = node.find("timeframe"))
      error(timeframe->mark, "condition-aggregation", "'timeframe' is no longer part of Sigma",
            "write a correlation document with a timespan instead");
    constexpr std::array<std::string_view, 1> kOthers{"timeframe"};
    read_search(node, kOthers, context_, rule);
  }

  const YamlNode& document_;
  const DocumentContext& context_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  bool extended_ = false;  // Sigma 2.2
};

void read_document(const YamlNode& document, const DocumentContext& context, ReadResult& out) {
  if (document.kind == YamlNode::Kind::null) {
    context.warning(document.mark, "empty-document", "a document without content", "remove the '---' that opens it");
  } else if (is_filter(document)) {
    Filter filter = read_filter(document, context);
    if (context.diagnostics.ok()) {
      out.filters.push_back(std::move(filter));
      return;
    }
    ++out.refused_filters;
    ++out.refused;
    tell_refused(filter.search.info, context.options, context.diagnostics);
  } else {
    DocumentVariables variables = read_variables(document, context);
    const bool sound = context.diagnostics.ok();
    Rule rule = DocumentReader{variables.document ? *variables.document : document, context}.read();
    rule.info.variables = std::move(variables.variables);
    // The rule's own line tells what is wrong; the site has to know that its value is why.
    if (sound && !context.diagnostics.ok())
      for (const VariableSetting* setting : variables.used)
        context.diagnostics.error(setting->file, setting->mark, "variable-value",
                                  "with this value of '" + setting->name + "' a rule is refused",
                                  "see the fault in " + context.text.file);
    if (!context.options.variables.empty()) out.targets.push_back(std::move(variables.target));
    if (context.diagnostics.ok())
      out.rules.push_back(std::move(rule));
    else
      ++out.refused;
  }
}

}  // namespace

ReadResult::ReadResult() = default;
ReadResult::~ReadResult() = default;
ReadResult::ReadResult(ReadResult&&) noexcept = default;
ReadResult& ReadResult::operator=(ReadResult&&) noexcept = default;

ReadResult read_rules(const RuleText& text, const CompileOptions& options, Diagnostics& diagnostics) {
  ReadResult out;
  Diagnostics syntax;
  const std::vector<YamlNode> documents = parse_yaml(text.text, text.file, syntax);
  diagnostics.append(syntax);
  if (!syntax.ok()) {
    // A duplicate key or a broken line may lie in any document: the file as a whole cannot be trusted.
    out.refused = std::max<std::size_t>(1, documents.size());
    return out;
  }
  if (documents.size() > kDocumentsMax) {
    diagnostics.error(text.file, {}, "limit", "more than " + std::to_string(kDocumentsMax) + " documents in a file",
                      "split the file");
    out.refused = documents.size();
    return out;
  }
  const SourceText source{text.text};
  const auto read = [&](const YamlNode& document) {
    Diagnostics found;
    read_document(document, {text, source, options, found}, out);
    diagnostics.append(found);
  };
  if (!is_collection(documents)) {
    for (const YamlNode& document : documents) read(document);
    return out;
  }
  Collection collection{text.file, diagnostics};
  for (const YamlNode& document : documents) {
    if (const auto whole = collection.next(document)) read(*whole);
    if (collection.broken()) ++out.refused;
  }
  collection.finish();
  return out;
}

}  // namespace nw::sigma
