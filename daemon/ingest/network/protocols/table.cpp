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
Protocol r_goose_protocol();
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
  OctetSet begins = OctetSet::all();  // Protocol::begins
};

constexpr OctetSet between(std::uint8_t first, std::uint8_t last) { return OctetSet::between(first, last); }

// clang-format off
constexpr auto kRows = std::to_array<Row>({
    {"ads", ads_protocol, {0x00, 0x03}},
    {"bacnet", bacnet_protocol, {0x81}},
    {"bgp", bgp_protocol, {0xff}},
    {"bmp", bmp_protocol, {3}},
    {"bsap", bsap_protocol, between(14, 64)},
    {"c1222", c1222_protocol, {0x60}},
    {"cip_io", cip_io_protocol, {2}},
    {"codesys", codesys_protocol, {0x00, 0xbb, 0xcc, 0x66, 0xc5}},
    {"cotp", cotp_protocol, {3}},
    {"dce_rpc", dce_rpc_protocol},
    {"dhcp", dhcp_protocol, {1, 2}},
    {"dhcpv6", dhcpv6_protocol, between(1, 21)},
    {"dicom", dicom_protocol, {1, 2}},
    {"dnp3", dnp3_protocol, {0x05}},
    {"dns", dns_protocol},
    {"enip", enip_protocol, {0x00, 0x01, 0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73}},
    {"ethercat", ethercat_protocol},
    {"fox", fox_protocol, {'f'}},
    {"ftp", ftp_protocol, {'2'}},
    {"ftp-data", ftp_data_protocol},
    {"ge_srtp", ge_srtp_protocol, {2, 3}},
    {"genisys", genisys_protocol, between(0xf1, 0xfe)},
    {"goose", goose_protocol},
    {"hart_ip", hart_ip_protocol, {1, 2}},
    {"hl7", hl7_protocol, {0x0b}},
    {"http", http_protocol, between('A', 'z') | OctetSet{0x00, '-'}},
    {"iec104", iec104_protocol, {0x68}},
    {"imap", imap_protocol, {'*'}},
    {"ipsec", ipsec_protocol},
    {"kerberos", kerberos_protocol},
    {"knxnet_ip", knxnet_ip_protocol, {0x06}},
    {"ldap", ldap_protocol, {0x30}},
    {"lldp", lldp_protocol},
    {"melsec", melsec_protocol, {0x50, 0xd0, 0x54, 0xd4, 0x57, 0xd7, '5', 'D'}},
    {"mms", mms_protocol, {3}},
    {"modbus", modbus_protocol},
    {"mqtt", mqtt_protocol, between(0x10, 0x1f)},
    {"mysql", mysql_protocol},
    {"netbios", netbios_protocol},
    {"netbios_dgm", netbios_dgm_protocol, between(0x10, 0x16)},
    {"ntp", ntp_protocol},
    {"omron_fins", omron_fins_protocol, {'F', 0x80, 0x81, 0xc0, 0xc1}},
    {"opcua", opcua_protocol, {'A', 'C', 'E', 'H', 'M', 'O', 'R'}},
    {"openvpn", openvpn_protocol},
    {"pop3", pop3_protocol, {'+'}},
    {"postgresql", postgresql_protocol, {0x00}},
    {"powerlink", powerlink_protocol},
    {"profinet", profinet_protocol},
    {"quic", quic_protocol, between(0x80, 0xff)},
    {"r_goose", r_goose_protocol, between(1, 15) | between(0xa0, 0xa3)},
    {"radius", radius_protocol, {1}},
    {"rdp", rdp_protocol, {3}},
    {"redis", redis_protocol, {'*'}},
    {"rfb", rfb_protocol, {'R'}},
    {"roc_plus", roc_plus_protocol},
    {"s7comm", s7comm_protocol, {3}},
    {"sip", sip_protocol, between(' ', '~') | OctetSet{'\t', '\r'}},
    {"smb", smb_protocol, between(0x81, 0x85) | OctetSet{0x00}},
    {"smtp", smtp_protocol, {'2', 'E', 'H', 'e', 'h'}},
    {"snmp", snmp_protocol, {0x30}},
    {"socks", socks_protocol, {4, 5}},
    {"ssh", ssh_protocol, {'S'}},
    {"ssl", ssl_protocol, between(0x80, 0xff) | OctetSet{0x16}},
    {"stun", stun_protocol, between(0x00, 0x3f)},
    {"sv", sv_protocol},
    {"synchrophasor", synchrophasor_protocol, {0xaa}},
    {"syslog", syslog_protocol, between('0', '9') | OctetSet{'<'}},
    {"tds", tds_protocol, {0x10, 0x12}},
    {"telnet", telnet_protocol, {0xff}},
    {"tftp", tftp_protocol, {0}},
    {"tristation", tristation_protocol, between(1, 11)},
    {"wireguard", wireguard_protocol, between(1, 4)},
});
// clang-format on
static_assert(std::ranges::is_sorted(kRows, {}, &Row::name));

}  // namespace

std::span<const Protocol> protocols() {
  static const std::array<Protocol, kRows.size()> kProtocols = [] {
    std::array<Protocol, kRows.size()> made;
    std::ranges::transform(kRows, made.begin(), [](const Row& row) {
      Protocol protocol = row.make();
      protocol.begins = row.begins;
      return protocol;
    });
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
