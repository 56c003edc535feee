// Promise 3: no accepted alert is lost or doubled, whatever happens to the process, the disk or the file.
#include <cerrno>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "record/ledger/ledger.h"
#include "unit/record/incidents/store_support.h"

namespace nw::record {
namespace {

using namespace test;

// Applies everything the ledger has, `step` entries at a time.
Result<> follow(const Ledger& ledger, IncidentStore& store, std::size_t step) {
  for (;;) {
    const auto next = store.next();
    if (!next) return next.error();
    const auto entries = ledger.read(*next, step);
    if (!entries) return entries.error();
    if (entries->empty()) return {};
    if (auto applied = store.apply(*entries); !applied) return applied;
  }
}

std::unique_ptr<Ledger> ledger_with(const std::filesystem::path& directory, const std::vector<Entry>& life) {
  LedgerOptions options;
  options.directory = directory;
  auto ledger = Ledger::open(options);
  EXPECT_TRUE(ledger) << ledger.error().what;
  std::vector<std::string> payloads;
  for (const Entry& entry : life) payloads.push_back(entry.payload);
  EXPECT_TRUE((*ledger)->append(payloads));
  return std::move(*ledger);
}

TEST(IncidentStoreTrouble, TheLedgersAlertsAreTheStores) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const TempDir dir;
  const auto life = random_life(random, 2000);
  const auto ledger = ledger_with(dir / "ledger", life);
  const auto store = must_open(dir / "i.sqlite");
  const auto followed = follow(*ledger, *store, 100);
  ASSERT_TRUE(followed) << followed.error().what;

  std::set<std::string> ids;
  std::uint64_t alert_entries = 0, unreadable = 0;
  for (const Entry& entry : life) {
    const auto view = parse_entry(entry.payload);
    if (view->type != kEntryAlert) continue;
    ++alert_entries;
    const auto alert = Alert::from_json(view->body);
    if (alert)
      ids.insert(alert->id);
    else
      ++unreadable;
  }
  const auto totals = store->totals();
  EXPECT_EQ(totals->alerts, ids.size());
  EXPECT_EQ(totals->unreadable, unreadable);
  EXPECT_EQ(totals->alerts + totals->duplicates + totals->unreadable, alert_entries);
  for (const std::string& id : ids) ASSERT_TRUE(*store->has_alert(id)) << id;
  std::uint64_t in_incidents = 0;
  const auto list = store->list({});
  for (const Incident& incident : *list) in_incidents += incident.alerts;
  EXPECT_EQ(in_incidents, ids.size());
  EXPECT_GT(totals->incidents, 16U);
  EXPECT_GT(unreadable, 0U);
  EXPECT_GT(totals->duplicates, 0U);
}

TEST(IncidentStoreTrouble, ARebuildGivesTheSameRows) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const TempDir dir;
  const auto ledger = ledger_with(dir / "ledger", random_life(random, 1000));
  std::string first;
  for (const std::size_t step : {std::size_t{1000}, std::size_t{1}, std::size_t{37}}) {
    for (const char* file : {"i.sqlite", "i.sqlite-wal", "i.sqlite-shm"}) std::filesystem::remove(dir / file);
    {
      const auto store = must_open(dir / "i.sqlite");
      ASSERT_TRUE(follow(*ledger, *store, step));
    }
    const std::string rows = dump(dir / "i.sqlite");
    if (first.empty()) first = rows;
    ASSERT_EQ(rows, first) << "in steps of " << step;
  }
  EXPECT_GT(first.size(), 10'000U);
}

TEST(IncidentStoreTrouble, KilledAtRandomMoments) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const TempDir dir;
  const auto life = random_life(random, 4000);
  const auto ledger = ledger_with(dir / "ledger", life);
  { (void)must_open(dir / "killed.sqlite"); }
  int died = 0;
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = must_open(dir / "killed.sqlite");
      ::_exit(follow(*ledger, *store, 200) ? 0 : 1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds{std::uniform_int_distribution<int>{0, 30'000}(random)});
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
      ++died;
    else
      ASSERT_EQ(WEXITSTATUS(status), 0);
    // What is there is a whole number of batches, and consistent.
    const auto store = must_open(dir / "killed.sqlite");
    const auto next = store->next();
    ASSERT_TRUE(next) << next.error().what;
    ASSERT_EQ(*next % 200, 0U);
    std::uint64_t in_incidents = 0;
    const auto list = store->list({});
    for (const Incident& incident : *list) in_incidents += incident.alerts;
    ASSERT_EQ(in_incidents, store->totals()->alerts);
  }
  EXPECT_GT(died, 0);
  for (const char* file : {"killed.sqlite", "straight.sqlite"}) {
    const auto store = must_open(dir / file);
    ASSERT_TRUE(follow(*ledger, *store, 200));
  }
  EXPECT_EQ(dump(dir / "killed.sqlite"), dump(dir / "straight.sqlite"));
}

TEST(IncidentStoreTrouble, AFullStoreAppliesNothingHalf) {
  const TempDir dir;
  IncidentOptions options;
  options.file = dir / "i.sqlite";
  options.file_bytes_max = 240 * 1024;
  std::uint64_t next = 0;
  std::vector<Alert> batch;
  std::string before;
  {
    auto store = IncidentStore::open(options);
    ASSERT_TRUE(store) << store.error().what;
    for (;; next += 50) {
      batch.clear();
      for (std::uint64_t i = next; i < next + 50; ++i) batch.push_back(alert_number(i, "r" + std::to_string(i % 7)));
      before = dump(options.file);
      const auto applied = (*store)->apply(entries_of(batch, next));
      if (applied) continue;
      EXPECT_EQ(applied.error().code, Errc::full) << applied.error().what;
      EXPECT_NE(applied.error().what.find(options.file.string()), std::string::npos);
      break;
    }
    ASSERT_GT(next, 0U);
    ASSERT_LT(next, 100'000U);
    EXPECT_EQ(*(*store)->next(), next);
    EXPECT_EQ((*store)->totals()->alerts, next);
    EXPECT_EQ(dump(options.file), before);
    EXPECT_EQ((*store)->apply(entries_of(batch, next)).error().code, Errc::full) << "again the same";
  }
  options.file_bytes_max = 0;  // room again
  auto store = IncidentStore::open(options);
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_TRUE((*store)->apply(entries_of(batch, next)));
  EXPECT_EQ((*store)->totals()->alerts, next + 50);
}

TEST(IncidentStoreTrouble, AnotherWriterIsWaitedForThenSaid) {
  const TempDir dir;
  const auto store = must_open(dir / "i.sqlite");
  auto other = sqlite::Database::open(dir / "i.sqlite", sqlite::Database::Mode::read_write);
  ASSERT_TRUE(other->run("BEGIN IMMEDIATE"));
  std::thread release{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    (void)other->run("COMMIT");
  }};
  EXPECT_TRUE(store->apply(entries_of(std::vector{alert_number(0)})));
  release.join();
  ASSERT_TRUE(other->run("BEGIN IMMEDIATE"));
  const auto applied = store->apply(entries_of(std::vector{alert_number(1)}, 1));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::in_use);
  ASSERT_TRUE(other->run("ROLLBACK"));
  EXPECT_TRUE(store->apply(entries_of(std::vector{alert_number(1)}, 1)));
}

TEST(IncidentStoreTrouble, ABadFileIsNamedWithTheWayOut) {
  const auto edit = [](const std::filesystem::path& file, const char* sql) {
    auto database = sqlite::Database::open(file, sqlite::Database::Mode::read_write);
    const auto done = database->run(sql);
    EXPECT_TRUE(done) << done.error().what;
  };
  const struct {
    const char* name;
    std::function<void(const std::filesystem::path&)> harm;
    const char* says;
  } kCases[] = {
      {"rubbish", [](const auto& file) { write_whole(file, std::string(10'000, 'x')); }, "rebuilt from the ledger"},
      {"the first page overwritten",
       [](const auto& file) {
         std::string bytes = read_whole(file);
         for (std::size_t i = 100; i < 4096; ++i) bytes[i] = static_cast<char>(i * 37);
         write_whole(file, bytes);
       },
       "rebuilt from the ledger"},
      {"cut short", [](const auto& file) { std::filesystem::resize_file(file, 5000); }, "rebuilt from the ledger"},
      {"no place", [&](const auto& file) { edit(file, "DELETE FROM meta"); }, "rebuilt from the ledger"},
      {"a table gone", [&](const auto& file) { edit(file, "DROP TABLE unreadable"); }, "no such table"},
      {"a newer version", [&](const auto& file) { edit(file, "PRAGMA user_version = 4"); }, "has version 4"},
      {"another application", [&](const auto& file) { edit(file, "PRAGMA application_id = 7"); }, "no incident store"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const TempDir dir;
    const auto file = dir / "i.sqlite";
    { ASSERT_TRUE(must_open(file)->apply(entries_of(std::vector{alert_number(0)}))); }
    c.harm(file);
    IncidentOptions options;
    options.file = file;
    for (const bool read_only : {false, true}) {
      const auto got = read_only ? IncidentStore::open_read_only(file) : IncidentStore::open(options);
      ASSERT_FALSE(got) << "read only: " << read_only;
      EXPECT_EQ(got.error().code, Errc::malformed) << got.error().what;
      EXPECT_NE(got.error().what.find(file.string()), std::string::npos) << got.error().what;
      EXPECT_NE(got.error().what.find(c.says), std::string::npos) << got.error().what;
    }
  }
}

// not_found is for incidents: what SQLite cannot open is the disk's or the rights' fault.
TEST(IncidentStoreTrouble, WhatSqliteSaysIsMeantForAPerson) {
  const struct {
    int result, system_error;
    Errc want;
  } kCases[] = {
      {SQLITE_CANTOPEN, 0, Errc::io},
      {SQLITE_CANTOPEN_ISDIR, EISDIR, Errc::io},
      {SQLITE_CANTOPEN, ENOENT, Errc::io},
      {SQLITE_CANTOPEN, EACCES, Errc::no_permission},
      {SQLITE_CANTOPEN, EROFS, Errc::no_permission},
      {SQLITE_CANTOPEN, EMFILE, Errc::io},
      {SQLITE_IOERR_WRITE, EDQUOT, Errc::full},
      {SQLITE_IOERR_SHMSIZE, ENOSPC, Errc::full},
      {SQLITE_IOERR_READ, EIO, Errc::io},
      {SQLITE_FULL, 0, Errc::full},
      {SQLITE_NOLFS, 0, Errc::full},
      {SQLITE_BUSY_SNAPSHOT, 0, Errc::in_use},
      {SQLITE_LOCKED, 0, Errc::in_use},
      {SQLITE_PROTOCOL, 0, Errc::in_use},
      {SQLITE_READONLY_DIRECTORY, 0, Errc::no_permission},
      {SQLITE_READONLY_DBMOVED, 0, Errc::io},
      {SQLITE_PERM, 0, Errc::no_permission},
      {SQLITE_CORRUPT_INDEX, 0, Errc::malformed},
      {SQLITE_NOTADB, 0, Errc::malformed},
      {SQLITE_CONSTRAINT_UNIQUE, 0, Errc::malformed},
      {SQLITE_NOMEM, 0, Errc::io},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(sqlite::code_of(c.result, c.system_error), c.want) << c.result << " " << c.system_error;
  const TempDir dir;
  std::filesystem::create_directory(dir / "i.sqlite");
  IncidentOptions options;
  options.file = dir / "i.sqlite";
  const auto opened = IncidentStore::open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::io) << opened.error().what;
  EXPECT_NE(opened.error().what.find((dir / "i.sqlite").string()), std::string::npos) << opened.error().what;
  EXPECT_NE(opened.error().what.find("whether its directory is there"), std::string::npos) << opened.error().what;
}

TEST(IncidentStoreTrouble, NoDirectory) {
  const TempDir dir;
  IncidentOptions options;
  options.file = dir / "gone" / "i.sqlite";
  const auto got = IncidentStore::open(options);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().what.find("unable to open"), std::string::npos) << got.error().what;
}

// The command line as a user who may read the state directory but not write into it, after the daemon has stopped.
TEST(IncidentStoreTrouble, AReaderWithoutTheRightToWrite) {
  const TempDir dir;
  const auto inside = dir / "a?b#c%20 d";
  std::filesystem::create_directory(inside);
  const auto file = inside / "i.sqlite";
  { ASSERT_TRUE(must_open(file)->apply(entries_of(std::vector{alert_number(0)}))); }
  ::chmod(dir.path().c_str(), 0755);
  ::chmod(file.c_str(), 0444);
  ::chmod(inside.c_str(), 0555);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(2);
    const auto store = IncidentStore::open_read_only(file);
    if (!store) {
      (void)!::write(2, store.error().what.data(), store.error().what.size());
      ::_exit(3);
    }
    const auto totals = (*store)->totals();
    ::_exit(totals && totals->alerts == 1 ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ::chmod(inside.c_str(), 0755);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

}  // namespace
}  // namespace nw::record
