#include "app/reporting_text.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "app/reporting_files.h"
#include "app/time_zone.h"

namespace nw::app {
namespace {

using namespace reporting;

Timestamp at(const std::string& text) { return *parse_rfc3339(text); }

std::shared_ptr<const ReportingRegime> regime_of(const std::string& name) {
  Diagnostics diagnostics;
  auto out = load_reporting_regime(name, diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return out;
}

TEST(ReportingFiles, AreEmbedded) {
  EXPECT_EQ(reporting_regimes(), (std::vector<std::string>{"cra", "dora", "nis2", "template"}));
  for (const std::string& id : reporting_regimes()) EXPECT_EQ(regime_of(id)->id, id);
  static constexpr struct {
    const char *name, *want;
  } kCases[] = {
      {"nis",
       "unknown-regime: no reporting regime is called so (did you mean 'nis2'?): 'normwatch reporting list' lists "
       "them"},
      {"./nothing.yaml", "./nothing.yaml: unreadable: the reporting regime"},
      {"", "unknown-regime"},
  };
  for (const auto& c : kCases) {
    Diagnostics diagnostics;
    EXPECT_EQ(load_reporting_regime(c.name, diagnostics), nullptr);
    EXPECT_NE(diagnostics.to_string().find(c.want), std::string::npos) << diagnostics.to_string();
  }
}

// The days on which clocks change have 23 and 25 hours; a limit of 24 hours has 24.
TEST(ReportingText, ShowsTimesInAZone) {
  static constexpr struct {
    const char *zone, *time, *want;
  } kCases[] = {
      {"UTC", "2026-01-15T08:00:00Z", "2026-01-15T08:00:00Z"},
      {"Europe/Vienna", "2026-01-15T08:00:00Z", "2026-01-15T09:00:00+01:00"},
      {"Europe/Vienna", "2026-03-28T12:00:00Z", "2026-03-28T13:00:00+01:00"},
      {"Europe/Vienna", "2026-03-29T12:00:00Z", "2026-03-29T14:00:00+02:00"},
      {"Europe/Vienna", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"},
      {"Europe/Vienna", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"},
      {"America/St_Johns", "2026-01-15T02:00:00Z", "2026-01-14T22:30:00-03:30"},
      {"Asia/Kolkata", "2026-01-15T20:00:00Z", "2026-01-16T01:30:00+05:30"},
  };
  for (const auto& c : kCases) EXPECT_EQ(in_zone(at(c.time), **find_time_zone(c.zone)), c.want);
  EXPECT_FALSE(in_zone(Timestamp::max(), **find_time_zone("Europe/Vienna")).empty());
}

TEST(ReportingText, Spans) {
  using namespace std::chrono_literals;
  static constexpr std::pair<std::chrono::seconds, const char*> kCases[] = {
      {0s, "0 s"},     {59s, "59 s"},           {60s, "1 min"},  {3599s, "59 min 59 s"},
      {-3600s, "1 h"}, {86399s, "23 h 59 min"}, {86400s, "1 d"}, {-90000s, "1 d 1 h"}};
  for (const auto& [span, want] : kCases) EXPECT_EQ(span_text(span), want);
}

TEST(ReportingText, ReadsWhatTheCommandLineSays) {
  const auto regime = regime_of("nis2");
  IncidentTimes times;
  Facts facts;
  EXPECT_TRUE(add_sending("early_warning=2026-01-15T20:00:00Z", *regime, times));
  EXPECT_TRUE(add_sending("early_warning=2026-01-15T21:00:00+01:00", *regime, times));
  EXPECT_EQ(times.sent["early_warning"], (std::vector<Timestamp>(2, at("2026-01-15T20:00:00Z"))));
  EXPECT_TRUE(add_fact("cross_border=yes", *regime, facts));
  EXPECT_TRUE(add_fact("malicious=false", *regime, facts));
  EXPECT_TRUE(add_fact("ongoing=true", *regime, facts));
  EXPECT_TRUE(add_fact("users_share=5.5", *regime, facts));
  EXPECT_TRUE(add_role("cloud", *regime, facts));
  EXPECT_EQ(facts.values["cross_border"], (std::variant<bool, double>{true}));
  EXPECT_EQ(facts.values["users_share"], (std::variant<bool, double>{5.5}));
  EXPECT_EQ(add_sending("early_warnin=2026-01-15T20:00:00Z", *regime, times).error().what,
            "--sent: nis2 has no stage 'early_warnin' (did you mean 'early_warning'?)");
  EXPECT_EQ(add_sending("early_warning", *regime, times).error().what, "--sent 'early_warning': write STAGE=TIME");
  EXPECT_FALSE(add_sending("early_warning=yesterday", *regime, times));
  EXPECT_EQ(add_fact("cross_borde=yes", *regime, facts).error().what,
            "--fact: nis2 has no fact 'cross_borde' (did you mean 'cross_border'?)");
  EXPECT_EQ(add_fact("death=maybe", *regime, facts).error().what,
            "--fact 'death': write yes or no; leave it out while nobody knows");
  for (const char* text : {"unavailable=", "unavailable=5x", "unavailable=nan", "unavailable=inf", "unavailable=yes"})
    EXPECT_FALSE(add_fact(text, *regime, facts)) << text;
  EXPECT_FALSE(add_fact("cross_border=no", *regime, facts));
  EXPECT_FALSE(add_fact("cross_border", *regime, facts));
  EXPECT_EQ(add_role("clod", *regime, facts).error().what, "--role: nis2 has no role 'clod' (did you mean 'cloud'?)");
}

TEST(ReportingText, PrintsTheDeadlines) {
  const auto regime = regime_of("nis2");
  IncidentTimes times;
  Facts facts;
  times[Moment::aware_at] = at("2026-03-28T12:00:00Z");
  ASSERT_TRUE(add_sending("early_warning=2026-03-28T20:00:00Z", *regime, times));
  ASSERT_TRUE(add_fact("death=yes", *regime, facts));
  const auto zone = find_time_zone("Europe/Vienna");
  const Timestamp now = at("2026-03-29T21:00:00Z");
  const SignificanceProposal proposal = propose_significance(*regime, facts);
  const ClockView view{*regime, deadlines(*regime, times, facts, now), {"odd"}, &proposal, now, "Europe/Vienna",
                       **zone};
  const std::string text = clock_text(view);
  for (const char* want :
       {"NIS2 incident reporting, at 2026-03-29T23:00:00+02:00 (Europe/Vienna)\n",
        "  early_warning        2026-03-29T14:00:00+02:00 done in time, sent 2026-03-28T21:00:00+01:00\n",
        "  feedback             2026-03-29T22:00:00+02:00 overdue by 1 h [owed by the authority]\n",
        "  notification         2026-03-31T14:00:00+02:00 running, 1 d 15 h left\n",
        "  final_report         -                         not started\n",
        "significant: proposed; a person confirms it\n", "death of a person", "warning: odd\n"})
    EXPECT_NE(text.find(want), std::string::npos) << want << '\n' << text;
  boost::json::error_code error;
  const auto json = boost::json::parse(clock_json(view), error);
  ASSERT_FALSE(error) << clock_json(view);
  const auto& list = json.as_object().at("deadlines").as_array();
  ASSERT_EQ(list.size(), 6U);
  EXPECT_EQ(list[0].as_object().at("state").as_string(), "done_in_time");
  EXPECT_EQ(list[1].as_object().at("left_seconds").as_int64(), -3600);
  EXPECT_EQ(list[2].as_object().at("due").as_string(), "2026-03-31T12:00:00Z");
  EXPECT_EQ(list[2].as_object().at("due_local").as_string(), "2026-03-31T14:00:00+02:00");
  EXPECT_FALSE(list[5].as_object().contains("due"));
  EXPECT_EQ(json.as_object().at("significant").as_object().at("proposal").as_string(), "proposed");
}

TEST(ReportingText, PrintsARegime) {
  for (const std::string& id : reporting_regimes()) {
    SCOPED_TRACE(id);
    const auto regime = regime_of(id);
    const std::string text = regime_text(*regime);
    for (const ReportingStage& stage : regime->stages)
      EXPECT_NE(text.find("  " + stage.id + ": " + stage.title), std::string::npos) << text;
    boost::json::error_code error;
    const auto json = boost::json::parse(regime_json(*regime), error);
    ASSERT_FALSE(error) << regime_json(*regime);
    EXPECT_EQ(json.as_object().at("stages").as_array().size(), regime->stages.size());
  }
  const std::string text = regime_text(*regime_of("dora"));
  EXPECT_NE(
      text.find("4 hours after classified_at; at the latest 24 hours after aware_at (not if classified_at is later "
                "than that)"),
      std::string::npos)
      << text;
}

}  // namespace
}  // namespace nw::app
