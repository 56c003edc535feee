// A time as somebody's own lines write it. Pure; reading allocates nothing.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/logs/formats/log_time.h"

namespace nw::logs {

// "iso" (scan_iso_time), "bsd" (scan_bsd_time), "epoch" (parse_epoch), or directives as strftime has them, with what
// stands between them: %Y %y %m %b %d %H %I %p %M %S %f (decimals of the second) %z (Z, +01:00, +0100) %%.
class TimeFormat {
 public:
  // invalid_argument: what is wrong with it.
  static Result<TimeFormat> parse(std::string_view text);

  // All of `text`. A missing year is the one that brings the time nearest to `received`.
  [[nodiscard]] bool read(std::string_view text, Timestamp received, std::chrono::minutes zone, LogTime& out) const;

 private:
  enum class Kind : unsigned char { iso, bsd, epoch, directives };
  bool read_directives(std::string_view text, Timestamp received, std::chrono::minutes zone, LogTime& out) const;

  Kind kind_ = Kind::iso;
  std::string directives_;
};

}  // namespace nw::logs
