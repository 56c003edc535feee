// Salted commitments: what a ledger entry says of personal or raw data. SHA-256("normwatch-commit/v1" || 00 || nonce ||
// bytes). The nonce and the bytes lie in the evidence store; once both are deleted the commitment tells nothing, and
// the ledger's proofs still hold.
#pragma once

#include <array>
#include <cstdint>

#include "record/privacy/forms.h"
#include "record/privacy/secret.h"

namespace nw::privacy {

using Nonce = std::array<std::uint8_t, 32>;

// A new nonce for each commitment: under one nonce two commitments to the same bytes are equal.
[[nodiscard]] Nonce make_nonce(Random fill);
[[nodiscard]] Digest commitment(const Nonce& nonce, Bytes bytes) noexcept;
[[nodiscard]] bool opens(const Digest& committed, const Nonce& nonce, Bytes bytes) noexcept;

// "commit:" and 64 hex digits.
[[nodiscard]] std::string commitment_text(const Digest& committed);
[[nodiscard]] bool read_commitment(std::string_view text, Digest& out) noexcept;

}  // namespace nw::privacy
