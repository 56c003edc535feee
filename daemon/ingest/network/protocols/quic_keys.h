// What seals QUIC's Initial packets: RFC 9001 sections 5.2 to 5.4, RFC 9369 section 3.3. The keys follow from the first
// destination id that the client chose, so whoever sees that can read the hellos; nothing behind them can be read.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <openssl/evp.h>
#include <optional>
#include <vector>

#include "base/byte_reader.h"
#include "ingest/network/protocols/quic_packet.h"

namespace nw::network {

// One side's.
struct QuicKey {
  std::array<std::uint8_t, 16> key{}, header{};
  std::array<std::uint8_t, 12> iv{};
};

struct QuicKeys {
  QuicKey client, server;
};

// Nothing when OpenSSL refuses.
std::optional<QuicKeys> quic_initial_keys(QuicSuite suite, Bytes destination);

// AES-128-ECB gives back the packet number, AES-128-GCM the payload. Its contexts are made once and keyed anew for each
// packet: no allocation then.
class QuicOpener {
 public:
  QuicOpener();
  // The payload of an Initial packet; valid until the next call. `largest`: the highest packet number of that side so
  // far, raised. Nothing when the tag is wrong.
  std::optional<Bytes> open(const QuicKey& key, const QuicPacket& packet, std::uint64_t& largest);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  };
  using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Free>;

  bool mask(const QuicKey& key, Bytes sample, std::array<std::uint8_t, 16>& out);
  bool decrypt(const QuicKey& key, std::uint64_t number, const std::array<Bytes, 3>& header, Bytes sealed);

  Cipher header_, payload_;  // null when OpenSSL refuses
  std::vector<std::uint8_t> clear_;
};

}  // namespace nw::network
