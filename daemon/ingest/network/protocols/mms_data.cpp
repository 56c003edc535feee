#include "ingest/network/protocols/mms_data.h"

#include <bit>
#include <chrono>

#include "base/time.h"
#include "ingest/network/protocols/mms_names.h"

namespace nw::network {

namespace {

// The tags' numbers; 0 is of AccessResult.
enum Kind : std::uint8_t {
  kFailure = 0,
  kArray = 1,
  kStructure = 2,
  kBoolean = 3,
  kBits = 4,
  kInteger = 5,
  kUnsigned = 6,
  kFloat = 7,
  kVisible = 10,
  kGeneralizedTime = 11,
  kBinaryTime = 12,
  kBooleans = 14,
  kMmsString = 16,
  kUtcTime = 17,
};

void append_octets(IcsText& out, Bytes octets) {
  out.append("0x");
  out.append_octets(octets);
}

// | unused bits u8 | bits |.
void append_bits(IcsText& out, Bytes contents) {
  if (contents.empty() || contents[0] > 7) return append_octets(out, contents);
  const Bytes octets = contents.subspan(1);
  const std::size_t unused = contents[0];
  const std::size_t count = octets.size() * 8 < unused ? 0 : octets.size() * 8 - unused;
  for (std::size_t bit = 0; bit < count && !out.full(); ++bit)
    out.append((octets[bit / 8] << (bit % 8) & 0x80) != 0 ? '1' : '0');
}

// | width of the exponent u8 | IEEE 754 |.
void append_float(IcsText& out, Bytes contents) {
  ByteReader in{contents};
  in.u8();
  if (contents.size() == 5) return out.append_real(std::bit_cast<float>(in.u32be()));
  if (contents.size() == 9) return out.append_real(std::bit_cast<double>(in.u64be()));
  append_octets(out, contents);
}

void append_unsigned(IcsText& out, Bytes contents) {
  if (contents.size() > 9 || (contents.size() == 9 && contents[0] != 0)) return append_octets(out, contents);
  std::uint64_t number = 0;
  for (const std::uint8_t octet : contents) number = number << 8U | octet;
  out.append_number(number);
}

// | seconds u32 | fraction u24 | quality u8 |: IEC 61850-8-1, 8.1.3.6.
void append_utc_time(IcsText& out, Bytes contents) {
  ByteReader in{contents};
  const std::chrono::seconds seconds{in.u32be()};
  const std::uint64_t fraction = in.u32be() >> 8U;
  if (contents.size() != 8) return append_octets(out, contents);
  const std::chrono::milliseconds milliseconds{(fraction * 1000) >> 24U};
  out.append(to_rfc3339(Timestamp{seconds + milliseconds}));
}

// | milliseconds of the day u32 | days since 1984 u16, or nothing |.
void append_binary_time(IcsText& out, Bytes contents) {
  ByteReader in{contents};
  const std::chrono::milliseconds milliseconds{in.u32be()};
  const std::chrono::days days{in.u16be()};
  constexpr std::chrono::sys_days kFirst{std::chrono::year{1984} / 1 / 1};
  if (contents.size() == 6) return out.append(to_rfc3339(Timestamp{kFirst + days + milliseconds}));
  if (contents.size() != 4) return append_octets(out, contents);
  out.append_number(milliseconds.count());
  out.append("ms");
}

void append_members(IcsText& out, Bytes contents, unsigned depth) {
  out.append('{');
  OsiBerReader members{contents};
  bool first = true;
  while (!out.full()) {
    const auto member = members.next();
    if (!member) break;
    if (!first) out.append(';');
    first = false;
    append_mms_value(out, *member, depth + 1);
  }
  out.append('}');
}

void append_error(IcsText& out, Bytes contents) {
  const auto number = static_cast<unsigned>(ber_integer(contents).value_or(-1));
  const std::string_view name = mms_access_error_name(number);
  if (!name.empty()) return out.append(name);
  out.append("unknown-");
  out.append_number(number);
}

}  // namespace

void append_mms_value(IcsText& out, const BerValue& value, unsigned depth) {
  switch (value.number) {
    case kFailure: return append_error(out, value.contents);
    case kArray:
    case kStructure: return depth < kMmsDepthMax ? append_members(out, value.contents, depth) : out.append("{}");
    case kBoolean: return out.append(!value.contents.empty() && value.contents[0] != 0 ? "true" : "false");
    case kBits:
    case kBooleans: return append_bits(out, value.contents);
    case kInteger:
      if (const auto number = ber_integer(value.contents)) return out.append_number(*number);
      return append_octets(out, value.contents);
    case kUnsigned: return append_unsigned(out, value.contents);
    case kFloat: return append_float(out, value.contents);
    case kVisible:
    case kMmsString:
    case kGeneralizedTime: return out.append_escaped(value.contents);
    case kBinaryTime: return append_binary_time(out, value.contents);
    case kUtcTime: return append_utc_time(out, value.contents);
    default: return append_octets(out, value.contents);
  }
}

}  // namespace nw::network
