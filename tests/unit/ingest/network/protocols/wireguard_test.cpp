#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
using Octets = std::vector<std::uint8_t>;

Octets golden(std::string_view name) { return from_hex(Golden{"wireguard"}(name).hex); }

struct Flow {
  FakeContext context{protocol("wireguard")};
  std::unique_ptr<Analyzer> analyzer = protocol("wireguard").make(Transport::udp);
  Flow& give(const Octets& datagram, Direction direction) {
    analyzer->datagram(datagram, direction, context);
    return *this;
  }
  bool done() const { return analyzer->done(); }
};

TEST(Wireguard, AHandshake) {
  Flow flow;
  flow.give(golden("initiation"), kOut).give(golden("cookie"), kBack).give(golden("initiation"), kOut);
  EXPECT_FALSE(flow.done());
  EXPECT_TRUE(flow.give(golden("response"), kBack).done());
  ASSERT_EQ(flow.context.events.size(), 1U);
  const std::pair<const char*, const char*> kWant[] = {{"established", "true"},   {"initiations", "2"},
                                                       {"responses", "1"},        {"cookie_replies", "1"},
                                                       {"initiator_index", "10"}, {"responder_index", "11"}};
  for (const auto& [field, value] : kWant) EXPECT_EQ(flow.context.get(0, field), value) << field;
}

TEST(Wireguard, UnansweredOrMidStream) {
  Flow unanswered;
  unanswered.give(golden("initiation"), kOut).analyzer->finish(unanswered.context);
  EXPECT_EQ(unanswered.context.get(0, "established"), "false");
  EXPECT_EQ(unanswered.context.get(0, "initiations"), "1");
  EXPECT_EQ(unanswered.context.get(0, "responder_index"), "-");
  Flow data;
  EXPECT_TRUE(data.give(golden("data"), kOut).done());
  EXPECT_EQ(data.context.get(0, "established"), "true");
  EXPECT_EQ(data.context.get(0, "initiations"), "0");
}

TEST(Wireguard, RefusesWrongLengths) {
  for (const char* name : {"initiation", "response", "cookie", "data"}) {
    SCOPED_TRACE(name);
    auto longer = golden(name);
    longer.push_back(0);
    Flow flow;
    flow.give(longer, kOut).analyzer->finish(flow.context);
    EXPECT_TRUE(flow.context.events.empty());
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    const auto& probe = protocol("wireguard").probe;
    EXPECT_EQ(probe(longer, kOut, Transport::udp, true), Verdict::no);
    EXPECT_EQ(probe(golden(name), kOut, Transport::udp, false), Verdict::yes);
  }
  auto counted_far = golden("data");
  counted_far[15] = 1;
  EXPECT_EQ(protocol("wireguard").probe(counted_far, kOut, Transport::udp, false), Verdict::no);
}

}  // namespace
}  // namespace nw::network
