#include "unit/ingest/logs/transports/relp_test_support.h"

namespace nw::logs {
namespace {

using Got = std::vector<std::string>;
using std::chrono::milliseconds;

const std::string kOne = "<13>1 2026-01-15T08:00:00Z plc app - - - one", kTwo = "<13>Jan 15 08:00:00 plc app: two";

TEST(RelpTransport, TakesAndAnswers) {
  RelpBench bench{at("127.0.0.1:0")};
  RelpClient client{bench};
  client.send(relp_open());
  ASSERT_TRUE(client.wait(relp_opened())) << client.got;
  client.send(relp(2, "syslog", kOne) + relp(3, "syslog", kTwo + "\n") + relp(4, "syslog", "a\nb\r\n"));
  ASSERT_TRUE(client.wait(relp_opened() + relp_ok(2) + relp_ok(3) + relp_ok(4))) << client.got;
  EXPECT_EQ(bench.lines.all, (Got{kOne, kTwo, "a\nb"}));
  EXPECT_EQ(bench.lines.peer->to_string(), "127.0.0.1");
  EXPECT_NE(bench.lines.places[0], 0U);
  EXPECT_NE(bench.lines.places[1], 0U);
  EXPECT_NE(bench.lines.places[0], bench.lines.places[1]);
  EXPECT_EQ(bench.lines.places[2], 0U);  // has no time: it may well come twice
  client.send(relp(5, "close"));
  ASSERT_TRUE(client.wait_closed());
  EXPECT_EQ(client.got, relp_opened() + relp_ok(2) + relp_ok(3) + relp_ok(4) + relp_ok(5) + kBye);
  const TransportCounters counters = bench.transport->counters();
  EXPECT_EQ(counters.connections, 1U);
  EXPECT_EQ(counters.lines, 3U);
  EXPECT_EQ(counters.acknowledged, 3U);
  EXPECT_EQ(counters.rejected, 0U);
  EXPECT_EQ(counters.certificate_expires, 0);
}

TEST(RelpTransport, OverIpv6) {
  RelpBench bench{at("[::]:0")};
  RelpClient client{bench};
  client.send(relp_open() + relp(2, "syslog", kOne));
  ASSERT_TRUE(client.wait(relp_opened() + relp_ok(2)));
  EXPECT_EQ(bench.lines.peer->to_string(), "::1");
}

TEST(RelpTransport, CutAtEveryByte) {
  RelpBench bench{at("127.0.0.1:0")};
  const std::string stream = relp_open() + relp(2, "syslog", kOne) + relp(3, "syslog", "a\nb") + relp(4, "close");
  const std::string want = relp_opened() + relp_ok(2) + relp_ok(3) + relp_ok(4) + kBye;
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    RelpClient client{bench};
    client.send(std::string_view{stream}.substr(0, cut));
    for (int i = 0; i < 20; ++i) bench.io.poll();
    client.send(std::string_view{stream}.substr(cut));
    ASSERT_TRUE(client.wait_closed()) << cut;
    ASSERT_EQ(client.got, want) << cut;
  }
  RelpClient client{bench};
  for (const char& byte : stream) client.send({&byte, 1});
  ASSERT_TRUE(client.wait_closed());
  EXPECT_EQ(client.got, want);
  EXPECT_EQ(bench.lines.all.size(), 2 * stream.size());
}

TEST(RelpTransport, AnswersNothingBeforeItIsSafe) {
  RelpBench bench{at("127.0.0.1:0")};
  bench.lines.safe_lines = 0;
  RelpClient client{bench};
  // The `open` has nothing to wait for, though lines come with it.
  client.send(relp_open() + relp(2, "syslog", kOne) + relp(3, "syslog", kTwo));
  ASSERT_TRUE(bench.wait(2));
  ASSERT_TRUE(client.wait(relp_opened()));
  client.send(relp(4, "syslog", "three") + relp(5, "close"));
  ASSERT_TRUE(bench.wait(3));
  run_for(bench.io, milliseconds{100});
  EXPECT_EQ(client.receive(), relp_opened());
  EXPECT_EQ(bench.transport->counters().acknowledged, 0U);
  bench.lines.safe_lines = 2;
  ASSERT_TRUE(client.wait(relp_opened() + relp_ok(2) + relp_ok(3))) << client.got;
  run_for(bench.io, milliseconds{100});
  // Even the `close` waits for its turn.
  EXPECT_EQ(client.receive(), relp_opened() + relp_ok(2) + relp_ok(3));
  EXPECT_FALSE(client.closed);
  bench.lines.safe_lines = 3;
  ASSERT_TRUE(client.wait_closed());
  EXPECT_EQ(client.got, relp_opened() + relp_ok(2) + relp_ok(3) + relp_ok(4) + relp_ok(5) + kBye);
  EXPECT_EQ(bench.transport->counters().acknowledged, 3U);
}

// More than may be unanswered, in one go: reading stops, and goes on.
TEST(RelpTransport, AnswersAreOwedForSoManyAndNoMore) {
  RelpBench bench{at("127.0.0.1:0")};
  bench.lines.safe_lines = 0;
  RelpClient client{bench};
  std::string stream = relp_open(), want = relp_opened();
  for (std::uint64_t i = 2; i <= 2001; ++i) {
    stream += relp(i, "syslog", "line " + std::to_string(i));
    want += relp_ok(i);
  }
  client.send(stream);
  ASSERT_TRUE(bench.wait(1024));
  run_for(bench.io, milliseconds{100});
  EXPECT_EQ(bench.lines.all.size(), 1024U);
  EXPECT_EQ(client.receive(), relp_opened());
  bench.lines.safe_lines = 1024;
  ASSERT_TRUE(bench.wait(2000));
  bench.lines.safe_lines = SIZE_MAX;
  ASSERT_TRUE(client.wait(want));
  ASSERT_EQ(bench.lines.all.size(), 2000U);
  for (std::size_t i = 0; i < 2000; ++i) {
    ASSERT_EQ(bench.lines.all[i], "line " + std::to_string(i + 2));
  }
  EXPECT_EQ(bench.transport->counters().acknowledged, 2000U);
}

// A peer that does not read its answers is not read either, and costs no memory for it.
TEST(RelpTransport, UnreadAnswersStopTheReading) {
  RelpBench bench{at("127.0.0.1:0")};
  boost::asio::ip::tcp::socket deaf{bench.io};
  deaf.open(bench.to.protocol());
  deaf.set_option(boost::asio::socket_base::receive_buffer_size(4096));
  deaf.connect(bench.to);
  deaf.non_blocking(true);
  std::string stream = relp_open();
  for (std::uint64_t i = 2; i < 20'000; ++i) stream += relp(i, "syslog", "x");
  std::size_t before = 0, sent = 0;
  std::uint64_t rounds = 0;
  // Until nothing goes any more.
  (void)run_until(bench.io, [&] {
    boost::system::error_code error;
    const std::size_t at = sent % stream.size();
    sent += deaf.write_some(boost::asio::buffer(stream.data() + at, stream.size() - at), error);
    rounds = sent == before ? rounds + 1 : 0;
    before = sent;
    return rounds > 40;
  });
  EXPECT_GT(rounds, 40U);
  const std::size_t taken = bench.lines.all.size();
  EXPECT_GE(taken, 1024U);
  EXPECT_LE(taken - bench.transport->counters().acknowledged, 1024U);
  // Others are served.
  RelpClient client{bench};
  client.send(relp_open() + relp(2, "syslog", kOne));
  ASSERT_TRUE(client.wait(relp_opened() + relp_ok(2)));
}

TEST(RelpTransport, WaitsForRoom) {
  RelpBench bench{at("127.0.0.1:0")};
  RelpClient client{bench};
  client.send(relp_open());
  ASSERT_TRUE(client.wait(relp_opened()));
  bench.lines.room = false;
  client.send(relp(2, "syslog", kOne));
  run_for(bench.io, milliseconds{50});
  EXPECT_TRUE(bench.lines.all.empty());
  bench.lines.room = true;
  ASSERT_TRUE(client.wait(relp_opened() + relp_ok(2)));
}

TEST(RelpTransport, WhatWasNotAnsweredComesAgainInTheSamePlace) {
  RelpBench bench{at("127.0.0.1:0")};
  bench.lines.safe_lines = 1;
  {
    RelpClient client{bench};
    client.send(relp_open() + relp(2, "syslog", kOne));
    ASSERT_TRUE(client.wait(relp_opened() + relp_ok(2)));
    client.send(relp(3, "syslog", kTwo) + "4 syslog 20 never comple");
    ASSERT_TRUE(bench.wait(2));
  }
  run_for(bench.io, milliseconds{50});
  bench.lines.safe_lines = SIZE_MAX;
  RelpClient again{bench};
  again.send(relp_open() + relp(2, "syslog", kTwo) + relp(3, "syslog", "never completely sent"));
  ASSERT_TRUE(again.wait(relp_opened() + relp_ok(2) + relp_ok(3)));
  EXPECT_EQ(bench.lines.all, (Got{kOne, kTwo, kTwo, "never completely sent"}));
  EXPECT_EQ(bench.lines.places[1], bench.lines.places[2]);
  // The first session's was never told; the second's was.
  EXPECT_EQ(bench.transport->counters().acknowledged, 3U);
}

TEST(RelpTransport, TooLongMessagesAreCutAndTheRestSkipped) {
  TransportOptions options = at("127.0.0.1:0");
  options.line_bytes_max = 1000;
  RelpBench bench{options};
  RelpClient client{bench};
  client.send(relp_open() + relp(2, "syslog", std::string(300'000, 'x')) + relp(3, "syslog", std::string(1000, 'y')) +
              relp(4, "syslog", std::string(1000, 'z') + "\n") + relp(5, "syslog", std::string(1001, 'w')) +
              relp(6, "syslog", "next"));
  ASSERT_TRUE(client.wait(relp_opened() + relp_ok(2) + relp_ok(3) + relp_ok(4) + relp_ok(5) + relp_ok(6)));
  EXPECT_EQ(bench.lines.all, (Got{std::string(1000, 'x'), std::string(1000, 'y'), std::string(1000, 'z'),
                                  std::string(1000, 'w'), "next"}));
  EXPECT_EQ(bench.transport->counters().too_long, 2U);
  EXPECT_EQ(bench.lines.too_long, 2U);
}

// Nothing is lost by it, so they are no lines; but they are answered.
TEST(RelpTransport, EmptyMessages) {
  RelpBench bench{at("127.0.0.1:0")};
  RelpClient client{bench};
  client.send(relp_open() + relp(2, "syslog") + relp(3, "syslog", "\r\n") + relp(4, "syslog", "a"));
  ASSERT_TRUE(client.wait(relp_opened() + relp_ok(2) + relp_ok(3) + relp_ok(4)));
  EXPECT_EQ(bench.lines.all, (Got{"a"}));
  EXPECT_EQ(bench.transport->counters().lines, 1U);
  EXPECT_EQ(bench.transport->counters().acknowledged, 1U);
}

TEST(RelpTransport, Versions) {
  RelpBench bench{at("127.0.0.1:0")};
  for (const auto& [offers, version] : {std::pair<std::string, int>{"relp_version=0\ncommands=syslog", 0},
                                        {"commands=syslog\nrelp_version=7\ntelepathy=2", 1},
                                        {"", 0}}) {
    RelpClient client{bench};
    client.send(relp(1, "open", offers));
    EXPECT_TRUE(client.wait(relp_opened(1, version))) << offers;
    // Some librelp sends its `open` again with what was not answered.
    client.send(relp(2, "open", offers));
    EXPECT_TRUE(client.wait(relp_opened(1, version) + relp_opened(2, version))) << offers;
  }
}

TEST(RelpTransport, RejectsWhatIsNoRelp) {
  RelpBench bench{at("127.0.0.1:0")};
  const std::string lines = relp(2, "syslog", "good");
  const struct {
    const char* name;
    std::string stream, want;
  } kCases[] = {
      {"not RELP", "<13>hello\n", kBye},
      {"a line before open", relp(1, "syslog", "too early"), kBye},
      {"close before open", relp(1, "close"), kBye},
      {"TLS was not offered", relp_open() + relp(2, "starttls"), relp_opened() + kBye},
      {"a server's command", relp_open() + "2 rsp 6 200 OK\n", relp_opened() + kBye},
      {"a version that is none", relp(1, "open", "relp_version=x"), kBye},
      {"endless offers", relp(1, "open", std::string(5000, 'x')), kBye},
      // What came before it counts, and is answered.
      {"malformed after a line", relp_open() + lines + "3 syslog x\n" + lines, relp_opened() + relp_ok(2) + kBye},
  };
  std::uint64_t rejected = 0;
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    RelpClient client{bench};
    client.send(c.stream);
    ASSERT_TRUE(client.wait_closed());
    EXPECT_EQ(client.got, c.want);
    EXPECT_EQ(bench.transport->counters().rejected, ++rejected);
  }
  EXPECT_EQ(bench.lines.all, (Got{"good"}));
  EXPECT_EQ(bench.transport->counters().handshakes_failed, 0U);
}

// What is safe is answered, the rest is not; and no line comes any more.
TEST(RelpTransport, StopInTheMiddle) {
  RelpBench bench{at("127.0.0.1:0")};
  bench.lines.safe_lines = 0;
  RelpClient client{bench}, other{bench};
  client.send(relp_open() + relp(2, "syslog", kOne));
  ASSERT_TRUE(bench.wait(1));
  client.send(relp(3, "syslog", kTwo) + "4 syslog 5 hal");
  ASSERT_TRUE(bench.wait(2));
  ASSERT_TRUE(client.wait(relp_opened()));
  bench.lines.safe_lines = 1;
  bench.transport->stop();
  client.send(relp(5, "syslog", "late"));
  ASSERT_TRUE(client.wait_closed());
  EXPECT_EQ(client.got, relp_opened() + relp_ok(2) + kBye);
  ASSERT_TRUE(other.wait_closed());
  EXPECT_EQ(bench.lines.all, (Got{kOne, kTwo}));
  EXPECT_EQ(bench.transport->counters().acknowledged, 1U);
  bench.transport.reset();
  run_for(bench.io, milliseconds{50});
}

TEST(RelpTransport, SilentConnectionsAreClosed) {
  TransportOptions options = at("127.0.0.1:0");
  options.idle = milliseconds{200};
  RelpBench bench{options};
  RelpClient mute{bench}, client{bench};
  client.send(relp_open());
  ASSERT_TRUE(client.wait(relp_opened()));
  ASSERT_TRUE(client.wait_closed());
  EXPECT_EQ(client.got, relp_opened() + kBye);
  // One that has not even said `open` is worth a word.
  ASSERT_TRUE(mute.wait_closed());
  EXPECT_EQ(bench.transport->counters().rejected, 1U);
  // Who waits for an answer is not silent.
  bench.lines.safe_lines = 0;
  RelpClient patient{bench};
  patient.send(relp_open() + relp(2, "syslog", kOne));
  ASSERT_TRUE(bench.wait(1));
  run_for(bench.io, milliseconds{600});
  patient.receive();
  EXPECT_FALSE(patient.closed);
  bench.lines.safe_lines = 1;
  ASSERT_TRUE(patient.wait_closed());
  EXPECT_EQ(patient.got, relp_opened() + relp_ok(2) + kBye);
}

TEST(RelpTransport, ConnectionsPastTheLimitAreTurnedAway) {
  TransportOptions options = at("127.0.0.1:0");
  options.connections_max = 1;
  RelpBench bench{options};
  RelpClient first{bench};
  first.send(relp_open());
  ASSERT_TRUE(first.wait(relp_opened()));
  RelpClient second{bench};
  ASSERT_TRUE(second.wait_closed());
  EXPECT_EQ(bench.transport->counters().refused, 1U);
  EXPECT_EQ(bench.transport->counters().connections, 1U);
  first.close();
  run_for(bench.io, milliseconds{20});
  RelpClient third{bench};
  third.send(relp_open());
  EXPECT_TRUE(third.wait(relp_opened()));
}

TEST(RelpTransport, RefusesAnAddressThatIsTaken) {
  RelpBench bench{at("127.0.0.1:0")};
  const std::string taken = "127.0.0.1:" + std::to_string(bench.transport->port());
  const auto second = find_transport("relp")->open(bench.io, at(taken), bench.lines);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::in_use);
  EXPECT_NE(second.error().what.find(taken), std::string::npos);
  bench.transport->stop();
  EXPECT_TRUE(find_transport("relp")->open(bench.io, at(taken), bench.lines));
}

}  // namespace
}  // namespace nw::logs
