// Writes that do not fit into `ics.target` and `ics.value`: two more fields say all of them.
#include <array>
#include <cstdio>
#include <gtest/gtest.h>
#include <string>

#include "bacnet_play.h"
#include "dnp3_frames.h"
#include "enip_frames.h"

namespace nw::network {
namespace {

std::string hex(std::size_t number, int digits) {
  std::array<char, 9> text;
  std::snprintf(text.data(), text.size(), "%0*zx", digits, number);
  return text.data();
}
std::string little(std::size_t number) { return hex(number & 0xFFU, 2) + hex(number >> 8U, 2); }

// Set points 0 and on of outstation 10, each with its number as value; of an octet's index.
std::string set_points(std::size_t count) {
  std::string out = "c4 05 290217" + hex(count, 2);
  for (std::size_t i = 0; i < count; ++i) out += hex(i, 2) + hex(i, 2) + "00 00";
  return out;
}

// Writes a word to DB10.DBW0 and on, each its number.
std::vector<std::uint8_t> s7_words(std::size_t count) {
  std::string items, values;
  for (std::size_t i = 0; i < count; ++i) {
    items += "120a10040001000a84" + hex(16 * i, 6);
    values += "00040010" + hex(i, 4);
  }
  return from_hex("0300" + hex(19 + 18 * count, 4) + "02f080 3201 0000 0600" + hex(2 + 12 * count, 4) +
                  hex(6 * count, 4) + "05" + hex(count, 2) + items + values);
}

// 1000, 1001, ... as octets, and as a text.
std::string big_endian(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += hex(1000 + i, 4);
  return out;
}
std::string little_endian(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += little(1000 + i);
  return out;
}
std::string decimals(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.append(i == 0 ? "" : ",").append(std::to_string(1000 + i));
  return out;
}

std::size_t parts(const std::string& list) {
  return list == "-" ? 0 : static_cast<std::size_t>(std::ranges::count(list, ',')) + 1;
}

TEST(IcsWhole, TextBeyondItsBoundSaysSo) {
  IcsWhole whole;
  IcsText text;
  text.keep_whole(whole);
  const std::string much(1000, 'x');
  for (std::size_t i = 0; i < 80; ++i) text.append(much);
  EXPECT_TRUE(text.full());
  EXPECT_EQ(text.view().size(), IcsText::kBytesMax);
  EXPECT_EQ(text.whole().size(), IcsWhole::kBytesMax + 3);
  EXPECT_TRUE(text.whole().ends_with("x..."));
}

TEST(IcsWhole, IsOfTheLastTextThatNeededIt) {
  IcsWhole whole;
  IcsText first, second, third;
  for (IcsText* text : {&first, &second, &third}) text->keep_whole(whole);
  first.append(std::string(200, 'a'));
  second.append("fits");
  EXPECT_EQ(first.whole(), std::string(200, 'a'));
  EXPECT_EQ(second.whole(), "");
  third.append(std::string(100, 'b'));
  third.append(std::string(100, 'c'));
  first.append("more");
  EXPECT_EQ(first.whole(), "");
  EXPECT_TRUE(first.full());
  EXPECT_EQ(third.whole(), std::string(100, 'b') + std::string(100, 'c'));
}

TEST(IcsWhole, Dnp3SaysAllPoints) {
  Play flow = dnp3::play();
  flow.give(dnp3::asks(set_points(50)));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_TRUE(flow.get(0, "ics.target").ends_with("..."));
  const std::string targets = flow.get(0, "ics.all_targets"), values = flow.get(0, "ics.all_values");
  EXPECT_EQ(parts(targets), 50U);
  EXPECT_EQ(parts(values), 50U);
  EXPECT_TRUE(targets.starts_with("10/g41/0,10/g41/1,")) << targets;
  EXPECT_TRUE(targets.ends_with(",10/g41/49"));
  EXPECT_TRUE(values.ends_with(",48,49"));
}

TEST(IcsWhole, ARangeIsOneTarget) {
  std::string deadbands = "c4 02 220100 00 63";  // 0 to 99
  for (std::size_t i = 0; i < 100; ++i) deadbands += hex(i, 2) + "00";
  Play flow = dnp3::play();
  flow.give(dnp3::asks(deadbands));
  expect(flow.context, 0, {{"ics.target", "10/g34/0-99"}, {"ics.all_targets", "-"}});
  EXPECT_TRUE(flow.get(0, "ics.value").ends_with("..."));
  EXPECT_EQ(parts(flow.get(0, "ics.all_values")), 100U);
}

TEST(IcsWhole, S7SaysAllPoints) {
  Play flow{"s7comm", Transport::tcp};
  flow.give(s7_words(20));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_TRUE(flow.get(0, "ics.target").ends_with("..."));
  EXPECT_EQ(parts(flow.get(0, "ics.all_targets")), 20U);
  EXPECT_TRUE(flow.get(0, "ics.all_targets").ends_with(",DB10.DBW38"));
  expect(flow.context, 0,
         {{"ics.value", "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19"}, {"ics.all_values", "-"}});
}

// A range of a device's memory, and its values.
TEST(IcsWhole, RangesSayAllValues) {
  const std::string words = big_endian(60), smalls = little_endian(60), all = decimals(60);
  const struct {
    const char* protocol;
    Transport transport;
    std::string hex;
    const char* target;
  } kCases[] = {
      {"modbus", Transport::tcp, "0001 0000 007f 01 10 0004 003c 78" + words, "1/holding_register/4-63"},
      {"omron_fins", Transport::udp, "800002 000100 000a00 11 0102 82 0064 00 003c" + words, "0.1.0/D100-159"},
      {"melsec", Transport::udp, "5000 00 ff ff03 00 8400 1000 0114 0000 640000 a8 3c00" + smalls, "0.255/D100-159"},
      {"ge_srtp", Transport::tcp,
       "02 00 0700 7800 000000 02 00000000000000 02 0000000000000000 00 00 00 00 09 80 00000000 100e0000 0101 7800 "
       "00000000 0101 07 08 f82a 3c00" +
           smalls,
       "100e0000/%R11001-11060"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.protocol);
    Play flow{c.protocol, c.transport};
    flow.give(c.hex);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0,
           {{"ics.operation", "write"},
            {"ics.target", c.target},
            {"ics.all_targets", "-"},
            {"ics.all_values", all.c_str()}});
    EXPECT_TRUE(flow.get(0, "ics.value").ends_with("..."));
  }
}

TEST(IcsWhole, MelsecSaysAllPointsAtRandom) {
  std::string random = "5000 00 ff ff03 00 f800 1000 0214 0000 28 00";  // 40 words
  for (std::size_t i = 0; i < 40; ++i) random += little(100 + i) + "00a8" + little(1000 + i);
  Play flow{"melsec", Transport::udp};
  flow.give(random);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_EQ(parts(flow.get(0, "ics.all_targets")), 40U);
  EXPECT_TRUE(flow.get(0, "ics.all_targets").ends_with(",0.255/D139"));
  EXPECT_EQ(flow.get(0, "ics.all_values"), decimals(40));
}

TEST(IcsWhole, CipNamesTheElementsOfAnArray) {
  static constexpr struct {
    const char *name, *request, *target;
  } kCases[] = {
      {"from its beginning", "4d 05 9108'Setpoint' c300 3c00", "Setpoint[0-59]"},
      {"from an element", "4d 06 9108'Setpoint'2804 c300 3c00", "Setpoint[4-63]"},
      {"in fragments", "53 05 9108'Setpoint' c300 6400 14000000", "Setpoint[10-69]"},
      {"of two dimensions", "4d 07 9108'Setpoint'28042801 c300 3c00", "Setpoint[4][1]"},
      {"of a file in PCCC", "4b02 2067 2401 07 4d00 f32b9532 0f00 3512 aa 78 07 89 05 00", "N7:5-64"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = enip::play();
    flow.give(enip::unconnected(c.request + little_endian(60)));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"ics.operation", "write"}, {"ics.target", c.target}});
    EXPECT_EQ(flow.get(0, "ics.all_values"), decimals(60));
  }
  Play one = enip::play();
  one.give(enip::unconnected("4d 05 9108'Setpoint' c300 0100 0700"));
  expect(one.context, 0, {{"ics.target", "Setpoint"}, {"ics.value", "7"}, {"ics.all_values", "-"}});
}

TEST(IcsWhole, BacnetSaysAllProperties) {
  std::string write = "0104 0005 05 10";
  for (std::size_t i = 1; i <= 20; ++i) write += "0c008000" + hex(i, 2) + "1e 0955 2e 4442c80000 2f 1f";
  Play flow = bacnet::play();
  flow.give(bacnet::unicast(write));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_EQ(parts(flow.get(0, "ics.all_targets")), 20U);
  EXPECT_TRUE(flow.get(0, "ics.target").ends_with("..."));
}

TEST(IcsWhole, ResponsesDoNotRepeatIt) {
  Play flow{"modbus", Transport::tcp};
  flow.give("0001 0000 007f 01 10 0004 003c 78" + big_endian(60)).give("0001 0000 0006 01 10 0004 003c", kBack);
  expect(flow.context, 1, {{"ics.outcome", "ok"}, {"ics.target", "1/holding_register/4-63"}, {"ics.all_values", "-"}});
}

TEST(IcsWhole, NeitherDoesWhatIsRead) {
  Play flow{"modbus", Transport::tcp};
  flow.give("0001 0000 0006 01 03 0004 003c").give("0001 0000 007b 01 03 78" + big_endian(60), kBack);
  EXPECT_TRUE(flow.get(1, "ics.value").ends_with("..."));
  expect(flow.context, 1, {{"ics.operation", "read"}, {"ics.all_values", "-"}});
}

TEST(IcsWhole, OnlyWhereTheTextsAreCut) {
  Play dnp3 = dnp3::play(), s7{"s7comm", Transport::tcp};
  dnp3.give(dnp3::asks(set_points(3)));
  s7.give(s7_words(3));
  for (const Play* flow : {&dnp3, &s7}) expect(flow->context, 0, {{"ics.all_targets", "-"}, {"ics.all_values", "-"}});
}

TEST(IcsWhole, OnlyWhenSomebodyWantsThem) {
  Play dnp3{"dnp3", Transport::tcp, {"ics.target", "ics.value"}}, s7{"s7comm", Transport::tcp, {"ics.target"}};
  dnp3.give(dnp3::asks(set_points(50)));
  s7.give(s7_words(20));
  for (const Play* flow : {&dnp3, &s7}) expect(flow->context, 0, {{"ics.all_targets", "-"}, {"ics.all_values", "-"}});
}

}  // namespace
}  // namespace nw::network
