// ACSE (ISO 8650-1, ITU-T X.227), for every protocol over ISO's upper layers: who associates with whom for what, and
// whether that was accepted. A value of the presentation:
//
// | AARQ 60, AARE 61, RLRQ 62, RLRE 63, ABRT 64 | length | members |; the members of AARQ
// | context name A1 | called title A2, qualifier A3 | calling title A6, qualifier A7 | mechanism 8B | secret AC | data
// BE of AARE the title A4, mechanism 89 and secret AA are of who answers; A2 is the result, A3 the diagnostic.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/osi_session.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum class AcseKind : std::uint8_t { request, response, release, released, abort };
std::string_view to_string(AcseKind kind);  // aarq, ...

struct AcsePdu {
  AcseKind kind{};
  Bytes context_name, calling_title, called_title, calling_qualifier, called_qualifier, responding_title, mechanism;
  bool secret = false;
  std::optional<std::int64_t> result, diagnostic, source, reason;  // diagnostic: of the user or of the provider
  bool by_provider = false;                                        // the diagnostic
  Bytes user;                                                      // what is said to the user's protocol with it
  bool good = true;                                                // its lengths fit
};

// Nothing when the value is no PDU of ACSE's.
std::optional<AcsePdu> read_acse(Bytes value) noexcept;

inline constexpr auto kAcseFields = with_ics(std::to_array<event::FieldSpec>({
    {"is_orig", "boolean", "sent by the client (ours)"},
    {"pdu_type", "text",
     "aarq: an association is asked for, aare: answered, rlrq, rlre: its release, abrt: its abort; session-refuse and "
     "session-abort when the layer below ends it alone (ours)"},
    {"context_name", "text", "application context, as numbers: 1.0.9506.2.3 is MMS"},
    {"calling_ap_title", "text", "who asks"},
    {"called_ap_title", "text", "who is asked"},
    {"responding_ap_title", "text", "who answers (ours)"},
    {"calling_ae_qualifier", "text", "which part of who asks (ours)"},
    {"called_ae_qualifier", "text", "which part of who is asked (ours)"},
    {"auth_mechanism", "text", "how a side proves who it is, as numbers"},
    {"password_seen", "boolean", "a password or another proof came, which is not told (ours)"},
    {"auth_failure", "boolean", "the diagnostic is about the proof"},
    {"result", "text", "accepted, rejected-permanent, rejected-transient"},
    {"aborted", "boolean", "it is an abort"},
    {"diag", "text", "why: authentication-failure, ...; of a release normal, urgent, ..."},
    {"rtt", "interval", "from the request to its answer (ours)"},
}));
inline constexpr std::array<std::string_view, 1> kAcseService{"acse"};
// A row for a protocol's types.
inline constexpr event::TypeSpec kAcseType{"acse", "normwatch", kAcseService, kIcsCategory, kAcseFields, false};

// How an event came about.
struct AcseTold {
  Timestamp time;
  Direction direction{};
  std::optional<Nanoseconds> rtt;
  std::optional<IcsOutcome> outcome;
};
// `type` is that of kAcseType among the protocol's types.
void tell_acse(const AcsePdu& pdu, const AcseTold& told, std::size_t type, Context& context);
// The session refuses or aborts the association, nothing of ACSE's with it.
void tell_session_end(bool refused, const AcseTold& told, std::size_t type, Context& context);

// Whether an answer is a yes.
IcsOutcome acse_outcome(const AcsePdu& answer) noexcept;

}  // namespace nw::network
