#include "app/mappings.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "app/embedded.h"
#include "base/hash.h"
#include "base/text.h"
#include "ingest/logs/formats/mapping.h"

namespace nw::app {

namespace {

constexpr std::size_t kFilesMax = 1000;
constexpr std::string_view kNoMapping = "none";

bool is_yaml_name(std::string_view name) { return name.ends_with(".yaml") || name.ends_with(".yml"); }

void add(std::string_view text, std::string_view file, Config& config, Diagnostics& diagnostics) {
  const auto mapping = logs::read_mapping(text, file, diagnostics);
  if (!mapping) return;
  const auto same = std::ranges::find(config.mappings, mapping->name, [](const auto& each) { return each->name; });
  if (same == config.mappings.end())
    config.mappings.push_back(mapping);
  else
    *same = mapping;
}

}  // namespace

std::vector<std::string> yaml_files(const std::string& path, Diagnostics& diagnostics) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  fs::directory_iterator at{path, error}, end;
  for (; !error && at != end && files.size() <= kFilesMax; at.increment(error))
    if (is_yaml_name(at->path().filename().string())) files.push_back(at->path().string());
  if (error) diagnostics.error(path, {}, "unreadable", "cannot list the folder: " + error.message());
  if (files.size() > kFilesMax)
    diagnostics.error(path, {}, "too-many-files", "more than 1000 files of YAML", "point at the folder of these alone");
  std::ranges::sort(files);
  return files;
}

void load_mappings(Config& config, Diagnostics& diagnostics) {
  config.mappings.clear();
  config.mapping_files.clear();
  for (const EmbeddedFile& file : embedded_files())
    if (file.path.starts_with("config/mappings/")) add(file.text, file.path, config, diagnostics);
  std::uint64_t state = 0;
  for (const std::string& path : config.mapping_paths) {
    for (const std::string& file : yaml_files(path, diagnostics)) {
      config.mapping_files.push_back(file);
      const auto text = read_text_file(file, logs::kMappingBytesMax);
      if (!text) {
        diagnostics.error(file, {}, "unreadable", text.error().what);
        continue;
      }
      add(*text, file, config, diagnostics);
      state = hash64(*text, state);
    }
  }
  // Parsers keep the mapping that they were made with: a changed file needs a restart, like a changed source.
  if (!config.mapping_files.empty()) config.fixed_part += "mappings=" + std::to_string(state) + '\n';
  for (SourceConfig& source : config.sources) assign_mapping(config, source, diagnostics);
}

void assign_mapping(const Config& config, SourceConfig& source, Diagnostics& diagnostics) {
  logs::FormatOptions& options = source.format_options;
  options.mapping.reset();
  options.mappings.clear();
  if (source.mapping != kNoMapping) options.mappings = config.mappings;
  options.patterns = config.patterns;
  const logs::Format* format = logs::find_format(source.format);
  const bool json = format != nullptr && (format->name == "json" || format->reach == logs::Reach::any);
  if (!json || source.mapping == kNoMapping) return;
  const auto pick = [&](const auto& fits) {
    if (options.mapping != nullptr) return;
    const auto found = std::ranges::find_if(config.mappings, fits);
    if (found != config.mappings.end()) options.mapping = *found;
  };
  const auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  if (source.mapping.empty()) {
    pick([&](const auto& each) { return among(each->products, options.product); });
    pick([&](const auto& each) { return among(each->categories, options.category); });
    return;
  }
  pick([&](const auto& each) { return each->name == source.mapping; });
  if (options.mapping != nullptr) return;
  std::vector<std::string_view> known{kNoMapping};
  for (const auto& each : config.mappings) known.push_back(each->name);
  diagnostics.error(config.file, {}, "unknown-mapping",
                    "source '" + source.name + "': no mapping is called '" + printable(source.mapping, 64) + "'" +
                        did_you_mean(source.mapping, known));
}

void declare_mappings(const Config& config, event::Schema& schema) {
  const logs::Format& json = *logs::find_format("json");
  for (const auto& mapping : config.mappings) {
    logs::FormatOptions options;
    options.mapping = mapping;
    for (const std::string& product : mapping->products) {
      options.product = product;
      json.declare(schema, options);
    }
    options.product.clear();
    for (const std::string& category : mapping->categories) {
      options.category = category;
      json.declare(schema, options);
    }
  }
}

void claim_mappings(const Config& config, event::Schema& schema) {
  for (const auto& mapping : config.mappings) logs::claim_foreign(schema, *mapping);
}

}  // namespace nw::app
