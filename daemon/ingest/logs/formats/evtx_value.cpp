#include "ingest/logs/formats/evtx_value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>

namespace nw::logs {

namespace {

template <class Number>
void append_number(Number number, std::string& out, int base = 10) {
  std::array<char, 32> digits{};
  const auto made = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out.append(digits.data(), made.ptr);
}

void append_padded(std::uint64_t number, std::size_t width, std::string& out) {
  std::array<char, 20> digits{};
  const auto made = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  const auto size = static_cast<std::size_t>(made.ptr - digits.data());
  out.append(width > size ? width - size : 0, '0');
  out.append(digits.data(), size);
}

enum class Case : std::uint8_t { lower, upper };
void append_hex(Bytes bytes, Case letters, std::string& out) {
  const std::string_view digits = letters == Case::upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
}

// One character, as XML takes it.
void append_character(std::uint32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  switch (code) {
    case '<': out += "&lt;"; return;
    case '>': out += "&gt;"; return;
    case '&': out += "&amp;"; return;
    default: break;
  }
  if (code < 0x20 || code == 0x7f) {
    // Also line ends: a record stays one line.
    out += "&#";
    append_number(code, out);
    out += ';';
  } else if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

std::uint64_t little(Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | bytes[i];
  return value;
}

// The bytes that one value of the type has; 0: as many as it likes.
std::size_t width(EvtxType type) {
  switch (type) {
    case EvtxType::int8:
    case EvtxType::uint8: return 1;
    case EvtxType::int16:
    case EvtxType::uint16: return 2;
    case EvtxType::int32:
    case EvtxType::uint32:
    case EvtxType::real32:
    case EvtxType::boolean:
    case EvtxType::hex32: return 4;
    case EvtxType::int64:
    case EvtxType::uint64:
    case EvtxType::real64:
    case EvtxType::file_time:
    case EvtxType::hex64: return 8;
    case EvtxType::guid:
    case EvtxType::system_time: return 16;
    default: return 0;
  }
}

void append_date(int year, unsigned month, unsigned day, std::string& out) {
  append_padded(static_cast<std::uint64_t>(year), 4, out);
  out += '-';
  append_padded(month, 2, out);
  out += '-';
  append_padded(day, 2, out);
  out += 'T';
}

void append_clock(std::uint64_t hour, std::uint64_t minute, std::uint64_t second, std::string& out) {
  append_padded(hour, 2, out);
  out += ':';
  append_padded(minute, 2, out);
  out += ':';
  append_padded(second, 2, out);
  out += '.';
}

// Ticks of 100 ns since 1601-01-01. False past the year 9999.
bool append_file_time(std::uint64_t ticks, std::string& out) {
  constexpr std::uint64_t kSecond = 10'000'000, kDay = 86'400 * kSecond;
  constexpr std::uint64_t kDaysMax = 3'067'670;  // to 9999-12-31
  const std::uint64_t days = ticks / kDay, seconds = ticks % kDay / kSecond;
  if (days > kDaysMax) return false;
  using std::chrono::January, std::chrono::sys_days;
  const std::chrono::year_month_day date{sys_days{std::chrono::year{1601} / January / 1} +
                                         std::chrono::days{static_cast<int>(days)}};
  append_date(static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
              out);
  append_clock(seconds / 3600, seconds / 60 % 60, seconds % 60, out);
  append_padded(ticks % kSecond, 7, out);
  out += 'Z';
  return true;
}

// SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond, 16 bits each.
void append_system_time(Bytes value, std::string& out) {
  ByteReader in{value};
  std::array<std::uint16_t, 8> parts{};
  for (std::uint16_t& part : parts) part = in.u16le();
  append_date(parts[0], parts[1], parts[3], out);
  append_clock(parts[4], parts[5], parts[6], out);
  append_padded(parts[7], 3, out);
  out += 'Z';
}

// Three little-endian parts, then eight bytes in order.
void append_guid(Bytes value, std::string& out) {
  const auto turned = [&](std::size_t from, std::size_t size) {
    std::array<std::uint8_t, 4> part{};
    for (std::size_t i = 0; i < size; ++i) part[i] = value[from + size - 1 - i];
    append_hex(Bytes{part}.first(size), Case::lower, out);
    out += '-';
  };
  out += '{';
  turned(0, 4);
  turned(4, 2);
  turned(6, 2);
  append_hex(value.subspan(8, 2), Case::lower, out);
  out += '-';
  append_hex(value.subspan(10, 6), Case::lower, out);
  out += '}';
}

// [MS-DTYP] 2.4.2: revision, count, an authority of six bytes, `count` parts of four.
std::size_t sid_size(Bytes value) { return value.size() < 2 ? 0 : 8 + std::size_t{4} * value[1]; }
bool append_sid(Bytes value, std::string& out) {
  if (value.size() < 8 || value.size() != sid_size(value)) return false;
  ByteReader in{value};
  out += "S-";
  append_number(in.u8(), out);
  const std::uint8_t count = in.u8();
  std::uint64_t authority = in.u16be();
  authority = authority << 32U | in.u32be();
  out += authority > 0xffffffff ? "-0x" : "-";
  append_number(authority, out, authority > 0xffffffff ? 16 : 10);
  for (std::uint8_t i = 0; i < count; ++i) {
    out += '-';
    append_number(in.u32le(), out);
  }
  return true;
}

template <class Real>
void append_real(Real real, std::string& out) {
  if (std::isfinite(real)) {
    std::array<char, 64> digits{};
    const auto made = std::to_chars(digits.data(), digits.data() + digits.size(), real);
    out.append(digits.data(), made.ptr);
  } else {
    out += std::isnan(real) ? "-1.#IND" : real < 0 ? "-1.#INF" : "1.#INF";
  }
}

// False: the bytes are none of the type.
bool append_typed(EvtxType type, Bytes value, std::string& out) {
  if (const std::size_t size = width(type); size != 0 && size != value.size()) return false;
  const std::uint64_t number = value.size() <= 8 ? little(value) : 0;
  switch (type) {
    case EvtxType::null: return true;
    case EvtxType::string:
    case EvtxType::xml_text: append_evtx_utf16(value, out); return true;
    case EvtxType::ansi:
      while (!value.empty() && value.back() == 0) value = value.first(value.size() - 1);
      // Its code page is not said.
      for (const std::uint8_t byte : value) append_character(byte, out);
      return true;
    case EvtxType::int8: append_number(static_cast<int>(static_cast<std::int8_t>(number)), out); return true;
    case EvtxType::int16: append_number(static_cast<std::int16_t>(number), out); return true;
    case EvtxType::int32: append_number(static_cast<std::int32_t>(number), out); return true;
    case EvtxType::int64: append_number(static_cast<std::int64_t>(number), out); return true;
    case EvtxType::uint8:
    case EvtxType::uint16:
    case EvtxType::uint32:
    case EvtxType::uint64: append_number(number, out); return true;
    case EvtxType::real32: append_real(std::bit_cast<float>(static_cast<std::uint32_t>(number)), out); return true;
    case EvtxType::real64: append_real(std::bit_cast<double>(number), out); return true;
    case EvtxType::boolean: out += number != 0 ? "true" : "false"; return true;
    case EvtxType::guid: append_guid(value, out); return true;
    case EvtxType::size:
      if (value.size() != 4 && value.size() != 8) return false;
      [[fallthrough]];
    case EvtxType::hex32:
    case EvtxType::hex64:
      out += "0x";
      append_number(number, out, 16);
      return true;
    case EvtxType::file_time: return append_file_time(number, out);
    case EvtxType::system_time: append_system_time(value, out); return true;
    case EvtxType::sid: return append_sid(value, out);
    default: return false;
  }
}

}  // namespace

void append_evtx_utf16(Bytes text, std::string& out) {
  std::size_t size = text.size() & ~std::size_t{1};
  while (size != 0 && text[size - 2] == 0 && text[size - 1] == 0) size -= 2;
  ByteReader in{text.first(size)};
  while (!in.empty()) {
    std::uint32_t code = in.u16le();
    if (code >= 0xd800 && code < 0xdc00) {
      ByteReader ahead = in;
      const std::uint32_t low = ahead.u16le();
      const bool pair = low >= 0xdc00 && low < 0xe000;
      code = pair ? 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00) : 0xfffd;
      if (pair) in = ahead;
    } else if (code >= 0xdc00 && code < 0xe000) {
      code = 0xfffd;
    }
    append_character(code, out);
  }
}

void append_evtx_value(EvtxType type, Bytes value, std::string& out) {
  if (!append_typed(type, value, out)) append_hex(value, Case::upper, out);
}

bool next_evtx_element(EvtxType type, Bytes& rest, Bytes& element) {
  if (rest.empty()) return false;
  std::size_t size = width(type), behind = 0;
  if (type == EvtxType::string) {
    // Each ends in a character 0, the last perhaps not.
    while (size + 1 < rest.size() && (rest[size] != 0 || rest[size + 1] != 0)) size += 2;
    behind = 2;
  } else if (type == EvtxType::ansi) {
    while (size < rest.size() && rest[size] != 0) ++size;
    behind = 1;
  } else if (type == EvtxType::sid) {
    size = sid_size(rest);
  }
  if (size == 0 && behind == 0) size = rest.size();
  size = std::min(size, rest.size());
  element = rest.first(size);
  rest = rest.subspan(std::min(size + behind, rest.size()));
  return true;
}

}  // namespace nw::logs
