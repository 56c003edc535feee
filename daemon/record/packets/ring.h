// The last packets of every flow, in memory, so that an alert has what led to it. One ring per worker, on the packet's
// way: a copy and a look-up per packet, no lock, no allocation once it is made.
//
//   lane of beginnings | the first flow_bytes of each flow, whole     -> a download cannot push out another flow's
//   login lane of the rest   | what came after, cut to kLaterBytes          -> control traffic fits, bulk data costs
//   little
//
// Each lane is half of the memory, and throws out its oldest packet first. A packet knows the one before it of its
// flow: freezing walks that chain and no other packets.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/byte_reader.h"
#include "base/hash.h"
#include "base/time.h"

namespace nw::record {

// Frames that were frozen, in the order they came; `data` holds the bytes of all.
struct FrozenPackets {
  struct Frame {
    std::uint64_t sequence = 0;
    Timestamp time{};
    std::uint32_t offset = 0, bytes = 0;  // in data
    std::uint32_t wire_bytes = 0;
    std::uint16_t interface = 0;
  };
  std::vector<Frame> frames;
  std::vector<std::uint8_t> data;
  bool complete = true;    // every frame that the flow had, none cut by us
  std::uint64_t last = 0;  // sequence of the newest

  [[nodiscard]] Bytes bytes_of(const Frame& frame) const noexcept {
    return Bytes{data}.subspan(frame.offset, frame.bytes);
  }
};

class PacketRing {
 public:
  static constexpr std::size_t kLaterBytes = 256;
  static constexpr std::size_t kFrameBytesMax = 128U << 10;  // longer ones are cut
  static constexpr std::size_t kBytesMin = 1U << 20;

  struct Options {
    std::size_t bytes = 64U << 20;       // of all, at least kBytesMin
    std::size_t flow_bytes = 64U << 10;  // of each flow's beginning
    Nanoseconds flow_time = std::chrono::seconds{60};
  };
  explicit PacketRing(const Options& options);

  enum class Keep : unsigned char { usual, whole };
  // `flow` tells flows apart and is not 0. `wire_bytes`: its length before the capture cut it. The packet's sequence;
  // numbers grow by one.
  std::uint64_t keep(std::uint64_t flow, Timestamp time, Bytes frame, std::uint32_t wire_bytes, std::uint16_t interface,
                     Keep how = Keep::usual);

  // The flow's beginning, and its packets of the last flow_time before `now`, as far as they come behind sequence
  // `after`. At most `bytes_max`: half of it for the newest of the later ones, the rest for the first of the beginning.
  // Appends to `out`; false: there are none.
  bool freeze(std::uint64_t flow, Timestamp now, std::uint64_t after, std::size_t bytes_max, FrozenPackets& out) const;

  // Forgets what is older than that: on a quiet link nothing would push it out.
  void forget(Timestamp before) noexcept;

  struct Counters {
    std::uint64_t kept = 0, cut = 0;     // cut: by us
    std::uint64_t evicted = 0;           // thrown out to make room
    std::uint64_t forgotten = 0;         // by age
    std::uint64_t flows_lost_track = 0;  // their entry made way for another flow's
  };
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  // Of packets that are there.
  [[nodiscard]] std::size_t bytes_held() const noexcept { return begin_lane_.held() + later_lane_.held(); }

 private:
  // What stands before each frame in a lane.
  struct Head {
    std::uint64_t flow = 0;    // 0: nothing; the lane goes on at its beginning
    std::uint64_t before = 0;  // place of the flow's packet before it in this lane; 0: none
    std::uint64_t sequence = 0;
    std::int64_t time = 0;
    std::uint32_t bytes = 0, wire_bytes = 0;
    std::uint32_t room = 0;  // with this head
    std::uint16_t interface = 0;
    std::uint16_t ours = 0;  // cut by us
  };

  // Places grow without end; a place below begin() has been thrown out. Place 0 is never used.
  class Lane {
   public:
    explicit Lane(std::size_t bytes);
    // The new packet's place.
    std::uint64_t push(const Head& head, Bytes frame, std::uint64_t& evicted) noexcept;
    std::uint64_t forget(Timestamp before) noexcept;
    [[nodiscard]] bool there(std::uint64_t place) const noexcept {
      return place >= begin_ && place < end_ && place != 0;
    }
    [[nodiscard]] Head head(std::uint64_t place) const noexcept;
    [[nodiscard]] Bytes frame(std::uint64_t place, const Head& head) const noexcept;
    [[nodiscard]] std::size_t held() const noexcept { return static_cast<std::size_t>(end_ - begin_); }

   private:
    void pop(std::uint64_t& packets) noexcept;
    // Onward by `bytes`, no further than to the end of the memory. A division for each packet would cost more.
    void move(std::uint64_t& place, std::uint64_t& at, std::uint64_t bytes) const noexcept {
      place += bytes;
      at = at + bytes == bytes_ ? 0 : at + bytes;
    }
    std::unique_ptr<std::uint8_t[]> memory_;
    std::uint64_t bytes_, begin_, end_;
    std::uint64_t begin_at_ = 0, end_at_ = 0;  // where these lie in the memory
  };

  // Two of them lie in one cache line; the first was used last.
  struct Track {
    std::uint64_t flow = 0;
    std::uint64_t beginning = 0, later = 0;  // places of the newest packet in each lane
    std::uint32_t bytes = 0;                 // so far, no more than flow_bytes counts
    std::uint32_t packets = 0;
  };
  static constexpr std::size_t kWays = 2;
  struct alignas(64) Set {
    Track tracks[kWays];
  };

  [[nodiscard]] std::size_t place_of(std::uint64_t flow) const noexcept { return mix64(flow) & (sets_.size() - 1); }
  [[nodiscard]] const Track* find(std::uint64_t flow) const noexcept;
  Track& track(std::uint64_t flow) noexcept;

  Options options_;
  std::vector<Set> sets_;
  Lane begin_lane_, later_lane_;
  std::uint64_t sequence_ = 0;
  Counters counters_;
};

// The number of what two stations exchange of one EtherType, in both directions, for frames that belong to no flow; 0:
// not Ethernet, or too short.
std::uint64_t frames_between(Bytes frame, int link_type) noexcept;

}  // namespace nw::record
