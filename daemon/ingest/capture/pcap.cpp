#include "ingest/capture/pcap.h"

#include <algorithm>
#include <array>

namespace nw::capture {
namespace {

constexpr std::size_t kFileHeader = 24, kPacketHeader = 16, kPatchedHeader = 24;
constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4, kNanoseconds = 0xa1b23c4d, kPatched = 0xa1b2cd34;
// Above are the length of frame check sequences and whether it is known.
constexpr std::uint32_t kLinkTypeBits = 0x03ff'ffff;

constexpr bool is_magic(std::uint32_t magic) noexcept {
  return magic == kMicroseconds || magic == kNanoseconds || magic == kPatched;
}

}  // namespace

bool begins_pcap(Bytes head) noexcept {
  return is_magic(ByteReader{head}.u32le()) || is_magic(ByteReader{head}.u32be());
}

bool PcapReader::refuse(const std::string& why) {
  fault_ = why;
  return false;
}

bool PcapReader::begin() {
  if (!window_.have(kFileHeader)) return refuse("the file ends within it");
  window_.set_big_endian(!is_magic(window_.u32(0)));
  const std::uint32_t magic = window_.u32(0);
  const std::uint16_t major = window_.u16(4);
  minor_ = window_.u16(6);
  if (major != 2) {
    return refuse("pcap of version " + std::to_string(major) + "." + std::to_string(minor_) + ", which is not known");
  }
  if (magic == kNanoseconds) nanoseconds_ = 1;
  header_ = magic == kPatched ? kPatchedHeader : kPacketHeader;
  link_type_ = to_dlt(window_.u32(20) & kLinkTypeBits);
  window_.drop(kFileHeader);
  return true;
}

// Before version 2.3 both lengths stood the other way round; in it, some programs did that still.
bool PcapReader::begin_packet(std::uint32_t& bytes, std::uint32_t& wire_bytes) {
  if (!window_.have(header_)) return window_.empty() ? false : refuse("the file ends within its header");
  bytes = window_.u32(8);
  wire_bytes = window_.u32(12);
  if (minor_ < 3 || (minor_ == 3 && bytes > wire_bytes)) std::swap(bytes, wire_bytes);
  if (bytes > kPacketBytesMax)
    return refuse("it claims " + std::to_string(bytes) + " bytes; no packet has more than " +
                  std::to_string(kPacketBytesMax));
  return window_.have(header_ + bytes) || refuse("the file ends within it");
}

PcapReader::Next PcapReader::next(Packet& out) {
  std::uint32_t bytes = 0;
  if (!begin_packet(bytes, out.wire_bytes)) {
    return fault_.empty() && window_.stream().fault().empty() ? Next::end : Next::fault;
  }
  // What no fraction can be is held within 1000 seconds.
  constexpr std::uint64_t kFractionMax = 1'000'000'000'000;
  const std::uint64_t fraction = std::min(std::uint64_t{window_.u32(4)} * nanoseconds_, kFractionMax);
  out.time = from_unix_nanoseconds(static_cast<std::int64_t>(window_.u32(0) * std::uint64_t{1'000'000'000} + fraction));
  out.data = window_.bytes(header_, bytes);
  out.block = &window_.block();
  out.link_type = link_type_;
  window_.drop(header_ + bytes);
  return Next::packet;
}

}  // namespace nw::capture
