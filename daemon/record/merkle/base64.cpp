#include "record/merkle/base64.h"

#include <array>
#include <cstdint>

namespace nw::merkle {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xff;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    out[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}();

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::uint32_t octet = at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U;
      group = group << 8U | octet;
    }
    for (std::size_t i = 0; i < 4; ++i)
      out += at + i > bytes.size() ? '=' : kAlphabet[group >> (18U - 6U * static_cast<unsigned>(i)) & 63U];
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::string_view group = text.substr(at, 4);
    const std::size_t padding = at + 4 < text.size() || group[3] != '=' ? 0 : group[2] == '=' ? 2 : 1;
    group.remove_suffix(padding);
    std::uint32_t bits = 0;
    for (const char c : group) {
      const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
      if (value == kNone) return std::nullopt;
      bits = bits << 6U | value;
    }
    bits <<= 6U * static_cast<unsigned>(padding);
    if ((padding == 1 && (bits & 0xffU) != 0) || (padding == 2 && (bits & 0xffffU) != 0)) return std::nullopt;
    for (std::size_t i = 0; i < 3 - padding; ++i)
      out += static_cast<char>(bits >> (16U - 8U * static_cast<unsigned>(i)) & 0xffU);
  }
  return out;
}

}  // namespace nw::merkle
