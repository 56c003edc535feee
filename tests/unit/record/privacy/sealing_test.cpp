#include "record/privacy/sealing.h"

#include <set>

#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

struct Site {
  std::vector<CustodianKeys> keys;
  std::vector<Custodian> custodians;
  Key32 key = counted<32>(100);
  SealedKey sealed;

  explicit Site(std::size_t n, std::uint64_t seed = 1) {
    Dice dice{seed * 1'000'000};
    for (std::size_t i = 0; i < n; ++i) {
      keys.push_back(make_custodian_keys(dice));
      custodians.push_back({"c" + std::to_string(i), "body" + std::to_string(i), keys.back().public_key});
    }
    auto made = SealedKey::seal(key, "demo", {2026, 1}, custodians, dice);
    EXPECT_TRUE(made);
    if (made) sealed = std::move(*made);
  }
  [[nodiscard]] Result<Share> open(std::size_t who, std::size_t with) const {
    return sealed.open_share(keys[who].public_key, keys[who].secret_key, with);
  }
};

TEST(SealedKey, AnyTwoOfEachNumberRebuildIt) {
  for (std::size_t n = kCustodiansMin; n <= kCustodiansMax; ++n) {
    SCOPED_TRACE(n);
    const Site site{n};
    EXPECT_EQ(site.sealed.pairs.size(), n * (n - 1) / 2);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        if (i == j) continue;
        const auto one = site.open(i, j), other = site.open(j, i);
        ASSERT_TRUE(one && other);
        const auto key = site.sealed.combine(*one, *other);
        ASSERT_TRUE(key) << key.error().what;
        EXPECT_TRUE(same_key(*key, site.key));
      }
  }
  EXPECT_LE(Site{kCustodiansMax}.sealed.to_text().size(), kSealedBytesMax);
  EXPECT_EQ(Site{5}.sealed.pairs.size() * 2 * SealedKey::kBoxBytes, 1'600U);
}

// What one custodian can open: a fresh random half in each pair, never the key, and nobody else's box.
TEST(SealedKey, OneAloneLearnsNothing) {
  constexpr std::size_t kCount = 4;
  const Site site{kCount};
  for (std::size_t i = 0; i < kCount; ++i) {
    std::vector<Share> shares;
    for (std::size_t j = 0; j < kCount; ++j) {
      if (j == i) {
        EXPECT_EQ(site.open(i, j).error().code, Errc::not_found);
        continue;
      }
      auto share = site.open(i, j);
      ASSERT_TRUE(share);
      EXPECT_FALSE(same_key(share->value, site.key));
      shares.push_back(std::move(*share));
      // The other half of the pair does not open with this key.
      const auto stolen = site.sealed.open_share(site.keys[j].public_key, site.keys[i].secret_key, i);
      ASSERT_FALSE(stolen);
      EXPECT_EQ(stolen.error().code, Errc::malformed);
    }
    std::set<std::string> values;
    for (const Share& share : shares) values.insert(to_hex(share.value.bytes()));
    EXPECT_EQ(values.size(), kCount - 1);
    // No two of their own halves make the key, whatever is said of them.
    for (const Share& a : shares)
      for (const Share& b : shares) {
        Share forged{a.partner, a.holder, b.check, b.value.clone()};
        EXPECT_FALSE(site.sealed.combine(a, forged));
      }
  }
}

TEST(SealedKey, WrongPairsAreRefused) {
  const Site site{3}, another{3, 2};
  const auto a01 = site.open(0, 1), a02 = site.open(0, 2), b10 = site.open(1, 0), c20 = site.open(2, 0),
             c21 = site.open(2, 1);
  ASSERT_TRUE(a01 && a02 && b10 && c20 && c21);
  EXPECT_TRUE(site.sealed.combine(*a01, *b10));
  EXPECT_TRUE(site.sealed.combine(*b10, *a01));
  const auto says = [&site](const Share& x, const Share& y) { return site.sealed.combine(x, y).error().what; };
  EXPECT_NE(says(*a01, *a01).find("one custodian"), std::string::npos);
  EXPECT_NE(says(*a01, *a02).find("one custodian"), std::string::npos);
  EXPECT_NE(says(*a01, *c20).find("different pairs"), std::string::npos);
  EXPECT_NE(says(*b10, *c21).find("different pairs"), std::string::npos);
  // The same key sealed anew has other halves: those of two sealings do not mix.
  const auto other_half = another.open(1, 0);
  ASSERT_TRUE(other_half);
  EXPECT_NE(says(*a01, *other_half).find("changed"), std::string::npos);
  Share changed{b10->holder, b10->partner, b10->check, b10->value.clone()};
  changed.value.writable()[0] ^= 1;
  EXPECT_NE(says(*a01, changed).find("changed"), std::string::npos);
  changed.check[0] ^= 1;
  EXPECT_NE(says(*a01, changed).find("another sealed key"), std::string::npos);
}

TEST(SealedKey, ChangedBoxesDoNotOpen) {
  Site site{2};
  for (std::size_t i = 0; i < SealedKey::kBoxBytes; i += 7) {
    site.sealed.pairs[0].for_first[i] ^= 1;
    EXPECT_EQ(site.open(0, 1).error().code, Errc::malformed);
    site.sealed.pairs[0].for_first[i] ^= 1;
  }
  std::swap(site.sealed.pairs[0].for_first, site.sealed.pairs[0].for_second);
  EXPECT_FALSE(site.open(0, 1));
  EXPECT_EQ(site.sealed.place_of(PublicKey{}).error().code, Errc::not_found);
}

TEST(SealedKey, RefusesToSeal) {
  Dice dice{3};
  const Key32 key = counted<32>();
  const Site site{3};
  const auto seal = [&](std::string_view op, std::vector<Custodian> custodians) {
    return SealedKey::seal(key, op, {2026, 1}, custodians, dice);
  };
  EXPECT_FALSE(seal("demo", {}));
  EXPECT_FALSE(seal("demo", {site.custodians[0]}));
  EXPECT_FALSE(seal("demo", std::vector<Custodian>(9, site.custodians[0])));
  EXPECT_FALSE(seal("demo", {site.custodians[0], site.custodians[0]}));
  EXPECT_FALSE(seal("De mo", site.custodians));
  EXPECT_FALSE(seal("demo", {site.custodians[0], {"zero", "x", PublicKey{}}}));
  EXPECT_TRUE(seal("demo", site.custodians));
}

TEST(SealedKey, TextAndBack) {
  for (const std::size_t n : {kCustodiansMin, std::size_t{5}, kCustodiansMax}) {
    const Site site{n};
    const std::string text = site.sealed.to_text();
    const auto back = SealedKey::parse(text);
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_EQ(back->to_text(), text);
    EXPECT_EQ(back->operator_id, "demo");
    const auto one = back->open_share(site.keys[0].public_key, site.keys[0].secret_key, 1);
    const auto other = back->open_share(site.keys[1].public_key, site.keys[1].secret_key, 0);
    ASSERT_TRUE(one && other);
    EXPECT_TRUE(same_key(*back->combine(*one, *other), site.key));
  }
}

TEST(SealedKey, TextIsReadStrictly) {
  const std::string good = Site{3}.sealed.to_text();
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    ASSERT_FALSE(SealedKey::parse(std::string_view{good}.substr(0, cut))) << cut;
  }
  static constexpr struct {
    const char *name, *from, *to, *says;
  } kCases[] = {
      {"another version", "key/v1", "key/v2", "first line"},
      {"no operator", "operator demo", "operator De mo", "operator"},
      {"no epoch", "epoch 2026-01", "epoch 2026-13", "epoch"},
      {"no check", "check ", "check  ", "check"},
      {"upper case", "custodian ", "custodian F", "custodian"},
      {"boxes out of order", "box 0 1", "box 1 0", "custodians 0 and 1"},
      {"a box is missing", "box 1 2", "xob 1 2", "custodians 1 and 2"},
      {"carriage return", "epoch 2026-01\n", "epoch 2026-01\r\n", "epoch"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string text = good;
    const std::size_t at = text.find(c.from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string_view{c.from}.size(), c.to);
    const auto parsed = SealedKey::parse(text);
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().what.find(c.says), std::string::npos) << parsed.error().what;
  }
  EXPECT_FALSE(SealedKey::parse(good + "\n"));
  EXPECT_FALSE(SealedKey::parse(good + std::string(kSealedBytesMax, 'x')));
  // A custodian more than there may be, and one twice.
  std::string nine = good.substr(0, good.find("custodian "));
  for (int i = 0; i < 9; ++i) nine += "custodian 000000000000000" + std::to_string(i) + '\n';
  EXPECT_NE(SealedKey::parse(nine).error().what.find("more than 8"), std::string::npos);
  std::string twice = good.substr(0, good.find("custodian "));
  for (int i = 0; i < 2; ++i) twice += "custodian 0000000000000000\n";
  EXPECT_NE(SealedKey::parse(twice).error().what.find("twice"), std::string::npos);
}

std::string file_of(std::size_t n, std::size_t change = 99, std::string_view row = {}) {
  const Site site{n < 2 ? 2 : n > 8 ? 8 : n};
  std::string out = "version: 1\ncustodians:\n";
  for (std::size_t i = 0; i < n; ++i) {
    const Custodian& c = site.custodians[i % site.custodians.size()];
    if (i == change)
      out += "  - " + std::string{row} + '\n';
    else
      out += "  - {name: " + c.name + ", body: " + c.body + ", key: \"" + to_hex(c.key) + "\"}\n";
  }
  return out;
}

TEST(Custodians, AreRead) {
  Diagnostics diagnostics;
  const Custodians read = Custodians::read(file_of(3), "custodians.yaml", diagnostics);
  EXPECT_TRUE(diagnostics.all().empty()) << diagnostics.to_string();
  ASSERT_EQ(read.all().size(), 3U);
  EXPECT_EQ(read.all()[2].name, "c2");
  EXPECT_EQ(read.all()[2].key, Site{3}.custodians[2].key);
}

TEST(Custodians, FaultsHaveTheirPlace) {
  const std::string first = to_hex(Site{3}.custodians[0].key);
  const std::string key = to_hex(Site{8}.custodians[7].key);
  const struct {
    const char* name;
    std::string text, code;
    std::size_t line;
  } cases[] = {
      {"one alone", file_of(1), "custodian-count", 3},
      {"nine", file_of(9), "custodian-count", 3},
      {"another version", "version: 2\n" + file_of(3).substr(11), "custodian-version", 1},
      {"no list", "version: 1\ncustodians: {a: b}\n", "wrong-type", 2},
      {"nothing", "", "wrong-type", 0},
      {"no key", file_of(3, 1, "{name: x, body: y}"), "missing-key", 4},
      {"unknown key", file_of(3, 1, "{name: x, bdoy: y, body: y, key: \"" + key + "\"}"), "unknown-key", 4},
      {"short key", file_of(3, 1, "{name: x, body: y, key: \"00ff\"}"), "custodian-key", 4},
      {"upper case", file_of(3, 1, "{name: x, body: y, key: \"" + std::string(64, 'A') + "\"}"), "custodian-key", 4},
      {"a point of low order", file_of(3, 1, "{name: x, body: y, key: \"" + std::string(64, '0') + "\"}"),
       "custodian-key", 4},
      {"a key twice", file_of(3, 1, "{name: x, body: y, key: \"" + first + "\"}"), "custodian-key", 4},
      {"a name twice", file_of(3, 1, "{name: c0, body: y, key: \"" + key + "\"}"), "custodian-name", 4},
      {"a name with spaces", file_of(3, 1, "{name: duty officer, body: y, key: \"" + key + "\"}"), "custodian-name", 4},
      {"no map", file_of(3, 1, "c1"), "wrong-type", 4},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_TRUE(Custodians::read(c.text, "custodians.yaml", diagnostics).all().empty());
    ASSERT_FALSE(diagnostics.ok());
    bool found = false;
    for (const Diagnostic& d : diagnostics.all())
      found = found || (d.code == c.code && (c.line == 0 || d.mark.line == c.line));
    EXPECT_TRUE(found) << diagnostics.to_string();
  }
}

TEST(Custodians, OfOneBodyAreAWarning) {
  Diagnostics diagnostics;
  const std::string key = to_hex(Site{8}.custodians[7].key);
  const auto read =
      Custodians::read(file_of(3, 1, "{name: x, body: body0, key: \"" + key + "\"}"), "c.yaml", diagnostics);
  EXPECT_EQ(read.all().size(), 3U);
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(diagnostics.all()[0].code, "custodian-body");
}

}  // namespace
}  // namespace nw::privacy
