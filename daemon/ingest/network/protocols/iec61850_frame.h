// What GOOSE and Sampled Values have in common (IEC 61850-8-1 and 61850-9-2, annexes C):
// | APPID u16 | length u16, from APPID on | simulated:1 reserved:15 | reserved u16 | APDU, one BER value |
#pragma once

#include <cstdint>
#include <optional>

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

inline constexpr std::uint8_t kSavPdu = 0x60, kGoosePdu = 0x61;  // tags of the APDU

struct Iec61850Frame {
  std::uint16_t appid = 0, length = 0;
  bool simulated = false;
  bool has_head = false;  // the three above were read
  Bytes apdu;             // the contents of the value
};

// What was read stays when an error is returned. Behind the APDU a signature may follow (IEC 62351-6), and padding.
std::optional<DecodeError> read_iec61850(Bytes payload, std::uint8_t apdu_tag, Iec61850Frame& out) noexcept;

// An INTEGER that is none below zero: up to eight octets behind any zeros; some devices leave out the zero before a
// high bit.
std::optional<std::uint64_t> iec61850_unsigned(Bytes contents) noexcept;

// UtcTime: | seconds u32 | fraction of a second u24 | quality u8 |
std::optional<Timestamp> iec61850_time(Bytes contents, std::uint8_t& quality) noexcept;

}  // namespace nw::network
