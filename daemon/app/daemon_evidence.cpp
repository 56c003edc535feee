// Evidence in the running daemon: the store below the state directory, who puts packets and lines into it, status and
// metrics.
#include <boost/json/object.hpp>
#include <filesystem>
#include <system_error>

#include "app/daemon.h"
#include "app/version.h"
#include "base/log.h"
#include "export/metrics/metrics.h"

namespace nw::app {

namespace {

// Whether something lies there, or cannot be seen not to: then its keys must stay.
bool may_hold_evidence(const std::filesystem::path& directory) {
  std::error_code error;
  const bool empty = std::filesystem::is_empty(directory, error);
  return error ? error != std::errc::no_such_file_or_directory : !empty;
}

}  // namespace

// What fails here never stops the watching: alerts then stand in the ledger without evidence.
void Daemon::open_evidence() {
  record::EvidenceStore::Options options;
  options.directory = config_.state_directory + "/evidence";
  options.bytes_max = config_.record.evidence.quota_bytes;
  auto store = record::EvidenceStore::open(options);
  if (!store) {
    log_error("evidence_closed", "no evidence is kept: its store cannot be opened; mend it and start again",
              {{"error", store.error().what}});
    if (may_hold_evidence(options.directory)) evidence_closed_ = store.error().what;
    return;
  }
  evidence_store_ = std::move(*store);
}

void Daemon::open_packets() {
  if (!evidence_store_) return;
  const EvidenceConfig& config = config_.record.evidence;
  if (config.packets == KeepEvidence::off && config.lines == KeepEvidence::off) return;
  if (config_.record.privacy.custodians.empty()) {
    log_info("evidence_off",
             "no packets and log lines are kept for alerts: there are no custodians who could open them; name them as "
             "privacy.custodians");
    return;
  }
  PacketKeeper::Options options;
  options.application = "normwatch " + std::string{version()};
  options.site = config_.site;
  packet_keeper_ = std::make_unique<PacketKeeper>(
      *evidence_store_,
      [this](std::string type, std::string body) { recorder_->note(std::move(type), std::move(body)); },
      [this](OwnEvent own) {
        if (!workers_.empty()) workers_.front()->tell(std::move(own));
      },
      std::move(options));
}

boost::json::object Daemon::evidence_status() const {
  boost::json::object out{{"store", evidence_store_ != nullptr}, {"packets_and_lines", packet_keeper_ != nullptr}};
  if (evidence_store_) {
    const record::EvidenceStore::Totals totals = evidence_store_->totals();
    out["objects"] = totals.objects;
    out["bytes"] = totals.bytes;
    out["quota_bytes"] = config_.record.evidence.quota_bytes;
    out["refused_by_store"] = totals.refused;
  }
  if (!evidence_closed_.empty()) out["closed"] = evidence_closed_;
  if (packet_keeper_) {
    out["kept"] = packet_keeper_->kept();
    out["refused"] = packet_keeper_->refused();
    out["waiting"] = packet_keeper_->waiting();
  }
  std::uint64_t ring = 0;
  for (const auto& worker : workers_) ring += worker->report().packets.ring_bytes;
  out["ring_bytes"] = ring;
  return out;
}

void Daemon::fill_evidence(metrics::Snapshot& out) const {
  const auto real = [](std::uint64_t count) { return static_cast<double>(count); };
  if (evidence_store_) {
    const record::EvidenceStore::Totals totals = evidence_store_->totals();
    out.set("normwatch_evidence_objects", {}, real(totals.objects));
    out.set("normwatch_evidence_bytes", {}, real(totals.bytes));
  }
  if (!packet_keeper_) return;
  for (const auto kind : {record::EvidenceKind::packets, record::EvidenceKind::line})
    for (std::size_t why = 0; why < kNotKept.size(); ++why)
      out.set("normwatch_evidence_refused_total", {record::to_string(kind), kNotKept[why]},
              real(packet_keeper_->refused(kind, static_cast<NotKept>(why))));
  std::uint64_t bytes = 0, evicted = 0;
  for (const auto& worker : workers_) {
    const PacketCatch::Report report = worker->report().packets;
    bytes += report.ring_bytes;
    evicted += report.evicted;
  }
  out.set("normwatch_packet_ring_bytes", {}, real(bytes));
  out.set("normwatch_packets_evicted_total", {}, real(evicted));
}

}  // namespace nw::app
