// What people do with incidents: checked against the rows, then applied to them.
#include <algorithm>
#include <limits>

#include "base/text.h"
#include "context/taxonomy/tlp_order.h"
#include "record/incidents/store_impl.h"

namespace nw::record {

namespace {

constexpr std::string_view kRefusedPrefix = "act: ";

std::int64_t entry_of_merge(const Act& act) {
  std::int64_t out = 0;
  for (const char c : act.value("merge"))
    if (__builtin_mul_overflow(out, 10, &out) || __builtin_add_overflow(out, c - '0', &out)) return -1;
  return out;
}

// Everything of it that a search should find.
std::string words_of(const Act& act) {
  std::string out = act.why;
  for (const auto& [name, text] : act.values)
    if (is_free_text(act.kind, name) || name == "to") out.append(out.empty() ? "" : " ").append(text);
  return out;
}

struct Stated {
  std::string_view name, value, extra;
};
// What the act states, if it is of a kind that does. The latest of a kind and name counts.
std::optional<Stated> statement_of(const Act& act) {
  switch (act.kind) {
    case ActKind::factor: return Stated{act.value("factor"), act.value("text"), {}};
    case ActKind::hypothesis: return Stated{{}, act.value("text"), {}};
    case ActKind::share: return Stated{act.value("with"), {}, {}};
    case ActKind::moment: return Stated{act.value("moment"), act.value("time"), {}};
    case ActKind::fact: return Stated{act.value("fact"), act.value("value"), {}};
    case ActKind::significance: return Stated{act.value("regime"), act.value("significant"), act.value("proposal")};
    case ActKind::sent: return Stated{act.value("regime"), act.value("time"), act.value("stage")};
    default: return std::nullopt;
  }
}

// Asked for again. Whose login it was may differ, and a time that is the present one unless it is given.
bool is_same(const Act& asked, Act applied) {
  applied.uid = asked.uid;
  if (const std::string_view time = asked.value("time"); !time.empty())
    for (auto& [name, text] : applied.values)
      if (name == "time") text = time;
  return asked.to_json() == applied.to_json();
}

bool is_refusal(Errc code) {
  return code == Errc::invalid_argument || code == Errc::not_found || code == Errc::unavailable;
}

}  // namespace

Result<std::int64_t> Store::number_of(std::string_view id) const {
  const auto number = queries_.integer(0, "SELECT number FROM incidents WHERE id = ?1", id);
  if (!number) return with_advice(number.error());
  if (*number == 0) return Error{Errc::not_found, "no incident is called '" + printable(id, 32) + "'"};
  return *number;
}

Result<CaseSoFar> Store::so_far(std::string_view id) const {
  const auto number = number_of(id);
  if (!number) return number.error();
  const auto now = incident(*number);
  if (!now) return now.error();
  CaseSoFar out;
  out.id = now->id;
  out.merged_into = now->merged_into;
  out.tlp = now->tlp;
  out.pap = now->pap;
  const auto exercise = is_exercise(*number);
  if (!exercise) return exercise.error();
  out.exercise = *exercise;
  auto rows = queries_.rows(
      "SELECT DISTINCT name FROM statements WHERE incident = ?1 AND kind = 'factor' ORDER BY name", *number);
  for (;;) {
    if (!rows) return with_advice(rows.error());
    const auto row = rows->next();
    if (!row) return with_advice(row.error());
    if (!*row) break;
    out.factors.push_back(rows->text(0));
  }
  if (out.merged_into.empty()) {
    const auto state = case_state(now->state);
    if (!state)
      return with_advice(Error{Errc::malformed, database_.file() + ": " + out.id + " has the state " + now->state});
    out.state = *state;
  }
  return out;
}

Result<bool> Store::is_exercise(std::int64_t number) const {
  const auto real = queries_.integer(
      0,
      "WITH RECURSIVE tree (number) AS (VALUES (?1) UNION SELECT incidents.number FROM incidents JOIN tree ON "
      "incidents.merged_into = tree.number) SELECT count(*) FROM incidents WHERE number IN tree AND exercise = 0",
      number);
  if (!real) return with_advice(real.error());
  return *real == 0;
}

Result<> Store::check(const Act& act) const {
  const std::lock_guard lock{mutex_};
  return check_locked(act);
}

Result<> Store::check_locked(const Act& act) const {
  if (auto whole = act.check(); !whole) return whole;
  const auto now = so_far(act.incident);
  if (!now) return now.error();
  if (auto good = allowed(*now, act); !good) return good;
  if (act.kind == ActKind::merge) return check_merge(act);
  if (act.kind == ActKind::split) return check_split(act);
  return {};
}

Result<> Store::check_merge(const Act& act) const {
  const auto into = so_far(act.value("into"));
  if (!into) return into.error();
  if (into->id == act.incident) return Error{Errc::unavailable, "merge: " + into->id + " cannot be merged into itself"};
  if (!into->merged_into.empty())
    return Error{Errc::unavailable,
                 "merge: " + into->id + " was itself merged into " + into->merged_into + "; name that one"};
  if (!is_active(into->state))
    return Error{Errc::unavailable,
                 "merge: " + into->id + " is " + std::string{to_string(into->state)} + "; reopen it first"};
  // An exercise has no clocks: a real incident within it would not be reported, nor be found to be missing.
  const auto from = so_far(act.incident);
  if (!from) return from.error();
  if (from->exercise != into->exercise)
    return Error{Errc::unavailable, "merge: " + (from->exercise ? from->id : into->id) + " is an exercise and " +
                                        (from->exercise ? into->id : from->id) +
                                        " is not; say of both the same first (normwatch incidents exercise), then "
                                        "merge them"};
  return {};
}

Result<> Store::check_split(const Act& act) const {
  const auto number = number_of(act.incident);
  if (!number) return number.error();
  if (!act.value("merge").empty()) {
    const auto merged = queries_.integer(0, "SELECT number FROM incidents WHERE merged_into = ?1 AND merged_by = ?2",
                                         *number, entry_of_merge(act));
    if (!merged) return with_advice(merged.error());
    if (*merged == 0)
      return Error{Errc::not_found, "split: entry " + printable(act.value("merge"), 24) + " is no merge into " +
                                        act.incident + " that still holds; `normwatch incidents show` lists them"};
    return {};
  }
  const auto ids = split(act.value("alerts"), ',');
  for (const std::string_view id : ids) {
    const auto in = queries_.integer(0, "SELECT incident FROM alerts WHERE id = ?1", id);
    if (!in) return with_advice(in.error());
    if (*in != *number)
      return Error{Errc::not_found, "split: alert " + printable(id, 64) + " is not one of " + act.incident};
  }
  const auto all = queries_.integer(0, "SELECT count(*) FROM alerts WHERE incident = ?1", *number);
  if (!all) return with_advice(all.error());
  if (*all <= static_cast<std::int64_t>(ids.size()))
    return Error{Errc::unavailable, "split: nothing would be left of " + act.incident};
  return {};
}

Result<> Store::apply_act(const Entry& entry, const EntryView& view, Counts& counts) {
  const auto act = Act::from_json(view.body);
  if (!act) return pass_over(entry, act.error().what, counts);
  // Asked for twice, because the first answer was lost: done once, whatever became of the first.
  const auto before = fate_of(act->id);
  if (!before) return before.error();
  if (*before)
    return pass_over(entry,
                     std::string{kRefusedPrefix} + "its id is that of ledger entry " + std::to_string((*before)->entry),
                     counts);
  if (const auto good = check_locked(*act); !good) {
    if (!is_refusal(good.error().code)) return good.error();
    return pass_over(entry, std::string{kRefusedPrefix} + good.error().what, counts, act->id);
  }
  const auto number = number_of(act->incident);
  if (!number) return number.error();
  if (auto done = perform(*act, *number, entry.index); !done) return done;
  auto done = queries_.run(
      "INSERT INTO acts SELECT ?1, ?2, ?3, ?4, ?5, ?6, state, ?7, ?8 FROM incidents WHERE number = ?2", entry.index,
      *number, to_string(act->kind), act->by, act->uid, nanoseconds(view.time), act->to_json(), act->id);
  if (const auto said = statement_of(*act); done && said)
    done = queries_.run("INSERT INTO statements VALUES (?1, ?2, ?3, ?4, ?5, ?6)", entry.index, *number,
                        to_string(act->kind), said->name, said->value, said->extra);
  if (const std::string words = words_of(*act); done && !words.empty()) done = remember(*number, words);
  return done;
}

Result<> Store::perform(const Act& act, std::int64_t number, std::uint64_t entry) {
  switch (act.kind) {
    case ActKind::acknowledge:
    case ActKind::contain:
    case ActKind::resolve:
    case ActKind::false_positive:
    case ActKind::reopen: return state(act, number, entry);
    case ActKind::assign:
      return queries_.run("UPDATE incidents SET assigned = ?2 WHERE number = ?1", number, act.value("to"));
    case ActKind::merge: return merge(act, number, entry);
    case ActKind::split:
      return act.value("merge").empty() ? split_alerts(act, number, entry) : split_merge(number, entry_of_merge(act));
    case ActKind::tlp:
    case ActKind::pap: return label(act, number);
    case ActKind::victims:
      return queries_.run("UPDATE incidents SET victims = CAST(?2 AS INTEGER) WHERE number = ?1", number,
                          act.value("count"));
    case ActKind::share: return queries_.run("UPDATE incidents SET withheld = '' WHERE number = ?1", number);
    case ActKind::withhold:
      return queries_.run("UPDATE incidents SET withheld = ?2 WHERE number = ?1", number, act.why);
    case ActKind::exercise:
      return queries_.run("UPDATE incidents SET exercise = ?2 WHERE number = ?1", number,
                          act.value("exercise") == "yes" ? 1 : 0);
    case ActKind::classify:
      return queries_.run(
          "UPDATE incidents SET rsit = iif(?2 = '', rsit, ?2), kind = iif(?3 = '', kind, ?3) WHERE number = ?1", number,
          act.value("rsit"), act.value("kind"));
    case ActKind::note:
    case ActKind::factor:
    case ActKind::hypothesis:
    case ActKind::moment:
    case ActKind::fact:
    case ActKind::significance:
    case ActKind::sent: return {};
  }
  return {};
}

Result<> Store::state(const Act& act, std::int64_t number, std::uint64_t /*entry*/) {
  // A merged incident is refused before, so this is its own state.
  const auto now = incident(number);
  if (!now) return now.error();
  const auto before = case_state(now->state);
  if (!before) return Error{Errc::malformed, database_.file() + ": " + now->id + " has the state " + now->state};
  return queries_.run("UPDATE incidents SET state = ?2 WHERE number = ?1", number, to_string(after(act.kind, *before)));
}

Result<> Store::label(const Act& act, std::int64_t number) {
  if (act.kind == ActKind::tlp)
    return queries_.run("UPDATE incidents SET said_tlp = ?2, over_tlp = marked_tlp WHERE number = ?1", number,
                        label_rank(taxonomy::kTlpLabels, act.value("label")));
  return queries_.run("UPDATE incidents SET said_pap = ?2, over_pap = marked_pap WHERE number = ?1", number,
                      label_rank(kPapLabels, act.value("label")));
}

Result<> Store::merge(const Act& act, std::int64_t number, std::uint64_t entry) {
  const auto into = number_of(act.value("into"));
  if (!into) return into.error();
  auto done =
      queries_.run("UPDATE incidents SET merged_into = ?2, merged_by = ?3 WHERE number = ?1", number, *into, entry);
  if (done) done = queries_.run("UPDATE alerts SET incident = ?2 WHERE incident = ?1", number, *into);
  if (done) done = recompute(*into);
  return done;
}

Result<> Store::split_merge(std::int64_t number, std::int64_t merge) {
  const auto back =
      queries_.integer(0, "SELECT number FROM incidents WHERE merged_into = ?1 AND merged_by = ?2", number, merge);
  if (!back) return back.error();
  auto done = queries_.run("UPDATE incidents SET merged_into = 0, merged_by = -1 WHERE number = ?1", *back);
  // Its own alerts, and those of what was merged into it before, or joined since.
  if (done)
    done = queries_.run(
        "UPDATE alerts SET incident = ?1 WHERE incident = ?2 AND own IN (WITH RECURSIVE tree (number) AS (VALUES (?1) "
        "UNION SELECT incidents.number FROM incidents JOIN tree ON incidents.merged_into = tree.number) SELECT number "
        "FROM tree)",
        *back, number);
  if (done) done = recompute(*back);
  if (done) done = recompute(number);
  return done;
}

// The new incident is described by the group of its first alert, and gathers nothing: later alerts stay with the one
// that they would have joined. Merging it back undoes this.
Result<> Store::split_alerts(const Act& act, std::int64_t number, std::uint64_t entry) {
  const auto last = queries_.integer(0, "SELECT coalesce(max(number), 0) FROM incidents");
  if (!last) return last.error();
  const std::int64_t made = *last + 1;
  std::int64_t first = std::numeric_limits<std::int64_t>::max(), event = 0;
  for (const std::string_view id : split(act.value("alerts"), ',')) {
    auto alert = queries_.rows("SELECT entry, event_time FROM alerts WHERE id = ?1", id);
    if (!alert) return alert.error();
    const auto row = alert->next();
    if (!row) return row.error();
    if (!*row || alert->integer(0) >= first) continue;
    first = alert->integer(0);
    event = alert->integer(1);
  }
  auto done = queries_.run(
      "INSERT INTO incidents (number, id, group_key, state, rule_id, rule_title, level, norm, asset, asset_name, "
      "asset_class, sector, first_event, last_event, opened_at, last_received, alerts, first_alert, last_alert, "
      "first_entry, last_entry, made_entry, place, family, actor, gathers, said_tlp, over_tlp, said_pap, over_pap, "
      "exercise) SELECT ?1, printf('NW-%s-%06d', ?2, ?1), g.group_key, 'open', g.rule_id, g.rule_title, a.level, "
      "g.norm, "
      "o.asset, o.asset_name, a.class, o.sector, 0, 0, 0, 0, 0, '', '', 0, 0, ?3, o.place, o.family, o.actor, 0, "
      "f.said_tlp, f.over_tlp, f.said_pap, f.over_pap, f.exercise FROM alerts AS a JOIN groups AS g ON g.number = "
      "a.grp "
      "JOIN incidents AS o ON o.number = a.own JOIN incidents AS f ON f.number = ?4 WHERE a.entry = ?5",
      made, to_rfc3339(timestamp(event), 0).substr(0, 4), entry, number, first);
  for (const std::string_view id : split(act.value("alerts"), ','))
    if (done) done = queries_.run("UPDATE alerts SET incident = ?1, own = ?1 WHERE id = ?2", made, id);
  if (done) done = recompute(made);
  if (done) done = recompute(number);
  if (!done) return done;
  const auto now = incident(made);
  if (!now) return now.error();
  return remember(made, now->asset + ' ' + now->asset_name + ' ' + now->sector + ' ' + now->norm + ' ' + now->family +
                            ' ' + now->actor + ' ' + now->rule_title + ' ' + now->rule_id);
}

// What its alerts say of an incident, from their rows: after a merge or a split. What it had when no alert is left
// stays, but for the count.
Result<> Store::recompute(std::int64_t number) {
  auto done = queries_.run("DELETE FROM incident_groups WHERE incident = ?1", number);
  if (done)
    done = queries_.run(
        "INSERT INTO incident_groups SELECT ?1, grp, count(*) + sum(repeats) FROM alerts WHERE incident = ?1 GROUP BY "
        "grp",
        number);
  if (done)
    done = queries_.run(
        "UPDATE incidents SET alerts = (SELECT count(*) + coalesce(sum(repeats), 0) FROM alerts WHERE incident = ?1) "
        "WHERE number = ?1",
        number);
  if (!done) return done;
  const auto rows = queries_.integer(0, "SELECT count(*) FROM alerts WHERE incident = ?1", number);
  if (!rows) return rows.error();
  if (*rows == 0) return {};
  done = queries_.run(
      "UPDATE incidents SET (first_event, last_event, last_received, first_entry, last_entry, marked_pap) = (SELECT "
      "min(first_event), max(last_event), max(last_received), min(entry), max(last_entry), max(pap) FROM alerts WHERE "
      "incident = ?1), asset_class = (SELECT coalesce(min(nullif(class, '')), '') FROM alerts WHERE incident = ?1), "
      "level = coalesce((SELECT level FROM alerts WHERE incident = ?1 ORDER BY instr('informational low medium high "
      "critical', level) DESC, entry LIMIT 1), level), marked_tlp = (SELECT max(tlp) FROM alerts WHERE incident = ?1) "
      "WHERE number = ?1",
      number);
  if (done)
    done = queries_.run(
        "UPDATE incidents SET first_alert = a.id, opened_at = a.receive_time FROM alerts AS a WHERE incidents.number = "
        "?1 AND a.entry = incidents.first_entry",
        number);
  if (done)
    done = queries_.run(
        "UPDATE incidents SET last_alert = (SELECT id FROM alerts WHERE incident = ?1 ORDER BY entry DESC LIMIT 1) "
        "WHERE number = ?1",
        number);
  // What people said of an incident that counts here now restricts this one, too.
  for (const std::string_view sql :
       {"UPDATE incidents SET marked_tlp = max(marked_tlp, (WITH RECURSIVE tree (number) AS (SELECT number FROM "
        "incidents "
        "WHERE merged_into = ?1 UNION SELECT incidents.number FROM incidents JOIN tree ON incidents.merged_into = "
        "tree.number) SELECT coalesce(max(said_tlp), -1) FROM incidents WHERE number IN tree)) WHERE number = ?1",
        "UPDATE incidents SET marked_pap = max(marked_pap, (WITH RECURSIVE tree (number) AS (SELECT number FROM "
        "incidents "
        "WHERE merged_into = ?1 UNION SELECT incidents.number FROM incidents JOIN tree ON incidents.merged_into = "
        "tree.number) SELECT coalesce(max(said_pap), -1) FROM incidents WHERE number IN tree)) WHERE number = ?1"})
    if (done) done = queries_.run(sql, number);
  return done;
}

Result<std::optional<Store::Fate>> Store::fate_of(std::string_view act) const {
  if (act.empty()) return std::optional<Fate>{};
  for (const std::string_view sql :
       {"SELECT entry, state, body, '' FROM acts WHERE act = ?1 AND act <> '' ORDER BY entry LIMIT 1",
        "SELECT entry, '', '', why FROM unreadable WHERE act = ?1 AND act <> '' ORDER BY entry LIMIT 1"}) {
    auto rows = queries_.rows(sql, act);
    if (!rows) return with_advice(rows.error());
    const auto row = rows->next();
    if (!row) return with_advice(row.error());
    if (*row) return std::optional{Fate{rows->count(0), rows->text(1), rows->text(2), rows->text(3)}};
  }
  return std::optional<Fate>{};
}

Result<std::optional<IncidentStore::Outcome>> Store::outcome(const Act& act) const {
  const std::lock_guard lock{mutex_};
  const auto fate = fate_of(act.id);
  if (!fate) return fate.error();
  if (!*fate) return std::optional<Outcome>{};
  Outcome out;
  out.entry = (*fate)->entry;
  out.state = (*fate)->state;
  if (out.state.empty()) {
    out.refused = (*fate)->why.substr(std::min(kRefusedPrefix.size(), (*fate)->why.size()));
    return std::optional{out};
  }
  auto applied = Act::from_json((*fate)->body);
  if (!applied) return with_advice(Error{Errc::malformed, database_.file() + ": " + applied.error().what});
  out.act = std::move(*applied);
  if (!is_same(act, out.act)) {
    out.refused = "its id is that of another act; ask without --act";
    return std::optional{out};
  }
  if (act.kind != ActKind::split) return std::optional{out};
  auto made = queries_.rows("SELECT id FROM incidents WHERE made_entry = ?1 AND gathers = 0", out.entry);
  if (!made) return with_advice(made.error());
  const auto row = made->next();
  if (!row) return with_advice(row.error());
  if (*row) out.made = made->text(0);
  return std::optional{out};
}

}  // namespace nw::record
