#include "app/config.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sys/stat.h>

#include "app/embedded.h"
#include "app/expect_config.h"
#include "app/mappings.h"
#include "app/patterns.h"
#include "app/time_zone.h"
#include "base/text.h"
#include "base/yaml.h"

namespace nw::app {

namespace {

constexpr std::string_view kNameHint = "use letters, digits, '-' and '_', at most 64";

// Names become metric labels and file names.
bool good_name(std::string_view name) {
  const auto good = [](char c) {
    return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), good);
}

std::string read_name(YamlMap& map, std::vector<std::string>& names, std::string_view what) {
  std::string name = map.require_text("name");
  if (name.empty()) return name;
  if (!good_name(name))
    map.error(map.mark(), "bad-name", "'" + printable(name, 64) + "' cannot name " + std::string{what},
              std::string{kNameHint});
  if (std::find(names.begin(), names.end(), name) != names.end())
    map.error(map.mark(), "duplicate-name", "two entries are called '" + name + "'", "give each its own name");
  names.push_back(name);
  return name;
}

// The canonical text of a node, for comparing two configurations.
void flatten(const YamlNode& node, std::string& out) {
  switch (node.kind) {
    case YamlNode::Kind::null: out += "~"; break;
    case YamlNode::Kind::scalar: append_json_string(node.scalar, out); break;
    case YamlNode::Kind::sequence:
      out += '[';
      for (const YamlNode& item : node.items) {
        flatten(item, out);
        out += ',';
      }
      out += ']';
      break;
    case YamlNode::Kind::map: {
      std::vector<const std::pair<YamlNode, YamlNode>*> sorted;
      for (const auto& member : node.members) sorted.push_back(&member);
      std::sort(sorted.begin(), sorted.end(),
                [](const auto* a, const auto* b) { return a->first.scalar < b->first.scalar; });
      out += '{';
      for (const auto* member : sorted) {
        append_json_string(member->first.scalar, out);
        out += ':';
        flatten(member->second, out);
        out += ',';
      }
      out += '}';
    }
  }
}

void read_format(YamlMap& map, SourceConfig& source, std::string_view fallback) {
  source.format = map.text("format", std::string{fallback});
  const std::vector<std::string_view> known = logs::format_names();
  if (!source.format.empty() && logs::find_format(source.format) == nullptr)
    map.error(map.mark(), "unknown-format",
              "no log format is called '" + printable(source.format, 64) + "'" + did_you_mean(source.format, known));
  const logs::Format* const format = logs::find_format(source.format);
  const logs::TransportKind* const transport = logs::find_transport(source.transport);
  if (format != nullptr && format->datagrams && (transport == nullptr || !transport->datagrams))
    map.error(map.mark(), "unknown-format", "'" + source.format + "' is a format of datagrams, not of lines",
              "write kind: udp");
  logs::FormatOptions& options = source.format_options;
  source.mapping = map.text("mapping");
  options.path = map.text("path_name");
  options.product = to_ascii_lower(map.text("product"));
  options.service = to_ascii_lower(map.text("service"));
  options.category = to_ascii_lower(map.text("category"));
  options.time_field = map.text("time_field");
  options.zone = std::chrono::minutes{map.integer("zone_minutes", 0, -14 * 60, 14 * 60)};
  const std::string time_zone = map.text("time_zone");
  if (time_zone.empty()) return;
  if (options.zone != std::chrono::minutes{0})
    map.error(map.mark(), "out-of-range", "'time_zone' and 'zone_minutes' exclude each other");
  if (auto zone = find_time_zone(time_zone))
    options.time_zone = std::move(*zone);
  else
    map.error(map.mark(), "unknown-time-zone", printable(zone.error().what, 128), "write for example Europe/Vienna");
}

void read_capture(YamlMap& map, SourceConfig& source) {
  source.live.interface = map.require_text("interface");
  source.live.filter = map.text("filter");
  source.live.snaplen_bytes = static_cast<std::uint32_t>(map.integer("snaplen", 65'535, 64, 262'144));
  source.live.buffer_bytes = static_cast<std::uint32_t>(map.bytes("buffer", 64U << 20, 1U << 20, 1U << 30));
  source.live.promiscuous = map.boolean("promiscuous", true);
}

void read_replay(YamlMap& map, SourceConfig& source) {
  source.path = map.require_text("path");
  const auto pace = parse_pace(map.text("pace", "fast"));
  if (pace)
    source.pace = *pace;
  else
    map.error(map.mark(), "wrong-type", pace.error().what);
  read_format(map, source, "");
}

void read_transport(YamlMap& map, SourceConfig& source) {
  logs::TransportOptions& options = source.transport_options;
  logs::find_transport(source.transport)->read(map, options);
  source.intake.when_full = static_cast<WhenFull>(map.choice("when_full", 0, kWhenFull));
  source.intake.memory_max = map.bytes("memory_max", 16U << 20, 64U << 10, 16ULL << 30);
  source.intake.spill_max = map.bytes("spill_max", 1U << 30, 1U << 20, 1ULL << 40);
  options.line_bytes_max = map.bytes("line_bytes_max", logs::kLineBytesMax, 480, logs::kLineBytesMax);
  read_format(map, source, "auto");
}

void read_sources(const YamlNode* list, Config& config, std::string_view file, Diagnostics& diagnostics) {
  if (list == nullptr || list->kind == YamlNode::Kind::null) return;
  if (list->kind != YamlNode::Kind::sequence) {
    diagnostics.error(file, list->mark, "wrong-type", "'sources' must be a list");
    return;
  }
  std::vector<std::string_view> kinds{"capture", "replay"};
  for (const logs::TransportKind& transport : logs::transports()) kinds.push_back(transport.name);
  std::vector<std::string> names;
  for (const YamlNode& item : list->items) {
    YamlMap map{item, "a source", file, diagnostics};
    if (!map.ok()) continue;
    SourceConfig source;
    source.name = read_name(map, names, "a source");
    const std::size_t errors = diagnostics.errors();
    map.require("kind");
    const std::size_t kind = map.choice("kind", 0, kinds);
    if (diagnostics.errors() != errors) continue;  // the other keys depend on it
    source.kind = kind == 0 ? SourceKind::capture : kind == 1 ? SourceKind::replay : SourceKind::transport;
    if (source.kind == SourceKind::transport) source.transport = kinds[kind];
    if (source.kind == SourceKind::capture) read_capture(map, source);
    if (source.kind == SourceKind::replay) read_replay(map, source);
    if (source.kind == SourceKind::transport) read_transport(map, source);
    read_expect(map, source);
    map.finish();
    config.sources.push_back(std::move(source));
  }
}

void read_outputs(const YamlNode* list, Config& config, std::string_view file, Diagnostics& diagnostics) {
  if (list == nullptr || list->kind == YamlNode::Kind::null) return;
  if (list->kind != YamlNode::Kind::sequence) {
    diagnostics.error(file, list->mark, "wrong-type", "'outputs' must be a list");
    return;
  }
  std::vector<std::string_view> kinds;
  for (const exporter::OutputKind& kind : exporter::outputs()) kinds.push_back(kind.name);
  std::vector<std::string> names;
  for (const YamlNode& item : list->items) {
    YamlMap map{item, "an output", file, diagnostics};
    if (!map.ok()) continue;
    OutputConfig output;
    output.name = read_name(map, names, "an output");
    const std::size_t errors = diagnostics.errors();
    map.require("kind");
    const std::size_t kind = map.choice("kind", 0, kinds);
    if (diagnostics.errors() != errors) continue;
    output.kind = kinds[kind];
    output.make = exporter::outputs()[kind].configure(map);
    output.pages = exporter::outputs()[kind].pages;
    output.outward = map.boolean("outward", exporter::outputs()[kind].reach == exporter::OutputKind::Reach::outward);
    map.finish();
    config.outputs.push_back(std::move(output));
  }
}

// A path, or a list of them; each is text, or {path: DIR, status: shadow}.
void read_rule_paths(const YamlNode* node, Config& config, std::string_view file, Diagnostics& diagnostics) {
  if (node == nullptr || node->kind == YamlNode::Kind::null) return;
  const std::span<const YamlNode> entries =
      node->kind == YamlNode::Kind::sequence ? std::span{node->items} : std::span{node, 1};
  static constexpr std::array<std::string_view, 2> kStatus{"active", "shadow"};
  for (const YamlNode& entry : entries) {
    if (entry.kind == YamlNode::Kind::scalar) {
      config.rule_paths.push_back({entry.scalar, false});
      continue;
    }
    YamlMap map{entry, "a path of rules", file, diagnostics};
    if (!map.ok()) continue;
    RulePath path{map.require_text("path")};
    path.shadow = map.choice("status", 0, kStatus) == 1;
    map.finish();
    config.rule_paths.push_back(std::move(path));
  }
}

void read_limits(const YamlNode* node, Config& config, std::string_view file, Diagnostics& diagnostics) {
  if (node == nullptr) return;
  YamlMap map{*node, "'limits'", file, diagnostics};
  network::NetworkLimits& limits = config.network;
  limits.flows_max =
      static_cast<std::size_t>(map.integer("flows_max", static_cast<std::int64_t>(limits.flows_max), 16, 50'000'000));
  limits.stream_bytes_max = map.bytes("stream_bytes_max", limits.stream_bytes_max, 64U << 10, 64ULL << 30);
  limits.fragment_bytes_max = map.bytes("fragment_bytes_max", limits.fragment_bytes_max, 64U << 10, 4ULL << 30);
  limits.tcp_idle = map.duration("tcp_idle", limits.tcp_idle);
  limits.udp_idle = map.duration("udp_idle", limits.udp_idle);
  limits.icmp_idle = map.duration("icmp_idle", limits.icmp_idle);
  limits.conn_interim = map.duration("conn_interim", limits.conn_interim);
  if (limits.conn_interim != Nanoseconds::zero() && limits.conn_interim < std::chrono::seconds{1}) {
    map.error(map.mark(), "out-of-range", "'conn_interim' must be 0s or at least 1s");
  }
  config.alert_queue = static_cast<std::size_t>(map.integer("alert_queue", 4096, 16, 1'000'000));
  config.ledger_segment_bytes = map.bytes("ledger_segment", config.ledger_segment_bytes, 1U << 20, 256U << 20);
  map.finish();
}

void read_baseline(const YamlNode* node, Config& config, std::string_view file, Diagnostics& diagnostics) {
  if (node == nullptr) return;
  YamlMap map{*node, "'baseline'", file, diagnostics};
  config.baseline.file = map.require_text("file");
  config.baseline.learn = map.boolean("learn", false);
  config.baseline.candidates_max = static_cast<std::size_t>(map.integer("candidates_max", 10'000, 16, 1'000'000));
  map.finish();
}

void read_taxonomy(const YamlNode* node, Config& config, std::string_view file, Diagnostics& diagnostics) {
  if (node == nullptr) return;
  YamlMap map{*node, "'taxonomy'", file, diagnostics};
  config.taxonomy.sectors = map.text("sectors");
  config.taxonomy.extra = map.texts("extra");
  map.finish();
}

void read_fold(const YamlNode* node, Config& config, std::string_view file, Diagnostics& diagnostics) {
  if (node == nullptr) return;
  YamlMap map{*node, "'fold'", file, diagnostics};
  record::FoldOptions options;
  // A summary is an entry of the ledger and a delivery by every output: not at each tick.
  const auto bounded = [&map](std::string_view key, Nanoseconds value) {
    if (value < std::chrono::seconds{1} || value > std::chrono::hours{24})
      map.error(map.mark(), "out-of-range", "'" + std::string{key} + "' must be from 1s to 24h");
    return value;
  };
  const bool enabled = map.boolean("enabled", true);
  options.interval = bounded("interval", map.duration("interval", options.interval));
  options.quiet = bounded("quiet", map.duration("quiet", options.quiet));
  options.folds_max =
      static_cast<std::size_t>(map.integer("folds_max", static_cast<std::int64_t>(options.folds_max), 16, 1'000'000));
  map.finish();
  config.fold = enabled ? std::optional{options} : std::nullopt;
}

void read_log(const YamlNode* node, Config& config, std::string_view file, Diagnostics& diagnostics) {
  if (node == nullptr) return;
  YamlMap map{*node, "'log'", file, diagnostics};
  static constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};
  static constexpr std::array<std::string_view, 4> kFormats{"auto", "text", "json", "journal"};
  config.log_level = static_cast<LogLevel>(map.choice("level", 1, kLevels));
  config.log_format = static_cast<LogFormat>(map.choice("format", 0, kFormats));
  map.finish();
}

// A relative path in a file is meant from that file's folder.
void resolve(std::string& path, std::string_view file) {
  if (path.empty() || path == "-" || path.front() == '/' || file.empty()) return;
  path = (std::filesystem::path{file}.parent_path() / path).lexically_normal().string();
}

void resolve_paths(Config& config, std::string_view file) {
  for (RulePath& path : config.rule_paths) resolve(path.path, file);
  resolve(config.placeholders_file, file);
  resolve(config.variables_file, file);
  for (std::string& path : config.mapping_paths) resolve(path, file);
  for (std::string& path : config.pattern_paths) resolve(path, file);
  resolve(config.norms_file, file);
  resolve(config.registry_file, file);
  resolve(config.taxonomy.sectors, file);
  for (std::string& path : config.taxonomy.extra) resolve(path, file);
  resolve(config.baseline.file, file);
  for (std::string* path : paths_of(config.record)) resolve(*path, file);
  resolve(config.vulnerabilities.kev, file);
  for (std::string& path : config.vulnerabilities.csaf) resolve(path, file);
  for (IndicatorFile& feed : config.indicators.files) resolve(feed.path, file);
  for (std::string& path : config.indicators.warning_lists) resolve(path, file);
  for (SourceConfig& source : config.sources) {
    resolve(source.path, file);
    for (std::string* path : logs::paths_in(source.transport, source.transport_options)) resolve(*path, file);
  }
}

}  // namespace

Result<Pace> parse_pace(std::string_view text) {
  if (text == "fast") return Pace{0};
  if (text == "realtime") return Pace{1};
  double times = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), times);
  if (error == std::errc{} && end + 1 == text.data() + text.size() && *end == 'x' && times >= 0.001 && times <= 1e6)
    return Pace{times};
  return Error{Errc::invalid_argument,
               "not a pace: '" + printable(text, 32) + "'; write fast, realtime or for example 20x"};
}

std::optional<Config> parse_config(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.errors();
  const std::vector<YamlNode> documents = parse_yaml(text, file, diagnostics);
  Config config;
  config.file = file;
  if (documents.size() > 1)
    diagnostics.error(file, documents[1].mark, "yaml-syntax", "a configuration is one document", "remove the '---'");
  static const YamlNode kEmptyMap = [] {
    YamlNode node;
    node.kind = YamlNode::Kind::map;
    return node;
  }();
  const bool empty = documents.empty() || documents[0].kind == YamlNode::Kind::null;
  YamlMap map{empty ? kEmptyMap : documents[0], "the configuration", file, diagnostics};
  config.site = map.text("site");
  config.state_directory = map.text("state_directory", config.state_directory);
  config.control = map.text("control");
  config.workers = static_cast<unsigned>(map.integer("workers", 0, 0, 256));
  config.record_all = map.boolean("record_all", false);
  if (const YamlNode* node = map.take("correlation")) {
    YamlMap part{*node, "'correlation'", file, diagnostics};
    correlation::EngineOptions& limits = config.correlation;
    limits.lateness = part.duration("lateness", limits.lateness);
    if (limits.lateness > std::chrono::hours{24})
      part.error(part.mark(), "out-of-range", "'lateness' is at most 24h", "every firing waits so long");
    limits.bytes_per_rule = part.bytes("bytes_per_rule", limits.bytes_per_rule, 64U << 10, 64ULL << 30);
    limits.pending_bytes = part.bytes("pending_bytes", limits.pending_bytes, 64U << 10, 64ULL << 30);
    part.finish();
  }
  read_log(map.take("log"), config, file, diagnostics);
  if (const YamlNode* rules = map.take("rules")) {
    YamlMap part{*rules, "'rules'", file, diagnostics};
    read_rule_paths(part.take("paths"), config, file, diagnostics);
    config.rules_permissive = part.boolean("permissive", false);
    if (const YamlNode* names = part.take("placeholders"))
      sigma::read_placeholders(*names, file, config.placeholders, diagnostics);
    config.placeholders_file = part.text("placeholders_file");
    if (const YamlNode* values = part.take("variables"))
      sigma::read_variable_settings(*values, file, config.variables, diagnostics);
    config.variables_file = part.text("variables_file");
    part.finish();
  }
  config.norms_file = map.text("norms");
  config.mapping_paths = map.texts("mappings");
  config.pattern_paths = map.texts("patterns");
  config.registry_file = map.text("registry");
  read_taxonomy(map.take("taxonomy"), config, file, diagnostics);
  if (const YamlNode* http = map.take("http")) {
    YamlMap part{*http, "'http'", file, diagnostics};
    config.http_listen = part.text("listen", config.http_listen);
    part.finish();
  }
  if (const YamlNode* incidents = map.take("incidents")) {
    YamlMap part{*incidents, "'incidents'", file, diagnostics};
    config.incident_quiet = part.duration("quiet", config.incident_quiet);
    part.finish();
  }
  read_record_config(map, config.record, file, diagnostics);
  read_baseline(map.take("baseline"), config, file, diagnostics);
  read_indicators(map.take("indicators"), config.indicators, file, diagnostics);
  read_fold(map.take("fold"), config, file, diagnostics);
  read_limits(map.take("limits"), config, file, diagnostics);
  read_sources(map.take("sources"), config, file, diagnostics);
  read_outputs(map.take("outputs"), config, file, diagnostics);
  if (const YamlNode* feeds = map.take("vulnerabilities")) {
    YamlMap part{*feeds, "'vulnerabilities'", file, diagnostics};
    config.vulnerabilities.kev = part.text("kev");
    config.vulnerabilities.csaf = part.texts("csaf");
    part.finish();
  }
  map.finish();
  if (diagnostics.errors() != errors_before) return std::nullopt;
  resolve_paths(config, file);
  static constexpr auto kFixed = std::to_array<std::string_view>(
      {"site", "state_directory", "control", "workers", "record_all", "correlation", "http", "incidents", "fold",
       "limits", "sources", "outputs", "ledger", "witness", "stamps", "keys", "privacy", "retention", "evidence"});
  for (const std::string_view key : kFixed) {
    const YamlNode* node = empty ? nullptr : documents[0].find(key);
    if (node == nullptr) continue;
    config.fixed_part += std::string{key} + '=';
    flatten(*node, config.fixed_part);
    config.fixed_part += '\n';
  }
  load_mappings(config, diagnostics);
  load_patterns(config, diagnostics);
  if (diagnostics.errors() != errors_before) return std::nullopt;
  return config;
}

std::optional<Config> load_config(const std::string& file, Diagnostics& diagnostics) {
  if (file.empty()) {
    const auto text = embedded_file("config/default.yaml");
    return parse_config(text, "", diagnostics);
  }
  const auto text = read_text_file(file);
  if (!text) {
    diagnostics.error(file, {}, "unreadable", text.error().what,
                      "name another file with --config, or leave it out for the embedded defaults");
    return std::nullopt;
  }
  return parse_config(*text, file, diagnostics);
}

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "re"), std::fclose};
  const int open_error = errno;
  if (!file) {
    const Errc code = open_error == ENOENT ? Errc::not_found : open_error == EACCES ? Errc::no_permission : Errc::io;
    return Error{code, "cannot read " + path + ": " + std::strerror(open_error)};
  }
  // A file's size is where to begin, not what to believe: it may grow, and a pipe has none.
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  struct stat status {};
  const bool sized = ::fstat(::fileno(file.get()), &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= 0 &&
                     static_cast<std::uint64_t>(status.st_size) <= bytes_max;
  constexpr std::size_t kBlock = 16 * 1024;
  std::size_t block = sized ? static_cast<std::size_t>(status.st_size) + 1 : kBlock;
  std::string text;
  std::size_t size = 0;
  for (;; block = std::max(kBlock, size)) {
    text.resize(size + block);
    const std::size_t got = std::fread(text.data() + size, 1, block, file.get());
    size += got;
    if (size > bytes_max) return Error{Errc::io, path + " is larger than " + std::to_string(bytes_max) + " bytes"};
    if (got < block) break;
  }
  text.resize(size);
  if (std::ferror(file.get()) != 0) return Error{Errc::io, "cannot read " + path + ": " + std::strerror(errno)};
  return text;
}

}  // namespace nw::app
