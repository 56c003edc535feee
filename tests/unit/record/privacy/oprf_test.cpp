// Vectors: RFC 9497 appendix A.1.
#include "record/privacy/oprf.h"

#include <algorithm>

#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

constexpr std::string_view kBlind = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";
constexpr std::string_view kBlind2 = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e";
constexpr std::string_view kBatchRandom = "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c";

OprfKey key_of(OprfMode mode) {
  Key32 seed;
  std::ranges::fill(seed.writable(), std::uint8_t{0xa3});
  auto key = derive_oprf_key(mode, seed, "test key");
  EXPECT_TRUE(key);
  return std::move(*key);
}

struct Vector {
  OprfMode mode;
  std::string input;
  const char *blinded, *evaluated, *output, *proof;
};

const Vector kVectors[] = {
    {OprfMode::oprf, std::string(1, '\0'), "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
     "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e",
     "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3"
     "ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6",
     ""},
    {OprfMode::oprf, std::string(17, 'Z'), "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
     "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
     "f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4"
     "f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73",
     ""},
    {OprfMode::voprf, std::string(1, '\0'), "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
     "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
     "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
     "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
     "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
     "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d"},
    {OprfMode::voprf, std::string(17, 'Z'), "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
     "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
     "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
     "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
     "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
     "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02"},
};

OprfProof proof_of(std::string_view hex) { return {array_of<32>(hex.substr(0, 64)), array_of<32>(hex.substr(64))}; }
std::string hex_of(const OprfProof& proof) { return to_hex(proof.challenge) + to_hex(proof.response); }

TEST(Oprf, DerivesPublishedKeys) {
  EXPECT_EQ(to_hex(key_of(OprfMode::oprf).secret.bytes()),
            "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e");
  const OprfKey key = key_of(OprfMode::voprf);
  EXPECT_EQ(to_hex(key.secret.bytes()), "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909");
  EXPECT_EQ(to_hex(key.public_key), "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e");
}

TEST(Oprf, PublishedVectors) {
  ASSERT_TRUE(sodium_ready());
  for (const Vector& v : kVectors) {
    SCOPED_TRACE(v.blinded);
    const OprfKey key = key_of(v.mode);
    const Scalar blind = secret_of<32>(kBlind);
    const auto blinded = oprf_blind(v.mode, bytes_of(v.input), blind);
    ASSERT_TRUE(blinded);
    EXPECT_EQ(to_hex(*blinded), v.blinded);
    const auto evaluated = oprf_evaluate(key.secret, *blinded);
    ASSERT_TRUE(evaluated);
    EXPECT_EQ(to_hex(*evaluated), v.evaluated);
    const auto output = oprf_finalize(bytes_of(v.input), blind, *evaluated);
    ASSERT_TRUE(output);
    EXPECT_EQ(to_hex(*output), v.output);
    if (v.mode == OprfMode::oprf) continue;
    const auto proof = prove(key, {&*blinded, 1}, {&*evaluated, 1}, secret_of<32>(kBlind2));
    ASSERT_TRUE(proof);
    EXPECT_EQ(hex_of(*proof), v.proof);
    EXPECT_TRUE(verify(key.public_key, {&*blinded, 1}, {&*evaluated, 1}, proof_of(v.proof)));
  }
}

struct Batch {
  OprfKey key = key_of(OprfMode::voprf);
  std::vector<Element> blinded, evaluated;
  Batch() {
    const std::string inputs[] = {std::string(1, '\0'), std::string(17, 'Z')};
    const std::string_view blinds[] = {kBlind, kBlind2};
    for (std::size_t i = 0; i < 2; ++i) {
      blinded.push_back(*oprf_blind(OprfMode::voprf, bytes_of(inputs[i]), secret_of<32>(blinds[i])));
      evaluated.push_back(*oprf_evaluate(key.secret, blinded.back()));
    }
  }
};

TEST(Voprf, PublishedBatch) {
  const Batch batch;
  EXPECT_EQ(to_hex(batch.blinded[1]), "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654");
  EXPECT_EQ(to_hex(batch.evaluated[1]), "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a");
  const auto proof = prove(batch.key, batch.blinded, batch.evaluated, secret_of<32>(kBatchRandom));
  ASSERT_TRUE(proof);
  EXPECT_EQ(hex_of(*proof),
            "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a"
            "5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08");
  EXPECT_TRUE(verify(batch.key.public_key, batch.blinded, batch.evaluated, *proof));
}

TEST(Voprf, AnotherKeyOrAnotherAnswerIsFound) {
  Batch batch;
  const auto proof = prove(batch.key, batch.blinded, batch.evaluated, secret_of<32>(kBatchRandom));
  ASSERT_TRUE(proof);
  const auto refused = [&](const Element& key, const std::vector<Element>& c, const std::vector<Element>& d,
                           const OprfProof& p) { return !verify(key, c, d, p); };
  const Element other = key_of(OprfMode::oprf).public_key;
  EXPECT_TRUE(refused(other, batch.blinded, batch.evaluated, *proof));
  const std::vector<Element> swapped{batch.evaluated[1], batch.evaluated[0]};
  EXPECT_TRUE(refused(batch.key.public_key, batch.blinded, swapped, *proof));
  EXPECT_TRUE(refused(batch.key.public_key, batch.blinded, {batch.evaluated[0]}, *proof));
  EXPECT_TRUE(refused(batch.key.public_key, {}, {}, *proof));
  // One element by another key, as a server that marks an operator would do.
  auto marked = batch.evaluated;
  marked[1] = *oprf_evaluate(key_of(OprfMode::oprf).secret, batch.blinded[1]);
  EXPECT_EQ(verify(batch.key.public_key, batch.blinded, marked, *proof).error().code, Errc::no_permission);
  const auto honest_about_nothing = prove(batch.key, batch.blinded, marked, secret_of<32>(kBatchRandom));
  ASSERT_TRUE(honest_about_nothing);
  EXPECT_TRUE(refused(batch.key.public_key, batch.blinded, marked, *honest_about_nothing));
  for (std::size_t i = 0; i < 32; ++i) {
    OprfProof changed = *proof;
    changed.challenge[i] ^= 1;
    EXPECT_TRUE(refused(batch.key.public_key, batch.blinded, batch.evaluated, changed)) << i;
    changed = *proof;
    changed.response[i] ^= 1;
    EXPECT_TRUE(refused(batch.key.public_key, batch.blinded, batch.evaluated, changed)) << i;
  }
  EXPECT_TRUE(refused(batch.key.public_key, batch.blinded, batch.evaluated, OprfProof{}));
}

TEST(Oprf, RefusesWhatIsNoPointAndNoScalar) {
  const Scalar blind = secret_of<32>(kBlind);
  const Element good = *oprf_blind(OprfMode::oprf, bytes_of("x"), blind);
  static constexpr struct {
    const char *name, *hex;
  } kPoints[] = {
      {"the identity", "0000000000000000000000000000000000000000000000000000000000000000"},
      {"not canonical", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
      {"negative", "0100000000000000000000000000000000000000000000000000000000000000"},
      {"all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
  };
  for (const auto& c : kPoints) {
    SCOPED_TRACE(c.name);
    const Element bad = array_of<32>(c.hex);
    EXPECT_EQ(oprf_evaluate(blind, bad).error().code, Errc::malformed);
    EXPECT_EQ(oprf_finalize(bytes_of("x"), blind, bad).error().code, Errc::malformed);
    EXPECT_FALSE(verify(bad, {&good, 1}, {&good, 1}, {}));
  }
  static constexpr struct {
    const char *name, *hex;
  } kScalars[] = {
      {"zero", "0000000000000000000000000000000000000000000000000000000000000000"},
      {"the order", "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"},
      {"above it", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
  };
  for (const auto& c : kScalars) {
    SCOPED_TRACE(c.name);
    const Scalar bad = secret_of<32>(c.hex);
    EXPECT_EQ(oprf_blind(OprfMode::oprf, bytes_of("x"), bad).error().code, Errc::malformed);
    EXPECT_EQ(oprf_evaluate(bad, good).error().code, Errc::malformed);
    EXPECT_EQ(oprf_finalize(bytes_of("x"), bad, good).error().code, Errc::malformed);
    EXPECT_FALSE(oprf_public_key(bad));
  }
  const std::string longest(kOprfInputBytesMax, 'x');
  EXPECT_TRUE(oprf_blind(OprfMode::oprf, bytes_of(longest), blind));
  EXPECT_EQ(oprf_blind(OprfMode::oprf, bytes_of(longest + "x"), blind).error().code, Errc::invalid_argument);
}

TEST(Voprf, BatchesAreBounded) {
  const Batch batch;
  const std::vector<Element> many(kOprfBatchMax + 1, batch.blinded[0]), results(kOprfBatchMax + 1, batch.evaluated[0]);
  const auto proof = prove(batch.key, many, results, secret_of<32>(kBlind));
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, Errc::invalid_argument);
}

// The blind leaves no trace in the output; what the server sees differs each time.
TEST(Oprf, BlindsDoNotMatter) {
  Dice dice{5};
  const OprfKey key = key_of(OprfMode::oprf);
  const Scalar a = random_scalar(dice), b = random_scalar(dice);
  const auto seen_a = oprf_blind(OprfMode::oprf, bytes_of("192.0.2.1"), a);
  const auto seen_b = oprf_blind(OprfMode::oprf, bytes_of("192.0.2.1"), b);
  ASSERT_TRUE(seen_a && seen_b);
  EXPECT_NE(*seen_a, *seen_b);
  EXPECT_EQ(*oprf_finalize(bytes_of("192.0.2.1"), a, *oprf_evaluate(key.secret, *seen_a)),
            *oprf_finalize(bytes_of("192.0.2.1"), b, *oprf_evaluate(key.secret, *seen_b)));
}

}  // namespace
}  // namespace nw::privacy
