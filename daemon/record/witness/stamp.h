// Legal time: RFC 3161 time stamps (with RFC 5816) of a file's bytes, by OpenSSL. A query holds their SHA-256 and a
// nonce; the answer is a time, signed by an authority whom the site trusts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "record/merkle/hash.h"

namespace nw::witness {

constexpr std::string_view kStampQueryType = "application/timestamp-query",
                           kStampReplyType = "application/timestamp-reply";
// Some 1 to 7 KiB in practice, with the authority's certificates.
constexpr std::size_t kStampBytesMax = std::size_t{64} << 10U;

// The roots that the site trusts for stamps.
class StampRoots {
 public:
  // Certificates in PEM. `malformed`: none, or one that cannot be read.
  static Result<StampRoots> parse(std::string_view pem);

  struct Free {
    void operator()(void* store) const;
  };
  [[nodiscard]] void* store() const noexcept { return store_.get(); }  // an X509_STORE

 private:
  std::unique_ptr<void, Free> store_;
};

// DER. `nonce`: random, so that no older answer passes for this one. `io`: OpenSSL has no memory.
Result<std::string> stamp_query(const merkle::Hash& digest, std::uint64_t nonce);

struct Stamp {
  Timestamp time;
  std::string serial;     // hexadecimal: the authority's number for it
  std::string policy;     // OID: under what rules it stamps
  std::string authority;  // of the certificate that signed, as far as it names itself
};
// The answer is a granted stamp of `digest` with this nonce, signed by a certificate for time stamps that `roots` lead
// to, which was valid at `now`. Errors: malformed (no such answer, or bytes behind it), no_permission (of other bytes,
// of another query, or not signed by whom we trust), unavailable (the authority refused, with its words).
Result<Stamp> verify_stamp(std::string_view reply, const merkle::Hash& digest, std::uint64_t nonce,
                           const StampRoots& roots, Timestamp now);
// The same of a stamp that was kept, whose query nobody has any more: any nonce, and the certificate was valid when it
// stamped.
Result<Stamp> verify_kept_stamp(std::string_view reply, const merkle::Hash& digest, const StampRoots& roots);
// The time in a stamp that was verified when it was kept.
Result<Timestamp> time_of_stamp(std::string_view reply);

}  // namespace nw::witness
