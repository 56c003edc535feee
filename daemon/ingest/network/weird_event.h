// `weird`: a packet that is malformed, or noise where a device is controlled. Fields as in Zeek's weird.log; the names
// are those of malformed_reasons(), and one more.
#pragma once

#include <array>
#include <cstdint>

#include "base/ip.h"
#include "event/schema.h"
#include "ingest/network/flow.h"
#include "ingest/network/flow_context.h"
#include "ingest/network/outcome.h"

namespace nw::network {

const event::TypeSpec& weird_type();

// So many events per reason and interval; a flood of broken packets must not become a flood of events. The rest is
// counted only, and the next event of the reason says how many.
class WeirdLimiter {
 public:
  static constexpr std::uint32_t kEventsMax = 10;
  static constexpr Nanoseconds kInterval = std::chrono::minutes{1};

  // Whether this one is told. `left_out`: how many were not since the last one that was.
  bool take(Outcome reason, Timestamp now, std::uint64_t& left_out) noexcept {
    return take(malformed_index(reason), now, left_out);
  }
  bool take_noise(Timestamp now, std::uint64_t& left_out) noexcept { return take(kNoise, now, left_out); }

 private:
  struct Reason {
    Timestamp since{};
    std::uint32_t told = 0;
    std::uint64_t left_out = 0;
  };
  static constexpr std::size_t kNoise = NetworkCounters::kReasons;
  bool take(std::size_t reason, Timestamp now, std::uint64_t& left_out) noexcept;

  std::array<Reason, kNoise + 1> reasons_;
};

struct Weird {
  Outcome reason{};
  std::uint64_t left_out = 0;
  // Null: not known.
  const IpAddress* source = nullptr;
  const IpAddress* destination = nullptr;
  const Uid* parent = nullptr;  // the flow that carried it
};
void emit_weird(const Weird& weird, const PacketPlace& place, FlowContext& context);
// On the port of a control protocol, its own flow has much in it that is none of its messages.
void emit_noise(const Flow& flow, std::uint64_t left_out, FlowContext& context);

}  // namespace nw::network
