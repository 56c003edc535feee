#include "record/ledger/durable_file.h"

#include <gtest/gtest.h>

#include "unit/record/ledger/ledger_support.h"

namespace nw::record {
namespace {

using namespace test;

TEST(ReplaceFile, TheOldBytesOrTheNew) {
  for (int n = 0;; ++n) {
    SCOPED_TRACE(n);
    const TempDir dir;
    const auto file = dir / "place";
    ASSERT_TRUE(replace_file(system_files(), file, "old"));
    FailingFiles ops{n, EIO, FailingFiles::Lasts::once};
    const auto replaced = replace_file(ops, file, "brand new");
    const std::string now = read_whole(file);
    if (replaced) {
      EXPECT_FALSE(ops.failed());
      EXPECT_EQ(now, "brand new");
      break;
    }
    EXPECT_TRUE(now == "old" || now == "brand new") << now;
    EXPECT_FALSE(std::filesystem::exists(dir / "place.tmp"));
    EXPECT_TRUE(replace_file(ops, file, "third")) << "it may be tried again";
    EXPECT_EQ(read_whole(file), "third");
  }
}

TEST(ReplaceFile, SurvivesALostPower) {
  for (const double kept : {0.0, 1.0}) {
    for (int n = 0;; ++n) {
      SCOPED_TRACE(n);
      const TempDir dir;
      const auto file = dir / "place";
      write_whole(file, "old");
      PowerCutFiles ops{n};
      const auto replaced = replace_file(ops, file, "brand new");
      ops.lose_unsynced(kept);
      if (replaced) {
        EXPECT_EQ(read_whole(file), "brand new");
        break;
      }
      EXPECT_TRUE(read_whole(file) == "old" || read_whole(file) == "brand new") << read_whole(file);
    }
  }
}

TEST(ReplaceFile, ReplacesALeftoverTemporaryFile) {
  const TempDir dir;
  write_whole(dir / "place.tmp", "a long leftover of a killed process");
  ASSERT_TRUE(replace_file(system_files(), dir / "place", "new"));
  EXPECT_EQ(read_whole(dir / "place"), "new");
}

TEST(CreateExclusive, DoesNotTouchWhatIsThere) {
  const TempDir dir;
  write_whole(dir / "file", "mine");
  const auto created = create_exclusive(system_files(), dir / "file");
  ASSERT_FALSE(created);
  EXPECT_NE(created.error().what.find("File exists"), std::string::npos);
  EXPECT_EQ(read_whole(dir / "file"), "mine");
}

TEST(MakeDirectories, AllOrSaysWhy) {
  const TempDir dir;
  EXPECT_TRUE(make_directories(system_files(), dir.path() / "a" / "b" / "c" / ""));
  EXPECT_TRUE(std::filesystem::is_directory(dir / "a/b/c"));
  EXPECT_TRUE(make_directories(system_files(), dir / "a/b/c")) << "again";
  write_whole(dir / "file", "x");
  const auto refused = make_directories(system_files(), dir / "file/below");
  ASSERT_FALSE(refused);
  for (int n = 0; n < 6; ++n) {
    FailingFiles ops{n, EACCES, FailingFiles::Lasts::once};
    const auto top = dir.path() / ("n" + std::to_string(n));
    const auto failed = make_directories(ops, top / "x");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::no_permission);
    EXPECT_TRUE(make_directories(ops, top / "x"));
    EXPECT_TRUE(std::filesystem::is_directory(top / "x"));
  }
}

TEST(SystemError, CodesForTheOperator) {
  EXPECT_EQ(system_error(ENOSPC, "x").code, Errc::full);
  EXPECT_EQ(system_error(EDQUOT, "x").code, Errc::full);
  EXPECT_EQ(system_error(EROFS, "x").code, Errc::no_permission);
  EXPECT_EQ(system_error(ENOENT, "x").code, Errc::not_found);
  EXPECT_EQ(system_error(EIO, "x").code, Errc::io);
  EXPECT_EQ(system_error(EIO, "file").what, "file: Input/output error");
}

}  // namespace
}  // namespace nw::record
