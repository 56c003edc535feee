#include "record/entry.h"

#include <gtest/gtest.h>
#include <string>

#include "unit/record/support.h"

namespace nw::record {
namespace {

using test::at;
using test::sample_alert;

TEST(Entry, IsThisText) {
  EXPECT_EQ(make_entry(kEntryOpen, at("2026-01-15T08:00:00.1239Z"), R"({"a":1})"),
            R"({"v":1,"type":"open","t":"2026-01-15T08:00:00.123Z","body":{"a":1}})");
}

TEST(Entry, ReadsBackWhatItWrote) {
  for (const std::string_view type : kEntryTypes) {
    SCOPED_TRACE(std::string{type});
    const std::string body = R"({"t":"x","body":{"body":"}"}})";
    const std::string payload = make_entry(type, at("2026-01-15T08:00:00.123Z"), body);
    const auto back = parse_entry(payload);
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_EQ(back->type, type);
    EXPECT_EQ(back->time, at("2026-01-15T08:00:00.123Z"));
    EXPECT_EQ(back->body, body);
  }
}

TEST(Entry, AnAlertGoesThroughWhole) {
  const std::string payload = make_alert_entry(at("2026-01-15T08:00:00Z"), sample_alert());
  const auto entry = parse_entry(payload);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->type, kEntryAlert);
  const auto alert = Alert::from_json(entry->body);
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->to_json(), sample_alert().to_json());
}

TEST(Entry, AlwaysFitsTheLedger) {
  const auto body_of = [](std::size_t size) { return R"({"x":")" + std::string(size - 8, 'x') + R"("})"; };
  const Timestamp t = at("2026-01-15T08:00:00Z");
  const std::string longest = body_of(kBodyBytesMax);
  ASSERT_EQ(longest.size(), kBodyBytesMax);
  const std::string fits = make_entry(kEntryRulesLoad, t, longest);
  EXPECT_LE(fits.size(), kEntryBytesMax);
  EXPECT_EQ(parse_entry(fits)->body, longest);
  EXPECT_EQ(make_entry(kEntryRulesLoad, t, body_of(kBodyBytesMax + 1)),
            R"({"v":1,"type":"rules-load","t":"2026-01-15T08:00:00.000Z","body":{"shortened":true}})");
}

TEST(Entry, ATypeOfALaterVersionIsRead) {
  const auto entry = parse_entry(R"({"v":1,"type":"witness-receipt","t":"2026-01-15T08:00:00Z","body":{}})");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->type, "witness-receipt");
}

TEST(Entry, Refuses) {
  const struct {
    const char* name;
    std::string payload, says;
  } kCases[] = {
      {"empty", "", "does not begin"},
      {"not JSON", "hello", "does not begin"},
      {"later version", R"({"v":2,"type":"alert","t":"2026-01-15T08:00:00Z","body":{}})", "version or layout"},
      {"other order", R"({"v":1,"t":"2026-01-15T08:00:00Z","type":"alert","body":{}})", "version or layout"},
      {"empty type", R"({"v":1,"type":"","t":"2026-01-15T08:00:00Z","body":{}})", "no `type`"},
      {"odd type", R"({"v":1,"type":"A b","t":"2026-01-15T08:00:00Z","body":{}})", "no `type`"},
      {"type too long", R"({"v":1,"type":")" + std::string(33, 'a') + R"(","t":"2026-01-15T08:00:00Z","body":{}})",
       "no `type`"},
      {"no time", R"({"v":1,"type":"alert","body":{}})", "no `type`"},
      {"bad time", R"({"v":1,"type":"alert","t":"now","body":{}})", "`t`: "},
      {"no body", R"({"v":1,"type":"alert","t":"2026-01-15T08:00:00Z"})", "no `t`, or no `body`"},
      {"body a text", R"({"v":1,"type":"alert","t":"2026-01-15T08:00:00Z","body":"x"})", "`body` is no object"},
      {"body missing", R"({"v":1,"type":"alert","t":"2026-01-15T08:00:00Z","body":})", "`body` is no object"},
      {"too long", std::string(kEntryBytesMax + 1, '{'), "longer than 65535"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto got = parse_entry(c.payload);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::malformed);
    EXPECT_NE(got.error().what.find(c.says), std::string::npos) << got.error().what;
  }
}

TEST(Entry, EveryPrefixIsRefusedOrHasNoWholeBody) {
  const std::string payload = make_alert_entry(at("2026-01-15T08:00:00Z"), sample_alert());
  for (std::size_t n = 0; n < payload.size(); ++n) {
    const auto entry = parse_entry(std::string_view{payload}.substr(0, n));
    if (entry) {
      ASSERT_FALSE(Alert::from_json(entry->body)) << n;
    }
  }
}

}  // namespace
}  // namespace nw::record
