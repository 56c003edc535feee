// What a database says of a statement that failed, as an event shows it: servers repeat parts of the statement, and
// values of rows that no statement shows.
#pragma once

#include <cstdint>

#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

enum class SqlErrorAbout : std::uint8_t {
  statement,  // a statement without secrets
  values,     // the same, and by its number it repeats a value
  secret,     // a statement that has a secret, or is not known
};
// Whether an error by this number repeats values.
SqlErrorAbout mysql_error_about(std::uint32_t number) noexcept;
SqlErrorAbout tds_error_about(std::uint32_t number) noexcept;

// Appends `text`. Values of the forms that we know are left out: Duplicate entry <secret> for key 'name'. A text that
// has none of them though it is about values, is about a secret, or speaks of one, ends where something is repeated.
void append_sql_error(TextBuffer& out, Bytes text, SqlErrorAbout about);
// PostgreSQL says why, with rows in parentheses: Failing row contains <secret>, Key (name)=<secret>.
void append_sql_detail(TextBuffer& out, Bytes text, SqlErrorAbout about);

}  // namespace nw::network
