// Every protocol that is decoded, one row each, sorted by name. Adding one: README.md.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

Protocol dicom_protocol();
Protocol dce_rpc_protocol();
Protocol bgp_protocol();
Protocol dhcp_protocol();
Protocol dhcpv6_protocol();
Protocol dns_protocol();
Protocol ftp_protocol();
Protocol imap_protocol();
Protocol http_protocol();
Protocol modbus_protocol();
Protocol pop3_protocol();
Protocol smtp_protocol();
Protocol socks_protocol();
Protocol ssh_protocol();
Protocol kerberos_protocol();
Protocol ldap_protocol();
Protocol modbus_protocol();
Protocol rdp_protocol();
Protocol rfb_protocol();
Protocol smb_protocol();
Protocol ssl_protocol();
Protocol telnet_protocol();
Protocol hl7_protocol();
Protocol modbus_protocol();
Protocol mqtt_protocol();
Protocol mysql_protocol();
Protocol postgresql_protocol();
Protocol redis_protocol();
Protocol ssl_protocol();
Protocol tds_protocol();
Protocol ipsec_protocol();
Protocol modbus_protocol();
Protocol openvpn_protocol();
Protocol quic_protocol();
Protocol ssl_protocol();
Protocol stun_protocol();
Protocol wireguard_protocol();
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
    {"dicom", dicom_protocol},
    {"dce_rpc", dce_rpc_protocol},
    {"bgp", bgp_protocol},
    {"dhcp", dhcp_protocol},
    {"dhcpv6", dhcpv6_protocol},
    {"dns", dns_protocol},
    {"ftp", ftp_protocol},
    {"imap", imap_protocol},
    {"http", http_protocol},
    {"modbus", modbus_protocol},
    {"pop3", pop3_protocol},
    {"smtp", smtp_protocol},
    {"socks", socks_protocol},
    {"ssh", ssh_protocol},
    {"kerberos", kerberos_protocol},
    {"ldap", ldap_protocol},
    {"modbus", modbus_protocol},
    {"rdp", rdp_protocol},
    {"rfb", rfb_protocol},
    {"smb", smb_protocol},
    {"ssl", ssl_protocol},
    {"telnet", telnet_protocol},
    {"hl7", hl7_protocol},
    {"modbus", modbus_protocol},
    {"mqtt", mqtt_protocol},
    {"mysql", mysql_protocol},
    {"postgresql", postgresql_protocol},
    {"redis", redis_protocol},
    {"ssl", ssl_protocol},
    {"tds", tds_protocol},
    {"ipsec", ipsec_protocol},
    {"modbus", modbus_protocol},
    {"openvpn", openvpn_protocol},
    {"quic", quic_protocol},
    {"ssl", ssl_protocol},
    {"stun", stun_protocol},
    {"wireguard", wireguard_protocol},
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
