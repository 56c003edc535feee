// Bytes to lines, without I/O: RFC 6587 framing as TCP senders use it, and plain lines for files.
//
//   octet counting   LENGTH SP MESSAGE          LENGTH without leading zero, MESSAGE begins with '<' or '{'
//   line feed        MESSAGE LF                 a CR before the LF is dropped
//
// Which of the two is decided anew for each message. "12 monkeys" is a line: a length counts only before '<' (syslog)
// or '{' (JSON). Empty lines are not handed over; some senders put a line feed behind counted messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/function_ref.h"

namespace nw::logs {

class LineFramer {
 public:
  enum class Mode : std::uint8_t { lines, syslog };
  // The line is borrowed for the call; `too_long`: cut at the limit, and the rest of it is skipped.
  using Take = FunctionRef<void(std::string_view line, bool too_long)>;

  // Holds at most `line_bytes_max` bytes.
  LineFramer(Mode mode, std::size_t line_bytes_max) : line_bytes_max_{line_bytes_max}, mode_{mode} {}

  void feed(std::string_view chunk, Take take);
  // The stream has ended: what is held is handed over, and the next feed() starts anew.
  void finish(Take take);

  // Bytes of a line whose end has not come yet.
  [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }
  // Where the line that is being handed over, or is held, began: bytes fed before it. Lines only.
  [[nodiscard]] std::uint64_t line_at() const noexcept { return line_at_; }
  // Counting begins here instead of at 0.
  void start_at(std::uint64_t offset) noexcept { fed_ = line_at_ = offset; }
  // Within the rest of a line that was too long; feed() drops bytes up to its end.
  [[nodiscard]] bool skipping() const noexcept { return skipping_; }
  void start_skipping() {
    state_ = State::line;
    skipping_ = true;
  }

 private:
  enum class State : std::uint8_t { start, length, line, counted };

  void start(std::string_view& chunk);
  void length(std::string_view& chunk);
  void line(std::string_view& chunk, Take take);
  void counted(std::string_view& chunk, Take take);
  void hold(std::string_view piece, Take take);
  void end_message(Take take);

  std::string held_;
  std::size_t line_bytes_max_;
  std::uint64_t left_ = 0;  // of a counted message
  std::uint64_t fed_ = 0, line_at_ = 0;
  Mode mode_;
  State state_ = State::start;
  bool skipping_ = false;
};

}  // namespace nw::logs
