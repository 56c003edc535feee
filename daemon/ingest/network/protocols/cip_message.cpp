#include "ingest/network/protocols/cip_message.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

namespace nw::network {

namespace {

// Segments of a padded path: volume 1, appendix C-1.4.
struct Segment {
  enum class Kind : std::uint8_t { port, class_id, instance, member, point, attribute, service, symbol, passed };
  Kind kind = Kind::passed;
  std::uint32_t value = 0;  // of a port its number
  Bytes text;               // of a symbol; of a port the link address
};
using Kind = Segment::Kind;

class Segments {
 public:
  explicit Segments(Bytes path) : reader_{path} {}

  bool next(Segment& out) {
    if (reader_.empty() || broken_) return false;
    out = {};
    const std::uint8_t first = reader_.u8();
    broken_ = !take(first, out) || !reader_.ok();
    return !broken_;
  }
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  static constexpr std::uint8_t kKey = 0x34, kSymbol = 0x91, kSimpleData = 0x80;

  bool take(std::uint8_t first, Segment& out) {
    switch (first >> 5U) {
      case 0: return port(first, out);
      case 1: return first == kKey ? key() : logical(first, out);
      case 2:  // of the network: one octet, or so many words
        reader_.bytes((first & 0x10U) != 0 ? std::size_t{reader_.u8()} * 2 : 1);
        return true;
      case 3: return short_symbol(first, out);
      case 4: break;
      default: return false;
    }
    const std::size_t size = reader_.u8();
    if (first == kSimpleData) return reader_.bytes(size * 2), true;
    if (first != kSymbol) return false;
    out.kind = Kind::symbol;
    out.text = reader_.bytes(size);
    pad(size);
    return true;
  }

  bool port(std::uint8_t first, Segment& out) {
    constexpr std::uint32_t kExtended = 15;
    out.kind = Kind::port;
    out.value = first & 0x0FU;
    const bool long_address = (first & 0x10U) != 0;
    const std::size_t size = long_address ? reader_.u8() : 1;
    if (out.value == kExtended) out.value = reader_.u16le();
    out.text = reader_.bytes(size);
    if (long_address) pad(size);
    return true;
  }

  bool key() {
    constexpr std::uint8_t kFormat = 4;
    constexpr std::size_t kBytes = 8;
    if (reader_.u8() != kFormat) return false;
    reader_.bytes(kBytes);
    return true;
  }

  bool logical(std::uint8_t first, Segment& out) {
    static constexpr std::array<Kind, 8> kKinds{Kind::class_id,  Kind::instance, Kind::member,  Kind::point,
                                                Kind::attribute, Kind::passed,   Kind::service, Kind::passed};
    const unsigned type = first >> 2U & 7U, width = first & 3U;
    out.kind = kKinds[type];
    if (out.kind == Kind::passed || width == 3) return false;
    if (width != 0) reader_.u8();
    out.value = width == 0 ? reader_.u8() : width == 1 ? reader_.u16le() : reader_.u32le();
    return true;
  }

  bool short_symbol(std::uint8_t first, Segment& out) {
    const std::size_t size = first & 0x1FU;
    if (size == 0) return false;  // of wide characters: nobody has shown one
    out.kind = Kind::symbol;
    out.text = reader_.bytes(size);
    pad(size + 1);
    return true;
  }

  void pad(std::size_t size) {
    if (size % 2 != 0) reader_.u8();
  }

  ByteReader reader_;
  bool broken_ = false;
};

// The last octet is the highest; zeros in front of the number are left out.
void append_hex_mask(IcsText& out, Bytes octets) {
  while (octets.size() > 1 && octets.back() == 0) octets = octets.first(octets.size() - 1);
  std::size_t digits = 1;
  for (; !octets.empty() && !out.full(); octets = octets.first(octets.size() - 1), digits = 2)
    out.append_hex(octets.back(), digits);
}

// Elementary types: volume 1, appendix C-5.
struct Type {
  enum class Kind : std::uint8_t { none, boolean, number, natural, real, bits };
  std::uint8_t code;
  std::uint8_t width;
  Kind kind;
};
constexpr auto kTypes = std::to_array<Type>({
    {0xC1, 1, Type::Kind::boolean},
    {0xC2, 1, Type::Kind::number},
    {0xC3, 2, Type::Kind::number},
    {0xC4, 4, Type::Kind::number},
    {0xC5, 8, Type::Kind::number},
    {0xC6, 1, Type::Kind::natural},
    {0xC7, 2, Type::Kind::natural},
    {0xC8, 4, Type::Kind::natural},
    {0xC9, 8, Type::Kind::natural},
    {0xCA, 4, Type::Kind::real},
    {0xCB, 8, Type::Kind::real},
    {0xD1, 1, Type::Kind::bits},
    {0xD2, 2, Type::Kind::bits},
    {0xD3, 4, Type::Kind::bits},
    {0xD4, 8, Type::Kind::bits},
});

std::uint64_t little_endian(Bytes octets) {
  std::uint64_t value = 0;
  for (std::size_t i = octets.size(); i > 0; --i) value = value << 8U | octets[i - 1];
  return value;
}

void append_element(IcsText& out, const Type& type, Bytes octets) {
  const std::uint64_t bits = little_endian(octets);
  const unsigned unused = 64U - 8U * type.width;
  switch (type.kind) {
    case Type::Kind::boolean: return out.append(bits != 0 ? '1' : '0');
    case Type::Kind::number: return out.append_number(static_cast<std::int64_t>(bits << unused) >> unused);
    case Type::Kind::natural: return out.append_number(bits);
    case Type::Kind::real:
      if (type.width == 4) return out.append_real(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      return out.append_real(std::bit_cast<double>(bits));
    default: break;
  }
  out.append("0x");
  out.append_hex(bits, std::size_t{type.width} * 2);
}

void append_typed(IcsText& out, std::uint16_t code, Bytes data) {
  const auto type = std::ranges::find(kTypes, code, &Type::code);
  if (type == kTypes.end() || data.size() % type->width != 0) return out.append_octets(data);
  ByteReader reader{data};
  while (!reader.empty() && !out.full()) {
    out.next();
    append_element(out, *type, reader.bytes(type->width));
  }
}

// The type; of a structure its handle stands behind it.
std::uint16_t read_type(ByteReader& reader) {
  constexpr std::uint16_t kStructure = 0x02A0;
  const std::uint16_t type = reader.u16le();
  if (type == kStructure) reader.u16le();
  return type;
}

// What a Logix controller's clock is set to, in microseconds since 1970.
std::optional<std::uint64_t> read_clock(const CipMessage& request) {
  constexpr std::uint16_t kCurrent = 6;
  if (!request.point.is(kCipWallClock) || request.service != kCipSetAttributeList) return {};
  ByteReader reader{request.data};
  const std::uint16_t count = reader.u16le(), attribute = reader.u16le();
  const Bytes time = reader.bytes(8);
  return reader.ok() && count == 1 && attribute == kCurrent ? std::optional{little_endian(time)} : std::nullopt;
}

// As other protocols' clocks: 1700000000.000.
void append_seconds(IcsText& out, std::uint64_t microseconds) {
  const std::uint64_t thousandths = microseconds / 1000 % 1000;
  out.append_number(microseconds / 1'000'000);
  out.append('.');
  for (std::uint64_t unit = 100; unit > 0; unit /= 10) out.append(static_cast<char>('0' + thousandths / unit % 10));
}

bool read_originator(ByteReader& reader, CipConnection& out) {
  out.serial = reader.u16le();
  out.vendor = reader.u16le();
  out.originator = reader.u32le();
  return reader.ok();
}

// Service and path of a request; nothing of a response.
std::size_t head_bytes(Bytes message) {
  constexpr std::uint8_t kResponseBit = 0x80;
  ByteReader reader{message};
  if ((reader.u8() & kResponseBit) != 0) return 0;
  return 2 + std::size_t{reader.u8()} * 2;
}

}  // namespace

bool read_cip_point(Bytes path, CipPoint& out) {
  Segments segments{path};
  for (Segment segment; segments.next(segment);) {
    if (segment.kind == Kind::class_id)
      out = {.class_id = segment.value, .manages = out.manages || segment.value == kCipConnectionManager};
    if (segment.kind == Kind::instance) out.instance = segment.value;
    if (segment.kind == Kind::attribute) out.attribute = segment.value;
    if (segment.kind == Kind::symbol) out.symbolic = true;
  }
  return !segments.broken();
}

bool read_cip(Bytes octets, CipMessage& out) {
  ByteReader reader{octets};
  const std::uint8_t service = reader.u8();
  out.service = service & 0x7FU;
  out.response = (service & 0x80U) != 0;
  if (!out.response) {
    const std::size_t size = std::size_t{reader.u8()} * 2;
    out.path = reader.bytes(std::min(size, reader.rest().size()));
    const bool understood = read_cip_point(out.path, out.point);
    out.data = reader.rest();
    return reader.ok() && understood && out.path.size() == size;
  }
  reader.u8();
  out.status = reader.u8();
  out.additional = reader.bytes(std::size_t{reader.u8()} * 2);
  out.data = reader.rest();
  return reader.ok();
}

void append_cip_path(IcsText& out, Bytes path) {
  bool named = false;
  Segments segments{path};
  for (Segment segment; segments.next(segment);) {
    if (segment.kind == Kind::port || segment.kind == Kind::passed) continue;
    if (segment.kind == Kind::member) {
      out.append('[');
      out.append_number(segment.value);
      out.append(']');
      continue;
    }
    const bool symbol = segment.kind == Kind::symbol;
    if (!out.empty()) out.append(symbol && named ? '.' : '/');
    named = symbol;
    if (symbol) {
      out.append_escaped(segment.text);
    } else {
      out.append("0x");
      out.append_hex(segment.value);
    }
  }
}

void append_cip_route(IcsText& out, Bytes path) {
  Segments segments{path};
  for (Segment segment; segments.next(segment);) {
    if (segment.kind != Kind::port) continue;
    if (!out.empty()) out.append('/');
    out.append_number(segment.value);
    out.append('/');
    if (segment.text.size() == 1)
      out.append_number(segment.text.front());
    else
      out.append_escaped(segment.text);
  }
}

CipParts::CipParts(Bytes data) : data_{data}, offsets_{data} {
  left_ = offsets_.u16le();
  broken_ = !offsets_.ok();
  cut_ = left_ > kMost;
  if (cut_) left_ = kMost;
  if (left_ > 0) next_ = offsets_.u16le();
}

// Devices go by the offsets, in whatever order these are.
bool CipParts::next(Bytes& out) {
  if (left_ == 0 || !offsets_.ok()) return broken_ = broken_ || !offsets_.ok(), false;
  --left_;
  const std::size_t here = std::min(next_, data_.size());
  std::size_t end = data_.size();
  // Of the last one that is told, too, there may be one behind it.
  if (left_ > 0 || cut_) {
    next_ = offsets_.u16le();
    const bool in_order = next_ >= here && next_ <= data_.size();
    if (in_order) end = std::max(next_, std::min(here + head_bytes(data_.subspan(here)), data_.size()));
    broken_ = broken_ || !in_order || end > next_;
  }
  out = data_.subspan(here, end - here);
  broken_ = broken_ || out.empty();
  return true;
}

bool read_cip_unconnected_send(Bytes data, CipCarried& out) {
  ByteReader reader{data};
  reader.bytes(2);
  const std::size_t size = reader.u16le();
  out.message = reader.bytes(std::min(size, reader.rest().size()));  // a lying size must not hide it
  if (out.message.size() < size) return false;
  if (size % 2 != 0) reader.u8();
  const std::size_t words = reader.u8();
  reader.u8();
  out.route = reader.bytes(words * 2);
  return reader.ok();
}

bool read_cip_forward_open(Bytes data, bool large, CipConnection& out) {
  ByteReader reader{data};
  reader.bytes(2);  // priority and ticks
  const std::uint32_t to_target = reader.u32le(), to_originator = reader.u32le();
  if (!read_originator(reader, out)) return false;
  out.to_originator = to_originator;
  if (to_target != 0) out.to_target = to_target;  // its target chooses it
  reader.bytes(4);                                // time-out's multiplier
  const std::size_t parameters = large ? 4 : 2;
  out.target_interval = reader.u32le();
  reader.bytes(parameters);
  out.originator_interval = reader.u32le();
  reader.bytes(parameters);
  out.transport = reader.u8();
  out.path = reader.bytes(std::size_t{reader.u8()} * 2);
  return reader.ok();
}

bool read_cip_forward_open_reply(const CipMessage& message, CipConnection& out) {
  ByteReader reader{message.data};
  if (!message.ok()) return message.data.empty() || read_originator(reader, out);
  out.to_target = reader.u32le();
  out.to_originator = reader.u32le();
  if (!read_originator(reader, out)) return out.to_target.reset(), out.to_originator.reset(), false;
  out.target_interval = reader.u32le();
  out.originator_interval = reader.u32le();
  return reader.ok();
}

bool read_cip_forward_close(Bytes data, CipConnection& out) {
  ByteReader reader{data};
  reader.bytes(2);
  if (!read_originator(reader, out)) return false;
  const std::size_t words = reader.u8();
  reader.u8();
  out.path = reader.bytes(words * 2);
  return reader.ok();
}

bool read_cip_forward_close_reply(Bytes data, CipConnection& out) {
  ByteReader reader{data};
  return data.empty() || read_originator(reader, out);
}

void append_cip_elements(IcsText& target, const CipMessage& request) {
  const bool fragment = request.service == kCipWriteTagFragment;
  if (!request.point.tag() || (request.service != kCipWriteTag && !fragment)) return;
  ByteReader reader{request.data};
  const auto type = std::ranges::find(kTypes, read_type(reader), &Type::code);
  reader.u16le();  // how many in all
  const std::uint32_t offset = fragment ? reader.u32le() : 0;
  if (!reader.ok() || type == kTypes.end()) return;
  const std::size_t count = reader.rest().size() / type->width;
  if (count < 2 && offset == 0) return;
  const std::string_view name = target.view();
  const std::size_t open = name.ends_with(']') ? name.rfind('[') : name.size();
  std::uint64_t first = 0;
  if (open < name.size()) {
    if (open == 0 || name[open - 1] == ']') return;  // of two dimensions, whose sizes are not said
    std::from_chars(name.data() + open + 1, name.data() + name.size(), first);
  }
  IcsText out;
  out.append(name.substr(0, open));
  out.append('[');
  out.append_range(first + offset / type->width, count);
  out.append(']');
  if (out.full()) return;
  target.clear();
  target.append(out.view());
}

void append_cip_written(IcsText& out, const CipMessage& request) {
  if (const auto time = read_clock(request)) return append_seconds(out, *time);
  ByteReader reader{request.data};
  const bool fragment = request.service == kCipWriteTagFragment;
  if (request.point.tag() && request.service == kCipModifyTag) {
    const std::size_t width = reader.u16le();
    out.append("or 0x");
    append_hex_mask(out, reader.bytes(width));
    out.append(" and 0x");
    return append_hex_mask(out, reader.bytes(width));
  }
  if (!request.point.tag() || (request.service != kCipWriteTag && !fragment)) return out.append_octets(request.data);
  const std::uint16_t type = read_type(reader);
  reader.u16le();  // how many
  if (fragment) reader.u32le();
  append_typed(out, type, reader.rest());
}

void append_cip_read(IcsText& out, std::uint8_t service, bool tag, Bytes data) {
  if (!tag || (service != kCipReadTag && service != kCipReadTagFragment)) return out.append_octets(data);
  ByteReader reader{data};
  const std::uint16_t type = read_type(reader);
  append_typed(out, type, reader.rest());
}

}  // namespace nw::network
