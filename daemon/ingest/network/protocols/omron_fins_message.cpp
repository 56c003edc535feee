#include "ingest/network/protocols/omron_fins_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::size_t kNameBytes = 12, kModelBytes = 20;
constexpr std::uint8_t kWordArea = 0x80;

std::uint32_t value(ByteReader& reader, std::size_t width) {
  std::uint32_t out = 0;
  for (const std::uint8_t octet : reader.bytes(width)) out = out << 8U | octet;
  return out;
}

void read_point(ByteReader& reader, FinsBody& out) {
  FinsPoint point;
  point.area = reader.u8();
  point.word = reader.u16be();
  point.bit = reader.u8();
  if (reader.ok() && out.point_count < out.points.size()) out.points[out.point_count++] = point;
}

void read_force(ByteReader& reader, FinsBody& out) {
  const std::uint16_t force = reader.u16be();
  if (reader.ok() && out.force_count < out.forces.size()) out.forces[out.force_count++] = force;
}

void read_file(ByteReader& reader, FinsBody& out) {
  const Bytes name = fins_text(reader.bytes(kNameBytes));
  if (out.file.empty())
    out.file = name;
  else if (out.other_file.empty())
    out.other_file = name;
}

void read_status(ByteReader& reader, FinsBody& out) {
  constexpr std::size_t kMessageBytes = 16;
  out.status = reader.u8();
  out.mode = reader.u8();
  out.fatal = reader.u16be();
  out.non_fatal = reader.u16be();
  out.messages = reader.u16be();
  out.fal = reader.u16be();
  out.text = fins_text(reader.bytes(kMessageBytes));
}

Bytes rest(ByteReader& reader) { return reader.bytes(reader.rest().size()); }

void read_part(char letter, ByteReader& reader, FinsBody& out) {
  constexpr std::size_t kClockMax = 7;  // of which seconds and weekday may be missing
  switch (letter) {
    case 'a': return read_point(reader, out);
    case 'n': out.count = reader.u16be(); return;
    case 'p': out.parameter_area = reader.u16be(); return;
    case 'w': out.word = reader.u16be(); return;
    case 'W': out.word = reader.u32be(); return;
    case 'g': out.program = reader.u16be(); return;
    case 'm': out.mode = reader.u8(); return;
    case 'd': out.disk = reader.u16be(); return;
    case 'f': return read_file(reader, out);
    case 'P': out.position = reader.u32be(); return;
    case 'b': out.octets = reader.u16be(); return;
    case 'B': out.octets = reader.u32be(); return;
    case 'k': out.clock = reader.bytes(std::clamp<std::size_t>(reader.rest().size(), 5, kClockMax)); return;
    case 'c': out.number = reader.u16be(); return;
    case 'u': out.unit = reader.u8(); return;
    case 'N': out.model = fins_text(reader.bytes(kModelBytes)); return;
    case 'V': out.version = fins_text(reader.bytes(kModelBytes)); return;
    case 'q': return read_status(reader, out);
    case 'T': out.text = fins_text(rest(reader)); return;
    case 'r': return read_force(reader, out);
    case 's': reader.u8(); return;
    case 'S': reader.u32be(); return;
    default: out.data = rest(reader); return;
  }
}

void append_bcd(IcsText& out, std::uint8_t octet) { out.append_hex(octet, 2); }

void append_file(IcsText& out, std::optional<std::uint16_t> disk, Bytes name) {
  out.append("/disk/");
  out.append_number(disk.value_or(0));
  if (name.empty()) return;
  out.append('/');
  out.append_escaped(name);
}

std::string_view force_name(std::uint16_t force) {
  switch (force) {
    case 0x0000: return "reset";
    case 0x0001: return "set";
    case 0x8000: return "release to 0";
    case 0x8001: return "release to 1";
    case 0xFFFF: return "release";
    default: return "unknown";
  }
}

void describe_parameters(const FinsBody& body, IcsText& target) {
  target.append('/');
  if (const std::string_view name = fins_parameter_area_name(*body.parameter_area); !name.empty())
    target.append(name);
  else
    target.append_hex(*body.parameter_area, 4);
  constexpr std::uint16_t kLast = 0x8000;  // says that these are the last
  target.append('/');
  target.append_range(body.word.value_or(0), body.count.value_or(1) & ~std::uint32_t{kLast});
}

// What was forced, filled or moved from elsewhere; or the data themselves.
void describe_value(const FinsMessage& message, const FinsBody& body, IcsText& out) {
  constexpr std::uint16_t kTransfer = 0x0105, kRun = 0x0401;
  for (std::size_t i = 0; i < body.force_count; ++i) {
    out.next();
    out.append(force_name(body.forces[i]));
  }
  if (message.command == kTransfer && body.point_count == 2)
    append_fins_point(out, body.points[0], body.count.value_or(1));
  else if (message.command == kRun && body.mode)
    out.append(fins_mode_name(*body.mode));
  else if (body.point_count != 0 && !body.data.empty())
    append_fins_values(out, body.points[0].area, body.data);
  else if (!body.clock.empty())
    append_fins_clock(out, body.clock);
  else if (!body.other_file.empty())
    out.append_escaped(body.other_file);
}

}  // namespace

Bytes fins_text(Bytes text) {
  const auto zero = std::ranges::find(text, std::uint8_t{0});
  text = text.first(static_cast<std::size_t>(zero - text.begin()));
  while (!text.empty() && text.back() == ' ') text = text.first(text.size() - 1);
  return text;
}

bool read_fins(Bytes bytes, FinsMessage& out) {
  constexpr std::uint8_t kKnownBits = 0xC1, kGatewaysMax = 7;
  ByteReader reader{bytes};
  out = {};
  out.icf = reader.u8();
  const std::uint8_t reserved = reader.u8();
  out.gateways = reader.u8();
  for (FinsAddress* address : {&out.to, &out.from})
    *address = {.network = reader.u8(), .node = reader.u8(), .unit = reader.u8()};
  out.service = reader.u8();
  out.command = reader.u16be();
  if (!reader.ok() || reserved != 0 || (out.icf & ~kKnownBits) != 0 || out.gateways > kGatewaysMax) return false;
  if (out.response() && reader.rest().size() >= 2) out.end = reader.u16be();
  out.body = reader.rest();
  return true;
}

std::optional<DecodeError> read_fins_tcp(ByteReader& reader, FinsTcp& out) {
  static constexpr std::array<std::uint8_t, 4> kMagic{'F', 'I', 'N', 'S'};
  constexpr std::uint32_t kLengthMin = 8, kLengthMax = 4096;  // a FINS message has at most 2012 octets
  const Bytes whole = reader.rest();
  const std::size_t there = std::min(whole.size(), kMagic.size());
  if (!std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(there), kMagic.begin()))
    return DecodeError::bad_value;
  ByteReader behind = reader;
  behind.u32be();
  const std::uint32_t length = behind.u32be();
  if (!behind.ok()) return DecodeError::truncated;
  if (length < kLengthMin || length > kLengthMax) return DecodeError::bad_value;
  ByteReader body = behind.sub(length);
  if (!body.ok()) return DecodeError::truncated;
  out.command = body.u32be();
  out.error = body.u32be();
  out.data = body.rest();
  reader = behind;
  return {};
}

bool read_fins_body(std::string_view layout, Bytes body, FinsBody& out) {
  ByteReader reader{body};
  std::size_t again = layout.size();
  bool optional = false;
  for (std::size_t at = 0; at < layout.size();) {
    if (layout[at] == '?' || layout[at] == '*') {
      optional = true;
      if (layout[at++] == '*') again = at;
      continue;
    }
    if (reader.empty() && (optional || layout[at] == 'x' || layout[at] == 'T')) return true;
    read_part(layout[at], reader, out);
    if (!reader.ok()) return false;
    if (++at == layout.size()) at = again;
  }
  return true;
}

IcsOperation fins_operation(const FinsMessage& message, const FinsBody& body) {
  constexpr std::uint16_t kMessages = 0x0920, kClears = 0x4000;
  // One command reads or clears messages.
  if (message.command == kMessages && !message.response() && (body.number.value_or(0) & 0xC000U) == kClears)
    return IcsOperation::write;
  const FinsCommand* command = find_fins_command(message.command);
  return command == nullptr ? IcsOperation::other : command->operation;
}

void append_fins_point(IcsText& out, const FinsPoint& point, std::uint32_t count) {
  constexpr std::uint16_t kCounters = 0x8000;
  const std::string_view name = fins_area_name(point.area);
  const bool flags = name == "T/C" || name == "TN" || name == "ST" || name == "TK" || name == "IR" || name == "DR";
  std::uint32_t word = point.word;
  if (name == "T/C") {
    out.append((word & kCounters) != 0 ? 'C' : 'T');
    word &= ~std::uint32_t{kCounters};
  } else if (!name.empty()) {
    out.append(name);
  } else {
    out.append("area ");
    out.append_hex(point.area, 2);
    out.append(' ');
  }
  if ((point.area & kWordArea) != 0 || flags) return out.append_range(word, count);
  const auto append_bit = [&](std::uint32_t bit) {
    out.append_number(word + bit / 16);
    out.append(bit % 16 < 10 ? ".0" : ".");
    out.append_number(bit % 16);
  };
  append_bit(point.bit);
  if (count < 2) return;
  out.append('-');
  append_bit(point.bit + count - 1);
}

void append_fins_address(IcsText& out, const FinsAddress& address) {
  out.append_number(address.network);
  out.append('.');
  out.append_number(address.node);
  out.append('.');
  out.append_number(address.unit);
}

void append_fins_clock(IcsText& out, Bytes clock) {
  static constexpr std::array<char, 6> kBefore{' ', '-', '-', 'T', ':', ':'};
  if (clock.empty()) return;
  constexpr std::uint8_t kThisCentury = 0x98;  // W342, 5-3-19: years 98 and 99 are of the last
  out.append(clock[0] < kThisCentury ? "20" : "19");
  for (std::size_t i = 0; i < std::min(clock.size(), kBefore.size()); ++i) {
    if (i != 0) out.append(kBefore[i]);
    append_bcd(out, clock[i]);
  }
}

void append_fins_values(IcsText& out, std::uint8_t area, Bytes data) {
  constexpr std::uint8_t kIndexRegister = 0xDC;
  const std::size_t width = area == kIndexRegister ? 4 : (area & kWordArea) != 0 ? 2 : 1;
  for (ByteReader reader{data}; reader.rest().size() >= width && !out.full();) {
    out.next();
    out.append_number(value(reader, width));
  }
}

void describe_fins(const FinsMessage& message, const FinsBody& body, IcsCommand& out) {
  constexpr std::uint16_t kTransfer = 0x0105, kForce = 0x2301;
  const FinsCommand* command = find_fins_command(message.command);
  IcsText device;
  append_fins_address(device, message.device());
  const std::size_t first = message.command == kTransfer && body.point_count == 2 ? 1 : 0;
  const std::uint32_t count = message.command == kForce ? 1 : body.count.value_or(1);
  for (std::size_t i = first; i < body.point_count; ++i) {
    out.target.next();
    out.target.append(device.view());
    out.target.append('/');
    append_fins_point(out.target, body.points[i], count);
  }
  if (body.point_count == 0) {
    out.target.append(device.view());
    if (command != nullptr && !command->object.empty()) {
      out.target.append('/');
      out.target.append(command->object);
    }
    if (body.parameter_area) describe_parameters(body, out.target);
    if (body.disk) append_file(out.target, body.disk, body.file);
  }
  describe_value(message, body, out.value);
}

}  // namespace nw::network
