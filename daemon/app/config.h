// The configuration, read strictly: every key that is not known is an error with its place and the nearest known key.
// config/normwatch.yaml is the commented sample, config/normwatch.schema.json the schema.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/indicators_config.h"
#include "app/intake_options.h"
#include "app/record_config.h"
#include "base/diagnostics.h"
#include "base/log.h"
#include "base/time.h"
#include "detect/correlation/engine.h"
#include "detect/liveness/watch.h"
#include "detect/sigma/placeholders.h"
#include "detect/sigma/variables.h"
#include "export/output.h"
#include "ingest/capture/packet_source.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/transports/transport.h"
#include "ingest/network/decoder.h"
#include "record/fold.h"

namespace nw::app {

// How fast a file is replayed: 0 = as fast as it goes, 1 = in real time, 20 = twenty times that.
struct Pace {
  double times_real = 0;
};
// "fast", "realtime", "20x".
Result<Pace> parse_pace(std::string_view text);

enum class SourceKind : unsigned char { capture, replay, transport };

struct SourceConfig {
  std::string name;
  SourceKind kind = SourceKind::capture;
  capture::LiveOptions live;  // capture
  std::string path;           // replay
  Pace pace;                  // replay
  std::string transport;      // transport: its row in logs::transports()
  logs::TransportOptions transport_options;
  IntakeOptions intake;  // transport; the spool's directory is not in it
  std::string format;    // replay of a log, transport: its row in logs::formats()
  std::string mapping;   // by name; empty: the one for its product or category; "none"
  logs::FormatOptions format_options;
  liveness::Expect expect;  // capture, transport
};

// What the daemon says of itself comes as from a source of this name, behind those of the configuration.
constexpr std::string_view kOwnSource = "normwatch";

struct OutputConfig {
  std::string name, kind;
  exporter::OutputKind::Make make;
  bool pages = false;
  bool outward = false;
};

// A file or folder of rules.
struct RulePath {
  std::string path;
  bool shadow = false;  // every rule in it is evaluated and counted, never notified
};

// Designated conversations of control networks (daemon/detect/baseline).
struct BaselineConfig {
  std::string file;    // empty: no baseline
  bool learn = false;  // gather candidates
  std::size_t candidates_max = 10'000;
};

// Words that are shared with others (config/taxonomy/README.md).
struct TaxonomyConfig {
  std::string sectors;             // in place of the embedded file; empty: the embedded one
  std::vector<std::string> extra;  // a country's own columns and sectors
};

// Feeds of known vulnerabilities (daemon/context/vulnerabilities).
struct VulnerabilityConfig {
  std::string kev;                // KEV's JSON file; empty: none
  std::vector<std::string> csaf;  // files, or folders of *.json
  [[nodiscard]] bool empty() const noexcept { return kev.empty() && csaf.empty(); }
};

enum class LogFormat : unsigned char { automatic, text, json, journal };

struct Config {
  std::string file;  // where it was read from; empty: the embedded defaults
  std::string site;
  std::string state_directory = "/var/lib/normwatch";
  std::string control;                         // Unix socket; empty: <state_directory>/control.sock
  std::string http_listen = "127.0.0.1:9810";  // empty: no HTTP server
  unsigned workers = 0;                        // 0: one per core
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::automatic;
  std::vector<RulePath> rule_paths;  // empty: the embedded rules
  bool rules_permissive = false;
  sigma::Placeholders placeholders;        // what `%name%` stands for in rules
  std::string placeholders_file;           // more of them; empty: none
  sigma::VariableSettings variables;       // what the site sets in rules that let it
  std::string variables_file;              // more of it; empty: none
  std::string norms_file, registry_file;   // empty: embedded; the register may be a folder of files
  std::vector<std::string> mapping_paths;  // field mappings besides the embedded ones
  // Read from them (app/mappings.h): the files, and every mapping, embedded ones first.
  std::vector<std::string> mapping_files;
  std::vector<std::shared_ptr<const logs::Mapping>> mappings;
  std::vector<std::string> pattern_paths;            // the site's own patterns for log lines
  std::shared_ptr<const logs::PatternSet> patterns;  // read from them (app/patterns.h); null: none
  std::vector<SourceConfig> sources;
  std::vector<OutputConfig> outputs;
  BaselineConfig baseline;
  TaxonomyConfig taxonomy;
  VulnerabilityConfig vulnerabilities;
  IndicatorsConfig indicators;
  RecordConfig record;
  network::NetworkLimits network;
  std::size_t alert_queue = 4096;  // alerts between the workers and the ledger
  std::size_t ledger_segment_bytes = 64U << 20;
  Nanoseconds incident_quiet = std::chrono::hours{24};
  std::optional<record::FoldOptions> fold = record::FoldOptions{};  // empty: every alert is written
  bool record_all = false;
  correlation::EngineOptions correlation;
  // What a reload cannot change, as text: it is compared, and a difference refuses the reload.
  std::string fixed_part;

  [[nodiscard]] std::string control_path() const {
    return control.empty() ? state_directory + "/control.sock" : control;
  }
};

// Null after an error; every fault is in `diagnostics`.
std::optional<Config> parse_config(std::string_view text, std::string_view file, Diagnostics& diagnostics);
// Reads the file, or the embedded defaults when `file` is empty.
std::optional<Config> load_config(const std::string& file, Diagnostics& diagnostics);

// A regular file's text, at most `bytes_max`. Errors: not_found, no_permission, io.
Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max = 16U << 20);

}  // namespace nw::app
