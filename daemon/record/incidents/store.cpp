#include "record/incidents/store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.h"
#include "context/taxonomy/tlp_order.h"
#include "record/fold.h"
#include "record/incidents/schema.h"
#include "record/incidents/store_impl.h"
#include "record/merkle/exact_json.h"
#include "record/needed_evidence.h"

namespace nw::record {

using sqlite::Database;
using sqlite::Rows;

Error with_advice(Error error) {
  if (error.code == Errc::malformed)
    error.what +=
        ". This incident store is damaged: stop normwatch, move the file and its -wal and -shm neighbours away, and "
        "start "
        "again; it is rebuilt from the ledger";
  return error;
}

namespace {

// t + d, kept within 64 bits.
std::int64_t shifted(Timestamp t, Nanoseconds d) {
  std::int64_t out = 0;
  if (!__builtin_add_overflow(nanoseconds(t), d.count(), &out)) return out;
  return d.count() > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

int tlp_rank(const Alert& alert) {
  return std::max(label_rank(taxonomy::kTlpLabels, alert.tlp), label_rank(taxonomy::kTlpLabels, alert.indicator_tlp));
}

}  // namespace

Result<> Store::prepare() {
  for (const std::string_view table : kTables) {
    auto there = queries_.rows("SELECT * FROM " + std::string{table} + " LIMIT 0");
    if (!there) return with_advice(there.error());
  }
  return {};
}

Result<std::uint64_t> Store::next() const {
  const std::lock_guard lock{mutex_};
  return next_locked();
}

Result<std::uint64_t> Store::next_locked() const {
  auto place = queries_.rows("SELECT next FROM meta");
  if (!place) return with_advice(place.error());
  const auto row = place->next();
  if (!row) return with_advice(row.error());
  if (!*row) return with_advice(Error{Errc::malformed, database_.file() + ": its place in the ledger is lost"});
  return place->count(0);
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
  const auto quiet = queries_.integer(-1, "SELECT quiet FROM meta");
  if (!quiet) return quiet.error();
  quiet_ = *quiet < 0 ? configured_quiet_ : Nanoseconds{*quiet};
  Counts counts;
  for (const Entry& entry : entries)
    if (auto applied = apply_one(entry, counts); !applied) return applied;
  return queries_.run(
      "UPDATE meta SET next = ?1, alerts = alerts + ?2, duplicates = duplicates + ?3, unreadable = unreadable + ?4, "
      "folded = folded + ?5",
      entries.back().index + 1, counts.alerts, counts.duplicates, counts.unreadable, counts.folded);
}

Result<> Store::apply_one(const Entry& entry, Counts& counts) {
  const auto view = parse_entry(entry.payload);
  if (!view) return pass_over(entry, view.error().what, counts);
  if (view->type == kEntryAlert) return apply_alert(entry, *view, counts);
  if (view->type == kEntryFold) return apply_fold(entry, *view, counts);
  if (view->type == kEntryEvidence) return apply_kept(entry, *view, counts);
  if (view->type == kEntryIncident) return apply_act(entry, *view, counts);
  if (view->type == kEntryOpen) return apply_open(entry, *view, counts);
  return {};
}

// What was in force when these alerts came, whatever is configured now: so a rebuild groups as the daemon did.
Result<> Store::apply_open(const Entry& entry, const EntryView& view, Counts& counts) {
  const auto body = merkle::parse_exact_json(view.body);
  if (!body || !body->is_object())
    return pass_over(entry, "open: " + (body ? std::string{"no JSON object"} : body.error().what), counts);
  const auto* said = body->as_object().if_contains(kOpenQuiet);
  if (said == nullptr) return {};  // of a daemon before this was written down
  const auto* text = said->if_string();
  const auto quiet = text == nullptr ? Result<Nanoseconds>{Error{Errc::malformed, "is no text"}}
                                     : parse_duration(std::string_view{*text});
  if (!quiet || *quiet < Nanoseconds{0})
    return pass_over(
        entry, "open: member `" + std::string{kOpenQuiet} + "` " + (quiet ? "is below 0" : quiet.error().what), counts);
  quiet_ = *quiet;
  return queries_.run("UPDATE meta SET quiet = ?1", quiet_.count());
}

Result<> Store::apply_alert(const Entry& entry, const EntryView& view, Counts& counts) {
  const auto alert = Alert::from_json(view.body);
  if (!alert) return pass_over(entry, alert.error().what, counts);
  const auto known = queries_.integer(0, "SELECT 1 FROM alerts WHERE id = ?1", alert->id);
  if (!known) return known.error();
  if (*known != 0) {
    ++counts.duplicates;
    return {};
  }
  const auto joined = incident_for(*alert, entry.index);
  if (!joined) return joined.error();
  if (!joined->opened)
    if (auto done = join(*joined, *alert, entry.index); !done) return done;
  const auto group = group_of(*alert);
  if (!group) return group.error();
  if (auto counted = count_group(joined->counted, *group, *alert); !counted) return counted;
  ++counts.alerts;
  return queries_.run(
      "INSERT INTO alerts (entry, id, incident, own, grp, level, class, tlp, pap, event_time, receive_time, "
      "first_event, "
      "last_event, last_received, last_entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?10, ?10, ?11, ?1)",
      entry.index, alert->id, joined->counted, joined->own, *group, alert->level, alert->asset_class, tlp_rank(*alert),
      label_rank(kPapLabels, alert->pap), nanoseconds(alert->event_time), nanoseconds(alert->receive_time));
}

// The alert's own incident, not one looked up by time: the fold is part of that alert.
Result<> Store::apply_fold(const Entry& entry, const EntryView& view, Counts& counts) {
  const auto fold = Fold::from_json(view.body);
  if (!fold) return pass_over(entry, fold.error().what, counts);
  std::int64_t of = 0, counted = 0, own = 0, group = 0;
  {
    auto find = queries_.rows("SELECT entry, incident, own, grp FROM alerts WHERE id = ?1", fold->id);
    if (!find) return find.error();
    const auto known = find->next();
    if (!known) return known.error();
    if (!*known) return pass_over(entry, "fold: its first alert is not known here", counts);
    of = find->integer(0);
    counted = find->integer(1);
    own = find->integer(2);
    group = find->integer(3);
  }
  const std::int64_t first = nanoseconds(fold->first), last = nanoseconds(fold->last);
  counts.folded += static_cast<std::int64_t>(fold->folded);
  auto done = queries_.run(
      "UPDATE alerts SET repeats = repeats + ?2, first_event = min(first_event, ?3), last_event = max(last_event, ?4), "
      "last_received = max(last_received, ?5), last_entry = ?6 WHERE entry = ?1",
      of, fold->folded, first, last, nanoseconds(fold->last_received), entry.index);
  if (done)
    done = queries_.run(
        "UPDATE incidents SET alerts = alerts + ?2, first_event = min(first_event, ?3), last_event = max(last_event, "
        "?4), last_received = max(last_received, ?5), last_entry = ?6 WHERE number = ?1",
        counted, fold->folded, first, last, nanoseconds(fold->last_received), entry.index);
  if (done && own != counted)
    done = queries_.run(
        "UPDATE incidents SET first_event = min(first_event, ?2), last_event = max(last_event, ?3) WHERE number = ?1",
        own, first, last);
  if (done)
    done = queries_.run("UPDATE incident_groups SET alerts = alerts + ?3 WHERE incident = ?1 AND grp = ?2", counted,
                        group, fold->folded);
  return done;
}

Result<> Store::apply_kept(const Entry& entry, const EntryView& view, Counts& counts) {
  const auto kept = KeptEvidence::from_json(view.body);
  if (!kept) return pass_over(entry, kept.error().what, counts);
  // Not all are of an alert that is here: after a restart one may have been folded into an older alert.
  std::string supplies;
  for (const std::string& text : kept->supplies) supplies += (supplies.empty() ? "" : "\n") + text;
  return queries_.run("INSERT INTO kept (entry, alert, kind, supplies) VALUES (?1, ?2, ?3, ?4)", entry.index,
                      kept->alert, kept->kind, supplies);
}

Result<> Store::pass_over(const Entry& entry, std::string_view why, Counts& counts, std::string_view act) {
  ++counts.unreadable;
  return queries_.run("INSERT INTO unreadable (entry, why, act) VALUES (?1, ?2, ?3)", entry.index, why, act);
}

// The incident that the alert joins, or opens. Event time decides, not the time of arrival: so a rebuild from the
// ledger gives the same incidents, and a late alert finds its own.
Result<Store::Joined> Store::incident_for(const Alert& alert, std::uint64_t entry) {
  CaseKey key = CaseKey::of(alert);
  auto found = look_for(alert, key);
  if (!found || found->own != 0) return found;
  if (!key.actor.empty()) {
    CaseKey many = key;
    many.actor = kManyActors;
    found = look_for(alert, many);
    if (!found || found->own != 0) return found;
    const auto actors = queries_.integer(
        0,
        "SELECT count(*) FROM (SELECT 1 FROM incidents WHERE gathers = 1 AND state <> 'resolved' AND state <> "
        "'false_positive' AND place = ?1 AND family = ?2 AND last_event >= ?3 AND first_event <= ?4 LIMIT ?5)",
        key.place, key.family, shifted(alert.event_time, -quiet_), shifted(alert.event_time, quiet_), kCaseActorsMax);
    if (!actors) return actors.error();
    if (*actors >= static_cast<std::int64_t>(kCaseActorsMax)) key = many;
  }
  const auto number = add_incident(alert, key, entry);
  if (!number) return number.error();
  return Joined{*number, *number, true};
}

Result<Store::Joined> Store::look_for(const Alert& alert, const CaseKey& key) {
  auto near = queries_.rows(
      "SELECT number, merged_into FROM incidents WHERE gathers = 1 AND state <> 'resolved' AND state <> "
      "'false_positive' "
      "AND place = ?1 AND family = ?2 AND actor = ?3 AND last_event >= ?4 AND first_event <= ?5 ORDER BY number DESC",
      key.place, key.family, key.actor, shifted(alert.event_time, -quiet_), shifted(alert.event_time, quiet_));
  if (!near) return near.error();
  for (;;) {
    const auto row = near->next();
    if (!row) return row.error();
    if (!*row) return Joined{};
    const std::int64_t number = near->integer(0);
    if (near->integer(1) == 0) return Joined{number, number};
    // It goes to where its incident was merged, unless that one is closed meanwhile.
    const auto root = root_of(number);
    if (!root) return root.error();
    const auto active = queries_.integer(
        0, "SELECT state <> 'resolved' AND state <> 'false_positive' FROM incidents WHERE number = ?1", *root);
    if (!active) return active.error();
    if (*active != 0) return Joined{number, *root};
  }
}

Result<std::int64_t> Store::root_of(std::int64_t number) const {
  for (;;) {
    const auto into = queries_.integer(0, "SELECT merged_into FROM incidents WHERE number = ?1", number);
    if (!into) return into.error();
    if (*into == 0) return number;
    number = *into;
  }
}

Result<std::int64_t> Store::add_incident(const Alert& alert, const CaseKey& key, std::uint64_t entry) {
  const auto last = queries_.integer(0, "SELECT coalesce(max(number), 0) FROM incidents");
  if (!last) return last.error();
  const std::int64_t number = *last + 1;
  auto done = queries_.run(
      "INSERT INTO incidents (number, id, group_key, state, rule_id, rule_title, level, norm, asset, asset_name, "
      "asset_class, sector, first_event, last_event, opened_at, last_received, alerts, first_alert, last_alert, "
      "first_entry, last_entry, made_entry, place, family, actor, gathers, marked_tlp, marked_pap) VALUES (?1, "
      "printf('NW-%s-%06d', ?2, ?1), ?3, 'open', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13, ?13, 1, ?14, ?14, "
      "?15, ?15, ?15, ?16, ?17, ?18, 1, ?19, ?20)",
      number, to_rfc3339(alert.event_time, 0).substr(0, 4), alert.group_key(), alert.rule_id, alert.rule_title,
      alert.level, alert.norm, alert.asset, alert.asset_name, alert.asset_class, alert.sector,
      nanoseconds(alert.event_time), nanoseconds(alert.receive_time), alert.id, entry, key.place, key.family, key.actor,
      tlp_rank(alert), label_rank(kPapLabels, alert.pap));
  if (done)
    done = remember(number, alert.asset + ' ' + alert.asset_name + ' ' + alert.sector + ' ' + alert.norm + ' ' +
                                key.place + ' ' + key.family + ' ' + key.actor);
  if (!done) return done.error();
  return number;
}

Result<> Store::join(const Joined& joined, const Alert& alert, std::uint64_t entry) {
  std::string level, worst;
  {
    auto now = queries_.rows("SELECT level, asset_class FROM incidents WHERE number = ?1", joined.counted);
    if (!now) return now.error();
    const auto row = now->next();
    if (!row) return row.error();
    if (*row) {
      level = now->text(0);
      worst = now->text(1);
    }
  }
  if (!alert.asset_class.empty() && (worst.empty() || alert.asset_class < worst)) worst = alert.asset_class;
  auto done = queries_.run(
      "UPDATE incidents SET alerts = alerts + 1, first_event = min(first_event, ?2), last_event = max(last_event, ?2), "
      "last_received = max(last_received, ?3), last_alert = ?4, last_entry = ?5, asset_class = ?6, marked_tlp = "
      "max(marked_tlp, ?7), marked_pap = max(marked_pap, ?8) WHERE number = ?1",
      joined.counted, nanoseconds(alert.event_time), nanoseconds(alert.receive_time), alert.id, entry, worst,
      tlp_rank(alert), label_rank(kPapLabels, alert.pap));
  // By itself: the trigger on it costs more than all the rest.
  if (done && level_rank(alert.level) > level_rank(level))
    done = queries_.run("UPDATE incidents SET level = ?2 WHERE number = ?1", joined.counted, alert.level);
  // The window of its own grows with it, wherever it counts: else its next alert would not find it.
  if (done && joined.own != joined.counted)
    done = queries_.run(
        "UPDATE incidents SET first_event = min(first_event, ?2), last_event = max(last_event, ?2) WHERE number = ?1",
        joined.own, nanoseconds(alert.event_time));
  return done;
}

Result<std::int64_t> Store::group_of(const Alert& alert) {
  const std::string key = alert.group_key();
  const auto known = queries_.integer(
      0, "SELECT number FROM groups WHERE group_key = ?1 AND rule_id = ?2 AND rule_title = ?3 AND norm = ?4", key,
      alert.rule_id, alert.rule_title, alert.norm);
  if (!known || *known != 0) return known;
  return queries_.integer(0,
                          "INSERT INTO groups SELECT coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4 FROM groups "
                          "RETURNING number",
                          key, alert.rule_id, alert.rule_title, alert.norm);
}

Result<> Store::count_group(std::int64_t incident, std::int64_t group, const Alert& alert) {
  // Two statements: RETURNING would make a table in memory for each alert.
  auto done =
      queries_.run("UPDATE incident_groups SET alerts = alerts + 1 WHERE incident = ?1 AND grp = ?2", incident, group);
  if (!done || database_.changes() != 0) return done;
  done = queries_.run("INSERT INTO incident_groups VALUES (?1, ?2, 1)", incident, group);
  if (done) done = remember(incident, alert.rule_title + ' ' + alert.rule_id);
  return done;
}

Result<> Store::remember(std::int64_t incident, std::string_view text) {
  return queries_.run("INSERT INTO search (incident, text) VALUES (?1, ?2)", incident, text);
}

namespace {

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
  if (*version > kSchemaVersion || *version < 1)
    return Error{Errc::malformed, file.string() + ": has version " + std::to_string(*version) +
                                      " of the incident store, this normwatch reads up to version " +
                                      std::to_string(kSchemaVersion) +
                                      "; use a newer normwatch, or move the file away: it is rebuilt from the ledger"};
  return *version;
}

// Drops every table that is there: an older store holds nothing that the ledger does not.
Result<> empty(Database& database) {
  std::vector<std::string> names;
  {
    auto tables = database.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\'");
    if (!tables) return tables.error();
    for (;;) {
      const auto row = tables->step();
      if (!row) return row.error();
      if (!*row) break;
      names.push_back(tables->text(0));
    }
  }
  for (const std::string& name : names) {
    std::string quoted = "DROP TABLE IF EXISTS \"";
    for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
    if (auto dropped = database.run((quoted + '"').c_str()); !dropped) return dropped;
  }
  return {};
}

Result<> create_schema(Database& database) {
  const std::string sql = std::string{kSchema} + "PRAGMA application_id = " + std::to_string(kApplicationId) +
                          "; PRAGMA user_version = " + std::to_string(kSchemaVersion);
  if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return begun;
  auto made = empty(database);
  if (made) made = database.run(sql.c_str());
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
  if (*version != kSchemaVersion) {
    if (*version != 0)
      log_info("incident_store_upgraded", "the incident store is of an older version; it is made again from the ledger",
               {{"file", options.file.string()}, {"version", std::to_string(*version)}});
    // Its tables refer to each other; they go together.
    if (auto set = database->run("PRAGMA foreign_keys = OFF"); !set) return with_advice(set.error());
    if (auto made = create_schema(*database); !made) return with_advice(made.error());
    if (auto set = database->run("PRAGMA foreign_keys = ON"); !set) return with_advice(set.error());
  }
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
  if (*version != kSchemaVersion)
    return Error{Errc::malformed,
                 file.string() + ": is of version " + std::to_string(*version) +
                     " of the incident store; start normwatch, which makes it again from the ledger, or do it now: "
                     "normwatch record rebuild"};
  return make_store(std::move(*database), Nanoseconds{0});
}

}  // namespace nw::record
