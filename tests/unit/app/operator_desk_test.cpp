#include "app/operator_desk.h"

#include <gtest/gtest.h>

#include "app/snapshot.h"

namespace nw::app {
namespace {

const std::string kGood =
    R"({"act":"evidence-export","by":"duty-officer-2","why":"order \"17\"","incident":"NW-2026-000001",)"
    R"("manifest_sha256":"00ff","evidence":"sealed","head":1234,"entries":17})";

constexpr auto as_it_is = [](std::string_view text) { return std::string{text}; };

TEST(OperatorDesk, SaysWhoDidWhatAndWhy) {
  const auto body = operator_body(kGood, 1000, as_it_is);
  ASSERT_TRUE(body) << body.error().what;
  EXPECT_EQ(*body, R"({"act":"evidence-export","by":"duty-officer-2","why":"order \"17\"","incident":"NW-2026-000001",)"
                   R"("manifest_sha256":"00ff","evidence":"sealed","head":1234,"entries":17,"uid":1000})");
}

// Words of people pass the guard before they are stored; names and hashes have their own form.
TEST(OperatorDesk, WordsPassTheGuard) {
  std::string seen;
  const auto body = operator_body(kGood, 1000, [&seen](std::string_view text) {
    seen += text;
    return std::string{"shortened"};
  });
  ASSERT_TRUE(body) << body.error().what;
  EXPECT_EQ(seen, "order \"17\"");
  EXPECT_NE(body->find(R"("why":"shortened")"), std::string::npos) << *body;
}

TEST(OperatorDesk, RefusesWhatIsNotWhole) {
  const struct {
    const char* name;
    std::string from, to, why;
  } kCases[] = {{"another act", "evidence-export", "ledger-burn", "ledger-burn"},
                {"nobody", R"("by":"duty-officer-2")", R"("by":" ")", "'by'"},
                {"no reason", R"("why":"order \"17\"",)", "", "why"},
                {"a long reason", R"(order \"17\")", std::string(4097, 'x'), "'why'"},
                {"a long name", "duty-officer-2", std::string(65, 'x'), "'by'"},
                {"a member of its own", R"("head")", R"("heads")", "heads"},
                {"no number", "1234", R"("many")", "head"},
                {"a negative one", "17}", "-1}", "entries"},
                {"another kind of evidence", "\"sealed\"", "\"some\"", "some"},
                {"no request", kGood, "[]", ""},
                {"nothing", kGood, "", ""}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string text = kGood;
    const std::size_t at = text.find(c.from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, c.from.size(), c.to);
    const auto body = operator_body(text, 0, as_it_is);
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error().code, Errc::malformed);
    EXPECT_NE(body.error().what.find(c.why), std::string::npos) << body.error().what;
  }
}

// A line for each rule, so that one can be shown without the others, and none of the site's values.
TEST(RulesList, NamesEachFileAndHidesSettings) {
  sigma::CompileOptions options;
  options.placeholders["admins"] = {"10.0.0.1"};
  const std::string list = list_rules({{"a.yml", "title: A\n", false}, {"b.yml", "title: B\n", true}}, options);
  EXPECT_TRUE(
      list.starts_with(sha256_hex("title: A\n") + " rule a.yml\n" + sha256_hex("title: B\n") + " shadow b.yml\n"))
      << list;
  EXPECT_TRUE(list.ends_with(" settings -\n"));
  EXPECT_EQ(list.find("10.0.0.1"), std::string::npos);
  sigma::CompileOptions others;
  EXPECT_NE(list, list_rules({{"a.yml", "title: A\n", false}, {"b.yml", "title: B\n", true}}, others));
}

}  // namespace
}  // namespace nw::app
