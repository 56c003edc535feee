#include "record/privacy/commitment.h"

#include <openssl/crypto.h>

namespace nw::privacy {

namespace {

constexpr std::string_view kLabel = "normwatch-commit/v1", kMark = "commit:";
constexpr std::uint8_t kZero[1] = {0};

}  // namespace

Nonce make_nonce(Random fill) {
  Nonce nonce{};
  fill(nonce);
  return nonce;
}

Digest commitment(const Nonce& nonce, Bytes bytes) noexcept { return sha256({bytes_of(kLabel), kZero, nonce, bytes}); }

bool opens(const Digest& committed, const Nonce& nonce, Bytes bytes) noexcept {
  const Digest again = commitment(nonce, bytes);
  return CRYPTO_memcmp(again.data(), committed.data(), again.size()) == 0;
}

std::string commitment_text(const Digest& committed) {
  std::string out{kMark};
  append_hex(committed, out);
  return out;
}

bool read_commitment(std::string_view text, Digest& out) noexcept {
  return text.starts_with(kMark) && read_hex(text.substr(kMark.size()), out);
}

}  // namespace nw::privacy
