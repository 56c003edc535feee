// The modifier `expand`: a row per decided point.
#include "detect/sigma/placeholders.h"

#include <gtest/gtest.h>

#include "detect/sigma/limits.h"
#include "harness.h"

namespace nw::sigma {
namespace {

CompileOptions options() {
  CompileOptions out;
  out.placeholders = {{"one", {"alpha"}},
                      {"two", {"beta", "gam*a"}},
                      {"DC-NAME.x", {"dc$"}},
                      {"path", {"C:\\tmp\\"}},
                      {"nets", {"10.0.0.0/8", "192.0.2.0/24"}},
                      {"fields", {"g", "h"}},
                      {"flags", {"-enc", "/nop"}},
                      {"dots", {"a.b", "c?"}},
                      {"number", {"7"}},
                      {"empty", {}}};
  return out;
}

TEST(SigmaPlaceholders, Pieces) {
  static constexpr struct {
    const char* written;
    const char* want;  // names in <>
  } kCases[] = {
      {"%name%", "<name>"},
      {"a%name%b", "a<name>b"},
      {"%a%%b%", "<a><b>"},
      {R"(\%plain%name%)", "%plain<name>"},
      {R"(\%name%)", "%name%"},
      {R"(\\%name%)", R"(\\<name>)"},
      {R"(a\b%n%)", R"(a\b<n>)"},
      {"100%", "100%"},
      {"50 % of %name%", "50 % of <name>"},
      {"%%", "%%"},
      {"%a b%", "%a b%"},
      {"%DC-NAME.x%", "<DC-NAME.x>"},
      {R"(end\)", R"(end\)"},
      {"%open", "%open"},
      {"", ""},
  };
  for (const auto& c : kCases) {
    std::string got;
    for (const PlaceholderPiece& piece : split_placeholders(c.written))
      got += piece.name ? '<' + piece.text + '>' : piece.text;
    EXPECT_EQ(got, c.want) << c.written;
  }
}

TEST(SigmaPlaceholders, Match) {
  static constexpr struct {
    const char* name;
    const char* item;
    const char* event;
    bool want;
  } kCases[] = {
      {"one value", "f|expand: '%one%'", "{f: Alpha}", true},
      {"without expand it is text", "f: '%one%'", "{f: '%one%'}", true},
      {"without expand it is no placeholder", "f: '%one%'", "{f: alpha}", false},
      {"with expand it is no text", "f|expand: '%one%'", "{f: '%one%'}", false},
      {"any of the values", "f|expand: '%two%'", "{f: beta}", true},
      {"wildcards in values", "f|expand: '%two%'", "{f: gam--a}", true},
      {"text around", "f|expand: 'x%one%y'", "{f: xalphay}", true},
      {"wildcards around", "f|expand: '*%one%?'", "{f: '..alphaZ'}", true},
      {"two placeholders", "f|expand: '%one%-%two%'", "{f: alpha-gamma}", true},
      {"all combinations", "f|expand: '%two%%two%'", "{f: betabeta}", true},
      {"every combination is whole", "f|expand: '%two%%two%'", "{f: beta}", false},
      {"a value's last backslash escapes nothing", "f|expand: '%path%*'", R"({f: 'C:\tmp\x'})", true},
      {"a backslash before", R"(f|expand: 'd\\%one%')", R"({f: 'd\alpha'})", true},
      {"literal percent", R"(f|expand: ['\%one%', '%one%'])", "{f: '%one%'}", true},
      {"contains", "f|contains|expand: '%one%'", "{f: '..alpha..'}", true},
      {"expand, then contains", "f|expand|contains: '%one%'", "{f: '..alpha..'}", true},
      {"startswith", "f|startswith|expand: '%two%'", "{f: 'beta..'}", true},
      {"cased", "f|expand|cased: '%one%'", "{f: Alpha}", false},
      {"neq: none of them", "f|expand|neq: '%two%'", "{f: beta}", false},
      {"neq: another", "f|expand|neq: '%two%'", "{f: delta}", true},
      {"alternatives under all", "f|contains|all|expand: ['%one%', '%two%']", "{f: 'beta alpha'}", true},
      {"but each of the list", "f|contains|all|expand: ['%one%', '%two%']", "{f: 'beta gamma'}", false},
      {"windash", "f|expand|windash|contains: ' %flags%'", "{f: 'x /enc'}", true},
      {"base64", "f|expand|base64|contains: '%one%'", "{f: 'x YWxwaGE= y'}", true},
      {"base64offset", "f|expand|base64offset|contains: '%one%'", "{f: 'eGFscGhh'}", true},
      {"cidr", "f|expand|cidr: '%nets%'", "{f: 192.0.2.9}", true},
      {"cidr, outside", "f|cidr|expand: '%nets%'", "{f: 198.51.100.1}", false},
      {"fieldref", "f|expand|fieldref: '%fields%'", "{f: a, g: b, h: a}", true},
      {"re: a group", "f|re|expand: '^(x|%two%)$'", "{f: beta}", true},
      {"re: its wildcards", "f|re|expand: '^%two%$'", "{f: gam12a}", true},
      {"re: nothing else is special", "f|re|expand: '^%dots%$'", "{f: axb}", false},
      {"re: nothing else is special, itself", "f|re|expand: '^%dots%$'", "{f: a.b}", true},
      {"re: one character", "f|re|expand: '^%dots%$'", "{f: cd}", true},
      {"re: a backslash pair stays", R"(f|re|expand: '^\d+%one%$')", "{f: 12alpha}", true},
      {"keywords", "'|expand': '%one%'", "{g: 'x alpha y'}", true},
      {"numbers in the list stay numbers", "f|expand: ['%one%', 7]", "{f: 7}", true},
      {"a number as a value", "f|expand: '%number%'", "{f: 7}", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench;
    const auto rules = bench.compile(item_text(c.item), options());
    ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
    Matcher matcher{rules};
    event::Event event;
    bench.fill(event, c.event);
    EXPECT_EQ(!matcher.match(event).empty(), c.want);
  }
}

TEST(SigmaPlaceholders, Refused) {
  static constexpr struct {
    const char* name;
    const char* item;
    const char* code;
  } kCases[] = {
      {"no such name", "f|expand: '%onw%'", "unknown-placeholder"},
      {"names are case-sensitive", "f|expand: '%One%'", "unknown-placeholder"},
      {"no values", "f|expand: '%empty%'", "unknown-placeholder"},
      {"one of two", "f|expand: '%one%%other%'", "unknown-placeholder"},
      {"after an encoding", "f|base64|expand: '%one%'", "modifier-use"},
      {"a wildcard in Base64", "f|expand|base64: '%two%'", "modifier-use"},
      {"a wildcard as a field", "f|expand|fieldref: '%two%'", "modifier-use"},
      {"no network", "f|expand|cidr: '%one%'", "bad-cidr"},
      {"numbers need numbers", "f|expand|gt: '%number%'", "modifier-use"},
      {"several fields and all", "f|expand|fieldref|all: ['%fields%', g]", "modifier-use"},
      {"re comes first", "f|expand|re: '%one%'", "modifier-use"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench;
    EXPECT_EQ(bench.compile(item_text(c.item), options()), nullptr);
    ASSERT_FALSE(bench.diagnostics.all().empty());
    EXPECT_EQ(bench.diagnostics.all().front().code, c.code);
  }
}

TEST(SigmaPlaceholders, ReadFromYaml) {
  Placeholders values;
  Diagnostics diagnostics;
  parse_placeholders("a: x\nb: [y, 7, true]\nc.d-e: []\n---\n", "p.yaml", values, diagnostics);
  EXPECT_TRUE(diagnostics.ok()) << diagnostics.to_string();
  EXPECT_EQ(values, (Placeholders{{"a", {"x"}}, {"b", {"y", "7", "true"}}, {"c.d-e", {}}}));
  parse_placeholders("a: z\n", "p.yaml", values, diagnostics);
  parse_placeholders("[a]\n", "p.yaml", values, diagnostics);
  parse_placeholders("a: [\n", "p.yaml", values, diagnostics);
  parse_placeholders("f: {g: h}\n", "p.yaml", values, diagnostics);
  parse_placeholders("'': h\n", "p.yaml", values, diagnostics);
  std::string codes;
  for (const Diagnostic& d : diagnostics.all()) codes += d.code + ' ';
  EXPECT_EQ(codes, "duplicate-name wrong-type yaml-syntax wrong-type bad-name ");
}

TEST(SigmaPlaceholders, Limits) {
  const auto first_error = [](const std::string& item, const CompileOptions& options) {
    Bench bench;
    static_cast<void>(bench.compile(item_text(item), options));
    return bench.diagnostics.all().empty() ? std::string{} : bench.diagnostics.all().front().code;
  };
  CompileOptions many;
  for (std::size_t i = 0; i < 200; ++i) many.placeholders["m"].push_back("v" + std::to_string(i) + "-");
  many.placeholders["c"] = {"1", "2", "3"};
  EXPECT_EQ(first_error("f|expand: '%m%%c%'", many), "");
  EXPECT_EQ(first_error("f|expand: '%m%%m%'", many), "limit");
  EXPECT_EQ(first_error("f|expand: '%m%%m%%m%%m%%m%%m%%m%%m%%m%%m%'", many), "limit");  // more than 64 bits count

  CompileOptions large;
  large.placeholders["v"] = {std::string(kValueBytesMax, 'v')};
  large.placeholders["w"] = {std::string(kWildcardsMax, '?')};
  EXPECT_EQ(first_error("f|expand: '%v%'", large), "");
  EXPECT_EQ(first_error("f|expand: 'x%v%'", large), "limit");
  EXPECT_EQ(first_error("f|expand: '%w%'", large), "");
  EXPECT_EQ(first_error("f|expand: '%w%?'", large), "limit");
  EXPECT_EQ(first_error("f|re|expand: '%v%'", large), "limit");
}

}  // namespace
}  // namespace nw::sigma
