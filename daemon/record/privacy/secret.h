// Key material: wiped when it goes, never printed, never copied by accident. Locking its page into memory is the app's
// part, which also switches core dumps off.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <openssl/crypto.h>
#include <span>
#include <string.h>

#include "base/byte_reader.h"
#include "base/function_ref.h"

namespace nw::privacy {

// Fills what it is given with random bytes. Pure code does not ask for them itself; in the daemon they are the
// kernel's.
using Random = FunctionRef<void(std::span<std::uint8_t>)>;

// A key of kSize bytes. Whoever needs a second one says clone(). There is no operator==, so that neither a test nor a
// log shows two keys that differ: see same_key().
template <std::size_t kSize>
class Secret {
 public:
  Secret() noexcept = default;  // all zero: to be filled through writable()
  // Copies, and wipes what it was copied from: one place holds a key.
  static Secret take(std::span<std::uint8_t, kSize> from) noexcept {
    Secret out = copy_of(from);
    explicit_bzero(from.data(), from.size());
    return out;
  }
  // For published test vectors and for bytes whose owner wipes them.
  static Secret copy_of(std::span<const std::uint8_t, kSize> from) noexcept {
    Secret out;
    std::memcpy(out.bytes_.data(), from.data(), kSize);
    return out;
  }
  static Secret random(Random fill) {
    Secret out;
    fill(out.bytes_);
    return out;
  }

  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_{other.bytes_} { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    bytes_ = other.bytes_;
    other.wipe();
    return *this;
  }
  ~Secret() { wipe(); }

  [[nodiscard]] Secret clone() const noexcept { return copy_of(bytes_); }
  // Valid as long as the secret; not to be stored.
  [[nodiscard]] std::span<const std::uint8_t, kSize> bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t, kSize> writable() noexcept { return bytes_; }
  void wipe() noexcept { explicit_bzero(bytes_.data(), kSize); }

  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

// Takes the same time wherever the first difference lies.
template <std::size_t kSize>
[[nodiscard]] bool same_key(const Secret<kSize>& a, const Secret<kSize>& b) noexcept {
  return CRYPTO_memcmp(a.bytes().data(), b.bytes().data(), kSize) == 0;
}

}  // namespace nw::privacy
