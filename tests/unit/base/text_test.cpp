#include "base/text.h"

#include <array>
#include <gtest/gtest.h>

namespace nw {
namespace {

TEST(Nearest, FindsWhatWasMeant) {
  static constexpr std::array<std::string_view, 4> kKeys{"sources", "outputs", "state_directory", "registry"};
  EXPECT_EQ(nearest("sorces", kKeys), "sources");
  EXPECT_EQ(nearest("ouptuts", kKeys), "outputs");
  EXPECT_EQ(nearest("Registry", kKeys), "registry");
  EXPECT_EQ(nearest("elephant", kKeys), std::nullopt);
  EXPECT_EQ(nearest(std::string(10'000, 'x'), kKeys), std::nullopt);
  EXPECT_EQ(did_you_mean("souces", kKeys), " (did you mean 'sources'?)");
  EXPECT_EQ(did_you_mean("zebra", kKeys), "");
}

TEST(JsonString, EscapesAndRepairs) {
  const auto json = [](std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
  };
  EXPECT_EQ(json("plain"), "\"plain\"");
  EXPECT_EQ(json("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(json(std::string_view{"\0\x1f", 2}), "\"\\u0000\\u001f\"");
  EXPECT_EQ(json("é 水 \xf0\x9f\x92\xa7"), "\"é 水 \xf0\x9f\x92\xa7\"");
  // Lone bytes, an overlong form, a surrogate, and a cut sequence.
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe6\xb0"}) {
    const std::string out = json(bad);
    EXPECT_EQ(out.find(bad), std::string::npos);
    EXPECT_NE(out.find("\xef\xbf\xbd"), std::string::npos);
  }
}

TEST(Utf8Length, OfTheSequenceInFront) {
  static constexpr struct {
    const char* name;
    std::string_view text;
    std::size_t want;
  } kCases[] = {
      {"ASCII", "ab", 1},
      {"NUL", {"\0", 1}, 1},
      {"two", "\xc3\xbcx", 2},
      {"three", "\xe2\x82\xac", 3},
      {"four", "\xf0\x9f\x9a\x80", 4},
      {"alone", "\x80", 0},
      {"overlong", "\xc0\xaf", 0},
      {"surrogate", "\xed\xa0\x80", 0},
      {"cut", "\xe2\x82", 0},
      {"beyond", "\xf4\x90\x80\x80", 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(utf8_length(c.text), c.want);
  }
}

TEST(Printable, KeepsATerminalSafe) {
  EXPECT_EQ(printable("ok é"), "ok é");
  EXPECT_EQ(printable("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");  // C1 control, one of the two ways to begin an escape sequence
  EXPECT_EQ(printable("line\nbreak\x7f"), "line\\x0abreak\\x7f");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

TEST(Split, KeepsEmptyParts) {
  const auto parts = split("a,,b,", ',');
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[1], "");
  EXPECT_EQ(parts[3], "");
  EXPECT_EQ(trim(" \t x y \r\n"), "x y");
}

}  // namespace
}  // namespace nw
