#include "ingest/network/protocols/sql_error.h"

#include <gtest/gtest.h>
#include <string_view>

#include "play.h"

namespace nw::network {
namespace {

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(SqlError, WhatAServerSays) {
  constexpr auto kStatement = SqlErrorAbout::statement, kValues = SqlErrorAbout::values,
                 kSecret = SqlErrorAbout::secret;
  static constexpr struct {
    std::string_view text;
    SqlErrorAbout about;
    std::string_view want;
  } kCases[] = {
      {"syntax error at or near \"a\"", kStatement, "syntax error at or near \"a\""},
      {"syntax error at or near \"a\"", kSecret, "syntax error at or near <secret>"},
      {"Key (password)=(x) already exists.", kStatement, "Key <secret>"},
      {"Duplicate entry 'x' for key 'password'", kStatement, "Duplicate entry <secret>"},
      {"no such table", kSecret, "no such table"},
      {"Fehler bei \xc2\xbbx\xc2\xab", kSecret, "Fehler bei <secret>"},
      // Values of MySQL and MariaDB.
      {"Duplicate entry 'a@b.c' for key 't.mail'", kValues, "Duplicate entry <secret> for key 't.mail'"},
      {"Duplicate entry 'it' for key 'x' for key 'mail'", kValues, "Duplicate entry <secret> for key 'mail'"},
      {"Duplicate entry 'cut off", kValues, "Duplicate entry <secret>"},
      {"Doppelter Eintrag 'a' f\xc3\xbcr Schl\xc3\xbcssel 'k'", kValues, "Doppelter Eintrag <secret>"},
      {"Incorrect integer value: 'abc' for column 'a' at row 1", kValues,
       "Incorrect integer value: <secret> for column 'a' at row 1"},
      {"Truncated incorrect DOUBLE value: 'abc'", kStatement, "Truncated incorrect DOUBLE value: <secret>"},
      {"Incorrect datetime value: 'a' for function str_to_date", kValues,
       "Incorrect datetime value: <secret> for function str_to_date"},
      {"Table has no partition for value 77", kValues, "Table has no partition for value <secret>"},
      {"BIGINT value is out of range in '(1 - 2)'", kValues, "BIGINT value is out of range in <secret>"},
      {"Unknown column 'a' in 'where clause'", kStatement, "Unknown column 'a' in 'where clause'"},
      // Of SQL Server.
      {"Violation of PRIMARY KEY constraint 'PK'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key "
       "value is (7, Doe).",
       kValues,
       "Violation of PRIMARY KEY constraint 'PK'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key "
       "value is <secret>"},
      {"Conversion failed when converting the varchar value 'Doe' to data type int.", kValues,
       "Conversion failed when converting the varchar value <secret> to data type int."},
      {"The conversion of the varchar value '777' overflowed an int column.", kValues,
       "The conversion of the varchar value <secret> overflowed an int column."},
      {"String or binary data would be truncated in table 't', column 'c'. Truncated value: 'Doe'.", kValues,
       "String or binary data would be truncated in table 't', column 'c'. Truncated value: <secret>"},
      {"Arithmetic overflow error for data type tinyint, value = 300.", kValues,
       "Arithmetic overflow error for data type tinyint, value = <secret>"},
      {"Invalid object name 'dbo.t'.", kStatement, "Invalid object name 'dbo.t'."},
      // Of PostgreSQL.
      {"invalid input syntax for type integer: \"Doe\"", kValues, "invalid input syntax for type integer: <secret>"},
      {"value \"999\" is out of range for type smallint", kValues, "value <secret> is out of range for type smallint"},
      {"invalid value \"Do\" for \"YYYY\"", kValues, "invalid value <secret> for \"YYYY\""},
      {"Token \"Doe\" is invalid.", kStatement, "Token <secret> is invalid."},
      {"JSON data, line 1: {\"name\": Doe", kStatement, "JSON data, line <secret>"},
      {"COPY t, line 1, column a: \"Doe\"", kStatement, "COPY t, line 1, column a: <secret>"},
      {"unnamed portal with parameters: $1 = 'Doe'", kStatement, "unnamed portal with parameters: $1 = <secret>"},
      {"duplicate key value violates unique constraint \"t_pkey\"", kStatement,
       "duplicate key value violates unique constraint \"t_pkey\""},
      {"relation \"t\" does not exist", kStatement, "relation \"t\" does not exist"},
      {"", kValues, ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    TextBuffer out;
    append_sql_error(out, as_bytes(c.text), c.about);
    EXPECT_EQ(out.view(), c.want);
  }
}

TEST(SqlError, NumbersThatRepeatValues) {
  EXPECT_EQ(mysql_error_about(1062), SqlErrorAbout::values);
  EXPECT_EQ(mysql_error_about(1146), SqlErrorAbout::statement);
  EXPECT_EQ(tds_error_about(2627), SqlErrorAbout::values);
  EXPECT_EQ(tds_error_about(208), SqlErrorAbout::statement);
}

// Through each of the protocols.
TEST(SqlError, IsHiddenByEach) {
  Play mysql{"mysql", Transport::tcp};
  mysql.give("09000000 03 'insert a'");
  mysql.give("24000001 ff 2604 '#23000Duplicate entry ' 27 'Doe' 27 ' for k'", kBack);
  EXPECT_EQ(mysql.get(0, "response"), "Duplicate entry <secret>");
  Play postgresql{"postgresql", Transport::tcp};
  postgresql.give("'Q' 0000000d 'select a' 00");
  postgresql.give("'E' 0000001b 'C22P02' 00 'Mungueltig ' 22 'x' 22 00 00", kBack);
  EXPECT_EQ(postgresql.get(0, "backend_arg"), "Code=22P02,Message=ungueltig <secret>");
  Play tds{"tds", Transport::tcp};
  tds.give("01 01 0018 0000 01 00 7300 6500 6c00 6500 6300 7400 2000 3100");
  // "no 'x'", by the number 2627
  tds.give(
      "04 01 0032 0000 01 00 aa 1a00 430a0000 01 0e 0600 6e006f002000270078002700 00 00 01000000"
      " fd 0200 c100 0000000000000000",
      kBack);
  EXPECT_EQ(tds.get(0, "error_message"), "no <secret>");
}

}  // namespace
}  // namespace nw::network
