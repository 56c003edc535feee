#include "ingest/network/expected_flows.h"

#include "ingest/network/transport.h"

namespace nw::network {

std::uint32_t ExpectedFlows::find(const FlowKey& key) const {
  return index_.find(static_cast<std::uint32_t>(hash_key(key, seed_)),
                     [&](std::uint32_t slot) { return entries_[slot].key == key; });
}

void ExpectedFlows::remove(std::uint32_t slot) {
  index_.erase(entries_[slot].hash, slot);
  list_.remove(entries_, slot);
  entries_.give_back(slot);
  --size_;
}

void ExpectedFlows::add(const ExpectedFlow& flow, std::uint16_t protocol, std::uint32_t realm, Timestamp now) {
  const std::uint8_t transport = flow.transport == Transport::tcp ? kTcp : kUdp;
  const FlowKey key = make_key(flow.originator, 0, flow.responder, flow.port, transport, false, realm).key;
  if (const std::uint32_t known = find(key); known != kNoSlot) remove(known);
  if (size_ == kFlowsMax) {
    ++evicted_;
    remove(list_.front());
  }
  const std::uint32_t slot = entries_.take();
  Entry& entry = entries_[slot];
  entry.key = key;
  entry.hash = static_cast<std::uint32_t>(hash_key(key, seed_));
  entry.until = now + kLifetime;
  entry.protocol = protocol;
  entry.note = flow.note.substr(0, kNoteMax);
  index_.insert(entry.hash, slot);
  list_.push_back(entries_, slot);
  ++size_;
}

std::optional<ExpectedFlows::Found> ExpectedFlows::take(const FlowKey& key, Timestamp now) {
  if (size_ == 0) return {};
  // Of a flow that is met in its middle nobody knows who opened it.
  for (const bool to_a : {false, true}) {
    const FlowKey wanted = make_key(key.a, to_a ? key.a_port : std::uint16_t{0}, key.b,
                                    to_a ? std::uint16_t{0} : key.b_port, key.protocol, key.one_way, key.realm)
                               .key;
    const std::uint32_t slot = find(wanted);
    if (slot == kNoSlot) continue;
    const Entry& entry = entries_[slot];
    const bool in_time = now <= entry.until;
    const Found found{entry.protocol, entry.note};
    remove(slot);  // the slot keeps its text until it is taken again
    if (in_time) return found;
  }
  return {};
}

}  // namespace nw::network
