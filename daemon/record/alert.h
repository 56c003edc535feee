// An alert: a match with its context, as it is written into the ledger and read by every output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace nw::record {

struct AlertAtom {
  std::string field, op, pattern, value;
};

struct Alert {
  std::string id;  // 32 hex digits; the same match always has the same id (stored: within one installation)
  Timestamp event_time, receive_time;
  std::string time_quality;                           // event::to_string(TimeQuality)
  std::string source;                                 // the configured source's name
  std::uint64_t ordinal = 0;                          // packet or line number within the source
  std::string path;                                   // "modbus"
  std::string rule_id, rule_title, rule_file, level;  // level: informational .. critical
  std::string family;      // of the rule: the rule pack's detection ("NW-F-05"); empty: the rule stands by itself
  std::string rule_level;  // where this alert's level is not the rule's: the rule's
  std::vector<std::string> tags;
  std::string norm, norm_text;                         // "13f", Norm::engages(); empty for rules without a norm
  std::vector<std::string> limits;                     // of the norm
  std::string asset, asset_name, sector, asset_class;  // empty: no designated end; a secret asset has no name here
  // Who may learn that the asset is designated (open, restricted, secret), and whether the other end of the event
  // belongs to a secret one: what for_export() goes by.
  std::string disclosure;
  bool secret_end = false;
  std::vector<std::string> impact;  // if the asset fails: which services are lost, and when (context/registry/impact.h)
  // The change ticket of a maintenance window that was open at the asset, and when the window ends (RFC 3339). `quiet`:
  // the alert belongs to that work, so it is recorded but does not page.
  std::string maintenance, maintenance_until;
  bool quiet = false;
  // The regime in force at event time (context/norms/regime.h), kind and basis of an armed conflict; what follows from
  // it: citations of law (of the norm and of the asset's protection flags), TLP label, days to keep.
  // `missing_evidence`: what the norm wants in a case file, of which it held nothing when it was made; entries
  // `evidence` say what was kept since.
  std::string regime, regime_kind, regime_basis, tlp;
  std::vector<std::string> hooks, missing_evidence;
  std::uint64_t retain_days = 0;
  // Of the indicators that the event has (nw.ioc.*), the strictest: how they may be shared, and what may be done
  // because of them. `red`: nothing that others could notice (exporter::OutputKind::outward). Empty: no indicator, or
  // no mark.
  std::string indicator_tlp, pap;
  std::string uid, community_id, source_address, destination_address, protocol;  // empty: not a flow, or unknown
  std::uint16_t source_port = 0, destination_port = 0;
  std::string host;  // logs: the sending host
  // The privacy guard's (guarded.h): the commitment to what its values were, which custodians may come to see; or why
  // nothing was kept ("not_kept:full"). Empty: nothing was replaced, or there is nobody to seal it for.
  std::string sealed_values;
  std::vector<AlertAtom> atoms;                             // why it matched
  std::vector<std::pair<std::string, std::string>> fields;  // the event's wanted fields, as text
  // Coverage. Of the source when the alert was made (0 of 0: unknown): packets seen, packets lost by the kernel or the
  // interface, and bytes of TCP streams that never came by; of the alert's own flow: such bytes.
  std::uint64_t packets_seen = 0, packets_lost = 0, stream_gap_bytes = 0, flow_gap_bytes = 0;
  // Something was left out or cut when it was written, to keep it within an entry (entry.h: kBodyBytesMax).
  bool shortened = false;
  // Not written: fields whose name does not tell what they hold, and one that does ("alias" of a rule over time).
  std::vector<std::pair<std::string, std::string>> same_kind;

  // One JSON object, members in a fixed order, no line end; what is empty or 0 is left out. Never longer than
  // kBodyBytesMax: fields go first, then atoms, then tags, limits and all but the first 256 bytes of each text; it then
  // says "shortened":true. Invalid UTF-8 becomes U+FFFD.
  [[nodiscard]] std::string to_json() const;
  // Reads it back; unknown members are ignored. `malformed` names the member.
  static Result<Alert> from_json(std::string_view json);

  // What belongs together: same rule, same asset (or, without one or of a secret one, same destination or host). 16 hex
  // digits; the key of the incident and of Alertmanager's alert. Outputs carry it: nothing in it tells a secret asset.
  [[nodiscard]] std::string group_key() const;
};

// 32 hex digits; the same key always gives the same id, on every machine. Stored alerts have another (guard/guard.h).
std::string alert_id_of(std::string_view key);

// 0 informational, 1 low, 2 medium, 3 high, 4 critical; -1 when it is none of them.
int level_rank(std::string_view level) noexcept;

// Prose for a terminal: several lines, wording contract of norms.md (observed, asset, engages, regime and hooks, why,
// not an attribution, missing evidence, limits). `entry`: where it stands in the ledger; none: not known.
std::string to_text(const Alert& alert, bool colour, std::optional<std::uint64_t> entry = std::nullopt);
// What was not seen, in words; empty: not known.
std::string coverage_text(const Alert& alert);

}  // namespace nw::record
