#include "app/snapshot.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <openssl/evp.h>
#include <system_error>

#include "app/embedded.h"
#include "app/expected_keys.h"
#include "app/indicators_load.h"
#include "app/mappings.h"
#include "app/norm_files.h"
#include "app/own_event.h"
#include "app/privacy_files.h"
#include "app/registry_files.h"
#include "app/rule_cache.h"
#include "app/taxonomies.h"
#include "app/vulnerabilities.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/yaml.h"
#include "detect/liveness/health.h"
#include "detect/liveness/scope.h"
#include "event/later_types.h"
#include "ingest/logs/formats/format.h"
#include "ingest/network/decoder.h"

namespace nw::app {

namespace {

constexpr std::size_t kRuleFilesMax = 100'000;

bool is_rule_name(std::string_view name, bool tests) {
  const bool yaml = name.ends_with(".yml") || name.ends_with(".yaml");
  const bool test = name.ends_with(".test.yml") || name.ends_with(".test.yaml");
  return yaml && test == tests;
}

void add_rule_file(const RulePath& file, std::vector<sigma::RuleText>& texts, Diagnostics& diagnostics) {
  auto text = read_text_file(file.path);
  if (!text) {
    diagnostics.error(file.path, {}, "unreadable", text.error().what);
    return;
  }
  texts.push_back({file.path, std::move(*text), file.shadow});
}

// Folders below a rule folder that hold other YAML: the norm catalogue, and SigmaHQ's regression cases.
bool holds_no_rules(const std::filesystem::path& folder) {
  return folder.filename() == "norms" || folder.filename() == "regression_data";
}

// Every rule file below `path`, in the order of their names.
std::vector<std::string> list_rule_files(const std::string& path, bool tests, Diagnostics& diagnostics) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> files;
  fs::recursive_directory_iterator at{path, fs::directory_options::skip_permission_denied, error}, end;
  for (; !error && at != end; at.increment(error)) {
    if (at->is_directory() && holds_no_rules(at->path())) at.disable_recursion_pending();
    if (at->is_regular_file() && is_rule_name(at->path().filename().string(), tests))
      files.push_back(at->path().string());
    if (files.size() > kRuleFilesMax) break;
  }
  if (error) diagnostics.error(path, {}, "unreadable", "cannot list the folder: " + error.message());
  if (files.size() > kRuleFilesMax)
    diagnostics.error(path, {}, "too-many-files", "more than 100000 rule files", "point at the rules' own folder");
  std::sort(files.begin(), files.end());
  return files;
}

// Every rule file (or test file) that `paths` name, folder by folder.
std::vector<RulePath> rule_files(const std::vector<RulePath>& paths, bool tests, Diagnostics& diagnostics) {
  std::vector<RulePath> files;
  for (const auto& [path, shadow] : paths) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) {
      for (std::string& found : list_rule_files(path, tests, diagnostics)) files.push_back({std::move(found), shadow});
    } else if (!std::filesystem::is_regular_file(status)) {
      diagnostics.error(path, {}, "unreadable", "no such file or folder of rules",
                        "correct the path, or leave 'rules.paths' out for the embedded rules");
    } else if (is_rule_name(path, tests)) {
      files.push_back({path, shadow});
    }
  }
  return files;
}

// Rules cite norms by id; a norm that the catalogue does not have would leave an alert without its text.
void check_norms(const sigma::RuleSet& rules, const context::NormCatalogue& norms, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const sigma::RuleInfo& info = rules.info(i);
    if (!info.norm.empty() && norms.find(info.norm) == nullptr)
      diagnostics.error(info.file, info.mark, "unknown-norm",
                        "rule '" + info.title + "' engages norm '" + info.norm + "', which the catalogue does not have",
                        "norms are 13a to 13k");
  }
}

// Their rules are live only where there are indicators: without, nothing is looked up, and nothing is asked of events.
void read_indicator_files(const Config& config, event::Schema& schema, Snapshot& snapshot, Diagnostics& diagnostics) {
  snapshot.indicator_enricher = std::make_shared<const context::IndicatorEnricher>(schema);
  std::vector<IpPrefix> own;
  if (snapshot.registry)
    for (const context::Asset& asset : snapshot.registry->assets()) {
      own.insert(own.end(), asset.networks.begin(), asset.networks.end());
      for (const context::Host& host : asset.hosts) own.emplace_back(host.address, 128);
    }
  LoadedIndicators loaded = load_indicators(config.indicators, std::move(own), wall_now(), diagnostics);
  snapshot.indicators = std::move(loaded.set);
  snapshot.indicators_refused = std::move(loaded.refusals);
  snapshot.indicators_hash = std::move(loaded.hash);
  if (!config.indicators.files.empty()) snapshot.indicator_enricher->claim(schema);
}

void take_domains(event::Schema& schema, Snapshot& snapshot) {
  if (!snapshot.registry || snapshot.registry->domains().empty()) return;
  std::vector<context::DesignatedName> names;
  for (const context::Domain& domain : snapshot.registry->domains())
    names.push_back({domain.name, domain.asset->id, domain.asset->sector});
  snapshot.look_alikes = std::make_shared<const context::LookAlikes>(std::move(names));
  snapshot.look_alike_enricher = std::make_shared<const context::LookAlikeEnricher>(schema);
}

// A file that is not there yet is a baseline that designates nothing: approvals make it.
void read_baseline(const Config& config, event::Schema& schema, Snapshot& snapshot, Diagnostics& diagnostics) {
  const BaselineConfig& wanted = config.baseline;
  if (wanted.file.empty()) return;
  snapshot.baseline_watch = std::make_shared<const baseline::Watch>(schema);
  snapshot.learn = wanted.learn;
  snapshot.candidates_max = wanted.candidates_max;
  const auto text = read_text_file(wanted.file, std::size_t{64} << 20);
  if (text) {
    snapshot.baseline = baseline::Baseline::load(*text, wanted.file, diagnostics);
    snapshot.baseline_hash = sha256_hex(*text);
  } else if (text.error().code == Errc::not_found) {
    snapshot.baseline = baseline::Baseline::empty();
    diagnostics.warning(wanted.file, {}, "no-baseline-yet", "there is no such file: no conversation is designated",
                        "'normwatch baseline approve' makes it; see 'normwatch baseline review'");
  } else {
    diagnostics.error(wanted.file, {}, "unreadable", "the baseline: " + text.error().what,
                      "correct 'baseline.file' in the configuration");
  }
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256::Sha256() : state_{std::make_unique<State>()} {
  NW_CHECK(state_->context != nullptr && EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() { EVP_MD_CTX_free(state_->context); }

void Sha256::add(std::string_view bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

std::vector<sigma::RuleText> read_rule_texts(const std::vector<RulePath>& paths, bool tests, Diagnostics& diagnostics) {
  std::vector<sigma::RuleText> texts;
  if (paths.empty()) {
    for (const EmbeddedFile& file : embedded_files())
      if (file.path.starts_with("rules/") && !file.path.starts_with("rules/norms/") && is_rule_name(file.path, tests))
        texts.push_back({std::string{file.path}, std::string{file.text}});
    return texts;
  }
  for (const RulePath& file : rule_files(paths, tests, diagnostics)) add_rule_file(file, texts, diagnostics);
  return texts;
}

std::string list_rules(const std::vector<sigma::RuleText>& texts, const sigma::CompileOptions& options) {
  std::string out, settings;
  for (const sigma::RuleText& text : texts)
    out += sha256_hex(text.text) + (text.shadow ? " shadow " : " rule ") + printable(text.file, 4096) + '\n';
  const auto add = [&settings](std::string_view part) { settings.append(part).append(1, '\0'); };
  for (const auto& [name, values] : options.placeholders)
    for (const std::string& value : values) add('%' + name + '%' + value);
  for (const sigma::VariableSetting& setting : options.variables)
    for (const std::string& part : {setting.rule, setting.name, sigma::variable_text(setting.value)}) add(part);
  return out + sha256_hex(settings) + " settings -\n";
}

void add_site_settings(const Config& config, sigma::CompileOptions& options, Diagnostics& diagnostics) {
  options.placeholders = config.placeholders;
  add_placeholders(config.placeholders_file, options.placeholders, diagnostics);
  options.variables = config.variables;
  add_variables(config.variables_file, options.variables, diagnostics);
}

std::vector<RulePath> rule_paths(const std::vector<std::string>& paths) {
  std::vector<RulePath> out;
  for (const std::string& path : paths) out.push_back({path, false});
  return out;
}

void add_produced_fields(sigma::CompileOptions& options, WithBaseline baseline, WithVulnerabilities vulnerabilities,
                         WithDomains domains) {
  for (const event::FieldSpec& field : context::Enricher::fields()) options.produced_fields.push_back(field.name);
  if (vulnerabilities == WithVulnerabilities::yes)
    for (const event::FieldSpec& field : vulnerabilities::Enricher::fields())
      options.produced_fields.push_back(field.name);
  for (const event::FieldSpec& field : context::IndicatorEnricher::fields())
    options.produced_fields.push_back(field.name);
  if (domains == WithDomains::yes)
    for (const event::FieldSpec& field : context::LookAlikeEnricher::fields())
      options.produced_fields.push_back(field.name);
  if (baseline == WithBaseline::no) return;
  for (const event::FieldSpec& field : baseline::Watch::fields()) options.produced_fields.push_back(field.name);
}

void add_placeholders(const std::string& file, sigma::Placeholders& out, Diagnostics& diagnostics) {
  if (file.empty()) return;
  const auto text = read_text_file(file);
  if (text)
    sigma::parse_placeholders(*text, file, out, diagnostics);
  else
    diagnostics.error(file, {}, "unreadable", "the placeholders: " + text.error().what,
                      "correct 'rules.placeholders_file' in the configuration, or --placeholders");
}

void add_variables(const std::string& file, sigma::VariableSettings& out, Diagnostics& diagnostics) {
  if (file.empty()) return;
  const auto text = read_text_file(file);
  if (text)
    sigma::parse_variable_settings(*text, file, out, diagnostics);
  else
    diagnostics.error(file, {}, "unreadable", "the variables: " + text.error().what,
                      "correct 'rules.variables_file' in the configuration");
}

std::string disk_state(const Config& config) {
  Diagnostics ignored;  // a file that is gone differs by being absent
  std::vector<RulePath> files = rule_files(config.rule_paths, false, ignored);
  for (const std::string& file :
       {config.file, config.norms_file, config.placeholders_file, config.variables_file, config.baseline.file})
    files.push_back({file, false});
  for (const std::string& file : list_registry_files(config.registry_file, ignored)) files.push_back({file, false});
  for (const std::string& file : config.mapping_files) files.push_back({file, false});
  for (const std::string& file : privacy_files(config)) files.push_back({file, false});
  files.push_back({config.taxonomy.sectors, false});
  for (const std::string& file : config.taxonomy.extra) files.push_back({file, false});
  for (const std::string& file : norm_companions(config.norms_file)) files.push_back({file, false});
  const VulnerabilityFiles feeds = vulnerability_files(config.vulnerabilities, ignored);
  files.push_back({feeds.kev, false});
  for (const std::string& file : feeds.csaf) files.push_back({file, false});
  for (const IndicatorFile& file : config.indicators.files) files.push_back({file.path, false});
  for (const std::string& file : config.indicators.warning_lists) files.push_back({file, false});
  for (const std::string& file : reporting_files(config.record.reporting)) files.push_back({file, false});
  std::string state;
  for (const auto& [file, shadow] : files) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    const auto time = std::filesystem::last_write_time(file, error);
    state += file + ' ' +
             (error ? "absent" : std::to_string(size) + ' ' + std::to_string(time.time_since_epoch().count())) + '\n';
  }
  return state;
}

void declare_sources(const Config& config, event::Schema& schema) {
  for (const SourceConfig& source : config.sources) {
    if (source.kind == SourceKind::capture || (source.kind == SourceKind::replay && source.format.empty()))
      network::NetworkDecoder::declare(schema);
    if (const logs::Format* format = logs::find_format(source.format)) format->declare(schema, source.format_options);
  }
}

std::shared_ptr<const Snapshot> build_snapshot(const Config& config, const event::Schema* before,
                                               Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.errors();
  auto snapshot = std::make_shared<Snapshot>();
  const auto schema = before == nullptr ? std::make_shared<event::Schema>() : std::make_shared<event::Schema>(*before);
  schema->clear_mappings();
  declare_sources(config, *schema);
  liveness::declare(*schema);
  liveness::declare_scope(*schema);
  event::declare_later(*schema);
  declare_fed(*schema);
  claim_mappings(config, *schema);
  snapshot->enricher = std::make_shared<const context::Enricher>(*schema);

  NormFiles norms = read_norm_files(config.norms_file, diagnostics);
  snapshot->norms = std::move(norms.catalogue);
  snapshot->law = std::move(norms.law);
  snapshot->policies = std::move(norms.policies);
  snapshot->norms_hash = std::move(norms.hash);
  snapshot->sectors = load_sectors(config, diagnostics, &snapshot->sectors_hash);
  PrivacyFiles privacy = read_privacy_files(config, diagnostics);
  snapshot->privacy = std::move(privacy.policy);
  snapshot->custodians = std::move(privacy.custodians);
  snapshot->privacy_hash = std::move(privacy.hash);
  const auto register_files = read_registry_files(config.registry_file, diagnostics);
  if (register_files && snapshot->sectors) {
    snapshot->registry = context::Registry::load(*register_files, snapshot->sectors->ids(), diagnostics);
    snapshot->registry_hash = hash_register(*register_files);
    snapshot->registry_files = register_files->size();
  }
  take_domains(*schema, *snapshot);
  read_baseline(config, *schema, *snapshot, diagnostics);
  read_vulnerabilities(config.vulnerabilities, *schema, *snapshot, diagnostics);
  read_indicator_files(config, *schema, *snapshot, diagnostics);
  snapshot->reporting = load_reporting_book(config.record.reporting, config.file, diagnostics);
  const std::vector<sigma::RuleText> texts = read_rule_texts(config.rule_paths, false, diagnostics);
  sigma::CompileOptions options;
  add_site_settings(config, options, diagnostics);
  snapshot->rules_hash = sha256_hex(list_rules(texts, options));
  if (texts.empty() && diagnostics.errors() == errors_before)
    diagnostics.error(config.file, {}, "no-rules", "no rule file (*.yml) was found in 'rules.paths'",
                      "point it at a folder of Sigma rules");
  options.permissive = config.rules_permissive;
  add_produced_fields(options, config.baseline.file.empty() ? WithBaseline::no : WithBaseline::yes,
                      config.vulnerabilities.empty() ? WithVulnerabilities::no : WithVulnerabilities::yes,
                      snapshot->look_alikes ? WithDomains::yes : WithDomains::no);
  options.now = wall_now();
  Diagnostics rule_diagnostics;
  snapshot->rules =
      compile_rules(texts, *schema, options, rule_cache_directory(config.state_directory), rule_diagnostics);
  if (snapshot->rules && snapshot->norms) check_norms(*snapshot->rules, *snapshot->norms, rule_diagnostics);
  // A permissive set runs without its bad rules: what is wrong with them is told, but does not stop the others. What
  // the site sets and no rule takes is the configuration's fault.
  for (const Diagnostic& d : rule_diagnostics.all()) {
    const bool site = d.code == "variable-unknown" || d.code == "variable-value";
    if ((config.rules_permissive && !site) || d.severity == Severity::warning)
      diagnostics.warning(d.file, d.mark, d.code, d.text, d.hint);
    else
      diagnostics.error(d.file, d.mark, d.code, d.text, d.hint);
  }
  if (diagnostics.errors() != errors_before) return nullptr;
  if (!snapshot->rules || !snapshot->norms || !snapshot->law || !snapshot->policies || !snapshot->sectors ||
      !snapshot->registry)
    return nullptr;

  auto interest = std::make_shared<event::Interest>(snapshot->rules->interest());
  if (config.record_all)
    for (std::size_t i = 0; i < schema->type_count(); ++i) interest->want_all(static_cast<event::TypeId>(i));
  if (snapshot->baseline_watch) snapshot->baseline_watch->subscribe(*interest, snapshot->learn);
  liveness::ScopeCounter::subscribe(*interest, *schema);
  snapshot->enricher->subscribe(*interest, *schema, *snapshot->registry);
  if (snapshot->vulnerability_enricher) snapshot->vulnerability_enricher->subscribe(*interest, *schema);
  snapshot->indicator_enricher->subscribe(*interest, *schema);
  if (snapshot->look_alikes) snapshot->look_alike_enricher->subscribe(*interest, *schema);
  snapshot->interest = std::move(interest);
  snapshot->schema = schema;
  snapshot->expected = expected_keys(config, *snapshot);
  return snapshot;
}

}  // namespace nw::app
