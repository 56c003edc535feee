#include "record/reporting/within.h"

#include "shipped.h"

namespace nw::reporting {
namespace {

TEST(Within, ReadsPeriods) {
  static constexpr struct {
    const char* text;
    const char* want;  // empty: refused
  } kCases[] = {
      {"24h", "24 hours"},
      {"72h", "72 hours"},
      {"4h", "4 hours"},
      {"1h", "1 hour"},
      {"14d", "14 days"},
      {"1d", "24 hours"},
      {"30m", "30 minutes"},
      {"90s", "90s"},
      {"1 month", "1 month"},
      {"3 months", "3 months"},
      {"120 months", "120 months"},
      {"3660d", "3660 days"},
      {"", ""},
      {"0h", ""},
      {"-1h", ""},
      {"24", ""},
      {"month", ""},
      {"0 months", ""},
      {"121 months", ""},
      {"1  month", ""},
      {"1 year", ""},
      {" 1 month", ""},
      {"99999999999 months", ""},
      {"3661d", ""},
      {"99999999999999d", ""},
      {"1.5 months", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto within = parse_within(c.text);
    ASSERT_EQ(within.has_value(), *c.want != '\0');
    if (within) {
      EXPECT_EQ(to_text(*within), c.want);
    }
  }
  EXPECT_NE(parse_within("2 weeks").error().what.find("'2 weeks' is no period; write 24h, 14d or 1 month"),
            std::string::npos);
}

TEST(Within, CalendarMonths) {
  static constexpr struct {
    const char *from, *within, *last_day, *next_day;
  } kCases[] = {
      {"2026-01-15T10:00:00Z", "1 month", "2026-02-15T10:00:00Z", "2026-02-15T10:00:00Z"},
      {"2026-01-31T23:59:59Z", "1 month", "2026-02-28T23:59:59Z", "2026-03-01T23:59:59Z"},
      {"2028-01-31T10:00:00Z", "1 month", "2028-02-29T10:00:00Z", "2028-03-01T10:00:00Z"},
      {"2026-01-28T10:00:00Z", "1 month", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00Z"},
      {"2026-02-28T10:00:00Z", "1 month", "2026-03-28T10:00:00Z", "2026-03-28T10:00:00Z"},
      {"2026-03-31T10:00:00Z", "1 month", "2026-04-30T10:00:00Z", "2026-05-01T10:00:00Z"},
      {"2026-12-31T10:00:00Z", "1 month", "2027-01-31T10:00:00Z", "2027-01-31T10:00:00Z"},
      {"2026-12-31T10:00:00Z", "2 months", "2027-02-28T10:00:00Z", "2027-03-01T10:00:00Z"},
      {"2024-02-29T10:00:00Z", "12 months", "2025-02-28T10:00:00Z", "2025-03-01T10:00:00Z"},
      // Days are no months.
      {"2026-01-31T10:00:00Z", "30d", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"},
      // Clocks that change in the zone of the reader do not change an hour's length.
      {"2026-03-28T12:00:00Z", "24h", "2026-03-29T12:00:00Z", "2026-03-29T12:00:00Z"},
      {"2026-10-24T12:00:00Z", "72h", "2026-10-27T12:00:00Z", "2026-10-27T12:00:00Z"},
      // Before 1970, too.
      {"1969-12-31T10:00:00Z", "2 months", "1970-02-28T10:00:00Z", "1970-03-01T10:00:00Z"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.from} + " + " + c.within);
    EXPECT_EQ(to_rfc3339(add(at(c.from), *parse_within(c.within), MonthEnd::last_day), 0), c.last_day);
    EXPECT_EQ(to_rfc3339(add(at(c.from), *parse_within(c.within), MonthEnd::next_day), 0), c.next_day);
  }
}

TEST(Within, EndsWhereTimeEnds) {
  for (const char* within : {"120 months", "3660d"}) {
    EXPECT_EQ(add(at("2261-12-31T23:59:59Z"), *parse_within(within), MonthEnd::last_day), Timestamp::max()) << within;
  }
}

}  // namespace
}  // namespace nw::reporting
