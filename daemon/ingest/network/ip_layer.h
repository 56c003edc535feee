// IPv4 and IPv6 headers: whose packet, what is in it, and whether it is a piece of one. Checksums are not verified:
// offloading cards fill them in after the capture point.
#pragma once

#include <cstdint>

#include "base/byte_reader.h"
#include "base/ip.h"
#include "ingest/network/outcome.h"

namespace nw::network {

constexpr int kExtensionHeadersMax = 8;  // RFC 8200 section 4.1 knows seven kinds, each at most once (one twice)

// Views the frame, or the defragmenter's memory.
struct IpPacket {
  IpAddress source, destination;
  Bytes payload;                    // as captured: a snapshot length may have cut it
  std::uint32_t payload_bytes = 0;  // as the header says
  std::uint32_t ip_bytes = 0;       // header and payload
  std::uint8_t version = 0;
  std::uint8_t protocol = 0;  // behind all extension headers, unless it is a fragment
  bool fragment = false, more_fragments = false;
  std::uint32_t fragment_id = 0;
  std::uint32_t fragment_offset = 0;  // bytes
};

// `cut` is the number of bytes that the capture left off the frame's end. What lies behind the IP length is dropped.
Outcome parse_ip(Bytes bytes, unsigned version, std::size_t cut, IpPacket& out) noexcept;

// Walks the IPv6 extension headers at the front of `packet`; stops at a fragment header that splits. For a reassembled
// packet, call it again.
Outcome skip_extensions(IpPacket& packet) noexcept;

// The addresses alone, for flow_hash(). False when they are not there.
bool parse_addresses(Bytes bytes, unsigned version, IpAddress& source, IpAddress& destination) noexcept;

}  // namespace nw::network
