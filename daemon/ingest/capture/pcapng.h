// pcapng (draft-ietf-opsawg-pcapng), read block by block: | type u32 | length u32 | body | length u32 |, numbers in the
// byte order of the section. Any number of sections and interfaces, each with its own link type, resolution and
// snapshot length. Inner to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ingest/capture/byte_window.h"
#include "ingest/capture/packet_source.h"

namespace nw::capture {

// Whether these are the first bytes of a pcapng file.
bool begins_pcapng(Bytes head) noexcept;

class PcapngReader {
 public:
  // Outlived by `bytes`, which stands at the first section header.
  explicit PcapngReader(ByteStream& bytes) : window_{bytes} {}

  enum class Next : std::uint8_t { packet, end, fault };
  // Reads up to the next packet, which is borrowed until the next call.
  Next next(Packet& out);
  // What is wrong, after Next::fault; empty when it is the stream's own fault.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  // What interface statistics said last, over all interfaces and sections.
  [[nodiscard]] std::uint64_t kernel_dropped() const noexcept;
  [[nodiscard]] std::uint64_t interface_dropped() const noexcept;

  static constexpr std::size_t kInterfacesMax = 4096;  // of a section

 private:
  struct Interface {
    int link_type = 0;
    std::uint32_t snapshot_bytes = 0;  // 0: no limit
    std::uint8_t resolution = 6;       // if_tsresol: 10^-n seconds, or 2^-n with the high bit
    std::int64_t offset = 0;           // seconds to be added
    std::uint64_t kernel_dropped = 0, interface_dropped = 0;
  };
  struct Block {
    std::uint32_t type = 0, length = 0;  // whole, with both lengths
  };

  bool begin_block();
  bool end_block();
  bool section();
  bool interface();
  bool statistics();
  bool packet(Packet& out);
  bool simple_packet(Packet& out);
  bool old_packet(Packet& out);
  bool captured(std::uint32_t number, std::size_t header, std::uint32_t bytes, std::uint32_t wire_bytes, Packet& out);
  bool refuse(const std::string& why);
  void keep_drops() noexcept;
  [[nodiscard]] std::uint64_t u64(Bytes value) const noexcept;
  [[nodiscard]] Timestamp time(const Interface& of, std::uint32_t high, std::uint32_t low) const noexcept;

  ByteWindow window_;
  Block block_;             // in which the window begins; without a length: between two
  std::uint32_t rest_ = 0;  // of it, from the window's start on
  std::vector<Interface> interfaces_;
  std::uint64_t kernel_dropped_ = 0, interface_dropped_ = 0;  // of sections that have ended
  Timestamp last_;                                            // of the last packet that had a time
  std::string fault_;
};

}  // namespace nw::capture
