#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"
#include "smb_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

const GoldenFrame& golden(std::string_view name) { return Golden{"kerberos"}(name); }

// The message of a frame, whatever carries it.
std::vector<std::uint8_t> message(std::string_view name) {
  const GoldenFrame& frame = golden(name);
  auto bytes = from_hex(frame.hex);
  if (frame.transport == Transport::tcp) bytes.erase(bytes.begin(), bytes.begin() + 4);
  return bytes;
}

std::vector<std::uint8_t> record(std::vector<std::uint8_t> bytes) {
  const std::size_t length = bytes.size();
  for (const unsigned shift : {0U, 8U, 16U, 24U})
    bytes.insert(bytes.begin(), static_cast<std::uint8_t>(length >> shift));
  return bytes;
}

// Datagrams a millisecond apart.
struct Datagrams {
  FakeContext context{protocol("kerberos")};
  std::unique_ptr<Analyzer> analyzer = protocol("kerberos").make(Transport::udp);

  void give(const std::vector<std::uint8_t>& bytes, Direction direction) {
    analyzer->datagram(bytes, direction, context);
    context.time += std::chrono::milliseconds{1};
  }
  void give(std::string_view name) { give(message(name), golden(name).direction); }
};

struct Flow {
  FakeContext context{protocol("kerberos")};
  std::unique_ptr<Analyzer> analyzer = protocol("kerberos").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << want.field;
}

TEST(Kerberos, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"as_request",
       {{"request_type", "AS"},
        {"client", "alice/EXAMPLE"},
        {"service", "krbtgt/EXAMPLE"},
        {"success", "-"},
        {"from", "1795878000.000000"},
        {"till", "2136422885.000000"},
        {"cipher", "-"},
        {"forwardable", "true"},
        {"renewable", "true"},
        {"offered_ciphers", "aes256-cts-hmac-sha1-96,rc4-hmac,rc4-hmac-old"},
        {"preauthenticated", "false"},
        {"options", "forwardable,renewable,renewable-ok"},
        {"rtt", "-"}}},
      {"as_request_with_proof",
       {{"preauthenticated", "true"}, {"renewable", "false"}, {"options", "forwardable,canonicalize,renewable-ok"}}},
      {"preauthentication_required",
       {{"request_type", "-"},
        {"success", "false"},
        {"error_code", "25"},
        {"error_msg", "KDC_ERR_PREAUTH_REQUIRED"},
        {"error_name", "KDC_ERR_PREAUTH_REQUIRED"},
        {"client", "-"},
        {"service", "krbtgt/EXAMPLE"}}},
      {"error_with_text",
       {{"error_msg", "try again"}, {"error_name", "KRB_ERR_GENERIC"}, {"client", "WELLKNOWN/ANONYMOUS/EXAMPLE"}}},
      {"as_reply",
       {{"request_type", "AS"},
        {"success", "true"},
        {"client", "alice/EXAMPLE"},
        {"cipher", "aes256-cts-hmac-sha1-96"},
        {"reply_cipher", "aes256-cts-hmac-sha1-96"},
        {"weak_cipher", "false"}}},
      {"tgs_request",
       {{"request_type", "TGS"},
        {"client", "-"},
        {"service", "cifs/files.example"},
        {"cipher", "-"},
        {"preauthenticated", "-"},
        {"offered_ciphers", "rc4-hmac"},
        {"on_behalf_of", "-"}}},
      {"tgs_on_behalf", {{"on_behalf_of", "bob/EXAMPLE"}, {"service", "web$"}}},
      {"tgs_delegation", {{"options", "forwardable,constrained-delegation,canonicalize"}}},
      {"tgs_reply_rc4",
       {{"request_type", "TGS"},
        {"client", "alice/EXAMPLE"},
        {"service", "cifs/files.example"},
        {"cipher", "rc4-hmac"},
        {"reply_cipher", "aes256-cts-hmac-sha1-96"},
        {"weak_cipher", "true"}}},
      {"ap_request",
       {{"request_type", "AP"}, {"service", "krbtgt/EXAMPLE"}, {"cipher", "aes256-cts-hmac-sha1-96"}, {"client", "-"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Datagrams flow;
    flow.give(c.name);
    flow.analyzer->finish(flow.context);
    ASSERT_EQ(flow.context.events.size(), 1U);
    expect(flow.context, 0, c.want);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    for (const auto& [field, value] : flow.context.events[0])
      EXPECT_EQ(value.find("secret"), std::string::npos) << field;
  }
}

// Armor (FAST) hides a proof, so nobody can say that there was none.
TEST(Kerberos, ArmorHidesTheProof) {
  std::string hex{golden("as_request_with_proof").hex.substr(8)};
  const auto with = [&hex](std::string_view old, std::string_view other) {
    hex.replace(hex.find(old), old.size(), other);
  };
  for (const bool proof : {true, false}) {
    SCOPED_TRACE(proof);
    if (proof) with("a1 04 02 02 0080", "a1 04 02 02 0088");           // a wish becomes armor
    if (!proof) with("a1 03 02 01 02 a2 18", "a1 03 02 01 00 a2 18");  // and the proof something else
    Datagrams flow;
    flow.give(from_hex(hex), kOut);
    flow.analyzer->finish(flow.context);
    expect(flow.context, 0, {{"client", "alice/EXAMPLE"}, {"preauthenticated", proof ? "true" : "-"}});
  }
}

std::string tlv(const std::string& tag, const std::string& contents) {
  const std::size_t size = smb_frames::size_of(contents);
  return tag + "82" + smb_frames::number(size >> 8U, 1) + smb_frames::number(size, 1) + contents;
}
// What stands in a golden frame from `begin` on.
std::string behind(std::string_view name, std::string_view begin) {
  const std::string_view hex = golden(name).hex;
  return std::string{hex.substr(hex.find(begin))};
}

// A certificate of `subject`, its signature left out, in CMS' SignedData.
std::string signed_by(const std::string& subject, const char* type = "06092a864886f70d010702") {
  const auto named = [](const std::string& text) {
    return tlv("30", tlv("31", tlv("30", "0603550403" + tlv("0c", "'" + text + "'"))));
  };
  const std::string times = tlv("30", "17 0d '260101000000Z' 17 0d '270101000000Z'");
  const std::string key = tlv("30", "3005 06032b6570 0303 00aabb");
  const std::string body = tlv("30", "a003020102 020101 300506032b6570" + named("CA") + times + named(subject) + key);
  const std::string certificate = tlv("30", body + "300506032b6570 030200aa");
  return tlv("30", type + tlv("a0", tlv("30", "020103 3100 3000" + tlv("a0", certificate) + "3100")));
}
std::string padata(const char* type, const std::string& value) {
  return tlv("30", tlv("30", "a10302 01" + std::string{type} + tlv("a2", tlv("04", value))));
}
std::string as_request_with(const std::string& list) {
  return tlv("6a", tlv("30", "a103020105 a20302010a" + tlv("a3", list) + behind("as_request", "a4 81 81")));
}
std::string as_reply_with(const std::string& list) {
  return tlv("6b", tlv("30", "a003020105 a10302010b" + tlv("a2", list) + behind("as_reply", "a3 09 1b")));
}

// PKINIT: both sides prove themselves by certificates.
TEST(Kerberos, Certificates) {
  Datagrams flow;
  flow.give(from_hex(as_request_with(padata("10", tlv("30", tlv("80", signed_by("alice")))))), kOut);
  flow.give(from_hex(as_reply_with(padata("11", tlv("a0", tlv("30", tlv("80", signed_by("dc1"))))))), kBack);
  ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"x509", "x509", "kerberos"}));
  expect(flow.context, 0, {{"certificate.subject", "CN=alice"}, {"client_cert", "true"}, {"host_cert", "true"}});
  expect(flow.context, 1, {{"certificate.subject", "CN=dc1"}, {"client_cert", "false"}});
  expect(flow.context, 2,
         {{"client", "alice/EXAMPLE"},
          {"preauthenticated", "true"},
          {"client_cert_subject", "CN=alice"},
          {"server_cert_subject", "CN=dc1"},
          {"success", "true"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Kerberos, WithoutACertificateThatCanBeRead) {
  const struct {
    const char* name;
    std::string value;
  } kCases[] = {
      {"empty", ""},
      {"no sequence", "0400"},
      {"nothing signed", tlv("30", "")},
      {"another content", tlv("30", tlv("80", signed_by("x", "06092a864886f70d010703")))},
      {"no content", tlv("30", tlv("80", tlv("30", "06092a864886f70d010702")))},
      {"no certificates",
       tlv("30", tlv("80", tlv("30", "06092a864886f70d010702" + tlv("a0", tlv("30", "020103 3100 3000 3100")))))},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Datagrams flow;
    flow.give(from_hex(as_request_with(padata("10", c.value))), kOut);
    flow.analyzer->finish(flow.context);
    ASSERT_EQ(flow.context.paths, std::vector<std::string>{"kerberos"});
    expect(flow.context, 0, {{"preauthenticated", "true"}, {"client_cert_subject", "-"}});
  }
}

// | length | version | its length | a message without the length that TCP puts before it | ... |
std::string password_message(const char* version, const std::string& inner, bool error = false) {
  const auto u16 = [](std::size_t n) { return smb_frames::number(n >> 8U, 1) + smb_frames::number(n, 1); };
  const std::size_t size = smb_frames::size_of(inner);
  return u16(6 + size + 2) + version + u16(error ? 0 : size) + inner + "7500";
}

TEST(Kerberos, PasswordService) {
  const std::string request{golden("ap_request").hex.substr(8)};
  const std::string reply = "6f 0e 30 0c a0 03 02 01 05 a1 03 02 01 0f a2 00";
  for (const bool tcp : {false, true}) {
    for (const char* version : {"0001", "ff80"}) {
      SCOPED_TRACE(version);
      Datagrams datagrams;
      Flow flow;
      const auto ask = from_hex(password_message(version, request)), say = from_hex(password_message("0001", reply));
      if (tcp) {
        EXPECT_TRUE(flow.out.feed(record(ask)) && flow.back.feed(record(say)));
      } else {
        datagrams.give(ask, kOut);
        datagrams.give(say, kBack);
      }
      const FakeContext& context = tcp ? flow.context : datagrams.context;
      ASSERT_EQ(context.events.size(), 1U);
      expect(context, 0,
             {{"request_type", "AP"},
              {"service", "krbtgt/EXAMPLE"},
              {"new_password", version[0] == '0' ? "change" : "set"},
              {"success", "-"},
              {"rtt", tcp ? "0.000000" : "0.001000"}});
    }
  }
}

TEST(Kerberos, PasswordServiceRefuses) {
  Datagrams flow;
  flow.give("password_change");
  flow.give("password_refused");
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"request_type", "AP"}, {"new_password", "change"}, {"success", "false"}, {"error_name", "KRB_AP_ERR_SKEW"}});
  for (const char* hex : {"0008 0001 0003 6e00",          // longer than its wrapping
                          "0030 0002 0003 6e 79 30 77",   // another version
                          "0030 0001 0000 6a 79 30 77"})  // a message that is never wrapped
    flow.give(from_hex(hex), kOut);
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 3U);
  auto cut = message("password_change");
  cut.resize(100);
  flow.give(cut, kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 4U);
}

TEST(Kerberos, AnAnswerJoinsTheOldestRequestOfItsKind) {
  Datagrams flow;
  flow.give("tgs_request");
  flow.give("as_request");
  flow.give("as_reply");
  flow.give("tgs_reply_rc4");
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"request_type", "AS"}, {"success", "true"}, {"renewable", "true"}, {"rtt", "0.001000"}});
  expect(flow.context, 1,
         {{"request_type", "TGS"},
          {"client", "alice/EXAMPLE"},
          {"cipher", "rc4-hmac"},
          {"forwardable", "true"},
          {"rtt", "0.003000"}});
}

// With another text of the same length.
std::vector<std::uint8_t> renamed(std::string_view name, std::string_view from, std::string_view to) {
  auto bytes = message(name);
  const auto at = std::search(bytes.begin(), bytes.end(), from.begin(), from.end());
  EXPECT_NE(at, bytes.end());
  if (at != bytes.end()) std::copy(to.begin(), to.end(), at);
  return bytes;
}

TEST(Kerberos, AnAnswerJoinsTheRequestForTheSame) {
  Datagrams flow;
  flow.give(renamed("tgs_request", "files", "pumps"), kOut);
  flow.give("tgs_request");
  flow.give("tgs_reply_rc4");
  expect(flow.context, 0, {{"service", "cifs/files.example"}, {"success", "true"}, {"rtt", "0.001000"}});
  flow.give(renamed("as_request", "alice", "carol"), kOut);
  flow.give("as_request");
  flow.give("as_reply");
  expect(flow.context, 1, {{"client", "alice/EXAMPLE"}, {"success", "true"}, {"rtt", "0.001000"}});
  // Where none is for the same, its kind decides: a server may answer for another name.
  flow.give("as_reply");
  expect(flow.context, 2, {{"client", "carol/EXAMPLE"}, {"success", "true"}});
  flow.analyzer->finish(flow.context);
  expect(flow.context, 3, {{"service", "cifs/pumps.example"}, {"success", "-"}});
}

// PA-S4U-X509-USER instead of PA-FOR-USER.
TEST(Kerberos, OnBehalfByTheNewerForm) {
  auto bytes = message("tgs_on_behalf");
  const auto kind = from_hex("a1 04 02 02 0081 a2 3b 04 39");
  const auto newer = from_hex(
      "a1 04 02 02 0082 a2 3b 04 39 30 37 a0 24 30 22 a0 03 02 01 09 a1 10 30 0e a0 03 02 01 0a a1 07 30 05 1b 03 'eve'"
      " a2 09 1b 07 'EXAMPLE' a1 0f 30 0d a0 03 02 01 12 a1 06 04 04 00000000");
  const auto at = std::search(bytes.begin(), bytes.end(), kind.begin(), kind.end());
  ASSERT_NE(at, bytes.end());
  std::copy(newer.begin(), newer.end(), at);
  Datagrams flow;
  flow.give(bytes, kOut);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.get(0, "on_behalf_of"), "eve/EXAMPLE");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Kerberos, AnErrorJoinsAnyRequestOfTheOtherSide) {
  Datagrams flow;
  flow.give("as_request");
  flow.give(message("preauthentication_required"), kOut);
  EXPECT_EQ(flow.context.get(0, "request_type"), "-");
  flow.give("preauthentication_required");
  expect(flow.context, 1, {{"request_type", "AS"}, {"client", "alice/EXAMPLE"}, {"error_code", "25"}});
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), 2U);
}

TEST(Kerberos, OverTcpInOneStream) {
  Flow flow;
  auto both = record(message("as_request"));
  const auto second = record(message("tgs_request"));
  both.insert(both.end(), second.begin(), second.end());
  EXPECT_TRUE(flow.out.feed(both));
  EXPECT_TRUE(flow.back.feed(record(message("as_reply"))));
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.get(0, "success"), "true");
  EXPECT_EQ(flow.context.get(1, "success"), "-");
}

TEST(Kerberos, UnknownNumbersAreShown) {
  Datagrams flow;
  auto bytes = message("tgs_reply_rc4");
  for (std::size_t at = 0; at + 3 < bytes.size(); ++at)
    if (bytes[at] == 2 && bytes[at + 1] == 1 && bytes[at + 2] == 23) bytes[at + 2] = 99;
  flow.give(bytes, kBack);
  EXPECT_EQ(flow.context.get(0, "cipher"), "unknown-99");
  bytes = message("preauthentication_required");
  for (std::size_t at = 0; at + 3 < bytes.size(); ++at)
    if (bytes[at] == 2 && bytes[at + 1] == 1 && bytes[at + 2] == 25) bytes[at + 2] = 59;
  flow.give(bytes, kBack);
  EXPECT_EQ(flow.context.get(1, "error_msg"), "unknown-59");
}

TEST(Kerberos, RefusesDatagrams) {
  static constexpr struct {
    const char* name;
    std::size_t at;
    std::uint8_t byte;
    unsigned events;
  } kCases[] = {
      {"no message", 0, 0x68, 0},  {"another type", 0, 0x6c, 0},  {"its length lies", 2, 0x92, 1},
      {"no sequence", 3, 0x31, 0}, {"another version", 10, 4, 0}, {"options are short", 24, 0x03, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Datagrams flow;
    auto bytes = message("as_request");
    bytes[c.at] = c.byte;
    flow.give(bytes, kOut);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.events.size(), c.events);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  }
}

TEST(Kerberos, RefusesStreams) {
  for (const char* hex : {"80000010 6a0e300c a103020105", "00000010 47455420 2f204854", "00000004 6a 01 31 00"}) {
    Flow behind, both;  // a message, and on both sides
    EXPECT_TRUE(behind.out.feed(record(message("as_request")))) << hex;
    EXPECT_FALSE(behind.out.feed(from_hex(hex))) << hex;
    EXPECT_EQ(behind.context.refused_count(DecodeError::bad_value), 1U) << hex;
    EXPECT_TRUE(both.out.feed(from_hex(hex))) << hex;
    EXPECT_FALSE(both.back.feed(from_hex(hex))) << hex;
    EXPECT_EQ(both.context.refused_total(), 2U) << hex;
  }
}

// The answer is recognised; what waited on the other side is offered first, and is the end of its request.
TEST(Kerberos, MetInTheMiddleOfARequest) {
  Flow flow;
  EXPECT_TRUE(flow.out.feed(from_hex("'bytes of a ticket'")));
  EXPECT_EQ(flow.out.waiting(), 0U);
  EXPECT_TRUE(flow.back.feed(record(message("preauthentication_required"))));
  EXPECT_EQ(flow.context.get(0, "error_code"), "25");
  EXPECT_TRUE(flow.out.feed(record(message("as_request"))));
  EXPECT_TRUE(flow.back.feed(record(message("as_reply"))));
  EXPECT_EQ(flow.context.get(1, "success"), "true");
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Kerberos, AfterAGapTheNextMessageIsFound) {
  Flow flow;
  flow.analyzer->gap(100, kBack, flow.context);
  EXPECT_TRUE(flow.back.feed(from_hex("'bytes of a ticket'")));
  EXPECT_EQ(flow.back.waiting(), 0U);
  EXPECT_TRUE(flow.back.feed(record(message("as_reply"))));
  EXPECT_EQ(flow.context.get(0, "success"), "true");
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

// Four bytes that look like a length do not pass over what comes.
TEST(Kerberos, ALengthIsBelievedWithItsMessage) {
  for (const bool lost : {false, true}) {
    Flow flow;
    if (lost) flow.analyzer->gap(100, kBack, flow.context);
    EXPECT_TRUE(flow.back.feed(from_hex("7fffffff")));
    EXPECT_EQ(flow.back.waiting(), 4U);
    EXPECT_TRUE(flow.back.feed(from_hex("'bytes of a ticket'")));
    EXPECT_TRUE(flow.back.feed(record(message("as_reply"))));
    EXPECT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 0U);
  }
}

TEST(KerberosBounds, RequestsThatWait) {
  Datagrams flow;
  for (int i = 0; i < 16; ++i) flow.give("as_request");
  EXPECT_EQ(flow.context.events.size(), 0U);
  flow.give("as_request");
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

// A request with so many bytes of padding in front of its body, as one of an unknown kind.
std::vector<std::uint8_t> long_request(std::size_t bytes) {
  const auto with_length = [](std::vector<std::uint8_t> tag, const std::vector<std::uint8_t>& contents) {
    tag.push_back(0x84);
    for (const unsigned shift : {24U, 16U, 8U, 0U}) tag.push_back(static_cast<std::uint8_t>(contents.size() >> shift));
    tag.insert(tag.end(), contents.begin(), contents.end());
    return tag;
  };
  auto fields = from_hex("a1 03 02 01 05 a2 03 02 01 0a");
  const auto padding = with_length({0xa9}, with_length({0x04}, std::vector<std::uint8_t>(bytes, 'p')));
  fields.insert(fields.end(), padding.begin(), padding.end());
  return with_length({0x6a}, with_length({0x30}, fields));
}

TEST(KerberosBounds, BytesThatWait) {
  Datagrams flow;
  flow.give(long_request(30'000), kOut);
  flow.give(long_request(30'000), kOut);
  EXPECT_EQ(flow.context.events.size(), 0U);
  flow.give(long_request(30'000), kOut);
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(KerberosBounds, LongMessagesArePassedOver) {
  Flow flow;
  EXPECT_TRUE(flow.out.feed(record(long_request(70'000))));
  EXPECT_EQ(flow.out.waiting(), 0U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
  EXPECT_TRUE(flow.out.feed(record(message("as_request"))));
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), 1U);
}

TEST(KerberosBounds, OfferedCiphers) {
  for (const unsigned count : {32U, 33U}) {
    // | options | till | ciphers |, in the body of a request.
    std::string ciphers;
    for (unsigned i = 0; i < count; ++i) ciphers += "02 01 17";
    static constexpr const char* kHex = "0123456789abcdef";
    const auto length = [](unsigned bytes) { return std::string{kHex[bytes >> 4U], kHex[bytes & 15U]} + ' '; };
    const unsigned inner = 3 * count, list = inner + 2, body = list + 2, sequence = body + 2;
    const std::string hex = "6a " + length(sequence + 14) + "30 " + length(sequence + 12) +
                            "a1 03 02 01 05 a2 03 02 01 0a a4 " + length(body + 2) + "30 " + length(body) + "a8 " +
                            length(list) + "30 " + length(inner) + ciphers;
    Datagrams flow;
    flow.give(from_hex(hex), kOut);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.get(0, "offered_ciphers").size(), 32U * 9 - 1);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count == 33 ? 1U : 0U);
  }
}

TEST(KerberosProbe, OffItsPort) {
  const auto& p = protocol("kerberos");
  for (const GoldenFrame& frame : kGoldenFrames) {
    if (frame.protocol != "kerberos") continue;
    EXPECT_EQ(p.probe(from_hex(frame.hex), frame.direction, frame.transport, false), Verdict::yes) << frame.name;
  }
  const auto bytes = from_hex(golden("tgs_reply_rc4").hex);
  for (std::size_t cut = 0; cut < 20; ++cut)
    EXPECT_EQ(p.probe(Bytes{bytes}.first(cut), kBack, Transport::tcp, false), Verdict::unsure) << cut;
  EXPECT_EQ(p.probe(from_hex("6a 81 90 30"), kOut, Transport::udp, true), Verdict::no);
  EXPECT_EQ(p.probe(from_hex("00000004 6a 81 90 30"), kOut, Transport::tcp, true), Verdict::no);
}

}  // namespace
}  // namespace nw::network
