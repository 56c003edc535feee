// The store's tables, as SQL. Times are nanoseconds since 1970 UTC; README.md explains the columns.
#pragma once

namespace nw::record {

constexpr int kSchemaVersion = 1;
// "nwin": a file that does not say so is somebody else's database.
constexpr int kApplicationId = 0x6e77696e;

constexpr const char* kSchema = R"sql(
CREATE TABLE meta (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  next        INTEGER NOT NULL,
  alerts      INTEGER NOT NULL,
  duplicates  INTEGER NOT NULL,
  unreadable  INTEGER NOT NULL
);
INSERT INTO meta VALUES (1, 0, 0, 0, 0);

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
  sector        TEXT    NOT NULL,
  first_event   INTEGER NOT NULL,
  last_event    INTEGER NOT NULL,
  opened_at     INTEGER NOT NULL,
  last_received INTEGER NOT NULL,
  alerts        INTEGER NOT NULL,
  first_alert   TEXT    NOT NULL,
  last_alert    TEXT    NOT NULL,
  first_entry   INTEGER NOT NULL,
  last_entry    INTEGER NOT NULL
);
CREATE INDEX incidents_open ON incidents (group_key, last_event) WHERE state = 'open';
CREATE INDEX incidents_open_level ON incidents (level) WHERE state = 'open';

CREATE TABLE alerts (
  entry        INTEGER PRIMARY KEY,
  id           TEXT    NOT NULL UNIQUE,
  incident     INTEGER NOT NULL REFERENCES incidents (number),
  event_time   INTEGER NOT NULL,
  receive_time INTEGER NOT NULL
);
CREATE INDEX alerts_incident ON alerts (incident);

CREATE TABLE unreadable (
  entry INTEGER PRIMARY KEY,
  why   TEXT NOT NULL
);
)sql";

}  // namespace nw::record
