#include "ingest/capture/pcapng.h"

#include "source_directory.h"
#include "unit/ingest/capture/capture_test_support.h"

namespace nw::capture {
namespace {

constexpr std::uint64_t kTime = 1'768'464'000'000'000'000;  // 2026-01-15T08:00:00Z
const std::string kStart = ng_section() + ng_interface(1);

Drained read(const std::string& content) {
  TempDir dir;
  auto source = open_file(dir.file("a.pcapng", content));
  EXPECT_TRUE(source) << (source ? "" : source.error().what);
  return source ? drain(**source) : Drained{};
}

std::string number(std::uint64_t value, std::size_t bytes, bool big = false) {
  std::string out;
  put(out, value, bytes, big);
  return out;
}

TEST(Pcapng, InterfacesOfSeveralKinds) {
  const Drained got = read(ng_section() + ng_interface(1) + ng_packet(kTime, "first") + ng_interface(113, 64) +
                           ng_packet(kTime + 1, "second", 1) + ng_packet(kTime + 2, "third") + ng_interface(101) +
                           ng_packet(kTime + 3, "raw", 2) + ng_interface(9999) + ng_packet(kTime + 4, "unknown", 3));
  EXPECT_EQ(got.error, "");
  ASSERT_EQ(got.packets.size(), 5U);
  EXPECT_EQ(got.packets[0].link_type, 1);
  EXPECT_EQ(got.packets[1].link_type, 113);
  EXPECT_EQ(got.packets[1].data, "second");
  EXPECT_EQ(got.packets[2].link_type, 1);
  EXPECT_EQ(got.packets[3].link_type, 12);  // LINKTYPE_RAW is DLT_RAW
  EXPECT_EQ(got.packets[4].link_type, 9999);
}

TEST(Pcapng, SectionsInBothByteOrders) {
  const Drained got = read(
      kStart + ng_packet(kTime, "little") + ng_section(true) + ng_interface(113, 0, ng_option(9, "\x09", true), true) +
      ng_packet(kTime + 1, "big", 0, true) + ng_section() + ng_interface(1) + ng_packet(kTime + 2, "again"));
  EXPECT_EQ(got.error, "");
  ASSERT_EQ(got.packets.size(), 3U);
  EXPECT_EQ(got.packets[1].data, "big");
  EXPECT_EQ(got.packets[1].link_type, 113);
  EXPECT_EQ(got.packets[1].time, "2026-01-15T08:00:00.000000001Z");
  EXPECT_EQ(got.packets[2].data, "again");
}

TEST(Pcapng, Times) {
  const auto resolution = [](unsigned value) { return ng_option(9, std::string(1, static_cast<char>(value))); };
  const std::string offset = ng_option(14, number(1'768'464'000, 8));
  static const struct {
    const char* name;
    std::string options;
    std::uint64_t time;
    const char* expected;
  } kCases[] = {
      {"microseconds, when nothing is said", "", kTime / 1000 + 1, "2026-01-15T08:00:00.000001000Z"},
      {"seconds", resolution(0), kTime / 1'000'000'000, "2026-01-15T08:00:00.000000000Z"},
      {"milliseconds", resolution(3), kTime / 1'000'000 + 5, "2026-01-15T08:00:00.005000000Z"},
      {"picoseconds, and an offset", resolution(12) + offset, 1'999, "2026-01-15T08:00:00.000000001Z"},
      {"halves", resolution(0x81), kTime / 1'000'000'000 * 2 + 1, "2026-01-15T08:00:00.500000000Z"},
      {"2^-32 s, as NTP counts", resolution(0xa0), (kTime / 1'000'000'000 << 32U) + (1U << 30U),
       "2026-01-15T08:00:00.250000000Z"},
      {"2^-63 s, and an offset", resolution(0xbf) + offset, std::uint64_t{3} << 61U, "2026-01-15T08:00:00.750000000Z"},
      {"10^-19 s, and an offset", resolution(19) + offset, 12'500'000'000'000'000'000U,
       "2026-01-15T08:00:01.250000000Z"},
      {"far in the future", resolution(0), UINT64_MAX, "2255-03-14T16:00:00.000000000Z"},
      {"before 1970", ng_option(14, number(0x8000000000000000U, 8)), 5'000'000, "1970-01-01T00:00:00.000000000Z"},
      {"an offset behind the end of the options", resolution(3) + ng_option(0, "") + offset, 1500,
       "1970-01-01T00:00:01.500000000Z"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Drained got = read(ng_section() + ng_interface(1, 65535, c.options) + ng_packet(c.time, "x"));
    EXPECT_EQ(got.error, "");
    ASSERT_EQ(got.packets.size(), 1U);
    EXPECT_EQ(got.packets[0].time, c.expected);
  }
}

TEST(Pcapng, PacketsOfAllKinds) {
  // Simple packet: its length on the wire; cut by the interface's snapshot length.
  const std::string simple = ng_block(3, number(9, 4) + "12345678");
  // Old packet: interface and drops in two bytes each.
  const std::string old = ng_block(2, number(0, 2) + number(7, 2) + number(kTime >> 32U, 4) +
                                          number(kTime & 0xffffffff, 4) + number(3, 4) + number(60, 4) + "old");
  TempDir dir;
  auto source =
      open_file(dir.file("a", ng_section() + ng_interface(1, 8) + old + simple + ng_packet(kTime + 1, "with options") +
                                  ng_block(4, "names") + ng_block(10, "secrets") + ng_block(0xbad, "custom")));
  ASSERT_TRUE(source);
  const Drained got = drain(**source);
  EXPECT_EQ(got.error, "");
  ASSERT_EQ(got.packets.size(), 3U);
  EXPECT_EQ(got.packets[0].data, "old");
  EXPECT_EQ(got.packets[0].wire_bytes, 60U);
  EXPECT_EQ(got.packets[1].data, "12345678");
  EXPECT_EQ(got.packets[1].wire_bytes, 9U);
  EXPECT_EQ(got.packets[1].time, got.packets[0].time);  // it has none of its own
  EXPECT_EQ(got.packets[2].data, "with options");
  EXPECT_EQ((*source)->counters().kernel_dropped, 7U);
  EXPECT_EQ((*source)->counters().cut, 2U);
}

TEST(Pcapng, LossesThatTheCapturerCounted) {
  const auto statistics = [](std::uint32_t interface, std::uint64_t card, std::uint64_t kernel) {
    return ng_block(5, number(interface, 4) + number(0, 8) + ng_option(5, number(card, 8)) +
                           ng_option(7, number(kernel, 8)) + ng_option(0, ""));
  };
  TempDir dir;
  // They count from the start of the capture: the last ones of each interface hold, and those of a section before stay.
  auto source = open_file(dir.file("a", kStart + ng_interface(1) + statistics(0, 1, 10) + statistics(0, 2, 20) +
                                            statistics(1, 4, 40) + statistics(7, 100, 100) + kStart +
                                            statistics(0, 8, 80) + ng_block(5, number(0, 4) + number(0, 8) + "cut")));
  ASSERT_TRUE(source);
  EXPECT_EQ(drain(**source).error, "");
  EXPECT_EQ((*source)->counters().interface_dropped, 14U);
  EXPECT_EQ((*source)->counters().kernel_dropped, 140U);
}

TEST(Pcapng, LongBlocksAreSkipped) {
  const Drained got =
      read(kStart + ng_block(0xbad, std::string(3'000'000, 'x')) + ng_packet(kTime, "first") +
           ng_interface(1, 0, ng_option(2, std::string(60'000, 'n')) + ng_option(2, std::string(9'000, 'n'))) +
           ng_packet(kTime, std::string(256 * 1024, 'y'), 1) + ng_packet(kTime, "last"));
  EXPECT_EQ(got.error, "");
  ASSERT_EQ(got.packets.size(), 3U);
  EXPECT_EQ(got.packets[1].data, std::string(256 * 1024, 'y'));
  EXPECT_EQ(got.packets[2].data, "last");
}

TEST(Pcapng, Refusals) {
  std::string many = ng_section();
  for (std::size_t i = 0; i <= PcapngReader::kInterfacesMax; ++i) many += ng_interface(1);
  std::string differs = ng_block(0xbad, "body");
  differs[differs.size() - 4] = 20;
  const std::string odd = number(6, 4) + number(35, 4) + std::string(40, '\0');
  const auto lying = [](std::uint32_t bytes) {
    return ng_block(6, number(0, 4) + number(0, 8) + number(bytes, 4) + number(60, 4) + "four");
  };
  static const struct {
    std::string content, says;
  } kCases[] = {
      {kStart + ng_packet(kTime, "first") + ng_packet(kTime, "x", 1),
       "packet 2: it names interface 1, but the section describes 1"},
      {kStart + ng_packet(kTime, "first") + ng_section() + ng_packet(kTime, "x"), "the section describes 0"},
      {many, "more than 4096 interfaces"},
      {kStart + ng_packet(kTime, "first") + differs, "packet 2: the two lengths of a block differ"},
      {kStart + odd, "a block says that it has 35 bytes"},
      {kStart + number(6, 4) + number(8, 4) + std::string(40, '\0'), "a block says that it has 8 bytes"},
      {kStart + lying(5), "it claims 5 bytes, more than its block has"},
      {kStart + lying(0x7fffffff), "it claims 2147483647 bytes; no packet has more than 262144"},
      {kStart + ng_block(6, "short"), "its block is too short"},
      {kStart + ng_block(2, "short"), "its block is too short"},
      {kStart + ng_block(3, ""), "its block is too short"},
      {kStart + ng_block(5, "short"), "statistics that are too short"},
      {kStart + ng_block(1, "four"), "an interface description that is too short"},
      {ng_section(false, 2), "pcapng of version 2"},
      {kStart + ng_interface(1, 0, ng_option(9, "\x14")), "too fine"},
      {kStart + ng_interface(1, 0, ng_option(9, "\xc0")), "too fine"},
      {ng_block(0x0a0d0d0a, std::string(16, '\0')), "a section header without a byte order"},
      {ng_block(0x0a0d0d0a, number(0x1a2b3c4d, 4)), "a section header that is too short"},
      {kStart + number(0xbad, 4) + number(0xfffffff0, 4) + "end", "the file ends within a block"},
  };
  for (const auto& c : kCases) {
    const Drained got = read(c.content);
    EXPECT_NE(got.error.find(c.says), std::string::npos) << c.says << "\n" << got.error;
  }
}

// Cut anywhere: the whole packets come, and the fault is told unless the cut is between two blocks.
TEST(Pcapng, EveryCut) {
  const std::string first = kStart + ng_packet(kTime, "first"), second = ng_packet(kTime, "second");
  const std::string whole = first + second;
  for (std::size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    TempDir dir;
    auto source = open_file(dir.file("cut", whole.substr(0, size)));
    const bool clean = size == ng_section().size() || size == kStart.size() || size == first.size();
    const std::string error = source ? drain(**source).error : source.error().what;
    EXPECT_EQ(error.empty(), clean) << error;
  }
  EXPECT_EQ(read(whole.substr(0, whole.size() - 4)).packets.size(), 2U);
  EXPECT_EQ(read(whole.substr(0, first.size() - 1)).packets.size(), 1U);
}

// A window that is smaller than the file moves along.
TEST(Pcapng, ManyPackets) {
  std::string content = kStart;
  for (std::uint32_t i = 0; i < 3'000; ++i)
    content += ng_packet(kTime + i, std::string(500 + i % 7, static_cast<char>(i)));
  const Drained got = read(content);
  EXPECT_EQ(got.error, "");
  ASSERT_EQ(got.packets.size(), 3'000U);
  for (std::uint32_t i = 0; i < 3'000; ++i)
    ASSERT_EQ(got.packets[i].data, std::string(500 + i % 7, static_cast<char>(i)));
}

// The seeds of tests/fuzz/pcapng_fuzz.cpp; NW_UPDATE_GOLDEN=1 rewrites them.
TEST(Pcapng, Seeds) {
  const std::string old = ng_block(2, number(0, 4) + number(0, 8) + number(3, 4) + number(60, 4) + "old");
  const std::string statistics = ng_block(5, number(0, 4) + number(0, 8) + ng_option(5, number(1, 8)));
  expect_seeds(
      "pcapng",
      {
          {"plain", kStart + ng_packet(kTime, "first") + statistics},
          {"kinds", kStart + ng_interface(113, 64, ng_option(9, "\x8a")) + old + ng_block(3, number(4, 4) + "four")},
          {"big_endian", ng_section(true) + ng_interface(1, 0, ng_option(14, number(5, 8, true), true), true) +
                             ng_packet(kTime, "big", 0, true)},
          {"sections", kStart + ng_block(0xbad, "custom") + kStart + ng_packet(kTime, "x")},
      });
}

}  // namespace
}  // namespace nw::capture
