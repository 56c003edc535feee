#include <boost/asio/ssl.hpp>

#include "unit/ingest/logs/transports/http_test_support.h"
#include "unit/ingest/logs/transports/tls_test_support.h"

namespace nw::logs {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

struct Served {
  TempDir dir;
  Identity ca = make_identity("Water CA");
  Identity server = make_identity("sensor", &ca);
  TransportOptions options = at("127.0.0.1:0");
  Served() {
    put(dir.file("cert.pem"), server.certificate_pem());
    put(dir.file("key.pem"), server.key_pem());
    put(dir.file("ca.pem"), ca.certificate_pem());
    options.tls.certificate = dir.file("cert.pem");
    options.tls.key = dir.file("key.pem");
  }
};

// Two requests on one connection; the statuses, or 0 where there was no answer.
std::vector<unsigned> ask_twice(HttpBench& bench, const Identity* identity, const std::string& text) {
  asio::ssl::context context{asio::ssl::context::tls_client};
  if (identity != nullptr) {
    context.use_certificate(asio::buffer(identity->certificate_pem()), asio::ssl::context::pem);
    context.use_private_key(asio::buffer(identity->key_pem()), asio::ssl::context::pem);
  }
  asio::ssl::stream<asio::ip::tcp::socket> stream{bench.io, context};
  stream.next_layer().connect(bench.to);
  error_code failed;
  bool done = false;
  const auto finish = [&](const error_code& error, std::size_t = 0) {
    failed = error;
    done = true;
  };
  const auto wait = [&] { return run_until(bench.io, [&] { return std::exchange(done, false); }) && !failed; };
  stream.async_handshake(asio::ssl::stream_base::client, [&](const error_code& error) { finish(error); });
  std::vector<unsigned> out;
  if (!wait()) return {0, 0};
  boost::beast::flat_buffer buffer;
  for (int turn = 0; turn < 2; ++turn) {
    http::response<http::string_body> answer;
    asio::async_write(stream, asio::buffer(text), finish);
    const bool sent = wait();
    if (sent) http::async_read(stream, buffer, answer, finish);
    out.push_back(sent && wait() ? answer.result_int() : 0);
  }
  return out;
}

TEST(HttpTls, Requests) {
  Served served;
  HttpBench bench{served.options};
  const std::string body(300'000, 'x');
  EXPECT_EQ(ask_twice(bench, nullptr, request("POST /ingest", body + "\nend\n")), (std::vector<unsigned>{200, 200}));
  EXPECT_EQ(bench.lines.all.size(), 4U);
  EXPECT_EQ(bench.lines.all.back(), "end");
  EXPECT_GT(bench.counters().certificate_expires, 0);
}

TEST(HttpTls, ClientCertificates) {
  Served served;
  served.options.address = "0.0.0.0:0";  // certificates are enough to know who sends
  served.options.tls.client_ca = served.dir.file("ca.pem");
  HttpBench bench{served.options};
  const Identity client = make_identity("plc-gateway", &served.ca), stranger = make_identity("stranger");
  EXPECT_EQ(ask_twice(bench, &client, request("POST /ingest", "a")), (std::vector<unsigned>{200, 200}));
  EXPECT_EQ(ask_twice(bench, nullptr, request("POST /ingest", "b")), (std::vector<unsigned>{0, 0}));
  EXPECT_EQ(ask_twice(bench, &stranger, request("POST /ingest", "c")), (std::vector<unsigned>{0, 0}));
  EXPECT_TRUE(run_until(bench.io, [&] { return bench.counters().handshakes_failed == 2; }));
  EXPECT_EQ(bench.lines.all.size(), 2U);
}

TEST(HttpTls, NoTls) {
  Served served;
  HttpLimits limits;
  limits.handshake = std::chrono::milliseconds{150};
  HttpBench bench{served.options, limits};
  HttpClient plain{bench};
  EXPECT_EQ(plain.ask(request("GET /health")), 0U);
  HttpClient silent{bench};
  EXPECT_TRUE(silent.closed());
  EXPECT_EQ(bench.counters().handshakes_failed, 2U);
}

}  // namespace
}  // namespace nw::logs
