#include "context/norms/regime_policy.h"

#include "context/norms/data_file.h"

namespace nw::context {

namespace {

constexpr std::int64_t kStepMax = 4;       // from informational to critical
constexpr std::int64_t kDaysMax = 36'500;  // a hundred years

RegimePolicy read_policy(const YamlNode& node, std::string_view file, Diagnostics& diagnostics) {
  RegimePolicy out;
  YamlMap map{node, "a regime's policy", file, diagnostics};
  if (!map.ok()) return out;
  if (map.require("severity_step") != nullptr)
    out.severity_step = static_cast<int>(map.integer("severity_step", 0, 0, kStepMax));
  if (map.require("retention_days") != nullptr)
    out.retention_days = static_cast<std::uint32_t>(map.integer("retention_days", 1, 1, kDaysMax));
  if (map.require("tlp") != nullptr) out.tlp = kTlpLabels[map.choice("tlp", kTlpLabels.size() - 1, kTlpLabels)];
  const YamlNode* share = map.require("share");
  out.share = map.texts("share");
  for (const std::string& who : out.share)
    if (who.empty() || who.size() > kDataTextBytesMax)
      map.error(share->mark, "bad-text", "each of 'share' must have 1 to 600 bytes");
  map.finish();
  return out;
}

}  // namespace

std::shared_ptr<const RegimePolicies> RegimePolicies::load(std::string_view text, std::string_view file,
                                                           Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  auto out = std::make_shared<RegimePolicies>();
  if (const auto root = one_document(text, file, "the regimes' policies", diagnostics)) {
    YamlMap map{*root, "the regimes' policies", file, diagnostics};
    if (map.ok()) {
      check_version(map, 1);
      if (const YamlNode* node = map.require("regimes"); node != nullptr) {
        YamlMap regimes{*node, "'regimes'", file, diagnostics};
        for (std::size_t i = 0; regimes.ok() && i < kRegimes.size(); ++i)
          if (const YamlNode* policy = regimes.require(kRegimes[i]); policy != nullptr)
            out->policies_[i] = read_policy(*policy, file, diagnostics);
        if (regimes.ok()) regimes.finish();
      }
      map.finish();
    }
  }
  return diagnostics.errors() == before ? out : nullptr;
}

}  // namespace nw::context
