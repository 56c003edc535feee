#include "ingest/network/protocols/sql_text.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::network {
namespace {

std::string shown(std::string_view statement, SqlDialect dialect) {
  TextBuffer out;
  append_sql(out, {reinterpret_cast<const std::uint8_t*>(statement.data()), statement.size()}, dialect);
  return std::string{out.view()};
}

TEST(SqlText, PasswordsAreLeftOut) {
  static constexpr struct {
    const char *statement, *mysql, *standard;  // null: the same as `mysql`
  } kCases[] = {
      {"select 'a' from b", "select 'a' from b", nullptr},
      {"SET PASSWORD = 'x'", "SET PASSWORD = '<secret>'", nullptr},
      {"set password for 'bob' = password('x')", "set password for '<secret>' = password('<secret>')", nullptr},
      {"create user bob identified with p by 'x''y' require ssl",
       "create user bob identified with p by '<secret>' require ssl", nullptr},
      {"ALTER ROLE bob WITH ENCRYPTED PASSWORD 'x' VALID UNTIL 'y'",
       "ALTER ROLE bob WITH ENCRYPTED PASSWORD '<secret>' VALID UNTIL '<secret>'", nullptr},
      {"CREATE LOGIN sa WITH PASSWORD = N\"x\"; SELECT 'a'", "CREATE LOGIN sa WITH PASSWORD = N'<secret>'; SELECT 'a'",
       nullptr},
      {"select * from u where password='x' or '1'='1'", "select * from u where password='<secret>' or '1'='1'",
       nullptr},
      {"change master to master_password='never closed", "change master to master_password='<secret>'", nullptr},
      // A backslash hides the quote for MySQL only, and for PostgreSQL in E''.
      {R"(select '\', 'password 'x')", R"(select '\x5c', 'password '<secret>')", R"(select '\x5c', 'password 'x')"},
      {R"(set password='a\'b')", "set password='<secret>'", "set password='<secret>'b'<secret>'"},
      {R"(set password=E'a\'b')", "set password=E'<secret>'", nullptr},
      {"alter role bob password $$x$$", "alter role bob password '<secret>'", nullptr},
      {"alter role bob password $a$x$a$", "alter role bob password '<secret>'", nullptr},
      {"select $1", "select $1", nullptr},
      {"update u set password=$1 where id=$2", "update u set password=$1 where id=$2", nullptr},
      {R"(update u set "password" = 'x')", R"(update u set "password" = '<secret>')", nullptr},
      {"a\nb", "a\\x0ab", nullptr},
      {"", "", nullptr},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.statement);
    EXPECT_EQ(shown(c.statement, SqlDialect::mysql), c.mysql);
    EXPECT_EQ(shown(c.statement, SqlDialect::standard), c.standard != nullptr ? c.standard : c.mysql);
  }
}

TEST(SqlText, IsBounded) {
  const std::string long_one(2 * TextBuffer::kBytesMax, 'x');
  EXPECT_EQ(shown(long_one, SqlDialect::standard).size(), TextBuffer::kBytesMax);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "'a' ";
  EXPECT_EQ(shown(many, SqlDialect::standard).size(), TextBuffer::kBytesMax);
}

}  // namespace
}  // namespace nw::network
