#include "app/reporting_files.h"

#include <algorithm>

#include "app/config.h"
#include "app/embedded.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr std::string_view kFolder = "config/regimes/", kEnding = ".yaml";
constexpr std::size_t kFileBytesMax = 1U << 20;

bool is_file(const std::string& name) { return name.find('/') != std::string::npos || name.ends_with(kEnding); }

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
  if (is_file(name)) {
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

std::shared_ptr<const reporting::ReportingRegime> ReportingBook::find(std::string_view id) const noexcept {
  for (const auto& regime : regimes)
    if (regime->id == id) return regime;
  return nullptr;
}

std::shared_ptr<const ReportingBook> load_reporting_book(const ReportingConfig& config, std::string_view file,
                                                         Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.errors();
  const auto wrong = [&](std::string_view code, const std::string& text, const std::string& hint) {
    diagnostics.error(file, {}, code, text, hint);
  };
  if (config.regimes.size() > kReportingRegimesMax) {
    wrong("out-of-range", "'reporting.regimes' names " + std::to_string(config.regimes.size()) + " regimes",
          "at most " + std::to_string(kReportingRegimesMax));
    return nullptr;
  }
  const auto book = std::make_shared<ReportingBook>();
  for (const std::string& name : config.regimes) {
    auto regime = load_reporting_regime(name, diagnostics);
    if (!regime) continue;
    if (book->find(regime->id) != nullptr)
      wrong("duplicate-regime", "'reporting.regimes' names " + regime->id + " twice",
            "acts and metrics go by the id: give a file of your own another one");
    else
      book->regimes.push_back(std::move(regime));
  }
  std::vector<std::string_view> known;
  for (const auto& regime : book->regimes)
    for (const reporting::FactSpec& role : regime->roles) known.push_back(role.id);
  for (const std::string& role : config.roles) {
    // A regime that could not be read may have had it.
    if (std::ranges::find(known, role) == known.end() && diagnostics.errors() == errors_before)
      wrong("unknown-role",
            "'reporting.roles': no regime of 'reporting.regimes' knows '" + printable(role, 64) + "'" +
                did_you_mean(role, known),
            "'normwatch reporting show ID' lists a regime's roles");
    else
      book->roles.push_back(role);
  }
  if (diagnostics.errors() != errors_before) return nullptr;
  return book;
}

std::vector<std::string> reporting_files(const ReportingConfig& config) {
  std::vector<std::string> out;
  std::ranges::copy_if(config.regimes, std::back_inserter(out), is_file);
  return out;
}

}  // namespace nw::app
