#include "ingest/network/ip_layer.h"

#include <gtest/gtest.h>

#include "unit/ingest/network/frames.h"

namespace nw::network {
namespace {

using frames::Frame;

const IpAddress kA = frames::v4(1, 0).address, kB = frames::v4(2, 0).address;
const IpAddress kA6 = frames::v6(1, 0).address, kB6 = frames::v6(2, 0).address;
const Frame kFour{1, 2, 3, 4};

TEST(ParseIp, Version4) {
  Frame bytes = frames::ipv4(kA, kB, 17, kFour);
  bytes.resize(46);  // Ethernet padding
  IpPacket out;
  ASSERT_EQ(parse_ip(bytes, 4, 0, out), Outcome::decoded);
  EXPECT_EQ(out.source, kA);
  EXPECT_EQ(out.destination, kB);
  EXPECT_EQ(out.protocol, 17);
  EXPECT_EQ(out.ip_bytes, 24U);
  EXPECT_EQ(Frame(out.payload.begin(), out.payload.end()), kFour);
  EXPECT_FALSE(out.fragment);
  for (std::size_t cut = 0; cut < 24; ++cut) {
    IpPacket none;
    EXPECT_EQ(parse_ip(Bytes{bytes}.first(cut), 4, 0, none), Outcome::truncated_ip) << cut;
  }
}

TEST(ParseIp, TheCaptureMayCutThePayload) {
  const Frame bytes = frames::ipv4(kA, kB, 17, kFour);
  IpPacket out;
  ASSERT_EQ(parse_ip(Bytes{bytes}.first(21), 4, 3, out), Outcome::decoded);
  EXPECT_EQ(out.payload.size(), 1U);
  EXPECT_EQ(out.payload_bytes, 4U);
  IpPacket none;
  EXPECT_EQ(parse_ip(Bytes{bytes}.first(21), 4, 2, none), Outcome::truncated_ip);
}

TEST(ParseIp, Fragment) {
  const Frame bytes = frames::ipv4(kA, kB, 17, kFour, {.id = 77, .offset = 1480, .more = true});
  IpPacket out;
  ASSERT_EQ(parse_ip(bytes, 4, 0, out), Outcome::decoded);
  EXPECT_TRUE(out.fragment);
  EXPECT_TRUE(out.more_fragments);
  EXPECT_EQ(out.fragment_id, 77U);
  EXPECT_EQ(out.fragment_offset, 1480U);
}

TEST(ParseIp, Version6WithExtensions) {
  // Hop by hop, then destination options, then UDP.
  const Frame inner = frames::extension(60, frames::extension(17, kFour));
  const Frame bytes = frames::ipv6(kA6, kB6, 0, inner);
  IpPacket out;
  ASSERT_EQ(parse_ip(bytes, 6, 0, out), Outcome::decoded);
  EXPECT_EQ(out.protocol, 17);
  EXPECT_EQ(out.payload_bytes, 4U);
  EXPECT_EQ(out.ip_bytes, 60U);
  EXPECT_EQ(out.source, kA6);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    IpPacket none;
    EXPECT_EQ(parse_ip(Bytes{bytes}.first(cut), 6, 0, none), Outcome::truncated_ip) << cut;
  }
}

TEST(ParseIp, ExtensionHeadersAreCounted) {
  Frame inner = kFour;
  unsigned next = 17;
  for (int i = 0; i < kExtensionHeadersMax; ++i) {
    inner = frames::extension(next, inner);
    next = 60;
  }
  IpPacket out;
  EXPECT_EQ(parse_ip(frames::ipv6(kA6, kB6, 60, inner), 6, 0, out), Outcome::decoded);
  inner = frames::extension(60, inner);
  IpPacket more;
  EXPECT_EQ(parse_ip(frames::ipv6(kA6, kB6, 60, inner), 6, 0, more), Outcome::too_many_extension_headers);
}

TEST(ParseIp, Fragments6) {
  IpPacket out;
  const Frame piece = frames::fragment6(6, {.id = 0x01020304, .offset = 16, .more = true}, kFour);
  ASSERT_EQ(parse_ip(frames::ipv6(kA6, kB6, 44, piece), 6, 0, out), Outcome::decoded);
  EXPECT_TRUE(out.fragment);
  EXPECT_EQ(out.fragment_id, 0x01020304U);
  EXPECT_EQ(out.fragment_offset, 16U);
  EXPECT_EQ(out.payload_bytes, 4U);
  IpPacket atomic;
  ASSERT_EQ(parse_ip(frames::ipv6(kA6, kB6, 44, frames::fragment6(17, {.id = 9}, kFour)), 6, 0, atomic),
            Outcome::decoded);
  EXPECT_FALSE(atomic.fragment);
  EXPECT_EQ(atomic.protocol, 17);
}

TEST(ParseIp, Refuses) {
  const Frame good = frames::ipv4(kA, kB, 17, kFour);
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    Frame changed = good;
    changed[at] = byte;
    return changed;
  };
  Frame six = frames::ipv6(kA6, kB6, 17, kFour);
  six[0] = 0x50;
  const struct {
    const char* name;
    unsigned version;
    Frame bytes;
    Outcome want;
  } kCases[] = {
      {"version 6 in a version 4 frame", 4, with(0, 0x65), Outcome::bad_ip_header},
      {"header of 16 bytes", 4, with(0, 0x44), Outcome::bad_ip_header},
      {"header past the total length", 4, with(0, 0x4f), Outcome::bad_ip_length},
      {"total length below the header", 4, with(3, 19), Outcome::bad_ip_length},
      {"total length past the end", 4, with(3, 25), Outcome::truncated_ip},
      {"version 5 in a version 6 frame", 6, six, Outcome::bad_ip_header},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    IpPacket out;
    EXPECT_EQ(parse_ip(c.bytes, c.version, 0, out), c.want);
  }
}

TEST(ParseIp, LengthLeftToTheCard) {
  Frame four = frames::ipv4(kA, kB, 6, Frame(2000));
  four[2] = four[3] = 0;
  IpPacket out;
  ASSERT_EQ(parse_ip(four, 4, 0, out), Outcome::decoded);
  EXPECT_EQ(out.payload_bytes, 2000U);
  Frame six = frames::ipv6(kA6, kB6, 6, Frame(2000));
  six[4] = six[5] = 0;
  IpPacket out6;
  ASSERT_EQ(parse_ip(six, 6, 0, out6), Outcome::decoded);
  EXPECT_EQ(out6.payload_bytes, 2000U);
}

}  // namespace
}  // namespace nw::network
