#include <gtest/gtest.h>

#include "fake_context.h"
#include "flow_memory.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

std::string golden(std::string_view name) { return std::string{Golden{"mqtt"}(name).hex}; }

struct Flow {
  FakeContext context{protocol("mqtt")};
  std::unique_ptr<Analyzer> analyzer = protocol("mqtt").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool ask(std::string_view hex) { return out.feed(from_hex(hex)); }
  bool answer(std::string_view hex) { return back.feed(from_hex(hex)); }
  [[nodiscard]] std::string get(std::size_t index, const char* field) const { return context.get(index, field); }
};

struct Want {
  const char *field, *value;
};

TEST(Mqtt, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    const char* path;
    std::vector<Want> want;
  } kCases[] = {
      {"connect_31",
       kOut,
       "mqtt_connect",
       {{"proto_name", "MQIsdp"},
        {"proto_version", "3.1"},
        {"client_id", "sensor"},
        {"connect_status", "-"},
        {"will_topic", "-"},
        {"username", "-"},
        {"password_given", "false"}}},
      {"connect_311",
       kOut,
       "mqtt_connect",
       {{"proto_version", "3.1.1"},
        {"will_topic", "last/words"},
        {"will_payload", "gone"},
        {"username", "alice"},
        {"password_given", "true"}}},
      {"connect_5",
       kOut,
       "mqtt_connect",
       {{"proto_version", "5.0"}, {"client_id", "sensor"}, {"will_topic", "last/words"}, {"username", "alice"}}},
      {"connack",
       kBack,
       "mqtt_connect",
       {{"connect_status", "Refused: not authorized"}, {"connect_code", "5"}, {"proto_name", "-"}}},
      {"connack_5", kBack, "mqtt_connect", {{"connect_status", "Refused: not authorized"}, {"connect_code", "135"}}},
      {"publish",
       kOut,
       "mqtt_publish",
       {{"from_client", "true"},
        {"retain", "true"},
        {"qos", "at most once"},
        {"status", "ok"},
        {"topic", "plant/valve"},
        {"payload", "open"},
        {"payload_len", "4"}}},
      {"publish_qos1",
       kOut,
       "mqtt_publish",
       {{"qos", "at least once"}, {"retain", "false"}, {"status", "incomplete_qos"}, {"payload", "shut"}}},
      {"publish_qos2",
       kBack,
       "mqtt_publish",
       {{"from_client", "false"}, {"qos", "exactly once"}, {"payload_len", "4"}}},
      {"subscribe",
       kOut,
       "mqtt_subscribe",
       {{"action", "MQTT::SUBSCRIBE"},
        {"topics", "plant/#,+/valve"},
        {"qos_levels", "1,0"},
        {"granted_qos_level", "-"},
        {"ack", "false"}}},
      {"unsubscribe",
       kOut,
       "mqtt_subscribe",
       {{"action", "MQTT::UNSUBSCRIBE"}, {"topics", "plant/#"}, {"qos_levels", "-"}}},
      {"several", kOut, "mqtt_publish", {{"topic", "a"}, {"payload", "1"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE((c.direction == kOut ? flow.out : flow.back).feed(from_hex(golden(c.name))));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    ASSERT_FALSE(flow.context.paths.empty());
    EXPECT_EQ(flow.context.paths[0], c.path);
    for (const Want& want : c.want) EXPECT_EQ(flow.get(0, want.field), want.value) << want.field;
    EXPECT_EQ(flow.context.json.find("hunter2"), std::string::npos);
  }
}

TEST(Mqtt, AnswersAreJoined) {
  Flow flow;
  flow.ask(golden("connect_311"));
  flow.answer("20 02 00 00");
  flow.ask(golden("subscribe"));
  flow.answer("90 04 0001 01 00");
  flow.ask(golden("unsubscribe"));
  flow.answer("b0 02 0002");
  flow.ask(golden("publish_qos1"));
  flow.answer("40 02 0007");
  flow.answer(golden("publish_qos2"));
  flow.ask("50 02 0008");
  flow.answer("62 02 0008");
  flow.ask("70 02 0008");
  const std::vector<std::vector<Want>> kWant = {
      {{"client_id", "sensor"}, {"connect_status", "Connection Accepted"}},
      {{"action", "MQTT::SUBSCRIBE"}, {"granted_qos_level", "1"}, {"ack", "true"}},
      {{"action", "MQTT::UNSUBSCRIBE"}, {"granted_qos_level", "-"}, {"ack", "true"}},
      {{"qos", "at least once"}, {"status", "ok"}, {"from_client", "true"}},
      {{"qos", "exactly once"}, {"status", "ok"}, {"from_client", "false"}},
  };
  ASSERT_EQ(flow.context.events.size(), kWant.size());
  for (std::size_t i = 0; i < kWant.size(); ++i)
    for (const Want& want : kWant[i]) EXPECT_EQ(flow.get(i, want.field), want.value) << i << " " << want.field;
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), kWant.size());
}

TEST(Mqtt, WhatIsNotAnsweredIsToldAfterAWhile) {
  Flow flow;
  flow.ask(golden("publish_qos1"));
  flow.ask(golden("subscribe"));
  flow.context.time += std::chrono::seconds{6};
  flow.ask("c0 00");
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(0, "status"), "incomplete_qos");
  EXPECT_EQ(flow.get(1, "ack"), "false");
  // A step is missing, and an identifier comes round.
  flow.answer(golden("publish_qos2"));
  flow.ask("70 02 0008");
  flow.answer(golden("publish_qos2"));
  flow.answer(golden("publish_qos2"));
  EXPECT_EQ(flow.context.events.size(), 4U);
  EXPECT_EQ(flow.get(2, "status"), "incomplete_qos");
}

TEST(Mqtt, VersionFive) {
  Flow flow;
  flow.ask(golden("connect_5"));
  flow.answer("20 03 00 00 00");
  EXPECT_EQ(flow.get(0, "connect_status"), "Connection Accepted");
  // A topic with an alias, then the alias alone; other properties between.
  flow.ask("30 0d 0001 'a' 07 01 00 23 0003 01 01 '12'");
  flow.ask("30 11 0000 0d 26 0001 'k' 0001 'v' 23 0003 0b 8101 '3'");
  EXPECT_EQ(flow.get(1, "topic"), "a");
  EXPECT_EQ(flow.get(1, "payload"), "12");
  EXPECT_EQ(flow.get(2, "topic"), "a");
  EXPECT_EQ(flow.get(2, "payload"), "3");
  // The receiver refuses.
  flow.ask("34 06 0001 'a' 0009 00");
  flow.answer("50 03 0009 87");
  EXPECT_EQ(flow.get(3, "status"), "incomplete_qos");
  flow.ask("82 08 0001 00 0002 'ab' 2d");
  flow.answer("90 04 0001 00 87");
  EXPECT_EQ(flow.get(4, "topics"), "ab");
  EXPECT_EQ(flow.get(4, "qos_levels"), "1");
  EXPECT_EQ(flow.get(4, "granted_qos_level"), "135");
  EXPECT_EQ(flow.context.refused_total(), 0U);
  // An alias beyond what is kept, and a property that there is none of.
  flow.ask("30 08 0001 'a' 03 23 0041 '1'");
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  flow.ask("30 06 0001 'a' 01 7f '1'");
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Mqtt, IsBounded) {
  Flow flow;
  constexpr unsigned kMany = 70, kKept = 64;
  for (unsigned i = 0; i < kMany; ++i) {
    const std::vector<std::uint8_t> message{0x32, 5, 0, 1, 'a', 0, static_cast<std::uint8_t>(i)};
    const std::vector<std::uint8_t> subscription{0x82, 6, 0, static_cast<std::uint8_t>(i), 0, 1, 'a', 0};
    flow.out.feed(message);
    flow.out.feed(subscription);
  }
  EXPECT_EQ(flow.context.events.size(), 2 * (kMany - kKept));
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 2 * (kMany - kKept));
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), 2 * kMany);

  Flow wide;
  std::string topics = "82 c602 0001 ";  // 326 bytes: 81 topics of one letter
  for (unsigned i = 0; i < 81; ++i) topics += "0001 'a' 00 ";
  wide.ask(topics);
  EXPECT_EQ(wide.context.refused_count(DecodeError::limit), 1U);
  wide.analyzer->finish(wide.context);
  EXPECT_EQ(wide.get(0, "topics").size(), 2 * 64U - 1);

  // 100'000 bytes of payload pass by.
  auto big = from_hex("30 a38d06 0001 'a'");
  big.resize(4 + 3 + 100'000, 'x');
  wide.out.feed(big);
  EXPECT_EQ(wide.out.waiting(), 0U);
  EXPECT_EQ(wide.get(1, "payload"), std::string(100, 'x'));
  EXPECT_EQ(wide.get(1, "payload_len"), "100000");
  wide.ask("30 824e 2000");  // a topic of 8192 bytes, of which 1024 are told
  wide.out.feed(std::vector<std::uint8_t>(9984, 'y'));
  EXPECT_EQ(wide.context.refused_count(DecodeError::truncated), 1U);
}

// A text of control characters, which need four letters each, with its length before it.
void append_text(std::vector<std::uint8_t>& out, std::size_t size) {
  out.push_back(static_cast<std::uint8_t>(size >> 8U));
  out.push_back(static_cast<std::uint8_t>(size));
  out.insert(out.end(), size, 1);
}

std::vector<std::uint8_t> packet(std::uint8_t first, const std::vector<std::uint8_t>& body) {
  std::vector<std::uint8_t> out{first, static_cast<std::uint8_t>((body.size() & 0x7fU) | 0x80U),
                                static_cast<std::uint8_t>(body.size() >> 7U)};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

TEST(Mqtt, MemoryIsBounded) {
  Flow flow;
  flow.ask(golden("connect_5"));
  flow.answer("20 03 00 00 00");
  // Aliases with long topics: five of 4096 letters fit.
  for (std::uint8_t alias = 1; alias <= 8; ++alias) {
    for (FakeStream* side : {&flow.out, &flow.back}) {
      std::vector<std::uint8_t> body;
      append_text(body, 1024);
      body.insert(body.end(), {3, 0x23, 0, alias});
      side->feed(packet(0x30, body));
    }
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 2 * 3U);
  flow.ask("30 07 0000 03 23 0001 '1'");
  flow.ask("30 07 0000 03 23 0008 '1'");
  EXPECT_EQ(flow.get(17, "topic").size(), 4096U);
  EXPECT_EQ(flow.get(18, "topic"), "");
  // An alias's new topic takes the place of the old one.
  for (unsigned i = 0; i < 50; ++i) flow.ask("30 08 0001 'a' 03 23 0001 '1'");
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 2 * 3U);

  // Messages that wait.
  const std::size_t told = flow.context.events.size();
  for (std::uint8_t id = 0; id < 64; ++id) {
    std::vector<std::uint8_t> body;
    append_text(body, 1024);
    body.insert(body.end(), {0, id, 0});
    flow.out.feed(packet(0x32, body));
  }
  constexpr unsigned kFit = 48 * 1024 / 4096;
  EXPECT_EQ(flow.context.events.size() - told, 64 - kFit);

  // Subscriptions: of many short topics, which are places in lists, and of long ones.
  for (std::uint8_t id = 0; id < 64; ++id) {
    std::vector<std::uint8_t> body{0, id, 0};
    for (unsigned i = 0; i < 64; ++i) {
      append_text(body, 1);
      body.push_back(0);
    }
    flow.out.feed(packet(0x82, body));
  }
  EXPECT_LT(flow.context.refused_count(DecodeError::limit), 6 + 64 - kFit + 64U);
  for (std::uint8_t id = 0; id < 64; ++id) {
    std::vector<std::uint8_t> body{1, id, 0};
    for (unsigned i = 0; i < 63; ++i) {
      append_text(body, 120);
      body.push_back(0);
    }
    flow.out.feed(packet(0x82, body));
  }
  EXPECT_LE(bytes_given_back(flow.analyzer), kFlowBytesMax);
}

TEST(Mqtt, RefusesWhatCannotBe) {
  const struct {
    const char *name, *hex;
    DecodeError want;
    bool ends;
  } kCases[] = {
      {"type 0", "00 00", DecodeError::bad_value, true},
      {"flags that a PINGREQ has not, which some brokers take", "c1 00", DecodeError::bad_value, false},
      {"a length of five bytes", "30 8080808001", DecodeError::bad_value, true},
      {"QoS 3", "36 06 0001 'a' 0001 '1'", DecodeError::bad_value, false},
      {"a cut CONNECT", "10 04 0004 'MQ'", DecodeError::truncated, false},
      {"a cut PUBLISH", "30 03 0005 'a'", DecodeError::truncated, false},
      {"a cut SUBSCRIBE", "82 05 0001 0005 'a'", DecodeError::truncated, false},
      {"a cut CONNACK", "20 01 00", DecodeError::truncated, false},
      {"a cut PUBACK", "40 01 00", DecodeError::truncated, false},
      {"a cut SUBACK", "90 01 00", DecodeError::truncated, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask(golden("publish_qos1"));
    EXPECT_EQ(flow.ask(c.hex), !c.ends);
    EXPECT_EQ(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    EXPECT_TRUE(!c.ends || flow.context.events.size() == 1);  // what waited is told
  }
  Flow flow;
  flow.ask("36 06 0001 'a' 0001 '1'");
  EXPECT_EQ(flow.get(0, "qos"), "unknown-qos-level-3");
}

TEST(Mqtt, GapsAreSurvived) {
  Flow flow;
  flow.ask("c0 00");
  flow.analyzer->gap(10, kOut, flow.context);
  flow.ask("'the rest of something'");
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.ask(golden("publish"));
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  // One within what passes by costs nothing.
  auto big = from_hex("30 a38d06 0001 'a'");
  big.resize(50'000, 'x');
  flow.out.feed(big);
  flow.analyzer->gap(100'000 + 7 - 50'000, kOut, flow.context);
  flow.ask(golden("publish"));
  EXPECT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Mqtt, Probe) {
  const Protocol& p = protocol("mqtt");
  const struct {
    const char *name, *hex;
    bool on_port;
    Verdict want;
  } kCases[] = {
      {"CONNECT, anywhere", "10 12 0004 'MQTT' 04", false, Verdict::yes},
      {"of a broker to a broker", "10 12 0006 'MQIsdp' 83", false, Verdict::yes},
      {"of another version", "10 12 0004 'MQTT' 03", false, Verdict::no},
      {"its beginning", "10 12 0004 'MQ'", false, Verdict::unsure},
      {"another beginning", "10 12 0004 'MX'", false, Verdict::no},
      {"a name of another length", "10 12 0005", false, Verdict::no},
      {"nothing", "", false, Verdict::unsure},
      {"PINGREQ", "c0 00", true, Verdict::yes},
      {"PINGREQ elsewhere", "c0 00", false, Verdict::no},
      {"PUBLISH", "30 05 0001 'a' '12'", true, Verdict::yes},
      {"PUBLISH with a topic longer than itself", "30 05 0004 'a' '12'", true, Verdict::no},
      {"flags of another", "c1 00", true, Verdict::no},
      {"TLS", "16 0301 0100 01 0000fc", true, Verdict::no},
      {"SSH", "'SSH-2.0'", true, Verdict::no},
      {"HTTP", "'GET / HTTP/1.1'", true, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(p.probe(from_hex(c.hex), kOut, Transport::tcp, c.on_port), c.want);
  }
}

}  // namespace
}  // namespace nw::network
