// Recognition and the way of payload to a protocol's analyzer, through the whole decoder.
#include "ingest/network/analysis.h"

#include <gtest/gtest.h>

#include "unit/ingest/network/harness.h"

namespace nw::network {
namespace {

using frames::kA;
using frames::kF;
using frames::udp_frame;
using frames::v4;

const frames::Endpoint kClient = v4(1, 40000), kServer = v4(2, 7), kAnyPort = v4(2, 9000);

TEST(Analysis, StreamsGoToTheAnalyzer) {
  Harness h;
  Connection c{kClient, kAnyPort};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "E one\nE t"));
  h.send(c.say(1, "E three\n"));
  h.send(c.say(0, "wo\n"));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "one,three,two,end");
  EXPECT_EQ(h.all("echo", "is_orig"), "true,false,true,true");
  EXPECT_EQ(h.all("echo", "_id"), "3.0,4.0,5.0,5.1");
  EXPECT_EQ(h.all("conn", "_id"), "5.2");
  EXPECT_EQ(h.all("conn", "service"), "echo");
  EXPECT_EQ(h.all("echo", "uid"), [&] {
    const std::string uid = h.all("conn", "uid");
    return uid + "," + uid + "," + uid + "," + uid;
  }());
  EXPECT_EQ(h.counters().protocols[0].messages, 4U);
  EXPECT_EQ(h.decoder->bytes_held(), 0U);
}

TEST(Analysis, LossBecomesAGap) {
  Harness h;
  Connection c{kClient, kServer};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "E one\n"));
  c.say(0, "E two\n");  // lost
  h.send(c.say(0, "E three\n"));
  EXPECT_EQ(h.all("echo", "line"), "one");
  h.send(c.say(1, ""));  // acknowledges all
  EXPECT_EQ(h.all("echo", "line"), "one,gap 6,three");
  EXPECT_EQ(h.counters().stream_gap_bytes, 6U);
  h.finish();
  EXPECT_EQ(h.all("conn", "missed_bytes"), "6");
  EXPECT_EQ(h.all("conn", "history"), "ShADaG");
}

TEST(Analysis, BeginsInTheMiddleOfAConnection) {
  Harness h;
  Connection c{kClient, kServer};
  h.send(c.say(1, "E first\n"));
  h.send(c.say(0, "E second\n"));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "first,second,end");
  EXPECT_EQ(h.all("echo", "is_orig"), "false,true,true");
}

// RFC 9293, section 3.8.4: the octet before the next, which the other side has, sent again.
TEST(Analysis, AKeepAliveInTheMiddleIsNoData) {
  for (const bool keep_alive : {true, false}) {
    SCOPED_TRACE(keep_alive);
    Harness h;
    Connection c{kClient, kServer};
    h.send(c.say(0, keep_alive ? std::string(1, '\0') : "E"));
    h.send(c.say(0, keep_alive ? "E first\n" : " first\n"));
    h.finish();
    EXPECT_EQ(h.all("echo", "line"), "first,end");
  }
}

TEST(Analysis, AnUnsureProbeIsAskedAgain) {
  Harness h;
  Connection c{kClient, kAnyPort};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "E"));
  h.send(c.say(1, "E"));
  h.send(c.say(1, " b\n"));  // decides; what the other side said first is not lost
  h.send(c.say(0, " a\n"));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "b,a,end");
}

TEST(Analysis, UnsureOnThePortIsYes) {
  Harness h;
  Connection c{kClient, kServer};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "E"));
  h.finish();
  EXPECT_EQ(h.all("conn", "service"), "echo");
}

TEST(Analysis, OffItsPortAProtocolIsAskedByTheFirstOctet) {
  std::array<Protocol, 1> table{echo_table()[0]};
  for (const std::uint8_t begins : std::initializer_list<std::uint8_t>{0x45, 0x46}) {  // E, F
    SCOPED_TRACE(begins);
    table[0].begins = {begins};
    for (const frames::Endpoint& server : {kServer, kAnyPort}) {
      Harness h{{}, table};
      Connection c{kClient, server};
      for (const auto& frame : c.handshake()) h.send(frame);
      h.send(c.say(0, "E one\n"));
      h.send(udp_frame(kClient, server, "E two"));
      h.finish();
      const bool asked = begins == 'E' || server.port == kServer.port;
      EXPECT_EQ(h.all("conn", "service"), asked ? "echo,echo" : "-,-");
    }
  }
}

TEST(Analysis, ProbingEnds) {
  Harness h;
  Connection c{kClient, kAnyPort};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "GET\n"));
  h.send(c.say(1, "200\n"));
  // Both sides began otherwise; what comes in the middle proves nothing.
  h.send(c.say(0, "E late\n"));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "");

  Harness udp;
  for (unsigned i = 0; i < Analysis::kProbesMax; ++i) udp.send(udp_frame(kClient, kAnyPort, "x"));
  udp.send(udp_frame(kClient, kAnyPort, "E late"));
  udp.finish();
  EXPECT_EQ(udp.all("echo", "line"), "");
  EXPECT_EQ(udp.all("conn", "service"), "-");
}

TEST(Analysis, NoiseOnAProtocolsPortHidesNothing) {
  Harness h;
  for (unsigned i = 0; i < 2 * Analysis::kProbesMax; ++i) h.send(udp_frame(kClient, kServer, "x"));
  h.send(udp_frame(kClient, kServer, "E late"));
  h.finish();
  EXPECT_EQ(h.all("conn", "service"), "echo");
}

TEST(Analysis, NoiseOnAProtocolsPortOverTcp) {
  for (const unsigned noise : {1U, 2 * Analysis::kProbesMax, Analysis::kHomeProbesMax}) {
    SCOPED_TRACE(noise);
    Harness h;
    Connection c{kClient, kServer};
    for (const auto& frame : c.handshake()) h.send(frame);
    for (unsigned i = 0; i < noise; ++i) h.send(c.say(0, "x"));
    h.send(c.say(0, "E late\n"));
    h.finish();
    EXPECT_EQ(h.all("conn", "service"), noise < Analysis::kHomeProbesMax ? "echo" : "-");
  }
}

TEST(Analysis, AnUnsureProbeWaitsForFewBytesOnly) {
  Harness h;
  Connection c{kClient, kAnyPort};
  for (const auto& frame : c.handshake()) h.send(frame);
  static const std::array<Protocol, 1> kUnsure = [] {
    std::array<Protocol, 1> table{echo_table()[0]};
    table[0].probe = [](Bytes, Direction, Transport, bool) { return Verdict::unsure; };
    table[0].ports = {};
    return table;
  }();
  Harness unsure{{}, kUnsure};
  Connection d{kClient, kAnyPort};
  for (const auto& frame : d.handshake()) unsure.send(frame);
  for (int i = 0; i < 100; ++i) {
    unsure.send(d.say(0, std::string(1000, 'x')));
    ASSERT_LE(unsure.decoder->bytes_held(), 3 * Analysis::kProbeBytesMax);
  }
  EXPECT_EQ(unsure.decoder->bytes_held(), 0U);
}

TEST(Analysis, AnAnalyzerMayGiveUp) {
  Harness h;
  Connection c{kClient, kServer};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "E one\nE tw"));
  h.send(c.say(0, "!"));
  h.send(c.say(0, "E three\n"));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "one");
  EXPECT_EQ(h.counters().protocols[0].given_up, 1U);
  EXPECT_EQ(h.all("conn", "service"), "echo");
  EXPECT_EQ(h.all("conn", "orig_bytes"), "19");
}

TEST(Analysis, AnAnalyzerMayBeDone) {
  Harness h;
  Connection c{kClient, kServer};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "E one\nE tw"));
  h.send(c.say(0, "."));
  h.send(c.say(1, "E back\n"));
  h.send(c.say(0, "E three\n"));
  EXPECT_EQ(h.decoder->bytes_held(), 0U);
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "one");
  EXPECT_EQ(h.counters().protocols[0].given_up, 0U);
  EXPECT_EQ(h.all("conn", "service"), "echo");
}

// STARTTLS and its like.
TEST(Analysis, AProtocolMayMakeWayForAnother) {
  Harness run;
  Connection connection{kClient, kServer};
  for (const auto& frame : connection.handshake()) run.send(frame);
  run.send(connection.say(0, "E one\n>E two\n"));  // in one segment
  run.send(connection.say(1, "E three\n"));
  run.send(connection.say(0, ">"));
  run.send(connection.say(1, "something else"));  // not looked for on the carrier's port
  run.send(connection.say(0, "E four\n"));
  run.finish();
  EXPECT_EQ(run.all("echo", "line"), "one,two,three,four,end");
  EXPECT_EQ(run.all("conn", "service"), "echo");
  EXPECT_EQ(run.counters().protocols[0].given_up, 0U);
  EXPECT_TRUE(run.adds_up());
}

TEST(Analysis, ChangesOfProtocolAreBounded) {
  Harness run;
  Connection connection{kClient, kServer};
  for (const auto& frame : connection.handshake()) run.send(frame);
  for (unsigned i = 0; i <= Analysis::kChangesMax; ++i) run.send(connection.say(0, "E a\n>"));
  run.send(connection.say(0, "E b\n"));
  run.finish();
  EXPECT_EQ(run.all("echo", "line"), "a,a,a,a,a");
}

TEST(Analysis, AMessageThatNeverEndsIsGivenUp) {
  Harness h;
  Connection c{kClient, kServer};
  for (const auto& frame : c.handshake()) h.send(frame);
  for (int i = 0; i < 10; ++i) h.send(c.say(0, "E " + std::string(1000, 'x')));
  EXPECT_EQ(h.counters().protocols[0].given_up, 1U);
  EXPECT_EQ(h.decoder->bytes_held(), 0U);
}

TEST(Analysis, MemoryOfAllStreamsIsBounded) {
  Harness h{{.stream_bytes_max = 32 * 1024}};
  for (std::uint16_t port = 1; port <= 100; ++port) {
    Connection c{v4(1, port), v4(2, 7)};
    for (const auto& frame : c.handshake()) h.send(frame);
    h.send(c.say(0, "E waits without an end" + std::string(1000, 'x')));
    c.say(0, "lost");
    h.send(c.say(0, std::string(1000, 'x')));
    ASSERT_LE(h.decoder->bytes_held(), 32U * 1024U);
  }
  EXPECT_GT(h.counters().stream_evicted_bytes, 0U);
  h.finish();
  EXPECT_EQ(h.decoder->bytes_held(), 0U);
  EXPECT_TRUE(h.adds_up());
}

TEST(Analysis, DatagramsAndRefusals) {
  Harness h;
  h.send(udp_frame(kClient, kServer, "E ping"));
  h.send(udp_frame(kServer, kClient, "?"));
  h.send(udp_frame(kServer, kClient, "E pong"));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "ping,pong,end");
  EXPECT_EQ(h.counters().protocols[0].refused[static_cast<std::size_t>(DecodeError::bad_value)], 1U);
}

TEST(Analysis, AnAnalyzerMayBeDoneWithDatagrams) {
  Harness h;
  for (const char* said : {"E ping", ".", "E pong"}) h.send(udp_frame(kClient, kServer, said));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "ping");
  EXPECT_EQ(h.all("conn", "service"), "echo");
}

TEST(Analysis, NobodyAsksNobodyLooks) {
  // Nothing wanted at all.
  Harness none{{}, echo_table(), false, false};
  none.send(udp_frame(kClient, kServer, "E ping"));
  none.finish();
  EXPECT_TRUE(none.events.empty());
  // Only conn: the service is told, the protocol's events are not made.
  Harness conn{{}, echo_table(), true, false};
  conn.send(udp_frame(kClient, kServer, "E ping"));
  Connection c{kClient, kServer};
  for (const auto& frame : c.handshake()) conn.send(frame);
  conn.send(c.say(0, "E one\n"));
  conn.finish();
  EXPECT_EQ(conn.all("conn", "service"), "echo,echo");
  EXPECT_EQ(conn.counters().protocols[0].messages, 0U);
}

TEST(Analysis, ANewSubscriptionTakesEffectInFlowsInProgress) {
  Harness h;
  Connection c{kClient, kServer};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "E one\n"));
  h.decoder->subscribe(h.schema, h.wanted(true, false));
  h.send(c.say(0, "E two\n"));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "one");
  EXPECT_EQ(h.all("conn", "service"), "echo");
}

TEST(Analysis, ASegmentInPiecesIsWhole) {
  // The analysis of the same stream must not depend on how it was cut.
  const std::string text = "E alpha\nE beta\nE gamma\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    SCOPED_TRACE(size);
    Harness h;
    Connection c{kClient, kAnyPort};
    for (const auto& frame : c.handshake()) h.send(frame);
    for (std::size_t at = 0; at < text.size(); at += size) h.send(c.say(0, text.substr(at, size)));
    h.finish();
    EXPECT_EQ(h.all("echo", "line"), "alpha,beta,gamma,end");
  }
}

}  // namespace
}  // namespace nw::network
