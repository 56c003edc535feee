#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
using Octets = std::vector<std::uint8_t>;

Octets golden(std::string_view name) { return from_hex(Golden{"stun"}(name).hex); }

std::unique_ptr<FakeContext> read(const Octets& datagram, Direction direction = kOut) {
  auto context = std::make_unique<FakeContext>(protocol("stun"));
  protocol("stun").make(Transport::udp)->datagram(datagram, direction, *context);
  return context;
}

TEST(Stun, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<std::pair<const char*, const char*>> want;
  } kCases[] = {
      {"binding_request",
       {{"is_orig", "true"},
        {"trans_id", "0102030405060708090a0b0c"},
        {"method", "BINDING"},
        {"class", "REQUEST"},
        {"username", "evtj:h6vY"},
        {"software", "software"},
        {"mapped_address", "-"}}},
      {"binding_response",
       {{"class", "SUCCESS_RESPONSE"}, {"mapped_address", "192.0.2.1"}, {"mapped_port", "32853"}, {"username", "-"}}},
      {"allocate_error",
       {{"method", "ALLOCATE"},
        {"class", "ERROR_RESPONSE"},
        {"error_code", "401"},
        {"error_reason", "Unauthorized"},
        {"realm", "example.org"}}},
      {"classic_binding", {{"method", "BINDING"}, {"trans_id", "000102030405060708090a0b0c0d0e0f"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto context = read(golden(c.name));
    ASSERT_EQ(context->events.size(), 1U);
    for (const auto& [field, value] : c.want) EXPECT_EQ(context->get(0, field), value) << field;
    EXPECT_EQ(context->refused_total(), 0U);
  }
}

TEST(Stun, Addresses) {
  // The answer to an ALLOCATE with IPv6, a peer, and a method without a name.
  const auto six =
      read(from_hex("0103 0024 2112a442 0102030405060708090a0b0c"
                    "0016 0014 00 02 3113 010fabfa 010203040506070809 0a0b0d 0012 0008 00 01 2113 2112a443"),
           kBack);
  EXPECT_EQ(six->get(0, "is_orig"), "false");
  EXPECT_EQ(six->get(0, "relayed_address"), "201d:fb8::1");
  EXPECT_EQ(six->get(0, "relayed_port"), "4097");
  EXPECT_EQ(six->get(0, "peer_address"), "0.0.0.1");
  EXPECT_EQ(six->get(0, "peer_port"), "1");
  EXPECT_EQ(read(from_hex("0005 0000 2112a442 0102030405060708090a0b0c"))->get(0, "method"), "unknown-5");
  // A clear address counts only where there is no other; one of a family that nobody knows not at all.
  const auto clear =
      read(from_hex("0101 0018 2112a442 0102030405060708090a0b0c 0001 0008 00 01 8055 0a000001"
                    "0020 0008 00 03 a147 e112a643"));
  EXPECT_EQ(clear->get(0, "mapped_address"), "10.0.0.1");
  // Behind the draft's mixed address it does not count either.
  const auto draft =
      read(from_hex("0101 0018 2112a442 0102030405060708090a0b0c 8020 0008 00 01 a147 e112a643"
                    "0001 0008 00 01 8055 0a000001"));
  EXPECT_EQ(draft->get(0, "mapped_address"), "192.0.2.1");
}

TEST(Stun, Refuses) {
  Octets long_one = from_hex("0001 2000 2112a442 0102030405060708090a0b0c");
  long_one.resize(20 + 0x2000);
  const struct {
    const char* name;
    Octets datagram;
    DecodeError want;
    std::size_t events;
  } kCases[] = {
      {"cut", from_hex("0001 0004 2112a442 0102030405060708090a0b0c 0000"), DecodeError::truncated, 0},
      {"odd length", from_hex("0001 0003 2112a442 0102030405060708090a0b0c 000000"), DecodeError::bad_value, 0},
      {"too long", long_one, DecodeError::too_long, 0},
      {"attribute too long", from_hex("0001 0004 2112a442 0102030405060708090a0b0c 0006 ffff"), DecodeError::bad_value,
       1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto context = read(c.datagram);
    EXPECT_EQ(context->events.size(), c.events);
    EXPECT_EQ(context->refused_count(c.want), 1U);
    EXPECT_EQ(context->refused_total(), 1U);
  }
  // 64 attributes are read.
  Octets many = from_hex("0001 0108 2112a442 0102030405060708090a0b0c");
  for (unsigned i = 0; i < 64; ++i) many.insert(many.end(), {0x77, 0, 0, 0});
  for (const std::uint8_t octet : from_hex("0006 0004 'name'")) many.push_back(octet);
  EXPECT_EQ(read(many)->get(0, "username"), "-");
  many[3] = 4;
  many.erase(many.begin() + 20, many.begin() + 24);
  EXPECT_EQ(read(many)->get(0, "username"), "name");
}

TEST(Stun, SharesItsPorts) {
  const auto frame = std::ranges::find(kGoldenFrames, "dtls_client_hello", &GoldenFrame::name);
  ASSERT_NE(frame, kGoldenFrames.end());
  const auto hello = from_hex(frame->hex);
  FakeContext context{protocol("stun")};
  const auto analyzer = protocol("stun").make(Transport::udp);
  // RTP, TURN's channels and what is no DTLS are passed over; DTLS is told as `ssl`, and STUN goes on.
  for (const char* hex : {"80 60 0001", "4001 0000", "16 fefd 00"}) analyzer->datagram(from_hex(hex), kOut, context);
  EXPECT_TRUE(context.events.empty());
  analyzer->datagram(hello, kOut, context);
  analyzer->datagram(golden("binding_request"), kOut, context);
  // A fatal alert ends it, and it does not begin again.
  analyzer->datagram(from_hex("15 fefd 0000 000000000001 0002 02 28"), kBack, context);
  analyzer->datagram(hello, kOut, context);
  analyzer->finish(context);
  ASSERT_EQ(context.paths, (std::vector<std::string>{"stun", "ssl"}));
  EXPECT_EQ(context.get(1, "server_name"), "plc.example");
  EXPECT_EQ(context.get(1, "last_alert"), "handshake_failure");
  EXPECT_EQ(context.refused_total(), 0U);
  // One that is under way is told at the end.
  const auto another = protocol("stun").make(Transport::udp);
  another->datagram(hello, kOut, context);
  another->finish(context);
  EXPECT_EQ(context.events.size(), 3U);
}

TEST(Stun, OverTcp) {
  FakeContext context{protocol("stun")};
  const auto analyzer = protocol("stun").make(Transport::tcp);
  FakeStream stream{*analyzer, kOut, context};
  EXPECT_TRUE(stream.feed(golden("over_tcp")));
  ASSERT_EQ(context.events.size(), 2U);
  EXPECT_EQ(context.get(0, "method"), "ALLOCATE");
  EXPECT_EQ(context.get(1, "method"), "SEND");
  EXPECT_EQ(context.get(1, "class"), "INDICATION");
  EXPECT_FALSE(stream.feed(from_hex("c000 0000 00000000 00000000 00000000 00000000")));
  EXPECT_EQ(context.refused_total(), 1U);
}

// Over TCP nothing frames a message but its head.
TEST(Stun, OverTcpTheCookieIsAskedFor) {
  FakeContext context{protocol("stun")};
  const auto analyzer = protocol("stun").make(Transport::tcp);
  FakeStream stream{*analyzer, kOut, context};
  EXPECT_FALSE(stream.feed(from_hex("0001 0008 01020304 0102030405060708090a0b0c 0006 0004 'data'")));
  EXPECT_EQ(context.events.size(), 0U);
  EXPECT_EQ(context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Stun, TheLargestChannelDataFits) {
  FakeContext context{protocol("stun")};
  const auto analyzer = protocol("stun").make(Transport::tcp);
  Octets data = from_hex("4001 ffff");
  data.resize(4 + 65536);
  EXPECT_LE(data.size(), protocol("stun").stream_bytes_max);
  EXPECT_EQ(analyzer->stream(data, kOut, context), data.size());
  EXPECT_EQ(context.refused_total(), 0U);
}

TEST(Stun, FramedOverTcp) {
  FakeContext context{protocol("stun")};
  const auto analyzer = protocol("stun").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};
  EXPECT_TRUE(out.feed(golden("framed")));  // with RTP between the two
  // The other side is framed too, whatever it says first.
  const auto frame = std::ranges::find(kGoldenFrames, "dtls_client_hello", &GoldenFrame::name);
  auto hello = from_hex(frame->hex);
  hello.insert(hello.begin(), {static_cast<std::uint8_t>(hello.size() >> 8U), static_cast<std::uint8_t>(hello.size())});
  EXPECT_TRUE(back.feed(hello));
  analyzer->finish(context);
  ASSERT_EQ(context.paths, (std::vector<std::string>{"stun", "stun", "ssl"}));
  EXPECT_EQ(context.get(0, "username"), "a:bcd");
  EXPECT_EQ(context.get(1, "class"), "SUCCESS_RESPONSE");
  EXPECT_EQ(context.get(2, "server_name"), "plc.example");
  EXPECT_EQ(context.refused_total(), 0U);
}

TEST(Stun, Probe) {
  const auto ask = [](const Octets& bytes, bool on_port, Transport transport = Transport::udp) {
    return protocol("stun").probe(bytes, kOut, transport, on_port);
  };
  EXPECT_EQ(ask(golden("binding_request"), false), Verdict::yes);
  EXPECT_EQ(ask(golden("classic_binding"), true), Verdict::yes);
  EXPECT_EQ(ask(golden("classic_binding"), false), Verdict::no);
  EXPECT_EQ(ask(golden("over_tcp"), false, Transport::tcp), Verdict::yes);
  EXPECT_EQ(ask(from_hex("0003 0000 21"), false, Transport::tcp), Verdict::unsure);
  EXPECT_EQ(ask(golden("framed"), false, Transport::tcp), Verdict::yes);
  EXPECT_EQ(ask(from_hex("0020 0001 000c 2112"), false, Transport::tcp), Verdict::unsure);
  EXPECT_EQ(ask(from_hex("0021 0001 000c 2112a442"), false, Transport::tcp), Verdict::no);
  EXPECT_EQ(ask(from_hex("0020 0001 000c 2112a443"), false, Transport::tcp), Verdict::no);
  EXPECT_EQ(ask(from_hex("'GET /'"), true, Transport::tcp), Verdict::no);
  auto longer = golden("binding_request");
  longer.push_back(0);
  EXPECT_EQ(ask(longer, true), Verdict::no);
}

}  // namespace
}  // namespace nw::network
