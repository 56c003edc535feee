// A country's own sectors and columns, from any text: faults are reported, or all that was there before is as it was.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "context/taxonomy/sectors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using nw::taxonomy::TaxonomyText;
  const std::array<TaxonomyText, 2> texts{
      TaxonomyText{"base.yaml",
                   "version: \"1\"\ncolumns: {c: {title: T, source: S, values: [w]}, o: {title: O, source: S}}\n"
                   "sectors:\n  a.b: {scope: B, maps: {c: w, o: x}}\n  a.c: {scope: C}\n"},
      TaxonomyText{"fuzz.yaml", std::string{data, data + size}}};
  nw::Diagnostics diagnostics;
  const auto sectors = nw::taxonomy::Sectors::load(texts, diagnostics);
  NW_CHECK((sectors != nullptr) == diagnostics.ok());
  if (!sectors) return 0;
  NW_CHECK(std::is_sorted(sectors->ids().begin(), sectors->ids().end()));
  NW_CHECK(sectors->ids().size() == sectors->all().size());
  NW_CHECK(sectors->find("a.b")->scope == "B" && sectors->find("a.c")->scope == "C");
  NW_CHECK(sectors->map("a.b", "c").size() == 1 && sectors->map("a.b", "o").size() == 1);
  NW_CHECK(sectors->map("a.c", "c").empty() && sectors->map("a.c", "o").empty());
  for (const std::string_view id : sectors->ids()) NW_CHECK(sectors->find(id) != nullptr);
  return 0;
}
