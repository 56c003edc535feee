#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"dhcp"};

// A message that ends behind the cookie; `options` are hexadecimal.
std::string message(std::string_view options, std::string_view operation = "01", std::string_view xid = "3903f326") {
  std::string hex{operation};
  hex += " 01 06 00 ";
  hex += xid;
  hex += std::string(2 * 20, '0') + "00053c048d59" + std::string(2 * (10 + 64 + 128), '0') + "63825363";
  hex += options;
  return hex;
}

// A message without the cookie.
std::string bootp(std::string_view hops, std::string_view flags) {
  std::string hex{"01 01 06 "};
  hex += hops;
  hex += " 3903f326 0000 ";
  hex += flags;
  return hex + std::string(2 * 16, '0') + "00053c048d59" + std::string(2 * (10 + 64 + 128), '0');
}

std::string replaced(std::string hex, std::string_view from, std::string_view to) {
  return hex.replace(hex.find(from), from.size(), to);
}

struct Flow : Play {
  Flow() : Play{"dhcp", Transport::udp} {}
};

TEST(Dhcp, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"discover",
       {{"msg_types", "DISCOVER"},
        {"mac", "00:05:3c:04:8d:59"},
        {"xid", "956560166"},
        {"host_name", "plc7-"},
        {"requested_addr", "192.168.0.100"},
        {"parameters", "1,3,6,121"},
        {"vendor_class", "MSFT 5.0"},
        {"duration", "0.000000"},
        {"client_addr", "-"},
        {"server_addr", "-"},
        {"assigned_addr", "-"},
        {"relay_addr", "-"},
        {"lease_time", "-"}}},
      {"offer",
       {{"msg_types", "OFFER"},
        {"server_addr", "192.168.0.2"},
        {"assigned_addr", "192.168.0.100"},
        {"relay_addr", "192.168.0.1"},
        {"lease_time", "3600.000000"},
        {"routers", "192.168.0.1"},
        {"dns_servers", "192.168.0.3,192.168.0.4"},
        {"domain", "local"},
        {"static_routes", "10.0.0.0/8 via 192.168.0.1,0.0.0.0/0 via 192.168.0.5"}}},
      {"request",
       {{"msg_types", "REQUEST"},
        {"server_addr", "192.168.0.2"},
        {"requested_addr", "192.168.0.100"},
        {"client_fqdn", "plc7.lan"}}},
      {"ack",
       {{"msg_types", "ACK"},
        {"boot_server", "tftp"},
        {"boot_file", "x.efi"},
        {"proxy_url", "http://x"},
        {"lease_time", "3600.000000"}}},
      {"nak", {{"msg_types", "NAK"}, {"server_message", "wrong"}, {"client_message", "-"}, {"assigned_addr", "-"}}},
      {"decline", {{"msg_types", "DECLINE"}, {"client_message", "inuse"}, {"server_message", "-"}}},
      {"inform", {{"msg_types", "INFORM"}, {"client_addr", "192.168.0.100"}, {"client_fqdn", "plc.a"}}},
      {"overloaded", {{"msg_types", "ACK"}, {"host_name", "site"}, {"domain", "file"}}},
      {"bootp_request", {{"msg_types", "BOOTREQUEST"}, {"mac", "00:05:3c:04:8d:59"}}},
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

TEST(Dhcp, OneEventPerTransaction) {
  Flow flow;
  flow.give(golden("discover")).give(golden("offer")).give(golden("request"));
  EXPECT_TRUE(flow.context.events.empty());
  flow.give(golden("ack"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"msg_types", "DISCOVER,OFFER,REQUEST,ACK"},
          {"duration", "0.003000"},
          {"ts", "1700000000000000000"},
          {"host_name", "plc7-"},
          {"client_fqdn", "plc7.lan"},
          {"requested_addr", "192.168.0.100"},
          {"assigned_addr", "192.168.0.100"},
          {"server_addr", "192.168.0.2"},
          {"domain", "local"}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 1U);
}

TEST(Dhcp, TransactionsAreToldApart) {
  const struct {
    const char* name;
    std::string second;
    std::size_t events;
  } kCases[] = {
      {"the same", message("35 01 03 ff"), 1},
      {"another number", message("35 01 03 ff", "01", "3903f327"), 2},
      {"another client", replaced(message("35 01 03 ff"), "00053c048d59", "00053c048d5a"), 2},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(message("35 01 01 ff")).give(c.second).end();
    EXPECT_EQ(flow.context.events.size(), c.events);
  }
}

// What ends a transaction is told at once, whatever the flow does.
TEST(Dhcp, TheLastMessageTells) {
  const struct {
    const char *type, *operation, *name;
    bool last;
  } kCases[] = {
      {"01", "01", "DISCOVER", false},
      {"02", "02", "OFFER", false},
      {"03", "01", "REQUEST", false},
      {"04", "01", "DECLINE", true},
      {"05", "02", "ACK", true},
      {"06", "02", "NAK", true},
      {"07", "01", "RELEASE", true},
      {"08", "01", "INFORM", false},
      {"09", "02", "FORCERENEW", true},
      {"0a", "01", "LEASEQUERY", false},
      {"0b", "02", "LEASEUNASSIGNED", true},
      {"0c", "02", "LEASEUNKNOWN", true},
      {"0d", "02", "LEASEACTIVE", true},
      {"0f", "02", "LEASEQUERYDONE", true},
      {"12", "01", "TLS", false},
      {"13", "01", "unknown-19", false},
      {"00", "01", "unknown-0", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(message(std::string{"35 01 "} + c.type + " ff", c.operation));
    EXPECT_EQ(flow.context.events.size(), c.last ? 1U : 0U);
    flow.end();
    EXPECT_EQ(flow.context.get(0, "msg_types"), c.name);
  }
}

TEST(Dhcp, WhoseWordCounts) {
  Flow flow;
  flow.give(message("35 01 03  0c 01 61  33 04 00000001  0f 01 78  36 04 01010101 ff"));
  flow.give(message("35 01 03  0c 01 62  36 04 02020202 ff"));
  flow.give(message("35 01 05  0f 01 79  3c 01 7a  36 04 03030303 ff", "02"));
  expect(flow.context, 0,
         {{"host_name", "a"}, {"lease_time", "-"}, {"domain", "y"}, {"vendor_class", "-"}, {"server_addr", "3.3.3.3"}});
}

// RFC 2131 section 2: what to boot, and from whom, stands in the header rather than in options.
TEST(Dhcp, BootFilesOfTheHeader) {
  const std::string server = "6e30", file = "702e30";  // "n0", "p.0"
  const auto with = [&](std::string hex, std::string_view next) {
    const std::string plain = replaced(std::move(hex), std::string(2 * 20, '0'),
                                       std::string(2 * 12, '0') + std::string{next} + std::string(2 * 4, '0'));
    const std::size_t at = plain.find("00053c048d59") + 2 * 16;
    std::string out = plain;
    out.replace(at, server.size(), server);
    return out.replace(at + 2 * 64, file.size(), file);
  };
  const auto without_server = [&](std::string hex) { return replaced(std::move(hex), server, "0000"); };
  const struct {
    const char* name;
    std::string hex;
    const char *server, *file;
  } kCases[] = {
      {"both", with(message("35 01 05 ff", "02"), "c0a80009"), "n0", "p.0"},
      {"the server's address", without_server(with(message("35 01 05 ff", "02"), "c0a80009")), "192.168.0.9", "p.0"},
      {"no server", without_server(with(message("35 01 05 ff", "02"), "00000000")), "-", "p.0"},
      {"options come first", with(message("35 01 05 42 01 61 43 01 62 ff", "02"), "c0a80009"), "a", "b"},
      {"options instead", with(message("34 01 03 35 01 05 43 01 62 ff", "02"), "c0a80009"), "192.168.0.9", "b"},
      {"the client's wish", with(message("35 01 04 ff"), "c0a80009"), "-", "-"},
      {"an address alone says nothing",
       replaced(without_server(with(message("35 01 05 ff", "02"), "c0a80009")), file, "000000"), "-", "-"},
      {"BOOTP", replaced(with(message("", "02"), "c0a80009"), "63825363", ""), "n0", "p.0"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.hex).end();
    ASSERT_EQ(flow.context.events.size(), 1U);
    expect(flow.context, 0, {{"boot_server", c.server}, {"boot_file", c.file}});
  }
}

TEST(Dhcp, OddTextsAreEscaped) {
  Flow flow;
  flow.give(message("35 01 01  0c 04 61ff5c00  51 06 00 00 00 61 0a 00 ff")).end();
  expect(flow.context, 0, {{"host_name", "a\\xff\\x5c"}, {"client_fqdn", "a\\x0a"}});
}

TEST(Dhcp, BootpAtItsBounds) {
  for (const std::string& hex : {bootp("00", "8000"), bootp("10", "0000")}) {
    Flow flow;
    flow.give(hex).end();
    expect(flow.context, 0, {{"msg_types", "BOOTREQUEST"}});
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Dhcp, Refuses) {
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated, 0},
      {"a short header", message("").substr(0, 2 * 100), DecodeError::truncated, 0},
      {"no operation", message("", "00"), DecodeError::bad_value, 0},
      {"an unknown operation", message("", "03"), DecodeError::bad_value, 0},
      {"a hardware address too long", replaced(message(""), "01 01 06", "01 01 11"), DecodeError::bad_value, 0},
      {"BOOTP with a flag that is none", bootp("00", "0001"), DecodeError::bad_value, 0},
      {"BOOTP over 17 relays", bootp("11", "0000"), DecodeError::bad_value, 0},
      {"a type of two bytes", message("35 02 0101 ff"), DecodeError::bad_value, 1},
      {"an address of three bytes", message("35 01 01 32 03 010203 ff"), DecodeError::bad_value, 1},
      {"a lease of no bytes", message("35 01 05 33 00 ff", "02"), DecodeError::bad_value, 1},
      {"half a router", message("35 01 05 03 06 010203040506 ff", "02"), DecodeError::bad_value, 1},
      {"a name without flags", message("35 01 01 51 02 0000 ff"), DecodeError::bad_value, 1},
      {"an option past the end", message("35 01 01 0c 05 61"), DecodeError::truncated, 1},
      {"an option without length", message("35 01 01 0c"), DecodeError::truncated, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.hex).end();
    expect_refused(flow.context, c.error, c.events);
  }
}

TEST(Dhcp, BrokenRoutesEndTheirList) {
  const struct {
    const char *name, *hex, *routes;
  } kCases[] = {
      {"more than 32 bits", "79 06 21 01020304 05", "-"},
      {"cut", "79 0a 08 0a c0a80001 08 0b c0a8", "10.0.0.0/8 via 192.168.0.1"},
      {"all bits", "79 09 20 0a010203 c0a80001", "10.1.2.3/32 via 192.168.0.1"},
      {"Microsoft's number", "f9 05 00 c0a80001", "0.0.0.0/0 via 192.168.0.1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(message(std::string{"35 01 05 "} + c.hex + " ff", "02"));
    EXPECT_EQ(flow.context.get(0, "static_routes"), c.routes);
  }
}

// RFC 2131 section 4.1, RFC 3396.
TEST(Dhcp, ValuesInPartsAreJoined) {
  const std::string routers = "03 06 c0a80001c0a8 0f 01 6c 03 02 0002";
  const struct {
    const char *name, *options;
    std::vector<Want> want;
  } kCases[] = {
      {"a text", "42 02 6162 42 01 63 42 01 64", {{"boot_server", "abcd"}}},
      {"parts of numbers, and others between",
       routers.c_str(),
       {{"routers", "192.168.0.1,192.168.0.2"}, {"domain", "l"}}},
      {"two at a time",
       "43 01 61 0f 01 6d 43 01 62 0f 01 6e 43 01 63 0f 01 6f",
       {{"boot_file", "abc"}, {"domain", "mno"}}},
      {"an empty part", "0f 00 0f 01 61 0f 00 0f 01 62", {{"domain", "ab"}}},
      {"an address is one", "36 04 01010101 36 04 02020202", {{"server_addr", "1.1.1.1"}}},
      {"two codes are two values",
       "79 05 00 c0a80001 f9 05 00 c0a80002",
       {{"static_routes", "0.0.0.0/0 via 192.168.0.1"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(message(std::string{"35 01 05 "} + c.options + " ff", "02"));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, c.want);
  }
}

// RFC 3396 section 5: options, then the header's file, then its server's name.
TEST(Dhcp, PartsGoOnInTheHeader) {
  std::string hex = message("34 01 03 35 01 05 0f 01 61 ff", "02");
  const std::size_t server = hex.find("00053c048d59") + 2 * 16;
  const std::string third = "0f0163ff", second = "0f0162ff";
  hex.replace(server, third.size(), third).replace(server + 2 * 64, second.size(), second);
  Flow flow;
  flow.give(hex);
  expect(flow.context, 0, {{"domain", "abc"}, {"boot_server", "-"}, {"boot_file", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Dhcp, JoinedValuesAreBounded) {
  for (const bool more : {false, true}) {
    SCOPED_TRACE(more);
    std::string options = "35 01 05";
    for (int i = 0; i < 4; ++i) options += "0f ff" + std::string(2 * 255, '6');  // 1020 octets
    options += "0f 04 66666666";
    if (more) options += "0f 01 66";
    Flow flow;
    flow.give(message(options + "ff", "02"));
    EXPECT_EQ(flow.get(0, "domain"), std::string(1024, 'f'));
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), more ? 1U : 0U);
  }
}

TEST(Dhcp, WhatIsNotJoinedEndsNothing) {
  std::string options;
  for (int i = 0; i < 40; ++i) options += "0f 01 61 43 01 62 ";
  Flow flow;
  flow.give(message(options + "35 01 05 36 04 01010101 ff", "02"));
  expect(flow.context, 0, {{"server_addr", "1.1.1.1"}, {"msg_types", "ACK"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(Dhcp, OptionsAreBounded) {
  for (const unsigned count : {256U, 257U}) {
    SCOPED_TRACE(count);
    std::string options = "35 01 01";
    for (unsigned i = 1; i < count; ++i) options += "80 00";
    Flow flow;
    flow.give(message(options + "ff")).end();
    EXPECT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count == 256 ? 0U : 1U);
  }
}

TEST(Dhcp, OpenTransactionsAreBounded) {
  Flow flow;
  for (unsigned i = 0; i < 65; ++i) {
    EXPECT_EQ(flow.context.events.size(), 0U);
    flow.give(message("35 01 01 ff", "01", "000000" + std::to_string(10 + i)));
  }
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.get(0, "xid"), "16");  // the oldest
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 65U);
}

TEST(Dhcp, MessagesOfATransactionAreBounded) {
  Flow flow;
  for (unsigned i = 0; i < 17; ++i) {
    EXPECT_EQ(flow.context.events.size(), i < 16 ? 0U : 1U);
    flow.give(message("35 01 01 ff"));
  }
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.get(0, "duration"), "0.015000");
  EXPECT_EQ(flow.context.get(1, "msg_types"), "DISCOVER");
}

TEST(Dhcp, TransactionsWaitHalfAMinute) {
  for (const int seconds : {29, 31}) {
    SCOPED_TRACE(seconds);
    Flow flow;
    flow.give(message("35 01 01 ff"));
    flow.context.time += std::chrono::seconds{seconds};
    flow.give(message("35 01 01 ff", "01", "00000001"));
    EXPECT_EQ(flow.context.events.size(), seconds < 30 ? 0U : 1U);
  }
}

TEST(Dhcp, OnlyWhatIsWantedIsWritten) {
  FakeContext context{protocol("dhcp"), {"mac"}};
  const auto analyzer = protocol("dhcp").make(Transport::udp);
  for (const char* name : {"discover", "offer", "request", "ack"})
    analyzer->datagram(from_hex(golden(name).hex), kOut, context);
  ASSERT_EQ(context.events.size(), 1U);
  EXPECT_EQ(context.events[0].size(), 2U);  // and `ts`
}

TEST(Dhcp, Probe) {
  const struct {
    const char* name;
    std::string hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Verdict::no, Verdict::no},
      {"discover", std::string{golden("discover").hex}, Verdict::yes, Verdict::yes},
      {"ack", std::string{golden("ack").hex}, Verdict::yes, Verdict::yes},
      {"BOOTP", std::string{golden("bootp_request").hex}, Verdict::no, Verdict::yes},
      {"a type without name", message("35 01 63 ff"), Verdict::no, Verdict::yes},
      {"an operation without name", message("35 01 01 ff", "03"), Verdict::no, Verdict::no},
      {"cut in the header", message("").substr(0, 2 * 200), Verdict::no, Verdict::no},
      {"cut in its options", message("35 01 01 0c 05 61"), Verdict::yes, Verdict::yes},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    for (const Direction direction : {kOut, kBack}) {
      expect_verdicts("dhcp", bytes, direction, Transport::udp, c.anywhere, c.on_port);
    }
  }
}

}  // namespace
}  // namespace nw::network
