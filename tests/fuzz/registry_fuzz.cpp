// The register's reader and index on any text: faults are reported or the register answers, and the index gives the
// first and the last address of each network and the address of each host to an asset. What is cut off at the middle
// line is a second file. What stands behind an asset is in order and without itself.
#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "context/registry/impact.h"
#include "context/registry/prefix_map.h"
#include "context/registry/registry.h"
#include "context/registry/vocabulary.h"

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
  const std::size_t cut = text.find('\n', size / 2);
  if (cut != std::string::npos) {
    const std::array<nw::context::RegisterText, 2> two{nw::context::RegisterText{"one.yaml", text.substr(0, cut)},
                                                       {"two.yaml", text.substr(cut + 1)}};
    nw::Diagnostics found;
    NW_CHECK((nw::context::Registry::load(two, nw::context::sectors(), found) != nullptr) == found.ok());
  }
  const auto registry = nw::context::Registry::load(text, "fuzz.yaml", diagnostics);
  NW_CHECK((registry != nullptr) == diagnostics.ok());
  if (!registry) return 0;
  for (const nw::context::Asset& asset : registry->assets()) {
    NW_CHECK(registry->find_asset(asset.id) == &asset);
    std::int64_t minutes = 0;
    for (const nw::context::LostAsset& lost : registry->impact(asset, {})) {
      NW_CHECK(lost.asset != &asset && lost.minutes >= minutes && lost.minutes <= nw::context::kImpactMinutesMax);
      minutes = lost.minutes;
    }
    NW_CHECK(nw::context::impact_texts(*registry, asset).size() <= nw::context::kImpactTextsMax + 1);
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
