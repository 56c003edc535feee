// A connection of MMS, for its tests.
#pragma once

#include "play.h"

namespace nw::network {

inline constexpr Golden kMmsGolden{"mms"};

struct Mms : Play {
  explicit Mms(const std::vector<std::string>& only = {}) : Play{"mms", Transport::tcp, only} {}
  Mms& frame(const char* name) {
    give(kMmsGolden(name));
    return *this;
  }
  // A PDU right in the transport's, without what else stands between them.
  Mms& pdu(std::string_view hex, Direction direction = kOut) {
    const std::vector<std::uint8_t> user = from_hex(hex);
    std::vector<std::uint8_t> packet = from_hex("0300 0000 02 f0 80");
    packet.insert(packet.end(), user.begin(), user.end());
    packet[2] = static_cast<std::uint8_t>(packet.size() >> 8U);
    packet[3] = static_cast<std::uint8_t>(packet.size());
    give(packet, direction);
    return *this;
  }
};

}  // namespace nw::network
