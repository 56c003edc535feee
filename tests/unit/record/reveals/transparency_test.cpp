#include "record/reveals/transparency.h"

#include <boost/json/parse.hpp>

#include "record/entry.h"
#include "record/reveals/holds.h"
#include "unit/record/reveals/reveals_support.h"

namespace nw::reveals {

namespace {

const Timestamp kJanuary = test::at("2026-01-31T23:59:59.999Z"), kFebruary = test::at("2026-02-01T00:00:00Z");

std::string alert_entry(const std::string& fields, Timestamp t = kJanuary) {
  return record::make_entry(record::kEntryAlert, t, "{\"fields\":" + fields + "}");
}

}  // namespace

TEST(Transparency, CountsWhatTheMonthHas) {
  test::Scene scene;
  Transparency report{{2026, 1}};
  const std::string body = R"({"a":")" + scene.pfx + R"(","b":"from )" + scene.pfx + R"( to class:multicast, user=)" +
                           scene.tok + R"(","c":"asset:plc-1","d":"commit:00","e":"superclass:x and notpfx:e2026"})";
  for (int i = 0; i < 6; ++i) report.see(alert_entry(body));
  report.see(alert_entry(body, kFebruary));
  EXPECT_EQ(report.count("alerts", "alerts"), 6U);
  EXPECT_EQ(report.count("stored", "pseudonym_global4"), 12U);
  EXPECT_EQ(report.count("stored", "token_user"), 6U);
  EXPECT_EQ(report.count("stored", "address_class"), 6U);
  EXPECT_EQ(report.count("stored", "asset_id"), 6U);
  EXPECT_EQ(report.count("stored", "commitment"), 6U);
  EXPECT_EQ(report.count("stored", "pseudonym_other"), 0U);
}

TEST(Transparency, CountsEachStep) {
  test::Scene scene;
  Transparency report{{2026, 1}};
  const auto see = [&](std::string_view type, const std::string& body) {
    report.see(record::make_entry(type, kJanuary, body));
  };
  see(record::kEntryRevealRequest, scene.document.request.to_json());
  see(record::kEntryRevealApprove, "{}");
  Denial denial;
  denial.why = "x";
  see(record::kEntryRevealDeny, deny_body(denial));
  denial.guard = Guard::same_host;
  see(record::kEntryRevealDeny, deny_body(denial));
  Done done;
  done.revealed = 7;
  done.damaged = 1;
  see(record::kEntryRevealDone, done_body(done));
  done = {};
  done.outcome = RequestState::expired;
  see(record::kEntryRevealDone, done_body(done));
  see(record::kEntryErase, R"({"objects":6,"commitments":[]})");
  see(record::kEntryPurge, R"({"classes":[{"class":"evidence","removed":40},{"class":"alice","removed":9}]})");
  see(record::kEntryEvidence, R"({"kind":"packets"})");
  see(record::kEntryHold, release_body({"HO-1", "x", {"a", 1, "b"}}));
  see(record::kEntryHeartbeat, "{}");
  report.see("no entry");
  EXPECT_EQ(report.count("reveals", "requested"), 1U);
  EXPECT_EQ(report.count("reveals", "approved"), 1U);
  EXPECT_EQ(report.count("reveals", "denied"), 1U);
  EXPECT_EQ(report.count("reveals", "refused"), 1U);
  EXPECT_EQ(report.count("reveals", "done"), 1U);
  EXPECT_EQ(report.count("reveals", "expired"), 1U);
  EXPECT_EQ(report.count("purposes", "notify-victim"), 1U);
  EXPECT_EQ(report.count("values", "asked_for"), 2U);
  EXPECT_EQ(report.count("values", "revealed"), 7U);
  EXPECT_EQ(report.count("values", "not_revealed"), 1U);
  EXPECT_EQ(report.count("erased", "objects"), 6U);
  EXPECT_EQ(report.count("purged", "evidence"), 40U);
  EXPECT_EQ(report.count("purged", "other"), 9U);
  EXPECT_EQ(report.count("sealed", "packets"), 1U);
  EXPECT_EQ(report.count("holds", "released"), 1U);
  EXPECT_NE(report.text().find("1 of any month that cannot be read"), std::string::npos);
}

// What was said before it was done counts once it is done; a run of retention that was cut off is told as that.
TEST(Transparency, WhatWasBegun) {
  Transparency report{{2026, 1}};
  const auto see = [&](std::string_view type, const std::string& body) {
    report.see(record::make_entry(type, kJanuary, body));
  };
  see(record::kEntryErase, R"({"what":"begun","objects":9,"commitments":[]})");  // what came of it counts
  for (int i = 0; i < 6; ++i)                                                    // five of them were cut off
    see(record::kEntryPurge, R"({"what":"begun","part":1,"classes":[{"class":"evidence","planned":40}]})");
  see(record::kEntryPurge, R"({"what":"begun","part":2})");
  see(record::kEntryPurge, R"({"what":"done","outcome":"done","classes":[{"class":"evidence","removed":2}]})");
  EXPECT_EQ(report.count("purged", "runs_cut_off"), 5U);
  EXPECT_EQ(report.count("purged", "evidence"), 2U);
  EXPECT_EQ(report.count("erased", "objects"), 0U);
}

TEST(Transparency, SmallCountsAreNotTold) {
  Transparency report{{2026, 1}};
  const auto told = [&report](std::string_view key) {
    for (const Transparency::Row& row : report.rows())
      if (row.key == key) return row.value;
    return std::string{"absent"};
  };
  for (int i = 0; i < 9; ++i) report.see(alert_entry(R"({"a":"class:multicast"})"));
  for (int i = 0; i < 7; ++i) report.see(alert_entry(R"({"a":"asset:plc-1"})"));
  EXPECT_EQ(told("address_class"), "9");
  EXPECT_EQ(told("asset_id"), "7");
  // One alone would be the rest of a sum: the next smallest goes with it.
  report.see(alert_entry(R"({"a":"commit:00"})"));
  EXPECT_EQ(told("commitment"), "<5");
  EXPECT_EQ(told("asset_id"), "hidden");
  EXPECT_EQ(told("address_class"), "9");
  report.see(alert_entry(R"({"a":"tok:e2026-01:user:0123456789abcdef0123456789abcdef"})"));
  EXPECT_EQ(told("token_user"), "<5");
  EXPECT_EQ(told("asset_id"), "7") << "two hide each other";
}

// A person's words, names and values never become part of what is published.
TEST(Transparency, TellsNothingThatPeopleWrote) {
  test::Scene scene;
  scene.document.request.purpose = "mischief";
  Transparency report{{2026, 1}};
  report.see(record::make_entry(record::kEntryRevealRequest, kJanuary, scene.document.request.to_json()));
  report.see(record::make_entry(record::kEntryRevealDone, kJanuary, R"({"outcome":"mischief"})"));
  report.see(record::make_entry(record::kEntryEvidence, kJanuary, R"({"kind":"mischief"})"));
  report.see(alert_entry(R"({"a":"tok:e2026-01:mischief:00 pfx:e2026-01:mischief:x"})"));
  for (const std::string& text : {report.text(), report.json()})
    for (const std::string& word : {std::string{"mischief"}, scene.pfx, scene.tok, std::string{"Haddad"},
                                    scene.document.request.case_id, scene.document.request.basis})
      EXPECT_EQ(text.find(word), std::string::npos) << word;
  boost::json::error_code error;
  EXPECT_TRUE(boost::json::parse(report.json(), error).is_object());
  EXPECT_FALSE(error);
}

}  // namespace nw::reveals
