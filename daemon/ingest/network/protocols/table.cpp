// Every protocol that is decoded, one row each, sorted by name. Adding one: README.md.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

Protocol bgp_protocol();
Protocol dhcp_protocol();
Protocol dhcpv6_protocol();
Protocol dns_protocol();
Protocol modbus_protocol();
Protocol netbios_protocol();
Protocol ntp_protocol();
Protocol radius_protocol();
Protocol sip_protocol();
Protocol snmp_protocol();
Protocol ssl_protocol();
Protocol syslog_protocol();
Protocol tftp_protocol();

namespace {

// A row's function, not its value: a value would have to be constant across files, or wait for static initialisation.
struct Row {
  std::string_view name;  // again as Protocol::name, so that the order is checked when compiling
  Protocol (*make)();
};

constexpr auto kRows = std::to_array<Row>({
    {"bgp", bgp_protocol},
    {"dhcp", dhcp_protocol},
    {"dhcpv6", dhcpv6_protocol},
    {"dns", dns_protocol},
    {"modbus", modbus_protocol},
    {"netbios", netbios_protocol},
    {"ntp", ntp_protocol},
    {"radius", radius_protocol},
    {"sip", sip_protocol},
    {"snmp", snmp_protocol},
    {"ssl", ssl_protocol},
    {"syslog", syslog_protocol},
    {"tftp", tftp_protocol},
});
static_assert(std::ranges::is_sorted(kRows, {}, &Row::name));

}  // namespace

std::span<const Protocol> protocols() {
  static const std::array<Protocol, kRows.size()> kProtocols = [] {
    std::array<Protocol, kRows.size()> made;
    std::ranges::transform(kRows, made.begin(), [](const Row& row) { return row.make(); });
    return made;
  }();
  return kProtocols;
}

std::string_view to_string(DecodeError error) {
  static constexpr std::array<std::string_view, 4> kNames{"truncated", "bad_value", "too_long", "limit"};
  return kNames[static_cast<std::size_t>(error)];
}

}  // namespace nw::network
