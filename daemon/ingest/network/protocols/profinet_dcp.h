// PROFINET's discovery and basic configuration (DCP, IEC 61158-6-10, section 4.3): reading one message.
//   | service u8 | type u8 | xid u32 | response delay u16 | length u16 | blocks |
//   block: | option u8 | suboption u8 | length u16 | contents | padding to an even length |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum class DcpService : std::uint8_t { get = 3, set = 4, identify = 5, hello = 6 };

struct DcpMessage {
  DcpService service{};
  std::uint8_t type = 0;  // 0 request, 1 response, 5 response: the request is not supported
  std::uint32_t xid = 0;
  std::uint16_t delay = 0;  // in which an Identify is answered, in 10 ms
  Bytes blocks;

  [[nodiscard]] bool response() const noexcept { return (type & 1U) != 0; }
  [[nodiscard]] bool supported() const noexcept { return (type & 4U) == 0; }
};

// What was read stays when an error is returned.
std::optional<DecodeError> read_dcp(Bytes payload, DcpMessage& out) noexcept;

struct DcpBlock {
  std::uint8_t option = 0, suboption = 0;
  std::optional<std::uint16_t> info;  // of a Set: whether it is to last; else of the block, such as where an IP is from
  Bytes contents;                     // behind it
};

class DcpBlocks {
 public:
  explicit DcpBlocks(const DcpMessage& message) noexcept;
  // False at the end, or at a block that is cut.
  bool next(DcpBlock& out) noexcept;
  [[nodiscard]] bool broken() const noexcept { return !in_.ok(); }

 private:
  ByteReader in_;
  bool pairs_, info_;  // a Get request asks by pairs of numbers; most blocks begin with `info`
};

// The option and suboption that blocks may have.
struct DcpOption {
  static constexpr std::uint16_t kIp = 0x0102, kFullIp = 0x0103, kTypeOfStation = 0x0201, kNameOfStation = 0x0202,
                                 kDeviceId = 0x0203, kRole = 0x0204, kAlias = 0x0206, kOemId = 0x0208, kSignal = 0x0503,
                                 kResponse = 0x0504, kFactoryReset = 0x0505, kResetToFactory = 0x0506, kAll = 0xffff;
};
constexpr std::uint16_t dcp_option(const DcpBlock& block) noexcept {
  return static_cast<std::uint16_t>(block.option << 8U | block.suboption);
}
// Some are filled up with zeros.
Bytes dcp_text(Bytes contents) noexcept;
constexpr bool is_dcp_text(std::uint16_t option) noexcept {
  return option == DcpOption::kTypeOfStation || option == DcpOption::kNameOfStation || option == DcpOption::kAlias;
}

// "ip/parameter", "device/name_of_station"; numbers where nobody published a name.
void append_dcp_option(IcsText& out, std::uint16_t option);
// What a block says: a text, "address/mask/gateway", "0x002a/0x0a01", "io_device", or its octets.
void append_dcp_value(IcsText& out, const DcpBlock& block);
// "io_device", "io_controller", ... of the first bit that is set; empty when none is.
std::string_view dcp_role_name(std::uint8_t bits) noexcept;
// Of a response block: | option u8 | suboption u8 | error u8 |. Empty for none.
std::string_view dcp_error_name(std::uint8_t error) noexcept;
std::string_view dcp_service_name(DcpService service) noexcept;

}  // namespace nw::network
