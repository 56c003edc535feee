#include "record/witness/submission.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "record/merkle/cosignature.h"
#include "record/witness/request.h"
#include "record/witness/state.h"

namespace nw::witness {

namespace {

// The first line of a refusal, as much of it as helps.
std::string told(int status, std::string_view body) {
  const std::string_view line = trim(body.substr(0, body.find('\n')));
  return "HTTP " + std::to_string(status) + (line.empty() ? "" : ": " + printable(line, 160));
}

std::string hint(int status) {
  switch (status) {
    case 403: return "; does it hold this ledger's key? normwatch keys show";
    case 404: return "; does it witness this origin, and does the address end before /add-checkpoint?";
    case 429: return "; it is asked too often";
    default: return {};
  }
}

}  // namespace

std::string_view to_string(Outcome outcome) { return kOutcomeNames.at(static_cast<std::size_t>(outcome)); }

Result<std::uint64_t> parse_size_answer(std::string_view content_type, std::string_view body) {
  const std::string type = to_ascii_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (type != kSizeType) return Error{Errc::malformed, "a conflict without a size: its type is not text/x.tlog.size"};
  if (!body.ends_with('\n')) return Error{Errc::malformed, "the size does not end in a newline"};
  body.remove_suffix(1);
  return merkle::parse_decimal(body);
}

Result<std::vector<merkle::NoteSignature>> parse_signature_answer(std::string_view body) {
  std::vector<merkle::NoteSignature> out;
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    if (end == std::string_view::npos) return Error{Errc::malformed, "the last line does not end in a newline"};
    if (out.size() == merkle::kNoteSignaturesMax) return Error{Errc::malformed, "there are over 100 signatures"};
    auto signature = merkle::NoteSignature::parse(body.substr(0, end));
    if (!signature)
      return Error{Errc::malformed, "line " + std::to_string(out.size() + 1) + ": " + signature.error().what};
    out.push_back(std::move(*signature));
    body.remove_prefix(end + 1);
  }
  if (out.empty()) return Error{Errc::malformed, "there is no signature"};
  return out;
}

Submission::Submission(merkle::VerifierKey witness, merkle::Note head, merkle::Checkpoint checkpoint,
                       std::uint64_t known_size)
    : witness_{std::move(witness)},
      head_{std::move(head)},
      checkpoint_{std::move(checkpoint)},
      old_size_{std::min(known_size, checkpoint_.head.size)} {}

Result<std::string> Submission::request(ProofSource proofs) const {
  AddRequest out;
  out.old_size = old_size_;
  if (old_size_ != 0 && old_size_ < checkpoint_.head.size) {
    auto proof = proofs(old_size_, checkpoint_.head.size);
    if (!proof) return proof.error();
    out.proof = std::move(*proof);
  }
  // Others' signatures are nothing to a witness, and witnesses bound what they take.
  out.checkpoint.text = head_.text;
  for (const merkle::NoteSignature& one : head_.signatures)
    if (one.name == checkpoint_.origin) out.checkpoint.signatures.push_back(one);
  return out.to_string();
}

std::optional<Judged> Submission::take(int status, std::string_view content_type, std::string_view body) {
  if (status == 200) return signed_by(body);
  if (status == 409) return other_size(content_type, body);
  Judged out;
  out.status = status;
  out.why = told(status, body) + hint(status);
  if (status == 422 && old_size_ != 0) {
    out.outcome = Outcome::conflict;
    out.witness_size = old_size_;
    out.why = "it says that this ledger does not continue the " + std::to_string(old_size_) +
              " entries of it that it has signed for";
  }
  return out;
}

Judged Submission::signed_by(std::string_view body) const {
  Judged out;
  out.status = 200;
  auto signatures = parse_signature_answer(body);
  if (!signatures) {
    out.why = "its answer is no cosignature: " + signatures.error().what;
    return out;
  }
  for (merkle::NoteSignature& one : *signatures) {
    if (one.name != witness_.name || one.id != witness_.id) continue;
    const auto timestamp = merkle::verify_cosignature(witness_.key, head_.text, one.bytes);
    if (!timestamp) {
      out.signatures.clear();
      out.why = "its signature is wrong; somebody else may have answered";
      return out;
    }
    out.timestamp = std::max(out.timestamp, *timestamp);
    if (out.signatures.empty()) out.signatures.push_back(std::move(one));
  }
  if (out.signatures.empty())
    out.why = "it signed with another key than the policy names: " + printable(signatures->front().name, 80);
  else
    out.outcome = Outcome::cosigned;
  return out;
}

std::optional<Judged> Submission::other_size(std::string_view content_type, std::string_view body) {
  Judged out;
  out.status = 409;
  const auto size = parse_size_answer(content_type, body);
  if (!size) {
    out.why = "HTTP 409, but " + size.error().what;
    return out;
  }
  out.witness_size = *size;
  const std::uint64_t ours = checkpoint_.head.size;
  if (*size > ours) {
    out.outcome = Outcome::conflict;
    out.why = "it has signed for " + std::to_string(*size) + " entries of this ledger, which has " +
              std::to_string(ours) +
              ": the ledger was cut or brought back from a backup, or somebody else signs with "
              "its key";
    return out;
  }
  if (*size == old_size_ && *size == ours) {
    out.outcome = Outcome::conflict;
    out.why = "it has signed for another history of the same " + std::to_string(ours) + " entries";
    return out;
  }
  if (*size == old_size_ || requests_ == kRequestsMax) {
    out.why =
        *size == old_size_ ? "it refuses the very size that it tells" : "its size changes each time that it is asked";
    return out;
  }
  ++requests_;
  old_size_ = *size;
  return std::nullopt;
}

}  // namespace nw::witness
