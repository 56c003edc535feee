#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
using Octets = std::vector<std::uint8_t>;

std::string golden(std::string_view name) { return std::string{Golden{"ssl"}(name).hex}; }

void append(Octets& out, std::size_t number, unsigned bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::uint8_t>(number >> (8 * bytes)));
}

Octets record(std::uint8_t type, const Octets& fragment, std::uint16_t epoch = 0) {
  Octets out{type, 0xfe, 0xfd};
  append(out, epoch, 2);
  append(out, 7, 6);
  append(out, fragment.size(), 2);
  out.insert(out.end(), fragment.begin(), fragment.end());
  return out;
}

// A record with one part of a message; the whole body by default.
Octets part(std::uint8_t type, std::uint16_t number, const Octets& body, std::size_t offset = 0,
            std::size_t size = std::string::npos) {
  size = std::min(size, body.size() - offset);
  Octets out{type};
  append(out, body.size(), 3);
  append(out, number, 2);
  append(out, offset, 3);
  append(out, size, 3);
  const auto from = body.begin() + static_cast<std::ptrdiff_t>(offset);
  out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(size));
  return record(22, out);
}

Octets body_of(std::string_view name) {
  const auto whole = from_hex(golden(name));
  return {whole.begin() + 25, whole.end()};
}

const Octets kSwitch = record(20, {1}), kFinished = record(22, Octets(40, 9), 1);

struct Flow {
  FakeContext context{protocol("ssl")};
  std::unique_ptr<Analyzer> analyzer = protocol("ssl").make(Transport::udp);
  Flow& give(Bytes datagram, Direction direction) {
    analyzer->datagram(datagram, direction, context);
    return *this;
  }
  Flow& finish() {
    analyzer->finish(context);
    return *this;
  }
  bool done() const { return analyzer->done(); }
  std::string get(const std::string& field) const { return context.get(0, field); }
};

TEST(Dtls, AHandshake) {
  Flow flow;
  flow.give(part(1, 0, body_of("dtls_client_hello")), kOut);
  flow.give(from_hex(golden("dtls_verify_request")), kBack);
  flow.give(from_hex(golden("dtls_client_hello")), kOut);
  flow.give(from_hex(golden("dtls_server_hello")), kBack);
  flow.give(part(14, 2, {}), kBack);
  auto last = part(16, 2, {1, 2});
  for (const Octets* more : {&kSwitch, &kFinished}) last.insert(last.end(), more->begin(), more->end());
  flow.give(last, kOut);
  flow.give(kSwitch, kBack);
  EXPECT_FALSE(flow.done());
  flow.give(kFinished, kBack);
  EXPECT_TRUE(flow.done());
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get("version"), "DTLSv12");
  EXPECT_EQ(flow.get("cipher"), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(flow.get("server_name"), "plc.example");
  EXPECT_EQ(flow.get("ssl_history"), "CvCsnGIi");
  EXPECT_EQ(flow.get("established"), "true");
  EXPECT_EQ(flow.get("resumed"), "false");
  EXPECT_EQ(flow.get("ja4").substr(0, 10), "dd2d020300");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Dtls, Version13) {
  Flow flow;
  flow.give(part(1, 0, body_of("dtls_client_hello")), kOut);
  flow.give(part(2, 0, body_of("dtls13_server_hello")), kBack);
  flow.give(from_hex("2e 0000 00"), kBack);
  flow.give(from_hex("2e 0000 00"), kOut);
  EXPECT_TRUE(flow.done());
  EXPECT_EQ(flow.get("version"), "DTLSv13");
  EXPECT_EQ(flow.get("ssl_history"), "Cs");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// RFC 9147 section 7: before there are keys acknowledgements are in the clear, in records of their own kind.
TEST(Dtls, Acknowledgements) {
  const Octets acknowledgement = record(26, from_hex("0010 0000000000000000 0000000000000000"));
  Flow flow;
  flow.give(part(1, 0, body_of("dtls_client_hello")), kOut);
  flow.give(acknowledgement, kBack);
  auto hello = acknowledgement;
  const Octets server = part(2, 0, body_of("dtls13_server_hello"));
  hello.insert(hello.end(), server.begin(), server.end());
  flow.give(hello, kBack);
  EXPECT_FALSE(flow.done());
  flow.give(from_hex("2e 0000 00"), kBack);
  flow.give(from_hex("2e 0000 00"), kOut);
  EXPECT_TRUE(flow.done());
  EXPECT_EQ(flow.get("version"), "DTLSv13");
  EXPECT_EQ(flow.get("ssl_history"), "Cs");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// RFC 9146 section 4: such a record is encrypted, and has the id before its length.
TEST(Dtls, ConnectionIds) {
  const auto sealed = from_hex("19 fefd 0001 000000000000 c0c1c2c3c4c5c6c7 0010 00112233445566778899aabbccddeeff");
  Flow flow;
  flow.give(part(1, 0, body_of("dtls_client_hello")), kOut);
  flow.give(from_hex(golden("dtls_verify_request")), kBack);
  flow.give(from_hex(golden("dtls_client_hello")), kOut);
  flow.give(from_hex(golden("dtls_server_hello")), kBack);
  flow.give(part(14, 2, {}), kBack);
  auto last = part(16, 2, {1, 2});
  last.insert(last.end(), kSwitch.begin(), kSwitch.end());
  last.insert(last.end(), sealed.begin(), sealed.end());
  flow.give(last, kOut);
  flow.give(kSwitch, kBack);
  EXPECT_FALSE(flow.done());
  flow.give(sealed, kBack);
  EXPECT_TRUE(flow.done());
  EXPECT_EQ(flow.get("ssl_history"), "CvCsnGIi");
  EXPECT_EQ(flow.get("established"), "true");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Dtls, PartsInAnyOrder) {
  const Octets hello = body_of("dtls_client_hello");
  Flow flow;
  // The next message, the end, the middle twice, the beginning, all of it again, something else on the same ports.
  flow.give(part(1, 0, hello, 70), kOut);
  flow.give(part(16, 1, {1}), kOut);
  flow.give(part(1, 0, hello, 20, 30), kOut).give(part(1, 0, hello, 30, 40), kOut);
  flow.give(from_hex("80 60 0001 00000000"), kOut);
  EXPECT_TRUE(flow.context.events.empty());
  flow.give(part(1, 0, hello, 0, 20), kOut).give(part(1, 0, hello), kOut).finish();
  EXPECT_EQ(flow.get("server_name"), "plc.example");
  EXPECT_EQ(flow.get("ssl_history"), "CG");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Dtls, RefusesAndBounds) {
  const Octets hello = body_of("dtls_client_hello");
  const Octets long_one(16 * 1024 + 1, 0);
  const auto joined = [](Octets left, const Octets& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
  };
  const struct {
    const char* name;
    Octets datagram;
    DecodeError want;
  } kCases[] = {
      {"record cut", from_hex("16 fefd 0000 000000000001 0061 01"), DecodeError::truncated},
      {"no version", from_hex("16 0303 0000 000000000001 0001 01"), DecodeError::bad_value},
      {"a version beyond", from_hex("16 ff00 0000 000000000001 0001 01"), DecodeError::bad_value},
      {"record too long", from_hex("16 fefd 0000 000000000001 ffff 01"), DecodeError::bad_value},
      {"part cut", record(22, from_hex("01 000055 0000 000000 000055 00")), DecodeError::truncated},
      {"part behind the end", record(22, from_hex("01 000001 0000 000001 000001 00")), DecodeError::bad_value},
      {"too long a message", part(1, 0, long_one, 0, 10), DecodeError::too_long},
      {"two lengths", joined(part(1, 0, hello, 0, 9), record(22, from_hex("01 000003 0000 000000 000001 00"))),
       DecodeError::bad_value},
      {"too far ahead", joined(part(1, 0, hello, 0, 9), part(16, 8, {1})), DecodeError::limit},
      {"no hello", part(1, 0, {1, 2}), DecodeError::truncated},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.datagram, kOut).finish();
    EXPECT_EQ(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
  }
  // Behind a message that is passed over the next is read.
  Flow flow;
  flow.give(part(11, 0, long_one, 0, 10), kOut).give(part(1, 1, hello), kOut).finish();
  EXPECT_EQ(flow.get("server_name"), "plc.example");
}

TEST(Dtls, Probe) {
  const auto ask = [](Bytes bytes) { return protocol("ssl").probe(bytes, kOut, Transport::udp, true); };
  EXPECT_EQ(ask(from_hex(golden("dtls_client_hello"))), Verdict::yes);
  EXPECT_EQ(ask(from_hex(golden("client_hello_tls13"))), Verdict::no);
  EXPECT_EQ(ask(part(20, 0, {1})), Verdict::no);
  EXPECT_EQ(ask(part(1, 8, {1})), Verdict::no);
  EXPECT_EQ(ask(kFinished), Verdict::no);
}

}  // namespace
}  // namespace nw::network
