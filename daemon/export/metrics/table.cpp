#include "export/metrics/table.h"

#include <algorithm>

namespace nw::metrics {

namespace {

constexpr MetricType kCounter = MetricType::counter, kGauge = MetricType::gauge, kHistogram = MetricType::histogram;

constexpr auto kMetrics = std::to_array<Metric>({
    {"normwatch_alerts_pending", kGauge, "Alerts made by the matcher and not yet on disk.", {}},
    {"normwatch_alerts_total", kCounter, "Alerts accepted into the ledger.", {"severity", "norm"}},
    {"normwatch_build_info", kGauge, "Always 1; the labels say what is running.", {"version", "revision"}},
    {"normwatch_capture_dropped_packets_total",
     kCounter,
     "Packets lost before the decoder; where: kernel (ring full) or interface (card or driver).",
     {"source", "where"}},
    {"normwatch_capture_packets_total", kCounter, "Packets received from the capture source.", {"source"}},
    {"normwatch_config_last_reload_success_timestamp_seconds",
     kGauge,
     "When a configuration was last taken into force.",
     {}},
    {"normwatch_config_last_reload_successful", kGauge, "1 if the last reload was taken, 0 if it was refused.", {}},
    {"normwatch_config_stale", kGauge, "1 while files on disk differ from what is in force.", {}},
    {"normwatch_events_dropped_total",
     kCounter,
     "Events lost before they could be judged, by stage and cause.",
     {"source", "stage", "cause"}},
    {"normwatch_events_in_flight", kGauge, "Events received and not yet matched or dropped.", {"source"}},
    {"normwatch_events_received_total", kCounter, "Events made from the source's input.", {"source"}},
    {"normwatch_events_total", kCounter, "Events judged; outcome: matched or unmatched.", {"source", "outcome"}},
    {"normwatch_filters", kGauge, "Rule filters by state: active, expired (they are off) or refused.", {"state"}},
    {"normwatch_flows", kGauge, "Flows being followed now.", {"source"}},
    {"normwatch_flows_evicted_total", kCounter, "Flows ended early because the flow table was full.", {"source"}},
    {"normwatch_flows_opened_total", kCounter, "Flows seen to begin.", {"source"}},
    {"normwatch_http_bad_requests_total", kCounter, "HTTP requests that were malformed, too large or too slow.", {}},
    {"normwatch_http_connections", kGauge, "HTTP connections open now.", {}},
    {"normwatch_http_refused_connections_total", kCounter, "HTTP connections turned away at the limit.", {}},
    {"normwatch_http_requests_total", kCounter, "HTTP requests answered.", {}},
    {"normwatch_incident_alerts", kGauge, "Alerts held in the incident store.", {}},
    {"normwatch_incident_store_behind", kGauge, "Ledger entries that the incident store has still to read.", {}},
    {"normwatch_incident_store_failures_total", kCounter, "Times the incident store could not be written.", {}},
    {"normwatch_incidents_open", kGauge, "Open incidents.", {"severity"}},
    {"normwatch_ledger_append_failures_total", kCounter, "Appends to the ledger that failed and were tried again.", {}},
    {"normwatch_ledger_bytes", kGauge, "Bytes that the ledger takes on disk.", {}},
    {"normwatch_ledger_size", kGauge, "Entries in the ledger.", {}},
    {"normwatch_log_bytes_total", kCounter, "Bytes of log lines received.", {"source"}},
    {"normwatch_log_lines_total", kCounter, "Log lines received.", {"source"}},
    {"normwatch_log_lines_unparsed_total", kCounter, "Log lines that gave no event.", {"source", "reason"}},
    {"normwatch_match_cut_texts_total", kCounter, "Values that were matched only up to the limit of their length.", {}},
    {"normwatch_match_duration_seconds", kHistogram, "Time to judge one event against all rules (sampled).", {}},
    {"normwatch_match_regex_limits_total", kCounter, "Regular expressions that were given up at their limit.", {}},
    {"normwatch_network_memory_bytes", kGauge, "Memory of flows, reassembly and fragments.", {"source"}},
    {"normwatch_output_delivered_alerts_total", kCounter, "Alerts that the receiver has taken.", {"output"}},
    {"normwatch_output_deliveries_total", kCounter, "Attempts to deliver, failed ones included.", {"output"}},
    {"normwatch_output_failures_total", kCounter, "Attempts to deliver that failed and are tried again.", {"output"}},
    {"normwatch_output_last_success_timestamp_seconds", kGauge, "When the output last delivered.", {"output"}},
    {"normwatch_output_queue_length", kGauge, "Ledger entries that the output has still to read.", {"output"}},
    {"normwatch_output_rejected_alerts_total",
     kCounter,
     "Alerts that every receiver called malformed; not sent again.",
     {"output"}},
    {"normwatch_output_unreadable_entries_total",
     kCounter,
     "Ledger entries that the output passed over as no readable alert.",
     {"output"}},
    {"normwatch_packets_decoded_total", kCounter, "Packets decoded.", {"source"}},
    {"normwatch_packets_ignored_total", kCounter, "Packets of kinds that are not decoded.", {"source"}},
    {"normwatch_packets_malformed_total", kCounter, "Packets that could not be decoded.", {"source", "reason"}},
    {"normwatch_pipeline_heartbeat_timestamp_seconds",
     kGauge,
     "When the worker last passed a heartbeat through its pipeline.",
     {"worker"}},
    {"normwatch_protocol_given_up_total",
     kCounter,
     "Streams whose decoder gave up; the rest of each is not decoded.",
     {"protocol"}},
    {"normwatch_protocol_messages_total", kCounter, "Messages decoded.", {"protocol"}},
    {"normwatch_protocol_refused_total", kCounter, "Messages that could not be decoded.", {"protocol", "reason"}},
    {"normwatch_queue_capacity", kGauge, "How much the queue can hold.", {"queue"}},
    {"normwatch_queue_length", kGauge, "How much is in the queue now.", {"queue"}},
    {"normwatch_registry_assets", kGauge, "Designated assets in the register.", {}},
    {"normwatch_rule_matches_total", kCounter, "Matches of the rule.", {"rule"}},
    {"normwatch_rule_shadow_matches_total",
     kCounter,
     "Matches of a shadow rule: counted, notified to nobody.",
     {"rule"}},
    {"normwatch_rules",
     kGauge,
     "Rules by state: live, dormant_no_source, dormant_no_field, unsatisfiable (they can never fire) or refused.",
     {"state"}},
    {"normwatch_rules_shadow",
     kGauge,
     "How many of the rules, whatever their state, are shadow rules: evaluated and counted, never notified.",
     {}},
    {"normwatch_source_failed", kGauge, "1 when the source stopped on a fault; the log says which.", {"source"}},
    {"normwatch_source_last_event_timestamp_seconds", kGauge, "When the source last gave an event.", {"source"}},
    {"normwatch_start_time_seconds", kGauge, "When the daemon started, in Unix time.", {}},
    {"normwatch_stream_gap_bytes_total", kCounter, "Bytes of TCP streams that were never seen.", {"source"}},
    {"process_cpu_seconds_total", kCounter, "Processor time used, user and system.", {}},
    {"process_max_fds", kGauge, "File descriptors that may be open at once.", {}},
    {"process_open_fds", kGauge, "File descriptors open now.", {}},
    {"process_resident_memory_bytes", kGauge, "Memory resident in RAM.", {}},
    {"process_start_time_seconds", kGauge, "When the process started, in Unix time.", {}},
    {"process_threads", kGauge, "Threads of the process.", {}},
    {"process_virtual_memory_bytes", kGauge, "Virtual memory mapped.", {}},
});
static_assert(std::ranges::is_sorted(kMetrics, {}, &Metric::name));  // found by bisection

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

const Metric* find_metric(std::string_view name) {
  const auto found = std::ranges::lower_bound(kMetrics, name, {}, &Metric::name);
  return found != kMetrics.end() && found->name == name ? &*found : nullptr;
}

}  // namespace nw::metrics
