// A request to make stored pseudonyms and tokens readable: who asks, for which case, why, and exactly which values. Its
// JSON is the body of the ledger's entry `reveal-request`; what custodians approve is the hash of that.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/privacy/sealing.h"

namespace nw::reveals {

// For what a reveal may be asked. One more is a row, and stays: entries name it.
struct Purpose {
  std::string_view code, help;
};
inline constexpr std::array<Purpose, 8> kPurposes{{
    {"assist", "to answer another State's request for assistance (norm 13h)"},
    {"audit", "a check by the authority that supervises us"},
    {"data-subject", "a person asks what is kept of them, or wants it erased"},
    {"exercise", "an announced exercise"},
    {"inform-owner", "to tell those whose network it is what comes out of it (norm 13c)"},
    {"legal-order", "a court or authority orders it"},
    {"notify-victim", "to warn or help those who are harmed"},
    {"respond", "to contain or repair what the case is about"},
}};
[[nodiscard]] bool is_purpose(std::string_view code) noexcept;

// What people write is bounded: it stays in the ledger for good.
constexpr std::size_t kNameMax = 128, kWordsMax = 500, kIdMax = 64, kHostMax = 160;
constexpr std::size_t kValuesMax = 1000, kAlertsMax = 200, kKeysMax = 64, kValueBytesMax = 96;

// Somebody at a station. `host`: what the command says of the machine it runs on; `uid`: the user there.
struct Person {
  std::string by;
  std::int64_t uid = -1;
  std::string host;
};
// Two names that people would take for one: case and spaces do not count.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);
// The same user of the same machine.
[[nodiscard]] bool same_account(const Person& a, const Person& b) noexcept;
// A name, or a sentence of a person: bounded, printable, and without an address or a mail address, since the ledger
// keeps it for good. `invalid_argument` says what to change. `what`: how the caller calls it.
[[nodiscard]] Result<> check_words(std::string_view words, std::size_t most, std::string_view what);

// What else stays in the ledger has its own form, and nothing else goes in under its name. `invalid_argument` says what
// the form is, without the text.
//   an alert's id      32 hex digits in lower case
//   a case             NW-2026-000001
//   an id of ours      its kind (RV, HO), the day, 8 hex digits: RV-20260115-1a2b3c4d
//   a host             letters, digits, '.', '-', '_', '/'; no address; may be empty
[[nodiscard]] bool is_alert_id(std::string_view id) noexcept;
[[nodiscard]] Result<> check_alert_id(std::string_view id);
[[nodiscard]] Result<> check_case(std::string_view id);
[[nodiscard]] Result<> check_id(std::string_view kind, std::string_view id);
[[nodiscard]] Result<> check_host(std::string_view host);

// A sealed key that has to be opened.
struct NeededKey {
  privacy::Epoch epoch;
  std::string purpose;                    // "pseudonyms", "evidence"
  std::array<std::uint8_t, 32> sha256{};  // of the sealed key's text: of one month there may be several
  friend bool operator==(const NeededKey&, const NeededKey&) noexcept = default;
};

struct Request {
  std::string id;       // "RV-20260115-1a2b3c4d"
  std::string case_id;  // an incident's
  std::string purpose, basis, why;
  std::vector<std::string> values;  // "pfx:...", "tok:...": exactly these
  std::vector<std::string> alerts;  // in which they stand
  bool break_glass = false;         // to be reviewed afterwards; two people all the same
  Person requester;
  privacy::PublicKey requester_key{};  // to whom the result is sealed
  privacy::PublicKey reveal_key{};     // the daemon's, for this request only
  Timestamp asked, expires;            // in milliseconds
  std::vector<NeededKey> keys;

  [[nodiscard]] bool exercise() const { return purpose == "exercise"; }
  [[nodiscard]] std::string to_json() const;  // canonical
  static Result<Request> from_json(std::string_view json);
  // SHA-256 of to_json(), as hex.
  [[nodiscard]] std::string hash() const;
  // What a custodian has to know before they approve, in lines.
  [[nodiscard]] std::string words() const;
};

// What the requester's command sends. Strict.
struct Ask {
  std::string case_id, purpose, basis, why, by, host;
  std::vector<std::string> values, alerts;
  bool break_glass = false;
  privacy::PublicKey key{};

  [[nodiscard]] std::string to_json() const;
  static Result<Ask> from_json(std::string_view json);
};

// A value that can be made readable: which epoch's keys it needs. `invalid_argument` for everything else.
struct ValueKind {
  privacy::Epoch epoch;
  bool token = false;  // needs the alert's sealed values; else the epoch's pseudonym key
};
Result<ValueKind> kind_of(std::string_view value);

// What is handed to a custodian: the request, and the sealed keys that it needs (privacy::SealedKey::to_text()).
struct RequestDocument {
  Request request;
  std::vector<privacy::SealedKey> sealed;  // in the order of request.keys

  [[nodiscard]] std::string to_json() const;
  // Strict. `malformed`, too, when a sealed key is not the one that the request names.
  static Result<RequestDocument> from_json(std::string_view json);
};

}  // namespace nw::reveals
