// A reporting regime: who must be told what, by when, and when an incident counts. Data: config/regimes/*.yaml.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "record/reporting/predicate.h"
#include "record/reporting/within.h"

namespace nw::reporting {

// The times of an incident that clocks hang on. None of them stands in for another.
enum class Moment : unsigned char {
  occurred_at,
  detected_at,    // by a machine or a person
  aware_at,       // a person's signed act; never inferred from the one before
  classified_at,  // a person's signed act
  notified_at,    // the authority was told outside of the stages below
  requested_at,   // the authority asked for a report
  corrected_at,   // a corrective or mitigating measure became available
  handled_at      // the handling of the incident ended
};
inline constexpr std::array<std::string_view, 8> kMoments{"occurred_at",   "detected_at", "aware_at",
                                                          "classified_at", "notified_at", "requested_at",
                                                          "corrected_at",  "handled_at"};
constexpr std::string_view to_string(Moment moment) noexcept { return kMoments[static_cast<std::size_t>(moment)]; }

// What a clock starts from: a moment, or the sending of a stage that stands before in the file.
struct Anchor {
  Moment moment = Moment::aware_at;
  std::string stage;    // when not empty, in place of the moment
  bool latest = false;  // of several sendings of the stage the last one, else the first
};

struct Limit {
  Within within;
  Anchor after;
  std::optional<Predicate> only_if;  // counts only when it is known to hold
  // Does not count when this moment is later than the limit itself (DORA: classified after the 24 hours).
  std::optional<Moment> lapses_if_later;
};

// "the sending of notification"; "24 hours after aware_at".
std::string to_text(const Anchor& anchor);
std::string to_text(const Limit& limit);

enum class By : unsigned char { entity, authority };
inline constexpr std::array<std::string_view, 2> kBy{"entity", "authority"};

struct ReportingStage {
  std::string id, title, source;
  By by = By::entity;
  std::vector<Limit> limits;         // of those that count the earliest; empty: when asked, without a limit of its own
  Anchor after;                      // of the first limit, or what makes it needed when there is none
  std::optional<Predicate> only_if;  // not needed when it is known not to hold
  bool while_ongoing = false;        // needed only when the incident is still being handled at the limit
  std::string replaced_by;           // a stage whose sending makes this one needless
  std::optional<Limit> if_ongoing;   // in place of `limits` when the incident is still being handled at the limit
  std::vector<std::string> fields, recipients;
  std::string subject, body;  // templates; empty: no draft
  bool review = false;        // a person has still to compare the limit with the official text
};

struct Criterion {
  std::string id, text, source, role;  // role: only for entities that have it; empty: for all
  Predicate when;
  bool review = false;  // likewise, of its numbers
};

struct ReportingRegime {
  std::string id, title, jurisdiction, source;
  Moment trigger = Moment::aware_at;
  MonthEnd month_end = MonthEnd::last_day;
  std::string calendar_note;  // what the calendar does not compute: holidays
  std::vector<FactSpec> facts, roles;
  std::vector<ReportingStage> stages;
  std::vector<Criterion> significance, not_significant;

  // One YAML file; strict. Null when there was an error. Codes: those of base/yaml.h and bad-document, bad-version,
  // bad-text, bad-id, duplicate-id, unknown-word, bad-period, bad-condition, bad-template, bad-wording.
  static std::shared_ptr<const ReportingRegime> load(std::string_view text, std::string_view file,
                                                     Diagnostics& diagnostics);
  [[nodiscard]] const ReportingStage* stage(std::string_view wanted) const noexcept;  // null when there is none
  [[nodiscard]] const FactSpec* fact(std::string_view wanted) const noexcept;
};

// A fact of every regime: a person says that the incident will still be handled at a limit.
inline constexpr std::string_view kOngoing = "ongoing";

}  // namespace nw::reporting
