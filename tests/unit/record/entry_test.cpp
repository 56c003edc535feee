#include "record/entry.h"

#include <gtest/gtest.h>
#include <string>

#include "record/merkle/canonical.h"
#include "record/merkle/exact_json.h"
#include "unit/record/support.h"

namespace nw::record {
namespace {

using test::at;
using test::sample_alert;

TEST(Entry, IsThisText) {
  EXPECT_EQ(make_entry(kEntryOpen, at("2026-01-15T08:00:00.1239Z"), R"({"a":1})"),
            R"({"body":{"a":1},"t":"2026-01-15T08:00:00.123Z","type":"open","v":1})");
}

TEST(Entry, ReadsBackWhatItWrote) {
  for (const std::string_view type : kEntryTypes) {
    SCOPED_TRACE(std::string{type});
    const std::string body = R"({"body":{"body":"}"},"t":"x","type":"\",\"v\":1}"})";
    const std::string payload = make_entry(type, at("2026-01-15T08:00:00.123Z"), body);
    const auto back = parse_entry(payload);
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_EQ(back->type, type);
    EXPECT_EQ(back->time, at("2026-01-15T08:00:00.123Z"));
    EXPECT_EQ(back->body, body);
  }
}

TEST(Entry, AnAlertGoesThroughWhole) {
  const std::string payload = make_alert_entry(at("2026-01-15T08:00:00Z"), GuardedAlert::of_ledger(sample_alert()));
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
  EXPECT_EQ(
      make_entry(kEntryRulesLoad, t, body_of(kBodyBytesMax + 1)),
      R"({"body":{"shortened":true,"why":"longer than an entry"},"t":"2026-01-15T08:00:00.000Z","type":"rules-load","v":1})");
}

TEST(Entry, IsCanonicalWhateverTheBodyLooksLike) {
  const Timestamp t = at("2026-01-15T08:00:00Z");
  EXPECT_EQ(make_entry(kEntryOpen, t, R"({ "b": "\u0041\/", "a": [1.0, 1e2] })"),
            R"({"body":{"a":[1,100],"b":"A/"},"t":"2026-01-15T08:00:00.000Z","type":"open","v":1})");
  const std::string entry = make_alert_entry(t, GuardedAlert::of_ledger(sample_alert()));
  EXPECT_EQ(*merkle::canonical_json(*merkle::parse_exact_json(entry)), entry);
}

TEST(Entry, ANumberBeyondADoubleIsCutAndABodyThatIsNoJsonIsSaid) {
  Alert alert = sample_alert();
  alert.ordinal = ~std::uint64_t{0};
  const std::string entry = make_alert_entry(at("2026-01-15T08:00:00Z"), GuardedAlert::of_ledger(alert));
  EXPECT_EQ(Alert::from_json(parse_entry(entry)->body)->ordinal, 9'007'199'254'740'991U);
  EXPECT_NE(make_entry(kEntryOpen, {}, R"({"a":})").find(R"({"body":{"shortened":true,"why":")"), std::string::npos);
}

TEST(Entry, ATypeOfALaterVersionIsRead) {
  const auto entry = parse_entry(R"({"body":{},"t":"2026-01-15T08:00:00Z","type":"of-later","v":1})");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->type, "of-later");
}

TEST(Entry, Refuses) {
  const struct {
    const char* name;
    std::string payload, says;
  } kCases[] = {
      {"empty", "", "it begins ``"},
      {"not JSON", "hello", "it begins `hello`"},
      {"later version", R"({"body":{},"t":"2026-01-15T08:00:00Z","type":"alert","v":2})", "version or layout"},
      {"other order", R"({"body":{},"type":"alert","t":"2026-01-15T08:00:00Z","v":1})", "no `type`"},
      {"empty type", R"({"body":{},"t":"2026-01-15T08:00:00Z","type":"","v":1})", "no `type`"},
      {"odd type", R"({"body":{},"t":"2026-01-15T08:00:00Z","type":"A b","v":1})", "no `type`"},
      {"type too long", R"({"body":{},"t":"2026-01-15T08:00:00Z","type":")" + std::string(33, 'a') + R"(","v":1})",
       "no `type`"},
      {"no time", R"({"body":{},"type":"alert","v":1})", "no `type`"},
      {"bad time", R"({"body":{},"t":"now","type":"alert","v":1})", "`t`: "},
      {"no body", R"({"t":"2026-01-15T08:00:00Z","type":"alert","v":1})", "it begins"},
      {"body a text", R"({"body":"x","t":"2026-01-15T08:00:00Z","type":"alert","v":1})", "`body` is no object"},
      {"body missing", R"({"body":,"t":"2026-01-15T08:00:00Z","type":"alert","v":1})", "`body` is no object"},
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
  const std::string payload = make_alert_entry(at("2026-01-15T08:00:00Z"), GuardedAlert::of_ledger(sample_alert()));
  for (std::size_t n = 0; n < payload.size(); ++n) {
    const auto entry = parse_entry(std::string_view{payload}.substr(0, n));
    if (entry) {
      ASSERT_FALSE(Alert::from_json(entry->body)) << n;
    }
  }
}

}  // namespace
}  // namespace nw::record
