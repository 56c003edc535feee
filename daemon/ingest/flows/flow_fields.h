// What flow records become: the event types `netflow` and `netflow.counters`, their fields, and the words that stand
// for numbers in them.
#pragma once

#include <cstdint>
#include <string_view>

#include "event/schema.h"

namespace nw::flows {

// Positions in the fields of flow_type(), in the order of its table (flow_fields.cpp).
enum FlowField : std::uint8_t {
  kStart,
  kDuration,
  kOrigBytes,
  kOrigIpBytes,
  kOrigPkts,
  kRespBytes,
  kRespIpBytes,
  kRespPkts,
  kReportedBytes,
  kReportedPkts,
  kSampled,
  kSamplingRate,
  kTcpFlags,
  kRespTcpFlags,
  kIpProto,
  kIcmpType,
  kIcmpCode,
  kTos,
  kTtlMin,
  kTtlMax,
  kVlan,
  kPostVlan,
  kEtherType,
  kOrigL2,
  kRespL2,
  kPostOrigL2,
  kPostRespL2,
  kInput,
  kOutput,
  kInputName,
  kOutputName,
  kSrcAs,
  kDstAs,
  kSrcMask,
  kDstMask,
  kNextHop,
  kBgpNextHop,
  kExporter,
  kAgent,
  kExporterProtocol,
  kDomain,
  kDirection,
  kNatOrigH,
  kNatOrigP,
  kNatRespH,
  kNatRespP,
  kEvent,
  kEventCode,
  kEndReason,
  kForwarding,
  kInputVrf,
  kOutputVrf,
  kSegment,
  kFlowId,
  kAppId,
  kAppName,
  kHttpHost,
  kUrl,
  kUsername,
  kInputAcl,
  kOutputAcl,
  kSsid,
  kApMac,
  kPostBytes,
  kPostPkts,
  kSamplerId,
  kFrameBytes,
  kMplsTop,
  kFlowFields
};

// sFlow's generic interface counters (sflow_version_5.txt, if_counters).
enum CounterField : std::uint8_t {
  kCounterExporter,
  kCounterAgent,
  kCounterDomain,
  kCounterInterface,
  kCounterType,
  kCounterSpeed,
  kCounterAdminUp,
  kCounterOperUp,
  kCounterInBytes,
  kCounterInUnicast,
  kCounterInMulticast,
  kCounterInBroadcast,
  kCounterInDiscards,
  kCounterInErrors,
  kCounterOutBytes,
  kCounterOutUnicast,
  kCounterOutMulticast,
  kCounterOutBroadcast,
  kCounterOutDiscards,
  kCounterOutErrors,
  kCounterFields
};

const event::TypeSpec& flow_type();
const event::TypeSpec& counter_type();

// IANA's keyword as the network decoder writes it; empty: none.
std::string_view protocol_name(std::uint64_t protocol) noexcept;
// One letter for each flag, from the lowest bit: F S R P A U E C N.
std::string_view tcp_flag_letters(std::uint64_t bits) noexcept;
// firewallEvent and natEvent (IANA), and the numbers that old ASAs use; empty: not known.
std::string_view firewall_event(std::uint64_t number) noexcept;
std::string_view nat_event(std::uint64_t number) noexcept;
std::string_view end_reason(std::uint64_t number) noexcept;

}  // namespace nw::flows
