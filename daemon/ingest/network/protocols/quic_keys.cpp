#include "ingest/network/protocols/quic_keys.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "ingest/network/protocols/digest.h"

namespace nw::network {

namespace {

using Secret = std::array<std::uint8_t, kSha256Bytes>;
using Salt = std::array<std::uint8_t, 20>;

// Public numbers, one for each family of versions.
constexpr Salt kSaltDraft22{0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x2a, 0x96,
                            0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x41, 0x90};
constexpr Salt kSaltDraft23{0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
                            0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02};
constexpr Salt kSaltDraft29{0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                            0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
constexpr Salt kSaltV1{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                       0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr Salt kSaltV2{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                       0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};

const Salt& salt_of(QuicSuite suite) noexcept {
  switch (suite) {
    case QuicSuite::draft22: return kSaltDraft22;
    case QuicSuite::draft23: return kSaltDraft23;
    case QuicSuite::draft29: return kSaltDraft29;
    case QuicSuite::v1: break;
    case QuicSuite::v2: return kSaltV2;
  }
  return kSaltV1;
}

// HKDF-Expand-Label of TLS 1.3 without a context: RFC 8446 section 7.1. One block is enough for all that is asked.
// | length u16 | length u8, "tls13 " label | 0 |, then HKDF's counter 1.
bool expand(const Secret& secret, std::string_view label, std::span<std::uint8_t> out) {
  constexpr std::string_view kPrefix = "tls13 ";
  std::array<std::uint8_t, 64> info{};
  std::size_t size = 1;
  info[size++] = static_cast<std::uint8_t>(out.size());
  info[size++] = static_cast<std::uint8_t>(kPrefix.size() + label.size());
  for (const std::string_view part : {kPrefix, label}) {
    std::ranges::copy(part, info.begin() + static_cast<std::ptrdiff_t>(size));
    size += part.size();
  }
  info[size++] = 0;
  info[size++] = 1;
  Secret block;
  if (!hmac_sha256(secret, Bytes{info}.first(size), block)) return false;
  std::copy_n(block.begin(), out.size(), out.begin());
  return true;
}

bool derive(const Secret& initial, std::string_view side, bool v2, QuicKey& out) {
  Secret secret;
  return expand(initial, side, secret) && expand(secret, v2 ? "quicv2 key" : "quic key", out.key) &&
         expand(secret, v2 ? "quicv2 iv" : "quic iv", out.iv) &&
         expand(secret, v2 ? "quicv2 hp" : "quic hp", out.header);
}

class FetchedCipher {
 public:
  explicit FetchedCipher(const char* name) : cipher_{EVP_CIPHER_fetch(nullptr, name, nullptr), &EVP_CIPHER_free} {}
  [[nodiscard]] const EVP_CIPHER* get() const noexcept { return cipher_.get(); }

 private:
  std::unique_ptr<EVP_CIPHER, void (*)(EVP_CIPHER*)> cipher_;
};

// RFC 9000 appendix A.3: the number whose lowest bytes were sent, next to the one that is due.
std::uint64_t whole_number(std::uint64_t largest, std::uint64_t sent, unsigned bytes) noexcept {
  const std::uint64_t due = largest + 1, window = std::uint64_t{1} << (8 * bytes), half = window / 2;
  const std::uint64_t number = (due & ~(window - 1)) | sent;
  if (number + half <= due) return number + window;
  if (number > due + half && number >= window) return number - window;
  return number;
}

}  // namespace

std::optional<QuicKeys> quic_initial_keys(QuicSuite suite, Bytes destination) {
  Secret initial;
  QuicKeys keys;
  const bool v2 = suite == QuicSuite::v2;
  if (!hmac_sha256(salt_of(suite), destination, initial) || !derive(initial, "client in", v2, keys.client) ||
      !derive(initial, "server in", v2, keys.server))
    return {};
  return keys;
}

QuicOpener::QuicOpener() : header_{EVP_CIPHER_CTX_new()}, payload_{EVP_CIPHER_CTX_new()} {
  // Fetched once: see digest.h.
  static const FetchedCipher header{"AES-128-ECB"}, payload{"AES-128-GCM"};
  if (header_ && EVP_EncryptInit_ex2(header_.get(), header.get(), nullptr, nullptr, nullptr) != 1) header_.reset();
  if (payload_ && EVP_DecryptInit_ex2(payload_.get(), payload.get(), nullptr, nullptr, nullptr) != 1) payload_.reset();
}

bool QuicOpener::mask(const QuicKey& key, Bytes sample, std::array<std::uint8_t, 16>& out) {
  int written = 0;
  return header_ && EVP_EncryptInit_ex(header_.get(), nullptr, nullptr, key.header.data(), nullptr) == 1 &&
         EVP_EncryptUpdate(header_.get(), out.data(), &written, sample.data(), static_cast<int>(out.size())) == 1 &&
         written == static_cast<int>(out.size());
}

bool QuicOpener::decrypt(const QuicKey& key, std::uint64_t number, const std::array<Bytes, 3>& header, Bytes sealed) {
  constexpr std::size_t kTag = 16;
  auto nonce = key.iv;
  for (std::size_t i = 0; i < 8; ++i) nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  EVP_CIPHER_CTX* const context = payload_.get();
  if (context == nullptr || EVP_DecryptInit_ex(context, nullptr, nullptr, key.key.data(), nonce.data()) != 1)
    return false;
  int written = 0;
  for (const Bytes part : header)
    if (EVP_DecryptUpdate(context, nullptr, &written, part.data(), static_cast<int>(part.size())) != 1) return false;
  const Bytes body = sealed.first(sealed.size() - kTag);
  std::array<std::uint8_t, kTag> tag;
  std::ranges::copy(sealed.last(kTag), tag.begin());
  clear_.resize(body.size());
  return EVP_DecryptUpdate(context, clear_.data(), &written, body.data(), static_cast<int>(body.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context, clear_.data() + clear_.size(), &written) == 1;
}

std::optional<Bytes> QuicOpener::open(const QuicKey& key, const QuicPacket& packet, std::uint64_t& largest) {
  constexpr std::size_t kNumberMax = 4, kSample = 16;
  const Bytes sealed = packet.whole.subspan(packet.sealed_at);
  // read_quic_packet() saw to it that there is so much; one byte of payload at least must stand before the tag.
  std::array<std::uint8_t, kSample> pad;
  if (sealed.size() < kNumberMax + kSample || !mask(key, sealed.subspan(kNumberMax, kSample), pad)) return {};
  const std::array<std::uint8_t, 1> first{static_cast<std::uint8_t>(packet.whole.front() ^ (pad[0] & 0x0fU))};
  const unsigned bytes = (first[0] & 3U) + 1U;
  std::array<std::uint8_t, kNumberMax> number{};
  std::uint64_t sent = 0;
  for (unsigned i = 0; i < bytes; ++i) {
    number[i] = sealed[i] ^ pad[1 + i];
    sent = sent << 8U | number[i];
  }
  const std::uint64_t whole = whole_number(largest, sent, bytes);
  // What is authenticated is the header with its seal taken off.
  const std::array<Bytes, 3> header{first, packet.whole.subspan(1, packet.sealed_at - 1), Bytes{number}.first(bytes)};
  if (!decrypt(key, whole, header, sealed.subspan(bytes))) return {};
  largest = std::max(largest, whole);
  return Bytes{clear_};
}

}  // namespace nw::network
