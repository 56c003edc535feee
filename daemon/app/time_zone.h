// Time zones by their IANA names, for log lines that state none.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "ingest/logs/formats/time_zone.h"

namespace nw::app {

// "Europe/Vienna", with its changes from 1970 to 2100, of the system's tz database. Error: invalid_argument.
Result<std::shared_ptr<const logs::TimeZone>> find_time_zone(const std::string& name);

}  // namespace nw::app
