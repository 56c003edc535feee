#include "ingest/network/protocols/values.h"

#include <gtest/gtest.h>
#include <limits>

#include "fake_context.h"

namespace nw::network {
namespace {

TEST(Values, NumbersInHexadecimal) {
  static constexpr struct {
    std::uint64_t number;
    std::size_t digits;
    std::string_view text;
  } kCases[] = {
      {0, 1, "0x0"},
      {0, 2, "0x00"},
      {0x0a, 2, "0x0a"},
      {0xff, 2, "0xff"},
      {0x100, 2, "0x100"},
      {0x107, 4, "0x0107"},
      {0x0a, 1, "0xa"},
      {0x11020100, 8, "0x11020100"},
      {1, 16, "0x0000000000000001"},
      {std::numeric_limits<std::uint64_t>::max(), 2, "0xffffffffffffffff"},
  };
  FakeContext context{protocol("modbus")};
  EventWriter out = context.begin(0, context.time);
  for (const auto& c : kCases) EXPECT_EQ(hex_value(out, c.number, c.digits).as_text(), c.text);
}

TEST(Values, NamesOfNumbers) {
  FakeContext context{protocol("modbus")};
  EventWriter out = context.begin(0, context.time);
  EXPECT_EQ(named(out, "reset", 7).as_text(), "reset");
  EXPECT_EQ(named(out, {}, 7).as_text(), "unknown-7");
}

}  // namespace
}  // namespace nw::network
