#include "record/reporting/statistics.h"

#include "shipped.h"

namespace nw::reporting {
namespace {

CountedIncident incident(const std::string& sector, const std::string& kind, DeadlineState state) {
  CountedIncident out;
  out.sectors = {sector};
  out.kind = kind;
  out.rsit = "availability.dos";
  out.norms = {"13f", "13g", "13f"};
  out.occurred_at = at("2026-03-01T08:00:00Z");
  out.detected_at = at("2026-03-01T10:30:00Z");
  out.aware_at = at("2026-03-01T11:00:00Z");
  out.malicious = true;
  Deadline deadline;
  deadline.stage = "early_warning";
  deadline.state = state;
  out.deadlines.push_back(deadline);
  return out;
}

TEST(Statistics, CountsAYear) {
  std::vector<CountedIncident> incidents;
  for (int i = 0; i < 9; ++i)
    incidents.push_back(incident("water.supply", i < 5 ? "dos" : "outage",
                                 i < 6 ? DeadlineState::done_in_time : DeadlineState::overdue));
  for (int i = 0; i < 3; ++i) incidents.push_back(incident("health, \"acute\"", "dos", DeadlineState::done_late));
  incidents.push_back(incident("energy", "dos", DeadlineState::running));
  incidents.back().aware_at = at("2027-01-01T00:00:00Z");  // another year
  const std::string want =
      "year,dimension,key,measure,value\r\n"
      "2026,all,incidents,incidents,12\r\n"
      "2026,class,dos,incidents,hidden\r\n"  // 8: the next smallest
      "2026,class,outage,incidents,<5\r\n"
      "2026,cross_border,unstated,incidents,12\r\n"
      "2026,malicious,yes,incidents,12\r\n"
      "2026,norm,13f,incidents,12\r\n"
      "2026,norm,13g,incidents,12\r\n"
      "2026,root_cause,unstated,incidents,12\r\n"
      "2026,rsit,availability.dos,incidents,12\r\n"
      "2026,sector,\"health, \"\"acute\"\"\",incidents,<5\r\n"
      "2026,sector,water.supply,incidents,hidden\r\n"
      "2026,stage,early_warning,late,6\r\n"
      "2026,stage,early_warning,met,6\r\n"
      "2026,time,awareness,hours_mean,0.5\r\n"
      "2026,time,detection,hours_mean,2.5\r\n";
  EXPECT_EQ(yearly_statistics(incidents, {2026, 5}), want);
}

// No count from 1 to 4 is told, and none can be had by taking the others from the sum.
TEST(Statistics, HidesSmallCounts) {
  for (std::size_t few = 1; few <= 12; ++few) {
    std::vector<CountedIncident> incidents;
    for (std::size_t i = 0; i < 12; ++i)
      incidents.push_back(
          incident(i < few ? "a" : "b", "dos", i < few ? DeadlineState::done_late : DeadlineState::done_in_time));
    const std::string csv = yearly_statistics(incidents, {2026, 5});
    SCOPED_TRACE(csv);
    const bool hidden = few < 5 || (few > 7 && few < 12);
    EXPECT_EQ(csv.find("sector,a,incidents," + std::to_string(few) + "\r\n") == std::string::npos, hidden);
    EXPECT_EQ(csv.find("sector,b,incidents," + std::to_string(12 - few) + "\r\n") == std::string::npos,
              hidden || few == 12);
    EXPECT_EQ(csv.find("stage,early_warning,late," + std::to_string(few) + "\r\n") == std::string::npos, hidden);
  }
  std::vector<CountedIncident> four(4, incident("a", "dos", DeadlineState::running));
  const std::string csv = yearly_statistics(four, {2026, 5});
  EXPECT_NE(csv.find("2026,all,incidents,incidents,<5\r\n"), std::string::npos);
  EXPECT_EQ(csv.find("hours_mean"), std::string::npos);
  EXPECT_NE(yearly_statistics(four, {2026, 1}).find("2026,all,incidents,incidents,4\r\n"), std::string::npos);
  EXPECT_NE(yearly_statistics(four, {2026, 0}).find("2026,all,incidents,incidents,4\r\n"), std::string::npos);
}

TEST(Statistics, ValuesOfCsv) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"", ""},          {"plain", "plain"},    {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""}, {"a\r\nb", "\"a\r\nb\""},
      {"=1+1", "'=1+1"}, {"@x,y", "\"'@x,y\""}, {"-", "'-"}};
  for (const auto& c : kCases) EXPECT_EQ(csv_value(c.text), c.want);
}

}  // namespace
}  // namespace nw::reporting
