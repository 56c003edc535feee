#include "detect/sigma/read.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/yaml.h"
#include "detect/sigma/document.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

namespace {

constexpr std::array<std::string_view, 5> kLevels{"informational", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 5> kStatus{"stable", "test", "experimental", "deprecated", "unsupported"};
constexpr std::array<std::string_view, 5> kState{"absence", "beacon", "newvalue", "rate", "ratio"};

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
    if (refuse_other_kinds()) return rule;
    YamlMap map{document_, "a rule", file_, diagnostics_};
    if (!map.ok()) return rule;
    rule.info.file = file_;
    rule.info.mark = document_.mark;
    read_head(map, rule.info);
    read_metadata(map, rule.info);
    if (const YamlNode* node = map.require("logsource")) rule.info.log_source = read_log_source(*node, context_);
    if (const YamlNode* node = map.take("normwatch")) read_normwatch(*node, rule.info);
    check_norm(rule.info);
    if (const YamlNode* node = map.require("detection")) read_detections(*node, rule);
    map.finish();
    return rule;
  }

 private:
  void error(Mark mark, std::string_view code, std::string text, std::string hint) {
    diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
  }

  bool refuse_other_kinds() {
    for (const std::string_view kind : {std::string_view{"correlation"}, std::string_view{"filter"}})
      for (const auto& [key, value] : document_.members)
        if (key.scalar == kind) {
          error(key.mark, "unsupported-" + std::string{kind},
                "this version does not evaluate " + std::string{kind} + " documents", "leave the document out");
          return true;
        }
    return false;
  }

  void read_head(YamlMap& map, RuleInfo& info) {
    info.title = map.require_text("title");
    const YamlNode* id = map.require("id");
    if (id != nullptr) {
      info.id = to_ascii_lower(id->scalar);
      if (!is_uuid(info.id))
        error(id->mark, "bad-id", "'" + printable(id->scalar, 64) + "' is no UUID", "make one with uuidgen");
    }
    info.level = static_cast<Level>(map.choice("level", static_cast<std::size_t>(Level::medium), kLevels));
    const YamlNode* status = document_.find("status");
    info.status = std::string{kStatus[map.choice("status", 2, kStatus)]};
    if (status != nullptr && info.status == "unsupported" && document_.find("normwatch") == nullptr)
      error(status->mark, "status-unsupported", "the rule itself says that it cannot be used",
            "mend the rule and change its status, or leave it out");
    info.tags = map.texts("tags");
    for (std::size_t i = 0; i < info.tags.size(); ++i)
      if (!is_tag(info.tags[i]))
        error(tag_mark(i), "bad-tag", "'" + printable(info.tags[i], 64) + "' is no tag",
              "write namespace.name in small letters, as attack.t0858");
  }

  void read_metadata(YamlMap& map, RuleInfo& info) {
    info.description = map.text("description");
    info.author = map.text("author");
    info.date = map.text("date");
    info.references = map.texts("references");
    info.falsepositives = map.texts("falsepositives");
    for (const std::string_view key : {"modified", "name", "taxonomy", "license", "regression_tests_path"})
      static_cast<void>(map.text(key));
    for (const std::string_view key : {"fields", "scope"}) static_cast<void>(map.texts(key));
    for (const std::string_view key : {"related", "simulation"}) {
      const YamlNode* list = map.take(key);
      if (list != nullptr && list->kind != YamlNode::Kind::sequence)
        error(list->mark, "wrong-type", "'" + std::string{key} + "' must be a list", "start each entry with '-'");
    }
  }

  void read_normwatch(const YamlNode& node, RuleInfo& info) {
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
    if (const YamlNode* downgrade = map.take("downgrade_when"))
      diagnostics_.warning(file_, downgrade->mark, "not-evaluated", "this version does not evaluate 'downgrade_when'",
                           "the rule keeps its level");
    for (const std::string_view key : kState)
      if (const YamlNode* state = map.take(key))
        error(state->mark, "unsupported-" + std::string{key},
              "this version does not evaluate 'normwatch." + std::string{key} + "'", "leave the document out");
    map.finish();
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
};

}  // namespace

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
  for (const YamlNode& document : documents) {
    if (document.kind == YamlNode::Kind::null) {
      diagnostics.warning(text.file, document.mark, "empty-document", "a document without content",
                          "remove the '---' that opens it");
      continue;
    }
    Diagnostics found;
    const DocumentContext context{text, source, options, found};
    Rule rule = DocumentReader{document, context}.read();
    diagnostics.append(found);
    if (found.ok())
      out.rules.push_back(std::move(rule));
    else
      ++out.refused;
  }
  return out;
}

}  // namespace nw::sigma
