#include "ingest/network/protocols/melsec_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint16_t kLengthMax = 8192;  // a command has some 2,000 octets at most, in ASCII twice as many

// Networks, CPUs of a rack and modules as the manuals number them.
bool plausible(const MelsecStation& to) {
  constexpr std::uint16_t kModuleMax = 0x01FF;
  const auto within = [&](unsigned first, unsigned last) { return to.module >= first && to.module <= last; };
  constexpr std::uint8_t kByParameter = 0xFE;  // which network, the controller's parameters say
  return to.multidrop <= 31 && (to.network <= 239 || to.network == kByParameter) &&
         (to.module <= kModuleMax || to.module == kMelsecOwnModule || within(0x03D0, 0x03D3) || within(0x03E0, 0x03E3));
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
  out.to = {0, 0xFF, 0, kMelsecOwnModule};
  if (out.response) out.end = std::uint16_t{0};
  out.data = reader.rest();
  return true;
}

}  // namespace nw::network
