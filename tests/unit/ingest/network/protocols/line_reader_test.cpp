#include "ingest/network/protocols/line_reader.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace nw::network {
namespace {

// The lines of `pieces`, each given once its forerunners' rest is in front of it; "+" marks one that was cut.
std::vector<std::string> lines_of(const std::vector<std::string>& pieces, std::size_t lost_before = 99) {
  LineReader lines{8};
  std::vector<std::uint8_t> waiting;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i == lost_before) {
      waiting.clear();
      lines.lost();
    }
    waiting.insert(waiting.end(), pieces[i].begin(), pieces[i].end());
    ByteReader reader{waiting};
    while (const auto line = lines.next(reader))
      out.push_back(std::string{line->text.begin(), line->text.end()} + (line->cut ? "+" : ""));
    const std::vector<std::uint8_t> rest(reader.rest().begin(), reader.rest().end());
    waiting = rest;
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST(LineReader, Lines) {
  EXPECT_EQ(lines_of({"one\r\ntwo\n\r\n\nth"}), (Lines{"one", "two", "", ""}));
  EXPECT_EQ(lines_of({"a", "b", "\r", "\n", "c\n"}), (Lines{"ab", "c"}));
  EXPECT_EQ(lines_of({"a\rb\r\r\n"}), (Lines{"a\rb\r"}));
}

TEST(LineReader, ALongLineIsCutOnce) {
  EXPECT_EQ(lines_of({"123456\r\n"}), Lines{"123456"});  // eight bytes with its end
  EXPECT_EQ(lines_of({"1234567\r\nok\n"}), (Lines{"1234567\r+", "ok"}));
  EXPECT_EQ(lines_of({"12345678", "9", "0123456789\n", "ok\n"}), (Lines{"12345678+", "ok"}));
}

TEST(LineReader, AfterAGapTheNextWholeLine) {
  EXPECT_EQ(lines_of({"one\ntw", "o\nthree\n"}, 1), (Lines{"one", "three"}));
  EXPECT_EQ(lines_of({"one\n", "xx", "xxxxxxxxxxxx", "\nthree\n"}, 1), (Lines{"one", "three"}));
}

TEST(FirstLine, IsFound) {
  static const struct {
    const char* name;
    std::string stream, text;
    bool whole;
  } kCases[] = {
      {"nothing yet", "22", "22", false},
      {"whole", "220 a\r\n220 b\r\n", "220 a", true},
      {"without CR", "220 a\nx", "220 a", true},
      {"escaped", "a\xff\n", "a\\xff", true},
      {"empty", "\n", "", true},
      {"just short of the bound", std::string(511, 'a'), std::string(511, 'a'), false},
      {"beyond the bound", std::string(600, 'a') + "\n", std::string(512, 'a'), true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const FirstLine line{{reinterpret_cast<const std::uint8_t*>(c.stream.data()), c.stream.size()}};
    EXPECT_EQ(line.text(), c.text);
    EXPECT_EQ(line.whole(), c.whole);
  }
}

}  // namespace
}  // namespace nw::network
