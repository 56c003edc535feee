// Files of several documents: what `action` makes of them.
#include "detect/sigma/collection.h"

#include <gtest/gtest.h>

#include "detect/sigma/limits.h"
#include "harness.h"

namespace nw::sigma {
namespace {

constexpr std::string_view kSecond = "11111111-2222-4333-8444-555555555556";

// Each document as "key=value" pairs, maps in braces; documents apart by " | ".
std::string flat(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) return node.scalar;
  std::string out = node.kind == YamlNode::Kind::map ? "{" : "[";
  for (const YamlNode& item : node.items) out += flat(item) + ' ';
  for (const auto& [key, value] : node.members) out += key.scalar + '=' + flat(value) + ' ';
  if (out.ends_with(' ')) out.pop_back();
  return out + (node.kind == YamlNode::Kind::map ? "}" : "]");
}

std::string codes(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics.all()) out += (out.empty() ? "" : " ") + d.code;
  return out;
}

TEST(SigmaCollection, Documents) {
  static constexpr struct {
    const char* name;
    const char* text;
    const char* want;
    const char* codes;
  } kCases[] = {
      {"global goes into each", "action: global\na: 1\n---\nb: 2\n---\nc: 3\n", "{b=2 a=1} | {c=3 a=1}", ""},
      {"before it nothing changes", "b: 2\n---\naction: global\na: 1\n---\nc: 3\n", "{b=2} | {c=3 a=1}", ""},
      {"maps are joined, deep", "action: global\nd: {x: {p: 1}}\n---\nd: {x: {q: 2}, y: 3}\n", "{d={x={q=2 p=1} y=3}}",
       ""},
      {"lists are replaced", "action: global\nl: [1]\n---\nl: [2, 3]\n", "{l=[1]}", "global-replaces"},
      {"scalars are replaced", "action: global\na: 1\n---\na: 2\n", "{a=1}", "global-replaces"},
      {"the same value is no replacement", "action: global\na: 1\n---\na: 1\n", "{a=1}", ""},
      {"a map replaces a scalar", "action: global\na: {b: 1}\n---\na: 2\n", "{a={b=1}}", "global-replaces"},
      {"a new global forgets the old", "action: global\na: 1\n---\nx: 0\n---\naction: global\nb: 2\n---\ny: 0\n",
       "{x=0 a=1} | {y=0 b=2}", ""},
      {"reset", "action: global\na: 1\n---\nb: 2\n---\naction: reset\n---\nc: 3\n", "{b=2 a=1} | {c=3}", ""},
      {"repeat", "a: 1\nd: {x: 1}\n---\naction: repeat\nd: {y: 2}\nb: 3\n", "{a=1 d={x=1}} | {a=1 d={x=1 y=2} b=3}",
       ""},
      {"repeat changes values without a word", "a: 1\n---\naction: repeat\na: 2\n", "{a=1} | {a=2}", ""},
      {"repeat of a repetition", "a: 1\n---\naction: repeat\nb: 2\n---\naction: repeat\nc: 3\n",
       "{a=1} | {a=1 b=2} | {a=1 b=2 c=3}", ""},
      {"repeat of what a global one made", "action: global\ng: 0\n---\na: 1\n---\naction: repeat\na: 2\n",
       "{a=1 g=0} | {a=2 g=0}", ""},
      {"repeat of a global one leaves it as it is", "action: global\ng: 0\n---\naction: repeat\na: 1\n---\nb: 2\n",
       "{g=0 a=1} | {b=2 g=0}", ""},
      {"nobody takes the global one", "a: 1\n---\naction: global\ng: 0\n", "{a=1}", "global-unused"},
      {"unknown", "a: 1\n---\naction: globl\nb: 2\n---\nc: 3\n", "{a=1}", "collection-action"},
      {"not a word", "a: 1\n---\naction: [global]\n---\nc: 3\n", "{a=1}", "collection-action"},
      {"nothing to repeat", "action: repeat\na: 1\n---\nb: 2\n", "", "collection-action"},
      {"reset with a key", "action: reset\na: 1\n---\nb: 2\n", "", "collection-action"},
      {"what is no map stays", "action: global\na: 1\n---\nword\n---\nb: 2\n", "word | {b=2 a=1}", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    const auto documents = parse_yaml(c.text, "c.yml", diagnostics);
    ASSERT_TRUE(is_collection(documents));
    Collection collection{"c.yml", diagnostics};
    std::string got;
    for (const YamlNode& document : documents)
      if (const auto whole = collection.next(document)) got += (got.empty() ? "" : " | ") + flat(*whole);
    collection.finish();
    EXPECT_EQ(got, c.want);
    EXPECT_EQ(codes(diagnostics), c.codes) << diagnostics.to_string();
    EXPECT_EQ(collection.broken(), !diagnostics.ok());
  }
}

const std::string kGlobal =
    "action: global\ntitle: A rule\nlogsource: {product: test}\ndetection:\n  both: {f: a}\n  condition: both and "
    "own\n";

TEST(SigmaCollection, Rules) {
  Bench bench;
  const auto rules = bench.compile(kGlobal + "---\nid: " + std::string{kId} + "\ndetection: {own: {g: x}}\n---\nid: " +
                                   std::string{kSecond} + "\ndetection: {own: {g: y}}\n");
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  ASSERT_EQ(rules->size(), 2U);
  EXPECT_EQ(rules->info(0).mark.line, 8U);  // its own document, not the global one
  EXPECT_EQ(rules->info(1).mark.line, 11U);
  Matcher matcher{rules};
  event::Event event;
  bench.fill(event, "{f: a, g: y}");
  const auto hits = matcher.match(event);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits.front().rule, 1U);
}

TEST(SigmaCollection, FaultsKeepTheirPlaces) {
  Bench bench;
  std::string global = kGlobal;
  global.replace(global.find("both and own"), 12, "both and onw");
  EXPECT_EQ(bench.compile(global + "---\nid: " + std::string{kId} + "\ndetection: {own: {g|contian: x}}\n"), nullptr);
  const std::string said = bench.diagnostics.to_string();
  EXPECT_NE(said.find("rule.yml:9:21: unknown-modifier"), std::string::npos) << said;
  Bench other;
  EXPECT_EQ(other.compile(global + "---\nid: " + std::string{kId} + "\ndetection: {own: {g: x}}\n"), nullptr);
  EXPECT_NE(other.diagnostics.to_string().find("rule.yml:6:23: unknown-identifier"), std::string::npos)
      << other.diagnostics.to_string();
}

TEST(SigmaCollection, Permissive) {
  CompileOptions options;
  options.permissive = true;
  Bench bench;
  const auto rules = bench.compile(
      item_text("f: a") + "---\naction: globall\ntitle: x\n---\n" + rule_text("  s: {f: b}\n  condition: s", kSecond),
      options);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(rules->size(), 1U);     // what came before is sound
  EXPECT_EQ(rules->refused(), 2U);  // what follows may lack keys that were meant for it
  EXPECT_EQ(codes(bench.diagnostics), "collection-action");
}

TEST(SigmaCollection, Filters) {
  Bench bench;
  const auto rules = bench.compile(
      item_text("f: a") + "---\naction: global\ntitle: F\nlogsource: {product: test}\n---\n" +
      "filter: {rules: any, s: {g: x}, condition: not s}\n---\n" + "action: repeat\nfilter: {s: {g: y}}\n");
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  EXPECT_EQ(rules->filters().active, 2U);
}

TEST(SigmaCollection, Limit) {
  const auto file = [](std::size_t documents) {
    std::string text = "action: global\nl: [";
    for (int i = 0; i < 10'000; ++i) text += "x,";
    text += "x]\n";
    for (std::size_t i = 0; i < documents; ++i) text += "---\na: 1\n";
    return text;
  };
  // A joined document has itself, two keys with their values, and 10,001 items.
  constexpr std::size_t kFits = kCollectionNodesMax / 10'006;
  for (const bool over : {false, true}) {
    Diagnostics diagnostics;
    const auto documents = parse_yaml(file(kFits + (over ? 1 : 0)), "c.yml", diagnostics);
    Collection collection{"c.yml", diagnostics};
    for (const YamlNode& document : documents) static_cast<void>(collection.next(document));
    EXPECT_EQ(codes(diagnostics), over ? "limit" : "");
  }
}

}  // namespace
}  // namespace nw::sigma
