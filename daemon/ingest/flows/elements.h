// Information elements: what a field of a record means, and how its octets are read. RFC 7012 and IANA's registry
// "IPFIX Information Elements"; RFC 3954 section 8 for NetFlow v9, whose numbers are the same up to 127.
#pragma once

#include <cstdint>

#include "ingest/flows/flow_fields.h"

namespace nw::flows {

// What a record holds while it is read: first what goes into the event as it is (FlowField), then what is made
// something of.
enum Slot : std::uint8_t {
  kOrigH = kFlowFields,
  kOrigP,
  kRespH,
  kRespP,
  kBytes,  // since the last record of the flow
  kPackets,
  kBytesTotal,  // since it began
  kPacketsTotal,
  kInitiatorBytes,
  kInitiatorPackets,
  kReverseBytes,
  kReversePackets,
  kTcpBits,
  kReverseTcpBits,
  kIcmpTypeCode,
  kDirectionNumber,
  kEndReasonNumber,
  kFirewallEvent,
  kNatEvent,
  kAppNumber,  // octets: engine and selector
  kFirstUp,    // milliseconds since the exporter started
  kLastUp,
  kStartAt,  // times
  kEndAt,
  kObservedAt,
  kBootAt,
  kStartDelta,  // microseconds before the export
  kEndDelta,
  kLength,  // an interval
  kSelectorId,
  kInterval,  // sampling: one of so many packets
  kPacketInterval,
  kPacketSpace,
  kSampleSize,
  kSamplePopulation,
  kProbability,
  // Options data only.
  kInterfaceName,
  kInterfaceDescription,
  kSlots
};
constexpr std::uint8_t kNoSlot = 0xff;
static_assert(kSlots <= 128);

enum class Shape : std::uint8_t {
  integer,    // 1 to 8 octets: exporters may shorten (RFC 7011 section 6.2)
  address,    // 4 or 16 octets
  mac,        // 6
  text,       // up to the first NUL
  octets,     // hexadecimal in the event
  seconds,    // since 1970
  millis,     // since 1970
  ntp,        // 64 bits: seconds since 1900 and their fraction (RFC 7011 sections 6.1.9 and 6.1.10)
  length_ms,  // how long, in milliseconds
  length_us,  // how long, in microseconds
  real,       // IEEE 754, 4 or 8 octets
  list,       // structured data (RFC 6313): counted, not entered
  padding,
};

struct Element {
  std::uint32_t enterprise = 0;
  std::uint16_t id = 0;
  std::uint8_t slot = kNoSlot;
  Shape shape = Shape::octets;
};

// Null: none of ours. NetFlow v9 has no enterprises; its vendors' numbers from 32768 on stand under 0.
const Element* find_element(std::uint32_t enterprise, std::uint16_t id) noexcept;

// RFC 5103: the same element of the other direction.
constexpr std::uint32_t kReverseEnterprise = 29305;

}  // namespace nw::flows
