// The regime in the running daemon: what the control socket asks, its swap into force, status and metric.
#include <boost/json/object.hpp>

#include "app/daemon.h"
#include "base/clock.h"
#include "base/log.h"
#include "export/metrics/metrics.h"

namespace nw::app {

Result<> Daemon::open_regime() {
  if (auto opened = regime_.open(); !opened) return opened;
  snapshot_ = with_regimes(snapshot_, regime_.book());
  return {};
}

console::HttpResponse Daemon::change_regime(RegimeKeeper::Step step, const console::HttpRequest& request) {
  const auto answer = [](int status, std::string text) {
    return console::HttpResponse{status, "text/plain; charset=utf-8", std::move(text)};
  };
  auto done = regime_.change(step, request.body, request.peer_uid, wall_now());
  if (!done) {
    log_warning("regime_refused", "what was asked of the regime was refused", {{"error", done.error().what}});
    const bool theirs = done.error().code == Errc::malformed || done.error().code == Errc::invalid_argument;
    return answer(theirs ? 400 : 409, done.error().what + (done.error().what.ends_with('\n') ? "" : "\n"));
  }
  recorder_->note(std::move(done->entry_type), std::move(done->entry_body));
  if (done->in_force) {
    snapshot_ = with_regimes(snapshot_, regime_.book());
    for (auto& worker : workers_) worker->swap(snapshot_);
    correlator_->swap(snapshot_);
    digests_->use(snapshot_);
  }
  log_info("regime_changed", "a step about the regime was taken; the ledger has it",
           {{"id", done->id}, {"in_force", done->in_force ? "true" : "false"}});
  return answer(200, done->told);
}

void Daemon::add_regime_routes(std::vector<console::Route>& routes) {
  using Done = std::function<void(console::HttpResponse)>;
  routes.push_back(
      {"GET", "/regime", [this](const console::HttpRequest&, const Done& done) {
         done({200, "application/json", regime_json(regime_.book(), *snapshot_->policies, wall_now()) + '\n'});
       }});
  for (const auto& [path, step] :
       {std::pair{"/regime/propose", RegimeKeeper::Step::propose},
        std::pair{"/regime/confirm", RegimeKeeper::Step::confirm},
        std::pair{"/regime/reject", RegimeKeeper::Step::reject}, std::pair{"/regime/end", RegimeKeeper::Step::end}})
    routes.push_back({"POST", path, [this, step = step](const console::HttpRequest& request, const Done& done) {
                        done(change_regime(step, request));
                      }});
}

boost::json::object Daemon::regime_status() const {
  const context::RegimeInForce now = snapshot_->regimes->at(wall_now(), {});
  boost::json::object out{{"now", to_string(now.regime)}, {"waiting", regime_.book().proposals().size()}};
  if (now.regime == context::Regime::peacetime) return out;
  out["kind"] = now.kinds();
  std::string territory;
  for (const context::RegimePeriod* period : now.periods)
    for (const std::string& code : period->territory) territory += (territory.empty() ? "" : ", ") + code;
  out["territory"] = territory;
  return out;
}

void Daemon::fill_regime(metrics::Snapshot& out) const {
  const context::RegimeInForce now = snapshot_->regimes->at(wall_now(), {});
  out.set("normwatch_regime", {to_string(context::Regime::peacetime), "none"},
          now.regime == context::Regime::peacetime ? 1 : 0);
  for (std::size_t i = 0; i < context::kConflictKinds.size(); ++i)
    out.set("normwatch_regime", {to_string(context::Regime::armed_conflict), context::kConflictKinds[i]},
            now.has(static_cast<context::ConflictKind>(i)) ? 1 : 0);
}

}  // namespace nw::app
