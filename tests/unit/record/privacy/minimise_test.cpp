#include "record/privacy/minimise.h"

#include <chrono>
#include <numeric>

#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

using event::Value;

class Register final : public Known {
 public:
  std::string_view asset_of(const IpAddress& address) const override {
    static const auto prefix = IpPrefix::parse("10.1.0.0/16");
    return prefix->contains(address) ? "grid-ss-07" : "";
  }
  std::string_view asset_of_host(std::string_view host) const override { return host == "scada-1" ? "grid-hmi" : ""; }
  bool is_open_domain(std::string_view registered) const override { return registered == "evil.example"; }
};

struct Guard {
  Policy policy;
  EpochKeys keys = *EpochKeys::derive(counted<32>(), "demo", {2026, 1});
  Pfx pfx = *Pfx::create(keys.pfx);
  Tokens tokens{keys};
  Register known;
  Dice dice{1};
  Context context{policy, known, pfx, tokens, dice, false, {}, 0, {}};

  Guard() {
    policy.registry_labels = {"co"};
    policy.path_words = {".php", "admin"};
  }
  Stored of(std::string_view field, const Value& value) { return minimise(field, value, context); }
  Stored of(std::string_view field, const char* text) { return minimise(field, Value::text(text), context); }
  std::string token(TokenKind kind, std::string_view value) const { return tokens.of(kind, value).to_string(); }
  std::string pseudonym(std::string_view address) {
    return Pseudonym{{2026, 1}, classify(ip(address)), pfx.encrypt(ip(address))}.to_string();
  }
};

TEST(Minimise, EachClassHasItsForm) {
  Guard guard;
  const auto token = [&guard](TokenKind kind, std::string_view value) { return guard.token(kind, value); };
  const struct {
    const char *field, *value;
    FieldClass kind;
    Form form;
    std::string want;
  } cases[] = {
      {"nw.dst.asset", "grid-ss-07", FieldClass::plain, Form::clear, "grid-ss-07"},
      {"id.orig_h", "192.0.2.1", FieldClass::address, Form::pseudonym, "pfx:e2026-01:global4:234.9.212.34"},
      {"id.orig_h", "::ffff:192.0.2.1", FieldClass::address, Form::pseudonym, "pfx:e2026-01:global4:234.9.212.34"},
      {"SourceIp", "2001:db8::1", FieldClass::address, Form::pseudonym,
       "pfx:e2026-01:global6:acd0:58ed:2036:dceb:efea:4866:7ec:2b91"},
      {"SourceIp", "10.1.2.3", FieldClass::address, Form::asset_id, "asset:grid-ss-07"},
      {"SourceIp", "10.2.2.3", FieldClass::address, Form::pseudonym, guard.pseudonym("10.2.2.3")},
      {"SourceIp", "100.64.0.1", FieldClass::address, Form::pseudonym, guard.pseudonym("100.64.0.1")},
      {"SourceIp", "127.0.0.1", FieldClass::address, Form::class_only, "class:loopback"},
      {"SourceIp", "ff02::fb", FieldClass::address, Form::class_only, "class:multicast"},
      {"SourceIp", "fe80::21b:44ff:fe11:3ab7", FieldClass::address, Form::class_only, "class:linklocal"},
      {"IpAddress", "-", FieldClass::address, Form::clear, "-"},
      {"saddr", "alice-laptop", FieldClass::address, Form::token, token(TokenKind::host, "alice-laptop")},
      {"saddr", "alice.example.org", FieldClass::address, Form::token, token(TokenKind::domain, "alice.example.org")},
      {"xff_ip", "192.0.2.1, 10.1.0.1", FieldClass::address, Form::template_,
       "pfx:e2026-01:global4:234.9.212.34, asset:grid-ss-07"},
      {"user", "Alice", FieldClass::user, Form::token, token(TokenKind::user, "alice")},
      {"User", "192.0.2.1", FieldClass::user, Form::pseudonym, "pfx:e2026-01:global4:234.9.212.34"},
      {"TargetUserName", "CORP\\Alice", FieldClass::user, Form::token, token(TokenKind::user, "corp\\alice")},
      {"mailfrom", "<Alice@Example.org>", FieldClass::mail, Form::token, token(TokenKind::mail, "alice@example.org")},
      {"caller", "+43 1 234", FieldClass::phone, Form::token, token(TokenKind::phone, "+431234")},
      {"mac", "AA-BB-CC-DD-EE-FF", FieldClass::mac, Form::token, token(TokenKind::mac, "aabb.ccdd.eeff")},
      {"Computer", "ALICE-PC", FieldClass::host_of_person, Form::token, token(TokenKind::host, "alice-pc")},
      {"Computer", "scada-1", FieldClass::host_of_person, Form::asset_id, "asset:grid-hmi"},
      {"query", "c2.evil.example", FieldClass::domain, Form::clear, "evil.example"},
      {"query", "Alice.Example.co.uk.", FieldClass::domain, Form::token,
       token(TokenKind::domain, "alice.example.co.uk") + " suffix=co.uk length=19 labels=4 entropy=2.32"},
      {"query", "wpad", FieldClass::domain, Form::token, token(TokenKind::host, "wpad") + " length=4"},
      {"uri", "/admin/alice?x=1", FieldClass::url, Form::template_, "/admin/{word}?{query}"},
      {"url", "HTTPS://bob:pw@c2.evil.example:8443/admin/x.php", FieldClass::url, Form::template_,
       "https://evil.example:8443/admin/{word}.php"},
      {"url", "http://192.0.2.1/", FieldClass::url, Form::template_, "http://pfx:e2026-01:global4:234.9.212.34/"},
      {"url", "http://[2001:db8::1]:80/x", FieldClass::url, Form::template_,
       "http://pfx:e2026-01:global6:acd0:58ed:2036:dceb:efea:4866:7ec:2b91:80/{word}"},
      {"url", "http://www.example.org#me", FieldClass::url, Form::template_,
       "http://" + token(TokenKind::domain, "www.example.org")},
      {"uri", "http alice s://x", FieldClass::url, Form::template_, "{word}//{word}"},
      {"payload", "GET /", FieldClass::payload, Form::drop, ""},
      {"patient_name", "Doe^John", FieldClass::patient, Form::drop, ""},
      {"password", "hunter2", FieldClass::secret, Form::drop, ""},
      {"message", "from 192.0.2.1", FieldClass::text, Form::template_, "from pfx:e2026-01:global4:234.9.212.34"},
      {"function", "READ_COILS", FieldClass::unknown, Form::template_, "READ_COILS"},
      {"something", "x@y.z", FieldClass::unknown, Form::template_, token(TokenKind::mail, "x@y.z")},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string{c.field} + " = " + c.value);
    const Stored got = guard.of(c.field, c.value);
    EXPECT_EQ(to_string(got.kind), to_string(c.kind));
    EXPECT_EQ(to_string(got.form), to_string(c.form));
    EXPECT_EQ(got.text, c.want);
    EXPECT_FALSE(got.nonce);
  }
}

TEST(Minimise, ValuesKnowWhatTheyAre) {
  Guard guard;
  EXPECT_EQ(guard.of("whatever", Value::address(ip("192.0.2.1"))).text, "pfx:e2026-01:global4:234.9.212.34");
  EXPECT_EQ(guard.of("user", Value::address(ip("192.0.2.1"))).kind, FieldClass::address);
  EXPECT_EQ(guard.of("patient_address", Value::address(ip("192.0.2.1"))).form, Form::drop);
  const auto time = parse_rfc3339("2026-01-15T08:00:00.123456789Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(guard.of("ts", Value::time(*time)).text, "2026-01-15T08:00:00.123Z");
  EXPECT_EQ(guard.of("anything", Value::integer(42)).text, "42");
  EXPECT_EQ(guard.of("anything", Value::integer(42)).form, Form::clear);
  EXPECT_EQ(guard.of("caller", Value::integer(4312)).text, guard.token(TokenKind::phone, "4312"));
  EXPECT_EQ(guard.of("password", Value::integer(1234)).form, Form::drop);
  EXPECT_EQ(guard.of("user", Value::boolean(true)).text, "true");
  EXPECT_EQ(guard.of("user", Value{}).text, "");
}

TEST(Minimise, ListsElementByElement) {
  Guard guard;
  const Value addresses[] = {Value::address(ip("192.0.2.1")), Value::address(ip("10.1.0.1")),
                             Value::address(ip("::1"))};
  const Stored got = guard.of("addresses", Value::list(addresses));
  EXPECT_EQ(got.text, "pfx:e2026-01:global4:234.9.212.34,asset:grid-ss-07,class:loopback");
  EXPECT_EQ(got.form, Form::asset_id);  // the clearest
  const Value answers[] = {Value::text("a.example.org"), Value::text("192.0.2.1")};
  const Stored mixed = guard.of("answers", Value::list(answers));
  EXPECT_EQ(mixed.text.find("example.org"), std::string::npos);
  EXPECT_NE(mixed.text.find("pfx:e2026-01:global4:234.9.212.34"), std::string::npos);
  const Value users[] = {Value::text("alice"), Value::text("bob")};
  EXPECT_EQ(guard.of("user", Value::list(users)).text,
            guard.token(TokenKind::user, "alice") + "," + guard.token(TokenKind::user, "bob"));
  EXPECT_EQ(guard.of("password", Value::list(users)).text, "");
  EXPECT_EQ(guard.of("user", Value::list({})).form, Form::drop);
}

TEST(Minimise, SentencesAreReadWithTheNamesOfTheirEvent) {
  Guard guard;
  const std::string alice = guard.of("User", "CORP\\Alice").text, pc = guard.of("Computer", "ALICE-PC").text;
  const Stored got =
      guard.of("message",
               "Session of alice (corp\\alice) on Alice-PC from 203.0.113.7, acct=\"bob\" cmd=C:\\Users\\carol\\x.exe "
               "password=hunter2 payload='GET /' mail dave@example.org");
  const std::string message =
      "Session of " + alice + " (" + alice + ") on " + pc + " from " + guard.pseudonym("203.0.113.7") + ", acct=\"" +
      guard.token(TokenKind::user, "bob") + "\" cmd=C:\\Users\\" + guard.token(TokenKind::user, "carol") +
      "\\x.exe password={secret} payload='{payload}' mail " + guard.token(TokenKind::mail, "dave@example.org");
  EXPECT_EQ(got.text, message);
  for (const char* clear : {"lice", "203.0.113", "bob", "carol", "hunter2", "dave"})
    EXPECT_EQ(got.text.find(clear), std::string::npos) << clear;
}

TEST(Minimise, NamesAreBounded) {
  Guard guard;
  for (std::size_t i = 0; i < Context::kNamesMax + 5; ++i) guard.of("user", ("user" + std::to_string(i)).c_str());
  EXPECT_EQ(guard.context.names.size(), Context::kNamesMax);
  EXPECT_EQ(guard.context.names_not_kept, 5U);
  guard.of("user", "user0");
  EXPECT_EQ(guard.context.names_not_kept, 5U);
}

// Lines that would make a reader go as deep as they are long, or through all of them for each word.
TEST(Minimise, HostileSentencesTakeLinearTime) {
  static constexpr struct {
    const char *field, *again;
  } kCases[] = {{"message", "src="},      {"message", "k="},      {"message", "a "},     {"message", "a-"},
                {"message", "\\Users\\"}, {"message", "/home/"},  {"message", "1."},     {"message", "user=\""},
                {"message", ":"},         {"message", "http://"}, {"message", "@"},      {"uri", "/.php"},
                {"uri", ".php"},          {"query", "a."},        {"saddr", "1.1.1.1:"}, {"url", "http://a@"}};
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.field} + " " + c.again);
    Guard guard;
    std::string text;
    while (text.size() < 60'000) text += c.again;
    const Stored got = guard.of(c.field, (text + " 203.0.113.7").c_str());
    EXPECT_EQ(got.text.find("203.0.113.7"), std::string::npos);
  }
  // Milliseconds each; what goes quadratic takes minutes under the sanitizers.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{60});
}

TEST(Minimise, TextsAreCut) {
  Guard guard;
  const std::string text(70'000, 'x');
  EXPECT_EQ(guard.of("message", text.c_str()).text.size(), 65'536U);
}

TEST(Minimise, ForeignAddressesMayStandClear) {
  Guard guard;
  guard.context.foreign_addresses_clear = true;
  EXPECT_EQ(guard.of("id.resp_h", "203.0.113.7").text, "203.0.113.7");
  EXPECT_EQ(guard.of("id.resp_h", "203.0.113.7").form, Form::clear);
  // Not those of the own network, and not those of the register.
  EXPECT_EQ(guard.of("id.orig_h", "10.2.0.1").form, Form::pseudonym);
  EXPECT_EQ(guard.of("id.orig_h", "10.1.0.1").form, Form::asset_id);
}

TEST(Minimise, PolicyDecides) {
  Guard guard;
  guard.policy.store[static_cast<std::size_t>(FieldClass::payload)] = Form::commitment;
  guard.policy.store[static_cast<std::size_t>(FieldClass::user)] = Form::clear;
  guard.policy.store[static_cast<std::size_t>(FieldClass::address)] = Form::token;
  guard.policy.store[static_cast<std::size_t>(FieldClass::text)] = Form::token;
  guard.policy.store[static_cast<std::size_t>(FieldClass::unknown)] = Form::drop;
  guard.policy.store[static_cast<std::size_t>(FieldClass::mail)] = Form::drop;
  guard.policy.designated = Form::clear;
  guard.policy.fields["function"] = FieldClass::plain;
  const Stored payload = guard.of("payload", "GET / HTTP/1.1\r\n");
  EXPECT_EQ(payload.form, Form::commitment);
  ASSERT_TRUE(payload.nonce);
  Digest committed{};
  ASSERT_TRUE(read_commitment(payload.text, committed));
  EXPECT_TRUE(opens(committed, *payload.nonce, bytes_of("GET / HTTP/1.1\r\n")));
  EXPECT_NE(guard.of("payload", "GET / HTTP/1.1\r\n").text, payload.text);
  EXPECT_EQ(guard.of("user", "alice").text, "alice");
  EXPECT_EQ(guard.of("id.orig_h", "192.0.2.1").text, "tok:e2026-01:ip:d7d678553756cbc925abf6c2396b046b");
  EXPECT_EQ(guard.of("id.orig_h", "10.1.0.1").text, "10.1.0.1");
  EXPECT_EQ(guard.of("Computer", "scada-1").text, "scada-1");
  EXPECT_EQ(guard.of("message", "x").text, guard.token(TokenKind::text, "x"));
  EXPECT_EQ(guard.of("something", "x").form, Form::drop);
  EXPECT_EQ(guard.of("function", "READ_COILS").text, "READ_COILS");
  EXPECT_EQ(guard.of("mailfrom", "a@b.c").form, Form::drop);
  const Value two[] = {Value::text("x"), Value::text("y")};
  const Stored whole = guard.of("payload", Value::list(two));
  ASSERT_TRUE(whole.nonce);
  ASSERT_TRUE(read_commitment(whole.text, committed));
  EXPECT_TRUE(opens(committed, *whole.nonce, bytes_of("x,y")));
}

TEST(Minimise, EverythingIsCounted) {
  Guard guard;
  const Value users[] = {Value::text("alice"), Value::text("bob")};
  guard.of("user", Value::list(users));
  guard.of("password", "x");
  guard.of("id.orig_h", "192.0.2.1");
  guard.of("id.orig_h", "10.1.0.1");
  const auto count = [&guard](FieldClass kind, Form form) {
    return guard.context.counts[static_cast<std::size_t>(kind)][static_cast<std::size_t>(form)];
  };
  EXPECT_EQ(count(FieldClass::user, Form::token), 2U);
  EXPECT_EQ(count(FieldClass::secret, Form::drop), 1U);
  EXPECT_EQ(count(FieldClass::address, Form::pseudonym), 1U);
  EXPECT_EQ(count(FieldClass::address, Form::asset_id), 1U);
  std::uint64_t all = 0;
  for (const auto& row : guard.context.counts) all = std::accumulate(row.begin(), row.end(), all);
  EXPECT_EQ(all, 5U);
}

}  // namespace
}  // namespace nw::privacy
