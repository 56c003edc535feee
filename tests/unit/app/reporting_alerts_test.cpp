// Alerts of a case, read out of a journal that somebody may be writing.
#include "app/reporting_alerts.h"

#include <filesystem>
#include <fstream>

#include "record/entry.h"
#include "record/ledger/ledger.h"
#include "reporting_support.h"

namespace nw::app {
namespace {

class ReportingAlertsTest : public ::testing::Test {
 protected:
  ReportingAlertsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "nw-reporting-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    record::LedgerOptions options;
    options.directory = folder_;
    options.segment_bytes_max = 4096;
    auto ledger = record::Ledger::open(options);
    EXPECT_TRUE(ledger) << ledger.error().what;
    ledger_ = std::move(*ledger);
    std::vector<std::string> entries;
    for (int i = 0; i < 100; ++i) {
      record::Alert alert = plain(i);
      alert.asset = "ww-1";
      if (i == 50) alert.disclosure = "secret";
      // One of ten is no alert.
      entries.push_back(i % 10 == 9 ? record::make_entry(record::kEntryHeartbeat, {}, "{}")
                                    : record::make_alert_entry({}, record::GuardedAlert::of_ledger(alert)));
    }
    for (std::size_t i = 0; i < entries.size(); i += 10) EXPECT_TRUE(ledger_->append({&entries[i], 10}));
  }
  ~ReportingAlertsTest() override {
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }
  static record::Alert plain(int number) {
    record::Alert out;
    out.id = record::alert_id_of(std::to_string(number));
    out.rule_id = "rule";
    out.rule_title = "Alert " + std::to_string(number);
    out.level = "low";
    out.event_time = out.receive_time = utc("2026-01-15T07:00:00Z");
    return out;
  }
  static record::CaseFile with(const std::vector<std::uint64_t>& entries) {
    record::CaseFile out;
    for (const std::uint64_t entry : entries) out.alerts.push_back({"a", entry, {}, {}, 0, "low", {}});
    return out;
  }

  std::filesystem::path folder_;
  std::unique_ptr<record::Ledger> ledger_;
};

TEST_F(ReportingAlertsTest, ReadsThoseOfTheCase) {
  auto file = with({98, 0, 41, 40, 1});
  file.alerts_left_out = 4;
  file.alerts[1].repeats = 2;
  const auto got = read_evidence(folder_, file);
  ASSERT_TRUE(got) << got.error().what;
  std::vector<std::string> titles;
  for (const record::Alert& alert : got->alerts) titles.push_back(alert.rule_title);
  EXPECT_EQ(titles, (std::vector<std::string>{"Alert 0", "Alert 1", "Alert 40", "Alert 41", "Alert 98"}));
  EXPECT_EQ(got->left_out, 6U);
  EXPECT_FALSE(got->checkpoint);
  EXPECT_TRUE(read_evidence(folder_, with({}))->alerts.empty());
}

TEST_F(ReportingAlertsTest, ASecretAssetIsUndisclosed) {
  const auto got = read_evidence(folder_, with({50}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->alerts.front().asset, "undisclosed");
}

TEST_F(ReportingAlertsTest, IsBounded) {
  std::vector<std::uint64_t> entries(kEvidenceAlertsMax + 7);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i] = i;
  // There are only a hundred: it is told, not read as if they were.
  const auto got = read_evidence(folder_, with(entries));
  ASSERT_FALSE(got);
  ASSERT_TRUE(ledger_->append(std::vector<std::string>(
      entries.size(), record::make_alert_entry({}, record::GuardedAlert::of_ledger(plain(7))))));
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i] = 100 + i;
  const auto many = read_evidence(folder_, with(entries));
  ASSERT_TRUE(many) << many.error().what;
  EXPECT_EQ(many->alerts.size(), kEvidenceAlertsMax);
  EXPECT_EQ(many->left_out, 7U);
}

TEST_F(ReportingAlertsTest, SaysWhatIsWrong) {
  static constexpr struct {
    std::uint64_t entry;
    Errc code;
    const char* want;
  } kCases[] = {
      {9, Errc::malformed, "ledger entry 9, which the incident store takes for an alert: it is none"},
      {100, Errc::not_found, "entry 100 is not in the journal"},
  };
  for (const auto& c : kCases) {
    const auto got = read_evidence(folder_, with({c.entry}));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, c.code);
    EXPECT_NE(got.error().what.find(c.want), std::string::npos) << got.error().what;
  }
  EXPECT_FALSE(read_evidence(folder_ / "nowhere", with({1})));
  // A flipped bit in the first file.
  const auto file = folder_ / "journal/00000000000000000000.log";
  std::fstream bits{file, std::ios::in | std::ios::out | std::ios::binary};
  bits.seekp(20);
  bits.put('\x01');
  bits.close();
  const auto got = read_evidence(folder_, with({1}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::malformed);
  EXPECT_TRUE(read_evidence(folder_, with({98}))) << "the others can still be read";
}

TEST_F(ReportingAlertsTest, KnowsTheSignedHead) {
  std::filesystem::create_directories(folder_ / "tree");
  std::ofstream{folder_ / "tree/checkpoint"} << "example.org/log\n42\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
                                                "\xe2\x80\x94 example.org/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurm"
                                                "RDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
  EXPECT_EQ(read_evidence(folder_, with({1}))->checkpoint, 42U);
  std::ofstream{folder_ / "tree/checkpoint"} << "torn";
  EXPECT_FALSE(read_evidence(folder_, with({1}))->checkpoint);
}

}  // namespace
}  // namespace nw::app
