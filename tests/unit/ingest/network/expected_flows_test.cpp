#include "ingest/network/expected_flows.h"

#include <gtest/gtest.h>

#include "ingest/network/transport.h"

namespace nw::network {
namespace {

const IpAddress kClient = IpAddress::v4(0xc0000201), kServer = IpAddress::v4(0xc0000202);
constexpr Timestamp kNow = from_unix_nanoseconds(1'700'000'000'000'000'000);

ExpectedFlow to_port(std::uint16_t port, std::string_view note = "") {
  return {Transport::tcp, kClient, kServer, port, "ftp-data", note};
}

FlowKey key(const IpAddress& from, std::uint16_t from_port, const IpAddress& to, std::uint16_t to_port,
            std::uint8_t protocol = kTcp, std::uint32_t realm = 0) {
  return make_key(from, from_port, to, to_port, protocol, false, realm).key;
}

TEST(ExpectedFlows, AreFoundOnce) {
  ExpectedFlows flows{1};
  flows.add(to_port(5000, "a.txt"), 7, 0, kNow);
  const auto found = flows.take(key(kClient, 40000, kServer, 5000), kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->protocol, 7U);
  EXPECT_EQ(found->note, "a.txt");
  EXPECT_FALSE(flows.take(key(kClient, 40001, kServer, 5000), kNow));
  EXPECT_EQ(flows.size(), 0U);
}

TEST(ExpectedFlows, AreFoundFromEitherEnd) {
  ExpectedFlows flows{1};
  flows.add(to_port(5000), 7, 0, kNow);
  EXPECT_TRUE(flows.take(key(kServer, 5000, kClient, 40000), kNow));
  flows.add({Transport::udp, kServer, kServer, 5000, "x", ""}, 7, 0, kNow);
  EXPECT_TRUE(flows.take(key(kServer, 5000, kServer, 40000, kUdp), kNow));
  flows.add({Transport::tcp, kServer, kClient, 5000, "x", ""}, 7, 0, kNow);
  EXPECT_TRUE(flows.take(key(kServer, 20, kClient, 5000), kNow));
}

TEST(ExpectedFlows, AreNotTakenForOthers) {
  const IpAddress other = IpAddress::v4(0xc0000203);
  const struct {
    const char* name;
    FlowKey key;
  } kCases[] = {
      {"another port", key(kClient, 40000, kServer, 5001)},
      {"another client", key(other, 40000, kServer, 5000)},
      {"another server", key(kClient, 40000, other, 5000)},
      {"the client's port", key(kClient, 5000, kServer, 40000)},
      {"another transport", key(kClient, 40000, kServer, 5000, kUdp)},
      {"in a tunnel", key(kClient, 40000, kServer, 5000, kTcp, 9)},
  };
  for (const auto& c : kCases) {
    ExpectedFlows flows{1};
    flows.add(to_port(5000), 7, 0, kNow);
    EXPECT_FALSE(flows.take(c.key, kNow)) << c.name;
    EXPECT_EQ(flows.size(), 1U) << c.name;
  }
}

TEST(ExpectedFlows, TheLastWordCounts) {
  ExpectedFlows flows{1};
  flows.add(to_port(5000, "old"), 7, 0, kNow);
  flows.add(to_port(5000, "new"), 8, 0, kNow);
  EXPECT_EQ(flows.size(), 1U);
  const auto found = flows.take(key(kClient, 40000, kServer, 5000), kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->protocol, 8U);
  EXPECT_EQ(found->note, "new");
}

TEST(ExpectedFlows, AreForgottenInTime) {
  ExpectedFlows flows{1};
  for (const bool late : {false, true}) {
    flows.add(to_port(5000), 7, 0, kNow);
    const Timestamp then = kNow + ExpectedFlows::kLifetime + Nanoseconds{late ? 1 : 0};
    EXPECT_EQ(flows.take(key(kClient, 40000, kServer, 5000), then).has_value(), !late);
    EXPECT_EQ(flows.size(), 0U);
  }
}

TEST(ExpectedFlows, AreBounded) {
  ExpectedFlows flows{1};
  const std::string name(2 * ExpectedFlows::kNoteMax, 'n');
  for (std::uint16_t i = 0; i < ExpectedFlows::kFlowsMax; ++i)
    flows.add(to_port(static_cast<std::uint16_t>(5000 + i), name), 7, 0, kNow);
  EXPECT_EQ(flows.evicted(), 0U);
  flows.add(to_port(5000), 7, 0, kNow);  // known: it is the newest now
  flows.add(to_port(4000), 7, 0, kNow);
  EXPECT_EQ(flows.size(), ExpectedFlows::kFlowsMax);
  EXPECT_EQ(flows.evicted(), 1U);
  EXPECT_FALSE(flows.take(key(kClient, 40000, kServer, 5001), kNow));
  EXPECT_TRUE(flows.take(key(kClient, 40000, kServer, 5000), kNow));
  const auto found = flows.take(key(kClient, 40000, kServer, 5002), kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->note.size(), ExpectedFlows::kNoteMax);
}

}  // namespace
}  // namespace nw::network
