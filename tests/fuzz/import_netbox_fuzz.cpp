// An export of NetBox from anybody: what becomes of it is a file that the register's own reader takes, and what is left
// out is told.
#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "context/registry/import_netbox.h"
#include "context/registry/registry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::array<nw::context::NetboxText, 1> texts{
      nw::context::NetboxText{"fuzz.json", std::string{data, data + size}}};
  const auto imported = nw::context::import_netbox(texts, {"water.supply", 1});
  if (!imported) {
    NW_CHECK(!imported.error().what.empty());
    return 0;
  }
  NW_CHECK(imported->left_out <= imported->records);
  NW_CHECK(imported->notes.size() >= imported->left_out);
  nw::Diagnostics diagnostics;
  const auto registry = nw::context::Registry::load(imported->yaml, "import.yaml", diagnostics);
  NW_CHECK(registry != nullptr);
  NW_CHECK(registry->assets().size() == imported->assets);
  std::size_t hosts = 0, networks = 0;
  for (const nw::context::Asset& asset : registry->assets()) {
    hosts += asset.hosts.size();
    networks += asset.networks.size();
  }
  NW_CHECK(hosts == imported->hosts && networks == imported->networks);
  return 0;
}
