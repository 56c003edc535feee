// Bounded cursor over untrusted bytes. The only place in the daemon that computes with offsets.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace nw {

using Bytes = std::span<const std::uint8_t>;

// A short read yields zero and empties the reader for good, so `while (!r.empty())` ends and one
// `ok()` after a run of reads is enough. Never throws, never allocates. Views point into the input.
class ByteReader {
 public:
  explicit constexpr ByteReader(Bytes in) noexcept : rest_{in} {}

  [[nodiscard]] constexpr bool ok() const noexcept { return !failed_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] constexpr Bytes rest() const noexcept { return rest_; }

  constexpr std::uint8_t u8() noexcept { return number<std::uint8_t, std::endian::big>(); }
  constexpr std::uint16_t u16be() noexcept { return number<std::uint16_t, std::endian::big>(); }
  constexpr std::uint32_t u32be() noexcept { return number<std::uint32_t, std::endian::big>(); }
  constexpr std::uint64_t u64be() noexcept { return number<std::uint64_t, std::endian::big>(); }
  constexpr std::uint16_t u16le() noexcept { return number<std::uint16_t, std::endian::little>(); }
  constexpr std::uint32_t u32le() noexcept { return number<std::uint32_t, std::endian::little>(); }

  // The next `count` bytes, or an empty span and a failed reader.
  constexpr Bytes bytes(std::size_t count) noexcept {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const Bytes head = rest_.first(count);
    rest_ = rest_.subspan(count);
    return head;
  }

  // A reader confined to the next `count` bytes; born failed when they are not there.
  constexpr ByteReader sub(std::size_t count) noexcept {
    ByteReader inner{bytes(count)};
    inner.failed_ = failed_;
    return inner;
  }

 private:
  template <class T, std::endian kOrder>
  constexpr T number() noexcept {
    const Bytes octets = bytes(sizeof(T));
    if (octets.empty()) return 0;
    T value = 0;
    if (std::is_constant_evaluated()) {
      for (std::size_t i = 0; i < sizeof(T); ++i) {
        const std::size_t shift = 8 * (kOrder == std::endian::big ? sizeof(T) - 1 - i : i);
        value = static_cast<T>(value | std::uint64_t{octets[i]} << shift);
      }
      return value;
    }
    std::memcpy(&value, octets.data(), sizeof(T));
    if constexpr (sizeof(T) == 1 || kOrder == std::endian::native) return value;
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
  }

  Bytes rest_;
  bool failed_ = false;
};

}  // namespace nw
