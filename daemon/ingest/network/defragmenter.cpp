#include "ingest/network/defragmenter.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "ingest/network/flow_key.h"

namespace nw::network {
namespace {

// What a waiting datagram takes of the budget besides its pieces.
constexpr std::size_t kDatagramCost = 512;

}  // namespace

Defragmenter::Defragmenter(std::size_t bytes_max, Nanoseconds wait, std::uint64_t seed)
    : memory_{bytes_max}, index_{bytes_max / kDatagramCost + 1}, wait_{wait}, seed_{seed} {
  static_assert(sizeof(Datagram) <= kDatagramCost);
}

std::uint32_t Defragmenter::hash(const Key& key) const noexcept {
  const FlowKey flat{key.source,
                     key.destination,
                     static_cast<std::uint16_t>(key.id),
                     static_cast<std::uint16_t>(key.id >> 16U),
                     key.protocol,
                     key.version == 6,
                     key.realm};
  return static_cast<std::uint32_t>(hash_key(flat, seed_));
}

std::uint32_t Defragmenter::open(const Key& key, std::uint32_t hash, Timestamp now) {
  // Room for the datagram itself, in whole units, so that the index cannot overflow.
  while (!memory_.charge(kDatagramCost)) {
    if (by_age_.front() == kNoSlot) return kNoSlot;
    evict_oldest();
  }
  if (free_.empty()) {
    datagrams_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(datagrams_.size() - 1));
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  Datagram& datagram = datagrams_[slot];
  datagram = {};
  datagram.key = key;
  datagram.hash = hash;
  datagram.first = now;
  index_.insert(hash, slot);
  by_age_.push_back(datagrams_, slot);
  return slot;
}

void Defragmenter::close(std::uint32_t slot) {
  Datagram& datagram = datagrams_[slot];
  datagram.pieces.clear(memory_);
  index_.erase(datagram.hash, slot);
  by_age_.remove(datagrams_, slot);
  memory_.give_back(kDatagramCost);
  free_.push_back(slot);
}

void Defragmenter::evict_oldest() {
  const std::uint32_t slot = by_age_.front();
  counters_.evicted += datagrams_[slot].fragments;
  close(slot);
}

// Stores the fragment, at the cost of older datagrams. False: it had to go itself, with its datagram.
bool Defragmenter::hold(std::uint32_t slot, const IpPacket& packet) {
  const std::int64_t start = packet.fragment_offset;
  for (;;) {
    Datagram& datagram = datagrams_[slot];
    if (datagram.pieces.insert(memory_, start, start + packet.payload_bytes, packet.payload) &&
        datagram.pieces.count() <= kPiecesMax) {
      return true;
    }
    const bool alone = by_age_.front() == slot || datagram.pieces.count() > kPiecesMax;
    if (alone) {
      counters_.evicted += datagram.fragments;
      close(slot);
      return false;
    }
    evict_oldest();
  }
}

void Defragmenter::join(std::uint32_t slot, IpPacket& packet) {
  Datagram& datagram = datagrams_[slot];
  whole_.resize(kDatagramMax);
  while (!datagram.pieces.empty()) {
    const std::uint32_t piece = datagram.pieces.pop_front(memory_);
    const Bytes bytes = memory_[piece].bytes();
    std::memcpy(whole_.data() + memory_[piece].start, bytes.data(), bytes.size());
    memory_.release_segment(piece);
  }
  packet.protocol = datagram.protocol;
  packet.payload = Bytes{whole_}.first(datagram.size);
  packet.payload_bytes = datagram.size;
  packet.ip_bytes = datagram.header_bytes + datagram.size;
  packet.fragment = packet.more_fragments = false;
  packet.fragment_offset = 0;
  close(slot);
}

Defragmenter::Added Defragmenter::add(IpPacket& packet, Timestamp now, std::uint32_t realm) {
  const std::uint32_t end = packet.fragment_offset + packet.payload_bytes;
  // All but the last carry a multiple of 8 bytes. A fragment that the capture cut can never become whole.
  if (packet.payload.empty() || packet.payload.size() != packet.payload_bytes || end > kDatagramMax ||
      (packet.more_fragments && packet.payload_bytes % 8 != 0)) {
    return Added::bad;
  }
  // IPv6 fragments behind the first may name another protocol; the identification alone is the key (RFC 8200).
  const Key key{packet.source, packet.destination, packet.fragment_id,
                realm,         packet.version,     packet.version == 4 ? packet.protocol : std::uint8_t{0}};
  const std::uint32_t h = hash(key);
  std::uint32_t slot = index_.find(h, [&](std::uint32_t i) { return datagrams_[i].key == key; });
  if (slot != kNoSlot && now - datagrams_[slot].first > wait_) {
    counters_.expired += datagrams_[slot].fragments;
    close(slot);
    slot = kNoSlot;
  }
  if (slot != kNoSlot) {
    // The end is said once; nothing may lie behind it.
    const Datagram& datagram = datagrams_[slot];
    if (datagram.size != 0 && (end > datagram.size || (!packet.more_fragments && end != datagram.size))) {
      return Added::bad;
    }
    if (datagram.size == 0 && !packet.more_fragments && end < datagram.end) return Added::bad;
  } else if (slot = open(key, h, now); slot == kNoSlot) {
    ++counters_.evicted;
    return Added::kept;
  }
  Datagram& datagram = datagrams_[slot];
  ++datagram.fragments;
  if (!hold(slot, packet)) return Added::kept;
  datagram.end = std::max(datagram.end, end);
  if (!packet.more_fragments) datagram.size = end;
  if (packet.fragment_offset == 0 && datagram.header_bytes == 0) {
    datagram.protocol = packet.protocol;
    // The IPv6 fragment header is no part of the whole packet.
    datagram.header_bytes = packet.ip_bytes - packet.payload_bytes - (packet.version == 6 ? 8U : 0U);
  }
  if (datagram.size == 0 || datagram.pieces.covered() != datagram.size) return Added::kept;
  join(slot, packet);
  return Added::whole;
}

void Defragmenter::expire(Timestamp now) {
  for (std::uint32_t slot = by_age_.front(); slot != kNoSlot && now - datagrams_[slot].first > wait_;
       slot = by_age_.front()) {
    counters_.expired += datagrams_[slot].fragments;
    close(slot);
  }
}

}  // namespace nw::network
