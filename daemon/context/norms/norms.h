// The catalogue of the eleven norms of responsible State behaviour (A/70/174, paragraph 13 (a) to (k)). Data in
// rules/norms/. An event engages a norm; nothing here says that anybody violated one.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"

namespace nw::context {

// The six official languages of the United Nations, in the order of Norm::titles.
constexpr std::array<std::string_view, 6> kLanguages{"en", "fr", "es", "ru", "zh", "ar"};

// As what the daemon itself keeps evidence of an alert: a request and its answer, whole; packets of the flow, at least
// their headers, with the capture's clock and losses; the log line.
constexpr std::array<std::string_view, 3> kKeptForms{"exchange", "packets", "line"};

struct Norm {
  // A paragraph of a later report that explains the norm. `reviewed`: a person has compared it with the document.
  struct Explanation {
    std::string document, paragraphs;  // "A/76/135", "42-46"
    bool reviewed = false;
  };

  // A companion instrument, and what of it maps to the norm.
  struct Companion {
    std::string document, maps;  // "A/RES/58/199", "..."
    bool reviewed = false;
  };

  std::string id;                   // "13f"
  std::string document, paragraph;  // "A/70/174", "13(f)"
  std::vector<Explanation> explained_by;
  std::string role;                                         // harm | protect | duty | safeguard
  std::vector<std::pair<std::string, std::string>> titles;  // language -> title (ours, not official), English first
  std::vector<std::string> titles_to_review;                // languages whose title needs a native reader
  std::string paraphrase;                                   // ours
  std::vector<std::string> asks;                            // what States are expected to do
  std::vector<std::string> limits;                          // shown with every alert
  std::vector<std::string> evidence;                        // what a case file needs before a person assesses
  std::vector<std::pair<std::string, std::string>> kept;    // kKeptForms -> which of `evidence` that is
  std::string addressee;                                    // whom it speaks to: state
  std::vector<Companion> see_also;
  std::vector<std::string> sectors;  // "any", or ids of the sector taxonomy
  // Hooks of international law (law.h) by id: what is cited always, and what armed conflict adds.
  std::vector<std::string> peacetime_hooks, conflict_hooks;
  Mark hooks_mark;

  // The title in `language`, else the English one.
  [[nodiscard]] std::string_view title(std::string_view language = "en") const;
  // Where the official text stands in `language`: https://docs.un.org/fr/A/70/174
  [[nodiscard]] std::string official_text(std::string_view language = "en") const;
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
