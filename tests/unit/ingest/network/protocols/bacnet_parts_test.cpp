#include <gtest/gtest.h>

#include "bacnet_play.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {
namespace {

using namespace bacnet;

TEST(BacnetDiscovery, SaysWhoIsAskedAndWhoAnswers) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"who_is", {{"pdu_service", "who-is"}, {"range", "All"}, {"object_type", "-"}, {"ics.operation", "identify"}}},
      {"who_is_range", {{"range", "1-1024"}}},
      {"who_has_name", {{"pdu_service", "who-has"}, {"range", "All"}, {"object_name", "PUMP1"}}},
      {"who_has_object",
       {{"range", "1-1"}, {"object_type", "analog-input"}, {"instance_number", "3"}, {"object_name", "-"}}},
      {"i_am",
       {{"pdu_service", "i-am"},
        {"object_type", "device"},
        {"instance_number", "97"},
        {"vendor", "Automated Logic Corporation"},
        {"vendor_id", "24"},
        {"max_apdu", "480"},
        {"segmentation", "no-segmentation"},
        {"range", "-"},
        {"ics.target", "device/97"}}},
      {"i_have",
       {{"pdu_service", "i-have"},
        {"is_orig", "false"},
        {"device_id_type", "device"},
        {"device_id_number", "97"},
        {"object_type", "analog-input"},
        {"instance_number", "3"},
        {"object_name", "PUMP1"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(kGolden(c.name));
    ASSERT_EQ(all(flow, "bacnet_discovery").size(), 1U);
    expect(flow.context, all(flow, "bacnet_discovery")[0], c.want);
  }
}

TEST(BacnetProperty, OneEventEach) {
  Play flow = play();
  flow.give(kGolden("write_multiple")).give(kGolden("read_multiple")).give(kGolden("read_multiple_ack"));
  const auto at = all(flow, "bacnet_property");
  ASSERT_EQ(at.size(), 8U);
  expect(flow.context, at[0],
         {{"is_orig", "true"},
          {"invoke_id", "5"},
          {"pdu_service", "write-property-multiple"},
          {"object_type", "binary-output"},
          {"instance_number", "2"},
          {"property", "present-value"},
          {"array_index", "-"},
          {"value", "1"},
          {"priority", "8"},
          {"ics.operation", "write"},
          {"ics.target", "binary-output/2/present-value"},
          {"ics.value", "1"},
          {"ics.outcome", "-"}});
  expect(flow.context, at[1], {{"array_index", "8"}, {"value", "null"}, {"priority", "-"}});
  expect(flow.context, at[2],
         {{"pdu_service", "read-property-multiple-request"}, {"property", "vendor-name"}, {"value", "-"}});
  expect(flow.context, at[5],
         {{"pdu_service", "read-property-multiple-ack"},
          {"object_type", "device"},
          {"instance_number", "97"},
          {"value", "ACME"},
          {"ics.outcome", "ok"}});
  expect(flow.context, at[7],
         {{"property", "firmware-revision"},
          {"value", "-"},
          {"result_code", "unknown-property"},
          {"ics.outcome", "refused"},
          {"ics.reason", "unknown-property"}});
  // An error that cannot be read is one.
  Play broken = play();
  broken.give(unicast("0100 30 02 0e 0c02000061 1e 292c 5e 5f 1f"), kBack);
  for (std::size_t i = 0; i < 2; ++i) expect(broken.context, i, {{"ics.outcome", "refused"}, {"ics.reason", "other"}});
}

TEST(BacnetProperty, ProgramsAreRunAndStopped) {
  static constexpr struct {
    const char *value, *operation;
  } kCases[] = {{"9101", "program"}, {"9102", "start"}, {"9103", "stop"},  {"9104", "restart"},
                {"9105", "program"}, {"9100", "write"}, {"9109", "write"}, {"00", "write"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.value);
    Play flow = play();
    flow.give(unicast("0104000501 0f 0c04000001 195a 3e" + std::string{c.value} + "3f"));
    EXPECT_EQ(flow.get(0, "ics.operation"), c.operation);
    EXPECT_EQ(flow.get(1, "ics.operation"), c.operation);
  }
  // Among others the gravest counts, and those before it hide nothing.
  std::string harmless;
  for (int i = 0; i < 40; ++i) harmless += "0955 2e 9101 2f";
  Play many = play();
  many.give(unicast("0104000501 10 0c04000001 1e" + harmless + "095a 2e 9103 2f 095a 2e 9102 2f 1f"));
  EXPECT_EQ(many.get(0, "ics.operation"), "stop");
  EXPECT_EQ(many.get(0, "ics.target").size(), IcsText::kBytesMax);
  // What only reads it does nothing.
  Play flow = play();
  flow.give(unicast("0104000501 0c 0c04000001 195a"));
  EXPECT_EQ(flow.get(0, "ics.operation"), "read");
}

TEST(BacnetControl, WhatTheDeviceIsToDoAndWhetherItDid) {
  Play flow = play();
  flow.give(kGolden("disable")).give(unicast("0100 20 06 11"), kBack);
  flow.give(kGolden("coldstart")).give(kGolden("password_failure"));
  flow.give(kGolden("enable")).give(unicast("0100 60 06 09"), kBack);
  const auto at = all(flow, "bacnet_device_control");
  ASSERT_EQ(at.size(), 6U);
  expect(flow.context, at[0],
         {{"pdu_service", "device_communication_control"},
          {"invoke_id", "6"},
          {"time_duration", "5"},
          {"device_state", "disable"},
          {"password", "true"},
          {"result", "-"},
          {"ics.operation", "stop"}});
  expect(flow.context, at[1],
         {{"is_orig", "false"}, {"result", "SUCCESS"}, {"ics.operation", "stop"}, {"ics.outcome", "ok"}});
  expect(flow.context, at[2],
         {{"pdu_service", "reinitialize_device"}, {"device_state", "coldstart"}, {"ics.operation", "restart"}});
  expect(flow.context, at[3],
         {{"result", "ERROR"},
          {"result_code", "password-failure"},
          {"ics.operation", "restart"},
          {"ics.value", "coldstart"}});
  expect(flow.context, at[4], {{"password", "false"}, {"time_duration", "-"}, {"device_state", "enable"}});
  expect(flow.context, at[5], {{"result", "REJECT"}, {"result_code", "unrecognized-service"}});
  for (const auto& event : flow.context.events)
    for (const auto& [field, value] : event) EXPECT_EQ(value.find("secret"), std::string::npos) << field;
}

TEST(BacnetDevices, SayWhoTheyAre) {
  Play flow = play();
  flow.give(kGolden("i_am")).give(kGolden("i_am"));
  ASSERT_EQ(all(flow, "known_device").size(), 1U);
  expect(flow.context, all(flow, "known_device")[0],
         {{"device", "192.0.2.1"},
          {"device_protocol", "bacnet"},
          {"device_unit", "97"},
          {"vendor", "Automated Logic Corporation"},
          {"product", "-"}});
}

TEST(BacnetDevices, GatherWhatTheyAnswer) {
  Play flow = play();
  const auto text = [&](std::string property, std::string value) {
    const std::string contents = "00'" + value + "'";
    char head[32];
    std::snprintf(head, sizeof head, "75%02zx", from_hex(contents).size());
    flow.give(unicast("0100 30 01 0c 0c02000061" + property + "3e" + head + contents + "3f"), kBack);
  };
  text("194d", "AHU-1");
  text("192c", "1.2");
  text("190c", "4.5");
  text("1a0174", "S17");
  text("193a", "Roof");
  text("191c", "Air");
  flow.give(kGolden("read_multiple_ack"));
  text("194d", "AHU-1");
  const auto at = all(flow, "known_device");
  ASSERT_EQ(at.size(), 7U);
  expect(flow.context, at[0], {{"device", "198.51.100.1"}, {"device_unit", "97"}, {"device_name", "AHU-1"}});
  expect(flow.context, at[6],
         {{"device_name", "AHU-1"},
          {"firmware", "1.2, application 4.5"},
          {"serial_number", "S17"},
          {"device_location", "Roof"},
          {"device_description", "Air"},
          {"vendor", "ACME"},
          {"product", "PX-7"},
          {"hardware", "-"}});
}

TEST(BacnetDevices, AreBounded) {
  Play flow = play();
  const auto name = [&](unsigned device) {
    char text[80];
    std::snprintf(text, sizeof text, "0100 30 01 0c 0c%08x 194d 3e 7300'AB' 3f", 0x02000000U + device);
    flow.give(unicast(text), kBack);
  };
  for (unsigned device = 0; device < 17; ++device) name(device);
  flow.give(unicast("0100 30 01 0c 0c02000000 193a 3e 7300'CD' 3f"), kBack);
  const auto at = all(flow, "known_device");
  ASSERT_EQ(at.size(), 18U);
  // The first had to go.
  expect(flow.context, at[17], {{"device_unit", "0"}, {"device_name", "-"}, {"device_location", "CD"}});
  // Other objects' names are not the device's, and what is no text is none.
  flow.give(unicast("0100 30 01 0c 0c00000000 194d 3e 7300'AB' 3f"), kBack);
  flow.give(unicast("0100 30 01 0c 0c02000000 194d 3e 2101 3f"), kBack);
  EXPECT_EQ(all(flow, "known_device").size(), 18U);
}

}  // namespace
}  // namespace nw::network
