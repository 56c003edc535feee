// One rule over time at work: its groups and what each remembers. A type of correlation is one class with a State and a
// few steps (windows.cpp, values.cpp, ...), and one row in table.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "detect/correlation/engine.h"
#include "detect/sigma/archive.h"
#include "detect/sigma/fold.h"

namespace nw::correlation {

using Nanos = std::int64_t;  // since 1970
constexpr Nanos kNever = INT64_MAX;
// Event times are kept within 1970 and 2200: between any two of them there is room for a window or a silence.
constexpr Nanos kTimeMin = 0, kTimeMax = 7'258'118'400'000'000'000;
constexpr Nanos kSpanMax = 400'000'000'000'000'000;  // twelve years: more than any window or silence
inline bool in_time(Nanos time) { return time >= kTimeMin && time <= kTimeMax; }
// Restored bytes may be forged: whether these are times in their order, and no more than there can be.
template <class T, class Time = std::identity>
bool in_order(std::span<const T> items, std::size_t most, Time time = {}) {
  return items.size() <= most && std::ranges::is_sorted(items, {}, time) && std::ranges::all_of(items, in_time, time);
}

// An event as one node counts it.
struct Step {
  Nanos time = 0;
  std::uint32_t reference = 0;  // which of the correlation's references found it
  const Contribution* event = nullptr;
  std::vector<const Field*> fields;  // of the correlation's `fields`, then over, under; null: absent
};

// When a source gave signs of life: until when, and what longer breaks there were.
struct SourceLife {
  Nanos last = INT64_MIN;
  std::vector<std::pair<Nanos, Nanos>> breaks;  // from the last sign before to the first one after, the oldest first
};

// What the engine knows and nodes ask.
struct World {
  std::vector<SourceLife> sources;
  Nanos until = 0;  // everything before it is being worked off; signs of life are known that far
  // The last sign of life of a source at or before `at`.
  [[nodiscard]] Nanos heard(std::uint16_t source, Nanos at) const {
    if (source >= sources.size()) return INT64_MIN;
    const SourceLife& life = sources[source];
    for (auto gap = life.breaks.rbegin(); gap != life.breaks.rend(); ++gap)
      if (at >= gap->first && at < gap->second) return gap->first;
    return std::min(life.last, at);
  }
  // The first sign of life after the break that `at` lies in; `until` where none is known.
  [[nodiscard]] Nanos resumes(std::uint16_t source, Nanos at) const {
    if (source >= sources.size()) return until;
    const auto& breaks = sources[source].breaks;
    for (auto gap = breaks.rbegin(); gap != breaks.rend(); ++gap)
      if (at >= gap->first && at < gap->second) return std::min(gap->second, until);
    return sources[source].last > at ? at : until;
  }
};

// Sources of an earlier run by what they are now; kNoSource: there is none any more.
constexpr std::uint16_t kNoSource = UINT16_MAX;
inline std::uint16_t renumbered(std::uint16_t source, std::span<const std::uint16_t> now) {
  return source < now.size() ? now[source] : kNoSource;
}

// A group's key: its values, letter case aside, each with its end marked. Null: the event has no such field.
inline void append_key(const std::string* text, std::string& key) {
  key += text == nullptr ? std::string{"\1"} : sigma::folded(*text);
  key += '\0';
}

class Node {
 public:
  Node(const sigma::Correlation& spec, std::size_t bytes_max) : spec_{spec}, bytes_max_{bytes_max} {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // True: it fires, and `firing` says what (value, events, first, what).
  virtual bool take(const std::string& key, bool registered, const Step& step, Firing& firing) = 0;
  // When it wants to be woken; kNever: not.
  [[nodiscard]] virtual Nanos due() = 0;
  // Whom wake() woke.
  struct Woken {
    std::string key;
    bool registered = false;
    bool excused = false;
  };
  // Wakes one key whose time has come, the earliest first and by key; true: it fires.
  virtual bool wake(Nanos now, const World& world, Woken& woken, Firing& firing) = 0;
  // What it says when it is woken is of the nanosecond before: a silence, a window that is over. Nothing that is of the
  // time itself may have been counted by then.
  [[nodiscard]] virtual bool looks_back() const { return false; }
  virtual void forget(Nanos now) = 0;  // groups that are empty
  virtual void expect(const Expectation& /*expectation*/, Nanos /*now*/) {}
  // The sources have other numbers now (renumbered()); whoever was heard by one that is gone leaves.
  virtual void renumber(std::span<const std::uint16_t> /*sources*/) {}
  virtual void save(sigma::ArchiveWriter& out) const = 0;
  virtual bool restore(sigma::ArchiveReader& in) = 0;
  [[nodiscard]] const RuleCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] RuleCounters& counters() noexcept { return counters_; }
  [[nodiscard]] const sigma::Correlation& spec() const noexcept { return spec_; }

 protected:
  const sigma::Correlation& spec_;
  std::size_t bytes_max_;
  RuleCounters counters_;
};

std::unique_ptr<Node> make_node(const sigma::Correlation& spec, std::size_t bytes_max);

// Times or values in the order they came, the oldest first. Bounded by its owner.
template <class T>
class History {
 public:
  void push(const T& value) { items_.push_back(value); }
  void pop_front() {
    if (++begin_ >= 16 && begin_ * 2 >= items_.size()) compact();
    if (begin_ == items_.size()) compact();
  }
  [[nodiscard]] bool empty() const noexcept { return begin_ == items_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size() - begin_; }
  [[nodiscard]] const T& front() const noexcept { return items_[begin_]; }
  [[nodiscard]] const T& back() const noexcept { return items_.back(); }
  [[nodiscard]] std::span<const T> all() const noexcept { return std::span{items_}.subspan(begin_); }
  [[nodiscard]] std::size_t bytes() const noexcept { return items_.capacity() * sizeof(T); }
  void set(std::vector<T> items) {
    items_ = std::move(items);
    begin_ = 0;
  }

 private:
  void compact() {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
    if (items_.empty()) items_.shrink_to_fit();
  }
  std::vector<T> items_;
  std::uint32_t begin_ = 0;
};

// The groups of one rule, within a budget. When it is spent, the key that was touched longest ago leaves; keys that the
// register knows only when there is no other. State has bytes() (beyond itself) and the archive's members().
template <class State>
class Keys {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Entry {
    std::string key;
    State state;
    Nanos touched = 0;
    Nanos due = kNever;                           // when it wants to be woken
    Nanos queued = kNever;                        // where it stands in the queue: not after `due`
    std::uint32_t before = kNone, after = kNone;  // in its list, the coldest first
    std::uint32_t chain = kNone;                  // the next of its bucket, or of the free ones
    bool registered = false, used = false;
  };

  Keys(std::size_t bytes_max, RuleCounters& counters)
      : bytes_max_{bytes_max}, counters_{counters}, buckets_(64, kNone) {}
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  [[nodiscard]] std::uint32_t find(std::string_view key) const {
    for (std::uint32_t at = buckets_[bucket(key)]; at != kNone; at = entries_[at].chain)
      if (entries_[at].key == key) return at;
    return kNone;
  }
  // Finds or adds, and makes it the warmest.
  std::uint32_t touch(std::string_view key, bool registered, Nanos now) {
    std::uint32_t at = find(key);
    if (at == kNone) at = add(key, registered);
    Entry& entry = entries_[at];
    if (entry.before != kNone || entry.after != kNone || list(entry).first == at) unlink(at);
    entry.touched = now;
    entry.registered = registered;  // the register may have changed since
    link(at);
    return at;
  }
  void remove(std::uint32_t at) {
    Entry& entry = entries_[at];
    bytes_ -= size_of(entry);  // with its place in the queue
    unlink(at);
    unqueue(at);
    std::uint32_t* link = &buckets_[bucket(entry.key)];
    while (*link != at) link = &entries_[*link].chain;
    *link = entry.chain;
    entry = Entry{};
    entry.chain = free_;
    free_ = at;
    --counters_.keys;
    counters_.bytes = bytes_;
  }
  // Around every change of a state, so that its bytes are known.
  [[nodiscard]] std::size_t before(std::uint32_t at) const { return size_of(entries_[at]); }
  void after(std::uint32_t at, std::size_t before) {
    bytes_ += size_of(entries_[at]);
    bytes_ -= before;
    while (bytes_ > bytes_max_ && counters_.keys > 1) evict(at);
    counters_.bytes = bytes_;
  }
  Entry& operator[](std::uint32_t at) { return entries_[at]; }

  // Puts it where `due` says, unless it waits earlier already: what was put off is moved when its old time comes.
  void schedule(std::uint32_t at) {
    Entry& entry = entries_[at];
    if (entry.due >= entry.queued) return;
    unqueue(at);
    entry.queued = entry.due;
    queue_.insert(at);
  }
  void unqueue(std::uint32_t at) {
    if (entries_[at].queued == kNever) return;
    queue_.erase(at);
    entries_[at].queued = kNever;
  }
  // The key whose time comes first (of several, the least key), or kNone.
  std::uint32_t first_due() {
    while (!queue_.empty()) {
      const std::uint32_t at = *queue_.begin();
      if (entries_[at].due == entries_[at].queued) return at;
      unqueue(at);
      schedule(at);
    }
    return kNone;
  }
  // The coldest key, or kNone.
  [[nodiscard]] std::uint32_t coldest(bool registered) const { return lists_[registered ? 1 : 0].first; }
  [[nodiscard]] std::size_t size() const noexcept { return counters_.keys; }

  // In the order of their keys' warmth, so that what is restored evicts as what was saved.
  template <class F>
  void change(F f) {
    for (const List& list : lists_)
      for (std::uint32_t at = list.first; at != kNone; at = entries_[at].after) f(entries_[at]);
  }
  template <class F>
  void each(F f) const {
    for (const List& list : lists_)
      for (std::uint32_t at = list.first; at != kNone; at = entries_[at].after) f(entries_[at]);
  }

 private:
  struct List {
    std::uint32_t first = kNone, last = kNone;
  };
  static std::size_t size_of(const Entry& entry) {
    constexpr std::size_t kIndexBytes = 8;
    const std::size_t text = entry.key.size() > 15 ? entry.key.size() + 17 : 0;
    constexpr std::size_t kQueueBytes = 48;
    return sizeof(Entry) + kIndexBytes + text + (entry.queued != kNever ? kQueueBytes : 0) + entry.state.bytes();
  }
  [[nodiscard]] std::size_t bucket(std::string_view key) const { return hash64(key, seed()) & (buckets_.size() - 1); }
  // Keys come from strangers: they must not know which share a bucket. Results do not depend on it.
  static std::uint64_t seed() {
    static const std::uint64_t value = (std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}();
    return value;
  }
  List& list(const Entry& entry) { return lists_[entry.registered ? 1 : 0]; }

  std::uint32_t add(std::string_view key, bool registered) {
    if (counters_.keys >= buckets_.size()) grow();
    std::uint32_t at = free_;
    if (at == kNone) {
      at = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      free_ = entries_[at].chain;
    }
    Entry& entry = entries_[at];
    entry.key = key;
    entry.registered = registered;
    entry.used = true;
    std::uint32_t& head = buckets_[bucket(key)];
    entry.chain = head;
    head = at;
    bytes_ += size_of(entry);
    ++counters_.keys;
    return at;
  }
  void grow() {
    buckets_.assign(buckets_.size() * 2, kNone);
    for (std::uint32_t at = 0; at < entries_.size(); ++at) {
      if (!entries_[at].used) continue;
      std::uint32_t& head = buckets_[bucket(entries_[at].key)];
      entries_[at].chain = head;
      head = at;
    }
  }
  void link(std::uint32_t at) {
    List& of = list(entries_[at]);
    entries_[at].before = of.last;
    entries_[at].after = kNone;
    (of.last == kNone ? of.first : entries_[of.last].after) = at;
    of.last = at;
  }
  void unlink(std::uint32_t at) {
    Entry& entry = entries_[at];
    List& of = list(entry);
    (entry.before == kNone ? of.first : entries_[entry.before].after) = entry.after;
    (entry.after == kNone ? of.last : entries_[entry.after].before) = entry.before;
    entry.before = entry.after = kNone;
  }
  // Never the one that is being worked on.
  void evict(std::uint32_t busy) {
    for (const bool registered : {false, true}) {
      std::uint32_t at = lists_[registered ? 1 : 0].first;
      if (at == busy) at = entries_[at].after;
      if (at == kNone) continue;
      ++counters_.evicted;
      if (registered) ++counters_.evicted_registered;
      return remove(at);
    }
  }

  struct Sooner {
    const std::deque<Entry>* entries;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      const Entry& x = (*entries)[a];
      const Entry& y = (*entries)[b];
      return x.queued != y.queued ? x.queued < y.queued : x.key < y.key;
    }
  };

  std::size_t bytes_max_, bytes_ = 0;
  RuleCounters& counters_;
  std::vector<std::uint32_t> buckets_;
  std::deque<Entry> entries_;
  std::uint32_t free_ = kNone;
  std::array<List, 2> lists_;  // others, registered
  std::set<std::uint32_t, Sooner> queue_{Sooner{&entries_}};
};

// What every type does alike: groups, forgetting, waking, saving. Derived gives
//   bool step(Entry&, const Step&, Firing&)           an event counts
//   bool woken(Entry&, Nanos now, const World&, Firing&, bool& excused)   entry.due has come
//   Nanos life() const                                a key that was not touched for so long is forgotten; kNever
//   bool fits(const Entry&) const                     what was restored can have been saved by this rule
template <class Derived, class State>
class KeyedNode : public Node {
 public:
  using Entry = typename Keys<State>::Entry;

  KeyedNode(const sigma::Correlation& spec, std::size_t bytes_max)
      : Node{spec, bytes_max}, keys_{bytes_max, counters_} {}

  bool take(const std::string& key, bool registered, const Step& step, Firing& firing) override {
    forget(step.time);
    const std::uint32_t at = keys_.touch(key, registered, step.time);
    const std::size_t before = keys_.before(at);
    const bool fires = self().step(keys_[at], step, firing);
    keys_.schedule(at);
    keys_.after(at, before);
    return fires;
  }

  Nanos due() override {
    const std::uint32_t at = keys_.first_due();
    return at == Keys<State>::kNone ? kNever : keys_[at].due;
  }

  bool wake(Nanos now, const World& world, Woken& woken, Firing& firing) override {
    const std::uint32_t at = keys_.first_due();
    woken.key = keys_[at].key;
    woken.registered = keys_[at].registered;
    const std::size_t before = keys_.before(at);
    keys_.unqueue(at);
    keys_[at].due = kNever;
    const bool fires = self().woken(keys_[at], now, world, firing, woken.excused);
    keys_.schedule(at);
    keys_.after(at, before);
    return fires;
  }

  void forget(Nanos now) override {
    const Nanos life = self().life();
    if (life == kNever) return;
    for (const bool registered : {false, true})
      for (std::uint32_t at = keys_.coldest(registered); at != Keys<State>::kNone; at = keys_.coldest(registered)) {
        if (now - keys_[at].touched <= life || keys_[at].due != kNever) break;
        keys_.remove(at);
      }
  }

  void save(sigma::ArchiveWriter& out) const override {
    out(static_cast<std::uint64_t>(keys_.size()));
    keys_.each([&](const Entry& entry) { out(entry.key, entry.touched, entry.due, entry.registered, entry.state); });
  }
  bool restore(sigma::ArchiveReader& in) override {
    std::uint64_t count = 0;
    in(count);
    std::string key;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
      Nanos touched = 0, due = 0;
      bool registered = false;
      State state;
      in(key, touched, due, registered, state);
      if (!in.ok()) return false;
      const std::uint32_t at = keys_.touch(key, registered, touched);
      const std::size_t before = keys_.before(at);
      keys_[at].state = std::move(state);
      keys_[at].due = due;
      const bool fits = in_time(touched) && self().fits(keys_[at]) &&
                        (due == kNever || (due >= kTimeMin && due <= kTimeMax + kSpanMax));
      keys_.schedule(at);
      keys_.after(at, before);
      if (!fits) return false;
    }
    return in.ok();
  }

 protected:
  Keys<State> keys_;

 private:
  Derived& self() { return static_cast<Derived&>(*this); }
};

}  // namespace nw::correlation
