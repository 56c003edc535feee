// Tries and scanners: what they find, and what they leave to be confirmed.
#include "detect/sigma/scanner.h"

#include <gtest/gtest.h>
#include <set>

#include "detect/sigma/limits.h"
#include "detect/sigma/trie.h"

namespace nw::sigma {
namespace {

std::set<std::uint32_t> found(const Scanner& scanner, std::string_view text) {
  ScanScratch scratch;
  scanner.make_room(scratch);
  std::set<std::uint32_t> out;
  scanner.scan(text, scratch, [&](std::uint32_t piece) { out.insert(piece); });
  return out;
}

using Set = std::set<std::uint32_t>;

TEST(SigmaTrie, FindsEveryBeginning) {
  const Trie trie{{"a", "ab", "abcd", "b", "ba"}};
  const auto walk = [&](std::string_view text) {
    Set out;
    trie.walk(text.begin(), text.end(), [&](std::uint32_t at) { out.insert(at); });
    return out;
  };
  EXPECT_EQ(walk("abcde"), (Set{0, 1, 2}));
  EXPECT_EQ(walk("abc"), (Set{0, 1}));
  EXPECT_EQ(walk("b"), (Set{3}));
  EXPECT_EQ(walk("c"), Set{});
  EXPECT_EQ(walk(""), Set{});
}

TEST(SigmaTrie, WalksFromTheEndAndOverAnyByte) {
  const Trie trie{{"exe.dmc\\", std::string{"\0\xff", 2}}};
  Set out;
  const std::string_view path = "c:\\windows\\cmd.exe";
  trie.walk(path.rbegin(), path.rend(), [&](std::uint32_t at) { out.insert(at); });
  EXPECT_EQ(out, Set{0});
  const std::string bytes{"\0\xff.", 3};
  trie.walk(bytes.begin(), bytes.end(), [&](std::uint32_t at) { out.insert(at); });
  EXPECT_EQ(out, (Set{0, 1}));
}

TEST(SigmaScanner, Literals) {
  const auto scanner = Scanner::of_literals({"cmd", "c", std::string{"a\0b", 3}, "\xc3\xa4"});
  EXPECT_EQ(found(*scanner, "xcmdx"), (Set{0, 1}));
  EXPECT_EQ(found(*scanner, "CMD"), Set{});  // texts come folded
  EXPECT_EQ(found(*scanner, std::string{"a\0b\xc3\xa4", 5}), (Set{2, 3}));
  EXPECT_EQ(found(*scanner, ""), Set{});
}

// Debian 12's Vectorscan fails here on processors with AVX-512; Hyperscan does not.
TEST(SigmaScanner, FindsWhatStandsNearTheEnd) {
  for (const std::vector<std::string>& pieces :
       {std::vector<std::string>{"cmd.exe", "powershell"}, {"z"}, {"ab", "whoami", "-enc "}}) {
    const auto scanner = Scanner::of_literals(pieces);
    for (std::size_t offset = 0; offset < 64; ++offset)
      for (std::size_t tail = 0; tail < 40; ++tail) {
        const std::string text = std::string(offset + 80, 'x') + pieces.back() + std::string(tail, 'y');
        const auto last = static_cast<std::uint32_t>(pieces.size() - 1);
        ASSERT_EQ(found(*scanner, std::string_view{text}.substr(offset)), Set{last}) << pieces.back() << ' ' << tail;
      }
  }
}

TEST(SigmaScanner, AnyCase) {
  const auto scanner = Scanner::of_literals({"MimiKatz", "\\u0041"}, Scanner::Case::any);
  EXPECT_EQ(found(*scanner, "x mimikATZ"), Set{0});
  EXPECT_EQ(found(*scanner, "x \\U0041"), Set{1});
}

TEST(SigmaScanner, RegexesAreCandidates) {
  const auto scanner = Scanner::of_regexes({{"ab+c", {}}, {"^x", {}}, {"k", {true, false, false}}, {"end$", {}}});
  EXPECT_EQ(found(*scanner, "zabbc"), Set{0});
  EXPECT_EQ(found(*scanner, "xK"), (Set{1, 2}));
  EXPECT_EQ(found(*scanner, "the end\n"), Set{3});
  EXPECT_EQ(found(*scanner, "nothing"), Set{});
}

TEST(SigmaScanner, WhatItCannotTellIsACandidate) {
  std::string longer(kScannedRegexBytesMax + 1, 'q');
  std::string repeats;
  for (std::size_t i = 0; i <= kScannedRepeatsMax; ++i) repeats += "q{2}";
  const auto scanner = Scanner::of_regexes({{"q*", {}}, {longer, {}}, {repeats, {}}, {"(?|a|b)", {}}, {"zz", {}}});
  EXPECT_EQ(found(*scanner, "none of it"), (Set{0, 1, 2, 3}));
  // Not ASCII: Hyperscan and PCRE2 may disagree about it.
  EXPECT_EQ(found(*scanner, "\xc3\xa4"), (Set{0, 1, 2, 3, 4}));
}

TEST(SigmaScanner, LookAheadIsWidened) {
  const auto scanner = Scanner::of_regexes({{"foo(?!bar)", {}}});
  EXPECT_EQ(found(*scanner, "foobar"), Set{0});  // PCRE2 says no
  EXPECT_EQ(found(*scanner, "fo"), Set{});
}

TEST(SigmaScanner, EqualListsShareOne) {
  ScannerPool pool;
  const auto a = pool.literals({"a", "b"});
  EXPECT_EQ(a, pool.literals({"a", "b"}));
  EXPECT_NE(a, pool.literals({"ab"}));
  EXPECT_NE(pool.regexes({{"a", {}}}), pool.regexes({{"a", {true, false, false}}}));
  EXPECT_EQ(pool.all().size(), 4U);
}

}  // namespace
}  // namespace nw::sigma
