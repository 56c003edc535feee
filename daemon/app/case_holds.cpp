#include "app/case_holds.h"

#include <algorithm>

#include "base/text.h"
#include "record/incidents/case_state.h"

namespace nw::app {

namespace {

constexpr std::size_t kCasesMax = 1'000'000;
constexpr std::size_t kMergedMax = 1000;               // from one to the next: more is a loop
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

Error no_time() { return Error{Errc::unavailable, "the daemon is about to end"}; }

}  // namespace

bool CaseHolds::held(const record::EvidenceObject& object) const {
  const auto within = [&object](const auto& time) {
    return object.stored >= time.first && object.stored <= time.second;
  };
  return alerts.contains(object.alert) || std::ranges::any_of(times, within);
}

Result<CaseHolds> named_holds(const reveals::Holds& holds,
                              FunctionRef<Result<record::CaseFile>(const std::string& id)> case_file,
                              FunctionRef<bool()> beat) {
  CaseHolds out;
  for (const auto& [id, hold] : holds.all()) {
    if (!hold.alert.empty()) out.alerts.insert(hold.alert);
    // A hold on an incident that was merged away holds what it counts in now.
    std::string incident = hold.incident;
    for (std::size_t step = 0; !incident.empty(); ++step) {
      if (step == kMergedMax)
        return Error{Errc::malformed, "hold " + id + ": incident " + hold.incident + " was merged more than " +
                                          std::to_string(kMergedMax) + " times"};
      if (!beat()) return no_time();
      const auto file = case_file(incident);
      if (!file && file.error().code == Errc::not_found)
        return Error{Errc::malformed, "hold " + id + " is on incident " + printable(incident, 32) +
                                          ", which the incident store does not know: make the store anew from the "
                                          "ledger, or release the hold"};
      if (!file) return file.error();
      add(*file, out);
      incident = file->incident.merged_into;
    }
  }
  return out;
}

Result<CaseHolds> case_holds(const record::IncidentStore& store, const reveals::Holds& holds, std::uint64_t ledger_size,
                             Timestamp now, FunctionRef<bool()> beat) {
  const auto next = store.next();
  if (!next) return next.error();
  if (*next < ledger_size)
    return Error{Errc::unavailable, "the incident store has read " + std::to_string(*next) + " of " +
                                        std::to_string(ledger_size) + " entries of the ledger; try again in a while"};
  const auto case_file = [&store](const std::string& id) { return store.case_file(id); };
  auto out = named_holds(holds, case_file, beat);
  if (!out) return out;
  for (const std::string_view state : record::kCaseStates) {
    record::IncidentStore::Filter filter;
    filter.state = state;
    filter.most = kCasesMax;
    const bool active = state == "acknowledged" || state == "contained";
    const bool closed = state == "resolved" || state == "false_positive";
    if (!active && !closed) continue;
    const auto incidents = store.list(filter);
    if (!incidents) return incidents.error();
    for (const record::Incident& incident : *incidents) {
      if (!beat()) return no_time();
      const auto file = store.case_file(incident.id);
      if (!file) return file.error();
      if (active || last_act(*file) + kHeldAfterClosing > now) add(*file, *out);
    }
  }
  return out;
}

}  // namespace nw::app
