// SigmaHQ's regression layout: how its files are read, and what counts as passed.
#include "app/regression.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "app/rules_load.h"

namespace nw::app {
namespace {

namespace fs = std::filesystem;

TEST(RegressionObjects, AreTakenOneByOne) {
  static constexpr struct {
    const char* name;
    const char* text;
    std::vector<std::string> (*want)();
    bool good;
  } kCases[] = {
      {"nothing", " \n", [] { return std::vector<std::string>{}; }, true},
      {"one, pretty-printed", "{\n  \"a\": 1,\n  \"b\": [ 1, 2 ]\n}\n",
       [] { return std::vector<std::string>{R"({"a":1,"b":[1,2]})"}; }, true},
      {"several, one after the other", "{\"a\": 1}\n{\"b\":\n2}{}",
       [] {
         return std::vector<std::string>{R"({"a":1})", R"({"b":2})", "{}"};
       },
       true},
      {"brackets, spaces and quotes in text", R"({"a": "} { \" \\", "b c": "]"})",
       [] { return std::vector<std::string>{R"({"a":"} { \" \\","b c":"]"})"}; }, true},
      {"an array", "[{}]", [] { return std::vector<std::string>{}; }, false},
      {"cut off", "{} {\"a\": {", [] { return std::vector<std::string>{"{}"}; }, false},
      {"cut off in an escape", "{\"a\\", [] { return std::vector<std::string>{}; }, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string_view text = c.text;
    std::vector<std::string> got;
    bool good = true;
    for (;;) {
      const auto object = next_object(text);
      good = object.has_value();
      if (!good || object->empty()) break;
      got.push_back(*object);
    }
    EXPECT_EQ(good, c.good);
    EXPECT_EQ(got, c.want());
  }
}

class Regression : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("nw_regression_" + std::to_string(::getpid()));
    fs::create_directories(folder());
    write(root_ / "rules/one/rule.yml",
          "title: A\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: windows}\n"
          "detection:\n  sel: {Colour: blue}\n  condition: sel\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  [[nodiscard]] fs::path folder() const { return root_ / "regression_data/rules/one/rule"; }
  static void write(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << text;
  }
  void info(const std::string& count, const std::string& id = "11111111-2222-4333-8444-555555555555") const {
    write(folder() / "info.yml", "id: x\nrule_metadata:\n  - id: " + id +
                                     "\n    title: A\nregression_tests_info:\n  - name: Positive\n    type: evtx\n" +
                                     count + "    path: regression_data/rules/one/rule/e.evtx\n");
  }
  RegressionResult run() {
    Diagnostics diagnostics;
    auto cases = read_cases((folder() / "info.yml").string(), diagnostics);
    const Options options;
    const LoadedRules loaded = load_rules(options, {(root_ / "rules").string()}, {}, diagnostics);
    EXPECT_TRUE(diagnostics.ok()) << diagnostics.to_string();
    EXPECT_EQ(cases.size(), 1U);
    auto results = run_cases(std::move(cases), loaded.rules, loaded.schema);
    return results.empty() ? RegressionResult{} : results[0];
  }
  fs::path root_;
};

TEST_F(Regression, CountsAsItsAuthorsDo) {
  const std::string two = "{\n \"Colour\": \"blue\"}\n{\"Colour\": \"red\"}\n{\"Colour\":\n\"BLUE\"}";
  static const struct {
    const char* name;
    std::string count, events;
    Verdict want;
    std::uint64_t found;
  } kCases[] = {
      {"as stated", "    match_count: 2\n", two, Verdict::passed, 2},
      {"more than stated", "    match_count: 1\n", two, Verdict::passed, 2},
      {"fewer than stated", "    match_count: 3\n", two, Verdict::failed, 2},
      {"none stated, one is enough", "", two, Verdict::passed, 2},
      {"none stated, none found", "", "{\"Colour\":\"red\"}", Verdict::failed, 0},
      {"no event", "", " ", Verdict::not_run, 0},
      {"damaged", "", "{\"Colour\":\"blue\"}{", Verdict::not_run, 1},
      {"not JSON inside", "", "{\"Colour\" \"blue\"}", Verdict::not_run, 0},
      {"a line too long", "", "{\"Colour\":\"" + std::string(70'000, 'b') + "\"}", Verdict::not_run, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    info(c.count);
    write(folder() / "e.json", c.events);
    const RegressionResult got = run();
    EXPECT_EQ(got.verdict, c.want) << got.reason;
    EXPECT_EQ(got.found, c.found);
    EXPECT_EQ(got.reason.empty(), got.verdict != Verdict::not_run);
  }
}

TEST_F(Regression, TellsWhatItCannotRun) {
  info("");
  EXPECT_EQ(run().verdict, Verdict::not_run);  // only the .evtx, or nothing
  EXPECT_NE(run().reason.find("EVTX"), std::string::npos);
  write(folder() / "e.json", "{\"Colour\":\"blue\"}");
  EXPECT_EQ(run().verdict, Verdict::passed);
  info("", "99999999-2222-4333-8444-555555555555");
  EXPECT_EQ(run().verdict, Verdict::not_run);
  std::string many;
  for (std::size_t i = 0; i <= kCaseEventsMax; ++i) many += "{}";
  info("");
  write(folder() / "e.json", many);
  EXPECT_NE(run().reason.find("more than"), std::string::npos);
}

TEST_F(Regression, ReadsOnlyWhatIsATest) {
  static constexpr struct {
    const char* text;
    bool good;
  } kCases[] = {
      {"id: x\nrule_metadata: [{id: a}]\n", true},  // no tests in it
      {"regression_tests_info: [{name: a, path: b}]\n", false},
      {"rule_metadata: [{id: a}]\nregression_tests_info: [{name: a, path: b, match_count: some}]\n", false},
      {"a: [\n", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    write(folder() / "info.yml", c.text);
    Diagnostics diagnostics;
    EXPECT_TRUE(read_cases((folder() / "info.yml").string(), diagnostics).empty());
    EXPECT_EQ(diagnostics.ok(), c.good) << diagnostics.to_string();
  }
}

}  // namespace
}  // namespace nw::app
