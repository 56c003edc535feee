// pcap (draft-ietf-opsawg-pcap): | magic u32 | major u16 | minor u16 | 0 u32 | 0 u32 | snapshot length u32 |
// link type u32 |, then packets: | seconds u32 | fraction u32 | captured u32 | on the wire u32 | bytes |. The magic
// tells the byte order, whether fractions are micro- or nanoseconds, and the kernel patch of 1999 whose packets have 8
// bytes more of header. Inner to this folder.
#pragma once

#include <string>

#include "ingest/capture/byte_window.h"
#include "ingest/capture/packet_source.h"

namespace nw::capture {

// Whether these are the first bytes of a pcap file.
bool begins_pcap(Bytes head) noexcept;

class PcapReader {
 public:
  // Outlived by `bytes`, which stands at the file's header.
  explicit PcapReader(ByteStream& bytes) : window_{bytes} {}

  // Reads the file's header; false: fault() says why.
  bool begin();
  enum class Next : std::uint8_t { packet, end, fault };
  // Reads the next packet, which is borrowed until the next call.
  Next next(Packet& out);
  // What is wrong, after Next::fault; empty when it is the stream's own fault.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

  // The format has no place for losses.
  [[nodiscard]] static std::uint64_t kernel_dropped() noexcept { return 0; }
  [[nodiscard]] static std::uint64_t interface_dropped() noexcept { return 0; }

 private:
  bool refuse(const std::string& why);
  bool begin_packet(std::uint32_t& bytes, std::uint32_t& wire_bytes);

  ByteWindow window_;
  std::size_t header_ = 0;            // of a packet
  std::uint32_t nanoseconds_ = 1000;  // of a fraction's unit
  std::uint16_t minor_ = 4;
  int link_type_ = 0;
  std::string fault_;
};

}  // namespace nw::capture
