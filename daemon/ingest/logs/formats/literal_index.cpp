#include "ingest/logs/formats/literal_index.h"

#include <map>

namespace nw::logs {

LiteralIndex::LiteralIndex(std::vector<std::string> literals) : literals_{std::move(literals)} {
  std::map<std::size_t, std::size_t> counts;
  for (const std::string& literal : literals_)
    for (std::size_t at = 0; at + 1 < literal.size(); ++at) ++counts[pair_at(literal, at)];
  some_.assign(65'536 / 64, 0);
  for (std::size_t i = 0; i < literals_.size(); ++i) {
    const std::string& literal = literals_[i];
    std::size_t best = 0;
    for (std::size_t at = 1; at + 1 < literal.size(); ++at)
      if (counts[pair_at(literal, at)] < counts[pair_at(literal, best)]) best = at;
    const std::size_t pair = pair_at(literal, best);
    entries_.push_back({pair, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(best)});
    some_[pair / 64] |= std::uint64_t{1} << (pair % 64);
  }
  std::ranges::stable_sort(entries_, {}, &Entry::pair);
}

}  // namespace nw::logs
