#include "ingest/network/protocols/dce_rpc_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint8_t kLittleEndian = 0x10;

// The first octet: characters in the low half (ASCII or EBCDIC), integers in the high one; the second: floating point;
// two more that are reserved.
bool is_representation(Bytes in) noexcept { return (in[0] & 0xeeU) == 0 && in[1] <= 3; }

// Written in the other byte order.
Uuid turn(Uuid uuid) noexcept {
  std::reverse(uuid.begin(), uuid.begin() + 4);
  std::reverse(uuid.begin() + 4, uuid.begin() + 6);
  std::reverse(uuid.begin() + 6, uuid.begin() + 8);
  return uuid;
}

// dea000NN-6c97-11d1-8271-00a02442df7d.
bool is_profinet(Uuid uuid) noexcept {
  constexpr Uuid kAny{0xde, 0xa0, 0, 0, 0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71, 0, 0xa0, 0x24, 0x42, 0xdf, 0x7d};
  uuid[3] = 0;
  return uuid == kAny;
}

void read_numbers(Bytes in, DceRpcDatagram& out) noexcept {
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
  out.fragment = reader.u16();  // and behind it authentication, serial number
}

}  // namespace

Uuid DceRpcReader::uuid() noexcept {
  Uuid out{};
  const Bytes in = reader_.bytes(out.size());
  if (in.empty()) return out;
  std::ranges::copy(in, out.begin());
  return little_endian_ ? turn(out) : out;
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

bool begins_profinet_request(Bytes stub) noexcept {
  constexpr std::size_t kArguments = 20;
  constexpr std::uint16_t kWrite = 0x0008, kRead = 0x0009, kConnect = 0x0101, kStep = 0x0110, kLastStep = 0x0118;
  ByteReader in{stub};
  in.bytes(kArguments);
  const std::uint16_t type = in.u16be();
  in.u16be();
  const unsigned version = in.u8();
  in.u8();
  const bool asks = type == kWrite || type == kRead || type == kConnect || (type >= kStep && type <= kLastStep);
  return in.ok() && asks && version == 1;
}

// What devices of PROFINET were seen to pass over: the version, three bits of the type, most of the representation, the
// length of what is not in fragments, some even the interface.
std::optional<DecodeError> read_dce_rpc_datagram(Bytes in, DceRpcDatagram& out) noexcept {
  constexpr std::uint8_t kVersion = 4, kTypeMax = 10, kTypeBits = 0x1f, kIntegers = 0xf0;
  if (in.size() < DceRpcDatagram::kBytes) return DecodeError::truncated;
  const Bytes representation = in.subspan(4, 3), behind = in.subspan(DceRpcDatagram::kBytes);
  out.type = static_cast<DceRpcType>(in[1] & kTypeBits);
  out.flags = in[2];
  out.little_endian = (representation[0] & kIntegers) != 0;
  read_numbers(in, out);
  out.odd = in[0] != kVersion || in[1] > kTypeMax || !is_representation(representation) || out.length > behind.size();
  // Who does not compare the interface does not see that it is in the other order.
  const Uuid turned = turn(out.interface);
  out.profinet = is_profinet(out.interface);
  if (!out.profinet && is_profinet(turned)) {
    out.interface = turned;
    out.profinet = out.odd = true;
  }
  if (out.profinet) {
    const Bytes beyond = behind.subspan(std::min(out.length, behind.size()));
    out.odd = out.odd || std::ranges::any_of(beyond, [](std::uint8_t byte) { return byte != 0; }) ||
              (out.has_stub() && !out.in_fragments() && out.fragment != 0);
    return (in[1] & kTypeBits) <= kTypeMax ? std::nullopt : std::optional{DecodeError::bad_value};
  }
  const bool taken = !out.odd || ((in[1] & kTypeBits) <= kTypeMax && begins_profinet_request(behind));
  return taken ? std::nullopt : std::optional{DecodeError::bad_value};
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
