#include "ingest/logs/transports/rotated_name.h"

#include <gtest/gtest.h>

namespace nw::logs {
namespace {

TEST(RotatedName, Reads) {
  static constexpr struct {
    const char *base, *name;
    bool rotated;
    std::uint64_t number;
    const char* date;
    Packing packing;
  } kCases[] = {
      {"access.log", "access.log.1", true, 2, "", Packing::none},
      {"access.log", "access.log.0", true, 1, "", Packing::none},
      {"access.log", "access.log.12.gz", true, 13, "", Packing::gzip},
      {"access.log", "access.log.1.zst", true, 2, "", Packing::zstd},
      {"access.log", "access.log.1.xz", true, 2, "", Packing::xz},
      {"access.log", "access.log.1.bz2", true, 2, "", Packing::bzip2},
      {"access.log", "access.1.log", true, 2, "", Packing::none},
      {"access.log", "access.log-20240131", true, 0, "20240131", Packing::none},
      {"access.log", "access-20240131.log.gz", true, 0, "20240131", Packing::gzip},
      {"access.log", "access.log.2024-01-31", true, 0, "20240131", Packing::none},
      {"access.log", "access-2024-01-31T10:00.log", true, 0, "202401311000", Packing::none},
      {"syslog", "syslog.1", true, 2, "", Packing::none},
      {"access.log", "access.log.old", true, 1, "", Packing::none},
      {"access.log", "access.log", false, 0, "", Packing::none},
      {"access.log", "access.log.gz", false, 0, "", Packing::none},
      {"access.log", "access.log.swp", false, 0, "", Packing::none},
      {"access.log", "access-2.log", false, 0, "", Packing::none},
      {"access.log", "access-tls.log", false, 0, "", Packing::none},
      {"access.log", "other.log.1", false, 0, "", Packing::none},
      {"access.log", "access.log2", false, 0, "", Packing::none},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto got = rotated_name(c.base, c.name);
    ASSERT_EQ(got.has_value(), c.rotated);
    if (!got) continue;
    EXPECT_EQ(got->number, c.number);
    EXPECT_EQ(got->date, c.date);
    EXPECT_EQ(got->packing, c.packing);
  }
}

TEST(RotatedName, Before) {
  const auto before = [](const char* a, const char* b) {
    return rotated_name("x.log", a)->before(*rotated_name("x.log", b));
  };
  EXPECT_EQ(before("x.log.2.gz", "x.log.1"), true);
  EXPECT_EQ(before("x.log.9", "x.log.10"), false);
  EXPECT_EQ(before("x.log-20240101", "x.log-20240102"), true);
  EXPECT_EQ(before("x.log-20240102", "x.log-20240101"), false);
  EXPECT_EQ(before("x.log.1", "x.log.1.gz"), std::nullopt);
  EXPECT_EQ(before("x.log.1", "x.log-20240102"), std::nullopt);
  EXPECT_EQ(before("x.log-2024010112", "x.log-20240102"), std::nullopt);
}

TEST(RotatedName, Stem) {
  static constexpr struct {
    const char *name, *want;
  } kCases[] = {{"access.log", "access"},
                {"access.log.2.gz", "access"},
                {"access-20240131.log.zst", "access"},
                {"syslog", "syslog"},
                {"syslog.1", "syslog"},
                {"eth0", "eth0"},
                {"app.2024-01-31.log", "app"},
                {".1", ".1"},
                {"123", "123"}};
  for (const auto& c : kCases) {
    EXPECT_EQ(rotation_stem(c.name), c.want) << c.name;
  }
}

}  // namespace
}  // namespace nw::logs
