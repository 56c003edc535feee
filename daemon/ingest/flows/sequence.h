// What the sequence numbers of one exporter tell of datagrams that never came. Their unit differs: NetFlow v5 and v7
// count flows, IPFIX data records (RFC 7011 section 3.1), NetFlow v9 and sFlow datagrams.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace nw::flows {

struct SequenceCounters {
  std::uint64_t lost = 0;       // units, as far as their numbers tell
  std::uint64_t reordered = 0;  // datagrams that came late
  std::uint64_t restarts = 0;   // of exporters, or of their counting

  void add(const SequenceCounters& other) noexcept {
    lost += other.lost;
    reordered += other.reordered;
    restarts += other.restarts;
  }
};

class Sequence {
 public:
  // A datagram whose first unit has the number `at`, with `units` in it; nothing: how many is not known, and the next
  // datagram says where the counting stands. `export_seconds` and `uptime` (milliseconds) are the exporter's, where the
  // protocol has them.
  void see(std::uint32_t at, std::optional<std::uint32_t> units, std::optional<std::uint32_t> export_seconds,
           std::optional<std::uint32_t> uptime, SequenceCounters& out) noexcept;

 private:
  [[nodiscard]] bool restarted(std::optional<std::uint32_t> export_seconds,
                               std::optional<std::uint32_t> uptime) const noexcept;

  bool known_ = false;
  std::uint32_t next_ = 0;
  std::uint32_t owed_ = 0;  // counted as lost and not come late yet
  std::optional<std::uint32_t> seconds_, uptime_;
};

}  // namespace nw::flows
