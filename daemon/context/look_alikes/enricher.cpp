#include "context/look_alikes/enricher.h"

#include <algorithm>
#include <array>

#include "base/hash.h"

namespace nw::context {

namespace {

using event::Value;

enum Field : std::size_t { kOf, kBy, kAsset, kSector, kFieldCount };
constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"nw.look_alike_of", "text",
     "the designated name that the event's name is easily taken for; absent: none, or it is a designated one itself"},
    {"nw.look_alike_by", "text",
     "confusable: it looks the same; distance: one letter or two differ; embedded: it has the designated name in it"},
    {"nw.look_alike_asset", "text", "opaque id of the designated asset whose name that is"},
    {"nw.look_alike_sector", "text", "that asset's sector"},
});
static_assert(kFields.size() == kFieldCount);

// Where events have a name that somebody asked for, connected to, or wrote from. Of the network only in these types;
// `host` of a log line says who sent it.
struct LookedAt {
  std::string_view field;
  std::string_view own_type;  // of normwatch; empty: of log lines
};
constexpr auto kLookedAt = std::to_array<LookedAt>({
    {"query", "dns"},
    {"server_name", "ssl"},
    {"server_name", "quic"},
    {"host", "http"},
    {"from", "smtp"},
    {"mailfrom", "smtp"},
    {"reply_to", "smtp"},
    // As log lines call them.
    {"DestinationHostname", {}},
    {"QueryName", {}},
    {"cs-host", {}},
    {"query", {}},
    {"r-dns", {}},
    {"server_name", {}},
});
constexpr std::string_view kOwnProduct = "normwatch";

// The name in "Team <team@cert.example>", "cert.example:443" and the like.
std::string_view name_in(std::string_view text) noexcept {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  return text.substr(0, text.find_first_of(":> \t\"/,;"));
}

}  // namespace

LookAlikeEnricher::LookAlikeEnricher(event::Schema& schema) {
  for (const event::FieldSpec& field : kFields) ids_.push_back(schema.add_field(field.name));
  for (const LookedAt& look : kLookedAt) looks_.push_back(schema.add_field(look.field));
}

std::span<const event::FieldSpec> LookAlikeEnricher::fields() { return kFields; }

bool LookAlikeEnricher::wanted(const event::Interest& interest, event::TypeId type) const {
  return std::ranges::any_of(ids_, [&](event::FieldId field) { return interest.wants(type, field); });
}

std::vector<event::FieldId> LookAlikeEnricher::looks_of(const event::Schema& schema, event::TypeId type) const {
  const event::Type& spec = schema.type(type);
  std::vector<event::FieldId> out;
  for (std::size_t row = 0; row < kLookedAt.size(); ++row) {
    const LookedAt& look = kLookedAt[row];
    const bool own = spec.product == kOwnProduct;
    if (own ? spec.path != look.own_type : !look.own_type.empty()) continue;
    if (spec.open_to(look.field) || std::ranges::find(spec.fields, looks_[row]) != spec.fields.end())
      out.push_back(looks_[row]);
  }
  return out;
}

void LookAlikeEnricher::subscribe(event::Interest& interest, const event::Schema& schema) const {
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    if (!interest.wants(type) || !wanted(interest, type)) continue;
    for (const event::FieldId field : looks_of(schema, type)) interest.want(type, field);
  }
}

LookAlikeEnrichment::LookAlikeEnrichment(const LookAlikeEnricher& enricher, const LookAlikes& names,
                                         const event::Interest& interest, const event::Schema& schema)
    : enricher_{&enricher}, names_{&names}, interest_{&interest}, looks_(schema.type_count()), judged_(kJudged) {
  for (std::size_t i = 0; i < looks_.size(); ++i)
    if (const auto type = static_cast<event::TypeId>(i); enricher.wanted(interest, type))
      looks_[i] = enricher.looks_of(schema, type);
}

LookAlikes::Verdict LookAlikeEnrichment::judge(std::string_view name) {
  if (name.empty() || name.size() > kKeptBytes) return names_->judge(name, scratch_);
  Judged& judged = judged_[hash64(name) & (kJudged - 1)];
  // The name itself is compared: whoever chooses names cannot make one stand for another.
  if (judged.name != name) {
    judged.name.assign(name);
    judged.verdict = names_->judge(name, scratch_);
  }
  return judged.verdict;
}

void LookAlikeEnrichment::enrich(event::Event& event) {
  const std::size_t type = event::index(event.type());
  if (type >= looks_.size() || looks_[type].empty()) return;
  LookAlikes::Verdict nearest;
  for (const event::FieldId field : looks_[type]) {
    const Value* value = event.get(field);
    if (value == nullptr || value->kind() != Value::Kind::text) continue;
    const LookAlikes::Verdict verdict = judge(name_in(value->as_text()));
    if (verdict.of != nullptr && (nearest.of == nullptr || verdict.by < nearest.by)) nearest = verdict;
  }
  if (nearest.of == nullptr) return;
  const std::array<std::string_view, kFieldCount> texts{nearest.of->name, to_string(nearest.by), nearest.of->asset,
                                                        nearest.of->sector};
  for (std::size_t i = 0; i < kFieldCount; ++i)
    if (interest_->wants(event.type(), enricher_->ids_[i])) event.set(enricher_->ids_[i], Value::text(texts[i]));
}

}  // namespace nw::context
