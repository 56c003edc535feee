#include "ingest/network/protocols/ber.h"

namespace nw::network {

std::optional<BerValue> BerReader::next() noexcept {
  constexpr std::uint8_t kLongTag = 0x1f, kLongLength = 0x80;
  constexpr unsigned kLengthBytesMax = 4;  // Microsoft writes four always
  const Bytes from = reader_.rest();
  BerValue value;
  value.tag = reader_.u8();
  std::size_t length = reader_.u8();
  if (length >= kLongLength) {
    const std::size_t count = length & 0x7fU;
    // An indefinite length has none.
    const Bytes digits = reader_.bytes(count == 0 || count > kLengthBytesMax ? from.size() : count);
    length = 0;
    for (const std::uint8_t digit : digits) length = length << 8U | digit;
  }
  value.contents = reader_.bytes(length);
  if (!reader_.ok() || (value.tag & kLongTag) == kLongTag) {
    reader_ = ByteReader{{}};
    return {};
  }
  value.whole = from.first(from.size() - reader_.rest().size());
  return value;
}

std::optional<BerValue> BerReader::next(std::uint8_t tag) noexcept {
  if (reader_.empty() || reader_.rest().front() != tag) return {};
  return next();
}

std::optional<std::int64_t> ber_integer(Bytes contents) noexcept {
  if (contents.empty() || contents.size() > sizeof(std::int64_t)) return {};
  std::uint64_t value = (contents.front() & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t byte : contents) value = value << 8U | byte;
  return static_cast<std::int64_t>(value);
}

}  // namespace nw::network
