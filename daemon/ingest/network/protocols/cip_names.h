// What numbers of CIP are called, and what its services do. Spelled as in ICSNPP's logs where those have a name.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/network/protocols/cip_message.h"

namespace nw::network {

// All are empty when the number has no name.
std::string_view cip_service_name(std::uint8_t service, const CipPoint& point);
std::string_view cip_class_name(std::uint32_t number);
std::string_view cip_status_name(std::uint8_t status);
// Of the Connection Manager, behind status 1.
std::string_view cip_extended_status_name(std::uint16_t status);
std::string_view cip_vendor_name(std::uint32_t vendor);
std::string_view cip_device_type_name(std::uint32_t type);

IcsOperation cip_operation(std::uint8_t service, const CipPoint& point);

}  // namespace nw::network
