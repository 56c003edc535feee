#include "record/ledger/peek.h"

#include <gtest/gtest.h>

#include "unit/record/support.h"

namespace nw::record {
namespace {

using test::TempDir;

std::string entry_text(std::uint64_t number) { return "{\"n\":" + std::to_string(number) + "}"; }

TEST(Peek, ReadsSingleEntriesBesideTheWriter) {
  const TempDir dir;
  LedgerOptions options;
  options.directory = dir / "ledger";
  options.segment_bytes_max = 200;  // many files
  auto ledger = Ledger::open(options);
  ASSERT_TRUE(ledger) << ledger.error().what;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::string text = entry_text(i);
    ASSERT_TRUE((*ledger)->append(std::span{&text, 1}));
  }
  const std::vector<std::vector<std::uint64_t>> kCases{
      {}, {0}, {99}, {0, 1, 2}, {3, 50, 98, 99}, {42},
  };
  for (const auto& indices : kCases) {
    const auto got = peek(options.directory, indices);
    ASSERT_TRUE(got) << got.error().what;
    ASSERT_EQ(got->size(), indices.size());
    for (std::size_t i = 0; i < indices.size(); ++i) {
      EXPECT_EQ((*got)[i].index, indices[i]);
      EXPECT_EQ((*got)[i].payload, entry_text(indices[i]));
    }
  }
  const std::vector<std::uint64_t> beyond{7, 100};
  const auto missing = peek(options.directory, beyond);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_NE(missing.error().what.find("entry 100"), std::string::npos) << missing.error().what;
}

TEST(Peek, SaysWhichFileIsDamaged) {
  const TempDir dir;
  LedgerOptions options;
  options.directory = dir / "ledger";
  options.segment_bytes_max = 200;
  {
    auto ledger = Ledger::open(options);
    for (std::uint64_t i = 0; i < 100; ++i) {
      const std::string text = entry_text(i);
      ASSERT_TRUE((*ledger)->append(std::span{&text, 1}));
    }
  }
  const auto first = options.directory / "journal" / "00000000000000000000.log";
  std::string bytes = test::read_whole(first);
  bytes[10] = 'x';
  test::write_whole(first, bytes);
  const std::vector<std::uint64_t> harmed{1}, sound{99};
  const auto got = peek(options.directory, harmed);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::malformed);
  EXPECT_NE(got.error().what.find(first.string()), std::string::npos) << got.error().what;
  EXPECT_TRUE(peek(options.directory, sound)) << "the others are read";
  EXPECT_FALSE(peek(dir / "none", sound));
}

}  // namespace
}  // namespace nw::record
