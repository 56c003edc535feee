#include "ingest/flows/sequence.h"

#include <algorithm>

namespace nw::flows {

namespace {

// Further apart is no loss and no disorder: the exporter counts anew.
constexpr std::int32_t kGapMax = 1'000'000, kLateMax = 10'000;
constexpr std::int64_t kWrap = std::int64_t{1} << 32U;  // milliseconds: 49.7 days
constexpr std::int64_t kClockSlack = 60'000;            // milliseconds that a clock may be set by
constexpr std::uint32_t kLateUptime = 10'000;           // milliseconds

}  // namespace

// The uptime went back. When the moment at which the exporter began is the same as before (a late datagram), or later
// by the 32 bits that the number has (it wrapped), it goes on as ever.
bool Sequence::restarted(std::optional<std::uint32_t> export_seconds,
                         std::optional<std::uint32_t> uptime) const noexcept {
  if (!uptime || !uptime_ || *uptime >= *uptime_) return false;
  if (!export_seconds || !seconds_ || *export_seconds == 0)  // no clock to ask
    return *uptime_ - *uptime > kLateUptime && *uptime_ < 0xffff'ffffU - kClockSlack;
  const std::int64_t begun = std::int64_t{*export_seconds} * 1000 - *uptime;
  const std::int64_t before = std::int64_t{*seconds_} * 1000 - *uptime_;
  const std::int64_t moved = begun - before;
  if (moved > kWrap - kClockSlack && moved < kWrap + kClockSlack) return false;
  return moved > kClockSlack || (moved > 2000 && *uptime_ - *uptime > kLateUptime);
}

void Sequence::see(std::uint32_t at, std::optional<std::uint32_t> units, std::optional<std::uint32_t> export_seconds,
                   std::optional<std::uint32_t> uptime, SequenceCounters& out) noexcept {
  const bool restart = restarted(export_seconds, uptime);
  bool late = false;
  if (restart) {
    ++out.restarts;
    owed_ = 0;
  } else if (known_) {
    const auto apart = static_cast<std::int32_t>(at - next_);
    if (apart > 0 && apart <= kGapMax) {
      out.lost += static_cast<std::uint32_t>(apart);
      owed_ += static_cast<std::uint32_t>(apart);
    } else if (apart < 0 && apart >= -kLateMax) {
      late = true;
      ++out.reordered;
      // What came late is not lost.
      const std::uint32_t back = std::min({owed_, units.value_or(0), static_cast<std::uint32_t>(-apart)});
      owed_ -= back;
      out.lost -= std::min<std::uint64_t>(out.lost, back);
    } else if (apart != 0) {
      ++out.restarts;
      owed_ = 0;
    }
  }
  if (late) return;
  known_ = units.has_value();
  next_ = at + units.value_or(0);
  seconds_ = export_seconds;
  uptime_ = uptime;
}

}  // namespace nw::flows
