#include "app/pipeline.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>

#include "app/alert_parts.h"
#include "app/correlation_alert.h"

namespace nw::app {

namespace {

constexpr std::size_t kFieldBytesMax = 256;  // of one field's text in an alert

// The same match always has the same id, on every machine: what was read, which rule, when.
std::string alert_id(const event::Event& event, const Pipeline::Source& source, std::string_view rule_id) {
  std::string key{rule_id};
  key += '\0';
  key += source.name;
  key += '\0';
  if (event.place != 0) {
    key += "place " + std::to_string(event.place) + ' ' + std::to_string(event.part);
    return record::alert_id_of(key);
  }
  key += source.run;
  for (const std::uint64_t part : {event.ordinal, std::uint64_t{event.part},
                                   static_cast<std::uint64_t>(to_unix_nanoseconds(event.event_time()))}) {
    key += '\0';
    key += std::to_string(part);
  }
  if (const event::Value* uid = event.get(event::Common::uid)) {
    key += '\0';
    uid->append_text(key);
  }
  return record::alert_id_of(key);
}

// For the matcher's sample.
std::uint64_t steady_nanoseconds() {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds{std::chrono::steady_clock::now().time_since_epoch()}.count());
}

}  // namespace

Pipeline::Pipeline(std::shared_ptr<const Snapshot> snapshot, std::vector<Source> sources, AlertSink& alerts,
                   EventTap* tap)
    : snapshot_{std::move(snapshot)},
      sources_{std::move(sources)},
      alerts_{alerts},
      tap_{tap},
      enrichment_{*snapshot_->enricher, *snapshot_->registry, *snapshot_->interest},
      indicators_{*snapshot_->indicator_enricher, *snapshot_->indicators, *snapshot_->interest, *snapshot_->schema},
      matcher_{snapshot_->rules, steady_nanoseconds},
      flows_(sources_.size()),
      rule_matches_(snapshot_->rules->size()),
      cost_before_(snapshot_->rules->size()),
      learner_{snapshot_->candidates_max},
      scope_{sources_.size()} {
  scope_.use(*snapshot_->schema, *snapshot_->interest);
  join_what_is_configured();
}

void Pipeline::join_what_is_configured() {
  vulnerabilities_.reset();
  look_alikes_.reset();
  if (snapshot_->look_alikes)
    look_alikes_.emplace(*snapshot_->look_alike_enricher, *snapshot_->look_alikes, *snapshot_->interest,
                         *snapshot_->schema);
  if (snapshot_->exposures)
    vulnerabilities_.emplace(*snapshot_->vulnerability_enricher, *snapshot_->exposures, *snapshot_->registry,
                             *snapshot_->interest);
}

void Pipeline::swap(std::shared_ptr<const Snapshot> snapshot) {
  // A rule that leaves the shadow begins at 0: the two are counted by different metrics.
  std::map<std::pair<std::string, bool>, std::uint64_t> counts;
  std::map<std::string, sigma::RuleCost> costs;  // in the shadow or out of it, a rule costs the same
  const auto key = [&](std::size_t rule) {
    const sigma::RuleInfo& info = snapshot_->rules->info(rule);
    return std::pair{info.id, info.shadow};
  };
  for (std::size_t i = 0; i < rule_matches_.size(); ++i) counts[key(i)] = rule_matches_[i];
  const std::vector<sigma::RuleCost> so_far = rule_costs();
  for (std::size_t i = 0; i < so_far.size(); ++i) costs[snapshot_->rules->info(i).id] = so_far[i];
  given_up_before_ = match_counters();
  indicators_before_ = indicator_counters();
  snapshot_ = std::move(snapshot);
  learner_.bound(snapshot_->candidates_max);
  learner_.forget([this](const baseline::ConversationView& conversation) {
    return !snapshot_->learn || snapshot_->baseline->judge(conversation) == baseline::Verdict::known;
  });
  enrichment_ = {*snapshot_->enricher, *snapshot_->registry, *snapshot_->interest};
  join_what_is_configured();
  indicators_ = {*snapshot_->indicator_enricher, *snapshot_->indicators, *snapshot_->interest, *snapshot_->schema};
  matcher_ = sigma::Matcher{snapshot_->rules, steady_nanoseconds};
  scope_.use(*snapshot_->schema, *snapshot_->interest);
  cost_before_.assign(snapshot_->rules->size(), {});
  for (std::size_t i = 0; i < cost_before_.size(); ++i)
    if (const auto found = costs.find(snapshot_->rules->info(i).id); found != costs.end())
      cost_before_[i] = found->second;
  rule_matches_.assign(snapshot_->rules->size(), 0);
  for (std::size_t i = 0; i < rule_matches_.size(); ++i)
    if (const auto found = counts.find(key(i)); found != counts.end()) rule_matches_[i] = found->second;
}

context::IndicatorEnrichment::Counters Pipeline::indicator_counters() const noexcept {
  context::IndicatorEnrichment::Counters total = indicators_before_;
  total.add(indicators_.counters());
  return total;
}

sigma::MatchCounters Pipeline::match_counters() const noexcept {
  sigma::MatchCounters total = matcher_.counters();
  total.regex_limits += given_up_before_.regex_limits;
  total.regex_cuts += given_up_before_.regex_cuts;
  total.text_cuts += given_up_before_.text_cuts;
  total.sampled_events += given_up_before_.sampled_events;
  total.look_up_ticks += given_up_before_.look_up_ticks;
  return total;
}

std::vector<sigma::RuleCost> Pipeline::rule_costs() const {
  std::vector<sigma::RuleCost> total = cost_before_;
  const std::span<const sigma::RuleCost> now = matcher_.costs();
  for (std::size_t i = 0; i < total.size() && i < now.size(); ++i) {
    total[i].evaluations += now[i].evaluations;
    total[i].sampled += now[i].sampled;
    total[i].ticks += now[i].ticks;
  }
  return total;
}

std::span<const sigma::Hit> Pipeline::timed_match(const event::Event& event) {
  if ((++turn_ & 63U) != 0) return matcher_.match(event);
  const auto before = std::chrono::steady_clock::now();
  const auto hits = matcher_.match(event);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  const auto bucket = static_cast<std::size_t>(
      std::lower_bound(MatchDurations::kBounds.begin(), MatchDurations::kBounds.end(), seconds) -
      MatchDurations::kBounds.begin());
  ++durations_.counts[bucket];
  durations_.sum += seconds;
  return hits;
}

void Pipeline::accept(event::Event& event) {
  const auto source = static_cast<std::size_t>(event.source());
  SourceFlow& flow = flows_[source];
  ++flow.entered;
  if (event.receive_time() > flow.last_received) flow.last_received = event.receive_time();
  if (counted_at(event) == event.known_at) flow.newest = std::max(flow.newest, event.known_at);
  if (flow.last_received - flow.told >= std::chrono::seconds{1}) {
    flow.told = flow.last_received;
    alerts_.alive(event.source(), flow.told);
  }
  event.set(event::common(event::Common::source), event::Value::text(sources_[source].name));
  enrichment_.enrich(event);
  if (vulnerabilities_) vulnerabilities_->enrich(event);
  scope_.see(event);
  indicators_.enrich(event);
  if (look_alikes_) look_alikes_->enrich(event);
  if (snapshot_->baseline_watch)
    snapshot_->baseline_watch->see(event, *snapshot_->baseline, *snapshot_->registry, *snapshot_->interest,
                                   snapshot_->learn ? &learner_ : nullptr, deviations_);
  const auto hits = timed_match(event);
  if (tap_ != nullptr) tap_->see(event, *snapshot_->schema);
  bool notified = false;
  const sigma::RuleSet& rules = *snapshot_->rules;
  for (const sigma::Hit& hit : hits) {
    if (rules.feeds(hit.rule)) alerts_.contribute(make_contribution(event, hit.rule, *snapshot_), event);
    if (rules.correlation(hit.rule) != nullptr) continue;  // it counts what it finds
    ++rule_matches_[hit.rule];
    if (rules.silent(hit.rule)) continue;
    if (!rules.info(hit.rule).shadow) {
      alerts_.push(make_alert(event, hit), event);
      notified = true;
    } else if (alerts_.wants_shadow()) {
      alerts_.push_shadow(make_alert(event, hit), event);
    }
  }
  ++(notified ? flow.matched : flow.unmatched);
}

record::Alert Pipeline::make_alert(const event::Event& event, const sigma::Hit& hit) const {
  const sigma::RuleInfo& rule = snapshot_->rules->info(hit.rule);
  const Source& source = sources_[static_cast<std::size_t>(event.source())];
  const SourceFlow& flow = flows_[static_cast<std::size_t>(event.source())];
  record::Alert alert;
  alert.id = alert_id(event, source, rule.id.empty() ? rule.title : rule.id);
  alert.event_time = event.event_time();
  alert.receive_time = event.receive_time();
  alert.time_quality = event::to_string(event.time_quality());
  alert.source = source.name;
  alert.ordinal = event.ordinal;
  alert.path = snapshot_->schema->type(event.type()).path;
  set_rule(rule, *snapshot_, alert);
  if (hit.level != rule.level) alert.rule_level = std::exchange(alert.level, sigma::to_string(hit.level));
  const context::Asset* asset = context::Enricher::asset_of(event, *snapshot_->registry);
  if (asset != nullptr) {
    set_asset(*asset, *snapshot_->registry, alert);
    set_maintenance(snapshot_->enricher->maintenance_of(event, *asset, *snapshot_->registry), alert);
  }
  alert.indicator_tlp = snapshot_->indicator_enricher->tlp_of(event);
  set_regime(*snapshot_, asset, alert);
  alert.uid = text_of(event, event::Common::uid);
  alert.community_id = text_of(event, event::Common::community_id);
  alert.source_address = text_of(event, event::Common::orig_h);
  alert.destination_address = text_of(event, event::Common::resp_h);
  alert.protocol = text_of(event, event::Common::proto);
  alert.source_port = port_of(event, event::Common::orig_p);
  alert.destination_port = port_of(event, event::Common::resp_p);
  alert.host = host_of(event);
  alert.pap = snapshot_->indicator_enricher->pap_of(event);
  for (const sigma::MatchedAtom& atom : hit.atoms)
    alert.atoms.push_back({atom.field, atom.op, atom.pattern, atom.value});
  for (const event::Event::Entry& entry : event.entries()) {
    std::string text = entry.value.to_text();
    if (text.size() > kFieldBytesMax) text.resize(kFieldBytesMax);
    alert.fields.emplace_back(std::string{snapshot_->schema->field_name(entry.field)}, std::move(text));
  }
  set_secret_end(*snapshot_->registry, alert);
  alert.packets_seen = flow.packets_seen;
  alert.packets_lost = flow.packets_lost;
  alert.stream_gap_bytes = flow.stream_gap_bytes;
  alert.flow_gap_bytes = event.gap_bytes;
  return alert;
}

}  // namespace nw::app
