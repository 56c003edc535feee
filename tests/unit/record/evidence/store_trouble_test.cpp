// Under trouble: what sync() said yes to is there, whatever call failed, wherever the process died, whatever the power
// cut took; what was erased stays erased; and what is there opens.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>

#include "record/evidence/format.h"
#include "unit/record/evidence/evidence_support.h"
#include "unit/record/ledger/ledger_support.h"

namespace nw::record {
namespace {

using namespace test;

const Timestamp kStored = at("2026-01-15T08:00:00Z");
constexpr std::uint64_t kObjects = 12;

class NoTroubleAtAll final : public CountingFiles {
 protected:
  bool before(int /*n*/) override { return true; }
};

struct Done {
  std::set<std::uint64_t> synced, erased;
  std::set<std::uint64_t> in_doubt;  // an erase that failed
};

// Puts, syncs each third, erases some. Goes on after errors, as the daemon does. `told` hears of each success.
template <class Told>
Done work(FileOps& ops, const std::filesystem::path& directory, Told told) {
  Done done;
  auto store = EvidenceStore::open(small_store(directory), ops);
  if (!store) return done;
  (*store)->use(kJanuary, evidence_keys().public_key);
  std::vector<std::uint64_t> put;
  for (std::uint64_t n = 0; n < kObjects; ++n) {
    if (put_number(**store, n, kStored)) put.push_back(n);
    if (n % 3 != 2) continue;
    if ((*store)->sync())
      for (const std::uint64_t p : put) {
        done.synced.insert(p);
        told('s', p);
      }
    put.clear();
    if (!done.synced.contains(n)) continue;
    if ((*store)->erase(alert_number(n), std::nullopt)) {
      done.erased.insert(n);
      told('e', n);
    } else {
      done.in_doubt.insert(n);
    }
  }
  return done;
}

void expect_kept_as(const std::filesystem::path& directory, const Done& done) {
  const auto store = store_in(small_store(directory));
  ASSERT_NE(store, nullptr);
  for (std::uint64_t n = 0; n < kObjects; ++n) {
    SCOPED_TRACE("object " + std::to_string(n));
    const bool there = store->read(alert_number(n), EvidenceKind::values).has_value();
    EXPECT_TRUE(!there || opens_as_put(*store, n));
    if (done.erased.contains(n)) {
      EXPECT_FALSE(there);
    } else if (done.synced.contains(n) && !done.in_doubt.contains(n)) {
      EXPECT_TRUE(there);
    }
  }
  EXPECT_TRUE(put_number(*store, 70, kStored));
  EXPECT_TRUE(store->sync());
  EXPECT_TRUE(opens_as_put(*store, 70)) << "and it goes on";
}

int calls_of_work() {
  const TempDir dir;
  NoTroubleAtAll ops;
  const Done done = work(ops, dir.path(), [](char, std::uint64_t) {});
  EXPECT_EQ(done.synced.size(), kObjects);
  EXPECT_EQ(done.erased.size(), kObjects / 3);
  EXPECT_GT(ops.calls, 40);
  return ops.calls;
}

TEST(EvidenceTrouble, AnyCallMayFailOnceOrForEver) {
  for (const auto lasts : {FailingFiles::Lasts::once, FailingFiles::Lasts::for_ever})
    for (int n = 0;; ++n) {
      SCOPED_TRACE("call " + std::to_string(n));
      const TempDir dir;
      FailingFiles ops{n, n % 2 == 0 ? EIO : ENOSPC, lasts};
      const Done done = work(ops, dir.path(), [](char, std::uint64_t) {});
      expect_kept_as(dir.path(), done);
      if (HasFailure()) return;
      if (!ops.failed()) break;
    }
}

TEST(EvidenceTrouble, ItMayDieAtAnyCall) {
  const int calls = calls_of_work();
  for (int n = 0; n < calls; ++n)
    for (const auto when : {DyingFiles::When::before, DyingFiles::When::halfway, DyingFiles::When::after}) {
      SCOPED_TRACE("call " + std::to_string(n) + " when " + std::to_string(static_cast<int>(when)));
      const TempDir dir;
      std::array<int, 2> pipe{};
      ASSERT_EQ(::pipe(pipe.data()), 0);
      const pid_t child = ::fork();
      if (child == 0) {
        DyingFiles ops{n, when};
        (void)work(ops, dir.path(), [&](char what, std::uint64_t number) {
          const std::array<char, 2> said{what, static_cast<char>(number)};
          if (::write(pipe[1], said.data(), 2) != 2) ::_exit(1);
        });
        ::_exit(0);
      }
      ::close(pipe[1]);
      Done done;
      std::array<char, 2> said{};
      while (::read(pipe[0], said.data(), 2) == 2)
        (said[0] == 's' ? done.synced : done.erased).insert(static_cast<std::uint64_t>(said[1]));
      ::close(pipe[0]);
      int status = 0;
      ::waitpid(child, &status, 0);
      // The next to be erased may have been.
      for (const std::uint64_t s : done.synced)
        if (s % 3 == 2 && !done.erased.contains(s)) done.in_doubt.insert(s);
      expect_kept_as(dir.path(), done);
      if (HasFailure()) return;
    }
}

TEST(EvidenceTrouble, PowerMayBeLostAtAnyCall) {
  const int calls = calls_of_work();
  for (int n = 0; n < calls; ++n)
    for (const double kept : {0.0, 0.4, 1.0}) {
      SCOPED_TRACE("call " + std::to_string(n) + ", kept " + std::to_string(kept));
      const TempDir dir;
      PowerCutFiles ops{n};
      const Done done = work(ops, dir.path(), [](char, std::uint64_t) {});
      ops.lose_unsynced(kept);
      std::filesystem::create_directories(dir.path());
      expect_kept_as(dir.path(), done);
      if (HasFailure()) return;
    }
}

TEST(EvidenceTrouble, AFailedSyncIsToldToEachWhoHasPutSomething) {
  class FailingSync final : public FileOps {
   public:
    bool fails = false;
    int fdatasync(int fd) override {
      if (!fails) return FileOps::fdatasync(fd);
      errno = EIO;
      return -1;
    }
  } ops;
  const TempDir dir;
  const auto store = store_in(small_store(dir.path()), ops);
  ASSERT_TRUE(put_number(*store, 1, kStored));
  ASSERT_TRUE(store->sync());
  ASSERT_TRUE(put_number(*store, 2, kStored));
  std::thread{[&] {
    EXPECT_TRUE(put_number(*store, 3, kStored));
    ops.fails = true;
    EXPECT_FALSE(store->sync());
    ops.fails = false;
    EXPECT_TRUE(store->sync()) << "told once";
  }}.join();
  EXPECT_FALSE(store->sync()) << "this thread's piece is lost, too";
  EXPECT_TRUE(store->sync());
  EXPECT_TRUE(opens_as_put(*store, 1));
  EXPECT_FALSE(store->read(alert_number(2), EvidenceKind::values));
  EXPECT_FALSE(store->read(alert_number(3), EvidenceKind::values));
  EXPECT_EQ(store->totals().objects, 1U);
  ASSERT_TRUE(put_number(*store, 2, kStored));
  ASSERT_TRUE(store->sync());
  EXPECT_TRUE(opens_as_put(*store, 2)) << "in a file of its own";
  EXPECT_EQ(store->totals().segments, 2U);
}

TEST(EvidenceTrouble, WhatIsDamagedIsPassedOverAndNothingElseIsLost) {
  const TempDir dir;
  auto options = small_store(dir.path());
  options.segment_bytes = 1U << 20;
  {
    const auto store = store_in(options);
    for (std::uint64_t n = 0; n < 9; ++n) ASSERT_TRUE(put_number(*store, n, kStored));
  }
  const auto file = files_in(dir.path()).front();
  const std::string whole = read_whole(file);
  const std::size_t each = (whole.size() - EvidenceHead::kBytes) / 9;
  std::string damaged = whole;
  damaged[EvidenceHead::kBytes + 4 * each + 20] ^= 1;  // the header of the fifth
  damaged.resize(damaged.size() - 10);                 // and the last is torn
  write_whole(file, damaged);
  {
    const auto store = store_in(options);
    for (std::uint64_t n = 0; n < 9; ++n) EXPECT_EQ(opens_as_put(*store, n), n != 4 && n != 8) << n;
    EXPECT_EQ(std::filesystem::file_size(file), whole.size() - each) << "only the torn end was cut";
  }
  damaged = whole;
  damaged[9] ^= 1;  // the segment's head: nobody can open it any more, but age still deletes it
  write_whole(file, damaged);
  const auto store = store_in(options);
  const auto sealed = store->read(alert_number(1), EvidenceKind::values);
  ASSERT_TRUE(sealed);
  EXPECT_FALSE(open_evidence(*sealed, evidence_keys().public_key, evidence_keys().secret_key));
  EXPECT_EQ(store->purge(kStored + std::chrono::hours{1}, [](const EvidenceObject&) { return false; }).objects, 9U);
  EXPECT_TRUE(files_in(dir.path()).empty());
}

// The state has no checksum: one bit of it must neither erase an object nor bring one back.
TEST(EvidenceTrouble, AFlippedBitOfTheStateErasesNothing) {
  for (int bit = 0; bit < 8; ++bit) {
    SCOPED_TRACE(bit);
    const TempDir dir;
    std::filesystem::path file;
    for (const std::uint64_t n : {1U, 2U, 3U}) {
      const auto store = store_in(small_store(dir.path()));
      store->use(kJanuary, evidence_keys().public_key);
      ASSERT_TRUE(put_number(*store, n, kStored));
      ASSERT_TRUE(store->sync());
      if (n == 2) {
        ASSERT_TRUE(store->erase(alert_number(n), std::nullopt));
      }
    }
    for (const auto& each : std::filesystem::directory_iterator{dir.path()}) {
      if (each.path().extension() != ".evidence") continue;
      std::string bytes = read_whole(each.path());
      char& state = bytes.at(EvidenceHead::kBytes + ObjectHead::kStateAt);
      state = static_cast<char>(state ^ (1 << bit));
      write_whole(each.path(), bytes);
      const auto head = ObjectHead::parse(std::string_view{bytes}.substr(EvidenceHead::kBytes));
      ASSERT_TRUE(head);
      EXPECT_TRUE(head->state_damaged);
    }
    const auto store = store_in(small_store(dir.path()));
    ASSERT_NE(store, nullptr);
    EXPECT_TRUE(opens_as_put(*store, 1));
    EXPECT_FALSE(store->read(alert_number(2), EvidenceKind::values));
    EXPECT_TRUE(opens_as_put(*store, 3));
    EXPECT_EQ(store->totals().objects, 2U);
  }
}

TEST(EvidenceTrouble, AnErasureThatACrashCutOffIsDoneAgain) {
  const TempDir dir;
  const auto options = small_store(dir.path());
  {
    const auto store = store_in(options);
    ASSERT_TRUE(put_number(*store, 1, kStored));
    ASSERT_TRUE(put_number(*store, 2, kStored));
  }
  const auto file = files_in(dir.path()).front();
  std::string bytes = read_whole(file);
  bytes[EvidenceHead::kBytes + ObjectHead::kStateAt] = static_cast<char>(ObjectState::erasing);
  write_whole(file, bytes);
  const std::string body = bytes.substr(EvidenceHead::kBytes + ObjectHead::kBytes, 60);
  const auto store = store_in(options);
  EXPECT_FALSE(on_disk(dir.path(), body));
  EXPECT_FALSE(store->read(alert_number(1), EvidenceKind::values));
  EXPECT_TRUE(opens_as_put(*store, 2));
  EXPECT_EQ(store->totals().objects, 1U);
}

TEST(EvidenceTrouble, APurgeThatFailsSaysWhatIsOverdue) {
  class NoUnlink final : public FileOps {
   public:
    int unlink(const char* /*path*/) override {
      errno = EROFS;
      return -1;
    }
  } ops;
  const TempDir dir;
  const auto store = store_in(small_store(dir.path()), ops);
  ASSERT_TRUE(put_number(*store, 1, kStored));
  const auto purged = store->purge(kStored + std::chrono::hours{1}, [](const EvidenceObject&) { return false; });
  EXPECT_EQ(purged.objects, 0U);
  EXPECT_EQ(purged.overdue, 1U);
  EXPECT_EQ(purged.oldest, kStored);
  EXPECT_NE(purged.fault.find("cannot remove"), std::string::npos) << purged.fault;
  EXPECT_TRUE(opens_as_put(*store, 1));
}

}  // namespace
}  // namespace nw::record
