// Bounded cursor over untrusted bytes. The only place in the daemon that computes with offsets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

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

  constexpr std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(be(1)); }
  constexpr std::uint16_t u16be() noexcept { return static_cast<std::uint16_t>(be(2)); }
  constexpr std::uint32_t u32be() noexcept { return static_cast<std::uint32_t>(be(4)); }
  constexpr std::uint64_t u64be() noexcept { return be(8); }
  constexpr std::uint16_t u16le() noexcept { return static_cast<std::uint16_t>(le(2)); }
  constexpr std::uint32_t u32le() noexcept { return static_cast<std::uint32_t>(le(4)); }

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
  constexpr std::uint64_t be(std::size_t width) noexcept {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes(width)) value = value << 8 | byte;
    return value;
  }

  constexpr std::uint64_t le(std::size_t width) noexcept {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const std::uint8_t byte : bytes(width)) {
      value |= std::uint64_t{byte} << shift;
      shift += 8;
    }
    return value;
  }

  Bytes rest_;
  bool failed_ = false;
};

}  // namespace nw
