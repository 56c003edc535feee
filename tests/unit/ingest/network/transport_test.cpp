#include "ingest/network/transport.h"

#include <gtest/gtest.h>

#include "unit/ingest/network/frames.h"

namespace nw::network {
namespace {

using frames::Frame;

IpPacket around(unsigned protocol, const Frame& payload) {
  IpPacket packet;
  packet.protocol = static_cast<std::uint8_t>(protocol);
  packet.payload = payload;
  packet.payload_bytes = static_cast<std::uint32_t>(payload.size());
  return packet;
}

TEST(ParseTransport, Tcp) {
  Frame bytes = frames::tcp(1025, 502,
                            {.flags = frames::kS | frames::kA,
                             .sequence = 0x01020304,
                             .acknowledgement = 0xfffefdfc,
                             .payload = "hello",
                             .window = 9});
  TransportHeader out;
  ASSERT_EQ(parse_transport(around(6, bytes), out), Outcome::decoded);
  EXPECT_EQ(out.source_port, 1025);
  EXPECT_EQ(out.destination_port, 502);
  EXPECT_EQ(out.sequence, 0x01020304U);
  EXPECT_EQ(out.acknowledgement, 0xfffefdfcU);
  EXPECT_EQ(out.window, 9);
  EXPECT_TRUE(out.has(TcpFlags::kSyn) && out.has(TcpFlags::kAck) && !out.has(TcpFlags::kFin));
  EXPECT_EQ(out.payload.size(), 5U);
  for (std::size_t cut = 0; cut < 20; ++cut) {
    TransportHeader none;
    EXPECT_EQ(parse_transport(around(6, Frame(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut))), none),
              Outcome::truncated_transport)
        << cut;
  }
  bytes[12] = 4U << 4U;
  EXPECT_EQ(parse_transport(around(6, bytes), out), Outcome::bad_tcp_header);
  bytes[12] = 7U << 4U;
  EXPECT_EQ(parse_transport(around(6, bytes), out), Outcome::bad_tcp_header);
}

TEST(ParseTransport, UdpLength) {
  const struct {
    const char* name;
    unsigned length;
    Outcome want;
    std::uint32_t payload;
  } kCases[] = {
      {"whole", 12, Outcome::decoded, 4},
      {"shorter than the packet", 10, Outcome::decoded, 2},
      {"none", 0, Outcome::decoded, 4},
      {"below the header", 7, Outcome::bad_udp_length, 0},
      {"past the end", 13, Outcome::bad_udp_length, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Frame bytes = frames::udp(53, 5353, "abcd");
    bytes[5] = static_cast<std::uint8_t>(c.length);
    TransportHeader out;
    ASSERT_EQ(parse_transport(around(17, bytes), out), c.want);
    if (c.want != Outcome::decoded) continue;
    EXPECT_EQ(out.payload_bytes, c.payload);
    EXPECT_EQ(out.payload.size(), c.payload);
  }
  EXPECT_EQ(
      [] {
        TransportHeader out;
        return parse_transport(around(17, Frame(7)), out);
      }(),
      Outcome::truncated_transport);
}

TEST(ParseTransport, IcmpPorts) {
  static constexpr struct {
    const char* name;
    unsigned protocol, type, code;
    std::uint16_t first, second;
    bool one_way;
  } kCases[] = {
      {"echo", 1, 8, 0, 8, 0, false},          {"echo reply", 1, 0, 0, 0, 8, false},
      {"timestamp", 1, 13, 0, 13, 14, false},  {"address mask reply", 1, 18, 0, 18, 17, false},
      {"unreachable", 1, 3, 1, 3, 1, true},    {"time exceeded", 1, 11, 0, 11, 0, true},
      {"echo 6", 58, 128, 0, 128, 129, false}, {"neighbour", 58, 135, 0, 135, 136, false},
      {"too big", 58, 2, 0, 2, 0, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Frame bytes = frames::icmp(c.type, c.code, "xy");
    TransportHeader out;
    ASSERT_EQ(parse_transport(around(c.protocol, bytes), out), Outcome::decoded);
    EXPECT_EQ(out.source_port, c.first);
    EXPECT_EQ(out.destination_port, c.second);
    EXPECT_EQ(out.one_way, c.one_way);
    EXPECT_EQ(out.payload_bytes, 2U);
    TransportHeader none;
    EXPECT_EQ(parse_transport(around(c.protocol, Frame(7)), none), Outcome::truncated_transport);
  }
  TransportHeader out;
  EXPECT_EQ(parse_transport(around(47, Frame(30)), out), Outcome::ignored);
}

}  // namespace
}  // namespace nw::network
