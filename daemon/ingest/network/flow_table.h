// All flows of a decoder: found by key in constant time, and in lists by how long they have been idle.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ingest/network/flow.h"

namespace nw::network {

class FlowTable {
 public:
  using IdleTimes = std::array<Nanoseconds, kIdleClasses>;

  // Memory grows with the flows that are open at once and is kept for the next ones.
  FlowTable(std::size_t flows_max, const IdleTimes& idle, std::uint64_t seed);

  [[nodiscard]] std::uint32_t hash(const FlowKey& key) const noexcept {
    return static_cast<std::uint32_t>(hash_key(key, seed_));
  }
  [[nodiscard]] std::uint32_t find(const FlowKey& key, std::uint32_t hash) const {
    return index_.find(hash, [&](std::uint32_t slot) { return (*this)[slot].key == key; });
  }
  // A fresh flow under the key; the table must not be full.
  std::uint32_t open(const FlowKey& key, std::uint32_t hash, IdleClass idle_class);
  // Takes the flow out. Its memory must have been given back.
  void close(std::uint32_t slot);
  // The flow will be closed soon.
  void prefetch(std::uint32_t slot) const noexcept {
    const auto* const line = reinterpret_cast<const char*>(&flows_[slot]);
    for (std::size_t at = 0; at < sizeof(Flow); at += kCacheLine) __builtin_prefetch(line + at);
  }
  void prefetch_index(std::uint32_t slot) const noexcept { index_.prefetch((*this)[slot].hash); }
  // The flow had a packet: it is the last to time out in its class.
  void touch(std::uint32_t slot, IdleClass idle_class);

  [[nodiscard]] Flow& operator[](std::uint32_t slot) const noexcept { return flows_[slot]; }
  [[nodiscard]] bool full() const noexcept { return size_ == flows_max_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  // A packet at `now` is too late for the flow.
  [[nodiscard]] bool idle(const Flow& flow, Timestamp now) const noexcept {
    return now - flow.last > idle_[static_cast<std::size_t>(flow.idle_class)];
  }
  // When the source's clock stands at `now`, the flow has been left alone for its idle time.
  [[nodiscard]] bool untouched(const Flow& flow, Timestamp now) const noexcept {
    return now - flow.touched > idle_[static_cast<std::size_t>(flow.idle_class)];
  }
  // From when on the flow counts as untouched.
  [[nodiscard]] Timestamp idle_from(const Flow& flow) const noexcept {
    return flow.touched + idle_[static_cast<std::size_t>(flow.idle_class)];
  }
  // The flow to end when the table is full: the oldest attempt when more than a quarter are TCP attempts, else the one
  // that has been left alone longest. kNoSlot: none.
  [[nodiscard]] std::uint32_t oldest() const noexcept;
  // Adds the flows that are untouched at `now` to `out`, those that have been longest so first, class by class. Looks
  // at no others.
  void idle_at(Timestamp now, std::vector<std::uint32_t>& out) const;
  // Adds every flow.
  void all(std::vector<std::uint32_t>& out) const;

 private:
  static constexpr std::size_t kCacheLine = 64;

  Pool<Flow> flows_;
  HashIndex index_;
  std::array<SlotList, kIdleClasses> lists_;
  IdleTimes idle_;
  std::size_t flows_max_, size_ = 0, attempts_ = 0;
  std::uint64_t seed_;
};

}  // namespace nw::network
