#include "app/reporting_case.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "context/taxonomy/tlp_order.h"

namespace nw::app {

namespace {

using reporting::Moment;

constexpr std::size_t kTitlesMax = 50;
constexpr std::size_t kRangesMax = 20;  // of ledger entries that a sentence names

bool add_sorted(std::vector<std::string>& to, const std::string& text) {
  if (text.empty() || std::ranges::find(to, text) != to.end()) return false;
  to.push_back(text);
  return true;
}

// "12, 15 to 19, 40"
std::string ranges(const std::vector<record::CaseAlert>& alerts) {
  std::string out;
  std::size_t told = 0;
  for (std::size_t i = 0; i < alerts.size();) {
    std::size_t last = i;
    while (last + 1 < alerts.size() && alerts[last + 1].entry == alerts[last].entry + 1) ++last;
    if (++told > kRangesMax) return out + " and others up to " + std::to_string(alerts.back().entry);
    out += (out.empty() ? "" : ", ") + std::to_string(alerts[i].entry);
    if (last != i) out += " to " + std::to_string(alerts[last].entry);
    i = last + 1;
  }
  return out;
}

std::string evidence_text(const record::CaseFile& file, const CaseEvidence& evidence) {
  if (file.alerts.empty()) return {};
  std::uint64_t last = 0;
  for (const record::CaseAlert& alert : file.alerts) last = std::max(last, alert.entry);
  std::string out = "ledger entries " + ranges(file.alerts) + "; ";
  if (!evidence.checkpoint) return out + "no signed head is known here that covers them";
  const std::string size = std::to_string(*evidence.checkpoint);
  return *evidence.checkpoint > last
             ? out + "all of them are covered by the signed head of " + size + " entries"
             : out + "the signed head of " + size + " entries does not cover the latest of them yet";
}

// "Write to a controller: 3 alerts, modbus, from 2026-01-15T08:00:00Z to 2026-01-15T09:00:00Z"
std::vector<std::string> observed(const CaseEvidence& evidence) {
  struct Seen {
    std::uint64_t count = 0;
    Timestamp first = Timestamp::max(), last = Timestamp::min();
    std::set<std::string> paths;
  };
  std::map<std::string, Seen> by_title;
  for (const record::Alert& alert : evidence.alerts) {
    Seen& seen = by_title[alert.rule_title];
    ++seen.count;
    seen.first = std::min(seen.first, alert.event_time);
    seen.last = std::max(seen.last, alert.event_time);
    if (!alert.path.empty()) seen.paths.insert(alert.path);
  }
  std::vector<std::string> out;
  for (const auto& [title, seen] : by_title) {
    if (out.size() == kTitlesMax) {
      out.push_back("and " + std::to_string(by_title.size() - kTitlesMax) + " other kinds");
      break;
    }
    std::string text = title + ": " + std::to_string(seen.count) + (seen.count == 1 ? " alert" : " alerts");
    for (const std::string& path : seen.paths) text += ", " + path;
    text += seen.first == seen.last ? ", at " + to_rfc3339(seen.first, 0)
                                    : ", from " + to_rfc3339(seen.first, 0) + " to " + to_rfc3339(seen.last, 0);
    out.push_back(std::move(text));
  }
  if (evidence.left_out != 0) out.push_back("and " + std::to_string(evidence.left_out) + " further alerts");
  return out;
}

std::optional<bool> flag_of(const record::CaseFile& file, std::string_view name) {
  for (const record::CaseFact& fact : file.facts)
    if (fact.name == name && (fact.value == "yes" || fact.value == "no")) return fact.value == "yes";
  return std::nullopt;
}

// Who said that something began: the earliest; what has ended, or may only be said of the whole, is the case's own.
void take_moment(const record::CaseMoment& moment, record::CaseFile& into) {
  if (moment.name == to_string(Moment::handled_at)) return;
  for (record::CaseMoment& own : into.moments) {
    if (own.name != moment.name) continue;
    if (moment.time < own.time) own = moment;
    return;
  }
  into.moments.push_back(moment);
}

// What an exercise says starts no clock, and ends none.
void leave_exercises_out(const std::vector<record::CaseFile>& real, record::CaseFile& file) {
  std::set<std::string, std::less<>> ids;
  for (const record::CaseFile& one : real) ids.insert(one.incident.id);
  if (file.incident.exercise) {
    file.moments.clear();
    file.facts.clear();
    file.significance.clear();
    file.sent.clear();
    file.rsit.clear();
    file.kind.clear();
  } else {
    ids.insert("");  // its own alerts
  }
  file.incident.exercise = false;
  std::erase_if(file.alerts, [&ids](const record::CaseAlert& alert) { return !ids.contains(alert.merged_from); });
  if (file.alerts.empty()) return;
  const auto first = std::ranges::min_element(file.alerts, {}, &record::CaseAlert::event_time);
  file.incident.first_event = first->event_time;
  file.incident.opened_at = std::ranges::min_element(file.alerts, {}, &record::CaseAlert::receive_time)->receive_time;
}

}  // namespace

void take_over(const record::CaseFile& merged, record::CaseFile& into) {
  for (const record::CaseMoment& moment : merged.moments) take_moment(moment, into);
  for (const record::CaseFact& fact : merged.facts)
    if (std::ranges::find(into.facts, fact.name, &record::CaseFact::name) == into.facts.end())
      into.facts.push_back(fact);
  for (const record::CaseSignificance& decision : merged.significance)
    if (decision_of(into, decision.regime) == nullptr) into.significance.push_back(decision);
  into.sent.insert(into.sent.end(), merged.sent.begin(), merged.sent.end());
  std::ranges::stable_sort(into.sent, {}, &record::CaseSent::time);
  if (into.rsit.empty()) into.rsit = merged.rsit;
  if (into.kind.empty()) into.kind = merged.kind;
}

Result<record::CaseFile> read_whole_case(const std::string& id, const ReadCase& read) {
  auto file = read(id);
  if (!file) return file;
  std::set<std::string> known{id};
  std::vector<std::string> waiting = file->merged;
  std::vector<record::CaseFile> real;  // merged into it, and no exercises
  bool exercises = file->incident.exercise;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (!known.insert(waiting[i]).second) continue;
    if (known.size() > kMergedMax)
      return Error{Errc::full, id + ": more than " + std::to_string(kMergedMax) + " incidents are merged into it"};
    auto merged = read(waiting[i]);
    if (!merged) return Error{merged.error().code, waiting[i] + ", merged into " + id + ": " + merged.error().what};
    waiting.insert(waiting.end(), merged->merged.begin(), merged->merged.end());
    exercises = exercises || merged->incident.exercise;
    if (!merged->incident.exercise) real.push_back(std::move(*merged));
  }
  if (exercises && !(file->incident.exercise && real.empty())) leave_exercises_out(real, *file);
  for (const record::CaseFile& merged : real) take_over(merged, *file);
  return file;
}

bool has_clocks(const record::CaseFile& file) {
  return file.incident.state != "false_positive" && file.incident.merged_into.empty();
}

reporting::IncidentTimes times_of(const record::CaseFile& file, std::string_view regime) {
  reporting::IncidentTimes out;
  if (file.incident.alerts != 0) {
    out[Moment::occurred_at] = file.incident.first_event;
    Timestamp detected = file.incident.opened_at;
    for (const record::CaseAlert& alert : file.alerts) detected = std::min(detected, alert.receive_time);
    out[Moment::detected_at] = detected;
  }
  for (const record::CaseMoment& moment : file.moments) {
    const auto* const at = std::ranges::find(reporting::kMoments, moment.name);
    if (at == reporting::kMoments.end()) continue;
    const auto index = static_cast<std::size_t>(at - reporting::kMoments.begin());
    out.at[index] = moment.time;
    out.by[index] = moment.said.by;
  }
  for (const record::CaseSent& sent : file.sent)
    if (sent.regime == regime) out.sent[sent.stage].push_back(sent.time);
  return out;
}

reporting::Facts facts_of(const record::CaseFile& file, const reporting::ReportingRegime& regime,
                          const std::vector<std::string>& roles, std::vector<std::string>& warnings) {
  reporting::Facts out;
  for (const record::CaseFact& fact : file.facts) {
    const reporting::FactSpec* spec = regime.fact(fact.name);
    if (spec == nullptr && fact.name != reporting::kOngoing) continue;  // another regime's
    if (spec != nullptr && spec->number) {
      double number = 0;
      const char* const end = fact.value.data() + fact.value.size();
      const auto read = std::from_chars(fact.value.data(), end, number);
      if (read.ec == std::errc{} && read.ptr == end && std::isfinite(number))
        out.values[fact.name] = number;
      else
        warnings.push_back("the fact '" + fact.name + "' is '" + printable(fact.value, 64) + "', and " + regime.id +
                           " asks for a number");
    } else if (fact.value == "yes" || fact.value == "no") {
      out.values[fact.name] = fact.value == "yes";
    } else {
      warnings.push_back("the fact '" + fact.name + "' is '" + printable(fact.value, 64) + "', and " + regime.id +
                         " asks for yes or no");
    }
  }
  for (const std::string& role : roles)
    if (std::ranges::find(regime.roles, role, &reporting::FactSpec::id) != regime.roles.end()) out.roles.insert(role);
  return out;
}

const record::CaseSignificance* decision_of(const record::CaseFile& file, std::string_view regime) noexcept {
  const record::CaseSignificance* out = nullptr;
  for (const record::CaseSignificance& decision : file.significance)
    if (decision.regime == regime) out = &decision;
  return out;
}

CaseClocks clocks_of(const record::CaseFile& file, std::shared_ptr<const reporting::ReportingRegime> regime,
                     const std::vector<std::string>& roles, Timestamp now) {
  CaseClocks out;
  const reporting::IncidentTimes times = times_of(file, regime->id);
  const reporting::Facts facts = facts_of(file, *regime, roles, out.warnings);
  out.deadlines = deadlines(*regime, times, facts, now);
  for (std::string& text : implausible(*regime, times, now)) out.warnings.push_back(std::move(text));
  const record::CaseSignificance* decision = decision_of(file, regime->id);
  if (decision != nullptr && decision->said.at <= now) out.significant = decision->significant;
  if (out.significant == false) {
    for (reporting::Deadline& deadline : out.deadlines) {
      if (deadline.sent) continue;
      deadline.state = reporting::DeadlineState::not_needed;
      deadline.left.reset();
      deadline.notes.assign(1, "decided to be not significant by " + printable(decision->said.by, 64));
    }
  }
  out.regime = std::move(regime);
  return out;
}

reporting::ReportedIncident reported(const record::CaseFile& file, const reporting::ReportingRegime& regime,
                                     const std::vector<std::string>& roles, const CaseEvidence& evidence) {
  reporting::ReportedIncident out;
  std::vector<std::string> ignored;  // clocks_of() tells them
  out.id = file.incident.id;
  // Not the case's own fields but those of the alerts as they may be told: a secret asset has neither name nor sector.
  for (const record::Alert& alert : evidence.alerts) {
    if (out.title.empty()) out.title = alert.rule_title;
    add_sorted(out.assets, alert.asset);
    add_sorted(out.sectors, alert.sector);
    add_sorted(out.norms, alert.norm);
    for (const std::string& label : {alert.tlp, alert.indicator_tlp}) out.tlp = taxonomy::stricter_tlp(out.tlp, label);
  }
  if (out.title.empty()) out.title = file.incident.rule_title;
  out.tlp = taxonomy::stricter_tlp(out.tlp, file.incident.tlp);
  out.kind = file.kind;
  out.rsit = file.rsit;
  out.times = times_of(file, regime.id);
  out.facts = facts_of(file, regime, roles, ignored);
  out.alerts = observed(evidence);
  out.severity = file.incident.level;
  for (const record::CaseText& factor : file.factors)
    if (factor.name == "scope") out.impact = factor.text;
  for (const record::CaseAct& act : file.acts) {
    if (act.act.kind != record::ActKind::contain || act.act.why.empty()) continue;
    out.mitigation += (out.mitigation.empty() ? "" : "; ") + act.act.why;
  }
  out.evidence = evidence_text(file, evidence);
  return out;
}

reporting::CountedIncident counted(const record::CaseFile& file, const ReportingBook& book, Timestamp now) {
  reporting::CountedIncident out;
  if (!file.incident.sector.empty()) out.sectors.push_back(file.incident.sector);
  if (!file.incident.norm.empty()) out.norms.push_back(file.incident.norm);
  out.kind = file.kind;
  out.rsit = file.rsit;
  const reporting::IncidentTimes times = times_of(file, {});
  out.occurred_at = times[Moment::occurred_at];
  out.detected_at = times[Moment::detected_at];
  out.aware_at = times[Moment::aware_at];
  out.handled_at = times[Moment::handled_at];
  out.malicious = flag_of(file, "malicious");
  out.cross_border = flag_of(file, "cross_border");
  for (const auto& regime : book.regimes) {
    for (reporting::Deadline& deadline : clocks_of(file, regime, book.roles, now).deadlines) {
      deadline.stage = regime->id + '/' + deadline.stage;  // stages of two regimes may have one name
      out.deadlines.push_back(std::move(deadline));
    }
  }
  return out;
}

}  // namespace nw::app
