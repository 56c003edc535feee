// The reporting regimes: the embedded ones, or a file of one's own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "record/reporting/regime.h"

namespace nw::app {

// Ids of the embedded regimes, sorted.
std::vector<std::string> reporting_regimes();
// By id; with a '/' or ".yaml" in it, a file. Null after an error, which is reported (codes of the reader, and
// unreadable, unknown-regime).
std::shared_ptr<const reporting::ReportingRegime> load_reporting_regime(const std::string& name,
                                                                        Diagnostics& diagnostics);

}  // namespace nw::app
