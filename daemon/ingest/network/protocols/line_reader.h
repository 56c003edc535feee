// Lines of a text protocol, one direction of a connection, bounded.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

class LineReader {
 public:
  struct Line {
    Bytes text;        // without CR LF; views the input
    bool cut = false;  // it went on; the rest is skipped
  };

  // Of a line that is longer, line end included, only so many bytes are shown.
  explicit LineReader(std::size_t bytes_max) noexcept : bytes_max_{bytes_max} {}

  // Takes the next line off `reader`, which never fails. Nothing: its end has not come yet, or all was skipped.
  std::optional<Line> next(ByteReader& reader);
  // After a gap nobody knows where in a line the bytes go on: everything up to the next line end is skipped.
  void lost() noexcept { skipping_ = true; }

 private:
  std::size_t bytes_max_;
  bool skipping_ = false;
};

// What a probe looks at: the first line of a stream, escaped, without CR LF.
class FirstLine {
 public:
  explicit FirstLine(Bytes stream);
  [[nodiscard]] std::string_view text() const noexcept { return text_.view(); }
  [[nodiscard]] bool whole() const noexcept { return whole_; }  // its end has come, or it is longer than any greeting

 private:
  static constexpr std::size_t kBytesMax = 512;

  TextBuffer text_;
  bool whole_ = false;
};

}  // namespace nw::network
