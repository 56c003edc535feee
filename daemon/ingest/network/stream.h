// One direction of a TCP connection, put back in order. Overlap: what arrived first stays. A hole is given up when the
// other side acknowledged beyond it, and at the end. When memory is full, what came behind the hole is dropped; where
// nobody acknowledges (one direction alone is captured), the hole is given up instead.
#pragma once

#include <cstdint>

#include "base/byte_reader.h"
#include "ingest/network/segments.h"

namespace nw::network {

// Who takes the bytes of a Stream, for the length of one call.
class StreamTaker {
 public:
  // The contiguous bytes that wait. Returns how many are done with, or kStop: no more bytes then, headers only.
  virtual std::size_t data(Bytes bytes) = 0;
  // `bytes` are missing; what waited has been dropped.
  virtual void gap(std::uint64_t bytes) = 0;
  // Memory is full: `bytes` that had come were dropped.
  virtual void evicted(std::uint64_t bytes) = 0;
  // Memory is full: so were `bytes` that lie behind a hole, and will be part of it.
  virtual void unheld(std::uint64_t bytes) = 0;
  // `bytes_max` wait and nothing was done with them: these `bytes` are dropped. Whether more are wanted.
  virtual bool overflow(std::uint64_t bytes) = 0;

  static constexpr std::size_t kStop = static_cast<std::size_t>(-1);
  std::size_t bytes_max = 64 * 1024;  // contiguous and waiting
  std::size_t held_max = 64 * 1024;   // out of order and held
  std::size_t fresh = 0;              // of the bytes that data() gets, so many at the end come for the first time

 protected:
  ~StreamTaker() = default;
};

class Stream {
 public:
  // The sequence number of the first byte: exact after a SYN, else the first that was seen.
  void open(std::uint32_t first, bool exact) noexcept;
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  // Nothing is missing since the connection's first byte.
  [[nodiscard]] bool from_start() const noexcept { return exact_ && missed_ == 0; }
  // Bytes are wanted: hold and hand on. Otherwise only positions are followed.
  void want(bool wanted) noexcept { wanted_ = wanted; }

  // `length` bytes at `sequence`, of which the capture has the first `data.size()`.
  void segment(std::uint32_t sequence, Bytes data, std::uint32_t length, bool fin, SegmentMemory& memory,
               StreamTaker& taker);
  // The other side acknowledged everything before `acknowledgement`, all of it seen or lost.
  void acknowledged(std::uint32_t acknowledgement, SegmentMemory& memory, StreamTaker& taker);
  // That would be nothing new.
  [[nodiscard]] bool knows(std::uint32_t acknowledgement) const noexcept {
    return !open_ || (acked_known_ != 0 && place(acknowledgement, next_) <= acked());
  }
  // The other side is not heard any more.
  void unheard() noexcept { acked_known_ = 0; }
  // Hands the bytes that wait on again: the taker has learned something.
  void offer(SegmentMemory& memory, StreamTaker& taker);
  // The end of the connection: every hole is given up. `unseen`: bytes that were acknowledged behind all that was seen.
  void finish(std::uint64_t unseen, SegmentMemory& memory, StreamTaker& taker);
  // Bytes are no longer wanted; what waits is dropped.
  void stop(SegmentMemory& memory) noexcept;
  // Gives all memory back.
  void clear(SegmentMemory& memory) noexcept;

  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  [[nodiscard]] bool waits(const SegmentMemory& memory) const noexcept { return !waiting(memory).empty(); }

 private:
  static constexpr std::uint32_t kNoBacklog = (std::uint32_t{1} << 29U) - 1;
  static_assert(SegmentMemory::kBacklogSlotMax < kNoBacklog);

  [[nodiscard]] std::int64_t place(std::uint32_t sequence, std::int64_t near) const noexcept {
    const std::uint32_t here = base_ + static_cast<std::uint32_t>(near);
    return near + static_cast<std::int32_t>(sequence - here);
  }
  void in_order(std::int64_t start, Bytes data, std::int64_t end, SegmentMemory& memory, StreamTaker& taker);
  void out_of_order(std::int64_t start, Bytes data, std::int64_t end, SegmentMemory& memory, StreamTaker& taker);
  void skip_to(std::int64_t end, SegmentMemory& memory, StreamTaker& taker);
  void lose(std::uint64_t bytes, SegmentMemory& memory, StreamTaker& taker);
  [[nodiscard]] std::int64_t acked() const noexcept { return acked_known_ != 0 ? place(acked_, next_) : 0; }
  [[nodiscard]] std::int64_t fin() const noexcept { return place(fin_, next_); }
  void drain(SegmentMemory& memory, StreamTaker& taker);
  void deliver(Bytes data, SegmentMemory& memory, StreamTaker& taker);
  bool deliver_behind(Bytes& data, SegmentMemory& memory, StreamTaker& taker);
  bool wait(Bytes data, SegmentMemory& memory);
  void consume(std::size_t done, SegmentMemory& memory) noexcept;
  void drop_waiting(SegmentMemory& memory) noexcept;
  [[nodiscard]] Bytes waiting(const SegmentMemory& memory) const noexcept;
  [[nodiscard]] std::int64_t held_from(const SegmentMemory& memory) const noexcept;
  Backlog* backlog(SegmentMemory& memory);
  void tidy(SegmentMemory& memory) noexcept;

  std::int64_t next_ = 0;  // from base_: the first byte not handed on
  std::uint64_t missed_ : 62 = 0, acked_known_ : 1 = 0, fin_known_ : 1 = 0;
  std::uint32_t base_ = 0, acked_ = 0, fin_ = 0;  // sequence numbers; no window reaches as far as they do from next_
  // Its slot in the SegmentMemory while anything waits or is held, else kNoBacklog.
  std::uint32_t backlog_ : 29 = kNoBacklog;
  bool open_ : 1 = false, exact_ : 1 = false, wanted_ : 1 = false;
};

}  // namespace nw::network
