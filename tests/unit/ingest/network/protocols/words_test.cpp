#include "ingest/network/protocols/words.h"

#include <gtest/gtest.h>

namespace nw::network {
namespace {

TEST(Words, AreTaken) {
  std::string_view text = "MAIL  FROM:<a>";
  EXPECT_EQ(take_word(text), "MAIL");
  EXPECT_EQ(text, "FROM:<a>");
  EXPECT_EQ(take_word(text), "FROM:<a>");
  EXPECT_EQ(text, "");
  EXPECT_EQ(take_word(text), "");
  EXPECT_TRUE(same_word("Rcpt", "rCPT"));
  EXPECT_FALSE(same_word("RCPT", "RCPTS"));
  EXPECT_TRUE(starts_with_word("From:<a>", "FROM:"));
  EXPECT_FALSE(starts_with_word("Fro", "FROM:"));
  EXPECT_TRUE(contains_word("220 ProFTPD", "ftp"));
  EXPECT_FALSE(contains_word("220", "ftp"));
  EXPECT_TRUE(is_command("aUTHENTICATEabcd"));
  EXPECT_FALSE(is_command("AUTHENTICATEabcde"));
  EXPECT_FALSE(is_command(""));
  EXPECT_FALSE(is_command("A1"));
  EXPECT_EQ(capitals("Retr"), "RETR");
}

}  // namespace
}  // namespace nw::network
