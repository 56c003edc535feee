#include "context/norms/regime.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>

#include "base/yaml.h"
#include "context/norms/regime_book.h"
#include "context/norms/wording.h"

namespace nw::context {
namespace {

Timestamp at(const char* text) { return *parse_rfc3339(text); }

RegimePeriod niac(std::vector<std::string> territory, const char* from) {
  RegimePeriod out;
  out.kind = ConflictKind::niac;
  out.territory = std::move(territory);
  out.from = at(from);
  out.basis_text = "determination of the ministry";
  out.basis_document = "REF-7";
  return out;
}

RegimePeriod::Act by(std::string name, const char* when = "2026-02-01T00:00:00Z") {
  return {std::move(name), 1000, at(when)};
}

// A book with one period in force, begun on 1 March; its id is in `id`.
RegimeBook with_one(std::string& id) {
  RegimeBook book;
  id = *book.propose(niac({"AT"}, "2026-03-01T00:00:00Z"), by("Ada"));
  EXPECT_TRUE(book.confirm(id, by("Berta", "2026-02-02T00:00:00Z")));
  return book;
}

TEST(RegimePeriod, Territories) {
  static constexpr struct {
    const char *code, *location;
    bool covers;
  } kCases[] = {
      {"AT", "AT", true},    {"AT", "AT-9", true},     {"AT-9", "AT-9", true},
      {"AT-9", "AT", false}, {"AT-9", "AT-91", false}, {"AT", "ATX", false},
      {"AT", "DE", false},   {"AT-9", "", true},       {"AT-9", "AT-8", false},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(niac({c.code}, "2026-01-01T00:00:00Z").covers(c.location), c.covers) << c.code << ' ' << c.location;
  EXPECT_TRUE(niac({"DE", "AT"}, "2026-01-01T00:00:00Z").covers("AT-1"));
  for (const char* good : {"AT", "AT-9", "GB-ENG", "FR-75", "CO-AMA"}) EXPECT_TRUE(is_territory(good)) << good;
  for (const char* bad : {"", "A", "at", "AUT", "AT-", "AT-ABCD", "AT_9", "AT-a", "A1"})
    EXPECT_FALSE(is_territory(bad)) << bad;
}

TEST(RegimeTimeline, IsPeacetimeUnlessAPeriodCovers) {
  RegimePeriod one = niac({"AT"}, "2026-03-01T00:00:00Z");
  one.to = at("2026-04-01T00:00:00Z");
  RegimePeriod other = niac({"AT-9"}, "2026-03-15T00:00:00Z");
  other.kind = ConflictKind::iac;
  other.basis_text = "second";
  const RegimeTimeline timeline{{one, other}};
  static constexpr struct {
    const char *when, *where, *kinds;
  } kCases[] = {
      {"2026-02-28T23:59:59.999Z", "AT", ""},        {"2026-03-01T00:00:00Z", "AT", "niac"},
      {"2026-03-31T23:59:59Z", "AT", "niac"},        {"2026-04-01T00:00:00Z", "AT", ""},
      {"2026-03-20T00:00:00Z", "AT-9", "iac, niac"}, {"2026-03-20T00:00:00Z", "AT-1", "niac"},
      {"2030-01-01T00:00:00Z", "AT-9", "iac"},       {"2026-03-20T00:00:00Z", "DE", ""},
      {"2026-03-20T00:00:00Z", "", "iac, niac"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.when} + ' ' + c.where);
    const RegimeInForce got = timeline.at(at(c.when), c.where);
    EXPECT_EQ(got.kinds(), c.kinds);
    EXPECT_EQ(got.regime, *c.kinds == '\0' ? Regime::peacetime : Regime::armed_conflict);
    EXPECT_EQ(got.basis().empty(), *c.kinds == '\0');
  }
  EXPECT_EQ(timeline.at(at("2026-03-20T00:00:00Z"), "AT-9").basis(),
            "determination of the ministry (REF-7); second (REF-7)");
  EXPECT_EQ(RegimeTimeline{}.at(at("2026-03-20T00:00:00Z"), "").regime, Regime::peacetime);
}

TEST(RegimeBook, TakesTwoPeople) {
  RegimeBook book;
  const auto id = book.propose(niac({"AT"}, "2026-03-01T00:00:00Z"), by("Ada Lovelace"));
  ASSERT_TRUE(id);
  EXPECT_EQ(id->size(), 8U);
  EXPECT_TRUE(book.periods().empty()) << "a proposal is not in force";
  EXPECT_EQ(book.timeline()->at(at("2026-03-02T00:00:00Z"), "AT").regime, Regime::peacetime);
  for (const char* same : {"Ada Lovelace", "  ada   LOVELACE ",
                           "\xc3\x81"
                           "da Lovelace"}) {
    const auto refused = book.confirm(*id, by(same));
    ASSERT_FALSE(refused) << same;
    EXPECT_EQ(refused.error().code, Errc::no_permission);
  }
  EXPECT_EQ(book.confirm("nope", by("Berta")).error().code, Errc::not_found);
  EXPECT_EQ(book.confirm(*id, by(" ")).error().code, Errc::invalid_argument);
  const auto confirmed = book.confirm(*id, by("Berta", "2026-02-02T00:00:00Z"));
  ASSERT_TRUE(confirmed);
  EXPECT_EQ(confirmed->id, *id);
  EXPECT_TRUE(book.proposals().empty());
  ASSERT_EQ(book.periods().size(), 1U);
  EXPECT_EQ(book.periods()[0].proposed.by, "Ada Lovelace");
  EXPECT_EQ(book.periods()[0].confirmed.by, "Berta");
  EXPECT_EQ(book.timeline()->at(at("2026-03-02T00:00:00Z"), "AT").kinds(), "niac");
  EXPECT_EQ(book.confirm(*id, by("Carla")).error().code, Errc::not_found) << "only once";
}

TEST(RegimeBook, Rejects) {
  RegimeBook book;
  const auto id = book.propose(niac({"AT"}, "2026-03-01T00:00:00Z"), by("Ada"));
  ASSERT_TRUE(id);
  const auto rejected = book.reject(*id, by("Ada"));
  ASSERT_TRUE(rejected) << "taking one's own proposal back needs nobody else";
  EXPECT_EQ(rejected->period.territory, std::vector<std::string>{"AT"});
  EXPECT_TRUE(book.proposals().empty());
  EXPECT_TRUE(book.periods().empty());
  EXPECT_EQ(book.reject(*id, by("Ada")).error().code, Errc::not_found);
}

TEST(RegimeBook, EndsTakeTwoPeopleToo) {
  std::string id;
  RegimeBook book = with_one(id);
  EXPECT_EQ(book.propose_end("nope", at("2026-05-01T00:00:00Z"), by("Ada")).error().code, Errc::not_found);
  EXPECT_EQ(book.propose_end(id, at("2026-03-01T00:00:00Z"), by("Ada")).error().code, Errc::invalid_argument);
  const auto end = book.propose_end(id, at("2026-05-01T00:00:00Z"), by("Ada"));
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, id + "-end");
  EXPECT_EQ(book.timeline()->at(at("2026-06-01T00:00:00Z"), "AT").kinds(), "niac") << "not ended yet";
  EXPECT_EQ(book.propose_end(id, at("2026-05-02T00:00:00Z"), by("Carla")).error().code, Errc::in_use);
  EXPECT_EQ(book.confirm(*end, by("ada")).error().code, Errc::no_permission);
  ASSERT_TRUE(book.confirm(*end, by("Berta")));
  EXPECT_EQ(book.timeline()->at(at("2026-05-01T00:00:00Z"), "AT").kinds(), "");
  EXPECT_EQ(book.timeline()->at(at("2026-04-30T23:59:59Z"), "AT").kinds(), "niac") << "what was, stays";
  ASSERT_TRUE(book.periods()[0].ended);
  EXPECT_EQ(book.periods()[0].ended->confirmed.by, "Berta");
  EXPECT_EQ(book.propose_end(id, at("2026-06-01T00:00:00Z"), by("Ada")).error().code, Errc::invalid_argument);
  EXPECT_TRUE(book.propose_end(id, at("2026-04-01T00:00:00Z"), by("Ada"))) << "it may end earlier than was said";
}

TEST(RegimeBook, RefusesWhatIsNotWhole) {
  const auto refused = [](const std::function<void(RegimePeriod&)>& change, const std::string& who = "Ada") {
    RegimePeriod period = niac({"AT"}, "2026-03-01T00:00:00Z");
    change(period);
    RegimeBook book;
    const auto got = book.propose(std::move(period), by(who));
    EXPECT_TRUE(book.proposals().empty() == !got.has_value());
    return got ? std::string{} : got.error().what;
  };
  const auto keep = [](RegimePeriod&) {};
  EXPECT_EQ(refused(keep), "");
  EXPECT_NE(refused([](RegimePeriod& p) { p.territory.clear(); }), "");
  EXPECT_NE(refused([](RegimePeriod& p) { p.territory = {"at"}; }).find("'at'"), std::string::npos);
  EXPECT_NE(refused([](RegimePeriod& p) { p.territory.assign(kTerritoriesMax + 1, "AT"); }), "");
  EXPECT_EQ(refused([](RegimePeriod& p) { p.territory.assign(kTerritoriesMax, "AT"); }), "");
  EXPECT_NE(refused([](RegimePeriod& p) { p.to = p.from; }), "");
  EXPECT_NE(refused([](RegimePeriod& p) { p.basis_text = "  "; }), "");
  EXPECT_NE(refused([](RegimePeriod& p) { p.basis_text = std::string(601, 'x'); }), "");
  EXPECT_NE(refused([](RegimePeriod& p) { p.basis_document = "a\nb"; }), "");
  EXPECT_NE(refused(keep, ""), "");
  EXPECT_NE(refused(keep, std::string(kIdentityBytesMax + 1, 'x')), "");
}

TEST(RegimeBook, IsBounded) {
  RegimeBook book;
  for (std::size_t i = 0; i < kRegimeProposalsMax; ++i)
    ASSERT_TRUE(book.propose(niac({"AT"}, "2026-03-01T00:00:00Z"), by("Ada"))) << i;
  EXPECT_EQ(book.propose(niac({"AT"}, "2026-03-01T00:00:00Z"), by("Ada")).error().code, Errc::full);
  std::vector<std::string> ids;
  for (const RegimeProposal& proposal : book.proposals()) ids.push_back(proposal.id);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end()) << "the same proposal twice has two ids";
}

TEST(RegimeBook, ReadsBackWhatItWrote) {
  std::string id;
  RegimeBook book = with_one(id);
  RegimePeriod odd = niac({"AT-9", "DE"}, "2026-03-01T00:00:00.123Z");
  odd.to = at("2027-01-01T00:00:00Z");
  odd.basis_text = "\"quoted\" \\ : # {} \xd0\x9d";
  ASSERT_TRUE(book.propose(odd, {"Ada", -1, at("2026-02-01T00:00:00Z")}));
  ASSERT_TRUE(book.propose_end(id, at("2026-05-01T00:00:00Z"), by("Ada")));
  const std::string text = book.to_yaml();
  Diagnostics diagnostics;
  const RegimeBook again = RegimeBook::load(text, "regime.yaml", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  EXPECT_EQ(again.to_yaml(), text);
  ASSERT_EQ(again.proposals().size(), 2U);
  EXPECT_EQ(again.proposals()[0].period.basis_text, odd.basis_text);
  EXPECT_EQ(again.proposals()[1].period.territory, std::vector<std::string>{"AT"});
  RegimeBook ended = again;
  ASSERT_TRUE(ended.confirm(id + "-end", by("Berta")));
  const RegimeBook third = RegimeBook::load(ended.to_yaml(), "regime.yaml", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  EXPECT_EQ(third.to_yaml(), ended.to_yaml());
  EXPECT_EQ(RegimeBook::load(RegimeBook{}.to_yaml(), "regime.yaml", diagnostics).to_yaml(), RegimeBook{}.to_yaml());
  EXPECT_TRUE(diagnostics.ok());
}

TEST(RegimeBook, RefusesADamagedFile) {
  std::string id;
  RegimeBook book = with_one(id);
  ASSERT_TRUE(book.propose_end(id, at("2026-05-01T00:00:00Z"), by("Ada")));
  const std::string good = book.to_yaml();
  const struct {
    const char* name;
    std::string from, to;
    const char* code;
  } kCases[] = {
      {"version", "version: 1", "version: 2", "bad-version"},
      {"unknown key", "\"kind\"", "\"sort\": 1, \"kind\"", "unknown-key"},
      {"kind", "niac", "war", "wrong-type"},
      {"territory", "[\"AT\"]", "[\"Austria\"]", "bad-period"},
      {"time", "2026-03-01T00:00:00.000Z", "yesterday", "bad-time"},
      {"one person", "\"Berta\"", "\" ADA\"", "same-identity"},
      {"nobody", "\"Berta\"", "\"\"", "bad-text"},
      {"not confirmed", ", \"confirmed\":", ", \"konfirmed\":", "missing-key"},
      {"uid", "\"uid\": 1000", "\"uid\": -5", "wrong-type"},
      {"end of nothing", "\"period_id\": \"" + id, "\"period_id\": \"x" + id, "unknown-period"},
      {"id", "\"id\": \"" + id + "\"", "\"id\": \"A b\"", "bad-id"},
      {"periods missing", "periods:", "period:", "missing-key"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string text = good;
    ASSERT_NE(text.find(c.from), std::string::npos) << text;
    text.replace(text.find(c.from), c.from.size(), c.to);
    Diagnostics diagnostics;
    static_cast<void>(RegimeBook::load(text, "regime.yaml", diagnostics));
    const auto same = [&c](const Diagnostic& d) { return d.code == c.code && d.mark.line != 0; };
    EXPECT_TRUE(std::any_of(diagnostics.all().begin(), diagnostics.all().end(), same)) << diagnostics.to_string();
  }
  for (const char* broken : {"", "version: [", "[]", "version: 1\nperiods: {}\n"}) {
    Diagnostics diagnostics;
    static_cast<void>(RegimeBook::load(broken, "regime.yaml", diagnostics));
    EXPECT_FALSE(diagnostics.ok()) << broken;
  }
  std::string twice = good;
  const std::size_t line = twice.find("  - {"), end = twice.find('\n', line) + 1;
  twice.insert(end, twice.substr(line, end - line));
  Diagnostics diagnostics;
  static_cast<void>(RegimeBook::load(twice, "regime.yaml", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("duplicate-period"), std::string::npos);
}

TEST(RegimeBook, EveryPrefixIsRefusedOrReadAsItWas) {
  std::string id;
  const std::string text = with_one(id).to_yaml();
  for (std::size_t size = 0; size < text.size(); ++size) {
    Diagnostics diagnostics;
    const RegimeBook book = RegimeBook::load(text.substr(0, size), "regime.yaml", diagnostics);
    EXPECT_TRUE(!diagnostics.ok() || book.periods().size() == 1)
        << size << ": a cut never takes a period away silently";
  }
}

TEST(Identity, IsComparedByTheName) {
  EXPECT_TRUE(same_identity("Ada", " aDA\t"));
  EXPECT_TRUE(same_identity("J\xc3\xb6rg M", "jorg m"));
  EXPECT_TRUE(same_identity("\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0", "\xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0"));
  EXPECT_FALSE(same_identity("Ada", "Adam"));
  EXPECT_FALSE(same_identity("op-1", "op-2"));
  EXPECT_FALSE(same_identity("op-1", "op.1"));
}

TEST(RegimeCaution, KeepsTheWordingContract) { EXPECT_EQ(forbidden_words(kRegimeCaution), std::vector<std::string>{}); }

}  // namespace
}  // namespace nw::context
