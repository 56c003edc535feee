#include "record/guard/known.h"

#include <algorithm>

#include "base/text.h"
#include "record/privacy/shorten.h"

namespace nw::record {

DesignatedNames::DesignatedNames(std::shared_ptr<const context::Registry> registry, const privacy::Policy& policy)
    : registry_{std::move(registry)} {
  for (const context::Asset& asset : registry_->assets()) {
    if (asset.secret()) continue;
    for (std::size_t i = 0; i < asset.hosts.size(); ++i) {
      const context::Host& host = asset.hosts[i];
      names_[&host] = asset.id + '/' + (host.name.empty() ? "host-" + std::to_string(i + 1) : host.name);
      const std::string name = to_ascii_lower(host.name);
      if (privacy::is_domain_name(name)) domains_.emplace_back(privacy::registered_domain(name, policy));
    }
  }
  std::sort(domains_.begin(), domains_.end());
}

std::string_view DesignatedNames::told(const context::Registry::Found& found) const noexcept {
  if (found.host == nullptr) return {};
  const auto name = names_.find(found.host);
  return name == names_.end() ? std::string_view{} : name->second;
}

std::string_view DesignatedNames::of(const IpAddress& address) const noexcept { return told(registry_->find(address)); }

std::string_view DesignatedNames::of_host(std::string_view name) const noexcept {
  return told(registry_->find_host(name));
}

bool DesignatedNames::owns_domain(std::string_view registered) const noexcept {
  return std::binary_search(domains_.begin(), domains_.end(), registered);
}

bool KnownNow::is_open_domain(std::string_view registered) const {
  if (names_.owns_domain(registered)) return true;
  bool listed = false;
  indicators_.find_name(registered, now_, [&listed](const context::IndicatorHit&) { listed = true; });
  return listed;
}

}  // namespace nw::record
