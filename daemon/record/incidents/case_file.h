// An incident as a case: everything that alerts and people have said about it, as the store has it. A copy; it borrows
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "record/act.h"

namespace nw::record {

struct Incident {
  std::string id;         // "NW-2026-000001"
  std::string group_key;  // Alert::group_key() of the first alert
  std::string state;      // case_state.h: "open", ...; "merged" when its alerts count elsewhere
  std::string rule_id, rule_title, level, norm, asset, asset_name, sector;
  std::string asset_class;  // the most severe of its alerts' assets: "C1" .. "C4"; empty: none
  std::string family;       // grouping.h: what kind of thing it is about
  std::string actor;        // of the first alert, as stored: a pseudonym; empty: not known
  std::string assigned;     // empty: nobody
  std::string tlp, pap;     // the strictest that alerts or people said; empty: nobody said
  bool exercise = false;
  std::string merged_into;  // the id of the incident where its alerts count; empty: here
  Timestamp first_event, last_event, opened_at, last_received;
  std::uint64_t alerts = 0;
  std::string first_alert, last_alert;            // alert ids
  std::uint64_t first_entry = 0, last_entry = 0;  // ledger indices
};

// Who said it, when it was written down, and where in the ledger.
struct Said {
  std::string by;
  std::int64_t uid = -1;
  Timestamp at;
  std::uint64_t entry = 0;
};

// Of an alert, what lies sealed beside the ledger.
struct CaseKept {
  std::uint64_t entry = 0;            // the ledger's entry that commits to it
  std::string kind;                   // "packets", "line"
  std::vector<std::string> supplies;  // what of the norm's evidence it is
};

struct CaseAlert {
  std::string id;
  std::uint64_t entry = 0;  // its ledger index: the alert itself is read there
  Timestamp event_time, receive_time;
  std::uint64_t repeats = 0;  // that only folds tell of
  std::string level;
  std::string merged_from;  // the incident that it belonged to before a merge; empty: this one
  std::vector<CaseKept> kept = {};
};

struct CaseAct {
  Act act;
  Timestamp at;             // of the entry
  std::uint64_t entry = 0;  // its ledger index; of a merge, what `split` takes back
  std::string state;        // of the incident once it was applied
};

// Alerts of one rule about one place: what Alertmanager knows as one alert.
struct CaseGroup {
  std::string group_key, rule_id, rule_title, norm;
  std::uint64_t alerts = 0;
};

struct CaseText {  // a factor (name: technical, ...), or a hypothesis (name empty)
  std::string name, text;
  Said said;
};
struct CaseMoment {
  std::string name;  // reporting::kMoments; the latest that was stated of each
  Timestamp time;
  Said said;
};
struct CaseFact {
  std::string name, value;  // value: "yes", "no", a number; what was taken back is not here
  Said said;
};
struct CaseSignificance {
  std::string regime;
  bool significant = false;
  std::string proposal;  // what the machine had proposed
  std::string why;
  Said said;
};
struct CaseSent {
  std::string regime, stage;
  Timestamp time;
  Said said;
};

struct CaseFile {
  Incident incident;
  std::vector<CaseAlert> alerts;  // in ledger order; at most kCaseAlertsMax, then `alerts_left_out`
  std::uint64_t alerts_left_out = 0;
  std::vector<CaseGroup> groups;    // every rule that has an alert here: titles and norms for a report
  std::vector<CaseAct> acts;        // likewise in order: the latest kCaseActsMax
  std::vector<std::string> merged;  // ids whose alerts count here
  std::vector<CaseText> factors;    // the latest of each of kFactors
  std::vector<CaseText> hypotheses;
  std::vector<CaseMoment> moments;
  std::vector<CaseFact> facts;
  std::vector<CaseSignificance> significance;  // the latest of each regime
  std::vector<CaseSent> sent;                  // all of them, in order
  std::string rsit, kind;                      // classify; empty: nobody has
  std::optional<std::uint64_t> victims;        // abroad
  std::string withheld;                        // why it is not shared; empty: not withheld
  std::vector<std::string> shared_with;
};

inline constexpr std::size_t kCaseAlertsMax = 10'000, kCaseActsMax = 10'000;
}  // namespace nw::record
