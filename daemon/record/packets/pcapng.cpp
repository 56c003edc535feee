#include "record/packets/pcapng.h"

#include <algorithm>

namespace nw::record {

namespace {

// Block types and option codes of the draft, sections 4 and 3.5.
constexpr std::uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kStatistics = 5, kPacket = 6;
constexpr std::uint32_t kByteOrder = 0x1a2b3c4d;
constexpr std::uint16_t kEnd = 0, kComment = 1;
constexpr std::uint16_t kApplication = 4;                                                // of a section
constexpr std::uint16_t kName = 2, kResolution = 9, kFilter = 11;                        // of an interface
constexpr std::uint16_t kReceived = 4, kDropped = 5, kAccepted = 6, kKernelDropped = 7;  // of statistics
constexpr std::size_t kTextMax = 4096;

void put16(std::uint16_t value, std::string& out) {
  for (unsigned shift = 0; shift < 16; shift += 8) out += static_cast<char>(value >> shift & 0xffU);
}
void put32(std::uint32_t value, std::string& out) {
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xffU);
}
void put64(std::uint64_t value, std::string& out) {
  put32(static_cast<std::uint32_t>(value), out);
  put32(static_cast<std::uint32_t>(value >> 32U), out);
}
void pad(std::string& out) {
  while (out.size() % 4 != 0) out += '\0';
}

void put_option(std::uint16_t code, std::string_view value, std::string& out) {
  value = value.substr(0, kTextMax);
  put16(code, out);
  put16(static_cast<std::uint16_t>(value.size()), out);
  out += value;
  pad(out);
}
void put_text(std::uint16_t code, std::string_view value, std::string& out) {
  if (!value.empty()) put_option(code, value, out);
}
void put_count(std::uint16_t code, std::uint64_t value, std::string& out) {
  std::string bytes;
  put64(value, bytes);
  put_option(code, bytes, out);
}
void end_options(std::string& out) { put32(kEnd, out); }

// High half first.
void put_time(Timestamp time, std::string& out) {
  const auto ns = static_cast<std::uint64_t>(to_unix_nanoseconds(time));
  put32(static_cast<std::uint32_t>(ns >> 32U), out);
  put32(static_cast<std::uint32_t>(ns), out);
}

void put_block(std::uint32_t type, std::string_view body, std::string& out) {
  const auto length = static_cast<std::uint32_t>(body.size() + 12);
  put32(type, out);
  put32(length, out);
  out += body;
  put32(length, out);
}

// From libpcap's DLT_ to the LINKTYPE_ of files: they differ where DLT_ values differ between systems.
std::uint16_t link_type_of(int dlt) noexcept {
  switch (dlt) {
    case 11: return 100;  // ATM_RFC1483
    case 12: return 101;  // RAW
    case 15: return 102;  // SLIP_BSDOS
    case 16: return 103;  // PPP_BSDOS
    case 19: return 106;  // ATM_CLIP
    default: return static_cast<std::uint16_t>(dlt);
  }
}

void put_section(const PcapngText& text, std::string& out) {
  std::string body;
  put32(kByteOrder, body);
  put16(1, body);
  put16(0, body);
  put64(~std::uint64_t{0}, body);  // its length: not said
  put_text(kComment, text.section, body);
  put_text(kApplication, text.application, body);
  end_options(body);
  put_block(kSection, body, out);
}

void put_interface(const CapturedInterface& interface, std::string& out) {
  std::string body;
  put16(link_type_of(interface.link_type), body);
  put16(0, body);
  put32(interface.snaplen, body);
  put_text(kName, interface.name, body);
  put_option(kResolution, "\x09", body);                                                           // nanoseconds
  if (!interface.filter.empty()) put_option(kFilter, std::string{'\0'} + interface.filter, body);  // 0: BPF as text
  end_options(body);
  put_block(kInterface, body, out);
}

void put_packet(const FrozenPackets& packets, const FrozenPackets::Frame& frame, std::string_view comment,
                std::string& out) {
  const Bytes data = packets.bytes_of(frame);
  std::string body;
  body.reserve(data.size() + comment.size() + 40);
  put32(frame.interface, body);
  put_time(frame.time, body);
  put32(frame.bytes, body);
  put32(std::max(frame.wire_bytes, frame.bytes), body);
  body.append(data.begin(), data.end());
  pad(body);
  if (!comment.empty()) {
    put_text(kComment, comment, body);
    end_options(body);
  }
  put_block(kPacket, body, out);
}

void put_statistics(std::size_t number, const CapturedInterface& interface, std::string& out) {
  std::string body;
  put32(static_cast<std::uint32_t>(number), body);
  put_time(interface.counted, body);
  if (interface.received) put_count(kReceived, *interface.received, body);
  put_count(kDropped, interface.interface_dropped, body);
  put_count(kAccepted, interface.accepted, body);
  put_count(kKernelDropped, interface.kernel_dropped, body);
  end_options(body);
  put_block(kStatistics, body, out);
}

}  // namespace

std::string write_pcapng(const FrozenPackets& packets, std::span<const CapturedInterface> interfaces,
                         const PcapngText& text) {
  std::string out;
  out.reserve(packets.data.size() + packets.frames.size() * 36 + 4096);
  put_section(text, out);
  for (const CapturedInterface& interface : interfaces) put_interface(interface, out);
  for (const FrozenPackets::Frame& frame : packets.frames) {
    std::string comment;
    if (&frame == &packets.frames.front()) comment = text.first;
    if (frame.sequence == text.trigger && !text.trigger_comment.empty())
      comment += (comment.empty() ? "" : "\n") + text.trigger_comment;
    put_packet(packets, frame, comment, out);
  }
  for (std::size_t i = 0; i < interfaces.size(); ++i) put_statistics(i, interfaces[i], out);
  return out;
}

}  // namespace nw::record
