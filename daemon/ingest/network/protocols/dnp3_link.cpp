#include "ingest/network/protocols/dnp3_link.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kStart1 = 0x05, kStart2 = 0x64;
constexpr std::size_t kLengthMin = 5, kBlockBytes = 16, kCrcBytes = 2;

// x^16 + x^13 + x^12 + x^11 + x^10 + x^8 + x^6 + x^5 + x^2 + 1, its bits turned round: IEEE 1815-2012, 9.2.4.3.
constexpr std::array<std::uint16_t, 256> kCrcTable = [] {
  std::array<std::uint16_t, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    auto crc = static_cast<std::uint16_t>(i);
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint16_t>((crc & 1U) != 0 ? crc >> 1U ^ 0xA6BCU : crc >> 1U);
    table[i] = crc;
  }
  return table;
}();

bool whole(Bytes bytes, std::uint16_t crc) { return dnp3_crc(bytes) == crc; }

// Whether the control octet fits its function (table 9-1): FCV is set with those whose FCB counts, and only with them.
bool has_its_fcv(const Dnp3Frame& frame) {
  const bool counted = frame.function() == kDnp3TestLink || frame.function() == kDnp3ConfirmedData;
  return !frame.primary() || counted == ((frame.control & 0x10U) != 0);
}

}  // namespace

std::uint16_t dnp3_crc(Bytes bytes) noexcept {
  std::uint16_t crc = 0;
  for (const std::uint8_t byte : bytes) crc = static_cast<std::uint16_t>(crc >> 8U ^ kCrcTable[(crc ^ byte) & 0xFFU]);
  return static_cast<std::uint16_t>(~crc);
}

std::size_t dnp3_noise(Bytes bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (bytes[i] == kStart1 && (i + 1 == bytes.size() || bytes[i + 1] == kStart2)) return i;
  return bytes.size();
}

std::optional<DecodeError> read_dnp3_frame(ByteReader& reader, Dnp3Frame& out) {
  ByteReader in = reader;
  const Bytes header = in.bytes(kDnp3HeaderBytes - kCrcBytes);
  const std::uint16_t header_crc = in.u16le();
  if (!in.ok()) return DecodeError::truncated;
  ByteReader fields{header};
  const std::uint8_t start1 = fields.u8(), start2 = fields.u8();
  const std::size_t length = fields.u8();
  out.control = fields.u8();
  out.destination = fields.u16le();
  out.source = fields.u16le();
  // Only user data has blocks. Stations take no frame from here then, and may find the next one within this header.
  const bool sound = length >= kLengthMin && (out.carries_data() || length == kLengthMin);
  if (start1 != kStart1 || start2 != kStart2 || !sound || !whole(header, header_crc)) {
    reader.bytes(1);
    return DecodeError::bad_value;
  }
  out.size = 0;
  bool intact = true;
  for (std::size_t left = length - kLengthMin; left > 0;) {
    const Bytes block = in.bytes(std::min(left, kBlockBytes));
    const std::uint16_t crc = in.u16le();
    if (!in.ok()) return DecodeError::truncated;  // at most 282 more: a CRC vouches for the length
    intact = intact && whole(block, crc);
    std::ranges::copy(block, out.octets.begin() + static_cast<std::ptrdiff_t>(out.size));
    out.size += block.size();
    left -= block.size();
  }
  // A receiver drops a damaged frame, and so do we. It may have been cut off, with the next one inside of it, even of
  // its header. Of one whose FCV is wrong that is true for some receivers: it is given, and looked into.
  if (intact && has_its_fcv(out))
    reader = in;
  else
    reader.bytes(1);
  return intact ? std::nullopt : std::optional{DecodeError::bad_value};
}

}  // namespace nw::network
