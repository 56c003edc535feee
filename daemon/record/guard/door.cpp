#include "record/guard/door.h"

#include <functional>
#include <thread>
#include <utility>

namespace nw::record {

struct GuardDoor::Slot {
  explicit Slot(privacy::Random nonces) : guard{nonces} {}
  std::atomic_flag taken = ATOMIC_FLAG_INIT;
  std::uint64_t version = 0;  // of the rules that the guard has; under `taken`, like the guard
  Guard guard;
};

// A slot that nobody else has, given back at the end.
class GuardDoor::Held {
 public:
  explicit Held(Slot& slot) : slot_{&slot} {
    while (slot_->taken.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
  }
  Held(Slot& slot, std::adopt_lock_t /*taken*/) : slot_{&slot} {}
  ~Held() {
    if (slot_ != nullptr) slot_->taken.clear(std::memory_order_release);
  }
  Held(Held&& other) noexcept : slot_{std::exchange(other.slot_, nullptr)} {}
  Held& operator=(Held&&) = delete;
  Slot* operator->() const noexcept { return slot_; }

  // The caller's usual one, so that it is warm; the next free one when somebody has it.
  static Held any(std::array<std::unique_ptr<Slot>, kGuards>& slots) {
    thread_local const std::size_t kUsual = std::hash<std::thread::id>{}(std::this_thread::get_id());
    for (std::size_t i = 0; i < kGuards; ++i)
      if (Slot& slot = *slots[(kUsual + i) % kGuards]; !slot.taken.test_and_set(std::memory_order_acquire))
        return Held{slot, std::adopt_lock};
    return Held{*slots[kUsual % kGuards]};
  }

 private:
  Slot* slot_;
};

GuardDoor::GuardDoor(std::shared_ptr<const GuardRules> rules, privacy::Random nonces) : rules_{std::move(rules)} {
  for (auto& slot : slots_) slot = std::make_unique<Slot>(nonces);
}

GuardDoor::~GuardDoor() = default;

GuardDoor::Held GuardDoor::ready() {
  Held held = Held::any(slots_);
  if (held->version != version_.load(std::memory_order_acquire)) {
    const std::lock_guard lock{mutex_};
    held->version = version_.load(std::memory_order_relaxed);
    held->guard.use(rules_);
  }
  return held;
}

GuardedAlert GuardDoor::guard(Alert alert, Timestamp now) { return ready()->guard.guard(std::move(alert), now); }

std::string GuardDoor::text(std::string_view text, Timestamp now) { return ready()->guard.text(text, now); }

std::string GuardDoor::stored_id(std::string_view id) const { return rules()->ids->stored(id); }

void GuardDoor::use(std::shared_ptr<const GuardRules> rules) {
  {
    const std::lock_guard lock{mutex_};
    rules_ = std::move(rules);
    ++version_;
  }
  // A guard that nobody uses would keep the keys of a month that is over.
  for (auto& slot : slots_) {
    const Held held{*slot};
    if (held->version == 0) continue;
    const std::lock_guard lock{mutex_};
    held->version = version_.load(std::memory_order_relaxed);
    held->guard.use(rules_);
  }
}

std::shared_ptr<const GuardRules> GuardDoor::rules() const {
  const std::lock_guard lock{mutex_};
  return rules_;
}

GuardCounts GuardDoor::counts() const {
  GuardCounts out;
  for (auto& slot : slots_) {
    const Held held{*slot};
    out.add(held->guard.counts());
  }
  return out;
}

}  // namespace nw::record
