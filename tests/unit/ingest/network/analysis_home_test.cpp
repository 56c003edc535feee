// The port of a control protocol: neither another protocol that comes first, nor noise, nor pieces of an octet each
// hide what the device reads; and what is at home elsewhere is left alone.
#include <gtest/gtest.h>
#include <random>

#include "ingest/network/analysis.h"
#include "unit/ingest/network/harness.h"
#include "unit/ingest/network/protocols/fake_context.h"
#include "unit/ingest/network/protocols/golden_frames.h"

namespace nw::network {
namespace {

using frames::udp_frame;
using frames::v4;

// On its port 9, or by a 'D' anywhere. It takes whatever comes, but refuses a '?'.
class DecoyAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override { stream(bytes, direction, context); }
  std::size_t stream(Bytes bytes, Direction, Context& context) override {
    for (const std::uint8_t octet : bytes) {
      if (octet == '!') return kGiveUp;
      if (octet == '.') return kDone;
      if (octet == '?') context.refused(DecodeError::bad_value);
    }
    return bytes.size();
  }
  [[nodiscard]] bool done() const noexcept override { return false; }
  void finish(Context& context) override {
    context.begin(0, context.now());
    context.emit();
  }
};

// Echo as a control protocol that resyncs. "E " is a message for certain, "E?" on the port.
std::span<const Protocol> toy_table() {
  static constexpr std::array<std::string_view, 1> kServices{"toy"}, kCategories{"ics"};
  static constexpr std::array<std::uint16_t, 1> kPort{9};
  static constexpr std::array<event::TypeSpec, 1> kDecoy{{{"decoy", "normwatch", kServices, {}, {}, false}}};
  static const std::array<event::TypeSpec, 1> kEcho{
      {{"echo", "normwatch", kServices, kCategories, echo_table()[0].types[0].fields, false}}};
  static const std::array<Protocol, 2> kTable = [] {
    std::array<Protocol, 2> table{Protocol{"decoy", "", kDecoy, true, true, kPort}, echo_table()[0]};
    table[0].probe = [](Bytes first, Direction, Transport, bool) {
      return first[0] == 'D' ? Verdict::yes : Verdict::no;
    };
    table[0].make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<DecoyAnalyzer>(); };
    table[1].types = kEcho;
    table[1].resyncs = true;
    table[1].probe = [](Bytes first, Direction, Transport, bool on_port) {
      if (first[0] != 'E') return Verdict::no;
      if (first.size() < 2) return Verdict::unsure;
      return first[1] == ' ' || (first[1] == '?' && on_port) ? Verdict::yes : Verdict::no;
    };
    return table;
  }();
  return kTable;
}

// What each says in turn, the client's behind '>', the device's behind '<'; an empty text is sent nowhere.
struct Talk : Harness {
  explicit Talk(std::uint16_t port = 7) : Harness{{}, toy_table()}, server{v4(2, port)}, connection{client, server} {}
  Talk& tcp(const std::vector<std::string>& said) {
    if (!opened) {
      for (const auto& frame : connection.handshake()) send(frame);
      opened = true;
    }
    for (const std::string& text : said) send(connection.say(text[0] == '>' ? 0 : 1, text.substr(1)));
    return *this;
  }
  Talk& udp(const std::vector<std::string>& said) {
    for (const std::string& text : said)
      send(text[0] == '>' ? udp_frame(client, server, text.substr(1)) : udp_frame(server, client, text.substr(1)));
    return *this;
  }
  Talk& octets(std::string_view said) {
    for (const char c : said) tcp({std::string{'>', c}});
    return *this;
  }
  std::string lines() {
    if (!ended) finish();
    ended = true;
    return all("echo", "line");
  }
  std::string service() {
    lines();
    return all("conn", "service");
  }

  frames::Endpoint client = v4(1, 40000), server;
  Connection connection;
  bool opened = false, ended = false;
};

TEST(AnalysisHome, ADecoyHidesNoDatagram) {
  for (const char* command : {"E a", "E?a"}) {
    Talk talk;
    talk.udp({">D", ">D x", std::string{'>'} + command, "<E b"});
    EXPECT_EQ(talk.lines(), "a,b,end");
    EXPECT_EQ(talk.service(), "decoy,echo");
    EXPECT_EQ(talk.all("decoy", "uid"), talk.all("conn", "uid"));  // what was open was told
    EXPECT_EQ(talk.all("protocol_mismatch", "found"), "decoy");
  }
  // Elsewhere the first word counts.
  EXPECT_EQ(Talk{8000}.udp({">D", ">E a"}).lines(), "");
}

TEST(AnalysisHome, WhatTheDeviceSpeaksIsLeftAlone) {
  EXPECT_EQ(Talk{}.udp({">D", "<D", ">E?a"}).lines(), "");
  EXPECT_EQ(Talk{}.udp({">D", "<D", ">E a"}).lines(), "a,end");
  EXPECT_EQ(Talk{}.udp({"<D", ">E?a"}).lines(), "");
  EXPECT_EQ(Talk{}.tcp({">D", "<D", ">E?a\n", "<E?b\n"}).lines(), "");
  EXPECT_EQ(Talk{}.tcp({">D", "<D", ">E a\n"}).lines(), "a,end");
  EXPECT_EQ(Talk{}.tcp({">D", "<D.", ">E?a\n", "<x", ">E b\n"}).lines(), "b,end");
  EXPECT_EQ(Talk{}.tcp({">D", "<D", "<!", ">E?a\n", ">E b\n"}).lines(), "b,end");
}

// The device's port is the originator's: it spoke first, to a port that is another protocol's.
TEST(AnalysisHome, TheDeviceMaySpeakFirst) {
  Talk talk{7};
  talk.client.port = 9;
  talk.udp({"<what", ">D", ">E a"});
  EXPECT_EQ(talk.all("echo", "line"), "a");
  // But who opens a connection chooses his own port.
  Harness other{{}, toy_table()};
  Connection connection{v4(1, 7), v4(2, 9000)};
  for (const auto& frame : connection.handshake()) other.send(frame);
  other.send(connection.say(0, "D"));
  other.send(connection.say(0, "E a\n"));
  other.finish();
  EXPECT_EQ(other.all("conn", "service"), "decoy");
}

TEST(AnalysisHome, ADecoyHidesNoSegment) {
  EXPECT_EQ(Talk{}.tcp({">D", ">E a\n"}).lines(), "a,end");
  EXPECT_EQ(Talk{}.tcp({">D", ">E a\n", ">E b\n"}).service(), "decoy,echo");
  // Its analyzer gave up, is done, or refused what came.
  for (const char* how : {"D!", "D.", "D?", "D"}) {
    SCOPED_TRACE(how);
    EXPECT_EQ(Talk{}.tcp({std::string{'>'} + how, ">E a\n"}).lines(), "a,end");
  }
  EXPECT_EQ(Talk{}.tcp({">D", ">!", ">E?a\n"}).lines(), "a,end");
  EXPECT_EQ(Talk{}.tcp({">D", ">E?a\n", "<x"}).lines(), "a,end");  // the '?' was refused
  EXPECT_EQ(Talk{8000}.tcp({">D", ">E a\n"}).lines(), "");
}

// Within a segment of what fits the other protocol, a message waits for the device's word.
TEST(AnalysisHome, WhatMayBeTheDecoysWaits) {
  EXPECT_EQ(Talk{}.tcp({">D", ">xE a\n"}).lines(), "");
  EXPECT_EQ(Talk{}.tcp({">D", ">xE a\n", "<E b\n"}).lines(), "a,b,end");
  EXPECT_EQ(Talk{}.tcp({">D", ">xE a\n", "<D", "<E?b\n"}).lines(), "");
  EXPECT_EQ(Talk{}.tcp({">D", ">!xE a\n"}).lines(), "a,end");
}

TEST(AnalysisHome, AnOctetAtATime) {
  EXPECT_EQ(Talk{}.octets("E one\nE two\n").lines(), "one,two,end");
  EXPECT_EQ(Talk{}.octets("zzzzE one\n").lines(), "one,end");
  EXPECT_EQ(Talk{}.octets("DzzE one\n").tcp({"<E two\n"}).lines(), "one,two,end");
  EXPECT_EQ(Talk{}.octets("D").octets(std::string(600, 'z')).octets("E one\n").lines(), "one,end");
}

TEST(AnalysisHome, NoiseHasNoEnd) {
  Talk talk;
  for (unsigned i = 0; i < 4 * Analysis::kHomeProbesMax; ++i) {
    talk.tcp({">" + std::string(50, 'x'), "<" + std::string(i % 40, 'y')});
    ASSERT_LE(talk.decoder->bytes_held(), 2048U);
  }
  EXPECT_EQ(talk.tcp({">" + std::string(50, 'x') + "E late\n"}).lines(), "late,end");
  EXPECT_EQ(talk.decoder->bytes_held(), 0U);
}

TEST(AnalysisHome, NothingOfItsOwnEndsTheAnalysis) {
  // It gives up, makes way for another again and again, or waits for what never ends.
  EXPECT_EQ(Talk{}.tcp({">E a\n", ">!", ">E b\n"}).lines(), "a,b,end");
  Talk changes;
  for (unsigned i = 0; i < 3 * Analysis::kChangesMax; ++i) changes.tcp({">E a\n>"});
  EXPECT_TRUE(changes.tcp({">E b\n"}).lines().ends_with(",a,b,end"));
  Talk full;
  for (int i = 0; i < 10; ++i) full.tcp({">E " + std::string(1000, 'x')});
  EXPECT_EQ(full.counters().protocols[1].given_up, 0U);
  EXPECT_TRUE(full.tcp({">\n", ">E late\n"}).lines().ends_with(",late,end"));
  // In one packet the changes are few.
  Talk one;
  std::string all;
  for (unsigned i = 0; i < 100; ++i) all += "E a\n>";
  EXPECT_EQ(one.tcp({">" + all, ">E b\n"}).lines(), "a,a,a,a,a,b,end");
}

TEST(AnalysisHome, NobodyAsksNobodyLooks) {
  Talk talk;
  auto wish = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < talk.schema->type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (talk.schema->type(id).path != "echo") wish->want_all(id);
  }
  talk.tcp({">x"});
  talk.decoder->subscribe(talk.schema, wish);
  talk.tcp({">D", ">E a\n"});
  EXPECT_EQ(talk.service(), "decoy");
  // Nobody wants the decoy's events: the control protocol's come all the same.
  Talk other;
  auto echo = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < other.schema->type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (other.schema->type(id).path != "decoy") echo->want_all(id);
  }
  other.decoder->subscribe(other.schema, echo);
  EXPECT_EQ(other.tcp({">D", ">E a\n"}).lines(), "a,end");
  EXPECT_EQ(other.udp({">D", ">E b"}).service().substr(0, 10), "decoy,echo");
}

// Of the real table.

std::string text_of_hex(std::string_view hex) {
  const std::vector<std::uint8_t> bytes = from_hex(hex);
  return {bytes.begin(), bytes.end()};
}

std::string noise(std::size_t size) {
  std::mt19937 random{7};
  std::string out(size, 0);
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                           kPost = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n",
                           kOk = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n",
                           kStun = "000100002112a442000102030405060708090a0b";

std::size_t told(const Harness& h, const Protocol& p) {
  return static_cast<std::size_t>(std::ranges::count_if(h.events, [&](const auto& event) {
    return std::ranges::find(p.types, event.at("_path"), &event::TypeSpec::path) != p.types.end();
  }));
}

// How many events come of a frame of the client's behind what else he said.
std::size_t told_behind(const Protocol& p, const GoldenFrame& frame, const std::vector<std::string>& before,
                        bool octets = false) {
  Harness h{{}, protocols()};
  const std::string text = text_of_hex(frame.hex);
  const auto client = v4(1, 40000), device = v4(2, p.ports[0]);
  if (frame.transport == Transport::udp) {
    for (const std::string& said : before) h.send(udp_frame(client, device, said));
    h.send(udp_frame(client, device, text));
  } else {
    Connection connection{client, device};
    for (const auto& shake : connection.handshake()) h.send(shake);
    for (const std::string& said : before) h.send(connection.say(0, said));
    for (std::size_t i = 0; octets && i < text.size(); ++i) h.send(connection.say(0, text.substr(i, 1)));
    if (!octets) h.send(connection.say(0, text));
  }
  h.finish();
  return told(h, p);
}

template <class Check>
void for_each_command(Transport transport, Check&& check) {
  std::size_t commands = 0;
  for (const Protocol& p : protocols()) {
    if (!is_control(p) || p.ports.empty()) continue;
    for (const GoldenFrame& frame : kGoldenFrames) {
      if (frame.protocol != p.name || frame.direction != Direction::to_responder || frame.transport != transport)
        continue;
      SCOPED_TRACE(std::string{p.name}.append(" ").append(frame.name));
      const std::string text = text_of_hex(frame.hex);
      const auto bytes = frames::bytes_of(text);
      const auto verdict = [&](bool on_port) { return p.probe(bytes, frame.direction, transport, on_port); };
      check(p, frame, verdict(true), verdict(false));
      ++commands;
    }
  }
  EXPECT_GT(commands, 50U);
}

TEST(AnalysisHome, EachCommandOverTcp) {
  const std::string dust = noise(8192);
  std::vector<std::string> many, text;
  for (std::size_t i = 0; i < Analysis::kHomeProbesMax + 6; ++i) many.push_back(dust.substr(40 * i, 37));
  for (int i = 0; i < 6; ++i) text.emplace_back(1000, 'z');
  for_each_command(Transport::tcp, [&](const Protocol& p, const GoldenFrame& frame, Verdict on_port, Verdict anywhere) {
    const std::size_t alone = told_behind(p, frame, {});
    EXPECT_GT(alone, 0U);
    if (on_port != Verdict::yes) return;
    EXPECT_EQ(told_behind(p, frame, {}, true), alone);
    EXPECT_GE(told_behind(p, frame, many), alone);
    EXPECT_EQ(told_behind(p, frame, text), alone);
    if (anywhere != Verdict::yes) return;
    EXPECT_EQ(told_behind(p, frame, {"zzzz"}, true), alone);
    EXPECT_EQ(told_behind(p, frame, {std::string{kGet}}), alone);
    EXPECT_EQ(told_behind(p, frame, {std::string{kPost}}), alone);
    EXPECT_EQ(told_behind(p, frame, {std::string{kPost}}, true), alone);
  });
}

TEST(AnalysisHome, EachCommandInDatagrams) {
  const std::string stun = text_of_hex(kStun);
  for_each_command(Transport::udp, [&](const Protocol& p, const GoldenFrame& frame, Verdict on_port, Verdict) {
    const std::size_t alone = told_behind(p, frame, {});
    EXPECT_GT(alone, 0U);
    if (on_port == Verdict::no) return;
    EXPECT_GE(told_behind(p, frame, {stun}), alone);
    EXPECT_GE(told_behind(p, frame, {stun, "?", stun}), alone);
  });
}

// HTTP on every port of theirs, with a body that is noise both ways.
TEST(AnalysisHome, AnotherServerOnThePortIsLeftAlone) {
  const std::string body = noise(200'000);
  for (const Protocol& p : protocols()) {
    if (!is_control(p) || !p.tcp || p.ports.empty()) continue;
    SCOPED_TRACE(p.name);
    Harness h{{}, protocols()};
    Connection connection{v4(1, 40000), v4(2, p.ports[0])};
    for (const auto& frame : connection.handshake()) h.send(frame);
    h.send(connection.say(0, kPost));
    h.send(connection.say(1, kOk));
    for (std::size_t at = 0; at < body.size(); at += 1000) {
      h.send(connection.say(at / 1000 % 2, std::string_view{body}.substr(at, 1000)));
      ASSERT_LE(h.decoder->bytes_held(), 4096U);
    }
    h.finish();
    EXPECT_EQ(h.all("conn", "service"), "http");
    EXPECT_EQ(h.all("weird", "name"), "");
  }
}

TEST(AnalysisHome, NoiseInItsOwnFlowIsTold) {
  Harness h{{}, protocols()};
  const std::string message = text_of_hex(Golden{"dnp3"}("read_classes").hex);
  const auto position = static_cast<std::size_t>(
      std::ranges::find(protocols(), std::string_view{"dnp3"}, &Protocol::name) - protocols().begin());
  Connection connection{v4(1, 40000), v4(2, 20000)};
  for (const auto& frame : connection.handshake()) h.send(frame);
  h.send(connection.say(0, message.substr(0, 3) + "x"));
  for (int i = 0; i < 20; ++i) h.send(connection.say(0, std::string(1000, 'x')));
  EXPECT_EQ(told(h, protocols()[position]), 0U);
  h.send(connection.say(0, message));
  EXPECT_GT(told(h, protocols()[position]), 0U);
  h.finish();
  EXPECT_EQ(h.all("weird", "name"), "noise_on_control_port");
  EXPECT_EQ(h.all("weird", "id.resp_p"), "20000");
  EXPECT_EQ(h.counters().protocols[position].noise_bytes, 4U * 4096);
  EXPECT_EQ(h.counters().protocols[position].given_up, 0U);
}

}  // namespace
}  // namespace nw::network
