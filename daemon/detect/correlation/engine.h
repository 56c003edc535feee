// Rules over time: what rules found, in the order of event time, to firings. Pure: time comes in as an argument, and
// the same contributions give the same firings in whatever order they come, as long as none is later than the lateness
// bound. rules/README.md says when a window opens, slides and fires.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "detect/sigma/rule_set.h"

namespace nw::correlation {

// One field of an event, as correlations count it.
struct Field {
  bool present = false;
  // The register knows what it names (a listed host, an asset's id): nobody outside can invent such values.
  bool registered = false;
  std::string text;  // as the event has it
};

// Where an event was read.
struct Origin {
  std::uint16_t source = 0;
  std::uint32_t part = 0;
  std::uint64_t ordinal = 0;
  friend auto operator<=>(const Origin&, const Origin&) = default;
};

// What a rule found in one event: handed from the workers to the engine.
struct Contribution {
  Timestamp time;          // Event::known_at
  std::uint32_t rule = 0;  // its number in the set
  Origin origin;
  std::vector<Field> fields;  // RuleSet::read_fields() of the rule
  std::string context;        // the caller's; comes back with the firing that this event completes
};

struct Firing {
  std::uint32_t rule = 0;
  Timestamp time;   // of the last event that counted; of silence, its end
  Timestamp first;  // of the first event that counts
  Origin origin;    // of the last event
  // In the window; of value_count since the group opened, as `first` is; of rules that were met one each.
  std::uint64_t events = 0;
  double value = 0;                                      // what the condition was asked of
  std::vector<std::pair<std::string, std::string>> key;  // the group's fields
  std::string what;                                      // what is new, who is silent: for people; may be empty
  std::string context;                                   // of the last event
};

class FiringSink {
 public:
  virtual ~FiringSink() = default;
  // In a fixed order. Of rules that are silent too.
  virtual void fired(const Firing& firing) = 0;
};

// Whom a rule over time expects to hear of, though it has never heard of them: the register designates them.
struct Expectation {
  struct Key {
    std::vector<std::string> texts;  // of the rule's `group_by`, one each
    bool watched = true;             // false: designated, but watched from its first event on
  };
  std::uint32_t rule = 0;
  std::vector<std::uint16_t> sources;  // that could hear of them
  std::vector<Key> keys;               // all that there are
};

struct EngineOptions {
  Nanoseconds lateness = std::chrono::seconds{30};
  std::size_t bytes_per_rule = std::size_t{64} << 20;  // of one rule's state
  std::size_t pending_bytes = std::size_t{64} << 20;   // of contributions that wait for their turn
};

struct RuleCounters {
  std::uint64_t firings = 0, keys = 0, bytes = 0;
  // Keys that left because the budget was spent; of those, keys that the register knows.
  std::uint64_t evicted = 0, evicted_registered = 0;
  std::uint64_t cut = 0;  // events that left a key's window early, because one key may not hold more
};

struct EngineCounters {
  std::uint64_t taken = 0;       // contributions that came
  std::uint64_t late = 0;        // of these: too late, kept aside
  std::uint64_t duplicates = 0;  // of these: there already
  std::uint64_t hurried = 0;     // of these: taken before their turn, because too many waited
  std::uint64_t pending = 0;     // wait for their turn
  std::uint64_t blind = 0;       // silences that were excused at least once: the sensor was blind, the segment down
};

class Engine {
 public:
  Engine(std::shared_ptr<const sigma::RuleSet> rules, const EngineOptions& options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // In any order. False: it came too late; the caller keeps it aside.
  [[nodiscard]] bool add(Contribution contribution);
  [[nodiscard]] bool too_late(Timestamp time) const noexcept;
  // The source gave a sign of life at `time` (an event or packet of any kind).
  void alive(std::uint16_t source, Timestamp time);
  // For rules with `expect: register`: from `now` on they are watched, unless they have been before; who is none of
  // them any more leaves.
  void expect(std::span<const Expectation> expectations, Timestamp now);
  // The sources' clock stands at `now`: everything before `now - lateness` is in its place and is worked off.
  void advance(Timestamp now, FiringSink& sink);
  // Nothing more comes: works off what waits, and the silences that ended by then.
  void finish(FiringSink& sink);

  // The other rules' state goes with them; those that stayed as they are keep theirs. False: nobody could keep any.
  [[nodiscard]] bool swap(std::shared_ptr<const sigma::RuleSet> rules);
  // The sources have other numbers now: `sources` has the new one of each old one, UINT16_MAX for those that are gone.
  // What was heard by one of these is watched no more.
  void renumber(std::span<const std::uint16_t> sources);
  // Everything before it is worked off, and what comes from there is late; the minimum: nothing is.
  [[nodiscard]] Timestamp done() const noexcept;
  // Everything that it knows, as bytes, and back (into an engine of any rule set: state of rules that changed is left
  // out). False: these are no such bytes; nothing is restored.
  [[nodiscard]] std::string save() const;
  [[nodiscard]] bool restore(std::string_view bytes);

  // No rule of the set is over time.
  [[nodiscard]] bool idle() const noexcept;
  [[nodiscard]] const EngineCounters& counters() const noexcept;
  [[nodiscard]] RuleCounters counters(std::size_t rule) const;
  [[nodiscard]] const sigma::RuleSet& rules() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nw::correlation
