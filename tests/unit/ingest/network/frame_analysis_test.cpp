#include "ingest/network/frame_analysis.h"

#include <gtest/gtest.h>

#include "unit/ingest/network/harness.h"
#include "unit/ingest/network/tunnel_frames.h"

namespace nw::network {
namespace {

using frames::Frame;

// Says what it is given; a frame that begins with '!' is refused.
class BeaconAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    if (!frame.payload.empty() && frame.payload[0] == '!') return context.refused(DecodeError::bad_value);
    ++frames_;
    said_ = std::string(frame.payload.begin(), frame.payload.end()) + " of " + std::to_string(frame.type) + " from " +
            (frame.source.empty() ? "nobody" : std::to_string(frame.source[5])) + " to " +
            (frame.destination.empty() ? "nobody" : std::to_string(frame.destination[5])) + " in " +
            (frame.vlan ? std::to_string(*frame.vlan) : "none");
    emit(said_, context);
    if (frame.payload.size() > 1) emit("more", context);
  }
  void finish(Context& context) override { emit("end of " + std::to_string(frames_), context); }

 private:
  static void emit(const std::string& text, Context& context) {
    if (!context.wants(0)) return;
    EventWriter out = context.begin(0, context.now());
    out.set(0, event::Value::text(out.event().keep(text)));
    context.emit();
  }

  std::string said_;
  unsigned frames_ = 0;
};

std::span<const Protocol> beacon_table() {
  static constexpr std::array<event::FieldSpec, 1> kFields{{{"line", "text", "what was said"}}};
  static constexpr std::array<std::string_view, 1> kServices{"beacon"};
  static constexpr std::array<event::TypeSpec, 1> kTypes{{{"beacon", "normwatch", kServices, {}, kFields, false}}};
  static constexpr std::array<std::uint16_t, 3> kEtherTypes{0x9999, 0x9998, 0x2000};
  static const std::array<Protocol, 1> kTable = [] {
    Protocol p;
    p.name = "beacon";
    p.types = kTypes;
    p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<BeaconAnalyzer>(); };
    p.ether_types = kEtherTypes;
    return std::array<Protocol, 1>{p};
  }();
  return kTable;
}

struct Beacons : Harness {
  explicit Beacons(bool wanted = true) : Harness{{}, beacon_table(), true, wanted} {}
  [[nodiscard]] std::string lines() const { return all("beacon", "line"); }
};

Frame beacon(const Frame& between, std::string_view text) {
  return frames::with(frames::with({2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 7}, between), frames::bytes_of(text));
}

TEST(FrameAnalysis, AFrameGoesToItsProtocol) {
  Beacons h;
  h.send(beacon({0x99, 0x99}, "a"));
  EXPECT_EQ(h.lines(), "a of 39321 from 7 to 9 in none");
  EXPECT_EQ(h.counters().decoded, 1U);
  EXPECT_EQ(h.counters().ignored, 0U);
  EXPECT_EQ(h.counters().protocols[0].messages, 1U);
  EXPECT_EQ(h.decoder->flows(), 0U);
  for (const char* absent : {"uid", "id.orig_h", "proto", "community_id", "tunnel_parents"})
    EXPECT_EQ(h.events[0].count(absent), 0U) << absent;
  EXPECT_TRUE(h.adds_up());
}

TEST(FrameAnalysis, WhateverIsAroundIt) {
  const struct {
    const char* name;
    Frame between;
    const char* want;
  } cases[] = {
      {"its second type", {0x99, 0x98}, "a of 39320 from 7 to 9 in none"},
      {"a VLAN", {0x81, 0, 0x60, 5, 0x99, 0x99}, "a of 39321 from 7 to 9 in 5"},
      {"two VLANs", {0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 0x99, 0x99}, "a of 39321 from 7 to 9 in 5"},
      {"HSR", {0x89, 0x2f, 0, 52, 0, 1, 0x99, 0x99}, "a of 39321 from 7 to 9 in none"},
      {"SNAP", {0, 20, 0xaa, 0xaa, 3, 0, 0, 0, 0x99, 0x99}, "a of 39321 from 7 to 9 in none"},
      {"SNAP, CDP's number", {0, 20, 0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0}, "a of 8192 from 7 to 9 in none"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Beacons h;
    h.send(beacon(c.between, "a"));
    EXPECT_EQ(h.lines(), c.want);
  }
}

TEST(FrameAnalysis, WithoutEthernet) {
  Frame cooked(14, 0);
  frames::put16(cooked, 0x9999);
  frames::put(cooked, frames::bytes_of("a"));
  Beacons h;
  h.at(std::chrono::milliseconds{0}, cooked, 113);
  EXPECT_EQ(h.lines(), "a of 39321 from nobody to nobody in none");
}

TEST(FrameAnalysis, WithinATunnel) {
  Beacons h;
  h.send(frames::over_udp(frames::v4(101, 5000), frames::v4(102, 4789), frames::vxlan(1, beacon({0x99, 0x99}, "a"))));
  EXPECT_EQ(h.lines(), "a of 39321 from 7 to 9 in none");
  EXPECT_EQ(h.counters().tunnelled.decoded, 1U);
  const std::string parents = h.all("beacon", "tunnel_parents");
  h.finish();
  EXPECT_EQ(parents, h.all("conn", "uid"));
}

TEST(FrameAnalysis, OtherTypesAreIgnored) {
  Beacons h;
  h.send(beacon({0x99, 0x97}, "a"));
  h.send(beacon({0, 20, 0x42, 0x42, 3}, "a"));
  h.send(beacon({0, 20, 0xaa, 0xaa, 3, 0, 0, 0x0c, 0x99, 0x99}, "a"));  // SNAP, of a vendor's numbers
  EXPECT_TRUE(h.events.empty());
  EXPECT_EQ(h.counters().ignored, 3U);
}

TEST(FrameAnalysis, OneAnalyzerForAllStations) {
  Beacons h;
  h.send(beacon({0x99, 0x99}, "a"));
  h.send(frames::with({1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 0x99, 0x98}, frames::bytes_of("b")));
  h.finish();
  EXPECT_EQ(h.lines(), "a of 39321 from 7 to 9 in none,b of 39320 from 3 to 1 in none,end of 2");
  h.finish();  // nothing is left
  EXPECT_EQ(h.events.size(), 3U);
}

TEST(FrameAnalysis, EventsAreNamedByTheirFrame) {
  Beacons h;
  h.send(beacon({0x99, 0x99}, "ab"));
  h.send(beacon({0x99, 0x99}, "ab"));
  h.send(frames::udp_frame(frames::v4(1, 5), frames::v4(2, 6), "x"));
  h.finish();
  EXPECT_EQ(h.all("beacon", "_id"), "0.0,0.1,1.0,1.1,1.2");
}

TEST(FrameAnalysis, Refused) {
  Beacons h;
  h.send(beacon({0x99, 0x99}, "!"));
  EXPECT_EQ(h.counters().protocols[0].refused[static_cast<std::size_t>(DecodeError::bad_value)], 1U);
  EXPECT_EQ(h.counters().decoded, 1U);
  EXPECT_TRUE(h.adds_up());
}

TEST(FrameAnalysis, NothingIsMadeWhenNobodyAsks) {
  Beacons h{false};
  h.send(beacon({0x99, 0x99}, "a"));
  h.finish();
  EXPECT_EQ(h.lines(), "");
  EXPECT_EQ(h.counters().decoded, 1U);
}

TEST(FrameAnalysis, WhoAsksLaterIsTold) {
  Beacons h{false};
  h.send(beacon({0x99, 0x99}, "a"));
  h.decoder->subscribe(h.schema, h.wanted(true, true));
  h.send(beacon({0x99, 0x99}, "b"));
  h.decoder->subscribe(h.schema, h.wanted(true, false));
  h.send(beacon({0x99, 0x99}, "c"));
  h.finish();
  EXPECT_EQ(h.lines(), "b of 39321 from 7 to 9 in none");
}

TEST(FrameAnalysis, WhatNobodyAskedForInBetweenEndsWhatWasKnown) {
  Beacons h;
  h.send(beacon({0x99, 0x99}, "a"));
  h.decoder->subscribe(h.schema, h.wanted(true, false));
  h.send(beacon({0x99, 0x99}, "b"));
  h.decoder->subscribe(h.schema, h.wanted(true, true));
  h.send(beacon({0x99, 0x99}, "c"));
  h.finish();
  EXPECT_EQ(h.lines(), "a of 39321 from 7 to 9 in none,c of 39321 from 7 to 9 in none,end of 1");
}

}  // namespace
}  // namespace nw::network
