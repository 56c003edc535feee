#include "app/exposure_teller.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "base/hash.h"
#include "base/log.h"

namespace nw::app {

namespace {

using vulnerabilities::Exposure;

// What a reload does not change.
std::uint64_t identity(const Exposure& exposure) {
  std::uint64_t hash = hash64(exposure.host ? exposure.host->to_string() : std::string{});
  for (const std::string_view part : {exposure.asset, exposure.cve, exposure.product}) hash = hash64(part, hash);
  return hash64(exposure.certain ? "certain" : "possible", hash);
}

auto urgency(const Exposure* e) { return std::tuple{e->known_exploited, e->certain, e->severity}; }

}  // namespace

ExposureBatch ExposureTeller::look(const std::shared_ptr<const vulnerabilities::ExposureMap>& map, Timestamp now,
                                   std::size_t a_day) {
  ExposureBatch out;
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const bool new_day = day_ != day;
  if (!new_day && map == map_) return out;
  if (new_day) {
    today_.clear();
    told_today_ = 0;
  }
  day_ = day;
  map_ = map;
  if (!map) return out;
  out.map = map;
  out.now = now;
  std::vector<const Exposure*> open;
  for (const Exposure& exposure : map->all())
    if (today_.insert(identity(exposure)).second) open.push_back(&exposure);
  std::ranges::stable_sort(open, [](const Exposure* a, const Exposure* b) { return urgency(a) > urgency(b); });
  const std::size_t room = std::min(open.size(), a_day - std::min(a_day, told_today_));
  if (room < open.size()) {
    log_warning("exposures_left_out",
                "more vulnerabilities are open than a day has events for: rules do not see the rest",
                {{"open", std::to_string(open.size())}, {"told", std::to_string(room)}});
    left_out_ += open.size() - room;
    open.resize(room);
  }
  told_ += room;
  told_today_ += room;
  out.exposures = std::move(open);
  return out;
}

void ExposureTeller::fill(metrics::Snapshot& out) const {
  out.set("normwatch_exposures_told_total", {}, static_cast<double>(told_));
  out.set("normwatch_exposures_untold_total", {}, static_cast<double>(left_out_));
}

}  // namespace nw::app
