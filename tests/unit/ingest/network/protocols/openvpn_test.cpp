#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
using Octets = std::vector<std::uint8_t>;

Octets golden(std::string_view name, std::string_view of = "openvpn") { return from_hex(Golden{of}(name).hex); }

Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// A control packet in the clear.
Octets control(bool by_client, std::uint8_t number, const Octets& tls, const Octets& wrapping = {}) {
  return from_hex(by_client ? "20 0102030405060708" : "20 1112131415161718") + wrapping +
         (by_client ? from_hex("01 00000000 1112131415161718") : Octets{0}) + Octets{0, 0, 0, number} + tls;
}

struct Flow {
  explicit Flow(Transport transport = Transport::udp) : analyzer{protocol("openvpn").make(transport)} {}
  FakeContext context{protocol("openvpn")};
  std::unique_ptr<Analyzer> analyzer;
  Flow& give(const Octets& datagram, Direction direction) {
    analyzer->datagram(datagram, direction, context);
    return *this;
  }
  Flow& finish() {
    analyzer->finish(context);
    return *this;
  }
  bool done() const { return analyzer->done(); }
  std::string get(const std::string& path, const std::string& field) const {
    const auto at = std::ranges::find(context.paths, path);
    return at == context.paths.end() ? "no event"
                                     : context.get(static_cast<std::size_t>(at - context.paths.begin()), field);
  }
};

TEST(Openvpn, FieldsOfGoldenFrames) {
  const struct {
    const char *name, *reset, *client, *server, *wrapping;
  } kCases[] = {
      {"client_reset", "P_CONTROL_HARD_RESET_CLIENT_V2", "0102030405060708", "-", "none"},
      {"server_reset", "-", "-", "1112131415161718", "none"},
      {"client_reset_hmac", "P_CONTROL_HARD_RESET_CLIENT_V2", "0102030405060708", "-", "tls-auth"},
      {"client_reset_crypt", "P_CONTROL_HARD_RESET_CLIENT_V2", "0102030405060708", "-", "tls-crypt"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden(c.name), std::string_view{c.name} == "server_reset" ? kBack : kOut).finish();
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get("openvpn", "reset"), c.reset);
    EXPECT_EQ(flow.get("openvpn", "client_session_id"), c.client);
    EXPECT_EQ(flow.get("openvpn", "server_session_id"), c.server);
    EXPECT_EQ(flow.get("openvpn", "wrapping"), c.wrapping);
    EXPECT_EQ(flow.get("openvpn", "established"), "false");
  }
}

TEST(Openvpn, TlsWithin) {
  const Octets hmac = Octets(20, 0xaa) + from_hex("00000002 5f000000");
  const Octets hello = golden("client_hello_tls13", "ssl"), head{hello.begin(), hello.begin() + 100},
               tail{hello.begin() + 100, hello.end()};
  for (const bool wrapped : {false, true}) {
    SCOPED_TRACE(wrapped);
    const Octets& around = wrapped ? hmac : Octets{};
    Flow flow;
    flow.give(golden(wrapped ? "client_reset_hmac" : "client_reset"), kOut);
    if (!wrapped) flow.give(golden("server_reset"), kBack);
    // Out of order, one twice, an acknowledgement, then the rest.
    flow.give(control(true, 2, tail, around), kOut).give(control(true, 1, head, around), kOut);
    flow.give(control(true, 1, head, around), kOut);
    flow.give(from_hex("28 1112131415161718") + around + from_hex("01 00000001 0102030405060708"), kBack);
    flow.finish();
    EXPECT_EQ(flow.get("ssl", "server_name"), "plc.example");
    EXPECT_EQ(flow.get("ssl", "ssl_history"), "C");
    EXPECT_EQ(flow.get("openvpn", "server_session_id"), "1112131415161718");
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Openvpn, EndsWithTlsOrDataOrIds) {
  Flow tls;
  tls.give(golden("client_reset"), kOut).give(golden("server_reset"), kBack);
  tls.give(control(false, 1, from_hex("15 0301 0002 02 28")), kBack);
  EXPECT_TRUE(tls.done());
  EXPECT_EQ(tls.get("ssl", "last_alert"), "handshake_failure");
  EXPECT_EQ(tls.get("openvpn", "established"), "false");
  Flow data;
  data.give(golden("client_reset"), kOut).give(from_hex("48 000001 00000001 a0a1a2a3a4a5a6a7"), kOut);
  EXPECT_TRUE(data.done());
  EXPECT_EQ(data.get("openvpn", "established"), "true");
  Flow crypt;
  crypt.give(golden("client_reset_crypt"), kOut);
  EXPECT_FALSE(crypt.done());
  crypt.give(from_hex("40 1112131415161718 00000001 5f000000") + Octets(32 + 17, 7), kBack);
  EXPECT_TRUE(crypt.done());
  EXPECT_EQ(crypt.get("openvpn", "server_session_id"), "1112131415161718");
  EXPECT_EQ(crypt.context.events.size(), 1U);
}

TEST(Openvpn, OverTcp) {
  Flow flow{Transport::tcp};
  FakeStream out{*flow.analyzer, kOut, flow.context}, back{*flow.analyzer, kBack, flow.context};
  EXPECT_TRUE(out.feed(golden("client_reset_tcp")));
  EXPECT_TRUE(back.feed(from_hex("001a") + golden("server_reset")));
  flow.analyzer->gap(7, kOut, flow.context);
  EXPECT_TRUE(out.feed(from_hex("ffff 00")));  // anything: where a packet begins is not known any more
  EXPECT_EQ(out.waiting(), 0U);
  EXPECT_TRUE(back.feed(from_hex("000c 48 000001 00000001 a0a1a2a3")));
  EXPECT_TRUE(back.done());
  EXPECT_EQ(flow.get("openvpn", "established"), "true");
  Flow wrong{Transport::tcp};
  FakeStream garbage{*wrong.analyzer, kOut, wrong.context};
  EXPECT_FALSE(garbage.feed(from_hex("0003 ff0000")));
}

TEST(Openvpn, RefusesAndBounds) {
  const auto begin = [](Flow& flow) { flow.give(golden("client_reset"), kOut); };
  {
    Flow flow;
    begin(flow);
    flow.give(from_hex("20 0102030405060708 05 0000"), kOut);
    EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
    flow.give(from_hex("00"), kOut);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    flow.give(control(true, 1, Octets(4096, 1)), kOut);
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
    for (std::uint8_t i = 0; i < 9; ++i) flow.give(control(true, static_cast<std::uint8_t>(5 + i), {1}), kOut);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
    // What is sent again takes no second place.
    flow.give(control(true, 5, {1}), kOut);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  }
  // Numbers far ahead take none at all.
  {
    Flow flow;
    begin(flow);
    flow.give(control(true, 200, {1}), kOut);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  }
  // 256 control packets are looked at.
  Flow flow;
  for (unsigned i = 0; i < 255; ++i) begin(flow);
  EXPECT_FALSE(flow.done());
  begin(flow);
  EXPECT_TRUE(flow.done());
}

TEST(Openvpn, Probe) {
  const auto ask = [](const Octets& bytes, bool on_port, Transport transport = Transport::udp) {
    return protocol("openvpn").probe(bytes, kOut, transport, on_port);
  };
  for (const char* name : {"client_reset", "server_reset", "client_reset_hmac", "client_reset_crypt"})
    EXPECT_EQ(ask(golden(name), false), Verdict::yes) << name;
  EXPECT_EQ(ask(golden("client_reset_tcp"), false, Transport::tcp), Verdict::yes);
  EXPECT_EQ(ask(from_hex("000e 38 01"), false, Transport::tcp), Verdict::unsure);
  EXPECT_EQ(ask(from_hex("000e 20 01"), false, Transport::tcp), Verdict::no);
  EXPECT_EQ(ask(control(true, 1, {}), true), Verdict::yes);
  EXPECT_EQ(ask(control(true, 1, {}), false), Verdict::no);
  auto counted = golden("client_reset");
  counted.back() = 1;
  EXPECT_EQ(ask(counted, true), Verdict::no);
}

}  // namespace
}  // namespace nw::network
