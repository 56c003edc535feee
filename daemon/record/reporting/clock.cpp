#include "record/reporting/clock.h"

#include <algorithm>

#include "base/text.h"

namespace nw::reporting {

namespace {

// The incident as it was at `now`.
class At {
 public:
  At(const ReportingRegime& regime, const IncidentTimes& times, const Facts& facts, Timestamp now)
      : regime_{regime}, times_{times}, facts_{facts}, now_{now} {}

  [[nodiscard]] std::optional<Timestamp> moment(Moment m) const {
    const auto& time = times_[m];
    return time && *time <= now_ ? time : std::nullopt;
  }

  [[nodiscard]] std::optional<Timestamp> sent(std::string_view stage, bool latest = false) const {
    std::optional<Timestamp> out;
    const auto found = times_.sent.find(stage);
    if (found == times_.sent.end()) return out;
    for (const Timestamp time : found->second)
      if (time <= now_ && (!out || (latest ? time > *out : time < *out))) out = time;
    return out;
  }

  [[nodiscard]] std::optional<Timestamp> start(const Anchor& anchor) const {
    return anchor.stage.empty() ? moment(anchor.moment) : sent(anchor.stage, anchor.latest);
  }

  [[nodiscard]] bool ongoing_at(Timestamp limit) const {
    if (const auto handled = moment(Moment::handled_at)) return *handled > limit;
    return said_ongoing().value_or(now_ > limit);
  }

  // What a person says of it.
  [[nodiscard]] std::optional<bool> said_ongoing() const {
    const auto said = facts_.values.find(kOngoing);
    const bool* value = said == facts_.values.end() ? nullptr : std::get_if<bool>(&said->second);
    return value == nullptr ? std::nullopt : std::optional<bool>{*value};
  }

  [[nodiscard]] Deadline deadline(const ReportingStage& stage) const;

 private:
  void earliest(const ReportingStage& stage, Deadline& out) const;
  void finish(const ReportingStage& stage, Deadline& out) const;
  // True: the state is set.
  bool progress(const ReportingStage& stage, Deadline& out) const;
  bool at_end_of_handling(const ReportingStage& stage, Deadline& out) const;

  const ReportingRegime& regime_;
  const IncidentTimes& times_;
  const Facts& facts_;
  Timestamp now_;
};

void At::earliest(const ReportingStage& stage, Deadline& out) const {
  for (const Limit& limit : stage.limits) {
    if (limit.only_if) {
      const Judged judged = judge(*limit.only_if, facts_);
      if (judged.truth == Truth::unknown)
        out.notes.push_back(to_text(limit) + " if " + to_text(*limit.only_if) + ", which nobody has stated");
      if (judged.truth != Truth::yes) continue;
    }
    const auto from = start(limit.after);
    if (!from) {
      out.notes.push_back(to_text(limit) + ": waits for it");
      continue;
    }
    const Timestamp due = add(*from, limit.within, regime_.month_end);
    if (limit.lapses_if_later) {
      const auto other = moment(*limit.lapses_if_later);
      if (other && *other > due) {
        out.notes.push_back(to_text(limit) + " no longer counts: " + std::string{to_string(*limit.lapses_if_later)} +
                            " is later");
        continue;
      }
    }
    if (out.due && *out.due <= due) continue;
    out.from = from;
    out.due = due;
  }
}

void At::finish(const ReportingStage& stage, Deadline& out) const {
  if (out.sent) {
    if (!out.due) out.notes.emplace_back("sent before its clock had started");
    out.state = out.due && *out.sent > *out.due ? DeadlineState::done_late : DeadlineState::done_in_time;
    return;
  }
  if (!out.due) {
    const bool asked = stage.limits.empty() && start(stage.after);
    out.state = asked                  ? DeadlineState::running
                : stage.limits.empty() ? DeadlineState::not_needed
                                       : DeadlineState::not_started;
    if (stage.limits.empty())
      out.notes.push_back(asked ? "asked for; whoever asked says by when" : "only after " + to_text(stage.after));
    return;
  }
  // The last moment is in time: a limit has passed when it is over, neither earlier nor later.
  out.state = now_ <= *out.due ? DeadlineState::running : DeadlineState::overdue;
  out.left = *out.due - now_;
}

bool At::progress(const ReportingStage& stage, Deadline& out) const {
  if (const auto other = stage.replaced_by.empty() ? std::nullopt : sent(stage.replaced_by)) {
    out.state = DeadlineState::not_needed;
    out.notes.push_back(stage.replaced_by +
                        (out.due && *other > *out.due ? " has been sent, but after this was due" : " has been sent"));
    return true;
  }
  if (!out.due || ongoing_at(*out.due)) return false;
  const bool over = moment(Moment::handled_at) || said_ongoing();
  out.state = over ? DeadlineState::not_needed : DeadlineState::not_started;
  out.notes.emplace_back(over ? "the handling ended before" : "only if the incident is still being handled then");
  return true;
}

bool At::at_end_of_handling(const ReportingStage& stage, Deadline& out) const {
  if (!out.due || !ongoing_at(*out.due) || (out.sent && *out.sent <= *out.due)) return false;
  if (const auto from = start(stage.if_ongoing->after)) {
    out.from = from;
    out.due = add(*from, stage.if_ongoing->within, regime_.month_end);
    return false;
  }
  if (out.sent) {  // against the ordinary limit, the stricter one
    out.notes.push_back("sent, but " + to_text(stage.if_ongoing->after) + " is not recorded");
    return false;
  }
  out.from.reset();
  out.due.reset();
  out.state = DeadlineState::not_started;
  out.notes.push_back("still being handled: " + to_text(*stage.if_ongoing));
  return true;
}

Deadline At::deadline(const ReportingStage& stage) const {
  Deadline out{stage.id, stage.title, stage.by, DeadlineState::not_started, {}, {}, sent(stage.id), {}, {}};
  if (stage.only_if) {
    const Judged judged = judge(*stage.only_if, facts_);
    if (judged.truth == Truth::no && !out.sent) {
      out.state = DeadlineState::not_needed;
      out.notes.push_back("only if " + to_text(*stage.only_if));
      return out;
    }
    // Nobody has said that it is not needed: the clock runs.
    if (judged.truth == Truth::unknown)
      out.notes.push_back("only if " + to_text(*stage.only_if) + ", which nobody has stated");
  }
  earliest(stage, out);
  if (stage.while_ongoing && !out.sent && progress(stage, out)) return out;
  if (stage.if_ongoing && at_end_of_handling(stage, out)) return out;
  finish(stage, out);
  return out;
}

}  // namespace

std::vector<Deadline> deadlines(const ReportingRegime& regime, const IncidentTimes& times, const Facts& facts,
                                Timestamp now) {
  const At at{regime, times, facts, now};
  std::vector<Deadline> out;
  for (const ReportingStage& stage : regime.stages) out.push_back(at.deadline(stage));
  return out;
}

std::vector<std::string> implausible(const ReportingRegime& regime, const IncidentTimes& times, Timestamp now) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kMoments.size(); ++i)
    if (times.at[i] && *times.at[i] > now) out.push_back(std::string{kMoments[i]} + " lies in the future");
  static constexpr std::pair<Moment, Moment> kOrder[] = {
      {Moment::occurred_at, Moment::detected_at}, {Moment::occurred_at, Moment::aware_at},
      {Moment::occurred_at, Moment::handled_at},  {Moment::detected_at, Moment::handled_at},
      {Moment::aware_at, Moment::classified_at},  {Moment::aware_at, Moment::handled_at}};
  for (const auto& [first, second] : kOrder)
    if (times[first] && times[second] && *times[second] < *times[first])
      out.push_back(std::string{to_string(second)} + " lies before " + std::string{to_string(first)});
  for (const auto& [id, sent] : times.sent) {
    if (regime.stage(id) == nullptr) out.push_back(regime.id + " has no stage '" + printable(id, 64) + '\'');
    if (std::ranges::any_of(sent, [&](Timestamp time) { return time > now; }))
      out.push_back("a sending of " + printable(id, 64) + " lies in the future");
    const auto& aware = times[regime.trigger];
    if (aware && std::ranges::any_of(sent, [&](Timestamp time) { return time < *aware; }))
      out.push_back(printable(id, 64) + " was sent before " + std::string{to_string(regime.trigger)});
  }
  return out;
}

}  // namespace nw::reporting
