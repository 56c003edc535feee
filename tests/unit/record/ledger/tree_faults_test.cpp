// The tree under trouble: whatever call fails, wherever it dies, whatever a power cut takes: it opens again, continues
// every head that anyone has seen, and covers all that was accepted.
#include <gtest/gtest.h>
#include <random>
#include <sys/wait.h>

#include "record/ledger/tree.h"
#include "unit/record/ledger/tree_support.h"

namespace nw::record {
namespace {

using namespace test;

// Sizes of the ledger at which heads are asked for: partial tiles, full ones, several at once, a level more.
constexpr std::size_t kSteps[] = {3, 4, 249, 1, 30, 500, 1300};

// A ledger of its own on sound system calls, its tree on `ops`; heads that were seen go to `seen`. Ends at the first
// step that is given up after `tries`; true when none was.
bool grow_on(FileOps& ops, const std::filesystem::path& directory, int tries, std::vector<merkle::Note>& seen) {
  const auto ledger = Ledger::open(small_segments(directory, 16'384));
  if (!ledger) return false;
  const merkle::SignerKey& key = TestLog::shared_key();
  auto tree = Tree::open(directory, **ledger, key, ops);
  for (int t = 1; !tree && t < tries; ++t) tree = Tree::open(directory, **ledger, key, ops);
  if (!tree) return false;
  for (const std::size_t step : kSteps) {
    EXPECT_TRUE((*ledger)->append(group_of((*ledger)->size(), step)));
    const std::uint64_t before = (*tree)->size();
    auto size = (*tree)->advance(2000);
    for (int t = 1; !size && t < tries; ++t) {
      EXPECT_EQ((*tree)->size(), before) << "the old head stays";
      size = (*tree)->advance(2000);
    }
    if (!size) return false;
    seen.push_back(*(*tree)->checkpoint());
    EXPECT_EQ(head_of(seen.back()).head.size, *size);
    auto kept = (*tree)->keep_head();
    for (int t = 1; !kept && t < tries; ++t) kept = (*tree)->keep_head();
    if (!kept) return false;
  }
  return true;
}

// What is on disk opens, continues what was seen (and what anybody could have seen), and goes on to the end.
void expect_continued(const std::filesystem::path& directory, std::vector<merkle::Note> seen) {
  if (const auto reader = TreeReader::open(directory); reader) seen.push_back(*reader->checkpoint());
  const auto ledger = Ledger::open(small_segments(directory, 16'384));
  ASSERT_TRUE(ledger) << ledger.error().what;
  const auto tree = Tree::open(directory, **ledger, TestLog::shared_key());
  ASSERT_TRUE(tree) << tree.error().what;
  ASSERT_TRUE((*ledger)->append(group_of(9999, 300)));
  const auto size = (*tree)->advance(1'000'000);
  ASSERT_TRUE(size) << size.error().what;
  EXPECT_EQ(*size, (*ledger)->size());
  TreeVerify options;
  options.key = TestLog::shared_key().verifier();
  options.held = std::move(seen);
  const auto verified = verify_tree(directory, options);
  ASSERT_TRUE(verified) << verified.error().what;
  EXPECT_EQ(verified->entries, *size);
  // Nothing is left lying: one partial tile a level, one partial bundle.
  int partial = 0;
  for (const std::string& name : files_below(directory / "tree"))
    if (name.find(".p/") != std::string::npos) ++partial;
  EXPECT_LE(partial, 4);
}

class CountedFiles final : public CountingFiles {
 protected:
  bool before(int /*n*/) override { return true; }
};

int calls_of_a_run() {
  const TempDir dir;
  CountedFiles ops;
  std::vector<merkle::Note> seen;
  EXPECT_TRUE(grow_on(ops, dir.path(), 1, seen));
  EXPECT_GT(ops.calls, 150);
  return ops.calls;
}

TEST(TreeFaults, AnyOneCallMayFail) {
  for (int n = 0;; ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    const TempDir dir;
    FailingFiles ops{n, n % 2 == 0 ? EIO : ENOSPC, FailingFiles::Lasts::once};
    std::vector<merkle::Note> seen;
    ASSERT_TRUE(grow_on(ops, dir.path(), 3, seen)) << "one failure is overcome by trying again";
    expect_continued(dir.path(), std::move(seen));
    if (HasFailure()) return;
    if (!ops.failed()) break;
  }
}

TEST(TreeFaults, AllCallsFromOneOnMayFail) {
  const int calls = calls_of_a_run();
  for (int n = 0; n < calls; ++n) {
    SCOPED_TRACE("from call " + std::to_string(n));
    const TempDir dir;
    FailingFiles ops{n, EIO, FailingFiles::Lasts::for_ever};
    std::vector<merkle::Note> seen;
    (void)grow_on(ops, dir.path(), 2, seen);
    ASSERT_TRUE(ops.failed());
    expect_continued(dir.path(), std::move(seen));
    if (HasFailure()) return;
  }
}

TEST(TreeFaults, ItMayDieAtAnyCall) {
  const int calls = calls_of_a_run();
  for (const auto when : {DyingFiles::When::before, DyingFiles::When::halfway, DyingFiles::When::after}) {
    for (int n = 0; n < calls; ++n) {
      SCOPED_TRACE("call " + std::to_string(n) + ", " + std::to_string(static_cast<int>(when)));
      const TempDir dir;
      const pid_t child = ::fork();
      ASSERT_GE(child, 0);
      if (child == 0) {
        DyingFiles ops{n, when};
        std::vector<merkle::Note> seen;
        (void)grow_on(ops, dir.path(), 1, seen);
        ::_exit(0);
      }
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
      expect_continued(dir.path(), {});
      if (HasFailure()) return;
    }
  }
}

TEST(TreeFaults, ThePowerMayBeCutAtAnyCall) {
  const int calls = calls_of_a_run();
  std::random_device device;
  const unsigned seed = device();
  std::mt19937 random{seed};
  for (int n = 0; n < calls; ++n) {
    SCOPED_TRACE("call " + std::to_string(n) + ", seed " + std::to_string(seed));
    const TempDir dir;
    PowerCutFiles ops{n};
    std::vector<merkle::Note> seen;
    (void)grow_on(ops, dir.path(), 1, seen);
    ASSERT_TRUE(ops.cut());
    ops.lose_unsynced(n % 3 == 0 ? 0.0 : std::uniform_real_distribution<>{0, 1}(random));
    // The ledger's own calls were sound, so what it accepted is there: only the tree may lie behind.
    expect_continued(dir.path(), std::move(seen));
    if (HasFailure()) return;
  }
}

// A head whose last sync failed may be on disk: that very one is put there again, and no other of its size.
TEST(TreeFaults, AHeadInDoubtIsTheNextHead) {
  const TempDir dir;
  class LastSyncFails final : public FileOps {
   public:
    bool fails = false;
    int rename(const char* from, const char* to) override {
      renamed_ = fails;
      return FileOps::rename(from, to);
    }
    int fsync(int fd) override {
      if (!fails || !renamed_) return FileOps::fsync(fd);
      errno = EIO;
      return -1;
    }

   private:
    bool renamed_ = false;
  } ops;
  TestLog log{dir.path(), ops};
  log.grow(3);
  ops.fails = true;
  log.append(2);
  ASSERT_FALSE(log.tree().advance(100));
  EXPECT_EQ(log.tree().size(), 3U) << "not before it is sure";
  const std::string visible = read_whole(log.file("checkpoint"));
  log.append(4);
  const auto witness = merkle::NoteSignature{"w", 1, "12345678"};
  EXPECT_FALSE(*log.tree().add_signatures(3, {witness})) << "never an older head over a newer one";
  EXPECT_EQ(read_whole(log.file("checkpoint")), visible);
  ops.fails = false;
  EXPECT_EQ(*log.tree().advance(100), 9U);
  EXPECT_TRUE(verify_tree(dir.path(), TestLog::shared_key().verifier()));
}

TEST(TreeFaults, TheErrorSaysWhereAndWhat) {
  const TempDir dir;
  class FullDisk final : public FileOps {
   public:
    bool full = false;
    ssize_t pwrite(int fd, const void* from, std::size_t size, off_t offset) override {
      if (!full) return FileOps::pwrite(fd, from, size, offset);
      errno = ENOSPC;
      return -1;
    }
  } ops;
  TestLog log{dir.path(), ops};
  log.grow(3);
  ops.full = true;
  log.append(1);
  const auto size = log.tree().advance(100);
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, Errc::full);
  EXPECT_NE(size.error().what.find("tile/0/000.p/4: cannot write at byte 0: No space left"), std::string::npos)
      << size.error().what;
}

}  // namespace
}  // namespace nw::record
