// Pooled slots, and the two index structures over them: a hash index, and lists threaded through the slots. Slots are
// numbers; nothing here allocates in the steady state.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

namespace nw::network {

constexpr std::uint32_t kNoSlot = 0xffffffff;

// Values that keep their place. Memory grows with those that are taken at once and is kept for the next ones.
template <class T>
class Pool {
 public:
  // A free slot, with whatever its last owner left in it.
  std::uint32_t take() {
    if (free_.empty()) {
      const std::uint32_t first = capacity();
      chunks_.push_back(std::make_unique<T[]>(kChunk));
      free_.reserve(capacity());
      for (std::uint32_t i = kChunk; i-- > 0;) free_.push_back(first + i);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void give_back(std::uint32_t slot) noexcept { free_.push_back(slot); }

  // `slot` was taken.
  [[nodiscard]] T& operator[](std::uint32_t slot) const noexcept {
    return chunks_.data()[slot / kChunk].get()[slot % kChunk];
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return static_cast<std::uint32_t>(chunks_.size()) * kChunk; }

 private:
  static constexpr std::uint32_t kChunk = 256;

  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<std::uint32_t> free_;
};

// Open addressing with linear probing; at most half full. Deletion shifts back, so there are no tombstones.
class HashIndex {
 public:
  explicit HashIndex(std::size_t entries_max)
      : cells_(std::bit_ceil(entries_max * 2 + 2)), mask_{static_cast<std::uint32_t>(cells_.size() - 1)} {}

  // The slot with this hash for which same(slot) holds, or kNoSlot.
  template <class Same>
  [[nodiscard]] std::uint32_t find(std::uint32_t hash, Same&& same) const {
    const Cell* const cells = cells_.data();
    for (std::uint32_t i = hash & mask_; cells[i].slot != kNoSlot; i = (i + 1) & mask_)
      if (cells[i].hash == hash && same(cells[i].slot)) return cells[i].slot;
    return kNoSlot;
  }

  // Soon asked for.
  void prefetch(std::uint32_t hash) const noexcept { __builtin_prefetch(&cells_[hash & mask_]); }

  // The caller keeps to entries_max.
  void insert(std::uint32_t hash, std::uint32_t slot) {
    std::uint32_t i = hash & mask_;
    while (cells_[i].slot != kNoSlot) i = (i + 1) & mask_;
    cells_[i] = {hash, slot};
  }

  // `slot` must be there under `hash`.
  void erase(std::uint32_t hash, std::uint32_t slot) {
    std::uint32_t hole = hash & mask_;
    while (cells_[hole].slot != slot) hole = (hole + 1) & mask_;
    for (std::uint32_t i = (hole + 1) & mask_; cells_[i].slot != kNoSlot; i = (i + 1) & mask_) {
      const std::uint32_t distance = (i - (cells_[i].hash & mask_)) & mask_;
      if (distance < ((i - hole) & mask_)) continue;
      cells_[hole] = cells_[i];
      hole = i;
    }
    cells_[hole].slot = kNoSlot;
  }

 private:
  struct Cell {
    std::uint32_t hash = 0, slot = kNoSlot;
  };
  std::vector<Cell> cells_;
  std::uint32_t mask_;
};

struct Links {
  std::uint32_t previous = kNoSlot, next = kNoSlot;
};

// A list through `slots[i].links`; oldest first.
class SlotList {
 public:
  [[nodiscard]] std::uint32_t front() const noexcept { return first_; }
  [[nodiscard]] std::uint32_t back() const noexcept { return last_; }

  template <class Slots>
  void push_back(Slots& slots, std::uint32_t slot) {
    slots[slot].links = {last_, kNoSlot};
    (last_ == kNoSlot ? first_ : slots[last_].links.next) = slot;
    last_ = slot;
  }

  template <class Slots>
  void remove(Slots& slots, std::uint32_t slot) {
    const Links links = slots[slot].links;
    (links.previous == kNoSlot ? first_ : slots[links.previous].links.next) = links.next;
    (links.next == kNoSlot ? last_ : slots[links.next].links.previous) = links.previous;
  }

 private:
  std::uint32_t first_ = kNoSlot, last_ = kNoSlot;
};

}  // namespace nw::network
