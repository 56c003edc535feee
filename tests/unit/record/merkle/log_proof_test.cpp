#include "record/merkle/log_proof.h"

#include <gtest/gtest.h>

#include "record/merkle/base64.h"
#include "unit/record/merkle/support.h"

namespace nw::merkle {
namespace {

const std::string kProof2 =
    "c2sp.org/tlog-proof@v1\n"
    "index 2\n"
    "SiC9eNAOI4ynP4prO0AOsZtE3mbQc9ak4UhbMbFog0w=\n"
    "7HyBrPpslFSevgtACefWZiYoQW3CM1VndKuFnXOLBVQ=\n"
    "oCH7EXSJa7qwJ0vwojEhQ4Qla8DBaG5STNrS/7UKu0o=\n"
    "\n" +
    std::string{test::kCheckpoint5};

Policy policy() {
  Diagnostics diagnostics;
  auto out = Policy::parse(
      "log " + std::string{test::kLogKey} + "\nwitness agg " + std::string{test::kWitnessKey} + "\nquorum agg\n",
      "policy", diagnostics);
  EXPECT_TRUE(out) << diagnostics.to_string();
  return out.value_or(Policy{});
}

TEST(LogProofs, WorkedExample) {
  const auto proof = LogProof::parse(kProof2);
  ASSERT_TRUE(proof) << proof.error().what;
  EXPECT_EQ(proof->index, 2U);
  EXPECT_EQ(proof->hashes.size(), 3U);
  EXPECT_FALSE(proof->extra);
  EXPECT_EQ(proof->to_string(), kProof2);
  const auto accepted = proof->verify(leaf_hash(test::kEntries[2]), policy());
  ASSERT_TRUE(accepted) << accepted.error().what;
  EXPECT_EQ(accepted->cosigned.at(0).timestamp, test::kCosignedAt);
  EXPECT_FALSE(proof->verify(leaf_hash(test::kEntries[1]), policy()));
}

TEST(LogProofs, EveryEntry) {
  const auto tree = test::MemoryTree::worked();
  for (std::uint64_t index = 0; index < 5; ++index) {
    const LogProof proof{{}, index, *inclusion_proof(index, 5, tree), *Note::parse(test::kCheckpoint5)};
    const auto again = LogProof::parse(proof.to_string());
    ASSERT_TRUE(again);
    for (std::size_t other = 0; other < 5; ++other)
      EXPECT_EQ(again->verify(leaf_hash(test::kEntries[other]), policy()).has_value(), other == index);
  }
}

TEST(LogProofs, ASingleEntryNeedsNoHashes) {
  const auto signer = test::log_signer();
  const Checkpoint head{std::string{test::kOrigin}, {1, leaf_hash("x")}, {}};
  Note note{*head.to_text(), {}};
  note.signatures.push_back(*sign_note(note.text, signer));
  const LogProof proof{"agent v1", 0, {}, note};
  const std::string text = proof.to_string();
  EXPECT_EQ(text.find("c2sp.org/tlog-proof@v1\nextra YWdlbnQgdjE=\nindex 0\n\nnormwatch.example"), 0U);
  const auto again = LogProof::parse(text);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->extra, "agent v1");
  EXPECT_EQ(again->to_string(), text);
  Diagnostics diagnostics;
  const auto lax = Policy::parse("log " + std::string{test::kLogKey} + "\nquorum none\n", "p", diagnostics);
  EXPECT_TRUE(again->verify(leaf_hash("x"), *lax));
}

TEST(LogProofs, Malformed) {
  const std::string hash = "SiC9eNAOI4ynP4prO0AOsZtE3mbQc9ak4UhbMbFog0w=\n", magic = "c2sp.org/tlog-proof@v1\n";
  const std::string note = "\n" + std::string{test::kCheckpoint5};
  std::string many;
  for (std::size_t i = 0; i < kProofHashesMax; ++i) many += hash;
  const struct {
    const char* name;
    std::string text;
    const char* told;
  } kCases[] = {
      {"empty", "", "line 1: is not 'c2sp.org/tlog-proof@v1'"},
      {"another version", "c2sp.org/tlog-proof@v2\nindex 2\n" + note, "line 1: "},
      {"first line only", magic, "line 2: the index is missing"},
      {"no index", magic + hash + note, "line 2: is not 'index' and a number"},
      {"index with a zero", magic + "index 02\n" + hash + note, "line 2: the index '02' has leading zeros"},
      {"negative index", magic + "index -2\n" + hash + note, "line 2: the index '-2' is no decimal"},
      {"no number", magic + "index \n" + hash + note, "line 2: the index '' is no decimal"},
      {"two spaces", magic + "index  2\n" + hash + note, "line 2: "},
      {"index too large", magic + "index 9223372036854775808\n" + note, "is over 2^63-1"},
      {"extra is no Base64", magic + "extra abc\nindex 2\n" + note, "line 2: the extra data is no Base64"},
      {"extra is empty", magic + "extra \nindex 2\n" + note, "line 2: the extra data is empty"},
      {"extra twice", magic + "extra AAAA\nextra AAAA\nindex 2\n" + note, "line 3: is not 'index'"},
      {"extra behind the index", magic + "index 2\nextra AAAA\n" + note, "line 3: the hash: no Base64"},
      {"extra and the end", magic + "extra AAAA\n", "line 3: the index is missing"},
      {"a short hash", magic + "index 2\nAAAA\n" + note,
       "line 3: the hash: a SHA-256 hash has 32 bytes, this one has 3"},
      {"cut in the proof", magic + "index 2\n" + hash, "line 4: ends within the proof"},
      {"carriage returns", magic + "index 2\r\n" + note, "line 2: the index '2\\x0d' is no decimal"},
      {"no checkpoint", magic + "index 2\n" + hash + "\n", "the checkpoint in it: the note has no signatures"},
      {"64 hashes", magic + "index 2\n" + many + hash + note, "line 66: the proof has over 63 hashes"},
  };
  for (const auto& c : kCases) {
    const auto parsed = LogProof::parse(c.text);
    ASSERT_FALSE(parsed) << c.name;
    EXPECT_EQ(parsed.error().code, Errc::malformed) << c.name;
    EXPECT_NE(parsed.error().what.find(c.told), std::string::npos) << c.name << ": " << parsed.error().what;
  }
  EXPECT_TRUE(LogProof::parse(magic + "index 2\n" + many + note));
  EXPECT_FALSE(
      LogProof::parse(magic + "extra " + encode_base64(std::string(kLogProofBytesMax, 'x')) + "\nindex 2\n" + note));
}

TEST(LogProofs, EveryCutAndEveryByteIsNoticed) {
  const Policy p = policy();
  const auto good = [&](const std::string& text) {
    const auto proof = LogProof::parse(text);
    return proof && proof->verify(leaf_hash(test::kEntries[2]), p);
  };
  ASSERT_TRUE(good(kProof2));
  for (std::size_t size = 0; size < kProof2.size(); ++size) EXPECT_FALSE(good(kProof2.substr(0, size))) << size;
  for (std::size_t at = 0; at < kProof2.size(); ++at)
    for (const int bit : {1, 2, 0x20}) {
      std::string wrong = kProof2;
      wrong[at] = static_cast<char>(wrong[at] ^ bit);
      EXPECT_FALSE(good(wrong)) << at;
    }
}

}  // namespace
}  // namespace nw::merkle
