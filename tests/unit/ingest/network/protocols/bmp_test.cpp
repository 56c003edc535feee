#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"bmp"};

struct Bmp : Play {
  explicit Bmp(std::string_view hex = "") : Play{"bmp", Transport::tcp} { give(hex); }
};

std::string bmp_number(std::size_t value, int digits) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*zx ", digits, value);
  return text;
}
std::string bmp(unsigned type, const std::string& body) {
  return "03" + bmp_number(6 + from_hex(body).size(), 8) + bmp_number(type, 2) + body;
}
std::string inner(unsigned type, const std::string& body) {
  return std::string(32, 'f') + bmp_number(19 + from_hex(body).size(), 4) + bmp_number(type, 2) + body;
}
// The per-peer header of 198.51.100.`last`.
std::string peer(unsigned flags = 0, unsigned kind = 0, unsigned last = 7, unsigned distinguisher = 0) {
  return bmp_number(kind, 2) + bmp_number(flags, 2) + bmp_number(distinguisher, 16) + "000000000000000000000000c63364" +
         bmp_number(last, 2) + "0000fbf4 c6336407 65000000 00000000 ";
}
const std::string kLocal = "000000000000000000000000c0000201 00b3 c350 ";
std::string open(const std::string& parameters = "") {
  return inner(1, "04 fbf0 00b4 c0000201 " + bmp_number(from_hex(parameters).size(), 2) + parameters);
}
const std::string kPathIds = "02 06 45 04 0001 01 03";  // both takes and sends them
const std::string kPath = "0000 000d 40 01 01 00 40 02 06 02 01 0000fbf4 ";

TEST(Bmp, GoldenFields) {
  const GoldenFields frames[] = {
      {"router_introduces_itself",
       {{"msg_type", "OPEN"},
        {"sender", "192.0.2.1"},
        {"as", "64496"},
        {"peer", "198.51.100.7"},
        {"peer_as", "64500"},
        {"peer_router_id", "198.51.100.7"},
        {"rib_view", "-"},
        {"keepalives", "-"},
        {"length", "29"}}},
      {"monitoring",
       {{"msg_type", "UPDATE"},
        {"sender", "198.51.100.7"},
        {"peer", "198.51.100.7"},
        {"rib_view", "pre_policy"},
        {"announced", "1"},
        {"announced_prefixes", "192.0.2.0/24"},
        {"origin_as", "64500"},
        {"next_hop", "198.51.100.7"},
        {"down_reason", "-"}}},
      {"monitoring_ipv6",
       {{"sender", "2001:db8::7"}, {"announced_prefixes", "2001:db8::/32"}, {"rib_view", "post_policy"}}},
      {"peer_down",
       {{"msg_type", "NOTIFICATION"},
        {"sender", "198.51.100.7"},
        {"peer", "198.51.100.7"},
        {"error_name", "Cease"},
        {"down_reason", "remote_notification"}}},
      {"peer_down_silent",
       {{"msg_type", "PEER-DOWN"}, {"sender", "198.51.100.7"}, {"error_name", "-"}, {"down_reason", "remote_close"}}},
      {"mirroring", {{"msg_type", "UPDATE"}, {"announced_prefixes", "192.0.2.0/24"}}},
      {"statistics_and_update", {{"msg_type", "UPDATE"}}},
  };
  expect_all_golden_fields(kGolden, frames);
}

TEST(Bmp, BothOpensOfASession) {
  Bmp play{kGolden("router_introduces_itself").hex};
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1, {{"sender", "198.51.100.7"}, {"as", "64500"}, {"router_id", "198.51.100.7"}});
}

TEST(Bmp, WhatIsSeenOfTheRouter) {
  const struct {
    unsigned flags, kind;
    const char *view, *sender, *peer;
  } kCases[] = {
      {0x00, 0, "pre_policy", "198.51.100.7", "198.51.100.7"},
      {0x40, 0, "post_policy", "198.51.100.7", "198.51.100.7"},
      {0x10, 0, "out_pre_policy", "192.0.2.1", "198.51.100.7"},
      {0x50, 1, "out_post_policy", "192.0.2.1", "198.51.100.7"},
      {0x00, 3, "local", "192.0.2.1", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.view);
    Bmp play{bmp(0, peer(c.flags, c.kind) + inner(2, kPath + "18 c00002"))};
    expect(play.context, 0, {{"rib_view", c.view}, {"sender", c.sender}, {"peer", c.peer}});
  }
}

TEST(Bmp, OldNumbers) {
  Bmp play{bmp(0, peer(0x20) + inner(2, "0000 000b 40 01 01 00 40 02 04 02 01 fbf4 18 c00002"))};
  EXPECT_EQ(play.get(0, "origin_as"), "64500");
  // The router says which it is: nothing is guessed.
  play.give(bmp(0, peer() + inner(2, "0000 000b 40 01 01 00 40 02 04 02 01 fbf4 18 c00002")));
  EXPECT_EQ(play.get(1, "origin_as"), "-");
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Bmp, PathsWithNumbers) {
  Bmp play{bmp(3, peer() + kLocal + open(kPathIds) + open(kPathIds))};
  const std::string numbered = inner(2, kPath + "00000009 18 c00002"), plain = inner(2, kPath + "18 c00002");
  play.give(bmp(0, peer() + numbered));
  EXPECT_EQ(play.get(2, "announced_prefixes"), "192.0.2.0/24");
  // Another peer, or one of another network with the same address, agreed on nothing.
  play.give(bmp(0, peer(0, 0, 8) + plain)).give(bmp(0, peer(0, 0, 7, 1) + plain));
  EXPECT_EQ(play.get(3, "announced_prefixes"), "192.0.2.0/24");
  EXPECT_EQ(play.get(4, "announced_prefixes"), "192.0.2.0/24");
  // The next session does without.
  play.give(bmp(2, peer() + "04")).give(bmp(0, peer() + plain));
  EXPECT_EQ(play.get(6, "announced_prefixes"), "192.0.2.0/24");
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Bmp, SessionsAreBounded) {
  Bmp play;
  for (unsigned i = 0; i <= 1024; ++i) play.give(bmp(3, peer(0, 1, 7, i) + kLocal + open(kPathIds) + open(kPathIds)));
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  play.give(bmp(3, peer(0, 1, 7, 5) + kLocal + open(kPathIds) + open(kPathIds)));  // known: no further one
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
}

TEST(Bmp, WhySessionsEnd) {
  const struct {
    const char *reason, *name, *sender;
  } kCases[] = {
      {"02 0018", "local_event", "192.0.2.1"}, {"04", "remote_close", "198.51.100.7"},
      {"05", "deconfigured", "192.0.2.1"},     {"06 0003 0001 78", "local_close", "192.0.2.1"},
      {"09", "unknown-9", "192.0.2.1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bmp play{bmp(2, peer() + c.reason)};
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"msg_type", "PEER-DOWN"}, {"down_reason", c.name}, {"sender", c.sender}});
  }
  Bmp play{bmp(2, peer() + "01" + inner(3, "04 00"))};
  expect(play.context, 0,
         {{"msg_type", "NOTIFICATION"}, {"error_name", "Hold Timer Expired"}, {"sender", "192.0.2.1"}});
}

TEST(Bmp, RefusesAndGoesOn) {
  const struct {
    const char* name;
    std::string message;
  } kCases[] = {
      {"a header of a session that is cut", bmp(0, "00 00 0000")},
      {"a kind of peer that is none", bmp(0, peer(0, 4) + inner(2, kPath))},
      {"no BGP message", bmp(0, peer() + "0102")},
      {"a BGP message longer than this one", bmp(0, peer() + std::string(32, 'f') + "0100 02 00")},
      {"up without a second OPEN", bmp(3, peer() + kLocal + open())},
      {"up with something else", bmp(3, peer() + kLocal + open() + inner(4, ""))},
      {"up with an OPEN of no version", bmp(3, peer() + kLocal + inner(1, "00 fbf0 00b4 c0000201 00") + open())},
      {"down without a reason", bmp(2, peer())},
      {"down without its NOTIFICATION", bmp(2, peer() + "03")},
      {"down with a NOTIFICATION of nothing", bmp(2, peer() + "03" + inner(3, ""))},
      {"mirrored past its end", bmp(6, peer() + "0000 00ff 00")},
      {"mirrored, no BGP message", bmp(6, peer() + "0000 0001 00")},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bmp play{c.message};
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
    play.give(kGolden("monitoring").hex);
    EXPECT_EQ(play.get(play.context.events.size() - 1, "announced_prefixes"), "192.0.2.0/24");
    EXPECT_EQ(play.context.refused_total(), 1U);
  }
}

TEST(Bmp, WhatIsNoneEndsIt) {
  for (const char* hex : {"02 00000020 00", "03 00000005 00", "03 00030001 00", "03 00000020 07"}) {
    Play play{"bmp", Transport::tcp};
    EXPECT_EQ(play.analyzer->stream(from_hex(hex), kOut, play.context), Analyzer::kGiveUp) << hex;
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
  }
}

TEST(Bmp, AfterAGap) {
  Bmp play;
  play.analyzer->gap(100, kOut, play.context);
  play.give("03 00 ff 03 0000 04" + std::string{kGolden("monitoring").hex});
  EXPECT_EQ(play.get(0, "announced_prefixes"), "192.0.2.0/24");
  EXPECT_EQ(play.context.refused_total(), 1U);
  EXPECT_EQ(play.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Bmp, Probe) {
  const auto verdicts = [](const std::string& hex, Verdict anywhere, Verdict on_port) {
    SCOPED_TRACE(hex);
    expect_verdicts("bmp", from_hex(hex), kOut, Transport::tcp, anywhere, on_port);
  };
  verdicts(std::string{kGolden("router_introduces_itself").hex}, Verdict::yes, Verdict::yes);
  verdicts(std::string{kGolden("monitoring").hex}, Verdict::yes, Verdict::yes);
  verdicts(bmp(3, peer() + kLocal + open() + open()), Verdict::yes, Verdict::yes);
  verdicts(std::string{kGolden("peer_down").hex}, Verdict::no, Verdict::yes);
  verdicts(bmp(4, "0002 0004 72747231"), Verdict::no, Verdict::no);  // not what it is
  verdicts(bmp(4, "0001 0004 72747231 0002 00ff"), Verdict::no, Verdict::no);
  verdicts("03 00000016 04 0001", Verdict::unsure, Verdict::unsure);
  verdicts("03", Verdict::unsure, Verdict::unsure);
  verdicts("03 0000 16 11 e0 0000 0001 00 c1 02 0100 c2 02 0102 c0 01 0a", Verdict::no, Verdict::no);  // ISO transport
  verdicts(bmp(0, peer() + "0102030405060708090a0b0c0d0e0f10 0013 02"), Verdict::no, Verdict::no);
  verdicts(bmp(5, "0001 0002 0000"), Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
