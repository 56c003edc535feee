// A list of entities from anybody: what becomes of it is a file that the register's own reader takes, and each record
// is an asset or is told to be left out.
#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "context/registry/import_nis2.h"
#include "context/registry/registry.h"

namespace {

constexpr const char* kTaxonomy = R"(version: "1"
columns: {nis2: {title: T, source: S, values: {energy: Energy, energy/electricity: {title: Electricity, names: [power]}, water: Water}}}
sectors:
  energy.electricity: {scope: E, maps: {nis2: energy/electricity}}
  energy.nuclear: {scope: N, maps: {nis2: energy/electricity}}
  water.supply: {scope: W, maps: {nis2: water}}
)";

const nw::taxonomy::Sectors& sectors() {
  static const auto kSectors = [] {
    nw::Diagnostics diagnostics;
    const std::array<nw::taxonomy::TaxonomyText, 1> texts{nw::taxonomy::TaxonomyText{"t", kTaxonomy}};
    auto read = nw::taxonomy::Sectors::load(texts, diagnostics);
    NW_CHECK(read != nullptr);
    return read;
  }();
  return *kSectors;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  const auto imported = nw::context::import_nis2(text, sectors(), 1);
  if (!imported) {
    NW_CHECK(!imported.error().what.empty());
    return 0;
  }
  NW_CHECK(imported->records == imported->assets + imported->left_out);
  NW_CHECK(imported->notes.size() >= imported->left_out);
  nw::Diagnostics diagnostics;
  const auto registry = nw::context::Registry::load(imported->yaml, "import.yaml", diagnostics);
  NW_CHECK(registry != nullptr);
  NW_CHECK(registry->assets().size() == imported->assets);
  return 0;
}
