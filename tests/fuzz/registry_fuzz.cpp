// The register's reader and index on any text: faults are reported or the register answers, and the index gives the
// first and the last address of each network and the address of each host to an asset.
#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "context/registry/prefix_map.h"
#include "context/registry/registry.h"

namespace {

nw::IpAddress from_key(const nw::context::WideKey& key) {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(key.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(key.low >> (56 - 8 * i));
  }
  return nw::IpAddress::from_bytes(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nw::Diagnostics diagnostics;
  const std::string text{data, data + size};
  const auto registry = nw::context::Registry::load(text, "fuzz.yaml", diagnostics);
  NW_CHECK((registry != nullptr) == diagnostics.ok());
  if (!registry) return 0;
  for (const nw::context::Asset& asset : registry->assets()) {
    NW_CHECK(registry->find_asset(asset.id) == &asset);
    for (const nw::IpPrefix& network : asset.networks) {
      NW_CHECK(registry->find(network.address()));
      NW_CHECK(registry->find(from_key(nw::context::last_key(network))).own);
    }
    for (const nw::context::Host& host : asset.hosts) {
      NW_CHECK(registry->find(host.address).host == &host);
      if (!host.name.empty()) NW_CHECK(registry->find_host(host.name).host == &host);
    }
  }
  return 0;
}
