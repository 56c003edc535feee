// What a device of CIP says of itself: an item of List Identity (volume 2, 2-4.3), or attributes of the Identity object
// (volume 1, 5A-2). Told as `cip_identity` and `known_device`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/cip_message.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct CipIdentity {
  std::optional<std::uint16_t> version{}, port{};
  std::optional<IpAddress> address{};
  std::optional<std::uint16_t> vendor{}, type{}, product{}, status{};
  std::optional<std::uint8_t> major{}, minor{}, state{};
  std::optional<std::uint32_t> serial{};
  Bytes name;  // views the input

  [[nodiscard]] bool told() const noexcept { return vendor || type || product || major || serial || !name.empty(); }
};

// False when it is cut: what was readable is in `out`.
bool read_cip_list_identity(Bytes item, CipIdentity& out);
// The answer of the Identity object to the service. Of a single attribute `attribute` says which.
bool read_cip_identity(std::uint8_t service, std::optional<std::uint32_t> attribute, Bytes data, CipIdentity& out);

// No event may be begun. `route`: ports on the way to it.
void tell_cip_identity(const CipIdentity& identity, std::string_view route, bool from_client, Direction from,
                       KnownDevices& devices, Context& context);

}  // namespace nw::network
