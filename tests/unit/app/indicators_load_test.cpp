#include "app/indicators_load.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "app/config.h"

namespace nw::app {
namespace {

constexpr Timestamp kNow{std::chrono::seconds{1'800'000'000}};

std::optional<Config> parse(const std::string& text, std::string* faults = nullptr) {
  Diagnostics diagnostics;
  auto config = parse_config(text, "/etc/normwatch/test.yaml", diagnostics);
  if (faults != nullptr) *faults = diagnostics.to_string();
  return config;
}

TEST(IndicatorsConfig, IsRead) {
  const auto config = parse(
      "indicators:\n  files:\n    - {path: a.csv, format: csv, source: Feed, tlp: TLP:AMBER+STRICT, pap: red, "
      "expires_after: 90d}\n"
      "    - {path: /b.json}\n  warning_lists: lists.txt\n  bytes_max: 16MiB\n");
  ASSERT_TRUE(config);
  const IndicatorsConfig& indicators = config->indicators;
  ASSERT_EQ(indicators.files.size(), 2U);
  EXPECT_EQ(indicators.files[0].path, "/etc/normwatch/a.csv");
  EXPECT_EQ(indicators.files[0].format->name, "csv");
  EXPECT_EQ(indicators.files[0].tlp, context::Tlp::amber_strict);
  EXPECT_EQ(indicators.files[0].pap, context::Pap::red);
  EXPECT_EQ(indicators.files[0].expires_after, Nanoseconds{std::chrono::hours{24 * 90}});
  EXPECT_EQ(indicators.files[1].format, nullptr);
  EXPECT_EQ(indicators.files[1].source, "b.json");
  EXPECT_EQ(indicators.warning_lists, std::vector<std::string>{"/etc/normwatch/lists.txt"});
  EXPECT_EQ(indicators.bytes_max, std::size_t{16} << 20);
}

TEST(IndicatorsConfig, FaultsHaveTheirPlace) {
  static constexpr struct {
    const char *yaml, *says;
  } kCases[] = {
      {"indicators: {fils: []}", "did you mean 'files'?"},
      {"indicators: {files: [{path: a, formt: csv}]}", "did you mean 'format'?"},
      {"indicators: {files: [{format: csv}]}", "path"},
      {"indicators: {files: [{path: a, format: xml}]}", "csv"},
      {"indicators: {files: [{path: a, pap: purple}]}", "clear, green, amber, red"},
      {"indicators: {files: [{path: a, expires_after: 4000d}]}", "3660d"},
      {"indicators: {files: a}", "must be a list"},
  };
  for (const auto& c : kCases) {
    std::string faults;
    EXPECT_FALSE(parse(c.yaml, &faults)) << c.yaml;
    EXPECT_NE(faults.find(c.says), std::string::npos) << c.yaml << '\n' << faults;
    EXPECT_NE(faults.find("test.yaml:1:"), std::string::npos) << faults;
  }
}

TEST(Outward, IsWhatTheKindSaysOrTheConfiguration) {
  for (const char* kind : {"kind: alertmanager, urls: ['http://127.0.0.1:1']", "kind: ndjson, path: '-'", "kind: text"})
    for (const char* outward : {"", ", outward: true", ", outward: false"}) {
      std::string faults;
      const auto config = parse(std::string{"outputs: [{name: a, "} + kind + outward + "}]", &faults);
      ASSERT_TRUE(config) << faults;
      EXPECT_EQ(config->outputs[0].outward, std::string_view{outward} == ", outward: true") << kind << outward;
    }
}

class LoadIndicators : public testing::Test {
 protected:
  ~LoadIndicators() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, std::string_view text) {
    std::ofstream{folder_ / name} << text;
    return (folder_ / name).string();
  }
  void add(const std::string& path) {
    IndicatorFile& file = config_.files.emplace_back();
    file.path = file.source = path;
  }

  std::filesystem::path folder_ = [] {
    auto folder = std::filesystem::path{testing::TempDir()} / "indicators_load_test";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    return folder;
  }();
  IndicatorsConfig config_;
  Diagnostics diagnostics_;
};

TEST_F(LoadIndicators, OfAllFilesOneSet) {
  add(write("a.csv", "value\nbad.example\n10.0.0.1\nok.example\n198.51.100.9\n"));
  add(write("b.txt", "203.0.113.7\n"));
  config_.warning_lists.push_back(write("w.txt", "ok.example\n"));
  const LoadedIndicators loaded = load_indicators(config_, {*IpPrefix::parse("198.51.100.0/24")}, kNow, diagnostics_);
  EXPECT_TRUE(diagnostics_.ok());
  EXPECT_EQ(loaded.set->size(), 2U);
  EXPECT_EQ(loaded.by_file, (std::vector<std::size_t>{1, 1}));
  EXPECT_EQ(loaded.refusals.count(context::Refusal::own), 1U);
  EXPECT_EQ(loaded.refusals.count(context::Refusal::special), 1U);
  EXPECT_EQ(loaded.refusals.count(context::Refusal::warning_list), 1U);
  EXPECT_EQ(loaded.hash.size(), 64U);
}

TEST_F(LoadIndicators, ABadFileIsAnError) {
  add(write("a.csv", "nonsense\n"));
  add((folder_ / "absent.csv").string());
  add(write("c.bin", "?"));
  config_.warning_lists.push_back((folder_ / "absent.txt").string());
  load_indicators(config_, {}, kNow, diagnostics_);
  EXPECT_EQ(diagnostics_.errors(), 5U) << diagnostics_.to_string();
}

TEST_F(LoadIndicators, WithoutFilesNothing) {
  const LoadedIndicators loaded = load_indicators(config_, {}, kNow, diagnostics_);
  EXPECT_EQ(loaded.set->size(), 0U);
  EXPECT_EQ(loaded.hash, "");
}

// The command line has no key to correct.
TEST(LoadIndicatorsFaults, SaysWhatToDoAboutAFileThatCannotBeUsed) {
  const std::string odd = testing::TempDir() + "nw_indicators_odd";
  std::ofstream{odd} << "\x01\x02\x03";
  IndicatorsConfig config;
  for (const char* path : {"/nowhere/a.csv", odd.c_str()}) {
    IndicatorFile& file = config.files.emplace_back();
    file.path = path;
  }
  config.warning_lists = {"/nowhere/list.txt"};
  const auto told = [&](IndicatorsFrom from) {
    Diagnostics diagnostics;
    load_indicators(config, {}, kNow, diagnostics, from);
    EXPECT_EQ(diagnostics.errors(), 3U) << diagnostics.to_string();
    return diagnostics.to_string();
  };
  const std::string configured = told(IndicatorsFrom::configuration), typed = told(IndicatorsFrom::command_line);
  for (const char* text : {"'indicators.files'", "'indicators.warning_lists'", "say 'format'"}) {
    EXPECT_NE(configured.find(text), std::string::npos) << configured;
    EXPECT_EQ(typed.find(text), std::string::npos) << typed;
  }
  for (const char* text :
       {"/nowhere/a.csv: No such file", "name a file that is there", "after --warning-list", "say --format csv"})
    EXPECT_NE(typed.find(text), std::string::npos) << typed;
}

}  // namespace
}  // namespace nw::app
