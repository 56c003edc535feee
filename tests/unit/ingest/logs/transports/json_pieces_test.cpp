#include "ingest/logs/transports/json_pieces.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace nw::logs {
namespace {

using Got = std::vector<std::string>;

struct Read {
  Got pieces;
  bool good = false;
};

Read read(std::string_view text) {
  Read out;
  JsonPieces pieces{text};
  while (pieces.next()) {
    const std::string key{pieces.key()};
    out.pieces.push_back((pieces.kind() == JsonPieces::Kind::object ? key + "=" : "") + std::string{pieces.value()});
  }
  out.good = pieces.good();
  return out;
}

TEST(JsonPieces, Bounds) {
  static const struct {
    const char* text;
    Got want;
  } kCases[] = {
      {"[]", {}},
      {" [ ] ", {}},
      {"[1,2]", {"1", "2"}},
      {"[ -1.5e+3 , true,null ]\n", {"-1.5e+3", "true", "null"}},
      {R"([{"a":[1,{"b":"]}"}]},"x,y"])", {R"({"a":[1,{"b":"]}"}]})", R"("x,y")"}},
      {R"(["\"","\\",""])", {R"("\"")", R"("\\")", R"("")"}},
      {"[{\n \"a\": 1\n}\n]", {"{\n \"a\": 1\n}"}},
      {"{}", {}},
      {R"({"a":1,"b":{"c":2}})", {"a=1", R"(b={"c":2})"}},
      {R"({ "a\"b" : [] })", {R"(a\"b=[])"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const Read got = read(c.text);
    EXPECT_TRUE(got.good);
    EXPECT_EQ(got.pieces, c.want);
  }
}

TEST(JsonPieces, Faults) {
  for (const char* text : {"",        "1",     "\"a\"",    "[",          "{",     "[1",        "[1,",   "[1,]",
                           "[,1]",    "[1 2]", "[1]]",     "[1] x",      "[\"a]", "[\"a\\\"]", "[{]",   "[{]}]",
                           "{\"a\"}", "{a:1}", "{\"a\":}", "{\"a\":1,}", "{1:2}", "{\"a\":1]", "[(1)]", "[@]"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(read(text).good);
  }
}

// A cut text is never taken for a whole one.
TEST(JsonPieces, EveryPrefix) {
  const std::string text = R"([{"a":"\\\"x"},[1,[2]],"s",-3e4,{"b":{"c":[null]}}])";
  ASSERT_TRUE(read(text).good);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(read(text.substr(0, size)).good) << size;
  }
}

TEST(JsonPieces, DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  std::string most = nested(kJsonDepthMax), more = nested(kJsonDepthMax + 1);
  std::string_view text = most;
  EXPECT_TRUE(take_json_value(text));
  EXPECT_TRUE(text.empty());
  text = more;
  EXPECT_FALSE(take_json_value(text));
  // Kinds of brackets are kept apart at every depth.
  most[most.size() - 100] = '}';
  text = most;
  EXPECT_FALSE(take_json_value(text));
}

TEST(JsonPieces, Member) {
  const std::string_view text = R"({"a":1,"b":null,"a":{"x":2},"c":"d"})";
  bool good = true;
  EXPECT_EQ(json_member(text, "a", good), R"({"x":2})");
  EXPECT_EQ(json_member(text, "b", good), "");
  EXPECT_EQ(json_member(text, "c", good), R"("d")");
  EXPECT_EQ(json_member(text, "z", good), "");
  EXPECT_TRUE(good);
  (void)json_member("[1]", "a", good);
  EXPECT_FALSE(good);
}

}  // namespace
}  // namespace nw::logs
