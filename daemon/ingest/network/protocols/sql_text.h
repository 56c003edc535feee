// A database's statement as an event shows it: escaped, bounded, and without the passwords that statements may set.
// What a server says of one: sql_error.h.
#pragma once

#include <cstdint>

#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

// What tells where a string, a quoted name and a comment end. MySQL lets a backslash escape the quote, PostgreSQL in
// E'' only, Transact-SQL never.
enum class SqlDialect : std::uint8_t { mysql, postgresql, transact };

// Appends `statement`. Strings and numbers behind a word that has "password", "pwd", "secret", "identified" or the like
// in it are written '<secret>', until the condition or the statement ends; so are strings, and the inside of comments,
// that have such a word among others. Other strings stay: what is secret in a table, nobody can tell.
void append_sql(TextBuffer& out, Bytes statement, SqlDialect dialect);

// Whether such a word is anywhere in `statement`.
bool has_sql_secret(Bytes statement);

}  // namespace nw::network
