#include "record/witness/stamp.h"

#include <gtest/gtest.h>

#include "unit/record/witness/authority.h"

namespace nw::witness::test {
namespace {

constexpr std::time_t kStampTime = 1'768'471'200;  // 2026-01-15T10:00:00Z
constexpr Timestamp kAt{std::chrono::seconds{kStampTime}};
constexpr std::uint64_t kNonce = 0xfedcba9876543210;
const merkle::Hash kDigest = merkle::sha256("checkpoint");

const TestAuthority& authority() {
  static const TestAuthority one{kStampTime};
  return one;
}

StampRoots roots_of(const TestAuthority& one) { return std::move(*StampRoots::parse(one.roots())); }

TEST(Stamp, IsVerified) {
  const auto query = stamp_query(kDigest, kNonce);
  ASSERT_TRUE(query);
  EXPECT_LT(query->size(), 80U);
  const std::string reply = authority().reply(*query);
  const auto stamp = verify_stamp(reply, kDigest, kNonce, roots_of(authority()), kAt);
  ASSERT_TRUE(stamp) << stamp.error().what;
  EXPECT_EQ(stamp->time, kAt);
  EXPECT_EQ(stamp->serial, "2a17");
  EXPECT_EQ(stamp->policy, "1.2.3.4.1");
  EXPECT_EQ(stamp->authority, "CN = Test TSA");
  const auto time = time_of_stamp(reply);
  ASSERT_TRUE(time);
  EXPECT_EQ(*time, kAt);
}

TEST(Stamp, Refuses) {
  const std::string query = *stamp_query(kDigest, kNonce), good = authority().reply(query);
  const TestAuthority stranger{kStampTime};
  std::string flipped = good;
  flipped[good.size() - 5] = static_cast<char>(flipped[good.size() - 5] ^ 1);
  const struct {
    const char* name;
    std::string reply;
    Errc code;
    const char* says;
    merkle::Hash digest = kDigest;
    std::uint64_t nonce = kNonce;
    Timestamp at = kAt;
  } kCases[] = {
      {"empty", "", Errc::malformed, "has 0"},
      {"a page", "<html>no such page</html>", Errc::malformed, "no answer of RFC 3161"},
      {"too large", std::string(kStampBytesMax + 1, '\x30'), Errc::malformed, "64 KiB"},
      {"bytes behind", good + "x", Errc::malformed, "bytes follow"},
      {"other bytes", good, Errc::no_permission, "imprint", merkle::sha256("checkpoinT")},
      {"an older answer", good, Errc::no_permission, "nonce", kDigest, kNonce + 1},
      {"another authority", stranger.reply(query), Errc::no_permission, "does not verify"},
      {"a flipped bit of the signature", flipped, Errc::no_permission, "does not verify"},
      {"the certificate is over", good, Errc::no_permission, "expired", kDigest, kNonce,
       kAt + std::chrono::hours{24 * 300}},
      {"it refuses", authority().reply(query, false), Errc::unavailable, "status 2"},
  };
  const StampRoots roots = roots_of(authority());
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto stamp = verify_stamp(c.reply, c.digest, c.nonce, roots, c.at);
    ASSERT_FALSE(stamp);
    EXPECT_EQ(stamp.error().code, c.code) << stamp.error().what;
    EXPECT_NE(stamp.error().what.find(c.says), std::string::npos) << stamp.error().what;
  }
  EXPECT_TRUE(verify_stamp(good, kDigest, kNonce, roots, kAt)) << "the roots are as they were";
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(verify_stamp(std::string_view{good}.substr(0, size), kDigest, kNonce, roots, kAt)) << size;
}

// A stamp that was kept: its query is gone, its certificate may have ended since. One for other uses may not stamp.
TEST(Stamp, KeptOnesAreVerified) {
  const std::string reply = authority().reply(*stamp_query(kDigest, kNonce));
  const StampRoots roots = roots_of(authority());
  const auto stamp = verify_kept_stamp(reply, kDigest, roots);
  ASSERT_TRUE(stamp) << stamp.error().what;
  EXPECT_EQ(stamp->time, kAt);
  EXPECT_FALSE(verify_kept_stamp(reply, merkle::sha256("other"), roots));
  EXPECT_FALSE(verify_kept_stamp(reply, kDigest, roots_of(TestAuthority{kStampTime})));
  std::string flipped = reply;
  flipped[reply.size() - 5] = static_cast<char>(flipped[reply.size() - 5] ^ 1);
  EXPECT_FALSE(verify_kept_stamp(flipped, kDigest, roots));
  for (std::size_t size = 0; size < reply.size(); ++size)
    EXPECT_FALSE(verify_kept_stamp(std::string_view{reply}.substr(0, size), kDigest, roots)) << size;
}

TEST(StampRoots, ReadsPem) {
  EXPECT_TRUE(StampRoots::parse(authority().roots()));
  EXPECT_TRUE(StampRoots::parse("# ours\n" + authority().roots() + TestAuthority{kStampTime}.roots()));
  for (const std::string& pem :
       {std::string{}, std::string{"hello"}, authority().roots().substr(0, 200),
        authority().roots() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    const auto roots = StampRoots::parse(pem);
    ASSERT_FALSE(roots) << pem;
    EXPECT_EQ(roots.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace nw::witness::test
