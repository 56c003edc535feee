// Compiled rules on disk: when they are kept, reused, and passed over. The rules are the same in every case.
#include "app/rule_cache.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"

namespace nw::app {
namespace {

namespace fs = std::filesystem;

class RuleCache : public ::testing::Test {
 protected:
  void SetUp() override { root_ = fs::temp_directory_path() / ("nw_rule_cache_" + std::to_string(::getpid())); }
  void TearDown() override { fs::remove_all(root_); }

  // Compiles a rule that looks for `text`.
  void compile(const std::string& text = "evil", sigma::CompileOptions options = {}) {
    event::Schema schema;
    schema.add_type({"test", "test", {}, {}, {}, true});
    Diagnostics diagnostics;
    const std::array<sigma::RuleText, 1> texts{
        sigma::RuleText{"r.yml",
                        "title: t\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: test}\n"
                        "detection:\n  sel: {f|contains: " +
                            text +
                            "}\n  condition: sel\n"
                            "normwatch: {variables: {v: {at: detection.sel.f|contains, help: the text}}}\n"}};
    const auto rules = compile_rules(texts, schema, options, root_.string(), diagnostics);
    ASSERT_NE(rules, nullptr) << diagnostics.to_string();
    EXPECT_EQ(rules->size(), 1U);
    EXPECT_EQ(rules->state(0), sigma::RuleState::live);
  }
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> out;
    std::error_code error;
    for (const auto& each : fs::directory_iterator{root_, error}) out.push_back(each.path());
    return out;
  }
  // What stands in the only file, with another time than a new one would have: whether it was written again shows.
  std::string aged() const {
    EXPECT_EQ(files().size(), 1U);
    fs::last_write_time(files().front(), kOld);
    return *read_text_file(files().front().string());
  }
  [[nodiscard]] bool rewritten() const { return fs::last_write_time(files().front()) != kOld; }
  void put(const std::string& bytes) const {
    std::ofstream{files().front(), std::ios::binary} << bytes;
    fs::last_write_time(files().front(), kOld);
  }

  static constexpr fs::file_time_type kOld{};
  fs::path root_;
};

TEST_F(RuleCache, IsKeptAndReused) {
  compile();
  struct stat status {};
  ASSERT_EQ(files().size(), 1U);
  ASSERT_EQ(::stat(files().front().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  aged();
  compile();
  EXPECT_EQ(files().size(), 1U);
  EXPECT_FALSE(rewritten());
}

TEST_F(RuleCache, WhatReadingDependsOnIsAnotherFile) {
  compile();
  compile("worse");
  EXPECT_EQ(files().size(), 2U);
  sigma::CompileOptions options;
  options.permissive = true;
  compile("evil", options);
  EXPECT_EQ(files().size(), 3U);
  // Where one list ends and the next begins is part of it.
  options.placeholders = {{"a", {"x", "", "b", "y"}}};
  compile("evil", options);
  options.placeholders = {{"a", {"x"}}, {"b", {"y"}}};
  compile("evil", options);
  EXPECT_EQ(files().size(), 5U);
}

TEST_F(RuleCache, WhatTheSiteSetsIsPartOfTheKey) {
  const auto set = [this](std::string_view settings) {
    sigma::CompileOptions options;
    Diagnostics diagnostics;
    sigma::parse_variable_settings(settings, "site.yaml", options.variables, diagnostics);
    compile("evil", options);
    return files().size();
  };
  EXPECT_EQ(set(""), 1U);
  EXPECT_EQ(set("r: {v: one}"), 2U);
  EXPECT_EQ(set("r: {v: two}"), 3U);
  EXPECT_EQ(set("r: {v: two}"), 3U);
  EXPECT_EQ(set("11111111-2222-4333-8444-555555555555: {v: two}"), 4U);
  // The same, to be told at another place.
  EXPECT_EQ(set("\nr: {v: two}"), 5U);
}

TEST_F(RuleCache, DamageIsMended) {
  compile();
  const std::string good = aged();
  for (const std::string& bad : {std::string{}, good.substr(0, good.size() / 2), "x" + good}) {
    put(bad);
    compile();
    EXPECT_TRUE(rewritten());
    EXPECT_EQ(aged(), good);
  }
}

TEST_F(RuleCache, WhatOthersCouldHaveWrittenIsNotTaken) {
  compile();
  const std::string good = aged();
  fs::permissions(files().front(), fs::perms::group_write, fs::perm_options::add);
  compile();
  EXPECT_TRUE(rewritten());
  // A link is no file of ours, wherever it leads; it is replaced, and what it led to stays.
  aged();
  const fs::path path = files().front(), elsewhere = root_.string() + ".elsewhere";
  fs::rename(path, elsewhere);
  fs::create_symlink(elsewhere, path);
  compile();
  EXPECT_FALSE(fs::is_symlink(path));
  EXPECT_EQ(fs::last_write_time(elsewhere), kOld);
  fs::remove(elsewhere);
}

TEST_F(RuleCache, NowhereToWriteCostsNothingElse) {
  std::ofstream{root_} << "a file, no folder";
  compile();
  EXPECT_TRUE(fs::is_regular_file(root_));
}

TEST_F(RuleCache, TheNewestEightStay) {
  for (int i = 0; i < 11; ++i) compile("evil" + std::to_string(i));
  EXPECT_EQ(files().size(), 8U);
  std::ofstream{root_ / "other.txt"} << "not ours to remove";
  compile("one more");
  EXPECT_EQ(files().size(), 9U);
  EXPECT_TRUE(fs::exists(root_ / "other.txt"));
}

TEST_F(RuleCache, HalfAFileOfADeadProcessIsNoObstacle) {
  compile();
  const fs::path path = files().front();
  fs::remove(path);
  std::ofstream{path.string() + '.' + std::to_string(::getpid())} << "half";
  compile();
  ASSERT_EQ(files().size(), 1U);
  EXPECT_EQ(files().front(), path);
}

}  // namespace
}  // namespace nw::app
