#include <sys/resource.h>
#include <unistd.h>

#include "unit/ingest/capture/capture_test_support.h"

namespace nw::capture {
namespace {

std::string three_packets() {
  return pcap_header() + pcap_packet(1'768'464'000, 250'000, "first") + pcap_packet(1'768'464'001, 0, "second", 1500) +
         pcap_packet(1'768'464'002, 999'999, "third");
}

TEST(FileSource, ReadsEveryKind) {
  const std::string ng = ng_section() + ng_interface(1) + ng_packet(1'768'464'000'250'000'001, "first");
  const std::string big =
      pcap_header(0xa1b23c4d, 113, true) + pcap_packet(1'768'464'000, 250'000'001, "first", 0, true);
  const std::string bom = "2026-01-15T08:00:00.250000001Z";
  static const struct {
    const char* name;
    std::string content, time;
    int link;
  } kCases[] = {
      {"microseconds", pcap_header() + pcap_packet(1'768'464'000, 250'000, "first"), "2026-01-15T08:00:00.250000000Z",
       1},
      {"nanoseconds, other byte order", big, bom, 113},
      {"pcapng", ng, bom, 1},
      {"gzip", gzip(ng), bom, 1},
      {"gzip in two members", gzip(ng.substr(0, 30)) + gzip(ng.substr(30)), bom, 1},
      {"gzip with padding", gzip(ng) + std::string(512, '\0'), bom, 1},
      {"zstd", zstd(ng), bom, 1},
      {"zstd in two frames", zstd(ng.substr(0, 30)) + zstd(ng.substr(30)), bom, 1},
      {"after 2038", pcap_header() + pcap_packet(0x90000000, 0, "first"), "2046-07-23T00:38:24.000000000Z", 1},
  };
  TempDir dir;
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const std::string path = dir.file("any.name", c.content);
    const auto is = is_capture_file(path);
    ASSERT_TRUE(is);
    EXPECT_TRUE(*is);
    auto source = open_file(path);
    ASSERT_TRUE(source) << source.error().what;
    EXPECT_EQ((*source)->descriptor(), -1);
    const Drained got = drain(**source);
    EXPECT_EQ(got.error, "");
    ASSERT_EQ(got.packets.size(), 1U);
    EXPECT_EQ(got.packets[0].data, "first");
    EXPECT_EQ(got.packets[0].time, c.time);
    EXPECT_EQ(got.packets[0].link_type, c.link);
    EXPECT_EQ((*source)->progress().done, c.content.size());
    EXPECT_EQ((*source)->progress().all, c.content.size());
  }
}

TEST(FileSource, BatchesAndCounters) {
  TempDir dir;
  auto source = open_file(dir.file("a", three_packets()));
  ASSERT_TRUE(source);
  std::size_t seen = 0;
  const auto two = (*source)->read(2, [&](const Packet&) { ++seen; });
  ASSERT_TRUE(two);
  EXPECT_EQ(*two, 2U);
  EXPECT_FALSE((*source)->at_end());
  const auto rest = (*source)->read(5, [&](const Packet&) { ++seen; });
  ASSERT_TRUE(rest);
  EXPECT_EQ(*rest, 1U);
  EXPECT_TRUE((*source)->at_end());
  const auto none = (*source)->read(5, [&](const Packet&) { ++seen; });
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, 0U);
  EXPECT_EQ(seen, 3U);
  EXPECT_EQ((*source)->counters().packets, 3U);
  EXPECT_EQ((*source)->counters().cut, 1U);
  EXPECT_EQ((*source)->counters().kernel_dropped, 0U);
}

// Cut anywhere: the whole packets come, and the fault names the next one, unless the cut is between two packets.
TEST(FileSource, EveryCut) {
  TempDir dir;
  const std::string whole = three_packets();
  const std::size_t ends[] = {24, 24 + 16 + 5, 24 + 2 * 16 + 11, whole.size()};
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    SCOPED_TRACE(size);
    const std::string path = dir.file("cut", whole.substr(0, size));
    auto source = open_file(path);
    if (size < ends[0]) {
      ASSERT_FALSE(source);
      EXPECT_EQ(source.error().code, Errc::malformed);
      EXPECT_NE(source.error().what.find(path), std::string::npos);
      if (size == 0) {
        EXPECT_NE(source.error().what.find("is empty"), std::string::npos);
      }
      continue;
    }
    ASSERT_TRUE(source);
    const Drained got = drain(**source);
    std::size_t packets = 0;
    while (packets < 3 && size >= ends[packets + 1]) ++packets;
    EXPECT_EQ(got.packets.size(), packets);
    if (size == ends[packets]) {
      EXPECT_EQ(got.error, "");
    } else {
      EXPECT_NE(got.error.find(path + ": packet " + std::to_string(packets + 1) + ": "), std::string::npos)
          << got.error;
    }
  }
}

// Packed data: a cut is told wherever it falls, and what could be unpacked is handed over.
TEST(FileSource, EveryCutOfPackedData) {
  TempDir dir;
  for (const bool with_zstd : {false, true}) {
    const std::string whole = with_zstd ? zstd(three_packets()) : gzip(three_packets());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      SCOPED_TRACE((with_zstd ? "zstd " : "gzip ") + std::to_string(size));
      auto source = open_file(dir.file("cut", whole.substr(0, size)));
      std::string error = source ? drain(**source).error : source.error().what;
      EXPECT_NE(error, "");
      if (size > 4) {
        EXPECT_NE(error.find("end too early"), std::string::npos) << error;
      }
    }
  }
}

TEST(FileSource, PackedDataThatAreCorrupt) {
  TempDir dir;
  std::string many = pcap_header();
  for (std::uint32_t i = 0; i < 20'000; ++i) many += pcap_packet(1'768'464'000 + i, 0, std::to_string(i * 7919U));
  for (std::string packed : {gzip(many), zstd(many)}) {
    packed[packed.size() * 3 / 4] = static_cast<char>(packed[packed.size() * 3 / 4] ^ 0x55);
    packed[packed.size() * 3 / 4 + 1] = static_cast<char>(packed[packed.size() * 3 / 4 + 1] ^ 0x55);
    auto source = open_file(dir.file("bad", packed));
    ASSERT_TRUE(source);
    const Drained got = drain(**source);
    EXPECT_NE(got.error, "");
    EXPECT_GT(got.packets.size(), 0U);
    EXPECT_EQ(got.packets[0].data, "0");
  }
}

TEST(FileSource, SaysWhatItIsInstead) {
  static const struct {
    const char* name;
    std::string content, says;
  } kCases[] = {
      {"empty", "", "is empty"},
      {"packed nothing", gzip(""), "is empty"},
      {"text", "Feb 28 22:14:15 gw su: x\n", "looks like text"},
      {"JSON", "{\"a\":1}\n", "looks like JSON"},
      {"packed JSON", gzip("{\"a\":1}\n"), "looks like JSON"},
      {"xz", "\xfd\x37zXZ..", "xz -d"},
      {"zip", "PK\x03\x04....", "unzip"},
      {"packed twice", gzip(gzip(three_packets())), "gzip in gzip"},
      {"snoop", std::string{"snoop\0\0\0", 8}, "snoop"},
      {"anything", std::string{"\x01\x02\x03\x04\x05", 5}, "none of the kinds"},
      {"half a magic", "\xd4\xc3", "not a capture file"},
  };
  TempDir dir;
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const std::string path = dir.file("x.pcap", c.content);
    const auto source = open_file(path);
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().code, Errc::malformed);
    EXPECT_NE(source.error().what.find(path), std::string::npos);
    EXPECT_NE(source.error().what.find(c.says), std::string::npos) << source.error().what;
    const auto is = is_capture_file(path);
    ASSERT_TRUE(is);
    EXPECT_FALSE(*is);
  }
}

TEST(FileSource, PlacesThatAreNone) {
  TempDir dir;
  const auto absent = open_file(dir.path() + "/none");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Errc::not_found);
  const auto directory = open_file(dir.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, Errc::invalid_argument);
  const auto nothing = is_capture_file(dir.path() + "/none");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Errc::not_found);
}

TEST(FileSource, APacketThatClaimsToBeHuge) {
  TempDir dir;
  std::string lying = pcap_header() + pcap_packet(1'768'464'000, 0, "first");
  put(lying, 1'768'464'000, 4);
  put(lying, 0, 4);
  put(lying, 0x7fffffff, 4);
  put(lying, 0x7fffffff, 4);
  auto source = open_file(dir.file("lying", lying));
  ASSERT_TRUE(source);
  const Drained got = drain(**source);
  EXPECT_EQ(got.packets.size(), 1U);
  EXPECT_NE(got.error.find("packet 2"), std::string::npos);
}

// A file of some 100 KB that unpacks to 100 MB of packets is streamed.
TEST(FileSource, ABombIsOnlyLong) {
  TempDir dir;
  std::string many = pcap_header();
  const std::string packet = pcap_packet(1'768'464'000, 0, std::string(60'000, '\0'));
  for (int i = 0; i < 100; ++i) many += packet;
  std::string bomb = zstd(many);
  std::string rest;
  for (int i = 0; i < 100; ++i) rest += packet;
  const std::string more = zstd(rest);
  for (int i = 0; i < 15; ++i) bomb += more;
  auto source = open_file(dir.file("bomb", bomb));
  ASSERT_TRUE(source);
  rusage before{}, after{};
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &before), 0);
  std::size_t bytes = 0;
  while (!(*source)->at_end()) {
    const auto got = (*source)->read(100, [&](const Packet& p) { bytes += p.data.size(); });
    ASSERT_TRUE(got);
  }
  EXPECT_EQ(bytes, std::size_t{1600} * 60'000);
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &after), 0);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 32 * 1024) << "KiB";
}

// "-" in a process of its own: looked at first, then read, from a file and from a pipe that trickles.
TEST(FileSource, StandardInput) {
  TempDir dir;
  const std::string content = gzip(three_packets());
  const std::string path = dir.file("a", content);
  for (const bool pipe : {false, true}) {
    SCOPED_TRACE(pipe);
    const auto child = [&] {
      if (pipe) {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) std::_Exit(10);
        if (::fork() == 0) {
          for (const char c : content) {
            if (::write(ends[1], &c, 1) != 1) std::_Exit(1);
            ::usleep(500);
          }
          std::_Exit(0);
        }
        ::close(ends[1]);
        ::dup2(ends[0], STDIN_FILENO);
      } else if (std::freopen(path.c_str(), "r", stdin) == nullptr) {
        std::_Exit(11);
      }
      const auto is = is_capture_file("-");
      if (!is || !*is) std::_Exit(12);
      auto source = open_file("-");
      if (!source) std::_Exit(13);
      const Drained got = drain(**source);
      std::_Exit(got.error.empty() && got.packets.size() == 3 ? 0 : 14);
    };
    EXPECT_EXIT(child(), ::testing::ExitedWithCode(0), "");
  }
}

}  // namespace
}  // namespace nw::capture
