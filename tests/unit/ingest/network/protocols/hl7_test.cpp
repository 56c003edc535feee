#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"hl7"};

struct Flow : Play {
  Flow() : Play{"hl7", Transport::tcp} {}

  bool ask(std::string_view hex) { return out.feed(from_hex(hex)); }
};

// Segments that end with a line feed, and a short MSH: its missing fields are not the patient's.
TEST(Hl7, LineFeedsEndSegments) {
  Flow flow;
  EXPECT_TRUE(flow.ask("0b 'MSH|^~\\&|A|B|C|D|2026' 0a 'PID|1||4711||Doe^Jane' 0a 1c 0d"));
  EXPECT_EQ(flow.get(0, "receiving_facility"), "D");
  EXPECT_EQ(flow.get(0, "control_id"), "-");
  EXPECT_EQ(flow.get(0, "version"), "-");
}

TEST(Hl7, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    std::size_t index;
    std::vector<Want> want;
  } kCases[] = {
      {"admission",
       kOut,
       0,
       {{"message_type", "ADT"},
        {"trigger_event", "A01"},
        {"control_id", "42"},
        {"version", "2.5.1"},
        {"processing_id", "P"},
        {"sending_application", "ADT1"},
        {"sending_facility", "WARD"},
        {"receiving_application", "LAB"},
        {"receiving_facility", "CENTRAL"},
        {"is_orig", "true"},
        {"ack_code", "-"},
        {"message_bytes", "90"}}},
      {"acknowledgement",
       kBack,
       0,
       {{"message_type", "ACK"},
        {"trigger_event", "-"},
        {"control_id", "43"},
        {"version", "2.3"},
        {"processing_id", "P"},
        {"is_orig", "false"},
        {"ack_code", "AE"},
        {"ack_control_id", "42"}}},
      {"other_separators",
       kOut,
       0,
       {{"message_type", "ORU"}, {"trigger_event", "R01"}, {"receiving_facility", "D"}, {"version", "2.4"}}},
      {"two", kOut, 0, {{"message_type", "ORM"}, {"sending_application", "A"}, {"sending_facility", "-"}}},
      {"two", kOut, 1, {{"message_type", "-"}, {"sending_application", "A"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden(c.name));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, c.index, c.want);
    EXPECT_EQ(flow.context.json.find("Doe"), std::string::npos);
    EXPECT_EQ(flow.context.json.find("4711"), std::string::npos);
    EXPECT_EQ(flow.context.json.find("bed"), std::string::npos);
  }
}

TEST(Hl7, BatchesTellTheirMessages) {
  Flow flow;
  flow.give(golden("batch")).give(golden("admission"));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_EQ(flow.out.waiting(), 0U);
  ASSERT_EQ(flow.context.events.size(), 5U);
  expect(flow.context, 0,
         {{"message_type", "FHS"},
          {"control_id", "F1"},
          {"sending_application", "LAB"},
          {"receiving_facility", "WARD"},
          {"trigger_event", "-"},
          {"ack_control_id", "-"},
          {"version", "-"},
          {"message_bytes", "-"}});
  expect(flow.context, 1, {{"message_type", "BHS"}, {"control_id", "B1"}, {"ack_control_id", "B0"}});
  expect(flow.context, 2,
         {{"message_type", "ORU"},
          {"trigger_event", "R01"},
          {"control_id", "1"},
          {"version", "2.3"},
          {"ack_code", "-"},  // the next message has one
          {"message_bytes", "-"}});
  expect(flow.context, 3, {{"message_type", "ACK"}, {"ack_code", "AA"}, {"ack_control_id", "42"}});
  expect(flow.context, 4, {{"control_id", "42"}, {"message_bytes", "90"}});
}

// However the bytes come, patients' data stays here.
TEST(Hl7, ABeginningEndsWhatHasNoEnd) {
  Flow flow;
  flow.ask("0b 'MSH|^~\\&|A|B|C|D|t||ADT^A01|1|P|2.3' 0d 'EVN|A01' 0d");
  flow.ask("0b 'MSH|^~\\&|C|D|A|B|t||ACK|2|P|2.3' 0d 'MSA|AE|99' 0d 1c 0d");
  flow.ask("0b 0b 'MSH|^~\\&|A|B|C|D|t||ADT^A02|3|P|2.3' 0d 1c 0d");
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 0, {{"control_id", "1"}, {"ack_code", "-"}});
  expect(flow.context, 1, {{"control_id", "2"}, {"ack_code", "AE"}});
  expect(flow.context, 2, {{"control_id", "3"}, {"trigger_event", "A02"}});
}

TEST(Hl7, BatchesInPieces) {
  const auto bytes = from_hex(golden("batch").hex);
  Flow flow;
  for (const std::uint8_t byte : bytes) {
    flow.give(Bytes{&byte, 1});
    EXPECT_EQ(flow.context.json.find("Doe"), std::string::npos);
    EXPECT_EQ(flow.context.json.find("4711"), std::string::npos);
  }
  EXPECT_EQ(flow.context.events.size(), 4U);
  EXPECT_EQ(flow.out.waiting(), 0U);
}

TEST(Hl7, BatchesAreBounded) {
  Flow flow;
  flow.ask("0b 'BHS|^~\\&|A' 0d 'MSH|^~\\&|B' 0d 'PID|'");
  const std::vector<std::uint8_t> more(100'000, 'x');
  flow.out.feed(more);
  EXPECT_EQ(flow.out.waiting(), 0U);
  // A head that does not end, one that is none, and a batch whose end is lost.
  flow.ask("0d 'MSH|^~\\&|C|'");
  flow.out.feed(more);
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.ask("0d 'MSHa^~' 0d");
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 0U);  // an acknowledgement may follow
  flow.give(golden("admission"));
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  ASSERT_EQ(flow.context.events.size(), 4U);
  EXPECT_EQ(flow.get(1, "sending_application"), "B");
  EXPECT_EQ(flow.get(2, "sending_application"), "C");
  EXPECT_EQ(flow.get(3, "control_id"), "42");
}

TEST(Hl7, BatchesGoOnBehindAGap) {
  Flow flow;
  flow.ask("0b 'BHS|^~\\&|A' 0a 'PID|'");
  flow.analyzer->gap(10, kOut, flow.context);
  flow.ask("'MSH|^~\\&|PID' 0a 'MSH|^~\\&|B' 0a 'MSA|AR|7' 0a 1c 0d");
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1, {{"sending_application", "B"}, {"ack_code", "AR"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Hl7, IsBounded) {
  Flow flow;
  flow.ask("0b 'MSH|^~\\&|" + std::string(1000, 'a') + "' 0d");
  const std::vector<std::uint8_t> more(100'000, 'x');
  flow.out.feed(more);
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.ask("1c 0d");
  flow.give(golden("admission"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(0, "sending_application"), std::string(256, 'a'));
  EXPECT_EQ(flow.get(0, "message_bytes"), "-");
  EXPECT_EQ(flow.get(1, "control_id"), "42");
  // An acknowledgement behind too many other segments is not looked for.
  flow.ask("0b 'MSH|^~\\&|A' 0d 'A' 0d 'B' 0d 'C' 0d 'D' 0d 'MSA|AA|1' 0d 1c 0d");
  EXPECT_EQ(flow.get(2, "ack_code"), "-");
}

TEST(Hl7, RefusesWhatCannotBe) {
  const struct {
    const char *name, *hex;
    bool ends;
  } kCases[] = {
      {"no frame", "'MSH|^~'", true},
      {"another segment first", "0b 'PID|1||4711' 0d 1c 0d", false},
      {"nothing", "0b 1c 0d", false},
      {"separators that are the same", "0b 'MSH||||' 0d 1c 0d", false},
      {"a letter as separator", "0b 'MSHa^~' 0d 1c 0d", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_EQ(flow.ask(c.hex), !c.ends);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_TRUE(flow.context.events.empty());
    if (!c.ends) flow.give(golden("admission"));
    EXPECT_EQ(flow.context.events.size(), c.ends ? 0U : 1U);
  }
}

TEST(Hl7, WhatIsInNoFrameIsPassedOver) {
  Flow flow;
  flow.ask("0b 'MSH|^~\\&|A' 0d 1c 0d 'PID|1||4711' 0d 00");
  EXPECT_EQ(flow.out.waiting(), 0U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  flow.ask("0b 'MSH|^~\\&|B' 0d 1c 0d");
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(1, "sending_application"), "B");
}

TEST(Hl7, GapsAreSurvived) {
  Flow flow;
  flow.ask("0b 'MSH|^~\\&|LOST'");
  flow.analyzer->gap(10, kOut, flow.context);
  flow.ask("'PID|1||4711' 0d");
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.analyzer->gap(10, kOut, flow.context);
  flow.give(golden("admission"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get(0, "control_id"), "42");
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Hl7, Probe) {
  const Protocol& p = protocol("hl7");
  const struct {
    const char* name;
    std::string hex;
    Verdict want;
  } kCases[] = {
      {"a message", std::string{golden("admission").hex}, Verdict::yes},
      {"its beginning", "0b 'MS'", Verdict::unsure},
      {"a batch", std::string{golden("batch").hex}, Verdict::yes},
      {"a batch's beginning", "0b 'BHS|^'", Verdict::unsure},
      {"half a name", "0b 'FX'", Verdict::no},
      {"nothing", "", Verdict::unsure},
      {"another segment", "0b 'PID|1||4711'", Verdict::no},
      {"no separators", "0b 'MSHABCD'", Verdict::no},
      {"no frame", "'MSH|^~'", Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    for (const bool on_port : {false, true}) EXPECT_EQ(p.probe(from_hex(c.hex), kOut, Transport::tcp, on_port), c.want);
  }
}

}  // namespace
}  // namespace nw::network
