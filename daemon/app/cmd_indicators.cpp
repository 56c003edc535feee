// `normwatch indicators`: what files of indicators hold, and what the configured ones know of a value.
#include <array>
#include <cstdio>

#include "app/commands.h"
#include "app/indicators_load.h"
#include "app/snapshot.h"
#include "base/clock.h"
#include "base/text.h"
#include "context/indicators/url.h"

namespace nw::app {

namespace {

constexpr OptionSpec kCheckOptions[] = {
    {"format", "FORMAT", "csv, list, misp or stix; without it: by name and beginning"},
    {"warning-list", "FILE", "a list of what is harmless"},
};
constexpr CommandSpec kCheckSpec{
    "indicators check",
    "[--format FORMAT] FILE...",
    "read files of indicators and count what is in them",
    "Exit status: 0 they can be read, 78 one cannot. Indicators that are left out are named, at most 20, and counted.",
    kCheckOptions,
    1,
    64};

constexpr OptionSpec kFindOptions[] = {
    {"config", "FILE", "the configuration whose indicators are asked"},
};
constexpr CommandSpec kFindSpec{
    "indicators find",
    "--config FILE VALUE",
    "what the configured indicators know of a name, address, URL, digest or fingerprint",
    "Exit status: 0 it is known, 1 it is not, 78 the configuration or a file is wrong. Nobody "
    "else is asked.",
    kFindOptions,
    1,
    1};

void print_counts(const LoadedIndicators& loaded, const IndicatorsConfig& config) {
  for (std::size_t i = 0; i < config.files.size() && i < loaded.by_file.size(); ++i)
    std::printf("%s: %zu taken\n", config.files[i].path.c_str(), loaded.by_file[i]);
  for (std::size_t i = 0; i < context::kIndicatorKinds; ++i)
    if (const auto kind = static_cast<context::IndicatorKind>(i); loaded.set->size(kind) != 0)
      std::printf("  %-12s %zu\n", std::string{to_string(kind)}.c_str(), loaded.set->size(kind));
  for (std::size_t i = 1; i < context::kRefusals; ++i)
    if (const auto why = static_cast<context::Refusal>(i); loaded.refusals.count(why) != 0)
      std::printf("  left out: %-18s %llu\n", std::string{to_string(why)}.c_str(),
                  static_cast<unsigned long long>(loaded.refusals.count(why)));
  std::printf("indicators: %zu in %zu KiB\n", loaded.set->size(), loaded.set->bytes() / 1024);
}

ExitCode check(const Options& options) {
  IndicatorsConfig config;
  const std::string name = options.get("format");
  const context::FeedFormat* const format = context::find_feed_format(name);
  if (!name.empty() && format == nullptr) {
    complain("no format of indicators is called '" + printable(name, 32) + "'; write csv, list, misp or stix");
    return kExitUsage;
  }
  if (options.has("warning-list")) config.warning_lists.push_back(options.get("warning-list"));
  for (const std::string& path : options.words()) {
    IndicatorFile& file = config.files.emplace_back();
    file.path = file.source = path;
    file.format = format;
  }
  Diagnostics diagnostics;
  const LoadedIndicators loaded = load_indicators(config, {}, wall_now(), diagnostics, IndicatorsFrom::command_line);
  const ExitCode code = report(diagnostics, nullptr);
  if (code == kExitOk) print_counts(loaded, config);
  return code;
}

void print_hit(const context::IndicatorHit& hit) {
  std::string line = std::string{to_string(hit.kind)} + ' ' + printable(indicator_text(hit.kind, hit.key), 512);
  const auto add = [&line](std::string_view name, std::string_view text) {
    if (!text.empty()) line.append("  ").append(name).append(": ").append(printable(text, 512));
  };
  add("source", hit.info.source);
  add("id", hit.info.id);
  add("tlp", to_string(hit.info.tlp));
  add("pap", to_string(hit.info.pap));
  if (hit.info.confidence) add("confidence", std::to_string(*hit.info.confidence));
  std::string labels{hit.info.labels};
  for (char& c : labels)
    if (c == context::IndicatorInfo::kLabelEnd) c = ' ';
  add("labels", trim(labels));
  std::puts(line.c_str());
}

ExitCode find(const Options& options) {
  Diagnostics diagnostics;
  const std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  const LoadedIndicators loaded = load_indicators(config->indicators, {}, wall_now(), diagnostics);
  if (!diagnostics.ok()) return report(diagnostics, nullptr);
  const std::string value = context::refang(trim(options.words()[0]));
  const Timestamp now = wall_now();
  std::size_t found = 0;
  const auto sink = [&found](const context::IndicatorHit& hit) {
    ++found;
    print_hit(hit);
  };
  loaded.set->find_name(value, now, sink);
  for (const auto kind : {context::IndicatorKind::md5, context::IndicatorKind::sha1, context::IndicatorKind::sha256,
                          context::IndicatorKind::ja3, context::IndicatorKind::ja3s, context::IndicatorKind::ja4,
                          context::IndicatorKind::cert_sha1, context::IndicatorKind::cert_sha256})
    loaded.set->find_text(kind, value, now, sink);
  context::IndicatorKey url;
  if (value.find('/') != std::string::npos && context::url_key(value, url)) {
    loaded.set->find_url(url.view(), now, sink);
    loaded.set->find_name(context::host_of_url(url.view()), now, sink);
  }
  if (found == 0) std::printf("not known among %zu indicators\n", loaded.set->size());
  return found == 0 ? kExitFailure : kExitOk;
}

std::span<const Command> indicator_commands() {
  static const std::array<Command, 2> kCommands{Command{&kCheckSpec, check}, Command{&kFindSpec, find}};
  return kCommands;
}

constexpr CommandSpec kSpec{"indicators", "", "check files of indicators, and ask what they know", "", {}, 0, 0};

}  // namespace

const Command kIndicators{&kSpec, nullptr, indicator_commands};

}  // namespace nw::app
