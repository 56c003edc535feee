#include "record/alert.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "base/text.h"
#include "record/entry.h"
#include "unit/record/support.h"

namespace nw::record {
namespace {

using test::at;
using test::sample_alert;

void expect_equal(const Alert& a, const Alert& b) {
  EXPECT_EQ(a.to_json(), b.to_json());
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.event_time, b.event_time);
  EXPECT_EQ(a.receive_time, b.receive_time);
  EXPECT_EQ(a.ordinal, b.ordinal);
  EXPECT_EQ(a.rule_level, b.rule_level);
  EXPECT_EQ(a.family, b.family);
  EXPECT_EQ(a.tags, b.tags);
  EXPECT_EQ(a.limits, b.limits);
  EXPECT_EQ(a.hooks, b.hooks);
  EXPECT_EQ(a.missing_evidence, b.missing_evidence);
  EXPECT_EQ(a.retain_days, b.retain_days);
  EXPECT_EQ(a.source_port, b.source_port);
  EXPECT_EQ(a.host, b.host);
  EXPECT_EQ(a.fields, b.fields);
  ASSERT_EQ(a.atoms.size(), b.atoms.size());
  for (std::size_t i = 0; i < a.atoms.size(); ++i) {
    EXPECT_EQ(a.atoms[i].field, b.atoms[i].field);
    EXPECT_EQ(a.atoms[i].op, b.atoms[i].op);
    EXPECT_EQ(a.atoms[i].pattern, b.atoms[i].pattern);
    EXPECT_EQ(a.atoms[i].value, b.atoms[i].value);
  }
  EXPECT_EQ(a.packets_lost, b.packets_lost);
  EXPECT_EQ(a.stream_gap_bytes, b.stream_gap_bytes);
  EXPECT_EQ(a.flow_gap_bytes, b.flow_gap_bytes);
  EXPECT_EQ(a.shortened, b.shortened);
}

// Atoms that fill the body to within a few bytes must leave the fields no room, not all of it.
TEST(AlertJson, StaysWithinItsBoundHoweverItIsFilled) {
  for (std::size_t size = 240; size < 320; ++size) {
    Alert alert;
    alert.id = "0123456789abcdef0123456789abcdef";
    alert.rule_id = "r";
    alert.rule_title = "t";
    alert.level = "high";
    for (int i = 0; i < 400; ++i) alert.atoms.push_back({"f", "equals", std::string(size, 'p'), "v"});
    alert.atoms.push_back({"f", "equals", std::string(size / 7, 'q'), "v"});
    for (int i = 0; i < 200; ++i) alert.fields.emplace_back("field" + std::to_string(i), std::string(200, 'x'));
    const std::string json = alert.to_json();
    ASSERT_LE(json.size(), kBodyBytesMax) << size;
    const auto back = Alert::from_json(json);
    ASSERT_TRUE(back) << size << ": " << back.error().what;
    EXPECT_TRUE(back->shortened);
    EXPECT_EQ(back->id, alert.id);
  }
}

TEST(AlertJson, IsThisText) {
  EXPECT_EQ(
      sample_alert().to_json(),
      R"({"id":"00112233445566778899aabbccddeeff","event_time":"2026-01-15T08:00:05.123456789Z",)"
      R"("receive_time":"2026-01-15T08:00:05.200000000Z","time_quality":"capture","source":"plc-tap",)"
      R"("ordinal":4711,"path":"modbus","rule_id":"6e1a2c1e-0f4d-4a44-9b0a-000000000001",)"
      R"("rule_title":"Write to a controller from outside its network",)"
      R"("rule_file":"rules/13f/modbus_write.yml","level":"high","family":"NW-F-05","tags":["attack.t0831","norm.13f"],)"
      R"("norm":"13f","norm_text":"engages norm 13f (A/70/174): Do not damage critical infrastructure",)"
      R"("limits":["A write may be ordinary maintenance.","The operator's work orders were not seen."],)"
      R"("asset":"water-07","asset_name":"Pumping station 7","sector":"water","asset_class":"plc",)"
      R"("disclosure":"restricted","secret_end":true,"impact":["water supply-water water-07 now",)"
      R"("health.care hospital-care a7f3k2 in 30 min"],"uid":"CAbCdEf0123456789","community_id":"1:LQU9qZlK+B5F3KDmev6m5PMibrg=",)"
      R"("source_address":"192.0.2.7","source_port":49152,"destination_address":"2001:db8::5",)"
      R"("destination_port":502,"protocol":"tcp","host":"gw-7","packets_seen":100000,"packets_lost":3,)"
      R"("stream_gap_bytes":2920,"flow_gap_bytes":1460,)"
      R"("atoms":[{"field":"func","op":"startswith","pattern":"WRITE","value":"WRITE_SINGLE_COIL"},)"
      R"({"op":"contains","pattern":"pump","value":"the pump stops"}],)"
      R"("fields":{"func":"WRITE_SINGLE_COIL","nw.dst.asset":"water-07","z":""}})");
}

TEST(AlertJson, ReadsBackWhatItWrote) {
  Alert least;
  least.id = "1";
  least.rule_id = "r";
  Alert awkward = sample_alert();
  awkward.rule_title = std::string{"\0\x01\x1b[2J\"\\\n", 9};
  awkward.host = "\xe2\x82\xac \xf0\x9f\x9a\xb0";
  awkward.ordinal = (std::uint64_t{1} << 53U) - 1;
  awkward.rule_level = "critical";
  awkward.hooks = {"", "Charter art. 2(4)"};
  awkward.retain_days = 365;
  awkward.source_port = 65535;
  awkward.event_time = at("1969-12-31T23:59:59.999999999Z");
  awkward.shortened = true;
  const struct {
    const char* name;
    Alert alert;
  } kCases[] = {{"full", sample_alert()}, {"least", least}, {"awkward", awkward}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto back = Alert::from_json(c.alert.to_json());
    ASSERT_TRUE(back) << back.error().what;
    expect_equal(c.alert, *back);
  }
}

TEST(AlertJson, InvalidUtf8IsReplaced) {
  Alert a = sample_alert();
  a.host =
      "a\xff"
      "b";
  const auto back = Alert::from_json(a.to_json());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->host,
            "a\xef\xbf\xbd"
            "b");
}

TEST(AlertJson, ARepeatedFieldNameIsWrittenOnce) {
  Alert a = sample_alert();
  a.fields = {{"x", "1"}, {"x", "2"}, {"\xfe", "3"}, {"\xff", "4"}};
  const auto back = Alert::from_json(a.to_json());
  ASSERT_TRUE(back);
  const std::vector<std::pair<std::string, std::string>> want{{"x", "1"}, {"\xef\xbf\xbd", "3"}};
  EXPECT_EQ(back->fields, want);
}

TEST(AlertJson, UnknownMembersAreIgnored) {
  std::string text = sample_alert().to_json();
  text.insert(1, R"("later":{"deep":[[[{"er":1}]]]},"v":2,)");
  const auto back = Alert::from_json(text);
  ASSERT_TRUE(back) << back.error().what;
  expect_equal(sample_alert(), *back);
}

TEST(AlertJson, Refuses) {
  const std::string times = R"("event_time":"2026-01-15T08:00:05Z","receive_time":"2026-01-15T08:00:05Z")";
  const std::string good = R"("id":"1","rule_id":"r",)" + times;
  const std::string deep = std::string(17, '[') + std::string(17, ']');
  const struct {
    const char* name;
    std::string text, says;
  } kCases[] = {
      {"empty", "", "not JSON"},
      {"not JSON", "{]", "not JSON"},
      {"text after the object", "{" + good + "} x", "not JSON"},
      {"invalid UTF-8", "{" + good + ",\"host\":\"\xff\"}", "not JSON"},
      {"no object", "[1]", "not a JSON object"},
      {"too deep", "{" + good + ",\"later\":" + deep + "}", "not JSON"},
      {"too long", "{" + good + ",\"later\":\"" + std::string(65'535, 'x') + "\"}", "longer than 65535"},
      {"no id", R"({"rule_id":"r",)" + times + "}", "`id` is missing"},
      {"empty id", R"({"id":"","rule_id":"r",)" + times + "}", "`id` is empty"},
      {"no rule", R"({"id":"1",)" + times + "}", "`rule_id` is missing"},
      {"no time", R"({"id":"1","rule_id":"r","event_time":"2026-01-15T08:00:05Z"})", "`receive_time` is missing"},
      {"id is a number", R"({"id":1,"rule_id":"r",)" + times + "}", "`id` is no text"},
      {"time is a number", R"({"id":"1","rule_id":"r","event_time":5})", "`event_time` is no time"},
      {"time is no time", R"({"id":"1","rule_id":"r","event_time":"today"})", "`event_time` is no time"},
      {"port too large", "{" + good + R"(,"source_port":65536})", "`source_port` is too large"},
      {"port negative", "{" + good + R"(,"source_port":-1})", "`source_port` is no whole number"},
      {"ordinal a fraction", "{" + good + R"(,"ordinal":1.5})", "`ordinal` is no whole number"},
      {"tags a text", "{" + good + R"(,"tags":"a"})", "`tags` is no list of texts"},
      {"tags of numbers", "{" + good + R"(,"tags":["a",1]})", "`tags` is no list of texts"},
      {"atoms an object", "{" + good + R"(,"atoms":{}})", "`atoms` is no list"},
      {"atom a text", "{" + good + R"(,"atoms":["a"]})", "`atoms` has an item"},
      {"atom value a number", "{" + good + R"(,"atoms":[{"value":1}]})", "`atoms.value` is no text"},
      {"fields a list", "{" + good + R"(,"fields":[]})", "`fields` is no object"},
      {"field a number", "{" + good + R"(,"fields":{"a":1}})", "`fields.a` is no text"},
      {"shortened a text", "{" + good + R"(,"shortened":"yes"})", "`shortened` is neither"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto got = Alert::from_json(c.text);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::malformed);
    EXPECT_NE(got.error().what.find(c.says), std::string::npos) << got.error().what;
  }
}

TEST(AlertJson, EveryPrefixIsRefused) {
  const std::string text = sample_alert().to_json();
  for (std::size_t n = 0; n < text.size(); ++n)
    ASSERT_FALSE(Alert::from_json(std::string_view{text}.substr(0, n))) << n;
}

TEST(AlertJson, FieldsGoFirst) {
  Alert a = sample_alert();
  const std::size_t atoms = a.atoms.size();
  for (int i = 0; i < 300; ++i) a.fields.emplace_back("f" + std::to_string(i), std::string(400, 'v'));
  a.fields.emplace_back("last", "small");
  const std::string text = a.to_json();
  EXPECT_LE(text.size(), kBodyBytesMax);
  EXPECT_GT(text.size(), kBodyBytesMax - 600) << "no more than needed is left out";
  const auto back = Alert::from_json(text);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_TRUE(back->shortened);
  EXPECT_EQ(back->atoms.size(), atoms);
  EXPECT_LT(back->fields.size(), a.fields.size());
  EXPECT_EQ(back->fields[0].first, "func");
  EXPECT_EQ(back->limits, a.limits);
  EXPECT_EQ(back->to_json(), text) << "shortened once, the same for ever";
}

TEST(AlertJson, ThenAtoms) {
  Alert a = sample_alert();
  for (int i = 0; i < 300; ++i) a.atoms.push_back({"f", "equals", "p", std::string(400, 'v')});
  const auto back = Alert::from_json(a.to_json());
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_TRUE(back->shortened);
  EXPECT_GT(back->atoms.size(), 100U);
  EXPECT_LT(back->atoms.size(), a.atoms.size());
  EXPECT_EQ(back->rule_title, a.rule_title);
}

TEST(AlertJson, ThenTexts) {
  Alert a = sample_alert();
  // The worst: every byte takes six in JSON, in every text.
  const std::string worst(7'000, '\x01');
  for (std::string Alert::*text : {&Alert::id,
                                   &Alert::time_quality,
                                   &Alert::source,
                                   &Alert::path,
                                   &Alert::rule_id,
                                   &Alert::rule_title,
                                   &Alert::rule_file,
                                   &Alert::level,
                                   &Alert::rule_level,
                                   &Alert::maintenance,
                                   &Alert::maintenance_until,
                                   &Alert::norm,
                                   &Alert::norm_text,
                                   &Alert::regime,
                                   &Alert::regime_kind,
                                   &Alert::regime_basis,
                                   &Alert::tlp,
                                   &Alert::asset,
                                   &Alert::asset_name,
                                   &Alert::sector,
                                   &Alert::asset_class,
                                   &Alert::disclosure,
                                   &Alert::uid,
                                   &Alert::community_id,
                                   &Alert::source_address,
                                   &Alert::destination_address,
                                   &Alert::protocol,
                                   &Alert::host})
    a.*text = worst;
  a.tags.assign(10, worst);
  a.hooks.assign(10, worst);
  a.missing_evidence.assign(10, worst);
  a.limits.assign(10, worst);
  a.impact.assign(10, worst);
  a.host = std::string(255, 'x') + "\xe2\x82\xac" + worst;  // the cut falls inside the euro sign
  const std::string text = a.to_json();
  EXPECT_LE(text.size(), kBodyBytesMax);
  EXPECT_LE(make_alert_entry(a.event_time, GuardedAlert::of_ledger(a)).size(), kEntryBytesMax);
  const auto back = Alert::from_json(text);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_TRUE(back->shortened);
  EXPECT_EQ(back->rule_title, std::string(256, '\x01'));
  EXPECT_EQ(back->host, std::string(255, 'x'));
  EXPECT_TRUE(back->tags.empty());
  EXPECT_EQ(back->fields, a.fields);
}

TEST(AlertGroupKey, WhatBelongsTogether) {
  const Alert base = sample_alert();
  EXPECT_EQ(base.group_key().size(), 16U);
  EXPECT_EQ(base.group_key().find_first_not_of("0123456789abcdef"), std::string::npos);
  const struct {
    const char* name;
    void (*change)(Alert&);
    bool same;
  } kCases[] = {
      {"another moment",
       [](Alert& a) {
         a.event_time += std::chrono::hours{1};
         a.id = "2";
         a.ordinal = 1;
       },
       true},
      {"another attacker", [](Alert& a) { a.source_address = "203.0.113.9"; }, true},
      {"another destination of the asset", [](Alert& a) { a.destination_address = "2001:db8::6"; }, true},
      {"another rule", [](Alert& a) { a.rule_id = "other"; }, false},
      {"another asset", [](Alert& a) { a.asset = "water-08"; }, false},
      {"no asset", [](Alert& a) { a.asset.clear(); }, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Alert a = base;
    c.change(a);
    EXPECT_EQ(a.group_key() == base.group_key(), c.same);
  }
  // Without an asset: by destination, host, source, in this order; the same word in another role is another group.
  std::set<std::string> keys;
  for (std::string Alert::*role : {&Alert::asset, &Alert::destination_address, &Alert::host, &Alert::source}) {
    Alert a;
    a.rule_id = "r";
    a.*role = "x";
    keys.insert(a.group_key());
  }
  EXPECT_EQ(keys.size(), 4U);
}

TEST(AlertGroupKey, StaysTheSameFromReleaseToRelease) {
  // Open incidents and Alertmanager's alerts hang on it: a change here closes none of them and opens all anew.
  Alert a;
  a.rule_id = "r";
  a.asset = "water-07";
  EXPECT_EQ(a.group_key(), "feecbfabc35e8596");
}

TEST(AlertLevel, Rank) {
  EXPECT_EQ(level_rank("informational"), 0);
  EXPECT_EQ(level_rank("critical"), 4);
  EXPECT_LT(level_rank("medium"), level_rank("high"));
  EXPECT_EQ(level_rank("High"), -1);
  EXPECT_EQ(level_rank(""), -1);
}

TEST(AlertText, ReadsLikeThis) {
  EXPECT_EQ(
      to_text(sample_alert(), false),
      "2026-01-15T08:00:05.123Z  HIGH      Write to a controller from outside its network\n"
      "  observed modbus, source plc-tap no. 4711, coverage: 3 packets lost, 100000 seen; 2920 bytes of TCP never "
      "seen; 1460 bytes of this flow never seen\n"
      "  asset    water-07 \"Pumping station 7\" (water, plc)\n"
      "  impact   if it fails: water supply-water water-07 now; health.care hospital-care a7f3k2 in 30 min\n"
      "  flow     192.0.2.7:49152 -> [2001:db8::5]:502 tcp\n"
      "  host     gw-7\n"
      "  norm     engages norm 13f (A/70/174): Do not damage critical infrastructure\n"
      "  why      func startswith WRITE (WRITE_SINGLE_COIL)\n"
      "           the line contains pump (the pump stops)\n"
      "  note     Not an attribution. Source addresses can be forged, relayed or shared.\n"
      "  limits   A write may be ordinary maintenance. The operator's work orders were not seen.\n"
      "  refs     rule 6e1a2c1e-0f4d-4a44-9b0a-000000000001, uid CAbCdEf0123456789, community id "
      "1:LQU9qZlK+B5F3KDmev6m5PMibrg=, alert 00112233445566778899aabbccddeeff\n");
}

// An alert in armed conflict at a protected object, as app/alert_parts sets it.
Alert conflict_alert() {
  Alert a = sample_alert();
  a.level = "critical";
  a.rule_level = "high";
  a.regime = "armed_conflict";
  a.regime_kind = "niac";
  a.regime_basis = "determination (REF-7)";
  a.hooks = {"Charter art. 2(4)", "object carries protection flag indispensable: AP II art. 14"};
  a.tlp = "amber+strict";
  a.retain_days = 3650;
  a.missing_evidence = {"process data before and after", "a second vantage point"};
  return a;
}

TEST(AlertText, SaysRegimeLawAndWhatIsMissing) {
  const std::string text = to_text(conflict_alert(), false, 41);
  for (const char* line :
       {"  level    the rule's is high; raised here: a protected object, in the regime in force\n",
        "  regime   armed conflict (niac), set by people: determination (REF-7)\n",
        "  law      Charter art. 2(4); object carries protection flag indispensable: AP II art. 14\n",
        "  missing  process data before and after; a second vantage point\n",
        "  share    TLP:AMBER+STRICT, to be kept 3650 days\n", "  ledger   entry 41\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  // In the order of the contract.
  std::size_t before = 0;
  for (const char* label : {"\n  observed ", "\n  asset ", "\n  norm ", "\n  regime ", "\n  law ", "\n  note ",
                            "\n  missing ", "\n  limits ", "\n  ledger "}) {
    const std::size_t found = text.find(label);
    ASSERT_NE(found, std::string::npos) << label;
    EXPECT_GT(found, before) << label;
    before = found;
  }
  Alert peace = conflict_alert();
  peace.regime = "peacetime";
  peace.regime_kind.clear();
  peace.regime_basis.clear();
  const std::string calm = to_text(peace, false);
  EXPECT_NE(calm.find("  regime   peacetime\n"), std::string::npos);
  EXPECT_EQ(calm.find("  ledger "), std::string::npos) << "where it stands is not known";
}

TEST(AlertJson, CarriesTheRegime) {
  const std::string json = conflict_alert().to_json();
  EXPECT_NE(
      json.find(R"~("regime":"armed_conflict","regime_kind":"niac","regime_basis":"determination (REF-7)",)~"
                R"~("hooks":["Charter art. 2(4)","object carries protection flag indispensable: AP II art. 14"],)~"
                R"~("tlp":"amber+strict","retain_days":3650,"missing_evidence":["process)~"),
      std::string::npos)
      << json;
  const auto back = Alert::from_json(json);
  ASSERT_TRUE(back) << back.error().what;
  expect_equal(conflict_alert(), *back);
}

TEST(AlertText, ALogAlertWithoutNormOrAsset) {
  Alert a;
  a.id = "1";
  a.rule_id = "r";
  a.level = "strange";
  a.path = "syslog";
  a.source = "s";
  a.host = "gw";
  a.rule_level = "high";
  a.time_quality = "guessed";
  EXPECT_EQ(to_text(a, false),
            "1970-01-01T00:00:00.000Z  ALERT     r\n"
            "  observed syslog, source s no. 0, time guessed\n"
            "  host     gw\n"
            "  level    the rule's is high; it lowers it here\n"
            "  note     Not an attribution. Source addresses can be forged, relayed or shared.\n"
            "  refs     rule r, alert 1\n");
}

TEST(AlertText, ColourOnlyWhenAsked) {
  EXPECT_EQ(to_text(sample_alert(), false).find('\x1b'), std::string::npos);
  std::string coloured = to_text(sample_alert(), true);
  EXPECT_NE(coloured.find("\x1b[1;31mHIGH    \x1b[0m"), std::string::npos);
  // Without the codes it is the same text.
  for (std::size_t at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b'))
    coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, to_text(sample_alert(), false));
}

TEST(AlertText, NothingFromOutsideReachesTheTerminal) {
  const std::string evil =
      "\x1b[2J\x1b]0;owned\x07\r\n\x08\x7f\xc2\x9b"
      "31m\xff";
  Alert a = sample_alert();
  for (std::string Alert::*text : {&Alert::id,
                                   &Alert::time_quality,
                                   &Alert::source,
                                   &Alert::path,
                                   &Alert::rule_id,
                                   &Alert::rule_title,
                                   &Alert::level,
                                   &Alert::norm,
                                   &Alert::norm_text,
                                   &Alert::regime,
                                   &Alert::regime_kind,
                                   &Alert::regime_basis,
                                   &Alert::tlp,
                                   &Alert::asset,
                                   &Alert::asset_name,
                                   &Alert::sector,
                                   &Alert::asset_class,
                                   &Alert::disclosure,
                                   &Alert::uid,
                                   &Alert::community_id,
                                   &Alert::source_address,
                                   &Alert::destination_address,
                                   &Alert::protocol,
                                   &Alert::host,
                                   &Alert::rule_level,
                                   &Alert::maintenance,
                                   &Alert::maintenance_until})
    a.*text = evil;
  a.limits = {evil};
  a.impact = {evil, evil};
  a.hooks = {evil};
  a.missing_evidence = {evil};
  a.atoms = {{evil, evil, evil, evil}};
  const std::size_t lines = 18;
  const std::string text = to_text(a, false);
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), lines - 1);
  for (const char c : text) {
    ASSERT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
    ASSERT_NE(c, '\x7f');
  }
  EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
}

TEST(AlertText, IsBounded) {
  Alert a = sample_alert();
  a.rule_title.assign(100'000, 't');
  a.norm_text.assign(100'000, 'n');
  a.limits.assign(1000, std::string(1000, 'l'));
  a.impact.assign(1000, std::string(1000, 'i'));
  a.hooks.assign(1000, std::string(1000, 'h'));
  a.missing_evidence.assign(1000, std::string(1000, 'e'));
  a.regime_basis.assign(100'000, 'b');
  a.atoms.assign(1000, {std::string(1000, 'f'), "re", std::string(1000, 'p'), std::string(1000, 'v')});
  const std::string text = to_text(a, true);
  EXPECT_LT(text.size(), 20'000U);
  EXPECT_NE(text.find("and 984 more"), std::string::npos);
}

// norms.md 1.7: a sensor says what it observed; it accuses nobody.
TEST(AlertText, WordingContract) {
  std::string text = to_ascii_lower(to_text(conflict_alert(), false));
  const std::string disclaimer = "not an attribution. source addresses can be forged, relayed or shared.";
  const std::size_t at = text.find(disclaimer);
  ASSERT_NE(at, std::string::npos);
  text.erase(at, disclaimer.size());
  for (const char* word : {"violat", "perpetrat", "attribut", "attacker", "guilty", "illegal", "war crime"})
    EXPECT_EQ(text.find(word), std::string::npos) << word;
}

}  // namespace
}  // namespace nw::record
