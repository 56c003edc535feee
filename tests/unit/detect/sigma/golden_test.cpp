// goldens/<name>.yml is compiled strictly; what it is told lies in <name>.out. NW_UPDATE_GOLDEN=1 rewrites.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "detect/sigma/check.h"
#include "detect/sigma/lint.h"
#include "harness.h"
#include "source_directory.h"

namespace nw::sigma {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

fs::path goldens() { return fs::path{source_directory()} / "tests/unit/detect/sigma/goldens"; }

// What the site sets, for the goldens about variables.
constexpr std::string_view kSettings = R"(many_reads: {reads: many, wthin: 5m}
many_raeds: {reads: 7}
)";

Diagnostics compile(const fs::path& path) {
  // One golden is about where a rule lies.
  const std::string folder = path.stem() == "norm-folder" ? "13f/" : "";
  const std::array<RuleText, 1> texts{RuleText{folder + path.filename().string(), read_file(path)}};
  event::Schema schema;
  const bool open = path.stem() != "downgrade-never";  // whether events may have any field
  schema.add_type({"modbus", "normwatch", {}, {}, {}, open});
  CompileOptions options;
  options.norm_required = path.stem() == "missing-norm";
  // Lint would tell every other golden that it lacks what a rule for people has.
  const Attack attack{"19",
                      {"stealth", "impact"},
                      {{"defense-evasion", {"stealth", "defense-impairment"}}},
                      {{"t1086", "t1059.001"}},
                      {"t1064"}};
  const std::vector<std::string> rsit{"availability", "availability.dos", "other"};
  RulePack pack;
  pack.detections.push_back({"NW-F-05", "13f", "Command sweep over many points"});
  constexpr std::array<std::string_view, 1> kSectors{"energy.gas"};
  const ShippedOptions shipped{&pack, kSectors};
  const LintOptions lint{&attack, rsit, path.stem() == "shipped-rule" ? &shipped : nullptr};
  if (std::ranges::find(lint_codes(), path.stem().string()) != lint_codes().end()) options.lint = &lint;
  options.permissive = path.stem() == "filter-refused";
  options.now = from_unix_nanoseconds(1'780'000'000'000'000'000);  // May 2026
  Diagnostics diagnostics;
  if (path.stem() == "variable-unknown" || path.stem() == "variable-value")
    parse_variable_settings(kSettings, "normwatch.yaml", options.variables, diagnostics);
  const auto rules = RuleSet::compile(texts, schema, options, diagnostics);
  EXPECT_EQ(rules != nullptr, diagnostics.ok() || options.permissive) << path;
  return diagnostics;
}

TEST(SigmaGoldens, Diagnostics) {
  const bool update = std::getenv("NW_UPDATE_GOLDEN") != nullptr;
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator{goldens()}) {
    if (entry.path().extension() != ".yml") continue;
    ++seen;
    SCOPED_TRACE(entry.path().filename());
    const std::string got = compile(entry.path()).to_string();
    fs::path expected = entry.path();
    expected.replace_extension(".out");
    if (update)
      std::ofstream{expected, std::ios::binary} << got;
    else
      EXPECT_EQ(got, read_file(expected));
  }
  EXPECT_GE(seen, 40U);
}

TEST(SigmaGoldens, EveryCodeIsShownAndExplained) {
  std::set<std::string> shown{"yaml-too-large"};  // needs a file of megabytes: limits_test.cpp reaches it
  for (const auto& entry : fs::directory_iterator{goldens()})
    if (entry.path().extension() == ".yml") {
      const Diagnostics found = compile(entry.path());
      for (const Diagnostic& d : found.all()) shown.insert(d.code);
    }
  const std::string readme = read_file(fs::path{source_directory()} / "daemon/detect/sigma/README.md");
  std::set<std::string> known;
  std::vector<std::string_view> codes{diagnostic_codes().begin(), diagnostic_codes().end()};
  codes.insert(codes.end(), lint_codes().begin(), lint_codes().end());
  for (const std::string_view code : codes) {
    known.emplace(code);
    EXPECT_TRUE(shown.contains(std::string{code})) << code << " has no golden";
    EXPECT_NE(readme.find("`" + std::string{code} + "`"), std::string::npos) << code << " is not in the README";
  }
  for (const std::string& code : shown) EXPECT_TRUE(known.contains(code)) << code << " is not in the table";
}

// A file cut anywhere gives rules or a message, never a crash, and never rules together with an error.
TEST(SigmaGoldens, EveryPrefix) {
  for (const char* name : {"not-evaluated.yml", "filter-expired.yml", "global-replaces.yml"}) {
    const std::string whole = read_file(goldens() / name);
    ASSERT_FALSE(whole.empty());
    for (std::size_t n = 0; n <= whole.size(); ++n) {
      Bench bench;
      const auto rules = bench.compile(whole.substr(0, n));
      EXPECT_EQ(rules != nullptr, bench.diagnostics.ok()) << name << ' ' << n;
    }
  }
}

}  // namespace
}  // namespace nw::sigma
