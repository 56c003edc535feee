#include "ingest/network/protocols/melsec_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint16_t kLengthMax = 8192;  // a command has some 2,000 octets at most, in ASCII twice as many
constexpr std::uint16_t kBitUnits = 0x0001, kWide = 0x0002, kExtended = 0x0080;
constexpr std::uint16_t kOwnModule = 0x03FF;  // the CPU that is spoken to

// Networks, CPUs of a rack and modules as the manuals number them.
bool plausible(const MelsecStation& to) {
  constexpr std::uint16_t kModuleMax = 0x01FF;
  const auto within = [&](unsigned first, unsigned last) { return to.module >= first && to.module <= last; };
  constexpr std::uint8_t kByParameter = 0xFE;  // which network, the controller's parameters say
  return to.multidrop <= 31 && (to.network <= 239 || to.network == kByParameter) &&
         (to.module <= kModuleMax || to.module == kOwnModule || within(0x03D0, 0x03D3) || within(0x03E0, 0x03E3));
}

// Of a frame's first two octets one is there, or none.
bool may_begin(Bytes one) {
  static constexpr std::array<std::uint8_t, 8> kFirst{0x50, 0xD0, 0x54, 0xD4, 0x57, 0xD7, '5', 'D'};
  return one.empty() || std::ranges::find(kFirst, one[0]) != kFirst.end();
}

// Numbers in binary, low octet first, or as hexadecimal text, high octet first.
class Numbers {
 public:
  Numbers(Bytes bytes, bool text) : reader_{bytes}, text_{text} {}

  std::uint16_t get(std::size_t octets) {
    const Bytes from = reader_.bytes(text_ ? 2 * octets : octets);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
      number = text_ ? number << 4U | digit(from[i]) : number | std::uint32_t{from[i]} << 8U * i;
    return static_cast<std::uint16_t>(number);
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(get(1)); }
  std::uint16_t u16() { return get(2); }
  [[nodiscard]] bool ok() const { return reader_.ok() && digits_; }
  [[nodiscard]] bool cut() const { return !reader_.ok(); }
  [[nodiscard]] Bytes rest() const { return reader_.rest(); }

 private:
  std::uint32_t digit(std::uint8_t c) {
    if (c >= '0' && c <= '9') return c - std::uint32_t{'0'};
    if (c >= 'A' && c <= 'F') return c - std::uint32_t{'A'} + 10;
    if (c >= 'a' && c <= 'f') return c - std::uint32_t{'a'} + 10;
    digits_ = false;
    return 0;
  }

  ByteReader reader_;
  bool text_, digits_ = true;
};

MelsecStation read_station(Numbers& in) {
  MelsecStation out;
  out.network = in.u8();
  out.station = in.u8();
  out.module = in.u16();
  out.multidrop = in.u8();
  return out;
}

void read_inside(Numbers in, MelsecFrame& out) {
  if (!out.response) in.u16();  // how long the station may take
  const std::uint16_t first = in.u16();
  if (!in.ok()) return;
  if (!out.response) {
    const std::uint16_t second = in.u16();
    out.command = first;
    if (in.ok()) out.subcommand = second;
  } else {
    out.end = first;
    Numbers refused = in;
    const MelsecStation where = read_station(refused);
    const std::uint16_t command = refused.u16(), subcommand = refused.u16();
    if (first != 0 && refused.ok() && where.multidrop <= 31) out.command = command, out.subcommand = subcommand;
  }
  out.data = in.rest();
}

std::optional<DecodeError> read_standard(ByteReader& reader, MelsecStations stations, MelsecFrame& out) {
  const bool text = out.form == MelsecForm::ascii3 || out.form == MelsecForm::ascii4;
  const std::size_t unit = text ? 2 : 1;
  const Bytes whole = reader.rest();
  Numbers in{whole, text};
  in.u16();
  bool reserved = false;
  if (out.form == MelsecForm::e4 || out.form == MelsecForm::ascii4) {
    out.serial = in.u16();
    reserved = in.u16() != 0;
  }
  out.to = read_station(in);
  const std::uint16_t length = in.u16();
  if (in.cut()) return DecodeError::truncated;
  const std::size_t least = (out.response ? 2U : 6U) * unit;
  const bool fits = length >= least && length <= kLengthMax;
  const Bytes behind = in.rest();
  read_inside(Numbers{behind.first(std::min<std::size_t>(behind.size(), fits ? length : behind.size())), text}, out);
  const bool taken = stations == MelsecStations::any || (!reserved && plausible(out.to));
  if (!in.ok() || !fits || !taken) return DecodeError::bad_value;
  if (behind.size() < length) return DecodeError::truncated;
  if (text && !out.command && !out.end) return DecodeError::bad_value;
  reader.bytes(whole.size() - behind.size() + length);
  return {};
}

std::optional<DecodeError> read_melsoft(ByteReader& reader, MelsecFrame& out) {
  constexpr std::size_t kHeadBytes = 21, kMark = 5, kBefore = 2;
  constexpr std::uint8_t kMarks = 0x11;
  const Bytes head = reader.rest().first(std::min(reader.rest().size(), kHeadBytes));
  for (std::size_t i = kMark; i < std::min<std::size_t>(head.size(), kMark + 2); ++i)
    if (head[i] != kMarks) return DecodeError::bad_value;
  ByteReader in = reader;
  in.bytes(out.response ? 14 : 10);  // who is asked stands first in a request, second in a response
  out.to.station = in.u8();
  out.to.module = in.u16le();
  in.bytes(out.response ? 2 : 6);
  const std::uint16_t length = in.u16le();
  if (!in.ok()) return DecodeError::truncated;
  const bool fits = length <= kLengthMax, whole = fits && in.rest().size() >= length;
  ByteReader body = in.sub(whole ? length : in.rest().size());
  body.u16be();
  ByteReader inner = body;
  const std::size_t before = inner.u8();
  inner.u8();
  const std::uint16_t result = inner.u16le();
  body.bytes(std::max(before, kBefore));
  const std::uint16_t command = body.u16be(), number = body.u16le();
  body.u16le();
  if (!body.ok()) return whole || !fits ? DecodeError::bad_value : DecodeError::truncated;
  out.command = command;
  out.serial = number;
  if (out.response) out.end = result;
  out.data = body.rest();
  if (!fits) return DecodeError::bad_value;
  if (!whole) return DecodeError::truncated;
  reader = in;
  return {};
}

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

void append_octets(IcsText& out, Bytes octets) {
  for (const std::uint8_t octet : octets) {
    if (out.full()) return;
    out.append_hex(octet, 2);
  }
}

void append_station(IcsText& out, const MelsecStation& to) {
  out.append_number(to.network);
  out.append('.');
  out.append_number(to.station);
  if (to.module == kOwnModule && to.multidrop == 0) return;
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

std::optional<DecodeError> read_melsec(ByteReader& reader, MelsecFrame& out, MelsecStations stations) {
  out = {};
  ByteReader peek = reader;
  const std::uint16_t first = peek.u16be();
  if (!peek.ok()) return may_begin(reader.rest()) ? DecodeError::truncated : DecodeError::bad_value;
  switch (first) {
    case 0xD000: out.response = true; [[fallthrough]];
    case 0x5000: return read_standard(reader, stations, out);
    case 0xD400: out.response = true; [[fallthrough]];
    case 0x5400: out.form = MelsecForm::e4; return read_standard(reader, stations, out);
    case 0x4430:  // "D0"
    case 0x4434:  // "D4"
      out.response = true;
      [[fallthrough]];
    case 0x3530:  // "50"
    case 0x3534:  // "54"
      out.form = (first & 0xFU) == 0 ? MelsecForm::ascii3 : MelsecForm::ascii4;
      return peek.empty()       ? DecodeError::truncated
             : peek.u8() == '0' ? read_standard(reader, stations, out)
                                : std::optional{DecodeError::bad_value};
    default: break;
  }
  const unsigned high = first >> 8U;
  if (high != 0x57 && high != 0xD7) return DecodeError::bad_value;
  out.response = high == 0xD7;
  out.form = MelsecForm::melsoft;
  return read_melsoft(reader, out);
}

std::optional<DecodeError> read_melsec_datagram(ByteReader& reader, MelsecFrame& out) {
  const Bytes all = reader.rest();
  auto fault = read_melsec(reader, out);
  if (fault == DecodeError::bad_value) fault = read_melsec(reader, out, MelsecStations::any);
  MelsecFrame next;
  ByteReader behind = reader;
  if (!fault && (reader.empty() || !read_melsec(behind, next) || next.command)) return {};
  const bool published = !out.response && out.command && find_melsec_command(*out.command) != nullptr;
  if (!fault)
    out.data = all.last(out.data.size() + reader.rest().size());
  else if (!published && (fault != DecodeError::truncated || !plausible(out.to)))
    out = {};
  reader.bytes(reader.rest().size());
  return fault.value_or(DecodeError::bad_value);
}

bool read_melsec_search(Bytes bytes, MelsecFrame& out) {
  constexpr std::size_t kAskedBytes = 4;
  ByteReader reader{bytes};
  const std::uint8_t first = reader.u8();
  const std::uint16_t zeros = reader.u16be();
  const std::uint8_t what = reader.u8();
  if (!reader.ok() || (first != 0x5A && first != 0xDA) || zeros != 0 || (what != 0x01 && what != 0xFF)) return false;
  if (first == 0x5A && bytes.size() != kAskedBytes) return false;
  out = {};
  out.form = MelsecForm::search;
  out.response = first == 0xDA;
  out.to = {0, 0xFF, 0, kOwnModule};
  if (out.response) out.end = std::uint16_t{0};
  out.data = reader.rest();
  return true;
}

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
  if (writes && out.value.empty()) append_octets(out.value, body.data);
}

}  // namespace nw::network
