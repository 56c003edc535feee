// How evidence lies in a file. Pure; the bytes may have been changed by anyone.
//
//   segment = head, objects                                             numbers are little endian
//   head    | "NWevid1\n" | year u16 | month u8 | 0 u8 | evidence key 32 | sealed data key 80 | crc u32 |
//   object  | "NWob" | crc u32 | bytes u32 | crc of body u32 | stored i64 | alert 16 | nonce 24 | kind u8 | 0 u16 |
//           | state u8 | body = XChaCha20-Poly1305(commitment's nonce 32, bytes), 16 bytes of tag |
//
// The head's crc is over what stands before it, an object's over what stands between it and `state`: that byte alone is
// changed in place. A segment without a sound head cannot be opened any more; its objects are still found and deleted.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "record/evidence/evidence.h"

namespace nw::record {

struct EvidenceHead {
  static constexpr std::size_t kBytes = 128, kSealedKeyBytes = 80;
  privacy::Epoch epoch;
  privacy::PublicKey key{};  // whom the data key is sealed for
  std::array<std::uint8_t, kSealedKeyBytes> sealed_key{};

  [[nodiscard]] std::string to_bytes() const;
  static std::optional<EvidenceHead> parse(std::string_view bytes);
};

// live -> erasing -> erased: what is `erasing` when a store is opened is overwritten again. No checksum covers the
// byte, since it changes in place: so the three are four bits apart, and one flipped bit erases nothing.
enum class ObjectState : unsigned char { live = 0x00, erasing = 0x3C, erased = 0xFF };

struct ObjectHead {
  static constexpr std::size_t kBytes = 68, kStateAt = 67;
  static constexpr std::size_t kAround = 32 + 16;  // of a body: what is not the object's own bytes

  std::uint32_t bytes = 0;  // clear
  std::uint32_t body_crc = 0;
  Timestamp stored{};
  std::array<std::uint8_t, 16> alert{};
  std::array<std::uint8_t, 24> nonce{};
  EvidenceKind kind = EvidenceKind::values;
  ObjectState state = ObjectState::live;
  bool state_damaged = false;  // the byte is none of the three; `state` is the nearest

  [[nodiscard]] std::size_t body_bytes() const noexcept { return kAround + bytes; }
  [[nodiscard]] std::string to_bytes() const;
  static std::optional<ObjectHead> parse(std::string_view bytes);
};

// Body of an object; sets the header's nonce and body_crc. `unavailable`: libsodium.
Result<std::string> seal_body(ObjectHead& head, privacy::Epoch epoch, const privacy::Key32& data_key,
                              const privacy::Nonce& nonce, std::string_view bytes);

// A new data key, sealed for head.key. `unavailable`: libsodium, or a key that it refuses.
Result<privacy::Key32> make_data_key(EvidenceHead& head);

}  // namespace nw::record
