// Bytes that wait for others: pooled memory with a budget, and sorted lists of pieces. TCP reassembly and IP
// defragmentation both stand on it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/byte_reader.h"
#include "ingest/network/slots.h"

namespace nw::network {

// A run of memory of a power-of-two size. Empty: none.
struct Block {
  std::unique_ptr<std::uint8_t[]> memory;
  std::size_t capacity = 0;
};

// A piece of a stream or datagram: [start, end), with its bytes or (headers only) without.
struct Segment {
  std::int64_t start = 0, end = 0;
  Block block;
  std::uint32_t next = kNoSlot;

  [[nodiscard]] Bytes bytes() const noexcept {
    return block.capacity == 0 ? Bytes{} : Bytes{block.memory.get(), static_cast<std::size_t>(end - start)};
  }
};

class SegmentMemory;

// Disjoint pieces in order. Where pieces overlap, what came first stays.
class SegmentList {
 public:
  [[nodiscard]] bool empty() const noexcept { return first_ == kNoSlot; }
  [[nodiscard]] std::uint32_t front() const noexcept { return first_; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t cost() const noexcept { return cost_; }  // bytes of the budget

  // Adds what of [start, end) is not there yet. `bytes` is all of it, or empty for ranges without bytes, which then
  // join their neighbours. False when memory ran out; what was added by then stays.
  bool insert(SegmentMemory& memory, std::int64_t start, std::int64_t end, Bytes bytes);
  // Takes the first piece out; the caller releases it. Must not be empty.
  std::uint32_t pop_front(SegmentMemory& memory) noexcept;
  void clear(SegmentMemory& memory) noexcept;
  // Bytes in all pieces together.
  [[nodiscard]] std::int64_t covered() const noexcept { return covered_; }
  // Gives back the bytes of a piece of the list; its range stays.
  void forget_bytes(SegmentMemory& memory, std::uint32_t segment) noexcept;

 private:
  std::uint32_t first_ = kNoSlot, last_ = kNoSlot;
  std::uint32_t count_ = 0;
  std::size_t cost_ = 0;
  std::int64_t covered_ = 0;
};

// What waits of one direction of a connection. Kept apart from it, since most have nothing that waits.
struct Backlog {
  SegmentList held;  // behind a hole
  Block waiting;     // contiguous, but not done with: [head, head + size)
  std::size_t head = 0, size = 0;

  [[nodiscard]] bool empty() const noexcept { return held.empty() && size == 0; }
  [[nodiscard]] Bytes bytes() const noexcept { return Bytes{waiting.memory.get() + head, size}; }
};

// What is handed out and what is kept for reuse together never pass the budget.
class SegmentMemory {
 public:
  // At most kBytesMax.
  explicit SegmentMemory(std::size_t bytes_max) : bytes_max_{std::min(bytes_max, kBytesMax)} {}

  // A block of at least `size` bytes (1 to kBlockMax), or an empty one when the budget is spent.
  Block acquire(std::size_t size);
  void release(Block&& block) noexcept;

  // A segment with a copy of `bytes`, or without bytes when those are empty; kNoSlot when the budget is spent.
  std::uint32_t acquire_segment(std::int64_t start, std::int64_t end, Bytes bytes);
  void release_segment(std::uint32_t segment) noexcept;
  // Valid until the next acquire_segment().
  [[nodiscard]] Segment& operator[](std::uint32_t segment) noexcept { return segments_[segment]; }
  [[nodiscard]] const Segment& operator[](std::uint32_t segment) const noexcept { return segments_[segment]; }

  // An empty one, or kNoSlot when the budget is spent. It must be empty again when it is given back.
  std::uint32_t acquire_backlog();
  void release_backlog(std::uint32_t backlog) noexcept;
  // Keeps its place.
  [[nodiscard]] Backlog& backlog(std::uint32_t slot) const noexcept { return backlogs_[slot]; }

  // Takes `size` bytes of the budget for memory that the caller holds elsewhere; give_back() returns them.
  [[nodiscard]] bool charge(std::size_t size) noexcept;
  void give_back(std::size_t size) noexcept { in_use_ -= size; }

  [[nodiscard]] std::size_t in_use() const noexcept { return in_use_; }

  static constexpr std::size_t kBlockMax = std::size_t{1} << 24;
  static constexpr std::size_t kBytesMax = std::size_t{1} << 34;
  // No slot of a backlog is larger, since each takes its share of the budget.
  static constexpr std::uint32_t kBacklogSlotMax = (kBytesMax / sizeof(Backlog)) + 256;

 private:
  static constexpr unsigned kSmallest = 8;  // 256 bytes
  static constexpr std::size_t kClasses = 17;
  static std::size_t class_of(std::size_t capacity) noexcept;
  bool make_room(std::size_t size) noexcept;

  std::array<std::vector<Block>, kClasses> free_;
  std::vector<Segment> segments_;
  std::vector<std::uint32_t> free_segments_;
  Pool<Backlog> backlogs_;
  std::size_t bytes_max_, in_use_ = 0, idle_ = 0;
};

}  // namespace nw::network
