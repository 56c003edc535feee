// What the incident store's tests share: entries to apply, and a store's rows as text.
#pragma once

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "record/entry.h"
#include "record/incidents/schema.h"
#include "record/incidents/sqlite.h"
#include "record/incidents/store.h"
#include "unit/record/support.h"

namespace nw::record::test {

inline Alert alert_number(std::uint64_t number, const std::string& rule = "r", const std::string& asset = "a",
                          std::int64_t minute = 0) {
  Alert out;
  out.id = "id-" + std::to_string(number);
  out.rule_id = rule;
  out.rule_title = "Title of " + rule;
  out.asset = asset;
  out.asset_name = "Name of " + asset;
  out.sector = "water";
  out.level = "medium";
  out.norm = "13f";
  out.event_time = at("2026-01-15T08:00:00Z") + std::chrono::minutes{minute};
  out.receive_time = out.event_time + std::chrono::seconds{1};
  return out;
}

inline std::string entry_of(const Alert& alert) { return make_alert_entry(alert.receive_time, alert); }

// Entries with consecutive indices from `first`.
inline std::vector<Entry> entries_of(const std::vector<std::string>& payloads, std::uint64_t first = 0) {
  std::vector<Entry> out;
  for (const std::string& payload : payloads) out.push_back({first++, payload});
  return out;
}

inline std::vector<Entry> entries_of(const std::vector<Alert>& alerts, std::uint64_t first = 0) {
  std::vector<std::string> payloads;
  for (const Alert& alert : alerts) payloads.push_back(entry_of(alert));
  return entries_of(payloads, first);
}

// A mixed life: several rules and assets, late and repeated alerts, other entries, and some that cannot be read.
inline std::vector<Entry> random_life(std::mt19937& random, std::size_t count) {
  const auto up_to = [&](std::int64_t n) { return std::uniform_int_distribution<std::int64_t>{0, n}(random); };
  std::vector<std::string> payloads;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t kind = up_to(19);
    const std::uint64_t number =
        kind == 0 && i > 0 ? static_cast<std::uint64_t>(up_to(static_cast<std::int64_t>(i) - 1)) : i;
    const Alert alert = alert_number(number, "r" + std::to_string(up_to(3)), "a" + std::to_string(up_to(3)),
                                     static_cast<std::int64_t>(i) * 10 + up_to(4000));
    if (kind == 1)
      payloads.push_back(make_entry(kEntryReload, alert.receive_time, R"({"ok":true})"));
    else if (kind == 2)
      payloads.push_back(make_entry(kEntryAlert, alert.receive_time, R"({"id":7})"));
    else
      payloads.push_back(entry_of(alert));
  }
  return entries_of(payloads);
}

// Every row of every table, in order.
inline std::string dump(const std::filesystem::path& file) {
  auto database = sqlite::Database::open(file, sqlite::Database::Mode::read_only);
  EXPECT_TRUE(database) << database.error().what;
  std::string out;
  for (const std::string_view name : kTables) {
    const std::string table{name};
    out.append(table).append("\n");
    const auto columns = database->integer("SELECT count(*) FROM pragma_table_info('" + table + "')");
    auto rows =
        database->prepare("SELECT * FROM " + table + (table == "search" ? " ORDER BY rowid" : " ORDER BY 1, 2"));
    EXPECT_TRUE(rows && columns);
    while (*rows->step()) {
      for (int column = 0; column < *columns; ++column) out.append(rows->text(column)).append("|");
      out += '\n';
    }
  }
  return out;
}

inline std::unique_ptr<IncidentStore> must_open(const std::filesystem::path& file,
                                                Nanoseconds quiet = std::chrono::hours{24}) {
  IncidentOptions options;
  options.file = file;
  options.quiet = quiet;
  auto store = IncidentStore::open(options);
  EXPECT_TRUE(store) << store.error().what;
  return store ? std::move(*store) : nullptr;
}

}  // namespace nw::record::test
