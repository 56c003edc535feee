#include "app/liveness_keeper.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "app/frames.h"
#include "base/clock.h"
#include "base/log.h"
#include "record/ledger/durable_file.h"

namespace nw::app {

namespace {

using liveness::Change;
using liveness::Health;
using liveness::State;

constexpr std::string_view kMagic = "normwatch liveness 1\n";
constexpr std::string_view kHostMark = "\x01host ";  // in front of a host's address: no source has such a name

// What to say when it begins, and when it is over; by State.
struct Words {
  std::string_view begins, ends;
};
constexpr std::array<Words, liveness::kStates> kHostWords{{
    {"a host's log lines have stopped: what happens there is not seen", "a host's log lines come again"},
    {"no log line of a host ever came since the start: does it send, and under this name or address?",
     "a host's log lines come for the first time"},
    {"a host gives far fewer log lines than usual: part of what happens there is not seen",
     "a host gives as many log lines as usual"},
}};
constexpr std::array<Words, liveness::kStates> kWords{{
    {"a source has fallen silent: what happens there is not seen", "a silent source speaks again"},
    {"a source was never heard since the start: is it configured at both ends?", "a source speaks for the first time"},
    {"a source gives far less than usual: part of what happens there is not seen", "a source gives as much as usual"},
    {"lines of a source are not understood: rules do not see what is in them",
     "lines of a source are understood again"},
    {"a source's clock has jumped: its times cannot be compared with others",
     "a source's clock is where it used to be"},
    {"a source loses part of what it should give", "a source loses nothing any more"},
}};

liveness::Look look_at(const SourceReport& report, Timestamp wall, Nanoseconds steady) {
  liveness::Look look;
  look.wall = wall;
  look.steady = steady;
  if (report.packets) {
    look.records = report.capture.packets;
    look.unread = report.network.packets - report.network.decoded - report.network.ignored;
  } else if (report.lines) {
    look.records = report.feed.lines + report.intake.held;  // what waits has come
    for (const logs::LineFault fault :
         {logs::LineFault::not_json, logs::LineFault::bad_header, logs::LineFault::bad_time, logs::LineFault::too_deep})
      look.unread += report.feed.faults[static_cast<std::size_t>(fault)];
  } else {
    look.records = report.received;
  }
  look.lost = report.capture.kernel_dropped + report.capture.interface_dropped + report.transport.kernel_dropped +
              report.transport.dropped_full + report.intake.dropped();
  look.skew = report.clock_skew;
  look.failed = !report.fault.empty();
  return look;
}

std::string figure(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

void log_change(const Health& health, std::string_view text) {
  std::string names;
  for (const std::string& name : health.blind_rules) {
    if (names.size() > 256) {
      names += ", ...";
      break;
    }
    names += (names.empty() ? "" : ", ") + name;
  }
  log(health.begins ? LogLevel::warning : LogLevel::info, health.begins ? "source_unwell" : "source_well", text,
      {{std::string{health.kind}, health.source},
       {"state", std::string{health.state}},
       {"since", to_rfc3339(health.since, 0)},
       {"expected", figure(health.expected)},
       {"seen", figure(health.seen)},
       {"unit", std::string{health.unit}},
       {health.begins ? "rules_blind" : "rules_were_blind", std::to_string(health.blind_rule_count)},
       {"rules", names}});
}

bool is_silence(State state) { return state == State::silent || state == State::never_heard; }

}  // namespace

LivenessKeeper::LivenessKeeper(const Config& config) : file_{config.state_directory + "/liveness.bin"} {
  for (const SourceConfig& source : config.sources)
    sources_.push_back(
        {source.name, source.kind == SourceKind::replay || source.expect.off, liveness::Watch{source.expect}});
}

void LivenessKeeper::open() {
  const auto text = read_whole(file_);
  if (!text && text.error().code == Errc::not_found) return;
  std::string why = text ? std::string{} : text.error().what;
  if (text && !text->starts_with(kMagic)) why = "it does not begin as such a file does";
  if (why.empty()) {
    const std::string_view frames = std::string_view{*text}.substr(kMagic.size());
    const std::size_t whole = read_frames(frames, [&](std::string_view body) {
      const std::size_t end = body.find('\n');
      const std::string_view name = body.substr(0, end);
      const auto known = std::ranges::find(sources_, name, &Watched::name);
      liveness::Watch* watch = known == sources_.end() || known->exempt ? nullptr : &known->watch;
      IpAddress address;
      if (name.starts_with(kHostMark) && IpAddress::parse_into(name.substr(kHostMark.size()), address))
        if (const auto host = hosts_.all().find(address); host != hosts_.all().end()) watch = &host->second.watch;
      if (end == std::string_view::npos || watch == nullptr) return;
      if (const auto restored = watch->restore(body.substr(end + 1)); !restored)
        log_warning("liveness_learns_anew", "what is usual of a source cannot be read and is learned anew",
                    {{"source", std::string{name}}, {"error", restored.error().what}});
    });
    if (whole != frames.size()) why = "it is damaged, or cut short";
  }
  if (why.empty()) return;
  const std::string aside = file_ + ".damaged-" + to_rfc3339(wall_now(), 0);
  std::error_code ignored;
  std::filesystem::rename(file_, aside, ignored);
  log_error("liveness_state_damaged",
            "what is usual of the sources cannot be read as a whole; it is put aside, and what is missing learned anew",
            {{"error", why}, {"aside", aside}});
}

void LivenessKeeper::use(const Config& config, const Snapshot& snapshot) {
  feeds_ = RuleFeeds{config, snapshot};
  titles_.clear();
  for (std::size_t i = 0; i < snapshot.rules->size(); ++i) titles_.push_back(snapshot.rules->info(i).title);
  blind_ = feeds_.blind(silent(std::nullopt)).size();
  hosts_.use(snapshot.registry);
}

std::vector<bool> LivenessKeeper::silent(std::optional<std::size_t> also) const {
  std::vector<bool> out(sources_.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = i == also || sources_[i].watch.standing(State::silent) != nullptr ||
             sources_[i].watch.standing(State::never_heard) != nullptr;
  return out;
}

std::vector<bool> LivenessKeeper::impaired(std::optional<std::size_t> also) const {
  std::vector<bool> out(sources_.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = i == also;
    for (std::size_t state = 0; state < liveness::kStates; ++state)
      out[i] = out[i] || sources_[i].watch.standing(static_cast<State>(state)) != nullptr;
  }
  return out;
}

LivenessKeeper::Blind LivenessKeeper::named(const std::vector<std::uint32_t>& rules) const {
  Blind out;
  out.count = rules.size();
  for (const std::uint32_t rule : rules) {
    if (out.names.size() == liveness::kBlindNamesMax) break;
    out.names.push_back(titles_[rule]);
  }
  return out;
}

LivenessKeeper::Blind LivenessKeeper::blind(std::size_t source, State state) const {
  return named(feeds_.blind(is_silence(state) ? silent(source) : impaired(source), source));
}

LivenessKeeper::Blind LivenessKeeper::blind(const HostWatches::Watched& host) const {
  std::vector<std::uint32_t> rules;
  for (std::size_t source = 0; source < host.from.size(); ++source) {
    if (!host.from[source]) continue;
    const auto fed = feeds_.blind(std::vector<bool>(sources_.size(), true), source);
    rules.insert(rules.end(), fed.begin(), fed.end());
  }
  std::ranges::sort(rules);
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return named(rules);
}

Health LivenessKeeper::health(std::string_view kind, const std::string& name, Blind blind, const Change& change,
                              Timestamp wall) {
  Health out;
  out.kind = kind;
  out.source = name;
  out.state = to_string(change.state);
  out.begins = change.begins;
  out.time = wall;
  out.since = change.since;
  out.expected = change.expected;
  out.seen = change.seen;
  out.unit = unit_of(change.state);
  out.blind_rules = std::move(blind.names);
  out.blind_rule_count = blind.count;
  return out;
}

void LivenessKeeper::look_at_hosts(const std::vector<SourceReport>& reports, Timestamp wall, Nanoseconds steady,
                                   std::vector<Health>& out) {
  hosts_.hear(reports);
  std::vector<Change> changed;
  for (auto& [address, host] : hosts_.all()) {
    changed.clear();
    liveness::Look look;
    look.wall = wall;
    look.steady = steady;
    look.records = host.lines;
    host.watch.look(look, changed);
    for (const Change& change : changed) {
      const Words& words = kHostWords[static_cast<std::size_t>(change.state)];
      out.push_back(health("host", host.name, blind(host), change, wall));
      log_change(out.back(), change.begins ? words.begins : words.ends);
    }
  }
}

std::vector<Health> LivenessKeeper::look(const std::vector<SourceReport>& reports, Timestamp wall, Nanoseconds steady) {
  std::vector<Health> out;
  if (const auto jump = own_clock_.look(wall, steady)) {
    for (Watched& source : sources_) source.watch.own_jump(*jump);
    for (auto& [address, host] : hosts_.all()) host.watch.own_jump(*jump);
    Health own;
    own.kind = "source";
    own.source = kOwnSource;
    own.state = liveness::kOwnClockJump;
    own.time = own.since = wall;
    own.expected = std::chrono::duration<double>(liveness::OwnClock::kStep).count();
    own.seen = std::chrono::duration<double>(*jump).count();
    own.unit = unit_of(State::clock_jump);
    log_change(own, "our own clock was set: times before and after cannot be compared");
    out.push_back(std::move(own));
  }
  std::vector<std::pair<std::size_t, Change>> changes;
  std::vector<Change> changed;
  for (std::size_t i = 0; i < sources_.size() && i < reports.size(); ++i) {
    if (sources_[i].exempt) continue;
    changed.clear();
    sources_[i].watch.look(look_at(reports[i], wall, steady), changed);
    for (const Change& change : changed) changes.emplace_back(i, change);
  }
  look_at_hosts(reports, wall, steady, out);
  if (changes.empty()) return out;
  blind_ = feeds_.blind(silent(std::nullopt)).size();
  // All of them first: of two sources that fall silent together, each takes along the rules that had only them.
  for (const auto& [source, change] : changes) {
    const Words& words = kWords[static_cast<std::size_t>(change.state)];
    out.push_back(health("source", sources_[source].name, blind(source, change.state), change, wall));
    log_change(out.back(), change.begins ? words.begins : words.ends);
  }
  return out;
}

void LivenessKeeper::save() {
  std::string bytes{kMagic};
  for (const Watched& source : sources_)
    if (!source.exempt) bytes += framed(source.name + '\n' + source.watch.save());
  for (const auto& [address, host] : hosts_.all())
    bytes += framed(std::string{kHostMark} + address.to_string() + '\n' + host.watch.save());
  const auto saved = record::replace_file(record::system_files(), file_, bytes);
  if (!saved && !failing_)
    log_error("liveness_not_saved", "what is usual of the sources is kept in memory, and saving it is tried again",
              {{"error", saved.error().what}});
  failing_ = !saved;
}

std::vector<LivenessKeeper::Unwell> LivenessKeeper::unwell() const {
  std::vector<Unwell> out;
  for (std::size_t i = 0; i < sources_.size(); ++i)
    for (std::size_t state = 0; state < liveness::kStates; ++state) {
      const auto which = static_cast<State>(state);
      const Change* change = sources_[i].watch.standing(which);
      if (change == nullptr) continue;
      Blind rules = blind(i, which);
      out.push_back(
          {"source", sources_[i].name, to_string(which), unit_of(which), *change, std::move(rules.names), rules.count});
    }
  for (const auto& [address, host] : hosts_.all())
    for (std::size_t state = 0; state < liveness::kStates; ++state) {
      const auto which = static_cast<State>(state);
      const Change* change = host.watch.standing(which);
      if (change == nullptr) continue;
      Blind rules = blind(host);
      out.push_back(
          {"host", host.name, to_string(which), unit_of(which), *change, std::move(rules.names), rules.count});
    }
  return out;
}

void LivenessKeeper::fill(metrics::Snapshot& out) const {
  for (const Watched& source : sources_) {
    if (source.exempt) continue;
    for (std::size_t state = 0; state < liveness::kStates; ++state) {
      const auto which = static_cast<State>(state);
      out.set("normwatch_source_health", {source.name, to_string(which)},
              source.watch.standing(which) != nullptr ? 1 : 0);
    }
    out.set("normwatch_source_expected_silence_seconds", {source.name},
            std::chrono::duration<double>(source.watch.silence_limit()).count());
  }
  for (const State state : {State::silent, State::never_heard, State::volume_collapse})
    out.set("normwatch_log_hosts_unwell", {to_string(state)},
            static_cast<double>(std::ranges::count_if(
                hosts_.all(), [&](const auto& host) { return host.second.watch.standing(state) != nullptr; })));
  out.set("normwatch_log_hosts_expected", {}, static_cast<double>(hosts_.all().size()));
  out.set("normwatch_rules_blind", {}, static_cast<double>(blind_));
}

}  // namespace nw::app
