// KEV's reader on any text: a catalogue, or an error; what it keeps has a CVE and a vendor.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "context/vulnerabilities/feeds.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::vulnerabilities;
  nw::Diagnostics diagnostics;
  const auto catalogue = read_kev({reinterpret_cast<const char*>(data), size}, "fuzz.json", diagnostics);
  NW_CHECK(catalogue.has_value() == diagnostics.ok());
  if (!catalogue) return 0;
  for (const KevEntry& entry : catalogue->entries) NW_CHECK(cve_id(entry.cve) == entry.cve && !entry.vendor.empty());
  return 0;
}
