// Keys and privacy guard in the running daemon: opened, asked what is due, status and metrics.
#include <boost/json/object.hpp>

#include "app/daemon.h"
#include "base/clock.h"
#include "export/metrics/metrics.h"
#include "record/entry.h"

namespace nw::app {

Result<> Daemon::open_guard() {
  auto guard = GuardKeeper::open(config_, *snapshot_, wall_now());
  if (!guard) return Error{guard.error().code, "keys: " + guard.error().what};
  guard_ = std::move(*guard);
  return {};
}

void Daemon::look_at_guard() {
  guard_->tick(wall_now());
  for (std::string& body : guard_->take_notes()) recorder_->note(std::string{record::kEntryKeyRotate}, std::move(body));
}

boost::json::object Daemon::privacy_status() const {
  const record::GuardCounts counts = guard_->door().counts();
  const auto rules = guard_->door().rules();
  return {{"epoch", guard_->epoch().to_string()},
          {"policy_sha256", snapshot_->privacy_hash},
          {"custodians", guard_->custodians()},
          {"clear_values", rules->seal ? "sealed" : "not kept"},
          {"foreign_addresses_clear", rules->foreign_addresses_clear},
          {"alerts", counts.alerts},
          {"values_kept", recorder_->values_kept()},
          {"values_not_kept", recorder_->values_not_kept()}};
}

void Daemon::fill_privacy(metrics::Snapshot& out) const {
  const record::GuardCounts counts = guard_->door().counts();
  for (std::size_t kind = 0; kind < privacy::kFieldClasses.size(); ++kind)
    for (std::size_t form = 0; form < privacy::kForms.size(); ++form)
      if (counts.values[kind][form] != 0)
        out.set("normwatch_privacy_values_total", {privacy::kFieldClasses[kind], privacy::kForms[form]},
                static_cast<double>(counts.values[kind][form]));
  out.set("normwatch_privacy_epoch", {guard_->epoch().to_string()}, 1);
  out.set("normwatch_privacy_sealed_total", {}, static_cast<double>(recorder_->values_kept()));
  out.set("normwatch_privacy_sealed_failures_total", {}, static_cast<double>(recorder_->values_not_kept()));
  out.set("normwatch_privacy_names_not_searched_total", {}, static_cast<double>(counts.names_not_kept));
}

}  // namespace nw::app
