#include "app/vulnerabilities.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace nw::app {
namespace {

namespace fs = std::filesystem;

class Vulnerabilities : public testing::Test {
 protected:
  Vulnerabilities() { fs::create_directories(folder_ / "csaf/2026"); }
  ~Vulnerabilities() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream{folder_ / name} << text;
    return (folder_ / name).string();
  }
  void read(const VulnerabilityConfig& config) {
    snapshot_.registry = context::Registry::empty();
    read_vulnerabilities(config, schema_, snapshot_, diagnostics_);
  }

  fs::path folder_ = fs::temp_directory_path() / ("nw_vulnerabilities_" + std::to_string(::getpid()));
  event::Schema schema_;
  Snapshot snapshot_;
  Diagnostics diagnostics_;
};

TEST_F(Vulnerabilities, NoneIsConfigured) {
  read({});
  EXPECT_EQ(snapshot_.exposures, nullptr);
  EXPECT_FALSE(schema_.find_field("nw.cve_applies"));
}

TEST_F(Vulnerabilities, FilesAndFoldersAreRead) {
  const std::string kev =
      write("kev.json", R"({"vulnerabilities":[{"cveID":"CVE-2026-0001","vendorProject":"Acme","product":"RTU"},{}]})");
  write("csaf/2026/b.json", "{}");
  write("csaf/a.json", "{");
  write("csaf/a.json.sha256", "no document");
  read({kev, {(folder_ / "csaf").string()}});
  ASSERT_TRUE(snapshot_.exposures) << diagnostics_.to_string();
  EXPECT_TRUE(diagnostics_.ok());
  EXPECT_EQ(diagnostics_.all().size(), 2U) << diagnostics_.to_string();  // an entry, and a document
  EXPECT_TRUE(schema_.find_field("nw.cve_applies"));
  EXPECT_EQ(snapshot_.vulnerabilities_hash.size(), 64U);
  metrics::Snapshot out;
  fill_vulnerabilities(snapshot_, out);
  const std::string text = out.to_text();
  for (const char* line :
       {"normwatch_vulnerabilities_loaded{feed=\"kev\"} 1\n", "normwatch_vulnerabilities_loaded{feed=\"csaf\"} 0\n",
        "normwatch_vulnerabilities_left_out{feed=\"kev\",reason=\"malformed\"} 1\n",
        "normwatch_vulnerabilities_left_out{feed=\"csaf\",reason=\"malformed\"} 1\n",
        "normwatch_vulnerabilities_left_out{feed=\"csaf\",reason=\"not_csaf\"} 1\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  const std::string before = snapshot_.vulnerabilities_hash;
  write("csaf/a.json", "{ ");
  read({kev, {(folder_ / "csaf").string()}});
  EXPECT_NE(snapshot_.vulnerabilities_hash, before);
}

TEST_F(Vulnerabilities, WhatIsNotThereIsAnError) {
  read({(folder_ / "gone.json").string(), {(folder_ / "nor.json").string()}});
  EXPECT_EQ(diagnostics_.errors(), 2U) << diagnostics_.to_string();
  EXPECT_NE(diagnostics_.to_string().find("gone.json: unreadable: the KEV catalogue: "), std::string::npos);
}

// Nobody may learn from a metric that a secret asset is designated.
TEST_F(Vulnerabilities, SecretAssetsHaveNoName) {
  vulnerabilities::KnowledgeBuilder builder;
  builder.add_kev(R"({"vulnerabilities":[{"cveID":"CVE-2026-0001","vendorProject":"Acme","product":"RTU"}]})", "k",
                  diagnostics_);
  std::vector<context::Asset> assets(3);
  for (std::size_t i = 0; i < assets.size(); ++i) {
    assets[i].id = "asset-" + std::to_string(i);
    assets[i].availability = assets[i].integrity = assets[i].confidentiality = "C2";
    assets[i].disclosure = i == 0 ? "restricted" : "secret";
    assets[i].products = {{"Acme", "RTU", "", {}}};
  }
  snapshot_.exposures = vulnerabilities::ExposureMap::build(assets, builder.finish());
  metrics::Snapshot out;
  fill_vulnerabilities(snapshot_, out);
  const std::string text = out.to_text();
  EXPECT_NE(text.find("normwatch_asset_kev_exposed{asset=\"asset-0\",class=\"C2\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("normwatch_asset_kev_exposed{asset=\"undisclosed\",class=\"C2\"} 2\n"), std::string::npos);
  EXPECT_EQ(text.find("asset-1"), std::string::npos);
  EXPECT_EQ(text.find("asset-2"), std::string::npos);
}

}  // namespace
}  // namespace nw::app
