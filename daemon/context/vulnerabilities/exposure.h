// Which vulnerabilities are open at the assets of the register. Immutable; built with each snapshot.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "context/registry/registry.h"
#include "context/vulnerabilities/knowledge.h"
#include "event/value.h"

namespace nw::vulnerabilities {

// One vulnerability of one product at one place. Views live as long as the map.
struct Exposure {
  std::string_view asset;
  std::optional<IpAddress> host;  // nothing: the asset has it somewhere
  std::string_view product;       // in the register's words: "Siemens SIMATIC S7-1500 V2.9"
  std::string_view cve;           // the advisory's id, where the vulnerability has none
  std::string_view advisory;      // its id; empty: only KEV says so
  std::string_view tlp;           // of the advisory; empty: not stated
  std::string_view remedy;        // what the advisory, or else KEV, says is to be done; may be empty
  Severity severity{};
  bool certain = false;  // the advisory's product and versions hold the register's; else it may be so
  bool known_exploited = false;
  std::optional<Timestamp> since;  // when it was published or added to KEV, whichever was first
  std::optional<Timestamp> added;  // to KEV
  std::optional<Timestamp> due;    // KEV's
};

struct AssetExposure {
  std::string_view asset, highest_class;
  bool secret = false;                   // no output may name it
  std::size_t known_exploited = 0;       // vulnerabilities, each once
  std::array<std::size_t, 6> advised{};  // by Severity: those of advisories, each once
};

inline constexpr std::size_t kExposuresMax = 500'000;

class ExposureMap {
 public:
  // The vulnerabilities at one place, each once: of several products the worst.
  struct Open {
    std::vector<const Exposure*> by_cve;  // sorted
    std::vector<event::Value> cves;       // the same as texts for an event
    [[nodiscard]] const Exposure* find(std::string_view cve) const noexcept;
  };

  static std::shared_ptr<const ExposureMap> build(std::span<const context::Asset> assets,
                                                  std::shared_ptr<const Knowledge> knowledge,
                                                  std::size_t exposures_max = kExposuresMax);
  static std::shared_ptr<const ExposureMap> empty();

  // Sorted by asset, host, CVE, product.
  [[nodiscard]] std::span<const Exposure> all() const noexcept { return exposures_; }
  [[nodiscard]] std::span<const Exposure> of_asset(std::string_view asset) const noexcept;
  // At a host: its own, and those that the asset has somewhere. Without a host: all of the asset. Null: none.
  [[nodiscard]] const Open* open_at(std::string_view asset, const IpAddress* host) const noexcept;
  [[nodiscard]] const Exposure* find(std::string_view asset, const IpAddress* host,
                                     std::string_view cve) const noexcept;
  // Of every asset that names a product, in the register's order.
  [[nodiscard]] std::span<const AssetExposure> assets() const noexcept { return assets_; }
  [[nodiscard]] const Knowledge& knowledge() const noexcept { return *knowledge_; }
  [[nodiscard]] std::size_t left_out() const noexcept { return left_out_; }  // beyond the bound

  ExposureMap(const ExposureMap&) = delete;
  ExposureMap& operator=(const ExposureMap&) = delete;

 private:
  ExposureMap() = default;
  class Builder;
  struct Place {
    Open whole, somewhere;  // somewhere: without a host
    std::map<IpAddress, Open> hosts;
    std::size_t first = 0, count = 0;  // in exposures_
  };

  std::shared_ptr<const Knowledge> knowledge_;
  std::deque<std::string> texts_;
  std::vector<Exposure> exposures_;
  std::vector<AssetExposure> assets_;
  std::unordered_map<std::string_view, Place> places_;
  std::size_t left_out_ = 0;
};

}  // namespace nw::vulnerabilities
