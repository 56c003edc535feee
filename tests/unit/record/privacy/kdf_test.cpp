#include "record/privacy/kdf.h"

#include "record/privacy/ipcrypt.h"
#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

Timestamp at(std::string_view text) {
  const auto parsed = parse_rfc3339(text);
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

TEST(Hkdf, Rfc5869) {
  // Appendix A.1 and A.3: a salt, a label and an output that is no multiple of the hash; and none of the first two.
  Secret<22> key;
  for (std::uint8_t& byte : key.writable()) byte = 0x0b;
  std::array<std::uint8_t, 42> out{};
  std::string salt, label;
  for (char c = 0; c <= 0x0c; ++c) salt += c;
  for (int c = 0xf0; c <= 0xf9; ++c) label += static_cast<char>(c);
  Key32 root = hkdf_extract(salt, key.bytes());
  EXPECT_EQ(to_hex(root.bytes()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  hkdf_expand(root, label, out);
  EXPECT_EQ(to_hex(out), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  root = hkdf_extract("", key.bytes());
  hkdf_expand(root, "", out);
  EXPECT_EQ(to_hex(out), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(EpochKeys, PublishedVectors) {
  const Key32 master = counted<32>();
  const EpochKeys bare = EpochKeys::derive_with_salt(master, "");
  EXPECT_EQ(to_hex(bare.pfx.bytes()), "de69eea4c8eba411e870d421aed6990ecfb6056edff94ebf17587d649ddab905");
  EXPECT_EQ(to_hex(bare.deterministic.bytes()), "fbabbc96708846ac1bce23bac6593ad3");
  EXPECT_EQ(to_hex(bare.nd.bytes()), "92394f8a3932263bf023a1d307f8fe3b");
  EXPECT_EQ(to_hex(bare.ndx.bytes()), "9c9e5221425fa4e563146dfd0c99d23c1ab894dd399863e1bfbf48eb8aaa0d55");

  EXPECT_EQ(to_hex(hkdf_extract("normwatch/v1/op=demo/epoch=2026-01", master.bytes()).bytes()),
            "f1a98d00e02c465d9518dfaac7da8c3fab3ce8bdfa3066d871da8bee5b6a0e43");
  const auto keys = EpochKeys::derive(master, "demo", {2026, 1});
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->operator_id, "demo");
  EXPECT_EQ(keys->epoch.to_string(), "2026-01");
  EXPECT_EQ(to_hex(keys->pfx.bytes()), "8449ec2090de7dd930d88eb01cb714ddccb6536b11a24994b006b8342ba60991");
  EXPECT_EQ(to_hex(keys->token.bytes()), "dc9d4b1b8884875deb5ab7311295dd6272d71337d48a4915f91d98c3cb2564a6");
  auto pfx = Pfx::create(keys->pfx);
  ASSERT_TRUE(pfx);
  EXPECT_EQ(pfx->encrypt(ip("192.0.2.1")).to_string(), "234.9.212.34");
  EXPECT_EQ(pfx->encrypt(ip("2001:db8::1")).to_string(), "acd0:58ed:2036:dceb:efea:4866:7ec:2b91");
}

TEST(EpochKeys, OperatorsAndEpochsHaveNothingInCommon) {
  const Key32 master = counted<32>();
  const auto a = EpochKeys::derive(master, "demo", {2026, 1}), b = EpochKeys::derive(master, "demo", {2026, 2}),
             c = EpochKeys::derive(master, "other", {2026, 1});
  ASSERT_TRUE(a && b && c);
  EXPECT_FALSE(same_key(a->pfx, b->pfx));
  EXPECT_FALSE(same_key(a->pfx, c->pfx));
  EXPECT_FALSE(same_key(a->token, c->token));
  EXPECT_FALSE(same_key(a->pfx, a->ndx));
}

TEST(EpochKeys, OperatorsNames) {
  const Key32 master = counted<32>();
  static constexpr struct {
    std::string_view name;
    bool good;
  } kCases[] = {{"demo", true},
                {"grid-op.1_a", true},
                {"0", true},
                {"", false},
                {"Demo", false},
                {"-demo", false},
                {"a/epoch=2026-01", false},  // would be another's salt
                {"a b", false},
                {std::string_view{"a\0b", 3}, false}};
  for (const auto& c : kCases)
    EXPECT_EQ(static_cast<bool>(EpochKeys::derive(master, c.name, {2026, 1})), c.good) << c.name;
  EXPECT_TRUE(EpochKeys::derive(master, std::string(64, 'a'), {2026, 1}));
  EXPECT_FALSE(EpochKeys::derive(master, std::string(65, 'a'), {2026, 1}));
}

TEST(Epoch, OfATime) {
  static constexpr struct {
    const char *time, *epoch;
  } kCases[] = {{"2026-01-01T00:00:00Z", "2026-01"},
                {"2025-12-31T23:59:59.999999999Z", "2025-12"},
                {"2026-02-01T00:30:00+01:00", "2026-01"},  // UTC counts
                {"2024-02-29T12:00:00Z", "2024-02"},
                {"1970-01-01T00:00:00Z", "1970-01"}};
  for (const auto& c : kCases) EXPECT_EQ(Epoch::of(at(c.time)).to_string(), c.epoch) << c.time;
  EXPECT_EQ((Epoch{2026, 12}.next()), (Epoch{2027, 1}));
  EXPECT_EQ((Epoch{2026, 1}.next()), (Epoch{2026, 2}));
  EXPECT_EQ((Epoch{2026, 2}.begin()), at("2026-02-01T00:00:00Z"));
  EXPECT_EQ(Epoch::of((Epoch{2026, 2}.begin())), (Epoch{2026, 2}));
  EXPECT_EQ(Epoch::of((Epoch{2026, 2}.begin()) - Nanoseconds{1}), (Epoch{2026, 1}));
}

TEST(Epoch, IsReadStrictly) {
  for (const char* text : {"2026-01", "1970-01", "2261-12"}) {
    const auto parsed = Epoch::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->to_string(), text);
  }
  for (const char* text : {"", "2026", "2026-1", "2026-00", "2026-13", "2026-01-01", " 2026-01", "2026-01 ", "2026/01",
                           "e2026-01", "1969-12", "2262-01", "20a6-01"}) {
    const auto parsed = Epoch::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace nw::privacy
