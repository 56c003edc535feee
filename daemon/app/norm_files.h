// The norm catalogue and what belongs to it: hooks of law, policies of the regimes, the words that outgoing texts are
// held to. Of a catalogue that the configuration names, the others lie beside it; what is not there is the embedded
// one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "context/norms/law.h"
#include "context/norms/norms.h"
#include "context/norms/regime_policy.h"

namespace nw::app {

struct NamedText {
  std::string file, text;
};
// The file, or the embedded one when its name is empty. Nothing after a report.
std::optional<NamedText> read_or_embedded(const std::string& file, std::string_view embedded, std::string_view what,
                                          Diagnostics& diagnostics);

struct NormFiles {
  std::shared_ptr<const context::NormCatalogue> catalogue;  // each null after an error
  std::shared_ptr<const context::Law> law;
  std::shared_ptr<const context::RegimePolicies> policies;
  std::string hash;  // SHA-256 of all of them
};
NormFiles read_norm_files(const std::string& catalogue_file, Diagnostics& diagnostics);

// law.yaml, regimes.yaml and wording.yaml beside `catalogue_file`, whether or not they are there; none when it is
// empty.
std::vector<std::string> norm_companions(const std::string& catalogue_file);
// One of those by its name: beside the catalogue, else embedded.
std::optional<NamedText> read_norm_companion(const std::string& catalogue_file, std::string_view name,
                                             Diagnostics& diagnostics);

}  // namespace nw::app
