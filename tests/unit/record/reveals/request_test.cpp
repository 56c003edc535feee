#include "record/reveals/request.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "unit/record/reveals/reveals_support.h"

namespace nw::reveals {

namespace {

using test::Scene;

Ask good_ask(const Scene& scene) {
  Ask ask;
  ask.case_id = "NW-2026-000001";
  ask.purpose = "respond";
  ask.basis = "Act on network security, section 12";
  ask.why = "to contain it";
  ask.by = "R. Haddad";
  ask.host = "desk/01";
  ask.values = {scene.pfx, scene.tok};
  ask.alerts = {test::kAlert};
  ask.key = scene.requester.public_key;
  return ask;
}

}  // namespace

TEST(RevealRequest, ComesBackAsItWasWritten) {
  Scene scene;
  scene.document.request.break_glass = true;
  const std::string text = scene.document.request.to_json();
  const auto again = Request::from_json(text);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->to_json(), text);
  EXPECT_EQ(again->hash(), scene.document.request.hash());
  EXPECT_TRUE(again->break_glass);
}

TEST(RevealRequest, TheHashCoversEveryMember) {
  const Scene scene;
  const auto members = boost::json::parse(scene.document.request.to_json()).as_object();
  for (const auto& member : members) {
    boost::json::object changed = members;
    changed.erase(member.key());
    EXPECT_NE(privacy::sha256({privacy::bytes_of(boost::json::serialize(changed))}),
              privacy::sha256({privacy::bytes_of(scene.document.request.to_json())}));
    if (member.key() == "case" || member.key() == "host") continue;
    EXPECT_FALSE(Request::from_json(boost::json::serialize(changed))) << "without " << member.key();
  }
  Request other = scene.document.request;
  other.why += '.';
  EXPECT_NE(other.hash(), scene.document.request.hash());
}

TEST(RevealRequest, SaysItInWords) {
  const Scene scene;
  const std::string words = scene.document.request.words();
  for (const std::string& needed : {std::string{"R. Haddad"}, std::string{"NW-2026-000001"}, scene.pfx, scene.tok,
                                    std::string{"section 12"}, std::string{"to warn or help those who are harmed"},
                                    scene.document.request.hash(), std::string{"2026-01-18T08:00:00Z"}})
    EXPECT_NE(words.find(needed), std::string::npos) << needed << "\n" << words;
}

TEST(RevealAsk, Strict) {
  const Scene scene;
  const Ask good = good_ask(scene);
  ASSERT_TRUE(Ask::from_json(good.to_json()));
  struct Case {
    const char* name;
    void (*change)(Ask&);
    const char* what;
  };
  static constexpr Case kCases[] = {
      {"no purpose of ours", [](Ask& a) { a.purpose = "curiosity"; }, "none of: assist, audit"},
      {"no basis", [](Ask& a) { a.basis = " "; }, "basis"},
      {"no reason", [](Ask& a) { a.why.clear(); }, "why"},
      {"a long reason", [](Ask& a) { a.why = std::string(501, 'x'); }, "longer than 500"},
      {"an address in the reason", [](Ask& a) { a.why = "find out about 198.51.100.7, please"; }, "tells an address"},
      {"an IPv6 address", [](Ask& a) { a.basis = "order on [2001:db8::1]:443"; }, "tells an address"},
      {"a mail address", [](Ask& a) { a.why = "who is bob@example.org?"; }, "tells an address"},
      {"two lines", [](Ask& a) { a.why = "a\nb"; }, "line ends"},
      {"no name", [](Ask& a) { a.by = ""; }, "by"},
      {"no values", [](Ask& a) { a.values.clear(); }, "'values' is empty"},
      {"no alerts", [](Ask& a) { a.alerts.clear(); }, "'alerts' is empty"},
      {"a value twice", [](Ask& a) { a.values.push_back(a.values[0]); }, "twice"},
      {"a clear address", [](Ask& a) { a.values = {"203.0.113.7"}; }, "only pfx:"},
      {"a damaged pseudonym", [](Ask& a) { a.values[0] += "x"; }, ""},
      {"a commitment", [](Ask& a) { a.values = {"commit:00"}; }, "only pfx:"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Ask ask = good;
    c.change(ask);
    const auto read = Ask::from_json(ask.to_json());
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().what.find(c.what), std::string::npos) << read.error().what;
  }
  std::string more = good.to_json();
  more.insert(1, R"("values_":[],)");
  const auto unknown = Ask::from_json(more);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().what.find("did you mean 'values'?"), std::string::npos) << unknown.error().what;
}

TEST(RevealWords, ArticlesAreNoAddresses) {
  for (const char* words : {"Art. 6(1)(c) GDPR", "section 12.3.1", "order 4711/2026 of the court", "NIS2 art. 23: a/b",
                            "on duty at 08:00, line 7::"})
    EXPECT_TRUE(check_words(words, kWordsMax, "the basis")) << words;
}

TEST(RevealPeople, NamesAndAccounts) {
  EXPECT_TRUE(same_name(" R.  Haddad", "r. HADDAD "));
  EXPECT_FALSE(same_name("R. Haddad", "R. Hadda"));
  EXPECT_TRUE(same_account({"a", 1000, "desk"}, {"b", 1000, "desk"}));
  EXPECT_FALSE(same_account({"a", 1000, "desk"}, {"a", 1000, "other"}));
  EXPECT_FALSE(same_account({"a", -1, "desk"}, {"a", -1, "desk"}));
}

TEST(RevealDocument, OnlyWithTheKeysThatTheRequestNames) {
  Scene scene;
  const auto again = RequestDocument::from_json(scene.document.to_json());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->to_json(), scene.document.to_json());

  std::swap(scene.document.sealed[0], scene.document.sealed[1]);
  EXPECT_FALSE(RequestDocument::from_json(scene.document.to_json())) << "swapped";
  scene.document.sealed.pop_back();
  EXPECT_FALSE(RequestDocument::from_json(scene.document.to_json())) << "one missing";
}

TEST(RevealPurposes, SortedAndKnown) {
  EXPECT_TRUE(std::ranges::is_sorted(kPurposes, {}, &Purpose::code));
  EXPECT_TRUE(is_purpose("exercise"));
  EXPECT_FALSE(is_purpose(""));
}

}  // namespace nw::reveals
