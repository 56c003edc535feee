// `normwatch registry exposure`: which known vulnerabilities concern the assets of the register.
#include <cstdio>

#include "app/commands.h"
#include "app/vulnerabilities.h"
#include "base/clock.h"
#include "base/text.h"

namespace nw::app {

namespace {

using vulnerabilities::Exposure;

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "take register and feeds from this configuration"},
    {"asset", "ID", "this asset only"},
    {"certain", "", "leave out what is only possible"},
    {"json", "", "one JSON object per vulnerability"},
};

constexpr CommandSpec kSpec{
    "registry exposure",
    "",
    "list the known vulnerabilities of the register's products",
    "The feeds are those of 'vulnerabilities' in the configuration. Each line is one vulnerability of one product: "
    "the\n"
    "asset, its host, the CVE, the severity, whether it is certain (product and version are named) or possible, kev "
    "when it\n"
    "is known to be exploited, the product, the advisory and what is to be done. The list names assets, also those of\n"
    "disclosure 'secret': keep it as you keep the register.\n"
    "Exit status: 0 nothing is open, 1 something is, 64 usage (no such asset), 78 configuration.",
    kOptions,
    0,
    0};

void print_line(const Exposure& e) {
  std::printf("%-12s  %-15s  %-16s  %-8s  %-8s  %-3s  %s; %s%s%s\n", printable(e.asset).c_str(),
              e.host ? e.host->to_string().c_str() : "-", printable(e.cve).c_str(),
              std::string{to_string(e.severity)}.c_str(), e.certain ? "certain" : "possible",
              e.known_exploited ? "kev" : "", printable(e.product).c_str(),
              e.advisory.empty() ? "KEV" : printable(e.advisory).c_str(), e.remedy.empty() ? "" : ": ",
              printable(e.remedy).c_str());
}

void print_json(const Exposure& e, Timestamp now) {
  std::string line;
  const auto key = [&line](std::string_view name) {
    line += line.empty() ? '{' : ',';
    append_json_string(name, line);
    line += ':';
  };
  const auto text = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    append_json_string(value, line);
  };
  const auto boolean = [&](std::string_view name, bool value) {
    key(name);
    line += value ? "true" : "false";
  };
  using std::chrono::days, std::chrono::floor;
  const auto day = [&](std::string_view name, const std::optional<Timestamp>& time) {
    if (time) text(name, to_rfc3339(*time, 0).substr(0, 10));
  };
  text("asset", e.asset);
  if (e.host) text("host", e.host->to_string());
  text("product", e.product);
  text("cve", e.cve);
  text("advisory", e.advisory);
  text("tlp", e.tlp);
  text("severity", to_string(e.severity));
  text("certainty", e.certain ? "certain" : "possible");
  boolean("known_exploited", e.known_exploited);
  day("since", e.since);
  day("kev_added", e.added);
  day("due", e.due);
  if (e.due) {
    key("due_days");
    line += std::to_string((floor<days>(*e.due) - floor<days>(now)).count());
  }
  text("remedy", e.remedy);
  std::puts((line + '}').c_str());
}

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  if (config->vulnerabilities.empty()) {
    complain(
        "no feed of vulnerabilities is configured; name KEV's file or folders of CSAF under 'vulnerabilities' and "
        "give the configuration with --config");
    return kExitConfig;
  }
  const auto snapshot = build_snapshot(*config, nullptr, diagnostics);
  const ExitCode code = report(diagnostics, &*config);
  if (!snapshot) return code;
  const vulnerabilities::ExposureMap& map = *snapshot->exposures;
  std::span<const Exposure> open = map.all();
  if (options.has("asset")) {
    const std::string asset = options.get("asset");
    if (snapshot->registry->find_asset(asset) == nullptr) {
      complain("the register has no asset '" + printable(asset) + "'");
      return kExitUsage;
    }
    open = map.of_asset(asset);
  }
  std::size_t shown = 0;
  const Timestamp now = wall_now();
  for (const Exposure& exposure : open) {
    if (options.has("certain") && !exposure.certain) continue;
    ++shown;
    if (options.has("json"))
      print_json(exposure, now);
    else
      print_line(exposure);
  }
  const auto& counts = map.knowledge().counts();
  std::fprintf(stderr, "%zu exposures, of %zu entries of KEV and %zu advisories\n", shown, counts.kev,
               counts.advisories);
  if (map.left_out() != 0)
    complain("the list is not complete: " + std::to_string(map.left_out()) + " more are beyond what it keeps");
  return shown == 0 ? kExitOk : kExitFailure;
}

}  // namespace

extern const Command kRegistryExposure;
const Command kRegistryExposure{&kSpec, run};

}  // namespace nw::app
