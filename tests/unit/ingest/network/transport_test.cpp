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
  EXPECT_EQ(parse_transport(around(50, Frame(30)), out), Outcome::ignored);
}

TEST(ParseTransport, Sctp) {
  const Frame bytes = frames::sctp(2905, 36412, 1, "abc");
  TransportHeader out;
  ASSERT_EQ(parse_transport(around(132, bytes), out), Outcome::decoded);
  EXPECT_EQ(out.source_port, 2905);
  EXPECT_EQ(out.destination_port, 36412);
  EXPECT_EQ(out.flags, SctpChunk::kInit);
  EXPECT_EQ(out.payload_bytes, 7U);  // the chunk's header and its three bytes
  for (std::size_t cut = 0; cut < 13; ++cut) {
    TransportHeader none;
    EXPECT_EQ(
        parse_transport(around(132, Frame(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut))), none),
        Outcome::truncated_transport);
  }
}

TEST(ParseTransport, CarriersHaveNoPorts) {
  for (const unsigned protocol : {4U, 41U, 47U}) {
    TransportHeader out;
    ASSERT_EQ(parse_transport(around(protocol, Frame(30)), out), Outcome::decoded);
    EXPECT_EQ(out.source_port, 0);
    EXPECT_EQ(out.destination_port, 0);
    EXPECT_EQ(out.payload.size(), 30U);
  }
}

TEST(ParseQuoted, TheStartOfAPacketIsEnough) {
  const auto a = frames::v4(1, 1111), b = frames::v4(2, 53);
  const auto a6 = frames::v6(1, 1111), b6 = frames::v6(2, 0);
  Frame piece = frames::ipv4(a.address, b.address, 17, frames::udp(1111, 53, "x"), {.offset = 800});
  const struct {
    const char* name;
    Frame packet;
    bool want;
    unsigned protocol;
    std::uint16_t first, second;
  } kCases[] = {
      {"UDP", frames::ip(a, b, 17, frames::udp(1111, 53, std::string(100, 'x'))), true, 17, 1111, 53},
      {"TCP over IPv6", frames::ip(a6, b6, 6, frames::tcp(1111, 22, {})), true, 6, 1111, 22},
      {"SCTP", frames::ip(a, b, 132, frames::sctp(5, 6, 0, "")), true, 132, 5, 6},
      {"ICMP", frames::ip(a, b, 1, frames::icmp(8, 0)), true, 1, 8, 0},
      {"a later fragment", piece, true, 17, 0, 0},
      {"another protocol", frames::ip(a, b, 89, Frame(8)), true, 89, 0, 0},
      {"no packet", Frame(28), false, 0, 0, 0},
      {"nothing", {}, false, 0, 0, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    TransportHeader error;
    error.payload = Bytes{c.packet}.first(
        std::min<std::size_t>(c.packet.size(), c.packet.empty() || c.packet[0] >> 4U == 4 ? 28 : 48));
    QuotedPacket out;
    ASSERT_EQ(parse_quoted(error, out), c.want);
    EXPECT_EQ(out.protocol, c.protocol);
    EXPECT_EQ(out.source_port, c.first);
    EXPECT_EQ(out.destination_port, c.second);
  }
  EXPECT_TRUE(is_icmp_error(1, 3) && is_icmp_error(1, 11) && is_icmp_error(58, 1) && is_icmp_error(58, 4));
  EXPECT_FALSE(is_icmp_error(1, 8) || is_icmp_error(58, 128) || is_icmp_error(58, 5) || is_icmp_error(6, 3));
}

}  // namespace
}  // namespace nw::network
