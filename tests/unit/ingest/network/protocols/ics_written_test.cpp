// Writes whose points do not fit into `ics.target` and `ics.value`: lists say them all.
#include <array>
#include <cstdio>
#include <gtest/gtest.h>
#include <string>

#include "dnp3_frames.h"

namespace nw::network {
namespace {

std::string hex(std::size_t number, int digits) {
  std::array<char, 9> text;
  std::snprintf(text.data(), text.size(), "%0*zx", digits, number);
  return text.data();
}

// Set points 0 and on of outstation 10, each with its number as value; of an octet's index.
std::string set_points(std::size_t count) {
  std::string out = "c4 05 290217" + hex(count, 2);
  for (std::size_t i = 0; i < count; ++i) out += hex(i, 2) + hex(i, 2) + "00 00";
  return out;
}

// Writes a word to DB10.DBW0 and on, each its number.
std::vector<std::uint8_t> words(std::size_t count) {
  std::string items, values;
  for (std::size_t i = 0; i < count; ++i) {
    items += "120a10040001000a84" + hex(16 * i, 6);
    values += "00040010" + hex(i, 4);
  }
  return from_hex("0300" + hex(19 + 18 * count, 4) + "02f080 3201 0000 0600" + hex(2 + 12 * count, 4) +
                  hex(6 * count, 4) + "05" + hex(count, 2) + items + values);
}

std::size_t parts(const std::string& list) {
  return list == "-" ? 0 : static_cast<std::size_t>(std::ranges::count(list, ',')) + 1;
}

TEST(IcsWritten, Dnp3SaysAllPoints) {
  Play flow = dnp3::play();
  flow.give(dnp3::asks(set_points(50)));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_TRUE(flow.get(0, "ics.target").ends_with("..."));
  const std::string targets = flow.get(0, "request_targets"), values = flow.get(0, "request_values");
  EXPECT_EQ(parts(targets), 50U);
  EXPECT_EQ(parts(values), 50U);
  EXPECT_TRUE(targets.starts_with("10/g41/0,10/g41/1,")) << targets;
  EXPECT_TRUE(targets.ends_with(",10/g41/49"));
  EXPECT_TRUE(values.ends_with(",48,49"));
}

TEST(IcsWritten, Dnp3SaysARangeAsOneTarget) {
  std::string deadbands = "c4 02 220100 00 63";  // 0 to 99
  for (std::size_t i = 0; i < 100; ++i) deadbands += hex(i, 2) + "00";
  Play flow = dnp3::play();
  flow.give(dnp3::asks(deadbands));
  EXPECT_EQ(flow.get(0, "ics.target"), "10/g34/0-99");
  EXPECT_TRUE(flow.get(0, "ics.value").ends_with("..."));
  EXPECT_EQ(flow.get(0, "request_targets"), "10/g34/0-99");
  EXPECT_EQ(parts(flow.get(0, "request_values")), 100U);
}

TEST(IcsWritten, S7SaysAllPoints) {
  Play flow{"s7comm", Transport::tcp};
  flow.give(words(20));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_TRUE(flow.get(0, "ics.target").ends_with("..."));
  EXPECT_EQ(parts(flow.get(0, "request_targets")), 20U);
  EXPECT_TRUE(flow.get(0, "request_targets").ends_with(",DB10.DBW38"));
  EXPECT_EQ(flow.get(0, "request_values"), "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19");
}

TEST(IcsWritten, OnlyWhereTheTextsAreCut) {
  Play dnp3 = dnp3::play(), s7{"s7comm", Transport::tcp};
  dnp3.give(dnp3::asks(set_points(3)));
  s7.give(words(3));
  for (const Play* flow : {&dnp3, &s7}) expect(flow->context, 0, {{"request_targets", "-"}, {"request_values", "-"}});
}

TEST(IcsWritten, OnlyWhenSomebodyWantsThem) {
  Play dnp3{"dnp3", Transport::tcp, {"ics.target", "ics.value"}}, s7{"s7comm", Transport::tcp, {"ics.target"}};
  dnp3.give(dnp3::asks(set_points(50)));
  s7.give(words(20));
  for (const Play* flow : {&dnp3, &s7}) expect(flow->context, 0, {{"request_targets", "-"}, {"request_values", "-"}});
}

}  // namespace
}  // namespace nw::network
