// What follows from a regime: how severe, how long kept, how far shared (rules/norms/regimes.yaml).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "context/norms/regime.h"

namespace nw::context {

// From the least strict to the strictest (TLP 2.0), as the register writes them, too.
inline constexpr std::array<std::string_view, 5> kTlpLabels{"clear", "green", "amber", "amber+strict", "red"};
// The stricter of the two. An empty label demands nothing; one that is unknown counts as red: who wrote it meant
// something that we do not know.
std::string_view stricter_tlp(std::string_view a, std::string_view b) noexcept;

struct RegimePolicy {
  int severity_step = 0;  // that the level of an alert rises at an asset whose protection flag a hook of law names
  std::uint32_t retention_days = 0;
  std::string tlp;                 // one of kTlpLabels
  std::vector<std::string> share;  // who may get it
};

class RegimePolicies {
 public:
  // One YAML file; strict. Null when there was an error.
  static std::shared_ptr<const RegimePolicies> load(std::string_view text, std::string_view file,
                                                    Diagnostics& diagnostics);
  [[nodiscard]] const RegimePolicy& of(Regime regime) const noexcept {
    return policies_[static_cast<std::size_t>(regime)];
  }

 private:
  std::array<RegimePolicy, kRegimes.size()> policies_;
};

}  // namespace nw::context
