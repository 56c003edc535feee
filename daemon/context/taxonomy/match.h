// Which sectors a word of another list may mean, as people write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context/taxonomy/sectors.h"

namespace nw::taxonomy {

struct SectorMatch {
  std::vector<const Sector*> sectors;  // in the order of the taxonomy; empty: nothing fits
  std::string value;                   // the word of the column that was meant
  bool by_sector_only = false;         // there was a subsector, and nothing has its name
};

// `sector` and `subsector` (may be empty) by id, title or name of `column`'s values, whatever their case and signs. An
// id of ours as the sector ("water.supply") is taken as it is; as both parts ("Water", "Works") where the column has no
// such subsector.
SectorMatch match_sector(const Sectors& sectors, std::string_view column, std::string_view sector,
                         std::string_view subsector);

}  // namespace nw::taxonomy
