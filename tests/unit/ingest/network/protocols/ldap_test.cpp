#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"
#include "ingest/network/protocols/ldap_message.h"
#include "smb_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

const GoldenFrame& golden(std::string_view name) { return Golden{"ldap"}(name); }

// A TCP connection whose messages are a millisecond apart.
struct Flow {
  FakeContext context{protocol("ldap")};
  std::unique_ptr<Analyzer> analyzer = protocol("ldap").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool give(std::string_view hex, Direction direction) {
    const bool alive = (direction == kOut ? out : back).feed(from_hex(hex));
    context.time += std::chrono::milliseconds{1};
    return alive;
  }
  bool give(std::string_view name) { return give(golden(name).hex, golden(name).direction); }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << want.field;
}

TEST(Ldap, FieldsOfGoldenFrames) {
  const struct {
    const char *name, *path;
    std::vector<Want> want;
  } kCases[] = {
      {"bind_simple",
       "ldap",
       {{"message_id", "1"},
        {"version", "3"},
        {"opcode", "bind simple"},
        {"object", "cn=admin,dc=example"},
        {"argument", "REDACTED"},
        {"result", "-"},
        {"rtt", "-"}}},
      {"bind_anonymous", "ldap", {{"opcode", "bind simple"}, {"object", "-"}, {"argument", "-"}}},
      {"bind_sasl", "ldap", {{"opcode", "bind SASL"}, {"argument", "GSS-SPNEGO"}}},
      {"bind_sicily", "ldap", {{"opcode", "bind SICILY_NEGOTIATE"}, {"object", "NTLM"}, {"argument", "-"}}},
      {"bind_refused",
       "ldap",
       {{"message_id", "1"},
        {"opcode", "bind"},
        {"result", "invalid credentials"},
        {"result_code", "49"},
        {"diagnostic_message", "data 52e"},
        {"rtt", "-"}}},
      {"search",
       "ldap_search",
       {{"message_id", "3"},
        {"scope", "tree"},
        {"deref_aliases", "always"},
        {"base_object", "dc=example"},
        {"result_count", "0"},
        {"result", "-"},
        {"filter",
         "(&(objectClass=user)(|(cn=a*b*c)(sn=*x*)(uid>=5)(uid<=9)(cn~=bob))(!(mail=*))"
         "(flags:dn:1.2.840.113556.1.4.803:=512)(userPassword=REDACTED)(o=\\x28\\x2a\\x5c\\xff))"},
        {"attributes", "cn,member"}}},
      {"search_results",
       "ldap_search",
       {{"message_id", "3"}, {"result_count", "2"}, {"result", "success"}, {"filter", "-"}, {"rtt", "-"}}},
      {"modify",
       "ldap",
       {{"opcode", "modify"}, {"object", "cn=a,dc=example"}, {"attributes", "servicePrincipalName,member"}}},
      {"add", "ldap", {{"opcode", "add"}, {"object", "cn=b,dc=example"}, {"attributes", "objectClass,unicodePwd"}}},
      {"delete", "ldap", {{"opcode", "delete"}, {"object", "cn=b,dc=example"}, {"attributes", "-"}}},
      {"rename", "ldap", {{"opcode", "modify"}, {"object", "cn=b,dc=example"}, {"argument", "cn=c"}}},
      {"compare", "ldap", {{"opcode", "compare"}, {"attributes", "userPassword"}, {"argument", "-"}}},
      {"abandon_unbind", "ldap", {{"opcode", "abandon"}, {"message_id", "9"}, {"object", "-"}}},
      {"start_tls", "ldap", {{"opcode", "extended"}, {"object", "1.3.6.1.4.1.1466.20037 (StartTLS)"}}},
      {"whoami_with_control", "ldap", {{"object", "1.3.6.1.4.1.4203.1.11.3 (whoami)"}, {"message_id", "12"}}},
      {"disconnection",
       "ldap",
       {{"message_id", "0"},
        {"object", "1.3.6.1.4.1.1466.20036 (notice of disconnection)"},
        {"result", "unavailable"},
        {"diagnostic_message", "bye"}}},
      {"microsoft_lengths", "ldap_search", {{"filter", "(objectClass=*)"}, {"base_object", "-"}, {"attributes", "-"}}},
      {"cldap_ping",
       "ldap_search",
       {{"filter", "(&(DnsDomain=example)(NtVer=\\x06\\x00\\x00\\x00))"},
        {"scope", "base"},
        {"attributes", "Netlogon"}}},
      {"cldap_pong", "ldap_search", {{"result_count", "1"}, {"result", "success"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const GoldenFrame& frame = golden(c.name);
    FakeContext context{protocol("ldap")};
    const auto analyzer = protocol("ldap").make(frame.transport);
    const auto bytes = from_hex(frame.hex);
    if (frame.transport == Transport::tcp)
      EXPECT_TRUE(FakeStream(*analyzer, frame.direction, context).feed(bytes));
    else
      analyzer->datagram(bytes, frame.direction, context);
    analyzer->finish(context);
    ASSERT_FALSE(context.events.empty());
    EXPECT_EQ(context.paths[0], c.path);
    expect(context, 0, c.want);
    EXPECT_EQ(context.refused_total(), 0U);
  }
}

TEST(Ldap, SecretsStayInside) {
  for (const GoldenFrame& frame : kGoldenFrames) {
    if (frame.protocol != "ldap" || frame.transport != Transport::tcp) continue;
    Flow flow;
    flow.give(frame.hex, frame.direction);
    flow.analyzer->finish(flow.context);
    for (const auto& event : flow.context.events)
      for (const auto& [field, value] : event) {
        EXPECT_EQ(value.find("hunter2"), std::string::npos) << frame.name << ' ' << field;
        EXPECT_EQ(value.find("secret"), std::string::npos) << frame.name << ' ' << field;
      }
  }
}

// A password's attribute is one by any of its names, with options or without.
TEST(Ldap, FiltersDoNotTellPasswords) {
  static constexpr struct {
    const char *hex, *want;
  } kCases[] = {
      {"a3 18 04 0e 'userPassword;x' 04 06 'secret'", "(userPassword;x=REDACTED)"},
      {"a3 12 04 08 '2.5.4.35' 04 06 'secret'", "(2.5.4.35=REDACTED)"},
      {"a5 19 04 0f 'msLAPS-Password' 04 06 'secret'", "(msLAPS-Password>=REDACTED)"},
      {"a3 17 04 0d 'userPassword ' 04 06 'secret'", "(userPassword =REDACTED)"},
      {"a9 13 82 09 'authPassw' 83 06 'public'", "(authPassw:=public)"},
      {"a9 16 82 0c 'authPassword' 83 06 'secret'", "(authPassword:=)"},
      {"a4 18 04 0c 'userPassword' 30 08 80 06 'secret'", "(userPassword=*)"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.want);
    const auto bytes = from_hex(c.hex);
    TextBuffer text;
    EXPECT_TRUE(append_ldap_filter(bytes, text));
    EXPECT_EQ(text.view(), c.want);
  }
}

// | message id | operation | code |, with the lengths that a token of at most 64 KiB needs.
std::string tlv(const std::string& tag, const std::string& contents) {
  const std::size_t size = smb_frames::size_of(contents);
  return tag + "82" + smb_frames::number(size >> 8U, 1) + smb_frames::number(size, 1) + contents;
}
std::string sasl_bind(int id, const std::string& mechanism, const std::string& token) {
  const std::string sasl = tlv("04", "'" + mechanism + "'") + tlv("04", token);
  return tlv("30",
             "0201" + smb_frames::number(static_cast<std::size_t>(id), 1) + tlv("60", "020103 0400" + tlv("a3", sasl)));
}
std::string sicily_bind(int id, const char* kind, const std::string& token) {
  return tlv(
      "30", "0201" + smb_frames::number(static_cast<std::size_t>(id), 1) + tlv("60", "020103 0400" + tlv(kind, token)));
}
std::string bind_answer(int id, const char* code, const std::string& matched, const std::string& token) {
  const std::string tail = token.empty() ? "" : tlv("87", token);
  return tlv("30", "0201" + smb_frames::number(static_cast<std::size_t>(id), 1) +
                       tlv("61", "0a01" + std::string{code} + tlv("04", matched) + "0400" + tail));
}

TEST(Ldap, NtlmInABind) {
  const std::string negotiate = "'NTLMSSP' 00 01000000", challenge = smb_frames::ntlm_challenge();
  const std::string answer = smb_frames::ntlm_authenticate("OT", "eve", "WS7", 40);
  const struct {
    const char *name, *code, *success;
    bool sicily;
  } kCases[] = {{"let in", "00", "true", false},
                {"refused", "31", "false", false},
                {"Sicily, let in", "00", "true", true},
                {"Sicily, refused", "31", "false", true}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.sicily ? sicily_bind(1, "8a", negotiate) : sasl_bind(1, "GSS-SPNEGO", negotiate), kOut));
    EXPECT_TRUE(flow.give(c.sicily ? bind_answer(1, "00", challenge, "") : bind_answer(1, "0e", "", challenge), kBack));
    EXPECT_TRUE(flow.give(c.sicily ? sicily_bind(2, "8b", answer) : sasl_bind(2, "GSS-SPNEGO", answer), kOut));
    EXPECT_TRUE(flow.give(bind_answer(2, c.code, "", ""), kBack));
    ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"ldap", "ldap", "ntlm"}));
    expect(flow.context, 2,
           {{"username", "eve"},
            {"domainname", "OT"},
            {"hostname", "WS7"},
            {"success", c.success},
            {"server_nb_computer_name", "NAS"},
            {"ntlm_version", "NTLMv2"}});
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Ldap, NtlmWithoutAnAnswer) {
  const std::string answer = smb_frames::ntlm_authenticate("OT", "eve", "WS7", 40);
  Flow flow;
  flow.give(sasl_bind(1, "GSS-SPNEGO", answer), kOut);
  flow.give(sasl_bind(2, "GSS-SPNEGO", answer), kOut);  // the first is told now
  ASSERT_EQ(flow.context.paths, std::vector<std::string>{"ntlm"});
  flow.give(sasl_bind(3, "GSS-SPNEGO", "'NTLMSSP' 00 09000000"), kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(std::ranges::count(flow.context.paths, "ntlm"), 2);
  expect(flow.context, 0, {{"username", "eve"}, {"success", "-"}});
}

TEST(Ldap, AResponseJoinsItsRequest) {
  Flow flow;
  flow.give("search");
  flow.give("bind_simple");
  EXPECT_TRUE(flow.context.events.empty());
  flow.give("bind_refused");
  flow.give("search_results");
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0,
         {{"opcode", "bind simple"}, {"result", "invalid credentials"}, {"rtt", "0.001000"}, {"argument", "REDACTED"}});
  expect(flow.context, 1, {{"scope", "tree"}, {"result_count", "2"}, {"result", "success"}, {"rtt", "0.003000"}});
}

// The same number may be in use in both directions, and for another operation.
TEST(Ldap, OthersResponsesAreNotTaken) {
  Flow flow;
  flow.give("bind_simple");
  flow.give("30 0c 02 01 01 65 07 0a 01 00 04 00 04 00", kBack);
  flow.give("30 0c 02 01 01 61 07 0a 01 00 04 00 04 00", kOut);
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.context.paths[0], "ldap_search");
  expect(flow.context, 1, {{"opcode", "bind"}, {"result", "success"}});
  expect(flow.context, 2, {{"opcode", "bind simple"}, {"result", "-"}});
}

TEST(Ldap, StartTlsMakesWay) {
  Flow flow;
  flow.give("bind_simple");
  flow.give("start_tls");
  EXPECT_FALSE(flow.out.anew());
  flow.give("30 0c 02 01 0b 78 07 0a 01 00 04 00 04 00 16 03 01", kBack);
  EXPECT_TRUE(flow.back.anew());
  EXPECT_EQ(flow.back.waiting(), 3U);
  // What waited has been told, since finish() is not called any more.
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"object", "1.3.6.1.4.1.1466.20037 (StartTLS)"}, {"result", "success"}});
  expect(flow.context, 1, {{"opcode", "bind simple"}});
}

TEST(Ldap, StartTlsRefusedGoesOn) {
  Flow flow;
  flow.give("start_tls");
  EXPECT_TRUE(flow.give("30 0c 02 01 0b 78 07 0a 01 02 04 00 04 00", kBack));
  EXPECT_FALSE(flow.back.anew());
  EXPECT_TRUE(flow.give("bind_simple"));
}

constexpr const char* kBindGranted = "30 0c 02 01 02 61 07 0a 01 00 04 00 04 00";

TEST(Ldap, SignedPiecesAreRead) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      // Flags, 0xff, bytes of the checksum, turned by, number; here the unbind request is the message.
      {"Kerberos, the checksum behind", "0000001b 0504 00 ff 0004 0000 0000000000000001 30 05 02 01 0a 42 00 aabbccdd"},
      {"Kerberos, the checksum before", "0000001b 0504 01 ff 0004 0004 0000000000000001 aabbccdd 30 05 02 01 0a 42 00"},
      {"NTLM", "00000017 01000000 0102030405060708 00000000 30 05 02 01 0a 42 00"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give("bind_sasl");
    flow.give(kBindGranted, kBack);
    EXPECT_TRUE(flow.give(c.hex, kOut));
    EXPECT_FALSE(flow.out.done());
    EXPECT_EQ(flow.out.waiting(), 0U);
    EXPECT_EQ(flow.context.get(1, "opcode"), "unbind");
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Ldap, EncryptedPiecesEndTheAnalysis) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"Kerberos, sealed", "0000001b 0504 02 ff 0004 0000 0000000000000001 30 05 02 01 0a 42 00 aabbccdd"},
      {"Kerberos, turned oddly", "0000001b 0504 00 ff 0004 0003 0000000000000001 30 05 02 01 0a 42 00 aabbccdd"},
      {"NTLM, sealed", "00000017 01000000 0102030405060708 00000000 a1 05 02 01 0a 42 00"},
      {"unknown", "00000004 60616263"},
      {"short", "00000001 05"},
      {"nothing inside", "00000010 0504 00 ff 0000 0000 0000000000000001"},
      {"a checksum longer than the piece", "00000018 0504 00 ff 0020 0000 0000000000000001 30 05 02 01 0a 42 00 00"},
      {"a checksum longer than any", "00000063 0504 00 ff 0041 0000 0000000000000001 30 05 02 01 0a 42 00"},
      {"a message longer than its piece",
       "0000001b 0504 00 ff 0004 0000 0000000000000001 30 0a 02 01 0a 50 05 aabbccdd"},
      {"no message", "0000001b 0504 01 ff 0004 0004 0000000000000001 aabbccdd 30 05 04 01 0a 42 00"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give("bind_sasl");
    flow.give(kBindGranted, kBack);
    flow.give("search");
    EXPECT_TRUE(flow.give(c.hex, kOut));
    EXPECT_TRUE(flow.out.done());
    // The bind, and the search that waited.
    EXPECT_EQ(flow.context.events.size(), 2U);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

// An INTEGER without contents is none, but OpenLDAP takes it for 0.
TEST(Ldap, EmptyNumbers) {
  Flow flow;
  EXPECT_TRUE(flow.give("30 0c 02 00 60 08 02 00 04 00 80 02 'pw' 30 04 02 00 42 00", kOut));
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"opcode", "unbind"}, {"message_id", "0"}});
  expect(flow.context, 1, {{"opcode", "bind simple"}, {"version", "0"}, {"argument", "REDACTED"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Ldap, Refuses) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"no sequence", "31 05 02 01 0a 42 00"},
      {"indefinite length", "30 80 02 01 0a 42 00 00 00"},
      {"length of five octets", "30 85 0000000005 02 01 0a 42 00"},
      {"no number", "30 05 04 01 0a 42 00"},
      {"a long number", "30 0a 02 06 000000000001 42 00"},
      {"a negative number", "30 05 02 01 ff 42 00"},
      {"no operation", "30 05 02 01 0a 82 00"},
      {"an unknown operation", "30 05 02 01 0a 51 00"},
      {"the operation is longer than the message", "30 05 02 01 0a 42 01 00"},
      {"SASL without a bind", "00000004 60616263"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_FALSE(flow.give(c.hex, kOut));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    FakeContext context{protocol("ldap")};
    protocol("ldap").make(Transport::udp)->datagram(from_hex(c.hex), kOut, context);
    EXPECT_EQ(context.refused_count(DecodeError::bad_value), 1U);
  }
}

TEST(Ldap, BrokenBodiesAreToldAsFarAsTheyGo) {
  static constexpr struct {
    const char *name, *hex, *field, *value;
  } kCases[] = {
      {"bind without a choice", "30 0b 02 01 01 60 06 02 01 03 04 01 'a'", "object", "a"},
      {"bind with another choice", "30 0d 02 01 01 60 08 02 01 03 04 01 'a' 84 00", "object", "a"},
      {"bind without a version", "30 07 02 01 01 60 02 04 00", "opcode", "bind"},
      {"search without a filter", "30 18 02 01 01 63 13 04 02 'dc' 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00",
       "base_object", "dc"},
      {"search without attributes",
       "30 1c 02 01 01 63 17 04 02 'dc' 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 87 02 'cn'", "filter", "(cn=*)"},
      {"an unknown filter",
       "30 1d 02 01 01 63 18 04 02 'dc' 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 8f 01 'c' 30 00", "filter", "()"},
      {"modify without changes", "30 08 02 01 01 66 03 04 01 'a'", "object", "a"},
      {"an attribute that is none", "30 0d 02 01 01 68 08 04 01 'a' 30 03 04 01 'b'", "object", "a"},
      {"compare without an assertion", "30 08 02 01 01 6e 03 04 01 'a'", "object", "a"},
      {"extended without a name", "30 07 02 01 01 77 02 81 00", "opcode", "extended"},
      {"a response without a result", "30 07 02 01 01 61 02 04 00", "result", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.hex, std::string_view{c.hex}.substr(15, 2) == "61" ? kBack : kOut));
    flow.analyzer->finish(flow.context);
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.get(0, c.field), c.value);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
  }
}

std::string length(std::size_t bytes) {
  static constexpr const char* kHex = "0123456789abcdef";
  std::string out = " 84 ";
  for (int shift = 28; shift >= 0; shift -= 4) out += kHex[bytes >> shift & 15U];
  return out + ' ';
}
std::string letters(std::size_t count) { return '\'' + std::string(count, 'a') + '\''; }
// A delete request whose name has so many bytes.
std::string erase(std::size_t id, std::size_t bytes) {
  static constexpr const char* kHex = "0123456789abcdef";
  const std::string number{kHex[id >> 4U & 15U], kHex[id & 15U]};
  return "30" + length(bytes + 9) + "02 01 " + number + " 4a" + length(bytes) + letters(bytes);
}

TEST(LdapBounds, RequestsThatWait) {
  Flow flow;
  for (unsigned id = 0; id < 64; ++id) flow.give(erase(id, 1), kOut);
  EXPECT_EQ(flow.context.events.size(), 0U);
  flow.give(erase(64, 1), kOut);
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.get(0, "message_id"), "0");
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(LdapBounds, BytesThatWait) {
  Flow flow;
  flow.give(erase(1, 32'000), kOut);
  flow.give(erase(2, 32'000), kOut);
  EXPECT_EQ(flow.context.events.size(), 0U);
  flow.give(erase(3, 32'000), kOut);
  EXPECT_EQ(flow.context.get(0, "message_id"), "1");
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(LdapBounds, LongMessagesAreToldByTheirHead) {
  Flow flow;
  EXPECT_TRUE(flow.give(erase(1, 100'000), kOut));
  EXPECT_EQ(flow.out.waiting(), 0U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_TRUE(flow.give("abandon_unbind"));
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 2, {{"opcode", "delete"}, {"object", "-"}});
}

TEST(LdapBounds, LongEntriesOnlyCount) {
  Flow flow;
  const std::string head = "30" + length(200'009) + "02 01 03 64" + length(200'000);
  EXPECT_TRUE(flow.give(head, kBack));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(flow.give(letters(10'000), kBack));
  EXPECT_EQ(flow.back.waiting(), 0U);
  EXPECT_TRUE(flow.give("search_results"));
  EXPECT_EQ(flow.context.get(0, "result_count"), "3");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(LdapBounds, SignedPiecesMayBeLong) {
  Flow flow;
  flow.give("bind_sasl");
  flow.give(kBindGranted, kBack);
  flow.give("search");
  const std::string entry = "30" + length(200'009) + "02 01 03 64" + length(200'000);
  EXPECT_TRUE(flow.give("00030d6b 0504 01 ff 000c 000c 0000000000000001 000102030405060708090a0b" + entry, kBack));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(flow.give(letters(10'000), kBack));
  EXPECT_TRUE(
      flow.give("0000002a 0504 01 ff 000c 000c 0000000000000002 000102030405060708090a0b"
                "30 0c 02 01 03 65 07 0a 01 00 04 00 04 00",
                kBack));
  EXPECT_EQ(flow.back.waiting(), 0U);
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1, {{"result_count", "1"}, {"result", "success"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// A long datagram's body is not kept.
TEST(LdapBounds, LongDatagrams) {
  FakeContext context{protocol("ldap")};
  const auto analyzer = protocol("ldap").make(Transport::udp);
  analyzer->datagram(from_hex(erase(1, 66'000)), kOut, context);
  EXPECT_EQ(context.refused_count(DecodeError::limit), 1U);
  analyzer->finish(context);
  EXPECT_EQ(context.get(0, "object"), "-");
}

std::string search_with(const std::string& filter, std::size_t filter_bytes, const std::string& names,
                        std::size_t names_bytes) {
  const std::size_t body = 18 + filter_bytes + 6 + names_bytes;
  return "30" + length(body + 9) + "02 01 01 63" + length(body) +
         "04 01 'd' 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 " + filter + " 30" + length(names_bytes) + names;
}

TEST(LdapBounds, AttributesThatAreTold) {
  for (const std::size_t count : {64U, 65U}) {
    std::string names;
    for (std::size_t i = 0; i < count; ++i) names += "04 01 'n'";
    Flow flow;
    flow.give(search_with("87 01 'f'", 3, names, 3 * count), kOut);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.get(0, "attributes").size(), 127U);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count == 65 ? 1U : 0U);
  }
}

TEST(LdapBounds, FilterDepth) {
  for (const unsigned depth : {kLdapFilterDepthMax, kLdapFilterDepthMax + 1}) {
    std::string filter = "87 01 'f'";
    std::size_t bytes = 3;
    for (unsigned i = 1; i < depth; ++i, bytes += 6) filter = "a2" + length(bytes) + filter;
    Flow flow;
    flow.give(search_with(filter, bytes, "", 0), kOut);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.get(0, "filter").find("f=*") != std::string::npos, depth == kLdapFilterDepthMax);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), depth == kLdapFilterDepthMax ? 0U : 1U);
  }
}

TEST(LdapBounds, FilterText) {
  Flow flow;
  flow.give(search_with("87" + length(5'000) + letters(5'000), 5'006, "", 0), kOut);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.get(0, "filter").size(), TextBuffer::kBytesMax);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(Ldap, AfterAGapTheNextMessageIsFound) {
  Flow flow;
  flow.give("search");
  flow.analyzer->gap(10, kBack, flow.context);
  EXPECT_TRUE(flow.give("'ou=People,dc=example'", kBack));
  EXPECT_TRUE(flow.give("30 05 02 01 03 64 00", kBack));  // nothing proves it
  EXPECT_TRUE(flow.give("search_results"));
  EXPECT_EQ(flow.context.get(0, "result_count"), "2");
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Ldap, AfterAGapTheNextSignedPieceIsFound) {
  Flow flow;
  flow.give("bind_sasl");
  flow.give(kBindGranted, kBack);
  flow.analyzer->gap(10, kOut, flow.context);
  EXPECT_TRUE(flow.give("'bytes of a signed piece'", kOut));
  EXPECT_EQ(flow.out.waiting(), 0U);
  EXPECT_TRUE(flow.give("0000001b 0504 00 ff 0004 0000 0000000000000001 30", kOut));
  EXPECT_TRUE(flow.give("05 02 01 0a 42 00 aabbccdd", kOut));
  EXPECT_EQ(flow.context.get(1, "opcode"), "unbind");
}

TEST(LdapProbe, OffItsPort) {
  const auto& p = protocol("ldap");
  for (const GoldenFrame& frame : kGoldenFrames) {
    if (frame.protocol != "ldap") continue;
    EXPECT_EQ(p.probe(from_hex(frame.hex), frame.direction, frame.transport, false), Verdict::yes) << frame.name;
  }
  static constexpr struct {
    const char *name, *hex;
    Verdict want;
  } kCases[] = {
      {"SNMP v2c", "30 1a 02 01 01 04 06 'public' a0 0d 02 01 01 02 01 00 02 01 00 30 02 30 00", Verdict::no},
      {"SNMP v3", "30 0e 02 01 03 30 09 02 01 01 02 02 05 dc 04 00", Verdict::no},
      {"a certificate", "30 82 01 fd 30 82 01 a3", Verdict::no},
      {"the beginning", "30 26 02 01", Verdict::unsure},
      {"a bind of version 9", "30 0c 02 01 01 60 07 02 01 09 04 00 80 00", Verdict::no},
  };
  for (const auto& c : kCases) EXPECT_EQ(p.probe(from_hex(c.hex), kOut, Transport::tcp, false), c.want) << c.name;
  EXPECT_EQ(p.probe(from_hex("30 26 02 01"), kOut, Transport::udp, true), Verdict::no);
}

}  // namespace
}  // namespace nw::network
