// A database's statement as an event shows it: escaped, bounded, and without the passwords that statements may set.
#pragma once

#include <cstdint>

#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

// How a string's end is found: MySQL lets a backslash escape the quote, the standard only a second quote.
enum class SqlDialect : std::uint8_t { mysql, standard };

// Appends `statement`. A string behind a word that has "password", "passwd", "pwd" or "identified" in it is written
// '<secret>', until the condition or the statement ends. Other strings stay: what is secret in a table, nobody can
// tell.
void append_sql(TextBuffer& out, Bytes statement, SqlDialect dialect);

}  // namespace nw::network
