// IP addresses and prefixes as values. An IPv4 address is held IPv4-mapped (RFC 4291 section 2.5.5.2), so that one
// 16-byte form serves tables and comparisons; ::ffff:10.0.0.1 therefore *is* 10.0.0.1.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"

namespace nw {

class IpAddress {
 public:
  constexpr IpAddress() noexcept = default;  // the unspecified address, ::
  static constexpr IpAddress v4(std::uint32_t host_order) noexcept {
    IpAddress a;
    a.bytes_[10] = a.bytes_[11] = 0xff;
    for (unsigned i = 0; i < 4; ++i) a.bytes_[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    return a;
  }
  // `bytes` is 4 or 16 long, network order; any other length gives the unspecified address.
  static IpAddress from_bytes(Bytes bytes) noexcept {
    IpAddress a;
    if (bytes.size() == 4) {
      a.bytes_[10] = a.bytes_[11] = 0xff;
      std::memcpy(a.bytes_.data() + 12, bytes.data(), 4);
    } else if (bytes.size() == 16) {
      std::memcpy(a.bytes_.data(), bytes.data(), 16);
    }
    return a;
  }
  // Dotted quad or RFC 4291 text; nothing around it, no zone.
  static Result<IpAddress> parse(std::string_view text);
  // As parse(), without building an error text: for values that events carry.
  static bool parse_into(std::string_view text, IpAddress& out) noexcept;

  [[nodiscard]] constexpr bool is_v4() const noexcept {
    for (unsigned i = 0; i < 10; ++i)
      if (bytes_[i] != 0) return false;
    return bytes_[10] == 0xff && bytes_[11] == 0xff;
  }
  // The 16-byte form, network order. Valid as long as the address.
  [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  // 4 or 16 bytes, network order. Valid as long as the address.
  [[nodiscard]] Bytes native() const noexcept { return is_v4() ? Bytes{bytes_}.subspan(12) : Bytes{bytes_}; }
  // Dotted quad, or RFC 5952.
  [[nodiscard]] std::string to_string() const;
  void append_to(std::string& out) const;

  // By its bytes, the first first.
  friend constexpr std::strong_ordering operator<=>(const IpAddress& x, const IpAddress& y) noexcept {
    const auto a = x.words(), b = y.words();
    return a[0] != b[0] ? in_order(a[0]) <=> in_order(b[0]) : in_order(a[1]) <=> in_order(b[1]);
  }
  friend constexpr bool operator==(const IpAddress& x, const IpAddress& y) noexcept { return x.words() == y.words(); }

 private:
  using Words = std::array<std::uint64_t, 2>;
  [[nodiscard]] constexpr Words words() const noexcept { return std::bit_cast<Words>(bytes_); }
  static constexpr std::uint64_t in_order(std::uint64_t word) noexcept {
    return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
  }

  std::array<std::uint8_t, 16> bytes_{};
};

// Eight octets from `at` on (at most 8), as they lie in memory: for hashes.
inline std::uint64_t word_at(const IpAddress& address, std::size_t at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, address.bytes().data() + at, sizeof word);
  return word;
}

// An address range by leading bits. The length counts in the 128-bit form (an IPv4 /24 is held as 120).
class IpPrefix {
 public:
  constexpr IpPrefix() noexcept = default;  // ::/0, everything
  // Host bits are cleared. `bits` counts in the 128-bit form and is cut to 128.
  IpPrefix(IpAddress address, unsigned bits) noexcept;
  // "10.0.0.0/8", "2001:db8::/32", or a lone address (its full length).
  static Result<IpPrefix> parse(std::string_view text);

  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
  [[nodiscard]] const IpAddress& address() const noexcept { return address_; }
  [[nodiscard]] unsigned bits() const noexcept { return bits_; }
  [[nodiscard]] std::string to_string() const;  // "10.0.0.0/8"

  friend auto operator<=>(const IpPrefix&, const IpPrefix&) noexcept = default;

 private:
  IpAddress address_;
  std::uint8_t bits_ = 0;
};

}  // namespace nw
