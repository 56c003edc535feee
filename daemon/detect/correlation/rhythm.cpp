// absence, newvalue, beacon: what a key usually does, and that it does not, or does too well.
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "detect/correlation/kinds.h"

namespace nw::correlation {

namespace {

constexpr std::size_t kGapsMin = 4, kGapsMax = 16;  // of a key's own rhythm

Nanos median(std::vector<Nanos> gaps) {
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>((gaps.size() - 1) / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

struct SilenceState {
  std::vector<Nanos> gaps;     // the latest kGapsMax, in the order they came
  Nanos last = 0, opened = 0;  // without events: when the watch began
  std::uint16_t source = 0;
  std::uint64_t events = 0;  // none: it is expected, and has not been heard of
  bool excused = false;      // this silence, already
  [[nodiscard]] std::size_t bytes() const { return gaps.capacity() * sizeof(Nanos); }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, SilenceState>
void members(Archive& archive, T& state) {
  archive(state.gaps, state.last, state.opened, state.source, state.events, state.excused);
}

// A key is expected from its first event on (by its own rhythm: once four gaps are known), and fires once per silence.
// One that the register designates is expected before it has been heard of, too: for a fixed time there is no need to
// know its rhythm.
class Absence final : public KeyedNode<Absence, SilenceState> {
 public:
  // Segments are kept beside the keys that name them, and share their budget.
  Absence(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, spec.segment.empty() ? bytes_max : bytes_max / 2} {}

  bool take(const std::string& key, bool registered, const Step& step, Firing& firing) override {
    if (spec_.only_registered && (!registered || (designated_ && !designated_->contains(key)))) return false;
    return KeyedNode::take(key, registered, step, firing);
  }

  bool step(Entry& entry, const Step& step, Firing& /*firing*/) {
    SilenceState& state = entry.state;
    if (state.events++ == 0) {
      state.opened = step.time;
    } else if (spec_.median_gap > 0 && step.time > state.last) {
      if (state.gaps.size() == kGapsMax) state.gaps.erase(state.gaps.begin());
      state.gaps.push_back(step.time - state.last);
    }
    state.last = step.time;
    state.source = step.event->origin.source;
    state.excused = false;
    note(entry);
    const Nanos silence = silence_of(state);
    entry.due = silence == kNever ? kNever : step.time + silence + 1;
    return false;
  }

  bool woken(Entry& entry, Nanos now, const World& world, Firing& firing, bool& excused) {
    SilenceState& state = entry.state;
    const Nanos silence = silence_of(state);
    // Whoever hears nothing at all cannot tell that one is silent; and the whole segment is silent, not this one, when
    // its others are too. The time begins anew: who is still silent when they are back is found then.
    const auto segment = segments_.find(segment_of(entry.key));
    const bool known = segment != segments_.end();
    // There are no others. Where a segment is one of several, nothing else says that it is up.
    const bool alone = state.events > 0 && spec_.segment.empty() && !(known && segment->second.several);
    const bool blind = spec_.unless_blind && heard(state, world, now) < now - silence / 2;
    // They do not fall silent at the same moment. Of a time that began anew any sign will do: the segment is back.
    const bool down = spec_.unless_segment && !alone &&
                      (known ? segment->second.latest : 0) < now - (state.excused ? silence : silence / 2);
    if (blind || down) {
      excused = !std::exchange(state.excused, true);
      // What was blind stays so until the next sign of life: the times before that are not looked at.
      const Nanos until = blind ? resumes(state, world, now) : now;
      entry.due = now + std::max<Nanos>(1, (until - now + silence - 1) / silence) * silence;
      return false;
    }
    firing.time = from_unix_nanoseconds(now - 1);
    firing.first = from_unix_nanoseconds(state.opened);
    firing.events = state.events;
    firing.value = static_cast<double>(now - 1 - state.last) / 1e9;
    firing.what = (state.events == 0 ? "not heard of in " : "silent for ") +
                  format_duration(std::chrono::seconds{(now - 1 - state.last) / 1'000'000'000});
    return true;
  }

  [[nodiscard]] bool looks_back() const override { return true; }

  void expect(const Expectation& expectation, Nanos now) override {
    sources_ = expectation.sources;
    designated_.emplace();
    std::vector<std::string> watched;
    for (const Expectation::Key& each : expectation.keys) {
      std::string key;
      for (const std::string& text : each.texts) append_key(&text, key);
      if (each.watched && spec_.median_gap <= 0) watched.push_back(key);
      designated_->insert(std::move(key));
    }
    std::vector<std::string> gone;
    keys_.each([&](const Entry& entry) {
      if (!designated_->contains(entry.key)) gone.push_back(entry.key);
    });
    for (const std::string& key : gone) keys_.remove(keys_.find(key));
    note_all();
    for (const std::string& key : watched) {
      if (keys_.find(key) != Keys<SilenceState>::kNone) continue;
      const std::uint32_t at = keys_.touch(key, true, now);
      const std::size_t before = keys_.before(at);
      keys_[at].state.last = keys_[at].state.opened = now;
      keys_[at].due = now + spec_.timespan.count() + 1;
      keys_.schedule(at);
      keys_.after(at, before);
    }
  }

  bool restore(sigma::ArchiveReader& in) override {
    const bool restored = KeyedNode::restore(in);
    note_all();
    return restored;
  }

  void renumber(std::span<const std::uint16_t> sources) override {
    std::vector<std::string> gone;
    keys_.each([&](const Entry& entry) {
      const SilenceState& state = entry.state;
      if (state.events > 0 && renumbered(state.source, sources) == kNoSource) gone.push_back(entry.key);
    });
    for (const std::string& key : gone) keys_.remove(keys_.find(key));
    keys_.change([&](Entry& entry) { entry.state.source = renumbered(entry.state.source, sources); });
    note_all();
  }

  [[nodiscard]] Nanos life() const { return kNever; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const SilenceState& state = entry.state;
    return in_time(state.last) && in_time(state.opened) && state.gaps.size() <= kGapsMax &&
           std::ranges::all_of(state.gaps, in_time) && (entry.due == kNever || silence_of(state) != kNever);
  }

 private:
  [[nodiscard]] Nanos silence_of(const SilenceState& state) const {
    if (spec_.median_gap <= 0) return spec_.timespan.count();
    if (state.gaps.size() < kGapsMin) return kNever;
    const double wanted = spec_.median_gap * static_cast<double>(median(state.gaps));
    constexpr double kLongest = 3e17;  // ten years
    return std::max(spec_.least.count(), static_cast<Nanos>(std::min(wanted, kLongest)));
  }
  // What the keys have in common that fall silent together: the beginning of each, or nothing.
  [[nodiscard]] std::string_view segment_of(std::string_view key) const {
    std::size_t end = 0;
    for (std::size_t i = 0; i < spec_.segment.size(); ++i) end = key.find('\0', end) + 1;
    return key.substr(0, end);
  }
  // A key that has been heard of.
  void note(const Entry& entry) {
    const std::string_view name = segment_of(entry.key);
    auto at = segments_.find(name);
    if (at == segments_.end()) {
      // Those of keys that have left go when they are half of all.
      if (segments_.size() > 2 * keys_.size() + 64) note_all();
      at = segments_.try_emplace(std::string{name}, Segment{0, hash64(entry.key), false}).first;
    }
    Segment& segment = at->second;
    segment.latest = std::max(segment.latest, entry.state.last);
    segment.several |= segment.one != hash64(entry.key);
  }
  void note_all() {
    segments_.clear();
    keys_.each([this](const Entry& entry) {
      if (entry.state.events > 0) note(entry);
    });
  }
  // When the sensor last gave a sign of life: by the source that hears the key, or any that could.
  [[nodiscard]] Nanos heard(const SilenceState& state, const World& world, Nanos now) const {
    if (state.events > 0) return world.heard(state.source, now);
    Nanos last = INT64_MIN;
    for (const std::uint16_t source : sources_) last = std::max(last, world.heard(source, now));
    return last;
  }
  // When it next gives one, as far as that is known.
  [[nodiscard]] Nanos resumes(const SilenceState& state, const World& world, Nanos now) const {
    if (state.events > 0) return world.resumes(state.source, now);
    Nanos first = world.until;
    for (const std::uint16_t source : sources_) first = std::min(first, world.resumes(source, now));
    return first;
  }

  struct Segment {
    Nanos latest = 0;       // of all its keys
    std::uint64_t one = 0;  // of the keys that have been heard of, its hash,
    bool several = false;   // and whether there are others
  };
  std::map<std::string, Segment, std::less<>> segments_;
  std::vector<std::uint16_t> sources_;
  std::optional<std::set<std::string, std::less<>>> designated_;  // nothing: the register has not been asked
};

constexpr std::size_t kKnownValues = 4'096;  // of one key

struct KnownState {
  std::vector<std::string> values;  // sorted
  Nanos opened = 0;
  std::size_t text_bytes = 0;
  bool full = false;
  [[nodiscard]] std::size_t bytes() const { return values.capacity() * sizeof(std::string) + text_bytes; }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, KnownState>
void members(Archive& archive, T& state) { archive(state.values, state.opened, state.text_bytes, state.full); }

// Fires for every value that the key did not have before, once the key itself has been known for the learning time. A
// key with too many values has no habits: it learns no more, and fires no more (counted as cut).
class NewValue final : public KeyedNode<NewValue, KnownState> {
 public:
  NewValue(const sigma::Correlation& spec, std::size_t bytes_max) : KeyedNode{spec, bytes_max} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    KnownState& state = entry.state;
    if (state.opened == 0) state.opened = step.time;
    std::string value;
    for (const Field* field : step.fields) {
      if (field == nullptr) return false;
      append_value(*field, value);
    }
    const auto at = std::ranges::lower_bound(state.values, value);
    if (at != state.values.end() && *at == value) return false;
    if (state.values.size() >= kKnownValues) {
      ++counters_.cut;
      return false;
    }
    firing.what = "new: " + shown_value(value);
    firing.events = state.values.size() + 1;
    firing.value = static_cast<double>(firing.events);
    firing.first = from_unix_nanoseconds(state.opened);
    state.text_bytes += text_bytes(value);
    state.values.insert(at, std::move(value));
    return step.time - state.opened >= spec_.learn.count();
  }

  bool woken(Entry&, Nanos, const World&, Firing&, bool&) { return false; }
  [[nodiscard]] Nanos life() const { return kNever; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const KnownState& state = entry.state;
    std::size_t bytes = 0;
    for (const std::string& value : state.values) bytes += text_bytes(value);
    return state.values.size() <= kKnownValues && std::ranges::is_sorted(state.values) && in_time(state.opened) &&
           state.text_bytes == bytes;
  }

 private:
  static std::size_t text_bytes(const std::string& value) { return value.size() > 15 ? value.size() + 17 : 0; }
};

struct Beat {
  Nanos time = 0;
  double value = 0;
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Beat>
void members(Archive& archive, T& beat) { archive(beat.time, beat.value); }

struct BeaconState {
  std::vector<Beat> beats;  // the latest, by time
  Nanos steady_since = 0;   // 0: not steady
  std::uint64_t events = 0;
  bool held = false;
  [[nodiscard]] std::size_t bytes() const { return beats.capacity() * sizeof(Beat); }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, BeaconState>
void members(Archive& archive, T& state) { archive(state.beats, state.steady_since, state.events, state.held); }

// The latest `count` events are steady when their gaps' coefficient of variation (and their values' spread) is small.
// Fires when that has gone on for `least`, counted from the first of them.
class Beacon final : public KeyedNode<Beacon, BeaconState> {
 public:
  Beacon(const sigma::Correlation& spec, std::size_t bytes_max) : KeyedNode{spec, bytes_max} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    BeaconState& state = entry.state;
    if (!state.beats.empty() && step.time - state.beats.back().time > life()) state = {};
    ++state.events;
    double value = 0;
    if (!spec_.fields.empty())
      if (const auto number = step.fields[0] == nullptr ? std::nullopt : number_of(*step.fields[0])) value = *number;
    if (state.beats.capacity() == 0) state.beats.reserve(spec_.count);
    if (state.beats.size() == spec_.count) state.beats.erase(state.beats.begin());
    state.beats.push_back({step.time, value});
    const bool steady = state.beats.size() == spec_.count && is_steady(state, firing);
    if (!steady) state.steady_since = 0;
    if (steady && state.steady_since == 0) state.steady_since = state.beats.front().time;
    const bool holds = steady && step.time - state.steady_since >= spec_.least.count();
    const bool fires = holds && !state.held;
    state.held = holds;
    firing.events = state.events;
    firing.first = from_unix_nanoseconds(state.steady_since);
    return fires;
  }

  bool woken(Entry&, Nanos, const World&, Firing&, bool&) { return false; }
  [[nodiscard]] Nanos life() const { return 4 * spec_.least.count(); }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const BeaconState& state = entry.state;
    return in_order(std::span{state.beats}, spec_.count, &Beat::time) && in_time(state.steady_since) &&
           std::ranges::all_of(state.beats, [](const Beat& beat) { return std::isfinite(beat.value); });
  }

 private:
  bool is_steady(const BeaconState& state, Firing& firing) const {
    const auto gaps = static_cast<double>(state.beats.size() - 1);
    const double mean = static_cast<double>(state.beats.back().time - state.beats.front().time) / gaps;
    if (mean < 1e9) return false;  // more than one a second is traffic, no beacon
    double squares = 0, sum = 0;
    for (std::size_t i = 1; i < state.beats.size(); ++i)
      squares += std::pow(static_cast<double>(state.beats[i].time - state.beats[i - 1].time) - mean, 2);
    const double variation = std::sqrt(squares / gaps) / mean;
    firing.value = variation;
    firing.what = "every " + format_duration(std::chrono::seconds{std::llround(mean / 1e9)});
    if (variation > spec_.variation) return false;
    if (spec_.spread <= 0) return true;
    for (const Beat& beat : state.beats) sum += beat.value;
    const double middle = sum / static_cast<double>(state.beats.size());
    return std::ranges::all_of(state.beats, [&](const Beat& beat) {
      return std::fabs(beat.value - middle) <= spec_.spread * std::fabs(middle);
    });
  }
};

}  // namespace

std::unique_ptr<Node> make_absence(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Absence>(spec, bytes_max);
}
std::unique_ptr<Node> make_newvalue(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<NewValue>(spec, bytes_max);
}
std::unique_ptr<Node> make_beacon(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Beacon>(spec, bytes_max);
}

}  // namespace nw::correlation
