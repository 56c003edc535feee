// Keys over the turn of a month, a reload and a restart.
#include "app/guard_keeper.h"

#include <gtest/gtest.h>

#include "app/privacy_files.h"
#include "unit/record/guard/support.h"

namespace nw::app {
namespace {

using record::test::at;
using record::test::TempDir;

class GuardKeeperTest : public testing::Test {
 protected:
  GuardKeeperTest() {
    config_.state_directory = dir_.path();
    config_.site = "Water Works, North";
    snapshot_.privacy = std::make_shared<const privacy::Policy>();
    snapshot_.registry = context::Registry::empty();
    snapshot_.indicators = context::IndicatorSet::empty();
  }
  std::unique_ptr<GuardKeeper> open(const char* now) {
    auto keeper = GuardKeeper::open(config_, snapshot_, at(now));
    EXPECT_TRUE(keeper) << (keeper ? "" : keeper.error().what);
    return keeper ? std::move(*keeper) : nullptr;
  }
  void name_custodians(std::size_t count) {
    snapshot_.custodians.clear();
    for (std::size_t i = 0; i < count; ++i)
      snapshot_.custodians.push_back({"c" + std::to_string(i), "b" + std::to_string(i),
                                      privacy::make_custodian_keys(record::kernel_random).public_key});
  }
  static std::string pseudonym(GuardKeeper& keeper, const char* now) {
    record::Alert alert;
    alert.id = alert.rule_id = "r";
    alert.source_address = "203.0.113.5";
    return keeper.door().guard(alert, at(now))->source_address;
  }
  [[nodiscard]] bool wrapped(const char* month) const {
    return std::filesystem::exists(dir_.path() / "keys/epochs" / (std::string{month} + ".wrapped"));
  }

  TempDir dir_;
  Config config_;
  Snapshot snapshot_;
};

TEST_F(GuardKeeperTest, TheOperatorIsMadeOfTheSite) {
  EXPECT_EQ(operator_id_of(config_), "water-works--north");
  config_.site = "--";
  EXPECT_EQ(operator_id_of(config_), "normwatch");
  config_.record.privacy.operator_id = "op-1";
  EXPECT_EQ(operator_id_of(config_), "op-1");
}

TEST_F(GuardKeeperTest, AMonthBeginsWithoutARestart) {
  const auto keeper = open("2026-01-31T12:00:00Z");
  const std::string january = pseudonym(*keeper, "2026-01-31T12:00:00Z");
  EXPECT_TRUE(january.starts_with("pfx:e2026-01:"));
  (void)keeper->take_notes();
  keeper->tick(at("2026-01-31T23:58:59Z"));
  EXPECT_FALSE(wrapped("2026-02"));
  keeper->tick(at("2026-01-31T23:59:00Z"));
  EXPECT_TRUE(wrapped("2026-02")) << "a minute ahead";
  EXPECT_EQ(keeper->take_notes().size(), 1U);
  EXPECT_EQ(keeper->epoch().to_string(), "2026-01");
  EXPECT_EQ(pseudonym(*keeper, "2026-01-31T23:59:59.999Z"), january);
  EXPECT_TRUE(pseudonym(*keeper, "2026-02-01T00:00:00Z").starts_with("pfx:e2026-02:")) << "no tick in between";
  keeper->tick(at("2026-02-01T00:00:01Z"));
  EXPECT_EQ(keeper->epoch().to_string(), "2026-02");
  EXPECT_TRUE(wrapped("2026-01"));
  keeper->tick(at("2026-02-01T01:00:00Z"));
  EXPECT_FALSE(wrapped("2026-01"));
  const auto notes = keeper->take_notes();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0], R"({"what":"epoch-deleted","epoch":"2026-01"})");
  keeper->tick(at("2026-02-01T01:00:01Z"));
  EXPECT_TRUE(keeper->take_notes().empty());
}

TEST_F(GuardKeeperTest, ARestartInAnotherMonthDeletesTheOldOne) {
  const std::string january = pseudonym(*open("2026-01-15T12:00:00Z"), "2026-01-15T12:00:00Z");
  EXPECT_EQ(pseudonym(*open("2026-01-20T12:00:00Z"), "2026-01-20T12:00:00Z"), january);
  (void)open("2026-03-15T12:00:00Z");
  EXPECT_FALSE(wrapped("2026-01"));
  EXPECT_TRUE(wrapped("2026-03"));
}

TEST_F(GuardKeeperTest, AReloadBringsCustodiansAndNobodyLosesAKey) {
  const auto keeper = open("2026-01-15T12:00:00Z");
  const std::string before = pseudonym(*keeper, "2026-01-15T12:00:00Z");
  EXPECT_FALSE(keeper->door().rules()->seal);
  name_custodians(2);
  keeper->use(snapshot_, at("2026-01-15T12:00:01Z"));
  EXPECT_EQ(keeper->custodians(), 2U);
  EXPECT_TRUE(std::filesystem::exists(dir_.path() / "keys/epochs/2026-01.pseudonyms.sealed"));
  EXPECT_EQ(pseudonym(*keeper, "2026-01-15T12:00:02Z"), before);
  EXPECT_FALSE(keeper->door().rules()->seal) << "there is no evidence store";
}

TEST_F(GuardKeeperTest, AReloadDoesNotBringBackAMonthThatIsOver) {
  const auto keeper = open("2026-01-31T23:59:30Z");
  keeper->tick(at("2026-02-01T00:00:01Z"));
  std::filesystem::remove(dir_.path() / "keys/epochs/2026-01.wrapped");  // two people destroyed what there was
  name_custodians(2);
  keeper->use(snapshot_, at("2026-02-01T00:30:00Z"));
  EXPECT_FALSE(wrapped("2026-01"));
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "keys/epochs/2026-01.pseudonyms.sealed"));
  EXPECT_TRUE(std::filesystem::exists(dir_.path() / "keys/epochs/2026-02.pseudonyms.sealed"));
}

TEST_F(GuardKeeperTest, WithoutKeysThereIsNoStart) {
  (void)open("2026-01-15T12:00:00Z");
  std::filesystem::permissions(dir_.path() / "keys/normwatch.wrap", std::filesystem::perms{0644});
  const auto keeper = GuardKeeper::open(config_, snapshot_, at("2026-01-15T12:00:00Z"));
  ASSERT_FALSE(keeper);
  EXPECT_EQ(keeper.error().code, Errc::no_permission);
}

}  // namespace
}  // namespace nw::app
