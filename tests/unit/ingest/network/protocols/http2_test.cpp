#include "ingest/network/protocols/http2.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

const std::string kPreface = "'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' 000000 04 00 00000000";
const std::string kSettings = "000006 04 00 00000000 0003 00000064";
// GET http://www.example.com/, compressed; 200.
const std::string kGet = "828684418cf1e3c2e5f23a6ba0ab90f4ff", kOk = "88";

std::string hex(std::size_t number, int digits) {
  std::string out(static_cast<std::size_t>(digits), '0');
  for (std::size_t at = out.size(); at-- != 0; number /= 16) out[at] = "0123456789abcdef"[number % 16];
  return out;
}

// A frame around a payload, both in hex.
std::string frame(unsigned type, unsigned flags, unsigned stream, const std::string& payload) {
  return hex(from_hex(payload).size(), 6) + hex(type, 2) + hex(flags, 2) + hex(stream, 8) + payload;
}
std::string headers(unsigned stream, const std::string& block, unsigned flags = 5) {
  return frame(1, flags, stream, block);
}
std::string data(unsigned stream, const std::string& payload, unsigned flags = 1) {
  return frame(0, flags, stream, payload);
}

struct Flow {
  explicit Flow(std::string unwanted = "files") { context.unwanted = std::move(unwanted); }
  FakeContext context{protocol("http")};
  std::unique_ptr<Analyzer> analyzer = protocol("http").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool ask(const std::string& text) { return out.feed(from_hex(text)); }
  bool answer(const std::string& text) { return back.feed(from_hex(text)); }
  void end() { analyzer->finish(context); }
  // Both sides have begun.
  void begin() {
    ask(kPreface);
    answer(kSettings);
  }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << index << ": " << want.field;
}

TEST(Http2, AnExchange) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet));
  EXPECT_TRUE(flow.context.events.empty());
  flow.answer(headers(1, kOk, 4) + data(1, "'hello'"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"trans_depth", "1"},
          {"stream_id", "1"},
          {"method", "GET"},
          {"host", "www.example.com"},
          {"uri", "/"},
          {"version", "2"},
          {"status_code", "200"},
          {"status_msg", "-"},
          {"request_body_len", "0"},
          {"response_body_len", "5"},
          {"resp_mime_types", "text/plain"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Http2, StreamsAreInterleaved) {
  Flow flow{""};
  flow.begin();
  flow.ask(headers(1, kGet) + headers(3, "82 86 84 be 0f 2b 01 'p'"));  // the second with a user agent
  flow.answer(headers(3, "8d", 4) + headers(1, kOk, 4) + data(3, "'thr'", 0) + data(1, "'one'", 0));
  flow.answer(data(3, "'ee'") + data(1, ""));
  ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"files", "http", "files", "http"}));
  expect(flow.context, 0, {{"seen_bytes", "5"}, {"carrier", "HTTP"}});
  expect(flow.context, 1, {{"stream_id", "3"}, {"trans_depth", "2"}, {"status_code", "404"}, {"user_agent", "p"}});
  expect(flow.context, 3, {{"stream_id", "1"}, {"trans_depth", "1"}, {"response_body_len", "3"}, {"user_agent", "-"}});
}

TEST(Http2, InAnyPieces) {
  const std::string client = kPreface +
                             headers(1,
                                     "82868441"
                                     "8cf1e3c2e5f23a6ba0ab90f4ff",
                                     4) +
                             data(1, "'abc'");
  Flow flow;
  for (const std::uint8_t byte : from_hex(client)) EXPECT_TRUE(flow.out.feed(Bytes{&byte, 1}));
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.answer(kSettings + headers(1, kOk));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"method", "GET"}, {"request_body_len", "3"}});
}

TEST(Http2, HeadersOverSeveralFrames) {
  Flow flow;
  flow.begin();
  // Padding, a priority, half the block; then the rest in two.
  flow.ask(frame(1, 0x29, 1, "03 00000000 10 8286 000000") + frame(9, 0, 1, "84418cf1e3c2") +
           frame(9, 4, 1, "e5f23a6ba0ab90f4ff"));
  flow.answer(headers(1, kOk));
  expect(flow.context, 0, {{"host", "www.example.com"}, {"status_code", "200"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Http2, PaddedBodies) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet));
  flow.answer(headers(1, kOk, 4) + data(1, "02 'abc' 0000", 8) + data(1, "03 000000", 8) + data(1, "00", 9));
  expect(flow.context, 0, {{"response_body_len", "3"}});
}

TEST(Http2, InterimResponsesAndTrailers) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet, 4) + data(1, "'a'"));
  flow.answer(headers(1, "48 03 '100'", 4) + headers(1, kOk, 4) + data(1, "'b'", 0) + headers(1, "00 01 'x' 01 'y'"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"info_code", "100"}, {"status_code", "200"}, {"response_body_len", "1"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Http2, StreamsThatDoNotEnd) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet) + headers(3, "828684be"));
  flow.answer(frame(3, 0, 1, "00000008"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"stream_id", "1"}, {"status_code", "-"}});
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1, {{"stream_id", "3"}});
}

TEST(Http2, AResponseThatCrossesAReset) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet) + frame(3, 0, 1, "00000008"));
  flow.answer(headers(1, kOk, 4) + data(1, "'late'"));
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"stream_id", "1"}, {"method", "GET"}, {"status_code", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Http2, PromisedResponses) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet));
  flow.answer(frame(5, 4, 1, "00000002" + kGet) + headers(1, kOk) + headers(2, kOk));
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1, {{"stream_id", "2"}, {"method", "GET"}, {"status_code", "200"}});
}

TEST(Http2, BehindAnUpgrade) {
  Flow flow;
  flow.ask("'GET /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n'");
  flow.answer("'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n' " + kSettings + headers(1, kOk, 4));
  flow.ask(kPreface + headers(3, kGet));
  flow.answer(data(1, "'x'") + headers(3, "8d"));
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 0, {{"version", "1.1"}, {"status_code", "101"}, {"uri", "/up"}, {"stream_id", "-"}});
  expect(flow.context, 1,
         {{"version", "2"}, {"status_code", "200"}, {"uri", "/up"}, {"stream_id", "1"}, {"host", "a"}});
  expect(flow.context, 2, {{"version", "2"}, {"status_code", "404"}, {"stream_id", "3"}, {"trans_depth", "3"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Http2, SecretsStay) {
  Flow flow;
  flow.begin();
  // An authority with a password, and Basic credentials.
  flow.ask(headers(1, "828684 41 10 'user:secret@host' 0f 08 1a 'Basic YWxpY2U6c2VjcmV0' 20202020"));
  flow.end();
  expect(flow.context, 0, {{"host", "user@host"}, {"password", "true"}, {"username", "alice"}});
  EXPECT_EQ(flow.context.json.find("secret"), std::string::npos);
  EXPECT_EQ(flow.context.json.find("YWxpY2U6"), std::string::npos);
}

TEST(Http2, GapsInsideBodiesAreSkipped) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet));
  flow.answer(headers(1, kOk, 4) + "00000a 00 01 00000001 'ab'");
  flow.analyzer->gap(8, kBack, flow.context);
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"response_body_len", "10"}});
  flow.ask(headers(3, "828684be"));
  flow.answer(headers(3, kOk));
  EXPECT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Http2, ElsewhereAGapEndsADirection) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet));
  flow.analyzer->gap(8, kBack, flow.context);
  EXPECT_TRUE(flow.answer(headers(1, kOk)));
  flow.ask(headers(3, "828684be"));
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1, {{"stream_id", "3"}, {"method", "GET"}, {"status_code", "-"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Http2, BrokenFrames) {
  const struct {
    const char* name;
    std::string frames;
  } kCases[] = {
      {"a body of no stream", data(0, "'a'")},
      {"headers of no stream", headers(0, kGet)},
      {"another frame within a block", frame(1, 0, 1, "82") + data(1, "'a'")},
      {"another stream within a block", frame(1, 0, 1, "82") + frame(9, 4, 3, "86")},
      {"a block that goes on without a beginning", frame(9, 4, 1, "82")},
      {"padding longer than the body", data(1, "05 'ab'", 9)},
      {"padding of an empty body", data(1, "", 9)},
      {"padding longer than the head", headers(1, "09 82", 0x0d)},
      {"half a priority", headers(1, "0000", 0x25)},
      {"a block that is broken", headers(1, "80")},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.begin();
    EXPECT_TRUE(flow.ask(c.frames + headers(5, kGet)));  // what follows is not read
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    EXPECT_EQ(flow.out.waiting(), 0U);
    EXPECT_FALSE(flow.answer(headers(0, kOk)));  // both sides are broken
  }
}

TEST(Http2, AServerThatOnlySpeaksOlderVersions) {
  Flow flow;
  flow.ask(kPreface + headers(1, kGet));
  EXPECT_TRUE(flow.answer("'HTT'"));
  EXPECT_TRUE(flow.answer("'P/1.1 400 Bad Request\r\n\r\n'"));
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Http2Bounds, ABlock) {
  const std::string part(2 * 16384, '0');  // an index of nothing, but that shows only at the end
  Flow flow;
  flow.begin();
  flow.ask(frame(1, 0, 1, part) + frame(9, 0, 1, part) + frame(9, 0, 1, part) + frame(9, 0, 1, part));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  flow.ask(frame(9, 0, 1, "00"));
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
}

TEST(Http2, AnAuthorityGoesBeforeAHost) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, "828684 01 01 'a' 0f 17 01 'b'") + headers(3, "828684 0f 17 01 'b'") + headers(5, "82 82 8684"));
  flow.end();
  expect(flow.context, 0, {{"host", "a"}});
  expect(flow.context, 1, {{"host", "b"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);  // two methods
}

// Eleven headers of 4 KiB.
TEST(Http2Bounds, TextOfAHead) {
  Flow flow;
  flow.begin();
  std::string block = "82 0f 2b 7f a11f '" + std::string(4000 + 128, 'u') + "'";
  for (int i = 0; i < 10; ++i) block += " 40 03 'via' 7f a11f '" + std::string(4000 + 128, 'v') + "'";
  flow.ask(headers(1, block));
  flow.end();
  EXPECT_LE(flow.context.get(0, "proxied").size() + flow.context.get(0, "user_agent").size(), kHttpTextMax + 256);
  EXPECT_GE(flow.context.refused_count(DecodeError::limit), 1U);
}

// The requests are small; it is their answers that grow, while no other request comes.
TEST(Http2Bounds, TextOfAnswers) {
  Flow flow;
  flow.begin();
  constexpr unsigned kStreams = 20;
  for (unsigned i = 0; i < kStreams; ++i) flow.ask(headers(2 * i + 1, i == 0 ? kGet : "828684be"));
  const std::string via = "88 0f 2d 7f a11f '" + std::string(4000 + 128, 'v') + "'";
  for (unsigned i = 0; i < kStreams; ++i) flow.answer(headers(2 * i + 1, via, 4));
  // All but the newest fifteen or so were told, the oldest first, each with its answer.
  const std::size_t told = flow.context.events.size();
  EXPECT_EQ(told, kStreams - HttpExchanges::kOpenBytesMax / 4200);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), told);
  expect(flow.context, 0, {{"stream_id", "1"}, {"status_code", "200"}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), kStreams);
}

TEST(Http2Bounds, OpenStreams) {
  Flow flow;
  flow.begin();
  flow.ask(headers(1, kGet));
  for (unsigned i = 1; i <= HttpExchanges::kOpenMax; ++i) flow.ask(headers(2 * i + 1, "828684be"));
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  flow.answer(headers(1, kOk));  // the first was told already; the second makes way for its answer
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.context.get(1, "stream_id"), "3");
  expect(flow.context, 2, {{"stream_id", "1"}, {"method", "-"}, {"status_code", "200"}});
}

TEST(Http2Probe, Verdicts) {
  const struct {
    const char* hex;
    Verdict verdict;
  } kCases[] = {
      {"'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'", Verdict::yes},
      {"'PRI * HTTP/2.0\r\n'", Verdict::unsure},
      {"'PRI * HTTP/2.0\r\n\r\nSN'", Verdict::no},
      {"000006 04 00 00000000 0003 00000064", Verdict::yes},
      {"000006 04 00 00000000", Verdict::unsure},
      {"000006 04 00 00000000 0000", Verdict::no},
      {"000006 04 00 00000000 0010", Verdict::no},
      {"000000 04 00 00000000", Verdict::no},
      {"000007 04 00 00000000", Verdict::no},
      {"000006 04 01 00000000", Verdict::no},
      {"000006 01", Verdict::no},
      {"'GET'", Verdict::no},
  };
  for (const auto& c : kCases) EXPECT_EQ(http2_probe(from_hex(c.hex)), c.verdict) << c.hex;
}

}  // namespace
}  // namespace nw::network
