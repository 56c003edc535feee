#include "ingest/network/protocols/cotp_reader.h"

#include <utility>

namespace nw::network {

namespace {

constexpr std::uint8_t kVersion = 3;
constexpr std::size_t kTpktHeader = 4, kLengthMin = 7;
// RFC 905, 13.3.4b: the largest TPDU. What looks like a longer one where a message is looked for is none.
constexpr std::size_t kTpduMax = 8192;
constexpr std::size_t kDataHeader = 2;    // octets behind the first
constexpr std::size_t kConnectBytes = 5;  // of a connection's references and class
constexpr std::size_t kHeaderMax = 0xFE;  // RFC 905, 13.2.1: 255 is reserved

bool known(std::uint8_t code) noexcept {
  switch (static_cast<CotpKind>(code >> 4U)) {
    case CotpKind::data: return (code & 0x0FU) == 0;
    case CotpKind::expedited:
    case CotpKind::expedited_ack:
    case CotpKind::reject:
    case CotpKind::data_ack:
    case CotpKind::error:
    case CotpKind::disconnect:
    case CotpKind::disconnect_confirm:
    case CotpKind::confirm:
    case CotpKind::request: return true;
    case CotpKind::unknown: break;
  }
  return false;
}

}  // namespace

std::optional<DecodeError> read_cotp_pdu(ByteReader& reader, CotpPdu& out, bool in_place) noexcept {
  ByteReader packet = reader;
  const std::uint8_t version = packet.u8();
  if (packet.ok() && version != kVersion) return DecodeError::bad_value;
  const std::uint8_t reserved = packet.u8();
  if (packet.ok() && reserved != 0 && !in_place) return DecodeError::bad_value;
  const std::size_t length = packet.u16be();
  if (!packet.ok()) return DecodeError::truncated;
  if (length < kLengthMin) {
    if (!in_place || length < kTpktHeader) return DecodeError::bad_value;
    packet.bytes(length - kTpktHeader);  // nothing in it, but the next one begins behind it
    if (!packet.ok()) return DecodeError::truncated;
    reader = packet;
    out = {};
    return {};
  }
  // The header is judged before its packet is waited for.
  ByteReader ahead = packet;
  const std::size_t header = ahead.u8();
  const std::uint8_t code = ahead.u8();
  if (!ahead.ok()) return DecodeError::truncated;
  const bool good = header > 0 && header <= kHeaderMax && header < length - kTpktHeader && known(code);
  ByteReader tpdu = packet.sub(length - kTpktHeader);
  if (!tpdu.ok()) return good ? DecodeError::truncated : DecodeError::bad_value;
  reader = packet;
  out = {};
  if (!good) return {};
  tpdu.u8();
  ByteReader fields = tpdu.sub(header);
  fields.u8();
  out.kind = static_cast<CotpKind>(code >> 4U);
  out.header = fields.rest();
  out.user = tpdu.rest();
  if (out.kind != CotpKind::data) return {};
  if (header != kDataHeader) out.kind = CotpKind::unknown;
  out.last = (fields.u8() & 0x80U) != 0;
  return {};
}

std::optional<DecodeError> CotpReader::next(ByteReader& reader, CotpPdu& pdu, bool in_place) {
  const ByteReader before = reader;
  ByteReader header = reader;
  header.bytes(2);
  if (!in_place && header.u16be() > kTpduMax + kTpktHeader) return DecodeError::bad_value;
  const auto fault = read_cotp_pdu(reader, pdu, in_place);
  if (fault && fault != DecodeError::truncated) drop();  // one bad packet must not end the analysis
  if (fault || in_place || pdu.kind != CotpKind::unknown) return fault;
  reader = before;
  return DecodeError::bad_value;
}

// Its fixed octets, and a header that fills the packet as it must.
bool CotpReader::certain(const CotpPdu& pdu) noexcept {
  switch (pdu.kind) {
    case CotpKind::data: return !pdu.header.empty() && (pdu.header[0] & 0x7FU) == 0 && !pdu.user.empty();
    case CotpKind::request:
    case CotpKind::confirm: return pdu.header.size() >= kConnectBytes && pdu.user.empty();
    default: return false;
  }
}

// Empty while a message goes on.
Bytes CotpReader::join(const CotpPdu& pdu, Context& context) {
  if (std::exchange(joined_, false)) pieces_.clear();
  if (dropping_) {
    dropping_ = !pdu.last;
    return {};
  }
  if (pieces_.empty() && pdu.last) return pdu.user;
  if (pdu.user.size() > kMessageMax - pieces_.size()) {
    context.refused(DecodeError::too_long);
    pieces_.clear();
    dropping_ = !pdu.last;
    return {};
  }
  pieces_.insert(pieces_.end(), pdu.user.begin(), pdu.user.end());
  joined_ = pdu.last;
  return pdu.last ? Bytes{pieces_} : Bytes{};
}

}  // namespace nw::network
