// What of a keyword a line must hold, and the lines that are let through.
#include "detect/sigma/keyword_filter.h"

#include "detect/sigma/compile.h"
#include "detect/sigma/limits.h"
#include "harness.h"

namespace nw::sigma {
namespace {

using Pieces = std::optional<std::vector<std::string>>;

// Of the keywords of one rule: what stands behind `k:`.
Pieces pieces_of(std::string_view keywords) {
  Bench bench;
  const auto rules = bench.compile(rule_text("  k: " + std::string{keywords} + "\n  condition: k"));
  EXPECT_NE(rules, nullptr) << keywords << bench.diagnostics.to_string();
  if (rules == nullptr) return {};
  std::vector<const Atom*> atoms;
  for (const Atom& atom : rules->data().atoms) atoms.push_back(&atom);
  return keyword_pieces(atoms);
}

TEST(SigmaKeywordFilter, ThePieceIsTheLongestThatWritersLeaveAsItIs) {
  static const struct {
    const char* keywords;
    Pieces want;
  } kCases[] = {
      {"[Mimikatz]", {{"mimikatz"}}},
      {"[b_keyword, a_keyword, B_Keyword]", {{"a_keyword", "b_keyword"}}},
      {"['x*longer?piece']", {{"longer"}}},
      {"['a/bcd/longest\\\\ef']", {{"longest"}}},
      {"['<script>alert']", {{"script"}}},
      {"[\"it's there\"]", {{"s there"}}},
      {"['say \"hello\"']", {{"hello"}}},
      {"['p\xc3\xa4sswort']", {{"sswort"}}},
      {"['\xe2\x84\xaa"
       "elvin']",
       {{"kelvin"}}},
      {"{'|cased': [KeyWord]}", {{"keyword"}}},
      {"{'|all': [first, second]}", {{"first", "second"}}},
      {"[sel ect]", {{"sel ect"}}},
      // Nothing long enough that is plain.
      {"[ab]", std::nullopt},
      {"['/*/']", std::nullopt},
      {"['\xc3\xa4\xc3\xb6\xc3\xbc']", std::nullopt},
      {"['<a>b</a>']", std::nullopt},
      // The text of a number or an address is made, not taken from the line.
      {"['10.0.0.1']", std::nullopt},
      {"['2001:db8::1']", std::nullopt},
      {"['1e+05']", std::nullopt},
      {"[4625]", std::nullopt},
      {"['10.0.0.1 root']", {{"10.0.0.1 root"}}},
      {"[evil, 'ab']", std::nullopt},
      {"{'|re': ['mimi.*']}", std::nullopt},
      {"[mimikatz, 17]", std::nullopt},
  };
  for (const auto& c : kCases) EXPECT_EQ(pieces_of(c.keywords), c.want) << c.keywords;
}

TEST(SigmaKeywordFilter, LetsThroughWhatMayHoldAPiece) {
  ScannerPool pool;
  const auto filter = make_keyword_filter({"kisses"}, pool);
  const auto memory = filter->make_memory();
  static const struct {
    const char* line;
    bool want;
  } kCases[] = {
      {R"({"a":"xkissesx"})", true},
      {R"({"a":"KISSES"})", true},
      {R"({"kisses":1})", true},
      {R"({"a":"k\u0069sses"})", true},
      {R"({"a":"\u004bISSES"})", true},
      {R"({"a":"\u004BISSES"})", true},
      {"{\"a\":\"\xe2\x84\xaaisses\"}", true},
      {"{\"a\":\"ki\xc5\xbf\xc5\xbf"
       "es\"}",
       true},
      {R"({"a":"\u212Aisses"})", true},
      {R"({"a":"ki\u017F\u017fes"})", true},
      {R"({"a":"kiss es"})", false},
      {R"({"a":"kiss\nes"})", false},
      {R"({"a":"kisse","b":"\u00e4\u003c\u0022"})", false},
      {"", false},
  };
  for (const auto& c : kCases) EXPECT_EQ(filter->wants_all(c.line, *memory), c.want) << c.line;
}

// Keywords want all of a structured line only where it may hold one; of text, and where no piece will do, always.
TEST(SigmaKeywordFilter, OnlyStructuredTypesAreAsked) {
  const auto interest = [](bool structured, std::string_view keywords) {
    Bench bench;
    const event::TypeId type = bench.schema.add_type({"t", "test", {}, {}, {}, true, structured});
    const auto rules = bench.compile(rule_text("  k: " + std::string{keywords} + "\n  condition: k"));
    EXPECT_NE(rules, nullptr);
    return std::pair{rules->interest().wants_all(type), rules->interest().line_filter(type) != nullptr};
  };
  EXPECT_EQ(interest(true, "[mimikatz]"), (std::pair{false, true}));
  EXPECT_EQ(interest(true, "[ab]"), (std::pair{true, false}));
  EXPECT_EQ(interest(false, "[mimikatz]"), (std::pair{true, false}));
}

}  // namespace
}  // namespace nw::sigma
