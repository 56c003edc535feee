// What is usual of a source, by the hour of the week: how long it pauses, and how much it gives. Learned from plain
// numbers; bounded (168 hours); old weeks fade.
//
// A pause is judged by the longest one that is usual *in this hour*. At night an office's source may be silent for
// fourteen hours, and by half past nine that has to be over. The same holds for a job that runs once a day: one hour
// after its time the usual silence is one hour.
//
// All statistics are of logarithms: silences and volumes spread by factors, not by amounts. How far one may be from the
// usual follows from how far it was in all hours together, so that an hour that was seen once can be judged.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_reader.h"
#include "base/time.h"

namespace nw::liveness {

constexpr std::size_t kHoursOfDay = 24, kHoursOfWeek = 168;

// Monday 00:00 UTC is 0.
std::size_t hour_of_week(Timestamp time) noexcept;

// Mean and variance of one hour, in which old samples fade: after `most` samples each new one weighs 1/most.
struct HourStat {
  double count = 0, mean = 0, variance = 0;
};

template <std::size_t kHours>
class HourTable {
 public:
  // `spread`: the standard deviation that is assumed before anything is known.
  HourTable(double most, double spread) : most_{most}, pooled_{spread * spread} {}

  void add(std::size_t hour, double sample);
  [[nodiscard]] const HourStat& at_hour(std::size_t hour) const { return hours_[hour % kHours]; }
  // How far a further sample may be from the hour's mean: three standard deviations, of this hour or of all together,
  // whichever is more, and of the mean itself.
  [[nodiscard]] double margin(std::size_t hour) const;

  void save(std::string& out) const;
  [[nodiscard]] bool restore(ByteReader& in);

 private:
  std::array<HourStat, kHours> hours_{};
  double most_;
  double pooled_,
      pooled_count_ = 24;  // of the deviations from the hours' means; the assumption weighs a day of samples
};

extern template class HourTable<kHoursOfDay>;
extern template class HourTable<kHoursOfWeek>;

class Rhythm {
 public:
  static constexpr Nanoseconds kLeastSilence = std::chrono::seconds{60};
  // No silence is taken for usual beyond it unless the hour has seen one: a day, and the two hours that a daily job
  // may be late.
  static constexpr Nanoseconds kMostSilence = std::chrono::hours{26};
  static constexpr Nanoseconds kWindow = std::chrono::minutes{10};  // of volumes

  // Time went by in this hour of the week; nothing has come for `silence`. `known`: since when is known, too, which it
  // is not before the first record after a start.
  void pass(std::size_t hour, Nanoseconds time, Nanoseconds silence, bool known);
  // A whole window has ended, which began in this hour.
  void window(std::size_t hour, std::uint64_t records);

  // Beyond it the source is silent. Nothing: not learned. That takes a day for a source that never rests, a week for
  // others: who was there for less has not seen a night, or a Sunday.
  [[nodiscard]] std::optional<Nanoseconds> silence_limit(std::size_t hour) const;

  struct Volume {
    double expected = 0, least = 0;  // records in a window
  };
  // Nothing: not learned, or so little is usual that less says nothing.
  [[nodiscard]] std::optional<Volume> volume(std::size_t hour) const;
  // Whether no hour was ever seen whole.
  [[nodiscard]] bool empty() const noexcept { return empty_; }

  void save(std::string& out) const;
  // False: what was there does not hold a rhythm; this one is then of no use.
  [[nodiscard]] bool restore(ByteReader& in);

 private:
  void end_hour();
  [[nodiscard]] bool restless() const;

  HourTable<kHoursOfWeek> silences_{8, 0.7}, volumes_{48, 0.5};
  HourTable<kHoursOfDay> day_silences_{8, 0.7}, day_volumes_{48, 0.5};
  bool empty_ = true;
  // The hour under way.
  std::size_t hour_ = kHoursOfWeek;
  Nanoseconds seen_{}, longest_{};
  bool whole_ = true;
};

// Eight bytes each.
void put_number(double value, std::string& out);
void put_number(std::uint64_t value, std::string& out);
[[nodiscard]] double take_real(ByteReader& in) noexcept;

}  // namespace nw::liveness
