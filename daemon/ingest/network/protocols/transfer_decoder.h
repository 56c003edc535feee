// What Content-Transfer-Encoding did to a part of a mail, undone as the bytes pass by: Base64 and quoted-printable (RFC
// 2045 sections 6.7 and 6.8). Faults are passed over, as mail programs do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

enum class TransferEncoding : std::uint8_t { none, base64, quoted_printable };

// By the field's value; what nobody knows is taken as it is.
TransferEncoding transfer_encoding(std::string_view value);

class TransferDecoder {
 public:
  // Anew.
  void begin(TransferEncoding encoding) noexcept;
  // Takes bytes off the front of `in`, which is not empty, and returns what they were; it may be nothing. Valid until
  // the next call, and until `in` is gone.
  Bytes decode(Bytes& in);
  // What was held back because more could have come. Valid until the next call.
  Bytes end();
  // So many bytes are missing here; returns how many they were, about.
  std::uint64_t gap(std::uint64_t bytes) noexcept;

 private:
  static constexpr std::size_t kOutMax = 1024;  // made in one call
  static constexpr std::size_t kHeldMax = 80;   // blanks before the end of a line; its lines have 76 characters

  void base64(Bytes& in) noexcept;
  void quoted(Bytes& in) noexcept;
  void quoted(std::uint8_t byte) noexcept;
  void behind_equals(std::uint8_t byte) noexcept;
  void put(std::uint8_t byte) noexcept { out_[size_++] = byte; }
  void put_held() noexcept;

  TransferEncoding encoding_ = TransferEncoding::none;
  std::array<std::uint8_t, kOutMax + kHeldMax + 4> out_{};
  std::size_t size_ = 0;
  // Base64: `bits_` characters of a group of four came. Quoted-printable: what is held back, which may be nothing at
  // the end of a line: an `=` with what followed it, or blanks.
  std::uint32_t group_ = 0;
  unsigned bits_ = 0;
  bool over_ = false;  // Base64's padding came
  std::array<std::uint8_t, kHeldMax> held_{};
  std::size_t held_size_ = 0;
};

}  // namespace nw::network
