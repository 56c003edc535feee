#include "record/privacy/kdf.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "base/check.h"
#include "base/text.h"

namespace nw::privacy {

namespace {

constexpr unsigned kYearFirst = 1970, kYearLast = 2261;

}  // namespace

Epoch Epoch::of(Timestamp t) noexcept {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(t)};
  return {static_cast<std::uint16_t>(static_cast<int>(date.year())),
          static_cast<std::uint8_t>(static_cast<unsigned>(date.month()))};
}

Result<Epoch> Epoch::parse(std::string_view text) {
  const auto digit = [text](std::size_t at) { return ascii_digit(text[at]); };
  if (text.size() == 7 && text[4] == '-' && digit(0) && digit(1) && digit(2) && digit(3) && digit(5) && digit(6)) {
    const auto number = [text](std::size_t at) { return static_cast<unsigned>(text[at] - '0'); };
    const unsigned year = number(0) * 1000 + number(1) * 100 + number(2) * 10 + number(3);
    const unsigned month = number(5) * 10 + number(6);
    if (year >= kYearFirst && year <= kYearLast && month >= 1 && month <= 12)
      return Epoch{static_cast<std::uint16_t>(year), static_cast<std::uint8_t>(month)};
  }
  return Error{Errc::malformed, "'" + printable(text, 32) + "' is no epoch: write year and month, 2026-01"};
}

std::string Epoch::to_string() const {
  std::array<char, 16> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04u-%02u", unsigned{year}, unsigned{month});
  return {text.data(), static_cast<std::size_t>(length)};
}

Timestamp Epoch::begin() const noexcept {
  return std::chrono::sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{1}};
}

Epoch Epoch::next() const noexcept {
  if (month == 12) return {static_cast<std::uint16_t>(year + 1), 1};
  return {year, static_cast<std::uint8_t>(month + 1)};
}

Key32 hkdf_extract(std::string_view salt, Bytes key) {
  Digest out = Hmac{bytes_of(salt)}.of({key});
  return Key32::take(out);
}

void hkdf_expand(const Key32& pseudorandom_key, std::string_view label, std::span<std::uint8_t> out) {
  NW_CHECK(out.size() <= 255 * 32);
  const Hmac hmac{pseudorandom_key.bytes()};
  Digest block{};
  std::size_t before = 0;  // bytes of the last block: none for the first
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    block = hmac.of({Bytes{block}.first(before), bytes_of(label), Bytes{&counter, 1}});
    before = block.size();
    const std::size_t taken = std::min(out.size(), block.size());
    std::copy_n(block.begin(), taken, out.begin());
    out = out.subspan(taken);
  }
  explicit_bzero(block.data(), block.size());
}

bool is_operator_id(std::string_view id) noexcept {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || ascii_digit(c); };
  const auto allowed = [plain](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; };
  return !id.empty() && id.size() <= 64 && plain(id.front()) && std::ranges::all_of(id, allowed);
}

EpochKeys EpochKeys::derive_with_salt(const Key32& master, std::string_view salt) {
  const Key32 root = hkdf_extract(salt, master.bytes());
  EpochKeys keys;
  hkdf_expand(root, "ipcrypt-pfx", keys.pfx.writable());
  hkdf_expand(root, "ipcrypt-deterministic", keys.deterministic.writable());
  hkdf_expand(root, "ipcrypt-nd", keys.nd.writable());
  hkdf_expand(root, "ipcrypt-ndx", keys.ndx.writable());
  hkdf_expand(root, "normwatch-token/v1", keys.token.writable());
  return keys;
}

Result<EpochKeys> EpochKeys::derive(const Key32& master, std::string_view operator_id, Epoch epoch) {
  if (!is_operator_id(operator_id))
    return Error{Errc::invalid_argument, "'" + printable(operator_id, 80) +
                                             "' is no operator's name: 1 to 64 of a-z, 0-9, '.', '_' and '-', "
                                             "beginning with a letter or a digit"};
  EpochKeys keys =
      derive_with_salt(master, "normwatch/v1/op=" + std::string{operator_id} + "/epoch=" + epoch.to_string());
  keys.operator_id = operator_id;
  keys.epoch = epoch;
  return keys;
}

}  // namespace nw::privacy
