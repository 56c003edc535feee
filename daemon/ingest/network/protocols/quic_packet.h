// QUIC's packets as far as they are in the clear: RFC 9000 section 17, RFC 9369 (version 2), the drafts from 22 on.
// Long header: | 1 1 type(2) sealed(4) | version u32 | length u8, destination id | length u8, source id |, behind it
//   Initial            | length varint, token | length varint | packet number and payload, sealed |
//   0-RTT, Handshake   | length varint | packet number and payload, sealed |
//   Retry              | token | tag 16 |, to the datagram's end
//   version 0          | version u32 | ..., what the server speaks, to the datagram's end
// Short header (1-RTT): | 0 1 sealed(6) | ..., to the datagram's end. Several packets may share a datagram.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

constexpr std::size_t kQuicIdMax = 20;         // RFC 9000 section 17.2
constexpr std::size_t kQuicInitialMin = 1200;  // bytes of a datagram with a client's Initial: section 14.1
constexpr std::size_t kQuicLongHeaderMin = 1 + 4 + 1 + 1;

enum class QuicPacketType : std::uint8_t {
  initial,
  zero_rtt,
  handshake,
  retry,
  version_negotiation,
  unknown_version,  // of which only the ids are known
  one_rtt,
  none,  // no packet: padding behind one, or garbage
};

struct QuicPacket {
  QuicPacketType type = QuicPacketType::none;
  std::uint32_t version = 0;
  Bytes destination, source;  // connection ids
  Bytes whole;
  std::size_t sealed_at = 0;  // where the packet number begins
};

// Reads the packet in front of `datagram` and moves it behind. `first`: it is the datagram's first.
std::optional<DecodeError> read_quic_packet(Bytes& datagram, bool first, QuicPacket& out) noexcept;

// The versions that differ in keys and numbers of packet types; nothing: one that we cannot read.
enum class QuicSuite : std::uint8_t { draft22, draft23, draft29, v1, v2 };
std::optional<QuicSuite> quic_suite(std::uint32_t version) noexcept;
// "1", "quicv2", "draft-29", ..., as in Zeek's log; unknown-NN, hexadecimal, when it has no name.
std::string quic_version_name(std::uint32_t version);

// RFC 9000 section 16: the two upper bits say how many bytes, 1, 2, 4 or 8.
std::uint64_t read_quic_number(ByteReader& reader) noexcept;

// A connection id that outlives its packet.
class QuicId {
 public:
  QuicId() noexcept = default;
  // At most kQuicIdMax bytes.
  explicit QuicId(Bytes bytes) noexcept : size_{std::min(bytes.size(), kQuicIdMax)} {
    std::copy_n(bytes.begin(), size_, bytes_.begin());
  }
  [[nodiscard]] Bytes bytes() const noexcept { return Bytes{bytes_}.first(size_); }

 private:
  std::array<std::uint8_t, kQuicIdMax> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace nw::network
