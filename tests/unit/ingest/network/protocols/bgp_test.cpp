#include "ingest/network/protocols/bgp_message.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"bgp"};

std::string number(std::size_t value, int digits) {
  char text[16];
  std::snprintf(text, sizeof text, "%0*zx", digits, value);
  return text;
}

std::string repeated(std::string_view hex, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += hex;
  return out;
}

std::string message(unsigned type, const std::string& body) {
  return std::string(32, 'f') + number(19 + from_hex(body).size(), 4) + number(type, 2) + body;
}

std::string update(const std::string& withdrawn, const std::string& attributes, const std::string& announced) {
  return message(2, number(from_hex(withdrawn).size(), 4) + withdrawn + number(from_hex(attributes).size(), 4) +
                        attributes + announced);
}

// An OPEN with these capabilities.
std::string open(const std::string& capabilities) {
  const std::size_t size = from_hex(capabilities).size();
  return message(1, "04 fbf4 005a c0000201" + number(size + 2, 2) + "02" + number(size, 2) + capabilities);
}

struct Connection : Play {
  explicit Connection(std::string_view hex = "") : Play{"bgp", Transport::tcp} { give(hex); }
};

TEST(Bgp, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"open",
       {{"msg_type", "OPEN"},
        {"sender", "192.0.2.1"},
        {"version", "4"},
        {"as", "69420"},
        {"router_id", "192.0.2.1"},
        {"hold_time", "180.000000"},
        {"capabilities", "1,2,6,65,69"},
        {"keepalives", "0"},
        {"length", "57"},
        {"announced", "-"}}},
      {"open_old", {{"sender", "198.51.100.1"}, {"as", "64500"}, {"capabilities", "-"}}},
      {"update",
       {{"msg_type", "UPDATE"},
        {"announced", "2"},
        {"withdrawn", "1"},
        {"announced_prefixes", "192.0.2.0/24,198.51.96.0/19"},
        {"withdrawn_prefixes", "10.0.0.0/8"},
        {"as_path", "64500 64501 {64502 64503}"},
        {"origin_as", "64501"},
        {"origin", "IGP"},
        {"next_hop", "192.0.2.2"},
        {"med", "10"},
        {"local_pref", "100"},
        {"as", "-"}}},
      {"update_ipv6",
       {{"announced", "1"},
        {"withdrawn", "1"},
        {"announced_prefixes", "2001:db8:1::/48"},
        {"withdrawn_prefixes", "2001:db8:2::/48"},
        {"as_path", "64500"},
        {"origin", "INCOMPLETE"},
        {"next_hop", "2001:db8::1"},
        {"med", "-"}}},
      {"end_of_rib", {{"announced", "0"}, {"withdrawn", "0"}, {"announced_prefixes", "-"}, {"as_path", "-"}}},
      {"shutdown",
       {{"msg_type", "NOTIFICATION"},
        {"error_code", "6"},
        {"error_name", "Cease"},
        {"error_detail", "Administrative Shutdown"},
        {"error_message", "maintenance"}}},
      {"hold_timer",
       {{"error_name", "Hold Timer Expired"}, {"error_detail", "-"}, {"error_message", "-"}, {"keepalives", "2"}}},
      {"refresh", {{"msg_type", "ROUTE-REFRESH"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Connection connection;
    connection.give(golden(c.name));
    ASSERT_EQ(connection.context.events.size(), 1U);
    EXPECT_EQ(connection.context.refused_total(), 0U);
    expect(connection.context, 0, c.want);
  }
}

// Both sides must say that AS numbers have 32 bits; else they have 16, whatever would fit.
TEST(Bgp, WidthOfNumbers) {
  const std::string both_fit = update("", "40 02 06 02 01 0000fbf4", ""), narrow = "40 02 04 02 01 fbf4";
  const std::string wide = "41 04 0000fbf4";
  {
    SCOPED_TRACE("both");
    Connection c{open(wide)};
    c.give(open(wide), kBack).give(both_fit);
    expect(c.context, 2, {{"as_path", "64500"}});
    c.give(update("", narrow, ""));
    EXPECT_EQ(c.context.refused_count(DecodeError::bad_value), 1U);
  }
  {
    SCOPED_TRACE("one");
    Connection c{open(wide)};
    c.give(open("0104 00010001"), kBack).give(update("", narrow + "c0 11 06 02 01 00010f2c", ""));
    expect(c.context, 2, {{"as_path", "64500"}, {"origin_as", "69420"}});
    c.give(both_fit);
    EXPECT_EQ(c.context.refused_count(DecodeError::bad_value), 1U);
  }
}

// Who speaks 32 bits has no use for the other path but to name another origin; nor may it be the longer one.
TEST(Bgp, TheOtherPathIsNotBelievedOfEveryone) {
  const std::string wide = "41 04 0000fbf4", other = "c0 11 06 02 01 00010f2c";
  Connection both{open(wide)};
  both.give(open(wide), kBack).give(update("", "40 02 06 02 01 0000fbf4" + other, ""));
  expect(both.context, 2, {{"as_path", "64500"}, {"origin_as", "64500"}});
  Connection unknown{update("", "40 02 06 02 01 0000fbf4" + other, "")};
  expect(unknown.context, 0, {{"origin_as", "64500"}});
  Connection old{update("", "40 02 04 02 01 5ba0" + other, "")};
  expect(old.context, 0, {{"origin_as", "69420"}});
  Connection longer{update("", "40 02 04 02 01 5ba0 c0 11 0a 02 02 00010f2c 00010f2d", "")};
  expect(longer.context, 0, {{"origin_as", "23456"}});
}

TEST(Bgp, PathsOfConfederations) {
  Connection c{update("", "40 02 10 03 01 0000fbf4 04 02 0000fbf5 0000fbf6", "")};
  expect(c.context, 0, {{"as_path", "(64500) ({64501 64502})"}, {"origin_as", "64500"}});
}

// One side sends them and the other takes them: then each prefix has a number in front.
TEST(Bgp, NumbersOfPaths) {
  Connection c{open("45 04 0001 01 02")};
  c.give(open("45 04 0001 01 01"), kBack);
  c.give(update("", "", "00000007 18 c00002")).give(update("", "", "18 c00002"), kBack);
  expect(c.context, 2, {{"announced_prefixes", "192.0.2.0/24"}, {"announced", "1"}});
  expect(c.context, 3, {{"announced_prefixes", "192.0.2.0/24"}, {"announced", "1"}});
  EXPECT_EQ(c.context.refused_total(), 0U);
}

TEST(Bgp, OtherFamilies) {
  const struct {
    const char *name, *attribute, *announced, *prefixes, *hop;
  } kCases[] = {
      {"labelled", "80 0e 11 0001 04 04 c0000202 00 38 00001 1 c0000205", "1", "-", "192.0.2.2"},
      {"VPN", "80 0e 15 0001 80 0c 0000000000000000 c0000202 00 00 00 00 00", "4", "-", "192.0.2.2"},
      {"EVPN", "80 0e 0b 0019 46 04 c0000202 00 0102", "0", "-", "192.0.2.2"},
      {"link-local, too", "80 0e 26 0002 01 20 20010db8000000000000000000000001 fe800000000000000000000000000001 00 00",
       "1", "::/0", "2001:db8::1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Connection connection{update("", c.attribute, "")};
    expect(connection.context, 0,
           {{"announced", c.announced}, {"announced_prefixes", c.prefixes}, {"next_hop", c.hop}});
    EXPECT_EQ(connection.context.refused_total(), 0U);
  }
}

TEST(Bgp, NamesOfErrors) {
  const struct {
    const char *body, *name, *detail;
  } kCases[] = {
      {"02 02", "OPEN Message Error", "Bad Peer AS"},
      {"03 0b", "UPDATE Message Error", "Malformed AS_PATH"},
      {"06 0a", "Cease", "BFD Down"},
      {"06 0b", "Cease", "unknown-11"},
      {"04 01", "Hold Timer Expired", "unknown-1"},
      {"08 00", "unknown-8", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.body);
    Connection connection{message(3, c.body)};
    expect(connection.context, 0, {{"error_name", c.name}, {"error_detail", c.detail}});
  }
}

TEST(Bgp, LongParameters) {
  // RFC 9072.
  Connection c{message(1, "04 fbf4 005a c0000201 ff ff 0009 02 0006 41 04 00010f2c")};
  expect(c.context, 0, {{"as", "69420"}, {"capabilities", "65"}});
}

TEST(Bgp, Refuses) {
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"a short OPEN", message(1, "04 fbf4"), DecodeError::truncated, 0},
      {"no version", message(1, "00 fbf4 005a c0000201 00"), DecodeError::bad_value, 0},
      {"version 5", message(1, "05 fbf4 005a c0000201 00"), DecodeError::bad_value, 0},
      {"parameters past the end", message(1, "04 fbf4 005a c0000201 01"), DecodeError::truncated, 1},
      {"a parameter past the end", message(1, "04 fbf4 005a c0000201 02 02 01"), DecodeError::truncated, 1},
      {"a capability past the end", message(1, "04 fbf4 005a c0000201 04 02 02 41 04"), DecodeError::truncated, 1},
      {"withdrawn past the end", message(2, "0001 0000"), DecodeError::truncated, 1},
      {"attributes past the end", message(2, "0000 0001"), DecodeError::truncated, 1},
      {"an attribute past the end", update("", "40 01 02 00", ""), DecodeError::truncated, 1},
      {"an origin of two octets", update("", "40 01 02 0000", ""), DecodeError::bad_value, 1},
      {"a next hop of three octets", update("", "40 03 03 000000", ""), DecodeError::bad_value, 1},
      {"a family cut", update("", "80 0e 03 0001 01", ""), DecodeError::bad_value, 1},
      {"a withdrawn family cut", update("", "80 0f 02 0001", ""), DecodeError::bad_value, 1},
      {"a path of kind 5", update("", "40 02 06 05 01 0000fbf4", ""), DecodeError::bad_value, 1},
      {"a path past the end", update("", "40 02 03 02 01 00", ""), DecodeError::bad_value, 1},
      {"a prefix of 33 bits", update("", "", "21 0000000000"), DecodeError::bad_value, 1},
      {"a prefix past the end", update("", "", "18 c000"), DecodeError::bad_value, 1},
      {"a withdrawn prefix past the end", update("18 c000", "", ""), DecodeError::bad_value, 1},
      {"half an error", message(3, "06"), DecodeError::truncated, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Connection connection{c.hex};
    expect_refused(connection.context, c.error, c.events);
  }
  Connection c;
  EXPECT_FALSE(c.out.feed(from_hex(std::string(30, 'f') + "00 0013 04")));
  EXPECT_EQ(c.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Bgp, LengthsAreBounded) {
  const std::string marker(32, 'f');
  for (const bool taken : {true, false}) {
    SCOPED_TRACE(taken);
    Connection c;
    EXPECT_EQ(c.out.feed(from_hex(marker + (taken ? "1000" : "1001") + "02")), taken);
    Connection shorter;
    EXPECT_EQ(shorter.out.feed(from_hex(marker + (taken ? "0013" : "0012") + "04")), taken);
    Connection longer{open("06 00")};  // RFC 8654
    longer.give(open(taken ? "06 00" : "02 00"), kBack);
    EXPECT_EQ(longer.out.feed(from_hex(marker + "1001 02")), taken);
  }
}

TEST(Bgp, ListsAreBounded) {
  Connection c{update("", "", repeated("08 0a", 17))};
  EXPECT_EQ(c.context.get(0, "announced"), "17");
  EXPECT_EQ(std::ranges::count(c.context.get(0, "announced_prefixes"), ','), 15);
  for (const std::size_t count : {64U, 65U}) {
    SCOPED_TRACE(count);
    // In several parameters, since one holds 127.
    Connection capable{open(repeated("0200", count))};
    EXPECT_EQ(std::ranges::count(capable.context.get(0, "capabilities"), ','), 63);
    EXPECT_EQ(capable.context.refused_count(DecodeError::limit), count == 64 ? 0U : 1U);
  }
  for (const std::size_t count : {256U, 257U}) {
    SCOPED_TRACE(count);
    Connection many{update("", repeated("80 7f 00", count), "")};
    EXPECT_EQ(many.context.events.size(), 1U);
    EXPECT_EQ(many.context.refused_count(DecodeError::limit), count == 256 ? 0U : 1U);
  }
}

TEST(Bgp, PathsAreBounded) {
  for (const std::size_t count : {100U, 200U}) {
    SCOPED_TRACE(count);
    // Ten digits and a space for each number.
    const std::string path = repeated("02" + number(count, 2) + repeated("ffffffff", count), 3);
    Connection c{update("", "50 02" + number(from_hex(path).size(), 4) + path, "")};
    EXPECT_EQ(c.context.get(0, "as_path").size(), count == 100 ? 3299U : 4096U);
    EXPECT_EQ(c.context.refused_count(DecodeError::limit), count == 100 ? 0U : 1U);
  }
}

TEST(Bgp, GoesOnAfterAGap) {
  Connection c{golden("update").hex.substr(0, 60)};
  c.analyzer->gap(7, kOut, c.context);
  EXPECT_EQ(c.context.refused_count(DecodeError::truncated), 1U);
  FakeStream behind{*c.analyzer, kOut, c.context};  // what waited was dropped
  EXPECT_TRUE(behind.feed(from_hex("c0000202 ffffff")));
  EXPECT_EQ(behind.waiting(), 3U);
  EXPECT_TRUE(behind.feed(from_hex(std::string(26, 'f') + "0017 02 0000 0000")));
  ASSERT_EQ(c.context.events.size(), 1U);
  EXPECT_EQ(behind.waiting(), 0U);
}

TEST(Bgp, Probe) {
  const struct {
    const char* name;
    std::string hex;
    Verdict verdict;
  } kCases[] = {
      {"nothing", "", Verdict::unsure},
      {"a message", std::string{golden("open").hex}, Verdict::yes},
      {"its beginning", std::string(36, 'f'), Verdict::unsure},
      {"a type without name", std::string(32, 'f') + "0013 06", Verdict::no},
      {"no type", std::string(32, 'f') + "0013 00", Verdict::no},
      {"too short", std::string(32, 'f') + "0012 04", Verdict::no},
      {"too long", std::string(32, 'f') + "1001 04", Verdict::no},
      {"no marker", std::string(30, 'f') + "00 0013 04", Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    for (const bool on_port : {false, true})
      EXPECT_EQ(protocol("bgp").probe(bytes, kOut, Transport::tcp, on_port), c.verdict);
  }
}

}  // namespace
}  // namespace nw::network
