// A custodian's word that a month's keys are to be destroyed: who, why, when, encrypted and authenticated from the
// custodian's key to a key that the daemon has in memory only (libsodium's box: X25519, XSalsa20-Poly1305), as an
// approval is. A name proves nothing; this proves who has the key.
//
//   daemon: {month, key, proposal}  ->  custodian, at a station of their own: DestroyWord  ->  daemon: opens it
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "record/privacy/sealing.h"
#include "record/reveals/request.h"

namespace nw::reveals {

constexpr std::size_t kDestroyWordBytesMax = std::size_t{16} << 10;

struct DestroyWord {
  privacy::Epoch epoch;
  std::string proposal;  // the sha256 of what is confirmed (Destruction::sha256()); empty: this proposes it
  std::string why;       // of a proposal
  Person person;         // their station and user there, as their command says
  bool offline = false;  // made away from the daemon, and brought as a file
  Timestamp at{};
  privacy::PublicKey custodian_key{};  // filled in by open_destroy_word()
};

// One JSON object. `malformed`: `to` is no public key.
Result<std::string> make_destroy_word(const DestroyWord& word, const privacy::CustodianKeys& keys,
                                      const privacy::PublicKey& to, privacy::Random random);
// `no_permission`: it was not made with the custodian's key that it names, or not for this daemon since its start, or
// was changed; `malformed`: it is no such word.
Result<DestroyWord> open_destroy_word(std::string_view file, const privacy::Key32& secret);

}  // namespace nw::reveals
