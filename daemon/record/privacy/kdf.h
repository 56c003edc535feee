// From the master key of an operator, a purpose and an epoch to the keys that do the work: HKDF-SHA-256 (RFC 5869) with
// the salt "normwatch/v1/op=<operator>/epoch=<yyyy-mm>" and one label per use. A month's pseudonyms and tokens cannot
// be told from random by whoever lacks that month's master key; destroying it destroys them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "record/privacy/forms.h"
#include "record/privacy/secret.h"

namespace nw::privacy {

using Key16 = Secret<16>;
using Key32 = Secret<32>;

// A month of UTC. Pseudonyms and tokens carry it: without it they cannot be told apart from those of another key.
struct Epoch {
  std::uint16_t year = 1970;
  std::uint8_t month = 1;

  static Epoch of(Timestamp t) noexcept;
  // "2026-01", years 1970 to 2261 (what a Timestamp reaches); nothing around it.
  static Result<Epoch> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] Timestamp begin() const noexcept;  // the first of the month; the epoch ends where the next one begins
  [[nodiscard]] Epoch next() const noexcept;
  friend auto operator<=>(const Epoch&, const Epoch&) noexcept = default;
};

// RFC 5869 section 2.2 and 2.3. `out` is filled; at most 255 * 32 bytes.
[[nodiscard]] Key32 hkdf_extract(std::string_view salt, Bytes key);
void hkdf_expand(const Key32& pseudorandom_key, std::string_view label, std::span<std::uint8_t> out);

// An operator's name in salts and files: 1 to 64 of [a-z0-9._-], beginning with a letter or a digit.
[[nodiscard]] bool is_operator_id(std::string_view id) noexcept;

// All keys of one operator and epoch. Labels are those of draft-denis-ipcrypt; the token's is ours.
struct EpochKeys {
  std::string operator_id;
  Epoch epoch;
  Key32 pfx;            // "ipcrypt-pfx"
  Key16 deterministic;  // "ipcrypt-deterministic"
  Key16 nd;             // "ipcrypt-nd"
  Key32 ndx;            // "ipcrypt-ndx"
  Key32 token;          // "normwatch-token/v1"

  // `invalid_argument`: the operator's name.
  static Result<EpochKeys> derive(const Key32& master, std::string_view operator_id, Epoch epoch);
  static EpochKeys derive_with_salt(const Key32& master, std::string_view salt);
};

}  // namespace nw::privacy
