#include "record/packets/exchange.h"

#include <algorithm>

#include "ingest/network/ip_layer.h"
#include "ingest/network/link.h"
#include "ingest/network/transport.h"

namespace nw::record {

namespace {

// False: the frame says nothing to anybody, or not all of it is there.
bool speaker_of(Bytes frame, int link_type, IpAddress& out) noexcept {
  network::LinkFrame link;
  network::IpPacket ip;
  network::TransportHeader header;
  if (network::parse_link(frame, link_type, link) != network::Outcome::decoded) return false;
  if (network::parse_ip(link.ip, link.version, 0, ip) != network::Outcome::decoded || ip.fragment) return false;
  if (network::parse_transport(ip, header) != network::Outcome::decoded || header.payload_bytes == 0) return false;
  out = ip.source;
  return header.payload.size() == header.payload_bytes;
}

}  // namespace

bool is_exchange(const FrozenPackets& packets, int link_type, std::uint64_t trigger, const IpAddress& asker) noexcept {
  const auto& frames = packets.frames;
  const auto at = std::ranges::find(frames, trigger, &FrozenPackets::Frame::sequence);
  if (at == frames.end()) return false;
  IpAddress who, speaker;
  const auto says = [&](const FrozenPackets::Frame& frame) {
    return frame.bytes == frame.wire_bytes && speaker_of(packets.bytes_of(frame), link_type, who);
  };
  if (!says(*at)) return false;
  speaker = who;
  if (speaker == asker)
    return std::any_of(at + 1, frames.end(), [&](const auto& frame) { return says(frame) && who != speaker; });
  return std::any_of(frames.begin(), at, [&](const auto& frame) { return says(frame) && who == asker; });
}

}  // namespace nw::record
