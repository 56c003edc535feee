#include "ingest/network/protocols/ber.h"

#include <chrono>

namespace nw::network {

namespace {

// Decimal digits at the front; nothing when one is none.
std::optional<int> take_number(Bytes& text, std::size_t digits) noexcept {
  if (text.size() < digits) return {};
  int value = 0;
  for (const std::uint8_t c : text.first(digits)) {
    if (c < '0' || c > '9') return {};
    value = 10 * value + (c - '0');
  }
  text = text.subspan(digits);
  return value;
}

constexpr std::uint8_t kLongTag = 0x1f, kTwoOctetsMax = 0x7f;

}  // namespace

std::optional<BerValue> BerReader::next() noexcept {
  constexpr std::uint8_t kLongLength = 0x80;
  constexpr unsigned kLengthBytesMax = 4;  // Microsoft writes four always
  const Bytes from = reader_.rest();
  BerValue value;
  value.tag = reader_.u8();
  value.number = value.tag & kLongTag;
  const bool long_tag = value.number == kLongTag && long_tag_ != LongTag::one_octet;
  if (long_tag) value.number = reader_.u8();
  std::size_t length = reader_.u8();
  if (length >= kLongLength) {
    const std::size_t count = length & 0x7fU;
    // An indefinite length has none; zeros before a definite one are legal (X.690 section 8.1.3.5).
    Bytes digits = reader_.bytes(count == 0 ? from.size() : count);
    while (digits.size() > kLengthBytesMax && digits[0] == 0) digits = digits.subspan(1);
    if (digits.size() > kLengthBytesMax) reader_.bytes(from.size());
    length = 0;
    for (const std::uint8_t digit : digits) length = length << 8U | digit;
  }
  value.contents = reader_.bytes(length);
  const bool bad_tag =
      long_tag && (long_tag_ == LongTag::error || value.number < kLongTag || value.number > kTwoOctetsMax);
  if (!reader_.ok() || bad_tag) {
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

std::optional<Timestamp> ber_time(const BerValue& value) noexcept {
  const bool utc = value.tag == ber_tag::kUtcTime;
  if (!utc && value.tag != ber_tag::kGeneralizedTime) return {};
  Bytes text = value.contents;
  const auto years = take_number(text, utc ? 2 : 4), month = take_number(text, 2), day = take_number(text, 2);
  const auto hour = take_number(text, 2), minute = take_number(text, 2);
  const auto second = text.size() == 1 ? std::optional{0} : take_number(text, 2);
  if (!years || !month || !day || !hour || !minute || !second || text.size() != 1 || text.front() != 'Z') return {};
  const int year = utc ? *years + (*years < 50 ? 2000 : 1900) : *years;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return {};
  constexpr int kFirstYear = 1678, kLastYear = 2261;  // of nanoseconds in 64 bits
  if (year > kLastYear) return Timestamp{std::chrono::floor<std::chrono::seconds>(Timestamp::max())};
  if (year < kFirstYear) return Timestamp{std::chrono::ceil<std::chrono::seconds>(Timestamp::min())};
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second};
}

}  // namespace nw::network
