// The log's side: what to send to a witness, and what its answer means. No I/O: the caller moves the bytes.
//
//   Submission{...} -> request() -> POST -> take() -> nothing: request() again; or what came of it
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "record/merkle/checkpoint.h"
#include "record/merkle/note.h"
#include "record/merkle/proofs.h"

namespace nw::witness {

enum class Outcome : std::uint8_t {
  cosigned,
  refused,      // it did not sign, for a reason that may pass or wants a look at the configuration
  conflict,     // it knows another history of this log
  unreachable,  // no answer
};
constexpr std::size_t kOutcomes = 4;
inline constexpr std::array<std::string_view, kOutcomes> kOutcomeNames{"cosigned", "refused", "conflict",
                                                                       "unreachable"};
std::string_view to_string(Outcome outcome);

struct Judged {
  Outcome outcome = Outcome::refused;
  int status = 0;                                 // of the answer; 0: there was none
  std::optional<std::uint64_t> witness_size;      // 409: what it knows
  std::vector<merkle::NoteSignature> signatures;  // cosigned: good ones by its key
  std::uint64_t timestamp = 0;                    // cosigned: its time, seconds since 1970
  std::string why;                                // otherwise: for the operator
};

// The answers' parts. `malformed` says what is wrong.
Result<std::uint64_t> parse_size_answer(std::string_view content_type, std::string_view body);
Result<std::vector<merkle::NoteSignature>> parse_signature_answer(std::string_view body);

// From `old_size` (never 0) to `size`.
using ProofSource = FunctionRef<Result<merkle::Proof>(std::uint64_t old_size, std::uint64_t size)>;

class Submission {
 public:
  // A witness may hear of a larger head from somebody else meanwhile.
  static constexpr unsigned kRequestsMax = 4;

  // `head`: ours, signed, with its checkpoint as read. `known_size`: what the witness signed last, as far as is known;
  // 0 asks it.
  Submission(merkle::VerifierKey witness, merkle::Note head, merkle::Checkpoint checkpoint, std::uint64_t known_size);

  // The body to send. Errors are the proof's.
  [[nodiscard]] Result<std::string> request(ProofSource proofs) const;
  // Nothing: ask again, from the size that it told.
  std::optional<Judged> take(int status, std::string_view content_type, std::string_view body);

 private:
  Judged signed_by(std::string_view body) const;
  std::optional<Judged> other_size(std::string_view content_type, std::string_view body);

  merkle::VerifierKey witness_;
  merkle::Note head_;
  merkle::Checkpoint checkpoint_;
  std::uint64_t old_size_;
  unsigned requests_ = 1;
};

}  // namespace nw::witness
