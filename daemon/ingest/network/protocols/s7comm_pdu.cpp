#include "ingest/network/protocols/s7comm_pdu.h"

#include <algorithm>
#include <bit>

namespace nw::network {

namespace {

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // NOLINT: octets that are digits and letters
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> decimal(std::string_view text) {
  std::int64_t number = 0;
  const auto end = text.data() + text.size();
  if (text.empty() || !all_digits(text)) return {};
  return std::from_chars(text.data(), end, number).ec == std::errc{} ? std::optional{number} : std::nullopt;
}

}  // namespace

std::optional<DecodeError> read_s7_pdu(Bytes message, S7Pdu& out) noexcept {
  ByteReader in{message};
  const std::uint8_t protocol = in.u8(), rosctr = in.u8();
  in.u16be();
  out.reference = in.u16le();  // controllers only repeat it; clients count so
  const std::size_t parameters = in.u16be(), data = in.u16be();
  if (!in.ok() || protocol != kS7Protocol) return DecodeError::bad_value;
  out.rosctr = static_cast<S7Rosctr>(rosctr);
  switch (out.rosctr) {
    case S7Rosctr::job:
    case S7Rosctr::userdata: break;
    case S7Rosctr::ack:
    case S7Rosctr::ack_data: out.error = in.u16be(); break;
    default: return DecodeError::bad_value;
  }
  if (!in.ok()) return DecodeError::bad_value;
  const bool fits = in.rest().size() == parameters + data;
  out.parameters = in.bytes(std::min(parameters, in.rest().size()));
  out.data = in.bytes(std::min(data, in.rest().size()));
  return fits ? std::nullopt : std::optional{DecodeError::truncated};
}

bool read_s7_userdata(Bytes parameters, S7Userdata& out) noexcept {
  ByteReader in{parameters};
  in.bytes(4);
  out.method = in.u8();
  out.group = in.u8();
  out.subfunction = in.u8();
  out.sequence = in.u8();
  if (!in.ok() || in.empty()) return in.ok();
  out.unit = in.u8();
  out.more = in.u8() != 0;
  out.error = in.u16be();
  if (!in.ok()) out.error.reset();
  return in.ok();
}

bool read_s7_data(ByteReader& in, S7Data& out) noexcept {
  out.code = in.u8();
  out.kind = in.u8();
  std::size_t length = in.u16be();
  // Bits, bytes and integers count bits; reals, octet strings and the rest count octets.
  if (out.kind >= 3 && out.kind <= 5) length = (length + 7) / 8;
  out.octets = in.bytes(length);
  if (in.ok() && length % 2 != 0 && !in.empty()) in.u8();
  return in.ok();
}

bool read_s7_item(ByteReader& in, S7Item& out) noexcept {
  const std::uint8_t specification = in.u8();
  const std::size_t length = in.u8();
  ByteReader item = in.sub(length);
  if (length % 2 != 0 && !in.empty()) in.u8();
  out.syntax = item.u8();
  if (!item.ok() || specification != 0x12) return false;
  out.rest = item.rest();
  if (out.syntax != 0x10) return true;
  out.size = item.u8();
  out.count = item.u16be();
  out.db = item.u16be();
  out.area = item.u8();
  out.address = std::uint32_t{item.u8()} << 16U;
  out.address |= item.u16be();
  return item.ok();
}

namespace {

constexpr std::uint8_t kDataBlock = 0x84, kInstanceBlock = 0x85, kCounter = 0x1C, kTimer = 0x1D;
constexpr std::uint8_t kBit = 1, kByte = 2, kChar = 3, kWord = 4, kInt = 5, kDword = 6, kDint = 7, kReal = 8;

std::string_view area_name(std::uint8_t area) {
  switch (area) {
    case 0x03: return "SYS";
    case 0x05: return "SM";
    case 0x06: return "AI";
    case 0x07: return "AQ";
    case kCounter: return "C";
    case kTimer: return "T";
    case 0x1E: return "HC";
    case 0x1F: return "HT";
    case 0x80: return "P";
    case 0x81: return "I";
    case 0x82: return "Q";
    case 0x83: return "M";
    case 0x86: return "L";
    case 0x87: return "V";
    default: return {};
  }
}

char width_letter(std::uint8_t size) {
  switch (size) {
    case kBit: return 'X';
    case kWord:
    case kInt:
    case 9:               // DATE
    case 12: return 'W';  // S5TIME
    case kDword:
    case kDint:
    case kReal:
    case 10:              // TIME_OF_DAY
    case 11: return 'D';  // TIME
    default: return 'B';
  }
}

// An address of which the width is known, behind the area's name.
void append_place(char width, std::uint32_t bits, bool block, IcsText& text) {
  if (width != 'X' || block) text.append(width);
  text.append_number(bits / 8);
  if (width != 'X') return;
  text.append('.');
  text.append_number(bits % 8);
}

void append_any(const S7Item& item, IcsText& text) {
  const std::string_view area = area_name(item.area);
  if (item.area == kDataBlock || item.area == kInstanceBlock) {
    text.append(item.area == kDataBlock ? "DB" : "DI");
    text.append_number(item.db);
    text.append(".DB");
    append_place(width_letter(item.size), item.address, true, text);
  } else if (item.area >= kCounter && item.area <= 0x1F) {
    text.append(area);
    text.append_number(item.address);
  } else {
    if (area.empty()) {
      text.append("area-");
      text.append_hex(item.area, 2);
      text.append('.');
    }
    text.append(area);
    append_place(width_letter(item.size), item.address, false, text);
  }
  if (item.count < 2) return;
  text.append(':');
  text.append_number(item.count);
}

// S7-1200: | u8 | area u16 | area or block u16 | CRC u32 | numbers u32 ... |, by name and not by place.
bool append_symbol(Bytes rest, IcsText& text) {
  ByteReader in{rest};
  in.u8();
  const std::uint16_t area = in.u16be(), second = in.u16be();
  in.u32be();
  if (!in.ok()) return false;
  constexpr std::uint16_t kBlocks = 0x8A0E;  // `second` is a number, also from 0x50 on
  if (area != kBlocks && second >= 0x50 && second <= 0x54) {
    static constexpr std::array<std::string_view, 5> kAreas{"I", "Q", "M", "C", "T"};
    text.append(kAreas[second - 0x50U]);
  } else {
    text.append(area == kBlocks ? "DB" : "area-");
    text.append_number(second);
  }
  while (in.rest().size() >= 4 && !text.full()) {
    text.append('.');
    text.append_number(in.u32be() & 0x0FFFFFFFU);  // above are flags
  }
  return true;
}

// Numerical control: | area, 3 bits, unit | column u16 | line u16 | module u8 | lines u8 |.
bool append_nck(Bytes rest, IcsText& text) {
  ByteReader in{rest};
  const std::uint8_t place = in.u8();
  const std::uint16_t column = in.u16be(), line = in.u16be();
  const std::uint8_t module = in.u8();
  if (!in.ok()) return false;
  text.append("NCK/");
  for (const unsigned part : {unsigned{place} >> 5U, place & 0x1FU, unsigned{module}, unsigned{column}}) {
    text.append_number(part);
    text.append('/');
  }
  text.append_number(line);
  return true;
}

// | count u8 | octets u8, block u16, address u16 |, repeated.
bool append_db_read(Bytes rest, IcsText& text) {
  ByteReader in{rest};
  const unsigned count = in.u8();
  for (unsigned i = 0; i < count && !text.full(); ++i) {
    S7Item item{.syntax = 0x10, .size = kByte, .area = kDataBlock, .rest = {}};
    item.count = in.u8();
    item.db = in.u16be();
    item.address = in.u16be() * 8U;
    if (!in.ok()) return i > 0;
    if (i > 0) text.append(',');
    append_any(item, text);
  }
  return count > 0;
}

}  // namespace

void append_s7_item(const S7Item& item, IcsText& text) {
  text.next();
  switch (item.syntax) {
    case 0x10: return append_any(item, text);
    case 0x82:
    case 0x83:
    case 0x84:
      if (append_nck(item.rest, text)) return;
      break;
    case 0xB0:
      if (append_db_read(item.rest, text)) return;
      break;
    case 0xB2:
      if (append_symbol(item.rest, text)) return;
      break;
    default: break;
  }
  text.append("syntax-");
  text.append_hex(item.syntax, 2);
}

void append_s7_value(const S7Data& data, S7Shape shape, IcsText& text) {
  constexpr std::uint8_t kBitData = 3, kRealData = 7;
  if (shape.size == 0 && data.kind == kBitData) shape.size = kBit;
  if (shape.size == 0 && data.kind == kRealData && data.octets.size() == 4) shape.size = kReal;
  ByteReader in{data.octets};
  const std::size_t octets = data.octets.size();
  if (shape.size == kChar && octets > 0) return text.append_escaped(data.octets);
  if (!shape.several) {
    if (shape.size == kBit && octets == 1) return text.append_number(in.u8() & 1U);
    if (shape.size == kByte && octets == 1) return text.append_number(in.u8());
    if (shape.size == kWord && octets == 2) return text.append_number(in.u16be());
    if (shape.size == kInt && octets == 2) return text.append_number(static_cast<std::int16_t>(in.u16be()));
    if (shape.size == kDword && octets == 4) return text.append_number(in.u32be());
    if (shape.size == kDint && octets == 4) return text.append_number(static_cast<std::int32_t>(in.u32be()));
    if (shape.size == kReal && octets == 4) return text.append_real(std::bit_cast<float>(in.u32be()));
  }
  text.append("0x");
  while (!in.empty() && !text.full()) text.append_hex(in.u8(), 2);
}

bool read_s7_file(Bytes name, S7File& out) noexcept {
  constexpr std::size_t kPlain = 8;
  std::string_view text = text_of(name);
  out.name = text;
  if (text.size() == kPlain + 1 && (text[0] == '_' || text[0] == '$')) text.remove_prefix(1);
  if (text.size() != kPlain || !all_digits(text.substr(2, 5))) return false;
  if (s7_block_name(text.substr(0, 2)).empty()) return false;
  out.type = text.substr(0, 2);
  out.number = text.substr(2, 5);
  out.filesystem = text[7];
  return true;
}

void append_s7_block(Bytes name, IcsText& text) {
  S7File file;
  if (!read_s7_file(name, file)) return text.append_escaped(name);
  text.append(s7_block_short(file.type));
  text.append_number(decimal(file.number).value_or(0));
}

namespace {

Bytes counted(ByteReader& in) {
  const std::size_t length = in.u8();
  return in.bytes(length);
}

}  // namespace

bool read_s7_transfer(const S7Pdu& pdu, S7Transfer& out) noexcept {
  ByteReader in{pdu.parameters};
  const std::uint8_t function = in.u8();
  if (pdu.rosctr != S7Rosctr::job && in.empty()) return true;  // a bare acknowledgement
  out.status = in.u8();
  const bool answers = pdu.rosctr != S7Rosctr::job;
  if (answers && function != kS7StartUpload) {
    // The block's octets: | length u16 | 00 FB | ... |.
    ByteReader data{pdu.data};
    const std::uint16_t length = data.u16be();
    if (data.ok()) out.length = length;
    return in.ok();
  }
  in.u16be();
  const std::uint32_t session = in.u32be();
  if (!in.ok()) return false;
  out.session = session;
  if (function == kS7Upload || function == kS7EndUpload) return true;
  const Bytes name = counted(in);
  if (!in.ok()) return false;
  if (answers) {
    out.length = decimal(text_of(name));
    return out.length.has_value();
  }
  out.name = name;
  if (function != kS7RequestDownload || in.empty()) return true;
  const std::string_view lengths = text_of(counted(in));
  constexpr std::size_t kLengths = 13;
  if (lengths.size() == kLengths) out.length = decimal(lengths.substr(1, 6));
  return out.length.has_value();
}

bool read_s7_service(Bytes parameters, S7Service& out) noexcept {
  ByteReader in{parameters};
  const bool stop = in.u8() == kS7Stop;
  in.bytes(stop ? 5 : 7);
  if (!stop) {
    const std::size_t length = in.u16be();
    out.argument = in.bytes(length);
  }
  out.name = text_of(counted(in));
  return in.ok();
}

bool append_s7_blocks(Bytes argument, IcsText& text) {
  ByteReader in{argument};
  const std::size_t count = in.u8();
  in.u8();
  if (!in.ok() || count == 0 || in.rest().size() != count * 8) return false;
  while (!in.empty() && !text.full()) {
    text.next();
    append_s7_block(in.bytes(8), text);
  }
  return true;
}

bool append_s7_time(Bytes clock, IcsText& text) {
  ByteReader in{clock};
  in.bytes(2);  // the second of them is the century's, wrong in many devices
  std::array<unsigned, 6> parts{};
  for (unsigned& part : parts) {
    const std::uint8_t bcd = in.u8();
    if (!in.ok() || (bcd >> 4U) > 9 || (bcd & 0x0FU) > 9) return false;
    part = (bcd >> 4U) * 10U + (bcd & 0x0FU);
  }
  parts[0] += parts[0] < 90 ? 2000U : 1900U;
  constexpr std::string_view kBetween = "--T::";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] < 10) text.append('0');
    text.append_number(parts[i]);
    if (i < kBetween.size()) text.append(kBetween[i]);
  }
  return true;
}

}  // namespace nw::network
