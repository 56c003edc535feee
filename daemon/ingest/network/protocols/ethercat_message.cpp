#include "ingest/network/protocols/ethercat_message.h"

#include <algorithm>
#include <array>

namespace nw::network {

bool EthercatDatagram::writes() const noexcept {
  // APWR, APRW, FPWR, FPRW, BWR, BRW, LWR, LRW, ARMW, FRMW
  constexpr std::uint32_t kWrites =
      1U << 2U | 1U << 3U | 1U << 5U | 1U << 6U | 1U << 8U | 1U << 9U | 1U << 11U | 1U << 12U | 1U << 13U | 1U << 14U;
  return command < 32 && (kWrites >> command & 1U) != 0;
}

EthercatDatagrams::EthercatDatagrams(Bytes payload) noexcept : in_{payload} {
  constexpr unsigned kLengthBits = 0x7ff, kDatagrams = 1;
  const std::uint16_t head = in_.u16le();
  type_ = head >> 12U;
  if (!in_.ok()) {
    error_ = DecodeError::truncated;
    return;
  }
  const std::size_t length = head & kLengthBits;
  if (length > in_.rest().size()) error_ = DecodeError::truncated;
  in_ = ByteReader{in_.rest().first(std::min(length, in_.rest().size()))};
  more_ = type_ == kDatagrams;
}

bool EthercatDatagrams::next(EthercatDatagram& out) noexcept {
  constexpr std::uint16_t kLengthBits = 0x7ff, kMore = 0x8000;
  if (!more_) return false;
  out.command = in_.u8();
  out.index = in_.u8();
  out.slave = in_.u16le();
  out.offset = in_.u16le();
  const std::uint16_t length = in_.u16le();
  in_.u16le();
  out.data = in_.bytes(length & kLengthBits);
  out.working_counter = in_.u16le();
  more_ = (length & kMore) != 0 && in_.ok();
  if (!in_.ok()) {
    if (!error_) error_ = DecodeError::bad_value;
    return false;
  }
  if (ethercat_command_name(out.command).empty()) {
    if (!error_) error_ = DecodeError::bad_value;
    more_ = false;
    return false;
  }
  return true;
}

std::optional<EthercatMailbox> read_ethercat_mailbox(Bytes data) noexcept {
  constexpr std::uint8_t kCoe = 3;
  constexpr unsigned kSdoRequest = 2;
  ByteReader in{data};
  const std::size_t length = in.u16le();
  in.u16le();
  in.u8();
  EthercatMailbox out;
  out.type = in.u8() & 0x0FU;
  if (!in.ok() || length == 0 || length > in.rest().size() || ethercat_mailbox_name(out.type).empty()) return {};
  ByteReader body = in.sub(length);
  if (out.type != kCoe) return out;
  // | number:9 reserved:3 service:4 | specifier:3 ... | index u16 | subindex u8 |
  const std::uint16_t head = body.u16le();
  const unsigned specifier = body.u8() >> 5U;
  const std::uint16_t index = body.u16le();
  const std::uint8_t subindex = body.u8();
  if (!body.ok() || head >> 12U != kSdoRequest || (specifier != 1 && specifier != 2)) return out;
  out.index = index;
  out.subindex = subindex;
  out.download = specifier == 1;
  return out;
}

std::string_view ethercat_command_name(std::uint8_t command) noexcept {
  static constexpr std::array<std::string_view, 15> kNames{"NOP", "APRD", "APWR", "APRW", "FPRD", "FPWR", "FPRW", "BRD",
                                                           "BWR", "BRW",  "LRD",  "LWR",  "LRW",  "ARMW", "FRMW"};
  return command < kNames.size() ? kNames[command] : std::string_view{};
}

std::string_view ethercat_mailbox_name(std::uint8_t type) noexcept {
  static constexpr std::array<std::string_view, 6> kNames{"", "AoE", "EoE", "CoE", "FoE", "SoE"};
  return type < kNames.size() ? kNames[type] : std::string_view{};
}

std::string_view ethercat_state_name(std::uint8_t state) noexcept {
  static constexpr std::array<std::string_view, 9> kNames{
      "", "init", "pre_operational", "bootstrap", "safe_operational", "", "", "", "operational"};
  return state < kNames.size() ? kNames[state] : std::string_view{};
}

}  // namespace nw::network
