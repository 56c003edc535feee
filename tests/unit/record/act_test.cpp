#include "record/act.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "record/entry.h"
#include "unit/record/support.h"

namespace nw::record {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

Act act_of(ActKind kind, Values values = {}, std::string why = {}) {
  Act out;
  out.kind = kind;
  out.incident = "NW-2026-000001";
  out.by = "s-17";
  out.uid = 1000;
  out.why = std::move(why);
  out.values = std::move(values);
  return out;
}

// One that is whole, of each kind.
std::vector<Act> one_of_each() {
  const std::string time = "2026-01-15T08:00:00+01:00";
  return {act_of(ActKind::acknowledge),
          act_of(ActKind::contain),
          act_of(ActKind::resolve, {}, "the pump is back"),
          act_of(ActKind::false_positive, {}, "a work order"),
          act_of(ActKind::reopen, {}, "it began again"),
          act_of(ActKind::assign, {{"to", "s-18"}}),
          act_of(ActKind::note, {{"text", "line one\nline \"two\"\t\\ \xc3\xa9"}}),
          act_of(ActKind::merge, {{"into", "NW-2026-000002"}}, "one campaign"),
          act_of(ActKind::split, {{"merge", "17"}}, "they were two"),
          act_of(ActKind::tlp, {{"label", "amber+strict"}}),
          act_of(ActKind::pap, {{"label", "red"}}),
          act_of(ActKind::factor, {{"factor", "context"}, {"text", "an election"}}),
          act_of(ActKind::hypothesis, {{"text", "a test bench"}}),
          act_of(ActKind::victims, {{"count", "3"}}),
          act_of(ActKind::share, {{"with", "CERT of a neighbour"}}),
          act_of(ActKind::withhold, {}, "a court asks for it"),
          act_of(ActKind::exercise, {{"exercise", "yes"}}),
          act_of(ActKind::classify, {{"kind", "ransomware"}, {"rsit", "availability.dos"}}),
          act_of(ActKind::moment, {{"moment", "aware_at"}, {"time", time}}),
          act_of(ActKind::fact, {{"fact", "cross_border"}, {"value", ""}}),
          act_of(ActKind::significance, {{"proposal", "yes"}, {"regime", "nis2"}, {"significant", "no"}}, "small"),
          act_of(ActKind::sent, {{"regime", "nis2"}, {"stage", "early_warning"}, {"time", time}})};
}

TEST(Act, AnIdIs128BitsInHex) {
  Act act = act_of(ActKind::acknowledge);
  EXPECT_EQ(act.to_json().find("\"id\""), std::string::npos) << "an entry of before stays as it was";
  act.id = "00112233445566778899aabbccddeeff";
  EXPECT_TRUE(act.check());
  const auto read = Act::from_json(act.to_json());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->id, act.id);
  for (const char* bad : {"1", "00112233445566778899AABBCCDDEEFF", "00112233445566778899aabbccddeefg",
                          "00112233445566778899aabbccddeeff0"}) {
    act.id = bad;
    EXPECT_FALSE(act.check()) << bad;
    EXPECT_FALSE(Act::from_json(act.to_json())) << bad;
  }
  EXPECT_FALSE(Act::from_json(R"({"by":"a","id":"","incident":"NW-2026-000001","kind":"acknowledge","uid":1})"));
}

TEST(Act, EachKindIsReadBackFromItsEntry) {
  const auto acts = one_of_each();
  ASSERT_EQ(acts.size(), kActs.size());
  for (std::size_t i = 0; i < acts.size(); ++i) {
    const Act& act = acts[i];
    SCOPED_TRACE(std::string{to_string(act.kind)});
    EXPECT_EQ(static_cast<std::size_t>(act.kind), i);
    EXPECT_EQ(act_kind(to_string(act.kind)), act.kind);
    EXPECT_EQ(form_of(act.kind).kind, act.kind);
    const auto whole = act.check();
    ASSERT_TRUE(whole) << whole.error().what;
    const std::string payload = make_entry(kEntryIncident, test::at("2026-01-15T08:00:00Z"), act.to_json());
    const auto view = parse_entry(payload);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->body, act.to_json()) << "as it is written it is canonical already";
    const auto got = Act::from_json(view->body);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->kind, act.kind);
    EXPECT_EQ(got->incident, act.incident);
    EXPECT_EQ(got->by, act.by);
    EXPECT_EQ(got->uid, act.uid);
    EXPECT_EQ(got->why, act.why);
    EXPECT_EQ(got->values, act.values);
  }
  EXPECT_FALSE(act_kind("attribute"));
}

TEST(Act, WhatAKindNeedsIsMissed) {
  for (const Act& whole : one_of_each()) {
    SCOPED_TRACE(std::string{to_string(whole.kind)});
    const ActForm& form = form_of(whole.kind);
    for (const std::string_view name : form.needs) {
      Act act = whole;
      std::erase_if(act.values, [&](const auto& value) { return value.first == name; });
      const auto got = act.check();
      ASSERT_FALSE(got) << name;
      EXPECT_EQ(got.error().code, Errc::invalid_argument);
      EXPECT_NE(got.error().what.find(name), std::string::npos) << got.error().what;
    }
    if (form.why) {
      Act act = whole;
      act.why = " \n";
      ASSERT_FALSE(act.check());
      EXPECT_NE(act.check().error().what.find("why"), std::string::npos);
    }
    Act act = whole;
    act.values.emplace_back("colour", "red");
    ASSERT_FALSE(act.check());
    EXPECT_NE(act.check().error().what.find("colour"), std::string::npos);
  }
}

TEST(Act, Refuses) {
  std::string many;
  for (int i = 0; i < 121; ++i) many += (i == 0 ? "a" : ",a") + std::to_string(i);
  const struct {
    const char* name;
    ActKind kind;
    Values values;
    const char* says;
  } kCases[] = {
      {"an unknown label", ActKind::tlp, {{"label", "white"}}, "clear, green"},
      {"a label of the other kind", ActKind::pap, {{"label", "amber+strict"}}, "clear, green"},
      {"an unknown factor", ActKind::factor, {{"factor", "guilt"}, {"text", "x"}}, "technical"},
      {"an empty factor", ActKind::factor, {{"factor", "scope"}, {"text", " "}}, "is empty"},
      {"a moment that is none", ActKind::moment, {{"moment", "guessed_at"}, {"time", "2026-01-15T08:00:00Z"}}, "aware"},
      {"a time without its zone", ActKind::moment, {{"moment", "aware_at"}, {"time", "2026-01-15T08:00:00"}}, "zone"},
      {"a count below 0", ActKind::victims, {{"count", "-1"}}, "whole number"},
      {"a count beyond all people", ActKind::victims, {{"count", "99999999999"}}, "whole number"},
      {"yes and no", ActKind::exercise, {{"exercise", "maybe"}}, "yes or no"},
      {"into what is no incident", ActKind::merge, {{"into", "NW-26-1"}}, "incident's id"},
      {"split of both", ActKind::split, {{"alerts", "a"}, {"merge", "1"}}, "either"},
      {"split of nothing", ActKind::split, {}, "either"},
      {"split of a merge that is no number", ActKind::split, {{"merge", "1x"}}, "ledger index"},
      {"an alert twice", ActKind::split, {{"alerts", "a,b,a"}}, "twice"},
      {"an alert without a name", ActKind::split, {{"alerts", "a,,b"}}, "ids of alerts"},
      {"too many alerts", ActKind::split, {{"alerts", many}}, "120"},
      {"a regime with a path",
       ActKind::sent,
       {{"regime", "../x"}, {"stage", "s"}, {"time", "2026-01-15T08:00:00Z"}},
       "letters"},
      {"classified as nothing", ActKind::classify, {}, "rsit"},
      {"a name over several lines", ActKind::assign, {{"to", "a\nb"}}, "control"},
      {"an escape for a terminal", ActKind::note, {{"text", "\x1b[2J"}}, "control"},
      {"a C1 control", ActKind::note, {{"text", "a\xc2\x9b"}}, "control"},
      {"no UTF-8", ActKind::note, {{"text", "\xff"}}, "UTF-8"},
      {"too long", ActKind::note, {{"text", std::string(kActTextBytesMax + 1, 'x')}}, "4096"},
      {"a value twice", ActKind::note, {{"text", "a"}, {"text", "b"}}, "twice"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto got = act_of(c.kind, c.values, "because").check();
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().what.find(c.says), std::string::npos) << got.error().what;
  }
  Act act = act_of(ActKind::note, {{"text", std::string(kActTextBytesMax, 'x')}});
  EXPECT_TRUE(act.check()) << "as long as may be";
  for (const char* id : {"", "NW-2026-1", "nw-2026-000001", "NW-2026-00000a", "NW-2026-000001 ", "NW-20260000001",
                         "NW-2026-99999999999999999999"}) {
    act.incident = id;
    EXPECT_FALSE(act.check()) << id;
  }
  act = act_of(ActKind::acknowledge);
  act.by = " ";
  EXPECT_FALSE(act.check());
  act.by = std::string(kActNameBytesMax + 1, 'x');
  EXPECT_FALSE(act.check());
  act.by = "a\tb";
  EXPECT_FALSE(act.check());
}

TEST(Act, ReadsStrictly) {
  const struct {
    const char *name, *json, *says;
  } kCases[] = {
      {"no object", "[]", "no JSON object"},
      {"no JSON", "{", "act:"},
      {"nothing", "{}", "kind"},
      {"another member", R"({"by":"a","incident":"NW-2026-000001","kind":"acknowledge","uid":1,"at":1})", "`at`"},
      {"an unknown kind", R"({"by":"a","incident":"NW-2026-000001","kind":"blame","uid":1})", "blame"},
      {"no one", R"({"incident":"NW-2026-000001","kind":"acknowledge","uid":1})", "by"},
      {"no incident", R"({"by":"a","kind":"acknowledge","uid":1})", "incident"},
      {"a user below -1", R"({"by":"a","incident":"NW-2026-000001","kind":"acknowledge","uid":-2})", "uid"},
      {"a user beyond 32 bits", R"({"by":"a","incident":"NW-2026-000001","kind":"acknowledge","uid":4294967296})",
       "uid"},
      {"values as a list", R"({"by":"a","incident":"NW-2026-000001","kind":"acknowledge","uid":1,"values":[]})",
       "values"},
      {"a number as a value", R"({"by":"a","incident":"NW-2026-000001","kind":"assign","uid":1,"values":{"to":1}})",
       "to"},
      {"a member twice", R"({"by":"a","by":"b","incident":"NW-2026-000001","kind":"acknowledge","uid":1})", "act:"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto got = Act::from_json(c.json);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::malformed);
    EXPECT_NE(got.error().what.find(c.says), std::string::npos) << got.error().what;
  }
  EXPECT_TRUE(Act::from_json(R"({"by":"a","incident":"NW-2026-000001","kind":"acknowledge"})"));
}

// Whatever check() lets through fits an entry whole.
TEST(Act, TheLargestFitsAnEntry) {
  const std::string text(kActTextBytesMax, '"');  // two bytes each in JSON
  Act act = act_of(ActKind::significance, {{"proposal", text}, {"regime", "nis2"}, {"significant", "no"}}, text);
  ASSERT_TRUE(act.check()) << act.check().error().what;
  const std::string payload = make_entry(kEntryIncident, test::at("2026-01-15T08:00:00Z"), act.to_json());
  EXPECT_EQ(parse_entry(payload)->body, act.to_json());
}

}  // namespace
}  // namespace nw::record
