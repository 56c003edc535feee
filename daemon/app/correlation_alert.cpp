#include "app/correlation_alert.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "app/alert_parts.h"
#include "base/text.h"
#include "detect/sigma/archive.h"

namespace nw::app {

namespace {

constexpr std::chrono::minutes kAheadMax{1};   // that a sender's clock may be ahead of ours
constexpr std::size_t kFieldBytesMax = 4'096;  // of one field that counts

// Of the event that completes a firing: what its alert says of it.
struct Context {
  std::int64_t event_time = 0, receive_time = 0;
  std::string_view quality, path, asset, host;
  std::string uid, community_id, source_address, destination_address, protocol;
  std::uint16_t source_port = 0, destination_port = 0;
  std::string maintenance, maintenance_until;
  bool quiet = false;
  bool indicator = false;  // the event has one
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Context>
void members(Archive& archive, T& c) {
  archive(c.event_time, c.receive_time, c.quality, c.path, c.asset, c.host, c.uid, c.community_id, c.source_address,
          c.destination_address, c.protocol, c.source_port, c.destination_port, c.maintenance, c.maintenance_until,
          c.quiet, c.indicator);
}

std::string shown(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

std::string firing_id(const correlation::Firing& firing, std::string_view rule) {
  std::string key{rule};
  for (const auto& [name, value] : firing.key) key += '\0' + name + '\0' + value;
  key += '\0' + std::to_string(to_unix_nanoseconds(firing.time)) + '\0' + firing.what;
  // Clocks of one second: a group may fire twice at one time.
  key += '\0' + std::to_string(firing.events) + '\0' + shown(firing.value);
  return record::alert_id_of(key);
}

// Why it fired, as an atom: what was counted, the limit, and what it came to.
record::AlertAtom reason(const sigma::Correlation& spec, const correlation::Firing& firing) {
  constexpr std::array<std::string_view, 6> kOps{"gt", "gte", "lt", "lte", "eq", "neq"};
  record::AlertAtom atom{std::string{to_string(spec.type)}, {}, {}, shown(firing.value)};
  for (const std::string& field : spec.fields) atom.field += ' ' + field;
  for (const sigma::Bound& bound : spec.bounds) {
    atom.op += (atom.op.empty() ? "" : ",") + std::string{kOps[static_cast<std::size_t>(bound.op)]};
    atom.pattern += (atom.pattern.empty() ? "" : ",") + shown(bound.value);
  }
  if (!firing.what.empty()) atom.value = firing.what;
  return atom;
}

// Of many events only the group is known: a group that is of one mark has it, any other is taken for the strictest.
void set_marks(const correlation::Firing& firing, bool indicator, record::Alert& alert) {
  bool grouped = false;
  for (const auto& [name, value] : firing.key) {
    if (name == "nw.ioc.tlp") alert.indicator_tlp = value;
    if (name == "nw.ioc.pap") alert.pap = value;
    grouped = grouped || name == "nw.ioc.pap";
    indicator = indicator || name.starts_with("nw.ioc.");
  }
  if (indicator && !grouped) alert.pap = to_string(context::Pap::red);
}

// Silence has no last event: the key says whom it is about.
void set_subject(const correlation::Firing& firing, const context::Registry& registry, record::Alert& alert) {
  const context::Asset* subject = nullptr;
  for (const auto& [name, value] : firing.key) {
    const context::Asset* asset = nullptr;
    IpAddress address;
    if (name == "id.orig_h") alert.source_address = value;
    if (name == "id.resp_h") alert.destination_address = value;
    if (name == "host") alert.host = value;
    if (name == "nw.dst.asset" || name == "nw.src.asset")
      asset = registry.find_asset(value);
    else if (name == "host")
      asset = registry.find_host(value).asset;
    else if (name.starts_with("id.") && IpAddress::parse_into(value, address))
      asset = registry.find(address).asset;
    // As with events: of two designated ends, the responder's.
    if (asset != nullptr && (subject == nullptr || name.starts_with("id.resp") || name.starts_with("nw.dst")))
      subject = asset;
  }
  if (subject == nullptr) return;
  set_asset(*subject, registry, alert);
  set_maintenance(context::maintenance_at(*subject, firing.time), alert);
}

}  // namespace

bool registered(std::string_view name, const event::Value& value, std::string_view text,
                const context::Registry& registry) {
  if (name.starts_with("nw.")) return true;
  IpAddress address;
  if (value.kind() == event::Value::Kind::address) return registry.find(value.as_address()).host != nullptr;
  if (value.kind() != event::Value::Kind::text) return false;
  if (IpAddress::parse_into(text, address)) return registry.find(address).host != nullptr;
  return registry.find_host(text).host != nullptr;
}

Timestamp counted_at(const event::Event& event) {
  const bool own_clock = event.time_quality() == event::TimeQuality::capture;
  return own_clock || event.known_at <= event.receive_time() + kAheadMax ? event.known_at : event.receive_time();
}

correlation::Contribution make_contribution(const event::Event& event, std::size_t rule, const Snapshot& snapshot) {
  correlation::Contribution out;
  out.time = counted_at(event);
  out.rule = static_cast<std::uint32_t>(rule);
  out.origin = {static_cast<std::uint16_t>(event.source()), event.part, event.place != 0 ? event.place : event.ordinal};
  const auto names = snapshot.rules->read_fields(rule);
  const auto ids = snapshot.rules->read_ids(rule, event.type());
  out.fields.resize(names.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const event::Value* value = event.get(ids[i]);
    if (value == nullptr || value->kind() == event::Value::Kind::null) continue;
    correlation::Field& field = out.fields[i];
    field.present = true;
    value->append_text(field.text);
    if (field.text.size() > kFieldBytesMax) field.text.resize(kFieldBytesMax);
    field.registered = registered(names[i], *value, field.text, *snapshot.registry);
  }
  Context context;
  context.event_time = to_unix_nanoseconds(event.event_time());
  context.receive_time = to_unix_nanoseconds(event.receive_time());
  context.quality = event::to_string(event.time_quality());
  context.path = snapshot.schema->type(event.type()).path;
  if (const context::Asset* asset = context::Enricher::asset_of(event, *snapshot.registry)) {
    context.asset = asset->id;
    if (const auto under = snapshot.enricher->maintenance_of(event, *asset, *snapshot.registry)) {
      context.maintenance = under.work->ticket;
      context.maintenance_until = to_rfc3339(under.end, 0);
      context.quiet = under.planned;
    }
  }
  context.indicator = snapshot.indicator_enricher->has_indicator(event);
  const std::string host = host_of(event);
  context.host = host;
  context.uid = text_of(event, event::Common::uid);
  context.community_id = text_of(event, event::Common::community_id);
  context.source_address = text_of(event, event::Common::orig_h);
  context.destination_address = text_of(event, event::Common::resp_h);
  context.protocol = text_of(event, event::Common::proto);
  context.source_port = port_of(event, event::Common::orig_p);
  context.destination_port = port_of(event, event::Common::resp_p);
  sigma::ArchiveWriter archive;
  archive(context);
  out.context = archive.take();
  return out;
}

record::Alert firing_alert(const correlation::Firing& firing, const Snapshot& snapshot,
                           const std::vector<std::string>& sources) {
  const sigma::RuleInfo& rule = snapshot.rules->info(firing.rule);
  const sigma::Correlation& spec = *snapshot.rules->correlation(firing.rule);
  record::Alert alert;
  alert.id = firing_id(firing, rule.id);
  set_rule(rule, snapshot, alert);
  alert.event_time = firing.time;
  Context context;
  sigma::ArchiveReader archive{firing.context};
  archive(context);
  alert.receive_time = archive.ok() ? from_unix_nanoseconds(context.receive_time) : firing.time;
  if (!firing.context.empty() && archive.ok()) {
    alert.time_quality = context.quality;
    alert.path = context.path;
    alert.host = context.host;
    alert.uid = context.uid;
    alert.community_id = context.community_id;
    alert.source_address = context.source_address;
    alert.destination_address = context.destination_address;
    alert.protocol = context.protocol;
    alert.source_port = context.source_port;
    alert.destination_port = context.destination_port;
    alert.maintenance = context.maintenance;
    alert.maintenance_until = context.maintenance_until;
    alert.quiet = context.quiet;
    if (const context::Asset* asset = snapshot.registry->find_asset(context.asset))
      set_asset(*asset, *snapshot.registry, alert);
    if (firing.origin.source < sources.size()) alert.source = sources[firing.origin.source];
    alert.ordinal = firing.origin.ordinal;
  }
  if (firing.context.empty()) set_subject(firing, *snapshot.registry, alert);
  set_marks(firing, context.indicator, alert);
  set_regime(snapshot, snapshot.registry->find_asset(alert.asset), alert);
  alert.atoms.push_back(reason(spec, firing));
  alert.fields = firing.key;
  set_secret_end(*snapshot.registry, alert);
  for (const sigma::GroupAlias& alias : spec.aliases)
    for (const auto& [reference, field] : alias.fields) alert.same_kind.emplace_back(alias.name, field);
  alert.fields.emplace_back("correlation.type", std::string{to_string(spec.type)});
  if (!firing.what.empty()) alert.fields.emplace_back("correlation.what", firing.what);
  alert.fields.emplace_back("correlation.events", std::to_string(firing.events));
  alert.fields.emplace_back("correlation.value", shown(firing.value));
  alert.fields.emplace_back("correlation.first", to_rfc3339(firing.first, 9));
  return alert;
}

bool translate(correlation::Contribution& contribution, const sigma::RuleSet& from, const sigma::RuleSet& to) {
  const std::string& id = from.info(contribution.rule).id;
  const auto names = from.read_fields(contribution.rule);
  for (std::uint32_t i = 0; i < to.size(); ++i) {
    if (to.info(i).id != id) continue;
    contribution.rule = i;
    return to.feeds(i) && std::ranges::equal(names, to.read_fields(i));
  }
  return false;
}

}  // namespace nw::app
