#include "record/privacy/ipcrypt.h"

#include <algorithm>
#include <bit>

#include "record/privacy/crypto_pan.h"
#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

// Leading bits that two addresses share, of the 128.
unsigned shared_bits(const IpAddress& a, const IpAddress& b) {
  for (unsigned i = 0; i < 16; ++i)
    if (const auto differ = static_cast<std::uint8_t>(a.bytes()[i] ^ b.bytes()[i]); differ != 0)
      return i * 8 + static_cast<unsigned>(std::countl_zero(differ));
  return 128;
}

IpAddress any_address(Dice& dice, bool v4) {
  if (v4) return IpAddress::v4(static_cast<std::uint32_t>(dice.next()));
  std::array<std::uint8_t, 16> bytes{};
  dice(bytes);
  return IpAddress::from_bytes(bytes);
}

struct PfxVector {
  std::string_view key;
  const char *plain, *pseudonym;
};

constexpr PfxVector kPfx[] = {
    {kKeyA, "0.0.0.0", "151.82.155.134"},
    {kKeyA, "255.255.255.255", "94.185.169.89"},
    {kKeyA, "192.0.2.1", "100.115.72.131"},
    {kKeyA, "2001:db8::1", "c180:5dd4:2587:3524:30ab:fa65:6ab6:f88"},
    {kKeyB, "10.0.0.47", "19.214.210.244"},
    {kKeyB, "10.0.0.129", "19.214.210.80"},
    {kKeyB, "10.0.0.234", "19.214.210.30"},
    {kKeyB, "172.16.5.193", "210.78.229.136"},
    {kKeyB, "172.16.97.42", "210.78.179.241"},
    {kKeyB, "172.16.248.177", "210.78.121.215"},
    {kKeyB, "2001:db8::a5c9:4e2f:bb91:5a7d", "7cec:702c:1243:f70:1956:125:b9bd:1aba"},
    {kKeyB, "2001:db8::7234:d8f1:3c6e:9a52", "7cec:702c:1243:f70:a3ef:c8e:95c1:cd0d"},
    {kKeyB, "2001:db8::f1e0:937b:26d4:8c1a", "7cec:702c:1243:f70:443c:c8e:6a62:b64d"},
    {kKeyB, "2001:db8:3a5c:0:e7d1:4b9f:2c8a:f673", "7cec:702c:3503:bef:e616:96bd:be33:a9b9"},
    {kKeyB, "2001:db8:9f27:0:b4e2:7a3d:5f91:c8e6", "7cec:702c:a504:b74e:194a:3d90:b047:2d1a"},
    {kKeyB, "2001:db8:d8b4:0:193c:a5e7:8b2f:46d1", "7cec:702c:f840:aa67:1b8:e84f:ac9d:77fb"},
    {kKeyB, "203.0.113.7", "131.94.73.167"},
    {kKeyB, "203.0.113.8", "131.94.73.170"},
    {kKeyB, "203.0.112.7", "131.94.72.65"},
    {kKeyB, "127.0.0.1", "67.42.0.54"},
    {kKeyB, "224.0.0.251", "175.107.177.77"},
    {kKeyB, "::1", "4465:e48f:5d3e:bbd4:9b44:bcde:9b58:39ce"},
    {kKeyB, "fe80::1", "b1d0:52ba:61c2:a6f8:35b0:203e:79b7:6f96"},
};

TEST(Pfx, PublishedVectors) {
  for (const PfxVector& v : kPfx) {
    SCOPED_TRACE(v.plain);
    auto pfx = Pfx::create(secret_of<32>(v.key));
    ASSERT_TRUE(pfx);
    EXPECT_EQ(pfx->encrypt(ip(v.plain)).to_string(), v.pseudonym);
    EXPECT_EQ(pfx->decrypt(ip(v.pseudonym)).to_string(), v.plain);
  }
}

TEST(Pfx, MappedAddressesAreIpv4) {
  auto pfx = Pfx::create(secret_of<32>(kKeyA));
  ASSERT_TRUE(pfx);
  EXPECT_EQ(pfx->encrypt(ip("::ffff:192.0.2.1")).to_string(), "100.115.72.131");
  EXPECT_EQ(pfx->encrypt(ip("::ffff:c000:201")).to_string(), "100.115.72.131");
}

TEST(Pfx, RefusesEqualHalves) {
  Key32 key = counted<32>();
  std::copy_n(key.bytes().begin(), 16, key.writable().begin() + 16);
  for (const bool ndx : {false, true}) {
    const bool made = ndx ? static_cast<bool>(Ndx::create(key)) : static_cast<bool>(Pfx::create(key));
    EXPECT_FALSE(made);
  }
  EXPECT_EQ(Pfx::create(key).error().code, Errc::invalid_argument);
  key.writable()[31] ^= 1;
  EXPECT_TRUE(Pfx::create(key));
}

// What the scheme is for, and that it is a bijection: as many bits are shared behind as before, and back it goes.
TEST(Pfx, KeepsPrefixesAndGoesBack) {
  Dice dice{20260115};
  auto pfx = Pfx::create(Key32::random(dice));
  ASSERT_TRUE(pfx);
  for (int round = 0; round < 2000; ++round) {
    const bool v4 = round % 2 == 0;
    const IpAddress a = any_address(dice, v4);
    auto bytes = a.bytes();
    const unsigned bit = (v4 ? 96 : 0) + static_cast<unsigned>(dice.next() % (v4 ? 32 : 128));
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 0x80U >> bit % 8);
    const IpAddress b = IpAddress::from_bytes(bytes);
    const IpAddress x = pfx->encrypt(a), y = pfx->encrypt(b);
    ASSERT_EQ(shared_bits(x, y), bit);
    ASSERT_EQ(x.is_v4(), a.is_v4());
    ASSERT_EQ(pfx->decrypt(x), a);
    ASSERT_EQ(pfx->decrypt(y), b);
  }
}

TEST(Deterministic, PublishedVectors) {
  static constexpr struct {
    const char *key, *plain, *pseudonym;
  } kCases[] = {
      {"0123456789abcdeffedcba9876543210", "0.0.0.0", "bde9:6789:d353:824c:d7c6:f58a:6bd2:26eb"},
      {"1032547698badcfeefcdab8967452301", "255.255.255.255", "aed2:92f6:ea23:58c3:48fd:8b8:74e8:45d8"},
      {"2b7e151628aed2a6abf7158809cf4f3c", "192.0.2.1", "1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777"},
  };
  for (const auto& c : kCases) {
    Deterministic cipher{secret_of<16>(c.key)};
    EXPECT_EQ(cipher.encrypt(ip(c.plain)).to_string(), c.pseudonym);
    EXPECT_EQ(cipher.decrypt(ip(c.pseudonym)).to_string(), c.plain);
  }
}

TEST(Nd, PublishedVectors) {
  static constexpr struct {
    const char *key, *plain, *tweak, *sealed;
  } kCases[] = {
      {"0123456789abcdeffedcba9876543210", "0.0.0.0", "08e0c289bff23b7c",
       "08e0c289bff23b7cb349aadfe3bcef56221c384c7c217b16"},
      {"1032547698badcfeefcdab8967452301", "192.0.2.1", "21bd1834bc088cd2",
       "21bd1834bc088cd2e5e1fe55f95876e639faae2594a0caad"},
      {"2b7e151628aed2a6abf7158809cf4f3c", "2001:db8::1", "b4ecbe30b70898d7",
       "b4ecbe30b70898d7553ac8974d1b4250eafc4b0aa1f80c96"},
  };
  for (const auto& c : kCases) {
    const Nd cipher{secret_of<16>(c.key)};
    EXPECT_EQ(to_hex(cipher.encrypt(ip(c.plain), array_of<8>(c.tweak))), c.sealed);
    EXPECT_EQ(cipher.decrypt(array_of<24>(c.sealed)).to_string(), c.plain);
  }
}

// With a tweak of zeros KIASU-BC is AES-128 itself: our rounds beside OpenSSL's.
TEST(Nd, WithoutATweakItIsAes) {
  Dice dice{7};
  for (int round = 0; round < 500; ++round) {
    const Key16 key = Key16::random(dice);
    const IpAddress address = any_address(dice, false);
    const Nd::Sealed sealed = Nd{key}.encrypt(address, {});
    EXPECT_EQ(IpAddress::from_bytes(Bytes{sealed}.last(16)), Deterministic{key}.encrypt(address));
    EXPECT_EQ(Nd{key}.decrypt(sealed), address);
  }
}

TEST(Ndx, PublishedVectors) {
  static constexpr struct {
    std::string_view key;
    const char *plain, *tweak, *sealed;
  } kCases[] = {
      {kKeyA, "0.0.0.0", "21bd1834bc088cd2b4ecbe30b70898d7",
       "21bd1834bc088cd2b4ecbe30b70898d782db0d4125fdace61db35b8339f20ee5"},
      {"1032547698badcfeefcdab89674523010123456789abcdeffedcba9876543210", "192.0.2.1",
       "08e0c289bff23b7cb4ecbe30b70898d7", "08e0c289bff23b7cb4ecbe30b70898d7766a533392a69edf1ad0d3ce362ba98a"},
      {"2b7e151628aed2a6abf7158809cf4f3c3c4fcf098815f7aba6d2ae2816157e2b", "2001:db8::1",
       "21bd1834bc088cd2b4ecbe30b70898d7", "21bd1834bc088cd2b4ecbe30b70898d76089c7e05ae30c2d10ca149870a263e4"},
  };
  for (const auto& c : kCases) {
    auto cipher = Ndx::create(secret_of<32>(c.key));
    ASSERT_TRUE(cipher);
    EXPECT_EQ(to_hex(cipher->encrypt(ip(c.plain), array_of<16>(c.tweak))), c.sealed);
    EXPECT_EQ(cipher->decrypt(array_of<32>(c.sealed)).to_string(), c.plain);
  }
}

TEST(CryptoPan, PublishedVectors) {
  const Key32 counting = counted<32>();
  const std::string ascii = "32-char-str-for-AES-key-and-pad.";
  const std::string counting_hex = to_hex(counting.bytes()), ascii_hex = to_hex(bytes_of(ascii));
  const std::string_view reference = "1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202";
  const struct {
    std::string_view key;
    const char *plain, *pseudonym;
  } cases[] = {
      {counting_hex, "192.0.2.1", "2.90.93.17"},
      {counting_hex, "2001:db8::1", "dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00"},
      {ascii_hex, "192.0.2.1", "192.0.125.244"},
      {ascii_hex, "2001:db8::1", "27fe:8bc7:fee:1e:1e1f:f0fe:f0e1:83fd"},
      {reference, "24.5.0.80", "100.9.15.210"},
      {reference, "208.234.120.210", "227.154.67.17"},
  };
  for (const auto& c : cases) {
    CryptoPan cipher{secret_of<32>(c.key)};
    EXPECT_EQ(cipher.encrypt(ip(c.plain)).to_string(), c.pseudonym);
    EXPECT_EQ(cipher.decrypt(ip(c.pseudonym)).to_string(), c.plain);
  }
}

}  // namespace
}  // namespace nw::privacy
