#include "ingest/network/arp_event.h"

#include <gtest/gtest.h>

#include "unit/ingest/network/harness.h"
#include "unit/ingest/network/tunnel_frames.h"

namespace nw::network {
namespace {

using frames::Frame;

// From RFC 826: who has 10.0.0.2? tell 10.0.0.1.
Frame message(std::uint8_t operation = 1) {
  return {0, 1, 8, 0, 6, 4, 0, operation, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};
}
Frame on_ethernet(const Frame& arp, std::uint16_t type = 0x0806) {
  Frame out{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0xab, 0xcd};
  frames::put16(out, type);
  frames::put(out, arp);
  if (out.size() < 60) out.resize(60);
  return out;
}

TEST(Arp, AMessageIsAnEvent) {
  Harness h;
  h.send(on_ethernet(message()));
  ASSERT_EQ(h.events.size(), 1U);
  const auto& event = h.events[0];
  EXPECT_EQ(event.at("_path"), "arp");
  EXPECT_EQ(event.at("op"), "request");
  EXPECT_EQ(event.at("mac_src"), "02:00:00:00:ab:cd");
  EXPECT_EQ(event.at("mac_dst"), "ff:ff:ff:ff:ff:ff");
  EXPECT_EQ(event.at("spa"), "10.0.0.1");
  EXPECT_EQ(event.at("sha"), "02:00:00:00:00:01");
  EXPECT_EQ(event.at("tpa"), "10.0.0.2");
  EXPECT_EQ(event.at("tha"), "00:00:00:00:00:00");
  EXPECT_EQ(event.at("id.orig_h"), "10.0.0.1");
  EXPECT_EQ(event.at("id.resp_h"), "10.0.0.2");
  EXPECT_EQ(event.count("uid"), 0U);
  EXPECT_EQ(h.counters().decoded, 1U);
  EXPECT_EQ(h.decoder->flows(), 0U);
  EXPECT_TRUE(h.adds_up());
}

TEST(Arp, Operations) {
  Harness h;
  for (const unsigned operation : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 10U, 255U}) {
    h.send(on_ethernet(message(static_cast<std::uint8_t>(operation))));
  }
  EXPECT_EQ(h.all("arp", "op"),
            "0,request,reply,reverse_request,reverse_reply,5,7,inverse_request,inverse_reply,10,255");
}

TEST(Arp, Rarp) {
  Harness h;
  h.send(on_ethernet(message(3), 0x8035));
  EXPECT_EQ(h.all("arp", "op"), "reverse_request");
}

TEST(Arp, WithoutEthernet) {
  Frame cooked;
  for (int i = 0; i < 14; ++i) frames::put8(cooked, 0);
  frames::put16(cooked, 0x0806);
  frames::put(cooked, message());
  Harness h;
  h.at(std::chrono::milliseconds{0}, cooked, 113);
  EXPECT_EQ(h.all("arp", "op"), "request");
  EXPECT_EQ(h.all("arp", "mac_src"), "-");
}

TEST(Arp, WithinATunnel) {
  Harness h;
  h.send(frames::over_udp(frames::v4(101, 5000), frames::v4(102, 4789), frames::vxlan(1, on_ethernet(message()))));
  EXPECT_EQ(h.all("arp", "spa"), "10.0.0.1");
  EXPECT_EQ(h.counters().tunnelled.decoded, 1U);
  h.finish();
  EXPECT_EQ(h.all("arp", "tunnel_parents"), h.all("conn", "uid"));
}

TEST(Arp, OthersAreIgnored) {
  Harness h;
  Frame token_ring = message(), chaos = message();
  token_ring[1] = 4;
  chaos[2] = 0x88;
  h.send(on_ethernet(token_ring));
  h.send(on_ethernet(chaos));
  EXPECT_EQ(h.counters().ignored, 2U);
  EXPECT_TRUE(h.events.empty());
}

TEST(Arp, Malformed) {
  Arp out;
  const Frame whole = message();
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_EQ(parse_arp(Bytes{whole}.first(cut), out), Outcome::bad_arp) << cut;
  }
  EXPECT_EQ(parse_arp(whole, out), Outcome::decoded);
  Frame short_hardware = whole, long_address = whole;
  short_hardware[4] = 5;
  long_address[5] = 5;
  frames::put16(long_address, 0);
  EXPECT_EQ(parse_arp(short_hardware, out), Outcome::bad_arp);
  EXPECT_EQ(parse_arp(long_address, out), Outcome::bad_arp);
  Harness h;
  h.send(on_ethernet(short_hardware));
  EXPECT_EQ(h.all("weird", "name"), "bad_arp");
}

}  // namespace
}  // namespace nw::network
