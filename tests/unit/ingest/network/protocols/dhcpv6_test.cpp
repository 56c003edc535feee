#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"dhcpv6"};

struct Flow : Play {
  Flow() : Play{"dhcpv6", Transport::udp} {}
};

// `message` in the wrapping of `count` relays.
std::string relayed(std::string message, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    char length[5];
    std::snprintf(length, sizeof length, "%04zx", from_hex(message).size());
    message = "0c 00" + std::string(2 * 32, '0') + "0009" + length + message;
  }
  return message;
}

TEST(Dhcpv6, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"solicit",
       {{"msg_types", "SOLICIT"},
        {"xid", "14163640"},
        {"mac", "00:05:3c:04:8d:59"},
        {"client_duid", "0003000100053c048d59"},
        {"server_duid", "-"},
        {"client_fqdn", "plc7"},
        {"parameters", "23,24"},
        {"vendor_class", "acme"},
        {"duration", "0.000000"},
        {"relays", "0"},
        {"client_addr", "-"},
        {"status", "-"},
        {"requested_addr", "-"}}},
      {"advertise",
       {{"msg_types", "ADVERTISE"},
        {"server_duid", "00010001183f2550001122334455"},
        {"assigned_addr", "2001:db8::7"},
        {"assigned_prefix", "2001:db8:1::/56"},
        {"lease_time", "7200.000000"},
        {"dns_servers", "2001:db8::53"},
        {"domains", "local,plant"},
        {"boot_file", "tftp://x"},
        {"requested_addr", "-"}}},
      {"reply_refused", {{"msg_types", "REPLY"}, {"status", "NoAddrsAvail"}, {"server_message", "no mor"}}},
      {"relayed_request",
       {{"msg_types", "REQUEST"},
        {"xid", "1976605"},
        {"relays", "1"},
        {"relay_addr", "2001:db8:2::1"},
        {"client_addr", "fe80::205:ff:fe04:8d59"},
        {"requested_addr", "2001:db8::7"},
        {"assigned_addr", "-"},
        {"lease_time", "-"}}},
      {"information_request", {{"msg_types", "INFORMATION_REQUEST"}, {"client_duid", "-"}, {"parameters", "23"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden(c.name)).end();
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, c.want);
  }
}

TEST(Dhcpv6, OneEventPerTransaction) {
  Flow flow;
  flow.give(golden("solicit")).give(golden("advertise"));
  EXPECT_TRUE(flow.context.events.empty());
  flow.give("03 1e291d 0001 000a 0003 0001 00053c048d59").give(golden("reply_refused"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"msg_types", "REQUEST,REPLY"}, {"duration", "0.001000"}, {"status", "NoAddrsAvail"}});
  flow.end();
  expect(flow.context, 1, {{"msg_types", "SOLICIT,ADVERTISE"}, {"client_fqdn", "plc7"}, {"domains", "local,plant"}});
}

TEST(Dhcpv6, TheFirstTroubleIsTold) {
  const struct {
    const char *name, *options, *status, *message;
  } kCases[] = {
      {"success", "000d 0002 0000", "Success", "-"},
      {"success, then trouble", "000d 0002 0000 000d 0003 0006 61", "NoPrefixAvail", "a"},
      {"two troubles", "000d 0003 0001 61 000d 0003 0002 62", "UnspecFail", "a"},
      {"without name", "000d 0002 0100", "unknown-256", "-"},
      {"inside an address",
       "0004 0026 00000000 0005 001e 20010db8000000000000000000000007 00000000 00000000 000d 0002 0004", "NotOnLink",
       "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(std::string{"07 000001 "} + c.options);
    expect(flow.context, 0, {{"status", c.status}, {"server_message", c.message}});
  }
}

TEST(Dhcpv6, HardwareAddressesOfIdentifiers) {
  const struct {
    const char *name, *option, *mac;
  } kCases[] = {
      {"with time", "0001 000e 0001 0001 183f2550 00053c048d59", "00:05:3c:04:8d:59"},
      {"without time", "0001 000a 0003 0001 00053c048d59", "00:05:3c:04:8d:59"},
      {"not of Ethernet", "0001 000a 0003 0006 00053c048d59", "-"},
      {"by a vendor", "0001 000a 0002 0001 00053c048d59", "-"},
      {"too short", "0001 0009 0003 0001 00053c048d", "-"},
      {"empty", "0001 0000", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(std::string{"01 000001 "} + c.option).end();
    EXPECT_EQ(flow.context.get(0, "mac"), c.mac);
  }
}

TEST(Dhcpv6, TheLastMessageTells) {
  for (unsigned type = 1; type <= 23; ++type) {
    if (type == 12 || type == 13) continue;  // relays
    SCOPED_TRACE(type);
    char hex[24];
    std::snprintf(hex, sizeof hex, "%02x 000001 00ff 0000", type);
    Flow flow;
    flow.give(hex);
    const bool last = type == 7 || type == 10 || (type >= 15 && type <= 17);
    EXPECT_EQ(flow.context.events.size(), last ? 1U : 0U);
    flow.end();
    EXPECT_EQ(flow.context.get(0, "msg_types") == "unknown-" + std::to_string(type), type > 21);
  }
}

TEST(Dhcpv6, Refuses) {
  const std::string id = "0001 0001 61";
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated, 0},
      {"half a number", "01 0000", DecodeError::truncated, 0},
      {"no options", "01 000001", DecodeError::truncated, 0},
      {"an option past the end", "01 000001 0001 0005 00", DecodeError::truncated, 0},
      {"an option past the end, later", "01 000001" + id + "0001 0005 00", DecodeError::truncated, 1},
      {"half an option's head", "01 000001" + id + "0001 00", DecodeError::truncated, 1},
      {"a short association", "01 000001" + id + "0003 0004 00000001", DecodeError::truncated, 1},
      {"a short address", "01 000001" + id + "0004 0009 00000001 0005 0001 00", DecodeError::truncated, 1},
      {"a short prefix", "01 000001" + id + "0019 0011 00000001 00000000 00000000 001a 0001 00", DecodeError::truncated,
       1},
      {"a short status", "07 000001 0002 0001 61 000d 0001 00", DecodeError::truncated, 1},
      {"a short relay", "0c 00 0000", DecodeError::truncated, 0},
      {"a relay without message", "0c 00" + std::string(2 * 32, '0'), DecodeError::bad_value, 0},
      {"a relay with an option past the end", "0c 00" + std::string(2 * 32, '0') + "0012 0004 00",
       DecodeError::truncated, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.hex).end();
    expect_refused(flow.context, c.error, c.events);
  }
}

TEST(Dhcpv6, RelaysAreBounded) {
  for (const unsigned relays : {8U, 9U}) {
    SCOPED_TRACE(relays);
    Flow flow;
    flow.give(relayed("01 000001 00ff 0000", relays)).end();
    EXPECT_EQ(flow.context.get(0, "relays"), relays == 8 ? "8" : "-");
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), relays == 8 ? 0U : 1U);
  }
}

TEST(Dhcpv6, OptionsAreBounded) {
  for (const unsigned count : {256U, 257U}) {
    SCOPED_TRACE(count);
    std::string hex = "01 000001 0001 0001 61";
    for (unsigned i = 1; i < count; ++i) hex += "00ff 0000";
    Flow flow;
    flow.give(hex).end();
    EXPECT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count == 256 ? 0U : 1U);
  }
}

// Associations in associations: three deep is more than anyone sends.
TEST(Dhcpv6, DepthIsBounded) {
  for (const unsigned depth : {3U, 4U}) {
    SCOPED_TRACE(depth);
    std::string option;
    for (unsigned i = 0; i < depth; ++i) {
      char head[16];
      std::snprintf(head, sizeof head, "0004 %04zx", 4 + from_hex(option).size());
      option = head + std::string{" 00000000"} + option;
    }
    Flow flow;
    flow.give("01 000001" + option).end();
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), depth == 3 ? 0U : 1U);
  }
}

TEST(Dhcpv6, DomainsAreBounded) {
  std::string names;
  for (unsigned i = 0; i < 17; ++i) names += "01 61 00";
  Flow flow;
  flow.give("07 000001 0018 0033" + names);
  EXPECT_EQ(flow.context.get(0, "domains").size(), 16U + 15U);  // and the commas
}

// A datagram holds 64 KiB, a flow 64 transactions of several datagrams.
TEST(Dhcpv6, ValuesAreBounded) {
  for (const std::size_t size : {1024U, 1025U}) {
    SCOPED_TRACE(size);
    const std::string value = (size == 1024 ? "0400" : "0401") + std::string(2 * size, '6');
    Flow flow;
    flow.give("03 000001 0001" + value + "0006" + value).give("07 000001 0001" + value + "0002" + value);
    ASSERT_EQ(flow.context.events.size(), 1U);  // still one transaction
    expect(flow.context, 0, {{"msg_types", "REQUEST,REPLY"}});
    EXPECT_EQ(flow.context.get(0, "client_duid").size(), 2U * 1024);
    EXPECT_EQ(flow.context.get(0, "server_duid").size(), 2U * 1024);
    EXPECT_EQ(std::ranges::count(flow.context.get(0, "parameters"), ','), 511);
  }
}

TEST(Dhcpv6, OpenTransactionsAreBounded) {
  Flow flow;
  for (unsigned i = 0; i < 65; ++i) {
    EXPECT_EQ(flow.context.events.size(), 0U);
    flow.give("01 0000" + std::to_string(10 + i) + "00ff 0000");
  }
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(Dhcpv6, Probe) {
  const struct {
    const char* name;
    std::string hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Verdict::no, Verdict::no},
      {"solicit", std::string{golden("solicit").hex}, Verdict::yes, Verdict::yes},
      {"relayed", std::string{golden("relayed_request").hex}, Verdict::yes, Verdict::yes},
      {"nobody's", std::string{golden("information_request").hex}, Verdict::no, Verdict::yes},
      {"a kind without name", "ff 000001 0001 000a 0003 0001 00053c048d59", Verdict::no, Verdict::no},
      {"cut in its first option", "01 000001 0001 000a 0003 0001", Verdict::no, Verdict::no},
      {"cut later", "01 000001 0001 000a 0003 0001 00053c048d59 0006", Verdict::no, Verdict::yes},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    for (const Direction direction : {kOut, kBack}) {
      expect_verdicts("dhcpv6", bytes, direction, Transport::udp, c.anywhere, c.on_port);
    }
  }
}

}  // namespace
}  // namespace nw::network
