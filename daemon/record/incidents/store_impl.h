// The store's inside, shared by store.cpp (opening, alerts), store_acts.cpp (what people do) and store_read.cpp.
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/alert.h"
#include "record/entry.h"
#include "record/incidents/case_state.h"
#include "record/incidents/grouping.h"
#include "record/incidents/queries.h"
#include "record/incidents/store.h"

namespace nw::record {

// What is wrong with a database file comes with the way out.
Error with_advice(Error error);

inline std::int64_t nanoseconds(Timestamp t) { return to_unix_nanoseconds(t); }
inline Timestamp timestamp(std::int64_t ns) { return from_unix_nanoseconds(ns); }

// A label's place among `labels`; -1: none was said. An unknown one is the strictest: who wrote it meant something.
template <std::size_t N>
int label_rank(const std::array<std::string_view, N>& labels, std::string_view label) {
  if (label.empty()) return -1;
  for (std::size_t i = 0; i < N; ++i)
    if (labels[i] == label) return static_cast<int>(i);
  return static_cast<int>(N) - 1;
}
// What a person said counts over what the alerts said until then; a stricter alert that comes later counts again.
inline std::int64_t label_in_force(std::int64_t marked, std::int64_t said, std::int64_t over) {
  if (said < 0) return marked;
  return marked > over ? std::max(marked, said) : said;
}

class Store final : public IncidentStore {
 public:
  Store(sqlite::Database database, Nanoseconds quiet)
      : database_{std::move(database)}, queries_{database_}, configured_quiet_{quiet}, quiet_{quiet} {}

  // Call it once, first: whether every table is there.
  Result<> prepare();

  [[nodiscard]] Result<std::uint64_t> next() const override;
  Result<> apply(std::span<const Entry> entries) override;
  [[nodiscard]] Result<> check(const Act& act) const override;
  [[nodiscard]] Result<std::optional<Outcome>> outcome(const Act& act) const override;
  [[nodiscard]] Result<std::vector<Incident>> list(const Filter& filter) const override;
  [[nodiscard]] Result<std::vector<std::string>> with_clocks(std::size_t most) const override;
  [[nodiscard]] Result<std::vector<Incident>> find(std::string_view words, std::size_t most) const override;
  [[nodiscard]] Result<CaseFile> case_file(std::string_view id) const override;
  [[nodiscard]] Result<std::vector<CaseGroup>> groups(std::string_view id) const override;
  [[nodiscard]] Result<std::vector<CaseEvent>> events(std::uint64_t from, std::uint64_t to) const override;
  [[nodiscard]] Result<CaseEvent> event_of(std::string_view id, std::string_view phase) const override;
  [[nodiscard]] Result<Totals> totals() const override;
  [[nodiscard]] Result<bool> has_alert(std::string_view id) const override;

 private:
  struct Counts {
    std::int64_t alerts = 0, duplicates = 0, unreadable = 0, folded = 0;
  };
  // Where an alert goes: the incident that is its own, and the one where it counts.
  struct Joined {
    std::int64_t own = 0, counted = 0;
    bool opened = false;
  };

  // store.cpp
  [[nodiscard]] Result<std::uint64_t> next_locked() const;
  Result<> apply_all(std::span<const Entry> entries);
  Result<> apply_one(const Entry& entry, Counts& counts);
  Result<> apply_open(const Entry& entry, const EntryView& view, Counts& counts);
  Result<> apply_alert(const Entry& entry, const EntryView& view, Counts& counts);
  Result<> apply_fold(const Entry& entry, const EntryView& view, Counts& counts);
  Result<> apply_kept(const Entry& entry, const EntryView& view, Counts& counts);
  // `act`: the id of the act that was refused.
  Result<> pass_over(const Entry& entry, std::string_view why, Counts& counts, std::string_view act = {});
  Result<Joined> incident_for(const Alert& alert, std::uint64_t entry);
  Result<Joined> look_for(const Alert& alert, const CaseKey& key);
  Result<std::int64_t> add_incident(const Alert& alert, const CaseKey& key, std::uint64_t entry);
  Result<> join(const Joined& joined, const Alert& alert, std::uint64_t entry);
  Result<> count_group(std::int64_t incident, std::int64_t group, const Alert& alert);
  Result<std::int64_t> group_of(const Alert& alert);
  Result<> remember(std::int64_t incident, std::string_view text);
  [[nodiscard]] Result<std::int64_t> root_of(std::int64_t number) const;

  // store_acts.cpp
  struct Fate {
    std::uint64_t entry = 0;
    std::string state, body, why;  // of an act that was applied; of one that was refused `why` alone
  };
  [[nodiscard]] Result<std::optional<Fate>> fate_of(std::string_view act) const;
  Result<> apply_act(const Entry& entry, const EntryView& view, Counts& counts);
  [[nodiscard]] Result<> check_locked(const Act& act) const;
  [[nodiscard]] Result<> check_merge(const Act& act) const;
  [[nodiscard]] Result<> check_split(const Act& act) const;
  [[nodiscard]] Result<CaseSoFar> so_far(std::string_view id) const;
  [[nodiscard]] Result<std::int64_t> number_of(std::string_view id) const;  // not_found
  // Whether it and all that count in it are marked so: a mark is an incident's own, and hides no other.
  [[nodiscard]] Result<bool> is_exercise(std::int64_t number) const;
  Result<> perform(const Act& act, std::int64_t number, std::uint64_t entry);
  Result<> state(const Act& act, std::int64_t number, std::uint64_t entry);
  Result<> label(const Act& act, std::int64_t number);
  Result<> merge(const Act& act, std::int64_t number, std::uint64_t entry);
  Result<> split_merge(std::int64_t number, std::int64_t merge);
  Result<> split_alerts(const Act& act, std::int64_t number, std::uint64_t entry);
  Result<> recompute(std::int64_t number);

  // store_read.cpp
  [[nodiscard]] Result<Incident> incident(std::int64_t number) const;
  [[nodiscard]] Result<CaseEvent> event(std::int64_t number, std::string_view phase) const;
  [[nodiscard]] Result<> read_alerts(std::int64_t number, CaseFile& out) const;
  [[nodiscard]] Result<> read_kept(std::int64_t number, CaseFile& out) const;
  [[nodiscard]] Result<> read_acts(std::int64_t number, CaseFile& out) const;
  [[nodiscard]] Result<> read_statements(std::int64_t number, CaseFile& out) const;
  [[nodiscard]] Result<> read_groups(std::int64_t number, std::vector<CaseGroup>& out) const;

  mutable std::mutex mutex_;
  sqlite::Database database_;  // before the statements: it must outlive them
  mutable sqlite::Queries queries_;
  const Nanoseconds configured_quiet_;
  Nanoseconds quiet_;  // in force at the entry that is applied
};

}  // namespace nw::record
