#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"tftp"};

// Of a block number of four digits.
std::string data(std::string_view block, std::size_t octets) {
  return "0003" + std::string{block} + std::string(2 * octets, '5');
}

struct Flow : Play {
  Flow() : Play{"tftp", Transport::udp} {}
};

TEST(Tftp, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"read_request",
       {{"opcode", "RRQ"},
        {"is_orig", "true"},
        {"file", "firmware.bin"},
        {"mode", "octet"},
        {"block_size", "1428"},
        {"blocks", "-"},
        {"error_code", "-"}}},
      {"write_request", {{"opcode", "WRQ"}, {"file", "config"}, {"mode", "netascii"}, {"block_size", "-"}}},
      {"last_block", {{"opcode", "DATA"}, {"blocks", "1"}, {"bytes", "2"}, {"complete", "true"}, {"file", "-"}}},
      {"error",
       {{"opcode", "ERROR"}, {"error_code", "2"}, {"error_name", "access_violation"}, {"error_message", "no"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden(c.name));
    ASSERT_EQ(flow.context.events.size(), 1U);  // at once
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, c.want);
  }
}

TEST(Tftp, ATransferIsSummedUp) {
  Flow flow;
  flow.give(golden("write_request")).give("0004 0000", kBack);
  flow.give(data("0001", 512)).give("0004 0001", kBack);
  flow.give(data("0001", 512));  // again: its acknowledgement was lost
  flow.give(data("0002", 512)).give(data("0003", 7)).give(data("0003", 7)).end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1,
         {{"opcode", "DATA"}, {"file", "config"}, {"blocks", "3"}, {"bytes", "1031"}, {"complete", "true"}});
}

// A read and a write are the same blocks; whose file it is, their sender says.
TEST(Tftp, TellsWhoseFileItIs) {
  for (const Direction sender : {kOut, kBack}) {
    const char* const orig = sender == kOut ? "true" : "false";
    SCOPED_TRACE(orig);
    Flow flow;
    flow.give(data("0001", 512), sender).give("0004 0001", sender == kOut ? kBack : kOut);
    flow.give(data("0002", 512), sender == kOut ? kBack : kOut);  // nobody takes it
    flow.give(data("0002", 7), sender);
    ASSERT_EQ(flow.context.events.size(), 1U);
    expect(flow.context, 0, {{"is_orig", orig}, {"blocks", "2"}, {"bytes", "519"}, {"complete", "true"}});
    flow.give(golden("error").hex, sender);
    expect(flow.context, 1, {{"opcode", "ERROR"}, {"is_orig", orig}});
    flow.give(golden("write_request").hex, sender);
    expect(flow.context, 2, {{"opcode", "WRQ"}, {"is_orig", orig}});
  }
}

TEST(Tftp, BrokenOffTransfers) {
  Flow flow;
  flow.give(data("0001", 512)).end();
  expect(flow.context, 0, {{"blocks", "1"}, {"complete", "false"}});
  flow.give(data("0001", 512)).give(golden("error"));
  expect(flow.context, 1, {{"opcode", "DATA"}, {"complete", "false"}});
  expect(flow.context, 2, {{"opcode", "ERROR"}});
}

TEST(Tftp, WhatComesAgainBehindTheEndIsNoTransfer) {
  Flow flow;
  flow.give(data("0001", 512)).give(data("0002", 512)).give(data("0003", 7)).give(data("0002", 512)).end();
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  flow.give(data("0001", 7));
  expect(flow.context, 1, {{"opcode", "DATA"}, {"blocks", "1"}, {"bytes", "7"}, {"complete", "true"}});
}

TEST(Tftp, BlockSizesAreAgreedOn) {
  Flow flow;
  // Options: blksize 1024.
  flow.give("0006 626c6b73697a6500 3130323400").give(data("0001", 1024)).give(data("0002", 512));
  expect(flow.context, 0, {{"blocks", "2"}, {"bytes", "1536"}, {"complete", "true"}, {"block_size", "1024"}});
  // An agreement that was not seen.
  Flow other;
  other.give(data("0001", 1428)).give(data("0002", 600));
  expect(other.context, 0, {{"blocks", "2"}, {"complete", "true"}, {"block_size", "1428"}});
}

TEST(Tftp, BlockNumbersComeRound) {
  Flow flow;
  flow.give("0006 626c6b73697a6500 3800");  // blksize 8
  char number[8];
  for (unsigned block = 1; block <= 0x1'0001; ++block) {
    std::snprintf(number, sizeof number, "%04x", block & 0xffffU);
    flow.give(data(number, 8));
  }
  flow.give(data("0002", 0));
  expect(flow.context, 0, {{"blocks", "65538"}, {"bytes", "524296"}, {"complete", "true"}});
}

TEST(Tftp, Refuses) {
  std::string options = "0001 6100 6f6374657400";
  for (unsigned i = 0; i < 17; ++i) options += "6200 6300";
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated, 0},
      {"an opcode without name", "0007", DecodeError::bad_value, 0},
      {"a file without end", "0001 6161", DecodeError::truncated, 0},
      {"a mode without end", "0001 6100 6f63746574", DecodeError::truncated, 0},
      {"a mode that is none", "0001 6100 6200", DecodeError::bad_value, 0},
      {"a name too long", "0001" + std::string(2 * 513, '6') + "00 6f6374657400", DecodeError::too_long, 0},
      {"an option without value", "0001 6100 6f6374657400 6200", DecodeError::truncated, 1},
      {"too many options", options, DecodeError::limit, 1},
      {"half a block number", "0003 00", DecodeError::truncated, 0},
      {"half an error", "0005 00", DecodeError::truncated, 0},
      {"an error without name", "0005 0009 6e6f00", DecodeError::bad_value, 0},
      {"an error that is no text", "0005 0002 0100", DecodeError::bad_value, 0},
      {"a transfer that begins with its second block", data("0002", 512), DecodeError::bad_value, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.hex).end();
    expect_refused(flow.context, c.error, c.events);
  }
  Flow flow;
  flow.give("0006 626c6b73697a6500 3800").give(data("0001", 9));  // eight were agreed on
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
}

TEST(Tftp, NamesAndOptionsAtTheirBounds) {
  std::string options = "0001 6100 6f6374657400";
  for (unsigned i = 0; i < 16; ++i) options += "6200 6300";
  for (const std::string& hex : {options, "0001" + std::string(2 * 512, '6') + "00 6f6374657400"}) {
    Flow flow;
    flow.give(hex);
    EXPECT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Tftp, Probe) {
  const struct {
    const char* name;
    std::string hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Verdict::no, Verdict::no},
      {"a request", std::string{golden("read_request").hex}, Verdict::yes, Verdict::yes},
      {"a request without mode", "0001 6100", Verdict::no, Verdict::yes},
      {"a request for nothing", "0001 00 6f6374657400", Verdict::no, Verdict::yes},
      {"a full first block", data("0001", 512), Verdict::yes, Verdict::yes},
      {"a short first block", data("0001", 511), Verdict::no, Verdict::yes},
      {"a full second block", data("0002", 512), Verdict::no, Verdict::yes},
      {"known options", "0006 7473697a6500 3000", Verdict::yes, Verdict::yes},
      {"unknown options", "0006 6200 3000", Verdict::no, Verdict::yes},
      {"an acknowledgement", "0004 0001", Verdict::no, Verdict::yes},
      {"an error", std::string{golden("error").hex}, Verdict::yes, Verdict::yes},
      {"an error without text", "0005 0001 00", Verdict::no, Verdict::yes},
      {"an error without a zero", "0005 0001 'no'", Verdict::no, Verdict::yes},
      {"an error and more", "0005 0001 'no' 00 00", Verdict::no, Verdict::yes},
      {"an error that is no text", "0005 0001 'n' 01 00", Verdict::no, Verdict::yes},
      {"an unknown error", "0005 0009 'no' 00", Verdict::no, Verdict::yes},
      {"something else", "0007 0000", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    EXPECT_EQ(protocol("tftp").probe(bytes, kBack, Transport::udp, false), c.anywhere);
    EXPECT_EQ(protocol("tftp").probe(bytes, kOut, Transport::udp, true), c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
