// `normwatch replay`: files through the whole pipeline, without a daemon and without a record.
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "app/commands.h"
#include "app/line_file.h"
#include "app/mappings.h"
#include "app/regime_keeper.h"
#include "app/replay.h"
#include "app/replay_late.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "take rules, norms and register from this configuration (its sources are not opened)"},
    {"events", "OUT", "write every event as NDJSON to OUT ('-': standard output, in place of the alerts)"},
    {"workers", "N", "threads (default: one per core); the output is the same for any number"},
    {"format", "FORMAT",
     "of log files, as a source of the configuration names it (default: json and windows_xml by what is in the file, "
     "else auto; '-' is a capture unless this is given)"},
    {"product", "NAME", "Sigma product of log events"},
    {"service", "NAME", "Sigma service of log events"},
    {"category", "NAME", "Sigma category of log events"},
    {"mapping", "NAME", "field mapping of JSON events (default: by product or category; none)"},
    {"regime", "FILE", "the regime as a book says (<state>/regime.yaml, a copy of one); without it: peacetime"},
    {"shadow", "", "write the alerts of shadow rules too, each with \"shadow\":true"},
    {"late", "", "FILE is late.bin below a state directory: what came too late for rules over time (with --config)"},
    {"quiet", "", "no summary and no progress bar"},
};

constexpr CommandSpec kSpec{
    "replay",
    "FILE...",
    "match captures and logs that are files; alerts as NDJSON on standard output",
    "FILE is a capture (pcap or pcapng, also gzip or zstd) or a log (text, or EVTX); '-' is standard input.\n"
    "The summary goes to standard error. Exit status: 0, 65 damaged or wrong data, 66 missing file, 78 configuration.",
    kOptions,
    1,
    10'000};

// Writes whole lines through a buffer; closes with a check, because a full disk shows only then.
class LineOut {
 public:
  static Result<LineOut> open(const std::string& path) {
    LineOut out;
    out.file_ = path == "-" ? stdout : std::fopen(path.c_str(), "we");
    if (out.file_ == nullptr) return Error{Errc::full, "cannot create " + path};
    out.path_ = path;
    return out;
  }
  Result<> write(std::string_view line) {
    if (std::fwrite(line.data(), 1, line.size(), file_) != line.size() || std::fputc('\n', file_) == EOF)
      return Error{Errc::io, "cannot write to " + path_ + ": " + std::strerror(errno)};
    return {};
  }
  Result<> close() {
    const bool bad = std::fflush(file_) != 0;
    if (file_ != stdout) std::fclose(file_);
    if (bad) return Error{Errc::io, "cannot write to " + path_};
    return {};
  }

 private:
  std::FILE* file_ = nullptr;
  std::string path_;
};

void print_counts(const char* what, const std::map<std::string, std::uint64_t>& counts) {
  if (counts.empty()) return;
  std::fprintf(stderr, "  %s:", what);
  for (const auto& [name, count] : counts)
    std::fprintf(stderr, " %s %llu", name.c_str(), static_cast<unsigned long long>(count));
  std::fputc('\n', stderr);
}

void print_summary(const ReplaySummary& s, double seconds) {
  const auto n = [](std::uint64_t count) { return static_cast<unsigned long long>(count); };
  std::fprintf(stderr, "%llu packets, %llu lines, %.1f MB in %.2f s (%.0f records/s)\n", n(s.packets), n(s.lines),
               static_cast<double>(s.bytes) / 1e6, seconds,
               seconds > 0 ? static_cast<double>(s.records) / seconds : 0.0);
  if (s.first != Timestamp{})
    std::fprintf(stderr, "  from %s to %s\n", to_rfc3339(s.first).c_str(), to_rfc3339(s.last).c_str());
  std::fprintf(stderr, "  events: matched %llu unmatched %llu not asked for by any rule %llu\n", n(s.matched),
               n(s.unmatched), n(s.unwanted));
  if (s.joined != 0) std::fprintf(stderr, "  lines joined with others: %llu\n", n(s.joined));
  std::fprintf(stderr, "  packets: decoded %llu malformed %llu ignored %llu\n", n(s.decoded), n(s.malformed),
               n(s.ignored));
  print_counts("malformed", s.malformed_by_reason);
  print_counts("messages refused", s.refused_by_protocol);
  print_counts("lines not parsed", s.unparsed_by_reason);
  if (const auto& t = s.over_time; t.taken != 0)
    std::fprintf(stderr,
                 "  rules over time: told of %llu events, of these late %llu, duplicate %llu, out of turn %llu\n",
                 n(t.taken), n(t.late), n(t.duplicates), n(t.hurried));
  std::fprintf(stderr, "%llu alerts", n(s.alerts));
  for (const char* level : {"critical", "high", "medium", "low", "informational"})
    if (const auto found = s.alerts_by_level.find(level); found != s.alerts_by_level.end())
      std::fprintf(stderr, "  %s %llu", level, n(found->second));
  std::fputc('\n', stderr);
  print_counts("matches of shadow rules, not notified", s.shadow_matches);
  if (!s.conserved())
    std::fputs("normwatch: the counts do not add up; this is a fault of our own, please report it\n", stderr);
}

// build_snapshot(), with the regime of --regime. Null after a report, with the exit status in `code`.
std::shared_ptr<const Snapshot> replay_snapshot(const Options& options, const Config& config, Diagnostics& diagnostics,
                                                ExitCode& code) {
  auto snapshot = build_snapshot(config, nullptr, diagnostics);
  code = report(diagnostics, &config);
  if (!snapshot || !options.has("regime")) return snapshot;
  const auto book = read_regime_book(options.get("regime"));
  if (book) return with_regimes(snapshot, *book);
  complain("--regime: " + book.error().what);
  code = exit_code(book.error().code);
  return nullptr;
}

ExitCode run_replay(const Options& options, Config& config, const std::shared_ptr<const Snapshot>& snapshot,
                    unsigned workers) {
  const bool to_stdout = options.get("events") == "-";
  auto alerts = LineOut::open("-");
  auto events = LineOut::open(options.has("events") && !to_stdout ? options.get("events") : "-");
  if (!events) {
    complain(events.error().what);
    return kExitCannotCreate;
  }
  ReplayOptions replay_options;
  replay_options.workers = workers;
  replay_options.alerts = !to_stdout;
  replay_options.events = options.has("events");
  replay_options.shadow = options.has("shadow");
  replay_options.progress = !options.has("quiet") && ::isatty(STDERR_FILENO) == 1;
  ReplaySummary summary;
  const auto before = std::chrono::steady_clock::now();
  auto result = replay(
      config, snapshot, replay_options, [&](std::string_view line) { return alerts->write(line); },
      [&](std::string_view line) { return events->write(line); }, summary);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  for (auto* out : {&alerts, &events})
    if (auto closed = (*out)->close(); !closed && result) result = closed.error();
  if (!options.has("quiet")) print_summary(summary, seconds);
  if (!result) {
    complain(result.error().what);
    return exit_code(result.error().code);
  }
  if (summary.lines != 0 && summary.unparsed == summary.lines) {
    complain("not one line could be parsed; is it another format? See --format");
    return kExitData;
  }
  return summary.conserved() ? kExitOk : kExitSoftware;
}

ExitCode run_late(const Options& options, Config& config, Diagnostics& diagnostics) {
  ExitCode code = kExitOk;
  const auto snapshot = replay_snapshot(options, config, diagnostics, code);
  if (!snapshot) return code;
  std::vector<std::string> names;
  for (const SourceConfig& source : config.sources) names.push_back(source.name);
  auto out = LineOut::open("-");
  for (const std::string& file : options.words()) {
    const auto done = replay_late(file, *snapshot, names, config.correlation,
                                  [&](std::string_view line) { return out->write(line); });
    if (!done) {
      complain(file + ": " + done.error().what);
      return exit_code(done.error().code);
    }
    if (!options.has("quiet"))
      std::fprintf(stderr, "%s: %llu late events, of these %llu of rules that are gone or changed; %llu alerts\n",
                   file.c_str(), static_cast<unsigned long long>(done->contributions),
                   static_cast<unsigned long long>(done->unknown), static_cast<unsigned long long>(done->alerts));
  }
  if (auto closed = out->close(); !closed) {
    complain(closed.error().what);
    return kExitIo;
  }
  return kExitOk;
}

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  if (options.has("late")) return run_late(options, *config, diagnostics);
  config->sources.clear();
  config->outputs.clear();
  for (const std::string& file : options.words()) {
    if (const auto added = add_replay_file(options, file, *config, diagnostics); !added) {
      complain(added.error().what);
      return added.error().code == Errc::invalid_argument ? kExitUsage : exit_code(added.error().code);
    }
  }
  unsigned workers = std::max(1U, std::thread::hardware_concurrency());
  if (options.has("workers")) {
    const auto count = parse_count("workers", options.get("workers"), 1, 256);
    if (!count) {
      complain(count.error().what);
      return kExitUsage;
    }
    workers = *count;
  }
  config->record_all = config->record_all || options.has("events");
  config->baseline.learn = false;  // candidates are the daemon's to keep
  ExitCode code = kExitOk;
  const auto snapshot = replay_snapshot(options, *config, diagnostics, code);
  if (!snapshot) return code;
  return run_replay(options, *config, snapshot, workers);
}

}  // namespace

Result<> add_replay_file(const Options& options, const std::string& file, Config& config, Diagnostics& diagnostics) {
  SourceConfig source;
  source.kind = SourceKind::replay;
  source.path = file;
  source.name = "replay-" + std::to_string(config.sources.size());
  source.format_options.product = to_ascii_lower(options.get("product"));
  source.format_options.service = to_ascii_lower(options.get("service"));
  source.format_options.category = to_ascii_lower(options.get("category"));
  source.mapping = options.get("mapping");
  auto format = replay_format(file, options.get("format"));
  if (!format) return format.error();
  source.format = std::move(*format);
  if ((source.format == "json" || source.format == "auto") && source.format_options.product.empty() &&
      holds_windows_events(file))
    source.format_options.product = "windows";
  assign_mapping(config, source, diagnostics);
  config.sources.push_back(std::move(source));
  return {};
}

const Command kReplay{&kSpec, run};

}  // namespace nw::app
