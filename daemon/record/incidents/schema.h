// The store's tables, as SQL. Times are nanoseconds since 1970 UTC; README.md explains the columns.
#pragma once

#include <array>
#include <string_view>

namespace nw::record {

constexpr int kSchemaVersion = 3;
// "nwin": a file that does not say so is somebody else's database.
constexpr int kApplicationId = 0x6e77696e;

// All of them: what a store must have, and what a rebuild must give again.
inline constexpr std::array<std::string_view, 11> kTables{
    "meta", "incidents",  "alerts",  "groups", "incident_groups", "kept",
    "acts", "statements", "tallies", "search", "unreadable"};

constexpr const char* kSchema = R"sql(
CREATE TABLE meta (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  next        INTEGER NOT NULL,
  alerts      INTEGER NOT NULL,
  duplicates  INTEGER NOT NULL,
  unreadable  INTEGER NOT NULL,
  folded      INTEGER NOT NULL,
  quiet       INTEGER NOT NULL
);
INSERT INTO meta VALUES (1, 0, 0, 0, 0, 0, -1);

CREATE TABLE incidents (
  number        INTEGER PRIMARY KEY,
  id            TEXT    NOT NULL UNIQUE,
  group_key     TEXT    NOT NULL,
  state         TEXT    NOT NULL,
  rule_id       TEXT    NOT NULL,
  rule_title    TEXT    NOT NULL,
  level         TEXT    NOT NULL,
  norm          TEXT    NOT NULL,
  asset         TEXT    NOT NULL,
  asset_name    TEXT    NOT NULL,
  asset_class   TEXT    NOT NULL,
  sector        TEXT    NOT NULL,
  first_event   INTEGER NOT NULL,
  last_event    INTEGER NOT NULL,
  opened_at     INTEGER NOT NULL,
  last_received INTEGER NOT NULL,
  alerts        INTEGER NOT NULL,
  first_alert   TEXT    NOT NULL,
  last_alert    TEXT    NOT NULL,
  first_entry   INTEGER NOT NULL,
  last_entry    INTEGER NOT NULL,
  made_entry    INTEGER NOT NULL,
  place         TEXT    NOT NULL,
  family        TEXT    NOT NULL,
  actor         TEXT    NOT NULL,
  gathers       INTEGER NOT NULL,
  merged_into   INTEGER NOT NULL DEFAULT 0,
  merged_by     INTEGER NOT NULL DEFAULT -1,
  assigned      TEXT    NOT NULL DEFAULT '',
  marked_tlp    INTEGER NOT NULL DEFAULT -1,
  said_tlp      INTEGER NOT NULL DEFAULT -1,
  over_tlp      INTEGER NOT NULL DEFAULT -1,
  marked_pap    INTEGER NOT NULL DEFAULT -1,
  said_pap      INTEGER NOT NULL DEFAULT -1,
  over_pap      INTEGER NOT NULL DEFAULT -1,
  exercise      INTEGER NOT NULL DEFAULT 0,
  rsit          TEXT    NOT NULL DEFAULT '',
  kind          TEXT    NOT NULL DEFAULT '',
  victims       INTEGER NOT NULL DEFAULT -1,
  withheld      TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX incidents_gather ON incidents (place, family, actor, last_event)
  WHERE gathers = 1 AND state <> 'resolved' AND state <> 'false_positive';
CREATE INDEX incidents_merged ON incidents (merged_into) WHERE merged_into <> 0;
CREATE INDEX incidents_made ON incidents (made_entry);
CREATE INDEX incidents_state ON incidents (state);

-- What alerts of one rule about one place say of themselves; number is given in the ledger's order.
CREATE TABLE groups (
  number     INTEGER PRIMARY KEY,
  group_key  TEXT NOT NULL,
  rule_id    TEXT NOT NULL,
  rule_title TEXT NOT NULL,
  norm       TEXT NOT NULL,
  UNIQUE (group_key, rule_id, rule_title, norm)
);
CREATE TABLE incident_groups (
  incident INTEGER NOT NULL,
  grp      INTEGER NOT NULL,
  alerts   INTEGER NOT NULL,
  PRIMARY KEY (incident, grp)
) WITHOUT ROWID;

CREATE TABLE alerts (
  entry         INTEGER PRIMARY KEY,
  id            TEXT    NOT NULL UNIQUE,
  incident      INTEGER NOT NULL REFERENCES incidents (number),
  own           INTEGER NOT NULL REFERENCES incidents (number),
  grp           INTEGER NOT NULL REFERENCES groups (number),
  level         TEXT    NOT NULL,
  class         TEXT    NOT NULL,
  tlp           INTEGER NOT NULL,
  pap           INTEGER NOT NULL,
  event_time    INTEGER NOT NULL,
  receive_time  INTEGER NOT NULL,
  repeats       INTEGER NOT NULL DEFAULT 0,
  first_event   INTEGER NOT NULL,
  last_event    INTEGER NOT NULL,
  last_received INTEGER NOT NULL,
  last_entry    INTEGER NOT NULL
);
CREATE INDEX alerts_incident ON alerts (incident);

-- Evidence that was kept for an alert; supplies: what of the norm's evidence it is, a line each.
CREATE TABLE kept (
  entry    INTEGER PRIMARY KEY,
  alert    TEXT    NOT NULL,
  kind     TEXT    NOT NULL,
  supplies TEXT    NOT NULL
);
CREATE INDEX kept_alert ON kept (alert);

-- What people did, and what they stated: the latest statement of a kind and name counts.
CREATE TABLE acts (
  entry    INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL REFERENCES incidents (number),
  kind     TEXT    NOT NULL,
  by       TEXT    NOT NULL,
  uid      INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  state    TEXT    NOT NULL,
  body     TEXT    NOT NULL,
  act      TEXT    NOT NULL
);
CREATE INDEX acts_act ON acts (act) WHERE act <> '';
CREATE INDEX acts_incident ON acts (incident);
CREATE INDEX acts_kind ON acts (kind);
CREATE TABLE statements (
  entry    INTEGER PRIMARY KEY REFERENCES acts (entry),
  incident INTEGER NOT NULL REFERENCES incidents (number),
  kind     TEXT    NOT NULL,
  name     TEXT    NOT NULL,
  value    TEXT    NOT NULL,
  extra    TEXT    NOT NULL
);
CREATE INDEX statements_incident ON statements (incident, kind, name);

-- How many incidents there are of each state and level; those that were merged elsewhere count as such.
CREATE TABLE tallies (
  state TEXT    NOT NULL,
  level TEXT    NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (state, level)
) WITHOUT ROWID;
CREATE TRIGGER incidents_added AFTER INSERT ON incidents BEGIN
  INSERT INTO tallies VALUES (new.state, new.level, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER incidents_changed AFTER UPDATE OF state, level, merged_into ON incidents
  WHEN old.state <> new.state OR old.level <> new.level OR old.merged_into <> new.merged_into
BEGIN
  UPDATE tallies SET count = count - 1
    WHERE state = iif(old.merged_into <> 0, 'merged', old.state) AND level = old.level;
  INSERT INTO tallies VALUES (iif(new.merged_into <> 0, 'merged', new.state), new.level, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;

-- One row for what an incident is about, one for each text of a person.
CREATE VIRTUAL TABLE search USING fts5 (incident UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE unreadable (
  entry INTEGER PRIMARY KEY,
  why   TEXT NOT NULL,
  act   TEXT NOT NULL
);
CREATE INDEX unreadable_act ON unreadable (act) WHERE act <> '';
)sql";

}  // namespace nw::record
