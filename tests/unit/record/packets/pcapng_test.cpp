// What is written is read back: by our own reader, and by tshark where the machine has it.
#include "record/packets/pcapng.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>

#include "base/text.h"
#include "ingest/capture/packet_source.h"
#include "record/packets/headers.h"
#include "unit/ingest/network/harness.h"
#include "unit/record/support.h"

namespace nw::record {
namespace {

using namespace test;
namespace frames = network::frames;

struct Made {
  FrozenPackets packets;
  std::vector<CapturedInterface> interfaces;
  PcapngText text;
};

Made made() {
  Made out;
  network::Connection c{frames::v4(10, 40000), frames::v4(20, 502)};
  std::vector<std::vector<std::uint8_t>> all;
  for (const auto& frame : c.handshake()) all.push_back(frame);
  all.push_back(c.say(0, std::string{"\0\1\0\0\0\6\1\5\0\1\xff\0", 12}));
  all.push_back(c.say(1, std::string{"\0\1\0\0\0\6\1\5\0\1\xff\0", 12}));
  for (std::size_t i = 0; i < all.size(); ++i) {
    FrozenPackets::Frame frame;
    frame.sequence = 11 + i;
    frame.time = at("2026-01-15T08:00:05.123456789Z") + Nanoseconds{i};
    frame.offset = static_cast<std::uint32_t>(out.packets.data.size());
    frame.bytes = static_cast<std::uint32_t>(all[i].size());
    frame.wire_bytes = frame.bytes + (i == 4 ? 100 : 0);
    out.packets.frames.push_back(frame);
    out.packets.data.insert(out.packets.data.end(), all[i].begin(), all[i].end());
  }
  CapturedInterface interface;
  interface.name = "tap0";
  interface.filter = "tcp port 502";
  interface.snaplen = 65535;
  interface.received = 1000;
  interface.interface_dropped = 3;
  interface.accepted = 990;
  interface.kernel_dropped = 7;
  interface.counted = at("2026-01-15T08:01:00Z");
  out.interfaces = {interface};
  out.text.application = "normwatch test";
  out.text.section = "clock: of the capturing kernel";
  out.text.first = "alert 00112233445566778899aabbccddeeff";
  out.text.trigger = 14;
  out.text.trigger_comment = "the alert was made at this packet";
  return out;
}

TEST(Pcapng, IsReadBackByOurOwnReader) {
  const TempDir dir;
  const Made m = made();
  const auto file = dir / "alert.pcapng";
  write_whole(file, write_pcapng(m.packets, m.interfaces, m.text));
  auto source = capture::open_file(file.string());
  ASSERT_TRUE(source) << source.error().what;
  std::size_t n = 0;
  while (!(*source)->at_end()) {
    const auto got = (*source)->read(10, [&](const capture::Packet& packet) {
      ASSERT_LT(n, m.packets.frames.size());
      const FrozenPackets::Frame& frame = m.packets.frames[n++];
      EXPECT_EQ(packet.time, frame.time) << "to the nanosecond";
      EXPECT_EQ(packet.wire_bytes, frame.wire_bytes);
      EXPECT_EQ(packet.link_type, 1);
      EXPECT_TRUE(std::ranges::equal(packet.data, m.packets.bytes_of(frame)));
    });
    ASSERT_TRUE(got) << got.error().what;
  }
  EXPECT_EQ(n, m.packets.frames.size());
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), got);
  ::pclose(pipe);
  return out;
}

TEST(Pcapng, IsReadByTshark) {
  if (output_of("command -v tshark").empty()) GTEST_SKIP() << "no tshark here";
  const TempDir dir;
  const Made m = made();
  const auto file = dir / "alert.pcapng";
  write_whole(file, write_pcapng(m.packets, m.interfaces, m.text));
  const std::string fields = output_of("tshark -r " + file.string() +
                                       " -T fields -e frame.time_epoch -e frame.interface_name -e frame.comment -e "
                                       "modbus.func_code -e frame.len 2>/dev/null");
  const auto lines = split(trim(fields), '\n');
  ASSERT_EQ(lines.size(), 5U) << fields;
  EXPECT_EQ(lines[0].substr(0, 20), "1768464005.123456789");
  EXPECT_NE(lines[0].find("tap0"), std::string::npos);
  EXPECT_NE(lines[0].find("alert 00112233445566778899aabbccddeeff"), std::string::npos);
  EXPECT_NE(lines[3].find("the alert was made at this packet\t5\t"), std::string::npos) << lines[3];
  EXPECT_EQ(lines[4].find("made at"), std::string::npos);
  const std::string about = output_of("capinfos " + file.string() + " 2>/dev/null");
  EXPECT_NE(about.find("pcapng"), std::string::npos) << about;
  EXPECT_NE(about.find("nanoseconds (9)"), std::string::npos) << about;
  EXPECT_NE(about.find("Filter string = tcp port 502"), std::string::npos) << about;
  EXPECT_NE(about.find("clock: of the capturing kernel"), std::string::npos) << about;
}

TEST(Pcapng, LongTextsAreCutAndLinkTypesAreThoseOfFiles) {
  Made m = made();
  m.text.section.assign(100'000, 'x');
  m.interfaces[0].link_type = 12;  // DLT_RAW here
  const std::string bytes = write_pcapng(m.packets, m.interfaces, m.text);
  EXPECT_LT(bytes.size(), 10'000U);
  const TempDir dir;
  write_whole(dir / "raw.pcapng", bytes);
  auto source = capture::open_file((dir / "raw.pcapng").string());
  ASSERT_TRUE(source) << source.error().what;
  const auto got = (*source)->read(1, [](const capture::Packet& packet) { EXPECT_EQ(packet.link_type, 12); });
  EXPECT_TRUE(got);
  EXPECT_EQ(*got, 1U);
}

TEST(HeaderBytes, EndWhereWhatWasSaidBegins) {
  network::Connection c{frames::v4(10, 40000), frames::v4(20, 80)};
  const auto open = c.handshake();
  const auto said = c.say(0, "GET /secret HTTP/1.1\r\n\r\n");
  const std::size_t bytes = header_bytes(said, 1);
  const std::string text{said.begin(), said.end()};
  EXPECT_EQ(bytes, text.find("GET"));
  EXPECT_EQ(header_bytes(Bytes{said}.first(bytes + 5), 1), bytes) << "cut by a snapshot length";
  for (const auto& frame : open) EXPECT_LE(header_bytes(frame, 1), frame.size());
  const auto asked = frames::udp_frame(frames::v4(1, 1234), frames::v4(3, 53), "question");
  EXPECT_EQ(header_bytes(asked, 1), 14U + 20 + 8);
  std::vector<std::uint8_t> goose(60, 0x55);
  goose[12] = 0x88;
  goose[13] = 0xb8;
  EXPECT_EQ(header_bytes(goose, 1), 14U);
  for (std::size_t size = 0; size <= said.size(); ++size)
    EXPECT_LE(header_bytes(Bytes{said}.first(size), 1), std::min(size, bytes)) << size;
}

}  // namespace
}  // namespace nw::record
