#include <zlib.h>

#include "unit/ingest/logs/transports/http_test_support.h"

namespace nw::logs {
namespace {

namespace http = boost::beast::http;
using Got = std::vector<std::string>;
using std::chrono::milliseconds;

const std::string kNdjson = "Content-Type: application/x-ndjson\r\n", kJson = "Content-Type: application/json\r\n";

std::string gzip(const std::string& text) {
  z_stream state{};
  EXPECT_EQ(::deflateInit2(&state, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string in = text, out(::deflateBound(&state, text.size()) + 64, '\0');
  state.next_in = reinterpret_cast<Bytef*>(in.data());
  state.avail_in = static_cast<uInt>(in.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - state.avail_out);
  ::deflateEnd(&state);
  return out;
}

TEST(Http, EachEndpoint) {
  HttpBench bench;
  HttpClient client{bench};
  EXPECT_EQ(client.ask(request("POST /ingest", "{\"a\":1}\n{\"a\":2}\n", kNdjson)), 200U);
  EXPECT_EQ(client.answer().body(), "{\"accepted\":2}");
  EXPECT_EQ(client.ask(request("POST /", "[{\"a\":3}]", kJson)), 200U);
  EXPECT_EQ(client.ask(request("POST /x/_bulk", "{\"create\":{}}\n{\"a\":4}\n{\"delete\":{}}\n", kNdjson)), 200U);
  EXPECT_NE(client.answer().body().find("\"errors\":true"), std::string::npos);
  EXPECT_EQ(client.answer()["X-Elastic-Product"], "Elasticsearch");
  EXPECT_EQ(
      client.ask(request("POST /v1/logs",
                         R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]})", kJson)),
      200U);
  EXPECT_EQ(client.answer().body(), "{}");
  EXPECT_EQ(client.answer()[http::field::content_type], "application/json");
  EXPECT_EQ(bench.lines.all, (Got{"{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}", "{\"message\":\"a\"}"}));
  EXPECT_EQ(bench.lines.peer->to_string(), "127.0.0.1");
  EXPECT_EQ(client.ask(request("GET /health")), 200U);
  EXPECT_EQ(client.ask(request("GET /")), 200U);
  EXPECT_NE(client.answer().body().find("\"number\":\"8."), std::string::npos);
  ASSERT_TRUE(client.send(request("HEAD /")));
  EXPECT_EQ(client.read(true), 200U);
  EXPECT_EQ(client.answer()["X-Elastic-Product"], "Elasticsearch");
  EXPECT_EQ(client.ask(request("PUT /_template/x", std::string(100'000, ' '))), 200U);
  EXPECT_EQ(client.ask(request("GET /nothing/here")), 404U);
  EXPECT_EQ(client.ask(request("GET /v1/logs")), 405U);
  EXPECT_EQ(client.answer()[http::field::allow], "POST");
  EXPECT_EQ(client.ask(request("POST /v1/logs", "\x0a", "Content-Type: application/x-protobuf\r\n")), 415U);
  EXPECT_NE(client.answer().body().find("encoding: json"), std::string::npos);
  const TransportCounters counters = bench.counters();
  EXPECT_EQ(counters.connections, 1U);  // all on one
  EXPECT_EQ(counters.lines, 5U);
  EXPECT_EQ(counters.acknowledged, 5U);
  EXPECT_EQ(counters.rejected, 3U);
}

TEST(Http, PipelinedChunkedAndExpected) {
  HttpBench bench;
  HttpClient client{bench};
  ASSERT_TRUE(client.send(request("POST /ingest", "one") + request("GET /health") + request("POST /ingest", "two")));
  EXPECT_EQ(client.read(), 200U);
  EXPECT_EQ(client.read(), 200U);
  EXPECT_EQ(client.answer().body(), "{\"status\":\"ok\"}");
  EXPECT_EQ(client.read(), 200U);
  EXPECT_EQ(client.ask("POST /ingest HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nthr\r\n6\r\nee\nfou\r\n1\r\nr\r\n0\r\n\r\n"),
            200U);
  ASSERT_TRUE(client.send("POST /ingest HTTP/1.1\r\nHost: s\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
  EXPECT_EQ(client.read(), 100U);
  EXPECT_EQ(client.ask("five"), 200U);
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "three", "four", "five"}));
  EXPECT_EQ(client.ask("POST /ingest HTTP/1.0\r\nContent-Length: 3\r\n\r\nsix"), 200U);
  EXPECT_TRUE(client.closed());
  HttpClient other{bench};
  EXPECT_EQ(other.ask("POST / HTTP/1.1\r\nHost: s\r\nExpect: wonders\r\nContent-Length: 4\r\n\r\n"), 417U);
}

// The sender is told only of what is safe.
TEST(Http, AnsweredWhenItIsSafe) {
  HttpBench bench;
  bench.lines.safe_lines = 0;
  HttpClient first{bench}, second{bench};
  ASSERT_TRUE(first.send(request("POST /ingest", "one\ntwo")));
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.lines.all.size() == 2; }));
  ASSERT_TRUE(second.send(request("POST /ingest", "three")));
  first.expect();
  second.expect();
  run_for(bench.io, milliseconds{80});
  EXPECT_FALSE(first.came());
  bench.lines.safe_lines = 1;
  run_for(bench.io, milliseconds{80});
  EXPECT_FALSE(first.came());
  EXPECT_EQ(bench.counters().acknowledged, 0U);
  bench.lines.safe_lines = 2;
  ASSERT_TRUE(run_until(bench.io, [&] { return first.came(); }));
  EXPECT_EQ(first.status(), 200U);
  run_for(bench.io, milliseconds{80});
  EXPECT_FALSE(second.came());
  EXPECT_EQ(bench.counters().acknowledged, 2U);
  bench.lines.safe_lines = 3;
  ASSERT_TRUE(run_until(bench.io, [&] { return second.came(); }));
  EXPECT_EQ(bench.counters().acknowledged, 3U);
}

TEST(Http, NotSafeInTimeAndSentAgain) {
  HttpLimits limits;
  limits.safe = milliseconds{100};
  HttpBench bench{at("127.0.0.1:0"), limits};
  bench.lines.safe_lines = 0;
  HttpClient client{bench};
  EXPECT_EQ(client.ask(request("POST /ingest", "one\ntwo")), 503U);
  EXPECT_EQ(client.answer()[http::field::retry_after], "5");
  EXPECT_EQ(bench.counters().acknowledged, 0U);
  EXPECT_EQ(bench.counters().rejected, 0U);
  bench.lines.safe_lines = SIZE_MAX;
  EXPECT_EQ(client.ask(request("POST /ingest", "one\ntwo")), 200U);
  ASSERT_EQ(bench.lines.places.size(), 4U);
  // What comes twice stands in one place.
  EXPECT_EQ(bench.lines.places[0], bench.lines.places[2]);
  EXPECT_EQ(bench.lines.places[1], bench.lines.places[3]);
  EXPECT_NE(bench.lines.places[0], bench.lines.places[1]);
}

TEST(Http, Places) {
  HttpBench bench;
  HttpClient client{bench};
  const auto doc = [](const std::string& id) { return "{\"index\":{" + id + "}}\n{\"m\":1}\n"; };
  EXPECT_EQ(client.ask(request("POST /_bulk", doc("") + doc("") + doc("\"_id\":\"1\"") + doc("\"_id\":\"2\""))), 200U);
  const auto& places = bench.lines.places;
  ASSERT_EQ(places.size(), 4U);
  EXPECT_EQ(places[0], places[1]);
  EXPECT_NE(places[1], places[2]);
  EXPECT_NE(places[2], places[3]);
  EXPECT_NE(places[0], 0U);
}

TEST(Http, LinesTooLong) {
  TransportOptions options = at("127.0.0.1:0");
  options.line_bytes_max = 1000;
  HttpBench bench{options};
  HttpClient client{bench};
  EXPECT_EQ(client.ask(request("POST /ingest", std::string(1000, 'a') + '\n' + std::string(1001, 'b') + "\nc\n")),
            200U);
  EXPECT_EQ(bench.lines.all, (Got{std::string(1000, 'a'), std::string(1000, 'b'), "c"}));
  EXPECT_EQ(bench.counters().too_long, 1U);
  EXPECT_EQ(bench.lines.too_long, 1U);
}

TEST(Http, ManyLinesInTurns) {
  HttpBench bench;
  HttpClient client{bench};
  std::string body;
  for (int i = 0; i < 50'000; ++i) body += "a line with the number " + std::to_string(i) + '\n';
  EXPECT_EQ(client.ask(request("POST /ingest", body)), 200U);
  ASSERT_EQ(bench.lines.all.size(), 50'000U);
  EXPECT_EQ(bench.lines.all.back(), "a line with the number 49999");
  EXPECT_EQ(bench.counters().bytes, body.size());
  EXPECT_EQ(client.ask(request("POST /ingest", gzip(body), "Content-Encoding: gzip\r\n")), 200U);
  EXPECT_EQ(bench.lines.all.size(), 100'000U);
}

TEST(Http, PackedBodies) {
  TransportOptions options = at("127.0.0.1:0");
  options.body_bytes_max = 100'000;
  HttpBench bench{options};
  HttpClient client{bench};
  const std::string packed = "Content-Encoding: gzip\r\n";
  EXPECT_EQ(client.ask(request("POST /ingest", gzip("one\ntwo\n"), packed)), 200U);
  EXPECT_EQ(bench.lines.all, (Got{"one", "two"}));
  EXPECT_EQ(client.ask(request("POST /ingest", gzip("one\n").substr(0, 15), packed)), 400U);
  EXPECT_EQ(client.ask(request("POST /ingest", "plain", packed)), 400U);
  EXPECT_EQ(client.ask(request("GET /health", "", packed)), 200U);
  // 8 times body_bytes_max, and one more.
  EXPECT_EQ(client.ask(request("POST /ingest", gzip(std::string(800'000, '\n')), packed)), 200U);
  EXPECT_EQ(client.ask(request("POST /ingest", gzip(std::string(800'001, '\n')), packed)), 413U);
  EXPECT_EQ(client.ask(request("POST /ingest", gzip(std::string(50U << 20, '\0')), packed)), 413U);
  EXPECT_EQ(client.ask(request("POST /ingest", "x", "Content-Encoding: br\r\n")), 415U);
  EXPECT_EQ(client.answer()[http::field::accept_encoding], "gzip, deflate, zstd");
  EXPECT_EQ(bench.lines.all.size(), 2U);
  EXPECT_EQ(bench.counters().rejected, 5U);
}

TEST(Http, BodiesTooLarge) {
  TransportOptions options = at("127.0.0.1:0");
  options.body_bytes_max = 100'000;
  HttpBench bench{options};
  {
    HttpClient client{bench};
    EXPECT_EQ(client.ask(request("POST /ingest", std::string(100'000, 'x'))), 200U);
    // Told before the body is read, and so that the sender can read it.
    (void)client.send("POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 100001\r\n\r\n" + std::string(50'000, 'x'));
    EXPECT_EQ(client.read(), 413U);
    EXPECT_NE(client.answer().body().find("body_bytes_max"), std::string::npos);
    EXPECT_TRUE(client.closed());
  }
  HttpClient client{bench};
  const std::string chunk = "ea60\r\n" + std::string(60'000, 'x') + "\r\n";
  EXPECT_EQ(client.ask("POST / HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk), 413U);
  EXPECT_EQ(bench.counters().rejected, 2U);
  EXPECT_EQ(bench.lines.all.size(), 1U);
}

TEST(Http, HeadersTooLargeAndNoHttp) {
  HttpBench bench;
  HttpClient long_header{bench};
  EXPECT_EQ(long_header.ask(request("GET /", "", "X: " + std::string(17'000, 'x') + "\r\n")), 431U);
  EXPECT_TRUE(long_header.closed());
  HttpClient other{bench};
  EXPECT_EQ(other.ask("<13>syslog over there\n\r\n\r\n"), 400U);
  HttpClient version{bench};
  EXPECT_EQ(version.ask("GET / HTTP/2.0\r\n\r\n"), 505U);
  EXPECT_EQ(bench.counters().rejected, 3U);
  {
    HttpClient half{bench};
    ASSERT_TRUE(half.send("POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 10\r\n\r\nhalf"));
    run_for(bench.io, milliseconds{20});
  }
  EXPECT_TRUE(run_until(bench.io, [&] { return bench.counters().rejected == 4; }));
  EXPECT_TRUE(bench.lines.all.empty());
}

TEST(Http, SlowRequests) {
  HttpLimits limits;
  limits.request = milliseconds{150};
  HttpBench bench{at("127.0.0.1:0"), limits};
  HttpClient body{bench}, header{bench};
  ASSERT_TRUE(body.send("POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 10\r\n\r\nhalf"));
  ASSERT_TRUE(header.send("POST / HT"));
  EXPECT_EQ(body.read(), 408U);
  EXPECT_EQ(header.read(), 408U);
  EXPECT_TRUE(body.closed());
  EXPECT_TRUE(header.closed());
  EXPECT_EQ(bench.counters().rejected, 2U);
  EXPECT_TRUE(bench.lines.all.empty());
}

TEST(Http, SilentConnectionsAreClosed) {
  TransportOptions options = at("127.0.0.1:0");
  options.idle = milliseconds{150};
  options.connections_max = 2;
  HttpBench bench{options};
  HttpClient first{bench}, second{bench};
  EXPECT_EQ(first.ask(request("GET /health")), 200U);
  run_for(bench.io, milliseconds{20});
  HttpClient third{bench};
  EXPECT_TRUE(third.closed());
  EXPECT_EQ(bench.counters().refused, 1U);
  EXPECT_TRUE(first.closed());
  EXPECT_TRUE(second.closed());
  EXPECT_EQ(bench.counters().rejected, 0U);
  HttpClient fourth{bench};
  EXPECT_EQ(fourth.ask(request("GET /health")), 200U);
}

TEST(Http, Tokens) {
  TempDir dir;
  append(dir.file("tokens"), "secret\n");
  TransportOptions options = at("127.0.0.1:0");
  options.token_file = dir.file("tokens");
  HttpBench bench{options};
  static constexpr struct {
    const char *request, *field;
    unsigned status;
  } kCases[] = {
      {"POST /ingest", "", 401},
      {"POST /ingest", "Authorization: Bearer wrong\r\n", 401},
      {"POST /_bulk", "Authorization: ApiKey aWQ6d3Jvbmc=\r\n", 401},
      {"GET /", "", 401},
      {"GET /nothing/here", "", 401},
      {"GET /health", "", 200},
      {"POST /ingest", "Authorization: Bearer secret\r\n", 200},
      {"POST /ingest", "Authorization: ApiKey aWQ6c2VjcmV0\r\n", 200},
      {"POST /ingest", "Authorization: Basic YmVhdHM6c2VjcmV0\r\n", 200},
      {"GET /", "Authorization: Bearer secret\r\n", 200},
  };
  std::size_t allowed = 0, rejected = 0;
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.request} + ' ' + c.field);
    HttpClient client{bench};
    const bool post = std::string_view{c.request}.starts_with("POST");
    EXPECT_EQ(client.ask(request(c.request, post ? "line" : "", c.field)), c.status);
    allowed += post && c.status == 200 ? 1U : 0U;
    if (c.status != 401) continue;
    ++rejected;
    EXPECT_TRUE(client.answer()[http::field::www_authenticate].starts_with("Bearer"));
    EXPECT_TRUE(client.closed());
  }
  EXPECT_EQ(bench.lines.all.size(), allowed);
  EXPECT_EQ(bench.counters().rejected, rejected);
  // Without a token nobody makes us hold a body.
  HttpClient client{bench};
  EXPECT_EQ(client.ask("POST /health HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"), 413U);
}

TEST(Http, MemoryOfAllBodies) {
  TransportOptions options = at("127.0.0.1:0");
  options.body_bytes_max = 400'000;
  HttpLimits limits;
  limits.bodies_bytes_max = 300'000;
  HttpBench bench{options, limits};
  const std::string header = "POST /ingest HTTP/1.1\r\nHost: s\r\nContent-Length: 250000\r\n\r\n";
  {
    HttpClient slow{bench}, other{bench};
    ASSERT_TRUE(slow.send(header + std::string(200'000, 'x')));
    ASSERT_TRUE(run_until(bench.io, [&] { return bench.counters().bytes == 200'000; }));
    (void)other.send(header + std::string(200'000, 'y'));
    EXPECT_EQ(other.read(), 429U);
    EXPECT_EQ(other.answer()[http::field::retry_after], "5");
    EXPECT_EQ(slow.ask(std::string(50'000, 'x')), 200U);
    EXPECT_EQ(bench.counters().rejected, 0U);
  }
  EXPECT_EQ(bench.lines.all.size(), 1U);
  // Nobody else is there: it would never fit.
  HttpClient alone{bench};
  (void)alone.send("POST /ingest HTTP/1.1\r\nHost: s\r\nContent-Length: 350000\r\n\r\n" + std::string(350'000, 'z'));
  EXPECT_EQ(alone.read(), 413U);
  // And what was held is given back.
  HttpClient again{bench};
  EXPECT_EQ(again.ask(request("POST /ingest", std::string(290'000, 'w'))), 200U);
}

TEST(Http, WaitsForRoom) {
  HttpLimits limits;
  limits.room = milliseconds{300};
  HttpBench bench{at("127.0.0.1:0"), limits};
  bench.lines.room = false;
  HttpClient patient{bench};
  ASSERT_TRUE(patient.send(request("POST /ingest", "one")));
  run_for(bench.io, milliseconds{50});
  EXPECT_TRUE(bench.lines.all.empty());
  // What brings no lines needs no room.
  HttpClient health{bench};
  EXPECT_EQ(health.ask(request("GET /")), 200U);
  bench.lines.room = true;
  EXPECT_EQ(patient.read(), 200U);
  EXPECT_EQ(bench.lines.all, Got{"one"});

  bench.lines.room = false;
  EXPECT_EQ(patient.ask(request("POST /ingest", "two")), 429U);
  EXPECT_EQ(patient.answer()[http::field::retry_after], "5");
  EXPECT_EQ(bench.counters().put_off, 1U);
  EXPECT_EQ(bench.counters().rejected, 0U);
  EXPECT_EQ(bench.lines.all.size(), 1U);
  bench.lines.room = true;
  HttpClient later{bench};
  EXPECT_EQ(later.ask(request("POST /ingest", "two")), 200U);
  EXPECT_EQ(bench.lines.all, (Got{"one", "two"}));
}

TEST(Http, StopWithRequestsWaiting) {
  HttpBench bench;
  bench.lines.safe_lines = 0;
  HttpClient unsafe{bench}, half{bench}, idle{bench};
  ASSERT_TRUE(unsafe.send(request("POST /ingest", "one")));
  ASSERT_TRUE(half.send("POST /ingest HTTP/1.1\r\nHost: s\r\nContent-Length: 9\r\n\r\nhalf"));
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.lines.all.size() == 1 && bench.counters().bytes == 7; }));
  bench.lines.room = false;
  HttpClient roomless{bench};
  ASSERT_TRUE(roomless.send(request("POST /ingest", "two")));
  run_for(bench.io, milliseconds{30});
  bench.transport->stop();
  bench.lines.room = true;
  bench.lines.safe_lines = SIZE_MAX;
  for (HttpClient* client : {&unsafe, &half, &idle, &roomless}) {
    EXPECT_TRUE(client->closed());
  }
  run_for(bench.io, milliseconds{60});
  EXPECT_EQ(bench.lines.all, Got{"one"});
  EXPECT_EQ(bench.counters().acknowledged, 0U);
  bench.transport->stop();  // twice does no harm
  bench.transport.reset();
  run_for(bench.io, milliseconds{20});
}

TEST(Http, GoneInTheMiddle) {
  boost::asio::io_context io{1};
  Lines lines;
  lines.safe_lines = 0;
  auto opened = find_transport("http")->open(io, at("127.0.0.1:0"), lines);
  ASSERT_TRUE(opened);
  boost::asio::ip::tcp::socket client{io};
  client.connect({boost::asio::ip::make_address("127.0.0.1"), (*opened)->port()});
  boost::asio::write(client, boost::asio::buffer(request("POST /ingest", "one")));
  ASSERT_TRUE(run_until(io, [&] { return lines.all.size() == 1; }));
  // Neither the transport nor the io_context runs on: nothing may be used after it is gone.
  (*opened).reset();
}

TEST(Http, Refuses) {
  boost::asio::io_context io{1};
  Lines lines;
  TempDir dir;
  append(dir.file("tokens"), "secret\n");
  const auto refused = [&](const TransportOptions& options, Errc code, const char* says) {
    SCOPED_TRACE(says);
    const auto opened = find_transport("http")->open(io, options, lines);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, code);
    EXPECT_NE(opened.error().what.find(says), std::string::npos) << opened.error().what;
  };
  refused(at("here"), Errc::invalid_argument, "'here'");
  refused(at("0.0.0.0:0"), Errc::invalid_argument, "set token_file");
  refused(at("[::]:0"), Errc::invalid_argument, "listen on 127.0.0.1");
  TransportOptions options = at("127.0.0.1:0");
  options.token_file = dir.file("none");
  refused(options, Errc::not_found, "no such file");
  options.token_file.clear();
  options.tls.client_ca = dir.file("ca.pem");
  refused(options, Errc::invalid_argument, "set certificate and key");
  options.tls.certificate = dir.file("none.pem");
  options.tls.key = dir.file("none.pem");
  refused(options, Errc::not_found, "none.pem");
  const auto first = find_transport("http")->open(io, at("127.0.0.1:0"), lines);
  ASSERT_TRUE(first);
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->port());
  refused(at(taken), Errc::in_use, taken.c_str());
  options = at("0.0.0.0:0");
  options.token_file = dir.file("tokens");
  EXPECT_TRUE(find_transport("http")->open(io, options, lines));
}

}  // namespace
}  // namespace nw::logs
