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
};

class IncidentStore {
 public:
  static Result<std::unique_ptr<IncidentStore>> open(const IncidentOptions& options);
  // For commands: reads while the daemon writes.
  static Result<std::unique_ptr<IncidentStore>> open_read_only(const std::filesystem::path& file);
  virtual ~IncidentStore() = default;

  // The ledger index to read next.
  [[nodiscard]] virtual Result<std::uint64_t> next() const = 0;
  // Applies consecutive entries that begin at next(), in one transaction. Entries that are no alerts only move the
  // cursor. An alert that cannot be read is counted, kept by index in `unreadable`, and passed.
  virtual Result<> apply(std::span<const Entry> entries) = 0;
  struct Filter {
    std::string state, norm, asset;
    std::size_t most = 1000;
  };
  [[nodiscard]] virtual Result<std::vector<Incident>> list(const Filter& filter) const = 0;
  struct Totals {
    std::uint64_t alerts = 0, incidents = 0, unreadable = 0;
    std::vector<std::pair<std::string, std::uint64_t>> open_by_level;
  };
  [[nodiscard]] virtual Result<Totals> totals() const = 0;
  // False when the alert is unknown.
  [[nodiscard]] virtual Result<bool> has_alert(std::string_view id) const = 0;
};

}  // namespace nw::record
