#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"
#include "ingest/network/protocols/ordered_pieces.h"
#include "quic_sealed.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
constexpr std::uint32_t kV2 = 0x6b3343cf;
using Octets = std::vector<std::uint8_t>;

const Octets kFirst = from_hex("8394c8f03e515708"), kClient = from_hex("0a0b0c0d"),
             kServer = from_hex("f067a5502a4262b5");

// A client hello for plc.example that offers h3, and a server's answer.
const Octets kHello = from_hex(
    "01 000073 0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 0006 1301 1302 1303 01 00 0044"
    "0000 0010 000e 00 000b 'plc.example' 000a 0006 0004 001d 0017 000d 0006 0004 0403 0804"
    "0010 0005 0003 02 'h3' 002b 0003 02 0304 0033 0002 0000 0039 0002 0101");
const Octets kAnswer = from_hex(
    "02 000038 0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 1301 00 0010"
    "002b 0002 0304 0033 0006 001d 0002 0000");

Octets crypto(std::uint16_t offset, Bytes piece) {
  constexpr std::size_t kHead = 5;
  Octets out(kHead + piece.size());
  out[0] = 6;
  out[1] = static_cast<std::uint8_t>(0x40U | offset >> 8U);
  out[2] = static_cast<std::uint8_t>(offset);
  out[3] = static_cast<std::uint8_t>(0x40U | piece.size() >> 8U);
  out[4] = static_cast<std::uint8_t>(piece.size());
  std::ranges::copy(piece, out.begin() + kHead);
  return out;
}

Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

QuicSealing client(std::uint8_t number = 0, const Octets& first = kFirst) {
  QuicSealing how;
  how.first_destination = how.destination = first;
  how.source = kClient;
  how.number = number;
  return how;
}

QuicSealing server(std::uint8_t number = 0, const Octets& first = kFirst) {
  QuicSealing how = client(number, first);
  how.destination = kClient;
  how.source = kServer;
  how.by_client = false;
  return how;
}

const Octets kHandshake = from_hex("e0 00000001 04 0a0b0c0d 08 f067a5502a4262b5 15") + Octets(21, 7);
const Octets kOneRtt = Octets(30, 0x41);

struct Flow {
  explicit Flow(const std::vector<std::string>& only = {}) : context{protocol("quic"), only} {}
  FakeContext context;
  std::unique_ptr<Analyzer> analyzer = protocol("quic").make(Transport::udp);

  Flow& give(Bytes datagram, Direction direction) {
    analyzer->datagram(datagram, direction, context);
    context.time += std::chrono::milliseconds{1};
    return *this;
  }
  Flow& finish() {
    analyzer->finish(context);
    return *this;
  }
  bool done() const { return analyzer->done(); }
  // Of the `index`-th event of that type.
  std::string get(const std::string& path, const std::string& field, std::size_t index = 0) const {
    for (std::size_t i = 0; i < context.paths.size(); ++i)
      if (context.paths[i] == path && index-- == 0) return context.get(i, field);
    return "no event";
  }
  auto count(const std::string& path) const { return std::ranges::count(context.paths, path); }
};

std::string hex(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += "0123456789abcdef"[byte >> 4], out += "0123456789abcdef"[byte & 15];
  return out;
}

TEST(QuicKeys, AreThoseOfTheStandards) {
  const struct {
    const char* name;
    QuicSuite suite;
    const char *client_key, *client_iv, *client_header, *server_key, *server_iv, *server_header;
  } kCases[] = {
      {"RFC 9001 A.1", QuicSuite::v1, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
       "9f50449e04a0e810283a1e9933adedd2", "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e",
       "c206b8d9b9f0f37644430b490eeaa314"},
      {"RFC 9369 A.1", QuicSuite::v2, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
       "45b95e15235d6f45a6b19cbcb0294ba9", "82db637861d55e1d011f19ea71d5d2a7", "dd13c276499c0249d3310652",
       "edf6d05c83121201b436e16877593c3a"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto keys = quic_initial_keys(c.suite, kFirst);
    ASSERT_TRUE(keys);
    EXPECT_EQ(hex(keys->client.key), c.client_key);
    EXPECT_EQ(hex(keys->client.iv), c.client_iv);
    EXPECT_EQ(hex(keys->client.header), c.client_header);
    EXPECT_EQ(hex(keys->server.key), c.server_key);
    EXPECT_EQ(hex(keys->server.iv), c.server_iv);
    EXPECT_EQ(hex(keys->server.header), c.server_header);
  }
}

// RFC 9001 appendix A.3: a server's Initial packet, number 1.
TEST(QuicOpener, OpensThePacketOfTheStandard) {
  const auto bytes = from_hex(
      "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf7"
      "3c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f"
      "58891850abbdca3d20398c276456cbc42158407dd074ee");
  Bytes datagram{bytes};
  QuicPacket packet;
  ASSERT_FALSE(read_quic_packet(datagram, true, packet));
  EXPECT_EQ(packet.type, QuicPacketType::initial);
  EXPECT_TRUE(datagram.empty());
  const auto keys = quic_initial_keys(QuicSuite::v1, kFirst);
  QuicOpener opener;
  std::uint64_t largest = 0;
  const auto payload = opener.open(keys->server, packet, largest);
  ASSERT_TRUE(payload);
  EXPECT_EQ(largest, 1U);
  EXPECT_EQ(hex(payload->first(12)), "02000000000600405a020000");
  EXPECT_FALSE(opener.open(keys->client, packet, largest));
}

TEST(QuicPacket, NumbersAndVersions) {
  const struct {
    const char* hex;
    std::uint64_t want;
  } kNumbers[] = {
      {"25", 37}, {"7bbd", 15'293}, {"9d7f3e7d", 494'878'333}, {"c2197c5eff14e88c", 151'288'809'941'952'652}};
  for (const auto& c : kNumbers) {
    const auto bytes = from_hex(c.hex);
    ByteReader reader{bytes};
    EXPECT_EQ(read_quic_number(reader), c.want);
    EXPECT_TRUE(reader.ok() && reader.empty());
  }
  EXPECT_EQ(quic_version_name(1), "1");
  EXPECT_EQ(quic_version_name(kV2), "quicv2");
  EXPECT_EQ(quic_version_name(0xff00001d), "draft-29");
  EXPECT_EQ(quic_version_name(0xfaceb002), "mvfst (faceb002)");
  EXPECT_EQ(quic_version_name(0x10010000), "unknown-10010000");
  EXPECT_EQ(quic_suite(0xff000016), QuicSuite::draft22);
  EXPECT_EQ(quic_suite(0xff00001c), QuicSuite::draft23);
  EXPECT_EQ(quic_suite(0xff000022), QuicSuite::v1);
  EXPECT_FALSE(quic_suite(0xff000015));
  EXPECT_FALSE(quic_suite(0xff000023));
}

TEST(Quic, FieldsOfGoldenFrames) {
  const struct {
    const char *name, *version, *dcid, *client_id, *server_id, *history;
    bool hello;
  } kCases[] = {
      {"client_initial_v1", "1", "8394c8f03e515708", "0a0b0c0d", "-", "IS", true},
      {"client_initial_v2", "quicv2", "8394c8f03e515708", "0a0b0c0d", "-", "IS", true},
      {"client_initial_draft29", "draft-29", "8394c8f03e515708", "0a0b0c0d", "-", "IS", true},
      {"server_handshake", "1", "-", "-", "f067a5502a4262b5", "h", false},
      {"server_retry", "1", "-", "-", "-", "r", false},
      {"server_versions", "-", "-", "-", "-", "v", false},
      {"unknown_version", "unknown-1a2a3a4a", "8394c8f03e515708", "", "-", "U", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto frame = std::ranges::find_if(
        kGoldenFrames, [&](const GoldenFrame& f) { return f.protocol == "quic" && f.name == c.name; });
    ASSERT_NE(frame, kGoldenFrames.end());
    Flow flow;
    flow.give(from_hex(frame->hex), frame->direction).finish();
    EXPECT_EQ(flow.get("quic", "version"), c.version);
    EXPECT_EQ(flow.get("quic", "client_initial_dcid"), c.dcid);
    EXPECT_EQ(flow.get("quic", "client_scid"), c.client_id);
    EXPECT_EQ(flow.get("quic", "server_scid"), c.server_id);
    EXPECT_EQ(flow.get("quic", "history"), c.history);
    EXPECT_EQ(flow.get("quic", "server_name"), c.hello ? "plc.example" : "-");
    EXPECT_EQ(flow.get("quic", "client_protocol"), c.hello ? "h3" : "-");
    EXPECT_EQ(flow.count("ssl"), c.hello ? 1 : 0);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Quic, AHandshake) {
  Flow flow;
  const auto began = std::to_string(to_unix_nanoseconds(flow.context.time));
  flow.give(sealed_initial(client(), crypto(0, kHello)), kOut);
  // Coalesced: the answer, a handshake packet, and data of the server before the client's own.
  flow.give(sealed_initial(server(), from_hex("02 00 00 00 00") + crypto(0, kAnswer)) + kHandshake + kOneRtt, kBack);
  EXPECT_FALSE(flow.done());
  QuicSealing last = client(1);
  last.destination = kServer;
  flow.give(sealed_initial(last, from_hex("02 00 00 00 00")) + kHandshake, kOut);
  EXPECT_TRUE(flow.context.events.empty());
  flow.give(kOneRtt, kOut);
  EXPECT_TRUE(flow.done());
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get("quic", "history"), "ISishoIHO");
  EXPECT_EQ(flow.get("quic", "server_scid"), "f067a5502a4262b5");
  EXPECT_EQ(flow.get("quic", "ts"), began);
  EXPECT_EQ(flow.get("ssl", "ts"), began);
  EXPECT_EQ(flow.get("ssl", "version"), "TLSv13");
  EXPECT_EQ(flow.get("ssl", "cipher"), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(flow.get("ssl", "curve"), "x25519");
  EXPECT_EQ(flow.get("ssl", "server_name"), "plc.example");
  EXPECT_EQ(flow.get("ssl", "ssl_history"), "Cs");
  EXPECT_EQ(flow.get("ssl", "established"), "true");
  EXPECT_EQ(flow.get("ssl", "client_alpn"), "h3");
  EXPECT_EQ(flow.get("ssl", "ja4").substr(0, 10), "q13d0307h3");
  flow.give(kOneRtt, kOut).finish();
  EXPECT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Quic, AHelloInPiecesAndPackets) {
  const Bytes hello{kHello};
  // Backwards, overlapping, across packets and coalesced ones.
  Flow flow;
  flow.give(sealed_initial(client(0), crypto(60, hello.subspan(60))), kOut);
  flow.give(sealed_initial(client(1), crypto(20, hello.subspan(20, 50)) + crypto(10, hello.subspan(10, 5))) +
                sealed_initial(client(2), crypto(12, hello.subspan(12, 8)) + from_hex("01 00 00")),
            kOut);
  EXPECT_EQ(flow.count("quic"), 0);
  flow.give(sealed_initial(client(3), crypto(0, hello.first(11))), kOut).finish();
  EXPECT_EQ(flow.get("quic", "server_name"), "plc.example");
  EXPECT_EQ(flow.get("quic", "history"), "IIIIS");
  EXPECT_EQ(flow.count("ssl"), 1);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Quic, RetryBeginsAnotherEventButNotAnotherSession) {
  Flow flow;
  flow.give(sealed_initial(client(), crypto(0, kHello)), kOut);
  const auto retry = from_hex("f0 00000001 04 0a0b0c0d 08 f067a5502a4262b5 'token' 000102030405060708090a0b0c0d0e0f");
  flow.give(retry, kBack);
  EXPECT_EQ(flow.count("quic"), 1);
  flow.give(retry, kBack);
  flow.give(sealed_initial(client(1, kServer), crypto(0, kHello)), kOut);
  flow.give(sealed_initial(server(0, kServer), crypto(0, kAnswer)), kBack).finish();
  EXPECT_EQ(flow.get("quic", "history", 0), "ISr");
  EXPECT_EQ(flow.get("quic", "client_initial_dcid", 0), "8394c8f03e515708");
  EXPECT_EQ(flow.get("quic", "server_scid", 0), "-");
  EXPECT_EQ(flow.get("quic", "history", 1), "ISis");
  EXPECT_EQ(flow.get("quic", "client_initial_dcid", 1), "f067a5502a4262b5");
  EXPECT_EQ(flow.get("quic", "server_name", 1), "plc.example");
  EXPECT_EQ(flow.count("ssl"), 1);
  EXPECT_EQ(flow.get("ssl", "ssl_history"), "CCs");
}

TEST(Quic, OtherVersions) {
  {
    // RFC 9000 section 6: the client comes again.
    Flow flow;
    flow.give(from_hex("c0 1a2a3a4a 08 8394c8f03e515708 04 0a0b0c0d 00"), kOut);
    flow.give(from_hex("80 00000000 04 0a0b0c0d 08 8394c8f03e515708 00000001"), kBack);
    flow.give(sealed_initial(client(), crypto(0, kHello)), kOut).finish();
    EXPECT_EQ(flow.count("quic"), 1);
    EXPECT_EQ(flow.get("quic", "history"), "UvIS");
    EXPECT_EQ(flow.get("quic", "version"), "unknown-1a2a3a4a");
  }
  // RFC 9368 section 2.1: the server goes on in another one at once, with keys from the same id.
  Flow flow;
  flow.give(sealed_initial(client(), crypto(0, kHello)), kOut);
  QuicSealing other = server();
  other.version = kV2;
  flow.give(sealed_initial(other, crypto(0, kAnswer)), kBack).finish();
  EXPECT_EQ(flow.count("quic"), 1);
  EXPECT_EQ(flow.get("quic", "history"), "ISis");
  EXPECT_EQ(flow.get("quic", "version"), "1");
  EXPECT_EQ(flow.get("ssl", "version"), "TLSv13");
}

TEST(Quic, ClosedAndBegunAgain) {
  Flow flow;
  flow.give(sealed_initial(client(), crypto(0, kHello)), kOut);
  flow.give(sealed_initial(server(), from_hex("1c 4178 00 00")), kBack);
  EXPECT_EQ(flow.get("quic", "history"), "ISic");
  EXPECT_EQ(flow.count("ssl"), 1);
  // The server says it again, which is nothing new; then another connection uses the same ports.
  flow.give(sealed_initial(server(1), from_hex("1c 4178 00 00")), kBack);
  flow.give(sealed_initial(client(0, kClient), crypto(0, kHello)), kOut);
  flow.give(sealed_initial(client(0, kServer), crypto(0, kHello)), kOut).finish();
  EXPECT_EQ(flow.count("quic"), 3);
  EXPECT_EQ(flow.count("ssl"), 3);
  EXPECT_EQ(flow.get("quic", "history", 1), "IS");
  EXPECT_EQ(flow.get("quic", "client_initial_dcid", 2), "f067a5502a4262b5");
}

TEST(Quic, MidStreamAndOddPackets) {
  {
    // Data before the hello, garbage behind a packet, a client that the responder is.
    Flow flow;
    flow.give(from_hex("d0 00000001 08 8394c8f03e515708 04 0a0b0c0d 15") + Octets(21, 9), kOut);
    flow.give(sealed_initial(client(), crypto(0, kHello)) + Octets(40, 0), kOut).finish();
    EXPECT_EQ(flow.get("quic", "history"), "ZISX");
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
  {
    Flow flow;
    flow.give(sealed_initial(client(), crypto(0, kHello)), kBack);
    flow.give(sealed_initial(server(), crypto(0, kAnswer)), kOut).finish();
    EXPECT_EQ(flow.get("quic", "history"), "ISis");
    EXPECT_EQ(flow.get("ssl", "ssl_history"), "Cs");
  }
  // Of the server alone an Initial packet cannot be opened.
  Flow flow;
  flow.give(sealed_initial(server(), crypto(0, kAnswer)), kBack).finish();
  EXPECT_TRUE(flow.context.events.empty());
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Quic, Refuses) {
  auto wrong_tag = sealed_initial(client(), crypto(0, kHello));
  wrong_tag.back() ^= 1U;
  const struct {
    const char* name;
    Octets datagram;
    DecodeError want;
  } kCases[] = {
      {"wrong tag", wrong_tag, DecodeError::bad_value},
      {"no ids", from_hex("c0 00000001 08 00"), DecodeError::truncated},
      {"long id", from_hex("c0 00000001 15") + Octets(60, 0), DecodeError::too_long},
      {"no fixed bit", from_hex("80 00000001 00 00 00 15") + Octets(21, 0), DecodeError::bad_value},
      {"too short to be sealed", from_hex("c0 00000001 00 00 00 13") + Octets(19, 0), DecodeError::bad_value},
      {"length lies", from_hex("c0 00000001 00 00 00 7fff") + Octets(40, 0), DecodeError::truncated},
      {"token lies", from_hex("c0 00000001 00 00 ffffffffffffffff 14") + Octets(40, 0), DecodeError::truncated},
      {"retry without tag", from_hex("f0 00000001 00 00 'token'"), DecodeError::truncated},
      {"unknown frame", sealed_initial(client(), from_hex("08 00 00")), DecodeError::bad_value},
      {"crypto frame cut", sealed_initial(client(), from_hex("06 00 10 00")), DecodeError::bad_value},
      {"endless acknowledgement", sealed_initial(client(), from_hex("02 00 00 bfffffff")), DecodeError::bad_value},
      {"crypto too far ahead", sealed_initial(client(), from_hex("06 80010000 01 00")), DecodeError::limit},
      {"crypto without end", sealed_initial(client(), from_hex("06 ffffffffffffffff 01 00")), DecodeError::limit},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.datagram, kOut).finish();
    EXPECT_EQ(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    EXPECT_EQ(flow.count("ssl"), 0);
  }
}

TEST(Quic, Bounds) {
  {
    Flow flow;
    for (unsigned i = 0; i < 120; ++i) flow.give(kHandshake, kBack);
    EXPECT_EQ(flow.finish().get("quic", "history"), std::string(100, 'h'));
  }
  {
    // Packets that no key opens: after 32 the flow is left alone.
    Flow flow;
    const auto packet = sealed_initial(server(), crypto(0, kAnswer));
    for (unsigned i = 0; i < 31; ++i) flow.give(packet, kBack);
    EXPECT_FALSE(flow.done());
    EXPECT_TRUE(flow.give(packet, kBack).done());
    EXPECT_EQ(flow.context.refused_total(), 32U);
  }
  {
    // One side alone: after 32 of its packets the other is not waited for.
    Flow flow;
    flow.give(sealed_initial(client(), crypto(0, kHello)), kOut);
    for (unsigned i = 0; i < 31; ++i) flow.give(kOneRtt, kOut);
    EXPECT_FALSE(flow.done());
    EXPECT_TRUE(flow.give(kOneRtt, kOut).done());
    EXPECT_EQ(flow.get("quic", "history"), "ISO");
    EXPECT_EQ(flow.get("ssl", "established"), "false");
  }
}

TEST(OrderedPieces, Bounds) {
  const Octets bytes(OrderedPieces::kBytesMax + 1, 5);
  OrderedPieces pieces;
  EXPECT_TRUE(pieces.add(0, Bytes{bytes}.first(OrderedPieces::kBytesMax)));
  EXPECT_EQ(pieces.ready().size(), OrderedPieces::kBytesMax);
  EXPECT_FALSE(pieces.add(1, Bytes{bytes}.first(OrderedPieces::kBytesMax)));
  pieces.take();
  EXPECT_TRUE(pieces.ready().empty());
  EXPECT_TRUE(pieces.add(1, Bytes{bytes}.first(OrderedPieces::kBytesMax)));
  EXPECT_EQ(pieces.ready().size(), 1U);
  EXPECT_TRUE(pieces.add(0, Bytes{bytes}.first(7)));  // long done with
  pieces.clear();
  for (unsigned i = 0; i < OrderedPieces::kPiecesMax; ++i) EXPECT_TRUE(pieces.add(10 + 2 * i, Bytes{bytes}.first(1)));
  EXPECT_FALSE(pieces.add(5, Bytes{bytes}.first(1)));
  EXPECT_TRUE(pieces.ready().empty());
  // One that closes holes fits all the same.
  EXPECT_TRUE(pieces.add(0, Bytes{bytes}.first(200)));
  EXPECT_EQ(pieces.ready().size(), 200U);
}

// Pieces far ahead, empty or not, do not keep out what is in order.
TEST(OrderedPieces, WhatIsInOrderFits) {
  const Octets bytes(10, 5);
  OrderedPieces pieces;
  for (unsigned i = 0; i < 2 * OrderedPieces::kPiecesMax; ++i) EXPECT_TRUE(pieces.add(1000 + 2 * i, {}));
  for (unsigned i = 0; i < OrderedPieces::kPiecesMax; ++i) EXPECT_TRUE(pieces.add(1000 + 2 * i, Bytes{bytes}.first(1)));
  for (unsigned i = 0; i < 20; ++i) {
    EXPECT_TRUE(pieces.add(20 * i, bytes));
    EXPECT_FALSE(pieces.add(20 * i + 11, Bytes{bytes}.first(1)));
    EXPECT_TRUE(pieces.add(20 * i + 10, bytes));
    EXPECT_EQ(pieces.ready().size(), 20U);
    pieces.take();
  }
}

TEST(Quic, ProbeTakesNoLies) {
  const Protocol& p = protocol("quic");
  const auto ask = [&](Bytes bytes, bool on_port, Direction direction = kOut) {
    return p.probe(bytes, direction, Transport::udp, on_port);
  };
  QuicSealing full = client();
  full.bytes_min = kQuicInitialMin;
  EXPECT_EQ(ask(sealed_initial(full, crypto(0, kHello)), false), Verdict::yes);
  EXPECT_EQ(ask(sealed_initial(client(), crypto(0, kHello)), false), Verdict::no);  // a client must fill it up
  EXPECT_EQ(ask(sealed_initial(client(), crypto(0, kHello)), true), Verdict::yes);
  EXPECT_EQ(ask(sealed_initial(server(), crypto(0, kAnswer)), false, kBack), Verdict::yes);
  EXPECT_EQ(ask(kHandshake, false), Verdict::yes);
  EXPECT_EQ(ask(kOneRtt, true), Verdict::no);
  const auto unknown = from_hex("c0 1a2a3a4a 08 8394c8f03e515708 00 00"), rtp = from_hex("80 1a2a3a4a 00 00 00 00");
  EXPECT_EQ(ask(unknown, true), Verdict::yes);
  EXPECT_EQ(ask(unknown, false), Verdict::no);
  EXPECT_EQ(ask(rtp, true), Verdict::no);
  EXPECT_EQ(ask({}, true), Verdict::no);
}

}  // namespace
}  // namespace nw::network
