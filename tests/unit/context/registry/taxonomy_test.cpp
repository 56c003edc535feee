// The register's words against the taxonomy of sectors that ships.
#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "context/registry/vocabulary.h"
#include "context/taxonomy/sectors.h"
#include "source_directory.h"

namespace nw::context {
namespace {

TEST(Vocabulary, HasTheSectorsOfTheTaxonomy) {
  std::ifstream in{std::string{source_directory()} + "/config/taxonomy/sectors.yaml", std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  const std::array<taxonomy::TaxonomyText, 1> texts{taxonomy::TaxonomyText{"sectors.yaml", text.str()}};
  Diagnostics diagnostics;
  const auto shipped = taxonomy::Sectors::load(texts, diagnostics);
  ASSERT_TRUE(shipped) << diagnostics.to_string();
  const std::vector<std::string_view> known{sectors().begin(), sectors().end()};
  const std::vector<std::string_view> ids{shipped->ids().begin(), shipped->ids().end()};
  EXPECT_EQ(known, ids);
}

}  // namespace
}  // namespace nw::context
