#include "ingest/network/protocols/bacnet_names.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

// By number.
// clang-format off
constexpr auto kFunctions = std::to_array<std::string_view>({
    "BVLC_Result", "Write_Broadcast_Table", "Read_Broadcast_Table",
    "Read_Broadcast_Table_ACK", "Forwarded_NPDU", "Register_Foreign_Device", "Read_Foreign_Device_Table",
    "Read_Foreign_Device_Table_ACK", "Delete_Foreign_Device_Table_Entry", "Distribute_Broadcast_to_Network",
    "Original_Unicast_NPDU", "Original_Broadcast_NPDU", "Secure_BVLL",
});
constexpr auto kResults = std::to_array<std::string_view>({
    "successful-completion", "write-broadcast-distribution-table-nak", "read-broadcast-distribution-table-nak",
    "register-foreign-device-nak", "read-foreign-device-table-nak", "delete-foreign-device-table-entry-nak",
    "distribute-broadcast-to-network-nak",
});
constexpr auto kNetworkMessages = std::to_array<std::string_view>({
    "who_is_router_to_network", "i_am_router_to_network", "i_could_be_router_to_network", "reject_message_to_network",
    "router_busy_to_network", "router_available_to_network", "initialize_routing_table",
    "initialize_routing_table_ack", "establish_connection_to_network", "disconnect_connection_to_network",
    "challenge_request", "security_payload", "security_response", "request_key_update", "update_key_set",
    "update_distribution_key", "request_master_key", "set_master_key", "what_is_network_number", "network_number_is",
});
constexpr auto kNetworkRefusals = std::to_array<std::string_view>({
    "other", "not-router-to-dnet", "router-busy", "unknown-network-message", "message-too-long", "security-error",
    "addressing-error",
});
constexpr auto kPdus = std::to_array<std::string_view>({
    "CONFIRMED_REQUEST", "UNCONFIRMED_REQUEST", "SIMPLE_ACK", "COMPLEX_ACK", "SEGMENT_ACK", "ERROR_PDU", "REJECT_PDU",
    "ABORT_PDU",
});
constexpr auto kObjects = std::to_array<std::string_view>({
    "analog-input", "analog-output", "analog-value", "binary-input", "binary-output", "binary-value", "calendar",
    "command", "device", "event-enrollment", "file", "group", "loop", "multi-state-input", "multi-state-output",
    "notification-class", "program", "schedule", "averaging", "multi-state-value", "trend-log", "life-safety-point",
    "life-safety-zone", "accumulator", "pulse-converter", "event-log", "global-group", "trend-log-multiple",
    "load-control", "structured-view", "access-door", "timer", "access-credential", "access-point", "access-rights",
    "access-user", "access-zone", "credential-data-input", "network-security", "bitstring-value",
    "characterstring-value", "date-pattern-value", "date-value", "datetime-pattern-value", "datetime-value",
    "integer-value", "large-analog-value", "octetstring-value", "positive-integer-value", "time-pattern-value",
    "time-value", "notification-forwarder", "alert-enrollment", "channel", "lighting-output",
    "binary-lighting-output", "network-port", "elevator-group", "escalator", "lift", "staging", "audit-log",
    "audit-reporter", "color", "color-temperature",
});
constexpr auto kErrorClasses = std::to_array<std::string_view>({
    "device", "object", "property", "resources", "security", "services", "vt", "communication",
});
constexpr auto kErrorCodes = std::to_array<std::string_view>({
    "other", "authentication-failed", "configuration-in-progress", "device-busy", "dynamic-creation-not-supported",
    "file-access-denied", "incompatible-security-levels", "inconsistent-parameters",
    "inconsistent-selection-criterion", "invalid-data-type", "invalid-file-access-method",
    "invalid-file-start-position", "invalid-operator-name", "invalid-parameter-data-type", "invalid-timestamp",
    "key-generation-error", "missing-required-parameter", "no-objects-of-specified-type", "no-space-for-object",
    "no-space-to-add-list-element", "no-space-to-write-property", "no-vt-sessions-available",
    "property-is-not-a-list", "object-deletion-not-permitted", "object-identifier-already-exists",
    "operational-problem", "password-failure", "read-access-denied", "security-not-supported",
    "service-request-denied", "timeout", "unknown-object", "unknown-property", "", "unknown-vt-class",
    "unknown-vt-session", "unsupported-object-type", "value-out-of-range", "vt-session-already-closed",
    "vt-session-termination-failure", "write-access-denied", "character-set-not-supported", "invalid-array-index",
    "cov-subscription-failed", "not-cov-property", "optional-functionality-not-supported",
    "invalid-configuration-data", "datatype-not-supported", "duplicate-name", "duplicate-object-id",
    "property-is-not-an-array", "abort-buffer-overflow", "abort-invalid-apdu-in-this-state",
    "abort-preempted-by-higher-priority-task", "abort-segmentation-not-supported", "abort-proprietary", "abort-other",
    "invalid-tag", "network-down", "reject-buffer-overflow", "reject-inconsistent-parameters",
    "reject-invalid-parameter-data-type", "reject-invalid-tag", "reject-missing-required-parameter",
    "reject-parameter-out-of-range", "reject-too-many-arguments", "reject-undefined-enumeration",
    "reject-unrecognized-service", "reject-proprietary", "reject-other", "unknown-device", "unknown-route",
    "value-not-initialized", "invalid-event-state", "no-alarm-configured", "log-buffer-full", "logged-value-purged",
    "no-property-specified", "not-configured-for-triggered-logging", "unknown-subscription", "parameter-out-of-range",
    "list-element-not-found", "busy", "communication-disabled", "success", "access-denied", "bad-destination-address",
    "bad-destination-device-id", "bad-signature", "bad-source-address", "bad-timestamp", "cannot-use-key",
    "cannot-verify-message-id", "correct-key-revision", "destination-device-id-required", "duplicate-message",
    "encryption-not-configured", "encryption-required", "incorrect-key", "invalid-key-data", "key-update-in-progress",
    "malformed-message", "not-key-server", "security-not-configured", "source-security-required", "too-many-keys",
    "unknown-authentication-type", "unknown-key", "unknown-key-revision", "unknown-source-message",
    "not-router-to-dnet", "router-busy", "unknown-network-message", "message-too-long", "security-error",
    "addressing-error", "write-bdt-failed", "read-bdt-failed", "register-foreign-device-failed", "read-fdt-failed",
    "delete-fdt-entry-failed", "distribute-broadcast-failed", "unknown-file-size", "abort-apdu-too-long",
    "abort-application-exceeded-reply-time", "abort-out-of-resources", "abort-tsm-timeout",
    "abort-window-size-out-of-range", "file-full", "inconsistent-configuration", "inconsistent-object-type",
    "internal-error", "not-configured", "out-of-memory", "value-too-long", "abort-insufficient-security",
    "abort-security-error",
});
constexpr auto kRejects = std::to_array<std::string_view>({
    "other", "buffer-overflow", "inconsistent-parameters", "invalid-parameter-data-type", "invalid-tag",
    "missing-required-parameter", "parameter-out-of-range", "too-many-arguments", "undefined-enumeration",
    "unrecognized-service",
});
constexpr auto kAborts = std::to_array<std::string_view>({
    "other", "buffer-overflow", "invalid-apdu-in-this-state", "preempted-by-higher-priority-task",
    "segmentation-not-supported", "security-error", "insufficient-security", "window-size-out-of-range",
    "application-exceeded-reply-time", "out-of-resources", "tsm-timeout", "apdu-too-long",
});
constexpr auto kSegmentation = std::to_array<std::string_view>({
    "segmented-both", "segmented-transmit", "segmented-receive", "no-segmentation",
});
constexpr auto kCommunication = std::to_array<std::string_view>({
    "enable", "disable", "disable-initiation",
});
constexpr auto kReinitialize = std::to_array<std::string_view>({
    "coldstart", "warmstart", "start-backup", "end-backup", "start-restore", "end-restore", "abort-restore",
    "activate-changes",
});
constexpr auto kLifeSafety = std::to_array<std::string_view>({
    "none", "silence", "silence-audible", "silence-visual", "reset", "reset-alarm", "reset-fault", "unsilence",
    "unsilence-audible", "unsilence-visual",
});
constexpr auto kEventTypes = std::to_array<std::string_view>({
    "change-of-bitstring", "change-of-state", "change-of-value", "command-failure", "floating-limit", "out-of-range",
    "complex-event-type", "", "change-of-life-safety", "extended", "buffer-ready", "unsigned-range", "",
    "access-event", "double-out-of-range", "signed-out-of-range", "unsigned-out-of-range",
    "change-of-characterstring", "change-of-status-flags", "change-of-reliability", "none",
    "change-of-discrete-value", "change-of-timer",
});
constexpr auto kEventStates = std::to_array<std::string_view>({
    "normal", "fault", "offnormal", "high-limit", "low-limit", "life-safety-alarm",
});
constexpr auto kNotifyTypes = std::to_array<std::string_view>({
    "alarm", "event", "ack-notification",
});
// clang-format on
static_assert(kErrorCodes[26] == "password-failure" && kErrorCodes[131] == "internal-error");
static_assert(kObjects[56] == "network-port");

struct Vendor {
  std::uint16_t number;
  std::string_view name;
};

constexpr auto kVendors = std::to_array<Vendor>({
    {0, "ASHRAE"},
    {2, "The Trane Company"},
    {3, "Daikin Applied Americas"},
    {5, "Johnson Controls Inc."},
    {7, "Siemens Schweiz AG (Formerly: Landis & Staefa Division Europe)"},
    {8, "Delta Controls"},
    {10, "Schneider Electric"},
    {15, "Cornell University"},
    {17, "Honeywell Inc."},
    {18, "Alerton / Honeywell"},
    {19, "TAC AB"},
    {22, "Siemens Schweiz AG (Formerly: Cerberus AG)"},
    {24, "Automated Logic Corporation"},
    {26, "Phoenix Controls Corporation"},
    {28, "KMC Controls Inc."},
    {35, "Reliable Controls Corporation"},
    {36, "Tridium Inc."},
    {42, "Acuity Brands Lighting Inc."},
    {46, "ESS Engineering"},
    {51, "SAMSON AG"},
    {53, "DAIKIN Industries Ltd."},
    {65, "Reliance Electric"},
    {85, "Yamatake Building Systems Co. Ltd."},
    {100, "Custom Mechanical Equipment LLC"},
    {103, "D-Tek Controls"},
    {107, "JCI Systems Integration Services"},
    {116, "M&M Systems Inc."},
    {123, "Scada Engine"},
    {130, "Shenzhen Junzhi Hi-Tech Co. Ltd."},
    {133, "Veris Industries"},
    {134, "Centaurus Prime"},
    {138, "PowerCold Comfort Air Solutions Inc."},
    {139, "I Controls"},
    {162, "ASI Controls"},
    {165, "Smart Temp Australia Pty. Ltd."},
    {167, "Duksan Mecasys Co. Ltd."},
    {173, "Mitsubishi Electric Building Techno-Service Co. Ltd."},
    {181, "Micro Control Systems Inc."},
    {206, "Onicon Incorporated"},
    {212, "TSC21 Association of Japan"},
    {215, "Lighting Control & Design Inc."},
    {221, "OpenGeneral Pty. Ltd."},
    {222, "WAGO Kontakttechnik GmbH & Co. KG"},
    {230, "Integrated Control Technology Limited"},
    {240, "Aricent Ltd."},
    {251, "WILO SE"},
    {260, "BACnet Stack at SourceForge"},
});
static_assert(std::ranges::is_sorted(kVendors, {}, &Vendor::number));

std::string_view in(const auto& names, std::uint64_t number) {
  return number < names.size() ? names[number] : std::string_view{};
}

}  // namespace

std::string_view bacnet_function_name(std::uint8_t function) { return in(kFunctions, function); }
std::string_view bacnet_network_message_name(std::uint8_t message) { return in(kNetworkMessages, message); }
std::string_view bacnet_network_refusal_name(std::uint8_t reason) { return in(kNetworkRefusals, reason); }
std::string_view bacnet_pdu_name(std::uint8_t type) { return in(kPdus, type); }
std::string_view bacnet_object_name(std::uint64_t type) { return in(kObjects, type); }
std::string_view bacnet_error_class_name(std::uint64_t error_class) { return in(kErrorClasses, error_class); }
std::string_view bacnet_error_code_name(std::uint64_t code) { return in(kErrorCodes, code); }
std::string_view bacnet_reject_name(std::uint8_t reason) { return in(kRejects, reason); }
std::string_view bacnet_abort_name(std::uint8_t reason) { return in(kAborts, reason); }
std::string_view bacnet_segmentation_name(std::uint64_t segmentation) { return in(kSegmentation, segmentation); }
std::string_view bacnet_communication_name(std::uint64_t state) { return in(kCommunication, state); }
std::string_view bacnet_reinitialize_name(std::uint64_t state) { return in(kReinitialize, state); }
std::string_view bacnet_life_safety_name(std::uint64_t operation) { return in(kLifeSafety, operation); }
std::string_view bacnet_event_type_name(std::uint64_t type) { return in(kEventTypes, type); }
std::string_view bacnet_event_state_name(std::uint64_t state) { return in(kEventStates, state); }
std::string_view bacnet_notify_type_name(std::uint64_t type) { return in(kNotifyTypes, type); }

std::string_view bacnet_result_name(std::uint16_t result) {
  return (result & 0x0FU) == 0 ? in(kResults, result >> 4U) : std::string_view{};
}

std::string_view bacnet_vendor_name(std::uint64_t vendor) {
  const auto at = std::ranges::lower_bound(kVendors, vendor, {}, &Vendor::number);
  return at != kVendors.end() && at->number == vendor ? at->name : std::string_view{};
}

}  // namespace nw::network
