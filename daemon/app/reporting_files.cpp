#include "app/reporting_files.h"

#include <algorithm>

#include "app/config.h"
#include "app/embedded.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr std::string_view kFolder = "config/regimes/", kEnding = ".yaml";
constexpr std::size_t kFileBytesMax = 1U << 20;

}  // namespace

std::vector<std::string> reporting_regimes() {
  std::vector<std::string> out;
  for (const EmbeddedFile& file : embedded_files())
    if (file.path.starts_with(kFolder) && file.path.ends_with(kEnding))
      out.emplace_back(file.path.substr(kFolder.size(), file.path.size() - kFolder.size() - kEnding.size()));
  std::ranges::sort(out);
  return out;
}

std::shared_ptr<const reporting::ReportingRegime> load_reporting_regime(const std::string& name,
                                                                        Diagnostics& diagnostics) {
  if (name.find('/') != std::string::npos || name.ends_with(kEnding)) {
    const auto text = read_text_file(name, kFileBytesMax);
    if (text) return reporting::ReportingRegime::load(*text, name, diagnostics);
    diagnostics.error(name, {}, "unreadable", "the reporting regime: " + text.error().what);
    return nullptr;
  }
  const std::string path = std::string{kFolder} + name + std::string{kEnding};
  const std::string_view text = embedded_file(path);
  if (!text.empty()) return reporting::ReportingRegime::load(text, path + " (embedded)", diagnostics);
  const std::vector<std::string> names = reporting_regimes();
  const std::vector<std::string_view> known{names.begin(), names.end()};
  diagnostics.error(printable(name, 64), {}, "unknown-regime",
                    "no reporting regime is called so" + did_you_mean(name, known),
                    "'normwatch reporting list' lists them; a file of your own: ./NAME.yaml");
  return nullptr;
}

}  // namespace nw::app
