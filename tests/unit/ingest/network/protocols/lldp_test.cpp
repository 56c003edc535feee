#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"lldp"};

struct Lldp : Play {
  Lldp() : Play{"lldp", Transport::udp} {}
};

// An Ethernet frame of LLDP, and one of CDP.
std::string lldp(const std::string& body) { return "0180c200000e 020000000002 88cc " + body; }
std::string cdp(const std::string& body) { return "01000ccccccc 020000000003 2000 " + body; }

constexpr auto kNeeded = "0202 07 'c' 0402 07 'p' 0602 0078";

TEST(Lldp, GoldenFields) {
  const GoldenFields frames[] = {
      {"controller",
       {{"orig_l2_addr", "00:0e:cf:00:00:01"},
        {"resp_l2_addr", "01:80:c2:00:00:0e"},
        {"vlan", "-"},
        {"advertised_by", "lldp"},
        {"chassis_id", "00:0e:cf:00:00:01"},
        {"chassis_id_type", "mac_address"},
        {"port_id", "port-01"},
        {"port_id_type", "local"},
        {"ttl", "20.000000"},
        {"port_description", "port 1 up"},
        {"system_name", "plc-7"},
        {"system_description", "PLC 7 V2.1"},
        {"platform", "-"},
        {"capabilities", "bridge,station"},
        {"capabilities_enabled", "station"},
        {"management_addresses", "192.0.2.10,2001:db8::7"},
        {"id.orig_h", "192.0.2.10"}}},
      {"minimal",
       {{"vlan", "100"},
        {"chassis_id", "192.0.2.3"},
        {"chassis_id_type", "network_address"},
        {"port_id", "gi1"},
        {"port_id_type", "interface_name"},
        {"ttl", "120.000000"},
        {"system_name", "-"},
        {"capabilities", "-"},
        {"management_addresses", "-"},
        {"id.orig_h", "-"}}},
      {"leaves",
       {{"chassis_id", "eth0"},
        {"chassis_id_type", "interface_name"},
        {"port_id", "02:00:00:00:00:02"},
        {"port_id_type", "mac_address"},
        {"ttl", "0.000000"}}},
      {"cdp",
       {{"advertised_by", "cdp"},
        {"chassis_id", "switch"},
        {"chassis_id_type", "-"},
        {"port_id", "Gi0/1 "},
        {"ttl", "180.000000"},
        {"system_description", "Ver 12.2"},
        {"platform", "WS-C2960"},
        {"capabilities", "switch,igmp"},
        {"capabilities_enabled", "-"},
        {"management_addresses", "192.0.2.20"},
        {"id.orig_h", "192.0.2.20"}}},
  };
  expect_all_golden_fields(kGolden, frames);
}

TEST(Lldp, KindsOfIdentifiers) {
  const struct {
    const char *chassis, *kind, *text;
  } kCases[] = {
      {"0202 01 'c'", "chassis_component", "c"},
      {"0202 02 'c'", "interface_alias", "c"},
      {"0202 03 'c'", "port_component", "c"},
      {"0203 04 0102", "mac_address", "\\x01\\x02"},  // none: six octets would be
      {"0203 05 06ab", "network_address", "06ab"},    // of a family that is no IP
      {"0212 05 02 20010db8000000000000000000000001", "network_address", "2001:db8::1"},
      {"0203 07 c328", "local", "\\xc3("},
      {"0202 08 'c'", "unknown-8", "c"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.chassis);
    Lldp play;
    play.give(lldp(c.chassis + std::string{"0402 06 'p' 0602 0078"}));
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0,
           {{"chassis_id", c.text}, {"chassis_id_type", c.kind}, {"port_id_type", "agent_circuit_id"}});
  }
}

// Many devices have none, and say so with zeros.
TEST(Lldp, NoAddress) {
  Lldp play;
  play.give(lldp(std::string{kNeeded} + "100c 05 01 00000000 02 00000001 00 100e 07 06 000000000000 02 00000001 00"));
  play.give(lldp(std::string{kNeeded} + "100d 06 01 c000020301 02 00000001 00"));
  EXPECT_EQ(play.context.refused_total(), 0U);
  for (const std::size_t index : {0U, 1U})
    expect(play.context, index, {{"management_addresses", "-"}, {"id.orig_h", "-"}});
}

TEST(Lldp, Refuses) {
  const struct {
    const char* name;
    std::string frame;
    DecodeError why;
    std::size_t events;
  } kCases[] = {
      {"nothing", lldp(""), DecodeError::truncated, 0},
      {"padding only", lldp("0000"), DecodeError::bad_value, 0},
      {"no chassis first", lldp("0402 07 'p'"), DecodeError::bad_value, 0},
      {"a chassis of nothing", lldp("0201 07"), DecodeError::bad_value, 0},
      {"the port is missing", lldp("0202 07 'c' 0602 0078"), DecodeError::bad_value, 1},
      {"ends behind the port", lldp("0202 07 'c' 0402 07 'p'"), DecodeError::truncated, 1},
      {"a second chassis", lldp(std::string{kNeeded} + "0202 07 'd'"), DecodeError::bad_value, 1},
      {"a length past the end", lldp(std::string{kNeeded} + "0aff 'x'"), DecodeError::truncated, 1},
      {"half a head", lldp(std::string{kNeeded} + "0a"), DecodeError::truncated, 1},
      {"time of one octet", lldp("0202 07 'c' 0402 07 'p' 0601 01"), DecodeError::bad_value, 1},
      {"capabilities cut", lldp(std::string{kNeeded} + "0e02 0084"), DecodeError::bad_value, 1},
      {"an address longer than its place", lldp(std::string{kNeeded} + "1004 05 01 c000"), DecodeError::bad_value, 1},
      {"CDP: version 3", cdp("03 b4 0000 0001 0005 'c'"), DecodeError::bad_value, 0},
      {"CDP: a length that lies within its head", cdp("02 b4 0000 0001 0005 'c' 0003 0003"), DecodeError::bad_value, 1},
      {"CDP: cut", cdp("02 b4 0000 0001 0005 'c' 0003 00ff 'x'"), DecodeError::truncated, 1},
      {"CDP: nobody", cdp("02 b4 0000 0003 0005 'c'"), DecodeError::truncated, 0},
      {"CDP: more addresses than there are", cdp("02 b4 0000 0001 0005 'c' 0002 0008 00000001"), DecodeError::bad_value,
       1},
      {"CDP: addresses without end", cdp("02 b4 0000 0001 0005 'c' 0002 0008 ffffffff"), DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Lldp play;
    play.give(c.frame);
    expect_refused(play.context, c.why, c.events);
  }
}

TEST(Lldp, Bounds) {
  std::string many = kNeeded, addresses = kNeeded;
  for (int i = 3; i <= 256; ++i) many += "fe04 000ecf00";
  for (int i = 0; i < 9; ++i) addresses += "100c 05 01 c000020" + std::to_string(i + 1) + " 02 00000001 00";
  Lldp play;
  play.give(lldp(many));
  expect_refused(play.context, DecodeError::limit, 1);
  Lldp told;
  told.give(lldp(addresses));
  EXPECT_EQ(told.context.refused_total(), 0U);
  EXPECT_EQ(told.get(0, "management_addresses"),
            "192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6,192.0.2.7,192.0.2.8");
}

}  // namespace
}  // namespace nw::network
