// Which field mapping each source gets, and what happens to the files they come from.
#include "app/mappings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "app/line_file.h"
#include "ingest/logs/formats/mapping.h"

namespace nw::app {
namespace {

namespace fs = std::filesystem;

class Mappings : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("nw_mappings_" + std::to_string(::getpid()));
    fs::create_directories(root_ / "folder");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream{root_ / name} << text; }
  static std::string mapping(const std::string& name, const std::string& use) {
    return "name: " + name + "\nfor: " + use + "\nfields:\n  f: [g]\n";
  }
  // `lines`: the configuration besides its sources. Null, and `codes_`, after an error.
  std::optional<Config> load(const std::string& lines, const std::string& sources) {
    Diagnostics diagnostics;
    auto config = parse_config(lines + "sources:\n" + sources, (root_ / "c.yaml").string(), diagnostics);
    codes_.clear();
    for (const Diagnostic& d : diagnostics.all()) codes_ += d.code + ' ';
    said_ = diagnostics.to_string();
    return config;
  }
  static std::string source(const std::string& rest) {
    return "  - {name: s, kind: file, path: x.jsonl, " + rest + "}\n";
  }
  // The name of the mapping that the only source got.
  std::string picked(const std::string& lines, const std::string& rest) {
    const auto config = load(lines, source(rest));
    EXPECT_TRUE(config) << said_;
    if (!config) return "(error)";
    const auto& mapping = config->sources[0].format_options.mapping;
    return mapping ? mapping->name : "-";
  }

  fs::path root_;
  std::string codes_, said_;
};

TEST_F(Mappings, ASourceGetsTheOneForItsProductElseItsCategory) {
  EXPECT_EQ(picked("", "format: json, product: windows"), "windows");
  EXPECT_EQ(picked("", "format: json, product: linux"), "linux");
  EXPECT_EQ(picked("", "format: json, product: zeek"), "zeek");
  EXPECT_EQ(picked("", "format: json, category: proxy"), "web");
  EXPECT_EQ(picked("", "format: json, product: nobody, category: webserver"), "web");
  EXPECT_EQ(picked("", "format: json, product: linux, category: proxy"), "linux");
  EXPECT_EQ(picked("", "format: json, product: nobody"), "-");
  EXPECT_EQ(picked("", "format: json"), "-");
  EXPECT_EQ(picked("", "format: syslog, product: linux"), "-");
  EXPECT_EQ(picked("", "format: auto, product: windows"), "windows");
  EXPECT_EQ(picked("", "product: windows"), "windows");
}

TEST_F(Mappings, ASourceMayNameItsOwnOrNone) {
  EXPECT_EQ(picked("", "format: json, product: windows, mapping: none"), "-");
  EXPECT_EQ(picked("", "format: json, product: windows, mapping: zeek"), "zeek");
  EXPECT_FALSE(load("", source("format: json, product: windows, mapping: windws")));
  EXPECT_EQ(codes_, "unknown-mapping ");
  EXPECT_NE(said_.find("windows"), std::string::npos) << said_;
}

TEST_F(Mappings, OneOfTheSameNameReplacesTheOneBefore) {
  write("own.yaml", mapping("windows", "{product: windows}"));
  const auto config = load("mappings: [own.yaml]\n", source("format: json, product: windows"));
  ASSERT_TRUE(config) << said_;
  ASSERT_TRUE(config->sources[0].format_options.mapping);
  EXPECT_TRUE(config->sources[0].format_options.mapping->classes.empty());
  EXPECT_EQ(std::ranges::count(config->mappings, "windows", [](const auto& each) { return each->name; }), 1);
  // A new name comes after the embedded ones, which are asked first.
  write("own.yaml", mapping("mine", "{product: [windows, gadget]}"));
  EXPECT_EQ(picked("mappings: [own.yaml]\n", "format: json, product: windows"), "windows");
  EXPECT_EQ(picked("mappings: [own.yaml]\n", "format: json, product: gadget"), "mine");
}

TEST_F(Mappings, AFolderIsReadInTheOrderOfItsNames) {
  write("folder/b.yml", mapping("same", "{product: second}"));
  write("folder/a.yaml", mapping("same", "{product: first}"));
  write("folder/readme.txt", "no mapping");
  EXPECT_EQ(picked("mappings: [folder]\n", "format: json, product: second"), "same");
  EXPECT_EQ(picked("mappings: [folder]\n", "format: json, product: first"), "-");
  const auto config = load("mappings: [folder]\n", source("format: json"));
  ASSERT_TRUE(config) << said_;
  ASSERT_EQ(config->mapping_files.size(), 2U);
  EXPECT_TRUE(config->mapping_files[0].ends_with("folder/a.yaml"));
}

TEST_F(Mappings, WhatCannotBeReadIsAnError) {
  EXPECT_FALSE(load("mappings: [absent.yaml]\n", source("format: json")));
  EXPECT_EQ(codes_, "unreadable ");
  write("bad.yaml", "name: bad\nfor: {product: x}\nfeilds: {}\n");
  EXPECT_FALSE(load("mappings: [bad.yaml]\n", source("format: json")));
  for (int i = 0; i <= 1000; ++i) write("folder/" + std::to_string(i) + ".yaml", "");
  EXPECT_FALSE(load("mappings: [folder]\n", source("format: json")));
  EXPECT_NE(codes_.find("too-many-files"), std::string::npos) << codes_;
}

// Parsers keep the mapping that they were made with, so a reload must see that it is another.
TEST_F(Mappings, AChangedFileIsPartOfWhatAReloadCannotChange) {
  const auto fixed = [&] {
    const auto config = load("mappings: [own.yaml]\n", source("format: json"));
    EXPECT_TRUE(config) << said_;
    return config ? config->fixed_part : "";
  };
  write("own.yaml", mapping("mine", "{product: gadget}"));
  const std::string before = fixed();
  EXPECT_EQ(fixed(), before);
  EXPECT_NE(before.find("\nmappings="), std::string::npos) << before;
  write("own.yaml", mapping("mine", "{product: gadget}") + "  h: [i]\n");
  EXPECT_NE(fixed(), before);
  const auto none = load("", source("format: json"));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->fixed_part.find("mappings="), std::string::npos);
}

TEST_F(Mappings, ReplayKnowsWindowsEventsByTheirNames) {
  static constexpr struct {
    const char* line;
    bool want;
  } kCases[] = {
      {R"({"Event":{"System":{"EventID":1,"Channel":"Security"},"EventData":{}}})", true},
      {R"({"EventID":4624,"Channel":"Security","TargetUserName":"eva"})", true},
      {R"({"winlog":{"channel":"Security","event_id":4624}})", true},
      {R"({"ts":1.5,"uid":"C1","query":"x"})", false},
      {R"({"message":"EventID and Channel"})", false},
      {"", false},
      {"not json", false},
  };
  for (const auto& c : kCases) {
    write("lines.jsonl", std::string{c.line} + "\n");
    EXPECT_EQ(holds_windows_events((root_ / "lines.jsonl").string()), c.want) << c.line;
  }
  EXPECT_FALSE(holds_windows_events((root_ / "absent").string()));
}

}  // namespace
}  // namespace nw::app
