// The stages of a regime: limits, fields, recipients, templates.
#include <algorithm>

#include "base/text.h"
#include "context/norms/data_file.h"
#include "record/reporting/incident.h"
#include "record/reporting/regime_reader.h"
#include "record/reporting/template.h"

namespace nw::reporting {

namespace {

constexpr std::size_t kShortBytesMax = 200, kBodyBytesMax = 8'192;
constexpr std::array<std::string_view, 2> kWhich{"first", "latest"};

std::vector<std::string_view> stage_ids(const ReportingRegime& regime) {
  std::vector<std::string_view> out;
  for (const ReportingStage& stage : regime.stages) out.push_back(stage.id);
  return out;
}

}  // namespace

// A stage that stands before: so clocks wait for each other in one direction only.
Anchor RegimeReader::anchor(YamlMap& map) {
  Anchor out;
  out.moment = out_.trigger;
  const YamlNode* node = map.require("after");
  const std::string word = map.text("after");
  out.latest = map.choice("after_which", 0, kWhich) == 1;
  if (node == nullptr || word == "trigger") return out;
  if (const auto at = std::ranges::find(kMoments, word); at != kMoments.end()) {
    out.moment = static_cast<Moment>(at - kMoments.begin());
    return out;
  }
  std::vector<std::string_view> known = stage_ids(out_);
  if (std::ranges::find(known, word) == known.end()) {
    known.insert(known.end(), kMoments.begin(), kMoments.end());
    known.push_back("trigger");
    unknown(node->mark, word, "the start (a moment, or a stage that stands before)", known);
  }
  out.stage = word;
  return out;
}

Limit RegimeReader::limit(YamlMap& map, bool within_needed) {
  Limit out;
  const YamlNode* node = within_needed ? map.require("within") : map.take("within");
  if (node != nullptr) {
    auto within = parse_within(map.text("within"));
    if (within)
      out.within = *within;
    else
      map.error(node->mark, "bad-period", within.error().what);
  }
  out.after = anchor(map);
  return out;
}

bool RegimeReader::is_field(std::string_view name) const {
  if (name.starts_with(kFactPrefix)) return out_.fact(name.substr(kFactPrefix.size())) != nullptr;
  return find_field(name) != nullptr;
}

void RegimeReader::fields(YamlMap& map, ReportingStage& stage) {
  const YamlNode* node = map.take("fields");
  if (node == nullptr) return;
  stage.fields = map.texts("fields");
  std::vector<std::string> facts;
  std::vector<std::string_view> known;
  for (const FactSpec& fact : out_.facts) facts.push_back(std::string{kFactPrefix} + fact.id);
  known.assign(facts.begin(), facts.end());
  for (const FieldSpec& field : field_specs()) known.push_back(field.id);
  for (const std::string& field : stage.fields)
    if (!is_field(field)) unknown(node->mark, field, "the field", known);
}

void RegimeReader::templates(YamlMap& map, ReportingStage& stage) {
  stage.subject = words(map, "subject", kShortBytesMax, false);
  stage.body = words(map, "body", kBodyBytesMax, false);
  if (stage.subject.empty() != stage.body.empty())
    map.error(map.mark(), "bad-template", "'subject' and 'body' come together");
  if (stage.subject.find_first_of("\r\n") != std::string::npos)
    map.error(map.mark(), "bad-template", "'subject' is one line");
  std::vector<std::string> used;
  for (const auto& [key, text] : {std::pair{"subject", &stage.subject}, std::pair{"body", &stage.body}}) {
    const auto found = placeholders(*text);
    if (!found) {
      map.error(map.mark(), "bad-template", '\'' + std::string{key} + "': " + found.error().what);
      return;
    }
    for (const std::string& name : *found) {
      if (std::ranges::find(stage.fields, name) == stage.fields.end())
        map.error(map.mark(), "bad-template", "{" + printable(name, 64) + "} is none of the stage's fields",
                  "add it to 'fields'");
      used.push_back(name);
    }
  }
  for (const std::string& field : stage.fields)
    if (!stage.body.empty() && std::ranges::find(used, field) == used.end())
      map.error(map.mark(), "bad-template", "the field '" + printable(field, 64) + "' stands nowhere in the template",
                "write {" + printable(field, 64) + "} in 'body', or take it out of 'fields'");
}

ReportingStage RegimeReader::stage(const YamlNode& node) {
  ReportingStage out;
  YamlMap map{node, "a stage", file_, diagnostics_};
  if (!map.ok()) return out;
  std::vector<std::string_view> taken = stage_ids(out_);
  taken.insert(taken.end(), kMoments.begin(), kMoments.end());
  taken.push_back("trigger");
  out.id = id(map, taken, "a stage or a moment");
  out.title = words(map, "title", kShortBytesMax);
  out.source = words(map, "source", kShortBytesMax);
  out.by = static_cast<By>(map.choice("by", 0, kBy));
  Limit main = limit(map, false);
  out.after = main.after;
  if (node.find("within") != nullptr) out.limits.push_back(std::move(main));
  if (const YamlNode* list = sequence(map, "earlier", false))
    for (const YamlNode& item : list->items) {
      YamlMap one{item, "an earlier limit", file_, diagnostics_};
      if (!one.ok()) continue;
      Limit earlier = limit(one, true);
      if (const YamlNode* only = one.take("only_if")) earlier.only_if = condition(*only);
      if (one.take("lapses_if_later") != nullptr)
        earlier.lapses_if_later = static_cast<Moment>(one.choice("lapses_if_later", 0, kMoments));
      one.finish();
      out.limits.push_back(std::move(earlier));
    }
  if (const YamlNode* only = map.take("only_if")) out.only_if = condition(*only);
  out.while_ongoing = map.boolean("while_ongoing", false);
  out.replaced_by = map.text("replaced_by");
  if (const YamlNode* ongoing = map.take("if_ongoing")) {
    YamlMap one{*ongoing, "'if_ongoing'", file_, diagnostics_};
    if (one.ok()) {
      out.if_ongoing = limit(one, true);
      one.finish();
    }
  }
  if ((out.while_ongoing || out.if_ongoing) && out.limits.empty())
    map.error(map.mark(), "bad-period", "'while_ongoing' and 'if_ongoing' look at the stage's limit, and it has none",
              "add 'within'");
  fields(map, out);
  out.recipients = map.texts("recipients");
  for (const std::string& who : out.recipients)
    if (trim(who).empty() || who.size() > kShortBytesMax)
      map.error(map.mark(), "bad-text",
                "each of 'recipients' must have 1 to " + std::to_string(kShortBytesMax) + " bytes");
  templates(map, out);
  out.review = context::review_needed(map);
  map.finish();
  return out;
}

void RegimeReader::stages(YamlMap& map) {
  const YamlNode* list = sequence(map, "stages", true);
  if (list == nullptr) return;
  if (list->items.empty()) map.error(list->mark, "bad-document", "a regime has at least one stage");
  for (const YamlNode& item : list->items) out_.stages.push_back(stage(item));
  // Told at the end: the stage that takes another's place stands after it.
  for (std::size_t i = 0; i < out_.stages.size(); ++i)
    if (const std::string& other = out_.stages[i].replaced_by; !other.empty() && out_.stage(other) == nullptr)
      unknown(list->items[i].mark, other, "the stage", stage_ids(out_));
}

}  // namespace nw::reporting
