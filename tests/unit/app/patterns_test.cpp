// The site's own patterns, from the configuration to the sources.
#include "app/patterns.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "app/mappings.h"
#include "ingest/logs/formats/pattern_set.h"

namespace nw::app {
namespace {

namespace fs = std::filesystem;

class Patterns : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("nw_patterns_" + std::to_string(::getpid()));
    fs::create_directories(root_ / "folder");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream{root_ / name} << text; }
  static std::string file(const std::string& name, const std::string& word) {
    return "name: " + name + "\npatterns:\n- {name: x, literal: " + word + ", regex: '(?<a>" + word +
           ")', tests: [{line: " + word + ", fields: {a: " + word + "}}]}\n";
  }
  std::optional<Config> load(const std::string& lines) {
    Diagnostics diagnostics;
    auto config = parse_config(lines + "sources:\n  - {name: s, kind: file, path: x.log}\n",
                               (root_ / "c.yaml").string(), diagnostics);
    said_ = diagnostics.to_string();
    return config;
  }

  fs::path root_;
  std::string said_;
};

TEST_F(Patterns, EverySourceHasThem) {
  write("folder/b.yaml", file("b", "valve"));
  write("folder/a.yml", file("a", "pump"));
  write("folder/notes.txt", "not YAML: [");
  write("own.yaml", file("own", "tank"));
  const auto config = load("patterns: [own.yaml, folder]\n");
  ASSERT_TRUE(config) << said_;
  ASSERT_NE(config->patterns, nullptr);
  std::string paths;
  for (const logs::Pattern& pattern : config->patterns->patterns()) paths += pattern.path + ' ';
  EXPECT_EQ(paths, "own.x a.x b.x ");
  EXPECT_EQ(config->sources[0].format_options.patterns, config->patterns);
  SourceConfig added;
  Diagnostics diagnostics;
  assign_mapping(*config, added, diagnostics);
  EXPECT_EQ(added.format_options.patterns, config->patterns);
}

TEST_F(Patterns, AChangeNeedsARestart) {
  const auto none = load("");
  ASSERT_TRUE(none) << said_;
  EXPECT_EQ(none->patterns, nullptr);
  EXPECT_EQ(none->fixed_part.find("patterns="), std::string::npos);
  write("own.yaml", file("own", "tank"));
  const auto before = load("patterns: own.yaml\n");
  ASSERT_TRUE(before) << said_;
  write("own.yaml", file("own", "valve"));
  const auto after = load("patterns: own.yaml\n");
  ASSERT_TRUE(after) << said_;
  EXPECT_NE(before->fixed_part, after->fixed_part);
}

TEST_F(Patterns, FaultsSayWhere) {
  EXPECT_FALSE(load("patterns: [absent.yaml]\n"));
  EXPECT_NE(said_.find("unreadable"), std::string::npos) << said_;
  write("bad.yaml", "name: p\npatterns:\n- {name: x, literal: ab}\n");
  EXPECT_FALSE(load("patterns: [bad.yaml]\n"));
  EXPECT_NE(said_.find("bad.yaml:3:22: bad-literal"), std::string::npos) << said_;
}

}  // namespace
}  // namespace nw::app
