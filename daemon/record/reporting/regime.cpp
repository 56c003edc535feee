#include "record/reporting/regime.h"

#include <algorithm>

#include "base/text.h"
#include "context/norms/data_file.h"
#include "context/norms/wording.h"
#include "record/reporting/regime_reader.h"

namespace nw::reporting {

namespace {

constexpr std::size_t kShortBytesMax = 200, kTextBytesMax = 600;
constexpr std::size_t kItemsMax = 200;  // of one list
constexpr std::array<std::string_view, 2> kMonthEnds{"last_day", "next_day"};

std::string quoted(std::string_view text) { return '\'' + printable(text, 64) + '\''; }

template <class T>
std::vector<std::string_view> ids_of(const std::vector<T>& items) {
  std::vector<std::string_view> out;
  for (const T& item : items) out.push_back(item.id);
  return out;
}

}  // namespace

std::string RegimeReader::words(YamlMap& map, std::string_view key, std::size_t bytes_max, bool needed) {
  const YamlNode* node = needed ? map.require(key) : map.take(key);
  if (node == nullptr) return {};
  std::string text = map.text(key);
  if (node->kind == YamlNode::Kind::map || node->kind == YamlNode::Kind::sequence) return text;  // reported
  if (trim(text).empty() || text.size() > bytes_max)
    map.error(node->mark, "bad-text", quoted(key) + " must have 1 to " + std::to_string(bytes_max) + " bytes");
  if (const auto held = context::forbidden_words(text); !held.empty())
    map.error(node->mark, "bad-wording", quoted(key) + " must not say " + quoted(held.front()),
              "say what was observed, and which norm it engages");
  return text;
}

std::string RegimeReader::id(YamlMap& map, const std::vector<std::string_view>& taken, std::string_view what) {
  const YamlNode* node = map.require("id");
  if (node == nullptr) return {};
  std::string id = map.text("id");
  if (!context::is_data_word(id, "_-"))
    map.error(node->mark, "bad-id", quoted(id) + " cannot be an id", "use 1 to 64 of a-z, 0-9, '_' and '-'");
  else if (std::ranges::find(taken, id) != taken.end())
    map.error(node->mark, "duplicate-id", "there is " + std::string{what} + " called " + quoted(id) + " already",
              "choose another id");
  return id;
}

void RegimeReader::unknown(Mark mark, std::string_view word, std::string_view what,
                           const std::vector<std::string_view>& known) {
  diagnostics_.error(file_, mark, "unknown-word",
                     std::string{what} + ' ' + quoted(word) + " is not known" + did_you_mean(word, known));
}

const YamlNode* RegimeReader::sequence(YamlMap& map, std::string_view key, bool needed) {
  const YamlNode* node = needed ? map.require(key) : map.take(key);
  if (node == nullptr || node->kind == YamlNode::Kind::null) return nullptr;
  if (node->kind == YamlNode::Kind::sequence && node->items.size() <= kItemsMax) return node;
  map.error(node->mark, "wrong-type", quoted(key) + " must be a list of at most " + std::to_string(kItemsMax));
  return nullptr;
}

void RegimeReader::calendar(YamlMap& map) {
  const YamlNode* node = map.take("calendar");
  if (node == nullptr) return;
  YamlMap calendar{*node, "'calendar'", file_, diagnostics_};
  if (!calendar.ok()) return;
  out_.month_end = static_cast<MonthEnd>(calendar.choice("month_end", 0, kMonthEnds));
  out_.calendar_note = words(calendar, "note", kTextBytesMax, false);
  calendar.finish();
}

std::vector<FactSpec> RegimeReader::specs(YamlMap& map, std::string_view key, std::string_view what) {
  static constexpr std::array<std::string_view, 2> kTypes{"boolean", "number"};
  std::vector<FactSpec> out;
  const YamlNode* list = sequence(map, key, false);
  if (list == nullptr) return out;
  for (const YamlNode& item : list->items) {
    YamlMap one{item, what, file_, diagnostics_};
    if (!one.ok()) continue;
    FactSpec spec;
    spec.id = id(one, ids_of(out), what);
    if (spec.id == kOngoing)
      one.error(item.mark, "duplicate-id", "'ongoing' is a fact of every regime", "leave it out here");
    spec.title = words(one, "title", kShortBytesMax);
    if (key == "facts") {
      spec.number = one.choice("type", 0, kTypes) == 1;
      spec.unit = words(one, "unit", kShortBytesMax, false);
    }
    one.finish();
    out.push_back(std::move(spec));
  }
  return out;
}

std::vector<Criterion> RegimeReader::criteria(YamlMap& map, std::string_view key) {
  std::vector<Criterion> out;
  const YamlNode* list = sequence(map, key, false);
  if (list == nullptr) return out;
  for (const YamlNode& item : list->items) {
    YamlMap one{item, "a criterion", file_, diagnostics_};
    if (!one.ok()) continue;
    Criterion criterion;
    criterion.id = id(one, ids_of(out), "a criterion");
    criterion.text = words(one, "text", kTextBytesMax);
    criterion.source = words(one, "source", kShortBytesMax);
    criterion.role = one.text("for");
    const std::vector<std::string_view> roles = ids_of(out_.roles);
    if (!criterion.role.empty() && std::ranges::find(roles, criterion.role) == roles.end())
      unknown(item.mark, criterion.role, "the role", roles);
    if (const YamlNode* when = one.require("when")) criterion.when = condition(*when);
    criterion.review = context::review_needed(one);
    one.finish();
    out.push_back(std::move(criterion));
  }
  return out;
}

void RegimeReader::read(const YamlNode& root) {
  YamlMap map{root, "a reporting regime", file_, diagnostics_};
  if (!map.ok()) return;
  context::check_version(map, 1);
  out_.id = id(map, {}, "a regime");
  out_.title = words(map, "title", kShortBytesMax);
  out_.jurisdiction = words(map, "jurisdiction", kShortBytesMax);
  out_.source = words(map, "source", kTextBytesMax);
  static constexpr std::array kTriggers{Moment::aware_at, Moment::classified_at, Moment::notified_at};
  static constexpr std::array<std::string_view, 3> kTriggerNames{"aware_at", "classified_at", "notified_at"};
  if (map.require("trigger") != nullptr) out_.trigger = kTriggers[map.choice("trigger", 0, kTriggerNames)];
  calendar(map);
  out_.facts = specs(map, "facts", "a fact");
  out_.roles = specs(map, "roles", "a role");
  stages(map);
  out_.significance = criteria(map, "significance");
  out_.not_significant = criteria(map, "not_significant");
  map.finish();
}

std::shared_ptr<const ReportingRegime> ReportingRegime::load(std::string_view text, std::string_view file,
                                                             Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  auto out = std::make_shared<ReportingRegime>();
  if (const auto root = context::one_document(text, file, "a reporting regime", diagnostics))
    RegimeReader{*out, file, diagnostics}.read(*root);
  return diagnostics.errors() == before ? out : nullptr;
}

std::string to_text(const Anchor& anchor) {
  if (anchor.stage.empty()) return std::string{to_string(anchor.moment)};
  return (anchor.latest ? "the latest sending of " : "the sending of ") + anchor.stage;
}

std::string to_text(const Limit& limit) { return to_text(limit.within) + " after " + to_text(limit.after); }

const ReportingStage* ReportingRegime::stage(std::string_view wanted) const noexcept {
  const auto at = std::ranges::find(stages, wanted, &ReportingStage::id);
  return at == stages.end() ? nullptr : &*at;
}

const FactSpec* ReportingRegime::fact(std::string_view wanted) const noexcept {
  static const FactSpec kOngoingFact{std::string{kOngoing}, "still being handled", "", false};
  if (wanted == kOngoing) return &kOngoingFact;
  const auto at = std::ranges::find(facts, wanted, &FactSpec::id);
  return at == facts.end() ? nullptr : &*at;
}

}  // namespace nw::reporting
