#include "ingest/network/protocols/bacnet_value.h"

#include <array>
#include <bit>

#include "ingest/network/protocols/bacnet_names.h"

namespace nw::network {

namespace {

constexpr unsigned kBracketsMax = 16;

constexpr std::uint32_t kReplacement = 0xFFFD;

void append_code_point(IcsText& out, std::uint32_t point) {
  if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) point = kReplacement;
  const auto low = [point](unsigned shift) { return static_cast<std::uint8_t>(0x80U | (point >> shift & 0x3FU)); };
  const auto head = [point](unsigned mark, unsigned shift) { return static_cast<std::uint8_t>(mark | point >> shift); };
  if (point < 0x80) return out.append_escaped(std::array{static_cast<std::uint8_t>(point)});
  if (point < 0x800) return out.append_escaped(std::array{head(0xC0, 6), low(0)});
  if (point < 0x10000) return out.append_escaped(std::array{head(0xE0, 12), low(6), low(0)});
  out.append_escaped(std::array{head(0xF0, 18), low(12), low(6), low(0)});
}

// UCS-2, in which some write UTF-16.
std::uint32_t read_utf16(ByteReader& in) {
  const std::uint32_t first = in.u16be();
  if (first < 0xD800 || first >= 0xDC00 || in.rest().size() < 2) return first;
  ByteReader ahead = in;
  const std::uint32_t second = ahead.u16be();
  if (second < 0xDC00 || second >= 0xE000) return first;
  in = ahead;
  return 0x10000U + ((first - 0xD800U) << 10U) + (second - 0xDC00U);
}

void append_bits(IcsText& out, Bytes contents) {
  if (contents.empty() || contents[0] > 7) return;
  const Bytes octets = contents.subspan(1);
  const std::size_t bits = 8 * octets.size() - (octets.empty() ? 0U : contents[0]);
  for (std::size_t bit = 0; bit < bits && !out.full(); ++bit)
    out.append((std::uint32_t{octets[bit / 8]} >> (7U - bit % 8) & 1U) != 0 ? '1' : '0');
}

// Two digits at least; 255 is anything.
void append_part(IcsText& out, unsigned number) {
  if (number == 0xFF) return out.append('*');
  if (number < 10) out.append('0');
  out.append_number(number);
}

void append_octets(IcsText& out, Bytes contents) {
  out.append("0x");
  out.append_octets(contents);
}

void append_value(IcsText& out, const BacnetTag& tag) {
  const Bytes contents = tag.contents;
  ByteReader in{contents};
  if (tag.context) return append_octets(out, contents);
  switch (tag.number) {
    case kBacnetNull: return out.append("null");
    case kBacnetBoolean: return out.append(in.u8() != 0 ? "true" : "false");
    case kBacnetUnsigned:
    case kBacnetEnumerated:
      if (const auto number = bacnet_unsigned(contents)) out.append_number(*number);
      return;
    case kBacnetSigned:
      if (const auto number = bacnet_signed(contents)) out.append_number(*number);
      return;
    case kBacnetReal:
      if (contents.size() == 4) out.append_real(std::bit_cast<float>(in.u32be()));
      return;
    case kBacnetDouble:
      if (contents.size() == 8) out.append_real(std::bit_cast<double>(in.u64be()));
      return;
    case kBacnetCharacters: return append_bacnet_characters(out, contents);
    case kBacnetBits: return append_bits(out, contents);
    case kBacnetDate: return append_bacnet_date(out, contents);
    case kBacnetTime: return append_bacnet_time(out, contents);
    case kBacnetObject:
      if (contents.size() == 4) append_bacnet_object(out, in.u32be());
      return;
    default: return append_octets(out, contents);
  }
}

}  // namespace

bool read_bacnet_tag(ByteReader& in, BacnetTag& out) {
  static constexpr std::array<std::uint8_t, 2> kBooleans{0, 1};
  constexpr std::uint8_t kNumberFollows = 15, kLengthFollows = 5, kOpening = 6, kClosing = 7, kSixteen = 254,
                         kThirtyTwo = 255;
  const std::uint8_t first = in.u8();
  std::uint32_t length = first & 0x07U;
  out.number = first >> 4U;
  out.context = (first & 0x08U) != 0 || length >= kOpening;
  out.opening = length == kOpening;
  out.closing = length == kClosing;
  out.contents = {};
  if (out.number == kNumberFollows) out.number = in.u8();
  if (length >= kOpening) return in.ok();
  if (length == kLengthFollows) {
    length = in.u8();
    if (length == kSixteen)
      length = in.u16be();
    else if (length == kThirtyTwo)
      length = in.u32be();
  }
  if (!out.context && out.number == kBacnetNull) return in.ok();
  if (!out.context && out.number == kBacnetBoolean)
    out.contents = Bytes{kBooleans}.subspan(length != 0 ? 1 : 0, 1);
  else
    out.contents = in.bytes(length);
  return in.ok();
}

bool read_bacnet_bracket(ByteReader& in, Bytes& out) {
  out = in.rest();
  unsigned depth = 1;
  for (BacnetTag tag; !in.empty();) {
    const std::size_t left = in.rest().size();
    if (!read_bacnet_tag(in, tag)) return false;
    if (tag.opening && ++depth > kBracketsMax) return false;
    if (!tag.closing || --depth != 0) continue;
    out = out.first(out.size() - left);
    return true;
  }
  return false;
}

std::optional<std::int64_t> bacnet_signed(Bytes contents) {
  const auto number = bacnet_unsigned(contents);
  if (!number || contents.size() > 8) return {};
  const unsigned spare = static_cast<unsigned>(64 - 8 * contents.size());
  return static_cast<std::int64_t>(*number << spare) >> spare;
}

void append_bacnet_object(IcsText& out, std::uint32_t object) {
  append_bacnet_name(out, bacnet_object_name(bacnet_object_type(object)), bacnet_object_type(object));
  out.append('/');
  out.append_number(bacnet_instance(object));
}

void append_bacnet_name(IcsText& out, std::string_view name, std::uint64_t number) {
  if (!name.empty()) return out.append(name);
  out.append("unknown-");
  out.append_number(number);
}

void append_bacnet_characters(IcsText& out, Bytes contents) {
  enum : std::uint8_t { kUtf8, kDoubleByte, kJis, kUcs4, kUcs2, kLatin1 };
  ByteReader in{contents};
  const std::uint8_t encoding = in.u8();
  if (encoding < kUcs4 || encoding > kLatin1) {
    if (encoding == kDoubleByte) in.u16be();  // its code page
    return out.append_escaped(in.rest());
  }
  const std::size_t width = encoding == kUcs4 ? 4 : encoding == kUcs2 ? 2 : 1;
  while (in.rest().size() >= width && !out.full())
    append_code_point(out, encoding == kUcs4 ? in.u32be() : encoding == kUcs2 ? read_utf16(in) : in.u8());
}

void append_bacnet_date(IcsText& out, Bytes contents) {
  if (contents.size() != 4) return;
  if (contents[0] == 0xFF)
    out.append('*');
  else
    out.append_number(1900U + contents[0]);
  for (const std::uint8_t part : contents.subspan(1, 2)) {
    out.append('-');
    append_part(out, part);
  }
}

void append_bacnet_time(IcsText& out, Bytes contents) {
  if (contents.size() != 4) return;
  append_part(out, contents[0]);
  for (std::size_t i = 1; i < 4; ++i) {
    out.append(i == 3 ? '.' : ':');
    append_part(out, contents[i]);
  }
}

void append_bacnet_values(IcsText& out, Bytes tags) {
  ByteReader in{tags};
  bool first = true;
  for (BacnetTag tag; !in.empty() && !out.full();) {
    if (!read_bacnet_tag(in, tag)) return;
    if (!first && !tag.closing) out.append(',');
    first = tag.opening;
    if (tag.opening || tag.closing)
      out.append(tag.opening ? '{' : '}');
    else
      append_value(out, tag);
  }
}

}  // namespace nw::network
