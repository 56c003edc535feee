// RESP, Redis' serialisation protocol, versions 2 and 3: one element after another, whatever holds them.
// | type u8 | line \r\n | or, for texts, | type u8 | length \r\n | bytes | \r\n |; | type u8 | count \r\n | elements |
// for what has elements.
#pragma once

#include <array>
#include <cstdint>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct RespElement {
  char type = 0;  // '+' text, '-' error, ':' number, '$' bulk text, '*' array, ...; 'i': a client's plain line
  bool null = false;
  std::uint64_t count = 0;  // elements inside
  Bytes text;               // of what has none: its first RespReader::kTextMax bytes
  std::size_t depth = 0;    // how many others it is in
  bool attribute = false;   // it is, or is in, an attribute: said beside the reply
};

// Reads one direction. Texts beyond the bound pass by, so that a reply of any size needs no more memory than this. Of a
// client all is taken that Redis takes: the byte behind a line's \r, and the two behind a text, may be any.
class RespReader {
 public:
  static constexpr std::size_t kTextMax = 1024, kLineMax = 16 * 1024, kDepthMax = 16;
  static constexpr std::uint64_t kBulkMax = 512ULL << 20U, kCountMax = 1ULL << 20U;

  enum class Got : std::uint8_t { element, more, fault };
  // The next element, behind which `reader` then is. `fault`: these bytes are no RESP; fault() says why.
  Got next(ByteReader& reader, RespElement& out, bool from_client);
  // Whether the element ended a whole message.
  [[nodiscard]] bool complete() const noexcept { return depth_ == 0 && !after_attribute_; }
  // Bytes of a long text that still pass by.
  [[nodiscard]] std::uint64_t skip() const noexcept { return skip_; }
  void skipped(std::uint64_t bytes) noexcept { skip_ -= bytes; }
  [[nodiscard]] DecodeError error() const noexcept { return error_; }
  void reset() noexcept { *this = {}; }

 private:
  struct Level {
    std::uint64_t left = 0;  // elements
    bool attribute = false;
  };

  Got fault(DecodeError error) noexcept {
    error_ = error;
    return Got::fault;
  }
  Got bulk(ByteReader& reader, std::uint64_t size, bool from_client, RespElement& out);
  Got long_line(ByteReader& reader, RespElement& out);
  void pass_line(ByteReader& reader);
  Got enter(RespElement& out);
  void leave() noexcept;

  std::array<Level, kDepthMax> levels_{};
  std::size_t depth_ = 0;
  std::uint64_t skip_ = 0;
  bool skip_line_ = false;  // a line passes by
  bool after_attribute_ = false;
  DecodeError error_ = DecodeError::bad_value;
};

}  // namespace nw::network
