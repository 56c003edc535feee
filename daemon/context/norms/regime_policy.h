// What follows from a regime: how severe, how long kept, how far shared (rules/norms/regimes.yaml).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "context/norms/regime.h"
#include "context/taxonomy/tlp_order.h"

namespace nw::context {

using taxonomy::kTlpLabels;
using taxonomy::stricter_tlp;

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
