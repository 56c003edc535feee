#include "ingest/capture/pcapng.h"

#include <algorithm>
#include <array>

namespace nw::capture {
namespace {

constexpr std::uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kOldPacket = 2, kSimplePacket = 3, kStatistics = 5,
                        kPacket = 6;
constexpr std::uint32_t kByteOrder = 0x1a2b3c4d;
constexpr std::size_t kHeadBytes = 8, kTailBytes = 4, kSectionBytes = 28, kInterfaceBytes = 20, kStatisticsBytes = 24;
constexpr std::size_t kPacketHeader = 28, kOldPacketHeader = 28, kSimplePacketHeader = 12;
// Interfaces and statistics have few options; what lies behind so many bytes is left unread.
constexpr std::size_t kOptionsMax = 64 * 1024;
static_assert(ByteWindow::kBlockBytes > kPacketBytesMax + kPacketHeader + kTailBytes);

constexpr std::uint64_t power_of_ten(unsigned exponent) noexcept {
  std::uint64_t out = 1;
  while (exponent-- != 0) out *= 10;
  return out;
}

constexpr std::uint8_t kBinary = 0x80;

// 64 bits hold a second in every one of these.
bool resolution_fits(std::uint8_t resolution) noexcept {
  return (resolution & kBinary) != 0 ? (resolution & 0x7fU) <= 63 : resolution <= 19;
}

}  // namespace

bool begins_pcapng(Bytes head) noexcept {
  constexpr std::array<std::uint8_t, 4> kMagic{0x0a, 0x0d, 0x0d, 0x0a};
  return head.size() >= kMagic.size() && std::ranges::equal(head.first(kMagic.size()), kMagic);
}

std::uint64_t PcapngReader::u64(Bytes value) const noexcept {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out |= std::uint64_t{value[i]} << (8 * (window_.big_endian() ? 7 - i : i));
  return out;
}

bool PcapngReader::refuse(const std::string& why) {
  fault_ = why;
  return false;
}

bool PcapngReader::begin_block() {
  block_ = {};
  if (!window_.have(kHeadBytes + 4)) return window_.empty() ? false : refuse("the file ends within a block");
  // A section header says its byte order itself, and its type reads the same in both.
  if (window_.u32(0) == kSection) {
    window_.set_big_endian(false);
    window_.set_big_endian(window_.u32(kHeadBytes) != kByteOrder);
    if (window_.u32(kHeadBytes) != kByteOrder) return refuse("a section header without a byte order");
  }
  block_ = {window_.u32(0), window_.u32(4)};
  rest_ = block_.length;
  if (block_.length < kHeadBytes + kTailBytes || block_.length % 4 != 0)
    return refuse("a block says that it has " + std::to_string(block_.length) + " bytes, which no block can have");
  return true;
}

// Skips what was not read. The second length shows that nothing slipped.
bool PcapngReader::end_block() {
  if (!window_.skip(rest_ - kTailBytes) || !window_.have(kTailBytes)) return refuse("the file ends within a block");
  if (window_.u32(0) != block_.length) return refuse("the two lengths of a block differ");
  window_.drop(kTailBytes);
  return true;
}

void PcapngReader::keep_drops() noexcept {
  kernel_dropped_ = kernel_dropped();
  interface_dropped_ = interface_dropped();
  interfaces_.clear();
}

std::uint64_t PcapngReader::kernel_dropped() const noexcept {
  std::uint64_t sum = kernel_dropped_;
  for (const Interface& one : interfaces_) sum += one.kernel_dropped;
  return sum;
}
std::uint64_t PcapngReader::interface_dropped() const noexcept {
  std::uint64_t sum = interface_dropped_;
  for (const Interface& one : interfaces_) sum += one.interface_dropped;
  return sum;
}

// | byte order u32 | major u16 | minor u16 | length of the section u64 | options |
bool PcapngReader::section() {
  if (block_.length < kSectionBytes || !window_.have(kSectionBytes))
    return refuse("a section header that is too short");
  const std::uint16_t major = window_.u16(12);
  if (major != 1) return refuse("pcapng of version " + std::to_string(major) + ", which is not known");
  keep_drops();
  return true;
}

namespace {

// Calls `take(code, value)` for each option: | code u16 | length u16 | value, filled up to four bytes |.
template <class Take>
void each_option(Bytes options, bool big_endian, Take take) {
  ByteReader in{options};
  while (!in.empty()) {
    const std::uint16_t code = big_endian ? in.u16be() : in.u16le();
    const std::uint16_t length = big_endian ? in.u16be() : in.u16le();
    const Bytes value = in.bytes(length);
    if (!in.ok() || code == 0) return;
    take(code, value);
    in.bytes(std::min<std::size_t>((4 - length % 4U) % 4U, in.rest().size()));
  }
}

}  // namespace

// | link type u16 | - | snapshot length u32 | options |
bool PcapngReader::interface() {
  if (block_.length < kInterfaceBytes) return refuse("an interface description that is too short");
  if (interfaces_.size() >= kInterfacesMax)
    return refuse("more than " + std::to_string(kInterfacesMax) + " interfaces in one section");
  const std::size_t whole = std::min<std::size_t>(block_.length - kTailBytes, kOptionsMax);
  if (!window_.have(whole)) return refuse("the file ends within an interface description");
  Interface& made = interfaces_.emplace_back();
  made.link_type = to_dlt(window_.u16(8));
  made.snapshot_bytes = window_.u32(12);
  constexpr std::uint16_t kResolution = 9, kOffset = 14;
  each_option(window_.bytes(16, whole - 16), window_.big_endian(), [&](std::uint16_t code, Bytes value) {
    if (code == kResolution && value.size() == 1) made.resolution = value[0];
    if (code == kOffset && value.size() == 8) made.offset = static_cast<std::int64_t>(u64(value));
  });
  return resolution_fits(made.resolution) || refuse("an interface whose times are too fine to be read");
}

// | interface u32 | time u64 | options |
bool PcapngReader::statistics() {
  if (block_.length < kStatisticsBytes) return refuse("interface statistics that are too short");
  const std::size_t whole = std::min<std::size_t>(block_.length - kTailBytes, kOptionsMax);
  if (!window_.have(whole)) return refuse("the file ends within interface statistics");
  const std::uint32_t number = window_.u32(8);
  if (number >= interfaces_.size()) return true;  // nobody's loss
  constexpr std::uint16_t kInterfaceDropped = 5, kSystemDropped = 7;
  each_option(window_.bytes(20, whole - 20), window_.big_endian(), [&](std::uint16_t code, Bytes value) {
    if (value.size() != 8) return;
    if (code == kInterfaceDropped) interfaces_[number].interface_dropped = u64(value);
    if (code == kSystemDropped) interfaces_[number].kernel_dropped = u64(value);
  });
  return true;
}

Timestamp PcapngReader::time(const Interface& of, std::uint32_t high, std::uint32_t low) const noexcept {
  constexpr unsigned kNano = 9, kExact = 34;  // 2^34 times 10^9 fits
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const std::uint64_t ticks = std::uint64_t{high} << 32U | low;
  const unsigned exponent = of.resolution & 0x7fU;
  std::uint64_t seconds = 0, rest = 0;
  if ((of.resolution & kBinary) != 0) {
    seconds = ticks >> exponent;
    rest = ticks & ((std::uint64_t{1} << exponent) - 1);
    rest = exponent <= kExact ? rest * kSecond >> exponent : (rest >> (exponent - kExact)) * kSecond >> kExact;
  } else {
    const std::uint64_t second = power_of_ten(exponent);
    seconds = ticks / second;
    rest = ticks % second;
    rest = exponent <= kNano ? rest * power_of_ten(kNano - exponent) : rest / power_of_ten(exponent - kNano);
  }
  // As for pcap: what no time can be is held within 1970..2255.
  constexpr std::int64_t kMost = 9'000'000'000;
  const std::int64_t held = static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, kMost));
  const std::int64_t shifted = std::clamp(held + std::clamp(of.offset, -kMost, kMost), std::int64_t{0}, kMost);
  return from_unix_nanoseconds(shifted * static_cast<std::int64_t>(kSecond) + static_cast<std::int64_t>(rest));
}

// The packet's bytes, `header` behind the block's start.
bool PcapngReader::captured(std::uint32_t number, std::size_t header, std::uint32_t bytes, std::uint32_t wire_bytes,
                            Packet& out) {
  if (number >= interfaces_.size())
    return refuse("it names interface " + std::to_string(number) + ", but the section describes " +
                  std::to_string(interfaces_.size()));
  if (bytes > kPacketBytesMax)
    return refuse("it claims " + std::to_string(bytes) + " bytes; no packet has more than " +
                  std::to_string(kPacketBytesMax));
  if (bytes > block_.length - kTailBytes - header)
    return refuse("it claims " + std::to_string(bytes) + " bytes, more than its block has");
  if (!window_.have(header + bytes)) return refuse("the file ends within it");
  out.data = window_.bytes(header, bytes);
  out.block = &window_.block();
  out.wire_bytes = wire_bytes;
  out.link_type = interfaces_[number].link_type;
  window_.drop(header + bytes);
  rest_ -= static_cast<std::uint32_t>(header) + bytes;
  return true;
}

// | interface u32 | time, high u32, low u32 | captured u32 | on the wire u32 | bytes | options |
bool PcapngReader::packet(Packet& out) {
  if (block_.length < kPacketHeader + kTailBytes || !window_.have(kPacketHeader))
    return refuse("its block is too short");
  const std::uint32_t number = window_.u32(8), high = window_.u32(12), low = window_.u32(16);
  if (!captured(number, kPacketHeader, window_.u32(20), window_.u32(24), out)) return false;
  out.time = last_ = time(interfaces_[number], high, low);
  return true;
}

// | on the wire u32 | bytes |, of the first interface; it has no time, so it is the last packet's.
bool PcapngReader::simple_packet(Packet& out) {
  if (block_.length < kSimplePacketHeader + kTailBytes || !window_.have(kSimplePacketHeader))
    return refuse("its block is too short");
  const std::uint32_t wire = window_.u32(8);
  std::uint32_t bytes = std::min(wire, block_.length - static_cast<std::uint32_t>(kSimplePacketHeader + kTailBytes));
  if (!interfaces_.empty() && interfaces_[0].snapshot_bytes != 0)
    bytes = std::min(bytes, interfaces_[0].snapshot_bytes);
  out.time = last_;
  return captured(0, kSimplePacketHeader, bytes, wire, out);
}

// | interface u16 | dropped since the last u16 | as in packet() |
bool PcapngReader::old_packet(Packet& out) {
  if (block_.length < kOldPacketHeader + kTailBytes || !window_.have(kOldPacketHeader))
    return refuse("its block is too short");
  const std::uint16_t number = window_.u16(8), dropped = window_.u16(10);
  const std::uint32_t high = window_.u32(12), low = window_.u32(16);
  if (!captured(number, kOldPacketHeader, window_.u32(20), window_.u32(24), out)) return false;
  constexpr std::uint16_t kUnknown = 0xffff;
  if (dropped != kUnknown) kernel_dropped_ += dropped;
  out.time = last_ = time(interfaces_[number], high, low);
  return true;
}

PcapngReader::Next PcapngReader::next(Packet& out) {
  while ((block_.length == 0 || end_block()) && begin_block()) {
    switch (block_.type) {
      case kPacket: return packet(out) ? Next::packet : Next::fault;
      case kSimplePacket: return simple_packet(out) ? Next::packet : Next::fault;
      case kOldPacket: return old_packet(out) ? Next::packet : Next::fault;
      case kSection: section(); break;
      case kInterface: interface(); break;
      case kStatistics: statistics(); break;
      default: break;  // names, secrets, comments: nothing for us
    }
    if (!fault_.empty()) break;
  }
  return fault_.empty() && window_.stream().fault().empty() ? Next::end : Next::fault;
}

}  // namespace nw::capture
