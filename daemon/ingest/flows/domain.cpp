#include "ingest/flows/domain.h"

#include <algorithm>
#include <cmath>

namespace nw::flows {

namespace {

constexpr std::uint64_t kRateMax = 0xffff'ffff;

std::uint32_t clamped(std::uint64_t rate) noexcept { return static_cast<std::uint32_t>(std::min(rate, kRateMax)); }

// `all` for each `part`, rounded.
std::uint32_t ratio(std::uint64_t all, std::uint64_t part) noexcept {
  return part == 0 ? 0 : clamped(all / part + (all % part >= part - part / 2 ? 1 : 0));
}

template <class Table, class Key>
bool put(Table& table, const Key& key, typename Table::mapped_type value, std::size_t room) {
  const auto found = table.find(key);
  if (found == table.end() && room == 0) return false;
  if (found != table.end())
    found->second = std::move(value);
  else
    table.emplace(key, std::move(value));
  return true;
}

std::string bounded(std::string_view name) { return std::string{name.substr(0, kNameMax)}; }

template <class Table, class Key>
std::uint32_t known(const Table& table, const Key& key) noexcept {
  const auto found = table.find(key);
  return found == table.end() ? 0 : found->second;
}

}  // namespace

std::uint32_t stated_rate(const Record& record) noexcept {
  if (record.number(kInterval) != 0) return clamped(record.number(kInterval));
  // RFC 5477 section 8.2: of each interval and the space behind it, the interval is sampled.
  if (const std::uint64_t interval = record.number(kPacketInterval); interval != 0) {
    const std::uint64_t space = std::min(record.number(kPacketSpace), kRateMax * kRateMax);
    return ratio(std::min(interval, kRateMax) + space, std::min(interval, kRateMax));
  }
  if (record.has(kSampleSize) && record.has(kSamplePopulation))
    return ratio(record.number(kSamplePopulation), record.number(kSampleSize));
  if (record.has(kProbability)) {
    const double chance = record.value(kProbability).as_real();
    if (chance > 1e-9 && chance <= 1.0) return clamped(static_cast<std::uint64_t>(std::llround(1.0 / chance)));
  }
  return 0;
}

std::uint32_t sampling_rate(const Record& record, const Domain& domain) noexcept {
  if (const std::uint32_t rate = stated_rate(record); rate != 0) return rate;
  if (record.has(kSelectorId))
    if (const std::uint32_t rate = known(domain.selectors, record.number(kSelectorId)); rate != 0) return rate;
  if (record.has(kSamplerId))
    if (const std::uint32_t rate = known(domain.samplers, record.number(kSamplerId)); rate != 0) return rate;
  if (!domain.interfaces.empty() && record.has(kInput)) {
    const auto found = domain.interfaces.find(clamped(record.number(kInput)));
    if (found != domain.interfaces.end() && found->second.rate != 0) return found->second.rate;
  }
  return domain.rate;
}

std::optional<ApplicationId> application_id(std::string_view octets) noexcept {
  if (octets.size() < 2 || octets.size() > 9) return std::nullopt;
  ApplicationId out{static_cast<unsigned char>(octets.front()), 0};
  for (const char octet : octets.substr(1)) out.number = out.number << 8U | static_cast<unsigned char>(octet);
  return out;
}

bool learn(const Record& record, std::size_t room, Domain& domain) {
  const std::uint32_t rate = stated_rate(record);
  bool fits = true;
  if (record.has(kBootAt)) domain.boot = record.value(kBootAt).as_time();
  if (!record.text(kAppName).empty() && application_id(record.text(kAppNumber)))
    fits = put(domain.applications, record.text(kAppNumber), bounded(record.text(kAppName)), room);
  const std::string_view name =
      record.text(kInterfaceName).empty() ? record.text(kInterfaceDescription) : record.text(kInterfaceName);
  const bool has_interface = record.has(kInput) || record.has(kOutput);
  const bool other = record.has(kSelectorId) || record.has(kSamplerId);
  if (has_interface && (!name.empty() || (rate != 0 && !other))) {
    const std::uint32_t at = clamped(record.has(kInput) ? record.number(kInput) : record.number(kOutput));
    const auto found = domain.interfaces.find(at);
    Interface now = found == domain.interfaces.end() ? Interface{} : found->second;
    if (!name.empty()) now.name = bounded(name);
    if (rate != 0 && !other) now.rate = rate;
    return put(domain.interfaces, at, std::move(now), room) && fits;
  }
  if (rate == 0) return fits;
  if (record.has(kSelectorId)) return put(domain.selectors, record.number(kSelectorId), rate, room) && fits;
  if (record.has(kSamplerId)) return put(domain.samplers, record.number(kSamplerId), rate, room) && fits;
  domain.rate = rate;
  return fits;
}

}  // namespace nw::flows
