#include "app/line_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace nw::app {
namespace {

namespace fs = std::filesystem;

class ReplayFormat : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("nw_line_file_" + std::to_string(::getpid()));
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  // The format, "capture", or the error.
  std::string of(const std::string& name, const std::string& text, const std::string& format = "") const {
    std::ofstream{root_ / name} << text;
    const auto got = replay_format((root_ / name).string(), format);
    if (!got) return got.error().what;
    return got->empty() ? "capture" : *got;
  }
  fs::path root_;
};

TEST_F(ReplayFormat, ByContentAndName) {
  EXPECT_EQ(of("a.log", "Feb 28 22:14:15 gw x: y\n"), "auto");
  EXPECT_EQ(of("a.log", "{\"a\":1}\n"), "json");
  EXPECT_EQ(of("a.jsonl", "\n{\"a\":1}\n"), "json");
  EXPECT_EQ(of("a.log", "{\"a\":1}\n", "syslog"), "syslog");
  EXPECT_EQ(of("a.log", "", "auto"), "auto");
  EXPECT_EQ(of("a.log", std::string{"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0", 24}),
            "capture");
}

TEST_F(ReplayFormat, NamesTheFormatsThereAre) {
  const std::string said = of("a.log", "x", "sylog");
  EXPECT_NE(said.find("no log format is called 'sylog' (did you mean 'syslog'?); there are "), std::string::npos)
      << said;
  EXPECT_NE(said.find("auto"), std::string::npos) << said;
}

}  // namespace
}  // namespace nw::app
