#include "detect/liveness/watch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/hash.h"

namespace nw::liveness {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kMagic = "nw liveness 1\n";
// Longer between two looks, and it was us who were held up.
constexpr Nanoseconds kLookMax = seconds{5};
constexpr Nanoseconds kBackLeast = seconds{1}, kBackMost = seconds{60};
constexpr unsigned kFlapsMax = 5;
constexpr Nanoseconds kFlapping = hours{1};  // a state that comes back so soon has not gone
constexpr unsigned kLowWindows = 3, kEnoughWindows = 2;
constexpr std::uint64_t kParseLines = 20, kParseUnread = 5;
constexpr Nanoseconds kParseMost = hours{24};
constexpr double kUnreadMax = 5;       // percent, above what is usual
constexpr double kUnreadMemory = 144;  // windows: a day of them
constexpr double kLossMax = 1;         // percent
constexpr Nanoseconds kLossStep = minutes{1};
constexpr unsigned kLossMinutes = 5;
constexpr double kSkewMax = 300;     // seconds
constexpr double kSkewSettled = 64;  // looks until a median is one (clock_skew.h)
constexpr double kSkewMemory = 3600;
constexpr unsigned kAskew = 5;                    // looks with records: one line says nothing
constexpr Nanoseconds kOwnJumpLasts = hours{2};   // the median of a slow source looks back for one hour
constexpr Nanoseconds kSkewAccepted = hours{24};  // then the clock is what it is

double to_seconds(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }
std::uint64_t since(std::uint64_t now, std::uint64_t before) { return now > before ? now - before : 0; }
double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::string_view to_string(State state) {
  static constexpr std::array<std::string_view, kStates> kNames{"silent",         "never_heard", "volume_collapse",
                                                                "parse_failures", "clock_jump",  "losing"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view unit_of(State state) {
  static constexpr std::array<std::string_view, kStates> kUnits{"seconds of silence",   "seconds of silence",
                                                                "records an hour",      "percent of the lines",
                                                                "seconds of deviation", "percent of the records"};
  return kUnits[static_cast<std::size_t>(state)];
}

void Watch::begin(const Change& change, std::vector<Change>& out) {
  Latch& latch = this->latch(change.state);
  latch.on = true;
  latch.flaps =
      latch.ended != Nanoseconds{} && now_ - latch.ended < kFlapping ? std::min(latch.flaps + 1, kFlapsMax) : 0;
  latch.begun = change;
  latch.begun.begins = true;
  out.push_back(latch.begun);
}

void Watch::end(State state, double seen, std::vector<Change>& out) {
  Latch& latch = this->latch(state);
  latch.on = false;
  latch.ended = now_;
  Change change = latch.begun;
  change.begins = false;
  change.seen = seen;
  out.push_back(change);
}

void Watch::look(const Look& look, std::vector<Change>& out) {
  if (expect_.off) return;
  if (!begun_) {
    begun_ = true;
    steady_ = look.steady;  // the counters began at nothing
  }
  const Nanoseconds gone = std::clamp(look.steady - steady_, Nanoseconds{}, kLookMax);
  steady_ = look.steady;
  now_ += gone;
  for (Latch& latch : latches_)
    if (!latch.on && now_ - latch.ended >= kFlapping) latch.flaps = 0;
  const std::uint64_t records = since(look.records, records_);
  records_ = look.records;
  const std::size_t hour = hour_of_week(look.wall);
  // The pause that these records end belongs to the hour, too.
  rhythm_.pass(hour, gone, now_ - last_heard_, heard_);
  look_for_silence(look, records, out);
  if (!window_) {
    window_ = now_;
    window_hour_ = hour;
    window_records_ = look.records - records;
  }
  if (now_ - *window_ >= Rhythm::kWindow) end_window(look, out);
  if (now_ - loss_since_ >= kLossStep) look_for_loss(look, out);
  look_at_clock(look, records != 0, out);
}

void Watch::look_for_silence(const Look& look, std::uint64_t records, std::vector<Change>& out) {
  if (records != 0) {
    heard_ = true;
    last_heard_ = now_;
  }
  const bool nothing = !heard_ && rhythm_.empty() && !expect_.silent_after;
  const State state = nothing ? State::never_heard : State::silent;
  const auto learned = rhythm_.silence_limit(hour_of_week(look.wall));
  limit_ = expect_.silent_after ? *expect_.silent_after : nothing ? kNeverHeard : learned.value_or(kUnlearned);
  const Nanoseconds silence = now_ - last_heard_;
  const bool now_on = standing(State::silent) != nullptr || standing(State::never_heard) != nullptr;
  if (!now_on) {
    back_.reset();
    // Declared is declared: what was promised is not put off.
    const std::int64_t times = expect_.silent_after ? 1 : patience(state);
    if (look.failed || silence >= limit_ * times)
      begin({look.failed ? State::silent : state, true, look.wall - silence, to_seconds(limit_), to_seconds(silence)},
            out);
    return;
  }
  if (records != 0 && !back_) back_ = now_;
  if (silence >= limit_ || look.failed) back_.reset();
  const Nanoseconds back = std::clamp(limit_, kBackLeast, kBackMost);
  if (!back_ || now_ - *back_ < back) return;
  for (const State each : {State::silent, State::never_heard})
    if (const Change* begun = standing(each))
      end(each, to_seconds(std::max(look.wall - begun->since - back, Nanoseconds{})), out);
}

void Watch::end_window(const Look& look, std::vector<Change>& out) {
  const std::uint64_t records = since(look.records, window_records_);
  windows_[windows_count_++ % windows_.size()] = records;
  if (expect_.least_per_hour)
    judge_declared_volume(look, out);
  else
    judge_volume(look, records, out);
  if (heard_) rhythm_.window(window_hour_, records);
  judge_parsing(look, out);
  window_ = now_;
  window_hour_ = hour_of_week(look.wall);
  window_records_ = look.records;
}

void Watch::judge_volume(const Look& look, std::uint64_t records, std::vector<Change>& out) {
  const auto usual = rhythm_.volume(window_hour_);
  const auto count = static_cast<double>(records);
  if (!usual) {
    low_ = enough_ = 0;
    return;
  }
  low_ = count < usual->least ? low_ + 1 : 0;
  enough_ = count >= 2 * usual->least ? enough_ + 1 : 0;
  constexpr double kAnHour = 6;
  if (standing(State::volume_collapse) != nullptr) {
    if (enough_ >= kEnoughWindows) end(State::volume_collapse, kAnHour * count, out);
    return;
  }
  // Nothing at all is silence, and told as such.
  if (low_ < kLowWindows * patience(State::volume_collapse) || standing(State::silent) != nullptr) return;
  std::uint64_t together = 0;
  for (std::uint64_t i = windows_count_ - kLowWindows; i < windows_count_; ++i)
    together += windows_[i % windows_.size()];
  if (together == 0) return;
  begin({State::volume_collapse, true, look.wall - low_ * Rhythm::kWindow, kAnHour * usual->expected,
         kAnHour * static_cast<double>(together) / kLowWindows},
        out);
}

void Watch::judge_declared_volume(const Look& look, std::vector<Change>& out) {
  if (windows_count_ < windows_.size()) return;
  const std::uint64_t hour = std::accumulate(windows_.begin(), windows_.end(), std::uint64_t{0});
  const bool low = hour < *expect_.least_per_hour;
  enough_ = low ? 0 : enough_ + 1;
  const bool on = standing(State::volume_collapse) != nullptr;
  if (on && enough_ >= kEnoughWindows) end(State::volume_collapse, static_cast<double>(hour), out);
  if (!on && low && standing(State::silent) == nullptr && standing(State::never_heard) == nullptr)
    begin({State::volume_collapse, true, look.wall - hours{1}, static_cast<double>(*expect_.least_per_hour),
           static_cast<double>(hour)},
          out);
}

// Over a window, or as many as it takes to have some lines.
void Watch::judge_parsing(const Look& look, std::vector<Change>& out) {
  const std::uint64_t lines = since(look.records, parse_records_), unread = since(look.unread, parse_unread_);
  const Nanoseconds span = now_ - parse_since_;
  if (lines < kParseLines && span < kParseMost) return;
  parse_records_ = look.records;
  parse_unread_ = look.unread;
  parse_since_ = now_;
  if (lines < kParseLines) return;
  const double share = percent(unread, lines);
  const double limit = expect_.parse_failures_max ? *expect_.parse_failures_max : 1.5 * usual_unread_ + kUnreadMax;
  misread_ = share > limit && unread >= kParseUnread ? misread_ + 1 : 0;
  if (standing(State::parse_failures) != nullptr) {
    if (share <= limit / 2) end(State::parse_failures, share, out);
  } else if (misread_ >= patience(State::parse_failures)) {
    begin({State::parse_failures, true, look.wall - span, limit, share}, out);
  }
  unread_count_ = std::min(unread_count_ + 1, kUnreadMemory);
  usual_unread_ += (std::min(share, limit) - usual_unread_) / unread_count_;
}

void Watch::look_for_loss(const Look& look, std::vector<Change>& out) {
  const std::uint64_t lost = since(look.lost, loss_lost_), records = since(look.records, loss_records_);
  loss_lost_ = look.lost;
  loss_records_ = look.records;
  loss_since_ = now_;
  const double share = percent(lost, lost + records);
  lost_percent_ = share > kLossMax ? std::max(losing_ == 0 ? 0 : lost_percent_, share) : lost_percent_;
  losing_ = share > kLossMax ? losing_ + 1 : 0;
  whole_ = share <= kLossMax / 2 ? whole_ + 1 : 0;
  if (standing(State::losing) != nullptr) {
    if (whole_ >= kLossMinutes) end(State::losing, share, out);
  } else if (losing_ >= kLossMinutes * patience(State::losing)) {
    begin({State::losing, true, look.wall - losing_ * kLossStep, kLossMax, lost_percent_}, out);
  }
}

void Watch::own_jump(Nanoseconds by) {
  own_jump_ = to_seconds(by) + (own_jump_until_ ? own_jump_ : 0);
  own_jump_until_ = now_ + kOwnJumpLasts;
}

void Watch::look_at_clock(const Look& look, bool records, std::vector<Change>& out) {
  if (!look.skew) return;
  const double skew = to_seconds(*look.skew);
  const double limit = expect_.clock_skew_max ? to_seconds(*expect_.clock_skew_max) : kSkewMax + 3 * skew_spread_;
  const auto near = [&](double usual) { return std::abs(skew - usual) <= limit; };
  if (own_jump_until_ && now_ >= *own_jump_until_) {
    // By now the median knows our new time only.
    if (std::abs(skew - skew_ - own_jump_) < std::abs(skew - skew_)) skew_ += own_jump_;
    own_jump_until_.reset();
  }
  if (!records) return;
  if (skew_count_ < kSkewSettled) {
    skew_ = skew;
    skew_count_ += 1;
    return;
  }
  const bool straight = near(skew_) || (own_jump_until_ && near(skew_ + own_jump_));
  const bool on = standing(State::clock_jump) != nullptr;
  if (straight) {
    if (near(skew_)) {
      const double away = skew - skew_;
      skew_ += away / kSkewMemory;
      skew_spread_ += (std::abs(away) - skew_spread_) / kSkewMemory;
    }
    askew_ = 0;
    if (on && ++straight_ >= kAskew) end(State::clock_jump, skew - skew_, out);
    return;
  }
  straight_ = 0;
  if (askew_++ == 0 && !on) {
    askew_since_ = look.wall;
    askew_begun_ = now_;
  }
  if (!on && askew_ >= kAskew * patience(State::clock_jump))
    begin({State::clock_jump, true, askew_since_, limit, skew - skew_}, out);
  else if (on && now_ - askew_begun_ >= kSkewAccepted) {
    const double away = skew - skew_;
    skew_ = skew;
    end(State::clock_jump, away, out);
  }
}

std::string Watch::save() const {
  std::string out{kMagic};
  rhythm_.save(out);
  for (const double value : {usual_unread_, unread_count_, skew_, skew_spread_, skew_count_}) put_number(value, out);
  put_number(hash64(out), out);
  return out;
}

Result<> Watch::restore(std::string_view bytes) {
  constexpr std::size_t kSum = 8;
  if (!bytes.starts_with(kMagic)) return Error{Errc::malformed, "what was learned is of another version"};
  if (bytes.size() < kMagic.size() + kSum) return Error{Errc::malformed, "what was learned is cut short"};
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  ByteReader sum{Bytes{data, bytes.size()}.last(kSum)};
  if (sum.u64be() != hash64(bytes.substr(0, bytes.size() - kSum)))
    return Error{Errc::malformed, "what was learned is damaged"};
  ByteReader in{Bytes{data, bytes.size() - kSum}.subspan(kMagic.size())};
  Rhythm rhythm;
  bool good = rhythm.restore(in);
  std::array<double, 5> values{};
  for (double& value : values) value = take_real(in);
  const auto within = [](double value, double least, double most) { return value >= least && value <= most; };
  constexpr double kFar = 1e10;  // seconds: hundreds of years, which is what nanoseconds hold
  good = good && within(values[0], 0, 100) && within(values[1], 0, kUnreadMemory) && within(values[2], -kFar, kFar) &&
         within(values[3], 0, kFar) && within(values[4], 0, kSkewSettled);
  if (!good || !in.ok() || !in.empty()) return Error{Errc::malformed, "what was learned holds impossible numbers"};
  rhythm_ = rhythm;
  usual_unread_ = values[0];
  unread_count_ = values[1];
  skew_ = values[2];
  skew_spread_ = values[3];
  skew_count_ = values[4];
  return {};
}

}  // namespace nw::liveness
