// A witness's signature of a checkpoint: C2SP tlog-cosignature v1.0.1, the Ed25519 kind.
//
//   signature   | time u64be, seconds since 1970 | Ed25519, 64 bytes |
//   signed      cosignature/v1 <newline> time <decimal> <newline> <the checkpoint's text>
//
// The witness says: at that time this was the largest tree that I had seen of this log, and it continues all that I saw
// before. The text does not name the witness, so no two witnesses may share a key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "record/merkle/note.h"

namespace nw::merkle {

constexpr std::uint64_t kCosignatureTimeMax = (std::uint64_t{1} << 63U) - 1;

std::string cosigned_message(std::string_view text, std::uint64_t timestamp);
// `invalid_argument`: the key is not of the type, the text is no note's, or the time is over the limit.
Result<NoteSignature> cosign(std::string_view text, const SignerKey& key, std::uint64_t timestamp);
// The time, when the signature is good. `signature` is what follows the key's id.
std::optional<std::uint64_t> verify_cosignature(const PublicKey& key, std::string_view text,
                                                std::string_view signature);

}  // namespace nw::merkle
