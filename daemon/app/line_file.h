// A log file read from start to end, for replay; of a Windows event log file (EVTX) the lines are its records as XML.
// Following a growing file is the `file` transport's work.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/evtx_records.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "base/time.h"

namespace nw::app {

class LineFile {
 public:
  // "-" is standard input. Errors: not_found, no_permission, io.
  static Result<LineFile> open(const std::string& path, std::size_t line_bytes_max);

  // Hands over up to `most` lines without their line ends (`too_long`: cut at the limit, the rest was skipped) and says
  // how many; 0 at the end.
  Result<std::size_t> read(std::size_t most, FunctionRef<void(std::string_view line, bool too_long)> take);
  // When the file was last written, for lines that state no time; the clock's time for standard input.
  [[nodiscard]] Timestamp modified() const noexcept { return modified_; }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return records_ ? records_->bytes_read() : bytes_; }
  [[nodiscard]] std::uint64_t bytes_all() const noexcept { return size_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::unique_ptr<EvtxRecords> records_;  // null: it is lines
  std::string path_, buffer_;
  std::size_t at_ = 0, line_bytes_max_ = 0;
  std::uint64_t bytes_ = 0, size_ = 0;
  bool ended_ = false, skipping_ = false;
  Timestamp modified_{};
};

// The time that a line states in full at its front (RFC 5424, or an ISO 8601 stamp), read without parsing the rest:
// lines that lack a year are placed near the last one that has it.
std::optional<Timestamp> stated_time(std::string_view line);

// What a file to be replayed is: empty for a capture, else its row in logs::formats(). By content first; a file that is
// no capture but named like one is an error, not a log. "-" is a capture unless `format` names a log format.
// Errors: not_found, no_permission, malformed, invalid_argument (no such format).
Result<std::string> replay_format(const std::string& path, const std::string& format);

// Whether the first line of a file of JSON lines is a Windows event, by the names in it.
bool holds_windows_events(const std::string& path);

}  // namespace nw::app
