#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"
#include "ingest/network/protocols/http_message.h"
#include "unit/ingest/network/harness.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// A TCP flow of texts, a millisecond apart.
struct Flow {
  explicit Flow(std::string unwanted = "files") { context.unwanted = std::move(unwanted); }
  FakeContext context{protocol("http")};
  std::unique_ptr<Analyzer> analyzer = protocol("http").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool give(std::string_view text, Direction direction) {
    const bool alive = (direction == kOut ? out : back).feed(as_bytes(text));
    context.time += std::chrono::milliseconds{1};
    return alive;
  }
  bool ask(std::string_view text) { return give(text, kOut); }
  bool answer(std::string_view text) { return give(text, kBack); }
  void end() { analyzer->finish(context); }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << index << ": " << want.field;
}

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

std::vector<std::uint8_t> golden(std::string_view protocol, std::string_view name) {
  return from_hex(Golden{protocol}(name).hex);
}

TEST(Http, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> wants;
  } kCases[] = {
      {"get",
       {{"trans_depth", "1"},
        {"method", "GET"},
        {"host", "www.example.com"},
        {"uri", "/a b?c=1"},
        {"uri_raw", "/a%20b?c=1"},
        {"referrer", "http://example.com/"},
        {"version", "1.1"},
        {"user_agent", "probe/1.0"},
        {"origin", "http://example.com"},
        {"request_body_len", "0"},
        {"response_body_len", "0"},
        {"status_code", "-"},
        {"username", "-"},
        {"password", "-"},
        {"proxied", "-"},
        {"orig_mime_types", "-"}}},
      {"post", {{"method", "POST"}, {"request_body_len", "11"}, {"orig_mime_types", "text/json"}}},
      {"proxy",
       {{"uri", "http://user@www.example.com:8080/x"},
        {"uri_raw", "http://user@www.example.com:8080/x"},
        {"host", "www.example.com:8080"},
        {"username", "user"},
        {"password", "true"}}},
      {"basic", {{"username", "alice"}, {"password", "true"}}},
      {"connect", {{"method", "CONNECT"}, {"uri", "mail.example.com:25"}, {"version", "1.0"}}},
      {"folded", {{"user_agent", "one two three"}}},
      {"bare_lf", {{"host", "a"}, {"version", "1.1"}}},
      {"http_0_9", {{"uri", "/old"}, {"version", "0.9"}}},
      {"chunked_request", {{"request_body_len", "5"}, {"orig_mime_types", "application/x-gzip"}}},
      {"response",
       {{"method", "-"},
        {"status_code", "200"},
        {"status_msg", "OK"},
        {"response_body_len", "15"},
        {"resp_mime_types", "text/html"}}},
      {"response_chunked", {{"response_body_len", "14"}, {"resp_mime_types", "application/pdf"}}},
      {"response_to_end", {{"version", "1.0"}, {"response_body_len", "13"}, {"resp_mime_types", "text/plain"}}},
      {"response_not_modified", {{"status_code", "304"}, {"response_body_len", "0"}}},
      {"continue_then_created",
       {{"status_code", "201"}, {"status_msg", "Created"}, {"info_code", "100"}, {"info_msg", "Continue"}}},
      {"switching", {{"status_code", "101"}, {"info_code", "101"}}},
      {"compressed", {{"response_body_len", "35"}, {"resp_mime_types", "application/pdf"}}},
      {"compressed_bare", {{"response_body_len", "17"}, {"resp_mime_types", "application/pdf"}}},
      {"fields", {{"uri", "/up"}, {"orig_mime_types", "text/plain,application/pdf"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    for (const GoldenFrame& frame : kGoldenFrames) {
      if (frame.protocol != "http" || frame.name != c.name) continue;
      Flow flow;
      EXPECT_TRUE(flow.give(text_of(from_hex(frame.hex)), frame.direction));
      flow.end();
      ASSERT_EQ(flow.context.events.size(), 1U);
      expect(flow.context, 0, c.wants);
      EXPECT_EQ(flow.context.refused_total(), 0U);
    }
  }
}

TEST(Http, ProxiesAndPasswords) {
  Flow flow;
  flow.ask(
      "GET http://user:secret@h/x HTTP/1.1\r\nVia: 1.1 one\r\nX-Forwarded-For: 192.0.2.7\r\n"
      "Referer: http://a:hidden@b/\r\nAuthorization: basic  YWxpY2U6c2VjcmV0\r\n\r\n");
  flow.end();
  EXPECT_NE(flow.context.json.find("VIA -> 1.1 one"), std::string::npos);
  EXPECT_NE(flow.context.json.find("X-FORWARDED-FOR -> 192.0.2.7"), std::string::npos);
  EXPECT_EQ(flow.context.json.find("secret"), std::string::npos);
  EXPECT_EQ(flow.context.json.find("hidden"), std::string::npos);
  EXPECT_EQ(flow.context.json.find("c2VjcmV0"), std::string::npos);
  expect(flow.context, 0, {{"username", "alice"}, {"referrer", "http://a@b/"}});
}

TEST(Http, PairsRequestsWithResponsesInOrder) {
  Flow flow;
  flow.ask("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
  flow.answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
  flow.answer("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 0, {{"uri", "/1"}, {"status_code", "200"}, {"response_body_len", "3"}, {"trans_depth", "1"}});
  expect(flow.context, 1, {{"uri", "/2"}, {"status_code", "200"}, {"response_body_len", "0"}, {"trans_depth", "2"}});
  expect(flow.context, 2, {{"uri", "/3"}, {"status_code", "404"}, {"response_body_len", "0"}, {"trans_depth", "3"}});
  EXPECT_EQ(flow.context.get(0, "ts"), "1700000000000000000");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Http, ResponseBeforeTheRequestsBodyEnds) {
  Flow flow;
  flow.ask("POST / HTTP/1.1\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  flow.answer("HTTP/1.1 100 Continue\r\n\r\n");
  flow.ask("abcde");
  flow.answer("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(flow.context.events.empty());
  flow.ask("fghij");
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"status_code", "413"}, {"info_code", "100"}, {"request_body_len", "10"}});
}

// A client that hears that it may stop has sent less than it announced.
TEST(Http, ARequestsBodyThatStops) {
  Flow flow;
  flow.ask("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabcde");
  flow.answer("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  flow.ask("fg");
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"status_code", "413"}, {"request_body_len", "7"}});
}

TEST(Http, OneSideAlone) {
  Flow flow;
  flow.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  flow.answer("HTTP/1.1 204 No Content\r\n\r\n");
  flow.ask("GET /late HTTP/1.1\r\n\r\n");
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 0, {{"method", "-"}, {"status_code", "200"}, {"trans_depth", "1"}});
  expect(flow.context, 1, {{"method", "-"}, {"status_code", "204"}, {"trans_depth", "2"}});
  expect(flow.context, 2, {{"uri", "/late"}, {"status_code", "-"}, {"trans_depth", "3"}});
}

TEST(Http, AnotherProtocolBegins) {
  for (const auto& [request, response] :
       {std::pair{"CONNECT a:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n\x16\x03"},
        std::pair{"GET / HTTP/1.1\r\nUpgrade: tls\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n\x16\x03"}}) {
    Flow flow;
    flow.ask(request);
    flow.answer(response);
    EXPECT_TRUE(flow.back.anew());
    EXPECT_EQ(flow.back.waiting(), 2U);
    EXPECT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Http, AProxyThatRefusesGoesOnInHttp) {
  Flow flow;
  flow.ask("CONNECT a:443 HTTP/1.1\r\n\r\n");
  flow.answer("HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\n\r\n");
  flow.ask("CONNECT a:443 HTTP/1.1\r\nProxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n");
  flow.answer("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n\x16\x03");  // a length means nothing here
  EXPECT_TRUE(flow.back.anew());
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"status_code", "407"}});
  expect(flow.context, 1, {{"status_code", "200"}, {"username", "alice"}});
}

TEST(Http, ATunnelWhoseConsentWasNotSeen) {
  Flow flow;
  flow.ask("CONNECT a:443 HTTP/1.1\r\n\r\n");
  flow.ask("\x16\x03\x01");
  EXPECT_TRUE(flow.out.anew());
  EXPECT_EQ(flow.out.waiting(), 3U);
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// Through the whole decoder.
TEST(Http, TlsInAProxysTunnelIsDecoded) {
  Harness run{{}, protocols()};
  Connection connection{frames::v4(1, 40000), frames::v4(2, 3128)};
  for (const auto& frame : connection.handshake()) run.send(frame);
  run.send(connection.say(0, "CONNECT plc.example:443 HTTP/1.1\r\nHost: plc.example:443\r\n\r\n"));
  run.send(connection.say(1, "HTTP/1.1 200 Connection established\r\n\r\n"));
  run.send(connection.say(0, text_of(golden("ssl", "client_hello_tls13"))));
  run.send(connection.say(1, text_of(golden("ssl", "server_hello_tls13"))));
  run.finish();
  EXPECT_EQ(run.all("http", "method"), "CONNECT");
  EXPECT_EQ(run.all("http", "status_code"), "200");
  EXPECT_EQ(run.all("ssl", "server_name"), "plc.example");
  EXPECT_EQ(run.all("ssl", "version"), "TLSv13");
  EXPECT_EQ(run.all("conn", "service"), "http,ssl");
  EXPECT_TRUE(run.adds_up());
}

TEST(Http, Http09AnswersWithoutAHead) {
  Flow flow;
  flow.ask("GET /old\r\n");
  flow.answer("<html>hello");
  flow.answer("</html>");
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"version", "0.9"}, {"status_code", "-"}, {"response_body_len", "18"}, {"resp_mime_types", "text/html"}});
}

TEST(Http, BrokenMessages) {
  const struct {
    const char *name, *request, *response;
    DecodeError error;
    std::vector<Want> wants;
  } kCases[] = {
      {"a line that is no header",
       "GET / HTTP/1.1\r\nnonsense\r\nHost: a\r\n\r\n",
       "",
       DecodeError::bad_value,
       {{"host", "a"}}},
      {"length is no number",
       "",
       "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nabc",
       DecodeError::bad_value,
       {{"response_body_len", "3"}}},
      {"two lengths",
       "",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc",
       DecodeError::bad_value,
       {{"response_body_len", "3"}}},
      {"length beyond 2^63",
       "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n",
       "",
       DecodeError::bad_value,
       {{"method", "POST"}, {"request_body_len", "0"}}},
      {"chunk size is no number",
       "",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
       DecodeError::bad_value,
       {{"response_body_len", "0"}}},
      {"chunk size beyond 2^64",
       "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
       "",
       DecodeError::bad_value,
       {{"request_body_len", "0"}}},
      {"chunk without its end",
       "",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n",
       DecodeError::bad_value,
       {{"response_body_len", "2"}}},
      {"coding unknown",
       "",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, odd\r\n\r\nabcd",
       DecodeError::bad_value,
       {{"response_body_len", "4"}}},
      {"no message", "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n", DecodeError::bad_value, {{"status_code", "-"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask(c.request);
    flow.answer(c.response);
    flow.end();
    ASSERT_EQ(flow.context.events.size(), 1U);
    expect(flow.context, 0, c.wants);
    EXPECT_EQ(flow.context.refused_count(c.error), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
  }
}

TEST(Http, FindsTheNextMessageAfterABrokenOne) {
  Flow flow;
  flow.ask("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.get(1, "uri"), "/smuggled");
}

TEST(Http, MissingSpaces) {
  Flow flow;
  flow.ask("GET/a HTTP/1.0.8\r\nHost:a\r\n\r\n");
  flow.answer("HTTP/1.1200OK\r\nContent-Length:0\r\n\r\n");
  expect(flow.context, 0, {{"uri", "/a"}, {"host", "a"}, {"status_code", "200"}, {"status_msg", "OK"}});
}

TEST(Http, GapsInsideBodiesAreSkipped) {
  const struct {
    const char *name, *head, *after;
    std::uint64_t missing;
    const char* length;
  } kCases[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", "ij", 6, "10"},
      {"length, to its end", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", "", 8, "10"},
      {"chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nab", "ij\r\n0\r\n\r\n", 6, "10"},
      {"to the end", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab", "", 8, "10"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask("GET / HTTP/1.1\r\n\r\n");
    flow.answer(c.head);
    flow.analyzer->gap(c.missing, kBack, flow.context);
    flow.answer(c.after);
    const bool bounded = std::string_view{c.name} != "to the end";
    if (bounded) flow.answer("HTTP/1.1 500 Next\r\nContent-Length: 0\r\n\r\n");
    flow.end();
    EXPECT_EQ(flow.context.get(0, "response_body_len"), c.length);
    EXPECT_EQ(flow.context.get(0, "resp_mime_types"), "text/plain");
    if (bounded) {
      EXPECT_EQ(flow.context.get(1, "status_code"), "500");
    }
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Http, GapsInsideHeadsLookForTheNextStart) {
  Flow flow;
  flow.ask("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  flow.answer("HTTP/1.1 200 OK\r\nServer: x");
  flow.analyzer->gap(100, kBack, flow.context);
  flow.answer("the rest of a body\r\nthat nobody can place\r\n");
  flow.ask("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  flow.answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"uri", "/1"}, {"status_code", "200"}});
  expect(flow.context, 1, {{"uri", "/2"}, {"status_code", "404"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

// A response that was lost whole must not shift those behind it by one request.
TEST(Http, LostResponsesAreNotReplacedByLaterOnes) {
  Flow flow;
  flow.ask("GET /1 HTTP/1.1\r\n\r\n");
  flow.analyzer->gap(100, kBack, flow.context);
  flow.ask("GET /2 HTTP/1.1\r\n\r\n");
  flow.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"uri", "/1"}, {"status_code", "-"}});
  expect(flow.context, 1, {{"uri", "/2"}, {"status_code", "200"}});
}

TEST(Http, BodiesAreFiles) {
  Flow flow{""};
  flow.ask("PUT /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nok");
  flow.answer(
      "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"a b.pdf\"\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\n%PDF-\r\n");
  flow.answer("3\r\n1.4\r\n0\r\n\r\n");
  ASSERT_EQ(flow.context.paths, (std::vector<std::string>{"files", "files", "http"}));
  expect(flow.context, 0,
         {{"carrier", "HTTP"},
          {"is_orig", "true"},
          {"seen_bytes", "2"},
          {"total_bytes", "2"},
          {"mime_type", "text/plain"}});
  expect(flow.context, 1,
         {{"is_orig", "false"}, {"seen_bytes", "8"}, {"total_bytes", "-"}, {"filename", "a b.pdf"}, {"depth", "0"}});
  EXPECT_EQ(flow.context.get(2, "orig_fuids"), flow.context.get(0, "fuid"));
  EXPECT_EQ(flow.context.get(2, "resp_fuids"), flow.context.get(1, "fuid"));
  EXPECT_NE(flow.context.get(0, "fuid"), flow.context.get(1, "fuid"));
  expect(flow.context, 2, {{"resp_mime_types", "application/pdf"}});
}

TEST(HttpBounds, Lines) {
  const std::string exact(kHttpLineMax - std::string_view{"User-Agent: \r"}.size(), 'x');
  Flow flow;
  flow.ask("GET / HTTP/1.1\r\nUser-Agent: " + exact + "\r\n\r\n");
  flow.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(flow.context.get(0, "user_agent"), exact);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  // One that never ends is not waited for.
  flow.ask("GET / HTTP/1.1\r\nCookie: ");
  for (int i = 0; i < 100; ++i) {
    flow.ask(std::string(1000, 'c'));
    EXPECT_LE(flow.out.waiting(), kHttpLineMax);
  }
  flow.ask("\r\nHost: a\r\n\r\n");
  flow.end();
  EXPECT_EQ(flow.context.get(1, "host"), "a");
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
}

TEST(HttpBounds, RequestLine) {
  Flow flow;
  flow.ask("GET /" + std::string(2 * kHttpLineMax, 'u') + " HTTP/1.1\r\nHost: a\r\n\r\n");
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.get(0, "uri").size(), kHttpLineMax - 4);
  expect(flow.context, 0, {{"host", "a"}, {"version", "-"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
}

TEST(HttpBounds, TextOfAHead) {
  const std::string part(kHttpTextMax / 4, 'x');
  Flow flow;
  flow.ask("GET / HTTP/1.1\r\nReferer: " + part + "\r\n");
  for (int i = 0; i < 3; ++i) flow.ask(" " + part + "\r\n");
  flow.ask("\r\n");
  flow.end();
  EXPECT_LE(flow.context.get(0, "referrer").size(), kHttpTextMax + 16);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(HttpBounds, HeadersOfProxies) {
  Flow flow;
  std::string lines;
  for (std::size_t i = 0; i < kHttpProxiedMax + 1; ++i) lines += "Via: 1.1 p\r\n";
  flow.ask("GET / HTTP/1.1\r\n" + lines + "\r\n");
  flow.end();
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(HttpBounds, ExchangesThatWait) {
  Flow flow;
  for (int i = 0; i < 66; ++i) flow.ask("GET /" + std::to_string(i) + " HTTP/1.1\r\n\r\n");
  EXPECT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 2U);
  // The first two responses are of those that were told already.
  for (const char* code : {"200", "201", "202"})
    flow.answer(std::string{"HTTP/1.1 "} + code + " OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 2, {{"uri", "/2"}, {"status_code", "202"}});
}

TEST(HttpBounds, TextThatWaits) {
  Flow flow;
  for (int i = 0; i < 20; ++i) flow.ask("GET /" + std::string(8000, 'u') + " HTTP/1.1\r\n\r\n");
  EXPECT_GE(flow.context.events.size(), 10U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), flow.context.events.size());
}

TEST(HttpBounds, LookingForAMessage) {
  Flow flow;
  flow.ask("GET / HTTP/1.1\r\n\r\n");
  flow.analyzer->gap(1, kBack, flow.context);
  const std::string noise(64 * 1024, '\x01');
  int rounds = 0;
  while (rounds < 100 && flow.answer(noise)) ++rounds;
  EXPECT_EQ(rounds, 16);
  EXPECT_EQ(flow.context.events.size(), 1U);  // told before giving up
}

}  // namespace
}  // namespace nw::network
