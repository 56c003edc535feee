// What live sources need of libpcap. Inner to this folder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <pcap/pcap.h>

#include "ingest/capture/packet_source.h"

namespace nw::capture {

struct PcapClose {
  void operator()(pcap_t* handle) const noexcept { ::pcap_close(handle); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapClose>;

// Seconds of a 32-bit file past 2038 reach us negative; what no time can be is held within 1970..2255.
inline Timestamp to_timestamp(const timeval& nanosecond_time) {
  std::int64_t seconds = nanosecond_time.tv_sec;
  if (seconds < 0 && seconds >= INT32_MIN) seconds += std::int64_t{1} << 32;
  seconds = std::clamp<std::int64_t>(seconds, 0, 9'000'000'000);
  const std::int64_t rest = std::clamp<std::int64_t>(nanosecond_time.tv_usec, 0, 1'000'000'000'000);
  return from_unix_nanoseconds(seconds * 1'000'000'000 + rest);
}

inline Packet to_packet(const pcap_pkthdr& header, const std::uint8_t* bytes, int link_type) {
  return {Bytes{bytes, header.caplen}, header.len, to_timestamp(header.ts), link_type};
}

}  // namespace nw::capture
