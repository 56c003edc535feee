// Candidates on disk, and approvals: what they write, what they refuse, and that every ledger entry fits.
#include "app/baseline_keeper.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "record/entry.h"

namespace nw::app {
namespace {

namespace fs = std::filesystem;
using baseline::Approval;
using baseline::Baseline;
using baseline::Conversation;

class Keeper : public ::testing::Test {
 protected:
  Keeper() {
    snapshot_.registry = context::Registry::empty();
    snapshot_.baseline = Baseline::empty();
    snapshot_.candidates_max = 100;
    config_.file = (root_ / "deep" / "designated.yaml").string();
  }
  ~Keeper() override { fs::remove_all(root_); }

  static Conversation talk(unsigned from, std::string function = "READ_COILS") {
    Conversation out;
    out.from = IpAddress::v4(from);
    out.to = IpAddress::v4(0x0a000001);
    out.protocol = "modbus";
    out.function = std::move(function);
    return out;
  }
  static std::string request(const std::vector<Conversation>& conversations, const Approval& approval) {
    return Baseline::empty()->with(conversations, approval)->to_yaml();
  }
  void write(const std::string& file, std::string_view text) {
    fs::create_directories(fs::path{file}.parent_path());
    std::ofstream{file} << text;
  }

  fs::path root_ = fs::temp_directory_path() / ("nw_baseline_keeper_" + std::to_string(::getpid()));
  Snapshot snapshot_;
  BaselineConfig config_;
};

TEST_F(Keeper, CandidatesSurviveARestart) {
  BaselineKeeper keeper{root_.string()};
  keeper.open(snapshot_);
  keeper.save();
  EXPECT_FALSE(fs::exists(candidates_file(root_.string())));  // nothing to tell
  keeper.merge({{talk(1), 3, {}, {}}, {talk(2), 1, {}, {}}}, snapshot_);
  keeper.merge({{talk(1), 2, {}, {}}}, snapshot_);
  keeper.save();
  const std::vector<Conversation> known{talk(2)};
  snapshot_.baseline = snapshot_.baseline->with(known, {"A", "r", {}});
  BaselineKeeper after{root_.string()};
  after.open(snapshot_);
  const auto found = after.learner().candidates();
  ASSERT_EQ(found.size(), 1U);  // what is designated is no candidate
  EXPECT_EQ(found[0].conversation, talk(1));
  EXPECT_EQ(found[0].count, 5U);
}

TEST_F(Keeper, ADamagedFileIsPutAside) {
  const std::string file = candidates_file(root_.string());
  write(file, "version: 1\ncandidates: [{from: x}]\n");
  BaselineKeeper keeper{root_.string()};
  keeper.open(snapshot_);
  EXPECT_EQ(keeper.learner().size(), 0U);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_TRUE(fs::exists(file + ".damaged"));
}

TEST_F(Keeper, AnApprovalIsWrittenAndNamesItsFile) {
  const auto done = BaselineKeeper::approve(request({talk(1), talk(2)}, {"A", "r", {}}), config_, snapshot_);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->conversations, 2U);
  ASSERT_TRUE(done->snapshot);
  EXPECT_EQ(done->snapshot->baseline->size(), 2U);
  EXPECT_EQ(done->snapshot->baseline_hash, sha256_hex(*read_text_file(config_.file)));
  ASSERT_EQ(done->entries.size(), 1U);
  EXPECT_EQ(done->entries[0],
            R"({"by":"A","reason":"r","baseline_sha256":")" + done->snapshot->baseline_hash +
                R"(","part":1,"parts":1,"conversations":[)"
                R"({"from":"0.0.0.1","to":"10.0.0.1","protocol":"modbus","function":"READ_COILS"},)"
                R"({"from":"0.0.0.2","to":"10.0.0.1","protocol":"modbus","function":"READ_COILS"}]})");
  const auto again = BaselineKeeper::approve(request({talk(1)}, {"B", "s", {}}), config_, *done->snapshot);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->snapshot);
  EXPECT_TRUE(again->entries.empty());
}

// A body that is too long would be replaced by {"shortened":true}: then nobody could tell what was approved.
TEST_F(Keeper, EveryEntryFitsTheLedger) {
  const std::string worst(baseline::kFunctionBytesMax - 4, '\x01');  // six bytes each in JSON
  std::vector<Conversation> conversations;
  for (unsigned i = 0; i < 250; ++i) conversations.push_back(talk(0xfffffff0U - i, worst + std::to_string(1000 + i)));
  const Approval approval{
      std::string(baseline::kNameBytesMax, '\x01'), std::string(baseline::kReasonBytesMax, '\x01'), {}};
  const auto done = BaselineKeeper::approve(request(conversations, approval), config_, snapshot_);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->entries.size(), 3U);
  for (const std::string& entry : done->entries) EXPECT_LE(entry.size(), record::kBodyBytesMax);
}

TEST_F(Keeper, Refuses) {
  const std::string good = request({talk(1)}, {"A", "r", {}});
  const auto refused = [this](std::string_view text) {
    const auto done = BaselineKeeper::approve(text, config_, snapshot_);
    return done ? Error{Errc::not_found, "taken"} : done.error();
  };
  EXPECT_EQ(refused("version: 1\nconversations: [{form: x}]").code, Errc::malformed);
  EXPECT_NE(refused("version: 1\nconversations: [{form: x}]").what.find("the request:2:18: unknown-key"),
            std::string::npos);
  write(config_.file, "edited");
  EXPECT_EQ(refused(good).code, Errc::in_use);
  EXPECT_EQ(*read_text_file(config_.file), "edited");
  fs::remove_all(root_);
  write(root_.string(), "");  // no folder can be made there
  EXPECT_NE(refused(good).code, Errc::not_found);
  snapshot_.baseline.reset();
  EXPECT_EQ(refused(good).code, Errc::invalid_argument);
}

TEST_F(Keeper, ABaselineHasAnEnd) {
  std::vector<Conversation> most;
  for (unsigned i = 0; i < baseline::kConversationsMax; ++i) most.push_back(talk(i));
  snapshot_.baseline = snapshot_.baseline->with(most, {"A", "r", {}});
  const auto done = BaselineKeeper::approve(request({talk(0xffffffff)}, {"A", "r", {}}), config_, snapshot_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::full);
  EXPECT_FALSE(fs::exists(config_.file));
}

}  // namespace
}  // namespace nw::app
