// What the `registry` commands share: options, and a register read without a running daemon.
#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "app/exit_codes.h"
#include "app/options.h"
#include "base/diagnostics.h"
#include "base/time.h"
#include "context/registry/registry.h"
#include "context/taxonomy/sectors.h"

namespace nw::app {

// Rows for the commands' tables.
constexpr OptionSpec kRegisterOption{"register", "PATH", "the register: a file, or a folder of them"};
constexpr OptionSpec kRegisterConfigOption{"config", "FILE",
                                           "its taxonomies count; its register is meant without another"};
constexpr OptionSpec kAtOption{"at", "TIME", "as it is then: 2026-12-01T08:00:00Z; without it, now"};

struct LoadedRegister {
  std::shared_ptr<const context::Registry> registry;  // null: something is wrong, and `diagnostics` says what
  std::shared_ptr<const taxonomy::Sectors> sectors;
  std::string name;       // what was read
  std::size_t files = 0;  // of which it consists
  ExitCode code = kExitOk;
};

// Reads `path`; when it is empty, the register of --config, else the embedded one.
LoadedRegister load_register(const Options& options, const std::string& path, Diagnostics& diagnostics);

// --at, or now. `invalid_argument`: it is no time.
Result<Timestamp> time_of(const Options& options);

}  // namespace nw::app
