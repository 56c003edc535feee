#include "ingest/network/community_id.h"

#include <algorithm>
#include <openssl/evp.h>
#include <span>

namespace nw::network {

CommunityIdHasher::CommunityIdHasher(std::uint16_t seed)
    : context_{EVP_MD_CTX_new()}, sha1_{EVP_MD_fetch(nullptr, "SHA1", nullptr)}, seed_{seed} {}

CommunityIdHasher::~CommunityIdHasher() {
  EVP_MD_CTX_free(context_);
  EVP_MD_free(sha1_);
}

// SHA-1 of | seed u16 | source | destination | protocol u8 | 0 u8 | source port u16 | destination port u16 |, the lower
// end first, which is how FlowKey has them; IPv4 addresses take four bytes.
bool CommunityIdHasher::make(const FlowKey& key, CommunityId& out) noexcept {
  std::array<std::uint8_t, 40> message{};
  std::size_t size = 0;
  const auto put = [&](std::uint8_t byte) { message[size++] = byte; };
  const auto put16 = [&](std::uint16_t word) {
    put(static_cast<std::uint8_t>(word >> 8U));
    put(static_cast<std::uint8_t>(word));
  };
  put16(seed_);
  for (const IpAddress* address : {&key.a, &key.b})
    for (const std::uint8_t byte : address->native()) put(byte);
  put(key.protocol);
  put(0);
  put16(key.a_port);
  put16(key.b_port);

  std::array<std::uint8_t, 20> digest{};
  if (context_ == nullptr || sha1_ == nullptr || EVP_DigestInit_ex2(context_, sha1_, nullptr) != 1 ||
      EVP_DigestUpdate(context_, message.data(), size) != 1 ||
      EVP_DigestFinal_ex(context_, digest.data(), nullptr) != 1) {
    return false;
  }
  out[0] = '1';
  out[1] = ':';
  std::array<std::uint8_t, 29> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  std::transform(base64.begin(), base64.end(), out.begin() + 2, [](std::uint8_t c) { return static_cast<char>(c); });
  return true;
}

}  // namespace nw::network
