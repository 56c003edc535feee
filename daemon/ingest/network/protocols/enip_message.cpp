#include "ingest/network/protocols/enip_message.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

constexpr std::size_t kDataBytesMax = 16 * 1024;  // CIP's largest messages have 4 KiB

struct Name {
  std::uint32_t code;
  std::string_view name;
};

// Spelled as in ICSNPP's enip.log.
constexpr auto kCommands = std::to_array<Name>({
    {kEnipNop, "NOP"},
    {kEnipListServices, "List Services"},
    {kEnipListIdentity, "List Identity"},
    {kEnipListInterfaces, "List Interfaces"},
    {kEnipRegisterSession, "Register Session"},
    {kEnipUnregisterSession, "Unregister Session"},
    {kEnipSendRRData, "Send RR Data"},
    {kEnipSendUnitData, "Send Unit Data"},
    {kEnipIndicateStatus, "Indicate Status"},
    {kEnipCancel, "Cancel"},
});
constexpr auto kStatuses = std::to_array<Name>({
    {0x00, "Success"},
    {0x01, "Invalid or Unsupported Command"},
    {0x02, "Insufficient Memory"},
    {0x03, "Incorrect Data"},
    {0x64, "Invalid Session Handle"},
    {0x65, "Invalid Length"},
    {0x69, "Unsupported Protocol Revision"},
    {0x6A, "Encapsulated CIP Service Not Allowed"},
});

template <std::size_t N>
std::string_view find(const std::array<Name, N>& names, std::uint32_t code) {
  const auto at = std::ranges::find(names, code, &Name::code);
  return at == names.end() ? std::string_view{} : at->name;
}

}  // namespace

std::string_view enip_command_name(std::uint16_t command) { return find(kCommands, command); }
std::string_view enip_status_name(std::uint32_t status) { return find(kStatuses, status); }

std::optional<DecodeError> read_enip(ByteReader& reader, EnipMessage& out) {
  constexpr std::uint32_t kStatusMax = 0xFFFF;  // the upper half is reserved
  ByteReader header = reader;
  out.command = header.u16le();
  // Refused as soon as it is seen, before the body: a lying length must not make us buffer.
  if (header.ok() && enip_command_name(out.command).empty()) return DecodeError::bad_value;
  const std::size_t length = header.u16le();
  if (header.ok() && length > kDataBytesMax) return DecodeError::bad_value;
  out.session = header.u32le();
  out.status = header.u32le();
  if (header.ok() && out.status > kStatusMax) return DecodeError::bad_value;
  out.context = header.u32le();
  out.context |= std::uint64_t{header.u32le()} << 32U;
  out.options = header.u32le();
  if (!header.ok()) return DecodeError::truncated;
  if (out.options != 0) return DecodeError::bad_value;
  out.data = header.bytes(length);
  if (!header.ok()) return DecodeError::truncated;
  reader = header;
  return {};
}

}  // namespace nw::network
