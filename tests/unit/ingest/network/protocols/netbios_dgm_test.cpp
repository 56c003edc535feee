#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

const Golden kGolden{"netbios_dgm"};

// "PLC7" as a workstation, "PLANT" as master browser.
const std::string kNames = "20 'FAEMEDDHCACACACACACACACACACACAAA' 00 20 'FAEMEBEOFECACACACACACACACACACABN' 00 ";

std::string number(std::size_t value, int digits) {
  char text[16];
  std::snprintf(text, sizeof text, "%0*zx", digits, value);
  return text;
}

std::string datagram(const std::string& content, std::size_t beyond = 0) {
  return "11 02 0007 c0000207 008a" + number(from_hex(content).size() + beyond, 4) + "0000" + content;
}

// What a datagram says to the mailslot of announcements.
std::string announcement(const std::string& data, const std::string& offset = "5600", const char* name = "BROWSE") {
  const std::string size = number(from_hex(data).size(), 2) + "00";
  return datagram(kNames + "ff 'SMB' 25" + std::string(54, '0') + "11" + std::string(44, '0') + size + offset +
                  "03 00 0100 0100 0200 0000 '\\MAILSLOT\\" + name + "' 00" + data);
}

struct Read : Play {
  explicit Read(std::string_view hex) : Play{"netbios_dgm", Transport::udp} { give(hex); }
};

TEST(NetbiosDgm, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"host",
       {{"trans_id", "7"},
        {"msg_type", "direct_group"},
        {"sender_addr", "192.0.2.7"},
        {"sender", "PLC7"},
        {"sender_type", "0"},
        {"sender_type_name", "workstation"},
        {"query", "PLANT"},
        {"name_type", "29"},
        {"name_type_name", "master_browser"},
        {"scope", "-"},
        {"error", "-"},
        {"mailslot", "\\x5cMAILSLOT\\x5cBROWSE"},
        {"announcement", "host"},
        {"host_name", "PLC7"},
        {"domain", "-"},
        {"os_version", "5.1"},
        {"roles", "workstation,server,nt"},
        {"comment", "feeds the kiln"}}},
      {"domain",
       {{"query", "\\x01\\x02__MSBROWSE__\\x02"},
        {"name_type_name", "browsers"},
        {"announcement", "domain"},
        {"host_name", "HMI1"},
        {"domain", "PLANT"},
        {"os_version", "-"},
        {"roles", "nt"},
        {"comment", "-"}}},
      {"local_master",
       {{"announcement", "local_master"},
        {"host_name", "HMI1"},
        {"os_version", "6.3"},
        {"roles", "workstation,server,domain_controller,print_server,unix_server,master_browser"},
        {"comment", "-"}}},
      {"election", {{"announcement", "election"}, {"host_name", "PLC7"}, {"os_version", "-"}}},
      {"request", {{"msg_type", "broadcast"}, {"query", "*"}, {"announcement", "announcement_request"}}},
      {"other_mailslot",
       {{"msg_type", "direct_unique"},
        {"mailslot", "\\x5cMAILSLOT\\x5cNET\\x5cNETLOGON"},
        {"announcement", "-"},
        {"host_name", "-"}}},
      {"second_piece", {{"sender", "PLC7"}, {"query", "HMI1"}, {"name_type_name", "file_server"}, {"mailslot", "-"}}},
      {"no_such_name", {{"msg_type", "error"}, {"error", "no_such_destination"}, {"sender", "-"}, {"query", "-"}}},
      {"query", {{"msg_type", "query_request"}, {"query", "HMI1"}, {"sender", "-"}, {"error", "-"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Read play{kGolden(c.name).hex};
    ASSERT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, c.want);
  }
}

TEST(NetbiosDgm, OtherAnnouncements) {
  const struct {
    const char *data, *name, *host;
  } kCases[] = {
      {"0b 'HMI1' 00", "become_backup", "HMI1"},
      {"0d 'HMI1' 00", "master", "HMI1"},
      {"0e 01", "reset", "-"},
      {"09 04 00000000", "backup_list_request", "-"},
      {"0a 01 00000000 'HMI1' 00", "backup_list", "-"},
      {"63", "unknown-99", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Read play{announcement(c.data)};
    expect(play.context, 0, {{"announcement", c.name}, {"host_name", c.host}});
    EXPECT_EQ(play.context.refused_total(), 0U);
  }
  expect(Read{announcement("0b 'HMI1' 00", "5600", "browse")}.context, 0, {{"announcement", "become_backup"}});
}

TEST(NetbiosDgm, Refuses) {
  const std::string host = "01 00 60ea0000 'PLC7' 000000000000000000000000 05 01 03100000 0f01 55";
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated, 0},
      {"a cut head", "11 02 0007 c0000207 00", DecodeError::truncated, 0},
      {"no such kind", "17 02 0007 c0000207 008a 0000", DecodeError::bad_value, 0},
      {"reserved flags", "11 12 0007 c0000207 008a 0000 0000", DecodeError::bad_value, 0},
      {"an error without a number", "13 02 0007 c0000207 008a", DecodeError::truncated, 0},
      {"an error of no such number", "13 02 0007 c0000207 008a 81", DecodeError::bad_value, 0},
      {"more than an error", "13 02 0007 c0000207 008a 82 00", DecodeError::bad_value, 0},
      {"a length that lies", datagram(kNames, 15), DecodeError::truncated, 0},
      {"a cut name", datagram("20 'FAEM'"), DecodeError::truncated, 0},
      {"one name only", datagram(kNames.substr(0, kNames.size() / 2)), DecodeError::truncated, 0},
      {"a letter too high", datagram("20 'FQEMEDDHCACACACACACACACACACACAAA' 00" + kNames), DecodeError::bad_value, 0},
      {"an announcement of nothing", announcement(""), DecodeError::truncated, 1},
      {"a cut announcement", announcement(host), DecodeError::truncated, 1},
      {"a cut election", announcement("08 01 0c010010"), DecodeError::truncated, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_refused(Read{c.hex}.context, c.error, c.events);
  }
  // What a mailslot is not written with is none of ours.
  for (const std::string& hex : {datagram(kNames + "'and so on'"), announcement("0b 'HMI1' 00", "ff00")}) {
    const Read play{hex};
    expect(play.context, 0, {{"sender", "PLC7"}, {"mailslot", "-"}});
    EXPECT_EQ(play.context.refused_total(), 0U);
  }
}

TEST(NetbiosDgm, Probe) {
  const struct {
    const char* name;
    std::string hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Verdict::no, Verdict::no},
      {"an announcement", std::string{kGolden("host").hex}, Verdict::yes, Verdict::yes},
      {"a query", std::string{kGolden("query").hex}, Verdict::no, Verdict::yes},
      {"a query of the name service", "1234 0110 0001 0000 0000 0000", Verdict::no, Verdict::yes},
      {"half a head", "11 02 0007", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_verdicts("netbios_dgm", from_hex(c.hex), kOut, Transport::udp, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
