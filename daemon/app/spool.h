// Lines that wait on disk because what follows is full: written at one end, read at the other, in order. They outlive
// the daemon.
//
//   <directory>/<number>.lines   frames (frames.h), each a line; a run of the daemon begins files of its own
//   <directory>/position         a frame: where reading goes on, and which number is next
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>

#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"
#include "record/ledger/durable_file.h"

namespace nw::app {

// One line that waits, with text of its own.
struct WaitingLine {
  std::string text;
  Timestamp receive_time{};
  std::optional<IpAddress> peer = {};
  bool too_long = false;
  std::uint64_t place = 0;  // as ArrivedLine's; what comes out of a spool has one
};

class Spool {
 public:
  struct Options {
    std::filesystem::path directory;
    std::uint64_t bytes_max = std::uint64_t{1} << 30;
    std::uint64_t segment_bytes = std::uint64_t{4} << 20;  // as much is read at once
  };
  // Takes up what a run before has left; what a crash cut off at a file's end is passed over. Errors: io, full,
  // no_permission. `ops` must outlive it.
  static Result<Spool> open(const Options& options, record::FileOps& ops = record::system_files());

  // Errors: full (bytes_max is reached, or the disk), io. Then the line is not in it.
  Result<> push(const WaitingLine& line);
  // What was pushed is on disk when it returns.
  Result<> sync();
  // The oldest line that was not taken yet, or nothing. Errors: io; malformed: the rest of a file is damaged and is
  // passed over.
  Result<std::optional<WaitingLine>> take();
  // Behind the last line taken.
  struct Position {
    std::uint64_t number = 0, offset = 0;
  };
  [[nodiscard]] Position position() const noexcept;
  // What was taken before `position` never comes again: it is kept on disk, and files that are done with are removed.
  Result<> forget(const Position& position);

  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }  // not taken yet
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  // on disk

 private:
  struct Segment {
    std::uint64_t number = 0, bytes = 0;
    std::uint64_t lines = 0;  // not taken yet
  };
  Spool(const Options& options, record::FileOps& ops) : options_{options}, ops_{&ops} {}
  [[nodiscard]] std::filesystem::path path_of(std::uint64_t number) const;
  Result<> take_up();
  Result<> begin_segment();
  Result<> fill();

  Options options_;
  record::FileOps* ops_;
  std::deque<Segment> segments_;  // oldest first; the first is read
  record::Fd write_;              // of the last one; closed: it belongs to a run before
  std::uint64_t offset_ = 0;      // in the first one: behind the last line taken
  std::string buffer_;            // of the first one, from buffer_offset_ on
  std::uint64_t buffer_offset_ = 0;
  std::uint64_t next_number_ = 1;
  std::uint64_t lines_ = 0, bytes_ = 0;
  std::deque<Segment> done_;  // read to their end, not forgotten yet
  bool unsynced_ = false;
};

}  // namespace nw::app
