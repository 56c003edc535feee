#include "app/patterns.h"

#include "app/mappings.h"
#include "base/hash.h"
#include "ingest/logs/formats/pattern_set.h"

namespace nw::app {

void load_patterns(Config& config, Diagnostics& diagnostics) {
  config.patterns.reset();
  if (config.pattern_paths.empty()) return;
  std::vector<logs::PatternSet::File> files;
  std::uint64_t state = 0;
  for (const std::string& path : config.pattern_paths)
    for (const std::string& file : yaml_files(path, diagnostics)) {
      auto text = read_text_file(file, logs::kPatternFileBytesMax);
      if (!text) {
        diagnostics.error(file, {}, "unreadable", text.error().what);
        continue;
      }
      state = hash64(*text, state);
      files.push_back({file, std::move(*text)});
    }
  config.patterns = logs::PatternSet::read(files, diagnostics);
  // Parsers keep the patterns that they were made with: a changed file needs a restart, like a changed source.
  config.fixed_part += "patterns=" + std::to_string(state) + '\n';
  for (SourceConfig& source : config.sources) source.format_options.patterns = config.patterns;
}

}  // namespace nw::app
