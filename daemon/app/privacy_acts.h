// What else people decide about stored personal data: holds, erasing what is sealed, destroying a month's keys. Each is
// an entry in the ledger with who and why, before anything goes; a second one says that it is gone. Used by the privacy
// desk's thread.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/case_holds.h"
#include "app/ledger_clerk.h"
#include "app/record_config.h"
#include "console/http_server.h"
#include "record/evidence/evidence.h"
#include "record/keys/keys.h"
#include "record/reveals/destroy_word.h"
#include "record/reveals/holds.h"

namespace nw::app {

class PrivacyActs {
 public:
  static constexpr std::size_t kErasedAtOnce = reveals::kErasedAtOnce;
  static constexpr std::chrono::minutes kAgain{1};  // after an attempt to finish that failed

  struct Parts {
    LedgerClerk* clerk = nullptr;
    record::EvidenceStore* evidence = nullptr;  // null: nothing is kept
    std::function<Result<std::vector<record::SealedFile>>()> sealed_files;
    std::function<Result<CaseHolds>(const reveals::Holds& holds, Timestamp now)> case_holds;
    std::function<Result<record::CaseFile>(const std::string& id)> case_file;
    PrivacyConfig config;
    record::FileOps* ops = &record::system_files();
    std::filesystem::path epochs = {};  // where the keys of months lie
    std::string evidence_closed = {};   // why `evidence` is null though there is evidence
    std::function<std::vector<privacy::Custodian>()> custodians = {};  // that are in force
  };
  explicit PrivacyActs(Parts parts);

  // Each takes the JSON that the command sent: {by, host, why} and
  //   erase        alert or value: overwrites what is sealed for it; proofs stay valid
  //   hold         alert or incident
  //   release      id
  // 200 with what to print; 400 what was sent is wrong, 404, 409 it is refused, 503 not now.
  console::HttpResponse erase(std::string_view body, std::int64_t uid, Timestamp now);
  // A custodian's word (reveals/destroy_word.h): one proposes, another confirms; then the month's pseudonyms and
  // evidence are random for good.
  console::HttpResponse destroy(std::string_view body, std::int64_t uid, Timestamp now);
  console::HttpResponse hold(std::string_view body, std::int64_t uid, Timestamp now);
  console::HttpResponse release(std::string_view body, std::int64_t uid, Timestamp now);
  // Holds that are in force, keys whose destruction waits for a second custodian, and the key that custodians seal
  // their words to.
  console::HttpResponse list(Timestamp now) const;
  // Carries out what an entry says and no second entry has answered: after a crash, an error of the disk, or when the
  // ledger took the first one late. Tried again a minute after it failed; cheap when there is nothing.
  void finish(Timestamp now);
  [[nodiscard]] std::size_t unfinished() const {
    return parts_.clerk->deletions().erasures().size() + parts_.clerk->destructions().confirmed().size();
  }

  [[nodiscard]] std::uint64_t erased() const noexcept { return erased_; }

 private:
  struct Found {  // an alert of which something is to be erased
    std::string id;
    std::uint64_t objects = 0;
    std::vector<std::string> commitments;
  };
  struct Finding {
    std::vector<Found> found;          // at most kErasedAtOnce
    std::vector<std::string> refused;  // alerts that a person's hold keeps, as many
    bool more = false;
  };
  Result<Finding> find(std::string_view alert, std::string_view value, const CaseHolds& held) const;
  Result<reveals::Destroyer> destroyer_of(const reveals::DestroyWord& word, std::int64_t uid, Timestamp now) const;
  console::HttpResponse propose(const reveals::DestroyWord& word, const reveals::Destroyer& by, Timestamp now);
  Result<CaseHolds> held_by_people(Timestamp now) const;
  Result<> is_free(privacy::Epoch epoch, Timestamp now) const;
  Result<reveals::Erased> carry_out(const reveals::Erasure& erasure, const CaseHolds& held);
  Result<> carry_out(const reveals::Confirmed& confirmed, Timestamp now);

  Parts parts_;
  privacy::CustodianKeys word_key_;              // in memory only: a word counts until the daemon starts anew
  std::uint64_t erased_ = 0;                     // objects, since the start
  std::set<std::string, std::less<>> answered_;  // the second entry is on its way
  Timestamp tried_{};
  bool waits_ = false;  // said in the log
};

}  // namespace nw::app
