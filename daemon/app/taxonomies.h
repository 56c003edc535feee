// The taxonomies that are in force: the embedded ones, and what the configuration says in their place or besides.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/config.h"
#include "base/diagnostics.h"
#include "context/taxonomy/pap.h"
#include "context/taxonomy/rsit.h"
#include "context/taxonomy/sectors.h"
#include "context/taxonomy/tlp.h"

namespace nw::app {

// Null after an error, as below. `hash`: what hash_sectors() says of the texts that were read.
std::shared_ptr<const taxonomy::Sectors> load_sectors(const Config& config, Diagnostics& diagnostics,
                                                      std::string* hash = nullptr);
// Names the sectors in the ledger (`sectors_sha256`): SHA-256 of a line for each text, the taxonomy first and then each
// country's file in the configuration's order: the SHA-256 of the text and a line end. So `sha256sum` finds it again.
std::string hash_sectors(std::span<const taxonomy::TaxonomyText> texts);
std::optional<taxonomy::Rsit> load_rsit(Diagnostics& diagnostics);
std::optional<taxonomy::Tlp> load_tlp(Diagnostics& diagnostics);
std::optional<taxonomy::Pap> load_pap(Diagnostics& diagnostics);

}  // namespace nw::app
