#include "ingest/network/protocols/iec61850_frame.h"

namespace nw::network {

std::optional<DecodeError> read_iec61850(Bytes payload, std::uint8_t apdu_tag, Iec61850Frame& out) noexcept {
  constexpr std::size_t kHead = 8;
  constexpr std::uint16_t kSimulated = 0x8000;
  ByteReader head{payload};
  out.appid = head.u16be();
  out.length = head.u16be();
  out.simulated = (head.u16be() & kSimulated) != 0;
  head.u16be();
  if (!head.ok()) return DecodeError::truncated;
  out.has_head = true;
  if (out.length < kHead) return DecodeError::bad_value;
  // Some count the head wrong: the value's own length is the one to read by.
  const std::size_t claimed = out.length - kHead;
  BerReader body{head.rest()};
  const auto apdu = body.next(apdu_tag);
  if (!apdu) return claimed > head.rest().size() ? DecodeError::truncated : DecodeError::bad_value;
  out.apdu = apdu->contents;
  if (apdu->whole.size() > claimed) return DecodeError::bad_value;
  return {};
}

std::optional<std::uint64_t> iec61850_unsigned(Bytes contents) noexcept {
  // Nine: a zero before eight.
  if (contents.empty() || contents.size() > 9 || (contents.size() == 9 && contents[0] != 0)) return {};
  std::uint64_t value = 0;
  for (const std::uint8_t octet : contents) value = value << 8U | octet;
  return value;
}

std::optional<Timestamp> iec61850_time(Bytes contents, std::uint8_t& quality) noexcept {
  ByteReader in{contents};
  const std::uint64_t seconds = in.u32be();
  const std::uint32_t fraction = in.u32be();
  if (!in.ok() || !in.empty()) return {};
  quality = static_cast<std::uint8_t>(fraction & 0xFFU);
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const std::uint64_t nanoseconds = (std::uint64_t{fraction >> 8U} * kSecond) >> 24U;
  return from_unix_nanoseconds(static_cast<std::int64_t>(seconds * kSecond + nanoseconds));
}

}  // namespace nw::network
