// What the daemon writes into the ledger of itself: the bodies of entries, as JSON objects.
#pragma once

#include <string>

#include "app/config.h"
#include "app/snapshot.h"

namespace nw::app {

std::string open_json(const Config& config);          // "open"
std::string hashes_json(const Snapshot& snapshot);    // "rules-load": the files that are in force
std::string register_json(const Snapshot& snapshot);  // "register-load"

}  // namespace nw::app
