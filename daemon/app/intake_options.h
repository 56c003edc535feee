// What happens to a source's lines while what follows is full. The policy is the
// source's own (`when_full`).
//
//   block         the transport stops reading, and its sender waits; who cannot wait (UDP) is dropped by the kernel
//   spill         lines go to disk, up to `spill_max`, and come back in their order
//   drop_oldest   lines wait in memory, up to `memory_max`; what does not fit drives out the oldest
//   drop_newest   lines are dropped
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace nw::app {

enum class WhenFull : std::uint8_t { block, spill, drop_oldest, drop_newest };
constexpr std::array<std::string_view, 4> kWhenFull{"block", "spill", "drop_oldest", "drop_newest"};

struct IntakeOptions {
  WhenFull when_full = WhenFull::block;
  std::uint64_t memory_max = std::uint64_t{16} << 20;  // drop_oldest; spill, while the disk takes nothing
  std::uint64_t spill_max = std::uint64_t{1} << 30;
  std::string spill_directory;
};

}  // namespace nw::app
