#include "ingest/network/protocols/digest.h"

#include <memory>
#include <openssl/core_names.h>
#include <openssl/params.h>

namespace nw::network {
namespace {

constexpr std::array<const char*, 3> kNames{"MD5", "SHA1", "SHA256"};

struct Free {
  void operator()(EVP_MD* algorithm) const noexcept { EVP_MD_free(algorithm); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(EVP_MAC* algorithm) const noexcept { EVP_MAC_free(algorithm); }
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};

// Null when OpenSSL has no HMAC over SHA-256.
std::unique_ptr<EVP_MAC_CTX, Free> make_hmac() {
  const std::unique_ptr<EVP_MAC, Free> algorithm{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  if (!algorithm) return {};
  std::unique_ptr<EVP_MAC_CTX, Free> context{EVP_MAC_CTX_new(algorithm.get())};
  std::array<char, 7> name{"SHA256"};
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                             OSSL_PARAM_construct_end()};
  if (context && EVP_MAC_CTX_set_params(context.get(), parameters.data()) != 1) context.reset();
  return context;
}

}  // namespace

const EVP_MD* digest_algorithm(DigestKind kind) noexcept {
  static const std::array<std::unique_ptr<EVP_MD, Free>, kNames.size()> fetched = [] {
    std::array<std::unique_ptr<EVP_MD, Free>, kNames.size()> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i].reset(EVP_MD_fetch(nullptr, kNames[i], nullptr));
    return out;
  }();
  return fetched[static_cast<std::size_t>(kind)].get();
}

Digest::Digest(DigestKind kind, Bytes of) noexcept {
  // One for each kind, because a context that changes its algorithm throws its memory away.
  thread_local std::array<std::unique_ptr<EVP_MD_CTX, Free>, kNames.size()> contexts;
  auto& context = contexts[static_cast<std::size_t>(kind)];
  if (!context) context.reset(EVP_MD_CTX_new());
  const EVP_MD* const algorithm = digest_algorithm(kind);
  if (!context || algorithm == nullptr || EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), of.data(), of.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest_.data(), &size_) != 1)
    size_ = 0;
}

bool hmac_sha256(Bytes key, Bytes text, std::span<std::uint8_t, kSha256Bytes> out) noexcept {
  thread_local const std::unique_ptr<EVP_MAC_CTX, Free> context = make_hmac();
  std::size_t size = 0;
  // A key that is null would mean the key before.
  static constexpr std::uint8_t kNothing = 0;
  return context && EVP_MAC_init(context.get(), key.empty() ? &kNothing : key.data(), key.size(), nullptr) == 1 &&
         EVP_MAC_update(context.get(), text.data(), text.size()) == 1 &&
         EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 && size == out.size();
}

}  // namespace nw::network
