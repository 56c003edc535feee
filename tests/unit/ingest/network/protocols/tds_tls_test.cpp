#include <algorithm>
#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

using Wire = std::vector<std::uint8_t>;

const Golden kTds{"tds"}, kSsl{"ssl"};
// What a client says behind the server's hello, and both in the end.
constexpr std::string_view kKeyExchange = "16 0303 0006  10 000002 0001", kSwitch = "14 0303 0001 01",
                           kFinished = "16 0303 0008 0000000000000000", kData = "17 0303 0004 00000000";

Wire bytes(const GoldenFrame& frame) { return from_hex(frame.hex); }
Wire joined(std::initializer_list<std::string_view> parts) {
  Wire out;
  for (const std::string_view part : parts) {
    const Wire more = from_hex(part);
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

Wire packet(std::uint8_t type, Bytes body) {
  const std::size_t size = body.size() + 8;
  Wire out{type, 1, static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size), 0, 0, 1, 0};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

// What the server says to a prelogin, with how much is to be encrypted.
Wire agreement(std::uint8_t encryption) {
  Wire out = from_hex("04 01 001a 0000 01 00  00 000b 0006  01 0011 0001  ff 10000fa3 0000");
  out.push_back(encryption);
  return out;
}

constexpr std::uint8_t kPrelogin = 0x12, kResponse = 4, kOfLogin = 0, kOfAll = 1;

struct Session : Play {
  explicit Session(std::uint8_t encryption) : Play{"tds", Transport::tcp} {
    give(kTds("prelogin"));
    give(agreement(encryption), kBack);
  }
  Session& wrapped(Bytes records, Direction direction = kOut, std::uint8_t type = kPrelogin) {
    give(packet(type, records), direction);
    return *this;
  }
  // The hellos, what the client answers, and both sides' first encrypted message.
  Session& shake(std::uint8_t server_type = kPrelogin) {
    wrapped(bytes(kSsl("client_hello_tls13")));
    wrapped(bytes(kSsl("server_hello_tls12")), kBack, server_type);
    wrapped(joined({kKeyExchange, kSwitch, kFinished}));
    return wrapped(joined({kSwitch, kFinished}), kBack, server_type);
  }
  [[nodiscard]] bool done() const { return out.done() || back.done(); }
  // The only event of its kind.
  [[nodiscard]] std::string of(std::string_view path, const char* field) const {
    EXPECT_EQ(std::ranges::count(context.paths, path), 1) << path;
    return get(static_cast<std::size_t>(std::ranges::find(context.paths, path) - context.paths.begin()), field);
  }
};

void expect_told(const Session& session) {
  EXPECT_EQ(session.of("ssl", "server_name"), "plc.example");
  EXPECT_EQ(session.of("ssl", "version"), "TLSv12");
  EXPECT_EQ(session.of("ssl", "established"), "true");
  EXPECT_EQ(session.of("ssl", "ssl_history"), "CsxknGIi");
  EXPECT_TRUE(session.of("ssl", "ja4").starts_with("t13d"));
  EXPECT_EQ(session.of("ssl", "cert_chain_fps"), session.of("x509", "fingerprint"));
  EXPECT_EQ(session.get(0, "cmd"), "prelogin");
  EXPECT_EQ(session.get(0, "encrypted"), "true");
  EXPECT_EQ(session.get(0, "server_version"), "16.0.4003");
  EXPECT_EQ(session.context.refused_total(), 0U);
}

TEST(TdsTls, OfAllThatFollows) {
  for (const std::uint8_t type : {kPrelogin, kResponse}) {
    Session session{kOfAll};
    session.shake(type);
    expect_told(session);
    EXPECT_TRUE(session.done());
    EXPECT_EQ(session.context.events.size(), 3U);
  }
}

TEST(TdsTls, OfTheLoginOnly) {
  Session session{kOfLogin};
  session.shake();
  expect_told(session);
  session.give(kData).give(kData);  // the login, in two records
  session.give(kTds("answer_login"));
  session.give(kTds("batch")).give(kTds("answer_rows"));
  session.end();
  ASSERT_EQ(session.context.events.size(), 5U);
  expect(session.context, 3,
         {{"cmd", "login"}, {"success", "true"}, {"integrated", "-"}, {"user", "-"}, {"server_version", "16.0.4003"}});
  expect(session.context, 4, {{"cmd", "batch"}, {"statement", "select 1"}, {"rows", "1"}});
  EXPECT_FALSE(session.done());
  EXPECT_EQ(session.context.refused_total(), 0U);
}

TEST(TdsTls, ALoginThatIsRefused) {
  Session session{kOfLogin};
  session.shake();
  session.give(kData).give(kTds("answer_refused"));
  expect(session.context, 3, {{"cmd", "login"}, {"success", "false"}, {"error_number", "18456"}});
}

// Two records in three packets, the first of which ends within a header.
TEST(TdsTls, RecordsNeedNotFitPackets) {
  Session session{kOfAll};
  const Wire hello = bytes(kSsl("client_hello_tls13")), answer = bytes(kSsl("server_hello_tls12"));
  session.wrapped(Bytes{hello}.first(3)).wrapped(Bytes{hello}.subspan(3, 100)).wrapped(Bytes{hello}.subspan(103));
  session.wrapped(Bytes{answer}.first(200), kBack).wrapped(Bytes{answer}.subspan(200), kBack);
  session.wrapped(joined({kKeyExchange, kSwitch, kFinished}));
  session.wrapped(joined({kSwitch, kFinished}), kBack);
  expect_told(session);
}

// The connection ends within the handshake.
TEST(TdsTls, WhatStaysOpenIsTold) {
  Session session{kOfAll};
  session.wrapped(bytes(kSsl("client_hello_tls13")));
  EXPECT_EQ(session.context.events.size(), 1U);
  session.end();
  EXPECT_EQ(session.of("ssl", "server_name"), "plc.example");
  EXPECT_EQ(session.of("ssl", "established"), "false");
}

TEST(TdsTls, NothingIsReadForNobody) {
  Session session{kOfAll};
  session.context.unwanted = "ssl";
  session.wrapped(bytes(kSsl("client_hello_tls13")));
  EXPECT_FALSE(session.done());  // certificates may be wanted
  Session other{kOfAll};
  other.context.unwanted = "tds";
  other.shake();
  EXPECT_TRUE(other.done());
  Session third{kOfLogin};
  third.context.unwanted = "tds";
  third.shake();
  third.give(kData);
  EXPECT_TRUE(third.done());
}

TEST(TdsTls, WhatIsNoTls) {
  Session session{kOfAll};
  session.wrapped(bytes(kSsl("client_hello_tls13")));
  EXPECT_FALSE(session.back.feed(packet(kPrelogin, from_hex("16 0903 0004 00000000"))));
  EXPECT_EQ(session.of("ssl", "server_name"), "plc.example");
  expect_refused(session.context, DecodeError::bad_value, 2);
  Session other{kOfLogin};
  other.shake();
  EXPECT_FALSE(other.out.feed(from_hex("17 0303 ffff")));
  expect_refused(other.context, DecodeError::bad_value, 3);
}

TEST(TdsTls, AGapWithinRecords) {
  Session session{kOfLogin};
  session.shake();
  session.analyzer->gap(10, kOut, session.context);
  session.give("17 0303 ffff 0000").give(kTds("batch")).give(kTds("answer_rows"));
  expect(session.context, 3, {{"cmd", "batch"}, {"rows", "1"}});
  // Lost on both sides, it cannot end otherwise.
  Session other{kOfAll};
  other.wrapped(bytes(kSsl("client_hello_tls13")));
  other.analyzer->gap(10, kOut, other.context);
  other.analyzer->gap(10, kBack, other.context);
  EXPECT_EQ(other.of("ssl", "server_name"), "plc.example");
  other.give(kData);
  EXPECT_TRUE(other.done());
}

}  // namespace
}  // namespace nw::network
