#include "event/later_types.h"

#include <array>

namespace nw::event {

namespace {

constexpr std::string_view kProduct = "normwatch";
constexpr std::array<std::string_view, 1> kLedger{"ledger"}, kCase{"case"};

// A pseudonym is to be made readable: asked for, approved, denied, done
constexpr std::array<std::string_view, 1> kReveal{"reveal"};
constexpr auto kRevealFields = std::to_array<FieldSpec>({
    {"phase", "text", "request, approve, deny, done, expire"},
    {"request_id", "text", "which request"},
    {"case_id", "text", "the case that it is for; absent: none was given"},
    {"purpose", "text", "the purpose's code"},
    {"basis", "text", "the legal basis, as given"},
    {"requester", "text", "who asked, as an opaque id of staff"},
    {"requester_host", "text", "from which station"},
    {"approver", "text", "approve, deny: who did"},
    {"approver_host", "text", "from which station"},
    {"value_count", "integer", "how many pseudonyms the request lists"},
    {"break_glass", "boolean", "true: without waiting, to be reviewed afterwards"},
    {"exercise", "boolean", "true: part of an announced exercise"},
});

// A signed state of the ledger, made or verified
constexpr std::array<std::string_view, 1> kCheckpoint{"checkpoint"};
constexpr auto kCheckpointFields = std::to_array<FieldSpec>({
    {"check", "text", "what was verified: start, consistency, inclusion, publication"},
    {"outcome", "text", "ok, failed, shorter, fork"},
    {"origin", "text", "the ledger's name"},
    {"size", "integer", "entries that the checkpoint covers"},
    {"size_before", "integer", "entries of the one before"},
    {"reason", "text", "what did not agree"},
});

// What a witness answered to a checkpoint
constexpr std::array<std::string_view, 1> kWitness{"witness"};
constexpr auto kWitnessFields = std::to_array<FieldSpec>({
    {"witness", "text", "its name"},
    {"status", "integer", "the answer's HTTP status: 200, 409 (it knows another size), 422 (the proof is bad), ..."},
    {"outcome", "text", "cosigned, refused, unreachable"},
    {"origin", "text", "the ledger's name"},
    {"size", "integer", "entries of the checkpoint that was sent"},
    {"witness_size", "integer", "409: entries that the witness knows"},
});

// A signature was verified, on what is loaded or received
constexpr std::array<std::string_view, 1> kSignature{"signature"};
constexpr auto kSignatureFields = std::to_array<FieldSpec>({
    {"object", "text", "rule_pack, register, norms, indicators, notice"},
    {"outcome", "text", "good, bad, missing, expired, unknown_key"},
    {"key_id", "text", "the key that it names"},
    {"signer", "text", "whom it names"},
    {"name", "text", "the file or message"},
});

// A sensor, witness or member showed a key
constexpr std::array<std::string_view, 1> kKey{"key"};
constexpr auto kKeyFields = std::to_array<FieldSpec>({
    {"owner", "text", "who showed it"},
    {"owner_kind", "text", "sensor, witness, member, person"},
    {"key_id", "text", "the key"},
    {"outcome", "text", "known, unknown, revoked, expired"},
});

// A client of the message bus logged in, or was refused
constexpr std::array<std::string_view, 1> kBus{"bus"};
constexpr auto kBusFields = std::to_array<FieldSpec>({
    {"client", "text", "its name, as it gives it"},
    {"address", "address", "where it is"},
    {"outcome", "text", "accepted, refused"},
    {"reason", "text", "why"},
});

// The daily job that deletes what is too old
constexpr std::array<std::string_view, 1> kPurge{"purge"};
constexpr auto kPurgeFields = std::to_array<FieldSpec>({
    {"outcome", "text", "done, partial, failed"},
    {"removed", "integer", "objects that it deleted"},
    {"reason", "text", "why not all"},
});

// What is kept, against the policy; one event for each class after each purge
constexpr std::array<std::string_view, 1> kRetention{"retention"};
constexpr auto kRetentionFields = std::to_array<FieldSpec>({
    {"class", "text", "ring, metadata, alert, evidence, reveal, key"},
    {"overdue", "integer", "objects that are older than the policy allows and have no hold"},
    {"oldest_days", "integer", "age of the oldest of them"},
    {"limit_days", "integer", "the policy's"},
    {"held", "integer", "objects that a hold keeps"},
});

// Raw data was stored for an alert
constexpr std::array<std::string_view, 1> kEvidence{"evidence"};
constexpr auto kEvidenceFields = std::to_array<FieldSpec>({
    {"rule", "text", "title of the rule"},
    {"policy", "text", "the rule's evidence policy: payload, flow, log"},
    {"stored", "text", "what was stored: payload, flow, log"},
    {"byte_count", "integer", "how much"},
});

// The life of a case
constexpr std::array<std::string_view, 1> kIncident{"incident"};
constexpr auto kIncidentFields = std::to_array<FieldSpec>({
    {"phase", "text", "opened, confirmed, shared, withheld, closing, closed, reopened"},
    {"case_id", "text", "which case"},
    {"class", "text", "the most severe class of its assets: C1 to C4"},
    {"norm", "text", "the norm that it engages"},
    {"factors", "list of text", "what has been written down: technical, scope, context, consultations"},
    {"hypotheses", "integer", "alternative explanations that have been written down"},
    {"foreign_victims", "integer", "victims abroad, as tokens"},
    {"withhold_reason", "text", "why it is not shared; absent: none was given"},
    {"exercise", "boolean", "true: part of an announced exercise"},
});

// A request for assistance or a notice, in or out, and its answers
constexpr std::array<std::string_view, 1> kRequest{"request"};
constexpr auto kRequestFields = std::to_array<FieldSpec>({
    {"phase", "text", "received, acknowledged, answered, closed; sent, for what we ask of others"},
    {"kind", "text", "assistance, notice (of norm 13c), information"},
    {"request_id", "text", "which request"},
    {"case_id", "text", "the case that it belongs to"},
    {"direction", "text", "in or out"},
    {"class", "text", "the class of the asset that it is about: C1 to C4"},
    {"contact", "text", "the point of contact, as an opaque id"},
    {"exercise", "boolean", "true: part of an announced exercise"},
});

// A point of contact was pinged, or its entry looked at
constexpr std::array<std::string_view, 1> kContact{"contact"};
constexpr auto kContactFields = std::to_array<FieldSpec>({
    {"contact", "text", "the point of contact, as an opaque id"},
    {"outcome", "text", "answered, unanswered, refused"},
    {"key_days_left", "integer", "days until its key expires; negative: it has"},
});

// A report of a vulnerability came in, or was worked on
constexpr std::array<std::string_view, 1> kDisclosure{"disclosure"};
constexpr auto kDisclosureFields = std::to_array<FieldSpec>({
    {"phase", "text", "received, acknowledged, answered, published, closed"},
    {"report_id", "text", "which report"},
    {"exercise", "boolean", "true: part of an announced exercise"},
});

// The place where reports are taken in was probed
constexpr std::array<std::string_view, 1> kMailbox{"mailbox"};
constexpr auto kMailboxFields = std::to_array<FieldSpec>({
    {"asset", "text", "whose"},
    {"security_txt", "text", "valid, missing, expired, unsigned"},
    {"days_left", "integer", "days until it expires; negative: it has"},
});

// Something that is done with others was done
constexpr std::array<std::string_view, 1> kCooperation{"cooperation"};
constexpr auto kCooperationFields = std::to_array<FieldSpec>({
    {"artefact", "text", "rule_pack, exercise, advisory_feed, contact_feed"},
    {"partner", "text", "with whom, as an opaque id; of a feed: its name"},
    {"outcome", "text", "done, failed"},
});

// A text, report or message wants to leave
constexpr std::array<std::string_view, 1> kExport{"export"};
constexpr auto kExportFields = std::to_array<FieldSpec>({
    {"outcome", "text", "released, held, overridden"},
    {"gate", "text", "what held it: wording, factors, pap, disclosure"},
    {"export_id", "text", "which"},
    {"case_id", "text", "the case that it belongs to"},
    {"words", "list of text", "what the wording gate found"},
    {"assessment_id", "text", "the signed assessment that allows such words; absent: none"},
    {"signatures", "integer", "people who have signed that assessment"},
    {"override_by", "text", "overridden: who did, as an opaque id of staff"},
});

// An account took something from the sharing platform
constexpr std::array<std::string_view, 1> kPlatform{"platform"};
constexpr auto kPlatformFields = std::to_array<FieldSpec>({
    {"action", "text", "export, search, view, sync"},
    {"account", "text", "whose, as an opaque id"},
    {"key_id", "text", "the API key; absent: a session"},
    {"event_count", "integer", "events that it took"},
    {"address", "address", "where from"},
    {"country", "text", "where that is, by the site's own table"},
    {"asn", "integer", "whose network"},
    {"user_agent", "text", "what the client calls itself"},
});

constexpr auto kTypes = std::to_array<TypeSpec>({
    {"ledger.reveal", kProduct, kLedger, kReveal, kRevealFields, false},
    {"ledger.checkpoint", kProduct, kLedger, kCheckpoint, kCheckpointFields, false},
    {"ledger.witness", kProduct, kLedger, kWitness, kWitnessFields, false},
    {"ledger.signature", kProduct, kLedger, kSignature, kSignatureFields, false},
    {"ledger.key", kProduct, kLedger, kKey, kKeyFields, false},
    {"ledger.bus", kProduct, kLedger, kBus, kBusFields, false},
    {"ledger.purge", kProduct, kLedger, kPurge, kPurgeFields, false},
    {"ledger.retention", kProduct, kLedger, kRetention, kRetentionFields, false},
    {"ledger.evidence", kProduct, kLedger, kEvidence, kEvidenceFields, false},
    {"case.incident", kProduct, kCase, kIncident, kIncidentFields, false},
    {"case.request", kProduct, kCase, kRequest, kRequestFields, false},
    {"case.contact", kProduct, kCase, kContact, kContactFields, false},
    {"case.disclosure", kProduct, kCase, kDisclosure, kDisclosureFields, false},
    {"case.mailbox", kProduct, kCase, kMailbox, kMailboxFields, false},
    {"case.cooperation", kProduct, kCase, kCooperation, kCooperationFields, false},
    {"case.export", kProduct, kCase, kExport, kExportFields, false},
    {"case.platform", kProduct, kCase, kPlatform, kPlatformFields, false},
});

}  // namespace

std::span<const TypeSpec> later_types() { return kTypes; }

void declare_later(Schema& schema) {
  for (const TypeSpec& type : later_types()) schema.add_later(type);
}

}  // namespace nw::event
