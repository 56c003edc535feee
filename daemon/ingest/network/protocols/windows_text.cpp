#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

void append_octet(std::string& out, unsigned octet) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\x";
  out += kHex[octet >> 4U & 15U];
  out += kHex[octet & 15U];
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x20 || c == 0x7f) {
    append_octet(out, c);
  } else if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0U | c >> 6U);
    put(0x80U | (c & 0x3fU));
  } else if (c < 0x10000) {
    put(0xe0U | c >> 12U);
    put(0x80U | (c >> 6U & 0x3fU));
    put(0x80U | (c & 0x3fU));
  } else {
    put(0xf0U | c >> 18U);
    put(0x80U | (c >> 12U & 0x3fU));
    put(0x80U | (c >> 6U & 0x3fU));
    put(0x80U | (c & 0x3fU));
  }
}

constexpr std::size_t kCharacterMax = 4;  // bytes that one more may take, in UTF-8 or as \xNN

}  // namespace

std::string text_of_utf16(Bytes bytes, std::size_t bytes_max) {
  bytes = bytes.first(bytes.size() / 2 * 2);
  while (!bytes.empty() && bytes[bytes.size() - 1] == 0 && bytes[bytes.size() - 2] == 0)
    bytes = bytes.first(bytes.size() - 2);
  std::string out;
  ByteReader reader{bytes};
  while (reader.rest().size() >= 2 && out.size() + kCharacterMax <= bytes_max) {
    char32_t c = reader.u16le();
    if (c >= 0xd800 && c < 0xe000) {
      ByteReader ahead = reader;
      const char32_t low = ahead.u16le();
      const bool pair = c < 0xdc00 && low >= 0xdc00 && low < 0xe000;
      c = pair ? 0x10000U + ((c - 0xd800U) << 10U) + (low - 0xdc00U) : U'\ufffd';
      if (pair) reader = ahead;
    }
    append_utf8(out, c);
  }
  return out;
}

std::string text_of_oem(Bytes bytes, std::size_t bytes_max) {
  while (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
  std::string out;
  for (const std::uint8_t byte : bytes) {
    if (out.size() + kCharacterMax > bytes_max) break;
    if (byte >= 0x20 && byte < 0x7f)
      out += static_cast<char>(byte);
    else
      append_octet(out, byte);
  }
  return out;
}

std::optional<Timestamp> time_of_filetime(std::uint64_t filetime) noexcept {
  constexpr std::int64_t kUnixEpoch = 116'444'736'000'000'000, kStepsMax = 92'233'720'368'547'758,
                         kStepNanoseconds = 100;
  if (filetime == 0 || filetime > static_cast<std::uint64_t>(kUnixEpoch + kStepsMax)) return {};
  const std::int64_t steps = static_cast<std::int64_t>(filetime) - kUnixEpoch;
  if (steps < -kStepsMax) return {};
  return from_unix_nanoseconds(steps * kStepNanoseconds);
}

}  // namespace nw::network
