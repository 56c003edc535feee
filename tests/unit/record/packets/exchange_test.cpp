#include "record/packets/exchange.h"

#include <gtest/gtest.h>

#include "record/packets/headers.h"
#include "unit/ingest/network/harness.h"

namespace nw::record {
namespace {

using network::frames::Frame;

constexpr int kEthernet = 1;

class Exchange : public ::testing::Test {
 protected:
  std::uint64_t add(const Frame& frame, std::size_t kept = static_cast<std::size_t>(-1)) {
    const auto bytes = static_cast<std::uint32_t>(std::min(kept, frame.size()));
    packets_.frames.push_back({++sequence_, Timestamp{}, static_cast<std::uint32_t>(packets_.data.size()), bytes,
                               static_cast<std::uint32_t>(frame.size()), 0});
    packets_.data.insert(packets_.data.end(), frame.begin(), frame.begin() + bytes);
    return sequence_;
  }
  std::uint64_t say(std::size_t who, std::string_view text) { return add(talk_.say(who, text)); }
  bool is(std::uint64_t trigger, const char* asker = "10.0.0.10") {
    IpAddress address;
    EXPECT_TRUE(IpAddress::parse_into(asker, address));
    return is_exchange(packets_, kEthernet, trigger, address);
  }

  network::Connection talk_{network::frames::v4(10, 40000), network::frames::v4(20, 502)};
  FrozenPackets packets_;
  std::uint64_t sequence_ = 0;
};

TEST_F(Exchange, ACommandWantsWhatIsSaidBehindIt) {
  say(0, "read");
  say(1, "seven");
  const std::uint64_t command = say(0, "write");
  EXPECT_FALSE(is(command)) << "what was said before is no answer";
  say(1, "");  // an acknowledgement says nothing
  say(0, "write again");
  EXPECT_FALSE(is(command));
  say(1, "done");
  EXPECT_TRUE(is(command));
  EXPECT_FALSE(is(99)) << "not among them";
}

TEST_F(Exchange, AnAnswerWantsACommandBeforeIt) {
  say(0, "");
  const std::uint64_t alone = say(1, "banner");
  EXPECT_FALSE(is(alone));
  say(0, "write");
  EXPECT_FALSE(is(alone));
  EXPECT_TRUE(is(say(1, "done")));
  EXPECT_FALSE(is(alone, "10.0.0.77")) << "somebody else's";
}

TEST_F(Exchange, WhatSaysNothingOrWasCutIsNone) {
  const std::uint64_t command = say(0, "write");
  const Frame answer = talk_.say(1, "a long answer");
  add(answer, answer.size() - 3);
  EXPECT_FALSE(is(command)) << "cut";
  add(Frame(60, 1));
  EXPECT_FALSE(is(command)) << "no IP";
  const std::uint64_t nothing = say(0, "");
  say(1, "spoken");
  EXPECT_FALSE(is(nothing));
  EXPECT_TRUE(is(command));
  for (FrozenPackets::Frame& frame : packets_.frames)
    frame.bytes = static_cast<std::uint32_t>(header_bytes(packets_.bytes_of(frame), kEthernet));
  EXPECT_FALSE(is(command)) << "headers only";
}

TEST_F(Exchange, DatagramsToo) {
  const auto asks = network::frames::v4(10, 1000), answers = network::frames::v4(20, 53);
  const std::uint64_t question = add(network::frames::udp_frame(asks, answers, "question"));
  EXPECT_FALSE(is(question));
  add(network::frames::udp_frame(answers, asks, "answer"));
  EXPECT_TRUE(is(question));
}

}  // namespace
}  // namespace nw::record
