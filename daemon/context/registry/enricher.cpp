#include <algorithm>
#include <array>
#include <cstdio>

#include "base/hash.h"
#include "context/registry/event_values.h"
#include "context/registry/registry.h"

namespace nw::context {

namespace {

using event::Common;
using event::Event;
using event::Value;

// The order of fields(). What is asked of each end stands twice, at kSource and at kDestination.
enum : std::size_t { kAsset, kRole, kSector, kClass, kFlags, kZone, kTerritory, kPerEnd };
constexpr std::size_t kSource = 0, kDestination = kPerEnd, kWriterOk = 2 * kPerEnd, kDir = kWriterOk + 1,
                      kMaint = kDir + 1, kPointTag = kMaint + 1, kPointOutside = kPointTag + 1;

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"nw.src.asset", "text", "the designated asset that the originator belongs to: its opaque id"},
    {"nw.src.role", "list of text", "what the originator does there: plc, hmi, jump, ..."},
    {"nw.src.sector", "text", "its asset's sector: water.supply"},
    {"nw.src.class", "text", "its asset's class: the most severe of availability, integrity and confidentiality"},
    {"nw.src.flags", "list of text", "its asset's flags: medical, safety_system, cert, ..."},
    {"nw.src.zone", "text", "the zone of its asset that it stands in: ot, office, ..."},
    {"nw.src.territory", "text", "own, foreign, or unknown (an address that is not globally unique)"},
    {"nw.dst.asset", "text", "the same for the responder, or for the host that a log line comes from"},
    {"nw.dst.role", "list of text", "what the responder does"},
    {"nw.dst.sector", "text", "its asset's sector"},
    {"nw.dst.class", "text", "its asset's class"},
    {"nw.dst.flags", "list of text", "its asset's flags"},
    {"nw.dst.zone", "text", "its zone"},
    {"nw.dst.territory", "text", "own, foreign or unknown"},
    {"nw.writer_ok", "boolean",
     "whether the originator may command the responder; only where the register says who may"},
    {"nw.dir", "text", "in, out: one end is designated; internal: both, of one asset; lateral: both, of two assets"},
    {"nw.maint", "boolean",
     "whether a maintenance window is open at the asset that the event is about; absent without an asset"},
    {"nw.point.tag", "list of text", "the points of the register's list that a control-system message names"},
    {"nw.point.outside", "text",
     "a value beyond its point's limits that is written, the first of them: PUMP1.SP 12.5 bar, above 10"},
});
static_assert(kFields.size() == kPointOutside + 1);

struct End {
  Registry::Found found;
  IpAddress address;
  bool known = false;  // `address` is there
};

End end_at(const Event& event, Common field, const Registry& registry) noexcept {
  End end;
  end.known = address_of(event, common(field), end.address);
  if (end.known) end.found = registry.find(end.address);
  return end;
}

// What is said of an asset as a whole names it in place of a host.
Registry::Found about(std::string_view name, const Registry& registry) noexcept {
  const Asset* asset = registry.find_asset(name);
  return asset == nullptr ? Registry::Found{} : Registry::Found{asset, nullptr, {}, true};
}

// The responder; of a log line the host that wrote it.
End destination_of(const Event& event, const Registry& registry) noexcept {
  End end = end_at(event, Common::resp_h, registry);
  if (end.known) return end;
  const Value* host = event.get(Common::host);
  if (host == nullptr || host->kind() != Value::Kind::text) return end_at(event, Common::host, registry);
  end.found = registry.find_host(host->as_text());
  if (!end.found) end.found = about(host->as_text(), registry);
  if (!end.found) return end_at(event, Common::host, registry);
  if (end.found.host == nullptr) return end;
  end.address = end.found.host->address;
  end.known = true;
  return end;
}

std::string_view direction(const Asset* from, const Asset* to) noexcept {
  if (from == nullptr) return to == nullptr ? std::string_view{} : "in";
  if (to == nullptr) return "out";
  return from == to ? "internal" : "lateral";
}

bool holds(const std::vector<IpPrefix>& prefixes, const IpAddress& address) noexcept {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const IpPrefix& prefix) { return prefix.contains(address); });
}

// "PUMP1.SP 12.5 bar, above 10".
std::string_view describe(const Point& point, std::string_view value, Outside side, Arena& arena) {
  const bool above = side == Outside::above;
  std::array<char, 512> text;
  const int size = std::snprintf(text.data(), text.size(), "%s %.9g%s%s, %s %.9g", point.tag.c_str(),
                                 in_unit(point, value).value_or(0), point.unit.empty() ? "" : " ", point.unit.c_str(),
                                 above ? "above" : "below", above ? *point.max : *point.min);
  return arena.copy({text.data(), std::min(static_cast<std::size_t>(std::max(size, 0)), text.size() - 1)});
}

constexpr std::size_t kTagsMax = 32;  // of one message

bool knows_maintenance(const Registry& registry) {
  return std::ranges::any_of(registry.assets(), [](const Asset& asset) { return !asset.maintenance.empty(); });
}

constexpr std::uint32_t bit(std::size_t field) noexcept { return std::uint32_t{1} << field; }
constexpr std::uint32_t bits(std::size_t first, std::size_t count) noexcept {
  return ((std::uint32_t{1} << count) - 1) << first;
}
static_assert(kFields.size() < 31);

}  // namespace

Enricher::Enricher(event::Schema& schema) {
  for (const event::FieldSpec& field : kFields) ids_.push_back(schema.add_field(field.name));
  operation_ = schema.add_field("ics.operation");
  target_ = schema.add_field("ics.target");
  value_ = schema.add_field("ics.value");
  all_targets_ = schema.add_field("ics.all_targets");
  all_values_ = schema.add_field("ics.all_values");
}

std::span<const event::FieldSpec> Enricher::fields() { return kFields; }

const Asset* Enricher::asset_of(const Event& event, const Registry& registry) noexcept {
  const End destination = destination_of(event, registry);
  if (destination.found) return destination.found.asset;
  return end_at(event, Common::orig_h, registry).found.asset;
}

UnderMaintenance maintenance_at(const Asset& asset, Timestamp t) noexcept {
  for (const Maintenance& work : asset.maintenance)
    if (const auto* open = work.window.open(t)) return {&work, open->end, true};
  return {};
}

UnderMaintenance Enricher::maintenance_of(const Event& event, const Asset& asset,
                                          const Registry& registry) const noexcept {
  UnderMaintenance found = maintenance_at(asset, event.event_time());
  if (!found || !is_change(text_of(event, operation_))) return found;
  const End source = end_at(event, Common::orig_h, registry);
  const End destination = destination_of(event, registry);
  const Host* host = destination.found.host;
  const bool writer = source.known && host != nullptr && holds(host->writers, source.address);
  for (const Maintenance& work : asset.maintenance) {
    const auto* open = work.window.open(event.event_time());
    if (open == nullptr) continue;
    const bool planned = work.stations.empty() ? writer : source.known && holds(work.stations, source.address);
    if (planned) return {&work, open->end, true};
  }
  found.planned = false;
  return found;
}

void Enricher::subscribe(event::Interest& interest, const event::Schema& schema, const Registry& registry) const {
  const bool maintenance = knows_maintenance(registry), points = registry.has_points();
  // Whether a host is heard shows by its events: each of its lines has to become one.
  if (!registry.hosts_with_logs().empty())
    for (std::size_t i = 0; i < schema.type_count(); ++i)
      if (const auto type = static_cast<event::TypeId>(i); schema.type(type).product != "normwatch")
        interest.want(type, event::common(Common::host));
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    const auto& fields = schema.type(type).fields;
    if (!interest.wants(type) || std::ranges::find(fields, operation_) == fields.end()) continue;
    if (maintenance) interest.want(type, operation_);
    if (!points || !(interest.wants(type, ids_[kPointTag]) || interest.wants(type, ids_[kPointOutside]))) continue;
    for (const event::FieldId field : {operation_, target_, value_, all_targets_, all_values_})
      if (std::ranges::find(fields, field) != fields.end()) interest.want(type, field);
  }
}

constexpr Registry::Found kNobody{};

// Valid until the next event.
struct Enrichment::End {
  const Known* known = nullptr;  // null: the event does not say, or only by name
  const Registry::Found* found = &kNobody;
};

// Writes the wanted fields of one event.
class Enrichment::Writer {
 public:
  Writer(Event& event, std::span<const event::FieldId> ids, std::uint32_t wanted) noexcept
      : event_{event}, ids_{ids}, wanted_{wanted} {}

  [[nodiscard]] bool wants(std::size_t field) const noexcept { return (wanted_ & bit(field)) != 0; }
  void text(std::size_t field, std::string_view value) {
    if (!value.empty() && wants(field)) event_.set(ids_[field], Value::text(value));
  }
  void boolean(std::size_t field, bool value) {
    if (wants(field)) event_.set(ids_[field], Value::boolean(value));
  }
  void list(std::size_t field, const std::vector<std::string>& values) {
    if (values.empty() || !wants(field)) return;
    const std::span<Value> out = event_.arena().make<Value>(values.size());
    if (out.empty()) return;  // the event's budget is spent: the field stays away
    std::transform(values.begin(), values.end(), out.begin(), [](const std::string& v) { return Value::text(v); });
    event_.set(ids_[field], Value::list(out));
  }

  void end(std::size_t base, const End& end) {
    if (end.known != nullptr) text(base + kTerritory, end.known->territory);
    const Registry::Found& found = *end.found;
    if (!found) return;
    const Asset& asset = *found.asset;
    text(base + kAsset, asset.id);
    if (found.host != nullptr) list(base + kRole, found.host->roles);
    text(base + kSector, asset.sector);
    text(base + kClass, asset.highest_class());
    list(base + kFlags, asset.flags);
    text(base + kZone, found.zone);
  }

 private:
  Event& event_;
  std::span<const event::FieldId> ids_;
  std::uint32_t wanted_;
};

Enrichment::Enrichment(const Enricher& enricher, const Registry& registry, const event::Interest& interest)
    : enricher_{&enricher}, registry_{&registry}, interest_{&interest} {}

std::uint32_t Enrichment::wanted(event::TypeId type) {
  if (index(type) >= wanted_.size()) wanted_.resize(index(type) + 1, kUnasked);
  std::uint32_t& wanted = wanted_[index(type)];
  if (wanted != kUnasked) return wanted;
  wanted = 0;
  for (std::size_t i = 0; i < kFields.size(); ++i)
    if (interest_->wants(type, enricher_->ids_[i])) wanted |= bit(i);
  return wanted;
}

// Most events are of the host that was seen last, most others of one that was seen just before.
const Enrichment::Known& Enrichment::Memory::look_up(const IpAddress& address, const Registry& registry) {
  if (latest_->used && latest_->address == address) return *latest_;
  Known& known = known_[mix64(word_at(address, 8) ^ mix64(word_at(address, 0))) & (kKnown - 1)];
  if (!known.used || known.address != address) {
    const Registry::Found found = registry.find(address);
    known = {address, true, found, Registry::territory(found, address)};
  }
  latest_ = &known;
  return known;
}

Enrichment::End Enrichment::end_at(const Event& event, Common field, Memory& memory) {
  IpAddress address;
  if (!address_of(event, common(field), address)) return {};
  const Known& known = memory.look_up(address, *registry_);
  return {&known, &known.found};
}

// As the function of this name above.
Enrichment::End Enrichment::destination_of(const Event& event) {
  const End end = end_at(event, Common::resp_h, destinations_);
  if (end.known != nullptr) return end;
  const Value* host = event.get(Common::host);
  if (host == nullptr || host->kind() != Value::Kind::text) return end_at(event, Common::host, destinations_);
  named_ = registry_->find_host(host->as_text());
  if (!named_) named_ = about(host->as_text(), *registry_);
  if (!named_) return end_at(event, Common::host, destinations_);
  if (named_.host == nullptr) return {nullptr, &named_};
  return {&destinations_.look_up(named_.host->address, *registry_), &named_};
}

void Enrichment::enrich(Event& event) {
  constexpr std::uint32_t kEither = bit(kWriterOk) | bit(kDir) | bit(kMaint);
  constexpr std::uint32_t kPoints = bit(kPointTag) | bit(kPointOutside);
  const std::uint32_t wanted = this->wanted(event.type());
  const bool of_points = (wanted & kPoints) != 0 && event.get(enricher_->target_) != nullptr;
  const bool both = (wanted & kEither) != 0;
  const bool from = both || (wanted & bits(kSource, kPerEnd)) != 0;
  const bool to = both || of_points || (wanted & bits(kDestination, kPerEnd)) != 0;
  Writer writer{event, enricher_->ids_, wanted};
  const End source = from ? end_at(event, Common::orig_h, sources_) : End{};
  writer.end(kSource, source);
  const End destination = to ? destination_of(event) : End{};
  writer.end(kDestination, destination);
  const Asset* const theirs = source.found->asset;
  const Asset* const ours = destination.found->asset;
  const Host* const host = destination.found->host;
  if (const Asset* asset = ours != nullptr ? ours : theirs; asset != nullptr && writer.wants(kMaint))
    writer.boolean(kMaint, static_cast<bool>(maintenance_at(*asset, event.event_time())));
  if (of_points && host != nullptr) points(event, *host, wanted);
  if (source.known == nullptr || destination.known == nullptr) return;
  writer.text(kDir, direction(theirs, ours));
  if (host == nullptr || host->writers.empty()) return;
  writer.boolean(kWriterOk, holds(host->writers, source.known->address));
}

void Enrichment::points(Event& event, const Host& host, std::uint32_t wanted) const {
  if (host.points.empty()) return;
  const std::string_view operation = text_of(event, enricher_->operation_);
  const bool writes = operation == "write" || operation == "control";
  std::array<Value, kTagsMax> tags;
  std::size_t used = 0;
  std::string_view outside_text;
  const auto each = [&](const Point& point, std::string_view value) {
    if (used < tags.size()) tags[used++] = Value::text(point.tag);
    if (!writes || !outside_text.empty()) return;
    if (const auto side = outside(point, value)) outside_text = describe(point, value, *side, event.arena());
  };
  const auto whole = [&](event::FieldId all, event::FieldId cut) {
    const std::string_view text = text_of(event, all);
    return text.empty() ? text_of(event, cut) : text;
  };
  host.points.each(whole(enricher_->all_targets_, enricher_->target_), whole(enricher_->all_values_, enricher_->value_),
                   each);
  if (used == 0) return;
  Writer writer{event, enricher_->ids_, wanted};
  if (writer.wants(kPointTag)) {
    const std::span<Value> kept = event.arena().make<Value>(used);
    std::copy_n(tags.begin(), kept.size(), kept.begin());
    if (!kept.empty()) event.set(enricher_->ids_[kPointTag], Value::list(kept));
  }
  writer.text(kPointOutside, outside_text);
}

}  // namespace nw::context
