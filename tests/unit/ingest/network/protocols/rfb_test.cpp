#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

struct Flow {
  FakeContext context{protocol("rfb")};
  std::unique_ptr<Analyzer> analyzer = protocol("rfb").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool client(std::string_view hex) { return out.feed(from_hex(hex)); }
  bool server(std::string_view hex) { return back.feed(from_hex(hex)); }
  void versions(const std::string& client_minor) {
    EXPECT_TRUE(server("'RFB 003.008' 0a"));
    EXPECT_TRUE(client("'RFB 003." + client_minor + "' 0a"));
  }
  [[nodiscard]] bool done() const { return out.done() || back.done(); }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, const std::vector<Want>& wants) {
  ASSERT_EQ(context.events.size(), 1U);
  for (const Want& want : wants) EXPECT_EQ(context.get(0, want.field), want.value) << want.field;
}

constexpr const char* kChallenge = "000102030405060708090a0b0c0d0e0f";
constexpr const char* kPixelFormat = "20 18 00 01 00ff 00ff 00ff 10 08 00 000000";

TEST(Rfb, VersionThreeEight) {
  Flow flow;
  flow.versions("008");
  flow.server("02 02 13");
  flow.client("02");
  flow.server(kChallenge);
  flow.client(kChallenge);
  flow.server("00000000");
  flow.client("01");
  flow.server("0400 0300" + std::string{kPixelFormat} + "00000006 'alice' ff");
  EXPECT_TRUE(flow.back.done());
  expect(flow.context, {{"client_major_version", "003"},
                        {"client_minor_version", "008"},
                        {"server_major_version", "003"},
                        {"server_minor_version", "008"},
                        {"offered_methods", "VNC,VeNCrypt"},
                        {"authentication_method", "VNC"},
                        {"auth", "true"},
                        {"share_flag", "true"},
                        {"width", "1024"},
                        {"height", "768"},
                        {"desktop_name", "alice\\xff"},
                        {"failure_reason", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Rfb, VersionThreeThreeLetsTheServerDecide) {
  Flow flow;
  flow.versions("003");
  flow.server("00000001");
  flow.client("00");
  flow.server("0400 0300" + std::string{kPixelFormat} + "00000000");
  expect(flow.context, {{"authentication_method", "None"},
                        {"offered_methods", "-"},
                        {"auth", "-"},
                        {"share_flag", "false"},
                        {"width", "1024"}});
}

TEST(Rfb, VersionThreeSevenHasNoResultWithoutAuthentication) {
  Flow flow;
  flow.versions("007");
  flow.server("01 01");
  flow.client("01");
  flow.client("01");
  flow.server("0001 0002" + std::string{kPixelFormat} + "00000001 'x'");
  expect(flow.context, {{"authentication_method", "None"}, {"desktop_name", "x"}, {"height", "2"}});
}

TEST(Rfb, Failures) {
  const struct {
    const char* name;
    const char* minor;
    std::vector<const char*> server;
    std::vector<const char*> client;
    std::vector<Want> want;
  } kCases[] = {
      {"with a reason",
       "008",
       {"01 02", kChallenge, "00000001 00000003 'bad'"},
       {"02", kChallenge},
       {{"auth", "false"}, {"failure_reason", "bad"}}},
      {"without one before 3.8",
       "007",
       {"01 02", kChallenge, "00000001"},
       {"02", kChallenge},
       {{"auth", "false"}, {"failure_reason", "-"}}},
      {"nothing offered",
       "008",
       {"00 00000004 'busy'"},
       {},
       {{"authentication_method", "Invalid"}, {"failure_reason", "busy"}, {"auth", "-"}}},
      {"nothing decided", "003", {"00000000 00000004 'busy'"}, {}, {{"failure_reason", "busy"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.versions(c.minor);
    for (std::size_t i = 0; i < c.server.size(); ++i) {
      EXPECT_TRUE(flow.server(c.server[i]));
      // The challenge comes between the choice and the response.
      const bool goes_on = i >= c.client.size() || flow.client(c.client[i]);
      EXPECT_TRUE(goes_on);
    }
    EXPECT_TRUE(flow.done());
    expect(flow.context, c.want);
  }
}

// RealVNC's numbers are above RFC 6143's.
TEST(Rfb, VersionsAboveThreeOffer) {
  for (const char* version : {"004.001", "005.000"}) {
    SCOPED_TRACE(version);
    Flow flow;
    EXPECT_TRUE(flow.server("'RFB " + std::string{version} + "' 0a"));
    EXPECT_TRUE(flow.client("'RFB " + std::string{version} + "' 0a"));
    EXPECT_TRUE(flow.server("02 05 06"));
    EXPECT_TRUE(flow.client("05"));
    EXPECT_TRUE(flow.done());
    expect(flow.context, {{"authentication_method", "RealVNC"}, {"offered_methods", "RealVNC,RealVNC"}});
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Rfb, ApplesExchange) {
  Flow flow;
  flow.versions("889");
  flow.server("02 1e 23");
  flow.client("1e");
  flow.server("0002 0004 00000000 00000000");
  flow.client("'" + std::string(132, 's') + "'");
  flow.server("00000001");
  flow.server("00000000");
  expect(flow.context, {{"authentication_method", "Apple Remote Desktop"},
                        {"offered_methods", "Apple Remote Desktop,RealVNC"},
                        {"auth", "false"}});
}

TEST(Rfb, TlsTakesOver) {
  Flow flow;
  flow.versions("008");
  flow.server("01 12");
  flow.client("12 16 03");
  EXPECT_TRUE(flow.out.anew());
  EXPECT_EQ(flow.out.waiting(), 2U);
  expect(flow.context, {{"authentication_method", "TLS"}});
}

TEST(Rfb, WhatCannotBeReadIsLeft) {
  Flow flow;
  flow.versions("008");
  flow.server("01 10");
  flow.client("10");
  EXPECT_TRUE(flow.out.done());
  EXPECT_FALSE(flow.out.anew());
  expect(flow.context, {{"authentication_method", "Tight"}, {"auth", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Rfb, VeNCryptMakesWayForTls) {
  Flow flow;
  flow.versions("008");
  flow.server("01 13");
  flow.client("13");
  flow.server("00 02");
  flow.client("00 02");
  flow.server("00 02 00000106 00000102");
  flow.client("00000102");
  EXPECT_FALSE(flow.done());
  flow.server("01 16");
  EXPECT_TRUE(flow.back.anew());
  EXPECT_EQ(flow.back.waiting(), 1U);
  expect(flow.context, {{"authentication_method", "VeNCrypt"}, {"vencrypt_method", "TLSVnc"}, {"auth", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// Everything else that VeNCrypt may come to: what ends the analysis, and what goes on in the clear.
TEST(Rfb, VeNCryptWithoutTls) {
  const struct {
    const char* name;
    std::vector<std::pair<bool, std::string>> messages;  // of the server?
    std::vector<Want> want;
  } kCases[] = {
      {"another version", {{true, "00 01"}}, {{"vencrypt_method", "-"}}},
      {"a client without it", {{true, "00 02"}, {false, "00 00"}}, {{"vencrypt_method", "-"}}},
      {"a server that will not", {{true, "00 02"}, {false, "00 02"}, {true, "ff"}}, {{"vencrypt_method", "-"}}},
      {"a password in the clear",
       {{true, "00 02"}, {false, "00 02"}, {true, "00 01 00000100"}, {false, "00000100 00000001 00000006 'asecret'"}},
       {{"vencrypt_method", "Plain"}, {"auth", "-"}}},
      {"one that nobody knows",
       {{true, "00 02"}, {false, "00 02"}, {true, "00 01 0000ffff"}, {false, "0000ffff"}},
       {{"vencrypt_method", "unknown-65535"}}},
      {"TLS refused",
       {{true, "00 02"}, {false, "00 02"}, {true, "00 01 00000101"}, {false, "00000101"}, {true, "00"}},
       {{"vencrypt_method", "TLSNone"}}},
      {"VNC's own",
       {{true, "00 02"},
        {false, "00 02"},
        {true, "00 01 00000002"},
        {false, "00000002"},
        {true, kChallenge},
        {false, kChallenge},
        {true, "00000001 00000003 'bad'"}},
       {{"vencrypt_method", "VNC"}, {"auth", "false"}, {"failure_reason", "bad"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.versions("008");
    flow.server("01 13");
    flow.client("13");
    for (const auto& [server, hex] : c.messages) server ? flow.server(hex) : flow.client(hex);
    EXPECT_TRUE(flow.done());
    EXPECT_FALSE(flow.out.anew() || flow.back.anew());
    expect(flow.context, c.want);
    EXPECT_EQ(flow.context.json.find("secret"), std::string::npos);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Rfb, AnEndInBetweenIsTold) {
  Flow flow;
  flow.versions("008");
  flow.server("01 02");
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"offered_methods", "VNC"}, {"authentication_method", "-"}});
}

// The server is who speaks first, whoever began the connection.
TEST(Rfb, AListeningViewer) {
  Flow flow;
  flow.client("'RFB 003.008' 0a");
  flow.server("'RFB 003.007' 0a");
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"server_minor_version", "008"}, {"client_minor_version", "007"}});
}

TEST(Rfb, AHoleEndsTheAnalysis) {
  Flow flow;
  flow.versions("008");
  flow.analyzer->gap(4, kBack, flow.context);
  EXPECT_TRUE(flow.server("00"));
  EXPECT_TRUE(flow.back.done());
  expect(flow.context, {{"client_minor_version", "008"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Rfb, Refuses) {
  {
    Flow flow;
    EXPECT_FALSE(flow.server("'RFB 3.8'"));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_TRUE(flow.context.events.empty());
  }
  {
    Flow flow;
    flow.versions("003");
    EXPECT_FALSE(flow.server("00000100"));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.events.size(), 1U);
  }
}

TEST(RfbBounds, ApplesKeys) {
  for (const bool over : {false, true}) {
    Flow flow;
    flow.versions("889");
    flow.server("01 1e");
    flow.client("1e");
    EXPECT_EQ(flow.server(over ? "0002 0401" : "0002 0400"), !over);
  }
}

TEST(RfbBounds, Texts) {
  for (const bool over : {false, true}) {
    Flow flow;
    flow.versions("003");
    flow.server("00000001");
    flow.client("00");
    flow.server("0400 0300" + std::string{kPixelFormat} + (over ? "00001001" : "00001000") + "'" +
                std::string(4097, 'a') + "'");
    EXPECT_EQ(flow.context.get(0, "desktop_name").size(), over ? 1U : 4096U);
    EXPECT_EQ(flow.context.get(0, "width"), "1024");
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), over ? 1U : 0U);
  }
}

TEST(RfbProbe, TheVersionAlone) {
  const auto& p = protocol("rfb");
  EXPECT_EQ(p.probe(from_hex("'RFB 003.889' 0a"), kBack, Transport::tcp, false), Verdict::yes);
  EXPECT_EQ(p.probe(from_hex("'RFB 003.8'"), kBack, Transport::tcp, false), Verdict::unsure);
  EXPECT_EQ(p.probe(from_hex("'RFB 003.00x' 0a"), kBack, Transport::tcp, true), Verdict::no);
  EXPECT_EQ(p.probe(from_hex("'RFC 6143'"), kBack, Transport::tcp, true), Verdict::no);
}

}  // namespace
}  // namespace nw::network
