// Flows by number, for who keeps something of each.
#include <gtest/gtest.h>
#include <set>

#include "unit/ingest/network/harness.h"
#include "unit/ingest/network/tunnel_frames.h"

namespace nw::network {
namespace {

using frames::Frame;
using frames::v4;

class NumberSink final : public event::EventSink {
 public:
  void accept(event::Event& event) override {
    if (event.get(event::Common::uid) != nullptr) numbers.push_back(decoder->flow_of_event());
  }
  NetworkDecoder* decoder = nullptr;
  std::vector<std::uint64_t> numbers;
};

class FlowNumberTest : public ::testing::Test {
 protected:
  FlowNumberTest() {
    NetworkDecoder::declare(*schema_);
    for (std::size_t i = 0; i < schema_->type_count(); ++i) interest_->want_all(static_cast<event::TypeId>(i));
    decoder_ = std::make_unique<NetworkDecoder>(schema_, interest_, event::SourceId{}, NetworkLimits{}, 42);
    sink_.decoder = decoder_.get();
  }
  std::uint64_t send(const Frame& frame, Nanoseconds later = std::chrono::milliseconds{1}) {
    now_ += later;
    decoder_->packet(frame, static_cast<std::uint32_t>(frame.size()), now_, 1, ordinal_++, sink_);
    return decoder_->flow_of_packet();
  }

  std::shared_ptr<event::Schema> schema_ = std::make_shared<event::Schema>();
  std::shared_ptr<event::Interest> interest_ = std::make_shared<event::Interest>();
  NumberSink sink_;
  std::unique_ptr<NetworkDecoder> decoder_;
  Timestamp now_ = from_unix_nanoseconds(1'700'000'000'000'000'000);
  std::uint64_t ordinal_ = 0;
};

TEST_F(FlowNumberTest, IsOneForBothDirectionsAndAnotherForEachFlow) {
  Connection one{v4(10, 40000), v4(20, 80)}, other{v4(11, 40000), v4(20, 80)};
  std::set<std::uint64_t> ones, others;
  for (const Frame& frame : one.handshake()) ones.insert(send(frame));
  ones.insert(send(one.say(0, "GET / HTTP/1.1\r\n\r\n")));
  ones.insert(send(one.say(1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")));
  for (const Frame& frame : other.handshake()) others.insert(send(frame));
  EXPECT_EQ(ones.size(), 1U);
  EXPECT_EQ(others.size(), 1U);
  EXPECT_NE(ones, others);
  EXPECT_FALSE(ones.contains(0));
  EXPECT_EQ(decoder_->flow_around_packet(), 0U);
  ASSERT_FALSE(sink_.numbers.empty()) << "its request made an event";
  for (const std::uint64_t number : sink_.numbers) EXPECT_TRUE(ones.contains(number));
  sink_.numbers.clear();
  decoder_->finish(sink_);
  EXPECT_TRUE(std::ranges::find(sink_.numbers, *ones.begin()) != sink_.numbers.end()) << "and its end another";
}

TEST_F(FlowNumberTest, ThePortsUsedAgainAreAnotherFlow) {
  const Frame frame = frames::udp_frame(v4(1, 1000), v4(2, 9999), "x");
  const std::uint64_t first = send(frame);
  EXPECT_EQ(send(frame), first);
  EXPECT_NE(send(frame, std::chrono::minutes{10}), first) << "the first has timed out";
}

TEST_F(FlowNumberTest, WithinATunnelTheInnermostCounts) {
  const auto inner = [](std::uint32_t host) {
    return frames::ip(v4(host, 9000), v4(4, 9001), 17, frames::udp(9000, 9001, "E x"));
  };
  const auto around = [](const Frame& packet) {
    return frames::over_udp(v4(101, 5000), v4(102, 4789), frames::vxlan(1, frames::ethernet(packet)));
  };
  const std::uint64_t one = send(around(inner(3)));
  const std::uint64_t tunnel = decoder_->flow_around_packet();
  EXPECT_NE(tunnel, 0U);
  EXPECT_NE(one, tunnel);
  const std::uint64_t other = send(around(inner(5)));
  EXPECT_NE(other, one);
  EXPECT_EQ(decoder_->flow_around_packet(), tunnel);
  EXPECT_EQ(send(around(inner(3))), one);
}

TEST_F(FlowNumberTest, IsNothingForWhatBelongsToNoFlow) {
  (void)send(frames::udp_frame(v4(1, 1000), v4(2, 9999), "x"));
  std::vector<std::uint8_t> goose(60, 1);
  goose[12] = 0x88;
  goose[13] = 0xb8;
  EXPECT_EQ(send(goose), 0U);
  EXPECT_EQ(send(Frame(5)), 0U) << "malformed";
}

}  // namespace
}  // namespace nw::network
