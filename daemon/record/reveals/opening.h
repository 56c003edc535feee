// What happens once two custodians have approved: keys are put together, the listed values are opened and sealed to the
// requester, keys are wiped. Pure; sandbox.h runs it in a process of its own, so that neither keys nor clear values are
// ever in the daemon's memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "record/evidence/evidence.h"
#include "record/privacy/commitment.h"
#include "record/reveals/approval.h"

namespace nw::reveals {

constexpr std::size_t kClearBytesMax = std::size_t{64} << 10;  // of one value
constexpr std::size_t kResultBytesMax = std::size_t{4} << 20;

// The sealed clear values of one alert of the request: EvidenceStore::read().
struct SealedValues {
  std::string alert;
  privacy::Digest commitment{};  // of the alert's ledger entry
  std::string bytes;
};

struct OpeningInput {
  const RequestDocument* document = nullptr;
  const privacy::Key32* reveal_secret = nullptr;
  const Approval* one = nullptr;
  const Approval* other = nullptr;
  std::vector<SealedValues> objects;
};

// How it went with each value. What was not revealed says why in the result.
struct Opened {
  std::uint64_t revealed = 0;
  std::uint64_t no_key = 0;     // the two have no shares of the key that it needs, or they do not fit
  std::uint64_t not_found = 0;  // it stands in none of the sealed values
  std::uint64_t damaged = 0;    // sealed values that do not open, or are not those that the ledger commits to
  std::string commitment;       // to the result
  std::string sealed;           // the result, to the requester's key: bytes

  [[nodiscard]] std::string to_json() const;
  static Result<Opened> from_json(std::string_view json);
};

using OpenObject = FunctionRef<Result<record::OpenedEvidence>(std::string_view sealed, const privacy::PublicKey& key,
                                                              const privacy::Key32& secret_key)>;
Result<Opened> open_values(const OpeningInput& input, privacy::Random random, OpenObject open_object);

// What the requester reads: one line for each value.
struct ClearValue {
  std::string stored, clear, why;  // why: of one that was not revealed
};
struct ClearResult {
  std::string request;
  std::vector<ClearValue> values;
};
// `no_permission`: it is sealed to another key, or was changed; `malformed`: its commitment is not `commitment`.
Result<ClearResult> open_result(std::string_view sealed, const privacy::CustodianKeys& requester,
                                std::string_view commitment);

}  // namespace nw::reveals
