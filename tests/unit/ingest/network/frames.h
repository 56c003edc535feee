// Frames made from their parts, for tests, benchmarks and fuzz seeds. Checksums are left 0: the decoder does not look.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/ip.h"

namespace nw::network::frames {

using Frame = std::vector<std::uint8_t>;

inline void put8(Frame& out, unsigned value) { out.push_back(static_cast<std::uint8_t>(value)); }
inline void put16(Frame& out, unsigned value) {
  put8(out, value >> 8U & 0xffU);
  put8(out, value & 0xffU);
}
inline void put32(Frame& out, std::uint32_t value) {
  put16(out, value >> 16U);
  put16(out, value & 0xffffU);
}
inline void put(Frame& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
inline Frame bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
};
inline Endpoint v4(std::uint32_t last_byte, std::uint16_t port) {
  return {IpAddress::v4(0x0a000000U + last_byte), port};
}
inline Endpoint v6(std::uint8_t last_byte, std::uint16_t port) {
  Frame bytes(16);
  bytes[0] = 0x20;
  bytes[1] = 0x01;
  bytes[15] = last_byte;
  return {IpAddress::from_bytes(bytes), port};
}

// Flags of a TCP segment.
enum : unsigned { kF = 1, kS = 2, kR = 4, kP = 8, kA = 16 };

struct Tcp {
  unsigned flags = kA;
  std::uint32_t sequence = 0, acknowledgement = 0;
  std::string_view payload = {};
  unsigned window = 1000;
  int scale = -1;  // of the window; none
};

inline Frame tcp(std::uint16_t from, std::uint16_t to, const Tcp& t) {
  Frame out;
  put16(out, from);
  put16(out, to);
  put32(out, t.sequence);
  put32(out, t.acknowledgement);
  put8(out, (t.scale < 0 ? 5U : 6U) << 4U);
  put8(out, t.flags);
  put16(out, t.window);
  put32(out, 0);
  if (t.scale >= 0) put32(out, 0x01030300U | static_cast<unsigned>(t.scale));
  put(out, bytes_of(t.payload));
  return out;
}
inline Frame udp(std::uint16_t from, std::uint16_t to, std::string_view payload) {
  Frame out;
  put16(out, from);
  put16(out, to);
  put16(out, static_cast<unsigned>(8 + payload.size()));
  put16(out, 0);
  put(out, bytes_of(payload));
  return out;
}
inline Frame icmp(unsigned type, unsigned code, std::string_view payload = {}) {
  Frame out;
  put8(out, type);
  put8(out, code);
  put16(out, 0);
  put32(out, 0x00010001);
  put(out, bytes_of(payload));
  return out;
}

// One chunk of a type, of `payload`.
inline Frame sctp(std::uint16_t from, std::uint16_t to, unsigned chunk, std::string_view payload) {
  Frame out;
  put16(out, from);
  put16(out, to);
  put32(out, 0x01020304);
  put32(out, 0);
  put8(out, chunk);
  put8(out, 3);
  put16(out, static_cast<unsigned>(4 + payload.size()));
  put(out, bytes_of(payload));
  return out;
}

// A piece of a datagram. `offset` counts bytes.
struct Piece {
  std::uint32_t id = 0;
  unsigned offset = 0;
  bool more = false;
};

inline Frame ipv4(const IpAddress& from, const IpAddress& to, unsigned protocol, Bytes payload, Piece piece = {}) {
  Frame out;
  put16(out, 0x4500);
  put16(out, static_cast<unsigned>(20 + payload.size()));
  put16(out, piece.id);
  put16(out, (piece.more ? 0x2000U : 0U) | piece.offset / 8);
  put8(out, 64);
  put8(out, protocol);
  put16(out, 0);
  put(out, from.native());
  put(out, to.native());
  put(out, payload);
  return out;
}
inline Frame ipv6(const IpAddress& from, const IpAddress& to, unsigned next, Bytes payload) {
  Frame out;
  put32(out, 0x60000000);
  put16(out, static_cast<unsigned>(payload.size()));
  put8(out, next);
  put8(out, 64);
  put(out, from.bytes());
  put(out, to.bytes());
  put(out, payload);
  return out;
}
// An IPv6 extension header of 8 bytes before `payload`.
inline Frame extension(unsigned next, Bytes payload) {
  Frame out(8);
  out[0] = static_cast<std::uint8_t>(next);
  put(out, payload);
  return out;
}
inline Frame fragment6(unsigned next, Piece piece, Bytes payload) {
  Frame out;
  put8(out, next);
  put8(out, 0);
  put16(out, piece.offset | (piece.more ? 1U : 0U));
  put32(out, piece.id);
  put(out, payload);
  return out;
}
inline Frame ip(const Endpoint& from, const Endpoint& to, unsigned protocol, Bytes payload) {
  return from.address.is_v4() ? ipv4(from.address, to.address, protocol, payload)
                              : ipv6(from.address, to.address, protocol, payload);
}

// Ethernet around an IP packet, with 802.1Q tags, padded to 60 bytes as a card does.
inline Frame ethernet(Bytes packet, const std::vector<std::uint16_t>& vlans = {}) {
  Frame out(12, 0x02);
  for (const std::uint16_t vlan : vlans) {
    put16(out, 0x8100);
    put16(out, vlan);
  }
  put16(out, packet.empty() || packet[0] >> 4U != 6 ? 0x0800U : 0x86ddU);
  put(out, packet);
  if (out.size() < 60) out.resize(60);
  return out;
}

inline Frame tcp_frame(const Endpoint& from, const Endpoint& to, const Tcp& t) {
  return ethernet(ip(from, to, 6, tcp(from.port, to.port, t)));
}
inline Frame udp_frame(const Endpoint& from, const Endpoint& to, std::string_view payload) {
  return ethernet(ip(from, to, 17, udp(from.port, to.port, payload)));
}
inline Frame icmp_frame(const Endpoint& from, const Endpoint& to, unsigned type, unsigned code) {
  return ethernet(ip(from, to, from.address.is_v4() ? 1 : 58, icmp(type, code)));
}

}  // namespace nw::network::frames
