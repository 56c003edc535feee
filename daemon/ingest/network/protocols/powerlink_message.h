// Ethernet POWERLINK (EPSG DS 301): reading one frame.
//   | type u8 | destination node u8 | source node u8 | what the type has; numbers are little-endian |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ip.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

struct PowerlinkType {
  static constexpr std::uint8_t kSoc = 1, kPreq = 3, kPres = 4, kSoa = 5, kAsnd = 6, kAmni = 7, kAinv = 13;
};
struct PowerlinkService {
  static constexpr std::uint8_t kIdent = 1, kStatus = 2, kNmtRequest = 3, kNmtCommand = 4, kSdo = 5;
};

// What a node says of itself. Views the frame.
struct PowerlinkIdentity {
  std::uint32_t device_type = 0, vendor = 0, product = 0, revision = 0, serial = 0;
  IpAddress address;
  Bytes host_name;
};

struct PowerlinkSdo {
  std::uint8_t transaction = 0, command = 0;
  bool response = false, aborted = false;
  std::optional<std::uint16_t> index;
  std::uint8_t subindex = 0;
  std::uint32_t abort_code = 0;
  Bytes data;
};

struct PowerlinkMessage {
  std::uint8_t type = 0, destination = 0, source = 0;
  std::optional<std::uint8_t> state, service, target, command;  // of an SoA: whom it asks for the service
  std::optional<PowerlinkIdentity> identity;
  std::optional<PowerlinkSdo> sdo;  // none where it only keeps a connection

  // In each cycle, as long as the network runs.
  [[nodiscard]] bool cyclic() const noexcept { return type != PowerlinkType::kAsnd; }
};

// What was read stays when an error is returned.
std::optional<DecodeError> read_powerlink(Bytes payload, PowerlinkMessage& out) noexcept;

// Empty for what nobody published.
std::string_view powerlink_type_name(std::uint8_t type) noexcept;
std::string_view powerlink_service_name(std::uint8_t service) noexcept;
std::string_view powerlink_state_name(std::uint8_t state) noexcept;
std::string_view powerlink_command_name(std::uint8_t command) noexcept;
std::string_view powerlink_sdo_name(std::uint8_t command) noexcept;
IcsOperation powerlink_command_operation(std::uint8_t command) noexcept;
IcsOperation powerlink_sdo_operation(std::uint8_t command) noexcept;

}  // namespace nw::network
