// Pieces of a handshake, numbered by offset, put in order: QUIC's CRYPTO frames, DTLS's fragments. They come in any
// order, twice and overlapping; where they overlap the later piece counts.
#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"

namespace nw::network {

class OrderedPieces {
 public:
  static constexpr std::size_t kBytesMax = 16 * 1024;  // beyond what was taken
  static constexpr std::size_t kPiecesMax = 64;        // with holes between them, besides what is in order

  // False when a bound would be passed; the piece is left out then.
  [[nodiscard]] bool add(std::uint64_t offset, Bytes piece);
  // What is in order and was not taken. Valid until the next call of another function.
  [[nodiscard]] Bytes ready() const noexcept;
  // Bytes that are there and were not taken, in order or not.
  [[nodiscard]] std::size_t size() const noexcept;
  // The ready bytes are done with.
  void take();
  // From offset 0 again.
  void clear();

 private:
  struct Range {
    std::uint64_t begin, end;
  };

  std::uint64_t taken_ = 0;
  std::vector<std::uint8_t> bytes_;  // from offset taken_
  std::vector<Range> there_;         // sorted, apart from one another
};

}  // namespace nw::network
