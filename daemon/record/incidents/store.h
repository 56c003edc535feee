// Incidents: alerts that belong together, and what people did about them. SQLite in WAL mode; one writer. It is a
// reader of the ledger: its cursor lies in the same transaction as its rows, so an entry is applied exactly once, and a
// deleted file is rebuilt from the ledger.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/act.h"
#include "record/incidents/case_file.h"
#include "record/ledger/ledger.h"

namespace nw::record {

struct IncidentOptions {
  std::filesystem::path file;
  // An alert joins an incident of its key (grouping.h) when it comes within this time of its alerts; else a new one
  // opens. This one counts until the ledger says another (kOpenQuiet): ledgers of before do not.
  Nanoseconds quiet = std::chrono::hours{24};
  // apply() answers `full` when the file would grow beyond this; the ledger keeps what waits. 0: only the disk limits
  // it.
  std::size_t file_bytes_max = std::size_t{64} << 30;
};

// What the rules may hear of a case (event/later_types.h: case.incident).
struct CaseEvent {
  std::string_view phase;  // opened, confirmed, shared, withheld, closing, closed, reopened
  std::string id, asset_class, norm;
  std::vector<std::string> factors;
  std::uint64_t hypotheses = 0;
  std::optional<std::uint64_t> victims;
  std::string withheld;
  bool exercise = false;
  Timestamp time;
  std::uint64_t entry = 0;  // the ledger's that it tells of; event_of(): none
};

// Any thread; calls on one store wait for each other.
class IncidentStore {
 public:
  // Creates the file when it is not there. A store of an older version is emptied: it holds nothing that the ledger
  // does not, and apply() begins at 0 again. Errors: malformed (no incident store, of a newer version, or damaged: says
  // what to do), in_use, no_permission, full, io.
  static Result<std::unique_ptr<IncidentStore>> open(const IncidentOptions& options);
  // For commands: reads while the daemon writes. not_found when there is no store yet.
  static Result<std::unique_ptr<IncidentStore>> open_read_only(const std::filesystem::path& file);
  virtual ~IncidentStore() = default;

  // The ledger index to read next.
  [[nodiscard]] virtual Result<std::uint64_t> next() const = 0;
  // Applies consecutive entries that begin at next(), in one transaction. A fold adds
  // what it counted to the incident of its first alert; an act changes its incident. Other entries only move the
  // cursor. An alert, a fold or an act that cannot be read, a fold whose first alert is not here, and an act that
  // check() refuses, is counted, kept by index in `unreadable`, and passed. An alert whose id is known is counted in
  // `duplicates` only. On an error nothing is applied and the same call may be tried again: `full`, `io`, `in_use`
  // (another process holds the file); invalid_argument when the entries do not begin at next() or have a gap.
  virtual Result<> apply(std::span<const Entry> entries) = 0;

  // Whether the act could be applied to what is here now. Refused: invalid_argument (it is not whole), not_found (no
  // such incident, alert or merge), unavailable (its state, what is missing); each says what to do. Others: the store's
  // own.
  [[nodiscard]] virtual Result<> check(const Act& act) const = 0;
  // What became of the act of this id: its first entry is what counts, and another one with its id is passed over.
  // Nothing: none is applied yet, or it has no id.
  struct Outcome {
    std::uint64_t entry = 0;
    std::string refused;  // why it could not be applied; empty: it was
    std::string state;    // of the incident, after it
    std::string made;     // the incident that a split made or gave back
    Act act;              // as it was applied
  };
  [[nodiscard]] virtual Result<std::optional<Outcome>> outcome(const Act& act) const = 0;

  // What is empty does not filter.
  struct Filter {
    std::string state, norm, asset;
    std::size_t most = 1000;
    std::string level = {}, assigned = {};
    std::string group_key = {};           // that one of its alerts has: as in Alertmanager's label
    std::optional<Timestamp> since = {};  // its last event is not older
  };
  // The newest first. Incidents whose alerts count elsewhere only with the state "merged".
  [[nodiscard]] virtual Result<std::vector<Incident>> list(const Filter& filter) const = 0;
  // Those that every word is found in, as a word's beginning: titles, rules, assets, actors, what people wrote. The
  // newest first. invalid_argument: no word, too many, or too long.
  [[nodiscard]] virtual Result<std::vector<Incident>> find(std::string_view words, std::size_t most) const = 0;
  // Ids of those that reporting clocks may run for: people stated a moment or a sending of them, or of one that counts
  // there. The newest first.
  [[nodiscard]] virtual Result<std::vector<std::string>> with_clocks(std::size_t most) const = 0;
  // not_found names the incident.
  [[nodiscard]] virtual Result<CaseFile> case_file(std::string_view id) const = 0;
  [[nodiscard]] virtual Result<std::vector<CaseGroup>> groups(std::string_view id) const = 0;
  // What happened in the entries [from, to), in their order.
  [[nodiscard]] virtual Result<std::vector<CaseEvent>> events(std::uint64_t from, std::uint64_t to) const = 0;
  // The case as it is now, as an event of this phase.
  [[nodiscard]] virtual Result<CaseEvent> event_of(std::string_view id, std::string_view phase) const = 0;

  struct Tally {
    std::string state, level;
    std::uint64_t count = 0;
  };
  struct Totals {
    // Alert and fold entries applied = alerts + duplicates + unreadable + folds. The incidents' counters together =
    // alerts + folded: `folded` are the repeats that only folds tell of. Acts that were refused are `unreadable`, too.
    std::uint64_t alerts = 0, incidents = 0, unreadable = 0, duplicates = 0, folded = 0;
    std::vector<std::pair<std::string, std::uint64_t>> open_by_level;  // not closed, not merged; by level's name
    std::vector<Tally> tallies;
    std::vector<std::pair<std::string, std::uint64_t>> acts;  // by kind
  };
  [[nodiscard]] virtual Result<Totals> totals() const = 0;
  // False when the alert is unknown.
  [[nodiscard]] virtual Result<bool> has_alert(std::string_view id) const = 0;
};

// Makes the store anew from the whole ledger, beside the old one, and puts it in its place: for when no daemon runs.
struct Rebuilt {
  std::uint64_t entries = 0;
  IncidentStore::Totals totals;
};
Result<Rebuilt> rebuild(const Ledger& ledger, const IncidentOptions& options);

}  // namespace nw::record
