// `normwatch registry diff`: the devices that captures show, against those that the register designates.
#include <cstdio>

#include "app/commands.h"
#include "app/pipeline.h"
#include "app/replay.h"
#include "base/text.h"
#include "context/registry/inventory.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "take the register from this configuration"},
    {"json", "", "one JSON object per difference"},
};

constexpr CommandSpec kSpec{
    "registry diff",
    "FILE...",
    "compare the devices that captures show with those of the register",
    "FILE is a capture (pcap or pcapng, also gzip or zstd). Each line is one difference: its kind, the device's "
    "address,\n"
    "its asset and what differs. The kinds: undesignated (it answers in a protocol of control systems, in own "
    "networks,\n"
    "and is no host of the register), foreign (the same elsewhere), role (a host without the role of a controller "
    "answers\n"
    "like one), protocol, device (what it says of itself), writer (commands from a station that is no writer), silent "
    "(a\n"
    "controller of the register that nothing was heard of).\n"
    "Exit status: 0 nothing differs, 1 something does, 64 usage, 65 damaged data, 66 missing file, 78 configuration.",
    kOptions,
    1,
    10'000};

class Tap final : public EventTap {
 public:
  explicit Tap(const event::Schema& schema) : inventory_{schema} {}
  void see(const event::Event& event, const event::Schema& schema) override { inventory_.see(event, schema); }
  [[nodiscard]] const context::Inventory& inventory() const noexcept { return inventory_; }

 private:
  context::Inventory inventory_;
};

void print(const context::Difference& difference, bool json) {
  const std::string_view kind = to_string(difference.kind);
  const std::string address = difference.address.to_string();
  if (!json) {
    std::printf("%-12.*s  %-15s  %-8s  %s\n", static_cast<int>(kind.size()), kind.data(), address.c_str(),
                difference.asset.empty() ? "-" : difference.asset.c_str(), difference.detail.c_str());
    return;
  }
  std::string line;
  const auto member = [&line](std::string_view key, std::string_view value) {
    line += line.empty() ? '{' : ',';
    append_json_string(key, line);
    line += ':';
    append_json_string(value, line);
  };
  member("kind", kind);
  member("address", address);
  if (!difference.asset.empty()) member("asset", difference.asset);
  member("detail", difference.detail);
  std::printf("%s}\n", line.c_str());
}

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  config->sources.clear();
  config->outputs.clear();
  for (const std::string& file : options.words())
    if (const auto added = add_replay_file(options, file, *config, diagnostics); !added) {
      complain(added.error().what);
      return added.error().code == Errc::invalid_argument ? kExitUsage : exit_code(added.error().code);
    }
  config->record_all = true;
  config->baseline.learn = false;
  const auto snapshot = build_snapshot(*config, nullptr, diagnostics);
  const ExitCode code = report(diagnostics, &*config);
  if (!snapshot) return code;

  Tap tap{*snapshot->schema};
  ReplayOptions replay_options;
  replay_options.alerts = false;
  replay_options.tap = &tap;
  ReplaySummary summary;
  const auto nothing = [](std::string_view) { return Result<>{}; };
  if (const auto played = replay(*config, snapshot, replay_options, nothing, nothing, summary); !played) {
    complain(played.error().what);
    return exit_code(played.error().code);
  }
  const auto differences = tap.inventory().compare(*snapshot->registry);
  for (const context::Difference& difference : differences) print(difference, options.has("json"));
  std::fprintf(stderr, "%zu devices seen, %zu differences\n", tap.inventory().devices(), differences.size());
  if (const std::uint64_t lost = tap.inventory().left_out(); lost != 0)
    complain("the report is not complete: " + std::to_string(lost) +
             " words, stations or devices are beyond what it keeps; compare over a smaller file");
  return differences.empty() ? kExitOk : kExitFailure;
}

}  // namespace

extern const Command kRegistryDiff;
const Command kRegistryDiff{&kSpec, run};

}  // namespace nw::app
