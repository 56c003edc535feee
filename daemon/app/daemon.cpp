#include "app/daemon.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>
#include <unistd.h>

#include "app/ledger_notes.h"
#include "app/systemd.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/log.h"
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
constexpr std::chrono::seconds kDrainHead{10};
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
  for (const auto step : {&Daemon::open_record, &Daemon::open_regime, &Daemon::open_workers, &Daemon::open_attestation,
                          &Daemon::open_http})
    if (auto opened = (daemon.get()->*step)(); !opened) return opened.error();
  return daemon;
}

Result<> Daemon::open_record() {
  const std::string& state = config_.state_directory;
  if (auto made = make_directory(state, true); !made) return made;
  if (auto made = make_directory(state + "/outputs", true); !made) return made;
  // What may stand in clear for a while (record/guard/README.md) is for this user alone, whatever the umask.
  for (const char* part : {"/sources", "/spool", "/correlation", "/baseline"}) {
    std::error_code ignored;  // a file system without modes
    if (auto made = make_directory(state + part, true); !made) return made;
    std::filesystem::permissions(state + part, std::filesystem::perms::owner_all, ignored);
  }
  if (auto opened = open_guard(); !opened) return opened;
  record::LedgerOptions options;
  options.directory = state + "/ledger";
  options.segment_bytes_max = config_.ledger_segment_bytes;
  auto ledger = record::Ledger::open(options);
  if (!ledger) return with_hint(ledger.error(), "ledger");
  ledger_ = std::move(*ledger);
  if (ledger_->torn_bytes() != 0)
    log_warning("ledger_torn", "the last entry was cut short by a crash and was never accepted; it has been removed",
                {{"bytes", std::to_string(ledger_->torn_bytes())}});
  if (auto opened = open_notary(); !opened) return opened;
  record::IncidentOptions incident_options;
  incident_options.file = state + "/incidents.sqlite";
  incident_options.quiet = config_.incident_quiet;
  if (auto opened = open_store(incident_options); !opened) return opened;
  open_evidence();
  recorder_ = std::make_unique<Recorder>(*ledger_, guard_->door(), config_.alert_queue, config_.fold,
                                         [this] { outputs_.wake(); });
  if (evidence_store_) {
    recorder_->keep_values_in(*evidence_store_);
    guard_->keep_values_in(*evidence_store_);
  }
  open_packets();
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
  options.keeper = packet_keeper_.get();
  // Two daemons on one machine must not share a fan-out group.
  options.fanout_base = static_cast<std::uint16_t>((static_cast<unsigned>(::getpid()) * 64U) | 1U);
  for (unsigned i = 0; i < count; ++i) {
    options.number = i;
    options.seed = (std::uint64_t{random()} << 32U) | random();
    auto worker = Worker::open(options, config_, snapshot_, *recorder_, *correlator_, clock_);
    if (!worker) return worker.error();
    workers_.push_back(std::move(*worker));
  }
  if (packet_keeper_)
    correlator_->tell_fired([this](std::shared_ptr<const Fired> fired) {
      for (auto& worker : workers_) worker->fired(fired);
    });
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
  look_at_guard();
  open_cases();
  feeder_ =
      std::make_unique<IncidentFeeder>(*store_, *ledger_, [this](std::uint64_t next) { case_teller_->applied(next); });
  digests_ =
      std::make_unique<DigestWriter>(config_.state_directory + "/outputs/.maintenance.cursor",
                                     config_.correlation.lateness + kDigestGrace, snapshot_, *ledger_, *recorder_);
  start_privacy_desk();
  baseline_keeper_.open(*snapshot_);
  liveness_.use(config_, *snapshot_);
  liveness_.open();
  start_reporting();
  clock_.start();
  outputs_.start();
  correlator_->start();
  for (auto& worker : workers_) worker->start();
  start_notary();
  if (attestation_) attestation_->start();
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
      late(digests_->heartbeat()) || late(privacy_desk_->heartbeat()) || late(notary_->heartbeat()) ||
      late(reporting_->heartbeat()))
    return false;
  if (packet_keeper_ && late(packet_keeper_->heartbeat())) return false;
  if (attestation_ && late(attestation_->heartbeat())) return false;
  return std::none_of(workers_.begin(), workers_.end(), [&](const auto& worker) { return late(worker->heartbeat()); });
}

void Daemon::tick() {
  if (alive()) {
    if (watchdog_limit()) notify_watchdog();
  } else {
    log_error("pipeline_stuck", "a thread of the pipeline has not come round for ten seconds");
  }
  beat(false);
  ++ticks_;
  look_at_guard();
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
  for (liveness::Health& health : liveness_.look(add_up(workers_, config_.sources.size()), wall_now(), steady)) {
    if (auto note = Heartbeat::clock_note(health)) recorder_->note(std::string{record::kEntryClock}, std::move(*note));
    workers_.front()->tell(std::move(health));
  }
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

void Daemon::drain() {
  draining_ = true;  // a reload that is under way changes nothing any more
  notify_extend(kDrainAlerts + kDrainHead + kDrainIncidents + kDrainOutputs + std::chrono::seconds{5});
  if (builder_.joinable()) builder_.join();
  case_desk_->stop();
  case_teller_->stop();
  if (attestation_) attestation_->close();
  privacy_desk_->close();  // its entries and events still find recorder and workers
  recorder_->give_up_after(kDrainAlerts);
  for (auto& worker : workers_) worker->stop();
  gather_candidates();
  for (auto& worker : workers_) worker->join();
  correlator_->close();
  digests_->close();
  if (packet_keeper_) packet_keeper_->close();
  beat(true);
  recorder_->note(std::string{record::kEntryClose}, "{}");
  // Waits until the recorder has written what is queued; outputs and incidents read it from the ledger.
  while (recorder_->queued() != 0) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  reporting_->close();
  close_notary(kDrainHead);
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
