// Lines of UTF-16 to UTF-8, as LineFramer does it for bytes (Windows writes such logs). Unicode 15, 3.9: a surrogate
// that stands alone becomes U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/logs/transports/line_framer.h"

namespace nw::logs {

class Utf16Lines {
 public:
  enum class Order : std::uint8_t { little, big };
  // Holds at most twice `line_bytes_max` bytes of UTF-16, and hands over at most `line_bytes_max` of UTF-8.
  Utf16Lines(Order order, std::size_t line_bytes_max) : line_bytes_max_{line_bytes_max}, order_{order} {}

  void feed(std::string_view chunk, LineFramer::Take take);
  void finish(LineFramer::Take take);
  [[nodiscard]] std::size_t held() const noexcept { return held_.size() + half_.size(); }
  [[nodiscard]] std::uint64_t line_at() const noexcept { return line_at_; }
  // An even offset, as that of every line is.
  void start_at(std::uint64_t offset) noexcept { fed_ = line_at_ = offset; }
  [[nodiscard]] bool skipping() const noexcept { return skipping_; }
  void start_skipping() { skipping_ = true; }

 private:
  void feed_units(std::string_view units, LineFramer::Take take);
  void hold(std::string_view units, LineFramer::Take take);
  void give(LineFramer::Take take, bool cut);
  [[nodiscard]] unsigned unit_at(std::string_view units, std::size_t at) const;

  std::string held_, text_;
  std::string half_;  // of a unit that the end of a chunk cut in two
  std::size_t line_bytes_max_;
  std::uint64_t fed_ = 0, line_at_ = 0;
  Order order_;
  bool skipping_ = false;
};

}  // namespace nw::logs
