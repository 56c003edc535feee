#include "app/taxonomies.h"

#include <fstream>
#include <gtest/gtest.h>

#include "app/embedded.h"
#include "app/snapshot.h"

namespace nw::app {
namespace {

// Whoever has the files finds the hash again with sha256sum.
TEST(Taxonomies, TheHashOfSectorsIsOfTheTaxonomyAndOfEachCountrysFile) {
  const std::string shipped{embedded_file("config/taxonomy/sectors.yaml")};
  const std::string country = "version: at-1\nsectors:\n  at.ski-lifts: {scope: Lifts}\n";
  Config config;
  Diagnostics diagnostics;
  std::string plain, extended;
  ASSERT_TRUE(load_sectors(config, diagnostics, &plain)) << diagnostics.to_string();
  EXPECT_EQ(plain, sha256_hex(sha256_hex(shipped) + '\n'));

  const std::string file = testing::TempDir() + "nw_taxonomies_test_sectors.yaml";
  std::ofstream{file} << country;
  config.taxonomy.extra = {file};
  const auto sectors = load_sectors(config, diagnostics, &extended);
  ASSERT_TRUE(sectors) << diagnostics.to_string();
  EXPECT_NE(sectors->find("at.ski-lifts"), nullptr);
  EXPECT_EQ(extended, sha256_hex(sha256_hex(shipped) + '\n' + sha256_hex(country) + '\n'));
}

}  // namespace
}  // namespace nw::app
