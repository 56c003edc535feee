// Reveals under dual control in the running daemon: requests, approvals, opening, fetching. Each step passes the guards
// of the book, is an entry in the ledger before it counts, and an event for the rules. Used by the privacy desk's
// thread.
//
// The one-time key of a request lives in memory only, and goes with the request: whoever takes the disk, or the ledger
// and the approvals, has nothing. So a restart closes what was waiting (`key_lost`), and it is asked anew.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/ledger_clerk.h"
#include "app/own_event.h"
#include "app/record_config.h"
#include "console/http_server.h"
#include "record/evidence/evidence.h"
#include "record/incidents/case_file.h"
#include "record/keys/keys.h"
#include "record/reveals/opening.h"

namespace nw::app {

// What a person's step in the ledger is about, counted since the start.
enum class RevealStep : std::uint8_t { request, approve, deny, done, failed, expire, refuse, fetch };
inline constexpr std::array<std::string_view, 8> kRevealSteps{"request", "approve", "deny",   "done",
                                                              "failed",  "expire",  "refuse", "fetch"};

class RevealKeeper {
 public:
  struct Parts {
    LedgerClerk* clerk = nullptr;
    TellOwn tell;
    record::EvidenceStore* evidence = nullptr;                    // null: nothing is kept
    std::function<std::vector<privacy::Custodian>()> custodians;  // that are in force
    std::function<Result<std::vector<record::SealedFile>>()> sealed_files;
    std::function<Result<record::CaseFile>(const std::string& id)> case_file;
    std::filesystem::path directory;  // <state>/reveals: results, sealed to the requesters
    PrivacyConfig config;
    std::function<void()> beat;
  };
  explicit RevealKeeper(Parts parts);

  // Each takes the JSON that the command sent and the uid of the user at the control socket. 200 with what to print;
  // 400 what was sent is wrong, 404, 409 a guard refuses, 503 not now.
  console::HttpResponse request(std::string_view body, std::int64_t uid, Timestamp now);
  console::HttpResponse document(std::string_view id) const;
  console::HttpResponse approve(std::string_view body, std::int64_t uid, Timestamp now);
  console::HttpResponse deny(std::string_view body, std::int64_t uid, Timestamp now);
  console::HttpResponse fetch(std::string_view body, std::int64_t uid, Timestamp now);
  console::HttpResponse list() const;

  // Once, when the ledger has been read: what waited before this start cannot go on, and results without an entry go.
  void close_lost(Timestamp now);
  // Closes what has expired.
  void tick(Timestamp now);

  [[nodiscard]] const std::array<std::uint64_t, kRevealSteps.size()>& steps() const noexcept { return steps_; }
  [[nodiscard]] std::filesystem::path result_file(std::string_view id) const;

 private:
  struct Waiting {
    privacy::CustodianKeys key;                      // one-time
    std::map<std::string, reveals::Approval> given;  // by the custodian's fingerprint
  };
  struct Refused {
    std::string_view step;
    std::string request;
    reveals::Person person;
  };
  console::HttpResponse refuse(const Refused& what, const reveals::Refusal& refusal, Timestamp now);
  // Whether the values stand in the alerts, and those in the case; the alerts' bodies in their order.
  Result<std::vector<std::string>, reveals::Refusal> bodies_of(const reveals::Request& request) const;
  Result<std::string, reveals::Refusal> body_of(const record::CaseFile& file, const std::string& alert) const;
  Result<std::vector<reveals::NeededKey>, reveals::Refusal> keys_of(const reveals::Request& request) const;
  Result<reveals::RequestDocument> document_of(const reveals::Request& request) const;
  console::HttpResponse open(const reveals::RequestLife& life, Timestamp now);
  Result<reveals::Opened> open_in_child(const reveals::Request& request, const Waiting& waiting);
  console::HttpResponse finish(reveals::Done done, Timestamp now);
  void close(const std::string& id, reveals::RequestState state, std::string why, Timestamp now);
  void tell(std::string_view phase, const reveals::Request& request, const reveals::Person* approver, Timestamp now);
  void count(RevealStep step) { ++steps_[static_cast<std::size_t>(step)]; }

  Parts parts_;
  std::map<std::string, Waiting, std::less<>> waiting_;  // by request
  std::array<std::uint64_t, kRevealSteps.size()> steps_{};
  Timestamp refusals_since_{};
  std::uint64_t refusals_ = 0;  // that the ledger was told in this hour
};

// A short name that nobody has had: "RV-20260115-1a2b3c4d".
std::string new_id(std::string_view kind, Timestamp now);

// Whether `value` stands in `text` as a whole: what follows does not go on with it.
bool stands_in(std::string_view value, std::string_view text) noexcept;

}  // namespace nw::app
