#include "record/packets/headers.h"

#include <algorithm>

#include "ingest/network/ip_layer.h"
#include "ingest/network/link.h"
#include "ingest/network/transport.h"

namespace nw::record {

namespace {

constexpr std::size_t kEthernetHeader = 14, kIpv4Header = 20, kIpv6Header = 40;
constexpr std::size_t kIcmpHeader = 8;  // RFC 792; an error's quoted packet stands behind it

// From the frame's start to where `part` begins; where it is empty, to `end`.
std::size_t up_to(Bytes frame, Bytes part, std::size_t end) noexcept {
  return part.empty() ? std::min(frame.size(), end) : static_cast<std::size_t>(part.data() - frame.data());
}

}  // namespace

std::size_t header_bytes(Bytes frame, int link_type) noexcept {
  network::LinkFrame link;
  const network::Outcome outcome = network::parse_link(frame, link_type, link);
  if (outcome != network::Outcome::decoded) {
    if (!link.arp.empty()) return frame.size();  // addresses and nothing else
    if (!link.payload.empty()) return up_to(frame, link.payload, frame.size());
    return std::min(frame.size(), kEthernetHeader);
  }
  const std::size_t to_ip = up_to(frame, link.ip, frame.size());
  network::IpPacket ip;
  const std::size_t cut = link.ip.size() < 4 ? 0 : std::size_t{1} << 16;  // its length is not checked here
  if (network::parse_ip(link.ip, link.version, cut, ip) != network::Outcome::decoded) return to_ip;
  const std::size_t to_transport = up_to(frame, ip.payload, to_ip + (ip.version == 4 ? kIpv4Header : kIpv6Header));
  network::TransportHeader header;
  if (ip.fragment || network::parse_transport(ip, header) != network::Outcome::decoded) return to_transport;
  if (network::is_icmp(header.protocol)) return std::min(frame.size(), to_transport + kIcmpHeader);
  return up_to(frame, header.payload, to_transport + ip.payload.size());  // without the frame's padding
}

}  // namespace nw::record
