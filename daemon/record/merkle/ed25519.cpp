#include "record/merkle/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace nw::merkle {
namespace {

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

EVP_PKEY* as_key(void* key) { return static_cast<EVP_PKEY*>(key); }

}  // namespace

void PrivateKey::Free::operator()(void* key) const { EVP_PKEY_free(as_key(key)); }

Result<PrivateKey> PrivateKey::from_seed(std::string_view seed) {
  if (seed.size() != 32)
    return Error{Errc::invalid_argument, "an Ed25519 seed has 32 bytes, this one has " + std::to_string(seed.size())};
  PrivateKey out;
  out.key_.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(seed), seed.size()));
  std::size_t length = out.public_key_.size();
  if (out.key_ == nullptr ||
      EVP_PKEY_get_raw_public_key(as_key(out.key_.get()), out.public_key_.data(), &length) != 1 || length != 32) {
    ERR_clear_error();
    return Error{Errc::unavailable, "OpenSSL takes no Ed25519 key"};
  }
  return out;
}

std::string PrivateKey::sign(std::string_view message) const {
  NW_CHECK(key_ != nullptr);  // moved from
  std::string out(kSignatureBytes, '\0');
  std::size_t length = out.size();
  const Context context{EVP_MD_CTX_new()};
  NW_CHECK(context != nullptr &&
           EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, as_key(key_.get())) == 1 &&
           EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, octets(message),
                          message.size()) == 1 &&
           length == kSignatureBytes);
  return out;
}

bool verify_ed25519(const PublicKey& key, std::string_view message, std::string_view signature) {
  if (signature.size() != kSignatureBytes) return false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey{
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), &EVP_PKEY_free};
  const Context context{EVP_MD_CTX_new()};
  const bool good =
      pkey != nullptr && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
  // OpenSSL leaves a queue of errors behind, which another user of this thread would take for its own.
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace nw::merkle
