#include "ingest/network/protocols/reply_reader.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace nw::network {
namespace {

using State = ReplyReader::State;

// What the lines come to: "250 text" for a reply, "!" for a malformed line.
std::vector<std::string> replies_of(const std::vector<std::string>& lines) {
  ReplyReader reader;
  std::vector<std::string> out;
  for (const std::string& line : lines) {
    Reply reply;
    const State state = reader.line(line, reply);
    if (state == State::complete) out.push_back(std::to_string(reply.code) + " " + std::string{reply.text});
    if (state == State::malformed) out.emplace_back("!");
  }
  return out;
}

TEST(ReplyReader, Replies) {
  using Want = std::vector<std::string>;
  const struct {
    const char* name;
    std::vector<std::string> lines;
    Want want;
  } kCases[] = {
      {"one line", {"220 ready"}, {"220 ready"}},
      {"a number alone", {"250"}, {"250 "}},
      {"a number and a space", {"250 "}, {"250 "}},
      {"several lines", {"250-one", "250-two", "250 three"}, {"250 three"}},
      {"lines without a number", {"230-one", " two", "", "230 three"}, {"230 three"}},
      {"another number inside", {"230-one", "220 two", "230 three"}, {"230 three"}},
      {"no number", {"hello"}, {"!"}},
      {"two digits", {"22 ready"}, {"!"}},
      {"four digits", {"2200 ready"}, {"!"}},
      {"no space", {"230_no"}, {"!"}},
      {"begins with zero", {"099 x"}, {"!"}},
      {"empty", {""}, {"!"}},
  };
  for (const auto& c : kCases) EXPECT_EQ(replies_of(c.lines), c.want) << c.name;
}

TEST(ReplyReader, LinesOfAReplyAreBounded) {
  for (const unsigned between : {ReplyReader::kLinesMax - 2, ReplyReader::kLinesMax - 1}) {
    std::vector<std::string> lines(between, "x");
    lines.insert(lines.begin(), "250-begin");
    lines.emplace_back("250 end");
    EXPECT_EQ(replies_of(lines).front(), between == ReplyReader::kLinesMax - 2 ? "250 end" : "!");
  }
}

TEST(ReplyReader, AfterAGapANewReply) {
  ReplyReader reader;
  Reply reply;
  EXPECT_EQ(reader.line("250-one", reply), State::more);
  reader.lost();
  EXPECT_EQ(reader.line("226 done", reply), State::complete);
  EXPECT_EQ(reply.code, 226U);
  reader.lost();  // with the first line of a reply, say
  for (unsigned i = 1; i < ReplyReader::kLinesMax; ++i) EXPECT_EQ(reader.line(" MDTM", reply), State::more);
  EXPECT_EQ(reader.line(" MDTM", reply), State::malformed);
  reader.lost();
  EXPECT_EQ(reader.line(" MDTM", reply), State::more);
  EXPECT_EQ(reader.line("211 end", reply), State::complete);
  EXPECT_EQ(reader.line(" MDTM", reply), State::malformed);
}

}  // namespace
}  // namespace nw::network
