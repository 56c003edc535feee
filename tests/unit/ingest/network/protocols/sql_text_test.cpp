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

constexpr auto kMysql = SqlDialect::mysql, kPostgresql = SqlDialect::postgresql, kTransact = SqlDialect::transact;

TEST(SqlText, PasswordsAreLeftOut) {
  static constexpr struct {
    const char *statement, *mysql, *others;  // null: the same as `mysql`
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
      {"select * from u where password='x'or'1'='1'", "select * from u where password='<secret>'or'1'='1'", nullptr},
      {"change master to master_password='never closed", "change master to master_password='<secret>'", nullptr},
      {"create credential c with identity='u', secret='x'", "create credential c with identity='u', secret='<secret>'",
       nullptr},
      {"select EncryptByPassPhrase('x', 'y')", "select EncryptByPassPhrase('<secret>', '<secret>')", nullptr},
      {"insert into u(password) select 'x' union select 'a'",
       "insert into u(password) select '<secret>' union select 'a'", nullptr},
      // A backslash hides the quote for MySQL only, and for PostgreSQL in E''.
      {R"(set password='a\'b')", "set password='<secret>'", "set password='<secret>''<secret>''<secret>'"},
      {"alter role bob password $$x$$", "alter role bob password '<secret>'", nullptr},
      {"alter role bob password $a$x$a$", "alter role bob password '<secret>'", nullptr},
      {"alter role bob password $a$x$b$", "alter role bob password '<secret>'", nullptr},
      {"select $1", "select $1", nullptr},
      {"update u set password=$1 where id=$2", "update u set password=$1 where id=$2", nullptr},
      {R"(update u set "password" = 'x')", R"(update u set "password" = '<secret>')", nullptr},
      {"update wp_users set user_pass = 'x' where id = 1", "update wp_users set user_pass = '<secret>' where id = 1",
       nullptr},
      {"insert into u(id, Pass) values (1, 'x')", "insert into u(id, Pass) values ('<secret>', '<secret>')", nullptr},
      {"select 1 from passenger where bypass = 'x'", "select 1 from passenger where bypass = 'x'", nullptr},
      {"a\nb", "a\\x0ab", nullptr},
      {"", "", nullptr},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.statement);
    EXPECT_EQ(shown(c.statement, kMysql), c.mysql);
    EXPECT_EQ(shown(c.statement, kPostgresql), c.others != nullptr ? c.others : c.mysql);
    EXPECT_EQ(shown(c.statement, kTransact), c.others != nullptr ? c.others : c.mysql);
  }
}

struct Case {
  const char* statement;
  SqlDialect dialect;
  const char* want;
};

void expect(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.statement);
    EXPECT_EQ(shown(c.statement, c.dialect), c.want);
  }
}

// An apostrophe in a comment or a name opens no string.
TEST(SqlText, CommentsAndNamesArePassedOver) {
  expect({
      {"-- don't\nSET PASSWORD = 'x'", kMysql, "-- don't\\x0aSET PASSWORD = '<secret>'"},
      {"-- don't\nSET PASSWORD = 'x'", kPostgresql, "-- don't\\x0aSET PASSWORD = '<secret>'"},
      {"--don't\nSET PASSWORD = 'x'", kTransact, "--don't\\x0aSET PASSWORD = '<secret>'"},
      {"-- don't\rALTER ROLE a PASSWORD 'x'", kPostgresql, "-- don't\\x0dALTER ROLE a PASSWORD '<secret>'"},
      {"select 1--'a' where password='x'", kMysql, "select 1--'a' where password='<secret>'"},
      {"# it's\nSET PASSWORD = 'x'", kMysql, "# it's\\x0aSET PASSWORD = '<secret>'"},
      {"/* it's */SET PASSWORD = 'x'", kMysql, "/* it's */SET PASSWORD = '<secret>'"},
      {"/* it's */SET PASSWORD = 'x'", kTransact, "/* it's */SET PASSWORD = '<secret>'"},
      {"/* /* */ it's */SET PASSWORD = 'x'", kPostgresql, "/* /* */ it's */SET PASSWORD = '<secret>'"},
      {"/* /* */ SET PASSWORD = 'x'", kMysql, "/* /* */ SET PASSWORD = '<secret>'"},
      {"/*!50000 SET PASSWORD = */ 'x'", kMysql, "/*!50000 SET PASSWORD = */ '<secret>'"},
      {"/*M! SET PASSWORD = */ 'x'", kMysql, "/*M! SET PASSWORD = */ '<secret>'"},
      {"/*", kMysql, "/*"},
      {"-", kMysql, "-"},
      {"`it's` SET PASSWORD = 'x'", kMysql, "`it's` SET PASSWORD = '<secret>'"},
      {"`a``'` SET PASSWORD = 'x'", kMysql, "`a``'` SET PASSWORD = '<secret>'"},
      {"[it's] SET PASSWORD = 'x'", kTransact, "[it's] SET PASSWORD = '<secret>'"},
      {"[a]]'] SET PASSWORD = 'x'", kTransact, "[a]]'] SET PASSWORD = '<secret>'"},
      {"update [u] set [password]='x', [name]='y'", kTransact,
       "update [u] set [password]='<secret>', [name]='<secret>'"},
      {"password = ARRAY['x']", kPostgresql, "password = ARRAY['<secret>']"},
      {"set password = [never closed", kTransact, "set password = '<secret>'"},
      // They may hold a password themselves.
      {"select 1 -- password = x", kMysql, "select 1 --<secret>"},
      {"select 1 /* was: pwd x */ + 1", kTransact, "select 1 /*<secret>*/ + 1"},
      {"set password = 'x' -- was y\n; select 1 -- a", kPostgresql,
       "set password = '<secret>' --<secret>\\x0a; select 1 -- a"},
      {"select 1 --sp_password", kTransact, "select 1 --sp_password"},
  });
}

TEST(SqlText, DollarStringsHoldStatements) {
  expect({
      {"$$it's$$; ALTER ROLE a PASSWORD 'x'", kPostgresql, "$$it's$$; ALTER ROLE a PASSWORD '<secret>'"},
      {"do $a$ begin alter role a password 'x'; perform 'y'; end $a$ language 'z'", kPostgresql,
       "do $a$ begin alter role a password '<secret>'; perform 'y'; end $a$ language 'z'"},
      {"do $a$ execute $b$ set password = 'x' $b$ $a$", kPostgresql,
       "do $a$ execute $b$ set password = '<secret>' $b$ $a$"},
      {"select $$postgresql://u:x@host/db$$", kPostgresql, "select '<secret>'"},
      {"select $$password$$, 'x'", kPostgresql, "select $$password$$, '<secret>'"},
      {"select a$b$, 'c'", kPostgresql, "select a$b$, 'c'"},
      {"$a$ $b$ $c$ $d$ $e$ 'a' $e$", kPostgresql, "$a$ $b$ $c$ $d$ $e$ 'a' $e$"},
      {"$a$ $b$ $c$ $d$ $e$ pwd 'a' $e$", kPostgresql, "$a$ $b$ $c$ $d$ '<secret>'"},
      {"select $tag", kPostgresql, "select $tag"},
  });
}

TEST(SqlText, EscapesEndWithTheirString) {
  expect({
      {R"(set password=E'a\'b', c='d')", kPostgresql, "set password=E'<secret>', c='<secret>'"},
      {R"(SELECT E'a'||'b\', password = 'x')", kPostgresql, R"(SELECT E'a'||'b\x5c', password = '<secret>')"},
      {R"(SELECT e 'b\', password = 'x')", kPostgresql, R"(SELECT e 'b\x5c', password = '<secret>')"},
      {"SELECT E'a'\n'\\'', password = 'x'", kPostgresql, "SELECT E'a'\\x0a'\\x5c'', password = '<secret>'"},
      {R"(SELECT E"b\", password = 'x')", kPostgresql, R"(SELECT E"b\x5c", password = '<secret>')"},
      {R"(select '\', 'password 'x')", kMysql, R"(select '\x5c', 'password '<secret>')"},
  });
}

TEST(SqlText, SecretsWithinStrings) {
  expect({
      {"SELECT dblink_connect('host=h user=u password=x')", kPostgresql, "SELECT dblink_connect('<secret>')"},
      {"CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:x@h/db' PUBLICATION p", kPostgresql,
       "CREATE SUBSCRIPTION s CONNECTION '<secret>' PUBLICATION p"},
      {"select 'http://h:80/a', 'http://h/a:b@c'", kPostgresql, "select 'http://h:80/a', 'http://h/a:b@c'"},
      {"PREPARE p FROM 'SET PASSWORD = \"x\"'", kMysql, "PREPARE p FROM '<secret>'"},
      {"EXEC('ALTER LOGIN sa WITH PASSWORD = ''x''')", kTransact, "EXEC('<secret>')"},
      {"select json_object('password', 'x')", kMysql, "select json_object('password', '<secret>')"},
  });
}

TEST(SqlText, SecretsWithoutQuotes) {
  expect({
      {"ALTER LOGIN a WITH PASSWORD = 0x0200A1 HASHED", kTransact, "ALTER LOGIN a WITH PASSWORD = '<secret>' HASHED"},
      {"CREATE USER a IDENTIFIED WITH p AS 0x2441", kMysql, "CREATE USER a IDENTIFIED WITH p AS '<secret>'"},
      {"where pwd=1234 or 1=1", kMysql, "where pwd='<secret>' or 1=1"},
      {"create user a identified via p using 'x' or q using 'y'; select 'a'", kMysql,
       "create user a identified via p using '<secret>' or q using '<secret>'; select 'a'"},
  });
}

TEST(SqlText, ProceduresThatTakePasswords) {
  expect({
      {"EXEC sp_addlogin 'u', 'p'", kTransact, "EXEC sp_addlogin '<secret>', '<secret>'"},
      {"EXEC sp_addlogin bob, x EXEC xp_cmdshell 'whoami'", kTransact,
       "EXEC sp_addlogin '<secret>', '<secret>' EXEC xp_cmdshell 'whoami'"},
      {"EXEC sp_addlogin N'u', N'p'", kTransact, "EXEC sp_addlogin N'<secret>', N'<secret>'"},
      {"EXEC [sp_addlogin] [bob], [x]", kTransact, "EXEC [sp_addlogin] '<secret>', '<secret>'"},
      {"sp_password @old = x, @new /* a */ = y; select a, b", kTransact,
       "sp_password @old = '<secret>', @new /*<secret>*/ = '<secret>'; select a, b"},
      {"select * from OPENROWSET('p', 's';'u';'x', 'q') where a='b'; select 'c'", kTransact,
       "select * from OPENROWSET('<secret>', '<secret>';'<secret>';'<secret>', '<secret>') where a='b'; select 'c'"},
      {"OPENROWSET(BULK 'c:/a', SINGLE_CLOB)", kTransact, "OPENROWSET(BULK 'c:/a', SINGLE_CLOB)"},
      {"call sp_addlogin('u', 'p')", kMysql, "call sp_addlogin('u', 'p')"},
  });
}

// The server reads quotes otherwise than we do: by its settings, by its version, by a character set.
TEST(SqlText, OutOfStep) {
  expect({
      {R"(select 'a\', 'identified by 'hunter2')", kMysql, R"(select 'a\x5c', 'identified by '<secret>')"},
      {R"(select 'a\'; alter role b password 'hunter2')", kMysql, "select '<secret>''<secret>''<secret>'"},
      {"set password = /*!99999 ' */ 'hunter2'", kMysql, "set password = /*!'<secret>' '<secret>''<secret>''<secret>'"},
      {R"(select 'password = '\hunter2')", kPostgresql, "select '<secret>''<secret>''<secret>'"},
  });
}

TEST(SqlText, IsBounded) {
  const std::string long_one(2 * TextBuffer::kBytesMax, 'x');
  EXPECT_EQ(shown(long_one, kPostgresql).size(), TextBuffer::kBytesMax);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "'a' ";
  EXPECT_EQ(shown(many, kPostgresql).size(), TextBuffer::kBytesMax);
}

}  // namespace
}  // namespace nw::network
