#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include "unit/ingest/logs/transports/relp_test_support.h"
#include "unit/ingest/logs/transports/tls_test_support.h"

namespace nw::logs {
namespace {

using std::chrono::milliseconds;

struct Files {
  Files() {
    put(options.tls.certificate, server.certificate_pem());
    put(options.tls.key, server.key_pem());
    put(ca_file, ca.certificate_pem());
    options.tls.client_ca = ca_file;
  }
  TempDir directory;
  Identity ca = make_identity("ca"), server = make_identity("server", &ca), sender = make_identity("sender", &ca);
  std::string ca_file = directory.file("ca.pem");
  TransportOptions options = [this] {
    TransportOptions at_any = at("127.0.0.1:0");
    at_any.tls = {directory.file("server.pem"), directory.file("server.key"), ""};
    return at_any;
  }();
};

class TlsClient {
 public:
  TlsClient(RelpBench& bench, const Files& files, const Identity* own, int version = TLS1_3_VERSION)
      : bench_{bench}, context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free}, socket_{bench.io} {
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    SSL_CTX_load_verify_locations(context_.get(), files.ca_file.c_str(), nullptr);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (own != nullptr) {
      SSL_CTX_use_certificate(context_.get(), own->certificate.get());
      SSL_CTX_use_PrivateKey(context_.get(), own->key.get());
    }
    ssl_ = {SSL_new(context_.get()), SSL_free};
    SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    socket_.connect(bench.to);
    socket_.native_non_blocking(true);
    SSL_set_fd(ssl_.get(), socket_.native_handle());
    SSL_set_connect_state(ssl_.get());
  }
  void send(std::string_view text) {
    (void)run_until(bench_.io, [&] {
      receive();
      while (!text.empty()) {
        const int put = SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
        if (put <= 0) return again(put) ? false : (closed = true);
        text.remove_prefix(static_cast<std::size_t>(put));
      }
      return true;
    });
  }
  const std::string& receive() {
    char bytes[4096];
    for (int size = 1; size > 0;) {
      size = SSL_read(ssl_.get(), bytes, sizeof bytes);
      if (size > 0) got.append(bytes, static_cast<std::size_t>(size));
      if (size <= 0 && !again(size)) {
        closed = true;
        clean = SSL_get_error(ssl_.get(), size) == SSL_ERROR_ZERO_RETURN;
      }
    }
    return got;
  }
  bool wait(std::string_view text) {
    return run_until(
        bench_.io, [&] { return receive() == text; }, std::chrono::seconds{5});
  }
  bool wait_closed() {
    return run_until(
        bench_.io, [&] { return receive(), closed; }, std::chrono::seconds{5});
  }

  std::string got;
  bool closed = false, clean = false;  // `clean`: close_notify came

 private:
  bool again(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  }
  RelpBench& bench_;
  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> ssl_;
  boost::asio::ip::tcp::socket socket_;
};

TEST(RelpTls, TakesAndAnswers) {
  const Files files;
  RelpBench bench{files.options};
  EXPECT_NEAR(static_cast<double>(bench.transport->counters().certificate_expires),
              static_cast<double>(std::time(nullptr) + 365L * 86400), 60);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client{bench, files, &files.sender, version};
    // Far more than one record, and than may be unanswered.
    std::string stream = relp_open(), want = relp_opened();
    for (std::uint64_t i = 2; i <= 3000; ++i) {
      stream += relp(i, "syslog", "line " + std::to_string(i));
      want += relp_ok(i);
    }
    client.send(stream + relp(3001, "close"));
    ASSERT_TRUE(client.wait_closed());
    EXPECT_EQ(client.got, want + relp_ok(3001) + kBye);
    EXPECT_TRUE(client.clean);
  }
  EXPECT_EQ(bench.lines.all.size(), 2 * 2999U);
  EXPECT_EQ(bench.transport->counters().acknowledged, 2 * 2999U);
  EXPECT_EQ(bench.transport->counters().handshakes_failed, 0U);
}

TEST(RelpTls, StopInTheMiddle) {
  const Files files;
  RelpBench bench{files.options};
  bench.lines.safe_lines = 0;
  TlsClient client{bench, files, &files.sender}, half{bench, files, &files.sender};
  client.send(relp_open() + relp(2, "syslog", "one"));
  ASSERT_TRUE(bench.wait(1));
  ASSERT_TRUE(client.wait(relp_opened()));
  bench.lines.safe_lines = 1;
  bench.transport->stop();
  ASSERT_TRUE(client.wait_closed());
  EXPECT_EQ(client.got, relp_opened() + relp_ok(2) + kBye);
  EXPECT_TRUE(client.clean);
}

TEST(RelpTls, WhoHasNoCertificateOfOursIsTurnedAway) {
  const Files files;
  RelpBench bench{files.options};
  const Identity stranger_ca = make_identity("ca"), stranger = make_identity("sender", &stranger_ca);
  Told told;
  std::uint64_t failed = 0;
  for (const Identity* own : {static_cast<const Identity*>(nullptr), &stranger}) {
    TlsClient client{bench, files, own};
    client.send(relp_open() + relp(2, "syslog", "let me in"));
    ASSERT_TRUE(client.wait_closed());
    EXPECT_EQ(client.got, "");
    EXPECT_EQ(bench.transport->counters().handshakes_failed, ++failed);
    EXPECT_FALSE(told.field("relp_handshake_failed", "reason").empty());
    EXPECT_EQ(told.field("relp_handshake_failed", "peer"), "127.0.0.1");
  }
  RelpClient plain{bench};
  plain.send(relp_open() + relp(2, "syslog", "let me in"));
  ASSERT_TRUE(plain.wait_closed());
  EXPECT_EQ(bench.transport->counters().handshakes_failed, 3U);
  EXPECT_TRUE(bench.lines.all.empty());
  EXPECT_EQ(bench.transport->counters().rejected, 0U);
}

TEST(RelpTls, SlowHandshakesEnd) {
  Files files;
  files.options.idle = milliseconds{200};
  RelpBench bench{files.options};
  RelpClient mute{bench};
  ASSERT_TRUE(mute.wait_closed());
  EXPECT_EQ(bench.transport->counters().handshakes_failed, 1U);
  EXPECT_EQ(mute.got, "");
}

TEST(RelpTls, RefusesACertificateThatIsNotThere) {
  boost::asio::io_context io{1};
  Lines lines;
  TransportOptions options = at("127.0.0.1:0");
  options.tls = {"/nowhere/server.pem", "/nowhere/server.key", ""};
  const auto opened = find_transport("relp")->open(io, options, lines);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().what.find("/nowhere/server"), std::string::npos);
}

}  // namespace
}  // namespace nw::logs
