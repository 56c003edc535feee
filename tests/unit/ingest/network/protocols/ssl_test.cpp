#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
constexpr const char* kFingerprint = "cf7549c0605f0ea572b283e7b1f4fba366a7a156121413fecd0da37650e143b5";

std::string golden(std::string_view name) { return std::string{Golden{"ssl"}(name).hex}; }

// What clients send after a hello, and servers behind their certificate.
const std::string kKeyExchange = "16 0303 0006  10 000002 0001", kSwitch = "14 0303 0001 01";
const std::string kFinished = "16 0303 0008 0000000000000000", kData = "17 0303 0004 00000000";
const std::string kClose = "15 0303 0002 01 00", kFatal = "15 0303 0002 02 28";

// One connection; records a millisecond apart.
struct Flow {
  explicit Flow(const std::vector<std::string>& only = {}) : context{protocol("ssl"), only} {}
  FakeContext context;
  std::unique_ptr<Analyzer> analyzer = protocol("ssl").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool give(std::string_view hex, Direction direction) {
    const bool alive = (direction == kOut ? out : back).feed(from_hex(hex));
    context.time += std::chrono::milliseconds{1};
    return alive;
  }
  bool done() const { return out.done() || back.done(); }
};

struct Want {
  const char *field, *value;
};

// The `ssl` event's place among the events; there is but one.
std::size_t place(const FakeContext& context) {
  EXPECT_EQ(std::ranges::count(context.paths, "ssl"), 1);
  return static_cast<std::size_t>(std::ranges::find(context.paths, "ssl") - context.paths.begin());
}

std::string get(const FakeContext& context, const char* field) { return context.get(place(context), field); }

void expect(const FakeContext& context, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(get(context, want.field), want.value) << want.field;
}

TEST(Ssl, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    std::vector<Want> want;
  } kCases[] = {
      {"client_hello_tls13",
       kOut,
       {{"server_name", "plc.example"},
        {"ja3", "3e9009f60b85db73989c1f94d42387b9"},
        {"ja4", "t13d0308h2_5559582ccdc4_a26c04caece5"},
        {"client_alpn", "h2,http/1.1"},
        {"ech_offered", "true"},
        {"ssl_history", "C"},
        {"established", "false"},
        {"resumed", "false"},
        {"version", "-"},
        {"cipher", "-"},
        {"ja3s", "-"},
        {"next_protocol", "-"},
        {"last_alert", "-"}}},
      {"client_hello_ssl3",
       kOut,
       {{"ja3", "e564ec72c63d6a653ef7f85d07e780a8"},
        {"ja4", "ts3i020000_ecbe99380d04_000000000000"},
        {"server_name", "-"},
        {"client_alpn", "-"},
        {"ech_offered", "false"}}},
      {"client_hello_ssl2", kOut, {{"ssl_history", "C"}, {"ja3", "-"}, {"ja4", "-"}}},
      {"server_hello_tls12",
       kBack,
       {{"version", "TLSv12"},
        {"cipher", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
        {"curve", "secp256r1"},
        {"next_protocol", "h2"},
        {"ja3s", "96681175a9547081bf3d417f1a572091"},
        {"cert_chain_fps", kFingerprint},
        {"client_cert_chain_fps", "-"},
        {"ssl_history", "sxkn"},
        {"ja3", "-"}}},
      {"server_hello_tls13",
       kBack,
       {{"version", "TLSv13"},
        {"cipher", "TLS_AES_128_GCM_SHA256"},
        {"curve", "x25519"},
        {"ja3s", "f4febc55ea12b31ae17cfb7e614afda8"},
        {"ssl_history", "si"},
        {"resumed", "false"},
        {"established", "false"}}},
      {"hello_retry", kBack, {{"version", "TLSv13"}, {"curve", "secp256r1"}, {"ssl_history", "j"}}},
      {"server_hello_alert",
       kBack,
       {{"version", "TLSv10"}, {"last_alert", "handshake_failure"}, {"ssl_history", "sl"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(golden(c.name), c.direction));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, c.want);
  }
}

TEST(Ssl, AHandshakeIsToldOnceWhenBothSidesEncrypt) {
  struct Turn {
    Direction direction;
    std::string hex;
  };
  const struct {
    const char* name;
    std::vector<Turn> turns;
    std::vector<Want> want;
  } kCases[] = {
      {"TLS 1.2, full",
       {{kOut, golden("client_hello_tls13")},
        {kBack, golden("server_hello_tls12")},
        {kOut, kKeyExchange + kSwitch + kFinished},
        {kBack, kSwitch + kFinished}},
       {{"ssl_history", "CsxknGIi"}, {"established", "true"}, {"resumed", "false"}, {"version", "TLSv12"}}},
      {"TLS 1.2, resumed by the session's id",
       {{kOut, golden("client_hello_tls13")}, {kBack, golden("server_hello_resumed")}, {kOut, kSwitch + kFinished}},
       {{"ssl_history", "CsiI"}, {"established", "true"}, {"resumed", "true"}}},
      {"TLS 1.2, resumed without an id",
       {{kOut, golden("client_hello_ssl3")}, {kBack, golden("server_hello_resumed")}, {kOut, kSwitch + kFinished}},
       {{"ssl_history", "CsiI"}, {"established", "true"}, {"resumed", "true"}}},
      {"TLS 1.2, another id",
       {{kOut, golden("client_hello_ssl3")},
        {kBack, golden("server_hello_resumed")},
        {kOut, kKeyExchange + kSwitch + kFinished}},
       {{"ssl_history", "CsiGI"}, {"established", "true"}, {"resumed", "false"}}},
      {"TLS 1.3",
       {{kOut, golden("client_hello_tls13")}, {kBack, golden("server_hello_tls13")}, {kOut, kSwitch + kData}},
       {{"ssl_history", "CsiI"}, {"established", "true"}, {"resumed", "false"}, {"curve", "x25519"}}},
      {"TLS 1.3, asked again",
       {{kOut, golden("client_hello_tls13")},
        {kBack, golden("hello_retry")},
        {kOut, kSwitch + golden("client_hello_tls13")},
        {kBack, golden("server_hello_tls13")},
        {kOut, kData}},
       {{"ssl_history", "CjICsi"}, {"established", "true"}, {"curve", "x25519"}}},
      {"TLS 1.3, early data",
       {{kOut, golden("client_hello_tls13") + kSwitch + kData}, {kBack, golden("server_hello_tls13")}, {kOut, kData}},
       {{"ssl_history", "CIDsi"}, {"established", "true"}}},
      {"a fatal alert",
       {{kOut, golden("client_hello_tls13")}, {kBack, kFatal}},
       {{"ssl_history", "Cl"}, {"established", "false"}, {"last_alert", "handshake_failure"}}},
      {"the client wrapped its hello as SSL 2 did",
       {{kOut, golden("client_hello_ssl2")}, {kBack, golden("server_hello_alert")}},
       {{"ssl_history", "Csl"}, {"version", "TLSv10"}, {"cipher", "TLS_RSA_WITH_AES_128_CBC_SHA"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    const std::string began = std::to_string(to_unix_nanoseconds(flow.context.time));
    for (const Turn& turn : c.turns) {
      EXPECT_FALSE(flow.done());
      EXPECT_TRUE(flow.give(turn.hex, turn.direction));
    }
    EXPECT_TRUE(flow.done());
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, c.want);
    EXPECT_EQ(get(flow.context, "ts"), began);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(std::ranges::count(flow.context.paths, "ssl"), 1);
  }
}

TEST(Ssl, AWarningEndsNothing) {
  Flow flow;
  flow.give(golden("client_hello_tls13"), kOut);
  flow.give(kClose, kBack);
  EXPECT_FALSE(flow.done());
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"last_alert", "close_notify"}, {"ssl_history", "Cl"}});
}

TEST(Ssl, TheClientMayBeOnTheOtherSide) {
  Flow flow;
  flow.give(golden("client_hello_tls13"), kBack);
  flow.give(golden("server_hello_tls12"), kOut);
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"ssl_history", "Csxkn"}, {"cert_chain_fps", kFingerprint}, {"server_name", "plc.example"}});
}

TEST(Ssl, TheCertificateMayNameTheHostThatWasAskedFor) {
  constexpr std::string_view kHost = "706c632e6578616d706c65";
  std::string other_host = golden("client_hello_tls13");
  other_host.replace(other_host.find(kHost), 2, "78");
  const struct {
    const char* name;
    std::string client, server;
    const char* want;
  } kCases[] = {
      {"it does", golden("client_hello_tls13"), golden("server_hello_tls12"), "true"},
      {"another host", other_host, golden("server_hello_tls12"), "false"},
      {"no host", golden("client_hello_ssl3"), golden("server_hello_tls12"), "-"},
      {"no certificate", golden("client_hello_tls13"), golden("server_hello_tls13"), "-"},
      {"one that is none", golden("client_hello_tls13"), "16 0303 000c  0b 000008 000005 000002 3000", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.client, kOut);
    flow.give(c.server, kBack);
    flow.analyzer->finish(flow.context);
    expect(flow.context, {{"sni_matches_cert", c.want}});
  }
  // Of a client's certificate nobody asked for a name.
  Flow flow;
  flow.give(golden("client_hello_tls13"), kOut);
  flow.give("16 0303 000c  0b 000008 000005 000002 3000", kOut);
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"sni_matches_cert", "-"}});
}

TEST(Ssl, AClientsCertificatesAreItsOwn) {
  Flow flow;
  flow.give(golden("client_hello_tls13"), kOut);
  flow.give("16 0303 0014  0b 000010 00000d 000002 0102 000002 0304 000000", kOut);
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"client_cert_chain_fps",
                         "a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222,"
                         "0ce3940bebf2b22a5d2108ecf0c368a0541c7e3c45703f8540921b4eafc82947,"
                         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                        {"cert_chain_fps", "-"},
                        {"ssl_history", "CX"}});
}

// A ServerHello of TLS 1.2 without extensions.
std::string server_hello(std::string_view version, std::string_view cipher) {
  std::string hex = "16 0303 002a  02 000026 ";
  hex += version;
  hex += NW_TLS_RANDOM "00 ";
  hex += cipher;
  return hex + " 00";
}

TEST(Ssl, NumbersWithoutANameKeepTheirNumber) {
  static constexpr struct {
    const char *version, *cipher, *version_name, *cipher_name;
  } kCases[] = {
      {"0300", "0004", "SSLv3", "TLS_RSA_WITH_RC4_128_MD5"},
      {"0302", "00ff", "TLSv11", "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
      {"7f1c", "1301", "TLSv13-draft28", "TLS_AES_128_GCM_SHA256"},
      {"7e02", "1399", "unknown-32258", "unknown-5017"},
      {"0305", "eeee", "unknown-773", "unknown-61166"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.version);
    Flow flow;
    EXPECT_TRUE(flow.give(server_hello(c.version, c.cipher) + "15 0303 0002 01 63", kBack));
    flow.analyzer->finish(flow.context);
    expect(flow.context, {{"version", c.version_name}, {"cipher", c.cipher_name}, {"last_alert", "unknown-99"}});
  }
}

// A ClientHello with the given extensions.
std::string client_hello(std::string_view extensions) {
  const std::size_t size = from_hex(extensions).size();
  const auto number = [](std::size_t value, int digits) {
    std::string text(static_cast<std::size_t>(digits), '0');
    for (auto at = text.rbegin(); at != text.rend(); ++at, value /= 16) *at = "0123456789abcdef"[value % 16];
    return text;
  };
  std::string hex = "16 0301 " + number(size + 47, 4) + " 01 " + number(size + 43, 6) + " 0303" NW_TLS_RANDOM;
  return hex + "00 0002 1301 01 00 " + number(size, 4) + std::string{extensions};
}

TEST(Ssl, EarlyDraftsOfTls13HaveShorterHellos) {
  for (const auto& [version, want] : {std::pair{"0304", "TLSv13"}, std::pair{"7f12", "TLSv13-draft18"}}) {
    SCOPED_TRACE(version);
    Flow flow;
    EXPECT_TRUE(flow.give("16 0301 0032  02 00002e " + std::string{version} +
                              NW_TLS_RANDOM "1301  0008 0028 0004 001d 0000  17 0301 0001 00",
                          kBack));
    flow.analyzer->finish(flow.context);
    expect(flow.context, {{"version", want}, {"cipher", "TLS_AES_128_GCM_SHA256"}, {"ssl_history", "s"}});
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Ssl, ProtocolsInJa4) {
  static constexpr struct {
    const char *name, *extensions, *want;
  } kCases[] = {
      {"none", "", "t12i010000_"},
      {"two letters", "0010 0005 0003 02 6832", "t12i0101h2_"},
      {"one letter", "0010 0004 0002 01 68", "t12i0101hh_"},
      {"not ASCII", "0010 0005 0003 02 abcd", "t12i0101ad_"},
      {"the last is no letter", "0010 0006 0004 03 3161ab", "t12i01013b_"},
      {"reserved first", "0010 0006 0004 03 0a0a01", "t12i010101_"},
      {"empty list", "0010 0002 0000", "t12i010100_"},
      {"a lying length", "0010 0005 00ff 02 6832", "t12i010100_"},
      {"version 1.3", "002b 0003 02 0304", "t13i010100_"},
      {"version 1.0", "002b 0003 02 0301", "t10i010100_"},
      {"reserved version only", "002b 0003 02 0a0a", "t12i010100_"},
      {"a reserved extension", "fafa 0000", "t12i010000_"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(client_hello(c.extensions), kOut);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(get(flow.context, "ja4").substr(0, 11), c.want);
  }
}

TEST(Ssl, DamagedHellosAreRefusedAndStillTold) {
  const struct {
    const char* name;
    std::string hex;
    Direction direction;
    DecodeError error;
    std::vector<Want> want;
  } kCases[] = {
      {"the extensions' length lies",
       "16 0301 0035  01 000031 0303" NW_TLS_RANDOM "00 0002 1301 01 00 0008 000a 0002 0000",
       kOut,
       DecodeError::bad_value,
       {{"ssl_history", "C"}, {"ech_offered", "false"}}},
      {"an extension's length lies",
       client_hello("0000 0006 0004 00 0001 61 000a 00ff 00"),
       kOut,
       DecodeError::bad_value,
       {{"server_name", "a"}}},
      {"an odd list of ciphers",
       "16 0301 002e  01 00002a 0303" NW_TLS_RANDOM "00 0003 130113 01 00",
       kOut,
       DecodeError::bad_value,
       {{"ssl_history", "C"}}},
      {"a session id of 33 bytes",
       "16 0301 004e  01 00004a 0303" NW_TLS_RANDOM "21 aa" + std::string(64, 'a') + "0002 1301 01 00",
       kOut,
       DecodeError::bad_value,
       {{"ssl_history", "C"}}},
      {"a client hello cut in its random",
       "16 0301 0008  01 000004 0303 0000",
       kOut,
       DecodeError::truncated,
       {{"ssl_history", "C"}, {"ja3", "-"}}},
      {"a server hello cut in its random",
       "16 0301 0008  02 000004 0303 0000",
       kBack,
       DecodeError::truncated,
       {{"ssl_history", "s"}, {"version", "-"}}},
      {"a certificate list that lies",
       "16 0303 0007  0b 000003 0000ff",
       kBack,
       DecodeError::bad_value,
       {{"ssl_history", "x"}}},
      {"a certificate that lies",
       "16 0303 000b  0b 000007 000004 0000ff 00",
       kBack,
       DecodeError::truncated,
       {{"ssl_history", "x"}, {"cert_chain_fps", "-"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.hex, c.direction));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_count(c.error), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    expect(flow.context, c.want);
  }
}

TEST(Ssl, WhatIsNoTlsEndsTheAnalysisAndIsTold) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"HTTP", "48545450 2f312e31 20323030"},
      {"content type 25", "19 0303 0001 00"},
      {"version 2", "16 0203 0001 00"},
      {"version 3.5", "16 0305 0001 00"},
      {"a record over 18 KiB", "16 0303 4801 00"},
      {"an SSL 2 server hello", "8020 04 0001 0002 0000 0003 0010"},
      {"an SSL 2 hello whose lengths differ", "8020 01 0301 0006 0000 0010"},
      {"an SSL 2 hello without TLS", "801f 01 0002 0006 0000 0010"},
      {"an SSL 2 hello with half a cipher", "801e 01 0301 0005 0000 0010"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden("client_hello_tls13"), kOut);
    EXPECT_FALSE(flow.give(c.hex, kBack));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    expect(flow.context, {{"server_name", "plc.example"}, {"ssl_history", "C"}});
  }
}

TEST(Ssl, AfterAGapTheOtherSideIsStillRead) {
  Flow flow;
  flow.give(golden("client_hello_tls13"), kOut);
  flow.analyzer->gap(100, kOut, flow.context);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  flow.give("00112233", kOut);
  flow.give(golden("server_hello_tls13"), kBack);
  EXPECT_TRUE(flow.done());
  expect(flow.context, {{"ssl_history", "Csi"}, {"established", "false"}, {"version", "TLSv13"}});
}

TEST(Ssl, OneSideAloneIsReadUntilItEncrypts) {
  Flow flow;
  flow.give(golden("client_hello_tls13"), kOut);
  flow.give(kKeyExchange + kSwitch + kFinished, kOut);
  EXPECT_TRUE(flow.give("00112233", kOut));  // not looked at any more
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, {{"ssl_history", "CGI"}, {"established", "false"}, {"version", "-"}});
}

TEST(Ssl, EarlyDataIsLookedAtForFourRecords) {
  Flow flow;
  flow.give(golden("client_hello_tls13") + kSwitch + kData + kData + kData, kOut);
  EXPECT_TRUE(flow.give("17", kOut));
  EXPECT_EQ(flow.out.waiting(), 1U);
  EXPECT_TRUE(flow.give("0303 0001 00 00112233", kOut));
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"ssl_history", "CIDDDD"}, {"established", "false"}});
}

TEST(Ssl, AConnectionThatSaysNothingIsNotTold) {
  Flow flow;
  flow.analyzer->gap(1, kOut, flow.context);
  flow.analyzer->gap(1, kBack, flow.context);
  flow.give("00", kOut);
  EXPECT_TRUE(flow.done());
  flow.analyzer->finish(flow.context);
  EXPECT_TRUE(flow.context.events.empty());
}

TEST(Ssl, OnlyWhatIsWantedIsMade) {
  Flow flow{{"server_name"}};
  flow.give(golden("client_hello_tls13"), kOut);
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.events[0].size(), 2U);  // and its time
}

// Bounds

TEST(Ssl, MessagesOver64KiBArePassedOver) {
  for (const bool over : {false, true}) {
    SCOPED_TRACE(over);
    Flow flow;
    flow.give(golden("client_hello_tls13"), kOut);
    // A certificate message of 65,536 bytes, or one more, in records of 16 KiB; then the end of the server's turn.
    flow.give(std::string{"16 0303 0004 0b 0"} + (over ? "10001" : "10000"), kBack);
    std::string rest = over ? "00fffe"
                              "00fffb"
                            : "00fffd"
                              "00fffa";
    rest.append(2 * ((over ? 65'537U : 65'536U) - 6), '5');
    for (std::size_t at = 0; at < rest.size(); at += 32'768) {
      const std::string part = rest.substr(at, 32'768);
      flow.give(part.size() == 32'768 ? "16 0303 4000" : over ? "16 0303 0001" : "", kBack);
      flow.give(part, kBack);
    }
    flow.give("16 0303 0004 0e 000000", kBack);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), over ? 1U : 0U);
    EXPECT_EQ(get(flow.context, "ssl_history"), "Cxn");
    EXPECT_EQ(get(flow.context, "cert_chain_fps") == "-", over);
  }
}

TEST(Ssl, AChainHas32Certificates) {
  for (const std::size_t count : {32U, 33U}) {
    SCOPED_TRACE(count);
    Flow flow;
    const std::string sizes = count == 32 ? "16 0303 0087 0b 000083 000080" : "16 0303 008b 0b 000087 000084";
    std::string hex = sizes;
    for (std::size_t at = 0; at < count; ++at) hex += "000001 77";
    flow.give(golden("client_hello_tls13"), kOut);
    EXPECT_TRUE(flow.give(hex, kBack));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count - 32);
    EXPECT_EQ(std::ranges::count(get(flow.context, "cert_chain_fps"), ','), 31);
  }
}

TEST(Ssl, AHistoryHas15Letters) {
  Flow flow;
  flow.give(golden("client_hello_tls13"), kOut);
  for (int again = 0; again < 20; ++again) flow.give(kClose, kBack);
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"ssl_history", "Cllllllllllllll"}});
}

TEST(Ssl, SixtyFourOfferedProtocolsAreTold) {
  std::string names;
  for (int at = 0; at < 65; ++at) names += "01 61";
  Flow flow;
  flow.give(client_hello("0010 0084 0082" + names), kOut);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(std::ranges::count(get(flow.context, "client_alpn"), ','), 63);
}

TEST(Ssl, Probe) {
  static constexpr struct {
    const char *name, *hex;
    Verdict want;
  } kCases[] = {
      {"nothing yet", "", Verdict::unsure},
      {"a content type", "16", Verdict::unsure},
      {"a record's header", "16 0301 0100", Verdict::unsure},
      {"a client hello", "16 0301 0100 01 0000fc 03", Verdict::yes},
      {"a server hello", "16 0303 0100 02 0000fc 03", Verdict::yes},
      {"a draft's server hello", "16 0303 0100 02 0000fc 7f", Verdict::yes},
      {"a draft's number in a client hello", "16 0303 0100 01 0000fc 7f", Verdict::no},
      {"application data", "17 0303 0100 01 0000fc 03", Verdict::no},
      {"major version 2", "16 0200", Verdict::no},
      {"minor version 5", "16 0305", Verdict::no},
      {"a record without bytes", "16 0301 0000", Verdict::no},
      {"a hello in tiny records", "16 0301 0001 01 16 0301 0002 0000 16 0301 0001 fc 16 0301 00f8 03", Verdict::yes},
      {"their beginning", "16 0301 0001 01 16 0301 0002 0000 16", Verdict::unsure},
      {"tiny records of something else", "16 0301 0001 01 15 0301", Verdict::no},
      {"a record over 18 KiB", "16 0301 4801", Verdict::no},
      {"another message", "16 0301 0100 0c 0000fc", Verdict::no},
      {"a chain, not long enough", "16 0303 0208 0b 000207 000204 000201 3082", Verdict::unsure},
      {"a chain", "16 0303 0208 0b 000207 000204 000201 3082 01fd", Verdict::yes},
      {"a chain that does not fill its message", "16 0303 0208 0b 000207 000203 000201 3082 01fd", Verdict::no},
      {"a certificate longer than its chain", "16 0303 0208 0b 000207 000204 000202 3082 01fe", Verdict::no},
      {"a certificate that is no sequence", "16 0303 0208 0b 000207 000204 000201 3182 01fd", Verdict::no},
      {"a certificate of another length", "16 0303 0208 0b 000207 000204 000201 3082 01fe", Verdict::no},
      {"a short message", "16 0301 0100 01 000025", Verdict::no},
      {"a long message", "16 0301 0100 01 010001", Verdict::no},
      {"SSL 2, no type yet", "801f", Verdict::unsure},
      {"SSL 2", "801f 01 0301 0006 0000 0010", Verdict::yes},
      {"SSL 2, lengths differ", "8020 01 0301 0006 0000 0010", Verdict::no},
      {"SSL 2, a server's", "801f 04", Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(protocol("ssl").probe(from_hex(c.hex), kOut, Transport::tcp, false), c.want);
  }
}

}  // namespace
}  // namespace nw::network
