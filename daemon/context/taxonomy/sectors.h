// The sectors of the register and what other lists call them. Data: config/taxonomy/sectors.yaml, and a country's own
// files. Immutable once loaded.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "context/taxonomy/document.h"

namespace nw::taxonomy {

struct Sector {
  std::string id;     // "water.supply"
  std::string scope;  // ours
  std::string note;   // may be empty
  bool un_58_199 = false, gge_2021 = false;
  std::map<std::string, std::vector<std::string>, std::less<>> maps;  // column -> words of its list
  std::string deprecated_since, use;                                  // empty: in use
  std::string file;                                                   // where it stands
  Mark mark;
};

struct SectorColumn {
  struct Value {
    std::string id, title;
    std::vector<std::string> names;  // other spellings
  };
  std::string id, title, source;
  bool closed = false;  // only `values` may stand in it
  std::vector<Value> values;
};

class Sectors {
 public:
  // The first text is the taxonomy; each other adds columns, and sectors of its own (`xx.name`: two letters, the
  // country). Strict. Null after an error. Codes: those of base/yaml.h and bad-document, bad-id, bad-deprecation,
  // duplicate-column, duplicate-entry, unknown-column, unknown-word, changes-existing, too-many.
  static std::shared_ptr<const Sectors> load(std::span<const TaxonomyText> texts, Diagnostics& diagnostics);

  [[nodiscard]] const Sector* find(std::string_view id) const noexcept;
  // Of all sectors, deprecated ones too: a register that has one stays readable. Sorted; borrowed.
  [[nodiscard]] std::span<const std::string_view> ids() const noexcept { return ids_; }
  // In the order of the files, which says what comes first where several fit.
  [[nodiscard]] const std::vector<Sector>& all() const noexcept { return sectors_; }
  // What the list `column` calls a sector; empty when nothing.
  [[nodiscard]] std::span<const std::string> map(std::string_view id, std::string_view column) const noexcept;

  [[nodiscard]] const std::vector<SectorColumn>& columns() const noexcept { return columns_; }
  [[nodiscard]] const SectorColumn* column(std::string_view id) const noexcept;
  [[nodiscard]] const std::string& version() const noexcept { return version_; }

 private:
  Sectors() = default;
  friend class SectorsReader;
  std::string version_;
  std::vector<SectorColumn> columns_;
  std::vector<Sector> sectors_;
  std::vector<std::string_view> ids_;
  std::map<std::string_view, const Sector*, std::less<>> by_id_;
};

}  // namespace nw::taxonomy
