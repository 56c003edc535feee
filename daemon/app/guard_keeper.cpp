#include "app/guard_keeper.h"

#include <chrono>

#include "app/privacy_files.h"
#include "base/log.h"

namespace nw::app {

namespace {

constexpr Nanoseconds kRetry = std::chrono::minutes{1};

}  // namespace

GuardKeeper::GuardKeeper(const Config& config)
    : foreign_addresses_clear_{config.record.privacy.foreign_addresses_clear},
      values_wanted_{config.record.evidence.values == KeepEvidence::sealed},
      operator_{operator_id_of(config)} {}

Result<std::unique_ptr<GuardKeeper>> GuardKeeper::open(const Config& config, const Snapshot& snapshot, Timestamp now) {
  record::protect_memory();
  std::unique_ptr<GuardKeeper> out{new GuardKeeper{config}};
  record::Keys::Options options = keys_options(config);
  options.custodians = snapshot.custodians;
  auto keys = record::Keys::open(std::move(options));
  if (!keys) return keys.error();
  out->keys_ = std::move(*keys);
  out->notes_ = out->keys_->made();
  out->rules_.ids = std::make_shared<const record::AlertIds>(out->keys_->ids());
  out->epoch_ = privacy::Epoch::of(now);
  if (auto made = out->make(out->epoch_); !made) return made.error();
  out->take_rules(snapshot);
  out->publish();
  out->tick(now);
  return out;
}

Result<> GuardKeeper::make(privacy::Epoch epoch) {
  auto secrets = keys_->epoch(epoch, notes_);
  if (!secrets) return secrets.error();
  auto keys = record::MonthKeys::derive(*secrets, operator_);
  if (!keys) return keys.error();
  months_[epoch] = Month{std::move(*keys), secrets->evidence};
  changed_ = true;
  return {};
}

void GuardKeeper::take_rules(const Snapshot& snapshot) {
  rules_.policy = snapshot.privacy;
  rules_.designated = std::make_shared<const record::DesignatedNames>(snapshot.registry, *snapshot.privacy);
  rules_.indicators = snapshot.indicators;
  rules_.foreign_addresses_clear = foreign_addresses_clear_;
  custodians_ = snapshot.custodians.size();
}

void GuardKeeper::publish() {
  rules_.months.clear();
  for (const auto& [epoch, month] : months_) rules_.months.push_back(month.keys);
  const std::optional<privacy::PublicKey>& evidence = months_.at(epoch_).evidence;
  rules_.seal = values_wanted_ && store_ != nullptr && evidence.has_value();
  if (store_ != nullptr) store_->use(epoch_, evidence);
  auto rules = std::make_shared<const record::GuardRules>(rules_);
  if (door_)
    door_->use(std::move(rules));
  else
    door_ = std::make_unique<record::GuardDoor>(std::move(rules), record::kernel_random);
}

void GuardKeeper::keep_values_in(record::EvidenceStore& store) {
  store_ = &store;
  publish();
}

void GuardKeeper::use(const Snapshot& snapshot, Timestamp now) {
  take_rules(snapshot);
  keys_->custodians(snapshot.custodians);
  resealing_ = true;
  next_try_ = now;
  publish();
  tick(now);
}

void GuardKeeper::tick(Timestamp now) {
  if (now < next_try_ && next_try_ - now <= kRetry) return;  // not after a clock that was set back
  if (const auto done = look(now); !done) {
    next_try_ = now + kRetry;
    log_error("keys_failed", "the keys of months are not as they should be; what is there goes on",
              {{"error", done.error().what}, {"again_in", format_duration(kRetry)}});
  }
  if (std::exchange(changed_, false)) publish();
}

Result<> GuardKeeper::look(Timestamp now) {
  const privacy::Epoch current = privacy::Epoch::of(now), ahead = privacy::Epoch::of(now + kAhead);
  if (resealing_) {
    // A month that is over seals nothing any more, and its keys may be destroyed: they are not made anew.
    for (const auto& [epoch, month] : std::map{months_})
      if (epoch >= current)
        if (auto made = make(epoch); !made) return made;
    resealing_ = false;
  }
  for (const privacy::Epoch epoch : {current, ahead}) {
    if (months_.contains(epoch)) continue;
    if (auto made = make(epoch); !made) return made;
    log_info("keys_of_month", "the keys of a month are made", {{"epoch", epoch.to_string()}});
  }
  if (epoch_ != current) {
    epoch_ = current;
    changed_ = true;
  }
  if (now < current.begin() + record::kLateFor || retired_ == current) return {};
  if (auto gone = keys_->retire(now, notes_); !gone) return gone;
  retired_ = current;
  const auto over = [current](const auto& month) { return month.first < current; };
  if (std::erase_if(months_, over) != 0) changed_ = true;
  return {};
}

std::vector<std::string> GuardKeeper::take_notes() { return std::exchange(notes_, {}); }

}  // namespace nw::app
