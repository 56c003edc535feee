// The reporting regimes: the embedded ones, or a file of one's own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/record_config.h"
#include "base/diagnostics.h"
#include "record/reporting/regime.h"

namespace nw::app {

// Ids of the embedded regimes, sorted.
std::vector<std::string> reporting_regimes();
// By id; with a '/' or ".yaml" in it, a file. Null after an error, which is reported (codes of the reader, and
// unreadable, unknown-regime).
std::shared_ptr<const reporting::ReportingRegime> load_reporting_regime(const std::string& name,
                                                                        Diagnostics& diagnostics);

// The regimes that a site reports under, and what it is.
struct ReportingBook {
  std::vector<std::shared_ptr<const reporting::ReportingRegime>> regimes;
  std::vector<std::string> roles;

  [[nodiscard]] std::shared_ptr<const reporting::ReportingRegime> find(std::string_view id) const noexcept;  // or null
};
// Of the configuration's section. Null after an error: codes as above, and unknown-role (no regime has it),
// duplicate-regime, out-of-range (more than kReportingRegimesMax). `file`: the configuration's, for places.
constexpr std::size_t kReportingRegimesMax = 16;
std::shared_ptr<const ReportingBook> load_reporting_book(const ReportingConfig& config, std::string_view file,
                                                         Diagnostics& diagnostics);
// Those that are files: for whoever looks whether they have changed.
std::vector<std::string> reporting_files(const ReportingConfig& config);

}  // namespace nw::app
