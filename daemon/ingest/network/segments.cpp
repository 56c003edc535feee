#include "ingest/network/segments.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace nw::network {
namespace {

std::size_t cost_of(const Segment& segment) noexcept { return sizeof(Segment) + segment.block.capacity; }

}  // namespace

std::size_t SegmentMemory::class_of(std::size_t capacity) noexcept {
  return static_cast<std::size_t>(std::countr_zero(capacity)) - kSmallest;
}

// Frees kept blocks, the largest first, until `size` more bytes fit.
bool SegmentMemory::make_room(std::size_t size) noexcept {
  if (size > bytes_max_ - in_use_) return false;
  for (std::size_t i = kClasses; i-- > 0 && in_use_ + idle_ + size > bytes_max_;) {
    while (!free_[i].empty() && in_use_ + idle_ + size > bytes_max_) {
      idle_ -= free_[i].back().capacity;
      free_[i].pop_back();
    }
  }
  return true;
}

bool SegmentMemory::charge(std::size_t size) noexcept {
  if (!make_room(size)) return false;
  in_use_ += size;
  return true;
}

Block SegmentMemory::acquire(std::size_t size) {
  if (size > kBlockMax) return {};
  const std::size_t capacity = std::bit_ceil(std::max(size, std::size_t{1} << kSmallest));
  auto& kept = free_[class_of(capacity)];
  if (!kept.empty()) {
    Block block = std::move(kept.back());
    kept.pop_back();
    idle_ -= capacity;
    in_use_ += capacity;
    return block;
  }
  if (!make_room(capacity)) return {};
  in_use_ += capacity;
  return {std::unique_ptr<std::uint8_t[]>{new std::uint8_t[capacity]}, capacity};
}

void SegmentMemory::release(Block&& block) noexcept {
  if (block.capacity == 0) return;
  in_use_ -= block.capacity;
  idle_ += block.capacity;
  const std::size_t place = class_of(block.capacity);
  free_[place].push_back(std::move(block));
  block.capacity = 0;
}

std::uint32_t SegmentMemory::acquire_segment(std::int64_t start, std::int64_t end, Bytes bytes) {
  if (!charge(sizeof(Segment))) return kNoSlot;
  Block block;
  if (!bytes.empty()) {
    block = acquire(bytes.size());
    if (block.capacity == 0) {
      in_use_ -= sizeof(Segment);
      return kNoSlot;
    }
    std::memcpy(block.memory.get(), bytes.data(), bytes.size());
  }
  if (free_segments_.empty()) {
    segments_.emplace_back();
    free_segments_.push_back(static_cast<std::uint32_t>(segments_.size() - 1));
  }
  const std::uint32_t slot = free_segments_.back();
  free_segments_.pop_back();
  Segment& segment = segments_[slot];
  segment.start = start;
  segment.end = end;
  segment.block = std::move(block);
  segment.next = kNoSlot;
  return slot;
}

void SegmentMemory::release_segment(std::uint32_t segment) noexcept {
  release(std::move(segments_[segment].block));
  in_use_ -= sizeof(Segment);
  free_segments_.push_back(segment);
}

std::uint32_t SegmentMemory::acquire_backlog() { return charge(sizeof(Backlog)) ? backlogs_.take() : kNoSlot; }

void SegmentMemory::release_backlog(std::uint32_t backlog) noexcept {
  in_use_ -= sizeof(Backlog);
  backlogs_.give_back(backlog);
}

bool SegmentList::insert(SegmentMemory& memory, std::int64_t start, std::int64_t end, Bytes bytes) {
  const bool behind_all = last_ != kNoSlot && start >= memory[last_].end;  // the usual case
  std::uint32_t before = behind_all ? last_ : kNoSlot;
  std::uint32_t at = behind_all ? kNoSlot : first_;
  for (std::int64_t from = start; from < end;) {
    while (at != kNoSlot && memory[at].end <= from) {
      before = at;
      at = memory[at].next;
    }
    if (at != kNoSlot && memory[at].start <= from) {
      from = memory[at].end;
      continue;
    }
    const std::int64_t upto = at == kNoSlot ? end : std::min(end, memory[at].start);
    if (bytes.empty() && before != kNoSlot && memory[before].end == from) {
      memory[before].end = upto;
    } else {
      const Bytes part =
          bytes.empty() ? Bytes{}
                        : bytes.subspan(static_cast<std::size_t>(from - start), static_cast<std::size_t>(upto - from));
      const std::uint32_t fresh = memory.acquire_segment(from, upto, part);
      if (fresh == kNoSlot) return false;
      memory[fresh].next = at;
      (before == kNoSlot ? first_ : memory[before].next) = fresh;
      if (at == kNoSlot) last_ = fresh;
      ++count_;
      cost_ += cost_of(memory[fresh]);
      before = fresh;
    }
    covered_ += upto - from;
    from = upto;
  }
  return true;
}

std::uint32_t SegmentList::pop_front(SegmentMemory& memory) noexcept {
  const std::uint32_t segment = first_;
  first_ = memory[segment].next;
  if (first_ == kNoSlot) last_ = kNoSlot;
  --count_;
  cost_ -= cost_of(memory[segment]);
  covered_ -= memory[segment].end - memory[segment].start;
  return segment;
}

void SegmentList::clear(SegmentMemory& memory) noexcept {
  while (!empty()) memory.release_segment(pop_front(memory));
}

void SegmentList::forget_bytes(SegmentMemory& memory, std::uint32_t segment) noexcept {
  cost_ -= memory[segment].block.capacity;
  memory.release(std::move(memory[segment].block));
  memory[segment].block = {};
}

}  // namespace nw::network
