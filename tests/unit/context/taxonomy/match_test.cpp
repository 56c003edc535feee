#include "context/taxonomy/match.h"

#include <array>
#include <gtest/gtest.h>

#include "shipped.h"

namespace nw::taxonomy {
namespace {

TEST(MatchSector, AsPeopleWriteIt) {
  const std::array<TaxonomyText, 1> texts{TaxonomyText{"sectors.yaml", project_file("config/taxonomy/sectors.yaml")}};
  Diagnostics diagnostics;
  const auto sectors = Sectors::load(texts, diagnostics);
  ASSERT_TRUE(sectors);
  static constexpr struct {
    const char *sector, *subsector;
    const char* value;  // empty: nothing
    const char* first;
    std::size_t count;
    bool by_sector_only;
  } kCases[] = {
      {"Energy", "Electricity", "energy/electricity", "energy.electricity", 2, false},
      {"1. ENERGY", "electricity ", "energy/electricity", "energy.electricity", 2, false},
      {"energy", "", "energy", "energy.electricity", 6, false},
      {"energy", "wind", "energy", "energy.electricity", 6, true},
      {"Drinking water", "", "drinking-water", "water.supply", 1, false},
      {"drinking_water", "Drinking Water", "drinking-water", "water.supply", 1, false},
      {"Health", "hospitals", "health/providers", "health.care", 2, false},
      {"Digital infrastructure", "DNS service providers", "digital-infrastructure/dns", "digital.dns", 2, false},
      {"Transport", "Water", "transport/water", "transport.maritime", 2, false},
      {"ICT service management (B2B)", "", "ict-service-management", "ict.managed", 2, false},
      {"water.supply", "", "water.supply", "water.supply", 1, false},
      {"Water", "Works", "water.works", "water.works", 1, false},
      {"magic", "", "", "", 0, false},
      {"", "", "", "", 0, false},
      {"energy/electricity", "", "", "", 0, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.sector} + '/' + c.subsector);
    const SectorMatch match = match_sector(*sectors, "nis2", c.sector, c.subsector);
    EXPECT_EQ(match.value, c.value);
    EXPECT_EQ(match.sectors.size(), c.count);
    EXPECT_EQ(match.by_sector_only, c.by_sector_only);
    const std::string first = match.sectors.empty() ? "" : match.sectors[0]->id;
    EXPECT_EQ(first, c.first);
  }
  EXPECT_TRUE(match_sector(*sectors, "nope", "energy", "").sectors.empty());
}

TEST(MatchSector, NotADeprecatedOne) {
  const std::array<TaxonomyText, 1> texts{TaxonomyText{
      "s",
      "version: x\ncolumns: {c: {title: T, source: S, values: [w]}}\nsectors:\n  a.old: {scope: O, maps: {c: w}, "
      "deprecated: {since: x, use: a.new}}\n  a.new: {scope: N, maps: {c: w}}\n"}};
  Diagnostics diagnostics;
  const auto sectors = Sectors::load(texts, diagnostics);
  ASSERT_TRUE(sectors) << diagnostics.to_string();
  const SectorMatch match = match_sector(*sectors, "c", "W", "");
  ASSERT_EQ(match.sectors.size(), 1U);
  EXPECT_EQ(match.sectors[0]->id, "a.new");
}

}  // namespace
}  // namespace nw::taxonomy
