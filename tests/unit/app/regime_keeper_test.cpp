// The regime in the daemon's hands: its file, its steps and their ledger entries; and what an alert gets of it.
#include "app/regime_keeper.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "app/alert_parts.h"
#include "app/norm_files.h"
#include "record/entry.h"

namespace nw::app {
namespace {

namespace fs = std::filesystem;

Timestamp at(const char* text) { return *parse_rfc3339(text); }

constexpr std::string_view kProposal =
    R"({"by": "Ada", "kind": "niac", "territory": ["AT"], "from": "2026-03-01T00:00:00Z", "basis": "why", "document": "REF-7"})";

class RegimeKeeperTest : public ::testing::Test {
 protected:
  RegimeKeeperTest() {
    fs::create_directories(root_);
    Diagnostics diagnostics;
    NormFiles norms = read_norm_files({}, diagnostics);
    EXPECT_EQ(diagnostics.to_string(), "");
    snapshot_->norms = norms.catalogue;
    snapshot_->law = norms.law;
    snapshot_->policies = norms.policies;
  }
  ~RegimeKeeperTest() override { fs::remove_all(root_); }

  std::string file() const { return regime_file(root_.string()); }
  std::string text() const {
    std::ifstream in{file()};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  // A keeper with one conflict in force in AT, from 1 March.
  RegimeKeeper with_conflict(std::string_view proposal = kProposal) {
    RegimeKeeper keeper{root_.string()};
    EXPECT_TRUE(keeper.open());
    const auto proposed = keeper.change(RegimeKeeper::Step::propose, proposal, 1000, at("2026-03-02T00:00:00Z"));
    EXPECT_TRUE(proposed) << proposed.error().what;
    const auto confirmed =
        keeper.change(RegimeKeeper::Step::confirm, R"({"by": "Berta", "id": ")" + proposed->id + "\"}", 1001,
                      at("2026-03-03T00:00:00Z"));
    EXPECT_TRUE(confirmed) << confirmed.error().what;
    return keeper;
  }

  static context::Asset asset(std::vector<std::string> flags, std::string location, std::string tlp = {}) {
    context::Asset out;
    out.id = "a";
    out.flags = std::move(flags);
    out.location = std::move(location);
    out.contact.tlp = std::move(tlp);
    return out;
  }

  record::Alert alert(const context::Asset* of, const char* when, std::string level = "medium",
                      std::string rule_level = {}) const {
    record::Alert out;
    out.event_time = at(when);
    out.norm = "13f";
    out.level = std::move(level);
    out.rule_level = std::move(rule_level);
    set_regime(*current_, of, out);
    return out;
  }

  static bool has(const std::vector<std::string>& texts, std::string_view part) {
    for (const std::string& one : texts)
      if (one.find(part) != std::string::npos) return true;
    return false;
  }

  fs::path root_ = fs::temp_directory_path() / ("nw_regime_keeper_" + std::to_string(::getpid()));
  std::shared_ptr<Snapshot> snapshot_ = std::make_shared<Snapshot>();
  std::shared_ptr<const Snapshot> current_ = snapshot_;
};

TEST_F(RegimeKeeperTest, ARestartKnowsWhatWasSet) {
  RegimeKeeper keeper{root_.string()};
  ASSERT_TRUE(keeper.open()) << "no file is peacetime";
  EXPECT_FALSE(fs::exists(file()));
  const auto proposed = keeper.change(RegimeKeeper::Step::propose, kProposal, 1000, at("2026-03-02T00:00:00Z"));
  ASSERT_TRUE(proposed) << proposed.error().what;
  EXPECT_FALSE(proposed->in_force);
  EXPECT_EQ(proposed->entry_type, record::kEntryRegimePropose);
  EXPECT_NE(proposed->told.find("not in force"), std::string::npos);
  RegimeKeeper second{root_.string()};
  ASSERT_TRUE(second.open());
  EXPECT_EQ(second.book().to_yaml(), text());
  const std::string confirm = R"({"by": "Berta", "id": ")" + proposed->id + "\"}";
  const auto confirmed = second.change(RegimeKeeper::Step::confirm, confirm, 1001, at("2026-03-03T00:00:00Z"));
  ASSERT_TRUE(confirmed) << confirmed.error().what;
  EXPECT_TRUE(confirmed->in_force);
  EXPECT_EQ(confirmed->entry_type, record::kEntryRegimeConfirm);
  for (const char* part : {"\"by\": \"Berta\"", "\"uid\": 1001", "\"by\": \"Ada\"", "\"uid\": 1000", "REF-7", "niac",
                           "\"what\": \"begin\"", "regime_sha256"})
    EXPECT_NE(confirmed->entry_body.find(part), std::string::npos) << part << confirmed->entry_body;
  const std::string entry =
      record::make_entry(confirmed->entry_type, at("2026-03-03T00:00:00Z"), confirmed->entry_body);
  ASSERT_TRUE(record::parse_entry(entry));
  EXPECT_EQ(record::parse_entry(entry)->body.find("shortened"), std::string_view::npos) << "it fits the ledger whole";
  RegimeKeeper third{root_.string()};
  ASSERT_TRUE(third.open());
  ASSERT_EQ(third.book().periods().size(), 1U);
  EXPECT_EQ(third.book().periods()[0].confirmed.uid, 1001);
}

TEST_F(RegimeKeeperTest, TheLargestPeriodFitsTheLedger) {
  std::string codes;
  for (std::size_t i = 0; i < context::kTerritoriesMax; ++i)
    codes += (i == 0 ? "\"" : ", \"") + std::string{"AT-999\""};
  const std::string body = R"({"by": ")" + std::string(context::kIdentityBytesMax, 'x') +
                           R"(", "kind": "iac", "territory": [)" + codes +
                           R"(], "from": "2026-03-01T00:00:00Z", "basis": ")" + std::string(600, 'b') +
                           R"(", "document": ")" + std::string(600, 'd') + "\"}";
  RegimeKeeper keeper{root_.string()};
  ASSERT_TRUE(keeper.open());
  const auto done = keeper.change(RegimeKeeper::Step::propose, body, 4'294'967'294, at("2026-03-02T00:00:00Z"));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_LE(done->entry_body.size(), record::kBodyBytesMax);
}

TEST_F(RegimeKeeperTest, ADamagedFileStopsTheStart) {
  std::ofstream{file()} << "version: 1\nperiods: [{id: x}]\n";
  RegimeKeeper keeper{root_.string()};
  const auto opened = keeper.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::malformed);
  EXPECT_NE(opened.error().what.find(file() + ":2:11: missing-key"), std::string::npos) << opened.error().what;
  EXPECT_NE(opened.error().what.find("put it aside"), std::string::npos);
}

TEST_F(RegimeKeeperTest, ARefusalChangesNothing) {
  RegimeKeeper keeper = with_conflict();
  const std::string before = text();
  const std::string id = keeper.book().periods()[0].id;
  const struct {
    const char* name;
    RegimeKeeper::Step step;
    std::string body;
    Errc code;
  } kCases[] = {
      {"no YAML", RegimeKeeper::Step::propose, "{", Errc::malformed},
      {"nothing", RegimeKeeper::Step::propose, "", Errc::malformed},
      {"unknown key", RegimeKeeper::Step::confirm, R"({"by": "B", "id": "x", "force": true})", Errc::malformed},
      {"no name", RegimeKeeper::Step::confirm, R"({"id": "x"})", Errc::malformed},
      {"no such proposal", RegimeKeeper::Step::confirm, R"({"by": "B", "id": "x"})", Errc::not_found},
      {"no such period", RegimeKeeper::Step::end, R"({"by": "B", "id": "x", "at": "2026-04-01T00:00:00Z"})",
       Errc::not_found},
      {"no time", RegimeKeeper::Step::end, R"({"by": "B", "id": ")" + id + R"(", "at": "soon"})", Errc::malformed},
      {"before it begins", RegimeKeeper::Step::end,
       R"({"by": "B", "id": ")" + id + R"(", "at": "2026-02-01T00:00:00Z"})", Errc::invalid_argument},
      {"no territory", RegimeKeeper::Step::propose,
       R"({"by": "B", "kind": "iac", "territory": [], "from": "2026-03-01T00:00:00Z", "basis": "b", "document": "d"})",
       Errc::invalid_argument},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto done = keeper.change(c.step, c.body, -1, at("2026-03-04T00:00:00Z"));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, c.code) << done.error().what;
    EXPECT_EQ(text(), before);
    EXPECT_EQ(keeper.book().to_yaml(), before);
  }
  fs::remove_all(root_);
  EXPECT_FALSE(keeper.change(RegimeKeeper::Step::propose, kProposal, -1, at("2026-03-04T00:00:00Z")));
  EXPECT_EQ(keeper.book().to_yaml(), before) << "what is not on disk is not known either";
}

TEST_F(RegimeKeeperTest, OnePersonIsNotTwo) {
  RegimeKeeper keeper{root_.string()};
  ASSERT_TRUE(keeper.open());
  const auto proposed = keeper.change(RegimeKeeper::Step::propose, kProposal, 1000, at("2026-03-02T00:00:00Z"));
  ASSERT_TRUE(proposed);
  const auto same = keeper.change(RegimeKeeper::Step::confirm, R"({"by": " ADA ", "id": ")" + proposed->id + "\"}",
                                  1001, at("2026-03-03T00:00:00Z"));
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code, Errc::no_permission);
  const auto rejected = keeper.change(RegimeKeeper::Step::reject, R"({"by": "Berta", "id": ")" + proposed->id + "\"}",
                                      1001, at("2026-03-03T00:00:00Z"));
  ASSERT_TRUE(rejected);
  EXPECT_EQ(rejected->entry_type, record::kEntryRegimeReject);
  EXPECT_FALSE(rejected->in_force);
  EXPECT_TRUE(keeper.book().proposals().empty());
}

TEST_F(RegimeKeeperTest, PeacetimeIsTheDefault) {
  const context::Asset hospital = asset({"medical"}, "AT-9");
  const record::Alert got = alert(&hospital, "2026-03-05T00:00:00Z");
  EXPECT_EQ(got.regime, "peacetime");
  EXPECT_EQ(got.regime_kind, "");
  EXPECT_EQ(got.level, "medium");
  EXPECT_EQ(got.rule_level, "");
  EXPECT_TRUE(has(got.hooks, "Charter art. 2(4)"));
  EXPECT_FALSE(has(got.hooks, "AP I")) << "no law of armed conflict is cited";
  EXPECT_FALSE(has(got.hooks, "protection flag"));
  EXPECT_EQ(got.tlp, "amber");
  EXPECT_EQ(got.retain_days, 365U);
  EXPECT_EQ(got.missing_evidence, snapshot_->norms->find("13f")->evidence);
}

TEST_F(RegimeKeeperTest, AConflictRaisesProtectedObjectsWhereItIs) {
  current_ = with_regimes(snapshot_, with_conflict().book());
  const context::Asset works = asset({"indispensable", "safety_system"}, "AT-9"), office = asset({}, "AT-9");
  const record::Alert got = alert(&works, "2026-03-05T00:00:00Z");
  EXPECT_EQ(got.regime, "armed_conflict");
  EXPECT_EQ(got.regime_kind, "niac");
  EXPECT_EQ(got.regime_basis, "why (REF-7)");
  EXPECT_EQ(got.level, "high");
  EXPECT_EQ(got.rule_level, "medium");
  EXPECT_TRUE(has(got.hooks, "Charter art. 2(4)")) << "what always holds, holds";
  EXPECT_TRUE(has(got.hooks, "object carries protection flag indispensable: AP II art. 14, Customary IHL rule 54"));
  EXPECT_FALSE(has(got.hooks, "AP I art.")) << "the Protocol of international conflicts is silent here";
  EXPECT_FALSE(has(got.hooks, "safety_system"));
  EXPECT_EQ(got.tlp, "amber+strict");
  EXPECT_EQ(got.retain_days, 3650U);

  EXPECT_EQ(alert(&works, "2026-02-28T23:59:59Z").regime, "peacetime") << "an earlier event time, made now";
  EXPECT_EQ(alert(&office, "2026-03-05T00:00:00Z").level, "medium") << "no flag, no step";
  EXPECT_EQ(alert(&office, "2026-03-05T00:00:00Z").regime, "armed_conflict");
  const context::Asset elsewhere = asset({"indispensable"}, "DE"), nowhere = asset({"indispensable"}, "");
  EXPECT_EQ(alert(&elsewhere, "2026-03-05T00:00:00Z").regime, "peacetime");
  EXPECT_EQ(alert(&nowhere, "2026-03-05T00:00:00Z").regime, "armed_conflict") << "every period covers it";
  EXPECT_EQ(alert(nullptr, "2026-03-05T00:00:00Z").regime, "armed_conflict");
}

TEST_F(RegimeKeeperTest, LevelsRiseFromWhatTheRuleGaveHere) {
  current_ = with_regimes(snapshot_, with_conflict().book());
  const context::Asset works = asset({"indispensable"}, "AT");
  const struct {
    const char *level, *rule_level, *want, *want_rule;
  } kCases[] = {
      {"low", "", "medium", "low"},      {"critical", "", "critical", ""},
      {"low", "high", "medium", "high"},  // the rule lowers it here
      {"medium", "high", "high", ""},     // lowered and raised: as the rule says
      {"strange", "", "strange", ""},
  };
  for (const auto& c : kCases) {
    const record::Alert got = alert(&works, "2026-03-05T00:00:00Z", c.level, c.rule_level);
    EXPECT_EQ(got.level, c.want) << c.level;
    EXPECT_EQ(got.rule_level, c.want_rule) << c.level;
  }
}

TEST_F(RegimeKeeperTest, AnAssetsLabelIsNeverMadeLessStrict) {
  const context::Asset red = asset({}, "AT", "red"), clear = asset({}, "AT", "clear");
  EXPECT_EQ(alert(&red, "2026-03-05T00:00:00Z").tlp, "red");
  EXPECT_EQ(alert(&clear, "2026-03-05T00:00:00Z").tlp, "amber");
}

TEST_F(RegimeKeeperTest, TheCautionIsBesideTheSwitch) {
  const std::string json = regime_json(with_conflict().book(), *snapshot_->policies, at("2026-03-05T00:00:00Z"));
  EXPECT_NE(json.find(context::kRegimeCaution), std::string::npos);
  EXPECT_NE(json.find("\"regime\": \"armed_conflict\", \"kind\": \"niac\""), std::string::npos) << json;
}

TEST(NormFilesTest, WhatLiesBesideTheCatalogueIsTaken) {
  const fs::path root = fs::temp_directory_path() / ("nw_norm_files_" + std::to_string(::getpid()));
  fs::create_directories(root);
  Diagnostics embedded;
  const NormFiles shipped = read_norm_files({}, embedded);
  ASSERT_TRUE(embedded.ok()) << embedded.to_string();
  const std::string catalogue = (root / "catalogue.yaml").string();
  std::ofstream{catalogue} << read_or_embedded({}, "rules/norms/catalogue.yaml", "", embedded)->text;
  Diagnostics alone;
  EXPECT_EQ(read_norm_files(catalogue, alone).hash, shipped.hash) << "the others are the embedded ones";
  EXPECT_TRUE(alone.ok()) << alone.to_string();
  std::ofstream{root / "regimes.yaml"} << "version: 1\nregimes: {}\n";
  std::string law = read_norm_companion({}, "law.yaml", embedded)->text;
  law.replace(law.find("[medical]"), 9, "[medicals]");
  std::ofstream{root / "law.yaml"} << law;
  Diagnostics beside;
  read_norm_files(catalogue, beside);
  EXPECT_NE(beside.to_string().find("regimes.yaml:2:"), std::string::npos) << beside.to_string();
  EXPECT_NE(beside.to_string().find("'medicals', which is no flag of the register (did you mean 'medical'?)"),
            std::string::npos)
      << beside.to_string();
  fs::remove_all(root);
}

}  // namespace
}  // namespace nw::app
