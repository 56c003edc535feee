// The catalogue of the eleven norms of responsible State behaviour (A/70/174, paragraph 13 (a) to (k)). Data in
// rules/norms/. An event engages a norm; nothing here says that anybody violated one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace nw::context {

struct Norm {
  std::string id;                                           // "13f"
  std::string document, paragraph;                          // "A/70/174", "13(f)"
  std::string role;                                         // harm | protect | duty | safeguard
  std::vector<std::pair<std::string, std::string>> titles;  // language -> title (ours, not official), English first
  std::string paraphrase;
  std::vector<std::string> limits;    // shown with every alert
  std::vector<std::string> evidence;  // what a case file needs before a person assesses

  // The title in `language`, else the English one.
  [[nodiscard]] std::string_view title(std::string_view language = "en") const;
  // "engages norm 13f (A/70/174): Do not damage critical infrastructure"
  [[nodiscard]] std::string engages() const;
};

// Printed with every alert.
constexpr std::string_view kNotAttribution = "Not an attribution. Source addresses can be forged, relayed or shared.";

class NormCatalogue {
 public:
  // One YAML file with a list of norms; strict. Null when there was an error.
  static std::shared_ptr<const NormCatalogue> load(std::string_view text, std::string_view file,
                                                   Diagnostics& diagnostics);
  [[nodiscard]] const Norm* find(std::string_view id) const noexcept;
  [[nodiscard]] const std::vector<Norm>& all() const noexcept { return norms_; }

 private:
  std::vector<Norm> norms_;
};

}  // namespace nw::context
