// Which lane of a replay a pair of hosts belongs to: the one that had the least to do lately when the pair first came,
// and that one from then on. Hashing alone would leave lanes idle: a few pairs carry most of what a capture holds. What
// comes out follows from the input, so replays can be repeated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nw::app {

class Dealer {
 public:
  explicit Dealer(std::size_t lanes) : load_(lanes) {}

  // `hash`: equal for both directions (network::flow_hash); its high bits count. `bytes`: of the packet.
  std::size_t lane(std::uint64_t hash, std::size_t bytes) {
    std::uint16_t& number = lanes_[hash >> (64 - kBits)];  // from 1; 0: none yet
    if (number == 0) number = static_cast<std::uint16_t>(std::ranges::min_element(load_) - load_.begin() + 1);
    load_[number - 1U] += kPacket + bytes;
    return number - 1U;
  }
  // What has been dealt so far counts half from here on. Once for each batch.
  void forget() {
    for (std::uint64_t& load : load_) load /= 2;
  }

 private:
  static constexpr unsigned kBits = 14;          // pairs with these bits in common stay together
  static constexpr std::uint64_t kPacket = 512;  // what a packet costs besides its bytes, in bytes

  std::vector<std::uint64_t> load_;
  std::vector<std::uint16_t> lanes_ = std::vector<std::uint16_t>(std::size_t{1} << kBits);
};

}  // namespace nw::app
