#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"
#include "ingest/network/protocols/snmp_message.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

const GoldenFrame& golden(std::string_view name) { return Golden{"snmp"}(name); }

// An element with a length of three octets, so that any contents fit; in hexadecimal.
std::string element(std::string_view tag, std::string_view contents) {
  char length[16];
  std::snprintf(length, sizeof length, "83%06zx", from_hex(contents).size());
  return std::string{tag} + length + std::string{contents};
}

std::string binding(std::string_view name, std::string_view value = "0500") {
  return element("30", element("06", name) + std::string{value});
}

constexpr std::string_view kName = "2b06010201010500";

// Version 2c, and an error or non-repeaters of one octet.
std::string message(std::string_view pdu, std::string_view bindings, std::string_view community = "7075626c6963",
                    std::string_view error = "00") {
  return element("30", "020101" + element("04", community) +
                           element(pdu,
                                   "020101"
                                   "0201" +
                                       std::string{error} + "020100" + element("30", bindings)));
}

// A flow of messages, a second apart.
struct Flow {
  FakeContext context{protocol("snmp")};
  std::unique_ptr<Analyzer> analyzer = protocol("snmp").make(Transport::udp);

  Flow& give(std::string_view hex, Direction direction = kOut) {
    analyzer->datagram(from_hex(hex), direction, context);
    context.time += std::chrono::seconds{1};
    return *this;
  }
  Flow& give(const GoldenFrame& frame) { return give(frame.hex, frame.direction); }
  Flow& end() {
    analyzer->finish(context);
    return *this;
  }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << want.field;
}

TEST(Snmp, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"get_description",
       {{"version", "1"},
        {"get_requests", "1"},
        {"get_bulk_requests", "0"},
        {"get_responses", "0"},
        {"set_requests", "0"},
        {"has_community", "true"},
        {"default_community", "true"},
        {"objects", "1.3.6.1.2.1.1.1.0"},
        {"duration", "0.000000"},
        {"messages", "1"},
        {"traps", "0"},
        {"errors", "0"},
        {"error_name", "-"},
        {"user_name", "-"},
        {"security", "-"},
        {"display_string", "-"},
        {"up_since", "-"}}},
      {"description",
       {{"get_responses", "2"}, {"display_string", "PLC\\x0a"}, {"up_since", "1699999900.000000"}, {"objects", "-"}}},
      {"get_next",
       {{"version", "2c"},
        {"get_requests", "2"},
        {"default_community", "false"},
        {"objects", "1.3.6.1.2.1.1.5.0,1.3.6.1.2.1.1.1.0"}}},
      {"no_such_name", {{"get_responses", "1"}, {"errors", "1"}, {"error_name", "noSuchName"}}},
      {"set_name", {{"set_requests", "1"}, {"default_community", "true"}, {"objects", "1.3.6.1.2.1.1.5.0"}}},
      {"get_bulk", {{"get_bulk_requests", "1"}, {"errors", "0"}, {"objects", "1.3.6.1.2.1"}}},
      {"trap_v1", {{"version", "1"}, {"traps", "1"}, {"objects", "1.3.6.1.4.1.9,1.3.6.1.4.1.2021"}}},
      {"trap_v2", {{"traps", "1"}, {"objects", "1.3.6.1.2.1.1.3.0,1.3.6.1.6.3.1.1.4.1.0"}, {"up_since", "-"}}},
      {"inform", {{"traps", "1"}}},
      {"v3_discovery",
       {{"version", "3"},
        {"has_community", "false"},
        {"default_community", "false"},
        {"security", "noAuthNoPriv"},
        {"get_requests", "0"},
        {"user_name", "-"}}},
      {"v3_report", {{"reports", "1"}, {"get_responses", "0"}}},
      {"v3_get", {{"user_name", "operator"}, {"security", "authNoPriv"}, {"get_requests", "1"}}},
      {"v3_encrypted", {{"security", "authPriv"}, {"encrypted", "1"}, {"get_requests", "0"}, {"messages", "1"}}},
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

TEST(Snmp, AFlowIsSummedUp) {
  Flow flow;
  flow.give(golden("get_description")).give(golden("description")).give(golden("get_next"));
  EXPECT_TRUE(flow.context.events.empty());
  flow.end();
  expect(flow.context, 0,
         {{"get_requests", "3"},
          {"get_responses", "2"},
          {"duration", "2.000000"},
          {"messages", "3"},
          {"display_string", "PLC\\x0a"},
          {"objects", "1.3.6.1.2.1.1.1.0,1.3.6.1.2.1.1.5.0"}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 1U);
}

TEST(Snmp, TheCommunityIsNeverTold) {
  Flow flow;
  flow.give(message("a0", binding(kName), "5345435245543432")).end();
  EXPECT_EQ(flow.context.json.find("SECRET42"), std::string::npos);
  expect(flow.context, 0, {{"has_community", "true"}, {"default_community", "false"}});
}

TEST(Snmp, DefaultCommunities) {
  const struct {
    const char *name, *hex, *is_default;
  } kCases[] = {
      {"public", "7075626c6963", "true"},
      {"Private", "50726976617465", "true"},
      {"empty", "", "false"},
      {"publi", "7075626c69", "false"},
      {"public2", "7075626c696332", "false"},
      {"not ASCII", "f075626c6963", "false"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(message("a0", binding(kName), c.hex)).end();
    EXPECT_EQ(flow.context.get(0, "default_community"), c.is_default);
  }
}

TEST(Snmp, WhatCannotWaitIsToldAtOnce) {
  const struct {
    const char *name, *pdu, *error;
    bool at_once;
  } kCases[] = {
      {"get", "a0", "00", false},     {"get next", "a1", "00", false}, {"response", "a2", "00", false},
      {"an error", "a2", "05", true}, {"set", "a3", "00", true},       {"get bulk", "a5", "05", false},
      {"inform", "a6", "00", true},   {"trap", "a7", "00", true},      {"report", "a8", "00", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(message(c.pdu, binding(kName), "", c.error));
    EXPECT_EQ(flow.context.events.size(), c.at_once ? 1U : 0U);
  }
}

// However much was read before it: its variables are not left out, and nobody else's are taken for its own.
TEST(Snmp, AWriteIsToldByItself) {
  Flow flow;
  std::string reads;
  for (unsigned i = 10; i < 27; ++i) reads += binding("2b06" + std::to_string(i));
  flow.give(message("a0", reads)).give(message("a3", binding(kName) + binding("2b060107"))).give(golden("get_next"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"get_requests", "17"}, {"set_requests", "0"}, {"messages", "1"}});
  EXPECT_EQ(flow.context.get(0, "objects").find("1.3.6.1.2"), std::string::npos);
  expect(flow.context, 1,
         {{"get_requests", "0"},
          {"set_requests", "2"},
          {"messages", "1"},
          {"duration", "0.000000"},
          {"objects", "1.3.6.1.2.1.1.5.0,1.3.6.1.7"}});
  flow.end();
  expect(flow.context, 2, {{"get_requests", "2"}, {"set_requests", "0"}, {"messages", "1"}});
}

TEST(Snmp, AWriteNamesAllItsVariables) {
  for (const unsigned count : {17U, 1024U, 1025U}) {
    SCOPED_TRACE(count);
    std::string bindings;
    for (unsigned i = 1; i < count; ++i) bindings += "3006 06022b06 0500";
    Flow flow;
    flow.give(message("a3", bindings + binding(kName)));
    const std::string objects = flow.context.get(0, "objects");
    EXPECT_EQ(std::ranges::count(objects, ',') + 1, std::min(count, 1024U));
    EXPECT_EQ(objects.ends_with("1.3.6.1.2.1.1.5.0"), count <= 1024);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count <= 1024 ? 0U : 1U);
  }
}

TEST(Snmp, LongFlowsAreToldEveryFiveMinutes) {
  for (const int seconds : {298, 299}) {
    SCOPED_TRACE(seconds);
    Flow flow;
    flow.give(golden("get_description"));
    flow.context.time += std::chrono::seconds{seconds};
    flow.give(golden("get_description"));
    EXPECT_EQ(flow.context.events.size(), seconds == 298 ? 0U : 1U);
    flow.end();
    EXPECT_EQ(flow.context.get(flow.context.events.size() - 1, "messages"), seconds == 298 ? "2" : "1");
  }
}

TEST(Snmp, TheLeastSecureMessageCounts) {
  Flow flow;
  flow.give(golden("v3_encrypted")).give(golden("v3_get")).end();
  expect(flow.context, 0, {{"security", "authNoPriv"}, {"encrypted", "1"}, {"messages", "2"}});
}

TEST(Snmp, ObjectIdentifiers) {
  const struct {
    const char *name, *hex, *text;
  } kCases[] = {
      {"one octet", "01", "0.1"},
      {"the second tree", "39", "1.17"},
      {"the third tree", "8837", "2.999"},
      {"large", "2b8fffffff7f", "1.3.4294967295"},
      {"too large", "2b9080808000", ""},
      {"cut", "2b86", ""},
      {"empty", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    TextBuffer text;
    EXPECT_EQ(render_object_id(from_hex(c.hex), text), *c.text != '\0');
    if (*c.text != '\0') {
      EXPECT_EQ(text.view(), c.text);
    }
  }
  for (const std::size_t numbers : {127U, 128U}) {
    TextBuffer text;
    EXPECT_EQ(render_object_id(std::vector<std::uint8_t>(numbers, 1), text), numbers == 127);
  }
}

TEST(Snmp, Refuses) {
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated, 0},
      {"cut", std::string{golden("get_description").hex}.substr(0, 40), DecodeError::truncated, 0},
      {"no sequence", "0400", DecodeError::bad_value, 0},
      {"an indefinite length", "3080 0000", DecodeError::truncated, 0},
      {"a length of five octets", "3085 0100000001 00", DecodeError::truncated, 0},
      {"an unknown version", element("30", "020102 0400 a000"), DecodeError::bad_value, 0},
      {"a version of nine octets", element("30", "0209 000000000000000000 0400"), DecodeError::bad_value, 0},
      {"no community", element("30", "020101 020101"), DecodeError::bad_value, 0},
      {"an unknown PDU", element("30", "020101 0400 a900"), DecodeError::bad_value, 0},
      {"an empty PDU", element("30", "020101 0400 a000"), DecodeError::bad_value, 0},
      {"version 3 without flags", element("30", "020103 300b 020101 020101 0400 020103"), DecodeError::bad_value, 0},
      {"a binding that is none", message("a0", "0500"), DecodeError::bad_value, 1},
      {"a name that is none", message("a0", element("30", "0500 0500")), DecodeError::bad_value, 1},
      {"a cut name", message("a0", binding("2b86")), DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.hex).end();
    EXPECT_EQ(flow.context.events.size(), c.events);
    EXPECT_EQ(flow.context.refused_count(c.error), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
  }
}

TEST(Snmp, BindingsAreBounded) {
  for (const unsigned count : {1024U, 1025U}) {
    SCOPED_TRACE(count);
    std::string bindings;
    for (unsigned i = 0; i < count; ++i) bindings += "3006 06022b06 0500";
    Flow flow;
    flow.give(message("a0", bindings)).end();
    EXPECT_EQ(flow.context.get(0, "get_requests"), "1024");
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count == 1024 ? 0U : 1U);
  }
}

TEST(Snmp, TextsAreBounded) {
  Flow flow;
  std::string bindings;
  for (unsigned i = 10; i < 27; ++i) bindings += binding("2b06" + std::to_string(i));
  flow.give(message("a0", bindings));
  flow.give(message("a2", binding("2b06010201010100", element("04", std::string(2 * 256, '4')))), kBack).end();
  const std::string objects = flow.context.get(0, "objects");
  EXPECT_EQ(std::ranges::count(objects, ','), 15);
  EXPECT_EQ(flow.context.get(0, "display_string").size(), 255U);
}

TEST(Snmp, OnlyWhatIsWantedIsWritten) {
  FakeContext context{protocol("snmp"), {"version"}};
  const auto analyzer = protocol("snmp").make(Transport::udp);
  for (const GoldenFrame& frame : kGoldenFrames)
    if (frame.protocol == "snmp") analyzer->datagram(from_hex(frame.hex), kOut, context);
  analyzer->finish(context);
  for (const auto& fields : context.events) EXPECT_EQ(fields.size(), 2U);  // and `ts`
}

TEST(Snmp, Probe) {
  const struct {
    const char* name;
    std::string hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Verdict::no, Verdict::no},
      {"version 1", std::string{golden("get_description").hex}, Verdict::yes, Verdict::yes},
      {"version 3", std::string{golden("v3_encrypted").hex}, Verdict::yes, Verdict::yes},
      {"another sequence", "3003 020107", Verdict::no, Verdict::yes},
      {"cut", std::string{golden("get_description").hex}.substr(0, 40), Verdict::no, Verdict::yes},
      {"something else", "1234 0100 0001", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    for (const Direction direction : {kOut, kBack}) {
      EXPECT_EQ(protocol("snmp").probe(bytes, direction, Transport::udp, false), c.anywhere);
      EXPECT_EQ(protocol("snmp").probe(bytes, direction, Transport::udp, true), c.on_port);
    }
  }
}

}  // namespace
}  // namespace nw::network
