// LLDP (IEEE 802.1AB-2016) right over Ethernet: | kind:7 length:9 | value |, again and again; and CDP, its elder of one
// vendor, over SNAP. Each port tells every half minute who is at its end of the cable. Nobody proves what he says: who
// shows another chassis at a known port, or a known one at another port, is new, or wants to be taken for somebody.
//
// One `lldp` event per message. Zeek has no log of it. What organisations add of their own (VLANs, power, inventory) is
// not told.
#include <algorithm>
#include <array>
#include <chrono>

#include "ingest/network/protocols/l2_event.h"
#include "ingest/network/protocols/lldp_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Common;
using event::common;
using event::Value;

enum Field : std::size_t {
  kSaidBy = kL2Fields,
  kChassis,
  kChassisKind,
  kPort,
  kPortKind,
  kTtl,
  kPortDescription,
  kName,
  kDescription,
  kPlatform,
  kAbilities,
  kEnabled,
  kManagement,
};

constexpr auto kFields = behind_l2(std::to_array<event::FieldSpec>({
    {"advertised_by", "text", "lldp or cdp (ours)"},
    {"chassis_id", "text", "which device it is: a hardware address, an address, a name (ours)"},
    {"chassis_id_type", "text", "mac_address, network_address, interface_name, local, ...; none of CDP (ours)"},
    {"port_id", "text", "which of its ports sends (ours)"},
    {"port_id_type", "text", "the same of the port (ours)"},
    {"ttl", "interval", "how long it is to be believed; 0: it leaves (ours)"},
    {"port_description", "text", "what the port is called (ours)"},
    {"system_name", "text", "what the device is called (ours)"},
    {"system_description", "text", "what it is, often with its version (ours)"},
    {"platform", "text", "CDP: what device it is (ours)"},
    {"capabilities", "list of text", "what it can be: bridge, router, telephone, station, ... (ours)"},
    {"capabilities_enabled", "list of text", "LLDP: which of them it is (ours)"},
    {"management_addresses", "list of address",
     "where it is managed, the first 8; the first of all is id.orig_h, too (ours)"},
}));
static_assert(kFields[kManagement].name == "management_addresses");

constexpr std::array<std::string_view, 1> kService{"lldp"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"lldp", "normwatch", kService, kService, kFields, false}}};
constexpr std::uint16_t kLldp = 0x88cc, kCdp = 0x2000;  // the latter in SNAP of its vendor
constexpr std::array<std::uint16_t, 2> kEtherTypes{kLldp, kCdp};

// By their numbers.
constexpr std::array<std::string_view, 8> kChassisKinds{"",
                                                        "chassis_component",
                                                        "interface_alias",
                                                        "port_component",
                                                        "mac_address",
                                                        "network_address",
                                                        "interface_name",
                                                        "local"};
constexpr std::array<std::string_view, 8> kPortKinds{
    "",     "interface_alias", "port_component", "mac_address", "network_address", "interface_name", "agent_circuit_id",
    "local"};
// A bit each.
constexpr std::array<std::string_view, 11> kLldpAbilities{"other",  "repeater",  "bridge",        "wlan_access_point",
                                                          "router", "telephone", "docsis",        "station",
                                                          "c_vlan", "s_vlan",    "two_port_relay"};
constexpr std::array<std::string_view, 9> kCdpAbilities{"router",   "bridge",    "source_route_bridge",
                                                        "switch",   "station",   "igmp",
                                                        "repeater", "telephone", "remotely_managed"};

// `mac`, `address`: the kinds that are told so.
void set_id(EventWriter& out, std::size_t field, const LldpMessage::Id& id, std::uint8_t mac, std::uint8_t address) {
  constexpr std::size_t kMacOctets = 6;
  if (id.kind == mac && id.octets.size() == kMacOctets) return set_hardware(out, field, id.octets);
  if (id.kind == address) {
    if (const auto known = read_lldp_address(id.octets))
      return out.set(field, Value::text(out.event().keep(known->to_string())));
    return set_hex(out, field, id.octets);
  }
  set_text(out, field, id.octets);
}

void set_kind(EventWriter& out, std::size_t field, const LldpMessage::Id& id, std::span<const std::string_view> names) {
  if (id.kind) out.set(field, named(out, *id.kind < names.size() ? names[*id.kind] : "", *id.kind));
}

void set_addresses(EventWriter& out, const LldpMessage& message) {
  const std::span<const IpAddress> where = std::span{message.where}.first(message.addresses);
  if (where.empty()) return;
  out.event().set(common(Common::orig_h), Value::address(where.front()));
  std::array<Value, LldpMessage::kAddressesMax> values;
  std::ranges::transform(where, values.begin(), [](const IpAddress& address) { return Value::address(address); });
  set_list_copy(out, kManagement, std::span{values}.first(where.size()));
}

class LldpAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    if (!context.wants(0)) return;
    LldpMessage message;
    const auto fault = frame.type == kCdp ? read_cdp(frame.payload, message) : read_lldp(frame.payload, message);
    if (fault) context.refused(*fault);
    if (message.chassis.octets.empty()) return;  // nobody
    EventWriter out = context.begin(0, context.now());
    write_l2(out, L2Ends{frame});
    out.set(kSaidBy, Value::text(message.cdp ? "cdp" : "lldp"));
    set_id(out, kChassis, message.chassis, LldpChassisKind::kMac, LldpChassisKind::kAddress);
    set_kind(out, kChassisKind, message.chassis, kChassisKinds);
    set_id(out, kPort, message.port, LldpPortKind::kMac, LldpPortKind::kAddress);
    set_kind(out, kPortKind, message.port, kPortKinds);
    if (message.ttl) out.set(kTtl, Value::interval(std::chrono::seconds{*message.ttl}));
    set_text(out, kPortDescription, message.port_description);
    set_text(out, kName, message.system_name);
    set_text(out, kDescription, message.system_description);
    set_text(out, kPlatform, message.platform);
    const std::span<const std::string_view> abilities{message.cdp ? std::span<const std::string_view>{kCdpAbilities}
                                                                  : std::span<const std::string_view>{kLldpAbilities}};
    set_flags(out, kAbilities, abilities, message.can.value_or(0));
    set_flags(out, kEnabled, abilities, message.does.value_or(0));
    set_addresses(out, message);
    context.emit();
  }
};

}  // namespace

Protocol lldp_protocol() {
  Protocol p;
  p.name = "lldp";
  p.help = "LLDP and CDP: what devices say of themselves to the other end of their cables";
  p.types = kTypes;
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<LldpAnalyzer>(); };
  p.ether_types = kEtherTypes;
  return p;
}

}  // namespace nw::network
