#include "app/vulnerabilities.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <system_error>

#include "context/vulnerabilities/exposure_event.h"
#include "context/vulnerabilities/json_document.h"

namespace nw::app {

namespace {

namespace fs = std::filesystem;
using vulnerabilities::LeftOut;

constexpr std::size_t kFilesMax = 100'000;

void list_advisories(const std::string& path, std::vector<std::string>& out, Diagnostics& diagnostics) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    out.push_back(path);
    return;
  }
  std::vector<std::string> files;
  fs::recursive_directory_iterator at{path, error}, end;
  for (; !error && at != end && files.size() <= kFilesMax; at.increment(error))
    if (at->is_regular_file() && at->path().extension() == ".json") files.push_back(at->path().string());
  if (error) diagnostics.error(path, {}, "unreadable", "cannot list the folder: " + error.message());
  if (files.size() > kFilesMax)
    diagnostics.error(path, {}, "too-many-files", "more than 100000 files of CSAF",
                      "name the folders of those vendors alone whose products the register has");
  std::ranges::sort(files);
  out.insert(out.end(), files.begin(), files.end());
}

}  // namespace

VulnerabilityFiles vulnerability_files(const VulnerabilityConfig& config, Diagnostics& diagnostics) {
  VulnerabilityFiles out;
  out.kev = config.kev;
  for (const std::string& path : config.csaf) list_advisories(path, out.csaf, diagnostics);
  return out;
}

void read_vulnerabilities(const VulnerabilityConfig& config, event::Schema& schema, Snapshot& snapshot,
                          Diagnostics& diagnostics) {
  if (config.empty() || !snapshot.registry) return;
  vulnerabilities::declare(schema);
  snapshot.vulnerability_enricher = std::make_shared<const vulnerabilities::Enricher>(schema);
  const VulnerabilityFiles files = vulnerability_files(config, diagnostics);
  vulnerabilities::KnowledgeBuilder builder;
  Sha256 hash;
  const auto read = [&](const std::string& file, std::string_view what) {
    auto text = read_text_file(file, vulnerabilities::JsonDocuments::kBytesMax);
    if (!text)
      diagnostics.error(file, {}, "unreadable", std::string{what} + ": " + text.error().what,
                        "correct 'vulnerabilities' in the configuration, or fetch the file again");
    else
      hash.add(sha256_hex(*text));
    return text;
  };
  if (!files.kev.empty())
    if (const auto text = read(files.kev, "the KEV catalogue")) builder.add_kev(*text, files.kev, diagnostics);
  for (const std::string& file : files.csaf)
    if (const auto text = read(file, "an advisory")) builder.add_csaf(*text, file, diagnostics);
  snapshot.vulnerabilities_hash = hash.hex();
  snapshot.exposures = vulnerabilities::ExposureMap::build(snapshot.registry->assets(), builder.finish());
  if (snapshot.exposures->left_out() != 0)
    diagnostics.warning(config.kev.empty() ? config.csaf.front() : config.kev, {}, "too-many-exposures",
                        std::to_string(snapshot.exposures->left_out()) + " exposures of assets are left out, beyond " +
                            std::to_string(vulnerabilities::kExposuresMax),
                        "list in 'remedied' what is patched, and name products as the advisories do");
}

void fill_vulnerabilities(const Snapshot& snapshot, metrics::Snapshot& out) {
  if (!snapshot.exposures) return;
  const vulnerabilities::Knowledge::Counts& counts = snapshot.exposures->knowledge().counts();
  const auto real = [](std::size_t count) { return static_cast<double>(count); };
  out.set("normwatch_vulnerabilities_loaded", {"kev"}, real(counts.kev));
  out.set("normwatch_vulnerabilities_loaded", {"csaf"}, real(counts.advisories));
  out.set("normwatch_vulnerabilities_left_out", {"kev", "malformed"}, real(counts.kev_malformed));
  out.set("normwatch_vulnerabilities_left_out", {"kev", "repeated"}, real(counts.kev_repeated));
  for (std::size_t i = 0; i < counts.left_out.size(); ++i)
    out.set("normwatch_vulnerabilities_left_out", {"csaf", to_string(static_cast<LeftOut>(i))},
            real(counts.left_out[i]));
  out.set("normwatch_vulnerabilities_versions_unread", {}, real(counts.versions_unread));
  out.set("normwatch_exposures", {}, real(snapshot.exposures->all().size()));
  out.set("normwatch_exposures_left_out", {}, real(snapshot.exposures->left_out()));

  using Sums = std::pair<std::string_view, std::string_view>;
  std::map<Sums, std::size_t> kev, advised;
  std::size_t named = 0;
  for (const vulnerabilities::AssetExposure& asset : snapshot.exposures->assets()) {
    const std::string_view name = asset.secret ? "undisclosed" : ++named > kAssetsByName ? "other" : asset.asset;
    kev[{name, asset.highest_class}] += asset.known_exploited;
    for (std::size_t i = 0; i < asset.advised.size(); ++i)
      advised[{name, to_string(static_cast<vulnerabilities::Severity>(i))}] += asset.advised[i];
  }
  for (const auto& [labels, count] : kev)
    out.set("normwatch_asset_kev_exposed", {labels.first, labels.second}, real(count));
  for (const auto& [labels, count] : advised)
    out.set("normwatch_asset_advisories", {labels.first, labels.second}, real(count));
}

}  // namespace nw::app
