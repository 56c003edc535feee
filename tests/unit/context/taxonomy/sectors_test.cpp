#include "context/taxonomy/sectors.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <regex>

#include "base/yaml.h"
#include "shipped.h"

namespace nw::taxonomy {
namespace {

constexpr std::string_view kBase = R"(version: "1"
columns:
  eu: {title: E, source: S, values: [water, energy/power]}
  open: {title: O, source: S}
sectors:
  water.supply:
    scope: Drinking water
    un: {58/199: true, gge2021: false}
    maps: {eu: water, open: [anything, else]}
  energy.power:
    scope: Power
    note: N
    maps: {eu: [energy/power, water]}
  energy.old:
    scope: Old
    deprecated: {since: "1", use: energy.power}
)";

constexpr std::string_view kExtra = R"(version: at-1
columns:
  at: {title: Austria, source: a law, values: {w: Water, s: {title: Ski, names: [skiing]}}}
sectors:
  water.supply: {maps: {at: w}}
  at.ski-lifts: {scope: Lifts, maps: {at: s, open: [lifts]}}
)";

std::shared_ptr<const Sectors> load(std::string_view base, std::string_view extra, Diagnostics& diagnostics) {
  std::vector<TaxonomyText> texts{{"s.yaml", std::string{base}}};
  if (!extra.empty()) texts.push_back({"at.yaml", std::string{extra}});
  return Sectors::load(texts, diagnostics);
}

TEST(Sectors, ReadsEveryPart) {
  Diagnostics diagnostics;
  const auto sectors = load(kBase, "", diagnostics);
  ASSERT_TRUE(sectors) << diagnostics.to_string();
  EXPECT_EQ(sectors->version(), "1");
  ASSERT_EQ(sectors->ids().size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(sectors->ids()));
  EXPECT_EQ(sectors->all()[0].id, "water.supply");  // the file's order
  const Sector* water = sectors->find("water.supply");
  ASSERT_NE(water, nullptr);
  EXPECT_EQ(water->scope, "Drinking water");
  EXPECT_TRUE(water->un_58_199);
  EXPECT_FALSE(water->gge_2021);
  EXPECT_EQ(sectors->map("water.supply", "open").size(), 2U);
  EXPECT_EQ(sectors->map("water.supply", "eu")[0], "water");
  EXPECT_TRUE(sectors->map("water.supply", "us").empty());
  EXPECT_TRUE(sectors->map("nothing.there", "eu").empty());
  EXPECT_EQ(sectors->find("energy.power")->note, "N");
  EXPECT_EQ(sectors->find("energy.old")->use, "energy.power");
  EXPECT_TRUE(sectors->column("eu")->closed);
  EXPECT_FALSE(sectors->column("open")->closed);
  EXPECT_EQ(sectors->column("nope"), nullptr);
}

TEST(Sectors, ACountryAddsItsOwn) {
  Diagnostics diagnostics;
  const auto sectors = load(kBase, kExtra, diagnostics);
  ASSERT_TRUE(sectors) << diagnostics.to_string();
  EXPECT_EQ(sectors->version(), "1, at-1");
  EXPECT_EQ(sectors->map("water.supply", "at")[0], "w");
  EXPECT_EQ(sectors->map("water.supply", "eu")[0], "water");
  EXPECT_EQ(sectors->map("at.ski-lifts", "open")[0], "lifts");
  EXPECT_EQ(sectors->column("at")->values[1].names[0], "skiing");
  EXPECT_TRUE(std::ranges::binary_search(sectors->ids(), "at.ski-lifts"));
}

TEST(Sectors, Refuses) {
  static constexpr struct {
    const char* name;
    const char* from;
    const char* to;
    const char* want;  // the end of a line of what is told
  } kCases[] = {
      {"a typo in a closed column", "eu: water,", "eu: watr,",
       "s.yaml:9:16: unknown-word: column 'eu' does not have 'watr' (did you mean 'water'?): its words are under "
       "'values' of the column"},
      {"a column that nobody declared", "open: [anything, else]", "opne: x",
       "s.yaml:9:23: unknown-column: no column is called 'opne' (did you mean 'open'?): declare it under 'columns' in "
       "this file, with its title and its source"},
      {"an unknown key", "note: N", "nots: N",
       "s.yaml:12:5: unknown-key: unknown key 'nots' in a sector (did you mean 'note'?)"},
      {"a successor that is none", "use: energy.power", "use: energy.powr",
       "s.yaml:16:17: bad-deprecation: 'energy.old' is to be 'energy.powr', which is no sector (did you mean "
       "'energy.power'?)"},
      {"a successor that is gone", "use: energy.power", "use: energy.old",
       "s.yaml:16:17: bad-deprecation: 'energy.old' is to be 'energy.old', which is deprecated too: name the last one"},
      {"no sector's id", "  energy.power:", "  energy:",
       "s.yaml:10:3: bad-id: 'energy' cannot be a sector: write sector.subsector: water.supply"},
      {"a word twice", "[water, energy/power]}\n", "[water, water, energy/power]}\n",
       "s.yaml:3:45: duplicate-entry: 'water' stands twice in this column"},
      {"no scope", "    scope: Power\n", "", "s.yaml:11:5: missing-key: a sector needs the key 'scope'"},
      {"an empty scope", "scope: Power", "scope: ''", "s.yaml:11:12: wrong-type: 'scope' must not be empty"},
      {"no truth", "58/199: true", "58/199: maybe", "s.yaml:8:18: wrong-type: '58/199' must be true or false"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string text{kBase};
    const std::size_t at = text.find(c.from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string_view{c.from}.size(), c.to);
    Diagnostics diagnostics;
    EXPECT_EQ(load(text, "", diagnostics), nullptr);
    EXPECT_NE(diagnostics.to_string().find(c.want), std::string::npos) << diagnostics.to_string();
  }
}

TEST(Sectors, AnExtraFileChangesNothingThatIsThere) {
  static constexpr struct {
    const char* name;
    const char* text;
    const char* want;
  } kCases[] = {
      {"another scope", "sectors: {water.supply: {scope: Mine}}", "changes-existing: 'scope' of sector 'water.supply'"},
      {"another column's words", "sectors: {water.supply: {maps: {open: [x]}}}",
       "changes-existing: column 'open' of sector 'water.supply'"},
      {"a column of that name", "columns: {eu: {title: T, source: S}}", "duplicate-column: there is a column 'eu'"},
      {"a new sector without the country", "sectors: {water.suply: {scope: S}}",
       "bad-id: 'water.suply' is no sector (did you mean 'water.supply'?): a country's own sector"},
      {"a new sector without a scope", "sectors: {at.lifts: {}}", "missing-key"},
      {"not UTF-8 of YAML", "sectors: {at.lifts", "yaml-syntax"},
      {"a list", "- a", "wrong-type: the taxonomy of sectors must be a map"},
      {"sectors as a list", "sectors: [at.lifts]", "'sectors' must be a map"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    const bool list = c.text[0] == '-';
    EXPECT_EQ(load(kBase, list ? c.text : "version: x\n" + std::string{c.text}, diagnostics), nullptr);
    EXPECT_NE(diagnostics.to_string().find(c.want), std::string::npos) << diagnostics.to_string();
    EXPECT_NE(diagnostics.to_string().find("at.yaml"), std::string::npos);
  }
}

TEST(Sectors, Bounded) {
  std::string columns = "version: x\ncolumns:\n", sectors = "version: x\nsectors:\n";
  for (int i = 0; i < 70; ++i) columns += "  c" + std::to_string(i) + ": {title: T, source: S}\n";
  for (int i = 0; i < 4200; ++i) sectors += "  at.s" + std::to_string(i) + ": {scope: S}\n";
  for (const std::string& text : {columns, sectors}) {
    Diagnostics diagnostics;
    EXPECT_EQ(load(kBase, text, diagnostics), nullptr);
    EXPECT_NE(diagnostics.to_string().find("too-many"), std::string::npos);
  }
}

class ShippedSectors : public testing::Test {
 protected:
  void SetUp() override {
    const std::array<TaxonomyText, 1> texts{TaxonomyText{"sectors.yaml", project_file("config/taxonomy/sectors.yaml")}};
    sectors_ = Sectors::load(texts, diagnostics_);
    ASSERT_TRUE(sectors_) << diagnostics_.to_string();
  }
  Diagnostics diagnostics_;
  std::shared_ptr<const Sectors> sectors_;
};

TEST_F(ShippedSectors, EveryColumnIsClosedAndEverySectorHasIdmefs) {
  EXPECT_EQ(diagnostics_.to_string(), "");
  ASSERT_EQ(sectors_->columns().size(), 5U);
  for (const SectorColumn& column : sectors_->columns()) EXPECT_TRUE(column.closed) << column.id;
  EXPECT_EQ(sectors_->column("idmef")->values.size(), 132U);
  EXPECT_EQ(sectors_->column("cn745")->values.size(), 8U);
  for (const Sector& sector : sectors_->all()) EXPECT_FALSE(sector.maps.at("idmef").empty()) << sector.id;
}

TEST_F(ShippedSectors, SayWhatTheListsSay) {
  EXPECT_EQ(sectors_->map("water.supply", "nis2")[0], "drinking-water");
  EXPECT_EQ(sectors_->map("gov.election", "us16")[0], "government-facilities/elections");
  EXPECT_EQ(sectors_->map("industry.defence", "cn745")[0], "national-defence");
  EXPECT_EQ(sectors_->map("finance.pension", "au8d")[0], "financial/superannuation");
  EXPECT_TRUE(sectors_->map("response.cert", "nis2").empty());
  EXPECT_TRUE(sectors_->find("food.distribution")->un_58_199);
  EXPECT_FALSE(sectors_->find("food.distribution")->gge_2021);
  EXPECT_TRUE(sectors_->find("core.routing")->gge_2021);
}

// Editors check a register with the schema, the daemon with the taxonomy.
class RegisterSchemaSectors : public ShippedSectors {
 protected:
  void SetUp() override {
    ShippedSectors::SetUp();
    Diagnostics diagnostics;
    documents_ = parse_yaml(project_file("config/registry.schema.json"), "registry.schema.json", diagnostics);
    ASSERT_EQ(documents_.size(), 1U) << diagnostics.to_string();  // JSON is YAML
    const YamlNode* defs = documents_[0].find("$defs");
    ASSERT_NE(defs, nullptr);
    either_ = defs->find("sector")->find("anyOf");
    ASSERT_NE(either_, nullptr);
    ASSERT_EQ(either_->items.size(), 2U);
  }
  std::vector<YamlNode> documents_;
  const YamlNode* either_ = nullptr;
};

TEST_F(RegisterSchemaSectors, AreTheShippedOnes) {
  std::vector<std::string> listed, known{sectors_->ids().begin(), sectors_->ids().end()};
  for (const YamlNode& item : either_->items[0].find("enum")->items) listed.push_back(item.scalar);
  EXPECT_EQ(listed, known);
}

// What a country's file can add, the schema has a pattern for, and no more than that.
TEST_F(RegisterSchemaSectors, AndThoseThatACountryCanAdd) {
  const std::regex pattern{either_->items[1].find("pattern")->scalar};
  EXPECT_EQ(either_->items[1].find("maxLength")->scalar, "64");
  for (const char* id : {"at.ski-lifts", "zz.a", "at.ski_lifts", "at.x25", "at.5g", "a1.lifts", "AT.lifts", "at.Lifts",
                         "aut.lifts", "a.lifts", "at.", "at", "at.ski lifts", "at.ski+lifts", "at.ski.lifts"}) {
    Diagnostics diagnostics;
    const std::string extra = std::string{"version: at-1\nsectors:\n  \""} + id + "\": {scope: S}\n";
    EXPECT_EQ(load(kBase, extra, diagnostics) != nullptr, std::regex_match(id, pattern)) << id;
  }
}

}  // namespace
}  // namespace nw::taxonomy
