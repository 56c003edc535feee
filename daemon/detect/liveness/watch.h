// Is a source well? Fed about once a second with plain numbers, it says when the source falls silent, gives far less
// than usual, is not understood any more, has a clock that jumped, or loses what it should give; and when that is over.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "detect/liveness/rhythm.h"

namespace nw::liveness {

// What is declared of a source; what is absent is learned.
struct Expect {
  bool off = false;
  std::optional<Nanoseconds> silent_after;
  std::optional<std::uint64_t> least_per_hour;
  std::optional<double> parse_failures_max;  // percent of the lines
  std::optional<Nanoseconds> clock_skew_max;
};

enum class State : std::uint8_t { silent, never_heard, volume_collapse, parse_failures, clock_jump, losing };
constexpr std::size_t kStates = static_cast<std::size_t>(State::losing) + 1;
std::string_view to_string(State state);
// What the figures of a state count.
std::string_view unit_of(State state);

// All count from the source's opening.
struct Look {
  Timestamp wall;
  Nanoseconds steady{};  // of a clock that nobody sets
  std::uint64_t records = 0, unread = 0, lost = 0;
  std::optional<Nanoseconds> skew;  // receive time minus stated time, median
  bool failed = false;              // the input itself says that it has stopped
};

// `expected` and `seen` count in unit_of(): seconds of silence, records an hour, percent of lines, seconds of
// deviation, percent of records.
struct Change {
  State state{};
  bool begins = false;
  Timestamp since;  // when it began to be so, which is before it could be told
  double expected = 0, seen = 0;
};

class Watch {
 public:
  static constexpr Nanoseconds kUnlearned = std::chrono::hours{72};   // a weekend and a night
  static constexpr Nanoseconds kNeverHeard = std::chrono::hours{24};  // since the start, of what was never heard at all

  explicit Watch(const Expect& expect) : expect_{expect} {}

  // Adds what has changed to `out`.
  void look(const Look& look, std::vector<Change>& out);
  // Our own clock was set by so much, forwards or back: the sources' clocks seem to have jumped, and have not.
  void own_jump(Nanoseconds by);

  // What holds now; null: it does not.
  [[nodiscard]] const Change* standing(State state) const {
    const Latch& latch = latches_[static_cast<std::size_t>(state)];
    return latch.on ? &latch.begun : nullptr;
  }
  // Beyond it the source is silent, at this hour.
  [[nodiscard]] Nanoseconds silence_limit() const noexcept { return limit_; }

  // What was learned. A restart begins with it; the silence itself is counted from the start.
  [[nodiscard]] std::string save() const;
  // `malformed`: the bytes are damaged or of another version, and the watch learns anew.
  Result<> restore(std::string_view bytes);

 private:
  // A state that comes and goes has to last longer each time to be told again.
  struct Latch {
    bool on = false;
    unsigned flaps = 0;
    Nanoseconds ended{};
    Change begun;
  };
  Latch& latch(State state) { return latches_[static_cast<std::size_t>(state)]; }
  void begin(const Change& change, std::vector<Change>& out);
  void end(State state, double seen, std::vector<Change>& out);
  // How many times as long as usual the state has to last now.
  [[nodiscard]] std::int64_t patience(State state) const {
    return std::int64_t{1} << latches_[static_cast<std::size_t>(state)].flaps;
  }

  void look_for_silence(const Look& look, std::uint64_t records, std::vector<Change>& out);
  void end_window(const Look& look, std::vector<Change>& out);
  void judge_volume(const Look& look, std::uint64_t records, std::vector<Change>& out);
  void judge_declared_volume(const Look& look, std::vector<Change>& out);
  void judge_parsing(const Look& look, std::vector<Change>& out);
  void look_for_loss(const Look& look, std::vector<Change>& out);
  void look_at_clock(const Look& look, bool records, std::vector<Change>& out);

  Expect expect_;
  Rhythm rhythm_;
  std::array<Latch, kStates> latches_{};
  bool begun_ = false;
  Nanoseconds now_{};  // time in which somebody looked; everything below counts by it
  Nanoseconds steady_{};
  std::uint64_t records_ = 0;  // at the last look

  bool heard_ = false;  // since the start
  Nanoseconds last_heard_{};
  Nanoseconds limit_ = kUnlearned;
  std::optional<Nanoseconds> back_;  // since when it speaks again

  // The window under way: it began at, and the counts then.
  std::optional<Nanoseconds> window_;
  std::size_t window_hour_ = 0;
  std::uint64_t window_records_ = 0;
  std::array<std::uint64_t, 6> windows_{};  // the records of the last ones, an hour together
  std::uint64_t windows_count_ = 0;
  unsigned low_ = 0, enough_ = 0;  // windows in a row

  std::uint64_t parse_records_ = 0, parse_unread_ = 0;  // when what is judged next began
  Nanoseconds parse_since_{};
  unsigned misread_ = 0;
  double usual_unread_ = 0, unread_count_ = 0;  // percent, learned

  Nanoseconds loss_since_{};
  std::uint64_t loss_records_ = 0, loss_lost_ = 0;
  unsigned losing_ = 0, whole_ = 0;  // minutes in a row
  double lost_percent_ = 0;          // over the minutes in a row that were bad

  double skew_ = 0, skew_spread_ = 0, skew_count_ = 0;  // seconds, learned
  double own_jump_ = 0;                                 // seconds
  std::optional<Nanoseconds> own_jump_until_;
  unsigned askew_ = 0, straight_ = 0;  // looks with records, in a row
  Timestamp askew_since_;
  Nanoseconds askew_begun_{};
};

// Tells when our own wall clock was set: it went another way than the steady one, by more than five seconds between two
// looks.
class OwnClock {
 public:
  static constexpr Nanoseconds kStep = std::chrono::seconds{5};
  // By how much, if it was.
  std::optional<Nanoseconds> look(Timestamp wall, Nanoseconds steady) {
    const Nanoseconds apart = wall.time_since_epoch() - steady;
    const std::optional<Nanoseconds> before = std::exchange(apart_, apart);
    if (!before || (apart - *before <= kStep && *before - apart <= kStep)) return std::nullopt;
    return apart - *before;
  }

 private:
  std::optional<Nanoseconds> apart_;
};

}  // namespace nw::liveness
