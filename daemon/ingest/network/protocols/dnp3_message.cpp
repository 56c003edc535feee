#include "ingest/network/protocols/dnp3_message.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace nw::network {

namespace {

// The groups of octet strings; their variation is their length.
constexpr std::uint8_t kStringsFirst = 110, kStringsLast = 113;

constexpr std::uint32_t width(char part) {
  switch (part) {
    case 'f':
    case 'B':
    case 'D':
    case 'S':
    case 'o': return 1;
    case 'w':
    case 's':
    case 'm': return 2;
    case 'u':
    case 'q':
    case 'i':
    case 'r': return 4;
    case 't': return 6;
    case 'd': return 8;
    case 'C': return 10;
    default: return 0;
  }
}

constexpr unsigned bits_of(const Dnp3Kind& kind) { return kind.layout == "b" ? 1 : kind.layout == "2" ? 2 : 0; }

// Octets of a point's contents; nothing when the layout does not say.
std::optional<std::uint32_t> width_of(const Dnp3Object& object) {
  if (object.sized() || object.group == kDnp3Attributes) return {};
  if (object.group >= kStringsFirst && object.group <= kStringsLast) return object.variation;
  if (object.kind == nullptr || object.kind->layout == "*" || object.kind->layout.empty()) return {};
  std::uint32_t octets = 0;
  for (const char part : object.kind->layout) octets += width(part);
  return octets;
}

std::uint32_t number(ByteReader& in, std::size_t octets) {
  return octets == 1 ? in.u8() : octets == 2 ? in.u16le() : in.u32le();
}

// Codes 1, 2 and 3 mean 1, 2 and 4 octets, in prefixes as in ranges.
constexpr std::size_t octets_of_code(unsigned code) { return code == 3 ? 4 : code; }

// The contents of the point that `in` begins with, where they have whole octets.
Bytes take_contents(ByteReader& in, const Dnp3Object& object) {
  if (object.width) return in.bytes(*object.width);
  if (object.sized()) return in.bytes(number(in, octets_of_code(object.prefix() - 3U)));
  ByteReader ahead = in;  // an attribute: | type u8 | length u8 | value |
  ahead.u8();
  return in.bytes(std::size_t{2} + ahead.u8());
}

// How many points are there in full, and in how many octets. Where all are alike nobody has to look at them.
std::pair<std::uint64_t, std::size_t> measure(const Dnp3Object& object) {
  const std::size_t index = object.indexed() ? octets_of_code(object.prefix()) : 0;
  const std::size_t room = object.points.size();
  const auto alike = [&](std::size_t octets) -> std::pair<std::uint64_t, std::size_t> {
    // What takes no room at all is refused: a count would be all that bounds it.
    const std::uint64_t there = octets == 0 ? 0 : std::min<std::uint64_t>(object.count, room / octets);
    return {there, static_cast<std::size_t>(there) * octets};
  };
  if (!object.has_contents) return alike(index);
  if (object.bits != 0 && object.indexed()) return alike(index + 1);
  if (object.bits != 0) {
    const std::uint64_t per_octet = 8U / object.bits;
    const std::uint64_t there = std::min<std::uint64_t>(object.count, room * per_octet);
    return {there, static_cast<std::size_t>((there + per_octet - 1) / per_octet)};
  }
  if (object.width) return alike(index + *object.width);
  if (!object.sized() && object.group != kDnp3Attributes) return {};
  ByteReader in{object.points};
  std::uint64_t there = 0;
  std::size_t used = 0;
  for (; there < object.count; ++there) {
    in.bytes(index);
    take_contents(in, object);
    if (!in.ok()) break;
    used = room - in.rest().size();
  }
  return {there, used};
}

// Start and stop, or a count, or nothing (all points): table 4-5. False when it is not there or nobody published it.
bool read_range(ByteReader& in, Dnp3Object& out) {
  const unsigned code = out.qualifier & 0x0FU;
  if (code <= 5) {  // 3 to 5: virtual addresses, which were never used
    const std::size_t octets = octets_of_code(code % 3 + 1);
    const std::uint32_t first = number(in, octets), last = number(in, octets);
    if (!in.ok() || last < first) return false;
    out.first = first;
    out.count = std::uint64_t{last} - first + 1;
    return true;
  }
  if (code == 6) return true;
  if (code >= 7 && code <= 9)
    out.count = number(in, octets_of_code(code - 6));
  else if (code == 0x0B)
    out.count = in.u8();
  else
    return false;
  return in.ok();
}

// Whether points follow the object headers of a function, beside indices: 4.2.2.7. Those whose size is written before
// them always do.
bool carries_contents(std::uint8_t function, const Dnp3Object& object) {
  if (object.sized()) return true;
  // The aggressive mode's request stands before the objects of any function.
  if (object.group == kDnp3Authentication && object.variation == kDnp3Aggressive) return true;
  switch (function) {
    case kDnp3FreezeAtTime:
    case kDnp3FreezeAtTimeNr: return object.group == kDnp3TimeAndDate;
    case 0x02:  // WRITE, SELECT, OPERATE, DIRECT_OPERATE, DIRECT_OPERATE_NR
    case 0x03:
    case 0x04:
    case 0x05:
    case 0x06:
    case 0x20:  // AUTHENTICATE_REQ, AUTHENTICATE_ERR
    case 0x21: return true;
    default: return function >= 0x80;
  }
}

std::int64_t little(Bytes bytes, bool with_sign) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  const auto spare = static_cast<unsigned>(64 - 8 * bytes.size());
  return with_sign ? static_cast<std::int64_t>(value << spare) >> spare : static_cast<std::int64_t>(value);
}

float real32(Bytes bytes) { return std::bit_cast<float>(static_cast<std::uint32_t>(little(bytes, false))); }
double real64(Bytes bytes) { return std::bit_cast<double>(little(bytes, false)); }

// Seconds since 1970, as all times are written.
void append_time(IcsText& out, Bytes bytes) {
  const std::int64_t milliseconds = little(bytes, false);
  out.append_number(milliseconds / 1000);
  for (const std::int64_t unit : {100, 10, 1}) {
    if (unit == 100) out.append('.');
    out.append_number(milliseconds / unit % 10);
  }
}

// False when the part holds no value.
bool append_part(IcsText& out, char part, Bytes bytes) {
  switch (part) {
    case 'B': out.append_number(bytes[0] >> 7U); return true;
    case 'D': out.append_number(bytes[0] >> 6U); return true;
    case 's':
    case 'i': out.append_number(little(bytes, true)); return true;
    case 'o':
    case 'w':
    case 'm':
    case 'u': out.append_number(little(bytes, false)); return true;
    case 'r': out.append_real(real32(bytes)); return true;
    case 'd': out.append_real(real64(bytes)); return true;
    case 't': append_time(out, bytes); return true;
    case 'C': append_dnp3_constant(out, dnp3_control_name(bytes[0]), bytes[0] & 0x0FU); break;
    default: return false;
  }
  if (const auto trip = static_cast<std::uint8_t>(bytes[0] >> 6U); trip != 0) {
    out.append(' ');
    append_dnp3_constant(out, dnp3_trip_name(bytes[0]), trip);
  }
  return true;
}

// A name stands at `offset` of the contents.
bool read_name(Bytes contents, std::size_t offset, std::size_t size, Dnp3File& out) {
  ByteReader in{contents};
  in.bytes(offset);
  out.name = in.bytes(size);
  return in.ok();
}

// | name at u16 | its size u16 | created 48 | permissions u16 | key u32 | size u32 | mode u16 | block u16 | id u16 |
// name |
bool read_file_command(Bytes contents, Dnp3File& out) {
  ByteReader in{contents};
  const std::uint16_t at = in.u16le(), name_size = in.u16le();
  in.bytes(12);
  const std::uint32_t size = in.u32le();
  const std::uint16_t mode = in.u16le();
  in.bytes(4);
  if (!in.ok()) return false;
  out.size = size;
  out.mode = mode;
  return read_name(contents, at, name_size, out);
}

// | name at u16 | its size u16 | type u16 | size u32 | created 48 | permissions u16 | id u16 | name |
bool read_file_descriptor(Bytes contents, Dnp3File& out) {
  ByteReader in{contents};
  const std::uint16_t at = in.u16le(), name_size = in.u16le();
  in.bytes(2);
  const std::uint32_t size = in.u32le();
  in.bytes(10);
  if (!in.ok()) return false;
  out.size = size;
  return read_name(contents, at, name_size, out);
}

// | handle u32 | ... | status u8 |, with what stands between.
bool read_file_status(Bytes contents, bool with_size, Dnp3File& out) {
  ByteReader in{contents};
  const std::uint32_t handle = in.u32le(), number = in.u32le();
  if (with_size) in.bytes(4);  // largest block, id
  const std::uint8_t status = in.u8();
  if (!in.ok()) return false;
  out.handle = handle;
  if (with_size) out.size = number;
  out.status = status;
  return true;
}

bool read_file_transport(Bytes contents, Dnp3File& out) {
  ByteReader in{contents};
  const std::uint32_t handle = in.u32le();
  in.u32le();  // number of the block
  if (in.ok()) out.handle = handle;
  return in.ok();
}

}  // namespace

bool read_dnp3_message(Bytes fragment, Dnp3Message& out) {
  ByteReader in{fragment};
  out.control = in.u8();
  out.function = in.u8();
  if (!in.ok()) return false;
  if (out.response()) {
    const std::uint16_t iin = in.u16be();
    if (in.ok()) out.iin = iin;
  }
  out.objects = in.rest();
  return true;
}

bool Dnp3Objects::next(Dnp3Object& out) {
  if (broken_ || rest_.empty()) return false;
  out = {};
  out.group = rest_.u8();
  out.variation = rest_.u8();
  out.qualifier = rest_.u8();
  broken_ = !rest_.ok();
  if (broken_) return false;
  out.kind = dnp3_kind(out.group, out.variation);
  if (out.prefix() == 7 || !read_range(rest_, out)) {
    broken_ = true;
    return true;
  }
  out.has_contents = carries_contents(function_, out);
  if (out.kind != nullptr && !out.sized()) out.bits = static_cast<std::uint8_t>(bits_of(*out.kind));
  out.width = width_of(out);
  out.points = rest_.rest();
  const auto [there, octets] = measure(out);
  out.there = there;
  broken_ = (out.has_contents || out.indexed()) && there != out.count;
  if (!broken_) out.points = rest_.bytes(octets);
  return true;
}

bool Dnp3Points::next(Dnp3Point& out) {
  if (at_ == object_.there) return false;
  out = {};
  if (object_.indexed())
    out.index = number(rest_, octets_of_code(object_.prefix()));
  else if (object_.first)
    out.index = static_cast<std::uint32_t>(*object_.first + at_);
  if (object_.bits != 0 && object_.has_contents) {
    // Packed from the lowest bit of an octet on; behind an index each has an octet of its own.
    if (object_.indexed() || at_ % (8U / object_.bits) == 0) octet_ = rest_.u8();
    out.bits = static_cast<std::uint8_t>(octet_ & ((1U << object_.bits) - 1U));
    octet_ >>= object_.bits;
  } else if (object_.has_contents) {
    out.contents = take_contents(rest_, object_);
  }
  ++at_;
  return true;
}

std::optional<Dnp3Control> read_dnp3_control(const Dnp3Object& object, const Dnp3Point& point) {
  Dnp3Control out;
  ByteReader in{point.contents};
  if (object.kind == nullptr || object.sized() || point.contents.empty()) return {};
  if (object.group == kDnp3ControlRelay && object.kind->layout == "CS") {
    out.code = in.u8();
    out.count = in.u8();
    out.on_time = in.u32le();
    out.off_time = in.u32le();
  } else if (object.group == kDnp3AnalogOutput) {
    const char part = object.kind->layout.front();
    const Bytes value = in.bytes(width(part));
    out.analog = part == 'r' ? real32(value) : part == 'd' ? real64(value) : static_cast<double>(little(value, true));
  } else {
    return {};
  }
  out.status = in.u8() & 0x7FU;
  return in.ok() ? std::optional{out} : std::nullopt;
}

bool read_dnp3_file(std::uint8_t variation, Bytes contents, Dnp3File& out) {
  switch (variation) {
    case 2: return true;  // who asks, and a password
    case 3: return read_file_command(contents, out);
    case 4: return read_file_status(contents, true, out);
    case 5: return read_file_transport(contents, out);
    case 6: return read_file_status(contents, false, out);
    case 7: return read_file_descriptor(contents, out);
    case 8: out.name = contents; return true;
    default: return true;
  }
}

Bytes dnp3_attribute_text(Bytes contents) {
  constexpr std::uint8_t kVisibleString = 1;
  ByteReader in{contents};
  const std::uint8_t type = in.u8();
  const std::size_t size = in.u8();
  const Bytes text = in.bytes(size);
  return type == kVisibleString ? text : Bytes{};
}

std::optional<std::uint8_t> dnp3_authentication_error(Bytes contents) {
  ByteReader in{contents};
  in.bytes(8);  // sequence u32, user u16, association u16
  const std::uint8_t code = in.u8();
  return in.ok() ? std::optional{code} : std::nullopt;
}

void append_dnp3_value(IcsText& out, const Dnp3Object& object, const Dnp3Point& point) {
  if (object.group >= kStringsFirst && object.group <= kStringsLast) return out.append_escaped(point.contents);
  if (object.group == kDnp3Attributes) return out.append_escaped(dnp3_attribute_text(point.contents));
  if (object.kind == nullptr || object.sized() || !object.has_contents) return;
  if (object.bits != 0) return out.append_number(point.bits);
  ByteReader in{point.contents};
  for (const char part : object.kind->layout) {
    const Bytes bytes = in.bytes(width(part));
    if (!in.ok() || append_part(out, part, bytes)) return;
  }
}

void append_dnp3_point(IcsText& out, std::uint16_t outstation, const Dnp3Object& object,
                       std::optional<std::uint32_t> index) {
  out.append_number(outstation);
  out.append("/g");
  out.append_number(object.group);
  if (!index) return;
  out.append('/');
  out.append_number(*index);
}

void append_dnp3_target(IcsText& out, std::uint16_t outstation, const Dnp3Object& object) {
  if (!object.indexed()) {
    out.next();
    append_dnp3_point(out, outstation, object, {});
    if (!object.first) return;
    out.append('/');
    return out.append_range(*object.first, object.count);
  }
  bool any = false;
  Dnp3Points points{object};
  for (Dnp3Point point; !out.full() && points.next(point); any = true) {
    out.next();
    append_dnp3_point(out, outstation, object, point.index);
  }
  if (any) return;
  out.next();
  append_dnp3_point(out, outstation, object, {});
}

void append_dnp3_constant(IcsText& out, std::string_view name, unsigned number) {
  for (const char c : name) out.append(c == ' ' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  if (!name.empty()) return;
  out.append("unknown-");
  out.append_number(number);
}

}  // namespace nw::network
