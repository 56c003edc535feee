// What a device says about itself, for every protocol in which one does: the `known_device` event.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

inline constexpr auto kKnownDeviceFields = std::to_array<event::FieldSpec>({
    {"device", "address", "who says it (ours)"},
    {"device_protocol", "text", "in which protocol: modbus, s7comm, enip, bacnet, ... (ours)"},
    {"device_unit", "text", "which part or which device behind a gateway, in the protocol's own addressing (ours)"},
    {"vendor", "text", "who made it, as it says or as its number means (ours)"},
    {"product", "text", "its name or model (ours)"},
    {"order_number", "text", "its order number or product code (ours)"},
    {"serial_number", "text", "its serial number (ours)"},
    {"hardware", "text", "version of its hardware (ours)"},
    {"firmware", "text", "version of its firmware or software (ours)"},
    {"device_name", "text", "what its operator calls it (ours)"},
    {"device_location", "text", "where its operator says that it is (ours)"},
    {"device_description", "text", "what else it says of itself (ours)"},
    {"device_l2_addr", "text", "its hardware address, of a device that speaks right over Ethernet (ours)"},
});
inline constexpr std::array<std::string_view, 1> kKnownDeviceService{"known_device"};
// A row for a protocol's types.
inline constexpr event::TypeSpec kKnownDeviceType{"known_device",      "normwatch",        kKnownDeviceService,
                                                  kKnownDeviceService, kKnownDeviceFields, false};

// Views; empty: not told.
struct KnownDevice {
  std::string_view protocol{}, unit{}, vendor{}, product{}, order_number{}, serial_number{}, hardware{}, firmware{},
      name{}, location{}, description{}, l2_addr{};
  std::optional<IpAddress> address{};  // of a device that speaks right over Ethernet: what it says of that
};

// One flow's: the same words are told once. Keeps the last few of them as hashes, so that what several devices behind a
// gateway say in turn is not told each time.
class KnownDevices {
 public:
  // `type` is that of kKnownDeviceType among the protocol's types, `from` the direction in which the device speaks. No
  // event may be begun. The texts are copied.
  void tell(const KnownDevice& device, std::size_t type, Direction from, Context& context);

 private:
  static constexpr std::size_t kToldMax = 16;
  std::array<std::uint64_t, kToldMax> told_{};
  std::uint8_t next_ = 0;
};

}  // namespace nw::network
