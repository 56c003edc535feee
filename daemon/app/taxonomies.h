// The taxonomies that are in force: the embedded ones, and what the configuration says in their place or besides.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "app/config.h"
#include "base/diagnostics.h"
#include "context/taxonomy/pap.h"
#include "context/taxonomy/rsit.h"
#include "context/taxonomy/sectors.h"
#include "context/taxonomy/tlp.h"

namespace nw::app {

// Null after an error, as below.
std::shared_ptr<const taxonomy::Sectors> load_sectors(const Config& config, Diagnostics& diagnostics);
std::optional<taxonomy::Rsit> load_rsit(Diagnostics& diagnostics);
std::optional<taxonomy::Tlp> load_tlp(Diagnostics& diagnostics);
std::optional<taxonomy::Pap> load_pap(Diagnostics& diagnostics);

}  // namespace nw::app
