// `normwatch registry show`: all that the register says of an asset, or of an address.
#include <cstdio>

#include "app/commands.h"
#include "app/registry_load.h"
#include "app/registry_text.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    kRegisterOption,
    kRegisterConfigOption,
    kAtOption,
    {"json", "", "one JSON object"},
};

constexpr CommandSpec kSpec{
    "registry show",
    "ASSET|ADDRESS|HOST",
    "print one asset: what it is, whom it needs, who needs it and when buffers run out",
    "ASSET is an id; ADDRESS shows whose it is, with host, zone and territory; HOST is a name as in log lines.\n"
    "This is for your own operators: it names assets that are secret, and what no output would name.\n"
    "Exit status: 0, 1 the address is nobody's, 64 no such asset, 65 the register is refused, 78 configuration.",
    kOptions,
    1,
    1};

std::string nearest_asset(const context::Registry& registry, const std::string& word) {
  std::vector<std::string_view> ids;
  for (const context::Asset& asset : registry.assets()) ids.push_back(asset.id);
  return did_you_mean(word, ids);
}

ExitCode run(const Options& options) {
  const auto at = time_of(options);
  if (!at) {
    complain(at.error().what);
    return kExitUsage;
  }
  Diagnostics diagnostics;
  const LoadedRegister loaded = load_register(options, options.get("register"), diagnostics);
  if (!loaded.registry) {
    report(diagnostics, nullptr);
    return loaded.code;
  }
  const RegisterView view{*loaded.registry, *loaded.sectors, *at};
  const bool json = options.has("json");
  const std::string& word = options.words()[0];
  if (const context::Asset* asset = loaded.registry->find_asset(word)) {
    std::fputs((json ? asset_json(view, *asset) + '\n' : asset_text(view, *asset)).c_str(), stdout);
    return kExitOk;
  }
  IpAddress address;
  if (!IpAddress::parse_into(word, address)) {
    const auto host = loaded.registry->find_host(word);
    if (host.host == nullptr) {
      complain("'" + printable(word, 64) + "' is no asset, address or host of the register" +
               nearest_asset(*loaded.registry, word));
      return kExitUsage;
    }
    address = host.host->address;
  }
  std::fputs((json ? address_json(view, address) + '\n' : address_text(view, address)).c_str(), stdout);
  return loaded.registry->find(address) ? kExitOk : kExitFailure;
}

}  // namespace

extern const Command kRegistryShow;
const Command kRegistryShow{&kSpec, run};

}  // namespace nw::app
