#include "app/packet_catch.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace nw::app {

namespace {

constexpr std::size_t kFreezeBytes = 2U << 20, kFreezeBytesMax = 32U << 20;

bool sealed(KeepEvidence keep) noexcept { return keep == KeepEvidence::sealed; }

// Third-party rules say nothing: headers of packets, and the line of logs.
std::string policy_of(const sigma::RuleSet& rules, const record::Alert& alert) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const sigma::RuleInfo& info = rules.info(i);
    if (info.id == alert.rule_id && info.title == alert.rule_title) return info.evidence;
  }
  return {};
}

}  // namespace

PacketCatch::PacketCatch(const EvidenceConfig& config, bool packets, PacketKeeper& keeper)
    : config_{config},
      keeper_{keeper},
      freeze_bytes_{std::clamp(2 * config.flow_bytes, kFreezeBytes, kFreezeBytesMax)} {
  if (packets && sealed(config.packets))
    ring_.emplace(record::PacketRing::Options{config.ring_bytes, config.flow_bytes, config.flow_time});
  if (ring_) memory_.resize(kRemembered);
}

void PacketCatch::interface(event::SourceId source, record::CapturedInterface interface) {
  const auto at = static_cast<std::size_t>(source);
  if (interfaces_.size() <= at) interfaces_.resize(at + 1);
  interface.link_type = interfaces_[at].name.empty() ? interface.link_type : interfaces_[at].link_type;
  interfaces_[at] = std::move(interface);
}

PacketCatch::Group* PacketCatch::group_of(const record::Alert& alert, const sigma::RuleSet& rules, Nanoseconds steady) {
  const std::string key = alert.group_key();
  const auto over = [steady](const Group& group) { return steady - group.since >= kGroupTime; };
  auto found = groups_.find(key);
  if (found != groups_.end() && !over(found->second)) return &found->second;
  if (found == groups_.end() && groups_.size() >= kGroupsMax) {
    std::erase_if(groups_, [&](const auto& group) { return over(group.second); });
    if (groups_.size() >= kGroupsMax) return nullptr;
  }
  return &groups_.insert_or_assign(key, Group{0, steady, policy_of(rules, alert)}).first->second;
}

bool PacketCatch::repeats(const record::Alert& alert, Nanoseconds steady) {
  std::string key = record::fold_key(alert);
  const int level = record::level_rank(alert.level);
  const auto found = seen_.find(key);
  if (found != seen_.end() && steady - found->second.last < kFoldTime) {
    found->second.last = steady;
    if (level <= found->second.level) return true;
    found->second.level = level;
    return false;
  }
  if (found == seen_.end() && seen_.size() >= kGroupsMax) {
    std::erase_if(seen_, [steady](const auto& seen) { return steady - seen.second.last >= kFoldTime; });
    // So many at once: what was first is not known any more, and kPerGroup is the bound.
    if (seen_.size() >= kGroupsMax) seen_.clear();
  }
  seen_.insert_or_assign(std::move(key), Seen{steady, level});
  return false;
}

std::optional<PacketCatch::Wanted> PacketCatch::wants(const record::Alert& alert, const event::Event& event,
                                                      std::optional<std::uint64_t> flow, const sigma::RuleSet& rules,
                                                      Nanoseconds steady) {
  return wants(alert, event.raw, event.source(), flow, rules, steady);
}

std::optional<PacketCatch::Wanted> PacketCatch::wants(const record::Alert& alert, std::string_view text,
                                                      event::SourceId source, std::optional<std::uint64_t> flow,
                                                      const sigma::RuleSet& rules, Nanoseconds steady) {
  const bool repeated = repeats(alert, steady);  // also of one that nothing is kept for: it begins a fold
  const bool line = !text.empty();
  if (line ? !sealed(config_.lines) : !ring_ || !flow) return std::nullopt;
  const auto kind = line ? record::EvidenceKind::line : record::EvidenceKind::packets;
  Group* const group = group_of(alert, rules, steady);
  if (group != nullptr && !line && group->policy == "log") return std::nullopt;
  if (repeated || group == nullptr || group->count >= kPerGroup) {
    keeper_.not_kept(kind, !repeated && group == nullptr ? NotKept::busy : NotKept::repeated);
    return std::nullopt;
  }
  ++group->count;
  Wanted out;
  out.caught.kind = kind;
  out.caught.policy = group->policy;
  out.caught.rule = alert.rule_title;
  out.caught.asker = alert.source_address;
  if (line) out.caught.line = text;
  out.source = source;
  out.flow = flow.value_or(0);
  return out;
}

void PacketCatch::remember(std::string_view context, event::SourceId source, std::uint64_t flow) {
  if (memory_.empty()) return;
  const std::uint64_t hash = hash64(context) | 1U;
  const std::size_t at = (hash >> 1U) % kRemembered;
  memory_[at] = {hash, flow == 0 ? 0 : key_of(source, flow), source};
  if (unnamed_.size() < kPendingMax) unnamed_.push_back(static_cast<std::uint32_t>(at));
}

void PacketCatch::name_remembered(event::SourceId source, std::uint64_t key, const capture::Packet& packet) {
  interfaces_[static_cast<std::size_t>(source)].link_type = packet.link_type;
  for (const std::uint32_t at : unnamed_)
    if (memory_[at].key == 0) memory_[at].key = key;
  unnamed_.clear();
}

void PacketCatch::fired(const Fired& fired, const std::vector<std::pair<std::string, std::string>>& kept,
                        const sigma::RuleSet& rules, Nanoseconds steady) {
  if (memory_.empty()) return;
  const std::uint64_t hash = hash64(fired.context) | 1U;
  const Memory& known = memory_[(hash >> 1U) % kRemembered];
  if (known.context != hash || known.key == 0) return;
  auto wanted = wants(fired.alert, {}, known.source, known.key, rules, steady);
  if (!wanted) return;
  Pending pending;
  pending.key = known.key;
  pending.wanted = std::move(*wanted);
  pending.wanted.caught.alert = fired.alert.id;
  pending.wanted.caught.wanted = kept;
  hand_over(std::move(pending), fired.alert.event_time);
}

void PacketCatch::alerted(Wanted wanted, std::string id, Nanoseconds steady) {
  wanted.caught.alert = std::move(id);
  if (wanted.caught.kind == record::EvidenceKind::line) return keeper_.offer(std::move(wanted.caught));
  if (pending_.size() >= kPendingMax) return keeper_.not_kept(wanted.caught.kind, NotKept::busy);
  Pending pending;
  if (wanted.flow != 0) pending.key = key_of(wanted.source, wanted.flow);
  pending.wanted = std::move(wanted);
  pending.due = steady + kAnswers;
  pending_.push_back(std::move(pending));
  ++fresh_;
}

void PacketCatch::freeze_fresh(event::SourceId source, std::uint64_t key, std::uint64_t around, std::uint64_t sequence,
                               const capture::Packet& packet) {
  fresh_ = 0;
  newest_ = std::max(newest_, packet.time);
  for (Pending& pending : pending_) {
    if (!pending.fresh || pending.wanted.source != source) {
      fresh_ += pending.fresh ? 1U : 0U;
      continue;
    }
    pending.fresh = false;
    Caught& caught = pending.wanted.caught;
    if (pending.key == 0) pending.key = key;  // no flow: what these two stations say to each other
    interfaces_[static_cast<std::size_t>(source)].link_type = packet.link_type;
    // Packets of a tunnel belong to the flows that it carries: an event of the tunnel itself has the one at hand.
    if (!ring_->freeze(pending.key, packet.time, 0, freeze_bytes_, caught.packets) && pending.key == around) {
      pending.key = key;
      (void)ring_->freeze(key, packet.time, 0, freeze_bytes_, caught.packets);
    }
    if (pending.key == key) caught.trigger = sequence;
  }
}

void PacketCatch::hand_over(Pending pending, Timestamp now) {
  Caught& caught = pending.wanted.caught;
  const std::size_t before = caught.packets.data.size();
  const std::size_t room = freeze_bytes_ > before ? freeze_bytes_ - before : 0;
  if (pending.key != 0) (void)ring_->freeze(pending.key, now, caught.packets.last, room, caught.packets);
  if (caught.packets.frames.empty()) return keeper_.not_kept(caught.kind, NotKept::missing);
  caught.interface = interfaces_[static_cast<std::size_t>(pending.wanted.source)];
  keeper_.offer(std::move(caught));
}

void PacketCatch::tick(Timestamp now, Nanoseconds steady) {
  if (!ring_) return;
  ring_->forget(now - kRingTime);
  const auto due = std::stable_partition(pending_.begin(), pending_.end(),
                                         [steady](const Pending& pending) { return pending.due > steady; });
  std::vector<Pending> ready{std::make_move_iterator(due), std::make_move_iterator(pending_.end())};
  pending_.erase(due, pending_.end());
  for (Pending& pending : ready) {
    if (pending.fresh) --fresh_;  // made when its flow ended: no packet was at hand
    hand_over(std::move(pending), now);
  }
}

void PacketCatch::finish(Timestamp now) {
  if (ring_) tick(now, Nanoseconds::max());
}

PacketCatch::Report PacketCatch::report() const {
  if (!ring_) return {};
  const record::PacketRing::Counters& counters = ring_->counters();
  return {ring_->bytes_held(), counters.kept, counters.evicted, counters.forgotten, counters.flows_lost_track};
}

}  // namespace nw::app
