// Comma-separated values as people save them from a spreadsheet: RFC 4180, also with ';' or tabs, and a byte order
// mark.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nw::context {

struct CsvRow {
  std::size_t line = 0;  // where it begins
  std::vector<std::string> fields;
};

struct CsvFile {
  char separator = ',';
  std::vector<CsvRow> rows;  // the header first; empty lines are not among them
};

constexpr std::size_t kCsvFieldsMax = 256, kCsvRowsMax = 200'000;

// The separator is the one of ',', ';' and tab that the first line has most of. `malformed` names the line: a quote
// that nothing ends, text behind one, bytes that are no UTF-8, too many rows or fields.
Result<CsvFile> read_csv(std::string_view text);

}  // namespace nw::context
