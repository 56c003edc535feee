#include "detect/sigma/shipped.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/yaml.h"

namespace nw::sigma {

namespace {

class ShippedLint {
 public:
  ShippedLint(const Rule& rule, const ShippedOptions& options, Diagnostics& diagnostics)
      : info_{rule.info}, options_{options}, diagnostics_{diagnostics} {}

  void look() {
    need(!info_.description.empty(), "no description", "say what was seen, and why it matters");
    need(!info_.falsepositives.empty(), "no false positives", "say what is harmless and looks like it");
    need(!info_.norm.empty(), "no normwatch.norm", "name the norm that it engages");
    need(!info_.role.empty(), "no normwatch.role", "write harm, protect, duty or safeguard");
    need(!info_.regime.empty(), "no normwatch.regime", "write any");
    need(!info_.evidence.empty(), "no normwatch.evidence", "write payload, flow or log");
    tags();
  }

 private:
  void need(bool there, std::string_view what, std::string hint) {
    if (!there)
      diagnostics_.warning(info_.file, info_.mark, "shipped-rule", "the rule has " + std::string{what},
                           std::move(hint));
  }

  [[nodiscard]] std::vector<std::string_view> tagged(std::string_view prefix) const {
    std::vector<std::string_view> out;
    for (const std::string& tag : info_.tags)
      if (tag.starts_with(prefix)) out.push_back(std::string_view{tag}.substr(prefix.size()));
    return out;
  }

  void tags() {
    const PackDetection* detection = options_.pack->find(info_.detection_id);
    need(info_.detection_id == "none" || detection != nullptr, "no normwatch.detection_id of the pack",
         "name the detection of rules/norms/detections.yaml, or none");
    const std::vector<std::string_view> norms = tagged("norm.");
    need(std::ranges::find(norms, info_.norm) != norms.end(), "no tag of its norm", "add norm." + info_.norm);
    need(!tagged("attack.").empty() || (detection != nullptr && !detection->technique), "no attack.* tag",
         "add the technique; if ATT&CK has none, say so with technique: false in rules/norms/detections.yaml");
    const auto is_type = [](std::string_view name) { return std::ranges::count(name, '.') == 1; };
    need(std::ranges::any_of(tagged("rsit."), is_type), "no tag rsit.class.type",
         "add its class and type of the incident taxonomy");
    const std::vector<std::string_view> sectors = tagged("nw.sector.");
    need(!sectors.empty(), "no nw.sector.* tag", "add nw.sector.any, or the sectors that it is about");
    for (const std::string_view sector : sectors) {
      const auto first = [sector](std::string_view known) { return known.substr(0, known.find('.')) == sector; };
      const std::vector<std::string_view> known = first_parts();
      need(sector == "any" || std::ranges::any_of(options_.sectors, first),
           "the tag nw.sector." + std::string{sector} + ", which is no sector" + did_you_mean(sector, known),
           "write any, or the first part of the register's sectors");
    }
  }

  [[nodiscard]] std::vector<std::string_view> first_parts() const {
    std::vector<std::string_view> out{"any"};
    for (const std::string_view sector : options_.sectors) out.push_back(sector.substr(0, sector.find('.')));
    return out;
  }

  const RuleInfo& info_;
  const ShippedOptions& options_;
  Diagnostics& diagnostics_;
};

// A level that nobody wrote is medium: a rule that ships means what it says.
void look_at_levels(const RuleText& text, Diagnostics& diagnostics) {
  Diagnostics ignored;
  for (const YamlNode& document : parse_yaml(text.text, text.file, ignored))
    if (document.find("correlation") != nullptr && document.find("level") == nullptr)
      diagnostics.warning(text.file, document.mark, "shipped-rule", "the rule has no level",
                          "write informational, low, medium, high or critical");
}

}  // namespace

void lint_shipped(std::span<const RuleText> texts, std::span<const Rule> rules, const ShippedOptions& options,
                  Diagnostics& diagnostics) {
  for (const RuleText& text : texts) look_at_levels(text, diagnostics);
  for (const Rule& rule : rules) ShippedLint{rule, options, diagnostics}.look();
}

}  // namespace nw::sigma
