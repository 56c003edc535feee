#include "ingest/capture/pcap.h"

#include <algorithm>
#include <cstdlib>
#include <pcap/pcap.h>
#include <set>

#include "source_directory.h"
#include "unit/ingest/capture/capture_test_support.h"

namespace nw::capture {
namespace {

Bytes bytes_of(const std::string& content) {
  return {reinterpret_cast<const std::uint8_t*>(content.data()), content.size()};
}

std::string version(std::uint16_t major, std::uint16_t minor, std::uint32_t link = 1,
                    std::uint32_t magic = 0xa1b2c3d4) {
  std::string out;
  put(out, magic, 4);
  put(out, major, 2);
  put(out, minor, 2);
  put(out, 0, 8);
  put(out, 65535, 4);
  put(out, link, 4);
  return out;
}

std::string lengths(std::uint32_t first, std::uint32_t second, const std::string& rest) {
  std::string out;
  put(out, 1'768'464'000, 4);
  put(out, 1, 4);
  put(out, first, 4);
  put(out, second, 4);
  return out + rest;
}

// The packets' bytes, each with its size on the wire and its link type, and then the fault.
std::string read(const std::string& content) {
  const auto stream = ByteStream::over(bytes_of(content));
  PcapReader reader{*stream};
  if (!reader.begin()) return "header: " + reader.fault();
  std::string out;
  for (;;) {
    Packet packet;
    switch (reader.next(packet)) {
      case PcapReader::Next::end: return out;
      case PcapReader::Next::fault: return out + reader.fault();
      case PcapReader::Next::packet: break;
    }
    out.append(packet.data.begin(), packet.data.end());
    out += "/" + std::to_string(packet.wire_bytes) + "/" + std::to_string(packet.link_type) + " ";
  }
}

TEST(Pcap, Kinds) {
  const std::string patched = std::string{"\1\0\0\0\x08\0\0\0", 8};
  static const struct {
    const char* name;
    std::string content, read;
  } kCases[] = {
      {"plain", version(2, 4) + lengths(3, 60, "abc") + lengths(2, 2, "de"), "abc/60/1 de/2/1 "},
      {"no packets", version(2, 4), ""},
      {"patched", version(2, 4, 1, 0xa1b2cd34) + lengths(3, 60, patched + "abc"), "abc/60/1 "},
      {"lengths the other way round", version(2, 2) + lengths(60, 3, "abc"), "abc/60/1 "},
      {"perhaps so", version(2, 3) + lengths(60, 3, "abc") + lengths(3, 60, "abd"), "abc/60/1 abd/60/1 "},
      {"a known check sequence", version(2, 4, 0xf4000001) + lengths(3, 3, "abc"), "abc/3/1 "},
      {"raw IP", version(2, 4, 101) + lengths(3, 3, "abc"), "abc/3/12 "},
      {"another version", version(3, 0), "header: pcap of version 3.0, which is not known"},
      {"a short header", version(2, 4).substr(0, 23), "header: the file ends within it"},
      {"cut", version(2, 4) + lengths(3, 3, "ab"), "the file ends within it"},
      {"cut in a header", version(2, 4) + lengths(3, 3, "abc").substr(0, 9), "the file ends within its header"},
      {"cut in a patched header", version(2, 4, 1, 0xa1b2cd34) + lengths(3, 3, "abc"),
       "the file ends within its header"},
      {"huge", version(2, 4) + lengths(262'145, 262'145, "abc"),
       "it claims 262145 bytes; no packet has more than 262144"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(read(c.content), c.read);
  }
}

// Longer than the buffer, with packets that lie across its end; the largest one too.
TEST(Pcap, ManyPackets) {
  std::string content = pcap_header(), wanted;
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    const std::string data(i % 100 == 0 ? 262'144 : 500 + i % 7, static_cast<char>('a' + i % 26));
    content += pcap_packet(i, 0, data);
    wanted += data + "/" + std::to_string(data.size()) + "/1 ";
  }
  EXPECT_TRUE(read(content) == wanted);
}

// Who holds a share of a packet's block keeps the packet; blocks that are given back are used again.
TEST(Pcap, PacketsCanBeKept) {
  enum class Hold { none, a_while, all };
  TempDir dir;
  std::string content = pcap_header();
  for (std::uint32_t i = 0; i < 4'000; ++i)
    content += pcap_packet(i, 0, std::string(i % 50 == 0 ? 262'144 : 700 + i % 900, static_cast<char>('a' + i % 26)));
  for (const Hold hold : {Hold::none, Hold::a_while, Hold::all}) {
    auto source = open_file(dir.file("kept.pcap", content));
    ASSERT_TRUE(source);
    std::vector<std::pair<std::shared_ptr<std::uint8_t[]>, Bytes>> kept;
    std::set<const std::uint8_t*> blocks;
    std::uint32_t number = 0;
    while (!(*source)->at_end()) {
      const auto got = (*source)->read(1'000, [&](const Packet& packet) {
        ASSERT_NE(packet.block, nullptr);
        blocks.insert(packet.block->get());
        if (hold != Hold::none) kept.emplace_back(*packet.block, packet.data);
      });
      ASSERT_TRUE(got);
      for (const auto& [block, data] : kept) {
        const auto letter = static_cast<std::uint8_t>('a' + number % 26);
        ASSERT_TRUE(std::ranges::all_of(data, [&](std::uint8_t byte) { return byte == letter; })) << number;
        ++number;
      }
      if (hold == Hold::all)
        number = 0;
      else
        kept.clear();
    }
    if (hold == Hold::none)
      EXPECT_EQ(blocks.size(), 1U);
    else if (hold == Hold::a_while)
      EXPECT_LT(blocks.size(), 30U);
    else
      EXPECT_GE(blocks.size(), content.size() / ByteWindow::kBlockBytes);
  }
}

// What libpcap makes of a file, packet by packet. Times that no clock has are let pass: it takes their fractions for
// signed.
void compare_with_libpcap(const std::string& path) {
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  pcap_t* const other = ::pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, why.data());
  auto ours = open_file(path);
  ASSERT_EQ(other != nullptr, static_cast<bool>(ours)) << why.data();
  if (other == nullptr) return;
  const auto snapshot = static_cast<std::size_t>(::pcap_snapshot(other));
  std::uint64_t packets = 0, differ = 0;
  pcap_pkthdr* header = nullptr;
  const std::uint8_t* data = nullptr;
  bool go_on = true;
  while (go_on) {
    const bool there = ::pcap_next_ex(other, &header, &data) == 1;
    bool here = false;
    const auto got = (*ours)->read(1, [&](const Packet& packet) {
      here = true;
      if (!there) return;
      const std::int64_t time = header->ts.tv_sec * 1'000'000'000LL + header->ts.tv_usec;
      // It cuts what is longer than the snapshot length says.
      const bool same = packet.data.size() >= header->caplen &&
                        (packet.data.size() == header->caplen || header->caplen == snapshot) &&
                        std::equal(data, data + header->caplen, packet.data.begin()) &&
                        packet.wire_bytes == header->len && packet.link_type == ::pcap_datalink(other) &&
                        (header->ts.tv_usec < 0 || header->ts.tv_usec >= 1'000'000'000 || time < 0 ||
                         packet.time == from_unix_nanoseconds(time));
      differ += same ? 0U : 1U;
    });
    EXPECT_EQ(here, there) << "behind " << packets << " packets: " << (got ? "" : got.error().what);
    go_on = here && there;
    packets += go_on ? 1U : 0U;
  }
  EXPECT_EQ(differ, 0U) << "of " << packets << " packets";
  ::pcap_close(other);
}

TEST(Pcap, AsLibpcapReadsIt) {
  std::size_t files = 0;
  const auto compare = [&](const std::filesystem::path& folder) {
    if (!std::filesystem::exists(folder)) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
      if (!entry.is_regular_file()) continue;
      std::array<char, 4> head{};
      std::ifstream{entry.path(), std::ios::binary}.read(head.data(), head.size());
      if (!begins_pcap({reinterpret_cast<const std::uint8_t*>(head.data()), head.size()})) continue;
      SCOPED_TRACE(entry.path().filename());
      compare_with_libpcap(entry.path());
      ++files;
    }
  };
  const std::filesystem::path root{source_directory()};
  compare(root / "tests/data");
  EXPECT_GT(files, 0U);
  const char* const elsewhere = std::getenv("NW_CORPORA");
  compare((elsewhere != nullptr ? std::filesystem::path{elsewhere} : root / "../shared/corpora") / "pcap");
}

// The seeds of tests/fuzz/pcap_fuzz.cpp; NW_UPDATE_GOLDEN=1 rewrites them.
TEST(Pcap, Seeds) {
  expect_seeds("pcap", {
                           {"plain", version(2, 4) + lengths(3, 60, "abc") + lengths(2, 2, "de")},
                           {"big_endian", pcap_header(0xa1b23c4d, 113, true) + pcap_packet(1, 1, "big", 0, true)},
                           {"patched", version(2, 4, 1, 0xa1b2cd34) + lengths(3, 60, std::string(8, '\0') + "abc")},
                           {"swapped", version(2, 3) + lengths(60, 3, "abc")},
                       });
}

}  // namespace
}  // namespace nw::capture
