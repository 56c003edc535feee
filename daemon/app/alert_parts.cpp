#include "app/alert_parts.h"

#include <algorithm>
#include <array>

#include "context/registry/impact.h"

namespace nw::app {

std::string text_of(const event::Event& event, event::Common field) {
  const event::Value* value = event.get(field);
  return value == nullptr ? std::string{} : value->to_text();
}

std::string host_of(const event::Event& event) {
  const bool flow = event.get(event::Common::resp_h) != nullptr;
  return flow ? std::string{} : text_of(event, event::Common::host);
}

std::uint16_t port_of(const event::Event& event, event::Common field) {
  const event::Value* value = event.get(field);
  // A log may carry the name with a value of another kind.
  if (value == nullptr || value->kind() != event::Value::Kind::integer) return 0;
  const std::int64_t port = value->as_integer();
  return port < 0 || port > 65'535 ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
}

void set_rule(const sigma::RuleInfo& rule, const Snapshot& snapshot, record::Alert& alert) {
  alert.rule_id = rule.id;
  alert.rule_title = rule.title;
  alert.rule_file = rule.file;
  alert.level = sigma::to_string(rule.level);
  alert.tags = rule.tags;
  if (rule.detection_id != "none") alert.family = rule.detection_id;
  if (const context::Norm* norm = snapshot.norms->find(rule.norm)) {
    alert.norm = norm->id;
    alert.norm_text = norm->engages();
    alert.limits = norm->limits;
  }
}

void set_asset(const context::Asset& asset, const context::Registry& registry, record::Alert& alert) {
  alert.asset = asset.id;
  alert.asset_name = asset.secret() ? std::string{} : asset.name;
  alert.disclosure = asset.disclosure;
  alert.impact = context::impact_texts(registry, asset);
  alert.sector = asset.sector;
  alert.asset_class = asset.highest_class();
}

void set_secret_end(const context::Registry& registry, record::Alert& alert) {
  if (!registry.has_secrets()) return;
  const auto look = [&](const context::Asset* asset) {
    if (asset != nullptr && asset->secret() && asset->id != alert.asset) alert.secret_end = true;
  };
  for (const std::string* text : {&alert.source_address, &alert.destination_address}) {
    IpAddress address;
    if (IpAddress::parse_into(*text, address)) look(registry.find(address).asset);
  }
  look(registry.find_host(alert.host).asset);
  for (const auto& [name, value] : alert.fields)
    if (name == "nw.src.asset" || name == "nw.dst.asset") look(registry.find_asset(value));
}

void set_maintenance(const context::UnderMaintenance& under, record::Alert& alert) {
  if (!under) return;
  alert.maintenance = under.work->ticket;
  alert.maintenance_until = to_rfc3339(under.end, 0);
  alert.quiet = under.planned;
}

namespace {

// `steps` levels up, at most to critical; `rule_level` keeps the rule's own wherever they differ.
void raise_level(int steps, record::Alert& alert) {
  static constexpr std::array<std::string_view, 5> kLevels{"informational", "low", "medium", "high", "critical"};
  const int rank = record::level_rank(alert.level);
  if (steps <= 0 || rank < 0) return;
  if (alert.rule_level.empty()) alert.rule_level = alert.level;
  alert.level = kLevels[static_cast<std::size_t>(std::min<int>(rank + steps, kLevels.size() - 1))];
  if (alert.level == alert.rule_level) alert.rule_level.clear();
}

}  // namespace

void set_regime(const Snapshot& snapshot, const context::Asset* asset, record::Alert& alert) {
  if (!snapshot.norms || !snapshot.law || !snapshot.policies) return;
  static const std::vector<std::string> kNoFlags;
  const std::vector<std::string>& flags = asset == nullptr ? kNoFlags : asset->flags;
  context::RegimeInForce in_force;
  if (snapshot.regimes)
    in_force = snapshot.regimes->at(alert.event_time, asset == nullptr ? std::string_view{} : asset->location);
  const context::Norm* norm = snapshot.norms->find(alert.norm);
  const context::RegimePolicy& policy = snapshot.policies->of(in_force.regime);
  alert.regime = to_string(in_force.regime);
  alert.regime_kind = in_force.kinds();
  alert.regime_basis = in_force.basis();
  alert.hooks = snapshot.law->citations(norm, in_force, flags);
  if (norm != nullptr) alert.missing_evidence = norm->evidence;
  alert.tlp = context::stricter_tlp(policy.tlp, asset == nullptr ? std::string_view{} : asset->contact.tlp);
  alert.tlp = context::stricter_tlp(alert.tlp, alert.indicator_tlp);
  alert.retain_days = policy.retention_days;
  const auto is_protected = [&](const std::string& flag) { return snapshot.law->protects(flag, in_force); };
  if (std::any_of(flags.begin(), flags.end(), is_protected)) raise_level(policy.severity_step, alert);
}

}  // namespace nw::app
