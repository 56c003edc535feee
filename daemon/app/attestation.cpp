#include "app/attestation.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace nw::app {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kBeat{1};
constexpr std::chrono::seconds kLastWords{1};
constexpr std::chrono::milliseconds kNap{5};

double real(std::uint64_t count) { return static_cast<double>(count); }

std::int64_t steady_count() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

boost::json::object witnesses_json(const Witnesses::Report& report) {
  boost::json::array each;
  for (const Witnesses::Report::Witness& one : report.witnesses) {
    boost::json::object out{{"name", one.name}};
    if (one.last) out["outcome"] = witness::to_string(*one.last);
    if (!one.why.empty()) out["why"] = one.why;
    if (one.cosigned_at != 0) {
      out["cosigned_size"] = one.cosigned_size;
      out["cosigned_at"] = one.cosigned_at;
    }
    each.push_back(std::move(out));
  }
  boost::json::object out{{"quorum", report.quorum}, {"accepted_size", report.accepted_size}};
  if (report.without) out["without_since"] = to_rfc3339(*report.without, 0);
  out["each"] = std::move(each);
  return out;
}

boost::json::object stamps_json(const Stamps::Report& report) {
  boost::json::object out{{"failures", report.failures}};
  if (report.time) {
    out["time"] = to_rfc3339(*report.time, 0);
    out["size"] = report.size;
  }
  if (!report.why.empty()) out["why"] = report.why;
  return out;
}

}  // namespace

Result<std::unique_ptr<Attestation>> Attestation::open(const RecordConfig& config, std::string_view config_file,
                                                       Parts parts) {
  Diagnostics diagnostics;
  WitnessFiles files = read_witness_files(config, config_file, diagnostics);
  if (!diagnostics.ok()) return Error{Errc::malformed, diagnostics.to_string()};
  for (const Diagnostic& warning : diagnostics.all())
    log_warning("witness_files", "the files of witnesses want a look", {{"text", warning.to_string()}});
  std::unique_ptr<Attestation> out{new Attestation};
  if (files.policy) {
    auto policy = with_own_key(std::move(*files.policy), parts.ledger_key->verifier(), parts.witness_key->verifier());
    if (!policy) return Error{policy.error().code, config.witness.policy + ": " + policy.error().what};
    Witnesses::Options options;
    options.policy = std::move(*policy);
    options.urls = std::move(files.urls);
    options.trust = files.trust;
    options.every = config.witness.every;
    options.accepted_file = parts.ledger / "witnessed";
    out->witnesses_ =
        std::make_unique<Witnesses>(out->io_.get_executor(), std::move(options), parts.tree, parts.note, parts.tell);
  }
  if (files.stamp_url) {
    Stamps::Options options;
    options.url = std::move(*files.stamp_url);
    options.roots = std::move(*files.stamp_roots);
    options.trust = files.trust;
    options.every = config.stamps.every;
    options.directory = parts.ledger / "stamps";
    out->stamps_ = std::make_unique<Stamps>(out->io_.get_executor(), std::move(options), parts.tree, parts.note);
  }
  if (!files.logs.empty())
    if (auto opened = out->open_desk(files, parts); !opened) return opened.error();
  return out;
}

Result<> Attestation::open_desk(WitnessFiles& files, const Parts& parts) {
  if (parts.http_listen.empty())
    return Error{Errc::invalid_argument,
                 "witness.logs: heads are taken on the HTTP address, and there is none; set http.listen"};
  for (const merkle::PolicyLog& log : files.logs)
    if (log.key.name == parts.ledger_key->verifier().name)
      return Error{Errc::invalid_argument,
                   "witness.logs names this ledger itself; nobody can be its own witness: take its line out"};
  auto state = witness::WitnessState::open(parts.witness_state, files.logs, *parts.witness_key);
  if (!state) return state.error();
  desk_ = std::make_unique<WitnessDesk>(io_.get_executor(), std::move(*state), parts.witness_key->verifier().name,
                                        parts.note, parts.tell);
  return {};
}

Attestation::~Attestation() { close(); }

void Attestation::start() {
  if (!witnesses_ && !stamps_ && !desk_) return;
  heartbeat_ = steady_count();
  if (witnesses_) witnesses_->start();
  if (stamps_) stamps_->start();
  beat();
  thread_ = std::thread{[this] { io_.run(); }};
}

void Attestation::beat() {
  heartbeat_ = steady_count();
  timer_.expires_after(kBeat);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) beat();
  });
}

std::int64_t Attestation::heartbeat() const { return thread_.joinable() ? heartbeat_.load() : steady_count(); }

void Attestation::close() {
  if (!thread_.joinable()) return;
  if (desk_) desk_->close();
  asio::post(io_, [this] {
    if (witnesses_) witnesses_->stop();
    if (stamps_) stamps_->stop();
  });
  const auto deadline = std::chrono::steady_clock::now() + kLastWords;
  const auto over = [this] { return (!witnesses_ || witnesses_->finished()) && (!stamps_ || stamps_->finished()); };
  while (!over() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(kNap);
  io_.stop();
  thread_.join();
}

std::vector<console::Route> Attestation::routes(const asio::any_io_executor& server) {
  return desk_ ? desk_->routes(server) : std::vector<console::Route>{};
}

void Attestation::fill(metrics::Snapshot& out) const {
  if (witnesses_) {
    const Witnesses::Report report = witnesses_->report();
    out.set("normwatch_witness_quorum", {}, report.quorum ? 1 : 0);
    for (const Witnesses::Report::Witness& one : report.witnesses) {
      if (one.cosigned_at != 0)
        out.set("normwatch_witness_cosigned_timestamp_seconds", {one.name}, real(one.cosigned_at));
      for (std::size_t i = 0; i < witness::kOutcomes; ++i)
        out.set("normwatch_witness_requests_total", {one.name, witness::kOutcomeNames.at(i)}, real(one.outcomes.at(i)));
    }
  }
  if (desk_)
    for (std::size_t i = 0; i < witness::kStatuses.size(); ++i)
      out.set("normwatch_witness_answers_total", {std::to_string(witness::kStatuses.at(i))}, real(desk_->answers(i)));
  if (stamps_) {
    const Stamps::Report report = stamps_->report();
    out.set("normwatch_stamp_failures_total", {}, real(report.failures));
    if (report.time)
      out.set("normwatch_stamp_timestamp_seconds", {},
              std::chrono::duration<double>(report.time->time_since_epoch()).count());
  }
}

boost::json::object Attestation::status() const {
  boost::json::object out;
  if (witnesses_) out["witnesses"] = witnesses_json(witnesses_->report());
  if (stamps_) out["stamps"] = stamps_json(stamps_->report());
  if (desk_) {
    boost::json::object answers;
    for (std::size_t i = 0; i < witness::kStatuses.size(); ++i)
      if (desk_->answers(i) != 0) answers[std::to_string(witness::kStatuses.at(i))] = desk_->answers(i);
    out["witness"] = boost::json::object{{"answers", std::move(answers)}};
  }
  return out;
}

}  // namespace nw::app
