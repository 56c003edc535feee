#include "app/case_holds.h"

#include <algorithm>

#include "record/incidents/case_state.h"

namespace nw::app {

namespace {

constexpr std::size_t kCasesMax = 1'000'000;
constexpr Nanoseconds kSlack = std::chrono::hours{1};  // between an alert's time and that of its evidence

void add(const record::CaseFile& file, CaseHolds& out) {
  for (const record::CaseAlert& alert : file.alerts) out.alerts.insert(alert.id);
  if (file.alerts_left_out != 0)
    out.times.emplace_back(file.incident.opened_at - kSlack, file.incident.last_received + kSlack);
}

Timestamp last_act(const record::CaseFile& file) {
  Timestamp last = file.incident.last_received;
  for (const record::CaseAct& act : file.acts) last = std::max(last, act.at);
  return last;
}

}  // namespace

bool CaseHolds::held(const record::EvidenceObject& object) const {
  const auto within = [&object](const auto& time) {
    return object.stored >= time.first && object.stored <= time.second;
  };
  return alerts.contains(object.alert) || std::ranges::any_of(times, within);
}

Result<CaseHolds> case_holds(const record::IncidentStore& store, const reveals::Holds& holds, Timestamp now,
                             FunctionRef<void()> beat) {
  CaseHolds out;
  for (const auto& [id, hold] : holds.all())
    if (!hold.alert.empty()) out.alerts.insert(hold.alert);
  for (const std::string_view state : record::kCaseStates) {
    record::IncidentStore::Filter filter;
    filter.state = state;
    filter.most = kCasesMax;
    const auto incidents = store.list(filter);
    if (!incidents) return incidents.error();
    const bool active = state == "acknowledged" || state == "contained";
    const bool closed = state == "resolved" || state == "false_positive";
    for (const record::Incident& incident : *incidents) {
      beat();
      const bool named = holds.incident(incident.id);
      if (!active && !closed && !named) continue;
      const auto file = store.case_file(incident.id);
      if (!file) return file.error();
      if (active || named || last_act(*file) + kHeldAfterClosing > now) add(*file, out);
    }
  }
  // A hold on an incident that was merged away holds what it counts in now.
  for (const auto& [id, hold] : holds.all()) {
    if (hold.incident.empty()) continue;
    beat();
    const auto file = store.case_file(hold.incident);
    if (!file && file.error().code == Errc::not_found) continue;
    if (!file) return file.error();
    if (file->incident.merged_into.empty()) continue;
    const auto into = store.case_file(file->incident.merged_into);
    if (!into) return into.error();
    add(*into, out);
  }
  return out;
}

}  // namespace nw::app
