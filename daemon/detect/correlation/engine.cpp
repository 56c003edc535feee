#include "detect/correlation/engine.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <tuple>

#include "detect/correlation/codec.h"
#include "detect/correlation/node.h"

namespace nw::correlation {

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, SourceLife>
void members(Archive& archive, T& life) { archive(life.last, life.breaks); }

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RuleCounters>
void members(Archive& archive, T& c) { archive(c.firings, c.evicted, c.evicted_registered, c.cut); }

namespace {

constexpr std::string_view kMagic = "normwatch correlation 2\n";
constexpr Nanos kBreak = 5'000'000'000;     // a source that is quiet for longer takes a break
constexpr std::size_t kBreaksMax = 65'536;  // of one source that are remembered: 1 MiB
constexpr Nanos kNothing = std::numeric_limits<Nanos>::min();

Nanos nanos(Timestamp time) { return std::clamp(to_unix_nanoseconds(time), kTimeMin, kTimeMax); }

// How a rule's events reach one node.
struct Link {
  std::uint32_t node = 0, reference = 0;
  std::vector<std::size_t> key, fields;  // positions in RuleSet::read_fields()
};

bool possible(const SourceLife& life) {
  return (life.last == INT64_MIN || in_time(life.last)) && life.breaks.size() <= kBreaksMax &&
         std::ranges::all_of(life.breaks, [](const auto& gap) { return in_time(gap.first) && in_time(gap.second); });
}

std::size_t bytes_of(const Contribution& contribution) {
  std::size_t bytes = sizeof(Contribution) + contribution.context.size();
  for (const Field& field : contribution.fields) bytes += sizeof(Field) + field.text.size();
  return bytes;
}

auto order(const Contribution& c) {
  return std::tuple{c.time, c.origin.source, c.origin.ordinal, c.origin.part, c.rule};
}

}  // namespace

struct Engine::State {
  State(std::shared_ptr<const sigma::RuleSet> set, const EngineOptions& limits)
      : rules{std::move(set)}, options{limits}, nodes(rules->size()), links(rules->size()) {
    for (std::uint32_t i = 0; i < rules->size(); ++i) {
      const sigma::Correlation* spec = rules->correlation(i);
      if (spec == nullptr) continue;
      connect(i, *spec);
      over_time.push_back(i);
    }
    std::stable_partition(over_time.begin(), over_time.end(),
                          [this](std::uint32_t rule) { return nodes[rule]->looks_back(); });
  }

  std::shared_ptr<const sigma::RuleSet> rules;
  EngineOptions options;
  std::vector<std::unique_ptr<Node>> nodes;  // by rule; null: it is about single events
  // The rules that have one. Of one time those are woken first that say what was before it; else who is counted comes
  // before who counts it, as in the set.
  std::vector<std::uint32_t> over_time;
  std::vector<std::vector<Link>> links;  // by rule whose events count
  World world;
  EngineCounters counters;
  std::vector<Contribution> pending;
  std::size_t pending_bytes = 0;
  Nanos done = kNothing, clock = kNothing;  // everything before `done` is worked off
  std::optional<Contribution> before;       // the last one taken, to know its double
  Nanos next_due = kNever;

  void connect(std::uint32_t number, const sigma::Correlation& spec) {
    nodes[number] = make_node(spec, options.bytes_per_rule);
    for (const sigma::Correlation::Input& input : spec.inputs) {
      Link link{number, input.reference, {}, {}};
      const auto names = rules->read_fields(input.rule);
      const auto position = [&](const std::string& name) {
        return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
      };
      for (const std::string& name : spec.group_by)
        link.key.push_back(position(group_field(spec, input.reference, name)));
      for (const std::string& name : spec.fields) link.fields.push_back(position(name));
      for (const sigma::Correlation::Part* part : {&spec.over, &spec.under})
        if (!part->field.empty()) link.fields.push_back(position(part->field));
      links[input.rule].push_back(std::move(link));
    }
  }

  // What a rule's detection found in an event, or what came out of a rule over time.
  enum class Kind : std::uint8_t { found, fired };

  // A rule with a memory is over its own detection: what that found is for the memory alone, and what comes out of it
  // for the others alone.
  void count(const Contribution& event, Kind kind, FiringSink& sink) {
    const bool over_time_itself = nodes[event.rule] != nullptr;
    for (const Link& link : links[event.rule]) {
      if (over_time_itself && (link.node == event.rule) != (kind == Kind::found)) continue;
      Node& node = *nodes[link.node];
      std::string key;
      bool any = link.key.empty(), registered = !link.key.empty();
      for (const std::size_t at : link.key) {
        const Field& field = event.fields[at];
        any |= field.present;
        registered &= field.present && field.registered;
        append_key(field.present ? &field.text : nullptr, key);
      }
      if (!any) continue;  // an event without any of the group's fields is of no group
      Step step{nanos(event.time), link.reference, &event, {}};
      for (const std::size_t at : link.fields)
        step.fields.push_back(event.fields[at].present ? &event.fields[at] : nullptr);
      Firing firing;
      firing.time = event.time;
      const bool fires = node.take(key, registered, step, firing);
      next_due = std::min(next_due, node.due());
      if (!fires) continue;
      firing.rule = link.node;
      firing.origin = event.origin;
      firing.context = event.context;
      for (std::size_t i = 0; i < link.key.size(); ++i)
        if (event.fields[link.key[i]].present)
          firing.key.emplace_back(node.spec().group_by[i], event.fields[link.key[i]].text);
      hand_on(firing, registered, sink);
    }
  }

  // To whoever listens, and to the correlations that are over this one.
  void hand_on(const Firing& firing, bool registered, FiringSink& sink) {
    ++nodes[firing.rule]->counters().firings;
    sink.fired(firing);
    if (links[firing.rule].empty()) return;
    Contribution event{firing.time, firing.rule, firing.origin, {}, firing.context};
    for (const std::string& name : rules->read_fields(firing.rule)) {
      Field& field = event.fields.emplace_back();
      const auto known = std::ranges::find(firing.key, name, [](const auto& part) { return part.first; });
      if (known != firing.key.end()) field = {true, registered, known->second};
    }
    count(event, Kind::fired, sink);
  }

  // Silences and windows that end at or before `now`, the earliest first.
  void wake(Nanos now, FiringSink& sink) {
    while (next_due <= now) {
      std::uint32_t first = 0;
      next_due = kNever;
      for (const std::uint32_t i : over_time) {
        if (nodes[i]->due() >= next_due) continue;
        next_due = nodes[i]->due();
        first = i;
      }
      if (next_due > now) return;
      Node::Woken woken;
      Firing firing;
      if (nodes[first]->wake(next_due, world, woken, firing)) {
        firing.rule = first;
        std::size_t at = 0;
        for (const std::string& name : nodes[first]->spec().group_by) {
          const std::size_t end = woken.key.find('\0', at);
          const std::string text = woken.key.substr(at, end - at);
          if (text != "\1") firing.key.emplace_back(name, text);
          at = end + 1;
        }
        hand_on(firing, woken.registered, sink);
      }
      if (woken.excused) ++counters.blind;
      next_due = 0;  // look again
    }
  }

  // Everything before `until`, in order.
  void work(Nanos until, FiringSink& sink) {
    world.until = until - 1;
    std::ranges::sort(pending, {}, order);
    std::size_t taken = 0;
    for (; taken < pending.size() && nanos(pending[taken].time) < until; ++taken) take(pending[taken], sink);
    pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(taken));
    wake(until - 1, sink);
    done = std::max(done, until);
  }
  void take(const Contribution& event, FiringSink& sink) {
    pending_bytes -= bytes_of(event);
    if (before && order(*before) == order(event)) {
      ++counters.duplicates;
      return;
    }
    before = Contribution{event.time, event.rule, event.origin, {}, {}};
    wake(nanos(event.time), sink);
    count(event, Kind::found, sink);
  }
};

Engine::Engine(std::shared_ptr<const sigma::RuleSet> rules, const EngineOptions& options)
    : state_{std::make_unique<State>(std::move(rules), options)} {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

bool Engine::add(Contribution contribution) {
  State& state = *state_;
  ++state.counters.taken;
  if (too_late(contribution.time)) {
    ++state.counters.late;
    return false;
  }
  contribution.time = from_unix_nanoseconds(nanos(contribution.time));
  state.pending_bytes += bytes_of(contribution);
  state.pending.push_back(std::move(contribution));
  return true;
}

bool Engine::too_late(Timestamp time) const noexcept { return nanos(time) < state_->done; }

void Engine::alive(std::uint16_t source, Timestamp time) {
  auto& sources = state_->world.sources;
  if (source >= sources.size()) sources.resize(std::size_t{source} + 1);
  SourceLife& life = sources[source];
  const Nanos now = nanos(time);
  if (life.last != INT64_MIN && now - life.last > kBreak) {
    if (life.breaks.size() == kBreaksMax) life.breaks.erase(life.breaks.begin());
    life.breaks.emplace_back(life.last, now);
  }
  life.last = std::max(life.last, now);
}

void Engine::expect(std::span<const Expectation> expectations, Timestamp now) {
  State& state = *state_;
  for (const Expectation& expectation : expectations) {
    Node* node = state.nodes[expectation.rule].get();
    if (node == nullptr) continue;
    node->expect(expectation, std::max(nanos(now), state.done));
    state.next_due = std::min(state.next_due, node->due());
  }
}

void Engine::advance(Timestamp now, FiringSink& sink) {
  State& state = *state_;
  state.clock = std::max(state.clock, nanos(now));
  state.work(std::max(state.done, state.clock - state.options.lateness.count()), sink);
  if (state.pending_bytes <= state.options.pending_bytes) return;
  // Too many wait: the older half is taken now, and whoever comes after them is late. All that have the time of the
  // last of them go too: lines can claim one time for as long as they like, and would wait for ever.
  std::ranges::sort(state.pending, {}, order);
  const std::size_t waiting = state.pending.size();
  const Nanos middle = nanos(state.pending[waiting / 2].time);
  // Nobody takes the clock along to the time that it claims: everybody else would be late until then.
  for (Contribution& event : state.pending)
    if (middle > state.clock && nanos(event.time) > state.clock) event.time = from_unix_nanoseconds(state.clock);
  state.work(std::min(middle, state.clock) + 1, sink);
  state.counters.hurried += waiting - state.pending.size();
}

void Engine::finish(FiringSink& sink) {
  State& state = *state_;
  Nanos last = state.clock;
  for (const Contribution& event : state.pending) last = std::max(last, nanos(event.time));
  if (last != kNothing) state.work(last + 1, sink);
}

bool Engine::swap(std::shared_ptr<const sigma::RuleSet> rules) {
  const std::string kept = save();
  *this = Engine{std::move(rules), state_->options};
  return restore(kept);
}

void Engine::renumber(std::span<const std::uint16_t> sources) {
  State& state = *state_;
  std::vector<SourceLife> lives;
  for (std::size_t old = 0; old < state.world.sources.size(); ++old) {
    const std::uint16_t now = renumbered(static_cast<std::uint16_t>(old), sources);
    if (now == kNoSource) continue;
    if (now >= lives.size()) lives.resize(std::size_t{now} + 1);
    lives[now] = std::move(state.world.sources[old]);
  }
  state.world.sources = std::move(lives);
  for (Contribution& event : state.pending) event.origin.source = renumbered(event.origin.source, sources);
  for (const std::uint32_t rule : state.over_time) state.nodes[rule]->renumber(sources);
  state.next_due = 0;  // look
}

Timestamp Engine::done() const noexcept { return from_unix_nanoseconds(state_->done); }

std::string Engine::save() const {
  const State& state = *state_;
  sigma::ArchiveWriter out;
  const EngineCounters& c = state.counters;
  out(state.done, state.clock, state.world.sources, c.taken, c.late, c.duplicates, c.hurried, c.blind);
  out(static_cast<std::uint64_t>(state.pending.size()));
  for (const Contribution& event : state.pending) out(encode(event, *state.rules));
  for (std::size_t i = 0; i < state.nodes.size(); ++i) {
    if (state.nodes[i] == nullptr) continue;
    sigma::ArchiveWriter node;
    node(state.nodes[i]->counters());
    state.nodes[i]->save(node);
    out(state.rules->info(i).id, sigma::fingerprint(*state.rules->correlation(i)), node.take());
  }
  const std::string body = out.take();
  const std::uint64_t sum = hash64(body);
  return std::string{kMagic} + std::string{reinterpret_cast<const char*>(&sum), sizeof sum} + body;
}

bool Engine::restore(std::string_view bytes) {
  std::uint64_t sum = 0;
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + sizeof sum) return false;
  bytes.remove_prefix(kMagic.size());
  std::memcpy(&sum, bytes.data(), sizeof sum);
  bytes.remove_prefix(sizeof sum);
  if (hash64(bytes) != sum) return false;
  auto fresh = std::make_unique<State>(state_->rules, state_->options);
  const Decoder codec{*fresh->rules};
  sigma::ArchiveReader in{bytes};
  EngineCounters& c = fresh->counters;
  std::uint64_t waiting = 0;
  in(fresh->done, fresh->clock, fresh->world.sources, c.taken, c.late, c.duplicates, c.hurried, c.blind, waiting);
  if (!in.ok() || !std::ranges::all_of(fresh->world.sources, possible)) return false;
  for (const Nanos time : {fresh->done, fresh->clock})
    if (time != kNothing && (time < -kSpanMax || time > kTimeMax + 1)) return false;
  for (std::uint64_t i = 0; i < waiting && in.ok(); ++i) {
    std::string_view encoded;
    in(encoded);
    std::optional<Contribution> event = codec.decode(encoded);
    if (!event) continue;
    event->time = from_unix_nanoseconds(nanos(event->time));
    fresh->pending_bytes += bytes_of(*event);
    fresh->pending.push_back(std::move(*event));
  }
  while (in.ok() && !in.at_end()) {
    std::string_view id, print, body;
    in(id, print, body);
    const auto number = codec.find(id);
    if (!in.ok() || !number || fresh->nodes[*number] == nullptr) continue;
    if (sigma::fingerprint(*fresh->rules->correlation(*number)) != print) continue;
    sigma::ArchiveReader node{body};
    Node& into = *fresh->nodes[*number];
    RuleCounters counted;
    node(counted);
    if (!into.restore(node)) return false;
    counted.keys = into.counters().keys;
    counted.bytes = into.counters().bytes;
    into.counters() = counted;
  }
  if (!in.ok()) return false;
  fresh->next_due = 0;  // look
  state_ = std::move(fresh);
  return true;
}

bool Engine::idle() const noexcept {
  return std::ranges::all_of(state_->nodes, [](const auto& node) { return node == nullptr; });
}

const EngineCounters& Engine::counters() const noexcept {
  state_->counters.pending = state_->pending.size();
  return state_->counters;
}

RuleCounters Engine::counters(std::size_t rule) const {
  return state_->nodes[rule] == nullptr ? RuleCounters{} : state_->nodes[rule]->counters();
}

const sigma::RuleSet& Engine::rules() const noexcept { return *state_->rules; }

}  // namespace nw::correlation
