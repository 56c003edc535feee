// IP datagrams from their fragments: RFC 791 section 3.2, RFC 8200 section 4.5. Where fragments overlap, what arrived
// first stays (as in the Linux and BSD stacks before RFC 5722; reassembling is for looking, so nothing is refused).
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/time.h"
#include "ingest/network/ip_layer.h"
#include "ingest/network/segments.h"
#include "ingest/network/slots.h"

namespace nw::network {

class Defragmenter {
 public:
  struct Counters {
    std::uint64_t expired = 0;  // fragments whose datagram never became whole in time
    std::uint64_t evicted = 0;  // fragments dropped to stay within the budget
  };

  Defragmenter(std::size_t bytes_max, Nanoseconds wait, std::uint64_t seed);

  enum class Added : std::uint8_t { kept, whole, bad };
  // Takes a fragment. On `whole`, `packet` has become the datagram; its payload is valid until the next call. A
  // fragment that comes more than the wait after the first one begins a new datagram.
  // `realm`: see FlowKey.
  Added add(IpPacket& packet, Timestamp now, std::uint32_t realm = 0);
  // Drops what has waited too long at `now`.
  void expire(Timestamp now);

  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::size_t bytes_held() const noexcept { return memory_.in_use(); }

  static constexpr std::size_t kPiecesMax = 256;         // 65,535 bytes in the smallest pieces that networks make: 122
  static constexpr std::uint32_t kDatagramMax = 65'535;  // bytes of payload

 private:
  struct Key {
    IpAddress source, destination;
    std::uint32_t id = 0;
    std::uint32_t realm = 0;
    std::uint8_t version = 0, protocol = 0;
    friend bool operator==(const Key&, const Key&) noexcept = default;
  };
  struct Datagram {
    Key key;
    std::uint32_t hash = 0;
    Links links;
    Timestamp first;
    SegmentList pieces;
    std::uint32_t fragments = 0;
    std::uint32_t size = 0;          // 0 until the last fragment came
    std::uint32_t end = 0;           // the furthest byte
    std::uint32_t header_bytes = 0;  // of the first fragment
    std::uint8_t protocol = 0;       // of the first fragment: it alone is sure to say what follows (RFC 8200)
  };

  [[nodiscard]] std::uint32_t hash(const Key& key) const noexcept;
  std::uint32_t open(const Key& key, std::uint32_t hash, Timestamp now);
  void close(std::uint32_t slot);
  void evict_oldest();
  bool hold(std::uint32_t slot, const IpPacket& packet);
  void join(std::uint32_t slot, IpPacket& packet);

  SegmentMemory memory_;
  std::deque<Datagram> datagrams_;
  std::vector<std::uint32_t> free_;
  HashIndex index_;
  SlotList by_age_;
  std::vector<std::uint8_t> whole_;
  Nanoseconds wait_;
  std::uint64_t seed_;
  Counters counters_;
};

}  // namespace nw::network
