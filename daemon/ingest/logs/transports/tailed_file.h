// One file that is followed: what is read of it, how far, and what is safe of that. It reads from the file itself, or
// from what rotation made of it: a copy, or a compressed one. Knows nothing of other files.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ingest/logs/transports/line_framer.h"
#include "ingest/logs/transports/packed_file.h"
#include "ingest/logs/transports/siblings.h"
#include "ingest/logs/transports/tail_state.h"
#include "ingest/logs/transports/transport.h"
#include "ingest/logs/transports/utf16_lines.h"

namespace nw::logs {

class TailedFile {
 public:
  using Clock = std::chrono::steady_clock;
  using Give = FunctionRef<void(std::string_view line, std::uint64_t place, bool too_long)>;

  TailedFile(std::uint64_t serial, TailRecord record, std::size_t line_bytes_max);

  // Goes on in it from where we were. False: its bytes are not ours.
  bool take(FileHandle file);
  // The same in the unpacked stream. What is before the offset is read first; fetch() says `others` when it turns out
  // not to be ours.
  bool take(std::unique_ptr<PackedFile> packed, FileId id);
  // Whether it is the very file that was read before: not its name, but its inode, and that not used again.
  [[nodiscard]] bool is_same(int descriptor, const struct stat& info) const;
  // Position and half a line stay.
  void close();
  [[nodiscard]] bool is_open() const noexcept { return file_.is_open() || packed_ != nullptr; }
  [[nodiscard]] bool is_packed() const noexcept { return packed_ != nullptr; }
  [[nodiscard]] int descriptor() const noexcept { return packed_ ? packed_->descriptor() : file_.get(); }
  // Whether a file holds our first bytes, and those before our offset.
  [[nodiscard]] bool continues_in(int descriptor, const struct stat& info) const;
  // Whether these first bytes, of a stream of which they are all when `whole`, are those of this file.
  [[nodiscard]] bool begins_like(std::string_view head, bool whole) const;

  enum class Fetched : std::uint8_t {
    bytes,     // hand_over() has something to do
    passing,   // bytes before the offset; ask again
    nothing,   // the end, for now
    ended,     // the end of a compressed file
    cut,       // a compressed file ends too early; it may still be in the writing
    damaged,   // a compressed file cannot be unpacked further
    replaced,  // truncated, or written anew
    others,    // the compressed file is another's
    failed,    // errno says why
  };
  // At most one buffer full. Borrows `buffer` until hand_over().
  Fetched fetch(std::vector<char>& buffer);
  // The lines of what was fetched.
  void hand_over(Give give);
  [[nodiscard]] std::size_t fetched() const noexcept { return fetched_.size(); }
  // What was held of a line whose end will not come.
  void flush(Give give);

  // Everything up to here was given to the sink before `mark`.
  void remember(const SinkMark& mark);
  // True when more is safe than before.
  bool settle(LineSink& sink);
  [[nodiscard]] bool all_safe() const noexcept { return pending_.empty(); }

  [[nodiscard]] TailRecord record() const;
  [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }
  [[nodiscard]] std::uint64_t offset() const noexcept { return position_; }
  [[nodiscard]] std::uint64_t identity() const noexcept { return record_.identity; }
  [[nodiscard]] const std::string& path() const noexcept { return record_.path; }
  [[nodiscard]] const std::string& real() const noexcept { return record_.real; }
  [[nodiscard]] FileId id() const noexcept { return id_; }
  [[nodiscard]] std::int64_t modified() const noexcept { return record_.modified; }
  [[nodiscard]] std::uint64_t inode() const noexcept { return record_.inode; }
  [[nodiscard]] const Print& head() const noexcept { return record_.head; }
  [[nodiscard]] const Print& tail() const noexcept { return tail_print_; }
  void rename(std::string path) { record_.path = std::move(path); }
  // When it was last written to while nothing was in it that had been read; nothing otherwise.
  [[nodiscard]] std::optional<std::int64_t> modified_when_empty() const noexcept { return modified_when_empty_; }

  // For TailSet, which keeps it.
  std::string at;                                   // its path now; empty: no name that matches
  std::uint64_t seen = 0;                           // the last look at the folders that found it
  std::optional<Clock::time_point> replaced, gone;  // since when another has its name, or nothing has
  Clock::time_point grew = Clock::now();
  std::uint64_t known_size = 0;  // when last looked at
  bool queued = false, drained = false;
  bool located = false;            // it is known where it is, be it open or not
  bool stray = false;              // another has its name, but it is still found under one that matches
  bool recorded = false;           // its identity and first bytes are on disk: lines may be handed over
  bool closing = false;            // read to its end; waits until that is safe
  int searches = 0;                // in vain, while names changed
  std::deque<Sibling> candidates;  // compressed files that begin like this one
  std::vector<FileId> rejected;    // those of them that proved to be others

 private:
  struct Position {
    std::uint64_t offset = 0;
    Print tail;
    bool skipping = false;
  };
  struct Pending {
    SinkMark mark;
    Position position;
  };

  Fetched fetch_plain(std::vector<char>& buffer);
  Fetched fetch_packed(std::vector<char>& buffer);
  Fetched pass(std::vector<char>& buffer);
  [[nodiscard]] bool was_replaced();
  void grow_head();
  [[nodiscard]] std::uint64_t place_of(std::string_view line) const;
  // Decided by the first bytes; those are behind us when it goes on.
  void choose_framing();
  [[nodiscard]] Position position() const;
  template <class F>
  auto framing(F&& f) const {
    return wide_ ? f(*wide_) : f(lines_);
  }
  void feed(std::string_view bytes, Give give);

  std::uint64_t serial_;
  TailRecord record_;  // path, real, identity, head, modified; the rest is made when asked for
  std::size_t line_bytes_max_;
  FileId id_;
  FileHandle file_;
  std::unique_ptr<PackedFile> packed_;
  std::uint64_t passed_ = 0;  // of a compressed file's bytes before the offset
  std::string passed_tail_;

  std::uint64_t position_ = 0;  // behind the last byte that was fed
  std::string head_, tail_;     // the first bytes; those before `position_`. Empty until it is open
  Print tail_print_;
  std::int64_t checked_modified_ = -1;
  std::optional<std::int64_t> modified_when_empty_;
  std::uint64_t checked_size_ = 0;

  LineFramer lines_;
  std::optional<Utf16Lines> wide_;
  std::string_view fetched_;  // in the buffer, behind `fetched_before_` bytes that were there before
  std::size_t fetched_before_ = 0;
  Position now_, safe_;  // of the last line's end; what the sink said of it
  std::deque<Pending> pending_;
};

}  // namespace nw::logs
