// The ledger's promise under trouble: what was accepted is there, once, whatever call failed, wherever it died,
// whatever the power cut took; and what is there was given.
#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <thread>

#include "record/ledger/journal.h"
#include "unit/record/ledger/ledger_support.h"

namespace nw::record {
namespace {

using namespace test;

constexpr std::uint64_t kGroups = 10;
std::size_t items_of(std::uint64_t group) { return 1 + group % 4; }
std::vector<std::string> group_number(std::uint64_t group) { return group_of(group, items_of(group), 30 + group * 11); }

struct Outcome {
  std::vector<std::string> accepted;
  std::vector<std::string> in_doubt;  // the group whose append did not come back with a yes
};

// Opens a ledger on `ops` and appends kGroups groups, each tried up to `tries` times; stops at the first that is given
// up.
Outcome run(FileOps& ops, const std::filesystem::path& directory, int tries) {
  Outcome out;
  auto ledger = open_journal(small_segments(directory, 400), ops);
  for (int t = 1; !ledger && t < tries; ++t) ledger = open_journal(small_segments(directory, 400), ops);
  if (!ledger) return out;
  for (std::uint64_t g = 0; g < kGroups; ++g) {
    const auto group = group_number(g);
    auto first = (*ledger)->append(group);
    for (int t = 1; !first && t < tries; ++t) {
      EXPECT_EQ((*ledger)->size(), out.accepted.size()) << "a failed append adds nothing";
      first = (*ledger)->append(group);
    }
    if (!first) {
      out.in_doubt = group;
      break;
    }
    EXPECT_EQ(*first, out.accepted.size());
    out.accepted.insert(out.accepted.end(), group.begin(), group.end());
  }
  EXPECT_EQ((*ledger)->size(), out.accepted.size());
  return out;
}

// Everything accepted is there, in order; behind it at most a beginning of the group in doubt.
void expect_kept(const std::filesystem::path& directory, const Outcome& outcome) {
  const auto ledger = Ledger::open(small_segments(directory, 400));
  ASSERT_TRUE(ledger) << ledger.error().what;
  auto got = read_all(**ledger);
  ASSERT_GE(got.size(), outcome.accepted.size());
  ASSERT_LE(got.size(), outcome.accepted.size() + outcome.in_doubt.size());
  auto want = outcome.accepted;
  want.insert(want.end(), outcome.in_doubt.begin(),
              outcome.in_doubt.begin() + static_cast<std::ptrdiff_t>(got.size() - outcome.accepted.size()));
  EXPECT_EQ(got, want);
  EXPECT_EQ(*verify(directory), got.size());
  // And it goes on.
  EXPECT_EQ(*(*ledger)->append(group_of(77, 2)), got.size());
}

class NoTrouble final : public CountingFiles {
 protected:
  bool before(int /*n*/) override { return true; }
};

int calls_without_trouble() {
  const TempDir dir;
  NoTrouble ops;
  const Outcome outcome = run(ops, dir.path(), 1);
  EXPECT_TRUE(outcome.in_doubt.empty());
  EXPECT_GT(ops.calls, 40);
  return ops.calls;
}

TEST(LedgerFaults, AnyOneCallMayFail) {
  for (const int error : {EIO, ENOSPC}) {
    for (int n = 0;; ++n) {
      SCOPED_TRACE("call " + std::to_string(n) + ": " + std::to_string(error));
      const TempDir dir;
      FailingFiles ops{n, error, FailingFiles::Lasts::once};
      const Outcome outcome = run(ops, dir.path(), 3);
      ASSERT_TRUE(outcome.in_doubt.empty()) << "one failure is overcome by trying again";
      ASSERT_FALSE(outcome.accepted.empty());
      expect_kept(dir.path(), outcome);
      if (HasFatalFailure()) return;
      if (!ops.failed()) break;
    }
  }
}

TEST(LedgerFaults, AllCallsFromOneOnMayFail) {
  const int calls = calls_without_trouble();
  for (int n = 0; n < calls; ++n) {
    SCOPED_TRACE("from call " + std::to_string(n));
    const TempDir dir;
    FailingFiles ops{n, n % 2 == 0 ? EIO : ENOSPC, FailingFiles::Lasts::for_ever};
    const Outcome outcome = run(ops, dir.path(), 3);
    ASSERT_TRUE(ops.failed());
    expect_kept(dir.path(), outcome);
    if (HasFatalFailure()) return;
  }
}

TEST(LedgerFaults, TheErrorSaysWhereAndWhat) {
  const TempDir dir;
  class FullDisk final : public FileOps {
   public:
    bool full = false;
    ssize_t pwrite(int fd, const void* from, std::size_t size, off_t offset) override {
      if (!full) return FileOps::pwrite(fd, from, size, offset);
      errno = ENOSPC;
      return -1;
    }
    int ftruncate(int fd, off_t size) override {
      if (!full) return FileOps::ftruncate(fd, size);
      errno = EROFS;
      return -1;
    }
  } ops;
  const auto ledger = open_journal(small_segments(dir.path()), ops);
  (void)*(*ledger)->append(group_of(1, 1));
  ops.full = true;
  const auto first = (*ledger)->append(group_of(2, 1));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, Errc::full);
  EXPECT_NE(first.error().what.find("00000000000000000000.log: cannot write at byte 48: No space left"),
            std::string::npos)
      << first.error().what;
  // What could not be taken back holds up the next one, which says so; readers go on.
  const auto second = (*ledger)->append(group_of(2, 1));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("takes no entries until that succeeds"), std::string::npos) << second.error().what;
  EXPECT_EQ((*ledger)->read(0, 10)->size(), 1U);
  ops.full = false;
  EXPECT_EQ(*(*ledger)->append(group_of(2, 1)), 1U);
}

// After a failed sync the kernel may call pages clean that never reached the disk; a second sync would then "succeed".
TEST(LedgerFaults, NothingIsWrittenBehindAFailedSync) {
  const TempDir dir;
  class BadSync final : public FileOps {
   public:
    int fail_next = 0;
    int fdatasync(int fd) override {
      if (fail_next == 0) return FileOps::fdatasync(fd);
      --fail_next;
      errno = EIO;
      return -1;
    }
  } ops;
  const auto ledger = open_journal(small_segments(dir.path(), 100'000), ops);
  (void)*(*ledger)->append(group_of(1, 2));
  const auto sound = std::filesystem::file_size(segments(dir.path())[0]);
  ops.fail_next = 1;
  EXPECT_EQ((*ledger)->append(group_of(2, 2)).error().code, Errc::io);
  EXPECT_EQ(std::filesystem::file_size(segments(dir.path())[0]), sound) << "taken back at once";
  (void)*(*ledger)->append(group_of(2, 2));
  auto files = segments(dir.path());
  ASSERT_EQ(files.size(), 2U) << "a fresh file after a failed sync";
  EXPECT_EQ(files[1].filename(), "00000000000000000002.log");
  EXPECT_EQ(std::filesystem::file_size(files[0]), sound);
  // Also when the sync of the cut fails: nothing goes on before that has worked.
  ops.fail_next = 3;
  EXPECT_FALSE((*ledger)->append(group_of(3, 2)));
  EXPECT_FALSE((*ledger)->append(group_of(3, 2)));
  EXPECT_EQ(segments(dir.path()).size(), 2U);
  EXPECT_EQ(*(*ledger)->append(group_of(3, 2)), 4U);
  EXPECT_EQ(segments(dir.path()).size(), 3U);
  EXPECT_EQ(read_all(**ledger).size(), 6U);
}

// Runs `work` in a child process that may die; true when it ended by itself.
template <class Work>
bool in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A pipe by which a child says what was accepted. What it wrote before it died can still be read.
class Report {
 public:
  Report() { EXPECT_EQ(::pipe(ends_), 0); }
  ~Report() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void say(std::uint64_t number) const { (void)!::write(ends_[1], &number, sizeof number); }
  std::vector<std::uint64_t> all() {
    ::close(ends_[1]);
    ends_[1] = -1;
    std::vector<std::uint64_t> out;
    for (std::uint64_t number = 0; ::read(ends_[0], &number, sizeof number) == sizeof number;) out.push_back(number);
    return out;
  }

 private:
  int ends_[2] = {-1, -1};
};

TEST(LedgerFaults, DyingAtAnyCall) {
  const int calls = calls_without_trouble();
  for (const auto when : {DyingFiles::When::before, DyingFiles::When::halfway, DyingFiles::When::after}) {
    for (int n = 0; n < calls; ++n) {
      SCOPED_TRACE("call " + std::to_string(n) + " when " + std::to_string(static_cast<int>(when)));
      const TempDir dir;
      Report report;
      const bool survived = in_child([&] {
        DyingFiles ops{n, when};
        auto ledger = open_journal(small_segments(dir.path(), 400), ops);
        for (std::uint64_t g = 0; ledger && g < kGroups; ++g)
          if ((*ledger)->append(group_number(g))) report.say(g);
      });
      ASSERT_FALSE(survived);
      Outcome outcome;
      std::uint64_t next = 0;
      for (const std::uint64_t g : report.all()) {
        ASSERT_EQ(g, next++);
        for (const std::string& item : group_number(g)) outcome.accepted.push_back(item);
      }
      if (next < kGroups) outcome.in_doubt = group_number(next);
      expect_kept(dir.path(), outcome);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(LedgerFaults, KilledAtRandomMoments) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const TempDir dir{std::filesystem::temp_directory_path()};  // a real disk: most kills fall into a sync
  std::vector<std::string> known;                             // all that earlier rounds left
  // More rounds where the disk is so slow that most kills come before the first group.
  for (std::uint64_t round = 0; round < 20 || (known.size() <= 20 && round < 500); ++round) {
    Report report;
    const pid_t child = ::fork();
    if (child == 0) {
      const auto ledger = Ledger::open(small_segments(dir.path(), 30'000));
      if (!ledger) ::_exit(1);
      for (std::uint64_t g = 0;; ++g)
        if ((*ledger)->append(group_of(round << 32U | g, items_of(g), 200))) report.say(g);
    }
    std::this_thread::sleep_for(std::chrono::microseconds{std::uniform_int_distribution<int>{0, 40'000}(random)});
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child could not open the ledger";

    std::uint64_t groups = 0;
    for (const std::uint64_t g : report.all()) {
      ASSERT_EQ(g, groups++);
      for (const std::string& item : group_of(round << 32U | g, items_of(g), 200)) known.push_back(item);
    }
    const auto ledger = Ledger::open(small_segments(dir.path(), 30'000));
    ASSERT_TRUE(ledger) << ledger.error().what;
    const auto got = read_all(**ledger);
    // Behind the reported ones at most one group that was written but not yet reported, and a beginning of the next.
    for (std::uint64_t g = groups; known.size() < got.size() && g < groups + 2; ++g)
      for (const std::string& item : group_of(round << 32U | g, items_of(g), 200))
        if (known.size() < got.size()) known.push_back(item);
    ASSERT_EQ(got, known);
  }
  EXPECT_GT(known.size(), 20U);
}

TEST(LedgerFaults, PowerLostAtAnyCall) {
  const int calls = calls_without_trouble();
  for (const double kept : {0.0, 0.3, 1.0}) {
    for (int n = 0; n < calls; ++n) {
      SCOPED_TRACE("call " + std::to_string(n) + " kept " + std::to_string(kept));
      const TempDir dir;
      PowerCutFiles ops{n};
      const Outcome outcome = run(ops, dir.path() / "state", 1);
      ASSERT_TRUE(ops.cut());
      ops.lose_unsynced(kept);
      expect_kept(dir.path() / "state", outcome);
      if (HasFatalFailure()) return;
    }
  }
}

// Power is lost a second time, right after a ledger was opened on what a kill left: what a reader was shown must stay.
TEST(LedgerFaults, WhatAReaderSawStays) {
  const TempDir dir;
  const auto unsynced = group_of(5, 3);
  {
    // A writer that was killed between write and sync.
    class NoSync final : public FileOps {
      int fdatasync(int /*fd*/) override { return 0; }
      int fsync(int /*fd*/) override { return 0; }
    } ops;
    const auto ledger = open_journal(small_segments(dir.path()), ops);
    (void)*(*ledger)->append(unsynced);
  }
  PowerCutFiles ops{1'000'000};
  std::size_t seen = 0;
  {
    const auto ledger = open_journal(small_segments(dir.path()), ops);
    seen = read_all(**ledger).size();
  }
  EXPECT_EQ(seen, 3U);
  EXPECT_TRUE(ops.synced(segments(dir.path())[0])) << "synced before it was shown";
  EXPECT_TRUE(ops.directory_synced(dir / "journal")) << "its name too";
}

// A file system of 256 KiB, in a mount namespace of its own. Exit code of the child: 0 good, 77 not permitted.
int on_small_file_system(const std::filesystem::path& mount_point, int (*work)(const std::filesystem::path&)) {
  const pid_t child = ::fork();
  if (child == 0) {
    const uid_t user = ::getuid();
    const gid_t group = ::getgid();
    if (::unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) ::_exit(77);
    if (user != 0) {
      std::ofstream{"/proc/self/uid_map"} << "0 " << user << " 1";
      std::ofstream{"/proc/self/setgroups"} << "deny";
      std::ofstream{"/proc/self/gid_map"} << "0 " << group << " 1";
    }
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(77);
    if (::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=256k") != 0) ::_exit(77);
    ::_exit(work(mount_point));
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

TEST(LedgerFaults, AFullDisk) {
  const TempDir dir;
  const int code = on_small_file_system(dir.path(), [](const std::filesystem::path& disk) {
    write_whole(disk / "filler", std::string(100'000, 'x'));
    auto ledger = Ledger::open(small_segments(disk / "state", 30'000));
    if (!ledger) return 1;
    std::vector<std::string> model;
    std::uint64_t g = 0;
    Result<std::uint64_t> first = 0;
    for (; g < 10'000; ++g) {
      const auto group = group_of(g, 5, 300);
      first = (*ledger)->append(group);
      if (!first) break;
      model.insert(model.end(), group.begin(), group.end());
    }
    if (first || first.error().code != Errc::full || model.empty()) return 2;
    if (read_all(**ledger) != model) return 3;
    for (int i = 0; i < 3; ++i)
      if ((*ledger)->append(group_of(g, 5, 300))) return 4;
    std::filesystem::remove(disk / "filler");  // room again
    for (int i = 0; i < 20; ++i, ++g) {
      const auto group = group_of(g, 5, 300);
      if (!(*ledger)->append(group)) return 5;
      model.insert(model.end(), group.begin(), group.end());
    }
    ledger = Error{Errc::io, "closed"};
    ledger = Ledger::open(small_segments(disk / "state", 30'000));
    return ledger && read_all(**ledger) == model && (*ledger)->torn_bytes() == 0 ? 0 : 6;
  });
  if (code == 77) GTEST_SKIP() << "no permission to mount a tmpfs; the same is tested by failing calls above";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace nw::record
