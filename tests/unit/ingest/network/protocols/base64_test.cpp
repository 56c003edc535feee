#include "ingest/network/protocols/base64.h"

#include <gtest/gtest.h>

namespace nw::network {
namespace {

// What stands in the name's place is told only when nothing else can stand there.
TEST(PlainUser, OnlyOfAWholeOne) {
  static constexpr struct {
    const char *name, *text, *user;
  } kCases[] = {
      {"a name and a password", "AGFubmEAc2VjcmV0OTk=", "anna"},
      {"on behalf of another", "Ym9iAGFubmEAc2VjcmV0OTk=", "anna"},
      {"without the first NUL", "YW5uYQBzZWNyZXQ5OQ==", "-"},
      {"without a name", "AABzZWNyZXQ5OQ==", "-"},
      {"without a password", "AGFubmEA", "-"},
      {"without NULs", "c2VjcmV0OTk=", "-"},
      {"with a third NUL", "AGFubmEAc2VjAHJldA==", "-"},
      {"without its padding", "AGFubmEAc2VjcmV0OTk", "-"},
      {"cut", "AGFubmEAc2Vjc", "-"},
      {"with something behind it", "AGFubmEAc2VjcmV0OTk= x", "-"},
      {"padding within", "AGFubmEA=2VjcmV0OTk=", "-"},
      {"nothing", "", "-"},
      {"a cancelled login", "*", "-"},
      {"the empty answer", "=", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(plain_user(c.text).value_or("-"), c.user);
  }
}

TEST(Base64, AsFarAsItGoes) {
  EXPECT_EQ(from_base64("YWxpY2U6c2VjcmV0"), "alice:secret");
  EXPECT_EQ(from_base64("YWxpY2U6c2VjcmV0!YW"), "alice:secret");
  EXPECT_EQ(from_base64(""), "");
}

}  // namespace
}  // namespace nw::network
