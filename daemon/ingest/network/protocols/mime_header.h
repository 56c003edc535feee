// What the header of a mail, or of a part of it, says of its content: multipart or not, how encoded, the file's name
// (RFC 2045, 2046, 2183; RFC 2047 and 2231 for names that are not ASCII). Bounded.
#pragma once

#include <string>
#include <string_view>

#include "ingest/network/protocols/transfer_decoder.h"

namespace nw::network {

struct MimeContent {
  std::string boundary;  // of a multipart; empty: it is none, or none that can be taken apart
  bool message = false;  // a mail within the mail
  TransferEncoding encoding = TransferEncoding::none;
  std::string name;  // in UTF-8 where the character set is known, else as it came
};

class MimeHeaderReader {
 public:
  static constexpr std::size_t kFieldBytesMax = 4096;  // of one field, unfolded
  static constexpr std::size_t kBoundaryMax = 128;     // RFC 2046 section 5.1.1: 70

  // The next line, without its end and not empty.
  void line(std::string_view text);
  // Whether a line that goes on with the field makes a difference: the field is wanted, and not yet cut.
  [[nodiscard]] bool takes_more() const noexcept {
    return field_ != Field::other && !(cut_ && value_.size() == kFieldBytesMax);
  }
  // The header is over: what it said. The reader is as new afterwards.
  MimeContent end();
  // Something was longer than its bound, and was cut or left out.
  [[nodiscard]] bool cut() const noexcept { return cut_; }

 private:
  void take();
  void content_type(std::string_view value);

  enum class Field : std::uint8_t { type, encoding, disposition, other };

  MimeContent content_;
  Field field_ = Field::other;
  std::string value_;  // of the field, until it is whole
  std::string type_name_;
  bool cut_ = false;
};

// The value of `field`'s parameter `name`: `attachment; filename="a b.txt"` has a filename. Its sections are put
// together and its characters decoded. Empty: it has none.
std::string mime_parameter(std::string_view field, std::string_view name);

}  // namespace nw::network
