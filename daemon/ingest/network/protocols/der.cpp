#include "ingest/network/protocols/der.h"

namespace nw::network {

std::optional<DerValue> DerReader::next() noexcept {
  constexpr std::uint8_t kLongTag = 0x1f, kLongLength = 0x80;
  constexpr unsigned kLengthBytesMax = 3;  // 16 MiB; no message that we put together is longer
  const Bytes from = reader_.rest();
  DerValue value;
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

std::optional<DerValue> DerReader::next(std::uint8_t tag) noexcept {
  if (reader_.empty() || reader_.rest().front() != tag) return {};
  return next();
}

}  // namespace nw::network
