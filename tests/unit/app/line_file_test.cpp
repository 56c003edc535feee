#include "app/line_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

#include "source_directory.h"

namespace nw::app {
namespace {

namespace fs = std::filesystem;

std::string evtx() {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/tests/data/evtx/pumps.evtx", std::ios::binary}.rdbuf();
  return text.str();
}

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

TEST_F(ReplayFormat, WindowsEvents) {
  const std::string event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System/></Event>";
  EXPECT_EQ(of("a.xml", event), "windows_xml");
  EXPECT_EQ(of("a.xml", "\xEF\xBB\xBF<?xml version='1.0'?>\n<Events>\n" + event), "windows_xml");
  EXPECT_EQ(of("a.xml", "<Event/>"), "auto");
  EXPECT_EQ(of("a.log", "a line that quotes " + event), "auto");
  EXPECT_EQ(of("a.evtx", evtx()), "windows_xml");
  EXPECT_EQ(of("a.log", evtx()), "windows_xml");
  EXPECT_EQ(of("a.evtx", evtx().substr(0, 127)), "auto");
}

class EvtxLines : public ReplayFormat {
 protected:
  // The lines, cut at 40 bytes, and what the reader says of the file.
  std::string lines(const std::string& bytes, std::size_t most) const {
    std::ofstream{root_ / "x.evtx", std::ios::binary} << bytes;
    auto file = LineFile::open((root_ / "x.evtx").string(), 1000);
    std::string out;
    for (std::size_t got = 1; got != 0;)
      got = *file->read(most, [&](std::string_view line, bool) { out += std::string{line.substr(0, 40)} + '\n'; });
    EXPECT_EQ(file->bytes_read(), bytes.size());
    EXPECT_EQ(file->bytes_all(), bytes.size());
    return out;
  }
  static constexpr std::size_t kFirst = 4096 + 512, kSecond = 4096 + 65536 + 512;
  const std::string event_ = "<Event xmlns=\"http://schemas.microsoft.c\n";
};

TEST_F(EvtxLines, AreTheRecords) {
  std::string want;
  for (int i = 0; i < 6; ++i) want += event_;
  EXPECT_EQ(lines(evtx(), 1), want);
  EXPECT_EQ(lines(evtx(), 100), want);
  EXPECT_EQ(lines(evtx().substr(0, 4096), 100), "");
}

TEST_F(EvtxLines, SayWhatIsDamaged) {
  std::string bytes = evtx();
  bytes[kSecond + 4] = 1;  // the size of the last record
  bytes[kFirst + 28] = '\x77';
  EXPECT_EQ(lines(bytes, 1), "EVTX chunk 1, record 1: malformed\n" + event_ + event_ + event_ + event_ +
                                 "EVTX chunk 2, record 6: bad_record\n");
  bytes = evtx();
  bytes[kSecond - 512] = 'e';
  EXPECT_EQ(lines(bytes, 100), event_ + event_ + event_ + event_ + event_ + "EVTX chunk 2, record 0: bad_chunk\n");
  // In the middle of a record: what was read stands in a line of its own.
  bytes = evtx();
  bytes[bytes.find(std::string{"<\0b", 3}, kSecond) - 3] = '\x77';  // a token
  EXPECT_EQ(lines(bytes, 1),
            event_ + event_ + event_ + event_ + event_ + "EVTX chunk 2, record 6: malformed\n" + event_);
}

TEST_F(ReplayFormat, NamesTheFormatsThereAre) {
  const std::string said = of("a.log", "x", "sylog");
  EXPECT_NE(said.find("no log format is called 'sylog' (did you mean 'syslog'?); there are "), std::string::npos)
      << said;
  EXPECT_NE(said.find("auto"), std::string::npos) << said;
}

}  // namespace
}  // namespace nw::app
