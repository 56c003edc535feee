#include "app/report_export.h"

#include <gtest/gtest.h>

#include "event/later_types.h"

namespace nw::app {
namespace {

ReportExport full() {
  ReportExport out;
  out.outcome = ReportExport::Outcome::overridden;
  out.incident = "NW-2026-000001";
  out.regime = "nis2";
  out.stage = "early_warning";
  out.by = "p1";
  out.why = "it quotes \"where\"\na victim is";
  out.words = {"one", "zwei drei"};
  return out;
}

TEST(ReportExport, GoesThereAndBack) {
  const auto back = ReportExport::from_json(full().to_json());
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(back->to_json(), full().to_json());
  EXPECT_EQ(back->why, full().why);
  ReportExport many = full();
  many.words.assign(100, std::string(1'000, 'x'));
  const auto cut = ReportExport::from_json(many.to_json());
  ASSERT_TRUE(cut) << cut.error().what;
  EXPECT_EQ(cut->words.size(), ReportExport::kWordsMax);
  EXPECT_EQ(cut->words[0].size(), ReportExport::kNameBytesMax);
}

TEST(ReportExport, IsReadStrictly) {
  static constexpr struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"nothing", "", "bad-document"},
      {"no outcome", R"({"incident":"a","regime":"b","stage":"c"})", "needs the key 'outcome'"},
      {"another outcome", R"({"outcome":"helt","incident":"a","regime":"b","stage":"c"})", "held"},
      {"unknown", R"({"outcome":"held","incident":"a","regime":"b","stage":"c","wordz":[]})", "wordz"},
      {"nobody sent", R"({"outcome":"released","incident":"a","regime":"b","stage":"c"})", "'by' is missing"},
      {"no reason", R"({"outcome":"overridden","incident":"a","regime":"b","stage":"c","by":"p"})", "'why' is missing"},
      {"an empty word", R"({"outcome":"held","incident":"a","regime":"b","stage":"c","words":[""]})", "word is empty"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto got = ReportExport::from_json(c.text);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::malformed);
    EXPECT_NE(got.error().what.find(c.want), std::string::npos) << got.error().what;
  }
  const std::string long_name(200, 'x');
  EXPECT_FALSE(
      ReportExport::from_json(R"({"outcome":"held","incident":")" + long_name + R"(","regime":"b","stage":"c"})"));
}

// What the ledger keeps says how many words, never which.
TEST(ReportExport, AsAnEntry) {
  ReportExport out = full();
  out.uid = 1000;
  EXPECT_EQ(out.entry(),
            R"({"what":"report","outcome":"overridden","incident":"NW-2026-000001","regime":"nis2",)"
            R"("stage":"early_warning","by":"p1","why":"it quotes \"where\"\na victim is","words":2,"uid":1000})");
}

TEST(ReportExport, AsAnEvent) {
  static constexpr struct {
    ReportExport::Outcome outcome;
    bool words;
    const char* want;
  } kCases[] = {
      {ReportExport::Outcome::drafted, false, "none"},
      {ReportExport::Outcome::held, true, "outcome export_id case_id gate words"},
      {ReportExport::Outcome::released, false, "outcome export_id case_id"},
      {ReportExport::Outcome::released, true, "outcome export_id case_id gate words"},
      {ReportExport::Outcome::overridden, true, "outcome export_id case_id gate words override_by"},
  };
  event::Schema schema;
  event::declare_later(schema);
  declare_fed(schema);
  for (const auto& c : kCases) {
    ReportExport one = full();
    one.outcome = c.outcome;
    if (!c.words) one.words.clear();
    const auto event = one.event(Timestamp{});
    std::string got;
    if (event)
      for (const auto& [name, value] : event->fields) got += (got.empty() ? "" : " ") + std::string{name};
    EXPECT_EQ(event ? got : "none", c.want);
    if (!event) continue;
    EXPECT_EQ(std::get<std::string>(event->fields[1].second), "NW-2026-000001/nis2/early_warning");
    event::Event filled;
    fill(*event, schema, event::SourceId{}, filled);  // aborts over a type or field that is not there
  }
}

}  // namespace
}  // namespace nw::app
