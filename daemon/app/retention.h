// The job that deletes what is too old: evidence, results of reveals, sealed keys of months. What a hold or a case
// keeps stays. What goes is named in entries `purge` before it goes (`what`: begun); a last one says how much went
// (done), and so do events for the rules. Used by the privacy desk's thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/case_holds.h"
#include "app/ledger_clerk.h"
#include "app/own_event.h"
#include "app/record_config.h"
#include "record/evidence/evidence.h"
#include "record/keys/keys.h"

namespace nw::app {

enum class RetentionClass : std::uint8_t { evidence, reveal, key };
inline constexpr std::array<std::string_view, 3> kRetentionClasses{"evidence", "reveal", "key"};
constexpr std::string_view to_string(RetentionClass kind) noexcept {
  return kRetentionClasses[static_cast<std::size_t>(kind)];
}

class Retention {
 public:
  // Of one run, named in entries: more are only counted.
  static constexpr std::size_t kNamedPerEntry = 800, kEntriesMax = 20, kResultsMax = 1000;

  struct Parts {
    LedgerClerk* clerk = nullptr;
    TellOwn tell;
    record::EvidenceStore* evidence = nullptr;  // null: nothing is kept
    std::function<Result<std::vector<record::SealedFile>>()> sealed_files;
    std::function<Result<CaseHolds>(const reveals::Holds& holds, Timestamp now)> case_holds;
    std::filesystem::path results;  // <state>/reveals
    RetentionConfig config;
    std::function<void()> beat;
    record::FileOps* ops = &record::system_files();
    std::string evidence_closed = {};  // why `evidence` is null though there is evidence
  };
  explicit Retention(Parts parts) : parts_{std::move(parts)} {}

  struct Class {
    std::uint64_t removed = 0, bytes = 0, held = 0, overdue = 0;
    std::int64_t oldest_days = 0;  // of what is overdue
    std::string fault;             // why not all
  };
  struct Run {
    std::array<Class, kRetentionClasses.size()> classes;
    std::string outcome;  // done, partial, failed
    std::array<std::uint64_t, kRetentionClasses.size()> planned{};
    std::vector<std::string> commitments;  // of what was planned
    std::vector<std::string> requests;     // whose results went
    std::vector<reveals::NeededKey> keys;  // that were planned
    std::uint64_t not_named = 0;
    std::uint64_t not_fetched = 0;  // of the results of requests, until those had expired
    bool behind = false;            // what is held was not known yet; a run soon may know
  };
  // Says what it is about to delete, deletes, says what came of it, tells the events. When the ledger does not take the
  // first, nothing is deleted, also on a full disk: the next run tries again. A run that was cut off has no last entry;
  // the next one finds what is still there and names it again.
  Run run(Timestamp now);

  // Since the start; `overdue` and `held` of the last run.
  [[nodiscard]] const std::array<Class, kRetentionClasses.size()>& totals() const noexcept { return totals_; }
  [[nodiscard]] Timestamp last_done() const noexcept { return last_done_; }

 private:
  struct Gone {  // an object that was deleted
    std::string alert;
    record::EvidenceKind kind;
    auto operator<=>(const Gone&) const = default;
  };
  struct Plan {
    std::vector<std::string> requests;
    std::vector<record::SealedFile> keys;
  };
  void plan_evidence(const CaseHolds& held, Timestamp now, std::set<privacy::Epoch>& held_months, Run& run);
  void name_commitments(const std::set<Gone>& gone, Timestamp oldest, Timestamp before, Run& run);
  void plan_results(Timestamp now, Plan& plan, Run& run);
  void plan_keys(const std::set<privacy::Epoch>& held_months, Timestamp now, Plan& plan, Run& run);
  bool announce(const Plan& plan, Run& run);
  void purge_evidence(const CaseHolds& held, Timestamp now, Run& run);
  void purge_results(const Plan& plan, Timestamp now, Run& run);
  void purge_keys(const Plan& plan, Timestamp now, Run& run);
  void write(Run& run);
  void tell(const Run& run, Timestamp now);
  [[nodiscard]] std::int64_t limit_days(RetentionClass kind) const;
  [[nodiscard]] Nanoseconds limit(RetentionClass kind) const;
  // The first entry that is not older than `t`, about: entries are in the order of a clock that may jump.
  [[nodiscard]] std::uint64_t first_at(Timestamp t) const;

  Parts parts_;
  std::array<Class, kRetentionClasses.size()> totals_;
  Timestamp last_done_{};
};

}  // namespace nw::app
