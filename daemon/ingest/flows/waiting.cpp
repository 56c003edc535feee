#include "ingest/flows/waiting.h"

#include <iterator>
#include <utility>

namespace nw::flows {

// What a small set costs beside its octets.
std::size_t WaitingSets::cost(const WaitingSet& set) noexcept {
  constexpr std::size_t kAround = 384;
  return set.octets.size() + kAround;
}

void WaitingSets::add(WaitingSet set) {
  ++counters_.added;
  const std::size_t size = cost(set);
  if (size > limits_.waiting_bytes || size > limits_.waiting_bytes_all) {
    ++counters_.dropped;
    return;
  }
  const auto drop = [&](Nodes::iterator node) {
    ++counters_.dropped;
    erase(node);
  };
  for (auto held = by_exporter_.find(set.key.exporter);
       held != by_exporter_.end() && held->second.bytes + size > limits_.waiting_bytes;
       held = by_exporter_.find(set.key.exporter))
    drop(held->second.places.front());
  while (bytes_ + size > limits_.waiting_bytes_all) drop(all_.begin());
  const auto node = all_.insert(all_.end(), Node{std::move(set), {}, {}});
  Places& places = by_key_[node->set.key];
  node->in_key = places.insert(places.end(), node);
  Held& held = by_exporter_[node->set.key.exporter];
  node->in_exporter = held.places.insert(held.places.end(), node);
  held.bytes += size;
  bytes_ += size;
}

std::vector<WaitingSet> WaitingSets::take(const TemplateKey& key) {
  std::vector<WaitingSet> out;
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return out;
  const Places places = found->second;
  for (const Nodes::iterator node : places) {
    out.push_back(node->set);
    erase(node);
  }
  counters_.decoded += out.size();
  return out;
}

void WaitingSets::expire(Timestamp now) {
  while (!all_.empty() && now - all_.front().set.receive_time > limits_.waiting_life) {
    ++counters_.expired;
    erase(all_.begin());
  }
}

void WaitingSets::end() {
  counters_.expired += all_.size();
  while (!all_.empty()) erase(all_.begin());
}

void WaitingSets::erase(Nodes::iterator node) {
  const std::size_t size = cost(node->set);
  const auto key = by_key_.find(node->set.key);
  key->second.erase(node->in_key);
  if (key->second.empty()) by_key_.erase(key);
  const auto held = by_exporter_.find(node->set.key.exporter);
  held->second.places.erase(node->in_exporter);
  held->second.bytes -= size;
  if (held->second.places.empty()) by_exporter_.erase(held);
  bytes_ -= size;
  all_.erase(node);
}

}  // namespace nw::flows
