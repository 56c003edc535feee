#include "app/daemon.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <unistd.h>

#include "app/systemd.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "export/metrics/metrics.h"
#include "ingest/logs/transports/handed_socket.h"
#include "record/entry.h"

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kTick{500};
constexpr unsigned kTicksPerDiskLook = 30;
constexpr unsigned kTicksPerGathering = 6;
constexpr unsigned kTicksPerSourceLook = 2;
constexpr unsigned kTicksPerLivenessSave = 600;
constexpr std::size_t kControlBodyBytesMax = std::size_t{4} << 20;  // a baseline to import; others send less
constexpr std::chrono::seconds kDrainAlerts{10};                    // how long a failing disk is tried at the end
constexpr std::chrono::seconds kDrainIncidents{10};
constexpr std::chrono::seconds kDrainOutputs{5};
constexpr std::chrono::seconds kDrainStop{1};
constexpr std::chrono::seconds kDigestGrace{5};  // besides the lateness of rules over time
constexpr std::chrono::seconds kAlive{10};       // a thread that did not come round for so long is stuck

Error with_hint(const Error& error, const std::string& what) { return Error{error.code, what + ": " + error.what}; }

Result<> make_directory(const std::string& path, bool named_by_user) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && ::access(path.c_str(), W_OK | X_OK) == 0) return {};
  const std::string why = error ? error.message() : std::string{"not writable"};
  const bool forbidden = !error || error == std::errc::permission_denied || error == std::errc::read_only_file_system;
  return Error{forbidden ? Errc::no_permission : Errc::full,
               "cannot use the state directory " + path + ": " + why + "; " +
                   (named_by_user ? "make it writable for this user" : "name a writable one with --state DIR")};
}

// The keys whose lines differ between two Config::fixed_part: "sources, http".
std::string changed_keys(const std::string& before, const std::string& after) {
  std::map<std::string_view, std::string_view> lines;
  std::set<std::string_view> changed;
  for (const std::string_view line : split(before, '\n')) lines[line.substr(0, line.find('='))] = line;
  for (const std::string_view line : split(after, '\n')) {
    const std::string_view key = line.substr(0, line.find('='));
    if (const auto found = lines.find(key); found == lines.end() || found->second != line) changed.insert(key);
    lines.erase(key);
  }
  for (const auto& [key, line] : lines) changed.insert(key);
  std::string out;
  for (const std::string_view key : changed) out += (out.empty() ? "" : ", ") + std::string{key};
  return out;
}

std::string hashes_json(const Snapshot& snapshot) {
  std::string out = "{\"rules\":" + std::to_string(snapshot.rules->size()) + ",\"rules_sha256\":\"" +
                    snapshot.rules_hash + "\",\"registry_sha256\":\"" + snapshot.registry_hash +
                    "\",\"norms_sha256\":\"" + snapshot.norms_hash + '"';
  if (!snapshot.indicators_hash.empty()) out += ",\"indicators_sha256\":\"" + snapshot.indicators_hash + '"';
  if (!snapshot.baseline_hash.empty()) out += ",\"baseline_sha256\":\"" + snapshot.baseline_hash + '"';
  if (!snapshot.regime_hash.empty()) out += ",\"regime_sha256\":\"" + snapshot.regime_hash + '"';
  if (!snapshot.vulnerabilities_hash.empty())
    out += ",\"vulnerabilities_sha256\":\"" + snapshot.vulnerabilities_hash + '"';
  return out + '}';
}

std::string register_json(const Snapshot& snapshot) {
  return "{\"sha256\":\"" + snapshot.registry_hash + "\",\"files\":" + std::to_string(snapshot.registry_files) +
         ",\"assets\":" + std::to_string(snapshot.registry->assets().size()) +
         ",\"prefixes\":" + std::to_string(snapshot.registry->prefix_count()) + '}';
}

std::string open_json(const Config& config) {
  std::string out = "{\"version\":";
  append_json_string(version(), out);
  out += ",\"revision\":";
  append_json_string(revision(), out);
  out += ",\"site\":";
  append_json_string(config.site, out);
  return out + '}';
}

}  // namespace

Daemon::Daemon(Config config, std::shared_ptr<const Snapshot> snapshot, Reader reader)
    : config_{std::move(config)},
      snapshot_{std::move(snapshot)},
      reader_{std::move(reader)},
      started_{wall_now()},
      baseline_keeper_{config_.state_directory},
      regime_{config_.state_directory},
      liveness_{config_} {
  reload_.success_time = started_;
  in_force_ = disk_state(config_);
}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::open(Config config, std::shared_ptr<const Snapshot> snapshot, Reader reader) {
  std::unique_ptr<Daemon> daemon{new Daemon{std::move(config), std::move(snapshot), std::move(reader)}};
  // What can be refused by others comes first; the ledger gets its entry when all of it is open.
  for (const auto step : {&Daemon::open_record, &Daemon::open_regime, &Daemon::open_workers, &Daemon::open_http})
    if (auto opened = (daemon.get()->*step)(); !opened) return opened.error();
  return daemon;
}

Result<> Daemon::open_record() {
  const std::string& state = config_.state_directory;
  if (auto made = make_directory(state, true); !made) return made;
  for (const char* part : {"/sources", "/outputs"})
    if (auto made = make_directory(state + part, true); !made) return made;
  record::LedgerOptions options;
  options.directory = state + "/ledger";
  options.segment_bytes_max = config_.ledger_segment_bytes;
  auto ledger = record::Ledger::open(options);
  if (!ledger) return with_hint(ledger.error(), "ledger");
  ledger_ = std::move(*ledger);
  if (ledger_->torn_bytes() != 0)
    log_warning("ledger_torn", "the last entry was cut short by a crash and was never accepted; it has been removed",
                {{"bytes", std::to_string(ledger_->torn_bytes())}});
  record::IncidentOptions incident_options;
  incident_options.file = state + "/incidents.sqlite";
  incident_options.quiet = config_.incident_quiet;
  if (auto opened = open_store(incident_options); !opened) return opened;
  recorder_ = std::make_unique<Recorder>(*ledger_, config_.alert_queue, config_.fold, [this] { outputs_.wake(); });
  return outputs_.open(config_, *ledger_);
}

// The store can be made again from the ledger, so a damaged one, or one that has read further than the ledger goes, is
// put aside and never stops the watching.
Result<> Daemon::open_store(const record::IncidentOptions& options) {
  auto store = record::IncidentStore::open(options);
  std::string why = store ? std::string{} : store.error().what;
  if (store) {
    const auto next = (*store)->next();
    if (!next)
      why = next.error().what;
    else if (*next > ledger_->size())
      why = "it has read " + std::to_string(*next) + " entries of a ledger that has " + std::to_string(ledger_->size());
  } else if (store.error().code != Errc::malformed) {
    return with_hint(store.error(), "incident store");
  }
  if (!why.empty()) {
    if (store) store->reset();
    const std::string aside = options.file.string() + ".damaged-" + to_rfc3339(started_, 0);
    std::error_code error;
    std::filesystem::rename(options.file, aside, error);
    for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(options.file.string() + part, error);
    log_error("incident_store_rebuilt",
              "the incident store was damaged; it is put aside and made again from the ledger",
              {{"error", why}, {"aside", aside}});
    store = record::IncidentStore::open(options);
    if (!store) return with_hint(store.error(), "incident store");
  }
  store_ = std::move(*store);
  return {};
}

Result<> Daemon::open_workers() {
  auto correlator = Correlator::open(config_, snapshot_, *ledger_, *recorder_);
  if (!correlator) return with_hint(correlator.error(), "correlation");
  correlator_ = std::move(*correlator);
  const unsigned count = config_.workers != 0 ? config_.workers : std::max(1U, std::thread::hardware_concurrency());
  std::random_device random;
  Worker::Options options;
  options.run = std::to_string(random()) + '-' + std::to_string(random());
  options.workers = count;
  // Two daemons on one machine must not share a fan-out group.
  options.fanout_base = static_cast<std::uint16_t>((static_cast<unsigned>(::getpid()) * 64U) | 1U);
  for (unsigned i = 0; i < count; ++i) {
    options.number = i;
    options.seed = (std::uint64_t{random()} << 32U) | random();
    auto worker = Worker::open(options, config_, snapshot_, *recorder_, *correlator_, clock_);
    if (!worker) return worker.error();
    workers_.push_back(std::move(*worker));
  }
  if (const std::string left = logs::handed_sockets_left(); !left.empty())
    log_warning("socket_unused",
                "systemd handed over sockets that no source reads; take them out of their unit, or add sources with "
                "`listen: systemd:NAME`",
                {{"sockets", left}});
  return {};
}

Result<> Daemon::open_http() {
  metrics_ = std::make_unique<metrics::MetricsRegistry>([this](metrics::Snapshot& out) { fill_metrics(out); });
  if (!config_.http_listen.empty()) {
    console::HttpOptions options;
    options.listen = config_.http_listen;
    auto http = console::HttpServer::open(io_.get_executor(), options, routes(false));
    if (!http) return with_hint(http.error(), "http.listen");
    http_ = std::move(*http);
  }
  console::HttpOptions options;
  options.listen = "unix:" + config_.control_path();
  options.body_bytes_max = kControlBodyBytesMax;
  auto control = console::HttpServer::open(io_.get_executor(), options, routes(true));
  if (!control) return with_hint(control.error(), "control");
  control_ = std::move(*control);
  return {};
}

ExitCode Daemon::run() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) signals_.add(signal);
  wait_for_signals();
  recorder_->note(std::string{record::kEntryOpen}, open_json(config_));
  recorder_->note(std::string{record::kEntryRulesLoad}, hashes_json(*snapshot_));
  recorder_->note(std::string{record::kEntryRegisterLoad}, register_json(*snapshot_));
  feeder_ = std::make_unique<IncidentFeeder>(*store_, *ledger_);
  digests_ = std::make_unique<DigestWriter>(config_.state_directory + "/outputs/.maintenance.cursor",
                                            config_.correlation.lateness + kDigestGrace, *ledger_, *recorder_);
  baseline_keeper_.open(*snapshot_);
  liveness_.use(config_, *snapshot_);
  liveness_.open();
  clock_.start();
  outputs_.start();
  correlator_->start();
  for (auto& worker : workers_) worker->start();
  ready_ = true;
  const std::string status = std::to_string(snapshot_->rules->size()) + " rules, " +
                             std::to_string(snapshot_->registry->assets().size()) + " assets, " +
                             std::to_string(config_.sources.size()) + " sources, " + std::to_string(workers_.size()) +
                             " workers";
  log_info("ready", "normwatch watches",
           {{"version", std::string{version()}},
            {"status", status},
            {"http", config_.http_listen},
            {"state", config_.state_directory}});
  notify_ready(status);
  tick();
  io_.run();
  drain();
  const std::uint64_t lost = recorder_->close();
  if (lost == 0) {
    log_info("stopped", "stopped in order; every alert is in the ledger",
             {{"entries", std::to_string(ledger_->size())}});
    return kExitOk;
  }
  log_error("alerts_lost", "the disk still failed at the end; alerts that waited in memory are lost",
            {{"alerts", std::to_string(lost)}});
  return kExitIo;
}

void Daemon::wait_for_signals() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      reload([](bool, const std::string&) {});
      return wait_for_signals();
    }
    log_info("stopping", "a signal asks for the end; sources are drained",
             {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
    notify_stopping();
    io_.stop();
  });
}

// Every thread must have come round lately. The watchdog is fed by that, so a stuck pipeline is restarted.
bool Daemon::alive() const {
  const std::int64_t oldest =
      std::chrono::steady_clock::now().time_since_epoch().count() - std::chrono::nanoseconds{kAlive}.count();
  const auto late = [oldest](std::int64_t beat) { return beat < oldest; };
  if (late(recorder_->heartbeat()) || late(feeder_->heartbeat()) || late(correlator_->heartbeat()) ||
      late(digests_->heartbeat()))
    return false;
  return std::none_of(workers_.begin(), workers_.end(), [&](const auto& worker) { return late(worker->heartbeat()); });
}

void Daemon::tick() {
  if (alive()) {
    if (watchdog_limit()) notify_watchdog();
  } else {
    log_error("pipeline_stuck", "a thread of the pipeline has not come round for ten seconds");
  }
  ++ticks_;
  if (ticks_ % kTicksPerGathering == 0) gather_candidates();
  if (ticks_ % kTicksPerSourceLook == 0) look_at_sources();
  if (ticks_ % kTicksPerSourceLook == 0) tell_exposures();
  if (ticks_ % kTicksPerLivenessSave == 0) liveness_.save();
  if (ticks_ % kTicksPerDiskLook == 0) {
    const bool stale = disk_state(config_) != in_force_;
    if (stale && !stale_)
      log_warning("config_stale",
                  "files on disk differ from what is in force; load them with: normwatch reload --wait");
    stale_ = stale;
    end_filters();
  }
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

// While the ledger's disk fails, the workers wait: that they hear nothing says nothing of the sources.
void Daemon::look_at_sources() {
  if (recorder_->failing()) return;
  const Nanoseconds steady = std::chrono::steady_clock::now().time_since_epoch();
  for (liveness::Health& health : liveness_.look(add_up(workers_, config_.sources.size()), wall_now(), steady))
    workers_.front()->tell(std::move(health));
  std::vector<std::string> names;
  for (const SourceConfig& source : config_.sources) names.push_back(source.name);
  std::vector<liveness::ScopeTally> tallies = add_up_scope(workers_, names.size());
  for (std::size_t i = 0; i < tallies.size(); ++i)
    if (config_.sources[i].kind == SourceKind::replay) tallies[i] = {};  // a played file was captured by somebody else
  for (liveness::ScopeShare& share : scope_.look(tallies, names, wall_now(), steady))
    workers_.front()->tell(std::move(share));
}

// Behind the swap of a reload, so that the worker knows the snapshot.
void Daemon::tell_exposures() {
  if (recorder_->failing()) return;
  ExposureBatch batch = exposure_teller_.look(snapshot_->exposures, wall_now());
  if (!batch.exposures.empty()) workers_.front()->tell(std::move(batch));
}

// A filter whose time is over turns itself off: the rules are read anew. Not when the files differ from what is in
// force, which somebody has yet to approve by a reload.
void Daemon::end_filters() {
  const std::optional<Timestamp> expiry = snapshot_->rules->filters().next_expiry;
  if (!expiry || *expiry > wall_now() || reloading_ || expiry == filter_ended_) return;
  filter_ended_ = expiry;
  if (stale_)
    return log_warning(
        "filter_expired",
        "a rule filter has expired, but stays on: files on disk differ; load them with: normwatch reload",
        {{"expired", to_rfc3339(*expiry, 0)}});
  log_warning("filter_expired", "a rule filter has expired; the rules are read anew, without it",
              {{"expired", to_rfc3339(*expiry, 0)}});
  reload([](bool, const std::string&) {});
}

struct Daemon::Rebuilt {
  std::optional<Config> config;
  std::shared_ptr<const Snapshot> snapshot;  // null: refused
  std::string disk;                          // as before reading: a change while we read shows as stale
  std::string told;
};

void Daemon::reload(ReloadDone done) {
  if (reloading_) return done(false, "a reload is under way already; try again when it has ended\n");
  reloading_ = true;
  notify_reloading();
  builder_ = std::jthread{[this, done = std::move(done), running = snapshot_->schema, fixed = config_.fixed_part] {
    const auto rebuilt = std::make_shared<Rebuilt>();
    Diagnostics diagnostics;
    rebuilt->config = reader_(diagnostics);
    if (rebuilt->config) rebuilt->disk = disk_state(*rebuilt->config);
    if (rebuilt->config && rebuilt->config->fixed_part != fixed)
      diagnostics.error(rebuilt->config->file, {}, "needs-restart",
                        "changed, but not by a reload: " + changed_keys(fixed, rebuilt->config->fixed_part),
                        "restart the daemon for these: systemctl restart normwatch");
    else if (rebuilt->config)
      rebuilt->snapshot = build_snapshot(*rebuilt->config, running.get(), diagnostics);
    if (!diagnostics.ok()) rebuilt->snapshot.reset();
    rebuilt->told = diagnostics.to_string();
    boost::asio::post(io_, [this, rebuilt, done] {
      if (draining_) return done(false, "the daemon is about to end; nothing was loaded\n");
      put_in_force(*rebuilt);
      done(rebuilt->snapshot != nullptr, rebuilt->told);
    });
  }};
}

void Daemon::put_in_force(const Rebuilt& rebuilt) {
  reloading_ = false;
  reload_.successful = rebuilt.snapshot != nullptr;
  reload_.told = rebuilt.told;
  if (reload_.successful) {
    const bool new_register = rebuilt.snapshot->registry_hash != snapshot_->registry_hash;
    snapshot_ = with_regimes(rebuilt.snapshot, regime_.book());
    config_.rule_paths = rebuilt.config->rule_paths;
    config_.placeholders_file = rebuilt.config->placeholders_file;
    config_.variables_file = rebuilt.config->variables_file;
    config_.registry_file = rebuilt.config->registry_file;
    config_.norms_file = rebuilt.config->norms_file;
    config_.baseline = rebuilt.config->baseline;
    config_.vulnerabilities = rebuilt.config->vulnerabilities;
    in_force_ = rebuilt.disk;
    stale_ = false;
    for (auto& worker : workers_) worker->swap(snapshot_);
    correlator_->swap(snapshot_);
    baseline_keeper_.open(*snapshot_);
    baseline_keeper_.forget_known(*snapshot_);
    liveness_.use(config_, *snapshot_);
    set_log_level(rebuilt.config->log_level);
    reload_.success_time = wall_now();
    recorder_->note(std::string{record::kEntryReload},
                    "{\"successful\":true,\"loaded\":" + hashes_json(*snapshot_) + '}');
    if (new_register) recorder_->note(std::string{record::kEntryRegisterLoad}, register_json(*snapshot_));
    log_info("reloaded", "the new rules, register and norms are in force",
             {{"rules", std::to_string(snapshot_->rules->size())}});
  } else {
    recorder_->note(std::string{record::kEntryReload}, "{\"successful\":false}");
    log_error("reload_refused", "the new configuration has errors; the old one goes on", {{"errors", rebuilt.told}});
  }
  notify_ready(reload_.successful ? "reloaded" : "reload refused; the old configuration goes on");
}

void Daemon::gather_candidates() {
  baseline_keeper_.save();  // what the gathering before brought
  if (!snapshot_->learn) return;
  for (auto& worker : workers_)
    worker->gather([this](std::vector<baseline::Candidate> candidates) {
      if (candidates.empty()) return;
      boost::asio::post(io_,
                        [this, candidates = std::move(candidates)] { baseline_keeper_.merge(candidates, *snapshot_); });
    });
}

console::HttpResponse Daemon::approve_baseline(std::string_view request) {
  const auto answer = [](int status, std::string text) {
    return console::HttpResponse{status, "text/plain; charset=utf-8", std::move(text) + '\n'};
  };
  // What is being built has read the old file.
  if (reloading_) return answer(409, "a reload is under way; try again when it has ended");
  const bool in_force = disk_state(config_) == in_force_;
  auto approved = BaselineKeeper::approve(request, config_.baseline, *snapshot_);
  if (!approved) {
    log_warning("baseline_approval_refused", "conversations were not designated", {{"error", approved.error().what}});
    return answer(409, approved.error().what);
  }
  if (approved->snapshot == nullptr) return answer(200, "every one of these conversations is designated already");
  for (std::string& entry : approved->entries)
    recorder_->note(std::string{record::kEntryBaselineApprove}, std::move(entry));
  snapshot_ = approved->snapshot;
  if (in_force) in_force_ = disk_state(config_);
  for (auto& worker : workers_) worker->swap(snapshot_);
  baseline_keeper_.forget_known(*snapshot_);
  baseline_keeper_.save();
  log_info("baseline_approved", "conversations are designated; the new baseline is in force",
           {{"conversations", std::to_string(approved->conversations)},
            {"designated", std::to_string(snapshot_->baseline->size())}});
  return answer(200, std::to_string(approved->conversations) +
                         " conversations are designated now; the baseline holds " +
                         std::to_string(snapshot_->baseline->size()));
}

void Daemon::drain() {
  draining_ = true;  // a reload that is under way changes nothing any more
  notify_extend(kDrainAlerts + kDrainIncidents + kDrainOutputs + std::chrono::seconds{5});
  if (builder_.joinable()) builder_.join();
  recorder_->give_up_after(kDrainAlerts);
  for (auto& worker : workers_) worker->stop();
  gather_candidates();
  for (auto& worker : workers_) worker->join();
  correlator_->close();
  digests_->close();
  recorder_->note(std::string{record::kEntryClose}, "{}");
  // Waits until the recorder has written what is queued; outputs and incidents read it from the ledger.
  while (recorder_->queued() != 0) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  feeder_->close(kDrainIncidents);
  io_.restart();
  timer_.cancel();
  outputs_.close(kDrainOutputs, kDrainStop, [this] { io_.poll(); });
  if (http_) http_->stop();
  control_->stop();
  io_.run_for(std::chrono::milliseconds{200});
  baseline_keeper_.save();
  liveness_.save();
}

}  // namespace nw::app
