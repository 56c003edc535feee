// Frozen packets as a pcapng file (draft-ietf-opsawg-pcapng), little endian, nanoseconds: what an investigator opens
// with any tool. What the capture knows of itself is in it: interface, link type, filter, what was lost, whose clock.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "record/packets/ring.h"

namespace nw::record {

struct CapturedInterface {
  std::string name, filter;   // filter: BPF, empty: everything was captured
  int link_type = 1;          // as libpcap has it (DLT_)
  std::uint32_t snaplen = 0;  // 0: no limit
  // Since the capture began: packets that came (not known where there is a filter), that the interface dropped, that
  // passed the filter, that the kernel dropped because we were late.
  std::optional<std::uint64_t> received;
  std::uint64_t interface_dropped = 0, accepted = 0, kernel_dropped = 0;
  Timestamp counted{};  // when those were read
};

struct PcapngText {
  std::string application;  // "normwatch 0.1.0"
  std::string section;      // of the whole file: alert, site, clock, policy
  std::string first;        // of the first packet
  // Sequence of the packet that the alert was made at, and what is said of it.
  std::uint64_t trigger = 0;
  std::string trigger_comment;
};

// `interfaces` by FrozenPackets::Frame::interface. Texts are cut to 4 KiB each.
std::string write_pcapng(const FrozenPackets& packets, std::span<const CapturedInterface> interfaces,
                         const PcapngText& text);

}  // namespace nw::record
