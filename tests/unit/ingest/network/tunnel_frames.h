// Packets within packets, for tests and fuzz seeds. Each takes what is within and gives what stands behind the outer
// header: for GRE behind IP, for the others behind UDP.
#pragma once

#include "unit/ingest/network/frames.h"

namespace nw::network::frames {

inline Frame with(Frame head, Bytes inner) {
  put(head, inner);
  return head;
}

inline Frame gre(unsigned type, Bytes inner) {
  Frame out;
  put16(out, 0);
  put16(out, type);
  return with(out, inner);
}
// Checksum, key and sequence number.
inline Frame gre_full(unsigned type, std::uint32_t key, Bytes inner) {
  Frame out;
  put16(out, 0xb000);
  put16(out, type);
  put32(out, 0);
  put32(out, key);
  put32(out, 7);
  return with(out, inner);
}
inline Frame pptp(Bytes ppp) {
  Frame out;
  put16(out, 0x3081);  // key, sequence, acknowledgement, version 1
  put16(out, 0x880b);
  put16(out, static_cast<unsigned>(ppp.size()));
  put16(out, 1);
  put32(out, 1);
  put32(out, 1);
  return with(out, ppp);
}
inline Frame erspan2(Bytes frame, bool truncated = false) {
  Frame out;
  put16(out, 0x1000);  // sequence
  put16(out, 0x88be);
  put32(out, 1);
  put16(out, 0x1005);  // version 1, VLAN 5
  put16(out, truncated ? 0x0401U : 0x0001U);
  put32(out, 3);
  return with(out, frame);
}
inline Frame erspan3(unsigned frame_type, bool with_platform, Bytes frame) {
  Frame out;
  put16(out, 0x1000);
  put16(out, 0x22eb);
  put32(out, 1);
  put16(out, 0x2005);
  put16(out, 0x0001);
  put32(out, 99);
  put16(out, 0);
  put16(out, frame_type << 10U | (with_platform ? 1U : 0U));
  if (with_platform) put(out, Frame(8));
  return with(out, frame);
}
inline Frame vxlan(std::uint32_t network, Bytes frame, std::uint32_t flags = 0x08000000) {
  Frame out;
  put32(out, flags);
  put32(out, network << 8U);
  return with(out, frame);
}
// `options` counts words of four bytes.
inline Frame geneve(std::uint32_t network, unsigned type, Bytes inner, unsigned options = 0) {
  Frame out;
  put8(out, options);
  put8(out, 0);
  put16(out, type);
  put32(out, network << 8U);
  put(out, Frame(options * 4));
  return with(out, inner);
}
// `extensions` headers of four bytes each.
inline Frame gtp(Bytes packet, int extensions = 0, unsigned message = 0xff) {
  Frame optional;
  if (extensions != 0) {
    put(optional, Frame{0, 1, 0, 0x85});
    for (int i = 1; i <= extensions; ++i) {
      put(optional, Frame{1, 0, 0, static_cast<std::uint8_t>(i == extensions ? 0 : 0x85)});
    }
  }
  Frame out;
  put8(out, extensions != 0 ? 0x34 : 0x30);
  put8(out, message);
  put16(out, static_cast<unsigned>(optional.size() + packet.size()));
  put32(out, 0x0a0b0c0d);
  put(out, optional);
  return with(out, packet);
}
inline Frame teredo_origin() { return {0, 0, 1, 2, 3, 4, 5, 6}; }
inline Frame teredo_authentication() {
  Frame out{0, 1, 2, 1, 7, 7, 8};
  put(out, Frame(9));
  return out;
}
inline Endpoint teredo_client(std::uint8_t last, std::uint16_t port) {
  Frame bytes(16);
  bytes[0] = 0x20;
  bytes[1] = 0x01;
  bytes[2] = bytes[3] = 0;
  bytes[15] = last;
  return {IpAddress::from_bytes(bytes), port};
}
// `tags` paddings before the end.
inline Frame tzsp(Bytes frame, int tags = 0, unsigned encapsulated = 1) {
  Frame out;
  put8(out, 1);
  put8(out, 0);
  put16(out, encapsulated);
  put(out, Frame{0x0a, 1, 200});  // signal strength
  put(out, Frame(static_cast<std::size_t>(tags)));
  put8(out, 1);
  return with(out, frame);
}

inline std::string_view text_of(const Frame& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
// From an endpoint's port to a tunnel's.
inline Frame over_udp(const Endpoint& from, const Endpoint& to, const Frame& tunnel) {
  return udp_frame(from, to, text_of(tunnel));
}
inline Frame over_ip(const Endpoint& from, const Endpoint& to, unsigned protocol, Bytes payload) {
  return ethernet(ip(from, to, protocol, payload));
}

}  // namespace nw::network::frames
