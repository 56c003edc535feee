// Every taxonomy in one shape, for `normwatch taxonomy`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.h"
#include "base/diagnostics.h"
#include "base/result.h"

namespace nw::app {

struct TaxonomyEntry {
  std::string id, title;
  std::vector<std::string> names;  // other ways to ask for it, in small letters
  std::vector<std::pair<std::string, std::vector<std::string>>> facts;
};

struct TaxonomyView {
  std::string version;
  std::vector<TaxonomyEntry> entries;
};

// One row each (taxonomy_view.cpp), sorted by name.
struct TaxonomyKind {
  std::string_view name, help;
  // False after an error, which is reported.
  bool (*view)(const Config& config, Diagnostics& diagnostics, TaxonomyView& out);
};
std::span<const TaxonomyKind> taxonomies();

// `invalid_argument` names the nearest one.
Result<const TaxonomyKind*> find_taxonomy(std::string_view name);
// By id or another name, whatever the case; what stands before may be the taxonomy's own name: "TLP:RED", "rsit.other".
Result<const TaxonomyEntry*> find_entry(const TaxonomyKind& kind, const TaxonomyView& view, std::string_view entry);

// Lines that end with '\n'.
std::string entry_text(const TaxonomyEntry& entry);
std::string entries_text(const TaxonomyView& view);
// One JSON object, without the end of the line.
std::string entry_json(const TaxonomyEntry& entry);

}  // namespace nw::app
