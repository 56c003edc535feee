// What the register and the feeds know of an address or name: the guard's view of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "context/indicators/set.h"
#include "context/registry/registry.h"
#include "record/privacy/minimise.h"

namespace nw::record {

// Of one register; immutable, shared by all guards. A listed host is "<asset>/<its name>", or "<asset>/host-<its place
// in the file>": two hosts of one asset stay two. An address that only lies in an asset's network is nobody's that was
// designated; one of a secret asset has a pseudonym, so that no output tells it.
class DesignatedNames {
 public:
  DesignatedNames(std::shared_ptr<const context::Registry> registry, const privacy::Policy& policy);
  [[nodiscard]] std::string_view of(const IpAddress& address) const noexcept;
  [[nodiscard]] std::string_view of_host(std::string_view name) const noexcept;
  // Whether the register has a host of this name, also a secret one.
  [[nodiscard]] bool lists(std::string_view name) const noexcept { return registry_->find_host(name).host != nullptr; }
  // The registered domain of a host's name.
  [[nodiscard]] bool owns_domain(std::string_view registered) const noexcept;

 private:
  [[nodiscard]] std::string_view told(const context::Registry::Found& found) const noexcept;
  std::shared_ptr<const context::Registry> registry_;
  std::unordered_map<const context::Host*, std::string> names_;
  std::vector<std::string> domains_;  // sorted
};

class KnownNow final : public privacy::Known {
 public:
  KnownNow(const DesignatedNames& names, const context::IndicatorSet& indicators, Timestamp now)
      : names_{names}, indicators_{indicators}, now_{now} {}
  [[nodiscard]] std::string_view asset_of(const IpAddress& address) const override { return names_.of(address); }
  [[nodiscard]] std::string_view asset_of_host(std::string_view host) const override { return names_.of_host(host); }
  [[nodiscard]] bool is_open_domain(std::string_view registered) const override;

 private:
  const DesignatedNames& names_;
  const context::IndicatorSet& indicators_;
  Timestamp now_;
};

}  // namespace nw::record
