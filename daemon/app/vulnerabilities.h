// Reads the feeds of vulnerabilities that the configuration names, and puts them into a snapshot.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/snapshot.h"
#include "base/diagnostics.h"
#include "context/vulnerabilities/exposure.h"
#include "export/metrics/metrics.h"

namespace nw::app {

// KEV's file, and every *.json file below the folders of CSAF, in the order of their names. What cannot be listed is an
// error.
struct VulnerabilityFiles {
  std::string kev;  // empty: none
  std::vector<std::string> csaf;
};
VulnerabilityFiles vulnerability_files(const VulnerabilityConfig& config, Diagnostics& diagnostics);

// Sets `exposures`, `vulnerability_enricher` and `vulnerabilities_hash`, from the snapshot's register. Nothing where
// no feed is configured.
void read_vulnerabilities(const VulnerabilityConfig& config, event::Schema& schema, Snapshot& snapshot,
                          Diagnostics& diagnostics);

// Assets of disclosure `secret` are summed up under no name; so are those beyond the first kAssetsByName.
constexpr std::size_t kAssetsByName = 5000;
void fill_vulnerabilities(const Snapshot& snapshot, metrics::Snapshot& out);

}  // namespace nw::app
