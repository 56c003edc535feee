#include "app/registry_load.h"

#include "app/registry_files.h"
#include "app/taxonomies.h"
#include "base/clock.h"
#include "base/text.h"

namespace nw::app {

LoadedRegister load_register(const Options& options, const std::string& path, Diagnostics& diagnostics) {
  LoadedRegister out;
  out.code = kExitConfig;
  const std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return out;
  out.sectors = load_sectors(*config, diagnostics);
  if (!out.sectors) return out;
  out.code = kExitData;
  const std::string file = path.empty() ? config->registry_file : path;
  const auto texts = read_registry_files(file, diagnostics);
  if (!texts) return out;
  out.name = file.empty() ? texts->front().file : file;
  out.files = texts->size();
  out.registry = context::Registry::load(*texts, out.sectors->ids(), diagnostics);
  if (out.registry) out.code = kExitOk;
  return out;
}

Result<Timestamp> time_of(const Options& options) {
  if (!options.has("at")) return wall_now();
  const std::string text = options.get("at");
  if (const auto time = parse_rfc3339(text)) return *time;
  return Error{Errc::invalid_argument,
               "--at: '" + printable(text, 64) + "' is no time; write for example 2026-12-01T08:00:00Z"};
}

}  // namespace nw::app
