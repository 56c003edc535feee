#include "ingest/network/flow_table.h"

#include <algorithm>

namespace nw::network {

FlowTable::FlowTable(std::size_t flows_max, const IdleTimes& idle, std::uint64_t seed)
    : index_{std::max<std::size_t>(flows_max, 1)},
      idle_{idle},
      flows_max_{std::max<std::size_t>(flows_max, 1)},
      seed_{seed} {}

std::uint32_t FlowTable::open(const FlowKey& key, std::uint32_t hash, IdleClass idle_class) {
  const std::uint32_t slot = flows_.take();
  Flow& flow = (*this)[slot];
  flow = Flow{};
  flow.key = key;
  flow.hash = hash;
  flow.idle_class = idle_class;
  index_.insert(hash, slot);
  lists_[static_cast<std::size_t>(idle_class)].push_back(*this, slot);
  ++size_;
  if (idle_class == IdleClass::tcp_attempt) ++attempts_;
  return slot;
}

void FlowTable::close(std::uint32_t slot) {
  Flow& flow = (*this)[slot];
  index_.erase(flow.hash, slot);
  lists_[static_cast<std::size_t>(flow.idle_class)].remove(*this, slot);
  if (flow.idle_class == IdleClass::tcp_attempt) --attempts_;
  flow.analyzer.reset();
  flows_.give_back(slot);
  --size_;
}

void FlowTable::touch(std::uint32_t slot, IdleClass idle_class) {
  Flow& flow = (*this)[slot];
  SlotList& list = lists_[static_cast<std::size_t>(flow.idle_class)];
  if (flow.idle_class == idle_class && list.back() == slot) return;
  list.remove(*this, slot);
  if (flow.idle_class == IdleClass::tcp_attempt) --attempts_;
  if (idle_class == IdleClass::tcp_attempt) ++attempts_;
  flow.idle_class = idle_class;
  lists_[static_cast<std::size_t>(idle_class)].push_back(*this, slot);
}

std::uint32_t FlowTable::oldest() const noexcept {
  // Unanswered attempts cost a stranger nothing: they do not push out those who were answered.
  if (attempts_ > size_ / 4) return lists_[static_cast<std::size_t>(IdleClass::tcp_attempt)].front();
  std::uint32_t oldest = kNoSlot;
  for (const SlotList& list : lists_) {
    const std::uint32_t slot = list.front();
    if (slot != kNoSlot && (oldest == kNoSlot || (*this)[slot].touched < (*this)[oldest].touched)) oldest = slot;
  }
  return oldest;
}

void FlowTable::idle_at(Timestamp now, std::vector<std::uint32_t>& out) const {
  for (const SlotList& list : lists_) {
    for (std::uint32_t slot = list.front(); slot != kNoSlot && untouched((*this)[slot], now);
         slot = (*this)[slot].links.next) {
      out.push_back(slot);
    }
  }
}

void FlowTable::all(std::vector<std::uint32_t>& out) const {
  for (const SlotList& list : lists_)
    for (std::uint32_t slot = list.front(); slot != kNoSlot; slot = (*this)[slot].links.next) out.push_back(slot);
}

}  // namespace nw::network
