// An act of a person upon an incident: the body of a ledger entry of type "incident". The incident store applies it, so
// that a store that is rebuilt from the ledger is the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace nw::record {

// What people do. The words are those of commands, entries and tables.
enum class ActKind : unsigned char {
  acknowledge,     // open -> acknowledged
  contain,         // -> contained
  resolve,         // -> resolved; wants the four factors of norm 13b
  false_positive,  // -> false_positive; wants a reason
  reopen,          // -> open
  assign,          // values: to
  note,            // values: text
  merge,           // values: into (an incident's id); split undoes it
  split,           // values: merge (the ledger index of a merge) or alerts (their ids): into an incident of their own
  tlp,             // values: label
  pap,             // values: label
  factor,          // values: factor (technical, scope, context, consultations), text
  hypothesis,      // values: text: another explanation
  victims,         // values: count: victims abroad
  share,           // values: with
  withhold,        // wants a reason
  exercise,        // values: yes or no: part of an announced exercise
  classify,        // values: rsit, kind
  moment,          // values: moment (reporting::kMoments), time: the person states when
  fact,            // values: fact, value (yes, no, a number; empty: not known any more)
  significance,    // values: regime, significant (yes, no), proposal: a person's decision
  sent,            // values: regime, stage, time: a report went out
};
inline constexpr std::array<std::string_view, 22> kActs{
    "acknowledge", "contain",  "resolve", "false_positive", "reopen",       "assign",  "note",  "merge",
    "split",       "tlp",      "pap",     "factor",         "hypothesis",   "victims", "share", "withhold",
    "exercise",    "classify", "moment",  "fact",           "significance", "sent"};
constexpr std::string_view to_string(ActKind kind) noexcept { return kActs[static_cast<std::size_t>(kind)]; }

struct Act {
  // 32 hex digits, drawn at random where the act was asked for: what asks for it again, or for what became of it, goes
  // by it. Empty: an act of a ledger before there were ids.
  std::string id;
  ActKind kind = ActKind::note;
  std::string incident;   // "NW-2026-000001"
  std::string by;         // an opaque id of staff
  std::int64_t uid = -1;  // of the user at the control socket; -1: not known
  std::string why;
  std::vector<std::pair<std::string, std::string>> values;  // by the kind's names

  [[nodiscard]] std::string_view value(std::string_view name) const noexcept {  // empty: not there
    for (const auto& [key, text] : values)
      if (key == name) return text;
    return {};
  }
  // One JSON object, for make_entry(kEntryIncident, ...); `values` come out sorted.
  [[nodiscard]] std::string to_json() const;
  // Reads it back, strictly: unknown members and whatever check() refuses are `malformed`, which names the member.
  static Result<Act> from_json(std::string_view json);
  // Whether the act is whole by itself: its kind's values and no others, each of its form and within its bounds, a
  // reason where the kind wants one. `invalid_argument` says what is missing or wrong. Whether the incident's state
  // allows it is the store's to say.
  [[nodiscard]] Result<> check() const;
};

// Bounds of what a person may write.
inline constexpr std::size_t kActTextBytesMax = 4096;   // one text
inline constexpr std::size_t kActBytesMax = 16 * 1024;  // all texts of an act together
inline constexpr std::size_t kActNameBytesMax = 128;    // `by`, names, labels
inline constexpr std::size_t kActSplitAlertsMax = 120;  // ids of one split

// What an act of this kind says.
struct ActForm {
  ActKind kind;
  std::vector<std::string_view> needs, may;  // names of values
  bool why;                                  // a reason must be given
};
const ActForm& form_of(ActKind kind);
std::optional<ActKind> act_kind(std::string_view word) noexcept;
// Values that are free text of people: what a privacy guard looks at, besides `why`.
bool is_free_text(ActKind kind, std::string_view name) noexcept;

// Act::id, when it is not empty.
inline constexpr std::size_t kActIdBytes = 16;
bool is_act_id(std::string_view text) noexcept;
// "NW-2026-000001".
bool is_incident_id(std::string_view text) noexcept;

// From the least to the most restricting.
inline constexpr std::array<std::string_view, 4> kPapLabels{"clear", "green", "amber", "red"};
// Norm 13b: what is written down before a case is closed.
inline constexpr std::array<std::string_view, 4> kFactors{"technical", "scope", "context", "consultations"};

}  // namespace nw::record
