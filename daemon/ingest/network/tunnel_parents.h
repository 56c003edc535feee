// Which flows carried a flow. Kept beside the flow table, since few flows are tunnelled.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "ingest/network/slots.h"
#include "ingest/network/uid.h"

namespace nw::network {

// Both directions of a tunnel over UDP, and a change of its ports; further ones are left out.
constexpr std::size_t kTunnelParentsMax = 4;

class TunnelParents {
 public:
  // Adds `parent` to the list at `slot` (kNoSlot: a new one), once. Returns the slot.
  std::uint32_t add(std::uint32_t slot, const Uid& parent) {
    if (slot == kNoSlot) {
      slot = lists_.take();
      lists_[slot].size = 0;
    }
    List& list = lists_[slot];
    for (std::size_t i = 0; i < list.size; ++i)
      if (list.uids[i] == parent) return slot;
    if (list.size < kTunnelParentsMax) list.uids[list.size++] = parent;
    return slot;
  }
  void close(std::uint32_t slot) noexcept { lists_.give_back(slot); }
  // In the order they were seen.
  [[nodiscard]] std::span<const Uid> operator[](std::uint32_t slot) const noexcept {
    return std::span{lists_[slot].uids}.first(lists_[slot].size);
  }

 private:
  struct List {
    std::array<Uid, kTunnelParentsMax> uids{};
    std::size_t size = 0;
  };

  Pool<List> lists_;
};

}  // namespace nw::network
