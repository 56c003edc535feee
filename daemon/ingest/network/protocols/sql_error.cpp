#include "ingest/network/protocols/sql_error.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "ingest/network/protocols/sql_text.h"

namespace nw::network {

namespace {

constexpr std::string_view kHidden = "<secret>";

// What stands before a value, with its quote, and what may stand behind it; else it ends the text.
struct Form {
  std::string_view before;
  std::array<std::string_view, 3> behind;
};
constexpr auto kForms = std::to_array<Form>({
    // MySQL and MariaDB: 1062; 1366, 1292, 1411 (SQL Server's 2628, too); 1526; 1690.
    {"Duplicate entry '", {"' for key "}},
    {" value: '", {"' for column ", "' for function "}},
    {" for value ", {}},
    {" value is out of range in '", {}},
    // SQL Server: 244, 245, 248; 2601, 2627; 220, 232.
    {" value '", {"' to data type ", "' to a column of data type ", "' overflowed "}},
    {" duplicate key value is (", {}},
    {", value = ", {}},
    // PostgreSQL: class 22; where it happened.
    {": \"", {}},
    {"value \"", {"\" is out of range", "\" for "}},
    {"Token \"", {"\" is invalid"}},
    {"JSON data, line ", {}},
    {" = '", {}},
});

// Where a value is, with its quotes.
struct Place {
  Bytes before, behind;
};

bool is_mark(std::uint8_t c) { return c == '\'' || c == '"' || c == '('; }

std::optional<Place> find_value(Bytes text) {
  const Form* found = nullptr;
  auto first = text.end();
  for (const Form& form : kForms) {
    const auto at = std::search(text.begin(), first, form.before.begin(), form.before.end());
    if (at == first) continue;
    first = at;
    found = &form;
  }
  if (found == nullptr) return {};
  const auto value = first + static_cast<std::ptrdiff_t>(found->before.size());
  Place out{{text.begin(), is_mark(*(value - 1)) ? value - 1 : value}, {}};
  for (const std::string_view behind : found->behind) {
    // A value may look so itself; the last one is the server's.
    const auto at = behind.empty() ? text.end() : std::find_end(value, text.end(), behind.begin(), behind.end());
    if (at == text.end()) continue;
    out.behind = {at + 1, text.end()};
    break;
  }
  return out;
}

}  // namespace

SqlErrorAbout mysql_error_about(std::uint32_t number) noexcept {
  static constexpr auto kNumbers =
      std::to_array<std::uint32_t>({1062, 1105, 1292, 1300, 1366, 1367, 1411, 1525, 1526, 1586, 1690, 1772});
  return std::ranges::binary_search(kNumbers, number) ? SqlErrorAbout::values : SqlErrorAbout::statement;
}

SqlErrorAbout tds_error_about(std::uint32_t number) noexcept {
  static constexpr auto kNumbers =
      std::to_array<std::uint32_t>({220, 232, 244, 245, 248, 1505, 2601, 2627, 2628, 9819});
  return std::ranges::binary_search(kNumbers, number) ? SqlErrorAbout::values : SqlErrorAbout::statement;
}

void append_sql_error(TextBuffer& out, Bytes text, SqlErrorAbout about) {
  constexpr std::string_view kRepeats = "'\"`([$";
  if (about != SqlErrorAbout::secret && !has_sql_secret(text)) {
    if (const auto place = find_value(text)) {
      out.append_escaped(place->before);
      out.append(kHidden);
      return out.append_escaped(place->behind);
    }
    if (about == SqlErrorAbout::statement) return out.append_escaped(text);
  }
  const auto repeats = std::ranges::find_if(
      text, [&](std::uint8_t c) { return kRepeats.find(static_cast<char>(c)) != std::string_view::npos || c >= 0x80; });
  out.append_escaped({text.begin(), repeats});
  if (repeats != text.end()) out.append(kHidden);
}

void append_sql_detail(TextBuffer& out, Bytes text, SqlErrorAbout about) {
  constexpr std::string_view kValues = ")=(";
  auto end = std::search(text.begin(), text.end(), kValues.begin(), kValues.end());
  end = end == text.end() ? std::ranges::find(text, '(') : end + 2;
  if (end == text.end() || about == SqlErrorAbout::secret) return append_sql_error(out, text, about);
  out.append_escaped({text.begin(), end});
  out.append(kHidden);
}

}  // namespace nw::network
