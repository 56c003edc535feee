#include "record/packets/ring.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/hash.h"

namespace nw::record {

namespace {

constexpr std::size_t kAlign = 8;
constexpr std::size_t kBytesPerSet = 1024;  // so that the table is a sixteenth of the memory

constexpr std::size_t aligned(std::size_t bytes) noexcept { return (bytes + kAlign - 1) / kAlign * kAlign; }

std::size_t sets_of(std::size_t bytes) noexcept {
  return std::bit_floor(std::max<std::size_t>(bytes / kBytesPerSet, 1));
}

}  // namespace

PacketRing::Lane::Lane(std::size_t bytes)
    : memory_{std::make_unique_for_overwrite<std::uint8_t[]>(bytes / kAlign * kAlign)},
      bytes_{bytes / kAlign * kAlign},
      begin_{bytes_},  // a whole turn, so that no place is 0
      end_{bytes_} {}

PacketRing::Head PacketRing::Lane::head(std::uint64_t place) const noexcept {
  Head head;
  std::memcpy(&head, &memory_[place % bytes_], sizeof head);
  return head;
}

Bytes PacketRing::Lane::frame(std::uint64_t place, const Head& head) const noexcept {
  return {&memory_[place % bytes_ + sizeof(Head)], head.bytes};
}

void PacketRing::Lane::pop(std::uint64_t& packets) noexcept {
  const std::uint64_t left = bytes_ - begin_at_;
  if (left < sizeof(Head)) {  // too little for a head: nothing was ever put there
    move(begin_, begin_at_, left);
    return;
  }
  std::uint64_t flow = 0;
  std::uint32_t room = 0;
  std::memcpy(&flow, &memory_[begin_at_ + offsetof(Head, flow)], sizeof flow);
  std::memcpy(&room, &memory_[begin_at_ + offsetof(Head, room)], sizeof room);
  if (flow != 0) ++packets;
  move(begin_, begin_at_, room);
}

inline std::uint64_t PacketRing::Lane::push(const Head& head, Bytes frame, std::uint64_t& evicted) noexcept {
  const std::uint64_t room = aligned(sizeof(Head) + frame.size());
  const std::uint64_t left = bytes_ - end_at_;
  const std::uint64_t skip = left < room ? left : 0;
  while (end_ + skip + room - begin_ > bytes_) pop(evicted);
  if (skip >= sizeof(Head)) {
    Head nothing;
    nothing.room = static_cast<std::uint32_t>(skip);
    std::memcpy(&memory_[end_at_], &nothing, sizeof nothing);
  }
  if (skip != 0) move(end_, end_at_, skip);
  const std::uint64_t place = end_;
  std::uint8_t* const at = &memory_[end_at_];
  // Made where it lies, member by member: a copy would wait for the members to be written first.
  new (at) Head{head.flow,
                head.before,
                head.sequence,
                head.time,
                static_cast<std::uint32_t>(frame.size()),
                head.wire_bytes,
                static_cast<std::uint32_t>(room),
                head.interface,
                head.ours};
  if (!frame.empty()) std::memcpy(at + sizeof(Head), frame.data(), frame.size());
  move(end_, end_at_, room);
  // The head that goes next was written a whole turn ago: out of every cache, and the next packet would wait for it.
  __builtin_prefetch(&memory_[begin_at_], 1);
  __builtin_prefetch(&memory_[end_at_], 1);
  return place;
}

std::uint64_t PacketRing::Lane::forget(Timestamp before) noexcept {
  std::uint64_t packets = 0;
  while (begin_ != end_) {
    if (bytes_ - begin_at_ >= sizeof(Head)) {
      const Head first = head(begin_);
      if (first.flow != 0 && from_unix_nanoseconds(first.time) >= before) break;
    }
    pop(packets);
  }
  return packets;
}

PacketRing::PacketRing(const Options& options)
    : options_{options},
      sets_(sets_of(std::max(options.bytes, kBytesMin))),
      begin_lane_{(std::max(options.bytes, kBytesMin) - sets_.size() * sizeof(Set)) / 2},
      later_lane_{(std::max(options.bytes, kBytesMin) - sets_.size() * sizeof(Set)) / 2} {}

const PacketRing::Track* PacketRing::find(std::uint64_t flow) const noexcept {
  for (const Track& track : sets_[place_of(flow)].tracks)
    if (track.flow == flow) return &track;
  return nullptr;
}

PacketRing::Track& PacketRing::track(std::uint64_t flow) noexcept {
  auto& tracks = sets_[place_of(flow)].tracks;
  if (tracks[0].flow == flow) return tracks[0];
  if (tracks[1].flow != flow) {
    // Who spoke last stays; the other's packets can no longer be found.
    if (tracks[1].flow != 0) ++counters_.flows_lost_track;
    tracks[1] = Track{};
    tracks[1].flow = flow;
  }
  std::swap(tracks[0], tracks[1]);
  return tracks[0];
}

std::uint64_t PacketRing::keep(std::uint64_t flow, Timestamp time, Bytes frame, std::uint32_t wire_bytes,
                               std::uint16_t interface, Keep how) {
  Track& of = track(flow);
  const bool beginning = of.bytes < options_.flow_bytes;
  Head head;
  head.flow = flow;
  head.sequence = ++sequence_;
  head.time = to_unix_nanoseconds(time);
  head.wire_bytes = wire_bytes;
  head.interface = interface;
  const std::size_t most = beginning || how == Keep::whole ? kFrameBytesMax : kLaterBytes;
  if (frame.size() > most) {
    frame = frame.first(most);
    head.ours = 1;
    ++counters_.cut;
  }
  of.packets = of.packets == std::numeric_limits<std::uint32_t>::max() ? of.packets : of.packets + 1;
  ++counters_.kept;
  if (beginning) {
    of.bytes += std::min<std::uint32_t>(wire_bytes, 1U << 20);
    head.before = of.beginning;
    of.beginning = begin_lane_.push(head, frame, counters_.evicted);
  } else {
    head.before = of.later;
    of.later = later_lane_.push(head, frame, counters_.evicted);
  }
  return sequence_;
}

bool PacketRing::freeze(std::uint64_t flow, Timestamp now, std::uint64_t after, std::size_t bytes_max,
                        FrozenPackets& out) const {
  const Track* const of = find(flow);
  if (of == nullptr) return false;
  struct Found {
    const Lane* lane;
    std::uint64_t place;
    Head head;
  };
  const auto walk = [&](const Lane& lane, std::uint64_t place, Timestamp oldest, std::size_t budget) {
    std::vector<Found> found;
    while (lane.there(place)) {
      const Head head = lane.head(place);
      if (head.sequence <= after || from_unix_nanoseconds(head.time) < oldest || head.bytes > budget) break;
      budget -= head.bytes;
      found.push_back({&lane, place, head});
      place = head.before;
    }
    std::ranges::reverse(found);
    return found;
  };
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  std::vector<Found> found = walk(begin_lane_, of->beginning, Timestamp::min(), kAll);
  const std::vector<Found> later = walk(later_lane_, of->later, now - options_.flow_time, bytes_max / 2);
  // Of the beginning the first packets tell most: a login, a request.
  std::size_t left = bytes_max;
  for (const Found& f : later) left -= f.head.bytes;
  const auto over = std::ranges::find_if(found, [&](const Found& f) {
    if (f.head.bytes > left) return true;
    left -= f.head.bytes;
    return false;
  });
  found.erase(over, found.end());
  found.insert(found.end(), later.begin(), later.end());
  if (found.empty()) return false;
  bool cut = false;
  for (const Found& f : found) {
    FrozenPackets::Frame frame;
    frame.sequence = f.head.sequence;
    frame.time = from_unix_nanoseconds(f.head.time);
    frame.offset = static_cast<std::uint32_t>(out.data.size());
    frame.bytes = f.head.bytes;
    frame.wire_bytes = f.head.wire_bytes;
    frame.interface = f.head.interface;
    const Bytes data = f.lane->frame(f.place, f.head);
    out.data.insert(out.data.end(), data.begin(), data.end());
    out.frames.push_back(frame);
    cut = cut || f.head.ours != 0;
  }
  out.last = std::max(out.last, found.back().head.sequence);  // the beginning may be all there is
  if (cut || (after == 0 && found.size() != of->packets)) out.complete = false;
  return true;
}

void PacketRing::forget(Timestamp before) noexcept {
  counters_.forgotten += begin_lane_.forget(before) + later_lane_.forget(before);
}

std::uint64_t frames_between(Bytes frame, int link_type) noexcept {
  constexpr int kEthernet = 1;
  constexpr std::size_t kAddress = 6;
  if (link_type != kEthernet || frame.size() < 2 * kAddress + 2) return 0;
  const auto address = [&](std::size_t at) {
    std::uint64_t out = 0;
    std::memcpy(&out, &frame[at], kAddress);
    return mix64(out);
  };
  std::size_t at = 2 * kAddress;
  while (at + 6 <= frame.size() && frame[at] == 0x81 && frame[at + 1] == 0x00) at += 4;  // 802.1Q
  const std::uint64_t type = std::uint64_t{frame[at]} << 8U | frame[at + 1];
  // Below 1536 it is a length, which is another in each frame.
  return mix64(address(0) + address(kAddress) + (type < 1536 ? 0 : type)) | 1U;
}

}  // namespace nw::record
