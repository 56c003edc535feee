// What a bundle takes from the site's own files: rules, norms, and of the register what an outsider may know.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>

#include "app/evidence_files.h"
#include "app/norm_files.h"
#include "app/registry_files.h"
#include "app/snapshot.h"
#include "app/taxonomies.h"
#include "context/registry/registry.h"
#include "record/merkle/canonical.h"

namespace nw::app {

namespace {

namespace json = boost::json;

json::array array_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

// No networks, hosts or dependencies: they lead to machines, and are not needed to understand an alert.
json::object extract_of(const context::Asset& asset) {
  return {{"id", asset.id},
          {"name", asset.name},
          {"operator", asset.operator_id},
          {"sector", asset.sector},
          {"functions", array_of(asset.functions)},
          {"availability", asset.availability},
          {"integrity", asset.integrity},
          {"confidentiality", asset.confidentiality},
          {"flags", array_of(asset.flags)},
          {"disclosure", asset.disclosure},
          {"location", asset.location},
          {"basis", json::object{{"act", asset.basis.act}, {"from", asset.basis.from}, {"until", asset.basis.until}}}};
}

}  // namespace

std::optional<bundle::Pack> read_pack(const Config& config, const std::vector<std::string>& assets,
                                      Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.errors();
  bundle::Pack out;
  const auto texts = read_rule_texts(config.rule_paths, false, diagnostics);
  sigma::CompileOptions settings;
  add_site_settings(config, settings, diagnostics);
  out.rules_list = list_rules(texts, settings);
  std::map<std::string, std::string, std::less<>> by_file;
  for (const sigma::RuleText& text : texts) by_file.emplace(text.file, text.text);
  out.rule = [by_file = std::move(by_file)](std::string_view file) {
    const auto found = by_file.find(file);
    return found == by_file.end() ? std::string{} : found->second;
  };
  const auto catalogue =
      read_or_embedded(config.norms_file, "rules/norms/catalogue.yaml", "the norm catalogue", diagnostics);
  const auto law = read_norm_companion(config.norms_file, "law.yaml", diagnostics);
  const auto policies = read_norm_companion(config.norms_file, "regimes.yaml", diagnostics);
  const auto sectors = load_sectors(config, diagnostics);
  const auto files = read_registry_files(config.registry_file, diagnostics);
  if (!catalogue || !law || !policies || !sectors || !files) return std::nullopt;
  out.norms = {catalogue->text, law->text, policies->text};
  out.registry_hash = hash_register(*files);
  out.registry_list = list_register(*files);
  const auto registry = context::Registry::load(*files, sectors->ids(), diagnostics);
  if (!registry || diagnostics.errors() != errors_before) return std::nullopt;
  json::array extract;
  for (const context::Asset& asset : registry->assets())
    if (!asset.secret() && std::find(assets.begin(), assets.end(), asset.id) != assets.end())
      extract.push_back(extract_of(asset));
  auto text = merkle::canonical_json(json::object{
      {"assets", std::move(extract)},
      {"left_out", "networks, hosts, dependencies, contacts; assets that are secret, or not of this incident"},
      {"register_sha256", out.registry_hash}});
  if (!text) {
    diagnostics.error(config.registry_file, {}, "register-extract", text.error().what);
    return std::nullopt;
  }
  out.registry_extract = std::move(*text);
  return out;
}

}  // namespace nw::app
