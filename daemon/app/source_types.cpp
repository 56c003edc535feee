#include "app/source_types.h"

#include <algorithm>

namespace nw::app {

std::vector<std::vector<std::uint16_t>> sources_by_type(const Config& config, const event::Schema& schema,
                                                        Replays replays) {
  std::vector<std::vector<std::uint16_t>> out(schema.type_count());
  for (std::size_t i = 0; i < config.sources.size(); ++i) {
    if (config.sources[i].kind == SourceKind::replay && replays == Replays::no) continue;
    Config one;
    one.sources.push_back(config.sources[i]);
    event::Schema declared;
    declare_sources(one, declared);
    for (std::size_t type = 0; type < out.size(); ++type) {
      const event::Type& wanted = schema.type(static_cast<event::TypeId>(type));
      for (std::size_t j = 0; j < declared.type_count(); ++j) {
        const event::Type& given = declared.type(static_cast<event::TypeId>(j));
        if (given.path != wanted.path || given.product != wanted.product) continue;
        out[type].push_back(static_cast<std::uint16_t>(i));
        break;
      }
    }
  }
  return out;
}

RuleFeeds::RuleFeeds(const Config& config, const Snapshot& snapshot) : feeds_(snapshot.rules->size()) {
  const sigma::RuleSet& rules = *snapshot.rules;
  const auto sources = sources_by_type(config, *snapshot.schema, Replays::yes);
  for (std::size_t type = 0; type < sources.size(); ++type) {
    if (sources[type].empty()) continue;
    for (const std::uint32_t rule : rules.rules_on(static_cast<event::TypeId>(type)))
      feeds_[rule].insert(feeds_[rule].end(), sources[type].begin(), sources[type].end());
  }
  const auto tidy = [](std::vector<std::uint16_t>& list) {
    std::ranges::sort(list);
    list.erase(std::unique(list.begin(), list.end()), list.end());
  };
  std::ranges::for_each(feeds_, tidy);
  // Rules over time may be over others; until nothing is added any more.
  for (bool more = true; more;) {
    more = false;
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
      const sigma::Correlation* spec = rules.correlation(rule);
      if (spec == nullptr) continue;
      std::vector<std::uint16_t> all = feeds_[rule];
      for (const sigma::Correlation::Input& input : spec->inputs)
        if (input.rule != rule) all.insert(all.end(), feeds_[input.rule].begin(), feeds_[input.rule].end());
      tidy(all);
      if (all.size() == feeds_[rule].size()) continue;
      feeds_[rule] = std::move(all);
      more = true;
    }
  }
}

std::vector<std::uint32_t> RuleFeeds::blind(const std::vector<bool>& dead, std::optional<std::size_t> of) const {
  std::vector<std::uint32_t> out;
  for (std::size_t rule = 0; rule < feeds_.size(); ++rule) {
    const auto& sources = feeds_[rule];
    if (sources.empty() || (of && !std::ranges::binary_search(sources, static_cast<std::uint16_t>(*of)))) continue;
    if (std::ranges::all_of(sources, [&dead](std::uint16_t source) { return dead[source]; }))
      out.push_back(static_cast<std::uint32_t>(rule));
  }
  return out;
}

}  // namespace nw::app
