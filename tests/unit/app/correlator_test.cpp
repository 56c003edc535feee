// What rules over time remember, over a restart: whose it is, and when.
#include "app/correlator.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "app/frames.h"
#include "base/clock.h"
#include "base/log.h"
#include "detect/sigma/archive.h"
#include "record/entry.h"
#include "unit/record/guard/support.h"

namespace nw::app {
namespace {

constexpr std::string_view kRules = R"(title: Silent
id: 20000000-0000-4000-8000-000000000001
logsource: {product: linux}
detection:
    any: {host|exists: true}
    condition: any
level: high
normwatch: {absence: {key: [host], for: 1m, unless: []}}
)";

class CorrelatorTest : public ::testing::Test, private correlation::FiringSink {
 protected:
  CorrelatorTest() {
    std::string name = (std::filesystem::temp_directory_path() / "nw-correlator-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    std::ofstream{folder_ / "rules.yml"} << kRules;
    Diagnostics found;
    const std::string yaml = "state_directory: " + folder_.string() + "\nrules: {paths: [" +
                             (folder_ / "rules.yml").string() +
                             "]}\nsources:\n  - {name: log, kind: udp, listen: \"127.0.0.1:5140\", format: syslog, "
                             "product: linux}\n";
    auto config = parse_config(yaml, (folder_ / "normwatch.yaml").string(), found);
    EXPECT_TRUE(config) << found.to_string();
    config_ = std::move(*config);
    snapshot_ = build_snapshot(config_, nullptr, found);
    EXPECT_NE(snapshot_, nullptr) << found.to_string();
    record::LedgerOptions options;
    options.directory = folder_ / "ledger";
    ledger_ = std::move(*record::Ledger::open(options));
    recorder_ = std::make_unique<Recorder>(*ledger_, door_, 64, std::nullopt, [] {});
    set_log_sink([this](const LogLine& line) { logged_.emplace_back(line.code); });
  }
  ~CorrelatorTest() override {
    correlator_.reset();
    recorder_.reset();
    set_log_sink({});
    std::filesystem::remove_all(folder_);
  }
  void fired(const correlation::Firing&) override {}

  correlation::Contribution heard(std::uint16_t source, const std::string& host, Timestamp when) {
    correlation::Contribution out;
    out.time = when;
    out.origin = {source, 0, ++ordinal_};
    out.fields = {{true, false, host}};
    return out;
  }
  // What an earlier run with these sources left: whom it heard when, up to `clock`.
  void leave(const std::vector<std::string>& sources, std::vector<correlation::Contribution> events, Timestamp clock) {
    correlation::Engine engine{snapshot_->rules, {}};
    for (auto& event : events) EXPECT_TRUE(engine.add(std::move(event)));
    engine.advance(clock, *this);
    sigma::ArchiveWriter head;
    head(std::uint64_t{0}, std::vector<std::string>{}, sources);
    std::filesystem::create_directories(folder_ / "correlation");
    std::ofstream{folder_ / "correlation/state.bin", std::ios::binary} << "normwatch correlator 2\n"
                                                                       << framed(head.take()) << framed(engine.save());
  }
  void run(std::vector<correlation::Contribution> events) {
    auto opened = Correlator::open(config_, snapshot_, *ledger_, *recorder_);
    ASSERT_TRUE(opened) << opened.error().what;
    correlator_ = std::move(*opened);
    correlator_->start();
    correlator_->push({snapshot_, std::move(events), {}}, [] {});
    correlator_->close();
    recorder_->close();
  }
  long logged(std::string_view code) { return std::count(logged_.begin(), logged_.end(), code); }

  std::filesystem::path folder_;
  Config config_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::unique_ptr<record::Ledger> ledger_;
  record::GuardDoor door_{record::test::shared(record::test::guard_rules()), record::kernel_random};
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Correlator> correlator_;
  std::vector<std::string> logged_;
  std::uint64_t ordinal_ = 0;
};

// The clock was years ahead once: what comes today would be late until then.
TEST_F(CorrelatorTest, AClockThatWentBackBeginsAnew) {
  const Timestamp now = wall_now();
  leave({"log"}, {}, now + std::chrono::hours{24 * 365});
  run({heard(0, "pump", now)});
  EXPECT_EQ(logged("correlation_state_damaged"), 0);
  EXPECT_EQ(logged("clock_went_back"), 1);
  EXPECT_EQ(correlator_->report().counters.taken, 1U);
  EXPECT_EQ(correlator_->report().counters.late, 0U);
}

TEST_F(CorrelatorTest, AClockThatWentOnGoesOn) {
  const Timestamp now = wall_now();
  leave({"log"}, {}, now + std::chrono::minutes{1});
  run({heard(0, "pump", now - std::chrono::seconds{1})});
  EXPECT_EQ(logged("clock_went_back"), 0);
}

// Sources come and go over a restart. What one heard is still its own, and what nobody hears any more is no silence.
TEST_F(CorrelatorTest, StateGoesByTheNamesOfSources) {
  const Timestamp then = wall_now() - std::chrono::minutes{30};
  leave({"gone", "log"}, {heard(0, "pump", then), heard(1, "valve", then)}, then + std::chrono::seconds{31});
  run({});
  EXPECT_EQ(logged("correlation_state_damaged"), 0);
  const auto entries = ledger_->read(0, 10);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1U);
  const auto alert = record::Alert::from_json(record::parse_entry((*entries)[0].payload)->body);
  ASSERT_TRUE(alert);
  EXPECT_EQ(
      alert->host,
      privacy::Tokens{record::test::month_keys({2026, 1})->keys()}.of(privacy::TokenKind::host, "valve").to_string());
}

}  // namespace
}  // namespace nw::app
