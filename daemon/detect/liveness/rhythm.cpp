#include "detect/liveness/rhythm.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nw::liveness {

namespace {

using std::chrono::duration_cast;

constexpr double kMargin = 3;  // standard deviations
constexpr double kPauses = 3;  // a silence is at least so many usual ones
constexpr double kPooledMax = 4096;
constexpr double kLogMax = 64;         // of any mean that is read back: e^64 of anything is none
constexpr double kRestSeconds = 1800;  // who is never silent for longer, at no hour of the day, does not rest
constexpr auto kWholeHour = std::chrono::minutes{50};
// Volumes vary more than pauses: two weeks of an hour, or three days of an hour of the day, in windows.
constexpr double kWeekWindows = 12, kDayWindows = 18;
constexpr double kVolumeLeast = 10;  // records in a window; below it a tenth is none
constexpr double kCollapse = 0.1;    // of the expected

double seconds(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }
Nanoseconds from_seconds(double value) {
  return duration_cast<Nanoseconds>(std::chrono::duration<double>(std::min(value, 1e9)));
}

// The hour, and its neighbours on both sides: summer time shifts everything by one, and people do.
template <std::size_t kHours>
std::array<std::size_t, 3> around(std::size_t hour) {
  return {hour % kHours, (hour + 1) % kHours, (hour + kHours - 1) % kHours};
}

template <std::size_t kHours>
double limit_of(const HourTable<kHours>& table, std::size_t hour) {
  const double usual = std::exp(table.at_hour(hour).mean);
  const double limit = usual * std::max(kPauses, std::exp(table.margin(hour)));
  const double most = std::max(seconds(Rhythm::kMostSilence), 1.5 * usual);
  return std::clamp(limit, seconds(Rhythm::kLeastSilence), most);
}

template <std::size_t kHours>
Nanoseconds widest_limit(const HourTable<kHours>& table, std::size_t hour) {
  double widest = 0;
  for (const std::size_t each : around<kHours>(hour))
    if (table.at_hour(each).count >= 1) widest = std::max(widest, limit_of(table, each));
  return from_seconds(widest);
}

// Nothing where a neighbour's usual volume is too small.
template <std::size_t kHours>
std::optional<Rhythm::Volume> least_volume(const HourTable<kHours>& table, std::size_t hour) {
  Rhythm::Volume out{HUGE_VAL, HUGE_VAL};
  for (const std::size_t each : around<kHours>(hour)) {
    const HourStat& stat = table.at_hour(each);
    if (stat.count < 1) continue;
    const double expected = std::expm1(stat.mean);
    out.expected = std::min(out.expected, expected);
    out.least = std::min({out.least, kCollapse * expected, std::expm1(stat.mean - table.margin(each))});
  }
  if (out.expected < kVolumeLeast || out.least <= 0) return std::nullopt;
  return out;
}

}  // namespace

std::size_t hour_of_week(Timestamp time) noexcept {
  constexpr std::int64_t kWeek = kHoursOfWeek, kThursday = 72;  // the epoch's day
  const std::int64_t hours = std::chrono::floor<std::chrono::hours>(time.time_since_epoch()).count();
  return static_cast<std::size_t>(((hours + kThursday) % kWeek + kWeek) % kWeek);
}

void put_number(std::uint64_t value, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<unsigned char>(value >> shift));
}
void put_number(double value, std::string& out) { put_number(std::bit_cast<std::uint64_t>(value), out); }
double take_real(ByteReader& in) noexcept { return std::bit_cast<double>(in.u64be()); }

template <std::size_t kHours>
void HourTable<kHours>::add(std::size_t hour, double sample) {
  HourStat& stat = hours_[hour % kHours];
  const double away = sample - stat.mean;
  if (stat.count >= 1) {
    // The mean of few samples is itself off.
    const double square = away * away * stat.count / (stat.count + 1);
    pooled_count_ = std::min(pooled_count_ + 1, kPooledMax);
    pooled_ += (square - pooled_) / pooled_count_;
  }
  stat.count = std::min(stat.count + 1, most_);
  const double weight = 1 / stat.count;
  stat.mean += weight * away;
  stat.variance = (1 - weight) * (stat.variance + weight * away * away);
}

template <std::size_t kHours>
double HourTable<kHours>::margin(std::size_t hour) const {
  const HourStat& stat = hours_[hour % kHours];
  const double variance = stat.count >= 3 ? std::max(pooled_, stat.variance) : pooled_;
  return kMargin * std::sqrt(variance * (1 + 1 / std::max(stat.count, 1.0)));
}

template <std::size_t kHours>
void HourTable<kHours>::save(std::string& out) const {
  put_number(pooled_, out);
  put_number(pooled_count_, out);
  for (const HourStat& stat : hours_) {
    put_number(stat.count, out);
    put_number(stat.mean, out);
    put_number(stat.variance, out);
  }
}

template <std::size_t kHours>
bool HourTable<kHours>::restore(ByteReader& in) {
  const auto within = [](double value, double least, double most) {
    return value >= least && value <= most;
  };  // no NaN
  pooled_ = take_real(in);
  pooled_count_ = take_real(in);
  bool good = within(pooled_, 0, kLogMax * kLogMax) && within(pooled_count_, 1, kPooledMax);
  for (HourStat& stat : hours_) {
    stat.count = take_real(in);
    stat.mean = take_real(in);
    stat.variance = take_real(in);
    good = good && within(stat.count, 0, most_) && within(stat.mean, 0, kLogMax) &&
           within(stat.variance, 0, kLogMax * kLogMax);
  }
  return good && in.ok();
}

template class HourTable<kHoursOfDay>;
template class HourTable<kHoursOfWeek>;

void Rhythm::pass(std::size_t hour, Nanoseconds time, Nanoseconds silence, bool known) {
  if (hour != hour_) {
    end_hour();
    hour_ = hour;
    seen_ = longest_ = {};
    whole_ = true;
  }
  seen_ += time;
  longest_ = std::max(longest_, silence);
  whole_ = whole_ && known;
}

void Rhythm::end_hour() {
  if (hour_ >= kHoursOfWeek || seen_ < kWholeHour || !whole_) return;
  // An outage counts for no more than what was just not one yet, by this hour alone: it cannot teach that outages are
  // usual; a lasting change does, over some weeks.
  double longest = std::max(seconds(longest_), 1.0);
  if (silences_.at_hour(hour_).count >= 1)
    longest = std::min(longest, limit_of(silences_, hour_));
  else if (restless())
    longest = std::min(longest, limit_of(day_silences_, hour_));
  const double sample = std::log(longest);
  silences_.add(hour_, sample);
  day_silences_.add(hour_, sample);
  empty_ = false;
}

void Rhythm::window(std::size_t hour, std::uint64_t records) {
  double sample = std::log1p(static_cast<double>(records));
  if (const auto usual = volume(hour)) sample = std::max(sample, std::log1p(usual->least));
  volumes_.add(hour, sample);
  day_volumes_.add(hour, sample);
}

bool Rhythm::restless() const {
  for (std::size_t hour = 0; hour < kHoursOfDay; ++hour) {
    const HourStat& stat = day_silences_.at_hour(hour);
    if (stat.count < 1 || std::exp(stat.mean) > kRestSeconds) return false;
  }
  return true;
}

std::optional<Nanoseconds> Rhythm::silence_limit(std::size_t hour) const {
  if (silences_.at_hour(hour).count >= 1) return widest_limit(silences_, hour);
  if (restless()) return widest_limit(day_silences_, hour);
  return std::nullopt;
}

std::optional<Rhythm::Volume> Rhythm::volume(std::size_t hour) const {
  if (volumes_.at_hour(hour).count >= kWeekWindows) return least_volume(volumes_, hour);
  if (day_volumes_.at_hour(hour).count >= kDayWindows && restless()) return least_volume(day_volumes_, hour);
  return std::nullopt;
}

void Rhythm::save(std::string& out) const {
  silences_.save(out);
  volumes_.save(out);
  day_silences_.save(out);
  day_volumes_.save(out);
  put_number(std::uint64_t{empty_ ? 1U : 0U}, out);
}

bool Rhythm::restore(ByteReader& in) {
  const bool good =
      silences_.restore(in) && volumes_.restore(in) && day_silences_.restore(in) && day_volumes_.restore(in);
  const std::uint64_t empty = in.u64be();
  empty_ = empty == 1;
  return good && in.ok() && empty <= 1;
}

}  // namespace nw::liveness
