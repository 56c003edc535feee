// CIP's inputs and outputs.
#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

TEST(CipIo, Packets) {
  const Golden golden{"cip_io"};
  Play flow{"cip_io", Transport::udp};
  flow.give(golden("packet")).give(golden("packet_back"));
  expect(flow.context, 0,
         {{"is_orig", "true"},
          {"connection_id", "0x004b0603"},
          {"sequence_number", "4166875"},
          {"data_length", "6"},
          {"io_data", "a587e80f0300"},
          {"ics.operation", "other"},
          {"ics.target", "0x004b0603"},
          {"ics.outcome", "-"}});
  expect(flow.context, 1, {{"is_orig", "false"}, {"data_length", "2"}});
}

TEST(CipIo, Refuses) {
  static constexpr struct {
    const char *name, *hex;
    DecodeError why;
    std::size_t events;
  } kCases[] = {{"empty", "", DecodeError::truncated, 0},
                {"three items", "0300 0280 0800 01000000 02000000 b100 0000", DecodeError::bad_value, 0},
                {"another item", "0200 0380 0800 01000000 02000000 b100 0000", DecodeError::bad_value, 0},
                {"another length", "0200 0280 0900 01000000 02000000 b100 0000", DecodeError::bad_value, 0},
                {"half a sequence", "0200 0280 0800 01000000 0200", DecodeError::truncated, 0},
                {"no data", "0200 0280 0800 01000000 02000000", DecodeError::truncated, 1},
                {"data of another kind", "0200 0280 0800 01000000 02000000 b200 0000", DecodeError::bad_value, 1},
                {"a lying length", "0200 0280 0800 01000000 02000000 b100 0300 0102", DecodeError::truncated, 1}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow{"cip_io", Transport::udp};
    flow.give(c.hex);
    expect_refused(flow.context, c.why, c.events);
    EXPECT_EQ(flow.get(0, "data_length"), "-");
  }
}

TEST(CipIo, Probe) {
  const auto packet = from_hex(Golden{"cip_io"}("packet").hex);
  expect_verdicts("cip_io", packet, kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("cip_io", Bytes{packet}.first(20), kOut, Transport::udp, Verdict::no, Verdict::yes);
  expect_verdicts("cip_io", octets("SETFLOW"), kOut, Transport::udp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
