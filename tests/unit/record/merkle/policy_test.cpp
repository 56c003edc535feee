#include "record/merkle/policy.h"

#include <gtest/gtest.h>

#include "record/merkle/cosignature.h"
#include "unit/record/merkle/support.h"

namespace nw::merkle {
namespace {

using test::witness_signer;

std::string witness_line(int number) {
  return "witness w" + std::to_string(number) + " " + witness_signer(number).verifier().to_string() + "\n";
}
std::string log_line() { return "log " + std::string{test::kLogKey} + "\n"; }

Policy policy(const std::string& text) {
  Diagnostics diagnostics;
  auto out = Policy::parse(text, "policy", diagnostics);
  EXPECT_TRUE(out) << diagnostics.to_string();
  return out.value_or(Policy{});
}

std::string faults(const std::string& text) {
  Diagnostics diagnostics;
  const auto out = Policy::parse(text, "policy", diagnostics);
  EXPECT_EQ(out.has_value(), diagnostics.ok());
  return diagnostics.to_string();
}

// The worked example's head, cosigned by these, a second apart.
Note cosigned(std::initializer_list<int> witnesses) {
  Note note = *Note::parse(test::kCheckpoint5);
  note.signatures.resize(1);
  for (const int number : witnesses)
    note.signatures.push_back(
        *cosign(note.text, witness_signer(number), test::kCosignedAt + static_cast<std::uint64_t>(number)));
  return note;
}

TEST(Policies, WorkedExample) {
  const Policy p =
      policy(log_line() + "witness agg " + std::string{test::kWitnessKey} + " https://w.example/\nquorum agg\n");
  ASSERT_EQ(p.logs.size(), 1U);
  ASSERT_EQ(p.witnesses.size(), 1U);
  EXPECT_EQ(p.witnesses[0].url, "https://w.example/");
  const auto accepted = p.check(*Note::parse(test::kCheckpoint5));
  ASSERT_TRUE(accepted) << accepted.error().what;
  EXPECT_EQ(accepted->checkpoint.head.size, 5U);
  EXPECT_EQ(accepted->log, 0U);
  ASSERT_EQ(accepted->cosigned.size(), 1U);
  EXPECT_EQ(accepted->cosigned[0].timestamp, test::kCosignedAt);
  const auto without = p.check(*Note::parse(test::kCheckpoint3));
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().what, "the quorum is not reached: witness 'agg' has not cosigned");
}

TEST(Policies, QuorumOfGroups) {
  const Policy p =
      policy("# whom we trust\n" + log_line() + "\n" + witness_line(0) + witness_line(1) + witness_line(2) +
             witness_line(3) + witness_line(4) +
             "group own 1 w0\n\t group\tpeers 2   w1 w2 w3 \n  # a comment\ngroup q all own peers\nquorum q\n");
  static const struct {
    std::initializer_list<int> by;
    bool good;
  } kCases[] = {
      {{}, false},       {{0}, false},      {{1, 2}, false},      {{0, 1}, false},         {{0, 4}, false},
      {{0, 1, 2}, true}, {{3, 1, 0}, true}, {{0, 1, 2, 3}, true}, {{0, 1, 2, 3, 4}, true}, {{1, 2, 3, 4}, false},
  };
  for (const auto& c : kCases) {
    const auto accepted = p.check(cosigned(c.by));
    EXPECT_EQ(accepted.has_value(), c.good);
    if (accepted) {
      EXPECT_EQ(accepted->cosigned.size(), c.by.size());  // also those that the quorum does not need
    }
  }
  EXPECT_EQ(p.check(cosigned({0, 1})).error().what,
            "the quorum is not reached: group 'q' has 1 of the 2 that it needs; not among them: peers");
}

TEST(Policies, AnyAndAllAndNone) {
  const std::string start = log_line() + witness_line(0) + witness_line(1);
  EXPECT_TRUE(policy(start + "group g any w0 w1\nquorum g\n").check(cosigned({1})));
  EXPECT_FALSE(policy(start + "group g all w0 w1\nquorum g\n").check(cosigned({1})));
  EXPECT_FALSE(policy(start + "group g 2 w0 w1\nquorum g\n").check(cosigned({1})));
  EXPECT_FALSE(policy(start + "group g any w0 w1\nquorum g\n").check(cosigned({})));
  EXPECT_TRUE(policy(start + "group g any w0 w1\nquorum none\n").check(cosigned({})));
  // A quorum line may stand before others, and name what is in a group.
  EXPECT_TRUE(policy(start + "group g all w0 w1\nquorum w1\n" + witness_line(2)).check(cosigned({1})));
}

TEST(Policies, TheLogMustHaveSigned) {
  const Policy p = policy(log_line() + witness_line(0) + "quorum w0\n");
  Note note = cosigned({0});
  EXPECT_TRUE(p.check(note));
  note.signatures.erase(note.signatures.begin());
  EXPECT_NE(p.check(note).error().what.find("no key of the log"), std::string::npos);
  // Another log of the policy cannot sign for this one.
  const auto other = *SignerKey::make("other.example/log", KeyType::note, test::counting_seed(200));
  const Policy two =
      policy(log_line() + "log " + other.verifier().to_string() + "\n" + witness_line(0) + "quorum w0\n");
  note.signatures.push_back(*sign_note(note.text, other));
  EXPECT_NE(two.check(note).error().what.find("no key of the log"), std::string::npos);
  // Nor is an origin known that has no log.
  Note foreign{"third.example/log\n5\n" + to_base64(leaf_hash("")) + "\n", {}};
  foreign.signatures.push_back(*sign_note(foreign.text, other));
  EXPECT_EQ(two.check(foreign).error().what, "the policy has no log with the origin 'third.example/log'");
  EXPECT_FALSE(policy("quorum none\n").check(cosigned({})));
}

TEST(Policies, AWrongSignatureRejects) {
  const Policy p = policy(log_line() + witness_line(0) + witness_line(1) + "quorum w0\n");
  Note note = cosigned({0, 1});
  EXPECT_TRUE(p.check(note));
  note.signatures[2].bytes[20] = static_cast<char>(note.signatures[2].bytes[20] ^ 1);
  EXPECT_EQ(p.check(note).error().code, Errc::no_permission);  // though the quorum would be reached without it
  note = cosigned({0});
  note.text = "normwatch.example/ledger/demo-01\n6\n" + to_base64(leaf_hash("")) + "\n";
  EXPECT_EQ(p.check(note).error().code, Errc::no_permission);
}

TEST(Policies, SeveralTimesOfOneWitness) {
  const Policy p = policy(log_line() + witness_line(0) + "quorum w0\n");
  Note note = cosigned({0});
  note.signatures.push_back(*cosign(note.text, witness_signer(0), test::kCosignedAt - 60));
  note.signatures.push_back(*cosign(note.text, witness_signer(0), test::kCosignedAt + 60));
  const auto accepted = p.check(note);
  ASSERT_TRUE(accepted);
  ASSERT_EQ(accepted->cosigned.size(), 1U);
  EXPECT_EQ(accepted->cosigned[0].timestamp, test::kCosignedAt - 60);
}

TEST(Policies, NoCheckpoint) {
  const Policy p = policy(log_line() + "quorum none\n");
  Note note{"hello\n", {}};
  note.signatures.push_back(*sign_note(note.text, test::log_signer()));
  EXPECT_EQ(p.check(note).error().code, Errc::malformed);
}

TEST(Policies, Faults) {
  const std::string log = log_line(), w0 = witness_line(0), w1 = witness_line(1), end = "quorum none\n";
  const std::string vkey = witness_signer(0).verifier().to_string();
  // The same public key as the witness's, but as a log's.
  const std::string as_log = SignerKey::make("l", KeyType::note, test::counting_seed(64))->verifier().to_string();
  const struct {
    const char* name;
    std::string text;
    const char* told;
  } kCases[] = {
      {"empty", "", "policy: policy-quorum: the policy has no quorum"},
      {"no quorum", log + w0, "policy: policy-quorum: the policy has no quorum"},
      {"two quorums", end + end, "policy:2:1: policy-quorum: the quorum is set in line 1 already"},
      {"quorum of nothing", "quorum\n",
       "policy:1:1: policy-arguments: the line is too short: write: quorum <name>|none"},
      {"quorum of two", w0 + w1 + "quorum w0 w1\n", "policy:3:1: policy-arguments: the line is too long"},
      {"unknown quorum", w0 + "quorum w1\n",
       "policy:2:8: policy-member: 'w1' is no witness and no group of a line above (did you mean 'w0'?)"},
      {"used above its line", "quorum w0\n" + w0, "policy:1:8: policy-member"},
      {"unknown keyword", "witnes w0 " + vkey + "\n" + end,
       "policy:1:1: policy-keyword: unknown line 'witnes' (did you mean 'witness'?)"},
      {"keyword in capitals", "Quorum none\n" + end, "policy:1:1: policy-keyword"},
      {"no newline", w0 + "quorum none", "policy:2:1: policy-bytes: the last line has no newline"},
      {"carriage return", "quorum none\r\n", "policy:1:12: policy-bytes: control character \\x0d"},
      {"NUL", "quorum none" + std::string(1, '\0') + "\n", "policy:1:12: policy-bytes"},
      {"DEL", "quorum none\x7f\n", "policy:1:12: policy-bytes"},
      {"log without key", "log\n" + end,
       "policy:1:1: policy-arguments: the line is too short: write: log <vkey> [<url>]"},
      {"log with more", "log " + std::string{test::kLogKey} + " u v\n" + end,
       "policy:1:1: policy-arguments: the line is too long"},
      {"bad key", "log x+y\n" + end, "policy:1:5: policy-key: the public key is not of the form"},
      {"key of a witness as log", "log " + vkey + "\n" + end, "policy:1:5: policy-key: a log's key is of type 1"},
      {"key of a log as witness", "witness w " + std::string{test::kLogKey} + "\n" + end,
       "policy:1:11: policy-key: a witness's key is of type 4"},
      {"log twice", log + log + end, "policy:2:5: policy-key: this key stands in line 1 already"},
      {"witness twice", w0 + "witness other " + vkey + "\n" + end,
       "policy:2:15: policy-key: this key stands in line 1 already"},
      {"log's key as witness's", w0 + "log " + as_log + "\n" + end,
       "policy:2:5: policy-key: this key stands in line 1 already"},
      {"name twice", w0 + "witness w0 " + witness_signer(1).verifier().to_string() + "\n" + end,
       "policy:2:9: policy-name: 'w0' is defined in line 1 already"},
      {"group named as a witness", w0 + "group w0 any w0\n" + end, "policy:2:7: policy-name"},
      {"witness named none", "witness none " + vkey + "\n" + end,
       "policy:1:9: policy-name: 'none' is the empty quorum"},
      {"group named none", w0 + "group none any w0\n" + end, "policy:2:7: policy-name: 'none'"},
      {"none in a group", w0 + "group g any w0 none\n" + end, "policy:2:16: policy-member: 'none' is no witness"},
      {"group without members", w0 + "group g any\n" + end, "policy:2:1: policy-arguments: the line is too short"},
      {"threshold 0", w0 + "group g 0 w0\n" + end,
       "policy:2:9: policy-threshold: '0' members of 1: write all, any, or a number from 1 to 1"},
      {"threshold too high", w0 + w1 + "group g 3 w0 w1\n" + end, "policy:3:9: policy-threshold"},
      {"threshold with a zero", w0 + "group g 01 w0\n" + end, "policy:2:9: policy-threshold"},
      {"threshold in words", w0 + "group g most w0\n" + end, "policy:2:9: policy-threshold"},
      {"member twice in one", w0 + "group g any w0 w0\n" + end,
       "policy:2:16: policy-member: 'w0' is in the group of line 2 already: a witness counts in one way only"},
      {"member of two", w0 + "group g any w0\ngroup h any w0\n" + end,
       "policy:3:13: policy-member: 'w0' is in the group of line 2 already"},
      {"group in itself", w0 + "group g any w0 g\n" + end, "policy:2:16: policy-member: 'g' is no witness"},
      {"later member", "group g any w0\n" + w0 + end, "policy:1:13: policy-member"},
  };
  for (const auto& c : kCases) {
    const std::string told = faults(c.text);
    EXPECT_NE(told.find(c.told), std::string::npos) << c.name << ": " << told;
  }
}

TEST(Policies, AllFaultsAreTold) {
  const std::string told = faults("log x\nwitness\ngroup g any w\nfoo\n");
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 5);
}

TEST(Policies, Bounds) {
  EXPECT_NE(faults(std::string(kPolicyBytesMax, '#') + "\nquorum none\n").find("policy-too-large"), std::string::npos);
  std::string text;
  for (std::size_t i = 0; i < kPolicyEntriesMax; ++i) {
    const std::string name = "w" + std::to_string(i);
    std::string seed = test::counting_seed(0);
    seed[0] = static_cast<char>(i);
    seed[1] = 'x';
    text += "witness " + name + " " + SignerKey::make(name, KeyType::cosignature, seed)->verifier().to_string() + "\n";
  }
  EXPECT_EQ(faults(text + "quorum none\n"), "");
  EXPECT_NE(faults(text + "witness last " + witness_signer(0).verifier().to_string() + "\nquorum none\n")
                .find("policy-too-large: over 256 witnesses"),
            std::string::npos);
  std::string groups = "group g0 any w0\n";
  for (std::size_t i = 1; i < kPolicyEntriesMax; ++i)
    groups += "group g" + std::to_string(i) + " all g" + std::to_string(i - 1) + "\n";
  const Policy deep = policy(witness_line(0) + log_line() + groups + "quorum g255\n");
  EXPECT_TRUE(deep.check(cosigned({0})));
  EXPECT_FALSE(deep.check(cosigned({})));
  EXPECT_NE(faults(witness_line(0) + groups + "group more any g255\nquorum none\n").find("over 256 groups"),
            std::string::npos);
}

}  // namespace
}  // namespace nw::merkle
