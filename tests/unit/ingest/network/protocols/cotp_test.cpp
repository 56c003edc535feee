#include "ingest/network/protocols/cotp_reader.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"cotp"};
constexpr std::string_view kRequest = "0300 0016 11 e0 0000 0001 00 c0 01 0a c1 02 0100 c2 02 0102";
constexpr std::string_view kConfirm = "0300 0016 11 d0 0001 4431 00 c0 01 0a c1 02 0100 c2 02 0102";

struct Cotp : Play {
  Cotp() : Play{"cotp", Transport::tcp} {}
};

TEST(Cotp, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"connect_pg",
       {{"is_orig", "true"},
        {"pdu_code", "0x0e"},
        {"pdu_name", "CR Connection Request"},
        {"dst_ref", "0"},
        {"src_ref", "1"},
        {"class", "0"},
        {"tpdu_size", "1024"},
        {"calling_tsap", "\\x01\\x00"},
        {"called_tsap", "\\x01\\x02"},
        {"s7_connection", "PG"},
        {"s7_rack", "0"},
        {"s7_slot", "2"},
        {"ics.operation", "other"},
        {"ics.outcome", "-"}}},
      {"connect_hmi", {{"called_tsap", "SIMATIC-ROOT-ES"}, {"s7_connection", "-"}, {"s7_slot", "-"}}},
      {"confirm",
       {{"is_orig", "false"}, {"pdu_code", "0x0d"}, {"pdu_name", "CC Connection Confirm"}, {"ics.outcome", "ok"}}},
      {"refused",
       {{"pdu_code", "0x08"}, {"reject_cause", "3"}, {"ics.outcome", "refused"}, {"ics.reason", "address unknown"}}},
      {"disconnect",
       {{"pdu_name", "DR Disconnect Request"}, {"dst_ref", "17457"}, {"reject_cause", "128"}, {"ics.outcome", "-"}}},
      {"disconnect_confirm", {{"pdu_name", "DC Disconnect Confirm"}, {"src_ref", "17457"}, {"reject_cause", "-"}}},
      {"error", {{"pdu_name", "ER TPDU Error"}, {"reject_cause", "2"}, {"ics.reason", "TPDU error"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Cotp play;
    play.give(golden(c.name));
    EXPECT_EQ(play.context.refused_total(), 0U);
    ASSERT_EQ(play.context.events.size(), 1U);
    expect(play.context, 0, c.want);
  }
}

TEST(Cotp, TheFirstDataTellWhatComes) {
  Cotp play;
  play.give(kRequest).give(kConfirm, kBack);
  play.give("0300 0007 02 f0 80");                           // says nothing
  play.give("0300 0008 02 f0 80 00");                        // nor does this
  play.give("0300 0008 02 f0 00 00 0300 0008 02 f0 80 32");  // within a message
  play.give("0300 0007 02 90 00 0300 0004");
  EXPECT_FALSE(play.out.anew());
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 2U);
  play.give("0300 0008 02 f0 00 32");
  EXPECT_TRUE(play.out.anew());
  EXPECT_EQ(play.out.waiting(), 8U);
  EXPECT_EQ(play.context.events.size(), 2U);
}

TEST(Cotp, BehindAGapItIsLookedAtAnew) {
  Cotp play;
  play.give(kRequest);
  play.analyzer->gap(5, kBack, play.context);
  play.give("1234", kBack);
  EXPECT_TRUE(play.back.anew());
  EXPECT_EQ(play.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Cotp, ARequestMayHaveNoAnswer) {
  Cotp silent;
  silent.give(kRequest).end();
  expect(silent.context, 1, {{"pdu_code", "0x0e"}, {"src_ref", "1"}, {"ics.outcome", "no answer"}});
  Cotp answered;
  answered.give(kRequest).give(kConfirm, kBack).end();
  EXPECT_EQ(answered.context.events.size(), 2U);
}

TEST(Cotp, MalformedIsRefusedAndStillTold) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"parameter longer than the header", "0300 000e 09 e0 0000 0001 00 c0 04 0a"},
      {"request cut", "0300 0008 03 e0 0000"},
      {"disconnect cut", "0300 0009 04 80 0001 00"},
      {"error cut", "0300 0007 02 70 00"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Cotp play;
    play.give(c.hex);
    expect_refused(play.context, DecodeError::bad_value, 1);
  }
}

TEST(Cotp, WhatIsNoPacketIsLookedAtAnew) {
  for (const std::string_view hex : {"0400", "0300 0003", "0300 ffff 02 00", "0300 ffff ff f0"}) {
    SCOPED_TRACE(hex);
    Cotp play;
    play.give(hex);
    EXPECT_TRUE(play.out.anew());
    expect_refused(play.context, DecodeError::bad_value, 0);
  }
}

TEST(CotpProbe, Verdicts) {
  const struct {
    const char *name, *hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"request", "0300 0016 11 e0 0000 0001 00 c0 01 0a c1 02 0100 c2 02 0102", Verdict::yes, Verdict::yes},
      {"RDP's request", "0300 0013 0e e0 0000 0000 00 01 00 0800 03000000", Verdict::no, Verdict::no},
      {"with a selector in its cookie", "0300 0011 0c e0 0000 0000 00 43 00 c2 02 0102", Verdict::no, Verdict::yes},
      {"request of class 4", "0300 0016 11 e0 0000 0001 40 c0 01 0a c1 02 0100 c2 02 0102", Verdict::no, Verdict::yes},
      {"a reserved octet that is set", "0355 0016 11 e0 0000 0001 00 c0 01 0a c1 02 0100 c2 02 0102", Verdict::no,
       Verdict::yes},
      {"half", "0300 0016 11 e0", Verdict::unsure, Verdict::unsure},
      {"disconnect", "0300 000b 06 80 4431 0001 80", Verdict::no, Verdict::yes},
      {"data", "0300 0008 02 f0 80 32", Verdict::no, Verdict::no},
      {"data without any", "0300 0007 02 f0 80", Verdict::no, Verdict::yes},
      {"TLS", "16030100a5010000a10303", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_verdicts("cotp", from_hex(c.hex), kOut, Transport::tcp, c.anywhere, c.on_port);
  }
}

// The reader of one direction, as protocols use it.
struct Reading {
  FakeContext context{protocol("cotp")};
  CotpReader reader;
  std::vector<std::string> messages;
  unsigned controls = 0;

  std::size_t give(Bytes bytes) {
    return reader.read(
        bytes, context, [&](const CotpPdu&) { ++controls; },
        [&](Bytes message) { messages.emplace_back(message.begin(), message.end()); });
  }
  std::size_t give(std::string_view hex) { return give(from_hex(hex)); }
};

TEST(CotpReader, PutsMessagesTogether) {
  Reading r;
  EXPECT_EQ(r.give("0300 0009 02 f0 00 'ab' 0300 0008 02 f0 80 'c' 0300 0008 02 f0 80 'd' 0300"), 25U);
  EXPECT_EQ(r.messages, (std::vector<std::string>{"abc", "d"}));
  r.give("0300 000b 06 80 0001 0000 03");
  EXPECT_EQ(r.controls, 1U);
  EXPECT_EQ(r.context.refused_total(), 0U);
}

TEST(CotpReader, MessagesAreBounded) {
  Reading r;
  std::vector<std::uint8_t> piece = from_hex("0300 1007 02 f0 00");
  piece.resize(0x1007, 'x');
  for (std::size_t i = 0; i < CotpReader::kMessageMax / 0x1000; ++i) r.give(piece);
  EXPECT_EQ(r.context.refused_total(), 0U);
  r.give(piece);
  EXPECT_EQ(r.context.refused_count(DecodeError::too_long), 1U);
  r.give("0300 0008 02 f0 80 'e'");  // its end
  r.give("0300 0008 02 f0 80 'f'");
  EXPECT_EQ(r.messages, std::vector<std::string>{"f"});

  Reading most;
  for (std::size_t i = 0; i < CotpReader::kMessageMax / 0x1000; ++i) most.give(piece);
  most.give("0300 0007 02 f0 80");
  ASSERT_EQ(most.messages.size(), 1U);
  EXPECT_EQ(most.messages[0].size(), CotpReader::kMessageMax);
}

TEST(CotpReader, ABadHeaderCostsItsPacketOnly) {
  Reading r;
  r.give("0300 0009 04 f0 00 01 80 0300 0007 01 00 00 0300 0008 02 f0 80 'g'");
  EXPECT_EQ(r.messages, std::vector<std::string>{"g"});
  EXPECT_EQ(r.context.refused_count(DecodeError::bad_value), 2U);
}

TEST(CotpReader, WhatIsNoPacketHidesNothingInItsSegment) {
  const std::string data = "0300 0008 02 f0 80 'x'", connects = "0300 000b 06 e0 0000 0001 00";
  for (const char* noise : {"ff", "0400 0007 02 f0 80", "0300 0003", "03 0300 03", "ff 0300 1000 02 f0 80"}) {
    SCOPED_TRACE(noise);
    Reading r;
    r.give("0300 0008 02 f0 80 'a'" + std::string{noise} + data + connects);
    EXPECT_EQ(r.messages, (std::vector<std::string>{"a", "x"}));
    EXPECT_EQ(r.controls, 1U);
    EXPECT_EQ(r.context.refused_count(DecodeError::bad_value), 1U);
  }
  // What chance makes is none: an acknowledgement, data that are none.
  for (const char* other : {"0300 0009 04 60 0000 00", "0300 0008 02 f0 81 'x'", "0300 0007 02 f0 80"}) {
    SCOPED_TRACE(other);
    Reading r;
    r.give("ff" + std::string{other});
    EXPECT_EQ(r.messages.size() + r.controls, 0U);
  }
}

TEST(CotpReader, BehindNoiseAPacketMayComeInPieces) {
  const auto bytes = from_hex("ff 0300 0008 02 f0 80 'x' 0300 0008 02 f0 80 'y'");
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    SCOPED_TRACE(cut);
    Reading r;
    const std::size_t done = r.give(Bytes{bytes}.first(cut));
    EXPECT_EQ(r.give(Bytes{bytes}.subspan(done)), bytes.size() - done);
    EXPECT_EQ(r.messages, (std::vector<std::string>{"x", "y"}));
  }
}

// However few octets come at a time, they are not looked at again and again.
TEST(CotpReader, WhatWaitsLongIsLookedAtNowAndThen) {
  std::vector<std::uint8_t> bytes = from_hex("ff 0300 2000 02 f0 80");
  bytes.resize(0x1F00, 0xEE);
  Reading r;
  EXPECT_EQ(r.give(bytes), 1U);
  const auto hidden = from_hex("0300 0008 02 f0 80 'x'");
  bytes.erase(bytes.begin());
  for (const std::uint8_t octet : hidden) {
    bytes.push_back(octet);
    EXPECT_EQ(r.give(bytes), 0U);
  }
  EXPECT_TRUE(r.messages.empty());
  bytes.resize(bytes.size() + 248, 0xEE);
  r.give(bytes);
  EXPECT_EQ(r.messages, std::vector<std::string>{"x"});
}

TEST(CotpReader, FindsItsPlaceAfterAGap) {
  Reading r;
  r.give("0300 0009 02 f0 00 'ab'");
  r.reader.gap();
  EXPECT_EQ(r.give("1234 5678 9abc"), 6U);
  EXPECT_EQ(r.give("0300 f000 02 f0 80 00"), 8U);  // longer than any TPDU: no packet begins here
  EXPECT_EQ(r.give("0300 0007 01 00 00"), 7U);
  EXPECT_EQ(r.give("0300 0008 02 f0 80 'h'"), 8U);
  EXPECT_EQ(r.messages, std::vector<std::string>{"h"});
  EXPECT_EQ(r.context.refused_total(), 0U);
  EXPECT_EQ(r.give("1234 5678"), 4U);  // in place again: a fault is a fault, but one does not end it
  EXPECT_EQ(r.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(r.give("0300 0008 02 f0 80 'i'"), 8U);
  EXPECT_EQ(r.messages.back(), "i");
}

}  // namespace
}  // namespace nw::network
