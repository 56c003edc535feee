#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

const GoldenFrame& golden(std::string_view name) { return Golden{"rdp"}(name); }

struct Flow {
  FakeContext context{protocol("rdp")};
  std::unique_ptr<Analyzer> analyzer = protocol("rdp").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool give(const std::vector<std::uint8_t>& bytes, Direction direction) {
    return (direction == kOut ? out : back).feed(bytes);
  }
  bool give(std::string_view name) { return give(from_hex(golden(name).hex), golden(name).direction); }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(0, want.field), want.value) << want.field;
}

TEST(Rdp, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"request_with_cookie",
       {{"cookie", "alice"},
        {"offered_protocols", "SSL,HYBRID,HYBRID_EX"},
        {"restricted_admin", "true"},
        {"result", "-"},
        {"cert_count", "0"}}},
      {"request_with_token",
       {{"cookie", "-"},
        {"routing_token", "Cookie: msts=3640205228.15629.0000"},
        {"offered_protocols", "SSL,HYBRID"},
        {"restricted_admin", "false"}}},
      {"request_plain", {{"offered_protocols", "RDP"}, {"cookie", "-"}}},
      {"choice_hybrid", {{"security_protocol", "HYBRID"}, {"result", "encrypted"}, {"offered_protocols", "-"}}},
      {"choice_rdp", {{"security_protocol", "RDP"}, {"result", "-"}}},
      {"failure", {{"security_protocol", "-"}, {"result", "HYBRID_REQUIRED_BY_SERVER"}}},
      {"client_settings",
       {{"client_name", "B\u00dcRO-7"},
        {"client_dig_product_id", "12345-OEM"},
        {"client_build", "RDP 8.1"},
        {"keyboard_layout", "German - Switzerland"},
        {"desktop_width", "1920"},
        {"desktop_height", "1080"},
        {"requested_color_depth", "32bit"},
        {"client_channels", "rdpdr,cliprdr"}}},
      {"server_settings",
       {{"result", "Success"},
        {"encryption_method", "128bit"},
        {"encryption_level", "High"},
        {"cert_type", "RSA"},
        {"cert_count", "1"},
        {"cert_permanent", "true"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.name));
    flow.analyzer->finish(flow.context);
    ASSERT_EQ(flow.context.events.size(), 1U);
    expect(flow.context, c.want);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Rdp, AConnectionInTheClearIsOneEvent) {
  Flow flow;
  const std::string begun = std::to_string(to_unix_nanoseconds(flow.context.time));
  for (const char* name : {"request_with_cookie", "choice_rdp", "client_settings"}) {
    EXPECT_TRUE(flow.give(name));
    flow.context.time += std::chrono::milliseconds{1};
  }
  EXPECT_TRUE(flow.context.events.empty());
  EXPECT_TRUE(flow.give("server_settings"));
  EXPECT_TRUE(flow.back.done());
  EXPECT_FALSE(flow.back.anew());
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, {{"ts", begun.c_str()},
                        {"cookie", "alice"},
                        {"security_protocol", "RDP"},
                        {"result", "Success"},
                        {"keyboard_layout", "German - Switzerland"},
                        {"cert_type", "RSA"}});
}

TEST(Rdp, TlsTakesOver) {
  Flow flow;
  flow.give("request_with_cookie");
  auto bytes = from_hex(golden("choice_hybrid").hex);
  bytes.push_back(0x16);
  EXPECT_TRUE(flow.give(bytes, kBack));
  EXPECT_TRUE(flow.back.anew());
  EXPECT_EQ(flow.back.waiting(), 1U);
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, {{"cookie", "alice"}, {"security_protocol", "HYBRID"}, {"result", "encrypted"}});
}

TEST(Rdp, TlsTakesOverWhereTheChoiceWasNotSeen) {
  Flow flow;
  flow.give("request_with_cookie");
  EXPECT_TRUE(flow.give(from_hex("16 0303 0001"), kOut));
  EXPECT_TRUE(flow.out.anew());
  EXPECT_EQ(flow.out.waiting(), 5U);
  expect(flow.context, {{"security_protocol", "-"}, {"result", "encrypted"}});
}

TEST(Rdp, BehindAHoleItIsLookedAtAnew) {
  Flow flow;
  flow.give("request_with_cookie");
  flow.analyzer->gap(10, kBack, flow.context);
  EXPECT_TRUE(flow.give(from_hex("aabbcc"), kBack));
  EXPECT_TRUE(flow.back.anew());
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Rdp, ARefusalEndsTheConnection) {
  Flow flow;
  flow.give("request_with_cookie");
  EXPECT_TRUE(flow.give("failure"));
  EXPECT_TRUE(flow.back.done());
  EXPECT_EQ(flow.context.get(0, "result"), "HYBRID_REQUIRED_BY_SERVER");
}

// A second request once read its cookie where the first one's bytes had been.
TEST(Rdp, WhatWasSaidIsKeptBehindALaterMessage) {
  Flow flow;
  EXPECT_TRUE(flow.give("request_with_cookie"));
  EXPECT_TRUE(flow.give("request_plain"));
  EXPECT_TRUE(flow.give("request_plain"));
  flow.analyzer->finish(flow.context);
  expect(flow.context, {{"cookie", "alice"}});
}

// The byte that is changed, and what then becomes of a field.
TEST(Rdp, NumbersWithoutAName) {
  static constexpr struct {
    const char* name;
    std::size_t from_end;
    std::uint8_t byte;
    const char *field, *value;
  } kCases[] = {
      {"choice_hybrid", 4, 64, "security_protocol", "security_protocol-64"},
      {"choice_hybrid", 4, 1, "security_protocol", "SSL"},
      {"choice_hybrid", 4, 8, "security_protocol", "HYBRID_EX"},
      {"failure", 4, 9, "result", "failure_code-9"},
      {"server_settings", 36, 5, "encryption_method", "encryption_method-5"},
      {"server_settings", 32, 9, "encryption_level", "encryption_level-9"},
      {"server_settings", 16, 7, "cert_type", "cert_type-7"},
      {"server_settings", 13, 0x80, "cert_permanent", "false"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.value);
    Flow flow;
    auto bytes = from_hex(golden(c.name).hex);
    bytes[bytes.size() - c.from_end] = c.byte;
    flow.give(bytes, kBack);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.get(0, c.field), c.value);
  }
}

// Where the settings of the client's golden frame begin.
std::size_t core_of(const std::vector<std::uint8_t>& bytes) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return text.find("Duca") + 6 + 4;
}

TEST(Rdp, ClientsInOtherShapes) {
  static constexpr struct {
    std::size_t at;
    std::uint8_t byte;
    const char *field, *value;
  } kCases[] = {
      {14, 1, "keyboard_layout", "German - Switzerland (Best Guess for 67591)"},
      {12, 0xff, "keyboard_layout", "keyboard-2303"},
      {16, 0x81, "client_build", "client_build-9601"},
      {140, 0, "requested_color_depth", "24bit"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.value);
    Flow flow;
    auto bytes = from_hex(golden("client_settings").hex);
    bytes[core_of(bytes) + c.at] = c.byte;
    flow.give(bytes, kOut);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.get(0, c.field), c.value);
  }
}

TEST(Rdp, RefusesPackets) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"another version", "0200 0013 0e e0 0000 0000 00 01 00 0800 00000000"},
      {"too short", "0300 0006 01 e0"},
      {"longer than an opening message", "0300 4001 0e e0"},
      {"a head of nothing", "0300 0007 00 f0 80"},
      {"a head beyond the packet", "0300 0007 03 f0 80"},
      {"a request without its references", "0300 0008 03 e0 0000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_FALSE(flow.give(from_hex(c.hex), kOut));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  }
}

TEST(Rdp, RefusesWhatPacketsCarry) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"a cookie without end", "0300 001d 18 e0 0000 0000 00 'Cookie: mstshash=a'"},
      {"another line", "0300 0010 0b e0 0000 0000 00 'Cook' 0d"},
      {"parameters of ISO 8073", "0300 0016 11 e0 0000 0001 00 c0 01 0a c1 02 0100 c2 02 0102"},
      {"a negotiation of another length", "0300 0013 0e e0 0000 0000 00 01 00 0900 00000000"},
      {"an answer that is none", "0300 0013 0e d0 0000 0000 00 04 00 0800 00000000"},
      {"settings without MCS", "0300 000c 02 f0 80 7f65 02 0401"},
      {"settings of another key",
       "0300 0036 02 f0 80 7f66 2c 0a 01 00 02 01 00 30 06 020122 020102 04 1c 0005 00147c0001 14 14 760a 01 01 00 01 "
       "c0"
       " 00 'XXXX' 04 010c 0400 00 00"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(from_hex(c.hex), kOut));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  }
}

// The list's count lies; the block's length holds.
TEST(RdpBounds, Channels) {
  for (const std::uint8_t more : {std::uint8_t{0}, std::uint8_t{0xff}}) {
    Flow flow;
    auto bytes = from_hex(golden("client_settings").hex);
    bytes[bytes.size() - 25] = more;
    flow.give(bytes, kOut);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.get(0, "client_channels"), "rdpdr,cliprdr");
  }
}

TEST(RdpBounds, ChannelsThatAreTold) {
  for (const std::size_t count : {std::size_t{31}, std::size_t{32}}) {
    Flow flow;
    auto bytes = from_hex(golden("client_settings").hex);
    // The last block alone, and every length written anew.
    const auto be = [](std::size_t value) {
      return std::vector<std::uint8_t>{static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
    };
    const auto join = [](std::vector<std::uint8_t> head, const std::vector<std::uint8_t>& tail) {
      head.insert(head.end(), tail.begin(), tail.end());
      return head;
    };
    std::vector<std::uint8_t> list{static_cast<std::uint8_t>(count), 0, 0, 0};
    for (std::size_t i = 0; i < count; ++i) list = join(list, from_hex("'chan' 00000000 00000000"));
    const std::size_t block = list.size() + 4;
    list = join({0x03, 0xc0, static_cast<std::uint8_t>(block), static_cast<std::uint8_t>(block >> 8U)}, list);
    list = join(join(from_hex("00 08 00 10 00 01 c0 00 'Duca'"), be(0x8000U | list.size())), list);
    list = join(join(from_hex("00 05 00 14 7c 00 01"), be(0x8000U | list.size())), list);
    list = join(join({0x04, 0x82}, be(list.size())), list);
    list = join(from_hex("0400 0400 0101ff 3000 3000 3000"), list);
    list = join(join({0x7f, 0x65, 0x82}, be(list.size())), list);
    list = join(join(join({0x03, 0x00}, be(list.size() + 7)), {0x02, 0xf0, 0x80}), list);
    EXPECT_TRUE(flow.give(list, kOut));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.get(0, "client_channels").size(), 31U * 5 - 1);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count == 32 ? 1U : 0U);
  }
}

TEST(RdpBounds, PacketsUntilTheSidesAgree) {
  Flow flow;
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(flow.give(from_hex("0300 0008 02 f0 80 00"), kOut));
  EXPECT_FALSE(flow.out.done());
  EXPECT_TRUE(flow.give(from_hex("0300 0008 02 f0 80 00"), kOut));
  EXPECT_TRUE(flow.out.done());
  EXPECT_EQ(flow.context.events.size(), 1U);
}

TEST(RdpProbe, TellsItFromOthersOnTheSameLayers) {
  const auto& p = protocol("rdp");
  for (const GoldenFrame& frame : kGoldenFrames) {
    if (frame.protocol != "rdp") continue;
    EXPECT_EQ(p.probe(from_hex(frame.hex), frame.direction, Transport::tcp, false), Verdict::yes) << frame.name;
  }
  static constexpr struct {
    const char *name, *hex;
    Verdict off, on;
  } kCases[] = {
      {"S7comm's request", "0300 0016 11 e0 0000 0001 00 c0 01 0a c1 02 0100 c2 02 0102", Verdict::no, Verdict::no},
      {"S7comm's confirmation", "0300 0016 11 d0 0001 0002 00 c0 01 0a c1 02 0100 c2 02 0102", Verdict::no,
       Verdict::no},
      {"S7comm's data", "0300 0019 02 f0 80 32 01 0000 0200 0008 0000 f000 0001 0001 01e0", Verdict::no, Verdict::no},
      {"an old client's request", "0300 000b 06 e0 0000 0000 00", Verdict::no, Verdict::yes},
      {"a beginning", "0300 0013 0e", Verdict::unsure, Verdict::unsure},
      {"TLS", "16 0301 0100 01", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(p.probe(from_hex(c.hex), kOut, Transport::tcp, false), c.off) << c.name;
    EXPECT_EQ(p.probe(from_hex(c.hex), kOut, Transport::tcp, true), c.on) << c.name;
  }
}

}  // namespace
}  // namespace nw::network
