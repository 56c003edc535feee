// `normwatch registry check`: everything that loading the register would say of it, and what is worth a second look.
#include <algorithm>
#include <cstdio>

#include "app/commands.h"
#include "app/registry_load.h"
#include "app/registry_text.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    kRegisterConfigOption,
    kAtOption,
    {"strict", "", "warnings fail the check too"},
    {"json", "", "one JSON object for each fault and warning, then one with the summary"},
    {"quiet", "", "print errors only"},
};

constexpr CommandSpec kSpec{
    "registry check",
    "[PATH]",
    "check the register: what refuses it, what is worth a second look, and how much it says",
    "PATH is a file of the register or a folder of them; without one: that of --config, else the embedded one.\n"
    "Errors and warnings are file:line:column: code: text: hint. Warnings of a sound register: basis-over, "
    "host-no-role,\n"
    "maintenance-over, sector-deprecated, writers-missing. Assets that need each other in a circle are told, and no "
    "fault.\n"
    "Exit status: 0 sound, perhaps with warnings; 64 usage; 65 the register is refused, or with --strict a warning; "
    "78\n"
    "configuration.",
    kOptions,
    0,
    1};

void tell(const Diagnostics& diagnostics, const Options& options) {
  for (const Diagnostic& d : diagnostics.all()) {
    if (options.has("quiet") && d.severity == Severity::warning) continue;
    options.has("json") ? print_json(d) : static_cast<void>(std::fprintf(stderr, "%s\n", d.to_string().c_str()));
  }
}

ExitCode run(const Options& options) {
  const auto at = time_of(options);
  if (!at) {
    complain(at.error().what);
    return kExitUsage;
  }
  Diagnostics diagnostics;
  const LoadedRegister loaded =
      load_register(options, options.words().empty() ? std::string{} : options.words()[0], diagnostics);
  if (loaded.registry) context::second_look(*loaded.registry, *loaded.sectors, *at, diagnostics);
  tell(diagnostics, options);
  if (!loaded.registry) return loaded.code;
  if (options.has("json")) {
    std::puts(summary_json(*loaded.registry, diagnostics).c_str());
  } else if (!options.has("quiet")) {
    std::printf("register: %s, %zu file%s, %zu warnings\n%s", loaded.name.c_str(), loaded.files,
                loaded.files == 1 ? "" : "s", diagnostics.all().size(), summary_text(*loaded.registry).c_str());
  }
  return options.has("strict") && !diagnostics.all().empty() ? kExitData : kExitOk;
}

}  // namespace

extern const Command kRegistryCheck;
const Command kRegistryCheck{&kSpec, run};

}  // namespace nw::app
