// The ledger's tree in the running daemon: its key, its heads, what is served of it, heartbeats, status and metrics.
#include <boost/json/object.hpp>
#include <chrono>

#include "app/daemon.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "export/metrics/metrics.h"
#include "record/entry.h"
#include "record/merkle/tiles.h"

namespace nw::app {

namespace {

// C2SP tlog-tiles: what a checkpoint is, and what tiles and bundles are.
constexpr std::string_view kTextType = "text/plain; charset=utf-8", kBytesType = "application/octet-stream";

Nanoseconds steady_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

console::HttpResponse served(const Result<std::string>& file, std::string_view type) {
  if (file) return {200, std::string{type}, *file};
  const bool theirs = file.error().code == Errc::malformed && type == kBytesType;
  const bool missing = file.error().code == Errc::not_found || theirs;
  if (!missing)
    log_warning("ledger_file_not_served", "a file of the tree cannot be read", {{"error", file.error().what}});
  // Where it lies on this machine is nobody's business.
  return {missing ? 404 : 500, std::string{kTextType},
          missing ? "no signed head of this ledger covers that\n" : "it cannot be read now; see the log\n"};
}

}  // namespace

// Behind the ledger, before anything is written into it.
Result<> Daemon::open_notary() {
  const std::string& origin = config_.record.ledger.origin;
  const std::string& name = guard_->keys().ledger().verifier().name;
  if (!origin.empty() && origin != name)
    return Error{Errc::invalid_argument, "'ledger.origin' is " + printable(origin) +
                                             ", but the ledger's key is that of " + printable(name) +
                                             ": take the setting out, or give the key that belongs to it"};
  NotaryOptions options;
  options.directory = config_.state_directory + "/ledger";
  options.checkpoint_every = config_.record.ledger.checkpoint_every;
  options.verify_every = config_.record.ledger.verify_every;
  auto notary = Notary::open(std::move(options), *ledger_, guard_->keys().ledger());
  if (!notary) return Error{notary.error().code, "ledger: " + notary.error().what};
  notary_ = std::move(*notary);
  return {};
}

void Daemon::start_notary() {
  notary_->start([this](OwnEvent event) { workers_.front()->tell(std::move(event)); });
  pulse_.emplace(config_.record.ledger.heartbeat_every, steady_now(), wall_now());
}

void Daemon::beat(bool at_the_end) {
  const Nanoseconds steady = steady_now();
  if (!at_the_end && !pulse_->due(steady)) return;
  Seen seen;
  seen.sources = seen_of(config_.sources, add_up(workers_, config_.sources.size()));
  for (const auto& [level, count] : recorder_->accepted_by_level()) seen.alerts_accepted += count;
  seen.alerts_folded = recorder_->folded();
  seen.alerts_repeated = recorder_->repeated();
  seen.alerts_waiting = recorder_->queued();
  seen.alerts_lost = recorder_->lost();
  seen.ledger_entries = ledger_->size();
  for (auto& [type, body] : pulse_->beat(seen, steady, wall_now())) recorder_->note(std::move(type), std::move(body));
}

// The last of all: nothing is written behind it.
void Daemon::close_notary(Nanoseconds patience) {
  if (!notary_->close(patience))
    log_warning("ledger_head_late",
                "the last entries are in the ledger, but no head covers them yet; the next start signs one",
                {{"entries", std::to_string(ledger_->size())}, {"signed", std::to_string(notary_->tree().size())}});
}

void Daemon::add_tree_routes(std::vector<console::Route>& routes, bool control) {
  using Done = std::function<void(console::HttpResponse)>;
  const auto file = [this](std::string_view path) -> Result<std::string> {
    const auto reader = record::TreeReader::open(notary_->directory());
    if (!reader) return reader.error();
    return reader->file(path);
  };
  routes.push_back({"GET", "/checkpoint", [file](const console::HttpRequest&, const Done& done) {
                      done(served(file("checkpoint"), kTextType));
                    }});
  // Hashes tell nothing; entries do, so they stay on this machine.
  const auto tile = [file, control](const console::HttpRequest& request, const Done& done) {
    const auto path = merkle::parse_tile_path(std::string_view{request.path}.substr(1));
    if (path && path->entries && !control)
      return done({403, std::string{kTextType}, "entries are given at the control socket only\n"});
    done(served(file(std::string_view{request.path}.substr(1)), kBytesType));
  };
  routes.push_back({"GET", "/tile/", tile, console::PathKind::below});
  if (!control) return;
  // For who is about to name the head in a proof: its size.
  routes.push_back(
      {"POST", "/ledger/keep-head", [this](const console::HttpRequest&, const Done& done) {
         const auto size = notary_->tree().keep_head();
         if (size) return done({200, std::string{kTextType}, std::to_string(*size) + '\n'});
         done({size.error().code == Errc::not_found ? 404 : 500, std::string{kTextType}, size.error().what + '\n'});
       }});
}

boost::json::object Daemon::tree_status() const {
  const Notary::State state = notary_->state();
  boost::json::object out{{"origin", notary_->key().name},
                          {"key", notary_->key().to_string()},
                          {"size", state.size},
                          {"behind", ledger_->size() - std::min(ledger_->size(), state.size)},
                          {"verify_failures", state.verify_failures},
                          {"halted", state.halted}};
  if (state.signed_at_ns != 0) out["signed"] = to_rfc3339(from_unix_nanoseconds(state.signed_at_ns));
  if (state.verified_at_ns != 0) out["verified"] = to_rfc3339(from_unix_nanoseconds(state.verified_at_ns));
  if (!state.fault.empty()) out["fault"] = state.fault;
  return out;
}

void Daemon::fill_tree(metrics::Snapshot& out) const {
  const Notary::State state = notary_->state();
  out.set("normwatch_ledger_checkpoint_failures_total", {}, static_cast<double>(state.head_failures));
  out.set("normwatch_ledger_checkpoint_size", {}, static_cast<double>(state.size));
  if (state.signed_at_ns != 0)
    out.set("normwatch_ledger_checkpoint_timestamp_seconds", {}, static_cast<double>(state.signed_at_ns) / 1e9);
  if (state.verified_at_ns != 0)
    out.set("normwatch_ledger_verified_timestamp_seconds", {}, static_cast<double>(state.verified_at_ns) / 1e9);
  out.set("normwatch_ledger_verify_failures_total", {}, static_cast<double>(state.verify_failures));
}

}  // namespace nw::app
