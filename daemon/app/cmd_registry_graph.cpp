// `normwatch registry graph`: which asset needs which, as a picture.
#include <algorithm>
#include <array>
#include <cstdio>

#include "app/commands.h"
#include "app/registry_load.h"
#include "app/registry_text.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr std::array<std::string_view, 3> kFormats{"dot", "json", "mermaid"};  // in the order of GraphFormat

constexpr OptionSpec kOptions[] = {
    kRegisterOption,
    kRegisterConfigOption,
    {"format", "FORMAT", "dot (the default), json or mermaid"},
    {"from", "ASSET", "only what it needs and what needs it, at any distance"},
    {"with-secret", "", "secret assets too: such a picture is not to be passed on"},
};

constexpr CommandSpec kSpec{
    "registry graph",
    "",
    "draw which asset needs which, and how long each can do without",
    "An arrow goes from what needs to what is needed, with the minutes of its buffer; dashed: one of a group is "
    "enough;\n"
    "red: they need each other in a circle. For a picture: normwatch registry graph | dot -Tsvg -o register.svg\n"
    "Exit status: 0, 64 usage, 65 the register is refused, 78 configuration.",
    kOptions,
    0,
    0};

ExitCode run(const Options& options) {
  const std::string format = options.get("format", "dot");
  const auto known = std::find(kFormats.begin(), kFormats.end(), format);
  if (known == kFormats.end()) {
    complain("--format: '" + printable(format, 32) + "' is no format" + did_you_mean(format, kFormats) +
             "; write dot, json or mermaid");
    return kExitUsage;
  }
  Diagnostics diagnostics;
  const LoadedRegister loaded = load_register(options, options.get("register"), diagnostics);
  if (!loaded.registry) {
    report(diagnostics, nullptr);
    return loaded.code;
  }
  GraphOptions graph{static_cast<GraphFormat>(known - kFormats.begin()), nullptr, options.has("with-secret")};
  if (options.has("from")) {
    graph.from = loaded.registry->find_asset(options.get("from"));
    if (graph.from == nullptr || (graph.from->secret() && !graph.secret)) {
      complain("--from: '" + printable(options.get("from"), 64) + "' " +
               (graph.from == nullptr ? "is no asset of the register" : "is secret; add --with-secret"));
      return kExitUsage;
    }
  }
  std::size_t left_out = 0;
  std::fputs(graph_text(*loaded.registry, graph, left_out).c_str(), stdout);
  if (left_out != 0)
    complain(std::to_string(left_out) + " secret assets are left out, with what they need; --with-secret draws them");
  return kExitOk;
}

}  // namespace

extern const Command kRegistryGraph;
const Command kRegistryGraph{&kSpec, run};

}  // namespace nw::app
