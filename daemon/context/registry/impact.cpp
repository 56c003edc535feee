#include "context/registry/impact.h"

#include <algorithm>
#include <queue>
#include <tuple>
#include <unordered_map>

#include "base/check.h"

namespace nw::context {

namespace {

std::string in_words(std::int64_t minutes) {
  if (minutes == 0) return "now";
  const auto unit = [](std::int64_t count, std::string_view name) {
    return count == 0 ? std::string{} : ' ' + std::to_string(count) + ' ' + std::string{name};
  };
  if (minutes <= 120) return "in" + unit(minutes, "min");
  return "in" + unit(minutes / 60, "h") + unit(minutes % 60, "min");
}

// False: there is no room for all of them.
bool add_services(const Asset& asset, std::int64_t minutes, std::vector<std::string>& out) {
  const std::string when = ' ' + asset.id + ' ' + in_words(minutes);
  if (asset.functions.empty()) {
    if (out.size() >= kImpactTextsMax) return false;
    out.push_back(asset.sector + when);
  }
  for (const std::string& function : asset.functions) {
    if (out.size() >= kImpactTextsMax) return false;
    out.push_back(asset.sector + ' ' + function + when);
  }
  return true;
}

}  // namespace

ImpactMap::ImpactMap(std::span<const Asset> assets) : assets_{assets}, first_(assets.size() + 1, 0) {
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  for (const Asset& asset : assets) numbers.emplace(asset.id, static_cast<std::uint32_t>(numbers.size()));
  std::vector<std::pair<std::uint32_t, Edge>> edges;  // with what is needed
  for (std::uint32_t dependant = 0; dependant < assets.size(); ++dependant) {
    std::unordered_map<std::string_view, std::uint32_t> groups;
    for (const Dependency& need : assets[dependant].dependencies) {
      const auto on = numbers.find(need.on);
      if (on == numbers.end()) continue;  // the reader refuses these
      std::uint32_t group = kNone;
      if (!need.group.empty()) {
        group = groups.try_emplace(need.group, static_cast<std::uint32_t>(group_sizes_.size())).first->second;
        if (group == group_sizes_.size()) group_sizes_.push_back(0);
        ++group_sizes_[group];
      }
      edges.push_back({on->second, {dependant, group, static_cast<std::uint32_t>(need.buffer_minutes)}});
    }
  }
  std::ranges::stable_sort(edges, {}, &std::pair<std::uint32_t, Edge>::first);
  edges_.reserve(edges.size());
  for (const auto& [on, edge] : edges) {
    ++first_[on + 1];
    edges_.push_back(edge);
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

std::vector<LostAsset> ImpactMap::of(const Asset& asset, const ImpactLimits& limits) const {
  std::vector<LostAsset> out;
  const auto start = static_cast<std::size_t>(&asset - assets_.data());
  NW_CHECK(start < assets_.size());
  if (first_[start] == first_[start + 1]) return out;  // most are needed by nobody: no search

  struct Candidate {
    std::int64_t minutes;
    std::uint32_t asset, via;
    bool operator>(const Candidate& other) const {
      return std::tie(minutes, asset) > std::tie(other.minutes, other.asset);
    }
  };
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> next;
  std::vector<bool> settled(assets_.size(), false);
  // A group's members that still stand, and when the last of the others' buffers runs out.
  std::unordered_map<std::uint32_t, std::pair<std::uint32_t, std::int64_t>> groups;
  next.push({0, static_cast<std::uint32_t>(start), kNone});
  while (!next.empty()) {
    const Candidate at = next.top();
    next.pop();
    if (settled[at.asset]) continue;
    // What is lost at the same time may have the smaller id.
    if (out.size() >= limits.assets_max && (out.empty() || at.minutes > out.back().minutes)) break;
    settled[at.asset] = true;
    if (at.via != kNone && (limits.secret_ones || !assets_[at.asset].secret()))
      out.push_back({&assets_[at.asset], at.minutes, &assets_[at.via]});
    for (std::uint32_t i = first_[at.asset]; i < first_[at.asset + 1]; ++i) {
      const Edge& edge = edges_[i];
      if (settled[edge.dependant]) continue;
      std::int64_t minutes = at.minutes + edge.minutes;
      if (edge.group != kNone) {
        auto& [left, last] = groups.try_emplace(edge.group, group_sizes_[edge.group], 0).first->second;
        last = std::max(last, minutes);
        if (--left != 0) continue;
        minutes = last;
      }
      if (minutes <= limits.minutes) next.push({minutes, edge.dependant, at.asset});
    }
  }
  std::ranges::sort(out, [](const LostAsset& a, const LostAsset& b) {
    return std::tie(a.minutes, a.asset->id) < std::tie(b.minutes, b.asset->id);
  });
  if (out.size() > limits.assets_max) out.resize(limits.assets_max);
  return out;
}

std::vector<std::string> impact_texts(const Registry& registry, const Asset& asset) {
  std::vector<std::string> out;
  bool all = asset.secret() || add_services(asset, 0, out);
  ImpactLimits limits;
  limits.assets_max = kImpactTextsMax + 1;  // one more says that there are more
  limits.secret_ones = false;
  for (const LostAsset& lost : registry.impact(asset, limits))
    all = all && add_services(*lost.asset, lost.minutes, out);
  if (!all) out.emplace_back("and more");
  return out;
}

}  // namespace nw::context
