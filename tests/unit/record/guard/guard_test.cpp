#include "record/guard/guard.h"

#include <map>

#include "record/entry.h"
#include "record/fold.h"
#include "record/privacy/commitment.h"
#include "unit/record/guard/support.h"

namespace nw::record::test {

namespace {

const Timestamp kNow = at("2026-01-15T08:00:00Z");
constexpr std::string_view kOutside = "203.0.113.77", kOutsideSix = "2001:db8:77::5";

class GuardTest : public testing::Test {
 protected:
  explicit GuardTest(GuardRules rules = guard_rules()) : rules_{std::move(rules)} { use(); }
  void use() { guard_.use(shared(rules_)); }
  GuardedAlert of(Alert alert, Timestamp now = kNow) { return guard_.guard(std::move(alert), now); }
  // What one field becomes.
  std::string field(std::string name, std::string text) {
    Alert alert = minimal();
    alert.fields = {{std::move(name), std::move(text)}};
    return of(alert)->fields[0].second;
  }
  AlertAtom atom(AlertAtom atom) {
    Alert alert = minimal();
    alert.atoms = {std::move(atom)};
    return of(alert)->atoms[0];
  }
  static Alert minimal() {
    Alert alert;
    alert.id = std::string(32, 'a');
    alert.rule_id = "r";
    return alert;
  }
  static std::string token(privacy::TokenKind kind, std::string_view value) {
    return privacy::Tokens{month_keys({2026, 1})->keys()}.of(kind, value).to_string();
  }
  static std::map<std::string, std::string> clear_of(GuardedAlert& alert) {
    if (!alert.clear_values()) return {};
    const auto read = read_sealed_values(alert.clear_values()->json);
    EXPECT_TRUE(read);
    return {read->begin(), read->end()};
  }

  GuardRules rules_;
  Guard guard_{kDice};
};

using privacy::TokenKind;

}  // namespace

TEST_F(GuardTest, NoMemberCarriesAnAddressAUserOrAPayload) {
  Alert alert = sample_alert();
  alert.asset_class = "C1";
  alert.source_address = kOutside;
  alert.destination_address = kOutsideSix;
  alert.host = "alice-laptop";
  alert.community_id = "1:LQU9qZlK+B5F3KDmev6m5PMibrg=";
  alert.fields = {
      {"message", "login of alice from 203.0.113.77 by alice@corp.example password=hunter2 at alice-laptop"},
      {"user", "alice"},
      {"payload", "GET /x?secret=hunter2"},
      {"community_id", "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
      {"mac", "00:16:3e:aa:bb:cc"},
      {"id.orig_h", std::string{kOutside}},
      {"x_forwarded_for", "203.0.113.77, 2001:db8:77::5"},
      {"uri", "/home/alice/report.pdf?token=hunter2"},
      {"PatientName", "Doe^Jane"},
      {"nw.ioc.value", "203.0.113.77,evil.example"},
      {"nw.dst.asset", "w1"},
      {"proto", "tcp"}};
  alert.atoms = {{"user", "equals", "alice", "alice"}, {"message", "contains", "203.0.113.77", "from 203.0.113.77"}};
  const GuardedAlert guarded = of(alert);
  const std::string json = guarded->to_json();
  for (const char* clear : {"203.0.113.77", "2001:db8:77::5", "alice", "hunter2", "00:16:3e", "LQU9qZ", "Jane", "Doe",
                            "report.pdf", "00112233445566778899aabbccddeeff"})
    EXPECT_EQ(json.find(clear), std::string::npos) << clear << " in " << json;
  // What tells of nobody stays.
  EXPECT_EQ(guarded->rule_id, alert.rule_id);
  EXPECT_EQ(guarded->asset, "water-07");
  EXPECT_EQ(guarded->uid, alert.uid);
  EXPECT_EQ(guarded->fields[10].second, "w1");
  EXPECT_EQ(guarded->fields[11].second, "tcp");
  EXPECT_NE(guarded->fields[9].second.find("evil.example"), std::string::npos) << "a feed lists it";
  // What is one thing in the event is one thing in the alert.
  EXPECT_EQ(guarded->source_address, guarded->fields[5].second);
  EXPECT_NE(guarded->fields[0].second.find(guarded->source_address), std::string::npos);
  EXPECT_EQ(guarded->community_id, guarded->fields[3].second);
  EXPECT_EQ(guarded->atoms[0].pattern, guarded->fields[1].second);
  EXPECT_EQ(guarded->atoms[0].value, token(TokenKind::user, "alice"));
  EXPECT_NE(guarded->fields[0].second.find("login of " + token(TokenKind::user, "alice")), std::string::npos);
  EXPECT_EQ(guarded->fields[2].second, "");
  EXPECT_EQ(guarded->sealed_values, "") << "there is nobody to seal for";
}

TEST_F(GuardTest, WhatPeopleWriteKeepsItsWordsAndNobodysAddress) {
  auto policy = std::make_shared<privacy::Policy>(*rules_.policy);
  policy->store[static_cast<std::size_t>(privacy::FieldClass::text)] = privacy::Form::drop;
  rules_.policy = policy;
  use();
  EXPECT_EQ(field("message", "seen from 203.0.113.77"), "") << "the policy keeps no sentences of events";
  const std::string note = guard_.text("Rang alice@corp.example: the writes from 203.0.113.77 are hers.", kNow);
  EXPECT_NE(note.find("the writes from pfx:e2026-01:"), std::string::npos) << note;
  EXPECT_EQ(note.find("alice"), std::string::npos) << note;
}

TEST_F(GuardTest, DesignatedHostsAreTheirAssetAndStayApart) {
  const struct {
    const char *name, *field, *value;
    std::string want;
  } cases[] = {
      {"by address, with a name", "id.resp_h", "192.0.2.10", "asset:w1/plc-1.waterworks.example"},
      {"by address, without one", "id.resp_h", "192.0.2.11", "asset:w1/host-2"},
      {"by name", "host", "PLC-1.waterworks.example", "asset:w1/plc-1.waterworks.example"},
      {"of a designated party", "query", "ftp.waterworks.example", "waterworks.example"},
      {"on a feed", "query", "c2.evil.example", "evil.example"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(field(c.field, c.value), c.want);
  }
  EXPECT_TRUE(field("id.resp_h", "192.0.2.99").starts_with("pfx:e2026-01:global4:")) << "in its network, not listed";
  // Outputs must not tell of a secret one.
  EXPECT_TRUE(field("id.resp_h", "198.51.100.7").starts_with("pfx:"));
  EXPECT_TRUE(field("host", "deep1").starts_with("tok:"));
}

TEST_F(GuardTest, TheDaemonsOwnWordsAreNobodysName) {
  const auto told = [this](const char* source, const char* name) {
    Alert alert = minimal();
    alert.source = source;
    alert.host = name;
    alert.fields = {{"source_name", name}, {"host", name}};
    const GuardedAlert guarded = of(alert);
    EXPECT_EQ(guarded->host, guarded->fields[1].second);
    EXPECT_EQ(guarded->host, guarded->fields[0].second) << name;
    return guarded->host;
  };
  EXPECT_EQ(told("normwatch", "log"), "log") << "a source of the configuration";
  EXPECT_EQ(told("normwatch", "plc-1.waterworks.example"), "asset:w1/plc-1.waterworks.example");
  EXPECT_TRUE(told("normwatch", "deep1").starts_with("tok:")) << "of a secret asset";
  EXPECT_TRUE(told("log", "alices-laptop").starts_with("tok:"));
}

TEST_F(GuardTest, AReloadBringsAnotherRegister) {
  EXPECT_EQ(field("id.resp_h", "192.0.2.11"), "asset:w1/host-2");
  rules_.designated = std::make_shared<const DesignatedNames>(context::Registry::empty(), *rules_.policy);
  use();
  EXPECT_TRUE(field("id.resp_h", "192.0.2.11").starts_with("pfx:"));
}

TEST_F(GuardTest, PatternsThatHoldAValueAreToldLikeIt) {
  const std::string alice = token(TokenKind::user, "alice"), corp = token(TokenKind::user, "CORP\\alice");
  const std::string someone = field("id.orig_h", "203.0.113.9");
  const struct {
    const char* name;
    AlertAtom atom;
    std::string pattern;
  } cases[] = {
      {"the value itself", {"user", "equals", "Alice", "alice"}, alice},
      {"with wildcards", {"user", "endswith", "*alice", "alice"}, alice},
      {"a word of it", {"user", "endswith", "\\alice", "CORP\\alice"}, "{part}"},
      {"a rule's own word", {"user", "contains", "AUTHORI", "NT AUTHORITY\\SYSTEM"}, "AUTHORI"},
      {"a sign", {"user", "endswith", "$", "host$"}, "$"},
      {"an expression", {"user", "re", "^ali", "alice"}, "^ali"},
      {"a network", {"id.orig_h", "cidr", "203.0.113.0/24", "203.0.113.9"}, "203.0.113.0/24"},
      {"one address as a network", {"id.orig_h", "cidr", "203.0.113.9/32", "203.0.113.9"}, someone},
      {"one address of a list", {"id.orig_h", "equals", "203.0.113.9", "203.0.113.9"}, someone},
      {"a word in a command", {"CommandLine", "contains", "mimikatz", "run mimikatz now"}, "mimikatz"},
      {"an address in a command",
       {"CommandLine", "contains", "ping 203.0.113.9", "ping 203.0.113.9 -t"},
       "ping " + someone},
      {"a password", {"password", "equals", "admin", "admin"}, ""},
      {"a word of a password", {"password", "contains", "adm", "adm-1"}, ""},
      {"a protocol's word", {"nw.dir", "equals", "in", "in"}, "in"},
      {"a keyword", {"", "contains", "pump", "the pump stops"}, "pump"},
      {"a flow", {"community_id", "equals", "1:x", "1:x"}, token(TokenKind::text, "1:x")},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(atom(c.atom).pattern, c.pattern);
  }
}

TEST_F(GuardTest, WhatRulesOverTimeCountIsOfTheFieldsThatTheyCount) {
  const auto told = [this](const char* type, const char* fields, const char* what) {
    Alert alert = minimal();
    alert.atoms = {{std::string{type} + fields, "gte", "3", what}};
    alert.fields = {{"correlation.type", type},
                    {"correlation.what", what},
                    {"correlation.events", "17"},
                    {"correlation.first", "2026-01-15T08:00:05.123456789Z"}};
    const GuardedAlert guarded = of(alert);
    EXPECT_EQ(guarded->atoms[0].value, guarded->fields[1].second);
    EXPECT_EQ(guarded->fields[2].second, "17");
    EXPECT_EQ(guarded->fields[3].second, "2026-01-15T08:00:05.123456789Z");
    EXPECT_EQ(guarded->atoms[0].pattern, "3");
    return guarded->fields[1].second;
  };
  const std::string alice = token(TokenKind::user, "alice"), bob = token(TokenKind::user, "bob");
  EXPECT_EQ(told("value_count", " user", "alice, bob"), alice + ", " + bob);
  EXPECT_EQ(told("newvalue", " user", "new: alice"), "new: " + alice);
  EXPECT_EQ(told("newvalue", " func user", "new: WRITE / alice"), "new: WRITE / " + alice);
  EXPECT_EQ(told("newvalue", " func user", "new: alice"), "new: " + alice) << "which is missing, it does not say";
  EXPECT_EQ(told("absence", "", "silent for 5m"), "silent for 5m");
  EXPECT_EQ(told("beacon", " id.resp_h", "every 5m"), "every 5m");
  EXPECT_EQ(told("value_count", " user", ""), "");
}

TEST_F(GuardTest, AnAliasIsWhatItStandsFor) {
  Alert alert = minimal();
  alert.fields = {{"who", "alice"}, {"other", "alice"}};
  alert.same_kind = {{"who", "func"}, {"who", "TargetUserName"}};
  const GuardedAlert guarded = of(alert);
  EXPECT_EQ(guarded->fields[0].second, token(TokenKind::user, "alice"));
  EXPECT_EQ(guarded->to_json().find("same_kind"), std::string::npos);
}

TEST_F(GuardTest, IdsAndGroupsTellNothingAndStay) {
  Alert alert = minimal();
  alert.source_address = "203.0.113.5";
  alert.destination_address = "203.0.113.6";
  const GuardedAlert one = of(alert), again = of(alert);
  EXPECT_NE(one->id, alert.id);
  EXPECT_EQ(one->id.size(), kAlertIdBytes);
  EXPECT_EQ(one->id, again->id);
  EXPECT_EQ(one->id, of(alert, at("2026-03-01T00:00:00Z"))->id) << "over months";
  EXPECT_NE(one->group_key(), alert.group_key());
  EXPECT_EQ(one->group_key(), again->group_key());
  EXPECT_EQ(Fold::of(one).actor, one->source_address);
  EXPECT_EQ(Fold::of(one).place, one->destination_address);
  EXPECT_EQ(make_alert_entry(kNow, one), make_alert_entry(kNow, again));
  Guard other{kDice};
  rules_.ids = std::make_shared<const AlertIds>(privacy::counted<32>(1));
  other.use(shared(rules_));
  EXPECT_NE(other.guard(alert, kNow)->id, one->id);
}

TEST_F(GuardTest, TheMonthIsThatOfTheDoor) {
  rules_.months = {month_keys({2026, 1}, 1), month_keys({2026, 2}, 2)};
  use();
  Alert alert = minimal();
  alert.source_address = kOutside;
  const auto at_time = [&](const char* time) { return of(alert, at(time))->source_address.substr(0, 12); };
  EXPECT_EQ(at_time("2026-01-31T23:59:59.999999999Z"), "pfx:e2026-01");
  EXPECT_EQ(at_time("2026-02-01T00:00:00Z"), "pfx:e2026-02");
  EXPECT_EQ(at_time("2026-03-01T00:00:00Z"), "pfx:e2026-02") << "until its keys are there";
  EXPECT_EQ(at_time("2025-12-01T00:00:00Z"), "pfx:e2026-01");
}

TEST_F(GuardTest, ForeignAddressesAreClearOnlyWhereLawAndClassAllowIt) {
  Alert alert = minimal();
  alert.source_address = kOutside;
  alert.destination_address = "10.9.8.7";
  privacy::Policy with_basis;
  with_basis.basis = "Act on ..., section 12";
  const struct {
    const char* name;
    bool configured, basis;
    const char* asset_class;
    bool clear;
  } cases[] = {{"all", true, true, "C1", true},        {"C2", true, true, "C2", true},
               {"C3", true, true, "C3", false},        {"no asset", true, true, "", false},
               {"no basis", true, false, "C1", false}, {"not configured", false, true, "C1", false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    rules_ = guard_rules(c.basis ? with_basis : privacy::Policy{});
    rules_.foreign_addresses_clear = c.configured;
    use();
    alert.asset_class = c.asset_class;
    const GuardedAlert guarded = of(alert);
    EXPECT_EQ(guarded->source_address == kOutside, c.clear);
    EXPECT_TRUE(guarded->destination_address.starts_with("pfx:")) << "not global";
  }
}

TEST_F(GuardTest, ClearValuesAreCommittedTo) {
  rules_.seal = true;
  use();
  Alert alert = minimal();
  alert.source_address = kOutside;
  alert.host = "192.0.2.11";
  alert.fields = {{"user", "alice"},
                  {"message", "alice said password=hunter2 to 203.0.113.77"},
                  {"url", "http://203.0.113.77/a/b.php?k=hunter2"},
                  {"password", "hunter2"},
                  {"payload", "hunter2"},
                  {"func", "WRITE"}};
  alert.atoms = {{"user", "equals", "alice", "alice"}};
  GuardedAlert guarded = of(alert);
  const auto clear = clear_of(guarded);
  ASSERT_TRUE(guarded.clear_values());
  privacy::Digest committed{};
  ASSERT_TRUE(privacy::read_commitment(guarded->sealed_values, committed));
  EXPECT_TRUE(
      privacy::opens(committed, guarded.clear_values()->nonce, privacy::bytes_of(guarded.clear_values()->json)));
  EXPECT_EQ(clear.at(guarded->source_address), kOutside);
  EXPECT_EQ(clear.at("asset:w1/host-2"), "192.0.2.11");
  EXPECT_EQ(clear.at(token(TokenKind::user, "alice")), "alice");
  EXPECT_EQ(clear.at(guarded->fields[1].second), "alice said password={secret} to 203.0.113.77");
  EXPECT_EQ(clear.at(guarded->fields[2].second), "http://203.0.113.77/a/b.php");
  EXPECT_EQ(clear.size(), 5U);
  EXPECT_EQ(guarded.clear_values()->json.find("hunter2"), std::string::npos) << "never kept, for nobody";
  EXPECT_EQ(guard_.counts().sealed, 1U);
  const auto read_back = Alert::from_json(guarded->to_json());
  ASSERT_TRUE(read_back);
  EXPECT_EQ(read_back->sealed_values, guarded->sealed_values);

  GuardedAlert nothing = of(minimal());
  EXPECT_FALSE(nothing.clear_values());
  EXPECT_EQ(nothing->sealed_values, "");
}

TEST_F(GuardTest, ACommittedValueHasItsNonceOrIsDropped) {
  privacy::Policy policy;
  policy.store[static_cast<std::size_t>(privacy::FieldClass::text)] = privacy::Form::commitment;
  rules_ = guard_rules(policy);
  use();
  EXPECT_EQ(field("message", "hello"), "") << "nobody would have what is committed to";
  rules_.seal = true;
  use();
  Alert alert = minimal();
  alert.fields = {{"message", "hello"}};
  GuardedAlert guarded = of(alert);
  const auto clear = clear_of(guarded);
  const std::string& text = guarded->fields[0].second;
  EXPECT_EQ(clear.at(text), "hello");
  privacy::Nonce nonce{};
  privacy::Digest committed{};
  ASSERT_TRUE(privacy::read_hex(clear.at(text + "#nonce"), nonce));
  ASSERT_TRUE(privacy::read_commitment(text, committed));
  EXPECT_TRUE(privacy::opens(committed, nonce, privacy::bytes_of("hello")));
}

TEST_F(GuardTest, CountsEachValueOnce) {
  Alert alert = minimal();
  alert.source_address = kOutside;
  alert.fields = {{"id.orig_h", std::string{kOutside}}, {"user", "alice"}, {"user_name", "bob"}};
  alert.atoms = {{"user", "contains", "alice", "alice"}};
  of(alert);
  using privacy::FieldClass;
  using privacy::Form;
  const auto count = [this](FieldClass kind, Form form) {
    return guard_.counts().values[static_cast<std::size_t>(kind)][static_cast<std::size_t>(form)];
  };
  EXPECT_EQ(count(FieldClass::address, Form::pseudonym), 1U);
  EXPECT_EQ(count(FieldClass::user, Form::token), 2U);
  EXPECT_EQ(guard_.counts().alerts, 1U);
}

// Whatever stands in an alert, the guard ends, and the entry fits.
TEST_F(GuardTest, AHugeAlertPasses) {
  rules_.seal = true;
  use();
  Alert alert = sample_alert();
  for (int i = 0; i < 2'000; ++i) {
    alert.fields.emplace_back("user", "somebody-" + std::to_string(i));
    alert.fields.emplace_back("message", std::string(200, 'x') + " from 203.0.113." + std::to_string(i % 256));
  }
  alert.host = std::string(100'000, 'h');
  GuardedAlert guarded = of(alert);
  EXPECT_LE(make_alert_entry(kNow, guarded).size(), kEntryBytesMax);
  EXPECT_LE(guarded.clear_values()->json.size(), kClearBytesMax + 1024);
  EXPECT_NE(guarded.clear_values()->json.find("#left_out"), std::string::npos);
  EXPECT_GT(guard_.counts().names_not_kept, 0U);
}

TEST(SealedValuesText, ReadsWhatItWrites) {
  SealedValues values;
  values.add("a", "1\"\n");
  values.add("a", "2");
  values.add("", "3");
  values.add("same", "same");
  EXPECT_EQ(values.to_json(), "{\"a\":\"1\\\"\\n\"}");
  const auto read = read_sealed_values(values.to_json());
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (std::vector<std::pair<std::string, std::string>>{{"a", "1\"\n"}}));
  for (const char* bad : {"", "[]", "{\"a\":1}", "{\"a\":{}}", "{", "{\"a\":\"b\"} "})
    EXPECT_EQ(static_cast<bool>(read_sealed_values(bad)), std::string_view{bad}.ends_with(' ')) << bad;
  SealedValues many;
  for (std::size_t i = 0; i <= kClearValuesMax; ++i) many.add("k" + std::to_string(i), "v");
  EXPECT_EQ(read_sealed_values(many.to_json())->size(), kClearValuesMax);
  EXPECT_NE(many.to_json().find("\"#left_out\":\"1\""), std::string::npos);
}

}  // namespace nw::record::test
