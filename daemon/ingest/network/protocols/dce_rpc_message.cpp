#include "ingest/network/protocols/dce_rpc_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint8_t kLittleEndian = 0x10;

// The first octet: characters in the low half (ASCII or EBCDIC), integers in the high one; the second: floating point;
// two more that are reserved.
bool is_representation(Bytes in) noexcept { return (in[0] & 0xeeU) == 0 && in[1] <= 3; }

}  // namespace

Uuid DceRpcReader::uuid() noexcept {
  Uuid out{};
  const Bytes in = reader_.bytes(out.size());
  if (in.empty()) return out;
  std::ranges::copy(in, out.begin());
  if (little_endian_) {
    std::reverse(out.begin(), out.begin() + 4);
    std::reverse(out.begin() + 4, out.begin() + 6);
    std::reverse(out.begin() + 6, out.begin() + 8);
  }
  return out;
}

std::optional<DecodeError> read_dce_rpc_header(Bytes in, DceRpcHeader& out) noexcept {
  constexpr std::uint8_t kVersion = 5, kMinorMax = 1, kTypeMax = 20;
  constexpr std::size_t kVerifier = 8;  // before a token
  ByteReader reader{in};
  const std::uint8_t version = reader.u8(), minor = reader.u8(), type = reader.u8();
  out.flags = reader.u8();
  // Refused as soon as it is seen: a lying length must not make us wait.
  if ((!in.empty() && version != kVersion) || minor > kMinorMax || type > kTypeMax) return DecodeError::bad_value;
  const Bytes representation = reader.bytes(4);
  if (!reader.ok()) return DecodeError::truncated;
  if (!is_representation(representation)) return DecodeError::bad_value;
  out.type = static_cast<DceRpcType>(type);
  out.little_endian = (representation[0] & kLittleEndian) != 0;
  DceRpcReader rest{reader.rest(), out.little_endian};
  out.length = rest.u16();
  out.authentication = rest.u16();
  out.call = rest.u32();
  if (!rest.ok()) return DecodeError::truncated;
  const std::size_t least = DceRpcHeader::kBytes + (out.authentication == 0 ? 0 : kVerifier + out.authentication);
  return out.length < least ? std::optional{DecodeError::bad_value} : std::nullopt;
}

std::optional<DecodeError> read_dce_rpc_datagram(Bytes in, DceRpcDatagram& out) noexcept {
  constexpr std::uint8_t kVersion = 4, kTypeMax = 10;
  if (in.size() < DceRpcDatagram::kBytes) return DecodeError::truncated;
  const std::uint8_t version = in[0], type = in[1];
  const Bytes representation = in.subspan(4, 3);
  if (version != kVersion || type > kTypeMax || !is_representation(representation)) return DecodeError::bad_value;
  out.type = static_cast<DceRpcType>(type);
  out.flags = in[2];
  out.little_endian = (representation[0] & kLittleEndian) != 0;
  DceRpcReader reader{in.subspan(8), out.little_endian};
  out.object = reader.uuid();
  out.interface = reader.uuid();
  out.activity = reader.uuid();
  reader.u32();  // when the server started
  reader.u32();  // the interface's version
  out.sequence = reader.u32();
  out.operation = reader.u16();
  reader.u16();
  reader.u16();  // hints
  out.length = reader.u16();
  out.fragment = reader.u16();
  reader.u16();  // authentication, serial number
  return out.length > reader.rest().size() ? std::optional{DecodeError::bad_value} : std::nullopt;
}

// | max sent u16 | max received u16 | group u32 | contexts u8 | 0 u8 | 0 u16 | { id u16 | transfer syntaxes u8 | 0 u8 |
//   interface uuid, version u32 | { syntax uuid, version u32 } } |
std::optional<DecodeError> read_dce_rpc_contexts(Bytes pdu, const DceRpcHeader& header, std::size_t contexts_max,
                                                 std::vector<DceRpcContext>& out) {
  constexpr std::size_t kSizesAndGroup = 8, kSyntax = 20;
  DceRpcReader reader{pdu, header.little_endian};
  reader.bytes(DceRpcHeader::kBytes + kSizesAndGroup);
  const unsigned count = reader.u8();
  reader.bytes(3);
  for (unsigned i = 0; i < count; ++i) {
    DceRpcContext context;
    context.id = reader.u16();
    const std::size_t syntaxes = reader.u8();
    reader.u8();
    context.interface = reader.uuid();
    reader.u32();
    reader.bytes(syntaxes * kSyntax);
    if (!reader.ok()) return DecodeError::bad_value;
    std::erase_if(out, [&](const DceRpcContext& known) { return known.id == context.id; });
    if (out.size() >= contexts_max) return DecodeError::limit;
    out.push_back(context);
  }
  return {};
}

Bytes dce_rpc_secondary_address(Bytes pdu, const DceRpcHeader& header) noexcept {
  constexpr std::size_t kSizesAndGroup = 8;
  DceRpcReader reader{pdu, header.little_endian};
  reader.bytes(DceRpcHeader::kBytes + kSizesAndGroup);
  Bytes address = reader.bytes(reader.u16());
  while (!address.empty() && address.back() == 0) address = address.first(address.size() - 1);
  return address;
}

Bytes dce_rpc_token(Bytes pdu, const DceRpcHeader& header) noexcept {
  if (header.authentication == 0 || header.authentication > pdu.size()) return {};
  return pdu.last(header.authentication);
}

}  // namespace nw::network
