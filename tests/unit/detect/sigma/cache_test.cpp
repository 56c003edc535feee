// The cache of compiled rules: what comes back is what went in, and damage costs time, never correctness.
#include "detect/sigma/cache.h"

#include <gtest/gtest.h>

#include "detect/sigma/compile.h"
#include "harness.h"

namespace nw::sigma {
namespace {

constexpr std::string_view kDetection = R"(  a:
    - f|contains|windash: [' -enc ', 'x*y?z']
      g|base64offset|contains: 'http://'
    - f|re|i: 'ab+c'
      n|gte: 7
  b: {h|cidr: 10.0.0.0/8, i: null, j|exists: true, k|fieldref: f, l: 0.5}
  c: [evil, 17]
  condition: (1 of a* or not b) and c
level: high
normwatch: {downgrade_when: {m|startswith: quiet, to: low}})";

struct Compiled {
  std::shared_ptr<const RuleSet> rules;
  CompileCache cache;
  Diagnostics diagnostics;
  Bench bench;
  void compile(std::string bytes, std::string key = "k") {
    cache = {std::move(key), std::move(bytes), false};
    CompileOptions options;
    options.cache = &cache;
    const std::array<RuleText, 1> texts{RuleText{"rule.yml", rule_text(kDetection)}};
    rules = RuleSet::compile(texts, bench.schema, options, diagnostics);
    ASSERT_NE(rules, nullptr) << diagnostics.to_string();
  }
};

TEST(SigmaCache, ComesBackTheSame) {
  Compiled first;
  first.compile({});
  EXPECT_TRUE(first.cache.changed);
  Compiled second;
  second.compile(first.cache.bytes);
  EXPECT_FALSE(second.cache.changed);
  EXPECT_EQ(second.diagnostics.to_string(), first.diagnostics.to_string());
  EXPECT_EQ(second.rules->info(0).title, first.rules->info(0).title);
  EXPECT_EQ(second.rules->info(0).lowered, Level::low);
  const auto &a = first.rules->data(), &b = second.rules->data();
  ASSERT_EQ(a.atoms.size(), b.atoms.size());
  for (std::size_t i = 0; i < a.atoms.size(); ++i) {
    EXPECT_EQ(a.atoms[i].written, b.atoms[i].written);
    EXPECT_EQ(a.atoms[i].pattern, b.atoms[i].pattern);
    EXPECT_EQ(a.atoms[i].literal, b.atoms[i].literal);
  }
  // Written again, it is the same to the byte.
  const auto content = open_cache(first.cache.bytes, "k");
  ASSERT_TRUE(content);
  const auto reading = to_reading(content->reading);
  ASSERT_TRUE(reading);
  EXPECT_EQ(to_bytes(*reading), content->reading);
  EXPECT_EQ(make_cache("k", *content), first.cache.bytes);
}

TEST(SigmaCache, AnotherKeyIsNoCache) {
  Compiled first;
  first.compile({});
  Compiled second;
  second.compile(first.cache.bytes, "other rules");
  EXPECT_TRUE(second.cache.changed);
}

TEST(SigmaCache, DamageIsNoCache) {
  Compiled first;
  first.compile({});
  const std::string good = first.cache.bytes;
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 16)
    EXPECT_FALSE(open_cache(std::string_view{good}.substr(0, size), "k")) << size;
  for (std::size_t at = 0; at < good.size(); at += 1 + at / 16) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x41);
    EXPECT_FALSE(open_cache(bad, "k")) << at;
  }
  Compiled second;
  second.compile(good.substr(0, good.size() / 2));
  EXPECT_TRUE(second.cache.changed);
  EXPECT_EQ(second.cache.bytes, good);
}

void expect_enumerators(const Detection& detection) {
  EXPECT_LE(detection.kind, Detection::Kind::item);
  EXPECT_LE(detection.item.op, Op::exists);
  EXPECT_LE(detection.item.part, TimePart::year);
  for (const RuleValue& value : detection.item.values) {
    EXPECT_LE(value.kind, RuleValue::Kind::text);
    for (const Pattern& pattern : value.patterns)
      for (const Pattern::Part& part : pattern.parts()) EXPECT_LE(part.kind, Pattern::Kind::dash);
  }
  for (const Detection& child : detection.children) expect_enumerators(child);
}

// With a checksum that is right, so that the reader meets them.
TEST(SigmaCache, NoBytesBreakTheReader) {
  Compiled first;
  first.compile({});
  const auto content = open_cache(first.cache.bytes, "k");
  ASSERT_TRUE(content);
  const std::string good{content->reading};
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(to_reading(std::string_view{good}.substr(0, size))) << size;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'\xff', '\x7f', '\x0b'}) {
      std::string bad = good;
      bad[at] = byte;
      const auto reading = to_reading(bad);
      if (!reading) continue;
      for (const Rule& rule : reading->result.rules) {
        EXPECT_LE(rule.info.level, Level::critical);
        EXPECT_LE(rule.condition.kind, Condition::Kind::disjunction);
        for (const Identifier& identifier : rule.identifiers) expect_enumerators(identifier.detection);
      }
    }
  }
}

TEST(SigmaCache, StrangeDatabasesAreCompiledAnew) {
  Compiled first;
  first.compile({});
  auto content = open_cache(first.cache.bytes, "k");
  ASSERT_TRUE(content);
  ASSERT_FALSE(content->databases.empty());
  for (auto& [hash, bytes] : content->databases) bytes = "no database";
  Compiled second;
  second.compile(make_cache("k", *content));
  // Another machine's databases are replaced, so that the next start has its own.
  EXPECT_TRUE(second.cache.changed);
  EXPECT_EQ(second.cache.bytes, first.cache.bytes);
  Matcher matcher{second.rules};
  event::Event event;
  second.bench.fill(event, "{f: 'run -enc x', g: 'aHR0cDovL', n: 8, x: evil 17}");
  event.raw = "evil";
  EXPECT_FALSE(matcher.match(event).empty());
}

}  // namespace
}  // namespace nw::sigma
