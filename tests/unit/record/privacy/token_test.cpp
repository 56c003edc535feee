#include "record/privacy/token.h"

#include "record/privacy/commitment.h"
#include "record/privacy/pseudonym.h"
#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

Tokens demo() {
  const auto keys = EpochKeys::derive(counted<32>(), "demo", {2026, 1});
  EXPECT_TRUE(keys);
  return Tokens{*keys};
}

TEST(Tokens, PublishedVectors) {
  const Tokens tokens = demo();
  EXPECT_EQ(to_hex(tokens.of(ip("192.0.2.1")).value), "d7d678553756cbc925abf6c2396b046b");
  EXPECT_EQ(tokens.of(TokenKind::domain, "example.com").to_string(),
            "tok:e2026-01:domain:40a1ba93e9fe0e649d05cb2677d27b31");
}

TEST(Tokens, OneThingHasOneToken) {
  static constexpr struct {
    TokenKind kind;
    std::string_view a, b;
    bool same;
  } kCases[] = {
      {TokenKind::ip, "192.0.2.1", "::ffff:192.0.2.1", true},
      {TokenKind::ip, "2001:DB8::1", "2001:db8:0::1", true},
      {TokenKind::ip, "192.0.2.1", "192.0.2.2", false},
      {TokenKind::user, "Alice", " alice\t", true},
      {TokenKind::user, "CORP\\Alice", "corp\\alice", true},
      {TokenKind::user, "CORP\\alice", "alice", false},
      {TokenKind::mail, "Alice Smith <Alice@Example.org>", "alice@example.org", true},
      {TokenKind::mail, "mailto:alice@example.org", "alice@example.org", true},
      {TokenKind::mail, "alice@example.org", "alice@example.com", false},
      {TokenKind::phone, "+43 (1) 234-56", "004312 3456", true},
      {TokenKind::phone, "01 234", "+1234", false},
      {TokenKind::phone, "Desk", "desk", true},
      {TokenKind::mac, "00:1B:44:11:3A:B7", "001b.4411.3ab7", true},
      {TokenKind::mac, "00-1b-44-11-3a-b7", "001b44113ab7", true},
      {TokenKind::mac, "00:1b:44:11:3a:b7", "00:1b:44:11:3a:b8", false},
      {TokenKind::mac, "no mac", "NO MAC", true},
      {TokenKind::host, "Alices-Laptop.", "alices-laptop", true},
      {TokenKind::domain, "WWW.Example.org.", "www.example.org", true},
      {TokenKind::domain, ".", "", false},
      {TokenKind::text, "A", "a", false},
      {TokenKind::url, "/A", "/a", false},
  };
  const Tokens tokens = demo();
  for (const auto& c : kCases)
    EXPECT_EQ(tokens.of(c.kind, c.a) == tokens.of(c.kind, c.b), c.same) << c.a << " and " << c.b;
}

TEST(Tokens, KindsAndEpochsHaveNothingInCommon) {
  const Tokens tokens = demo();
  for (std::size_t i = 0; i < kTokenKinds.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NE(tokens.of(static_cast<TokenKind>(i), "x").value, tokens.of(static_cast<TokenKind>(j), "x").value);
  const auto next = EpochKeys::derive(counted<32>(), "demo", {2026, 2});
  ASSERT_TRUE(next);
  EXPECT_NE(Tokens{*next}.of(TokenKind::user, "x").value, tokens.of(TokenKind::user, "x").value);
}

TEST(Token, TextAndBack) {
  const Tokens tokens = demo();
  for (std::size_t i = 0; i < kTokenKinds.size(); ++i) {
    const Token token = tokens.of(static_cast<TokenKind>(i), "x");
    const std::string text = token.to_string();
    EXPECT_TRUE(carries_pseudonym(text));
    const auto back = Token::parse(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, token);
  }
}

TEST(Token, Refuses) {
  static constexpr struct {
    const char *name, *text, *says;
  } kCases[] = {
      {"empty", "", "begins with tok:e"},
      {"a pseudonym", "pfx:e2026-01:global4:1.2.3.4", "begins with tok:e"},
      {"a bad epoch", "tok:e2026-1:user:00000000000000000000000000000000", "epoch"},
      {"ends early", "tok:e2026-01", "stands the epoch"},
      {"unknown kind", "tok:e2026-01:person:00000000000000000000000000000000", "what it is the token of"},
      {"no kind", "tok:e2026-01:00000000000000000000000000000000", "what it is the token of"},
      {"kind alone", "tok:e2026-01:user", "what it is the token of"},
      {"short", "tok:e2026-01:user:0000000000000000000000000000000", "32 hex digits"},
      {"long", "tok:e2026-01:user:000000000000000000000000000000000", "32 hex digits"},
      {"upper case", "tok:e2026-01:user:0000000000000000000000000000000A", "32 hex digits"},
      {"space behind", "tok:e2026-01:user:00000000000000000000000000000000 ", "32 hex digits"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto parsed = Token::parse(c.text);
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().what.find(c.says), std::string::npos) << parsed.error().what;
  }
}

TEST(ReadMac, Strictly) {
  static constexpr struct {
    std::string_view text;
    bool good;
  } kCases[] = {
      {"00:1b:44:11:3a:b7", true},
      {"00:1b:44:11:3a:b7:00:01", true},
      {"001b44113ab7", true},
      {"001b.4411.3ab7", true},
      {"", false},
      {"00:1b:44:11:3a", false},
      {"00:1b-44:11:3a:b7", false},
      {":00:1b:44:11:3a:b7", false},
      {"00:1b:44:11:3a:b7:", false},
      {"0:1b:44:11:3a:b7", false},
      {"00::1b:44:11:3a:b7", false},
      {"00:1b:44:11:3a:bg", false},
      {"00:1b:44:11:3a:b7 ", false},
      {"001b44113ab", false},
  };
  std::string bytes;
  for (const auto& c : kCases) EXPECT_EQ(read_mac(c.text, bytes), c.good) << c.text;
}

TEST(Commitment, PublishedVector) {
  Nonce nonce{};
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(i);
  const Digest committed = commitment(nonce, bytes_of("GET / HTTP/1.1\r\n"));
  EXPECT_EQ(to_hex(committed), "1880d61191eb7056c4a9a6a986a90875b05ded2012ecd6e7dead7310034af1c6");
  EXPECT_TRUE(opens(committed, nonce, bytes_of("GET / HTTP/1.1\r\n")));
  EXPECT_FALSE(opens(committed, nonce, bytes_of("GET / HTTP/1.1\n")));
  nonce[31] ^= 1;
  EXPECT_FALSE(opens(committed, nonce, bytes_of("GET / HTTP/1.1\r\n")));
}

TEST(Commitment, TextAndNonce) {
  Dice dice{1};
  const Nonce nonce = make_nonce(dice);
  EXPECT_NE(nonce, make_nonce(dice));
  const Digest committed = commitment(nonce, {});
  const std::string text = commitment_text(committed);
  EXPECT_EQ(text.size(), 7U + 64U);
  Digest back{};
  EXPECT_TRUE(read_commitment(text, back));
  EXPECT_EQ(back, committed);
  EXPECT_FALSE(read_commitment(text + "0", back));
  EXPECT_FALSE(read_commitment(text.substr(1), back));
}

}  // namespace
}  // namespace nw::privacy
