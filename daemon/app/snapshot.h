// Everything that decides what an event means, built as one and swapped as one: rules, register, norms, and the schema
// and Interest that follow from them. Immutable; workers hold it by shared pointer and change it between two batches.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/reporting_files.h"
#include "base/diagnostics.h"
#include "context/indicators/enricher.h"
#include "context/indicators/refusal.h"
#include "context/look_alikes/enricher.h"
#include "context/norms/law.h"
#include "context/norms/norms.h"
#include "context/norms/regime.h"
#include "context/norms/regime_policy.h"
#include "context/registry/registry.h"
#include "context/taxonomy/sectors.h"
#include "context/vulnerabilities/enrichment.h"
#include "context/vulnerabilities/exposure.h"
#include "detect/baseline/watch.h"
#include "detect/correlation/engine.h"
#include "detect/sigma/rule_set.h"
#include "event/schema.h"
#include "record/privacy/policy.h"
#include "record/privacy/sealing.h"

namespace nw::app {

struct Snapshot {
  std::shared_ptr<const event::Schema> schema;
  std::shared_ptr<const event::Interest> interest;
  std::shared_ptr<const sigma::RuleSet> rules;
  std::shared_ptr<const context::Registry> registry;
  std::shared_ptr<const context::NormCatalogue> norms;
  std::shared_ptr<const taxonomy::Sectors> sectors;
  std::shared_ptr<const context::Law> law;
  std::shared_ptr<const context::RegimePolicies> policies;
  // What people determined (regime_keeper.h); null: peacetime. Set after build_snapshot(), and kept over reloads.
  std::shared_ptr<const context::RegimeTimeline> regimes;
  std::shared_ptr<const context::Enricher> enricher;
  std::shared_ptr<const context::IndicatorSet> indicators;
  std::shared_ptr<const context::IndicatorEnricher> indicator_enricher;
  context::Refusals indicators_refused;
  // Null: no baseline is configured, and nw.baseline never appears.
  std::shared_ptr<const baseline::Baseline> baseline;
  std::shared_ptr<const baseline::Watch> baseline_watch;
  // Null: no feed of vulnerabilities is configured.
  std::shared_ptr<const vulnerabilities::ExposureMap> exposures;
  std::shared_ptr<const vulnerabilities::Enricher> vulnerability_enricher;
  // What is stored of persons, and who may reveal it (privacy_files.h).
  std::shared_ptr<const privacy::Policy> privacy;
  std::vector<privacy::Custodian> custodians;
  std::string privacy_hash;
  bool learn = false;  // what deviates becomes a candidate
  std::size_t candidates_max = 0;
  std::vector<correlation::Expectation> expected;  // whom rules expect to hear of (expected_keys.h)
  std::string rules_hash, registry_hash, norms_hash, baseline_hash, regime_hash, vulnerabilities_hash,
      indicators_hash;                             // SHA-256 of what was read, hex; named in the ledger
  std::size_t registry_files = 0;                  // that the register was read from
  std::shared_ptr<const ReportingBook> reporting;  // who must be told, by when
  // Null: the register has no domains.
  std::shared_ptr<const context::LookAlikes> look_alikes;
  std::shared_ptr<const context::LookAlikeEnricher> look_alike_enricher;
  std::string sectors_hash;  // hash_sectors() (taxonomies.h); in the ledger, too
};

// Reads, checks and compiles all that `config` names. Null after an error; every fault of every file is in
// `diagnostics`. `before` is the running schema, which the new one extends; null at the first start.
std::shared_ptr<const Snapshot> build_snapshot(const Config& config, const event::Schema* before,
                                               Diagnostics& diagnostics);

// The rule texts below `paths`; the embedded ones when it is empty. `tests`: the *.test.yml files instead.
std::vector<sigma::RuleText> read_rule_texts(const std::vector<RulePath>& paths, bool tests, Diagnostics& diagnostics);
// What `rules_sha256` of the ledger's rules-load entries is the SHA-256 of: a line for each file,
//   <SHA-256 of its text> rule|shadow <file>
// and one for what the site sets in them, "<SHA-256> settings -". So a few rules can be shown to be those that were in
// force, without the others and without the settings.
std::string list_rules(const std::vector<sigma::RuleText>& texts, const sigma::CompileOptions& options);
// Placeholders and variables, as the configuration and its files have them.
void add_site_settings(const Config& config, sigma::CompileOptions& options, Diagnostics& diagnostics);
// Plain paths, as a command line has them.
std::vector<RulePath> rule_paths(const std::vector<std::string>& paths);

// The fields that enrichment adds to events: a rule may ask for them. Without a baseline, one that reads nw.baseline is
// dormant; without feeds of vulnerabilities, one that reads what comes of them; without domains in the register, one
// that reads nw.look_alike_*.
enum class WithBaseline : unsigned char { no, yes };
enum class WithVulnerabilities : unsigned char { no, yes };
enum class WithDomains : unsigned char { no, yes };
void add_produced_fields(sigma::CompileOptions& options, WithBaseline baseline = WithBaseline::yes,
                         WithVulnerabilities vulnerabilities = WithVulnerabilities::yes,
                         WithDomains domains = WithDomains::yes);

// Adds the values that a file gives for %names% in rules: a YAML map of texts, or lists of them. No name: nothing.
void add_placeholders(const std::string& file, sigma::Placeholders& out, Diagnostics& diagnostics);

// Adds what a file sets in rules: a YAML map, as 'rules.variables' is. No name: nothing.
void add_variables(const std::string& file, sigma::VariableSettings& out, Diagnostics& diagnostics);

// Names, sizes and times of every file that `config` names: when it changes, the files on disk are no longer those that
// were read.
std::string disk_state(const Config& config);

// Adds the event types of every source in `config`.
void declare_sources(const Config& config, event::Schema& schema);

// SHA-256 of what is added, part by part; hex() ends it. Lower-case.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
std::string sha256_hex(std::string_view bytes);

}  // namespace nw::app
