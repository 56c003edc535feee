// Names of BACnet's properties: ANSI/ASHRAE 135-2020, clause 21. From 512 on they are a maker's own.
#include <array>

#include "ingest/network/protocols/bacnet_names.h"

namespace nw::network {

namespace {

// clang-format off
constexpr auto kProperties = std::to_array<std::string_view>({
    // 0
    "acked-transitions", "ack-required", "action", "action-text", "active-text", "active-vt-sessions", "alarm-value",
    "alarm-values", "all", "all-writes-successful",
    // 10
    "apdu-segment-timeout", "apdu-timeout", "application-software-version", "archive", "bias",
    "change-of-state-count", "change-of-state-time", "notification-class", "", "controlled-variable-reference",
    // 20
    "controlled-variable-units", "controlled-variable-value", "cov-increment", "date-list", "daylight-savings-status",
    "deadband", "derivative-constant", "derivative-constant-units", "description", "description-of-halt",
    // 30
    "device-address-binding", "device-type", "effective-period", "elapsed-active-time", "error-limit", "event-enable",
    "event-state", "event-type", "exception-schedule", "fault-values",
    // 40
    "feedback-value", "file-access-method", "file-size", "file-type", "firmware-revision", "high-limit",
    "inactive-text", "in-process", "instance-of", "integral-constant",
    // 50
    "integral-constant-units", "issue-confirmed-notifications", "limit-enable", "list-of-group-members",
    "list-of-object-property-references", "list-of-session-keys", "local-date", "local-time", "location", "low-limit",
    // 60
    "manipulated-variable-reference", "maximum-output", "max-apdu-length-accepted", "max-info-frames", "max-master",
    "max-pres-value", "minimum-off-time", "minimum-on-time", "minimum-output", "min-pres-value",
    // 70
    "model-name", "modification-date", "notify-type", "number-of-apdu-retries", "number-of-states",
    "object-identifier", "object-list", "object-name", "object-property-reference", "object-type",
    // 80
    "optional", "out-of-service", "output-units", "event-parameters", "polarity", "present-value", "priority",
    "priority-array", "priority-for-writing", "process-identifier",
    // 90
    "program-change", "program-location", "program-state", "proportional-constant", "proportional-constant-units",
    "protocol-conformance-class", "protocol-object-types-supported", "protocol-services-supported",
    "protocol-version", "read-only",
    // 100
    "reason-for-halt", "recipient", "recipient-list", "reliability", "relinquish-default", "required", "resolution",
    "segmentation-supported", "setpoint", "setpoint-reference",
    // 110
    "state-text", "status-flags", "system-status", "time-delay", "time-of-active-time-reset",
    "time-of-state-count-reset", "time-synchronization-recipients", "units", "update-interval", "utc-offset",
    // 120
    "vendor-identifier", "vendor-name", "vt-classes-supported", "weekly-schedule", "attempted-samples",
    "average-value", "buffer-size", "client-cov-increment", "cov-resubscription-interval", "current-notify-time",
    // 130
    "event-time-stamps", "log-buffer", "log-device-object-property", "enable", "log-interval", "maximum-value",
    "minimum-value", "notification-threshold", "previous-notify-time", "protocol-revision",
    // 140
    "records-since-notification", "record-count", "start-time", "stop-time", "stop-when-full", "total-record-count",
    "valid-samples", "window-interval", "window-samples", "maximum-value-timestamp",
    // 150
    "minimum-value-timestamp", "variance-value", "active-cov-subscriptions", "backup-failure-timeout",
    "configuration-files", "database-revision", "direct-reading", "last-restore-time", "maintenance-required",
    "member-of",
    // 160
    "mode", "operation-expected", "setting", "silenced", "tracking-value", "zone-members", "life-safety-alarm-values",
    "max-segments-accepted", "profile-name", "auto-slave-discovery",
    // 170
    "manual-slave-address-binding", "slave-address-binding", "slave-proxy-enable", "last-notify-record",
    "schedule-default", "accepted-modes", "adjust-value", "count", "count-before-change", "count-change-time",
    // 180
    "cov-period", "input-reference", "limit-monitoring-interval", "logging-object", "logging-record", "prescale",
    "pulse-rate", "scale", "scale-factor", "update-time",
    // 190
    "value-before-change", "value-set", "value-change-time", "align-intervals", "", "interval-offset",
    "last-restart-reason", "logging-type", "", "",
    // 200
    "", "", "restart-notification-recipients", "time-of-device-restart", "time-synchronization-interval", "trigger",
    "utc-time-synchronization-recipients", "node-subtype", "node-type", "structured-object-list",
    // 210
    "subordinate-annotations", "subordinate-list", "actual-shed-level", "duty-window", "expected-shed-level",
    "full-duty-baseline", "", "", "requested-shed-level", "shed-duration",
    // 220
    "shed-level-descriptions", "shed-levels", "state-description", "", "", "", "door-alarm-state",
    "door-extended-pulse-time", "door-members", "door-open-too-long-time",
    // 230
    "door-pulse-time", "door-status", "door-unlock-delay-time", "lock-status", "masked-alarm-values",
    "secured-status", "", "", "", "",
    // 240
    "", "", "", "", "absentee-limit", "access-alarm-events", "access-doors", "access-event",
    "access-event-authentication-factor", "access-event-credential",
    // 250
    "access-event-time", "access-transaction-events", "accompaniment", "accompaniment-time", "activation-time",
    "active-authentication-policy", "assigned-access-rights", "authentication-factors", "authentication-policy-list",
    "authentication-policy-names",
    // 260
    "authentication-status", "authorization-mode", "belongs-to", "credential-disable", "credential-status",
    "credentials", "credentials-in-zone", "days-remaining", "entry-points", "exit-points",
    // 270
    "expiration-time", "extended-time-enable", "failed-attempt-events", "failed-attempts", "failed-attempts-time",
    "last-access-event", "last-access-point", "last-credential-added", "last-credential-added-time",
    "last-credential-removed",
    // 280
    "last-credential-removed-time", "last-use-time", "lockout", "lockout-relinquish-time", "master-exemption",
    "max-failed-attempts", "members", "muster-point", "negative-access-rules", "number-of-authentication-policies",
    // 290
    "occupancy-count", "occupancy-count-adjust", "occupancy-count-enable", "occupancy-exemption",
    "occupancy-lower-limit", "occupancy-lower-limit-enforced", "occupancy-state", "occupancy-upper-limit",
    "occupancy-upper-limit-enforced", "passback-exemption",
    // 300
    "passback-mode", "passback-timeout", "positive-access-rules", "reason-for-disable", "supported-formats",
    "supported-format-classes", "threat-authority", "threat-level", "trace-flag", "transaction-notification-class",
    // 310
    "user-external-identifier", "user-information-reference", "", "", "", "", "", "user-name", "user-type",
    "uses-remaining",
    // 320
    "zone-from", "zone-to", "access-event-tag", "global-identifier", "", "", "verification-time",
    "base-device-security-policy", "distribution-key-revision", "do-not-hide",
    // 330
    "key-sets", "last-key-server", "network-access-security-policies", "packet-reorder-time", "security-pdu-timeout",
    "security-time-window", "supported-security-algorithms", "update-key-set-timeout", "backup-and-restore-state",
    "backup-preparation-time",
    // 340
    "restore-completion-time", "restore-preparation-time", "bit-mask", "bit-text", "is-utc", "group-members",
    "group-member-names", "member-status-flags", "requested-update-interval", "covu-period",
    // 350
    "covu-recipients", "event-message-texts", "event-message-texts-config", "event-detection-enable",
    "event-algorithm-inhibit", "event-algorithm-inhibit-ref", "time-delay-normal", "reliability-evaluation-inhibit",
    "fault-parameters", "fault-type",
    // 360
    "local-forwarding-only", "process-identifier-filter", "subscribed-recipients", "port-filter",
    "authorization-exemptions", "allow-group-delay-inhibit", "channel-number", "control-groups", "execution-delay",
    "last-priority",
    // 370
    "write-status", "property-list", "serial-number", "blink-warn-enable", "default-fade-time", "default-ramp-rate",
    "default-step-increment", "egress-time", "in-progress", "instantaneous-power",
    // 380
    "lighting-command", "lighting-command-default-priority", "max-actual-value", "min-actual-value", "power",
    "transition", "egress-active", "interface-value", "fault-high-limit", "fault-low-limit",
    // 390
    "low-diff-limit", "strike-count", "time-of-strike-count-reset", "default-timeout", "initial-timeout",
    "last-state-change", "state-change-values", "timer-running", "timer-state", "apdu-length",
    // 400
    "ip-address", "ip-default-gateway", "ip-dhcp-enable", "ip-dhcp-lease-time", "ip-dhcp-lease-time-remaining",
    "ip-dhcp-server", "ip-dns-server", "bacnet-ip-global-address", "bacnet-ip-mode", "bacnet-ip-multicast-address",
    // 410
    "bacnet-ip-nat-traversal", "ip-subnet-mask", "bacnet-ip-udp-port", "bbmd-accept-fd-registrations",
    "bbmd-broadcast-distribution-table", "bbmd-foreign-device-table", "changes-pending", "command", "fd-bbmd-address",
    "fd-subscription-lifetime",
    // 420
    "link-speed", "link-speeds", "link-speed-autonegotiate", "mac-address", "network-interface-name",
    "network-number", "network-number-quality", "network-type", "routing-table", "virtual-mac-address-table",
    // 430
    "command-time-array", "current-command-priority", "last-command-time", "value-source", "value-source-array",
    "bacnet-ipv6-mode", "ipv6-address", "ipv6-prefix-length", "bacnet-ipv6-udp-port", "ipv6-default-gateway",
    // 440
    "bacnet-ipv6-multicast-address", "ipv6-dns-server", "ipv6-auto-addressing-enable", "ipv6-dhcp-lease-time",
    "ipv6-dhcp-lease-time-remaining", "ipv6-dhcp-server", "ipv6-zone-index", "assigned-landing-calls",
    "car-assigned-direction", "car-door-command",
    // 450
    "car-door-status", "car-door-text", "car-door-zone", "car-drive-status", "car-load", "car-load-units", "car-mode",
    "car-moving-direction", "car-position", "elevator-group",
    // 460
    "energy-meter", "energy-meter-ref", "escalator-mode", "fault-signals", "floor-text", "group-id", "", "group-mode",
    "higher-deck", "installation-id",
    // 470
    "landing-calls", "landing-call-control", "landing-door-status", "lower-deck", "machine-room-id",
    "making-car-call", "next-stopping-floor", "operation-direction", "passenger-alarm", "power-mode",
    // 480
    "registered-car-call", "active-cov-multiple-subscriptions", "protocol-level", "reference-port",
    "deployed-profile-location", "profile-location", "tags", "subordinate-node-types", "subordinate-tags",
    "subordinate-relationships",
    // 490
    "default-subordinate-relationship", "represents", "default-present-value", "present-stage", "stages",
    "stage-names", "target-references", "audit-source-reporter", "audit-level", "audit-notification-recipient",
    // 500
    "audit-priority-filter", "auditable-operations", "delete-on-forward", "maximum-send-delay", "monitored-objects",
    "send-now", "floor-number", "device-uuid",
});
// clang-format on
static_assert(kProperties.size() == 508 && kProperties[85] == "present-value" && kProperties[372] == "serial-number");

}  // namespace

std::string_view bacnet_property_name(std::uint64_t property) {
  return property < kProperties.size() ? kProperties[property] : std::string_view{};
}

}  // namespace nw::network
