#include "ingest/flows/elements.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace nw::flows {

namespace {

constexpr std::uint32_t kNtop = 35632, kPaloAlto = 25461;

constexpr auto kElements = std::to_array<Element>({
    {0, 1, kBytes, Shape::integer},
    {0, 2, kPackets, Shape::integer},
    {0, 4, kIpProto, Shape::integer},
    {0, 5, kTos, Shape::integer},
    {0, 6, kTcpBits, Shape::integer},
    {0, 7, kOrigP, Shape::integer},
    {0, 8, kOrigH, Shape::address},
    {0, 9, kSrcMask, Shape::integer},
    {0, 10, kInput, Shape::integer},
    {0, 11, kRespP, Shape::integer},
    {0, 12, kRespH, Shape::address},
    {0, 13, kDstMask, Shape::integer},
    {0, 14, kOutput, Shape::integer},
    {0, 15, kNextHop, Shape::address},
    {0, 16, kSrcAs, Shape::integer},
    {0, 17, kDstAs, Shape::integer},
    {0, 18, kBgpNextHop, Shape::address},
    {0, 21, kLastUp, Shape::integer},
    {0, 22, kFirstUp, Shape::integer},
    {0, 23, kPostBytes, Shape::integer},
    {0, 24, kPostPkts, Shape::integer},
    {0, 27, kOrigH, Shape::address},
    {0, 28, kRespH, Shape::address},
    {0, 29, kSrcMask, Shape::integer},
    {0, 30, kDstMask, Shape::integer},
    {0, 32, kIcmpTypeCode, Shape::integer},
    {0, 34, kInterval, Shape::integer},
    {0, 48, kSamplerId, Shape::integer},
    {0, 50, kInterval, Shape::integer},
    {0, 52, kTtlMin, Shape::integer},
    {0, 53, kTtlMax, Shape::integer},
    {0, 56, kOrigL2, Shape::mac},
    {0, 57, kPostRespL2, Shape::mac},
    {0, 58, kVlan, Shape::integer},
    {0, 59, kPostVlan, Shape::integer},
    {0, 61, kDirectionNumber, Shape::integer},
    {0, 62, kNextHop, Shape::address},
    {0, 63, kBgpNextHop, Shape::address},
    {0, 70, kMplsTop, Shape::integer},
    {0, 80, kRespL2, Shape::mac},
    {0, 81, kPostOrigL2, Shape::mac},
    {0, 82, kInterfaceName, Shape::text},
    {0, 83, kInterfaceDescription, Shape::text},
    {0, 85, kBytesTotal, Shape::integer},
    {0, 86, kPacketsTotal, Shape::integer},
    {0, 89, kForwarding, Shape::integer},
    {0, 95, kAppNumber, Shape::octets},
    {0, 96, kAppName, Shape::text},
    {0, 136, kEndReasonNumber, Shape::integer},
    {0, 139, kIcmpTypeCode, Shape::integer},
    {0, 147, kSsid, Shape::text},
    {0, 148, kFlowId, Shape::integer},
    {0, 150, kStartAt, Shape::seconds},
    {0, 151, kEndAt, Shape::seconds},
    {0, 152, kStartAt, Shape::millis},
    {0, 153, kEndAt, Shape::millis},
    {0, 154, kStartAt, Shape::ntp},
    {0, 155, kEndAt, Shape::ntp},
    {0, 156, kStartAt, Shape::ntp},
    {0, 157, kEndAt, Shape::ntp},
    {0, 158, kStartDelta, Shape::integer},
    {0, 159, kEndDelta, Shape::integer},
    {0, 160, kBootAt, Shape::millis},
    {0, 161, kLength, Shape::length_ms},
    {0, 162, kLength, Shape::length_us},
    {0, 176, kIcmpType, Shape::integer},
    {0, 177, kIcmpCode, Shape::integer},
    {0, 178, kIcmpType, Shape::integer},
    {0, 179, kIcmpCode, Shape::integer},
    {0, 180, kOrigP, Shape::integer},
    {0, 181, kRespP, Shape::integer},
    {0, 182, kOrigP, Shape::integer},
    {0, 183, kRespP, Shape::integer},
    {0, 210, kNoSlot, Shape::padding},
    {0, 225, kNatOrigH, Shape::address},
    {0, 226, kNatRespH, Shape::address},
    {0, 227, kNatOrigP, Shape::integer},
    {0, 228, kNatRespP, Shape::integer},
    {0, 230, kNatEvent, Shape::integer},
    {0, 231, kInitiatorBytes, Shape::integer},
    {0, 232, kReverseBytes, Shape::integer},
    {0, 233, kFirewallEvent, Shape::integer},
    {0, 234, kInputVrf, Shape::integer},
    {0, 235, kOutputVrf, Shape::integer},
    {0, 243, kVlan, Shape::integer},
    {0, 254, kPostVlan, Shape::integer},
    {0, 281, kNatOrigH, Shape::address},
    {0, 282, kNatRespH, Shape::address},
    {0, 291, kNoSlot, Shape::list},
    {0, 292, kNoSlot, Shape::list},
    {0, 293, kNoSlot, Shape::list},
    {0, 298, kInitiatorPackets, Shape::integer},
    {0, 299, kReversePackets, Shape::integer},
    {0, 302, kSelectorId, Shape::integer},
    {0, 305, kPacketInterval, Shape::integer},
    {0, 306, kPacketSpace, Shape::integer},
    {0, 309, kSampleSize, Shape::integer},
    {0, 310, kSamplePopulation, Shape::integer},
    {0, 311, kProbability, Shape::real},
    {0, 322, kObservedAt, Shape::seconds},
    {0, 323, kObservedAt, Shape::millis},
    {0, 324, kObservedAt, Shape::ntp},
    {0, 325, kObservedAt, Shape::ntp},
    {0, 351, kSegment, Shape::integer},
    {0, 365, kOrigL2, Shape::mac},
    {0, 366, kOrigH, Shape::address},  // a wireless controller's records name the station alone
    {0, 367, kApMac, Shape::mac},
    {0, 371, kUsername, Shape::text},
    {0, 460, kHttpHost, Shape::text},
    {0, 461, kUrl, Shape::text},
    // Cisco ASA, "NetFlow Implementation Note": numbers of its own in v9.
    {0, 33000, kInputAcl, Shape::octets},
    {0, 33001, kOutputAcl, Shape::octets},
    {0, 33002, kEventCode, Shape::integer},
    {0, 40000, kUsername, Shape::text},
    {0, 40001, kNatOrigH, Shape::address},
    {0, 40002, kNatRespH, Shape::address},
    {0, 40003, kNatOrigP, Shape::integer},
    {0, 40004, kNatRespP, Shape::integer},
    {0, 40005, kFirewallEvent, Shape::integer},
    {0, 56701, kAppName, Shape::text},   // Palo Alto: App-ID
    {0, 56702, kUsername, Shape::text},  // User-ID
    {0, 57652, kUrl, Shape::text},       // nProbe: 57472 and its own number
    {kPaloAlto, 23933, kAppName, Shape::text},
    {kPaloAlto, 23934, kUsername, Shape::text},
    {kReverseEnterprise, 1, kReverseBytes, Shape::integer},
    {kReverseEnterprise, 2, kReversePackets, Shape::integer},
    {kReverseEnterprise, 6, kReverseTcpBits, Shape::integer},
    {kReverseEnterprise, 85, kReverseBytes, Shape::integer},
    {kReverseEnterprise, 86, kReversePackets, Shape::integer},
    {kNtop, 180, kUrl, Shape::text},
});

constexpr auto key(const Element& element) { return std::tuple{element.enterprise, element.id}; }
static_assert(std::ranges::is_sorted(kElements, {}, key));

}  // namespace

const Element* find_element(std::uint32_t enterprise, std::uint16_t id) noexcept {
  const auto wanted = std::tuple{enterprise, id};
  const auto* const found = std::ranges::lower_bound(kElements, wanted, {}, key);
  return found != kElements.end() && key(*found) == wanted ? found : nullptr;
}

}  // namespace nw::flows
