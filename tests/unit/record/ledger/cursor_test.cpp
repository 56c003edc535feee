#include <gtest/gtest.h>

#include "record/ledger/ledger.h"
#include "unit/record/support.h"

namespace nw::record {
namespace {

using namespace test;

TEST(Cursor, BeginsAtTheBeginning) {
  const TempDir dir;
  const auto cursor = Cursor::open(dir / "out.cursor");
  ASSERT_TRUE(cursor);
  EXPECT_EQ(cursor->next(), 0U);
  EXPECT_EQ(cursor->state(), "");
}

TEST(Cursor, IsThisText) {
  const TempDir dir;
  auto cursor = Cursor::open(dir / "c");
  ASSERT_TRUE(cursor->save(42, "a\"b"));
  EXPECT_EQ(read_whole(dir / "c"), "{\"v\":1,\"next\":42,\"state\":\"a\\\"b\",\"crc32c\":\"9a00fdfa\"}\n");
}

TEST(Cursor, ComesBackAsSaved) {
  const TempDir dir;
  const struct {
    const char* name;
    std::uint64_t next;
    std::string state;
  } kCases[] = {
      {"plain", 7, ""},
      {"state", 8, "{\"open\":[1,2]}\n\xe2\x82\xac\x01"},
      {"far", UINT64_MAX, "x"},
      {"longest state", 9, std::string(Cursor::kStateBytesMax, '\x02')},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    auto cursor = Cursor::open(dir / "c");
    ASSERT_TRUE(cursor);
    ASSERT_TRUE(cursor->save(c.next, c.state));
    EXPECT_EQ(cursor->next(), c.next);
    EXPECT_EQ(cursor->state(), c.state);
    const auto again = Cursor::open(dir / "c");
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(again->next(), c.next);
    EXPECT_EQ(again->state(), c.state);
  }
}

TEST(Cursor, RefusesAStateTooLong) {
  const TempDir dir;
  auto cursor = Cursor::open(dir / "c");
  ASSERT_TRUE(cursor->save(1, "kept"));
  const auto saved = cursor->save(2, std::string(Cursor::kStateBytesMax + 1, 'x'));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Errc::invalid_argument);
  EXPECT_EQ(cursor->next(), 1U);
  EXPECT_EQ(Cursor::open(dir / "c")->state(), "kept");
}

TEST(Cursor, SaysWhatIsWrongAndKeepsItsPlace) {
  const TempDir dir;
  auto cursor = Cursor::open(dir / "gone" / "c");
  ASSERT_TRUE(cursor) << "not there is not an error yet";
  const auto saved = cursor->save(5);
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().what.find((dir / "gone" / "c").string()), std::string::npos) << saved.error().what;
  EXPECT_EQ(cursor->next(), 0U);
}

TEST(Cursor, ADamagedFileIsRefused) {
  const TempDir dir;
  auto cursor = Cursor::open(dir / "c");
  ASSERT_TRUE(cursor->save(1234567, "state"));
  const std::string good = read_whole(dir / "c");
  const auto refused = [&](const std::string& bytes) {
    write_whole(dir / "c", bytes);
    const auto got = Cursor::open(dir / "c");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::malformed);
    EXPECT_NE(got.error().what.find((dir / "c").string()), std::string::npos);
    EXPECT_NE(got.error().what.find("Delete the file"), std::string::npos);
  };
  for (std::size_t n = 0; n < good.size(); ++n) {
    SCOPED_TRACE(n);
    refused(good.substr(0, n));
    std::string flipped = good;
    flipped[n] = static_cast<char>(flipped[n] ^ 1);
    refused(flipped);
  }
  refused(good + good);
  refused(std::string(8U << 20, ' '));
  // Rightly sealed, but not what save() writes.
  for (const char* sealed : {"{\"v\":2,\"next\":1,\"state\":\"\",\"crc32c\":\"542e8e8c\"}\n",
                             "{\"v\":1,\"next\":-1,\"state\":\"\",\"crc32c\":\"af7ed56e\"}\n",
                             "{\"v\":1,\"next\":1,\"state\":0,\"crc32c\":\"e715445b\"}\n",
                             "{\"v\":1,\"state\":\"\",\"crc32c\":\"0f6977c8\"}\n", "[1,\"crc32c\":\"5ac8e1c4\"}\n"}) {
    SCOPED_TRACE(sealed);
    refused(sealed);
  }
}

}  // namespace
}  // namespace nw::record
