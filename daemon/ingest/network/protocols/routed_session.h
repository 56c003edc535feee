// The session around GOOSE and Sampled Values over UDP (IEC 61850-90-5; IEC 61850-8-1 edition 2.1, R-GOOSE, R-SV):
// | length u8 | 0x40 unit data |   of ISO 8602; some leave it out
// | 0xA0 tunnel, 0xA1 GOOSE, 0xA2 SV, 0xA3 management | length u8 | 0x80 | length u8 |
// | SPDU length u32 | SPDU number u32 | version u16 | when the key began u32 | minutes to the next one u16 |
// | version 1: encryption u8 | signature u8 | key id u32 |   2: key id u32 | length u8 | initialization vector |
// | payload length u32 | elements | 0xAF padding | 0x85 length u8 | signature |
// An element: | 0x81 GOOSE, 0x82 SV, 0x83 tunnel, 0x84 management | simulation u8 | APPID u16 | length u16 | APDU |
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "ingest/network/protocols/iec61850_frame.h"
#include "ingest/network/protocols/l2_event.h"

namespace nw::network {

enum class RoutedKind : std::uint8_t { tunnel, goose, sv, management };

struct RoutedSession {
  RoutedKind kind = RoutedKind::tunnel;
  std::uint16_t version = 0;
  std::uint32_t spdu_number = 0, key_id = 0;
  std::optional<std::uint8_t> encryption, signing;  // the algorithms' numbers; version 1 alone says them
  bool has_vector = false;                          // the payload may be encrypted
  std::size_t signature_bytes = 0;                  // 0: there is none
  Bytes payload;                                    // the elements
};

// What was read stays when an error is returned. Which version's head it is the lengths decide where they can.
std::optional<DecodeError> read_routed(Bytes datagram, RoutedSession& out) noexcept;
// The first octets of a session, right or wrong; cheap.
[[nodiscard]] bool looks_routed(Bytes datagram) noexcept;

// One message of a session. Its value's own length is the one to read by: some count the length's octets, too.
struct RoutedElement {
  RoutedKind kind = RoutedKind::tunnel;
  Iec61850Frame head;
};

class RoutedElements {
 public:
  explicit RoutedElements(Bytes payload) noexcept : rest_{payload} {}
  // False at the end, and at what is no element: see broken().
  bool next(RoutedElement& out) noexcept;
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  Bytes rest_;
  bool broken_ = false;
};

// What every event of a message over UDP says of its session; nothing of one right over Ethernet.
inline constexpr auto kRoutedFieldSpecs = std::to_array<event::FieldSpec>({
    {"is_orig", "boolean", "over UDP: the flow's originator sent it (ours)"},
    {"spdu", "text", "over UDP, what the session carries, as it says: goose, sv, tunnel or management (ours)"},
    {"spdu_number", "integer", "over UDP, number of the session's message (ours)"},
    {"signed", "boolean", "over UDP: a signature is behind the message; nobody here can verify it (ours)"},
    {"signature_algorithm", "text", "what the signature is made with, where the session says it (ours)"},
    {"encryption_algorithm", "text", "what the message is encrypted with, where the session says it (ours)"},
    {"encrypted", "boolean", "over UDP: the message could not be read; told once of a flow and key (ours)"},
    {"key_id", "text", "over UDP, number of the key: 0x1, ... (ours)"},
});
enum RoutedField : std::size_t {
  kRoutedIsOrig,
  kRoutedSpdu,
  kRoutedSpduNumber,
  kRoutedSigned,
  kRoutedSignatureAlgorithm,
  kRoutedEncryptionAlgorithm,
  kRoutedEncrypted,
  kRoutedKeyId,
  kRoutedFields,
};
static_assert(kRoutedFieldSpecs.size() == kRoutedFields);

// A type's own fields, and those behind them.
template <std::size_t N>
constexpr auto with_routed(const std::array<event::FieldSpec, N>& own) {
  std::array<event::FieldSpec, N + kRoutedFields> all;
  std::ranges::copy(kRoutedFieldSpecs, std::ranges::copy(own, all.begin()).out);
  return all;
}

// Who sent a message: a station right over Ethernet, or one side of a flow.
struct Iec61850Origin {
  explicit Iec61850Origin(const EthernetFrame& frame) : ends{frame} {}
  Iec61850Origin(const RoutedSession& around, Direction towards) : session{&around}, direction{towards} {
    ends.source[0] = static_cast<std::uint8_t>(towards);  // its name in tables; there are no addresses
  }
  [[nodiscard]] bool is_signed() const noexcept { return session != nullptr && session->signature_bytes != 0; }

  L2Ends ends;
  const RoutedSession* session = nullptr;  // over UDP; lives during the call
  Direction direction = Direction::to_responder;
};

// Sets the fields of the begun event: those of l2_event.h, and these at `routed` and behind.
void write_origin(EventWriter& out, std::size_t routed, const Iec61850Origin& origin);

// Tells an event of the type that says no more than those: of a message that could not be read (`encrypted`), or is
// not. The fields of a command (ics.h) stand right behind those at `routed`.
void tell_sealed(std::size_t type, std::size_t routed, const Iec61850Origin& origin, bool encrypted, Context& context);

}  // namespace nw::network
