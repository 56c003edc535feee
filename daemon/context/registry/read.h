// The register's files as values: reading and checking, before anything is indexed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "base/ip.h"
#include "context/registry/registry.h"

namespace nw::context {

// Beyond these bounds it is an error, not a cut.
constexpr std::size_t kRegisterBytesMax = std::size_t{64} << 20;  // of all files together
constexpr std::size_t kRegisterFilesMax = 10'000;
constexpr std::size_t kRegisterNodesMax = 8'000'000;  // of one file
constexpr std::size_t kWritersMax = 64;               // per host, and stations per window: searched one by one
constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kDomainsMax = 1'000;               // of the register: each name that is seen is held against them
constexpr std::size_t kAssetDomainBytesMax = 63;         // look_alikes holds one in a word of 64 bits
constexpr std::size_t kMaintenanceMax = 64;              // windows per asset: they are searched one by one
constexpr std::size_t kLogHostsMax = 4096;               // whose log lines are expected: 12 KiB of memory each
constexpr std::size_t kOccurrencesTotalMax = 4'000'000;  // of all windows: 64 MB
constexpr std::size_t kDependenciesMax = 256;            // per asset: compared one by one
constexpr std::int64_t kBufferMinutesMax = 525'600;      // a year
constexpr std::size_t kProductsMax = 256;                // per asset, and per host
constexpr std::size_t kRemediedMax = 512;                // CVEs per product: compared one by one

// What all files say together.
struct RegistryFile {
  std::string location;
  std::vector<IpPrefix> territory;
  std::vector<Asset> assets;
  std::vector<std::pair<std::string, std::size_t>> domains;  // in small letters, and whose: by the order of `assets`
};

// Strict; gathers every fault, also those that lie between two files. `known_sectors` is sorted. Codes: those of
// base/yaml.h and bad-document, bad-version, bad-location, bad-id, bad-name, bad-network, bad-address, unknown-word,
// too-many, too-large, duplicate-asset, duplicate-host, duplicate-name, duplicate-network, duplicate-location,
// empty-asset, zone-outside, bad-window, bad-point, bad-limits, duplicate-point, bad-dependency, duplicate-dependency,
// unknown-asset, bad-day, secret-domain; warnings: network-host-bits, host-outside, empty-register, window-horizon. The
// result is complete only when `diagnostics` got no error.
RegistryFile read_registry(std::span<const RegisterText> files, std::span<const std::string_view> known_sectors,
                           Diagnostics& diagnostics);

}  // namespace nw::context
