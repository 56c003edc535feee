// `normwatch registry import`: lists that others keep, as a file of the register. One row each.
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <random>

#include "app/commands.h"
#include "app/registry_load.h"
#include "app/taxonomies.h"
#include "base/text.h"
#include "context/registry/import_netbox.h"
#include "context/registry/import_nis2.h"
#include "context/registry/read.h"

namespace nw::app {

namespace {

constexpr OptionSpec kSeedOption{"seed", "NUMBER",
                                 "the same ids every time, for tests; without it they are made by chance"};
constexpr OptionSpec kTaxonomyOption{"config", "FILE", "its taxonomies count"};
constexpr OptionSpec kSectorOption{"sector", "SECTOR", "of all assets: NetBox does not know it; needed"};

constexpr OptionSpec kNis2Options[] = {kTaxonomyOption, kSeedOption};
constexpr OptionSpec kNetboxOptions[] = {kTaxonomyOption, kSectorOption, kSeedOption};

constexpr std::string_view kNis2Details =
    "FILE is CSV (',', ';' or tab) of UTF-8 whose first line names the columns: name, ip_ranges and sector, and as far "
    "as\n"
    "there are any address, email, phone, subsector, member_states. One entity a row becomes one asset. IP ranges are\n"
    "networks, addresses or FIRST-LAST, divided by ';' or spaces. Sectors are those of NIS2, or ours.\n"
    "The register's file goes to standard output; what could not be used, and why, to standard error.\n"
    "Exit status: 0, also when records are left out; 64 usage; 65 the file is no such list; 66 missing file.";

constexpr std::string_view kNetboxDetails =
    "FILE is JSON as NetBox's REST API gives it: {\"results\": [...]} or a list, of prefixes (ipam/prefixes), "
    "addresses\n"
    "(ipam/ip-addresses) or devices (dcim/devices), each with ?limit=0. Name all of them in one command. Each tenant, "
    "or\n"
    "site where there is no tenant, becomes one asset; a device's role becomes that of the host where the register has "
    "it.\n"
    "The register's file goes to standard output; what could not be used, and why, to standard error.\n"
    "Exit status: 0, also when records are left out; 64 usage; 65 the file is no such list; 66 missing file.";

constexpr CommandSpec kNis2Spec{"registry import nis2-csv",
                                "FILE",
                                "a list of entities as Article 3(4) of NIS2 has it",
                                kNis2Details,
                                kNis2Options,
                                1,
                                1};
constexpr CommandSpec kNetboxSpec{"registry import netbox",
                                  "FILE...",
                                  "prefixes, addresses and devices of a NetBox",
                                  kNetboxDetails,
                                  kNetboxOptions,
                                  1,
                                  64};
constexpr CommandSpec kImportSpec{"registry import", "", "make a file of the register from another list", "", {}, 0, 0};

Result<std::uint64_t> seed_of(const Options& options) {
  if (!options.has("seed")) {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) ^ device();
  }
  const std::string text = options.get("seed");
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error == std::errc{} && end == text.data() + text.size()) return seed;
  return Error{Errc::invalid_argument, "--seed: '" + printable(text, 32) + "' is no whole number"};
}

std::shared_ptr<const taxonomy::Sectors> sectors_of(const Options& options) {
  Diagnostics diagnostics;
  const std::optional<Config> config = load_config(options.get("config"), diagnostics);
  auto sectors = config ? load_sectors(*config, diagnostics) : nullptr;
  if (!sectors) report(diagnostics, nullptr);
  return sectors;
}

// Prints what came of it. What the register's own reader would refuse is not printed.
ExitCode finish(const Result<context::Imported>& imported, const std::string& file, const taxonomy::Sectors& sectors) {
  if (!imported) {
    complain(file.empty() ? imported.error().what : file + ": " + imported.error().what);
    return kExitData;
  }
  for (const context::ImportNote& note : imported->notes)
    std::fprintf(stderr, "%s%s%s: %s\n", file.c_str(), file.empty() ? "" : ": ", note.where.c_str(), note.text.c_str());
  Diagnostics diagnostics;
  const std::array<context::RegisterText, 1> texts{context::RegisterText{"(the import)", imported->yaml}};
  if (!context::Registry::load(texts, sectors.ids(), diagnostics)) {
    report(diagnostics, nullptr);
    complain("the import made a register that would be refused: this is a fault of normwatch, please report it");
    return kExitSoftware;
  }
  std::fwrite(imported->yaml.data(), 1, imported->yaml.size(), stdout);
  std::fprintf(stderr, "%zu records read, %zu left out; %zu assets, %zu networks, %zu hosts; %zu remarks\n",
               imported->records, imported->left_out, imported->assets, imported->networks, imported->hosts,
               imported->notes.size());
  return kExitOk;
}

ExitCode run_nis2(const Options& options) {
  const auto seed = seed_of(options);
  if (!seed) {
    complain(seed.error().what);
    return kExitUsage;
  }
  const auto sectors = sectors_of(options);
  if (!sectors) return kExitConfig;
  const std::string& file = options.words()[0];
  const auto text = read_text_file(file, context::kRegisterBytesMax);
  if (!text) {
    complain(text.error().what);
    return exit_code(text.error().code);
  }
  return finish(context::import_nis2(*text, *sectors, *seed), file, *sectors);
}

ExitCode run_netbox(const Options& options) {
  const auto seed = seed_of(options);
  if (!seed) {
    complain(seed.error().what);
    return kExitUsage;
  }
  const auto sectors = sectors_of(options);
  if (!sectors) return kExitConfig;
  const context::NetboxOptions netbox{options.get("sector"), *seed};
  if (sectors->find(netbox.sector) == nullptr) {
    complain(netbox.sector.empty()
                 ? "NetBox does not know the sector: add --sector, for example --sector water.supply"
                 : "--sector: '" + printable(netbox.sector, 64) + "' is no sector" +
                       did_you_mean(netbox.sector, sectors->ids()) + "; 'normwatch taxonomy show sectors' lists them");
    return kExitUsage;
  }
  std::vector<context::NetboxText> texts;
  for (const std::string& file : options.words()) {
    auto text = read_text_file(file, context::kRegisterBytesMax);
    if (!text) {
      complain(text.error().what);
      return exit_code(text.error().code);
    }
    texts.push_back({file, std::move(*text)});
  }
  return finish(context::import_netbox(texts, netbox), "", *sectors);
}

const Command kImportNis2{&kNis2Spec, run_nis2};
const Command kImportNetbox{&kNetboxSpec, run_netbox};

std::span<const Command> import_commands() {
  static const std::array kCommands{kImportNetbox, kImportNis2};
  return kCommands;
}

}  // namespace

extern const Command kRegistryImport;
const Command kRegistryImport{&kImportSpec, nullptr, import_commands};

}  // namespace nw::app
