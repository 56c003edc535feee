// Modifiers together: what each pair means, and which pairs are refused because one of them would have no effect.
#include <gtest/gtest.h>

#include "detect/sigma/limits.h"
#include "detect/sigma/pattern.h"
#include "harness.h"

namespace nw::sigma {
namespace {

TEST(SigmaCombinations, Match) {
  static constexpr struct {
    const char* name;
    const char* item;
    const char* event;
    bool want;
  } kCases[] = {
      {"cased and windash", "f|cased|windash|contains: ' -Enc'", "{f: 'x /Enc'}", true},
      {"cased and windash, another case", "f|windash|cased|contains: ' -Enc'", "{f: 'x /enc'}", false},
      {"cased and a glob", "f|cased: 'A*c?'", "{f: 'A..cD'}", true},
      {"cased and a glob, another case", "f|cased: 'A*c?'", "{f: 'a..cD'}", false},
      {"cased and all", "f|contains|cased|all: [A, B]", "{f: 'A b'}", false},
      {"cased and Base64", "f|base64|cased|contains: alpha", "{f: YWXWAGE=}", false},
      {"Base64 ignores case otherwise", "f|base64|contains: alpha", "{f: YWXWAGE=}", true},
      {"windash, then Base64", "f|windash|base64|contains: ' -a'", "{f: 'x IC9h'}", true},
      {"windash, then Base64: as written", "f|windash|base64|contains: ' -a'", "{f: 'x IC1h'}", true},
      {"windash, then wide and Base64", "f|windash|wide|base64: '-a'", "{f: LwBhAA==}", true},
      {"wide, then base64offset", "f|wide|base64offset|contains: cmd", "{f: 'xYwBtAGQAx'}", true},
      {"utf16be, then Base64", "f|utf16be|base64: cmd", "{f: AGMAbQBk}", true},
      {"utf16, then Base64", "f|utf16|base64: cmd", "{f: '//5jAG0AZAA='}", true},
      {"neq and a list", "f|contains|neq: [a, b]", "{f: xbx}", false},
      {"neq, all and a list", "f|contains|all|neq: [a, b]", "{f: xbx}", true},
      {"neq and re", "f|re|neq: '^a'", "{f: ba}", true},
      {"neq before re", "f|neq|re: '^a'", "{f: ab}", false},
      {"neq and cidr", "f|cidr|neq: 10.0.0.0/8", "{f: 192.0.2.1}", true},
      {"neq and windash", "f|windash|contains|neq: ' -a'", "{f: ' /a'}", false},
      {"neq and base64offset", "f|base64offset|contains|neq: alpha", "{f: 'eGFscGhh'}", false},
      {"neq and null", "f|neq: null", "{f: x}", true},
      {"neq and null, absent", "f|neq: null", "{g: x}", false},
      {"neq and numbers", "f|gt|neq: 5", "{f: 4}", true},
      {"re and all", "f|re|all: ['a+', 'b+']", "{f: 'b a'}", true},
      {"re and a number", "f|re: 46", "{f: 4625}", true},
      {"fieldref, cased and endswith", "f|fieldref|endswith|cased: g", "{f: abC, g: bc}", false},
      {"contains and a number", "f|contains: 62", "{f: 4625}", true},
      {"contains and a truth", "f|contains: true", "{f: 'untrue'}", true},
      {"keywords: re and all", "'|re|all': ['a+', 'b+']", "{f: bb, g: aa}", true},
      {"keywords: cased", "'|cased': Evil", "{f: 'an evil'}", false},
      {"keywords: Base64", "'|base64offset|contains': alpha", "{f: eGFscGhh}", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(fires(item_text(c.item), c.event), c.want) << c.item << "   on   " << c.event;
  }
}

TEST(SigmaCombinations, Refused) {
  for (const char* item : {"f|exists|neq: true",
                           "f|neq|exists: true",
                           "f|exists|cased: true",
                           "f|exists|all: true",
                           "f|exists: 'true'",
                           "f|exists: 1",
                           "f|exists: [true, false]",
                           "f|contains|re: a",
                           "f|re|contains: a",
                           "f|re|cased: a",
                           "f|re|windash: a",
                           "f|re|base64: a",
                           "f|base64|re: a",
                           "f|cidr|contains: 10.0.0.0/8",
                           "f|cidr|cased: 10.0.0.0/8",
                           "f|windash|cidr: 10.0.0.0/8",
                           "f|base64|cidr: 10.0.0.0/8",
                           "f|cidr: 10",
                           "f|gt|lt: 5",
                           "f|gt: '5'",
                           "f|gt: null",
                           "f|gt|cased: 5",
                           "f|lte|windash: 5",
                           "f|gt|fieldref: g",
                           "f|fieldref|gt: g",
                           "f|fieldref: 5",
                           "f|fieldref|windash: g",
                           "f|windash|fieldref: g",
                           "f|fieldref|base64: g",
                           "f|base64|fieldref: g",
                           "f|i: a",
                           "f|contains|i: a",
                           "f|base64: 'a*'",
                           "f|base64: 5",
                           "f|base64: null",
                           "f|contains|base64: a",
                           "f|base64|windash: -a",
                           "f|wide: a",
                           "f|base64|wide: a",
                           "f|base64offset: a",
                           "f|contains: null",
                           "f|re: null",
                           "'|startswith': a",
                           "'|neq': a",
                           "'|fieldref': a",
                           "'|gt': 5",
                           "'|cidr': 10.0.0.0/8",
                           "'|exists': true"}) {
    Bench bench;
    EXPECT_EQ(bench.compile(item_text(item)), nullptr) << item;
    ASSERT_FALSE(bench.diagnostics.all().empty()) << item;
    EXPECT_EQ(bench.diagnostics.all().front().code, "modifier-use") << item;
  }
}

TEST(SigmaCombinations, DashVariants) {
  const auto widened = [](std::string_view text) {
    Pattern pattern = Pattern::parse(text);
    pattern.widen_dashes();
    return pattern;
  };
  EXPECT_EQ(widened("plain").dash_variants(kDashVariantsMax).size(), 1U);
  EXPECT_EQ(widened("").dash_variants(kDashVariantsMax).size(), 1U);
  EXPECT_EQ(widened("-a /b").dash_variants(kDashVariantsMax).size(), 25U);
  EXPECT_EQ(widened("-a -b -c -d").dash_variants(kDashVariantsMax).size(), kDashVariantsMax);
  EXPECT_EQ(widened("-a -b -c -d -e").dash_variants(kDashVariantsMax).size(), 0U);
  Bench good, bad;
  EXPECT_NE(good.compile(item_text("f|windash|base64: '-a -b -c -d'")), nullptr);
  EXPECT_EQ(bad.compile(item_text("f|windash|base64: '-a -b -c -d -e'")), nullptr);
}

}  // namespace
}  // namespace nw::sigma
