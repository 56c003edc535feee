// A custodian's approval: their shares of the sealed keys, sealed once more to the request's one-time key, together
// with the hash of the request. Encrypted and authenticated from the custodian's key to that key (libsodium's box:
// X25519, XSalsa20-Poly1305), so that nobody else can make, read or change it; the shares in it stay sealed until two
// approvals meet.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/reveals/request.h"

namespace nw::reveals {

constexpr std::size_t kApprovalBytesMax = std::size_t{512} << 10;

// A privacy::Share whose value is sealed.
struct SealedShare {
  NeededKey key;
  std::uint8_t holder = 0, partner = 0;
  std::array<std::uint8_t, 80> box{};
};

struct Approval {
  std::string request, request_sha256;
  privacy::PublicKey custodian_key{};
  Person custodian;      // their station and user there, as their command says
  bool offline = false;  // made away from the daemon, and brought as a file
  Timestamp at;
  std::vector<SealedShare> shares;
};

// What make_approval() knows of the one who approves.
struct Approver {
  Person person;
  bool offline = false;
  Timestamp at;
};
// One JSON object: the approval's file. `not_found`: none of the request's keys is sealed to this custodian;
// `malformed`: a box does not open with this secret key.
Result<std::string> make_approval(const RequestDocument& document, const privacy::CustodianKeys& keys,
                                  const Approver& approver, privacy::Random random);

// Whose approval of which request the file says it is, before it is opened. Strict.
struct ApprovalLabel {
  std::string request;
  privacy::PublicKey custodian_key{};
};
Result<ApprovalLabel> read_approval_label(std::string_view file);

// `no_permission`: it was not made with that custodian's key, or not for this one-time key, or was changed;
// `malformed`: it is no approval.
Result<Approval> open_approval(std::string_view file, const privacy::Key32& reveal_secret);

}  // namespace nw::reveals
