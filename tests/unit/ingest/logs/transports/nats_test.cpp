#include <map>
#include <set>

#include "base/diagnostics.h"
#include "base/yaml.h"
#include "unit/ingest/logs/transports/nats_test_support.h"

namespace nw::logs {
namespace {

using Got = std::vector<std::string>;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kStopMax{2200};  // two seconds, and the machine

TEST(Nats, MessagesAreLines) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  NatsBench bench{nats_options(server, "logs.>")};
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  Publisher publisher{server.url()};
  publisher.publish("logs.a", "<1>one");
  publisher.publish("other", "not ours");
  publisher.publish("logs.b.c", "two\r\n");
  publisher.publish("logs.a", "");
  publisher.publish("logs.a", "{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}");
  publisher.publish("logs.a", "{\"a\":4}\n");
  publisher.publish("logs.a", "a\nb");  // no NDJSON: one line
  ASSERT_TRUE(bench.wait(7));
  EXPECT_EQ(bench.lines.all, (Got{"<1>one", "two", "{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}", "a\nb"}));
  EXPECT_EQ(bench.lines.places, std::vector<std::uint64_t>(7, 0));
  EXPECT_FALSE(bench.lines.peer);
  const TransportCounters counters = bench.counters();
  EXPECT_EQ(counters.lines, 7U);
  EXPECT_EQ(counters.bytes, 6U + 5 + 25 + 8 + 3);
  EXPECT_EQ(counters.rejected, 1U);
  EXPECT_EQ(counters.dropped_full, 0U);
  EXPECT_EQ(counters.acknowledged, 0U);
}

TEST(Nats, TooLong) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  TransportOptions options = nats_options(server, "logs");
  options.line_bytes_max = 480;
  NatsBench bench{options};
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  Publisher publisher{server.url()};
  publisher.publish("logs", std::string(480, 'a'));
  publisher.publish("logs", std::string(481, 'b'));
  publisher.publish("logs", '{' + std::string(500, 'c') + "\n{d");
  ASSERT_TRUE(bench.wait(4));
  EXPECT_EQ(bench.lines.all, (Got{std::string(480, 'a'), std::string(480, 'b'), '{' + std::string(479, 'c'), "{d"}));
  EXPECT_EQ(bench.lines.too_long, 2U);
  EXPECT_EQ(bench.counters().too_long, 2U);
}

TEST(Nats, QueueGroupSharesTheMessages) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  TransportOptions options = nats_options(server, "logs");
  options.queue = "watchers";
  NatsBench first{options};
  ASSERT_TRUE(first.wait_heard("nats_subscribed"));
  Lines others;
  auto second = find_transport("nats")->open(first.io, options, others);
  ASSERT_TRUE(second);
  ASSERT_TRUE(first.wait_heard("nats_subscribed", 2));
  Publisher publisher{server.url()};
  for (int i = 0; i < 400; ++i) publisher.publish("logs", std::to_string(i));
  ASSERT_TRUE(run_until(first.io, [&] { return first.lines.all.size() + others.all.size() >= 400; }));
  run_for(first.io, std::chrono::milliseconds{50});
  EXPECT_EQ(first.lines.all.size() + others.all.size(), 400U);
  EXPECT_GT(first.lines.all.size(), 0U);
  EXPECT_GT(others.all.size(), 0U);
}

// Conservation: what was sent was handed over or is counted.
TEST(Nats, SlowConsumer) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  TransportOptions options = nats_options(server, "logs");
  options.pending_bytes_max = 1U << 20;
  NatsBench bench{options};
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  bench.lines.room = false;
  Publisher publisher{server.url()};
  constexpr std::size_t kSent = 10'000;
  for (std::size_t i = 0; i < kSent; ++i) publisher.publish("logs", std::string(1024, 'x'));
  publisher.flush();
  run_for(bench.io, std::chrono::milliseconds{100});
  EXPECT_TRUE(bench.lines.all.empty());
  bench.lines.room = true;
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.counters().lines + bench.counters().dropped_full == kSent; }));
  EXPECT_GT(bench.counters().dropped_full, 0U);
  EXPECT_GT(bench.counters().lines, 0U);
  EXPECT_GE(bench.heard.count("nats_slow_consumer"), 1U);
  EXPECT_LE(bench.heard.count("nats_slow_consumer"), 3U);
  publisher.publish("logs", "and on");
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.lines.all.back() == "and on"; }));
}

TEST(Nats, WhatStopFindsUnreadIsCounted) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  NatsBench bench{nats_options(server, "logs")};
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  bench.lines.room = false;
  Publisher publisher{server.url()};
  constexpr std::size_t kSent = 5'000;
  for (std::size_t i = 0; i < kSent; ++i) publisher.publish("logs", std::string(1024, 'x'));
  publisher.flush();
  run_for(bench.io, std::chrono::milliseconds{200});
  bench.transport->stop();
  const TransportCounters counters = bench.counters();
  EXPECT_EQ(bench.lines.all.size(), counters.lines);
  EXPECT_GT(counters.lines, 0U);
  EXPECT_GT(counters.dropped_full, 0U);
  EXPECT_EQ(counters.lines + counters.dropped_full, kSent);
}

TEST(NatsStream, AcknowledgesWhatIsSafe) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  Publisher publisher{server.url()};
  publisher.add_stream("LOGS", "logs.>");
  for (int i = 0; i < 10; ++i) publisher.store("logs.a", "line " + std::to_string(i));
  publisher.store("logs.a", "{\"a\":1}\n{\"a\":2}");
  NatsBench bench{nats_options(server, "logs.>", "LOGS")};
  bench.lines.safe_lines = 0;
  ASSERT_TRUE(bench.wait(12));
  run_for(bench.io, std::chrono::milliseconds{400});
  EXPECT_EQ(publisher.consumer("LOGS").unacknowledged, 11);
  EXPECT_EQ(bench.counters().acknowledged, 0U);
  const std::set<std::uint64_t> places(bench.lines.places.begin(), bench.lines.places.end());
  EXPECT_EQ(places.size(), 12U);
  EXPECT_EQ(places.count(0), 0U);
  bench.lines.safe_lines = 12;
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.counters().acknowledged == 12; }));
  ASSERT_TRUE(run_until(bench.io, [&] { return publisher.consumer("LOGS").acknowledged_to == 11; }));
  EXPECT_EQ(publisher.consumer("LOGS").unacknowledged, 0);
  EXPECT_EQ(bench.lines.all.size(), 12U);
}

TEST(NatsStream, WhatWasNotSafeComesAgainAsTheSame) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  Publisher publisher{server.url()};
  publisher.add_stream("LOGS", "logs");
  NatsBench bench{nats_options(server, "logs", "LOGS")};
  for (int i = 0; i < 5; ++i) publisher.store("logs", std::to_string(i));
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.counters().acknowledged == 5; }));
  bench.lines.safe_lines = 5;
  for (int i = 5; i < 9; ++i) publisher.store("logs", std::to_string(i));
  ASSERT_TRUE(bench.wait(9));
  const auto began = Clock::now();
  bench.transport->stop();
  EXPECT_LT(Clock::now() - began, kStopMax);
  EXPECT_EQ(bench.counters().acknowledged, 5U);
  const Got lines = bench.lines.all;
  const std::vector<std::uint64_t> places = bench.lines.places;
  // At once, and not when the server has lost its patience after half a minute.
  Lines fresh;
  auto again = find_transport("nats")->open(bench.io, nats_options(server, "logs", "LOGS"), fresh);
  ASSERT_TRUE(again);
  ASSERT_TRUE(run_until(
      bench.io, [&] { return fresh.all.size() >= 4; }, std::chrono::seconds{10}));
  std::map<std::string, std::uint64_t> was, is;
  for (std::size_t i = 5; i < 9; ++i) was[lines[i]] = places[i];
  for (std::size_t i = 0; i < fresh.all.size(); ++i) is[fresh.all[i]] = fresh.places[i];
  EXPECT_EQ(was, is);
  ASSERT_TRUE(run_until(bench.io, [&] { return publisher.consumer("LOGS").acknowledged_to == 9; }));
}

// A server that dies, and comes back with what it has on disk.
TEST(NatsStream, ServerKilledInTheMiddle) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  std::set<std::string> stored;
  const auto store = [&](int from, int to) {
    Publisher publisher{server.url()};
    if (from == 0) publisher.add_stream("LOGS", "logs");
    for (int i = from; i < to; ++i) {
      publisher.store("logs", std::to_string(i));
      stored.insert(std::to_string(i));
    }
  };
  store(0, 600);
  NatsBench bench{nats_options(server, "logs", "LOGS")};
  bench.lines.safe_lines = 100;
  ASSERT_TRUE(bench.wait(200));
  server.kill();
  ASSERT_TRUE(bench.wait_heard("nats_disconnected"));
  bench.lines.safe_lines = SIZE_MAX;
  server.start();
  store(600, 1200);
  const auto arrived = [&] { return std::set<std::string>(bench.lines.all.begin(), bench.lines.all.end()); };
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.lines.all.size() >= 1200 && arrived() == stored; }));
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.counters().acknowledged >= 1200; }));
  EXPECT_GE(bench.heard.count("nats_reconnected"), 1U);
  // What came twice has one place.
  EXPECT_EQ(std::set<std::uint64_t>(bench.lines.places.begin(), bench.lines.places.end()).size(), 1200U);
  Publisher publisher{server.url()};
  ASSERT_TRUE(run_until(
      bench.io, [&] { return publisher.consumer("LOGS").acknowledged_to == 1200; }, std::chrono::seconds{60}));
}

TEST(NatsStream, WaitsForRoom) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  Publisher publisher{server.url()};
  publisher.add_stream("LOGS", "logs");
  for (int i = 0; i < 2000; ++i) publisher.publish("logs", std::string(100, 'x'));
  publisher.flush();
  NatsBench bench{nats_options(server, "logs", "LOGS")};
  bench.lines.room = false;
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  run_for(bench.io, std::chrono::milliseconds{600});
  EXPECT_TRUE(bench.lines.all.empty());
  // Two batches in the queue, one in hand, one just fetched.
  EXPECT_LE(publisher.consumer("LOGS").unacknowledged, 4 * 256);
  EXPECT_GT(publisher.consumer("LOGS").waiting, 0U);
  bench.lines.room = true;
  ASSERT_TRUE(bench.wait(2000));
  EXPECT_EQ(bench.lines.all.size(), 2000U);
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.counters().acknowledged == 2000; }));
  EXPECT_EQ(bench.counters().dropped_full, 0U);
}

// What is fetched and not safe is bounded, too.
TEST(NatsStream, WaitsForSafety) {
  NW_NEED_NATS_SERVER();
  NatsServer server{"max_payload: 4MB"};
  server.start();
  Publisher publisher{server.url()};
  publisher.add_stream("LOGS", "logs");
  for (int i = 0; i < 20; ++i) publisher.store("logs", std::string(512 * 1024, 'x'));
  TransportOptions options = nats_options(server, "logs", "LOGS");
  options.pending_bytes_max = 2U << 20;
  NatsBench bench{options};
  bench.lines.safe_lines = 0;
  ASSERT_TRUE(bench.wait(4));
  run_for(bench.io, std::chrono::milliseconds{600});
  EXPECT_LE(bench.lines.all.size(), 6U);
  bench.lines.safe_lines = SIZE_MAX;
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.counters().acknowledged == 20; }));
  EXPECT_EQ(bench.lines.all.size(), 20U);
}

TEST(NatsStream, AMessageLargerThanABatch) {
  NW_NEED_NATS_SERVER();
  NatsServer server{"max_payload: 8MB"};
  server.start();
  Publisher publisher{server.url()};
  publisher.add_stream("LOGS", "logs");
  publisher.store("logs", "before");
  publisher.store("logs", std::string(3U << 20, 'x'));
  publisher.store("logs", "after");
  NatsBench bench{nats_options(server, "logs", "LOGS")};
  ASSERT_TRUE(run_until(bench.io, [&] { return bench.counters().acknowledged == 3; }));
  ASSERT_EQ(bench.lines.all.size(), 3U);
  EXPECT_EQ(bench.lines.all[0], "before");
  EXPECT_EQ(bench.lines.all[1].size(), 64U * 1024);
  EXPECT_EQ(bench.lines.all[2], "after");
  EXPECT_EQ(bench.counters().too_long, 1U);
}

// While the ledger takes its time the server is told so, and gives nothing a second time.
TEST(NatsStream, AsksForMoreTime) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  Publisher publisher{server.url()};
  publisher.add_stream("LOGS", "logs");
  publisher.add_consumer("LOGS", "normwatch", 1'000'000'000, js_AckExplicit);
  NatsBench bench{nats_options(server, "logs", "LOGS")};
  bench.lines.safe_lines = 0;
  publisher.store("logs", "one");
  ASSERT_TRUE(bench.wait(1));
  run_for(bench.io, std::chrono::milliseconds{2500});
  EXPECT_EQ(bench.lines.all.size(), 1U);
  EXPECT_EQ(publisher.consumer("LOGS").given_again, 0);
  bench.lines.safe_lines = 1;
  ASSERT_TRUE(run_until(bench.io, [&] { return publisher.consumer("LOGS").acknowledged_to == 1; }));
}

TEST(NatsStream, ComesLater) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  NatsBench bench{nats_options(server, "logs.>", "LOGS")};
  ASSERT_TRUE(bench.wait_heard("nats stream add LOGS --subjects 'logs.>'"));
  Publisher publisher{server.url()};
  publisher.add_stream("LOGS", "logs.>");
  publisher.store("logs.a", "one");
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.heard.count("nats_not_subscribed"), 1U);
}

// It is made again, and what it had given comes again under its place. The server does not always say that it is gone.
TEST(NatsStream, TheConsumerIsDeleted) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  NatsBench bench{nats_options(server, "logs", "LOGS")};
  {
    Publisher publisher{server.url()};
    publisher.add_stream("LOGS", "logs");
    publisher.store("logs", "one");
    ASSERT_TRUE(bench.wait(1));
    publisher.delete_consumer("LOGS", "normwatch");
    ASSERT_TRUE(bench.wait(2));
    ASSERT_TRUE(run_until(bench.io, [&] { return publisher.consumer("LOGS").acknowledged_to == 1; }));
  }
  server.kill();
  ASSERT_GT(std::filesystem::remove_all(server.files.file("store/jetstream/$G/streams/LOGS/obs/normwatch")), 0U);
  server.start();
  ASSERT_TRUE(bench.wait(3));
  EXPECT_EQ(bench.lines.places, std::vector<std::uint64_t>(3, bench.lines.places[0]));
}

TEST(NatsStream, AConsumerThatLosesIsRefused) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  Publisher publisher{server.url()};
  publisher.add_stream("LOGS", "logs");
  publisher.add_consumer("LOGS", "normwatch", 0, js_AckNone);
  publisher.store("logs", "one");
  NatsBench bench{nats_options(server, "logs", "LOGS")};
  ASSERT_TRUE(bench.wait_heard("nats consumer rm LOGS normwatch"));
  EXPECT_TRUE(bench.lines.all.empty());
}

TEST(Nats, ServerComesLater) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  NatsBench bench{nats_options(server, "logs")};
  ASSERT_TRUE(bench.wait_heard("nats_not_connected"));
  run_for(bench.io, std::chrono::milliseconds{2500});
  EXPECT_EQ(bench.heard.count("nats_not_connected"), 1U);
  server.start();
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  Publisher publisher{server.url()};
  publisher.publish("logs", "here");
  ASSERT_TRUE(bench.wait(1));
}

TEST(Nats, PlainSubjectsSurviveARestart) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  NatsBench bench{nats_options(server, "logs")};
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  server.kill();
  ASSERT_TRUE(bench.wait_heard("nats_disconnected"));
  server.start();
  ASSERT_TRUE(bench.wait_heard("nats_reconnected"));
  EXPECT_EQ(bench.heard.count("nats_disconnected"), 1U);
  Publisher publisher{server.url()};
  publisher.publish("logs", "again");
  ASSERT_TRUE(bench.wait(1));
}

TEST(Nats, WrongTokenUntilItIsMended) {
  NW_NEED_NATS_SERVER();
  NatsServer server{"authorization { token: \"right\" }"};
  server.start();
  TransportOptions options = nats_options(server, "logs");
  options.token_file = server.files.file("token");
  append(options.token_file, "wrong\n");
  NatsBench bench{options};
  ASSERT_TRUE(bench.wait_heard("reason=Authorization Violation"));
  EXPECT_EQ(bench.heard.count("wrong"), 0U);
  std::filesystem::remove(options.token_file);
  append(options.token_file, "right\n");
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  Publisher publisher{"nats://right@127.0.0.1:" + std::to_string(server.port)};
  publisher.publish("logs", "in");
  ASSERT_TRUE(bench.wait(1));
}

TEST(Nats, BadCredentialsAreTold) {
  NW_NEED_NATS_SERVER();
  NatsServer server{"authorization { token: \"right\" }"};
  server.start();
  TransportOptions options = nats_options(server, "logs");
  options.credentials_file = server.files.file("user.creds");
  append(options.credentials_file, "this is no JWT\n");
  NatsBench bench{options};
  ASSERT_TRUE(bench.wait_heard("nats_not_connected"));
  EXPECT_EQ(bench.heard.count("nats_subscribed"), 0U);
}

TEST(Nats, ForbiddenSubject) {
  NW_NEED_NATS_SERVER();
  NatsServer server{"authorization { users: [{user: u, password: p, permissions: {subscribe: \"allowed\"}}] }"};
  server.start();
  TransportOptions options = nats_options(server, "logs");
  options.servers = {"nats://u:p@127.0.0.1:" + std::to_string(server.port)};
  NatsBench bench{options};
  ASSERT_TRUE(bench.wait_heard("nats_not_permitted"));
  EXPECT_EQ(bench.heard.count("u:p@"), 0U);  // the password stays out of the log
}

TEST(Nats, Tls) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  const std::string certificate = server.files.file("cert.pem"), key = server.files.file("key.pem");
  const std::string make =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=t "
      "-addext subjectAltName=DNS:localhost -keyout '" +
      key + "' -out '" + certificate + "' 2>/dev/null";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "openssl is not installed (tests/packages.txt)";
  append(server.files.file("server.conf"), "tls { cert_file: \"" + certificate + "\", key_file: \"" + key +
                                               "\", ca_file: \"" + certificate + "\", verify: true }\n");
  server.start();
  TransportOptions options = nats_options(server, "logs");
  options.servers = {"tls://localhost:" + std::to_string(server.port)};
  options.tls.server_ca = options.tls.certificate = certificate;
  options.tls.key = key;
  NatsBench bench{options};
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  // Another name than the certificate's, and a certificate that nobody vouches for.
  TransportOptions other = options;
  other.servers = {"tls://127.0.0.1:" + std::to_string(server.port)};
  bench.open(other);
  ASSERT_TRUE(bench.wait_heard("nats_not_connected"));
  other = options;
  other.tls.server_ca.clear();
  bench.open(other);
  ASSERT_TRUE(bench.wait_heard("nats_not_connected", 2));
  EXPECT_EQ(bench.heard.count("nats_subscribed"), 1U);
}

TEST(Nats, NothingAfterStop) {
  NW_NEED_NATS_SERVER();
  NatsServer server;
  server.start();
  for (const std::string stream : {"", "LOGS"}) {
    SCOPED_TRACE(stream);
    Publisher publisher{server.url()};
    if (!stream.empty()) publisher.add_stream("LOGS", "logs");
    NatsBench bench{nats_options(server, "logs", stream)};
    ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
    publisher.publish("logs", "before");
    ASSERT_TRUE(bench.wait(1));
    const auto began = Clock::now();
    bench.transport->stop();
    EXPECT_LT(Clock::now() - began, std::chrono::seconds{1});
    const std::size_t lines = bench.lines.all.size();
    publisher.publish("logs", "after");
    publisher.flush();
    run_for(bench.io, std::chrono::milliseconds{100});
    EXPECT_EQ(bench.lines.all.size(), lines);
    bench.transport->stop();  // twice does no harm
    bench.transport.reset();
    run_for(bench.io, std::chrono::milliseconds{20});
  }
}

// Somebody listens and never says a word: the library waits for it longer than stop() may.
TEST(Nats, StopsWhileConnecting) {
  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent, 5), 0);
  ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  TransportOptions options;
  options.servers = {"nats://127.0.0.1:" + std::to_string(ntohs(address.sin_port))};
  options.subject = "logs";
  NatsBench bench{options};
  run_for(bench.io, std::chrono::milliseconds{100});
  const auto began = Clock::now();
  bench.transport.reset();
  EXPECT_LT(Clock::now() - began, kStopMax);
  EXPECT_EQ(bench.heard.count("nats_stop_slow"), 1U);
  ::close(silent);  // ends the attempt, and with it the thread
}

TEST(Nats, Refuses) {
  TempDir files;
  append(files.file("empty"), "\n");
  TransportOptions good;
  good.servers = {"nats://127.0.0.1:1"};
  good.subject = "logs";
  struct Case {
    std::string_view name;
    std::function<void(TransportOptions&)> spoil;
    Errc code;
    std::string_view says;
  };
  const Case cases[] = {
      {"no server", [](auto& o) { o.servers.clear(); }, Errc::invalid_argument, "'servers' is empty"},
      {"no scheme", [](auto& o) { o.servers = {"127.0.0.1:4222"}; }, Errc::invalid_argument, "'127.0.0.1:4222'"},
      {"other scheme", [](auto& o) { o.servers = {"http://a"}; }, Errc::invalid_argument, "'http://a'"},
      {"no host", [](auto& o) { o.servers = {"nats://:4222"}; }, Errc::invalid_argument, "'nats://:4222'"},
      {"a path", [](auto& o) { o.servers = {"nats://u:p@a/b"}; }, Errc::invalid_argument, "'nats://a/b'"},
      {"no subject", [](auto& o) { o.subject.clear(); }, Errc::invalid_argument, "not a subject"},
      {"empty token", [](auto& o) { o.subject = "a..b"; }, Errc::invalid_argument, "'a..b'"},
      {"space", [](auto& o) { o.subject = "a b"; }, Errc::invalid_argument, "'a b'"},
      {"queue", [](auto& o) { o.queue = "a b"; }, Errc::invalid_argument, "queue group"},
      {"stream", [](auto& o) { o.stream = "a.b"; }, Errc::invalid_argument, "stream's name: 'a.b'"},
      {"durable", [](auto& o) { o.durable = "a.b"; }, Errc::invalid_argument, "consumer's name: 'a.b'"},
      {"both", [](auto& o) { o.queue = o.stream = "a"; }, Errc::invalid_argument, "exclude each other"},
      {"key alone", [](auto& o) { o.tls.key = "/dev/null"; }, Errc::invalid_argument, "belong together"},
      {"no token file", [](auto& o) { o.token_file = "/nowhere/t"; }, Errc::not_found, "/nowhere/t"},
      {"empty token file", [&](auto& o) { o.token_file = files.file("empty"); }, Errc::malformed,
       "first line is empty"},
      {"no credentials", [](auto& o) { o.credentials_file = "/nowhere/c"; }, Errc::not_found, "/nowhere/c"},
      {"no authority", [](auto& o) { o.tls.server_ca = "/nowhere/ca"; }, Errc::not_found, "/nowhere/ca"},
      {"two ways in", [](auto& o) { o.credentials_file = o.token_file = "/dev/null"; }, Errc::invalid_argument,
       "exclude each other"},
  };
  boost::asio::io_context io{1};
  Lines lines;
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    TransportOptions options = good;
    one.spoil(options);
    const auto opened = find_transport("nats")->open(io, options, lines);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, one.code);
    EXPECT_NE(opened.error().what.find(one.says), std::string::npos) << opened.error().what;
    EXPECT_EQ(opened.error().what.find("u:p"), std::string::npos) << opened.error().what;
  }
}

TEST(Nats, ReadsItsKeys) {
  Diagnostics diagnostics;
  const auto nodes = parse_yaml(
      "servers: [\"tls://a:4222\", \"tls://b:4222\"]\nsubject: logs.>\nstream: LOGS\ndurable: cert\n"
      "credentials_file: c\nserver_ca: ca\ncertificate: cert\nkey: key\npending_bytes_max: 2MiB\n",
      "t", diagnostics);
  ASSERT_EQ(nodes.size(), 1U);
  YamlMap map{nodes[0], "a source", "t", diagnostics};
  TransportOptions options;
  find_transport("nats")->read(map, options);
  map.finish();
  EXPECT_EQ(diagnostics.errors(), 0U);
  EXPECT_EQ(options.servers, (Got{"tls://a:4222", "tls://b:4222"}));
  EXPECT_EQ(options.subject, "logs.>");
  EXPECT_EQ(options.stream, "LOGS");
  EXPECT_EQ(options.durable, "cert");
  EXPECT_EQ(options.tls.server_ca, "ca");
  EXPECT_EQ(options.pending_bytes_max, 2U << 20);
}

}  // namespace
}  // namespace nw::logs
