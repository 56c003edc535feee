#include "ingest/network/defragmenter.h"

#include <gtest/gtest.h>
#include <string>

#include "unit/ingest/network/frames.h"

namespace nw::network {
namespace {

using Added = Defragmenter::Added;
using std::chrono::seconds;

class DefragmenterTest : public testing::Test {
 protected:
  // A fragment of `size` bytes of `mark` of datagram `id`.
  Added add(std::uint32_t id, unsigned offset, std::size_t size, bool more, char mark, seconds at = seconds{0},
            unsigned version = 4) {
    payload_ = frames::Frame(size, static_cast<std::uint8_t>(mark));
    packet = {};
    packet.version = static_cast<std::uint8_t>(version);
    packet.source = frames::v4(1, 0).address;
    packet.destination = frames::v4(2, 0).address;
    packet.protocol = protocol;
    packet.payload = payload_;
    packet.payload_bytes = static_cast<std::uint32_t>(size);
    packet.ip_bytes = static_cast<std::uint32_t>(size + 20);
    packet.fragment = true;
    packet.fragment_id = id;
    packet.fragment_offset = offset;
    packet.more_fragments = more;
    return defragmenter.add(packet, Timestamp{at});
  }
  [[nodiscard]] std::string text() const { return {packet.payload.begin(), packet.payload.end()}; }

  Defragmenter defragmenter{64 * 1024, seconds{30}, 1};
  IpPacket packet;
  std::uint8_t protocol = 17;

 private:
  frames::Frame payload_;
};

TEST_F(DefragmenterTest, JoinsInAnyOrder) {
  EXPECT_EQ(add(1, 16, 3, false, 'c'), Added::kept);
  EXPECT_EQ(add(1, 0, 8, true, 'a'), Added::kept);
  EXPECT_EQ(add(2, 8, 8, true, 'x'), Added::kept);  // of another datagram
  ASSERT_EQ(add(1, 8, 8, true, 'b'), Added::whole);
  EXPECT_EQ(text(), "aaaaaaaabbbbbbbbccc");
  EXPECT_EQ(packet.ip_bytes, 39U);
  EXPECT_FALSE(packet.fragment);
  defragmenter.expire(Timestamp{seconds{100}});
  EXPECT_EQ(defragmenter.counters().expired, 1U);
  EXPECT_EQ(defragmenter.bytes_held(), 0U);
}

TEST_F(DefragmenterTest, WhatCameFirstStays) {
  EXPECT_EQ(add(1, 8, 8, true, 'b'), Added::kept);
  EXPECT_EQ(add(1, 0, 24, true, 'a'), Added::kept);
  EXPECT_EQ(add(1, 8, 8, true, 'B'), Added::kept);
  ASSERT_EQ(add(1, 24, 1, false, 'z'), Added::whole);
  EXPECT_EQ(text(), "aaaaaaaabbbbbbbbaaaaaaaaz");
}

TEST_F(DefragmenterTest, Refuses) {
  EXPECT_EQ(add(1, 0, 0, true, 'a'), Added::bad);
  EXPECT_EQ(add(1, 0, 7, true, 'a'), Added::bad);
  EXPECT_EQ(add(1, 65'528, 8, false, 'a'), Added::bad);  // past 65,535
  EXPECT_EQ(add(1, 8, 8, false, 'a'), Added::kept);
  EXPECT_EQ(add(1, 16, 8, true, 'a'), Added::bad);  // behind the end
  EXPECT_EQ(add(1, 0, 8, false, 'a'), Added::bad);  // another end
  EXPECT_EQ(add(2, 16, 8, true, 'a'), Added::kept);
  EXPECT_EQ(add(2, 8, 8, false, 'a'), Added::bad);  // an end before what is there
}

TEST_F(DefragmenterTest, ALateFragmentBeginsANewDatagram) {
  EXPECT_EQ(add(1, 0, 8, true, 'a', seconds{0}), Added::kept);
  EXPECT_EQ(add(1, 8, 8, false, 'b', seconds{31}), Added::kept);
  EXPECT_EQ(defragmenter.counters().expired, 1U);
  EXPECT_EQ(add(1, 0, 8, true, 'c', seconds{61}), Added::whole);
  EXPECT_EQ(text(), "ccccccccbbbbbbbb");
}

TEST_F(DefragmenterTest, StaysWithinItsBudget) {
  for (std::uint32_t id = 0; id < 10'000; ++id) {
    ASSERT_EQ(add(id, 0, 1400, true, 'a'), Added::kept);
    ASSERT_LE(defragmenter.bytes_held(), 64U * 1024U);
  }
  const std::uint64_t evicted = defragmenter.counters().evicted;
  EXPECT_GT(evicted, 9'900U);
  // The newest is still there; the oldest went.
  EXPECT_EQ(add(9'999, 1400, 8, false, 'b'), Added::whole);
  EXPECT_EQ(add(0, 1400, 8, false, 'b'), Added::kept);
}

TEST_F(DefragmenterTest, OneDatagramIsBoundedInPieces) {
  for (unsigned i = 0; i < 1000; ++i) ASSERT_EQ(add(1, 16 * i, 8, true, 'a'), Added::kept);
  EXPECT_GE(defragmenter.counters().evicted, Defragmenter::kPiecesMax / 2);
  EXPECT_LE(defragmenter.bytes_held(), 64U * 1024U);
}

TEST_F(DefragmenterTest, TheFirstFragmentNamesTheProtocol6) {
  protocol = 60;
  EXPECT_EQ(add(1, 8, 8, false, 'b', seconds{0}, 6), Added::kept);
  protocol = 17;
  EXPECT_EQ(add(1, 0, 8, true, 'a', seconds{0}, 6), Added::whole);
  EXPECT_EQ(packet.protocol, 17);
  EXPECT_EQ(add(2, 0, 8, true, 'a', seconds{0}, 6), Added::kept);
  protocol = 60;
  ASSERT_EQ(add(2, 8, 8, false, 'b', seconds{0}, 6), Added::whole);
  EXPECT_EQ(packet.protocol, 17);
}

TEST(Defragmenter, WithoutABudgetCountsWhatItDrops) {
  Defragmenter none{0, seconds{30}, 1};
  IpPacket packet;
  const frames::Frame bytes(8);
  packet.payload = bytes;
  packet.payload_bytes = 8;
  packet.fragment = packet.more_fragments = true;
  EXPECT_EQ(none.add(packet, Timestamp{}), Added::kept);
  EXPECT_EQ(none.counters().evicted, 1U);
}

}  // namespace
}  // namespace nw::network
