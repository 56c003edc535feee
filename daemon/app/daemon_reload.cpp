// Reloads: built on a thread of their own, put in force on the main one; baselines, which are swapped likewise.
#include <boost/asio/post.hpp>
#include <map>
#include <set>

#include "app/daemon.h"
#include "app/ledger_notes.h"
#include "app/systemd.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "record/entry.h"

namespace nw::app {

namespace {

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

}  // namespace

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
    const bool new_register = rebuilt.snapshot->registry_hash != snapshot_->registry_hash ||
                              rebuilt.snapshot->sectors_hash != snapshot_->sectors_hash;  // its words mean others
    snapshot_ = with_regimes(rebuilt.snapshot, regime_.book());
    config_.rule_paths = rebuilt.config->rule_paths;
    config_.placeholders_file = rebuilt.config->placeholders_file;
    config_.variables_file = rebuilt.config->variables_file;
    config_.registry_file = rebuilt.config->registry_file;
    config_.norms_file = rebuilt.config->norms_file;
    config_.baseline = rebuilt.config->baseline;
    config_.vulnerabilities = rebuilt.config->vulnerabilities;
    config_.record.reporting = rebuilt.config->record.reporting;
    in_force_ = rebuilt.disk;
    stale_ = false;
    if (privacy_desk_) privacy_desk_->use(snapshot_->custodians);
    guard_->use(*snapshot_, wall_now());  // before any alert that the new rules make
    for (auto& worker : workers_) worker->swap(snapshot_);
    correlator_->swap(snapshot_);
    digests_->use(snapshot_);
    baseline_keeper_.open(*snapshot_);
    baseline_keeper_.forget_known(*snapshot_);
    liveness_.use(config_, *snapshot_);
    reporting_->use(snapshot_->reporting);
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

}  // namespace nw::app
