// Who falls silent is told by the source's clock, the same however often it is looked at.
#include <gtest/gtest.h>

#include "unit/ingest/network/harness.h"
#include "unit/ingest/network/protocols/fake_context.h"
#include "unit/ingest/network/protocols/golden_frames.h"
#include "unit/ingest/network/tunnel_frames.h"

namespace nw::network {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

frames::Frame golden_bytes(std::string_view protocol, std::string_view name) {
  return from_hex(Golden{protocol}(name).hex);
}

// To a group, as a publisher sends it.
frames::Frame routed_frame(std::string_view name) {
  return frames::over_udp(frames::v4(1, 49152), {IpAddress::v4(0xefc00001), 102}, golden_bytes("r_goose", name));
}

frames::Frame bystander(std::uint16_t port) {
  return frames::over_udp(frames::v4(7, port), frames::v4(8, 9), frames::bytes_of("x"));
}

struct QuietSource : Harness {
  QuietSource() : Harness{{}, protocols()} {}
  [[nodiscard]] std::string of(std::string_view path) const { return all(path, "anomaly"); }
  // In the order of their names.
  [[nodiscard]] std::vector<std::map<std::string, std::string>> named() const {
    auto out = events;
    std::ranges::sort(out, {}, [](const auto& event) { return event.at("_id"); });
    return out;
  }
};

TEST(Silence, ALonePublisherIsToldByTheClock) {
  QuietSource h;
  h.at(seconds{0}, golden_bytes("goose", "state"));
  h.at(milliseconds{2900}, bystander(1000));
  h.decoder->advance(h.start + milliseconds{3000}, h);  // it may be on its way
  EXPECT_EQ(h.of("goose"), "-");
  h.decoder->advance(h.start + milliseconds{3001}, h);
  EXPECT_EQ(h.of("goose"), "-,silent");
  h.decoder->advance(h.start + seconds{300}, h);
  h.finish();
  EXPECT_EQ(h.of("goose"), "-,silent");
  EXPECT_EQ(h.all("goose", "ts"), "1700000000.000000,1700000002.000000");
}

TEST(Silence, AtTheEndOfTheSourceNothingFalseIsTold) {
  const struct {
    milliseconds last;  // packet of the source, somebody else's
    const char *goose, *sv;
  } cases[] = {
      {milliseconds{10}, "-", "-,-"}, {milliseconds{3000}, "-", "-,-"}, {milliseconds{3001}, "-,silent", "-,silent"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.last.count());
    QuietSource h;
    h.at(seconds{0}, golden_bytes("goose", "state"));
    h.at(seconds{0}, golden_bytes("sv", "sample"));
    h.at(c.last, bystander(1000));
    h.finish();
    EXPECT_EQ(h.of("goose"), c.goose);
    EXPECT_EQ(h.of("sv"), c.sv);
  }
}

TEST(Silence, TheSameHoweverOftenTheClockIsLookedAt) {
  const auto play = [](unsigned each) {
    QuietSource h;
    unsigned packets = 0;
    const auto send = [&](milliseconds time, const frames::Frame& frame) {
      h.at(time, frame);
      if (each != 0 && ++packets % each == 0) h.decoder->advance(h.start + time, h);
    };
    for (int i = 0; i < 60; ++i) {
      const milliseconds now{500 * i};
      if (i < 3) send(now, golden_bytes("goose", "state"));
      if (i % 20 < 4) send(now, golden_bytes("goose", "state_simulated"));
      if (i % 16 == 0) send(now, golden_bytes("sv", i < 30 ? "sample" : "two_samples"));
      if (i < 8) send(now, routed_frame(i % 4 == 0 ? "state" : "sample"));
      send(now, bystander(static_cast<std::uint16_t>(1000 + i % 3)));
    }
    send(seconds{200}, bystander(2000));
    h.finish();
    return h.named();
  };
  const auto want = play(0);
  EXPECT_GT(std::ranges::count_if(want, [](const auto& event) { return event.contains("anomaly"); }), 8);
  for (const unsigned each : {1U, 3U, 50U}) {
    SCOPED_TRACE(each);
    EXPECT_EQ(play(each), want);
  }
}

TEST(Silence, OverUdpItIsToldWhenTheFlowEnds) {
  QuietSource h;
  h.at(seconds{0}, routed_frame("state"));
  h.at(milliseconds{100}, routed_frame("sample"));
  h.decoder->advance(h.start + seconds{61}, h);
  EXPECT_EQ(h.of("goose"), "-");
  h.decoder->advance(h.start + milliseconds{61101}, h);
  EXPECT_EQ(h.of("goose"), "-,silent");
  EXPECT_EQ(h.of("sv"), "-,silent");
  EXPECT_EQ(h.all("goose", "id.resp_h"), "239.192.0.1,239.192.0.1");
  EXPECT_EQ(h.all("conn", "service"), "r_goose");

  QuietSource cut;
  cut.at(seconds{0}, routed_frame("state"));
  cut.at(milliseconds{3000}, bystander(1000));
  cut.finish();
  EXPECT_EQ(cut.of("goose"), "-");
}

TEST(Silence, OverUdpOnAnyPort) {
  QuietSource h;
  h.send(frames::over_udp(frames::v4(1, 50000), frames::v4(2, 50001), golden_bytes("r_goose", "state")));
  EXPECT_EQ(h.all("goose", "gocb_ref"), "IED1/LLN0$GO$gcb1");
}

}  // namespace
}  // namespace nw::network
