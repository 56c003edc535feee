// The long-running daemon: every part opened, joined, watched, reloaded and closed in order.
//
//   workers -> recorder -> ledger -> incident feeder -> incident store
//                                 -> notary          -> signed heads of the ledger's tree
//                                 -> output runners   -> Alertmanager, files, terminal
//                                 -> digest writer    -> recorder, when a maintenance window ends
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/attestation.h"
#include "app/baseline_keeper.h"
#include "app/case_desk.h"
#include "app/case_teller.h"
#include "app/config.h"
#include "app/correlator.h"
#include "app/digest_writer.h"
#include "app/exit_codes.h"
#include "app/exposure_teller.h"
#include "app/guard_keeper.h"
#include "app/heartbeat.h"
#include "app/incident_feeder.h"
#include "app/liveness_keeper.h"
#include "app/notary.h"
#include "app/outputs.h"
#include "app/packet_keeper.h"
#include "app/privacy_desk.h"
#include "app/recorder.h"
#include "app/regime_keeper.h"
#include "app/replay_clock.h"
#include "app/reporting_desk.h"
#include "app/rule_costs.h"
#include "app/snapshot.h"
#include "app/worker.h"
#include "console/http_server.h"
#include "export/metrics/metrics.h"
#include "record/incidents/store.h"
#include "record/keys/keys.h"
#include "record/ledger/ledger.h"
#include "record/ledger/tree.h"

namespace nw::app {

// How the last reload ended.
struct ReloadState {
  bool successful = true;
  Timestamp success_time{};
  std::string told;  // the diagnostics of a refused one
};

class Daemon {
 public:
  // Reads the configuration again for a reload: the command line's additions come with it.
  using Reader = std::function<std::optional<Config>(Diagnostics&)>;

  // Opens everything. An Error's code gives the exit status (exit_codes.h).
  static Result<std::unique_ptr<Daemon>> open(Config config, std::shared_ptr<const Snapshot> snapshot, Reader reader);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Until SIGTERM or SIGINT; then drains and closes. Alerts that could not be written make it kExitIo.
  ExitCode run();

 private:
  Daemon(Config config, std::shared_ptr<const Snapshot> snapshot, Reader reader);
  Result<> open_guard();
  Result<> open_record();
  Result<> open_store(const record::IncidentOptions& options);
  Result<> open_notary();
  void start_notary();
  void beat(bool at_the_end);
  void close_notary(Nanoseconds patience);
  void add_tree_routes(std::vector<console::Route>& routes, bool control);
  [[nodiscard]] boost::json::object tree_status() const;
  void fill_tree(metrics::Snapshot& out) const;
  Result<> open_regime();
  Result<> open_workers();
  Result<> open_http();
  void wait_for_signals();
  void tick();
  // Asks whether the sources are well, and now and then how much of what they give is designated; what is to be told
  // goes to the first worker, as an event.
  void look_at_sources();
  // Gives the first worker an event for each vulnerability that is open.
  void tell_exposures();
  void end_filters();
  // Builds everything anew on a thread of its own (a large rule set takes its time, and the watchdog must be fed), then
  // puts it in force on this one; on any fault the old set goes on. `done` is called on this thread, with the text for
  // the one who asked; false: refused.
  using ReloadDone = std::function<void(bool successful, const std::string& told)>;
  void reload(ReloadDone done);
  struct Rebuilt;
  void put_in_force(const Rebuilt& rebuilt);
  // Asks every worker for what it has learned; the answers come to baseline_keeper_.
  void gather_candidates();
  // Designates the conversations of `request` (BaselineKeeper::approve); the status and text to answer with.
  console::HttpResponse approve_baseline(std::string_view request);
  // One step about the regime (RegimeKeeper::change); what is confirmed comes into force for every alert made from now
  // on, whatever its event time.
  console::HttpResponse change_regime(RegimeKeeper::Step step, const console::HttpRequest& request);
  void add_regime_routes(std::vector<console::Route>& routes);
  void add_operator_route(std::vector<console::Route>& routes);
  [[nodiscard]] boost::json::object regime_status() const;
  void fill_regime(metrics::Snapshot& out) const;
  // Whether a month begins or is over; what the ledger is to say of keys.
  void look_at_guard();
  [[nodiscard]] boost::json::object privacy_status() const;
  void fill_privacy(metrics::Snapshot& out) const;
  // Reveals, holds, erasure and retention (daemon_reveals.cpp).
  void start_privacy_desk();
  void add_privacy_routes(std::vector<console::Route>& routes);
  [[nodiscard]] boost::json::object reveals_status() const;
  void fill_reveals(metrics::Snapshot& out) const;
  void open_evidence();
  void open_packets();
  [[nodiscard]] boost::json::object evidence_status() const;
  void fill_evidence(metrics::Snapshot& out) const;
  // Acts upon incidents (daemon_cases.cpp).
  void open_cases();
  void add_case_routes(std::vector<console::Route>& routes);
  [[nodiscard]] boost::json::object cases_status() const;
  void fill_cases(metrics::Snapshot& out) const;
  // Between the tree and the HTTP server.
  Result<> open_attestation();
  void add_witness_routes(std::vector<console::Route>& routes, bool control);
  bool alive() const;
  bool alive_or_starting() const { return !ready_ || alive(); }
  void drain();
  void fill_metrics(metrics::Snapshot& out) const;
  [[nodiscard]] std::string status_json() const;
  [[nodiscard]] std::string costs_json() const;
  // daemon_reporting.cpp
  void start_reporting();
  void add_reporting_routes(std::vector<console::Route>& routes);
  console::HttpResponse note_export(const console::HttpRequest& request);
  std::vector<console::Route> routes(bool control);

  Config config_;
  std::shared_ptr<const Snapshot> snapshot_;
  Reader reader_;
  ReloadState reload_;
  Timestamp started_{};
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_};
  boost::asio::steady_timer timer_{io_};
  std::unique_ptr<GuardKeeper> guard_;
  std::unique_ptr<record::Ledger> ledger_;
  std::unique_ptr<Notary> notary_;
  std::optional<Heartbeat> pulse_;
  std::unique_ptr<record::IncidentStore> store_;
  Outputs outputs_;
  std::unique_ptr<record::EvidenceStore> evidence_store_;  // null: it could not be opened
  std::string evidence_closed_;                            // why, if there is evidence in it
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<PacketKeeper> packet_keeper_;  // null: no packets and lines are kept
  std::unique_ptr<Correlator> correlator_;
  std::unique_ptr<CaseDesk> case_desk_;
  std::unique_ptr<CaseTeller> case_teller_;  // before the feeder, whose thread calls it
  std::unique_ptr<IncidentFeeder> feeder_;
  std::unique_ptr<DigestWriter> digests_;
  BaselineKeeper baseline_keeper_;
  RegimeKeeper regime_;
  LivenessKeeper liveness_;
  liveness::ScopeWatch scope_;
  std::unique_ptr<ReportingDesk> reporting_;
  ExposureTeller exposure_teller_;
  ReplayClock clock_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<PrivacyDesk> privacy_desk_;  // before what it borrows goes
  std::unique_ptr<Attestation> attestation_;
  std::unique_ptr<metrics::MetricsRegistry> metrics_;
  std::unique_ptr<console::HttpServer> http_, control_;
  bool ready_ = false;
  // Whether the files on disk are still those that are in force; looked at now and then.
  std::string in_force_;
  bool stale_ = false;
  bool reloading_ = false, draining_ = false;
  std::optional<Timestamp> filter_ended_;  // acted upon
  unsigned ticks_ = 0;
  std::jthread builder_;  // last: ends before anything that it uses
};

// The numbers of every source, added up over the workers. In the order of the configuration.
std::vector<SourceReport> add_up(const std::vector<std::unique_ptr<Worker>>& workers, std::size_t sources);

// Likewise: packets of flows, and of those with neither end designated.
std::vector<liveness::ScopeTally> add_up_scope(const std::vector<std::unique_ptr<Worker>>& workers,
                                               std::size_t sources);

// What the rules of `snapshot` have cost and matched in all workers.
RuleCosts add_up_costs(const std::vector<std::unique_ptr<Worker>>& workers, const Snapshot& snapshot);

}  // namespace nw::app
