// What stands in a frame of MELSEC's protocol: points and their values, files, what a command is about.
#include <algorithm>
#include <charconv>

#include "ingest/network/protocols/melsec_message.h"

namespace nw::network {

namespace {

constexpr std::uint16_t kBitUnits = 0x0001, kWide = 0x0002, kExtended = 0x0080;

MelsecPoint read_device(ByteReader& reader, bool wide) {
  MelsecPoint out;
  if (wide) {
    out.number = reader.u32le();
    out.code = reader.u16le();
    return out;
  }
  const std::uint32_t low = reader.u16le();
  out.number = low | std::uint32_t{reader.u8()} << 16U;
  out.code = reader.u8();
  return out;
}

// | index register u8 | how it modifies u8 | device | left out u16 | module or network u16 | memory u8 |, as captures
// show.
MelsecPoint read_point(ByteReader& reader, bool wide, const MelsecBody& body) {
  if (!body.extended) return read_device(reader, wide);
  const std::uint8_t index = reader.u8(), modified = reader.u8();
  MelsecPoint out = read_device(reader, wide);
  out.index = index;
  out.modified = modified;
  reader.u16le();
  out.place = reader.u16le();
  out.memory = reader.u8();
  return out;
}

void add(MelsecBody& out, const ByteReader& reader, const MelsecPoint& point) {
  if (reader.ok() && out.point_count < out.points.size()) out.points[out.point_count++] = point;
}

// Digits of a number; blanks may stand for zeros. What is none is the end.
std::uint32_t read_digits(ByteReader& reader, std::size_t count, int base) {
  std::array<char, 8> text{};
  const Bytes digits = reader.bytes(count);
  std::ranges::transform(digits, text.begin(), [](std::uint8_t c) { return c == ' ' ? '0' : static_cast<char>(c); });
  const char* const end = text.data() + digits.size();
  std::uint32_t number = 0;
  if (std::from_chars(text.data(), end, number, base).ptr != end) reader.bytes(reader.rest().size() + 1);
  return number;
}

// In ASCII: "D*000100", "X*00001A"; of wide devices "D***00000100".
MelsecPoint read_text_point(ByteReader& reader, bool wide) {
  std::array<char, 4> name{};
  std::size_t size = 0;
  for (const std::uint8_t c : reader.bytes(wide ? 4 : 2))
    if (c != '*' && c != ' ') name[size++] = static_cast<char>(c);
  MelsecPoint out;
  const MelsecDevice* device = find_melsec_device(std::string_view{name.data(), size});
  if (device == nullptr) reader.bytes(reader.rest().size() + 1);
  if (device == nullptr) return out;
  out.code = device->code;
  out.number = read_digits(reader, wide ? 8 : 6, device->hexadecimal ? 16 : 10);
  return out;
}

void add_value(MelsecBody& out, const ByteReader& reader, bool texts, std::uint32_t value) {
  if (!reader.ok() || !texts || out.values.full()) return;
  out.values.next();
  out.values.append_number(value);
}

// | words u8 | double words u8 | devices | with values behind each device; in bits | count u8 | devices and values |.
void read_random(ByteReader& reader, bool wide, bool values, bool texts, MelsecBody& out) {
  const std::size_t singles = reader.u8();
  const std::size_t doubles = values && out.bits ? 0 : reader.u8();
  for (std::size_t i = 0; i < singles + doubles && reader.ok(); ++i) {
    MelsecPoint point = read_point(reader, wide, out);
    const bool is_double = i >= singles;
    point.count = is_double ? 2 : 1;
    add(out, reader, point);
    if (!values) continue;
    std::uint32_t value = 0;
    if (out.bits && !wide)
      value = reader.u8();
    else
      value = is_double ? reader.u32le() : reader.u16le();
    add_value(out, reader, texts, value);
  }
  out.value_count = singles + doubles;
  out.doubles = doubles;
}

// | blocks of words u8 | of bits u8 | device, words u16 | with that many words behind each.
void read_blocks(ByteReader& reader, bool wide, bool values, bool texts, MelsecBody& out) {
  const std::size_t words = reader.u8();
  const std::size_t blocks = words + reader.u8();
  for (std::size_t i = 0; i < blocks && reader.ok(); ++i) {
    MelsecPoint point = read_point(reader, wide, out);
    point.count = reader.u16le();
    out.value_count += point.count;
    add(out, reader, point);
    if (!values) continue;
    for (ByteReader data = reader.sub(point.count * std::size_t{2}); !data.empty();)
      add_value(out, data, texts, data.u16le());
  }
}

bool printable(std::uint8_t c) { return c >= ' ' && c <= '~'; }

// Characters of two octets, two of them at least, perhaps with a zero behind them.
bool is_wide_text(Bytes text) {
  if (text.size() < 4 || text.size() % 2 != 0 || text[0] == ' ') return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const bool ends = text[i] == 0 && i >= 4 && i + 2 == text.size();
    if (text[i + 1] != 0 || (!ends && !printable(text[i]))) return false;
  }
  return true;
}

// A text that has its length before it, in characters or octets.
Bytes read_counted_text(Bytes from) {
  ByteReader reader{from};
  const std::size_t size = reader.u16le();
  const Bytes behind = reader.rest();
  const Bytes wide = behind.first(std::min(behind.size(), 2 * size)), text = wide.first(std::min(wide.size(), size));
  if (wide.size() == 2 * size && is_wide_text(wide)) return wide;
  const bool is_text = text.size() == size && size >= 3 && (is_wide_text(text) || std::ranges::all_of(text, printable));
  return is_text ? text : Bytes{};
}

// What the controller runs, and how it is set up, are files, too. Zeros, cases and blanks at the end mean nothing.
bool is_program(Bytes name) {
  static constexpr auto kEndings = std::to_array<std::string_view>({"PRG", "QPG", "PFB", "PRM", "QPA"});
  std::array<char, 3> end{};
  std::size_t missing = end.size();
  for (auto c = name.rbegin(); c != name.rend() && missing > 0; ++c) {
    const bool blank = (*c == ' ' || *c == '.') && missing == end.size();
    if (*c != 0 && !blank) end[--missing] = static_cast<char>(*c >= 'a' && *c <= 'z' ? *c - ('a' - 'A') : *c);
  }
  return std::ranges::find(kEndings, std::string_view{end.data(), end.size()}) != kEndings.end();
}

// Before its name a file has a password, a drive, numbers; how many differs by controller. It mostly stands last; what
// looks like one elsewhere is told only where none does, but may be a program's.
Bytes find_name(Bytes body, bool& is_of_program) {
  constexpr std::size_t kLengthAtMost = 26;
  Bytes found;
  bool found_last = false;
  for (std::size_t at = 0; at <= kLengthAtMost && at + 4 < body.size(); at += 2) {
    const Bytes text = read_counted_text(body.subspan(at));
    if (text.empty()) continue;
    is_of_program = is_of_program || is_program(text);
    const bool last = at + 2 + text.size() == body.size();
    if (last != found_last ? !last : text.size() <= found.size()) continue;
    found = text;
    found_last = last;
  }
  return found;
}

Bytes rest(ByteReader& reader) { return reader.bytes(reader.rest().size()); }

// What is cut off is not told.
std::optional<std::uint16_t> read_u16(ByteReader& reader) {
  const std::uint16_t number = reader.u16le();
  return reader.ok() ? std::optional{number} : std::nullopt;
}

std::optional<std::uint32_t> read_u32(ByteReader& reader) {
  const std::uint32_t number = reader.u32le();
  return reader.ok() ? std::optional{number} : std::nullopt;
}

void read_batch(ByteReader& reader, bool wide, MelsecBody& out) {
  MelsecPoint point = read_point(reader, wide, out);
  point.count = reader.u16le();
  out.value_count = point.count;
  add(out, reader, point);
}

// As many points as there were said to be.
void read_values(ByteReader& reader, bool texts, MelsecBody& out) {
  const std::size_t count = out.value_count;
  out.data = reader.bytes(out.bits ? (count + 1) / 2 : 2 * count);
  if (texts) append_melsec_values(out.values, out.data, out.bits, count, 0);
}

void read_part(char letter, bool wide, bool texts, ByteReader& reader, MelsecBody& out) {
  constexpr std::size_t kModelBytes = 16;
  switch (letter) {
    case 'a': return read_batch(reader, wide, out);
    case 'w': return read_values(reader, texts, out);
    case 'r': return read_random(reader, wide, false, texts, out);
    case 'R': return read_random(reader, wide, true, texts, out);
    case 'k': return read_blocks(reader, wide, false, texts, out);
    case 'K': return read_blocks(reader, wide, true, texts, out);
    case 'm': out.mode = read_u16(reader); return;
    case 'i':
      out.address = read_u32(reader);
      out.size = read_u16(reader);
      out.module = read_u16(reader);
      return;
    case 'I':
      out.address = read_u32(reader);
      out.words = read_u16(reader);
      return;
    case 'M':
      out.module = read_u16(reader);
      out.address = read_u32(reader);
      reader.u16le();
      return;
    case 'h': out.handle = read_u16(reader); return;
    case 'o': out.offset = read_u32(reader); return;
    case 'z': out.size = read_u16(reader); return;
    case 'f':
      out.name = find_name(reader.rest(), out.program);
      rest(reader);
      return;
    case 'N': out.model = reader.bytes(kModelBytes); return;
    case 'C': out.model_code = read_u16(reader); return;
    case 'p': rest(reader); return;
    default: out.data = rest(reader); return;
  }
}

void append_station(IcsText& out, const MelsecStation& to) {
  out.append_number(to.network);
  out.append('.');
  out.append_number(to.station);
  if (to.module == kMelsecOwnModule && to.multidrop == 0) return;
  out.append('.');
  out.append_hex(to.module);
  if (to.multidrop == 0) return;
  out.append('.');
  out.append_number(to.multidrop);
}

// "module/0x3/0x100-0x10f", "buffer/0x100".
void append_address(IcsText& out, const MelsecBody& body) {
  if (body.module) {
    out.append("/0x");
    out.append_hex(*body.module);
  }
  if (!body.address) return;
  out.append("/0x");
  out.append_hex(*body.address);
  const std::uint32_t count = body.words.value_or(body.size.value_or(1));
  if (count < 2) return;
  out.append("-0x");
  out.append_hex(std::uint64_t{*body.address} + count - 1);
}

// "U3e0/" of a module's or CPU's buffer memory, "J1/" of a network.
void append_place(IcsText& out, const MelsecPoint& point) {
  constexpr std::uint8_t kModule = 0xF8, kNetwork = 0xF9, kCpu = 0xFA;
  if (point.memory == kModule || point.memory == kCpu) {
    out.append('U');
    out.append_hex(point.place);
  } else if (point.memory == kNetwork) {
    out.append('J');
    out.append_number(point.place);
  } else if (point.memory != 0) {
    out.append("memory ");
    out.append_hex(point.memory, 2);
  }
  if (point.memory != 0) out.append('/');
}

void append_numbers(IcsText& out, const MelsecPoint& point, bool bits) {
  constexpr std::uint32_t kBitsOfWord = 16;
  const MelsecDevice* device = find_melsec_device(point.code);
  if (device != nullptr) {
    out.append(device->name);
  } else {
    out.append("device ");
    out.append_hex(point.code, 2);
    out.append(' ');
  }
  const bool in_words = device != nullptr && device->bits && !bits;
  const std::uint64_t count = in_words ? std::uint64_t{point.count} * kBitsOfWord : point.count;
  if (device == nullptr || !device->hexadecimal) return out.append_range(point.number, count);
  out.append_hex(point.number);
  if (count < 2) return;
  out.append('-');
  out.append_hex(point.number + count - 1);
}

bool read_layout(std::string_view layout, bool wide, bool texts, Bytes body, MelsecBody& out) {
  ByteReader reader{body};
  for (const char letter : layout) {
    read_part(letter, wide, texts, reader, out);
    if (!reader.ok()) return false;
  }
  return reader.empty();
}

}  // namespace

bool read_melsec_body(std::string_view layout, std::uint16_t subcommand, Bytes body, bool texts, MelsecBody& out) {
  out.bits = (subcommand & kBitUnits) != 0;
  const bool wide = (subcommand & kWide) != 0;
  const bool devices = layout.find_first_of("arRkK") != std::string_view::npos;
  out.extended = devices && (subcommand & kExtended) != 0;
  if (read_layout(layout, wide, texts, body, out)) return true;
  if (!out.extended) return false;
  // Their widths are not the same in all controllers.
  out = {};
  out.bits = (subcommand & kBitUnits) != 0;
  return read_layout("x", wide, texts, body, out);
}

bool read_melsec_text(std::string_view layout, std::uint16_t subcommand, Bytes text, bool texts, MelsecBody& out) {
  out.bits = (subcommand & kBitUnits) != 0;
  if (!layout.starts_with('a') || (subcommand & kExtended) != 0) return true;
  ByteReader reader{text};
  MelsecPoint point = read_text_point(reader, (subcommand & kWide) != 0);
  point.count = read_digits(reader, 4, 16);
  add(out, reader, point);
  if (layout == "aw")
    for (std::uint32_t i = 0; i < point.count && reader.ok(); ++i)
      add_value(out, reader, texts, read_digits(reader, out.bits ? 1 : 4, 16));
  return reader.ok() && reader.empty();
}

void append_melsec_point(IcsText& out, const MelsecPoint& point, bool bits) {
  constexpr std::uint8_t kIndirect = 0x08, kByIndex = 0x40, kByLongIndex = 0x80;
  append_place(out, point);
  if ((point.modified & kIndirect) != 0) out.append('@');
  append_numbers(out, point, bits);
  if ((point.modified & (kByIndex | kByLongIndex)) == 0) return;
  out.append((point.modified & kByIndex) != 0 ? "Z" : "LZ");
  out.append_number(point.index);
}

void append_melsec_name(IcsText& out, Bytes name) {
  const std::size_t step = is_wide_text(name) ? 2 : 1;
  for (std::size_t i = 0; i < name.size() && name[i] != 0; i += step) out.append_escaped(name.subspan(i, 1));
}

void append_melsec_values(IcsText& out, Bytes data, bool bits, std::size_t count, std::size_t doubles) {
  ByteReader reader{data};
  for (std::size_t i = 0; i < count && !reader.empty() && !out.full(); ++i) {
    std::uint32_t value = 0;
    if (bits) {  // the first in the high half
      const std::uint8_t both = reader.rest()[0];
      value = i % 2 == 0 ? both >> 4U : both & 0xFU;
      if (i % 2 != 0) reader.u8();
    } else {
      value = i + doubles >= count ? reader.u32le() : reader.u16le();
    }
    if (!reader.ok()) return;
    out.next();
    out.append_number(value);
  }
}

void describe_melsec(const MelsecFrame& frame, const MelsecBody& body, bool texts, IcsCommand& out) {
  const MelsecCommand* command = frame.command ? find_melsec_command(*frame.command) : nullptr;
  if (command != nullptr) out.operation = command->operation;
  if (frame.form == MelsecForm::search) out.operation = IcsOperation::identify;
  if (out.operation == IcsOperation::file && body.program) out.operation = IcsOperation::program;
  if (!texts) return;
  IcsText station;
  append_station(station, frame.to);
  for (std::size_t i = 0; i < body.point_count; ++i) {
    out.target.next();
    out.target.append(station.view());
    out.target.append('/');
    append_melsec_point(out.target, body.points[i], body.bits);
  }
  out.value = body.values;
  if (body.point_count != 0) return;
  out.target.append(station.view());
  if (command != nullptr && !command->object.empty()) {
    out.target.append('/');
    out.target.append(command->object);
  }
  append_address(out.target, body);
  if (body.handle) {
    out.target.append("/handle/");
    out.target.append_number(*body.handle);
  } else if (!body.name.empty()) {
    out.target.append('/');
    append_melsec_name(out.target, body.name);
  }
  const bool writes = out.operation == IcsOperation::write && !frame.response;
  if (writes && out.value.empty()) out.value.append_octets(body.data);
}

}  // namespace nw::network
