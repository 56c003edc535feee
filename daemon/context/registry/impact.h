// What stands behind an asset: which others are lost when it is, and when their buffers run out.
//
//   loss(A) = the least of   loss(d) + buffer    over what A needs by itself,
//                            the greatest of loss(d) + buffer over a group, for each group: one of it is enough.
//
// Power and telecommunication need each other, so there are cycles. The search is Dijkstra's: assets are settled in the
// order of their loss, and a group counts down until its last member is settled. Only `buffer_minutes` and `group`
// count; `kind` and `strength` are for people.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "context/registry/registry.h"

namespace nw::context {

// Beyond a week the buffers of a register are guesses.
constexpr std::int64_t kImpactMinutesMax = std::int64_t{7} * 24 * 60;
// Services that an alert tells of.
constexpr std::size_t kImpactTextsMax = 32;

struct ImpactLimits {
  std::int64_t minutes = kImpactMinutesMax;
  std::size_t assets_max = std::numeric_limits<std::size_t>::max();
  bool secret_ones = true;  // false: left out, but what stands behind them is told
};

struct LostAsset {
  const Asset* asset = nullptr;
  std::int64_t minutes = 0;
  const Asset* via = nullptr;  // the loss that ends it: the asset asked about, or one that stands before
};

// Immutable. Takes some 12 bytes a dependency.
class ImpactMap {
 public:
  ImpactMap() = default;
  // The assets outlive it and stay where they are.
  explicit ImpactMap(std::span<const Asset> assets);

  // `asset` is one of them, and not in the result. By minutes, then by id. Linear in what is reached, but for the
  // logarithm of a heap and an array over all assets.
  [[nodiscard]] std::vector<LostAsset> of(const Asset& asset, const ImpactLimits& limits = {}) const;

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Edge {
    std::uint32_t dependant, group, minutes;  // group: kNone: needed by itself
  };
  std::span<const Asset> assets_;
  std::vector<std::uint32_t> first_;  // of each asset in edges_, and the end
  std::vector<Edge> edges_;           // by what is needed
  std::vector<std::uint32_t> group_sizes_;
};

// What an alert says of it, one text per service: what the asset itself does ("now"), then what stands behind it:
// "health.care hospital-care a7f3k2 in 30 min". Secret assets are never named. After kImpactTextsMax: "and more".
std::vector<std::string> impact_texts(const Registry& registry, const Asset& asset);

}  // namespace nw::context
