#include "ingest/network/protocols/quic_packet.h"

#include <charconv>
#include <utility>

namespace nw::network {

namespace {

constexpr std::uint8_t kLong = 0x80, kFixed = 0x40;
constexpr std::size_t kShortMin = 1 + 20;  // what its sealing needs: RFC 9001 section 5.4.2
constexpr std::size_t kSealedMin = 20;     // a packet number with what is sampled behind it
constexpr std::size_t kRetryTag = 16;

QuicPacketType long_type(QuicSuite suite, std::uint8_t first) noexcept {
  static constexpr std::array kTypes{QuicPacketType::initial, QuicPacketType::zero_rtt, QuicPacketType::handshake,
                                     QuicPacketType::retry};
  const unsigned number = first >> 4U & 3U;
  // Version 2 turned the numbers by one, so that nobody takes them for fixed.
  return kTypes[suite == QuicSuite::v2 ? (number + 3U) % 4U : number];
}

std::optional<DecodeError> read_body(ByteReader& reader, Bytes datagram, QuicPacket& out) noexcept {
  if (out.type == QuicPacketType::retry) {
    if (reader.bytes(reader.rest().size()).size() < kRetryTag) return DecodeError::truncated;
    out.whole = datagram;
    return {};
  }
  if (out.type == QuicPacketType::initial) {
    const std::uint64_t token = read_quic_number(reader);
    reader.bytes(static_cast<std::size_t>(token));
  }
  const std::uint64_t length = read_quic_number(reader);
  if (!reader.ok()) return DecodeError::truncated;
  if (length < kSealedMin) return DecodeError::bad_value;
  out.sealed_at = datagram.size() - reader.rest().size();
  reader.bytes(static_cast<std::size_t>(length));
  if (!reader.ok()) return DecodeError::truncated;
  out.whole = datagram.first(datagram.size() - reader.rest().size());
  return {};
}

}  // namespace

std::uint64_t read_quic_number(ByteReader& reader) noexcept {
  const std::uint8_t first = reader.u8();
  std::uint64_t number = first & 0x3fU;
  for (unsigned more = (1U << (first >> 6U)) - 1U; more > 0; --more) number = number << 8U | reader.u8();
  return number;
}

std::optional<DecodeError> read_quic_packet(Bytes& datagram, bool first, QuicPacket& out) noexcept {
  out = {};
  const Bytes in = std::exchange(datagram, {});
  ByteReader reader{in};
  const std::uint8_t head = reader.u8();
  if ((head & kLong) == 0) {
    // Behind another packet it is rather padding; in front, the fixed bit may have been given away (RFC 9287).
    if (in.size() >= kShortMin && (first || (head & kFixed) != 0)) out.type = QuicPacketType::one_rtt;
    out.whole = in;
    return {};
  }
  out.version = reader.u32be();
  out.destination = reader.bytes(reader.u8());
  out.source = reader.bytes(reader.u8());
  if (!reader.ok()) return DecodeError::truncated;
  if (out.destination.size() > kQuicIdMax || out.source.size() > kQuicIdMax) return DecodeError::too_long;
  const auto suite = quic_suite(out.version);
  if (out.version == 0 || !suite) {
    out.type = out.version == 0 ? QuicPacketType::version_negotiation : QuicPacketType::unknown_version;
    out.whole = in;
    return {};
  }
  if ((head & kFixed) == 0) return DecodeError::bad_value;
  out.type = long_type(*suite, head);
  if (const auto fault = read_body(reader, in, out)) return fault;
  datagram = reader.rest();
  return {};
}

std::optional<QuicSuite> quic_suite(std::uint32_t version) noexcept {
  constexpr std::uint32_t kDrafts = 0xff00'0000;
  switch (version) {
    case 0x0000'0001: return QuicSuite::v1;
    case 0x6b33'43cf: return QuicSuite::v2;
    // Facebook's own, made from drafts 22 and 27.
    case 0xface'b001: return QuicSuite::draft22;
    case 0xface'b002:
    case 0xface'b00e: return QuicSuite::draft23;
    default: break;
  }
  const std::uint32_t draft = version - kDrafts;
  if (version < kDrafts || draft < 22 || draft > 34) return {};
  if (draft == 22) return QuicSuite::draft22;
  if (draft <= 28) return QuicSuite::draft23;
  return draft <= 32 ? QuicSuite::draft29 : QuicSuite::v1;
}

std::string quic_version_name(std::uint32_t version) {
  const auto suite = quic_suite(version);
  if (suite && version == 1) return "1";
  if (suite == QuicSuite::v2) return "quicv2";
  if (suite && version >> 16U == 0xff00U) return "draft-" + std::to_string(version & 0xffU);
  std::array<char, 8> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), version, 16).ptr;
  const std::string number{digits.data(), end};
  return suite ? "mvfst (" + number + ")" : "unknown-" + number;
}

}  // namespace nw::network
