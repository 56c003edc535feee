#include "ingest/network/protocols/ber.h"

#include <algorithm>
#include <chrono>
#include <string_view>

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

constexpr std::uint8_t kLongTag = 0x1f, kConstructed = 0x20, kMore = 0x80, kIndefinite = 0x80;
constexpr unsigned kNumberMax = 0x7f;

// The number in the octets behind a tag's first one, seven bits in each; more than kNumberMax when it is too large.
unsigned long_number(ByteReader& in) noexcept {
  unsigned number = 0;
  std::uint8_t octet = kMore;
  while ((octet & kMore) != 0) {
    octet = in.u8();
    number = std::min(number << 7U | (octet & 0x7fU), kNumberMax + 1);
  }
  return number;
}

void append(std::vector<std::uint8_t>& out, Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }

constexpr unsigned kDefiniteDepthMax = 50;  // more than any receiver follows

// Copies values, up to the two zeros that end them when they are open. False when it stands in front of one that does
// not fit or does not end.
bool copy_definite(ByteReader& in, bool open, unsigned depth, std::vector<std::uint8_t>& out) {
  constexpr std::size_t kLengthMax = 0xffff;
  while (depth < kDefiniteDepthMax && !in.empty()) {
    const Bytes from = in.rest();
    const std::size_t before = out.size();
    if (open && from.size() > 1 && from[0] == 0 && from[1] == 0) {
      in.bytes(2);
      return true;
    }
    ByteReader ahead = in;
    if ((ahead.u8() & kLongTag) == kLongTag) long_number(ahead);
    append(out, from.first(from.size() - ahead.rest().size()));
    if (ahead.u8() == kIndefinite) {
      out.insert(out.end(), {0x82, 0, 0});
      const std::size_t begin = out.size();
      if (!copy_definite(ahead, true, depth + 1, out) || out.size() - begin > kLengthMax) {
        out.resize(before);
        return false;
      }
      out[begin - 2] = static_cast<std::uint8_t>((out.size() - begin) >> 8U);
      out[begin - 1] = static_cast<std::uint8_t>(out.size() - begin);
      in = ahead;
      continue;
    }
    out.resize(before);
    const auto value = OsiBerReader{from}.next();
    if (!value) return false;
    append(out, from.first(value->whole.size() - value->contents.size()));
    ByteReader members{value->contents};
    if ((value->tag & kConstructed) != 0) copy_definite(members, false, depth + 1, out);
    append(out, members.rest());
    in.bytes(value->whole.size());
  }
  return in.empty() && !open;
}

}  // namespace

std::optional<BerValue> BerReader::next_long() noexcept {
  constexpr std::uint8_t kLongLength = 0x80;
  constexpr unsigned kLengthBytesMax = 4;  // Microsoft writes four always
  const Bytes from = reader_.rest();
  BerValue value;
  value.tag = reader_.u8();
  value.number = value.tag & kLongTag;
  const bool long_tag = value.number == kLongTag && long_tag_ != LongTag::one_octet;
  const unsigned number = long_tag ? long_number(reader_) : value.number;
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
  if (!reader_.ok() || (long_tag && (long_tag_ == LongTag::error || number > kNumberMax))) {
    reader_ = ByteReader{{}};
    return {};
  }
  value.number = static_cast<std::uint8_t>(number);
  if (number < kLongTag) value.tag = static_cast<std::uint8_t>((value.tag & 0xe0U) | number);
  value.whole = from.first(from.size() - reader_.rest().size());
  return value;
}

std::optional<BerValue> BerReader::next_long(std::uint8_t tag) noexcept {
  BerReader ahead = *this;
  const auto value = ahead.next();
  if ((value ? value->tag : reader_.rest().front()) != tag) return {};
  *this = ahead;
  return value;
}

bool ber_well_formed(Bytes in, unsigned depth_max) noexcept {
  if (depth_max == 0) return false;
  OsiBerReader values{in};
  while (!values.empty()) {
    const auto value = values.next();
    if (!value || ((value->tag & kConstructed) != 0 && !ber_well_formed(value->contents, depth_max - 1))) return false;
  }
  return true;
}

Bytes ber_definite(Bytes in, std::vector<std::uint8_t>& out) {
  const std::string_view octets{reinterpret_cast<const char*>(in.data()), in.size()};
  // What is well-formed has no indefinite length, though most has this octet somewhere.
  if (octets.find(static_cast<char>(kIndefinite)) == std::string_view::npos || ber_well_formed(in, kDefiniteDepthMax))
    return in;
  out.clear();
  ByteReader reader{in};
  copy_definite(reader, false, 0, out);
  append(out, reader.rest());
  return out;
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
