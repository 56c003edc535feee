// How much memory an analyzer holds, for tests of the bound on it.
#pragma once

#include <malloc.h>
#include <memory>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// What README.md promises of every protocol that keeps texts until they are answered.
constexpr std::size_t kFlowBytesMax = 256 * 1024;

// Ends `analyzer`, and says how many bytes that gave back: 0 where the allocator does not count (sanitizers).
inline std::size_t bytes_given_back(std::unique_ptr<Analyzer>& analyzer) {
  const auto in_use = [] {
    const struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
  };
  const std::size_t before = in_use();
  analyzer.reset();
  return before - in_use();
}

}  // namespace nw::network
