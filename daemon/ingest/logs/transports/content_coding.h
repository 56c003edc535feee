// Content codings of HTTP (RFC 9110 section 8.4.1; zstd: RFC 8878), undone piece by piece. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace nw::logs {

enum class ContentCoding : std::uint8_t { identity, gzip, deflate, zstd };

// What a Content-Encoding field names; nothing when it is none of these, or more than one.
std::optional<ContentCoding> content_coding(std::string_view field);

class ContentDecoder {
 public:
  virtual ~ContentDecoder() = default;
  // Takes from the front of `in` and fills `out`: how many bytes it made, or -1 when the input is broken. 0 with room
  // in `out` means that the input is used up.
  virtual std::ptrdiff_t decode(std::string_view& in, std::span<char> out) = 0;
  // The input ended where it should.
  [[nodiscard]] virtual bool complete() const = 0;
};

// Not for `identity`.
std::unique_ptr<ContentDecoder> make_decoder(ContentCoding coding);

}  // namespace nw::logs
