// Incidents: alerts that belong together. SQLite in WAL mode; one writer. It is a reader of the ledger: its cursor lies
// in the same transaction as its rows, so an entry is applied exactly once, and a deleted file is rebuilt from the
// ledger.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/ledger/ledger.h"

namespace nw::record {

struct Incident {
  std::string id;         // "NW-2026-000001"
  std::string group_key;  // Alert::group_key()
  std::string state;      // "open"
  std::string rule_id, rule_title, level, norm, asset, asset_name, sector;
  Timestamp first_event, last_event, opened_at, last_received;
  std::uint64_t alerts = 0;
  std::string first_alert, last_alert;            // alert ids
  std::uint64_t first_entry = 0, last_entry = 0;  // ledger indices
};

struct IncidentOptions {
  std::filesystem::path file;
  // An alert of a group joins its open incident when it comes within this time after the last one; else a new one
  // opens.
  Nanoseconds quiet = std::chrono::hours{24};
  // apply() answers `full` when the file would grow beyond this; the ledger keeps what waits. 0: only the disk limits
  // it.
  std::size_t file_bytes_max = std::size_t{64} << 30;
};

// Any thread; calls on one store wait for each other.
class IncidentStore {
 public:
  // Creates the file when it is not there. Errors: malformed (no incident store, of a newer version, or damaged: says
  // what to do), in_use, no_permission, full, io.
  static Result<std::unique_ptr<IncidentStore>> open(const IncidentOptions& options);
  // For commands: reads while the daemon writes. not_found when there is no store yet.
  static Result<std::unique_ptr<IncidentStore>> open_read_only(const std::filesystem::path& file);
  virtual ~IncidentStore() = default;

  // The ledger index to read next.
  [[nodiscard]] virtual Result<std::uint64_t> next() const = 0;
  // Applies consecutive entries that begin at next(), in one transaction. A fold adds
  // what it counted to the incident of its first alert. Other entries only move the cursor. An alert or a fold that
  // cannot be read, or a fold whose first alert is not here, is counted, kept by index in `unreadable`, and passed. An
  // alert whose id is known is counted in `duplicates` only. On an error nothing is applied and the same call may be
  // tried again: `full`, `io`, `in_use` (another process holds the file); invalid_argument when the entries do not
  // begin at next() or have a gap.
  virtual Result<> apply(std::span<const Entry> entries) = 0;
  // What is empty does not filter.
  struct Filter {
    std::string state, norm, asset;
    std::size_t most = 1000;
  };
  // The newest first.
  [[nodiscard]] virtual Result<std::vector<Incident>> list(const Filter& filter) const = 0;
  struct Totals {
    // Alert and fold entries applied = alerts + duplicates + unreadable + folds. The incidents' counters together =
    // alerts + folded: `folded` are the repeats that only folds tell of.
    std::uint64_t alerts = 0, incidents = 0, unreadable = 0, duplicates = 0, folded = 0;
    std::vector<std::pair<std::string, std::uint64_t>> open_by_level;  // by level's name
  };
  [[nodiscard]] virtual Result<Totals> totals() const = 0;
  // False when the alert is unknown.
  [[nodiscard]] virtual Result<bool> has_alert(std::string_view id) const = 0;
};

}  // namespace nw::record
