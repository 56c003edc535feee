#include "record/ledger/crc32c.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::record {
namespace {

TEST(Crc32c, KnownValues) {
  std::string up, down;
  for (int i = 0; i < 32; ++i) {
    up += static_cast<char>(i);
    down += static_cast<char>(31 - i);
  }
  const struct {
    const char* name;
    std::string bytes;
    std::uint32_t want;
  } kCases[] = {
      {"nothing", "", 0},
      {"digits", "123456789", 0xe3069283},
      {"32 zeros (RFC 3720 B.4)", std::string(32, '\0'), 0x8a9136aa},
      {"32 ones (RFC 3720 B.4)", std::string(32, '\xff'), 0x62a8ab43},
      {"incrementing (RFC 3720 B.4)", up, 0x46dd794e},
      {"decrementing (RFC 3720 B.4)", down, 0x113fdb5c},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(crc32c(c.bytes), c.want);
    // In two steps it is the same, wherever the cut.
    for (std::size_t cut = 0; cut <= c.bytes.size(); ++cut)
      EXPECT_EQ(crc32c(std::string_view{c.bytes}.substr(cut), crc32c(std::string_view{c.bytes}.substr(0, cut))),
                c.want);
  }
}

}  // namespace
}  // namespace nw::record
