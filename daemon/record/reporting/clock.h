// Deadlines of one incident under one regime, at a time that is an argument.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/reporting/regime.h"

namespace nw::reporting {

struct IncidentTimes {
  std::array<std::optional<Timestamp>, kMoments.size()> at{};
  std::array<std::string, kMoments.size()> by{};                    // who signed: of aware_at and classified_at
  std::map<std::string, std::vector<Timestamp>, std::less<>> sent;  // per stage, in any order

  [[nodiscard]] const std::optional<Timestamp>& operator[](Moment m) const { return at[static_cast<std::size_t>(m)]; }
  std::optional<Timestamp>& operator[](Moment m) { return at[static_cast<std::size_t>(m)]; }
};

enum class DeadlineState : unsigned char { not_started, running, done_in_time, done_late, overdue, not_needed };
inline constexpr std::array<std::string_view, 6> kDeadlineStates{"not_started", "running", "done_in_time",
                                                                 "done_late",   "overdue", "not_needed"};
constexpr std::string_view to_string(DeadlineState state) noexcept {
  return kDeadlineStates[static_cast<std::size_t>(state)];
}

struct Deadline {
  std::string stage, title;
  By by = By::entity;
  DeadlineState state = DeadlineState::not_started;
  std::optional<Timestamp> from;    // what `due` counts from
  std::optional<Timestamp> due;     // the last moment that is still in time
  std::optional<Timestamp> sent;    // the first time
  std::optional<Nanoseconds> left;  // running and overdue; negative: overdue by so much
  std::vector<std::string> notes;   // in words: what the clock waits for, what would make it earlier
};

// One for each stage, in the regime's order. What lies after `now` has not happened yet.
std::vector<Deadline> deadlines(const ReportingRegime& regime, const IncidentTimes& times, const Facts& facts,
                                Timestamp now);

// What cannot be right, in words: times in the future, awareness before the event, a stage that the regime does not
// have. Clocks are computed nevertheless.
std::vector<std::string> implausible(const ReportingRegime& regime, const IncidentTimes& times, Timestamp now);

}  // namespace nw::reporting
