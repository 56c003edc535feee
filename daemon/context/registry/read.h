// The register's file as values: reading and checking, before anything is indexed.
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/ip.h"
#include "context/registry/registry.h"

namespace nw::context {

// Bounds of one file. Beyond them it is an error, not a cut.
constexpr std::size_t kRegisterBytesMax = std::size_t{64} << 20;
constexpr std::size_t kRegisterNodesMax = 8'000'000;
constexpr std::size_t kWritersMax = 64;  // per host, and stations per window: searched one by one
constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kMaintenanceMax = 64;              // windows per asset: they are searched one by one
constexpr std::size_t kOccurrencesTotalMax = 4'000'000;  // of all windows: 64 MB

struct RegistryFile {
  std::vector<IpPrefix> territory;
  std::vector<Asset> assets;
};

// Strict; gathers every fault. Codes: those of base/yaml.h and bad-document, bad-version, bad-id, bad-name,
// bad-network, bad-address, unknown-word, too-many, duplicate-asset, duplicate-host, duplicate-name, duplicate-network,
// empty-asset, zone-outside, bad-window, bad-point, bad-limits, duplicate-point; warnings: network-host-bits,
// host-outside, empty-register, window-horizon. The result is complete only when `diagnostics` got no error.
RegistryFile read_registry(std::string_view text, std::string_view file, Diagnostics& diagnostics);

}  // namespace nw::context
