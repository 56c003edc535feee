#include "record/bundle/collect.h"

#include <gtest/gtest.h>

#include "unit/record/bundle/support.h"

namespace nw::bundle {
namespace {

using namespace test;

SampleLedger grown(std::uint64_t size) {
  SampleLedger ledger;
  ledger.grow(size);
  return ledger;
}

bool is_naming(std::string_view type) {
  return type == record::kEntryFold || type == record::kEntryEvidence || type == record::kEntryIncident;
}

// Against what a slow look at every entry finds.
TEST(BundleCollect, TakesWhatBelongsToTheIncident) {
  const SampleLedger ledger = grown(300);
  const Wanted wanted = ledger.wanted();
  const Collected got = need(collect(wanted, ledger));
  const std::uint64_t last = wanted.alerts.back().entry;
  std::size_t named = 0;
  for (std::uint64_t i = 0; i < ledger.all().size(); ++i) {
    const std::string& bytes = ledger.all()[i];
    bool names = bytes.find(kIncidentId) != std::string::npos;
    for (const CaseAlertPlace& alert : wanted.alerts)
      names = names || (alert.entry <= i && bytes.find(alert.id) != std::string::npos);
    const auto entry = read_entry(bytes);
    ASSERT_TRUE(entry);
    if (entry->type == record::kEntryAlert || is_naming(entry->type)) {
      EXPECT_EQ(got.entries.contains(i), names) << i << ' ' << bytes;
      named += names ? 1U : 0U;
    }
  }
  EXPECT_GT(named, 50U);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(got.entries.contains(i));  // in force
  // A heartbeat before the first alert, and one behind the last, when there is one.
  EXPECT_TRUE(got.entries.contains(3));
  bool beats_behind = false, kept_behind = false;
  for (std::uint64_t i = last; i < ledger.all().size(); ++i) {
    beats_behind = beats_behind || read_entry(ledger.all()[i])->type == record::kEntryHeartbeat;
    kept_behind = kept_behind || (got.entries.contains(i) && got.entries.at(i).type == record::kEntryHeartbeat);
  }
  EXPECT_EQ(beats_behind, kept_behind);
}

TEST(BundleCollect, TheSameInputGivesTheSameBytes) {
  const SampleLedger ledger = grown(120);
  EXPECT_EQ(*write_archive(full_bundle(ledger)), *write_archive(full_bundle(ledger)));
}

TEST(BundleCollect, RefusesWhatDoesNotFit) {
  SampleLedger ledger = grown(60);
  Wanted none = ledger.wanted();
  none.alerts.clear();
  EXPECT_EQ(collect(none, ledger).error().code, Errc::not_found);
  Wanted beyond = ledger.wanted();
  beyond.alerts.push_back({alert_id(99), 99});
  EXPECT_EQ(collect(beyond, ledger).error().code, Errc::unavailable);
  Wanted wrong = ledger.wanted();
  wrong.alerts.back().id = alert_id(7777);
  EXPECT_NE(collect(wrong, ledger).error().what.find("record rebuild"), std::string::npos);
  Wanted many = ledger.wanted();
  many.alerts.resize(kAlertsMax + 1);
  EXPECT_EQ(collect(many, ledger).error().code, Errc::full);
  SampleLedger other;
  other.go_another_way();
  other.grow(30);
  Wanted forked = ledger.wanted();
  forked.old_checkpoint = *other.checkpoint();
  EXPECT_NE(collect(forked, ledger).error().what.find("fork"), std::string::npos);
  other.grow(90);
  forked.old_checkpoint = *other.checkpoint();
  EXPECT_EQ(collect(forked, ledger).error().code, Errc::malformed);
  // A tree whose entry was edited.
  std::string& entry = ledger.entry(ledger.alerts()[0].entry);
  entry.replace(entry.find("13f"), 3, "13g");
  EXPECT_NE(collect(ledger.wanted(), ledger).error().what.find("ledger verify"), std::string::npos);
}

TEST(BundleCollect, GoesByTheNewestHeadThatWitnessesSigned) {
  SampleLedger ledger;
  ledger.grow(90);
  ledger.keep_head();
  Wanted wanted = ledger.wanted();
  ledger.grow(100);
  ledger.sign(log_key(), false);  // the witness has not seen it yet
  const merkle::Policy own = policy();
  wanted.policy = &own;
  const Collected got = need(collect(wanted, ledger));
  EXPECT_EQ(got.files.at("checkpoint-new"), ledger.kept().at(90).to_string());
  EXPECT_TRUE(got.index.missing.empty());
  // No kept head covers this one: it is said.
  wanted = ledger.wanted();
  wanted.policy = &own;
  if (wanted.alerts.back().entry >= 90) {
    const Collected late = need(collect(wanted, ledger));
    ASSERT_EQ(late.index.missing.size(), 1U);
    EXPECT_NE(late.index.missing[0].find("quorum"), std::string::npos);
  }
}

// On a busy site no head stays long enough to be signed where the tree keeps it.
TEST(BundleCollect, TakesTheLastHeadThatHadItsQuorum) {
  SampleLedger ledger;
  ledger.grow(60);
  ledger.keep_head();
  const Wanted early = ledger.wanted();
  ledger.grow(90);
  ledger.witness_head();
  const std::string witnessed = ledger.checkpoint()->to_string();
  ledger.grow(100);
  ledger.sign(log_key(), false);
  const merkle::Policy own = policy();
  const auto collected = [&](Wanted wanted) {
    wanted.policy = &own;
    return need(collect(wanted, ledger));
  };
  const Collected got = collected(early);
  EXPECT_EQ(got.files.at("checkpoint-new"), witnessed);
  EXPECT_TRUE(got.index.missing.empty());
  // It does not cover the last alert.
  const Wanted late = ledger.wanted();
  ASSERT_GE(late.alerts.back().entry, 90U);
  const Collected uncovered = collected(late);
  EXPECT_EQ(uncovered.files.at("checkpoint-new"), ledger.checkpoint()->to_string());
  ASSERT_EQ(uncovered.index.missing.size(), 1U);
  EXPECT_NE(uncovered.index.missing[0].find("quorum"), std::string::npos);
  // A newer kept head goes before it; what is of no use is named.
  ledger = SampleLedger{};
  ledger.grow(80);
  ledger.witness_head();
  ledger.grow(90);
  ledger.keep_head();
  const std::string kept = ledger.checkpoint()->to_string();
  ledger.grow(100);
  ledger.sign(log_key(), false);
  EXPECT_EQ(collected(early).files.at("checkpoint-new"), kept);
  SampleLedger other;
  other.go_another_way();
  other.grow(95);
  for (const std::uint64_t size : {95U, 120U}) {
    other.grow(size);
    ledger.last_witnessed() = *other.checkpoint();
    const Collected without = collected(early);
    EXPECT_EQ(without.files.at("checkpoint-new"), kept);
    ASSERT_EQ(without.index.missing.size(), 1U);
    EXPECT_NE(without.index.missing[0].find("the head that witnesses signed last: it "), std::string::npos);
  }
}

// Witnesses sign a kept head later than it was stamped.
TEST(BundleCollect, AStampIsOfTheBytesThatWereStamped) {
  SampleLedger ledger;
  ledger.grow(90);
  const Wanted wanted = ledger.wanted();
  ledger.sign(log_key(), false);
  const std::string stamped = ledger.checkpoint()->to_string();
  ledger.stamp_head();
  ledger.sign(log_key());
  ledger.keep_head();
  ledger.grow(95);
  ledger.stamp_head();
  ledger.grow(100);
  Collected got = need(collect(wanted, ledger));
  EXPECT_EQ(got.files.at(head_path(90)), stamped);
  EXPECT_TRUE(got.files.contains(stamp_path(90)));
  EXPECT_FALSE(got.files.contains(stamp_path(95))) << "the first behind the last alert is enough";
  EXPECT_TRUE(got.index.missing.empty());
  EXPECT_TRUE(holds(verify(need(finish(std::move(got))), held())));
  // One that is spoiled is named, and the next one taken.
  const auto first_missing = [&] {
    const Collected now = need(collect(wanted, ledger));
    EXPECT_TRUE(now.files.contains(stamp_path(95)));
    EXPECT_FALSE(now.files.contains(stamp_path(90)));
    return now.index.missing.size() == 1 ? now.index.missing[0] : "not one thing";
  };
  const StampedHead good = ledger.stamped(90);
  ledger.stamped(90).reply += 'x';
  ledger.stamped(90).reply[5] ^= 1;
  EXPECT_NE(first_missing().find("head of 90 entries: it is of other bytes"), std::string::npos);
  ledger.stamped(90) = {"", good.reply};
  EXPECT_NE(first_missing().find("head of 90 entries: it is not there"), std::string::npos);
  ledger.stamped(90) = ledger.stamped(95);
  EXPECT_NE(first_missing().find("its head is another one"), std::string::npos);
  // None covers what came behind them all.
  const Wanted late = ledger.wanted();
  ASSERT_GE(late.alerts.back().entry, 95U);
  const Collected now = need(collect(late, ledger));
  EXPECT_NE(now.index.missing.back().find("a time stamp behind entry"), std::string::npos);
}

TEST(BundleCollect, SaysWhatIsNotThereAnyMore) {
  const SampleLedger ledger = grown(80);
  Collected got = need(collect(ledger.wanted(), ledger));
  Pack pack = sample_pack();
  pack.rules_list += hash_hex("x") + " rule rules/new.yml\n";
  pack.norms[1] += "x";
  pack.registry_hash = hash_hex("x");
  add_pack(got, pack);
  add_evidence(got, [](std::string_view, record::EvidenceKind) -> Result<std::string> {
    return Error{Errc::not_found, "it was erased"};
  });
  EXPECT_GE(got.index.missing.size(), 4U);
  const Files files = need(finish(std::move(got)));
  EXPECT_NE(files.at("README").find("it was erased"), std::string::npos);
  EXPECT_NE(files.at("README").find("the rules of pack"), std::string::npos);
  EXPECT_TRUE(holds(verify(files, held())));
}

TEST(BundleCollect, OpenedEvidenceIsCheckedBeforeItGoesIn) {
  const SampleLedger ledger = grown(200);
  Collected got = need(collect(ledger.wanted(), ledger));
  EXPECT_NE(add_opened(got, {{"evidence/x", "y"}}).error().what.find("called"), std::string::npos);
  const std::string alert = ledger.alerts()[0].id;
  EXPECT_FALSE(add_opened(got, {{clear_path(alert, record::EvidenceKind::line), "a line"},
                                {nonce_path(alert, record::EvidenceKind::line), std::string(64, '0') + '\n'}}));
}

TEST(BundleCollect, IndexReadsBackWhatItWrites) {
  CaseIndex index;
  index.incident = kIncidentId;
  index.row = {{"id", kIncidentId}, {"title", "Write \"äß\""}};
  index.made = {{"by", "a"}};
  index.alerts = {{alert_id(7), 7}, {alert_id(9), 9}};
  index.entries = {0, 7, 9};
  index.missing = {"one thing"};
  const auto text = index.to_text();
  ASSERT_TRUE(text);
  const auto again = CaseIndex::parse(*text);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again->to_text(), *text);
  const auto broken = [&](std::string_view from, std::string_view to) {
    std::string other = *text;
    other.replace(other.find(from), from.size(), to);
    const auto read = CaseIndex::parse(other);
    return read ? "read" : read.error().what;
  };
  EXPECT_NE(broken("[0,7,9]", "[0,9,7]").find("out of order"), std::string::npos);
  EXPECT_NE(broken("[0,7,9]", "[0,7,-9]").find("no index"), std::string::npos);
  EXPECT_NE(broken("[0,7,9]", "[0,7,9.5]").find("whole"), std::string::npos);
  EXPECT_NE(broken("\"entry\":9", "\"entry\":7").find("order"), std::string::npos);
  EXPECT_NE(broken("bundle/1", "bundle/2").find("version"), std::string::npos);
  EXPECT_NE(broken("NW-2026", "../2026").find("names none"), std::string::npos);
  EXPECT_NE(broken("{\"alerts\"", "{ \"alerts\"").find("canonical"), std::string::npos);
}

TEST(BundleLayout, PathsReadBack) {
  const std::string id(32, 'a'), hash(64, 'b');
  const struct {
    std::string path;
    FileKind kind;
  } kGood[] = {{"MANIFEST", FileKind::manifest},
               {"entries/0.json", FileKind::entry},
               {proof_path(17), FileKind::proof},
               {head_path(5), FileKind::head},
               {head_consistency_path(5), FileKind::head_consistency},
               {stamp_path(5), FileKind::stamp},
               {sealed_path(id, record::EvidenceKind::values), FileKind::sealed},
               {clear_path(id, record::EvidenceKind::line), FileKind::clear},
               {nonce_path(id, record::EvidenceKind::packets), FileKind::nonce},
               {"rules/" + hash + ".yml", FileKind::rule},
               {"rules/" + hash + ".list", FileKind::rules_list},
               {"norms/" + hash + "/law.yaml", FileKind::norms},
               {"register/" + hash + ".json", FileKind::extract},
               {"register/" + hash + ".list", FileKind::register_list}};
  for (const auto& good : kGood) {
    const auto name = read_path(good.path);
    ASSERT_TRUE(name) << good.path;
    EXPECT_EQ(name->kind, good.kind) << good.path;
    EXPECT_TRUE(is_path(good.path)) << good.path;
  }
  for (const std::string& path :
       {std::string{"entries/01.json"}, std::string{"entries/.json"}, std::string{"entries/9223372036854775808.json"},
        "evidence/" + id + ".values.pcapng", "evidence/" + id + ".keys.sealed", "rules/" + hash + ".yaml",
        std::string{"rules/x.yml"}, "norms/" + hash + "/wording.yaml", std::string{"heads/x"}, std::string{"other"}})
    EXPECT_FALSE(read_path(path)) << path;
}

}  // namespace
}  // namespace nw::bundle
