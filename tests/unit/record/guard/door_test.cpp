#include "record/guard/door.h"

#include <atomic>
#include <set>
#include <thread>

#include "unit/record/guard/support.h"

namespace nw::record::test {

namespace {

Alert about(std::string address) {
  Alert alert;
  alert.id = std::string(32, '0');
  alert.rule_id = "r";
  alert.source_address = std::move(address);
  return alert;
}

}  // namespace

TEST(GuardDoor, ManyThreadsGetTheSameWords) {
  GuardDoor door{shared(guard_rules()), kDice};
  const Timestamp now = at("2026-01-15T08:00:00Z");
  const std::string want = door.guard(about("203.0.113.5"), now)->source_address;
  EXPECT_EQ(want.substr(0, 21), "pfx:e2026-01:global4:");
  std::atomic<int> wrong{0}, ready{0};
  constexpr int kThreads = 40, kAlerts = 200;  // more than there are guards
  static_assert(kThreads > GuardDoor::kGuards);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      ++ready;
      for (int i = 0; i < kAlerts; ++i)
        if (door.guard(about("203.0.113.5"), now)->source_address != want) ++wrong;
    });
  for (int i = 0; i < 20; ++i) {
    door.use(shared(guard_rules()));
    (void)door.counts();
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(door.counts().alerts, 1U + kThreads * kAlerts);
}

TEST(GuardDoor, NewRulesHoldForTheNextAlertAndOldKeysGo) {
  GuardRules rules = guard_rules();
  const std::weak_ptr<const MonthKeys> old = rules.months[0];
  GuardDoor door{shared(rules), kDice};
  const Timestamp now = at("2026-02-15T08:00:00Z");
  EXPECT_TRUE(door.guard(about("203.0.113.5"), now)->source_address.starts_with("pfx:e2026-01:"));
  std::thread{[&] { (void)door.guard(about("203.0.113.5"), now); }}.join();
  rules.months = {month_keys({2026, 2})};
  door.use(shared(rules));
  EXPECT_TRUE(old.expired()) << "no guard keeps the keys of a month that is over";
  EXPECT_TRUE(door.guard(about("203.0.113.5"), now)->source_address.starts_with("pfx:e2026-02:"));
}

TEST(GuardDoor, TellsTheIdOfAnAlert) {
  GuardDoor door{shared(guard_rules()), kDice};
  EXPECT_EQ(door.guard(about("203.0.113.5"), at("2026-01-15T08:00:00Z"))->id, door.stored_id(std::string(32, '0')));
}

}  // namespace nw::record::test
