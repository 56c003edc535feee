// The indicators that a configuration names, read with the snapshot. A file that changes is read again at the next
// reload, not before: `normwatch reload` after each fetch.
#pragma once

#include <memory>
#include <vector>

#include "app/indicators_config.h"
#include "base/ip.h"
#include "context/indicators/set.h"

namespace nw::app {

struct LoadedIndicators {
  std::shared_ptr<const context::IndicatorSet> set = context::IndicatorSet::empty();
  context::Refusals refusals;
  std::vector<std::size_t> by_file;  // taken from each, in the order of the configuration
  std::string hash;                  // SHA-256 of all that was read, hex; empty: nothing is configured
};

// Who named the files: what a person is told to correct.
enum class IndicatorsFrom : unsigned char { configuration, command_line };

// `own`: the designated networks, which are no indicators. A file that cannot be read is an error; an indicator that is
// left out is counted, and the first ones are warnings.
LoadedIndicators load_indicators(const IndicatorsConfig& config, std::vector<IpPrefix> own, Timestamp now,
                                 Diagnostics& diagnostics, IndicatorsFrom from = IndicatorsFrom::configuration);

}  // namespace nw::app
