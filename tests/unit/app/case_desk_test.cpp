// Acts from the control socket into the ledger and the store, and what rules hear of cases.
#include "app/case_desk.h"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

#include "app/case_teller.h"
#include "app/own_event.h"
#include "event/later_types.h"
#include "record/entry.h"
#include "record/reporting/regime.h"
#include "unit/record/incidents/cases_support.h"

namespace nw::app {
namespace {

using namespace record::test;
using record::Act;
using record::ActKind;

// A ledger, a store that reads it when told to, and a desk.
class Office {
 public:
  explicit Office(CaseDesk::Parts parts = {}) {
    record::LedgerOptions options;
    options.directory = dir_ / "ledger";
    auto ledger = record::Ledger::open(options);
    EXPECT_TRUE(ledger) << ledger.error().what;
    ledger_ = std::move(*ledger);
    store_ = must_open(dir_ / "i.sqlite");
    parts.store = store_.get();
    parts.ledger = ledger_.get();
    parts.note = [this](std::string type, std::string body) {
      write(record::make_entry(type, at("2026-01-15T09:00:00Z"), body));
      if (follow_) catch_up();
    };
    parts.tell = [this](OwnEvent event) { told_.push_back(std::move(event)); };
    desk_.emplace(io_.get_executor(), std::move(parts));
  }

  void write(const std::string& payload) { EXPECT_TRUE(ledger_->append(std::span{&payload, 1})); }
  void catch_up() {
    const auto entries = ledger_->read(*store_->next(), 1000);
    ASSERT_TRUE(entries);
    EXPECT_TRUE(store_->apply(*entries));
  }
  void alert(std::uint64_t number) {
    auto alert = alert_by(number, "x");
    alert.asset_class = "C1";
    write(entry_of(alert));
    catch_up();
  }
  // Runs until it is answered.
  console::HttpResponse ask(std::string_view body) {
    std::optional<console::HttpResponse> out;
    desk_->act(body, 4711, [&](console::HttpResponse answer) { out = std::move(answer); });
    io_.restart();
    io_.run_for(std::chrono::seconds{5});
    EXPECT_TRUE(out);
    return out.value_or(console::HttpResponse{});
  }
  console::HttpResponse ask(const Act& act) { return ask(act.to_json()); }

  TempDir dir_;
  boost::asio::io_context io_{1};
  std::unique_ptr<record::Ledger> ledger_;
  std::unique_ptr<record::IncidentStore> store_;
  std::vector<OwnEvent> told_;
  bool follow_ = true;
  std::optional<CaseDesk> desk_;
};

TEST(CaseDesk, AnswersOnceTheStoreHasIt) {
  Office office;
  office.alert(0);
  const auto answer = office.ask(act_on(id_of(1), ActKind::acknowledge));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, "NW-2026-000001: acknowledge, now acknowledged; ledger entry 1\n");
  const auto file = office.store_->case_file(id_of(1));
  EXPECT_EQ(file->acts.at(0).act.uid, 4711) << "the socket's peer, whatever the body says";
}

TEST(CaseDesk, RefusesBeforeAnythingIsWritten) {
  Office office;
  office.alert(0);
  const struct {
    const char* name;
    std::string body;
    int status;
    const char* says;
  } kCases[] = {
      {"no JSON", "acknowledge please", 400, "act:"},
      {"not whole", act_on(id_of(1), ActKind::assign).to_json(), 400, "`to` is missing"},
      {"no such incident", act_on(id_of(9), ActKind::acknowledge).to_json(), 404, "NW-2026-000009"},
      {"not in this state", act_on(id_of(1), ActKind::contain).to_json(), 409, "is open"},
      {"too long", std::string(100'000, ' '), 400, "act:"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto answer = office.ask(c.body);
    EXPECT_EQ(answer.status, c.status);
    EXPECT_NE(answer.body.find(c.says), std::string::npos) << answer.body;
    EXPECT_EQ(office.ledger_->size(), 1U);
  }
  EXPECT_EQ(office.desk_->refused(), std::size(kCases));
}

TEST(CaseDesk, ClosingWithoutTheFactorsIsTold) {
  Office office;
  office.alert(0);
  ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::acknowledge)).status, 200);
  ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::factor, {{"factor", "scope"}, {"text", "one pump"}})).status, 200);
  const auto answer = office.ask(act_on(id_of(1), ActKind::resolve));
  EXPECT_EQ(answer.status, 409);
  EXPECT_NE(answer.body.find("technical, context, consultations"), std::string::npos) << answer.body;
  ASSERT_EQ(office.told_.size(), 1U);
  EXPECT_EQ(std::get<std::string>(office.told_[0].fields[0].second), "closing");
  // The event is one that the schema knows, field by field.
  event::Schema schema;
  event::declare_later(schema);
  declare_fed(schema);
  event::Event event;
  fill(office.told_[0], schema, event::SourceId{0}, event);
  EXPECT_NE(event.get(*schema.find_field("factors")), nullptr);
}

TEST(CaseDesk, PassesFreeTextThroughTheGuard) {
  CaseDesk::Parts parts;
  parts.guard = [](std::string_view text) { return "[" + std::string{text} + "]"; };
  Office office{std::move(parts)};
  office.alert(0);
  ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::factor, {{"factor", "scope"}, {"text", "mail a@b"}}, "w")).status,
            200);
  const auto file = office.store_->case_file(id_of(1));
  EXPECT_EQ(file->factors.at(0).text, "[mail a@b]");
  EXPECT_EQ(file->acts.at(0).act.why, "[w]");
  const std::string text(record::kActTextBytesMax, 'x');
  EXPECT_EQ(office.ask(act_on(id_of(1), ActKind::note, {{"text", text}})).status, 400)
      << "what the guard makes of it must fit, too";
}

TEST(CaseDesk, AClassIsOneOfRsit) {
  CaseDesk::Parts parts;
  Diagnostics diagnostics;
  parts.rsit = taxonomy::Rsit::load(
      "version: \"1003\"\nclasses:\n  availability:\n    title: Availability\n    types:\n      dos: {title: Denial of "
      "service}\n",
      "rsit.yaml", diagnostics);
  ASSERT_TRUE(parts.rsit) << diagnostics.all()[0].to_string();
  Office office{std::move(parts)};
  office.alert(0);
  const auto refused = office.ask(act_on(id_of(1), ActKind::classify, {{"rsit", "availability.doss"}}));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("'availability.doss' is no class of RSIT 1003 (did you mean 'availability.dos'?)"),
            std::string::npos)
      << refused.body;
  EXPECT_EQ(office.ledger_->size(), 1U);
  ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::classify, {{"rsit", "rsit:availability.dos"}})).status, 200);
  EXPECT_EQ(office.store_->case_file(id_of(1))->rsit, "availability.dos") << "as the taxonomy writes it";
  EXPECT_EQ(office.ask(act_on(id_of(1), ActKind::classify, {{"kind", "any words"}})).status, 200);
}

TEST(CaseDesk, SaysSoWhenTheStoreIsBehind) {
  CaseDesk::Parts parts;
  parts.patience = std::chrono::milliseconds{60};
  Office office{std::move(parts)};
  office.alert(0);
  office.follow_ = false;
  const auto answer = office.ask(act_on(id_of(1), ActKind::acknowledge));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(office.ledger_->size(), 2U) << "it is written all the same";
  office.catch_up();
  EXPECT_EQ(office.store_->case_file(id_of(1))->incident.state, "acknowledged");
}

TEST(CaseDesk, AskedAgainItIsNotDoneAgain) {
  CaseDesk::Parts parts;
  parts.patience = std::chrono::milliseconds{60};
  Office office{std::move(parts)};
  office.alert(0);
  office.follow_ = false;
  const Act note = act_on(id_of(1), ActKind::note, {{"text", "once"}});
  const auto late = office.ask(note);
  EXPECT_EQ(late.status, 202);
  EXPECT_NE(late.body.find("--act " + note.id), std::string::npos) << late.body;
  office.catch_up();
  const auto answer = office.ask(note);
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("ledger entry 1"), std::string::npos) << answer.body;
  EXPECT_EQ(office.ledger_->size(), 2U);
  // Equal, but asked for anew.
  office.follow_ = true;
  EXPECT_EQ(office.ask(act_on(id_of(1), ActKind::note, {{"text", "once"}})).status, 200);
  EXPECT_EQ(office.store_->case_file(id_of(1))->acts.size(), 2U);
  // Of a command that knows no ids.
  Act old = note;
  old.id.clear();
  EXPECT_EQ(office.ask(old).status, 200);
  EXPECT_TRUE(record::is_act_id(office.store_->case_file(id_of(1))->acts.back().act.id));
  EXPECT_NE(new_act_id(), new_act_id());
}

TEST(CaseDesk, OneAfterTheOtherAndNotTooMany) {
  Office office;
  office.alert(0);
  office.follow_ = false;
  std::vector<int> answers;
  for (std::size_t i = 0; i < CaseDesk::kWaitingMax + 3; ++i)
    office.desk_->act(act_on(id_of(1), ActKind::acknowledge).to_json(), 1,
                      [&](const console::HttpResponse& answer) { answers.push_back(answer.status); });
  EXPECT_EQ(answers, (std::vector<int>{503, 503, 503})) << "beyond those who may wait";
  EXPECT_EQ(office.ledger_->size(), 2U) << "the second is checked once the first is applied";
  office.follow_ = true;
  office.catch_up();
  office.io_.restart();
  office.io_.run_for(std::chrono::seconds{5});
  ASSERT_EQ(answers.size(), CaseDesk::kWaitingMax + 3);
  EXPECT_EQ(answers[3], 200);
  EXPECT_EQ(answers[4], 409) << "it is acknowledged by now";
  EXPECT_EQ(office.ledger_->size(), 2U);
  office.follow_ = false;
  office.desk_->act(act_on(id_of(1), ActKind::contain).to_json(), 1,
                    [&](const console::HttpResponse& answer) { answers.push_back(answer.status); });
  office.desk_->stop();
  EXPECT_EQ(answers.back(), 202) << "it is written";
  EXPECT_EQ(office.ask(act_on(id_of(1), ActKind::contain)).status, 503);
}

// Where events are told, and made safe when the test says so.
struct Told {
  std::string phases, places;
  std::vector<std::function<void()>> unsafe;
  TellOwnSafely tell() {
    return [this](const std::vector<OwnEvent>& events, std::function<void()> safe) {
      for (const OwnEvent& event : events) {
        phases += std::get<std::string>(event.fields[0].second) + " ";
        places += std::to_string(event.place) + "." + std::to_string(event.part) + " ";
      }
      unsafe.push_back(std::move(safe));
    };
  }
  void settle() {
    for (const auto& safe : std::exchange(unsafe, {})) safe();
  }
};

TEST(CaseTeller, TellsOnceAcrossRestartsAndRebuilds) {
  Office office;
  office.alert(0);
  Told told;
  const std::string cursor = office.dir_ / "cases.cursor";
  {
    CaseTeller teller{cursor, *office.store_, *office.ledger_, told.tell()};
    teller.applied(*office.store_->next());
    EXPECT_EQ(told.phases, "") << "what was before the first start is history";
    ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::acknowledge)).status, 200);
    teller.applied(*office.store_->next());
    teller.applied(*office.store_->next());
    teller.applied(1);  // a store that is made again
    EXPECT_EQ(told.phases, "confirmed ");
    teller.stop();
    told.settle();
    ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::share, {{"with", "cert-x"}})).status, 200);
    teller.applied(*office.store_->next());
    EXPECT_EQ(told.phases, "confirmed ") << "nobody hears it any more";
  }
  CaseTeller teller{cursor, *office.store_, *office.ledger_, told.tell()};
  teller.applied(*office.store_->next());
  EXPECT_EQ(told.phases, "confirmed shared ");
  EXPECT_EQ(teller.told(), 1U);
}

TEST(CaseTeller, WhatIsNotOnDiskIsToldAgainUnderItsPlace) {
  Office office;
  office.alert(0);
  Told told;
  const std::string cursor = office.dir_ / "cases.cursor";
  {
    CaseTeller teller{cursor, *office.store_, *office.ledger_, told.tell()};
    ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::acknowledge)).status, 200);
    teller.applied(*office.store_->next());
    told.settle();
    for (const std::string_view factor : record::kFactors)
      ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::factor, {{"factor", std::string{factor}}, {"text", "x"}})).status,
                200);
    ASSERT_EQ(office.ask(act_on(id_of(1), ActKind::resolve)).status, 200);
    teller.applied(*office.store_->next());
    teller.applied(*office.store_->next());
    EXPECT_EQ(told.phases, "confirmed closing closed ");
    EXPECT_EQ(told.places, "2.0 7.0 7.1 ");
  }  // a power cut before the alerts of the second are on disk
  {
    CaseTeller teller{cursor, *office.store_, *office.ledger_, told.tell()};
    teller.applied(*office.store_->next());
    EXPECT_EQ(told.phases, "confirmed closing closed closing closed ");
    EXPECT_EQ(told.places, "2.0 7.0 7.1 7.0 7.1 ") << "the first is safe; the others are known by their places";
    told.settle();
    teller.applied(*office.store_->next());
  }
  told.settle();  // after the teller is gone
  CaseTeller teller{cursor, *office.store_, *office.ledger_, told.tell()};
  teller.applied(*office.store_->next());
  EXPECT_EQ(told.places, "2.0 7.0 7.1 7.0 7.1 ");
}

TEST(Act, MomentsAreThoseOfReporting) {
  for (const std::string_view moment : reporting::kMoments) {
    const auto good =
        act_on(id_of(1), ActKind::moment, {{"moment", std::string{moment}}, {"time", "2026-01-15T08:00:00Z"}}).check();
    EXPECT_TRUE(good) << good.error().what;
  }
}

}  // namespace
}  // namespace nw::app
