// Every protocol that is decoded, one row each, sorted by name. Adding one: README.md.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

Protocol ads_protocol();
Protocol bacnet_protocol();
Protocol bgp_protocol();
Protocol bmp_protocol();
Protocol bsap_protocol();
Protocol c1222_protocol();
Protocol cip_io_protocol();
Protocol codesys_protocol();
Protocol cotp_protocol();
Protocol dce_rpc_protocol();
Protocol dhcp_protocol();
Protocol dhcpv6_protocol();
Protocol dicom_protocol();
Protocol dnp3_protocol();
Protocol dns_protocol();
Protocol enip_protocol();
Protocol ethercat_protocol();
Protocol fox_protocol();
Protocol ftp_data_protocol();
Protocol ftp_protocol();
Protocol ge_srtp_protocol();
Protocol genisys_protocol();
Protocol goose_protocol();
Protocol hart_ip_protocol();
Protocol hl7_protocol();
Protocol http_protocol();
Protocol iec104_protocol();
Protocol imap_protocol();
Protocol ipsec_protocol();
Protocol kerberos_protocol();
Protocol knxnet_ip_protocol();
Protocol ldap_protocol();
Protocol lldp_protocol();
Protocol melsec_protocol();
Protocol mms_protocol();
Protocol modbus_protocol();
Protocol mqtt_protocol();
Protocol mysql_protocol();
Protocol netbios_dgm_protocol();
Protocol netbios_protocol();
Protocol ntp_protocol();
Protocol omron_fins_protocol();
Protocol opcua_protocol();
Protocol openvpn_protocol();
Protocol pop3_protocol();
Protocol postgresql_protocol();
Protocol powerlink_protocol();
Protocol profinet_protocol();
Protocol quic_protocol();
Protocol radius_protocol();
Protocol rdp_protocol();
Protocol redis_protocol();
Protocol rfb_protocol();
Protocol roc_plus_protocol();
Protocol s7comm_protocol();
Protocol sip_protocol();
Protocol smb_protocol();
Protocol smtp_protocol();
Protocol snmp_protocol();
Protocol socks_protocol();
Protocol ssh_protocol();
Protocol ssl_protocol();
Protocol stun_protocol();
Protocol sv_protocol();
Protocol synchrophasor_protocol();
Protocol syslog_protocol();
Protocol tds_protocol();
Protocol telnet_protocol();
Protocol tftp_protocol();
Protocol tristation_protocol();
Protocol wireguard_protocol();

namespace {

// A row's function, not its value: a value would have to be constant across files, or wait for static initialisation.
struct Row {
  std::string_view name;  // again as Protocol::name, so that the order is checked when compiling
  Protocol (*make)();
};

// clang-format off
constexpr auto kRows = std::to_array<Row>({
    {"ads", ads_protocol},
    {"bacnet", bacnet_protocol},
    {"bgp", bgp_protocol},
    {"bmp", bmp_protocol},
    {"bsap", bsap_protocol},
    {"c1222", c1222_protocol},
    {"cip_io", cip_io_protocol},
    {"codesys", codesys_protocol},
    {"cotp", cotp_protocol},
    {"dce_rpc", dce_rpc_protocol},
    {"dhcp", dhcp_protocol},
    {"dhcpv6", dhcpv6_protocol},
    {"dicom", dicom_protocol},
    {"dnp3", dnp3_protocol},
    {"dns", dns_protocol},
    {"enip", enip_protocol},
    {"ethercat", ethercat_protocol},
    {"fox", fox_protocol},
    {"ftp", ftp_protocol},
    {"ftp-data", ftp_data_protocol},
    {"ge_srtp", ge_srtp_protocol},
    {"genisys", genisys_protocol},
    {"goose", goose_protocol},
    {"hart_ip", hart_ip_protocol},
    {"hl7", hl7_protocol},
    {"http", http_protocol},
    {"iec104", iec104_protocol},
    {"imap", imap_protocol},
    {"ipsec", ipsec_protocol},
    {"kerberos", kerberos_protocol},
    {"knxnet_ip", knxnet_ip_protocol},
    {"ldap", ldap_protocol},
    {"lldp", lldp_protocol},
    {"melsec", melsec_protocol},
    {"mms", mms_protocol},
    {"modbus", modbus_protocol},
    {"mqtt", mqtt_protocol},
    {"mysql", mysql_protocol},
    {"netbios", netbios_protocol},
    {"netbios_dgm", netbios_dgm_protocol},
    {"ntp", ntp_protocol},
    {"omron_fins", omron_fins_protocol},
    {"opcua", opcua_protocol},
    {"openvpn", openvpn_protocol},
    {"pop3", pop3_protocol},
    {"postgresql", postgresql_protocol},
    {"powerlink", powerlink_protocol},
    {"profinet", profinet_protocol},
    {"quic", quic_protocol},
    {"radius", radius_protocol},
    {"rdp", rdp_protocol},
    {"redis", redis_protocol},
    {"rfb", rfb_protocol},
    {"roc_plus", roc_plus_protocol},
    {"s7comm", s7comm_protocol},
    {"sip", sip_protocol},
    {"smb", smb_protocol},
    {"smtp", smtp_protocol},
    {"snmp", snmp_protocol},
    {"socks", socks_protocol},
    {"ssh", ssh_protocol},
    {"ssl", ssl_protocol},
    {"stun", stun_protocol},
    {"sv", sv_protocol},
    {"synchrophasor", synchrophasor_protocol},
    {"syslog", syslog_protocol},
    {"tds", tds_protocol},
    {"telnet", telnet_protocol},
    {"tftp", tftp_protocol},
    {"tristation", tristation_protocol},
    {"wireguard", wireguard_protocol},
});
// clang-format on
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

bool is_control(const Protocol& protocol) noexcept {
  return std::ranges::any_of(protocol.types, [](const event::TypeSpec& type) {
    return std::ranges::find(type.categories, kIcsCategory.front()) != type.categories.end();
  });
}

std::string_view to_string(DecodeError error) {
  static constexpr std::array<std::string_view, 4> kNames{"truncated", "bad_value", "too_long", "limit"};
  return kNames[static_cast<std::size_t>(error)];
}

}  // namespace nw::network
