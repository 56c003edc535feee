// What the time modifiers take for a time, and which part of it.
#include "detect/sigma/time_part.h"

#include <gtest/gtest.h>

#include "harness.h"

namespace nw::sigma {
namespace {

using event::Value;

// "minute hour day week month year"; '-' where there is none.
std::string parts(const Value& value) {
  std::string out;
  for (const TimePart part :
       {TimePart::minute, TimePart::hour, TimePart::day, TimePart::week, TimePart::month, TimePart::year}) {
    const auto got = part_of(part, value);
    out += (out.empty() ? "" : " ") + (got ? std::to_string(*got) : "-");
  }
  return out;
}

TEST(SigmaTimePart, Text) {
  static constexpr struct {
    const char* name;
    const char* text;
    const char* want;
  } kCases[] = {
      {"Windows", "2020-10-19 03:30:41.104", "30 3 19 43 10 2020"},
      {"RFC 3339", "2020-10-19T03:30:41Z", "30 3 19 43 10 2020"},
      {"evtx_dump", "2020-10-19T03:30:41.104000Z", "30 3 19 43 10 2020"},
      {"small letters", "2020-10-19t03:30:41z", "30 3 19 43 10 2020"},
      {"an offset moves nothing", "2020-10-19T23:59:41+02:00", "59 23 19 43 10 2020"},
      {"an offset without a colon", "2020-10-19T23:59:41.1-0230", "59 23 19 43 10 2020"},
      {"an offset of hours", "2020-10-19T23:59:41+02", "59 23 19 43 10 2020"},
      {"a space before the zone", "2020-10-19 23:59:41 +0200", "59 23 19 43 10 2020"},
      {"no zone", "2020-10-19T03:30:41", "30 3 19 43 10 2020"},
      {"no seconds", "2020-10-19T03:30", "30 3 19 43 10 2020"},
      {"a decimal comma", "2020-10-19 03:30:41,104", "30 3 19 43 10 2020"},
      {"a leap second", "2016-12-31T23:59:60Z", "59 23 31 52 12 2016"},
      {"basic format", "20201019T033041Z", "30 3 19 43 10 2020"},
      {"a date has no hour", "2020-10-19", "- - 19 43 10 2020"},
      {"space around", " 2020-10-19 03:30:41 ", "30 3 19 43 10 2020"},
      {"seconds as text", "1603078241", "30 3 19 43 10 2020"},
      {"Zeek's seconds as text", "1603078241.104000", "30 3 19 43 10 2020"},
      {"week 53", "2020-12-31", "- - 31 53 12 2020"},
      {"the week of the year before", "2021-01-03", "- - 3 53 1 2021"},
      {"a Monday opens a week", "2021-01-04", "- - 4 1 1 2021"},
      {"the week of the year after", "2018-12-31", "- - 31 1 12 2018"},
      {"a leap day", "2024-02-29", "- - 29 9 2 2024"},
      {"no leap day", "2023-02-29", "- - - - - -"},
      {"hour 24", "2020-10-19T24:00:00Z", "- - - - - -"},
      {"minute 60", "2020-10-19T03:60:00Z", "- - - - - -"},
      {"month 13", "2020-13-19", "- - - - - -"},
      {"eight digits", "20201019", "- - - - - -"},
      {"something behind", "2020-10-19T03:30:41Zx", "- - - - - -"},
      {"half an offset", "2020-10-19T03:30:41+0", "- - - - - -"},
      {"day first", "19.10.2020 03:30", "- - - - - -"},
      {"a word", "yesterday", "- - - - - -"},
      {"nothing", "", "- - - - - -"},
      {"a small number", "4625", "- - - - - -"},
      {"not a number", "nan", "- - - - - -"},
      {"endless", "inf", "- - - - - -"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(parts(Value::text(c.text)), c.want);
  }
}

// A text cut anywhere is read or not, never past its end.
TEST(SigmaTimePart, EveryPrefix) {
  constexpr std::string_view kWhole = "2020-10-19T03:30:41.104+02:00";
  for (std::size_t n = 0; n <= kWhole.size(); ++n) {
    const std::string copy{kWhole.substr(0, n)};
    const bool date_alone = n == 10;
    const bool time = n == 16 || n == 19 || (n >= 20 && n <= 23) || n == 26 || n == 29;
    EXPECT_EQ(part_of(TimePart::hour, Value::text(copy)).has_value(), time) << copy;
    EXPECT_EQ(part_of(TimePart::day, Value::text(copy)).has_value(), time || date_alone) << copy;
  }
}

TEST(SigmaTimePart, Numbers) {
  constexpr const char* kWant = "30 3 19 43 10 2020";
  constexpr const char* kNone = "- - - - - -";
  const struct {
    const char* name;
    Value value;
    const char* want;
  } cases[] = {
      {"seconds", Value::integer(1603078241), kWant},
      {"milliseconds", Value::integer(1603078241104), kWant},
      {"microseconds", Value::integer(1603078241104000), kWant},
      {"nanoseconds", Value::integer(1603078241104000000), kWant},
      {"seconds with a fraction", Value::real(1603078241.5), kWant},
      {"milliseconds with a fraction", Value::real(1603078241104.5), kWant},
      {"the least seconds", Value::integer(100'000'000), "46 9 3 9 3 1973"},
      {"below", Value::integer(99'999'999), kNone},
      {"the greatest seconds", Value::integer(99'999'999'999), "46 9 16 46 11 5138"},
      {"then milliseconds", Value::integer(100'000'000'000), "46 9 3 9 3 1973"},
      {"negative", Value::integer(-1603078241), kNone},
      {"the greatest integer", Value::integer(INT64_MAX), kNone},
      {"the least integer", Value::integer(INT64_MIN), kNone},
      {"a time", Value::time(from_unix_nanoseconds(1603078241104000000)), kWant},
      {"a time before 1970", Value::time(from_unix_nanoseconds(-1)), "59 23 31 1 12 1969"},
      {"a truth", Value::boolean(true), kNone},
      {"nothing", Value{}, kNone},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(parts(c.value), c.want);
  }
}

TEST(SigmaTimePart, InRules) {
  static constexpr struct {
    const char* name;
    const char* item;
    const char* event;
    bool want;
  } kCases[] = {
      {"equal", "f|hour: 3", "{f: '2020-10-19 03:30:41.104'}", true},
      {"another hour", "f|hour: 4", "{f: '2020-10-19 03:30:41.104'}", false},
      {"a list", "f|hour: [2, 3]", "{f: '2020-10-19 03:30:41.104'}", true},
      {"gte", "f|hour|gte: 3", "{f: '2020-10-19 03:30:41.104'}", true},
      {"gt", "f|hour|gt: 3", "{f: '2020-10-19 03:30:41.104'}", false},
      {"the other order", "f|lt|hour: 4", "{f: '2020-10-19 03:30:41.104'}", true},
      {"lte", "f|minute|lte: 29", "{f: '2020-10-19 03:30:41.104'}", false},
      {"neq", "f|day|neq: 20", "{f: '2020-10-19'}", true},
      {"neq of the same", "f|day|neq: 19", "{f: '2020-10-19'}", false},
      {"month", "f|month: 10", "{f: 1603078241}", true},
      {"year", "f|year: 2020", "{f: 1603078241.5}", true},
      {"week", "f|week: 53", "{f: '2021-01-03'}", true},
      {"any element", "f|hour: 3", "{f: [x, '2020-10-19T03:30Z']}", true},
      {"no time", "f|hour: 3", "{f: 3}", false},
      {"neq of no time", "f|hour|neq: 3", "{f: word}", true},
      {"absent", "f|hour: 3", "{g: 1}", false},
      {"neq of absent", "f|hour|neq: 3", "{g: 1}", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(fires(item_text(c.item), c.event), c.want);
  }
}

TEST(SigmaTimePart, Refused) {
  for (const char* item : {"f|hour: '3'", "f|hour: 24", "f|minute: 60", "f|month: 0", "f|week: 54", "f|day: 1.5",
                           "f|hour: null", "f|hour|contains: 3", "f|re|hour: 3", "f|hour|day: 3", "f|hour|fieldref: g",
                           "f|hour|cased: 3", "f|hour|exists: true", "'|hour': 3"}) {
    Bench bench;
    EXPECT_EQ(bench.compile(item_text(item)), nullptr) << item;
    ASSERT_FALSE(bench.diagnostics.all().empty()) << item;
    EXPECT_EQ(bench.diagnostics.all().front().code, "modifier-use") << item;
  }
}

}  // namespace
}  // namespace nw::sigma
