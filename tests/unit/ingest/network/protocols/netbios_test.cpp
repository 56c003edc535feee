#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder;

std::string golden(std::string_view name) { return std::string{Golden{"netbios"}(name).hex}; }

// "PLC7", type 0x20.
const std::string kName = "20 'FAEMEDDHCACACACACACACACACACACACA' 00 ";

std::string number(std::size_t value, int digits) {
  char text[16];
  std::snprintf(text, sizeof text, "%0*zx", digits, value);
  return text;
}

// An answer with a record of this type and data.
std::string answer(std::string_view type, const std::string& data) {
  return "0001 8500 0000 0001 0000 0000 " + kName + std::string{type} + "0001 00000000" +
         number(from_hex(data).size(), 4) + data;
}

// What one datagram gives.
struct Read {
  FakeContext context{protocol("netbios")};
  explicit Read(std::string_view hex) {
    protocol("netbios").make(Transport::udp)->datagram(from_hex(hex), kOut, context);
  }
};

struct Want {
  const char *field, *value;
};

TEST(Netbios, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"query",
       {{"trans_id", "4660"},
        {"is_response", "false"},
        {"op_name", "QUERY"},
        {"query", "WPAD"},
        {"name_type", "0"},
        {"name_type_name", "workstation"},
        {"qtype_name", "NB"},
        {"broadcast", "true"},
        {"scope", "-"},
        {"addresses", "-"},
        {"ttl", "-"},
        {"rcode", "-"}}},
      {"answer",
       {{"is_response", "true"},
        {"broadcast", "false"},
        {"query", "WPAD"},
        {"group", "false"},
        {"addresses", "192.0.2.7,192.0.2.8"},
        {"ttl", "3600.000000"},
        {"rcode_name", "NOERROR"}}},
      {"no_such_name", {{"rcode", "3"}, {"rcode_name", "NAM_ERR"}, {"addresses", "-"}}},
      {"denied", {{"query", "WPAD"}, {"qtype_name", "NB"}, {"rcode_name", "NAM_ERR"}, {"addresses", "-"}}},
      {"registration",
       {{"op_name", "REGISTRATION"},
        {"query", "PLC7"},
        {"name_type_name", "file_server"},
        {"group", "true"},
        {"addresses", "192.0.2.7"},
        {"ttl", "300000.000000"},
        {"rcode", "-"}}},
      {"wait", {{"op_name", "WACK"}, {"ttl", "10.000000"}, {"addresses", "-"}}},
      {"status_request", {{"query", "*"}, {"qtype_name", "NBSTAT"}}},
      {"status", {{"names", "PLC7<20>,PLANT<00>"}, {"mac", "00:05:3c:04:8d:59"}, {"addresses", "-"}}},
      {"scoped", {{"query", "PLC7"}, {"scope", "plant.lan"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Read read{golden(c.name)};
    ASSERT_EQ(read.context.events.size(), 1U);
    EXPECT_EQ(read.context.refused_total(), 0U);
    for (const Want& want : c.want) EXPECT_EQ(read.context.get(0, want.field), want.value) << want.field;
  }
}

TEST(Netbios, Refuses) {
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated, 0},
      {"no question, no answer", "0001 0000 0000 0000 0000 0000", DecodeError::bad_value, 0},
      {"two questions", "0001 0000 0002 0000 0000 0000" + kName + "0020 0001", DecodeError::bad_value, 0},
      {"an operation without name", "0001 0800 0001 0000 0000 0000" + kName + "0020 0001", DecodeError::bad_value, 0},
      {"a name of DNS", "0001 0000 0001 0000 0000 0000 03 'www' 00 0020 0001", DecodeError::bad_value, 0},
      {"a letter too high", "0001 0000 0001 0000 0000 0000 20 'FQEMEDDHCACACACACACACACACACACACA' 00 0020 0001",
       DecodeError::bad_value, 0},
      {"a cut name", "0001 0000 0001 0000 0000 0000 20 'FAEM'", DecodeError::truncated, 0},
      {"a cut scope", "0001 0000 0001 0000 0000 0000 20 'FAEMEDDHCACACACACACACACACACACACA' 05 'pl'",
       DecodeError::truncated, 0},
      {"a scope that points",
       "0001 0000 0001 0000 0000 0000 20 'FAEMEDDHCACACACACACACACACACACACA' c0" + std::string(2 * 192, '0'),
       DecodeError::bad_value, 0},
      {"a cut question", "0001 0000 0001 0000 0000 0000" + kName + "0020 00", DecodeError::truncated, 0},
      {"another type", "0001 0000 0001 0000 0000 0000" + kName + "0001 0001", DecodeError::bad_value, 0},
      {"a cut record", "0001 8500 0000 0001 0000 0000" + kName + "0020 0001 00000000 0006 0000", DecodeError::truncated,
       0},
      {"an empty type that denies nothing", answer("000a", ""), DecodeError::bad_value, 0},
      {"a denial that says something", "0001 8583 0000 0001 0000 0000" + kName + "000a 0001 00000000 0001 00",
       DecodeError::bad_value, 0},
      {"a denial without a record", "0001 8583 0000 0000 0000 0000", DecodeError::truncated, 0},
      {"a record elsewhere", "0001 2910 0001 0000 0000 0001" + kName + "0020 0001 c00d 0020 0001 00000000 0000",
       DecodeError::bad_value, 0},
      {"half an address", answer("0020", "0000 c00002"), DecodeError::bad_value, 1},
      {"a status without names", answer("0021", "01 'PLC7'"), DecodeError::bad_value, 1},
      {"a status without hardware address", answer("0021", "00 0000"), DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Read read{c.hex};
    EXPECT_EQ(read.context.events.size(), c.events);
    EXPECT_EQ(read.context.refused_count(c.error), 1U);
    EXPECT_EQ(read.context.refused_total(), 1U);
  }
}

TEST(Netbios, ListsAreBounded) {
  for (const std::size_t labels : {8U, 9U}) {
    SCOPED_TRACE(labels);
    std::string hex = "0001 0000 0001 0000 0000 0000" + kName.substr(0, kName.size() - 3);
    for (std::size_t i = 0; i < labels; ++i) hex += "01 61";
    const Read read{hex + "00 0020 0001"};
    EXPECT_EQ(read.context.get(0, "scope"), labels == 8 ? "a.a.a.a.a.a.a.a" : "-");
    EXPECT_EQ(read.context.refused_count(DecodeError::limit), labels == 8 ? 0U : 1U);
  }
  std::string addresses, names = "41";
  for (unsigned i = 0; i < 65; ++i) {
    addresses += "0000 c0000207";
    names += "'PLC7           ' 20 0400";
  }
  EXPECT_EQ(std::ranges::count(Read{answer("0020", addresses)}.context.get(0, "addresses"), ','), 63);
  const Read status{answer("0021", names + "00053c048d59")};
  EXPECT_EQ(std::ranges::count(status.context.get(0, "names"), ','), 63);
  EXPECT_EQ(status.context.get(0, "mac"), "00:05:3c:04:8d:59");
}

TEST(Netbios, NamesBeforeACutAreTold) {
  const Read status{answer("0021", "03 'PLC7           ' 20 0400 'PLANT          ' 00 8400 'PLC'")};
  EXPECT_EQ(status.context.get(0, "names"), "PLC7<20>,PLANT<00>");
  EXPECT_EQ(status.context.get(0, "mac"), "-");
  EXPECT_EQ(status.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Netbios, Probe) {
  const struct {
    const char* name;
    std::string hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Verdict::no, Verdict::no},
      {"a query", golden("query"), Verdict::yes, Verdict::yes},
      {"a status", golden("status"), Verdict::yes, Verdict::yes},
      {"a denial", golden("denied"), Verdict::yes, Verdict::yes},
      {"a name of DNS", "0001 0000 0001 0000 0000 0000 03 'www' 00 0020 0001", Verdict::no, Verdict::yes},
      {"half a head", "0001 0000 0001", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(protocol("netbios").probe(from_hex(c.hex), kOut, Transport::udp, false), c.anywhere);
    EXPECT_EQ(protocol("netbios").probe(from_hex(c.hex), kOut, Transport::udp, true), c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
