#include "record/reporting/incident.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw::reporting {

namespace {

constexpr std::size_t kTextBytesMax = 4'096, kItemBytesMax = 256, kItemsMax = 50;

std::string said(const std::string& text) { return printable(text, kTextBytesMax); }

std::string listed(const std::vector<std::string>& items, std::string_view before = {}, std::string_view after = {}) {
  std::string out;
  for (std::size_t i = 0; i < items.size() && i < kItemsMax; ++i) {
    out += i == 0 ? "" : "; ";
    out.append(before).append(printable(items[i], kItemBytesMax)).append(after);
  }
  if (items.size() > kItemsMax) out += "; and " + std::to_string(items.size() - kItemsMax) + " more";
  return out;
}

std::string time(const ReportedIncident& incident, Moment m) {
  const auto& at = incident.times[m];
  return at ? to_rfc3339(*at, 0) : std::string{};
}

std::string signer(const ReportedIncident& incident, Moment m) {
  return said(incident.times.by[static_cast<std::size_t>(m)]);
}

using Incident = ReportedIncident;

constexpr auto kFields = std::to_array<FieldSpec>({
    {"alerts", "alerts", [](const Incident& i) { return listed(i.alerts); }},
    {"assets", "designated assets, by id", [](const Incident& i) { return listed(i.assets); }},
    {"aware_at", "time of awareness", [](const Incident& i) { return time(i, Moment::aware_at); }},
    {"aware_by", "who became aware", [](const Incident& i) { return signer(i, Moment::aware_at); }},
    {"classified_at", "time of classification", [](const Incident& i) { return time(i, Moment::classified_at); }},
    {"classified_by", "who classified", [](const Incident& i) { return signer(i, Moment::classified_at); }},
    {"contact", "contact", [](const Incident& i) { return said(i.contact); }},
    {"corrected_at", "time of the corrective measure", [](const Incident& i) { return time(i, Moment::corrected_at); }},
    {"detected_at", "time of detection", [](const Incident& i) { return time(i, Moment::detected_at); }},
    {"handled_at", "end of handling", [](const Incident& i) { return time(i, Moment::handled_at); }},
    {"impact", "impact", [](const Incident& i) { return said(i.impact); }},
    {"incident_id", "incident", [](const Incident& i) { return said(i.id); }},
    {"indicators", "indicators of compromise", [](const Incident& i) { return listed(i.indicators); }},
    {"kind", "class", [](const Incident& i) { return said(i.kind); }},
    {"mitigation", "mitigation", [](const Incident& i) { return said(i.mitigation); }},
    {"norms", "norms", [](const Incident& i) { return listed(i.norms, "engages norm ", " (A/70/174)"); }},
    {"notified_at", "time of notification", [](const Incident& i) { return time(i, Moment::notified_at); }},
    {"occurred_at", "time of the event", [](const Incident& i) { return time(i, Moment::occurred_at); }},
    {"outlook", "outlook", [](const Incident& i) { return said(i.outlook); }},
    {"requested_at", "time of the request", [](const Incident& i) { return time(i, Moment::requested_at); }},
    {"root_cause", "type of threat or root cause", [](const Incident& i) { return said(i.root_cause); }},
    {"rsit", "class of RSIT", [](const Incident& i) { return said(i.rsit); }},
    {"sectors", "sectors", [](const Incident& i) { return listed(i.sectors); }},
    {"severity", "severity", [](const Incident& i) { return said(i.severity); }},
    {"title", "title", [](const Incident& i) { return said(i.title); }},
});
static_assert(std::ranges::is_sorted(kFields, {}, &FieldSpec::id));

}  // namespace

std::span<const FieldSpec> field_specs() { return kFields; }

const FieldSpec* find_field(std::string_view id) noexcept {
  const auto at = std::ranges::lower_bound(kFields, id, {}, &FieldSpec::id);
  return at != kFields.end() && at->id == id ? &*at : nullptr;
}

}  // namespace nw::reporting
