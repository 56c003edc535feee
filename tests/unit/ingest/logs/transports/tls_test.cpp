#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <csignal>

#include "unit/ingest/logs/transports/tls_test_support.h"

namespace nw::logs {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Got = std::vector<std::string>;

struct ClientOptions {
  const Identity* identity = nullptr;
  int version_most = TLS1_3_VERSION;
};

// OpenSSL over a non-blocking socket; the listener's io_context runs between its steps.
class Client {
 public:
  Client(asio::io_context& io, const tcp::endpoint& to, const ClientOptions& options = {})
      : io_{io}, context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free}, socket_{io} {
    SSL_CTX_set_max_proto_version(context_.get(), options.version_most);
    if (options.identity != nullptr) {
      SSL_CTX_use_certificate(context_.get(), options.identity->certificate.get());
      SSL_CTX_use_PrivateKey(context_.get(), options.identity->key.get());
    }
    ssl_.reset(SSL_new(context_.get()), SSL_free);
    socket_.connect(to);
    socket_.native_non_blocking(true);
    socket_.set_option(tcp::no_delay(true));
    SSL_set_fd(ssl_.get(), socket_.native_handle());
  }

  // Until it is done or has failed.
  template <class Step>
  bool all(Step step) {
    bool failed = false;
    const bool done = run_until(io_, [&] {
      ERR_clear_error();
      const int result = step(ssl_.get());
      if (result == 1) return true;
      const int why = SSL_get_error(ssl_.get(), result);
      failed = why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
      return failed;
    });
    return done && !failed;
  }
  bool connect() { return all(SSL_connect); }
  bool send(std::string_view text) {
    std::size_t sent = 0;
    return all([&](SSL* ssl) { return SSL_write_ex(ssl, text.data(), text.size(), &sent); });
  }
  // Says whether the listener answers with its own close_notify.
  bool leave() {
    (void)SSL_shutdown(ssl_.get());
    return all(SSL_shutdown);
  }
  // Runs until the listener has ended the connection; true: by a close_notify.
  bool ended_properly() {
    char byte = 0;
    std::size_t got = 0;
    int why = 0;
    const bool ended = run_until(io_, [&] {
      ERR_clear_error();
      const int result = SSL_read_ex(ssl_.get(), &byte, 1, &got);
      why = SSL_get_error(ssl_.get(), result);
      return why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
    });
    return ended && why == SSL_ERROR_ZERO_RETURN;
  }
  std::string server_name() {
    char name[256] = {};
    const std::unique_ptr<X509, decltype(&X509_free)> peer{SSL_get1_peer_certificate(ssl_.get()), X509_free};
    if (peer) X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, name, sizeof name);
    return name;
  }
  SSL* ssl() { return ssl_.get(); }
  tcp::socket& socket() { return socket_; }

 private:
  asio::io_context& io_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  tcp::socket socket_;
  std::shared_ptr<SSL> ssl_;
};

struct TlsBench {
  explicit TlsBench(const std::function<void(TransportOptions&, TlsBench&)>& change = {}) {
    std::signal(SIGPIPE, SIG_IGN);  // as main() does: OpenSSL writes into connections that are gone
    options.tls = {directory.file("server.pem"), directory.file("server.key"), ""};
    put(options.tls.certificate, server.certificate_pem());
    put(options.tls.key, server.key_pem());
    if (change) change(options, *this);
    auto opened = find_transport("tls")->open(io, options, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
    to = {asio::ip::make_address(options.address.starts_with('[') ? "::1" : "127.0.0.1"), transport->port()};
  }
  // Clients must show a certificate of `ca`.
  static void ask_clients(TransportOptions& options, TlsBench& bench) {
    options.tls.client_ca = bench.directory.file("ca.pem");
    put(options.tls.client_ca, bench.ca.certificate_pem());
  }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }
  bool wait_failed(std::uint64_t count) {
    return run_until(io, [&] { return transport->counters().handshakes_failed >= count; });
  }

  Told told;
  TempDir directory;
  Identity ca = make_identity("ca");
  Identity server = make_identity("server", &ca, {-1, 100});
  TransportOptions options = at("127.0.0.1:0");
  asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
  tcp::endpoint to;
};

TEST(Tls, BothFramingsInBothVersions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SCOPED_TRACE(version);
    TlsBench bench;
    Client client{bench.io, bench.to, {nullptr, version}};
    ASSERT_TRUE(client.connect());
    EXPECT_EQ(SSL_version(client.ssl()), version);
    EXPECT_EQ(client.server_name(), "server");
    ASSERT_TRUE(client.send("6 <1>one<1>two\n"));
    ASSERT_TRUE(client.send("{\"a\":1}\r\n"));
    ASSERT_TRUE(bench.wait(3));
    EXPECT_EQ(bench.lines.all, (Got{"<1>one", "<1>two", "{\"a\":1}"}));
    EXPECT_EQ(bench.lines.peer->to_string(), "127.0.0.1");
    const TransportCounters counters = bench.transport->counters();
    EXPECT_EQ(counters.connections, 1U);
    EXPECT_EQ(counters.lines, 3U);
    EXPECT_EQ(counters.bytes, 24U);
    EXPECT_EQ(counters.handshakes_failed, 0U);
    EXPECT_NEAR(static_cast<double>(counters.certificate_expires),
                static_cast<double>(std::time(nullptr)) + 100 * 86400, 60);
  }
}

TEST(Tls, OlderVersionsAreRefused) {
  TlsBench bench;
  Client client{bench.io, bench.to, {nullptr, TLS1_1_VERSION}};
  SSL_set_security_level(client.ssl(), 0);
  SSL_set_min_proto_version(client.ssl(), TLS1_VERSION);
  EXPECT_FALSE(client.connect());
  ASSERT_TRUE(bench.wait_failed(1));
  EXPECT_NE(bench.told.field("tls_handshake_failed", "reason").find("protocol"), std::string::npos)
      << bench.told.field("tls_handshake_failed", "reason");
}

TEST(Tls, OverIpv6) {
  TlsBench bench{[](TransportOptions& options, TlsBench&) { options.address = "[::]:0"; }};
  Client six{bench.io, bench.to};
  ASSERT_TRUE(six.connect() && six.send("six\n") && bench.wait(1));
  EXPECT_EQ(bench.lines.peer->to_string(), "::1");
  Client four{bench.io, {asio::ip::address_v4::loopback(), bench.transport->port()}};
  ASSERT_TRUE(four.connect() && four.send("four\n") && bench.wait(2));
  EXPECT_EQ(bench.lines.peer->to_string(), "127.0.0.1");
}

// RFC 5425, 4.3.1: a message may lie in several records, and a record may hold several messages.
TEST(Tls, OctetCountingAcrossRecords) {
  TlsBench bench;
  Client client{bench.io, bench.to};
  ASSERT_TRUE(client.connect());
  const std::string stream = "8 <34>1 ab11 <34>1 cdefg6 <1>\nxy";
  for (const char byte : stream) {
    ASSERT_TRUE(client.send({&byte, 1}));
  }
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{"<34>1 ab", "<34>1 cdefg", "<1>\nxy"}));
  ASSERT_TRUE(client.send(stream + stream));
  ASSERT_TRUE(bench.wait(9));
}

// More than the shared buffer, and than a record, in one turn; its last part stands in OpenSSL while the socket is
// empty.
TEST(Tls, AMegabyteAtOnce) {
  TlsBench bench;
  Client client{bench.io, bench.to};
  ASSERT_TRUE(client.connect());
  std::string text;
  std::size_t count = 0;
  while (text.size() < 1'000'000) {
    const std::string message = "<34>1 - h a - - - " + std::string(count % 3000, 'x') + std::to_string(count);
    text += std::to_string(message.size()) + ' ' + message;
    ++count;
  }
  ASSERT_TRUE(client.send(text));
  ASSERT_TRUE(bench.wait(count));
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(bench.lines.all[i], "<34>1 - h a - - - " + std::string(i % 3000, 'x') + std::to_string(i));
  }
  EXPECT_EQ(bench.transport->counters().bytes, text.size());
}

// The shared buffer is full in the middle of a record: the rest stands in OpenSSL, and the socket is empty.
TEST(Tls, WhatOpenSslHoldsIsTakenWithoutWaiting) {
  TlsBench bench;
  Client client{bench.io, bench.to};
  ASSERT_TRUE(client.connect());
  bench.lines.room = false;
  constexpr std::size_t kRecords = 7, kRecordBytes = 10'000;  // 64 KiB end within the last one
  for (std::size_t i = 0; i < kRecords; ++i) {
    ASSERT_TRUE(client.send(std::string(kRecordBytes - 1, 'x') + '\n'));
  }
  run_for(bench.io, std::chrono::milliseconds{30});
  bench.lines.room = true;
  ASSERT_TRUE(bench.wait(kRecords));
}

// It leaves while most of what it sent still waits on its side. A ticket that lies unread there would turn the close
// into a reset, and the kernel would drop all of that.
TEST(Tls, ASenderThatOnlyWritesAndLeaves) {
  TlsBench bench;
  bench.lines.room = false;
  {
    Client client{bench.io, bench.to};
    ASSERT_TRUE(client.connect());
    run_for(bench.io, std::chrono::milliseconds{30});  // whatever the listener says behind the handshake is there
    ASSERT_TRUE(client.send(std::string(1'000'000, 'x') + "\nlast\n"));
  }
  run_for(bench.io, std::chrono::milliseconds{30});
  bench.lines.room = true;
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all.back(), "last");
}

TEST(Tls, CloseNotifyIsAnswered) {
  TlsBench bench;
  Client client{bench.io, bench.to};
  ASSERT_TRUE(client.connect() && client.send("whole\nhal"));
  EXPECT_TRUE(client.leave());
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"whole", "hal"}));
  EXPECT_EQ(bench.told.count("tls_connection_broken"), 0U);
}

// The sender's half is closed without a close_notify.
TEST(Tls, HalfClosed) {
  TlsBench bench;
  Client client{bench.io, bench.to};
  ASSERT_TRUE(client.connect() && client.send("whole\nhal"));
  client.socket().shutdown(tcp::socket::shutdown_send);
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"whole", "hal"}));
  EXPECT_FALSE(client.ended_properly());
  EXPECT_EQ(bench.told.count("tls_connection_broken"), 0U);
}

TEST(Tls, ABrokenRecordIsTold) {
  TlsBench bench;
  Client client{bench.io, bench.to};
  ASSERT_TRUE(client.connect() && client.send("whole\nhal") && bench.wait(1));
  asio::write(client.socket(), asio::buffer(std::string{"\x17\x03\x03\x00\x20 these bytes were never encrypted.", 37}));
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"whole", "hal"}));
  EXPECT_EQ(bench.told.count("tls_connection_broken"), 1U);
  EXPECT_EQ(bench.told.field("tls_connection_broken", "peer"), "127.0.0.1");
  EXPECT_NE(bench.told.field("tls_connection_broken", "reason"), "");
}

TEST(Tls, HalfALineAtStop) {
  TlsBench bench;
  Client client{bench.io, bench.to};
  ASSERT_TRUE(client.connect() && client.send("whole\nhal") && bench.wait(1));
  bench.transport->stop();
  EXPECT_EQ(bench.lines.all, (Got{"whole", "hal"}));
  EXPECT_TRUE(client.ended_properly());
  (void)client.send("late\n");
  run_for(bench.io, std::chrono::milliseconds{20});
  EXPECT_EQ(bench.lines.all.size(), 2U);
}

TEST(Tls, ClientCertificates) {
  const Identity stranger_ca = make_identity("another ca");
  struct Case {
    const char* name;
    std::function<Identity(const Identity& ca)> make;  // none: no certificate
    const char* reason;                                // empty: it is let in
  };
  const std::vector<Case> cases{
      {"good", [](const Identity& ca) { return make_identity("client", &ca); }, ""},
      {"none", {}, "did not return a certificate"},
      {"of another CA", [&](const Identity&) { return make_identity("client", &stranger_ca); }, "issuer"},
      {"signed by itself", [&](const Identity&) { return make_identity("client"); }, "self-signed"},
      {"expired",
       [](const Identity& ca) {
         return make_identity("client", &ca, {-9, -1});
       },
       "has expired"},
      {"not yet valid",
       [](const Identity& ca) {
         return make_identity("client", &ca, {1, 9});
       },
       "not yet valid"},
  };
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
    for (const Case& c : cases) {
      SCOPED_TRACE(std::to_string(version) + ' ' + c.name);
      TlsBench bench{TlsBench::ask_clients};
      const Identity identity = c.make ? c.make(bench.ca) : Identity{};
      Client client{bench.io, bench.to, {c.make ? &identity : nullptr, version}};
      const std::string reason = c.reason;
      const bool connected = client.connect();
      if (connected) (void)client.send("line\n");
      if (reason.empty()) {
        EXPECT_TRUE(connected);
        ASSERT_TRUE(bench.wait(1));
        EXPECT_EQ(bench.transport->counters().handshakes_failed, 0U);
        continue;
      }
      ASSERT_TRUE(bench.wait_failed(1));
      // TLS 1.3: the client is done with its part before we have seen its certificate.
      EXPECT_EQ(connected, version == TLS1_3_VERSION);
      if (connected) {
        EXPECT_FALSE(client.ended_properly());
      }
      EXPECT_TRUE(bench.lines.all.empty());
      EXPECT_NE(bench.told.field("tls_handshake_failed", "reason").find(reason), std::string::npos)
          << bench.told.field("tls_handshake_failed", "reason");
      EXPECT_EQ(bench.told.field("tls_handshake_failed", "peer"), "127.0.0.1");
    }
}

TEST(Tls, PlainTextIsToldAsThat) {
  TlsBench bench;
  tcp::socket plain{bench.io};
  plain.connect(bench.to);
  asio::write(plain, asio::buffer(std::string{"<34>1 plain text\n"}));
  ASSERT_TRUE(bench.wait_failed(1));
  EXPECT_NE(bench.told.field("tls_handshake_failed", "reason").find("plain text"), std::string::npos);
  EXPECT_TRUE(bench.lines.all.empty());
  EXPECT_EQ(bench.transport->counters().bytes, 0U);
}

// A port scan, and a hello that breaks off.
TEST(Tls, WhoLeavesBeforeTheHandshakeIsDone) {
  TlsBench bench;
  {
    tcp::socket scan{bench.io};
    scan.connect(bench.to);
  }
  ASSERT_TRUE(bench.wait_failed(1));
  EXPECT_NE(bench.told.field("tls_handshake_failed", "reason").find("said nothing"), std::string::npos);
  {
    tcp::socket half{bench.io};
    half.connect(bench.to);
    asio::write(half, asio::buffer(std::string{"\x16\x03\x01\x02\x00\x01", 6}));
  }
  ASSERT_TRUE(bench.wait_failed(2));
  EXPECT_NE(bench.told.field("tls_handshake_failed", "reason").find("before the handshake"), std::string::npos)
      << bench.told.field("tls_handshake_failed", "reason");
}

TEST(Tls, ASlowHandshakeIsCut) {
  TlsBench bench{[](TransportOptions& options, TlsBench&) {
    options.handshake = std::chrono::milliseconds{200};
    options.connections_max = 3;
  }};
  Client good{bench.io, bench.to};
  ASSERT_TRUE(good.connect());
  tcp::socket silent{bench.io}, slow{bench.io};
  silent.connect(bench.to);
  slow.connect(bench.to);
  asio::write(slow, asio::buffer(std::string{"\x16\x03\x01\x02\x00\x01", 6}));
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(bench.wait_failed(2));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{150});
  EXPECT_NE(bench.told.field("tls_handshake_failed", "reason").find("in time"), std::string::npos);
  // Their places are free, and who is connected stays.
  Client next{bench.io, bench.to};
  ASSERT_TRUE(next.connect() && next.send("next\n") && good.send("good\n"));
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.transport->counters().handshakes_failed, 2U);
}

TEST(Tls, SilentConnectionsAreClosed) {
  TlsBench bench{[](TransportOptions& options, TlsBench&) { options.idle = std::chrono::milliseconds{200}; }};
  Client client{bench.io, bench.to};
  ASSERT_TRUE(client.connect() && client.send("hal"));
  EXPECT_TRUE(client.ended_properly());
  EXPECT_EQ(bench.lines.all, (Got{"hal"}));
}

TEST(Tls, WithoutRoomReadingPausesAndGoesOn) {
  TlsBench bench{[](TransportOptions& options, TlsBench&) { options.idle = std::chrono::milliseconds{100}; }};
  Client client{bench.io, bench.to};
  bench.lines.room = false;
  ASSERT_TRUE(client.connect());  // a handshake needs no room
  ASSERT_TRUE(client.send("one\n") && client.send("two\n"));
  run_for(bench.io, std::chrono::milliseconds{300});
  EXPECT_TRUE(bench.lines.all.empty());
  bench.lines.room = true;
  ASSERT_TRUE(bench.wait(2));  // it was silent because of us, and is still there
  ASSERT_TRUE(client.send("three\n") && bench.wait(3));
  EXPECT_EQ(bench.lines.all, (Got{"one", "two", "three"}));
}

TEST(Tls, ARenewalWhileAConnectionIsOpen) {
  TlsBench bench{[](TransportOptions& options, TlsBench&) { options.handshake = std::chrono::seconds{1}; }};
  Client old{bench.io, bench.to};
  ASSERT_TRUE(old.connect() && old.send("one\n") && bench.wait(1));
  // First a bad one: the key is another's.
  const Identity fresh = make_identity("fresh", &bench.ca, {-1, 7});
  put(bench.options.tls.certificate, fresh.certificate_pem());
  // Noticed with nobody connecting.
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.told.count("tls_certificate_refused") == 1; }));
  Client meanwhile{bench.io, bench.to};
  ASSERT_TRUE(meanwhile.connect());
  EXPECT_EQ(meanwhile.server_name(), "server");
  put(bench.options.tls.key, fresh.key_pem());
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.told.count("tls_certificate_renewed") == 1; }));
  EXPECT_EQ(bench.told.count("tls_certificate_ends_soon"), 1U);
  EXPECT_NEAR(static_cast<double>(bench.transport->counters().certificate_expires),
              static_cast<double>(std::time(nullptr)) + 7 * 86400, 60);
  Client late{bench.io, bench.to};
  ASSERT_TRUE(late.connect() && late.send("three\n"));
  EXPECT_EQ(late.server_name(), "fresh");
  ASSERT_TRUE(old.send("two\n") && meanwhile.send("four\n"));
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.told.count("tls_certificate_refused"), 1U);
}

// RFC 5746 and before: what a client wants anew in the middle of a connection it does not get.
TEST(Tls, NoRenegotiation) {
  TlsBench bench;
  Client client{bench.io, bench.to, {nullptr, TLS1_2_VERSION}};
  ASSERT_TRUE(client.connect() && client.send("one\n") && bench.wait(1));
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  EXPECT_FALSE(client.all(SSL_do_handshake));
}

TEST(Tls, NoTickets) {
  TlsBench bench;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client client{bench.io, bench.to, {nullptr, version}};
    ASSERT_TRUE(client.connect());
    EXPECT_FALSE(client.ssl() == nullptr || SSL_SESSION_has_ticket(SSL_get_session(client.ssl())));
    EXPECT_TRUE(client.leave());
    EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get_session(client.ssl())), 0);
  }
}

TEST(Tls, ManyConnectionsKeepTheirLinesApart) {
  TlsBench bench;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<Client>(bench.io, bench.to));
    ASSERT_TRUE(clients.back()->connect());
  }
  for (int half = 0; half < 2; ++half)
    for (std::size_t i = 0; i < clients.size(); ++i) {
      ASSERT_TRUE(clients[i]->send(half == 0 ? "<1>line-" : std::to_string(i) + "\n"));
    }
  ASSERT_TRUE(bench.wait(30));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(std::count(bench.lines.all.begin(), bench.lines.all.end(), "<1>line-" + std::to_string(i)), 1);
  }
}

TEST(Tls, Refuses) {
  TlsBench bench;
  TransportOptions options = bench.options;
  options.address = "127.0.0.1:" + std::to_string(bench.transport->port());
  const auto taken = find_transport("tls")->open(bench.io, options, bench.lines);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::in_use);
  EXPECT_NE(taken.error().what.find("tls " + options.address), std::string::npos) << taken.error().what;
  options.tls.key = "/nowhere/at/all.key";
  const auto keyless = find_transport("tls")->open(bench.io, options, bench.lines);
  ASSERT_FALSE(keyless);
  EXPECT_EQ(keyless.error().code, Errc::not_found);
  EXPECT_NE(keyless.error().what.find("/nowhere/at/all.key"), std::string::npos) << keyless.error().what;
}

}  // namespace
}  // namespace nw::logs
