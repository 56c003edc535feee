#include "record/incidents/store.h"

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <string_view>
#include <utility>

#include "record/alert.h"
#include "record/entry.h"
#include "record/fold.h"
#include "record/incidents/schema.h"
#include "record/incidents/sqlite.h"

namespace nw::record {

namespace {

using sqlite::Database;
using sqlite::Statement;

// In the order of kSql.
enum class Sql : std::size_t {
  next,
  find_alert,
  incident_of_alert,
  add_folded,
  find_incident,
  add_incident,
  join_incident,
  add_alert,
  add_unreadable,
  advance,
  totals,
  open_by_level,
  list,
  count
};

#define NW_INCIDENT_COLUMNS                                                                                  \
  "number, id, group_key, state, rule_id, rule_title, level, norm, asset, asset_name, sector, first_event, " \
  "last_event, opened_at, last_received, alerts, first_alert, last_alert, first_entry, last_entry"

constexpr std::array<std::string_view, static_cast<std::size_t>(Sql::count)> kSql{
    "SELECT next FROM meta",
    "SELECT 1 FROM alerts WHERE id = ?1",
    "SELECT incident FROM alerts WHERE id = ?1",
    "UPDATE incidents SET alerts = alerts + ?2, first_event = min(first_event, ?3), last_event = max(last_event, ?4), "
    "last_received = max(last_received, ?5), last_entry = ?6 WHERE number = ?1",
    // Rule and asset stand beside the key: a 64-bit key that someone made collide must not hide an alert in another
    // incident.
    "SELECT number, level FROM incidents WHERE state = 'open' AND group_key = ?1 AND last_event >= ?2 AND "
    "first_event <= ?3 AND rule_id = ?4 AND asset = ?5 ORDER BY number DESC LIMIT 1",
    "INSERT INTO incidents (" NW_INCIDENT_COLUMNS
    ") SELECT coalesce(max(number), 0) + 1, printf('NW-%s-%06d', ?1, coalesce(max(number), 0) + 1), ?2, 'open', ?3, "
    "?4, "
    "?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?11, 1, ?12, ?12, ?13, ?13 FROM incidents RETURNING number",
    "UPDATE incidents SET alerts = alerts + 1, level = ?2, first_event = min(first_event, ?3), "
    "last_event = max(last_event, ?3), last_received = max(last_received, ?4), last_alert = ?5, last_entry = ?6 "
    "WHERE number = ?1",
    "INSERT INTO alerts (entry, id, incident, event_time, receive_time) VALUES (?1, ?2, ?3, ?4, ?5)",
    "INSERT INTO unreadable (entry, why) VALUES (?1, ?2)",
    "UPDATE meta SET next = ?1, alerts = alerts + ?2, duplicates = duplicates + ?3, unreadable = unreadable + ?4",
    "SELECT alerts, (SELECT coalesce(max(number), 0) FROM incidents), unreadable, duplicates, "
    "(SELECT coalesce(sum(alerts), 0) FROM incidents) - alerts FROM meta",
    "SELECT level, count(*) FROM incidents WHERE state = 'open' GROUP BY level ORDER BY level",
    "SELECT " NW_INCIDENT_COLUMNS
    " FROM incidents WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR norm = ?2) AND (?3 = '' OR asset = ?3) "
    "ORDER BY number DESC LIMIT ?4",
};

#undef NW_INCIDENT_COLUMNS

// What is wrong with a database file comes with the way out.
Error with_advice(Error error) {
  if (error.code == Errc::malformed)
    error.what +=
        ". This incident store is damaged: stop normwatch, move the file and its -wal and -shm neighbours away, and "
        "start "
        "again; it is rebuilt from the ledger";
  return error;
}

std::int64_t nanoseconds(Timestamp t) { return to_unix_nanoseconds(t); }
Timestamp timestamp(std::int64_t ns) { return from_unix_nanoseconds(ns); }

// t + d, kept within 64 bits.
std::int64_t shifted(Timestamp t, Nanoseconds d) {
  std::int64_t out = 0;
  if (!__builtin_add_overflow(nanoseconds(t), d.count(), &out)) return out;
  return d.count() > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

class Store final : public IncidentStore {
 public:
  Store(Database database, Nanoseconds quiet) : database_{std::move(database)}, quiet_{quiet} {}

  // Call it once, first.
  Result<> prepare();

  [[nodiscard]] Result<std::uint64_t> next() const override;
  Result<> apply(std::span<const Entry> entries) override;
  [[nodiscard]] Result<std::vector<Incident>> list(const Filter& filter) const override;
  [[nodiscard]] Result<Totals> totals() const override;
  [[nodiscard]] Result<bool> has_alert(std::string_view id) const override;

 private:
  struct Counts {
    std::int64_t alerts = 0, duplicates = 0, unreadable = 0;
  };

  [[nodiscard]] Statement& statement(Sql sql) const { return statements_[static_cast<std::size_t>(sql)]; }
  [[nodiscard]] Result<std::uint64_t> next_locked() const;
  Result<> apply_all(std::span<const Entry> entries);
  Result<> apply_one(const Entry& entry, Counts& counts);
  Result<> apply_fold(const Entry& entry, const EntryView& view, Counts& counts);
  Result<> pass_over(const Entry& entry, std::string_view why, Counts& counts);
  Result<std::int64_t> incident_for(const Alert& alert, std::uint64_t entry);
  Result<std::int64_t> add_incident(const Alert& alert, std::string_view key, std::uint64_t entry);

  mutable std::mutex mutex_;
  Database database_;  // before the statements: it must outlive them
  mutable std::array<Statement, static_cast<std::size_t>(Sql::count)> statements_;
  const Nanoseconds quiet_;
};

Result<> Store::prepare() {
  for (std::size_t i = 0; i < kSql.size(); ++i) {
    auto prepared = database_.prepare(kSql[i]);
    if (!prepared) return with_advice(prepared.error());
    statements_[i] = std::move(*prepared);
  }
  return {};
}

Result<std::uint64_t> Store::next() const {
  const std::lock_guard lock{mutex_};
  return next_locked();
}

Result<std::uint64_t> Store::next_locked() const {
  Statement& select = statement(Sql::next);
  const auto row = select.step();
  if (!row) return with_advice(row.error());
  if (!*row) return with_advice(Error{Errc::malformed, database_.file() + ": its place in the ledger is lost"});
  const auto next = static_cast<std::uint64_t>(select.integer(0));
  select.reset();
  return next;
}

Result<> Store::apply(std::span<const Entry> entries) {
  const std::lock_guard lock{mutex_};
  if (entries.empty()) return {};
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (entries[i].index != entries[i - 1].index + 1)
      return Error{Errc::invalid_argument, "ledger entries with a gap after " + std::to_string(entries[i - 1].index)};
  if (auto begun = database_.run("BEGIN IMMEDIATE"); !begun) return with_advice(begun.error());
  auto applied = apply_all(entries);
  if (applied) applied = database_.run("COMMIT");
  if (applied) return {};
  // SQLite may have rolled back by itself.
  if (database_.in_transaction()) (void)database_.run("ROLLBACK");
  return with_advice(applied.error());
}

Result<> Store::apply_all(std::span<const Entry> entries) {
  const auto expected = next_locked();
  if (!expected) return expected.error();
  if (entries.front().index != *expected)
    return Error{Errc::invalid_argument, "ledger entries from " + std::to_string(entries.front().index) +
                                             ", but the incident store is at " + std::to_string(*expected)};
  Counts counts;
  for (const Entry& entry : entries)
    if (auto applied = apply_one(entry, counts); !applied) return applied;
  return statement(Sql::advance)
      .bind(1, static_cast<std::int64_t>(entries.back().index + 1))
      .bind(2, counts.alerts)
      .bind(3, counts.duplicates)
      .bind(4, counts.unreadable)
      .run();
}

Result<> Store::apply_one(const Entry& entry, Counts& counts) {
  const auto view = parse_entry(entry.payload);
  if (!view) return pass_over(entry, view.error().what, counts);
  if (view->type == kEntryFold) return apply_fold(entry, *view, counts);
  if (view->type != kEntryAlert) return {};
  const auto alert = Alert::from_json(view->body);
  if (!alert) return pass_over(entry, alert.error().what, counts);

  Statement& find = statement(Sql::find_alert).bind(1, alert->id);
  const auto known = find.step();
  if (!known) return known.error();
  if (*known) {
    find.reset();
    ++counts.duplicates;
    return {};
  }
  const auto incident = incident_for(*alert, entry.index);
  if (!incident) return incident.error();
  ++counts.alerts;
  return statement(Sql::add_alert)
      .bind(1, static_cast<std::int64_t>(entry.index))
      .bind(2, alert->id)
      .bind(3, *incident)
      .bind(4, nanoseconds(alert->event_time))
      .bind(5, nanoseconds(alert->receive_time))
      .run();
}

// The alert's own incident, not one looked up by time: the fold is part of that alert.
Result<> Store::apply_fold(const Entry& entry, const EntryView& view, Counts& counts) {
  const auto fold = Fold::from_json(view.body);
  if (!fold) return pass_over(entry, fold.error().what, counts);
  Statement& find = statement(Sql::incident_of_alert).bind(1, fold->id);
  const auto known = find.step();
  if (!known) return known.error();
  if (!*known) return pass_over(entry, "fold: its first alert is not known here", counts);
  const std::int64_t incident = find.integer(0);
  find.reset();
  return statement(Sql::add_folded)
      .bind(1, incident)
      .bind(2, static_cast<std::int64_t>(fold->folded))
      .bind(3, nanoseconds(fold->first))
      .bind(4, nanoseconds(fold->last))
      .bind(5, nanoseconds(fold->last_received))
      .bind(6, static_cast<std::int64_t>(entry.index))
      .run();
}

Result<> Store::pass_over(const Entry& entry, std::string_view why, Counts& counts) {
  ++counts.unreadable;
  return statement(Sql::add_unreadable).bind(1, static_cast<std::int64_t>(entry.index)).bind(2, why).run();
}

// The incident that the alert joins, or opens. Event time decides, not the time of arrival: so a rebuild from the
// ledger gives the same incidents, and a late alert finds its own.
Result<std::int64_t> Store::incident_for(const Alert& alert, std::uint64_t entry) {
  const std::string key = alert.group_key();
  Statement& find = statement(Sql::find_incident)
                        .bind(1, key)
                        .bind(2, shifted(alert.event_time, -quiet_))
                        .bind(3, shifted(alert.event_time, quiet_))
                        .bind(4, alert.rule_id)
                        .bind(5, alert.asset);
  const auto found = find.step();
  if (!found) return found.error();
  if (!*found) return add_incident(alert, key, entry);
  const std::int64_t number = find.integer(0);
  const std::string level = find.text(1);
  find.reset();
  const auto joined = statement(Sql::join_incident)
                          .bind(1, number)
                          .bind(2, level_rank(alert.level) > level_rank(level) ? alert.level : level)
                          .bind(3, nanoseconds(alert.event_time))
                          .bind(4, nanoseconds(alert.receive_time))
                          .bind(5, alert.id)
                          .bind(6, static_cast<std::int64_t>(entry))
                          .run();
  if (!joined) return joined.error();
  return number;
}

Result<std::int64_t> Store::add_incident(const Alert& alert, std::string_view key, std::uint64_t entry) {
  const std::string year = to_rfc3339(alert.event_time, 0).substr(0, 4);
  Statement& add = statement(Sql::add_incident)
                       .bind(1, year)
                       .bind(2, key)
                       .bind(3, alert.rule_id)
                       .bind(4, alert.rule_title)
                       .bind(5, alert.level)
                       .bind(6, alert.norm)
                       .bind(7, alert.asset)
                       .bind(8, alert.asset_name)
                       .bind(9, alert.sector)
                       .bind(10, nanoseconds(alert.event_time))
                       .bind(11, nanoseconds(alert.receive_time))
                       .bind(12, alert.id)
                       .bind(13, static_cast<std::int64_t>(entry));
  const auto row = add.step();
  if (!row) return row.error();
  NW_CHECK(*row);
  const std::int64_t number = add.integer(0);
  const auto done = add.step();
  if (!done) return done.error();
  return number;
}

Incident incident_of(const Statement& row) {
  Incident out;
  out.id = row.text(1);
  out.group_key = row.text(2);
  out.state = row.text(3);
  out.rule_id = row.text(4);
  out.rule_title = row.text(5);
  out.level = row.text(6);
  out.norm = row.text(7);
  out.asset = row.text(8);
  out.asset_name = row.text(9);
  out.sector = row.text(10);
  out.first_event = timestamp(row.integer(11));
  out.last_event = timestamp(row.integer(12));
  out.opened_at = timestamp(row.integer(13));
  out.last_received = timestamp(row.integer(14));
  out.alerts = static_cast<std::uint64_t>(row.integer(15));
  out.first_alert = row.text(16);
  out.last_alert = row.text(17);
  out.first_entry = static_cast<std::uint64_t>(row.integer(18));
  out.last_entry = static_cast<std::uint64_t>(row.integer(19));
  return out;
}

Result<std::vector<Incident>> Store::list(const Filter& filter) const {
  const std::lock_guard lock{mutex_};
  const auto most = static_cast<std::int64_t>(std::min<std::size_t>(filter.most, 1'000'000));
  Statement& select =
      statement(Sql::list).bind(1, filter.state).bind(2, filter.norm).bind(3, filter.asset).bind(4, most);
  std::vector<Incident> out;
  for (;;) {
    const auto row = select.step();
    if (!row) return with_advice(row.error());
    if (!*row) return out;
    out.push_back(incident_of(select));
  }
}

Result<IncidentStore::Totals> Store::totals() const {
  const std::lock_guard lock{mutex_};
  Totals out;
  Statement& sums = statement(Sql::totals);
  const auto sum = sums.step();
  if (!sum) return with_advice(sum.error());
  if (*sum) {
    out.alerts = static_cast<std::uint64_t>(sums.integer(0));
    out.incidents = static_cast<std::uint64_t>(sums.integer(1));
    out.unreadable = static_cast<std::uint64_t>(sums.integer(2));
    out.duplicates = static_cast<std::uint64_t>(sums.integer(3));
    out.folded = static_cast<std::uint64_t>(sums.integer(4));
    sums.reset();
  }
  Statement& levels = statement(Sql::open_by_level);
  for (;;) {
    const auto row = levels.step();
    if (!row) return with_advice(row.error());
    if (!*row) return out;
    out.open_by_level.emplace_back(levels.text(0), static_cast<std::uint64_t>(levels.integer(1)));
  }
}

Result<bool> Store::has_alert(std::string_view id) const {
  const std::lock_guard lock{mutex_};
  Statement& find = statement(Sql::find_alert).bind(1, id);
  const auto row = find.step();
  if (!row) return with_advice(row.error());
  const bool known = *row;
  find.reset();
  return known;
}

// Whether the file is an incident store that this version reads: 0 no tables yet, kSchemaVersion yes, or an error.
Result<std::int64_t> schema_version(Database& database, const std::filesystem::path& file) {
  const auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return with_advice(tables.error());
  if (*tables == 0) return std::int64_t{0};
  const auto application = database.integer("PRAGMA application_id");
  if (!application) return with_advice(application.error());
  if (*application != kApplicationId)
    return Error{Errc::malformed,
                 file.string() + ": is a database, but no incident store of normwatch; name another file"};
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return with_advice(version.error());
  if (*version != kSchemaVersion)
    return Error{Errc::malformed, file.string() + ": has version " + std::to_string(*version) +
                                      " of the incident store, this normwatch reads version " +
                                      std::to_string(kSchemaVersion) +
                                      "; use a newer normwatch, or move the file away: it is rebuilt from the ledger"};
  return *version;
}

Result<> create_schema(Database& database) {
  const std::string sql = std::string{kSchema} + "PRAGMA application_id = " + std::to_string(kApplicationId) +
                          "; PRAGMA user_version = " + std::to_string(kSchemaVersion);
  if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return begun;
  auto made = database.run(sql.c_str());
  if (made) made = database.run("COMMIT");
  if (!made && database.in_transaction()) (void)database.run("ROLLBACK");
  return made;
}

Result<std::unique_ptr<IncidentStore>> make_store(Database database, Nanoseconds quiet) {
  auto store = std::make_unique<Store>(std::move(database), quiet);
  if (auto prepared = store->prepare(); !prepared) return prepared.error();
  if (auto place = store->next(); !place) return place.error();
  return std::unique_ptr<IncidentStore>{std::move(store)};
}

}  // namespace

Result<std::unique_ptr<IncidentStore>> IncidentStore::open(const IncidentOptions& options) {
  auto database = Database::open(options.file, Database::Mode::read_write);
  if (!database) return with_advice(database.error());
  // NORMAL: a power cut may take the last transactions, whole; the place in the ledger goes with them, so they come
  // again.
  if (auto set = database->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; "
                               "PRAGMA journal_size_limit = 67108864");
      !set)
    return with_advice(set.error());
  const auto page = database->integer("PRAGMA page_size");
  if (!page) return with_advice(page.error());
  if (options.file_bytes_max != 0) {
    const auto pages = static_cast<std::int64_t>(options.file_bytes_max) / std::max<std::int64_t>(*page, 512);
    const std::string limit = "PRAGMA max_page_count = " + std::to_string(std::max<std::int64_t>(pages, 1));
    if (auto set = database->run(limit.c_str()); !set) return with_advice(set.error());
  }
  const auto version = schema_version(*database, options.file);
  if (!version) return version.error();
  if (*version == 0)
    if (auto made = create_schema(*database); !made) return with_advice(made.error());
  return make_store(std::move(*database), options.quiet);
}

Result<std::unique_ptr<IncidentStore>> IncidentStore::open_read_only(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    if (ignored == std::errc::permission_denied)
      return Error{Errc::no_permission, file.string() + ": " + ignored.message() + "; run this as the daemon's user"};
    return Error{Errc::not_found,
                 file.string() + ": no incident store there; has normwatch run with this state directory?"};
  }
  auto database = Database::open(file, Database::Mode::read_only);
  if (!database) return with_advice(database.error());
  auto version = schema_version(*database, file);
  // Beside a store that no daemon has open, SQLite wants to write its -shm file; someone who may only read may not.
  // With no -wal file, nobody is writing either.
  const bool wal = std::filesystem::exists(file.string() + "-wal", ignored);
  if (!version && version.error().code != Errc::malformed && !wal) {
    database = Database::open(file, Database::Mode::immutable);
    if (!database) return with_advice(database.error());
    version = schema_version(*database, file);
  }
  if (!version) return version.error();
  if (*version == 0) return Error{Errc::not_found, file.string() + ": the incident store is still empty"};
  return make_store(std::move(*database), Nanoseconds{0});
}

}  // namespace nw::record
