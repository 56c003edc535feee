// What the store can be asked.
#include <algorithm>
#include <limits>
#include <set>

#include "base/text.h"
#include "context/taxonomy/tlp_order.h"
#include "record/incidents/store_impl.h"

namespace nw::record {

namespace {

using sqlite::Rows;

#define NW_INCIDENT_COLUMNS                                                                                         \
  "i.id, i.group_key, iif(i.merged_into <> 0, 'merged', i.state), i.rule_id, i.rule_title, i.level, i.norm, "       \
  "i.asset, i.asset_name, i.sector, i.asset_class, i.family, i.actor, i.assigned, i.marked_tlp, i.said_tlp, "       \
  "i.over_tlp, i.marked_pap, i.said_pap, i.over_pap, i.exercise, coalesce(m.id, ''), i.first_event, i.last_event, " \
  "i.opened_at, i.last_received, i.alerts, i.first_alert, i.last_alert, i.first_entry, i.last_entry"
#define NW_INCIDENT_TABLES " FROM incidents AS i LEFT JOIN incidents AS m ON m.number = i.merged_into "

constexpr std::size_t kListMax = 1'000'000;
constexpr std::size_t kWordsMax = 16, kWordBytesMax = 128;

template <std::size_t N>
std::string label_of(const std::array<std::string_view, N>& labels, const Rows& row, int column) {
  const std::int64_t rank = label_in_force(row.integer(column), row.integer(column + 1), row.integer(column + 2));
  return rank < 0 || rank >= static_cast<std::int64_t>(N) ? std::string{}
                                                          : std::string{labels[static_cast<std::size_t>(rank)]};
}

Incident incident_of(const Rows& row) {
  int column = 0;
  Incident out;
  for (std::string* text :
       {&out.id, &out.group_key, &out.state, &out.rule_id, &out.rule_title, &out.level, &out.norm, &out.asset,
        &out.asset_name, &out.sector, &out.asset_class, &out.family, &out.actor, &out.assigned})
    *text = row.text(column++);
  out.tlp = label_of(taxonomy::kTlpLabels, row, column);
  out.pap = label_of(kPapLabels, row, column + 3);
  column += 6;
  out.exercise = row.integer(column++) != 0;
  out.merged_into = row.text(column++);
  for (Timestamp* time : {&out.first_event, &out.last_event, &out.opened_at, &out.last_received})
    *time = timestamp(row.integer(column++));
  out.alerts = row.count(column++);
  out.first_alert = row.text(column++);
  out.last_alert = row.text(column++);
  out.first_entry = row.count(column++);
  out.last_entry = row.count(column++);
  return out;
}

// Calls `each` for every row.
template <class Each>
Result<> for_each(Result<Rows> rows, Each each) {
  if (!rows) return with_advice(rows.error());
  for (;;) {
    const auto row = rows->next();
    if (!row) return with_advice(row.error());
    if (!*row) return {};
    each(*rows);
  }
}

std::string_view phase_of(std::string_view kind) {
  if (kind == "acknowledge") return "confirmed";
  if (kind == "share") return "shared";
  if (kind == "withhold") return "withheld";
  if (kind == "resolve" || kind == "false_positive") return "closed";
  if (kind == "reopen") return "reopened";
  return {};
}

// The words, each as an expression of FTS5 that finds its beginning.
Result<std::vector<std::string>> expressions(std::string_view words) {
  std::vector<std::string> out;
  std::string word;
  const auto end = [&] {
    if (word.empty()) return;
    std::string quoted = "\"";
    for (const char c : word) quoted.append(c == '"' ? 2 : 1, c);
    out.push_back(quoted + "\"*");
    word.clear();
  };
  for (const char c : words) {
    if (c == '\0') return Error{Errc::invalid_argument, "find: the words hold a NUL"};
    if (ascii_space(c))
      end();
    else
      word += c;
    if (word.size() > kWordBytesMax || out.size() > kWordsMax)
      return Error{Errc::invalid_argument, "find: at most 16 words of 128 bytes each"};
  }
  end();
  if (out.empty()) return Error{Errc::invalid_argument, "find: which words?"};
  if (out.size() > kWordsMax) return Error{Errc::invalid_argument, "find: at most 16 words of 128 bytes each"};
  return out;
}

}  // namespace

Result<std::vector<Incident>> Store::list(const Filter& filter) const {
  const std::lock_guard lock{mutex_};
  std::vector<Incident> out;
  const std::int64_t since = filter.since ? nanoseconds(*filter.since) : std::numeric_limits<std::int64_t>::min();
  auto done = for_each(
      queries_.rows(
          "SELECT " NW_INCIDENT_COLUMNS NW_INCIDENT_TABLES
          "WHERE iif(?1 = '', i.merged_into = 0, ?1 = iif(i.merged_into <> 0, 'merged', i.state)) AND (?2 = '' "
          "OR i.norm = ?2) AND (?3 = '' OR i.asset = ?3) AND (?4 = '' OR i.level = ?4) AND (?5 = '' OR "
          "i.assigned = ?5) AND i.last_event >= ?6 AND (?7 = '' OR EXISTS (SELECT 1 FROM incident_groups AS c "
          "JOIN groups AS g ON g.number = c.grp WHERE c.incident = i.number AND g.group_key = ?7)) "
          "ORDER BY i.number DESC LIMIT ?8",
          filter.state, filter.norm, filter.asset, filter.level, filter.assigned, since, filter.group_key,
          std::min(filter.most, kListMax)),
      [&](const Rows& row) { out.push_back(incident_of(row)); });
  if (!done) return done.error();
  return out;
}

Result<std::vector<std::string>> Store::with_clocks(std::size_t most) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> out;
  auto done =
      for_each(queries_.rows(
                   "WITH RECURSIVE up (number) AS (SELECT DISTINCT incident FROM acts WHERE kind IN ('moment', 'sent') "
                   "UNION SELECT i.merged_into FROM incidents AS i JOIN up ON i.number = up.number "
                   "WHERE i.merged_into <> 0) SELECT i.id FROM incidents AS i JOIN up ON i.number = up.number "
                   "WHERE i.merged_into = 0 ORDER BY i.number DESC LIMIT ?1",
                   std::min(most, kListMax)),
               [&](const Rows& row) { out.push_back(row.text(0)); });
  if (!done) return done.error();
  return out;
}

Result<std::vector<Incident>> Store::find(std::string_view words, std::size_t most) const {
  const auto wanted = expressions(words);
  if (!wanted) return wanted.error();
  const std::lock_guard lock{mutex_};
  // Words may stand in different texts of one incident, or of one that counts there: each word has its set.
  std::set<std::int64_t, std::greater<>> all;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    std::vector<std::int64_t> numbers;
    auto done = for_each(queries_.rows("SELECT DISTINCT incident FROM search WHERE search MATCH ?1", (*wanted)[i]),
                         [&](const Rows& row) { numbers.push_back(row.integer(0)); });
    if (!done) return done.error();
    std::set<std::int64_t, std::greater<>> those;
    for (const std::int64_t number : numbers) {
      const auto root = root_of(number);
      if (!root) return with_advice(root.error());
      if (i == 0 || all.contains(*root)) those.insert(*root);
    }
    all = std::move(those);
  }
  std::vector<Incident> out;
  for (const std::int64_t number : all) {
    if (out.size() == std::min(most, kListMax)) break;
    auto one = incident(number);
    if (!one) return one.error();
    out.push_back(std::move(*one));
  }
  return out;
}

Result<Incident> Store::incident(std::int64_t number) const {
  Incident out;
  auto done = for_each(queries_.rows("SELECT " NW_INCIDENT_COLUMNS NW_INCIDENT_TABLES "WHERE i.number = ?1", number),
                       [&](const Rows& row) { out = incident_of(row); });
  if (!done) return done.error();
  if (out.id.empty())
    return with_advice(Error{Errc::malformed, database_.file() + ": incident " + std::to_string(number) + " is lost"});
  return out;
}

#undef NW_INCIDENT_COLUMNS
#undef NW_INCIDENT_TABLES

Result<CaseFile> Store::case_file(std::string_view id) const {
  const std::lock_guard lock{mutex_};
  const auto number = number_of(id);
  if (!number) return number.error();
  auto of = incident(*number);
  if (!of) return of.error();
  CaseFile out;
  out.incident = std::move(*of);
  auto done = for_each(queries_.rows("SELECT rsit, kind, victims, withheld FROM incidents WHERE number = ?1", *number),
                       [&](const Rows& row) {
                         out.rsit = row.text(0);
                         out.kind = row.text(1);
                         if (row.integer(2) >= 0) out.victims = row.count(2);
                         out.withheld = row.text(3);
                       });
  if (done)
    done = for_each(
        queries_.rows(
            "WITH RECURSIVE tree (number) AS (SELECT number FROM incidents WHERE merged_into = ?1 UNION SELECT "
            "incidents.number FROM incidents JOIN tree ON incidents.merged_into = tree.number) SELECT id FROM "
            "incidents WHERE number IN tree ORDER BY number",
            *number),
        [&](const Rows& row) { out.merged.push_back(row.text(0)); });
  if (done) done = read_alerts(*number, out);
  if (done) done = read_kept(*number, out);
  if (done) done = read_groups(*number, out.groups);
  if (done) done = read_acts(*number, out);
  if (done) done = read_statements(*number, out);
  if (!done) return done.error();
  return out;
}

Result<> Store::read_alerts(std::int64_t number, CaseFile& out) const {
  auto done = for_each(
      queries_.rows(
          "SELECT a.id, a.entry, a.event_time, a.receive_time, a.repeats, a.level, iif(a.own = a.incident, '', "
          "o.id) FROM alerts AS a JOIN incidents AS o ON o.number = a.own WHERE a.incident = ?1 ORDER BY "
          "a.entry LIMIT ?2",
          number, kCaseAlertsMax),
      [&](const Rows& row) {
        out.alerts.push_back({row.text(0), row.count(1), timestamp(row.integer(2)), timestamp(row.integer(3)),
                              row.count(4), row.text(5), row.text(6)});
      });
  if (!done || out.alerts.size() < kCaseAlertsMax) return done;
  const auto all = queries_.integer(0, "SELECT count(*) FROM alerts WHERE incident = ?1", number);
  if (!all) return with_advice(all.error());
  out.alerts_left_out = static_cast<std::uint64_t>(*all) - out.alerts.size();
  return {};
}

Result<> Store::read_kept(std::int64_t number, CaseFile& out) const {
  return for_each(
      queries_.rows(
          "SELECT a.entry, k.entry, k.kind, k.supplies FROM alerts AS a JOIN kept AS k ON k.alert = a.id WHERE "
          "a.incident = ?1 ORDER BY k.entry",
          number),
      [&](const Rows& row) {
        const auto of = std::ranges::lower_bound(out.alerts, row.count(0), {}, &CaseAlert::entry);
        if (of == out.alerts.end() || of->entry != row.count(0)) return;  // left out
        CaseKept kept{row.count(1), row.text(2), {}};
        const std::string supplies = row.text(3);
        if (!supplies.empty())
          for (const std::string_view text : split(supplies, '\n')) kept.supplies.emplace_back(text);
        of->kept.push_back(std::move(kept));
      });
}

Result<std::vector<CaseGroup>> Store::groups(std::string_view id) const {
  const std::lock_guard lock{mutex_};
  const auto number = number_of(id);
  if (!number) return number.error();
  std::vector<CaseGroup> out;
  if (auto done = read_groups(*number, out); !done) return done.error();
  return out;
}

Result<> Store::read_groups(std::int64_t number, std::vector<CaseGroup>& out) const {
  return for_each(
      queries_.rows(
          "SELECT g.group_key, g.rule_id, g.rule_title, g.norm, c.alerts FROM incident_groups AS c JOIN groups "
          "AS g ON g.number = c.grp WHERE c.incident = ?1 ORDER BY g.number",
          number),
      [&](const Rows& row) {
        out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.count(4)});
      });
}

Result<> Store::read_acts(std::int64_t number, CaseFile& out) const {
  std::string fault;
  auto done = for_each(
      queries_.rows("SELECT body, at, entry, state FROM (SELECT * FROM acts WHERE incident = ?1 ORDER BY entry DESC "
                    "LIMIT ?2) ORDER BY entry",
                    number, kCaseActsMax),
      [&](const Rows& row) {
        auto act = Act::from_json(row.text(0));
        if (act)
          out.acts.push_back({std::move(*act), timestamp(row.integer(1)), row.count(2), row.text(3)});
        else
          fault = act.error().what;
      });
  if (done && !fault.empty()) return with_advice(Error{Errc::malformed, database_.file() + ": " + fault});
  return done;
}

Result<> Store::read_statements(std::int64_t number, CaseFile& out) const {
  return for_each(
      // Of what is replaced by the next one, the latest.
      queries_.rows(
          "SELECT s.kind, s.name, s.value, s.extra, a.by, a.uid, a.at, s.entry, a.body FROM statements AS s "
          "JOIN acts AS a ON a.entry = s.entry WHERE s.incident = ?1 AND (s.kind IN ('hypothesis', 'sent', "
          "'share') OR s.entry = (SELECT max(entry) FROM statements AS later WHERE later.incident = s.incident "
          "AND later.kind = s.kind AND later.name = s.name)) ORDER BY s.entry",
          number),
      [&](const Rows& row) {
        const std::string kind = row.text(0), name = row.text(1), value = row.text(2), extra = row.text(3);
        Said said{row.text(4), row.integer(5), timestamp(row.integer(6)), row.count(7)};
        const auto time = parse_rfc3339(value);
        if (kind == "factor") out.factors.push_back({name, value, std::move(said)});
        if (kind == "hypothesis") out.hypotheses.push_back({name, value, std::move(said)});
        if (kind == "share") out.shared_with.push_back(name);
        if (kind == "moment" && time) out.moments.push_back({name, *time, std::move(said)});
        if (kind == "sent" && time) out.sent.push_back({name, extra, *time, std::move(said)});
        if (kind == "fact" && !value.empty()) out.facts.push_back({name, value, std::move(said)});
        if (kind != "significance") return;
        const auto act = Act::from_json(row.text(8));
        out.significance.push_back({name, value == "yes", extra, act ? act->why : std::string{}, std::move(said)});
      });
}

Result<CaseEvent> Store::event(std::int64_t number, std::string_view phase) const {
  CaseEvent out;
  out.phase = phase;
  auto done =
      for_each(queries_.rows("SELECT id, asset_class, norm, victims, withheld, (SELECT count(*) FROM statements WHERE "
                             "incident = ?1 AND kind = 'hypothesis') FROM incidents WHERE number = ?1",
                             number),
               [&](const Rows& row) {
                 out.id = row.text(0);
                 out.asset_class = row.text(1);
                 out.norm = row.text(2);
                 if (row.integer(3) >= 0) out.victims = row.count(3);
                 out.withheld = row.text(4);
                 out.hypotheses = row.count(5);
               });
  if (done)
    done = for_each(
        queries_.rows("SELECT DISTINCT name FROM statements WHERE incident = ?1 AND kind = 'factor' ORDER BY name",
                      number),
        [&](const Rows& row) { out.factors.push_back(row.text(0)); });
  if (!done) return done.error();
  const auto exercise = is_exercise(number);
  if (!exercise) return exercise.error();
  out.exercise = *exercise;
  return out;
}

Result<CaseEvent> Store::event_of(std::string_view id, std::string_view phase) const {
  const std::lock_guard lock{mutex_};
  const auto number = number_of(id);
  if (!number) return number.error();
  return event(*number, phase);
}

// Factors and the like are told as they are now: whoever asks follows close behind.
Result<std::vector<CaseEvent>> Store::events(std::uint64_t from, std::uint64_t to) const {
  const std::lock_guard lock{mutex_};
  struct Told {
    std::int64_t number;
    std::string kind;
    Timestamp time;
    std::uint64_t entry;
  };
  std::vector<Told> told;
  const auto take = [&](const Rows& row) {
    told.push_back({row.integer(0), row.text(1), timestamp(row.integer(2)), row.count(3)});
  };
  auto done =
      for_each(queries_.rows("SELECT number, '', opened_at, made_entry FROM incidents WHERE made_entry >= ?1 AND "
                             "made_entry < ?2 AND gathers = 1 AND asset_class <> ''",
                             from, to),
               take);
  if (done)
    done =
        for_each(queries_.rows("SELECT incident, kind, at, entry FROM acts WHERE entry >= ?1 AND entry < ?2 AND kind "
                               "IN ('acknowledge', 'share', 'withhold', 'resolve', 'false_positive', 'reopen')",
                               from, to),
                 take);
  if (!done) return done.error();
  std::sort(told.begin(), told.end(), [](const Told& a, const Told& b) { return a.entry < b.entry; });
  std::vector<CaseEvent> out;
  for (const Told& one : told) {
    std::vector<std::string_view> phases;
    if (one.kind == "resolve") phases.emplace_back("closing");
    phases.push_back(one.kind.empty() ? "opened" : phase_of(one.kind));
    for (const std::string_view phase : phases) {
      auto made = event(one.number, phase);
      if (!made) return made.error();
      made->time = one.time;
      made->entry = one.entry;
      out.push_back(std::move(*made));
    }
  }
  return out;
}

Result<IncidentStore::Totals> Store::totals() const {
  const std::lock_guard lock{mutex_};
  Totals out;
  auto done = for_each(
      queries_.rows("SELECT alerts, (SELECT coalesce(max(number), 0) FROM incidents), unreadable, duplicates, folded "
                    "FROM meta"),
      [&](const Rows& row) {
        out.alerts = row.count(0);
        out.incidents = row.count(1);
        out.unreadable = row.count(2);
        out.duplicates = row.count(3);
        out.folded = row.count(4);
      });
  if (done)
    done = for_each(queries_.rows("SELECT state, level, count FROM tallies WHERE count <> 0 ORDER BY state, level"),
                    [&](const Rows& row) {
                      out.tallies.push_back({row.text(0), row.text(1), row.count(2)});
                    });
  if (done)
    done = for_each(queries_.rows("SELECT level, sum(count) FROM tallies WHERE count <> 0 AND state <> 'resolved' AND "
                                  "state <> 'false_positive' AND state <> 'merged' GROUP BY level ORDER BY level"),
                    [&](const Rows& row) { out.open_by_level.emplace_back(row.text(0), row.count(1)); });
  if (done)
    done = for_each(queries_.rows("SELECT kind, count(*) FROM acts GROUP BY kind ORDER BY kind"),
                    [&](const Rows& row) { out.acts.emplace_back(row.text(0), row.count(1)); });
  if (!done) return done.error();
  return out;
}

Result<bool> Store::has_alert(std::string_view id) const {
  const std::lock_guard lock{mutex_};
  const auto known = queries_.integer(0, "SELECT 1 FROM alerts WHERE id = ?1", id);
  if (!known) return with_advice(known.error());
  return *known != 0;
}

}  // namespace nw::record
