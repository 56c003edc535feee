// What BACnet's numbers are called: ANSI/ASHRAE 135-2020, clauses 6, 20 and 21 and annex J. Empty when a number has no
// name. Functions, types and services are spelled as in ICSNPP's logs, everything else as in the standard.
#pragma once

#include <cstdint>
#include <string_view>

namespace nw::network {

std::string_view bacnet_function_name(std::uint8_t function);  // of the virtual link
std::string_view bacnet_result_name(std::uint16_t result);     // of BVLC_Result
std::string_view bacnet_network_message_name(std::uint8_t message);
std::string_view bacnet_network_refusal_name(std::uint8_t reason);  // of reject_message_to_network
std::string_view bacnet_pdu_name(std::uint8_t type);
std::string_view bacnet_object_name(std::uint64_t type);
std::string_view bacnet_property_name(std::uint64_t property);
std::string_view bacnet_error_class_name(std::uint64_t error_class);
std::string_view bacnet_error_code_name(std::uint64_t code);
std::string_view bacnet_reject_name(std::uint8_t reason);
std::string_view bacnet_abort_name(std::uint8_t reason);
std::string_view bacnet_segmentation_name(std::uint64_t segmentation);
std::string_view bacnet_communication_name(std::uint64_t state);    // of device_communication_control
std::string_view bacnet_reinitialize_name(std::uint64_t state);     // of reinitialize_device
std::string_view bacnet_life_safety_name(std::uint64_t operation);  // of life_safety_operation
std::string_view bacnet_event_type_name(std::uint64_t type);
std::string_view bacnet_event_state_name(std::uint64_t state);
std::string_view bacnet_notify_type_name(std::uint64_t type);
// Of the ASHRAE's list the makers that are met most.
std::string_view bacnet_vendor_name(std::uint64_t vendor);

}  // namespace nw::network
