#include "ingest/logs/formats/key_values.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace nw::logs {
namespace {

// "key:value" for a pair, "key:\"value\"" for one that was quoted, "key" for a bare word, joined with '|'.
std::string told(const KeyValues& pairs) {
  std::string out;
  for (const KeyValue& pair : pairs.pairs()) {
    if (!out.empty()) out += '|';
    out += pair.key;
    if (pair.bare) continue;
    out += ':';
    if (pair.quoted) out += '"';
    out += pair.value;
    if (pair.quoted) out += '"';
  }
  return out;
}

struct Case {
  const char *name, *text, *want;
};

TEST(KeyValues, Spaced) {
  static constexpr Case kCases[] = {
      {"nothing", "", ""},
      {"no pair", "free text only", ""},
      {"values with spaces", "msg=pump 3 stopped dpt=502 act=", "msg:pump 3 stopped|dpt:502|act:"},
      {"spaces around", "  src=192.0.2.1   dst=192.0.2.2  ", "src:192.0.2.1|dst:192.0.2.2"},
      {"a leading space is the value's", "msg= two", "msg: two"},
      {"text before the first key", "oh dear src=192.0.2.1", "src:192.0.2.1"},
      {"escaped equals", R"(a=x\=1 b=2)", R"(a:x\=1|b:2)"},
      {"equals inside a URL", "request=http://h/?q=1&r=2 act=ok", "request:http://h/?q=1&r=2|act:ok"},
      {"equals after equals", "dn=CN=x,O=y c=1", "dn:CN=x,O=y|c:1"},
      {"equals without a key", "a=one = two =three b=4", "a:one = two =three|b:4"},
      {"keys with dots, brackets, commas", "ad.x=1 ad.E_,Code=2 f[0]=3", "ad.x:1|ad.E_,Code:2|f[0]:3"},
      {"a comma without a dot is text", "msg=see x,y=1 b=2", "msg:see x,y=1|b:2"},
      {"a key after a tab", "a=1\tb=2", "a:1|b:2"},
  };
  const auto pairs = std::make_unique<KeyValues>();
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(pairs->scan_spaced(c.text), LineFault::none);
    EXPECT_EQ(told(*pairs), c.want);
  }
}

TEST(KeyValues, Delimited) {
  static constexpr Case kCases[] = {
      {"nothing", "", ""},
      {"parts", "src=192.0.2.1^usrName=a b^url=/x?y=1", "src:192.0.2.1|usrName:a b|url:/x?y=1"},
      {"empty parts and values", "^^a=^ b =2^", "a:|b:2"},
      {"a part without equals goes on", "a=1^2^b=3", "a:1^2|b:3"},
      {"text before the first key", "oh^a=1", "a:1"},
  };
  const auto pairs = std::make_unique<KeyValues>();
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(pairs->scan_delimited(c.text, '^'), LineFault::none);
    EXPECT_EQ(told(*pairs), c.want);
  }
}

TEST(KeyValues, Words) {
  static constexpr Case kCases[] = {
      {"nothing", "  ", ""},
      {"logfmt", R"(level=warn msg="valve \"7\" shut" cached took=3ms)",
       R"(level:warn|msg:"valve \"7\" shut"|cached|took:3ms)"},
      {"separators", "a=1, b=2; c=x,y", "a:1|b:2|c:x,y"},
      {"commas alone", "a=1,b=2,c=\"d,e\",f=3", "a:1|b:2|c:\"d,e\"|f:3"},
      {"single quotes", "a='x y' b='z", "a:x y|b:'z"},
      {"empty values", R"(a= b="" c)", R"(a:|b:""|c)"},
      {"equals in a value", "url=/x?y=1 b=2", "url:/x?y=1|b:2"},
      {"a quote that never ends", R"(a="b c=d)", R"(a:"b|c:d)"},
      {"a backslash before the last quote", R"(a="b\\" c=1)", R"(a:"b\\"|c:1)"},
  };
  const auto pairs = std::make_unique<KeyValues>();
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(pairs->scan_words(c.text, QuoteEnd::first), LineFault::none);
    EXPECT_EQ(told(*pairs), c.want);
  }
}

TEST(KeyValues, WordsWhoseQuotesEndAtAKey) {
  static constexpr Case kCases[] = {
      {"plain", R"(a="x y" b=1)", R"(a:"x y"|b:1)"},
      {"quotes that nobody escaped", R"(msg="he said "no" to it" b=1)", R"(msg:"he said "no" to it"|b:1)"},
      {"escaped quotes", R"(msg="he said \"no\" b=2" c=1)", R"(msg:"he said \"no\" b=2"|c:1)"},
      {"a path that ends in a backslash", R"(path="C:\" b=1)", R"(path:"C:\"|b:1)"},
      {"commas between", R"(a="x, y",b=1,c="z")", R"(a:"x, y"|b:1|c:"z")"},
      {"none ends", R"(a="x b="y)", R"(a:"x|b:"y)"},
  };
  const auto pairs = std::make_unique<KeyValues>();
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(pairs->scan_words(c.text, QuoteEnd::at_key), LineFault::none);
    EXPECT_EQ(told(*pairs), c.want);
  }
}

TEST(KeyValues, ReachesItsBounds) {
  const auto pairs = std::make_unique<KeyValues>();
  std::string spaced, delimited;
  for (std::size_t i = 0; i < KeyValues::kPairsMax; ++i) {
    spaced += "k=v ";
    delimited += "k=v^";
  }
  EXPECT_EQ(pairs->scan_spaced(spaced), LineFault::none);
  EXPECT_EQ(pairs->pairs().size(), KeyValues::kPairsMax);
  EXPECT_EQ(pairs->scan_words(spaced, QuoteEnd::first), LineFault::none);
  EXPECT_EQ(pairs->scan_delimited(delimited, '^'), LineFault::none);
  EXPECT_EQ(pairs->scan_spaced(spaced + "k=v"), LineFault::too_deep);
  EXPECT_EQ(pairs->scan_words(spaced + "k=v", QuoteEnd::at_key), LineFault::too_deep);
  EXPECT_EQ(pairs->scan_delimited(delimited + "k=v", '^'), LineFault::too_deep);

  const std::string key(KeyValues::kKeyBytesMax, 'k');
  EXPECT_EQ(pairs->scan_spaced("a=1 " + key + "=2"), LineFault::none);
  EXPECT_EQ(pairs->pairs().size(), 2U);
  EXPECT_EQ(pairs->scan_spaced("a=1 k" + key + "=2"), LineFault::none);
  EXPECT_EQ(pairs->pairs().size(), 1U);
}

TEST(KeyValues, FindsTheLast) {
  const auto pairs = std::make_unique<KeyValues>();
  ASSERT_EQ(pairs->scan_spaced("a=1 b=2 a=3"), LineFault::none);
  ASSERT_NE(pairs->find("a"), nullptr);
  EXPECT_EQ(pairs->find("a")->value, "3");
  EXPECT_EQ(pairs->find("c"), nullptr);
}

TEST(Unescape, OnlyWhatItIsTold) {
  Arena arena;
  EXPECT_EQ(unescape(arena, "plain", "=", "="), "plain");
  EXPECT_EQ(unescape(arena, R"(a\=b\\c\nd\qe\)", "=\\n", "=\\\n"), "a=b\\c\nd\\qe\\");
  EXPECT_EQ(unescape(arena, R"(C:\temp)", "\"", "\""), R"(C:\temp)");
  Arena spent{4};
  EXPECT_EQ(unescape(spent, R"(a\=b\=c)", "=", "="), R"(a\=b\=c)");
}

}  // namespace
}  // namespace nw::logs
