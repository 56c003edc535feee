// Checkpoints, policies, tlog-proof files and exact JSON from any bytes; the first byte says which. What is read is
// written again as the same; a policy's members are in order and its thresholds can be reached.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "record/merkle/canonical.h"
#include "record/merkle/exact_json.h"
#include "record/merkle/log_proof.h"

namespace {

using namespace nw::merkle;

void check_checkpoint(std::string_view bytes) {
  const auto checkpoint = Checkpoint::parse(bytes);
  if (!checkpoint) return;
  NW_CHECK(*checkpoint->to_text() == bytes);
  NW_CHECK(checkpoint->head.size <= kTreeSizeMax);
}

void check_policy(std::string_view bytes) {
  nw::Diagnostics diagnostics;
  const auto policy = Policy::parse(bytes, "fuzz", diagnostics);
  NW_CHECK(policy.has_value() == diagnostics.ok());
  if (!policy) return;
  for (std::size_t i = 0; i < policy->groups.size(); ++i) {
    const PolicyGroup& group = policy->groups[i];
    NW_CHECK(group.threshold >= 1 && group.threshold <= group.members.size());
    for (const PolicyMember member : group.members)
      NW_CHECK(member.at < (member.kind == PolicyMember::Kind::group ? i : policy->witnesses.size()));
  }
  const auto note = Note::parse(
      "normwatch.example/ledger/demo-01\n3\nYppX7AEUrhmrOU5/Sr9rrq4UlOJke9LsN4ik3gCm4kU=\n\n"
      "\u2014 normwatch.example/ledger/demo-01 "
      "47nDE+tLbxsqjhMQdER+vlFoi/73P4l0d7CNSd0/aECFVNchvhJu2uWmx2SDlfF0NgdVZEyiITQjYIDTPmFVsuH0hQ4=\n");
  if (const auto accepted = policy->check(*note)) {
    NW_CHECK(!policy->quorum && accepted->log < policy->logs.size());  // no witness has cosigned it
  }
}

void check_proof(std::string_view bytes) {
  const auto proof = LogProof::parse(bytes);
  if (!proof) return;
  NW_CHECK(proof->to_string() == bytes);
  NW_CHECK(proof->hashes.size() <= kProofHashesMax);
  // By a tree that is large enough for any index: the root does not fit.
  NW_CHECK(!verify_inclusion(proof->index, kTreeSizeMax, leaf_hash("x"), proof->hashes, empty_root()));
}

void check_json(std::string_view bytes) {
  const auto value = parse_exact_json(bytes);
  if (!value) return;
  const auto once = canonical_json(*value);
  if (!once) return;
  const auto again = parse_exact_json(*once);
  if (!again) return;
  const auto twice = canonical_json(*again);
  // A double that is written without a point reads as an integer, which may be beyond the limit.
  NW_CHECK(!twice || *twice == *once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0]) {
    case 'c': check_checkpoint(bytes); break;
    case 'l': check_policy(bytes); break;
    case 'p': check_proof(bytes); break;
    case 'j': check_json(bytes); break;
    default: break;
  }
  return 0;
}
