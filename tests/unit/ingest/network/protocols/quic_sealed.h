// What a peer does to send an Initial packet, for tests and the fuzzer: frames in, sealed packet out.
#pragma once

#include <cstdlib>
#include <openssl/evp.h>
#include <utility>
#include <vector>

#include "ingest/network/protocols/quic_keys.h"

namespace nw::network {

struct QuicSealing {
  std::uint32_t version = 1;
  std::vector<std::uint8_t> first_destination;  // the keys follow from it
  std::vector<std::uint8_t> destination, source;
  bool by_client = true;
  std::uint8_t number = 0;    // of the packet
  std::size_t bytes_min = 0;  // of the packet; padding frames fill it up
};

inline QuicKeys keys_of(const QuicSealing& how) {
  const auto suite = quic_suite(how.version);
  const auto keys = suite ? quic_initial_keys(*suite, how.first_destination) : std::nullopt;
  if (!keys) std::abort();
  return *keys;
}

// `keys`: keys_of(how).
inline std::vector<std::uint8_t> sealed_initial(const QuicSealing& how, const QuicKeys& keys,
                                                std::vector<std::uint8_t> frames) {
  constexpr std::size_t kTag = 16;
  const auto check = [](bool well) {
    if (!well) std::abort();
  };
  static EVP_CIPHER* const gcm = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  static EVP_CIPHER* const ecb = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
  const QuicKey& key = how.by_client ? keys.client : keys.server;
  const bool v2 = quic_suite(how.version) == QuicSuite::v2;
  // One byte of packet number; three of frames are needed for the sample.
  const std::size_t header = 1 + 4 + 1 + how.destination.size() + 1 + how.source.size() + 1 + 2 + 1;
  while (frames.size() < 3 || header + frames.size() + kTag < how.bytes_min) frames.push_back(0);

  const std::size_t length = 1 + frames.size() + kTag;
  std::vector<std::uint8_t> out{static_cast<std::uint8_t>(v2 ? 0xd0 : 0xc0)};
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out.push_back(static_cast<std::uint8_t>(how.version >> shift));
  for (const auto* id : {&how.destination, &how.source}) {
    out.push_back(static_cast<std::uint8_t>(id->size()));
    out.insert(out.end(), id->begin(), id->end());
  }
  out.push_back(0);  // no token
  out.push_back(static_cast<std::uint8_t>(0x40U | length >> 8U));
  out.push_back(static_cast<std::uint8_t>(length));
  out.push_back(how.number);

  auto nonce = key.iv;
  nonce.back() ^= how.number;
  std::vector<std::uint8_t> body(frames.size() + kTag);
  int written = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  check(EVP_EncryptInit_ex(context, gcm, nullptr, key.key.data(), nonce.data()) == 1 &&
        EVP_EncryptUpdate(context, nullptr, &written, out.data(), static_cast<int>(out.size())) == 1 &&
        EVP_EncryptUpdate(context, body.data(), &written, frames.data(), static_cast<int>(frames.size())) == 1 &&
        EVP_EncryptFinal_ex(context, body.data() + frames.size(), &written) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTag, body.data() + frames.size()) == 1);
  std::array<std::uint8_t, 32> mask;
  check(EVP_EncryptInit_ex(context, ecb, nullptr, key.header.data(), nullptr) == 1 &&
        EVP_EncryptUpdate(context, mask.data(), &written, body.data() + 3, 16) == 1);
  EVP_CIPHER_CTX_free(context);
  out.front() ^= static_cast<std::uint8_t>(mask[0] & 0x0fU);
  out.back() ^= mask[1];
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

inline std::vector<std::uint8_t> sealed_initial(const QuicSealing& how, std::vector<std::uint8_t> frames) {
  return sealed_initial(how, keys_of(how), std::move(frames));
}

}  // namespace nw::network
