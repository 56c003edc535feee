// What a ledger entry says: one JSON object in canonical form (RFC 8785), so that an entry is the same bytes wherever
// it is made, and whoever has its content can make its hash.
//
//   {"body":{...},"t":"2026-01-15T08:00:05.000Z","type":"alert","v":1}
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "record/guarded.h"

namespace nw::record {

// tlog-tiles gives an entry's length 16 bits.
constexpr std::size_t kEntryBytesMax = 65'535;
// What make_entry() puts around a body, at most.
constexpr std::size_t kEntryFrameMax = 128;
constexpr std::size_t kBodyBytesMax = kEntryBytesMax - kEntryFrameMax;

constexpr std::string_view kEntryOpen = "open";  // a daemon began to write
// Its body's member: what `incidents.quiet` is from here on; "24h".
constexpr std::string_view kOpenQuiet = "incidents_quiet";
constexpr std::string_view kEntryAlert = "alert";           // body: Alert::to_json()
constexpr std::string_view kEntryFold = "fold";             // body: Fold::to_json(); repeats of an alert, counted
constexpr std::string_view kEntryRulesLoad = "rules-load";  // which rules are in force
constexpr std::string_view kEntryReload = "reload";         // a reload was asked for, and how it ended
// Which register is in force: at the start and at each change.
constexpr std::string_view kEntryRegisterLoad = "register-load";
// People designated conversations of control networks (detect/baseline): by whom, why, which.
constexpr std::string_view kEntryBaselineApprove = "baseline-approve";
// People set the regime (context/norms): one proposes a period or an end, another confirms or rejects it.
constexpr std::string_view kEntryRegimePropose = "regime-propose";
constexpr std::string_view kEntryRegimeConfirm = "regime-confirm";
constexpr std::string_view kEntryRegimeReject = "regime-reject";
// Once a minute: what was seen and lost, how the clock runs. So silence can be shown.
constexpr std::string_view kEntryHeartbeat = "heartbeat";
constexpr std::string_view kEntryDrop = "drop";    // input was lost: which, how much, why
constexpr std::string_view kEntryClock = "clock";  // our own clock's quality changed, or it jumped
// What lies beside the ledger (record/evidence): committed to, kept by a hold, deleted by age or one by one.
constexpr std::string_view kEntryEvidence = "evidence";
constexpr std::string_view kEntryHold = "hold";
constexpr std::string_view kEntryPurge = "purge";
constexpr std::string_view kEntryErase = "erase";
// Keys: a new epoch, a new ledger or witness key, new custodians, a key destroyed.
constexpr std::string_view kEntryKeyRotate = "key-rotate";
// Reveal under dual control (record/reveals).
constexpr std::string_view kEntryRevealRequest = "reveal-request";
constexpr std::string_view kEntryRevealApprove = "reveal-approve";
constexpr std::string_view kEntryRevealDeny = "reveal-deny";
constexpr std::string_view kEntryRevealDone = "reveal-done";
// What others said of our signed heads.
constexpr std::string_view kEntryWitnessReceipt = "witness-receipt";
constexpr std::string_view kEntryTsaReceipt = "tsa-receipt";
constexpr std::string_view kEntryIncident = "incident";  // an act of a person upon an incident (record/act.h)
constexpr std::string_view kEntryOperator = "operator";  // who read, exported or handed over what
constexpr std::string_view kEntryClose = "close";        // the daemon ended in order
inline constexpr std::array kEntryTypes{kEntryOpen,
                                        kEntryAlert,
                                        kEntryFold,
                                        kEntryRulesLoad,
                                        kEntryReload,
                                        kEntryRegisterLoad,
                                        kEntryBaselineApprove,
                                        kEntryRegimePropose,
                                        kEntryRegimeConfirm,
                                        kEntryRegimeReject,
                                        kEntryHeartbeat,
                                        kEntryDrop,
                                        kEntryClock,
                                        kEntryEvidence,
                                        kEntryHold,
                                        kEntryPurge,
                                        kEntryErase,
                                        kEntryKeyRotate,
                                        kEntryRevealRequest,
                                        kEntryRevealApprove,
                                        kEntryRevealDeny,
                                        kEntryRevealDone,
                                        kEntryWitnessReceipt,
                                        kEntryTsaReceipt,
                                        kEntryIncident,
                                        kEntryOperator,
                                        kEntryClose};

// `type` is one of kEntryTypes; `body_json` is one JSON object, of numbers up to 2^53. `t`: when the entry was made,
// written in milliseconds. A body that is no such thing, or over kBodyBytesMax, is replaced by {"shortened":true,"why":
// ...}, so the result always fits the ledger; alerts shorten themselves and lose less.
std::string make_entry(std::string_view type, Timestamp t, std::string_view body_json);
std::string make_alert_entry(Timestamp t, const GuardedAlert& alert);

// Views the payload it was read from.
struct EntryView {
  std::string_view type;  // may be one that this version does not know: pass over it
  Timestamp time;
  std::string_view body;  // begins with '{' and ends with '}'; not checked further
};
// `malformed` when the payload is not laid out as above.
Result<EntryView> parse_entry(std::string_view payload);

}  // namespace nw::record
