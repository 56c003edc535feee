// The daemon's numbers as metrics. Names, types and help are rows of export/metrics/table.cpp; this file fills them.
#include <algorithm>
#include <array>
#include <map>

#include "app/daemon.h"
#include "app/version.h"
#include "app/vulnerabilities.h"
#include "base/clock.h"
#include "export/metrics/metrics.h"

namespace nw::app {

namespace {

double seconds(Timestamp t) { return static_cast<double>(to_unix_nanoseconds(t)) / 1e9; }
double seconds(Nanoseconds duration) { return static_cast<double>(duration.count()) / 1e9; }
double real(std::uint64_t count) { return static_cast<double>(count); }

void add(network::NetworkCounters& to, const network::NetworkCounters& from) {
  to.packets += from.packets;
  to.decoded += from.decoded;
  to.ignored += from.ignored;
  to.flows_opened += from.flows_opened;
  to.flows_closed += from.flows_closed;
  to.flows_evicted += from.flows_evicted;
  to.stream_gap_bytes += from.stream_gap_bytes;
  to.stream_evicted_bytes += from.stream_evicted_bytes;
  to.tcp_unacceptable += from.tcp_unacceptable;
  to.expected_evicted += from.expected_evicted;
  to.fragments_expired += from.fragments_expired;
  to.events += from.events;
  to.weirds_left_out += from.weirds_left_out;
  to.tunnelled.packets += from.tunnelled.packets;
  to.tunnelled.decoded += from.tunnelled.decoded;
  to.tunnelled.ignored += from.tunnelled.ignored;
  for (std::size_t i = 0; i < to.tunnelled.malformed.size(); ++i)
    to.tunnelled.malformed[i] += from.tunnelled.malformed[i];
  for (std::size_t i = 0; i < to.layers.size(); ++i) to.layers[i] += from.layers[i];
  for (std::size_t i = 0; i < to.malformed.size(); ++i) to.malformed[i] += from.malformed[i];
  to.protocols.resize(std::max(to.protocols.size(), from.protocols.size()));
  for (std::size_t p = 0; p < from.protocols.size(); ++p) {
    to.protocols[p].messages += from.protocols[p].messages;
    to.protocols[p].given_up += from.protocols[p].given_up;
    to.protocols[p].noise_bytes += from.protocols[p].noise_bytes;
    for (std::size_t e = 0; e < from.protocols[p].refused.size(); ++e)
      to.protocols[p].refused[e] += from.protocols[p].refused[e];
  }
}

void add(SourceReport& to, const SourceReport& from) {
  to.flow.entered += from.flow.entered;
  to.flow.matched += from.flow.matched;
  to.flow.unmatched += from.flow.unmatched;
  to.flow.last_received = std::max(to.flow.last_received, from.flow.last_received);
  to.received += from.received;
  to.packets = to.packets || from.packets;
  to.lines = to.lines || from.lines;
  to.capture.packets += from.capture.packets;
  to.capture.kernel_dropped += from.capture.kernel_dropped;
  // The kernel counts these for the interface, and tells every handle the same number.
  to.capture.interface_dropped = std::max(to.capture.interface_dropped, from.capture.interface_dropped);
  to.capture.cut += from.capture.cut;
  add(to.network, from.network);
  to.flows += from.flows;
  to.network_bytes += from.network_bytes;
  to.feed.add(from.feed);
  if (from.heard.registry) to.heard = from.heard;        // lines of a source come to one worker
  if (from.clock_skew) to.clock_skew = from.clock_skew;  // likewise
  to.transport.add(from.transport);
  to.intake.add(from.intake);
  if (from.has_flow_records) {  // as for lines: one worker has them all
    to.has_flow_records = true;
    to.flow_records = from.flow_records;
  }
  to.finished = to.finished || from.finished;
  if (to.fault.empty()) to.fault = from.fault;
}

void fill_tunnelled(const std::string& source, const network::NetworkCounters& counters, metrics::Snapshot& out) {
  const auto& within = counters.tunnelled;
  out.set("normwatch_tunnelled_packets_total", {source, "decoded"}, real(within.decoded));
  out.set("normwatch_tunnelled_packets_total", {source, "ignored"}, real(within.ignored));
  out.set("normwatch_tunnelled_packets_total", {source, "malformed"},
          real(within.packets - within.decoded - within.ignored));
}

void fill_packets(const std::string& source, const SourceReport& report, metrics::Snapshot& out) {
  out.set("normwatch_capture_packets_total", {source}, real(report.capture.packets));
  out.set("normwatch_capture_dropped_packets_total", {source, "kernel"}, real(report.capture.kernel_dropped));
  out.set("normwatch_capture_dropped_packets_total", {source, "interface"}, real(report.capture.interface_dropped));
  out.set("normwatch_packets_decoded_total", {source}, real(report.network.decoded));
  out.set("normwatch_packets_ignored_total", {source}, real(report.network.ignored));
  const auto reasons = network::malformed_reasons();
  for (std::size_t i = 0; i < reasons.size() && i < report.network.malformed.size(); ++i)
    if (!reasons[i].empty())
      out.set("normwatch_packets_malformed_total", {source, reasons[i]}, real(report.network.malformed[i]));
  const auto layers = network::layer_names();
  for (std::size_t i = 0; i < layers.size(); ++i)
    out.set("normwatch_packets_with_layer_total", {source, layers[i]}, real(report.network.layers[i]));
  fill_tunnelled(source, report.network, out);
  out.set("normwatch_flows", {source}, real(report.flows));
  out.set("normwatch_network_memory_bytes", {source}, real(report.network_bytes));
  out.set("normwatch_flows_opened_total", {source}, real(report.network.flows_opened));
  out.set("normwatch_flows_evicted_total", {source}, real(report.network.flows_evicted));
  out.set("normwatch_flows_expected_evicted_total", {source}, real(report.network.expected_evicted));
  out.set("normwatch_stream_gap_bytes_total", {source}, real(report.network.stream_gap_bytes));
  out.set("normwatch_stream_evicted_bytes_total", {source}, real(report.network.stream_evicted_bytes));
  out.set("normwatch_tcp_unacceptable_segments_total", {source}, real(report.network.tcp_unacceptable));
}

void fill_lines(const std::string& source, const SourceReport& report, metrics::Snapshot& out) {
  out.set("normwatch_log_lines_total", {source}, real(report.feed.lines));
  out.set("normwatch_log_bytes_total", {source}, real(report.feed.bytes));
  out.set("normwatch_log_lines_joined_total", {source}, real(report.feed.joined));
  for (std::size_t i = 1; i < report.feed.faults.size(); ++i) {
    const std::string_view reason = logs::to_string(static_cast<logs::LineFault>(i));
    if (!reason.empty()) out.set("normwatch_log_lines_unparsed_total", {source, reason}, real(report.feed.faults[i]));
  }
}

void fill_intake(const std::string& source, const SourceReport& report, metrics::Snapshot& out) {
  const Intake::Counters& intake = report.intake;
  out.set("normwatch_events_dropped_total", {source, "intake", "drop_newest"}, real(intake.drop_newest));
  out.set("normwatch_events_dropped_total", {source, "intake", "drop_oldest"}, real(intake.drop_oldest));
  out.set("normwatch_events_dropped_total", {source, "intake", "spill_full"}, real(intake.spill_full));
  out.set("normwatch_events_dropped_total", {source, "intake", "spill_damaged"}, real(intake.spill_damaged));
  out.set("normwatch_source_waiting_lines", {source}, real(intake.held));
  out.set("normwatch_source_waiting_bytes", {source}, real(intake.held_bytes));
  out.set("normwatch_source_spilled_lines_total", {source}, real(intake.spilled));
  const logs::TransportCounters& transport = report.transport;
  out.set("normwatch_source_connections_total", {source, "accepted"}, real(transport.connections));
  out.set("normwatch_source_connections_total", {source, "refused"}, real(transport.refused));
  out.set("normwatch_source_connections_total", {source, "handshake_failed"}, real(transport.handshakes_failed));
  out.set("normwatch_source_rejected_total", {source}, real(transport.rejected));
  out.set("normwatch_source_put_off_total", {source}, real(transport.put_off));
  out.set("normwatch_source_acknowledged_lines_total", {source}, real(transport.acknowledged));
  if (transport.certificate_expires != 0)
    out.set("normwatch_source_certificate_expiry_timestamp_seconds", {source},
            static_cast<double>(transport.certificate_expires));
}

void fill_flow_records(const std::string& source, const flows::Counters& flows, metrics::Snapshot& out) {
  for (std::size_t i = 0; i < flows::kProtocols; ++i) {
    const std::string_view protocol = flows::to_string(static_cast<flows::Protocol>(i));
    out.set("normwatch_flow_records_total", {source, protocol}, real(flows.flows[i]));
    out.set("normwatch_flow_records_lost_total", {source, protocol}, real(flows.sequence[i].lost));
  }
  for (std::size_t i = 1; i < flows::kFaults; ++i)
    out.set("normwatch_flow_datagrams_malformed_total", {source, flows::to_string(static_cast<flows::Fault>(i))},
            real(flows.malformed[i]));
  out.set("normwatch_flow_sets_waiting_total", {source, "decoded"}, real(flows.waiting.decoded));
  out.set("normwatch_flow_sets_waiting_total", {source, "dropped"}, real(flows.waiting.dropped));
  out.set("normwatch_flow_sets_waiting_total", {source, "expired"}, real(flows.waiting.expired));
  out.set("normwatch_flow_templates", {source}, real(flows.templates_held));
  out.set("normwatch_flow_exporters", {source}, real(flows.exporters_held));
}

void fill_source(const SourceConfig& config, const SourceReport& report, metrics::Snapshot& out) {
  const std::string& source = config.name;
  out.set("normwatch_events_received_total", {source}, real(report.received));
  out.set("normwatch_events_total", {source, "matched"}, real(report.flow.matched));
  out.set("normwatch_events_total", {source, "unmatched"},
          real(report.flow.unmatched + report.feed.unwanted + report.feed.unread));
  out.set("normwatch_events_in_flight", {source},
          real(report.flow.entered - report.flow.matched - report.flow.unmatched + report.intake.held));
  out.set("normwatch_events_dropped_total", {source, "socket", "buffer_full"}, real(report.transport.kernel_dropped));
  if (report.lines) fill_intake(source, report, out);
  out.set("normwatch_events_dropped_total", {source, "queue", "full"}, real(report.transport.dropped_full));
  // A replay's clock is the file's; its silence means nothing.
  if (config.kind != SourceKind::replay && report.flow.last_received != Timestamp{})
    out.set("normwatch_source_last_event_timestamp_seconds", {source}, seconds(report.flow.last_received));
  if (report.clock_skew) out.set("normwatch_source_clock_skew_seconds", {source}, seconds(*report.clock_skew));
  out.set("normwatch_source_failed", {source}, report.fault.empty() ? 0 : 1);
  if (report.packets) fill_packets(source, report, out);
  if (report.lines) fill_lines(source, report, out);
  if (report.has_flow_records) fill_flow_records(source, report.flow_records, out);
}

// What the daemon says of itself is conserved like all else.
void fill_own(const SourceFlow& flow, metrics::Snapshot& out) {
  out.set("normwatch_events_received_total", {kOwnSource}, real(flow.entered));
  out.set("normwatch_events_total", {kOwnSource, "matched"}, real(flow.matched));
  out.set("normwatch_events_total", {kOwnSource, "unmatched"}, real(flow.unmatched));
  out.set("normwatch_events_in_flight", {kOwnSource}, real(flow.entered - flow.matched - flow.unmatched));
}

void fill_protocols(const std::vector<SourceReport>& reports, metrics::Snapshot& out) {
  network::NetworkCounters all;
  for (const SourceReport& report : reports) add(all, report.network);
  const auto protocols = network::protocols();
  all.protocols.resize(protocols.size());
  for (std::size_t p = 0; p < protocols.size(); ++p) {
    const auto& counters = all.protocols[p];
    out.set("normwatch_protocol_messages_total", {protocols[p].name}, real(counters.messages));
    out.set("normwatch_protocol_given_up_total", {protocols[p].name}, real(counters.given_up));
    out.set("normwatch_protocol_noise_bytes_total", {protocols[p].name}, real(counters.noise_bytes));
    for (std::size_t e = 0; e < counters.refused.size(); ++e)
      out.set("normwatch_protocol_refused_total",
              {protocols[p].name, network::to_string(static_cast<network::DecodeError>(e))}, real(counters.refused[e]));
  }
}

}  // namespace

std::vector<SourceReport> add_up(const std::vector<std::unique_ptr<Worker>>& workers, std::size_t sources) {
  std::vector<SourceReport> total(sources);
  for (const auto& worker : workers) {
    const WorkerReport report = worker->report();
    for (std::size_t i = 0; i < sources; ++i) add(total[i], report.sources[i]);
  }
  return total;
}

std::vector<liveness::ScopeTally> add_up_scope(const std::vector<std::unique_ptr<Worker>>& workers,
                                               std::size_t sources) {
  std::vector<liveness::ScopeTally> total(sources);
  for (const auto& worker : workers) {
    const WorkerReport report = worker->report();
    for (std::size_t i = 0; i < sources && i < report.scope.size(); ++i) {
      total[i].packets += report.scope[i].packets;
      total[i].outside += report.scope[i].outside;
    }
  }
  return total;
}

namespace {

const std::string& rule_name(const sigma::RuleInfo& info) { return info.id.empty() ? info.title : info.id; }

}  // namespace

RuleCosts add_up_costs(const std::vector<std::unique_ptr<Worker>>& workers, const Snapshot& snapshot) {
  RuleCosts out;
  out.costs.resize(snapshot.rules->size());
  out.matches.resize(snapshot.rules->size());
  // By name: a worker that has not yet swapped counts by the old set's numbers.
  std::map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < snapshot.rules->size(); ++i) by_name[rule_name(snapshot.rules->info(i))] = i;
  for (const auto& worker : workers) {
    const WorkerReport report = worker->report();
    out.look_up_ticks += report.given_up.look_up_ticks;
    for (const SourceReport& source : report.sources) out.events += source.flow.matched + source.flow.unmatched;
    for (std::size_t i = 0; i < report.rule_costs.size(); ++i) {
      const auto rule = by_name.find(rule_name(report.snapshot->rules->info(i)));
      if (rule == by_name.end()) continue;
      add(out.costs[rule->second], report.rule_costs[i]);
      out.matches[rule->second] += report.rule_matches[i];
    }
  }
  return out;
}

namespace {

constexpr std::size_t kRulesByName = 500;  // operations.md 3.1: more would burden Prometheus

void fill_costs(const RuleCosts& costs, const Snapshot& snapshot, metrics::Snapshot& out) {
  out.set("normwatch_match_look_up_seconds_total", {}, estimated_seconds(costs.look_up_ticks));
  const std::size_t most = snapshot.rules->size() <= kRulesByName ? kRulesByName : kDearestMax;
  for (const std::size_t rule : dearest(costs.costs, most)) {
    const std::string& name = rule_name(snapshot.rules->info(rule));
    out.set("normwatch_rule_cost_seconds_total", {name}, estimated_seconds(costs.costs[rule].ticks));
    out.set("normwatch_rule_evaluations_total", {name}, real(costs.costs[rule].evaluations));
  }
}

void fill_over_time(const CorrelatorReport& report, metrics::Snapshot& out) {
  const correlation::EngineCounters& all = report.counters;
  out.set("normwatch_correlation_contributions_total", {"late"}, real(all.late));
  out.set("normwatch_correlation_contributions_total", {"duplicate"}, real(all.duplicates));
  out.set("normwatch_correlation_contributions_total", {"hurried"}, real(all.hurried));
  out.set("normwatch_correlation_contributions_total", {"on_time"},
          real(all.taken - all.late - all.duplicates - all.hurried - all.pending));
  out.set("normwatch_correlation_pending", {}, real(all.pending));
  out.set("normwatch_correlation_excused_total", {}, real(all.blind));
  out.set("normwatch_correlation_late_lost_total", {}, real(report.late_lost));
  out.set("normwatch_correlation_untranslated_total", {}, real(report.untranslated));
  out.set("normwatch_correlation_save_failures_total", {}, real(report.save_failures));
  out.set("normwatch_correlation_state_bytes", {}, real(report.state_bytes));
  for (std::size_t i = 0; i < report.rules.size(); ++i) {
    if (report.snapshot->rules->correlation(i) == nullptr) continue;
    const std::string& name = rule_name(report.snapshot->rules->info(i));
    const correlation::RuleCounters& rule = report.rules[i];
    out.set("normwatch_correlation_keys", {name}, real(rule.keys));
    out.set("normwatch_correlation_memory_bytes", {name}, real(rule.bytes));
    out.set("normwatch_correlation_cut_total", {name}, real(rule.cut));
    out.set("normwatch_correlation_evicted_total", {name, "no"}, real(rule.evicted - rule.evicted_registered));
    out.set("normwatch_correlation_evicted_total", {name, "yes"}, real(rule.evicted_registered));
  }
}

void fill_rules(const std::vector<std::unique_ptr<Worker>>& workers, const CorrelatorReport& over_time,
                const Snapshot& snapshot, metrics::Snapshot& out) {
  std::array<std::uint64_t, sigma::kRuleStates> states{};
  std::uint64_t shadow = 0;
  for (std::size_t i = 0; i < snapshot.rules->size(); ++i) {
    ++states[static_cast<std::size_t>(snapshot.rules->state(i))];
    if (snapshot.rules->info(i).shadow) ++shadow;
  }
  for (std::size_t i = 0; i < states.size(); ++i)
    out.set("normwatch_rules", {sigma::to_string(static_cast<sigma::RuleState>(i))}, real(states[i]));
  out.set("normwatch_rules", {"refused"}, real(snapshot.rules->refused()));
  // Apart, so that the states add up to the rules there are: a shadow rule is live or not like any other.
  out.set("normwatch_rules_shadow", {}, real(shadow));
  const sigma::FilterSummary& filters = snapshot.rules->filters();
  out.set("normwatch_filters", {"active"}, real(filters.active));
  out.set("normwatch_filters", {"expired"}, real(filters.expired));
  out.set("normwatch_filters", {"refused"}, real(filters.refused));
  std::map<std::pair<std::string, bool>, std::uint64_t> matches;
  MatchDurations durations;
  sigma::MatchCounters given_up;
  for (const auto& worker : workers) {
    const WorkerReport report = worker->report();
    given_up.regex_limits += report.given_up.regex_limits;
    given_up.text_cuts += report.given_up.regex_cuts + report.given_up.text_cuts;
    for (std::size_t i = 0; i < durations.counts.size(); ++i) durations.counts[i] += report.durations.counts[i];
    durations.sum += report.durations.sum;
    // By name: a worker that has not yet swapped counts by the old set's numbers.
    for (std::size_t i = 0; i < report.rule_matches.size(); ++i) {
      const sigma::RuleInfo& info = report.snapshot->rules->info(i);
      matches[{rule_name(info), info.shadow}] += report.rule_matches[i];
    }
  }
  for (std::size_t i = 0; i < over_time.rules.size(); ++i) {
    const sigma::RuleInfo& info = over_time.snapshot->rules->info(i);
    matches[{rule_name(info), info.shadow}] += over_time.rules[i].firings;
  }
  if (snapshot.rules->size() <= kRulesByName)
    for (std::size_t i = 0; i < snapshot.rules->size(); ++i) {
      const sigma::RuleInfo& info = snapshot.rules->info(i);
      const std::string& name = rule_name(info);
      out.set(info.shadow ? "normwatch_rule_shadow_matches_total" : "normwatch_rule_matches_total", {name},
              real(matches[{name, info.shadow}]));
    }
  out.set("normwatch_match_regex_limits_total", {}, real(given_up.regex_limits));
  out.set("normwatch_match_cut_texts_total", {}, real(given_up.text_cuts));
  out.set_histogram("normwatch_match_duration_seconds", {}, MatchDurations::kBounds, durations.counts, durations.sum);
}

void fill_indicators(const std::vector<std::unique_ptr<Worker>>& workers, const Snapshot& snapshot,
                     metrics::Snapshot& out) {
  context::IndicatorEnrichment::Counters total;
  for (const auto& worker : workers) total.add(worker->report().indicators);
  for (std::size_t i = 0; i < context::kIndicatorKinds; ++i) {
    const std::string_view kind = to_string(static_cast<context::IndicatorKind>(i));
    out.set("normwatch_indicators", {kind},
            static_cast<double>(snapshot.indicators->size(static_cast<context::IndicatorKind>(i))));
    for (std::size_t a = 0; a < context::kAnswered; ++a)
      out.set("normwatch_indicator_hits_total", {kind, to_string(static_cast<context::Answered>(a))},
              real(total.hits[i][a]));
  }
  for (std::size_t i = 1; i < context::kRefusals; ++i)
    out.set("normwatch_indicators_left_out", {context::kRefusalNames[i]},
            real(snapshot.indicators_refused.count(static_cast<context::Refusal>(i))));
  out.set("normwatch_indicators_memory_bytes", {}, static_cast<double>(snapshot.indicators->bytes()));
  out.set("normwatch_indicator_records_cut_total", {}, real(total.cut));
}

void fill_baseline(const std::vector<std::unique_ptr<Worker>>& workers, const baseline::Learner& learner,
                   const Snapshot& snapshot, metrics::Snapshot& out) {
  if (!snapshot.baseline) return;
  baseline::Deviations deviations{};
  std::uint64_t left_out = learner.left_out();
  for (const auto& worker : workers) {
    const WorkerReport report = worker->report();
    left_out += report.candidates_left_out;
    for (std::size_t i = 0; i < deviations.size(); ++i) deviations[i] += report.deviations[i];
  }
  for (std::size_t i = 1; i < deviations.size(); ++i)  // 0: no deviation
    out.set("normwatch_baseline_deviations_total", {baseline::to_string(static_cast<baseline::Verdict>(i))},
            real(deviations[i]));
  out.set("normwatch_baseline_candidates", {}, real(learner.size()));
  out.set("normwatch_baseline_candidates_left_out_total", {}, real(left_out));
  out.set("normwatch_baseline_conversations", {}, real(snapshot.baseline->size()));
}

}  // namespace

void Daemon::fill_metrics(metrics::Snapshot& out) const {
  out.set("normwatch_build_info", {version(), revision()}, 1);
  out.set("normwatch_start_time_seconds", {}, seconds(started_));
  out.set("normwatch_config_last_reload_successful", {}, reload_.successful ? 1 : 0);
  out.set("normwatch_config_last_reload_success_timestamp_seconds", {}, seconds(reload_.success_time));
  out.set("normwatch_config_stale", {}, stale_ ? 1 : 0);
  out.set("normwatch_registry_assets", {}, real(snapshot_->registry->assets().size()));
  const std::vector<SourceReport> reports = add_up(workers_, config_.sources.size());
  for (std::size_t i = 0; i < reports.size(); ++i) fill_source(config_.sources[i], reports[i], out);
  if (!workers_.empty()) fill_own(workers_.front()->report().own, out);
  liveness_.fill(out);
  fill_regime(out);
  fill_privacy(out);
  fill_reveals(out);
  fill_evidence(out);
  if (attestation_) attestation_->fill(out);
  const std::vector<liveness::ScopeTally> scope = add_up_scope(workers_, config_.sources.size());
  for (std::size_t i = 0; i < scope.size(); ++i) {
    if (!reports[i].packets) continue;
    out.set("normwatch_source_flow_packets_total", {config_.sources[i].name, "no"}, real(scope[i].outside));
    out.set("normwatch_source_flow_packets_total", {config_.sources[i].name, "yes"},
            real(scope[i].packets - scope[i].outside));
  }
  exposure_teller_.fill(out);
  if (reporting_) reporting_->fill(out);
  fill_vulnerabilities(*snapshot_, out);
  fill_protocols(reports, out);
  const CorrelatorReport over_time = correlator_->report();
  fill_rules(workers_, over_time, *snapshot_, out);
  fill_over_time(over_time, out);
  fill_indicators(workers_, *snapshot_, out);
  fill_baseline(workers_, baseline_keeper_.learner(), *snapshot_, out);
  fill_costs(add_up_costs(workers_, *snapshot_), *snapshot_, out);
  const std::int64_t steady = std::chrono::steady_clock::now().time_since_epoch().count();
  const double now = seconds(wall_now());
  for (std::size_t i = 0; i < workers_.size(); ++i)
    out.set("normwatch_pipeline_heartbeat_timestamp_seconds", {std::to_string(i)},
            now - static_cast<double>(steady - workers_[i]->heartbeat()) / 1e9);
  for (const auto& [key, count] : recorder_->accepted_by_level())
    out.set("normwatch_alerts_total", {key.first, key.second}, real(count));
  out.set("normwatch_alerts_folded_total", {}, real(recorder_->folded()));
  out.set("normwatch_alerts_repeated_total", {}, real(recorder_->repeated()));
  out.set("normwatch_folds_open", {}, real(recorder_->folds_open()));
  out.set("normwatch_folds_ended_early_total", {}, real(recorder_->folds_ended_early()));
  out.set("normwatch_alerts_pending", {}, real(recorder_->queued()));
  out.set("normwatch_queue_length", {"alerts"}, real(recorder_->queued()));
  out.set("normwatch_queue_capacity", {"alerts"}, real(recorder_->capacity()));
  out.set("normwatch_ledger_size", {}, real(ledger_->size()));
  out.set("normwatch_ledger_bytes", {}, real(ledger_->bytes()));
  fill_tree(out);
  out.set("normwatch_ledger_append_failures_total", {}, real(recorder_->failures()));
  if (digests_) {
    out.set("normwatch_maintenance_digests_total", {}, real(digests_->digests()));
    out.set("normwatch_maintenance_quiet_alerts_total", {}, real(digests_->quiet_alerts()));
    out.set("normwatch_maintenance_quiet_windows", {}, real(digests_->windows()));
  }
  if (feeder_) {
    const auto totals = feeder_->totals();
    for (const std::string_view level : {"informational", "low", "medium", "high", "critical"}) {
      std::uint64_t open = 0;
      for (const auto& [name, count] : totals.open_by_level)
        if (name == level) open = count;
      out.set("normwatch_incidents_open", {level}, real(open));
    }
    fill_cases(out);
    out.set("normwatch_incident_alerts", {}, real(totals.alerts));
    out.set("normwatch_incident_store_failures_total", {}, real(feeder_->failures()));
    out.set("normwatch_incident_store_behind", {}, real(ledger_->size() - std::min(ledger_->size(), feeder_->next())));
  }
  if (http_) {
    const console::HttpCounters& counters = http_->counters();
    out.set("normwatch_http_requests_total", {}, real(counters.requests.load()));
    out.set("normwatch_http_bad_requests_total", {}, real(counters.bad_requests.load()));
    out.set("normwatch_http_refused_connections_total", {}, real(counters.refused.load()));
    out.set("normwatch_http_connections", {}, real(counters.connections.load()));
  }
  for (const auto& output : outputs_.runners()) {
    const exporter::OutputCounters& counters = output->counters();
    out.set("normwatch_output_deliveries_total", {output->name()}, real(counters.deliveries.load()));
    out.set("normwatch_output_failures_total", {output->name()}, real(counters.failures.load()));
    out.set("normwatch_output_delivered_alerts_total", {output->name()}, real(counters.delivered.load()));
    out.set("normwatch_output_folds_total", {output->name()}, real(counters.folds.load()));
    out.set("normwatch_output_unreadable_entries_total", {output->name()}, real(counters.unreadable.load()));
    out.set("normwatch_output_quiet_alerts_total", {output->name()}, real(counters.quiet.load()));
    out.set("normwatch_output_rejected_alerts_total", {output->name()}, real(counters.rejected.load()));
    out.set("normwatch_output_withheld_total", {output->name(), "pap_red"}, real(counters.withheld_pap.load()));
    out.set("normwatch_output_queue_length", {output->name()},
            real(ledger_->size() - std::min(ledger_->size(), counters.next.load())));
    if (counters.last_success_ns.load() != 0)
      out.set("normwatch_output_last_success_timestamp_seconds", {output->name()},
              static_cast<double>(counters.last_success_ns.load()) / 1e9);
  }
}

}  // namespace nw::app
