#include "ingest/flows/flow_fields.h"

#include <array>

namespace nw::flows {

namespace {

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"start", "time", "when the flow began; its end is the event's time"},
    {"duration", "interval", "from the first packet to the last"},
    {"orig_bytes", "integer",
     "of the originator, multiplied by the sampling rate; with IP headers, for exporters do not count payload"},
    {"orig_ip_bytes", "integer", "the same number under the name that says what it counts"},
    {"orig_pkts", "integer", "packets of the originator, multiplied by the sampling rate"},
    {"resp_bytes", "integer", "of the responder, where the record holds both directions"},
    {"resp_ip_bytes", "integer", "the same number under the name that says what it counts"},
    {"resp_pkts", "integer", "packets of the responder, where the record holds both directions"},
    {"reported_bytes", "integer", "orig_bytes as the exporter wrote it, sampled or not"},
    {"reported_pkts", "integer", "orig_pkts as the exporter wrote it, sampled or not"},
    {"sampled", "boolean", "true: one of several packets was looked at; absent: the exporter did not say"},
    {"sampling_rate", "integer", "one of so many packets was looked at"},
    {"tcp_flags", "text", "flags seen from the originator, a letter each: F S R P A U E C N"},
    {"resp_tcp_flags", "text", "the same from the responder, where the record holds both directions"},
    {"ip_proto", "integer", "number of the IP protocol"},
    {"icmp_type", "integer", "ICMP's type"},
    {"icmp_code", "integer", "ICMP's code"},
    {"tos", "integer", "IPv4's type of service or IPv6's traffic class"},
    {"ttl_min", "integer", "lowest time to live"},
    {"ttl_max", "integer", "highest time to live"},
    {"vlan", "integer", "802.1Q id"},
    {"post_vlan", "integer", "802.1Q id behind the exporter"},
    {"ether_type", "integer", "EtherType of a sampled frame that is not IP"},
    {"orig_l2_addr", "text", "MAC address of the source"},
    {"resp_l2_addr", "text", "MAC address of the destination"},
    {"post_orig_l2_addr", "text", "MAC address of the source behind the exporter"},
    {"post_resp_l2_addr", "text", "MAC address of the destination behind the exporter"},
    {"input_interface", "integer", "SNMP index of the interface that the packets came in by"},
    {"output_interface", "integer", "SNMP index of the interface that they left by"},
    {"input_name", "text", "the name of the interface that the packets came in by, where the exporter told it"},
    {"output_name", "text", "the name of the interface that they left by, where the exporter told it"},
    {"src_as", "integer", "autonomous system of the source"},
    {"dst_as", "integer", "autonomous system of the destination"},
    {"src_mask", "integer", "prefix length of the route to the source"},
    {"dst_mask", "integer", "prefix length of the route to the destination"},
    {"next_hop", "address", "the next router"},
    {"bgp_next_hop", "address", "the next router in BGP's domain"},
    {"exporter", "address", "who sent the record"},
    {"agent", "address", "the switch that sampled, by its own word (sFlow)"},
    {"exporter_protocol", "text", "netflow1, netflow5, netflow7, netflow9, ipfix, sflow5"},
    {"observation_domain", "integer", "IPFIX observation domain, NetFlow source id or engine, sFlow sub-agent"},
    {"flow_direction", "text", "ingress or egress, as the exporter saw it"},
    {"nat_orig_h", "address", "the originator behind address translation"},
    {"nat_orig_p", "integer", "its port"},
    {"nat_resp_h", "address", "the responder behind address translation"},
    {"nat_resp_p", "integer", "its port"},
    {"event", "text", "what a firewall or translator did: flow_created, flow_deleted, flow_denied, nat44_create, ..."},
    {"event_code", "integer", "the firewall's own number for why (ASA: NF_F_FW_EXT_EVENT)"},
    {"end_reason", "text", "idle_timeout, active_timeout, end_of_flow, forced_end, lack_of_resources"},
    {"forwarding_status", "integer", "RFC 7270 section 4.12; 128 and above: dropped or consumed"},
    {"input_vrf", "integer", "VRF that the packets came in by"},
    {"output_vrf", "integer", "VRF that they left by"},
    {"segment_id", "integer", "layer 2 segment, such as a VXLAN's number"},
    {"flow_id", "integer", "the exporter's number for the flow"},
    {"app_id", "text", "application as ENGINE:NUMBER (RFC 6759)"},
    {"app_name", "text", "the application's name, where the exporter told it"},
    {"http_host", "text", "host that was asked over HTTP"},
    {"url", "text", "what was asked over HTTP, without a password that stands in front of the host"},
    {"username", "text", "who, by the exporter's knowledge"},
    {"input_acl", "text", "access list that decided on the way in, as hexadecimal octets (ASA)"},
    {"output_acl", "text", "access list that decided on the way out, as hexadecimal octets (ASA)"},
    {"ssid", "text", "name of the wireless network"},
    {"ap_mac", "text", "MAC address of the access point"},
    {"post_bytes", "integer", "bytes behind the exporter, as reported"},
    {"post_pkts", "integer", "packets behind the exporter, as reported"},
    {"sampler_id", "integer", "the exporter's number for how it sampled"},
    {"frame_bytes", "integer", "length of a sampled frame on the wire"},
    {"mpls_top", "integer", "top MPLS label"},
});
static_assert(kFields.size() == kFlowFields);
static_assert(kFields[kReportedBytes].name == "reported_bytes" && kFields[kTos].name == "tos" &&
              kFields[kInput].name == "input_interface" && kFields[kExporter].name == "exporter" &&
              kFields[kNatRespP].name == "nat_resp_p" && kFields[kSegment].name == "segment_id" &&
              kFields[kUsername].name == "username" && kFields[kMplsTop].name == "mpls_top");

constexpr auto kCounters = std::to_array<event::FieldSpec>({
    {"exporter", "address", "who sent the counters"},
    {"agent", "address", "the switch that counted, by its own word"},
    {"observation_domain", "integer", "sFlow sub-agent"},
    {"interface", "integer", "SNMP index of the interface"},
    {"interface_type", "integer", "IANAifType"},
    {"speed", "integer", "bits per second"},
    {"admin_up", "boolean", "the interface is meant to be up"},
    {"oper_up", "boolean", "it is up"},
    {"in_bytes", "integer", "since the counters began, as the fields below"},
    {"in_unicast", "integer", "unicast packets that came in"},
    {"in_multicast", "integer", "multicast packets that came in"},
    {"in_broadcast", "integer", "broadcast packets that came in"},
    {"in_discards", "integer", "good packets that came in and were dropped"},
    {"in_errors", "integer", "bad packets that came in"},
    {"out_bytes", "integer", "bytes that left"},
    {"out_unicast", "integer", "unicast packets that left"},
    {"out_multicast", "integer", "multicast packets that left"},
    {"out_broadcast", "integer", "broadcast packets that left"},
    {"out_discards", "integer", "good packets that were to leave and were dropped"},
    {"out_errors", "integer", "packets that could not leave for errors"},
});
static_assert(kCounters.size() == kCounterFields);
static_assert(kCounters[kCounterInBytes].name == "in_bytes" && kCounters[kCounterOutErrors].name == "out_errors");

// SigmaHQ's rules call the service netflow.
constexpr std::array<std::string_view, 2> kServices{"flow", "netflow"};
constexpr std::array<std::string_view, 1> kCounterServices{"counters"};

// Eight flags and NS, all their sets.
struct Letters {
  std::array<std::array<char, 9>, 512> text{};
  std::array<std::uint8_t, 512> size{};
};
constexpr Letters make_letters() {
  constexpr std::string_view kNames = "FSRPAUECN";
  Letters out;
  for (std::size_t bits = 0; bits < out.text.size(); ++bits)
    for (std::size_t i = 0; i < kNames.size(); ++i)
      if ((bits >> i & 1U) != 0) out.text[bits][out.size[bits]++] = kNames[i];
  return out;
}
constexpr Letters kLetters = make_letters();

template <std::size_t kSize>
constexpr std::string_view name_of(const std::array<std::string_view, kSize>& names, std::uint64_t number) noexcept {
  return number < kSize ? names[number] : std::string_view{};
}

}  // namespace

const event::TypeSpec& flow_type() {
  static constexpr event::TypeSpec kType{"netflow", "netflow", kServices, {}, kFields, false, true, "ipfix."};
  return kType;
}

const event::TypeSpec& counter_type() {
  static constexpr event::TypeSpec kType{"netflow.counters", "netflow", kCounterServices, {}, kCounters, false, true};
  return kType;
}

std::string_view protocol_name(std::uint64_t protocol) noexcept {
  switch (protocol) {
    case 1:
    case 58: return "icmp";
    case 4: return "ipv4";
    case 6: return "tcp";
    case 17: return "udp";
    case 41: return "ipv6";
    case 47: return "gre";
    case 132: return "sctp";
    default: return {};
  }
}

std::string_view tcp_flag_letters(std::uint64_t bits) noexcept {
  const std::size_t at = bits & 0x1ffU;
  return {kLetters.text[at].data(), kLetters.size[at]};
}

std::string_view firewall_event(std::uint64_t number) noexcept {
  static constexpr std::array<std::string_view, 6> kNames{"",           "flow_created", "flow_deleted", "flow_denied",
                                                          "flow_alert", "flow_update"};
  return name_of(kNames, number);
}

std::string_view nat_event(std::uint64_t number) noexcept {
  static constexpr std::array<std::string_view, 19> kNames{"",
                                                           "nat_create",
                                                           "nat_delete",
                                                           "nat_addresses_exhausted",
                                                           "nat44_create",
                                                           "nat44_delete",
                                                           "nat64_create",
                                                           "nat64_delete",
                                                           "nat44_bib_create",
                                                           "nat44_bib_delete",
                                                           "nat64_bib_create",
                                                           "nat64_bib_delete",
                                                           "nat_ports_exhausted",
                                                           "nat_quota_exceeded",
                                                           "nat_address_binding_create",
                                                           "nat_address_binding_delete",
                                                           "nat_port_block_allocate",
                                                           "nat_port_block_release",
                                                           "nat_threshold_reached"};
  return name_of(kNames, number);
}

std::string_view end_reason(std::uint64_t number) noexcept {
  static constexpr std::array<std::string_view, 6> kNames{
      "", "idle_timeout", "active_timeout", "end_of_flow", "forced_end", "lack_of_resources"};
  return name_of(kNames, number);
}

}  // namespace nw::flows
