#include "app/indicators_load.h"

#include <filesystem>
#include <random>

#include "app/config.h"
#include "app/snapshot.h"

namespace nw::app {

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{2} << 30;

// When it was last written; now, where that cannot be told.
Timestamp file_time(const std::string& path, Timestamp now) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(path, error);
  if (error) return now;
  return std::chrono::time_point_cast<Nanoseconds>(std::chrono::file_clock::to_sys(time));
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

}  // namespace

LoadedIndicators load_indicators(const IndicatorsConfig& config, std::vector<IpPrefix> own, Timestamp now,
                                 Diagnostics& diagnostics, IndicatorsFrom from) {
  const auto hint = [from](std::string_view key, std::string_view words) {
    return std::string{from == IndicatorsFrom::configuration ? key : words};
  };
  LoadedIndicators out;
  if (config.files.empty()) return out;
  Sha256 hash;
  context::IndicatorGate gate{std::move(own)};
  for (const std::string& path : config.warning_lists) {
    const auto text = read_text_file(path, kFileBytesMax);
    if (!text) {
      diagnostics.error(path, {}, "unreadable", "a warning list: " + text.error().what,
                        hint("correct 'indicators.warning_lists' in the configuration",
                             "name a file that is there and that you may read, after --warning-list"));
      continue;
    }
    hash.add(*text);
    context::read_warning_list(*text, path, gate, diagnostics);
  }
  gate.close();
  context::IndicatorBuilder builder{config.bytes_max, random_seed()};
  for (const IndicatorFile& file : config.files) {
    out.by_file.push_back(0);
    const auto text = read_text_file(file.path, kFileBytesMax);
    if (!text) {
      diagnostics.error(file.path, {}, "unreadable", "indicators: " + text.error().what,
                        hint("correct 'indicators.files' in the configuration",
                             "name a file that is there and that you may read; relative names begin in the current "
                             "folder"));
      continue;
    }
    hash.add(*text);
    const context::FeedFormat* format = file.format;
    if (format == nullptr) format = context::guess_feed_format(file.path, *text);
    if (format == nullptr) {
      diagnostics.error(file.path, {}, "unknown-format", "it looks like no format of indicators",
                        hint("say 'format': csv, list, misp or stix", "say --format csv, list, misp or stix"));
      continue;
    }
    context::FeedOptions options;
    options.file = file.path;
    options.source = file.source;
    options.tlp = file.tlp;
    options.pap = file.pap;
    options.expires_after = file.expires_after;
    options.file_time = file_time(file.path, now);
    options.now = now;
    context::Feed feed{options, gate, builder, out.refusals, diagnostics};
    format->read(*text, feed);
    out.by_file.back() = feed.added();
  }
  std::uint64_t left_out = 0;
  out.set = builder.finish(left_out);
  for (; left_out > 0; --left_out)
    out.refusals.add(context::Refusal::repeated, "indicators", {}, "a value with more than 64 records");
  out.refusals.report(diagnostics);
  out.hash = hash.hex();
  return out;
}

}  // namespace nw::app
