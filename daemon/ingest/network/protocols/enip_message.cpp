#include "ingest/network/protocols/enip_message.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

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

bool read_enip(ByteReader& reader, EnipMessage& out) {
  constexpr std::uint32_t kStatusMax = 0xFFFF;  // the upper half is reserved
  ByteReader in = reader;
  out.command = in.u16le();
  // As soon as it is seen, before the body: who looks for a message must not wait for a lying length.
  if (in.ok()) out.sound = out.command == kEnipLegacy || !enip_command_name(out.command).empty();
  out.length = in.u16le();
  out.sound = out.sound && out.length <= kEnipDataBytesMax;
  out.session = in.u32le();
  out.status = in.u32le();
  out.sound = out.sound && out.status <= kStatusMax;
  out.context = in.u32le();
  out.context |= std::uint64_t{in.u32le()} << 32U;
  out.options = in.u32le();
  out.sound = out.sound && out.options == 0;
  out.headed = in.ok();
  out.data = in.bytes(out.length);
  if (!in.ok()) return false;
  reader = in;
  return true;
}

}  // namespace nw::network
