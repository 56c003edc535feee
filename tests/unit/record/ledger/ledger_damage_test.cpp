// What a damaged journal does: either exactly a torn end is cut off, or the ledger is refused with file, byte and a way
// out. Never an entry that was not written, never a silent gap.
#include <filesystem>
#include <gtest/gtest.h>

#include "record/ledger/ledger.h"
#include "record/ledger/segment.h"
#include "unit/record/ledger/ledger_support.h"

namespace nw::record {
namespace {

using namespace test;

// Three segments: entries 0-2, 3-5, 6-8, of 40 + 8 bytes each.
constexpr std::size_t kRecord = 48;
struct Sample {
  TempDir dir;
  std::vector<std::string> model;
  std::vector<std::filesystem::path> files;
  Sample() {
    auto ledger = Ledger::open(small_segments(dir.path(), 150));
    for (std::uint64_t g = 0; g < 3; ++g) {
      const auto group = group_of(g, 3);
      EXPECT_TRUE((*ledger)->append(group));
      model.insert(model.end(), group.begin(), group.end());
    }
    files = segments(dir.path());
    EXPECT_EQ(files.size(), 3U);
    EXPECT_EQ(std::filesystem::file_size(files[2]), 3 * kRecord);
  }
  [[nodiscard]] auto open() const { return Ledger::open(small_segments(dir.path(), 150)); }
};

TEST(LedgerDamage, ATornEndIsCutWhereverItTore) {
  const Sample s;
  const std::string whole = read_whole(s.files[2]);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    write_whole(s.files[2], whole.substr(0, size));
    const auto sound = size / kRecord;
    EXPECT_EQ(*verify(s.dir.path()), 6 + sound);
    {
      const auto ledger = s.open();
      ASSERT_TRUE(ledger) << ledger.error().what;
      ASSERT_EQ((*ledger)->size(), 6 + sound);
      ASSERT_EQ((*ledger)->torn_bytes(), size % kRecord);
      ASSERT_EQ(std::filesystem::file_size(s.files[2]), sound * kRecord);
      // It goes on from there.
      EXPECT_EQ(*(*ledger)->append(std::vector{s.model[0]}), 6 + sound);
      auto want = s.model;
      want.resize(6 + sound);
      want.push_back(s.model[0]);
      ASSERT_EQ(read_all(**ledger), want);
    }
    // The entry went into this file or, when it was full, the next one.
    for (const auto& file : segments(s.dir.path()))
      if (file > s.files[2]) std::filesystem::remove(file);
  }
}

TEST(LedgerDamage, ATornEndOfZeros) {
  const Sample s;
  const std::string whole = read_whole(s.files[2]);
  for (const std::size_t zeros : {std::size_t{1}, std::size_t{4096}, std::size_t{300'000}}) {
    SCOPED_TRACE(zeros);
    write_whole(s.files[2], whole.substr(0, 100) + std::string(zeros, '\0'));
    const auto ledger = s.open();
    ASSERT_TRUE(ledger) << ledger.error().what;
    EXPECT_EQ((*ledger)->size(), 8U);
    EXPECT_EQ((*ledger)->torn_bytes(), 100 - 2 * kRecord + zeros);
  }
}

TEST(LedgerDamage, MuchRubbishIsNoTornEnd) {
  const Sample s;
  const std::string whole = read_whole(s.files[2]);
  write_whole(s.files[2], whole + std::string(kRecordHeaderBytes + kRecordPayloadMax, 'x'));
  EXPECT_EQ(*verify(s.dir.path()), 9U);
  write_whole(s.files[2], whole + std::string(kRecordHeaderBytes + kRecordPayloadMax, '\0') + "x");
  EXPECT_FALSE(verify(s.dir.path()));
  const auto ledger = s.open();
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code, Errc::malformed);
}

TEST(LedgerDamage, AFlippedBitNeverGivesWrongData) {
  const Sample s;
  for (std::size_t file = 0; file < s.files.size(); ++file) {
    const std::string whole = read_whole(s.files[file]);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      SCOPED_TRACE("file " + std::to_string(file) + " byte " + std::to_string(at));
      std::string bad = whole;
      bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
      write_whole(s.files[file], bad);
      const auto verified = verify(s.dir.path());
      const auto ledger = s.open();
      const std::size_t record = at / kRecord;
      if (file < 2) {
        // Seen by the first reader that comes there; the others read on.
        ASSERT_FALSE(verified);
        ASSERT_TRUE(ledger) << ledger.error().what;
        const auto read = (*ledger)->read(file * 3, 100);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, Errc::malformed);
        EXPECT_NE(read.error().what.find(s.files[file].string()), std::string::npos);
        EXPECT_NE(read.error().what.find("byte " + std::to_string(record * kRecord)), std::string::npos)
            << read.error().what;
        EXPECT_TRUE((*ledger)->read(6, 100));
      } else if (record < 2) {
        ASSERT_FALSE(verified);
        ASSERT_FALSE(ledger);
        EXPECT_EQ(ledger.error().code, Errc::malformed);
        EXPECT_NE(ledger.error().what.find(s.files[2].string()), std::string::npos);
        EXPECT_NE(ledger.error().what.find("byte " + std::to_string(record * kRecord)), std::string::npos);
        EXPECT_EQ(read_whole(s.files[2]), bad) << "a refusal changes nothing";
      } else {
        // The last record of all: it cannot be told from a torn write.
        ASSERT_TRUE(ledger) << ledger.error().what;
        EXPECT_EQ((*ledger)->size(), 8U);
        EXPECT_EQ((*ledger)->torn_bytes(), kRecord);
        EXPECT_EQ(read_all(**ledger), std::vector(s.model.begin(), s.model.begin() + 8));
      }
    }
    write_whole(s.files[file], whole);
  }
}

TEST(LedgerDamage, ACutOrMissingFileIsRefused) {
  const struct {
    const char* name;
    void (*harm)(const Sample&);
    const char* says;
  } kCases[] = {
      {"first file gone", [](const Sample& s) { std::filesystem::remove(s.files[0]); }, "begins at entry 3, not at 0"},
      {"a middle file cut", [](const Sample& s) { std::filesystem::resize_file(s.files[1], 10); }, "or was cut"},
      {"a middle file emptied", [](const Sample& s) { std::filesystem::resize_file(s.files[1], 0); }, "or was cut"},
      {"a middle file far too long", [](const Sample& s) { std::filesystem::resize_file(s.files[1], 400'000); },
       "cannot be the 3 entries"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Sample s;
    c.harm(s);
    const auto ledger = s.open();
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().code, Errc::malformed);
    EXPECT_NE(ledger.error().what.find(c.says), std::string::npos) << ledger.error().what;
    EXPECT_FALSE(verify(s.dir.path()));
  }
}

TEST(LedgerDamage, AFileWithTheWrongNumberOfSoundEntriesIsRefusedWhenRead) {
  const Sample s;
  std::filesystem::resize_file(s.files[1], 2 * kRecord);  // whole records, one too few: long enough to look right
  const auto ledger = s.open();
  ASSERT_TRUE(ledger) << ledger.error().what;
  const auto read = (*ledger)->read(3, 1);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::malformed);
  EXPECT_NE(read.error().what.find("has 2 entries"), std::string::npos) << read.error().what;
  const auto verified = verify(s.dir.path());
  ASSERT_FALSE(verified);
  EXPECT_NE(verified.error().what.find("begins at entry 6, but 5"), std::string::npos) << verified.error().what;
}

TEST(LedgerDamage, AMissingFileIsSeenByTheFirstReaderThatComesThere) {
  const Sample s;
  std::filesystem::remove(s.files[1]);
  const auto ledger = s.open();
  ASSERT_TRUE(ledger) << ledger.error().what;
  const auto read = (*ledger)->read(0, 100);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::malformed);
  EXPECT_NE(read.error().what.find("has 3 entries, but the next file begins 6 after it"), std::string::npos)
      << read.error().what;
  EXPECT_FALSE(verify(s.dir.path()));
}

TEST(LedgerDamage, AFileThatShrinksUnderAReaderIsSaid) {
  const Sample s;
  const auto ledger = s.open();
  std::filesystem::resize_file(s.files[2], 60);
  const auto read = (*ledger)->read(6, 100);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::malformed);
}

TEST(LedgerDamage, VerifyCountsWhatIsThere) {
  const Sample s;
  EXPECT_EQ(*verify(s.dir.path()), 9U);
  const auto nothing = verify(s.dir / "elsewhere");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Errc::not_found);
  const auto ledger = s.open();  // also while one is open
  EXPECT_EQ(*verify(s.dir.path()), 9U);
}

TEST(SegmentName, RoundTripAndRefusals) {
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{42}, UINT64_MAX})
    EXPECT_EQ(segment_first(segment_name(first)), first);
  for (const char* name : {"", "42.log", "00000000000000000042.lo", "0000000000000000004x.log",
                           "-0000000000000000042.log", "99999999999999999999.log", "00000000000000000042.log.tmp"})
    EXPECT_FALSE(segment_first(name)) << name;
}

}  // namespace
}  // namespace nw::record
