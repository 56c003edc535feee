// Case files out of the incident store, for whoever reads beside the daemon's writer.
#pragma once

#include <filesystem>

#include "app/reporting_desk.h"

namespace nw::app {

// Opens the file for reading when it is first asked, and anew after an error: a daemon may have put a damaged one
// aside. One thread at a time.
CaseReader case_reader(const std::filesystem::path& file);

}  // namespace nw::app
